//! Answers of the coordinator, free of wire versions.

use std::sync::Arc;

use crate::protocol::{ErrorCode, Uuid};

use super::model::{Blob, CommittedOffset, GroupState};

/// The answer to a [`super::Request`], of the same name.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// JoinGroup.
    Join(JoinReply),
    /// SyncGroup.
    Sync(SyncReply),
    /// Heartbeat.
    Heartbeat(ErrorCode),
    /// LeaveGroup.
    Leave(LeaveReply),
    /// OffsetCommit.
    Commit(CommitReply),
    /// OffsetFetch of one group.
    Fetch(FetchReply),
    /// OffsetDelete.
    DeleteOffsets(DeleteOffsetsReply),
    /// DescribeGroups, in the order of the request.
    Describe(Vec<DescribedGroup>),
    /// ListGroups.
    List(ListReply),
    /// DeleteGroups, in the order of the request.
    DeleteGroups(Vec<DeletedGroup>),
}

/// JoinGroup.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinReply {
    /// Error.
    pub error: ErrorCode,
    /// Generation, -1 with an error.
    pub generation: i32,
    /// Protocol type.
    pub protocol_type: Option<Arc<str>>,
    /// The chosen protocol.
    pub protocol: Option<Arc<str>>,
    /// Member id of the leader, empty with an error.
    pub leader: Arc<str>,
    /// Whether the leader must not assign: it gets the members only to watch (KIP-814).
    pub skip_assignment: bool,
    /// The member's id.
    pub member_id: Arc<str>,
    /// To the leader, all members.
    pub members: Vec<JoinedMember>,
}

/// A member, for the leader.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinedMember {
    /// Member id.
    pub member_id: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
    /// Metadata in the chosen protocol.
    pub metadata: Blob,
}

impl JoinReply {
    pub(super) fn error(member_id: &str, error: ErrorCode) -> Self {
        Self {
            error,
            generation: -1,
            protocol_type: None,
            protocol: None,
            leader: "".into(),
            skip_assignment: false,
            member_id: member_id.into(),
            members: Vec::new(),
        }
    }
}

/// SyncGroup.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncReply {
    /// Error.
    pub error: ErrorCode,
    /// Protocol type.
    pub protocol_type: Option<Arc<str>>,
    /// The chosen protocol.
    pub protocol: Option<Arc<str>>,
    /// The member's assignment.
    pub assignment: Blob,
}

impl SyncReply {
    pub(super) fn error(error: ErrorCode) -> Self {
        Self { error, protocol_type: None, protocol: None, assignment: Blob::from([]) }
    }
}

/// LeaveGroup.
#[derive(Clone, Debug, PartialEq)]
pub struct LeaveReply {
    /// Error of the whole request.
    pub error: ErrorCode,
    /// Each member's result, in the order of the request.
    pub members: Vec<LeftMember>,
}

/// Result of one member's leaving.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftMember {
    /// Member id as in the request.
    pub member_id: Arc<str>,
    /// Instance id as in the request.
    pub instance_id: Option<Arc<str>>,
    /// Error.
    pub error: ErrorCode,
}

impl LeaveReply {
    pub(super) fn error(error: ErrorCode) -> Self {
        Self { error, members: Vec::new() }
    }
}

/// OffsetCommit.
#[derive(Clone, Debug, PartialEq)]
pub struct CommitReply {
    /// Results, in the order of the request.
    pub topics: Vec<CommitReplyTopic>,
}

/// OffsetCommit: results of a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct CommitReplyTopic {
    /// The topic.
    pub name: Arc<str>,
    /// Its id as in the request.
    pub topic_id: Uuid,
    /// Results, in the order of the request.
    pub partitions: Vec<PartitionError>,
}

/// Result for a partition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartitionError {
    /// Index of the partition.
    pub partition: i32,
    /// Error.
    pub error: ErrorCode,
}

/// OffsetFetch of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchReply {
    /// The group.
    pub group_id: Arc<str>,
    /// Error of the whole group.
    pub error: ErrorCode,
    /// The offsets.
    pub topics: Vec<FetchReplyTopic>,
}

/// OffsetFetch: offsets of a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchReplyTopic {
    /// The topic.
    pub name: Arc<str>,
    /// Its id as in the request, zero when all topics were asked for.
    pub topic_id: Uuid,
    /// The offsets.
    pub partitions: Vec<FetchedOffset>,
}

/// OffsetFetch: the offset of a partition.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchedOffset {
    /// Index of the partition.
    pub partition: i32,
    /// Error.
    pub error: ErrorCode,
    /// The offset; `None` when there is none (-1 on the wire).
    pub committed: Option<CommittedOffset>,
}

impl FetchReply {
    pub(super) fn error(group_id: &Arc<str>, error: ErrorCode) -> Self {
        Self { group_id: group_id.clone(), error, topics: Vec::new() }
    }
}

/// OffsetDelete.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteOffsetsReply {
    /// Error of the whole request.
    pub error: ErrorCode,
    /// Results by topic, in the order of the request.
    pub topics: Vec<(Arc<str>, Vec<PartitionError>)>,
}

impl DeleteOffsetsReply {
    pub(super) fn error(error: ErrorCode) -> Self {
        Self { error, topics: Vec::new() }
    }
}

/// DescribeGroups: a group.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// The group.
    pub group_id: Arc<str>,
    /// Error. GROUP_ID_NOT_FOUND goes with state Dead; versions before 6 are told only the state.
    pub error: ErrorCode,
    /// State; `None` with an error other than GROUP_ID_NOT_FOUND.
    pub state: Option<GroupState>,
    /// Protocol type, empty for none.
    pub protocol_type: Arc<str>,
    /// The chosen protocol, when stable.
    pub protocol: Arc<str>,
    /// The members.
    pub members: Vec<DescribedMember>,
}

/// DescribeGroups: a member.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedMember {
    /// Member id.
    pub member_id: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
    /// The client's name for itself.
    pub client_id: Arc<str>,
    /// The client's address.
    pub client_host: Arc<str>,
    /// Metadata in the chosen protocol, when stable.
    pub metadata: Blob,
    /// Assignment.
    pub assignment: Blob,
}

impl DescribedGroup {
    pub(super) fn error(group_id: &Arc<str>, error: ErrorCode) -> Self {
        Self {
            group_id: group_id.clone(),
            error,
            state: (error == ErrorCode::GroupIdNotFound).then_some(GroupState::Dead),
            protocol_type: "".into(),
            protocol: "".into(),
            members: Vec::new(),
        }
    }
}

/// ListGroups.
#[derive(Clone, Debug, PartialEq)]
pub struct ListReply {
    /// Error.
    pub error: ErrorCode,
    /// The groups, by id.
    pub groups: Vec<ListedGroup>,
}

/// ListGroups: a group. All are of type `classic`.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedGroup {
    /// The group.
    pub group_id: Arc<str>,
    /// Protocol type, empty for none.
    pub protocol_type: Arc<str>,
    /// State.
    pub state: GroupState,
}

/// DeleteGroups: a group.
#[derive(Clone, Debug, PartialEq)]
pub struct DeletedGroup {
    /// The group.
    pub group_id: Arc<str>,
    /// Error.
    pub error: ErrorCode,
}
