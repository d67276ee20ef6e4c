//! The nouns of the coordinator: states, protocols, committed offsets, records.

use std::fmt;
use std::sync::Arc;

use crate::protocol::Uuid;

/// Bytes that only clients understand: member metadata, assignments. Shared between the group, the
/// replies and the records, also across shards.
pub type Blob = Arc<[u8]>;

/// State of a classic group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GroupState {
    /// No members; offsets may be kept.
    Empty,
    /// Members are asked to join again.
    PreparingRebalance,
    /// All have joined; the leader's assignment is awaited.
    CompletingRebalance,
    /// Every member may have its assignment.
    Stable,
    /// There is no such group. Groups that exist are never in it; it is what DescribeGroups says.
    Dead,
}

impl GroupState {
    /// Kafka's name of the state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::PreparingRebalance => "PreparingRebalance",
            Self::CompletingRebalance => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

impl fmt::Display for GroupState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An assignment strategy that a member supports, and what it tells the leader about itself in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Name of the strategy, such as `range`.
    pub name: Arc<str>,
    /// The member's metadata: with protocol type `consumer`, its subscription.
    pub metadata: Blob,
}

/// A partition by the name of its topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: Arc<str>,
    /// The index of the partition.
    pub partition: i32,
}

/// A committed offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommittedOffset {
    /// The offset of the next record to read.
    pub offset: i64,
    /// Leader epoch of the last record read, or -1.
    pub leader_epoch: i32,
    /// The client's own text, as sent.
    pub metadata: Arc<str>,
    /// When it was committed, in milliseconds.
    pub commit_timestamp_ms: i64,
    /// When it expires, if the client chose (OffsetCommit before version 5).
    pub expire_timestamp_ms: Option<i64>,
    /// Id of the topic, or zero when the commit named none.
    pub topic_id: Uuid,
}

/// A record of `__consumer_offsets`. `None` as value is a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupRecord {
    /// An offset committed or removed.
    Offset {
        /// The group.
        group: Arc<str>,
        /// The partition.
        at: TopicPartition,
        /// The offset; `None` removes it.
        value: Option<CommittedOffset>,
    },
    /// State of a group.
    Group {
        /// The group.
        group: Arc<str>,
        /// The state; `None` removes the group.
        value: Option<GroupMetadata>,
    },
}

/// State of a group as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupMetadata {
    /// Protocol type, such as `consumer`; empty for none.
    pub protocol_type: Arc<str>,
    /// Generation.
    pub generation: i32,
    /// The chosen protocol.
    pub protocol: Option<Arc<str>>,
    /// Member id of the leader.
    pub leader: Option<Arc<str>>,
    /// When the group entered its state, in milliseconds; -1 when unknown.
    pub state_timestamp_ms: i64,
    /// The members.
    pub members: Vec<MemberMetadata>,
}

/// State of a member as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberMetadata {
    /// Member id.
    pub member_id: Arc<str>,
    /// `group.instance.id` of a static member.
    pub instance_id: Option<Arc<str>>,
    /// The client's name for itself.
    pub client_id: Arc<str>,
    /// The client's address.
    pub client_host: Arc<str>,
    /// Rebalance timeout in milliseconds, -1 for the session timeout.
    pub rebalance_timeout_ms: i32,
    /// Session timeout in milliseconds.
    pub session_timeout_ms: i32,
    /// Metadata in the chosen protocol.
    pub subscription: Blob,
    /// Assignment.
    pub assignment: Blob,
}
