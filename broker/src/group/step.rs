//! What the coordinator asks of its caller, and what it remembers until records are durable.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::protocol::ErrorCode;

use super::model::{Blob, GroupRecord, TopicPartition};
use super::reply::Reply;
use super::request::Request;

/// A token of the caller's choice by which it knows the client to answer. Every token is answered
/// exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyTo(pub u64);

/// The time, twice: what runs out is measured by a clock that never jumps, what is stored is dated
/// by the calendar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a monotonic clock.
    pub clock_ms: i64,
    /// Milliseconds since 1970.
    pub wall_ms: i64,
}

/// Names the records of one [`Step`] until the caller says what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppendId(pub u64);

/// What to do now.
///
/// When `append` is there, `records` are to be appended to the coordinator's partition as one batch,
/// in the order of the steps; then [`super::Coordinator::appended`] or
/// [`super::Coordinator::append_failed`] must be called with the id, in the order of the ids.
#[derive(Debug, Default)]
#[must_use = "records must be appended and replies delivered"]
pub struct Step {
    /// The id of the append, if there are records.
    pub append: Option<AppendId>,
    /// Records to append as one batch.
    pub records: Vec<GroupRecord>,
    /// Answers to send now.
    pub replies: Vec<(ReplyTo, Reply)>,
}

/// Why records could not be made durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// Not now: the partition is unknown, out of replicas, or timed out.
    NotAvailable,
    /// This broker does not lead the partition any more, or its disk failed.
    NotLeader,
    /// The batch is larger than the partition takes.
    TooLarge,
}

impl AppendError {
    /// The error that clients of the group protocol are told, as Kafka maps it.
    pub fn for_client(self) -> ErrorCode {
        match self {
            Self::NotAvailable => ErrorCode::CoordinatorNotAvailable,
            Self::NotLeader => ErrorCode::NotCoordinator,
            Self::TooLarge => ErrorCode::UnknownServerError,
        }
    }
}

/// What follows once records are durable or lost.
#[derive(Debug)]
pub(super) enum Then {
    /// Deliver `reply`, or `refusal` if the records are lost.
    Answer { to: ReplyTo, reply: Reply, refusal: Refusal },
    /// These offsets take the values of the records.
    Offsets { group: Arc<str>, at: Vec<TopicPartition> },
    /// These offsets are removed.
    Removed { group: Arc<str>, at: Vec<TopicPartition> },
    /// Groups with records among those of the append.
    Logged { groups: Vec<Arc<str>> },
    /// The records say once more what the log said already.
    Copied,
    /// A group was made. Lost: it never was.
    Created { group: Arc<str> },
    /// A group was removed. Lost: it is back.
    Deleted { group: Arc<str> },
    /// The state of the group is stored; nothing waits for it.
    Stored { group: Arc<str> },
    /// The leader's assignment is stored: the group becomes stable.
    Assigned { group: Arc<str>, generation: i32, assignments: BTreeMap<Arc<str>, Blob> },
    /// A static member was replaced in a stable group.
    Replaced(Box<Replaced>),
}

/// How to refuse a request whose records are lost.
#[derive(Debug)]
pub(super) enum Refusal {
    /// As the request says.
    Request(Box<Request>),
    /// LeaveGroup.
    Leave,
}

/// A static member that came back under a new member id.
#[derive(Debug)]
pub(super) struct Replaced {
    pub group: Arc<str>,
    pub instance_id: Arc<str>,
    pub old_id: Arc<str>,
    pub new_id: Arc<str>,
    pub to: ReplyTo,
    pub can_skip_assignment: bool,
    /// The leader before the replacement, which clients before version 9 are told.
    pub leader: Arc<str>,
    pub old: super::member::Member,
}

/// A step in the making.
#[derive(Debug)]
pub(super) struct Draft {
    /// The id that the records will have, if there are any.
    pub id: AppendId,
    pub records: Vec<GroupRecord>,
    pub then: Vec<Then>,
    pub replies: Vec<(ReplyTo, Reply)>,
}

impl Draft {
    pub(super) fn new(id: AppendId) -> Self {
        Self { id, records: Vec::new(), then: Vec::new(), replies: Vec::new() }
    }

    pub(super) fn reply(&mut self, to: ReplyTo, reply: Reply) {
        self.replies.push((to, reply));
    }
}
