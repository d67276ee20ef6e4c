//! Records of `__consumer_offsets`, byte for byte as Kafka writes them.

use std::sync::Arc;

use thiserror::Error;

use crate::protocol::generated::{
    self, GroupMetadataKey, GroupMetadataValue, OffsetCommitKey, OffsetCommitValue,
};
use crate::protocol::{
    CoordinatorKey, DecodeError, EncodeError, Uuid, decode_versioned, encode_versioned,
};

use super::model::{CommittedOffset, GroupMetadata, GroupRecord, MemberMetadata, TopicPartition};

/// The newest version without tagged fields, which Kafka 4.3 writes.
const OFFSET_VERSION: i16 = 3;
/// The only version with an expiry that the client chose.
const EXPIRING_OFFSET_VERSION: i16 = 1;
/// The newest version without tagged fields, which Kafka 4.3 writes.
const GROUP_VERSION: i16 = 3;

/// A record that cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The key is not one of a group coordinator's.
    #[error("record key: {0}")]
    Key(DecodeError),
    /// The value is not what the key says.
    #[error("record value: {0}")]
    Value(DecodeError),
    /// A name is longer than the format can say.
    #[error("record cannot be written: {0}")]
    Encode(#[from] EncodeError),
}

/// Key and value of a record; a value of `None` is a tombstone.
///
/// # Errors
/// When a name is longer than 32767 bytes.
pub fn encode_record(record: &GroupRecord) -> Result<(Vec<u8>, Option<Vec<u8>>), RecordError> {
    match record {
        GroupRecord::Offset { group, at, value } => {
            let key = OffsetCommitKey {
                group: (**group).to_owned(),
                topic: (*at.topic).to_owned(),
                partition: at.partition,
            };
            let value = value.as_ref().map(encode_offset).transpose()?;
            Ok((key.record_key()?, value))
        }
        GroupRecord::Group { group, value } => {
            let key = GroupMetadataKey { group: (**group).to_owned() };
            let value = value.as_ref().map(encode_group).transpose()?;
            Ok((key.record_key()?, value))
        }
    }
}

/// The record with this key and value; `None` for a type that this coordinator does not keep
/// (groups of newer protocols).
///
/// # Errors
/// When the bytes are not such a record.
pub fn decode_record(key: &[u8], value: Option<&[u8]>) -> Result<Option<GroupRecord>, RecordError> {
    match CoordinatorKey::decode(key).map_err(RecordError::Key)? {
        CoordinatorKey::Offset(key) => {
            let value = value.map(decode_offset).transpose().map_err(RecordError::Value)?;
            let at = TopicPartition { topic: key.topic.into(), partition: key.partition };
            Ok(Some(GroupRecord::Offset { group: key.group.into(), at, value }))
        }
        CoordinatorKey::Group(key) => {
            let value = value.map(decode_group).transpose().map_err(RecordError::Value)?;
            Ok(Some(GroupRecord::Group { group: key.group.into(), value }))
        }
        _ => Ok(None),
    }
}

fn encode_offset(offset: &CommittedOffset) -> Result<Vec<u8>, EncodeError> {
    let expires = offset.expire_timestamp_ms.is_some();
    let value = OffsetCommitValue {
        offset: offset.offset,
        leader_epoch: offset.leader_epoch,
        metadata: (*offset.metadata).to_owned(),
        commit_timestamp: offset.commit_timestamp_ms,
        expire_timestamp: offset.expire_timestamp_ms.unwrap_or(-1),
        // Version 4 would hold it; Kafka does not write that version yet.
        topic_id: Uuid::ZERO,
    };
    encode_versioned(&value, if expires { EXPIRING_OFFSET_VERSION } else { OFFSET_VERSION })
}

fn decode_offset(bytes: &[u8]) -> Result<CommittedOffset, DecodeError> {
    let (_, view) = decode_versioned::<OffsetCommitValue>(bytes)?;
    Ok(CommittedOffset {
        offset: view.offset,
        leader_epoch: view.leader_epoch,
        metadata: view.metadata.into(),
        commit_timestamp_ms: view.commit_timestamp,
        expire_timestamp_ms: Some(view.expire_timestamp).filter(|at| *at != -1),
        topic_id: view.topic_id,
    })
}

fn encode_group(group: &GroupMetadata) -> Result<Vec<u8>, EncodeError> {
    let text = |text: &Arc<str>| (**text).to_owned();
    let member = |member: &MemberMetadata| generated::group_metadata_value::MemberMetadata {
        member_id: text(&member.member_id),
        group_instance_id: member.instance_id.as_ref().map(text),
        client_id: text(&member.client_id),
        client_host: text(&member.client_host),
        rebalance_timeout: member.rebalance_timeout_ms,
        session_timeout: member.session_timeout_ms,
        subscription: member.subscription.to_vec(),
        assignment: member.assignment.to_vec(),
    };
    let value = GroupMetadataValue {
        protocol_type: text(&group.protocol_type),
        generation: group.generation,
        protocol: group.protocol.as_ref().map(text),
        leader: group.leader.as_ref().map(text),
        current_state_timestamp: group.state_timestamp_ms,
        members: group.members.iter().map(member).collect(),
    };
    encode_versioned(&value, GROUP_VERSION)
}

fn decode_group(bytes: &[u8]) -> Result<GroupMetadata, DecodeError> {
    let (_, view) = decode_versioned::<GroupMetadataValue>(bytes)?;
    let members = view.members.iter().map(|member| MemberMetadata {
        member_id: member.member_id.into(),
        instance_id: member.group_instance_id.map(Into::into),
        client_id: member.client_id.into(),
        client_host: member.client_host.into(),
        rebalance_timeout_ms: member.rebalance_timeout,
        session_timeout_ms: member.session_timeout,
        subscription: member.subscription.into(),
        assignment: member.assignment.into(),
    });
    Ok(GroupMetadata {
        protocol_type: view.protocol_type.into(),
        generation: view.generation,
        protocol: view.protocol.map(Into::into),
        leader: view.leader.map(Into::into),
        state_timestamp_ms: view.current_state_timestamp,
        members: members.collect(),
    })
}
