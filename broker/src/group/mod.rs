//! The group coordinator: Kafka's classic consumer groups and their committed offsets.
//!
//! [`Coordinator`] is a state machine for one partition of `__consumer_offsets`. It does no input or
//! output, reads no clock and draws no random numbers: the caller passes the time and sixteen random
//! bytes in with each request, appends the records that a [`Step`] holds, tells the coordinator when
//! they are durable or lost, and delivers replies by the tokens it chose. So it runs unchanged on a
//! shard and in the simulator.
//!
//! What is answered, and when, follows Apache Kafka 4.3 (`GroupMetadataManager`, classic part, and
//! `OffsetMetadataManager`). An answer that promises something about the log leaves only after the
//! record is durable; offsets are read from durable state alone, so a lost append never shows.
//!
//! What may not be here: sockets, files, clocks, wire formats of requests (those are `crate::api`).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod admin;
mod classic;
mod commit;
mod config;
mod coordinator;
mod load;
mod loading;
mod member;
mod model;
mod offsets;
mod rebalance;
mod records;
mod reply;
mod request;
mod route;
mod service;
mod snapshot;
mod step;
mod subscription;
mod sweep;
#[cfg(test)]
mod tests;
mod timers;
mod trim;
mod versions;

pub use config::{ConfigError, GroupConfig};
pub use coordinator::Coordinator;
pub use model::{
    Blob, CommittedOffset, GroupMetadata, GroupRecord, GroupState, MemberMetadata, Protocol,
    TopicPartition,
};
pub use records::{RecordError, decode_record, encode_record};
pub use reply::{
    CommitReply, CommitReplyTopic, DeleteOffsetsReply, DeletedGroup, DescribedGroup,
    DescribedMember, FetchReply, FetchReplyTopic, FetchedOffset, JoinReply, JoinedMember,
    LeaveReply, LeftMember, ListReply, ListedGroup, PartitionError, Reply, SyncReply,
};
pub use request::{
    CommitPartition, CommitRequest, CommitTopic, DeleteOffsetsRequest, FetchRequest, FetchTopic,
    HeartbeatRequest, JoinRequest, LeaveMember, LeaveRequest, ListRequest, Request, SyncRequest,
    TopicPartitions,
};
pub(crate) use route::{
    ask, ask_partition, coordinator_partition, ensure_coordinators, offsets_topic,
};
pub use service::GroupService;
pub use snapshot::CopyStep;
pub use step::{AppendError, AppendId, Now, ReplyTo, Step};

/// The partition of `__consumer_offsets` that holds a group: Kafka's
/// `Utils.abs(groupId.hashCode()) % partitions`, where `hashCode` is Java's, over UTF-16 units, and
/// `abs` clears the sign bit's value for the one number that has no positive twin.
///
/// `partitions` of zero or less counts as one.
pub fn partition_for(group_id: &str, partitions: i32) -> i32 {
    let hash = group_id
        .encode_utf16()
        .fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    // Kafka's Utils.abs maps Integer.MIN_VALUE to 0.
    let abs = if hash == i32::MIN { 0 } else { hash.abs() };
    abs % partitions.max(1)
}

#[cfg(test)]
mod partition_tests {
    use super::partition_for;

    #[test]
    fn a_group_is_in_the_partition_java_computes() {
        // "polygenelubricants".hashCode() is Integer.MIN_VALUE in Java.
        assert_eq!(partition_for("polygenelubricants", 50), 0);
        assert_eq!(partition_for("", 50), 0);
        // "a".hashCode() = 97, "hello".hashCode() = 99162322.
        assert_eq!(partition_for("a", 50), 47);
        assert_eq!(partition_for("hello", 50), 22);
        // Characters beyond the BMP are two UTF-16 units: "😀".hashCode() = 1772899.
        assert_eq!(partition_for("😀", 50), 1772899 % 50);
        assert_eq!(partition_for("group", 0), 0);
    }
}
