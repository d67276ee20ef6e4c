//! What an append takes and gives.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::error::StorageError;
use crate::journal::Acks;

/// Who appends; decides which checks apply.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AppendOrigin {
    /// A producer: sequence numbers and epochs are checked, offsets assigned.
    #[default]
    Client,
    /// A coordinator of groups or transactions: offsets assigned; markers are allowed.
    Coordinator,
    /// A leader, to its follower: offsets and leader epochs are taken as they are.
    Replica,
}

/// How to append a record set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AppendOptions {
    /// The leader's epoch, written to each batch; ignored for [`AppendOrigin::Replica`].
    pub leader_epoch: i32,
    /// For topics with `message.timestamp.type=LogAppendTime`: the time (ms since 1970) that
    /// replaces the batches' own; their CRC is computed anew.
    pub log_append_time_ms: Option<i64>,
    /// Who appends.
    pub origin: AppendOrigin,
    /// Append also when the file system, or the journal, has less than the reserve left: for the few
    /// bytes by which space is freed, such as the record of a topic's deletion.
    pub within_reserve: bool,
}

/// An append that was accepted: it has its offsets, and is durable when `durable` says so.
#[derive(Debug)]
pub struct Appended {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Offset of the last record.
    pub last_offset: i64,
    /// The time written to the batches with `LogAppendTime`, else -1 (ms since 1970).
    pub log_append_time_ms: i64,
    /// First offset of the log.
    pub log_start_offset: i64,
    /// The batch had been appended before; the offsets are those of then.
    pub duplicate: bool,
    /// Completes when the records are on the medium.
    pub durable: DurableWait,
}

/// Completes when an append is on the medium, and with it every earlier append of the shard.
pub struct DurableWait {
    acks: Rc<Acks>,
    ticket: u64,
}

impl DurableWait {
    pub(crate) fn new(acks: Rc<Acks>, ticket: u64) -> Self {
        Self { acks, ticket }
    }

    /// The outcome, if it is known.
    pub fn outcome(&self) -> Option<Result<(), StorageError>> {
        self.acks.outcome(self.ticket)
    }
}

impl Future for DurableWait {
    type Output = Result<(), StorageError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.acks.poll(self.ticket, cx)
    }
}

impl std::fmt::Debug for DurableWait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DurableWait({})", self.ticket)
    }
}
