//! Requests to the coordinator, free of wire versions: what differs between versions is a field.

use std::sync::Arc;

use crate::protocol::{ErrorCode, Uuid};

use super::model::{Blob, Protocol};
use super::reply::{
    CommitReply, CommitReplyTopic, DeleteOffsetsReply, DeletedGroup, DescribedGroup, FetchReply,
    JoinReply, LeaveReply, ListReply, PartitionError, Reply, SyncReply,
};

/// A request to the coordinator of one partition of `__consumer_offsets`.
#[derive(Clone, Debug)]
pub enum Request {
    /// JoinGroup.
    Join(JoinRequest),
    /// SyncGroup.
    Sync(SyncRequest),
    /// Heartbeat.
    Heartbeat(HeartbeatRequest),
    /// LeaveGroup.
    Leave(LeaveRequest),
    /// OffsetCommit.
    Commit(CommitRequest),
    /// OffsetFetch of one group.
    Fetch(FetchRequest),
    /// OffsetDelete.
    DeleteOffsets(DeleteOffsetsRequest),
    /// DescribeGroups: the groups of this partition.
    Describe(Vec<Arc<str>>),
    /// ListGroups.
    List(ListRequest),
    /// DeleteGroups: the groups of this partition.
    DeleteGroups(Vec<Arc<str>>),
}

/// JoinGroup.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    /// The group.
    pub group_id: Arc<str>,
    /// The member id, empty when it has none yet.
    pub member_id: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
    /// The client's name for itself, from the request header.
    pub client_id: Arc<str>,
    /// The client's address as Kafka prints it: `/` and the address.
    pub client_host: Arc<str>,
    /// Session timeout in milliseconds.
    pub session_timeout_ms: i32,
    /// Rebalance timeout in milliseconds. Version 0 has none: the session timeout.
    pub rebalance_timeout_ms: i32,
    /// Protocol type, such as `consumer`.
    pub protocol_type: Arc<str>,
    /// Supported protocols, the preferred one first.
    pub protocols: Vec<Protocol>,
    /// Why the member joins (KIP-800), for the log.
    pub reason: Option<Arc<str>>,
    /// Whether a dynamic member without id is told to come back with the one it is given (KIP-394):
    /// version 4 and later.
    pub member_id_required: bool,
    /// Whether the leader can be told not to assign (KIP-814): version 9 and later.
    pub can_skip_assignment: bool,
    /// Random bytes for the member id, should one be needed.
    pub random: [u8; 16],
}

/// SyncGroup.
#[derive(Clone, Debug)]
pub struct SyncRequest {
    /// The group.
    pub group_id: Arc<str>,
    /// Generation the member believes to be in.
    pub generation: i32,
    /// The member.
    pub member_id: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
    /// Protocol type as the member knows it (version 5 and later).
    pub protocol_type: Option<Arc<str>>,
    /// Protocol as the member knows it (version 5 and later).
    pub protocol: Option<Arc<str>>,
    /// Assignments by member id: the leader's answer, empty from the others.
    pub assignments: Vec<(Arc<str>, Blob)>,
}

/// Heartbeat.
#[derive(Clone, Debug)]
pub struct HeartbeatRequest {
    /// The group.
    pub group_id: Arc<str>,
    /// Generation the member believes to be in.
    pub generation: i32,
    /// The member.
    pub member_id: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
}

/// LeaveGroup.
#[derive(Clone, Debug)]
pub struct LeaveRequest {
    /// The group.
    pub group_id: Arc<str>,
    /// Who leaves: one member before version 3.
    pub members: Vec<LeaveMember>,
}

/// A member that leaves, or that an administrator removes by instance id alone.
#[derive(Clone, Debug)]
pub struct LeaveMember {
    /// The member; empty to name it by instance id.
    pub member_id: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
    /// Why (KIP-800), for the log.
    pub reason: Option<Arc<str>>,
}

/// OffsetCommit, its topics known to exist.
#[derive(Clone, Debug)]
pub struct CommitRequest {
    /// The group.
    pub group_id: Arc<str>,
    /// Generation, or -1 from a client that only stores offsets.
    pub generation: i32,
    /// The member; empty from a client that only stores offsets.
    pub member_id: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
    /// How long to keep the offsets, in milliseconds, or -1 for the broker's setting (before
    /// version 5).
    pub retention_ms: i64,
    /// Whether a missing group is answered with GROUP_ID_NOT_FOUND (version 9 and later) or
    /// ILLEGAL_GENERATION.
    pub knows_group_id_not_found: bool,
    /// The offsets.
    pub topics: Vec<CommitTopic>,
}

/// Offsets of a topic to commit.
#[derive(Clone, Debug)]
pub struct CommitTopic {
    /// The topic.
    pub name: Arc<str>,
    /// Its id, zero if the request has none.
    pub topic_id: Uuid,
    /// The partitions.
    pub partitions: Vec<CommitPartition>,
}

/// An offset to commit.
#[derive(Clone, Debug)]
pub struct CommitPartition {
    /// Index of the partition.
    pub partition: i32,
    /// The offset of the next record to read.
    pub offset: i64,
    /// Leader epoch of the last record read, or -1.
    pub leader_epoch: i32,
    /// The client's own text.
    pub metadata: Option<Arc<str>>,
}

/// OffsetFetch of one group.
#[derive(Clone, Debug)]
pub struct FetchRequest {
    /// The group.
    pub group_id: Arc<str>,
    /// The partitions; `None` for all that have an offset.
    pub topics: Option<Vec<FetchTopic>>,
    /// Whether to wait for commits under way and to refuse offsets of open transactions (KIP-447).
    pub require_stable: bool,
}

/// Partitions of a topic whose offsets are asked for.
#[derive(Clone, Debug)]
pub struct FetchTopic {
    /// The topic.
    pub name: Arc<str>,
    /// Its id, zero if the request has none.
    pub topic_id: Uuid,
    /// Indexes of the partitions.
    pub partitions: Vec<i32>,
}

/// OffsetDelete, its topics known to exist.
#[derive(Clone, Debug)]
pub struct DeleteOffsetsRequest {
    /// The group.
    pub group_id: Arc<str>,
    /// The partitions.
    pub topics: Vec<TopicPartitions>,
}

/// Partitions of a topic.
#[derive(Clone, Debug)]
pub struct TopicPartitions {
    /// The topic.
    pub name: Arc<str>,
    /// Indexes of the partitions.
    pub partitions: Vec<i32>,
}

/// ListGroups.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    /// States to list, in any case; empty for all.
    pub states: Vec<String>,
    /// Types to list, in any case; empty for all.
    pub types: Vec<String>,
}

impl Request {
    /// The answer that refuses the whole request: while loading, when not the coordinator, when the
    /// append failed.
    pub fn refuse(&self, error: ErrorCode) -> Reply {
        match self {
            Self::Join(r) => Reply::Join(JoinReply::error(&r.member_id, error)),
            Self::Sync(_) => Reply::Sync(SyncReply::error(error)),
            // A member whose coordinator is loading is told that all is well, so that it does not
            // rejoin for nothing (as Kafka does).
            Self::Heartbeat(_) if error == ErrorCode::CoordinatorLoadInProgress => {
                Reply::Heartbeat(ErrorCode::None)
            }
            Self::Heartbeat(_) => Reply::Heartbeat(error),
            Self::Leave(_) => Reply::Leave(LeaveReply::error(error)),
            Self::Commit(r) => Reply::Commit(r.refuse(error)),
            Self::Fetch(r) => Reply::Fetch(FetchReply::error(&r.group_id, error)),
            Self::DeleteOffsets(_) => Reply::DeleteOffsets(DeleteOffsetsReply::error(error)),
            Self::Describe(groups) => Reply::Describe(
                groups.iter().map(|group| DescribedGroup::error(group, error)).collect(),
            ),
            Self::List(_) => Reply::List(ListReply { error, groups: Vec::new() }),
            Self::DeleteGroups(groups) => Reply::DeleteGroups(
                groups.iter().map(|id| DeletedGroup { group_id: id.clone(), error }).collect(),
            ),
        }
    }
}

impl CommitRequest {
    pub(super) fn refuse(&self, error: ErrorCode) -> CommitReply {
        let topic = |topic: &CommitTopic| CommitReplyTopic {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions: topic
                .partitions
                .iter()
                .map(|p| PartitionError { partition: p.partition, error })
                .collect(),
        };
        CommitReply { topics: self.topics.iter().map(topic).collect() }
    }
}
