//! The leader's side of a partition.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use ringlog_engine::arena::Slice;
use ringlog_engine::log::{PartitionLog, ReadError, StorageError};

use super::super::server::TopicSettings;
use crate::gate::Gate;
use crate::metadata::TopicImage;
use crate::protocol::{ErrorCode, Uuid};

/// A partition whose log is on this shard.
pub struct Partition {
    name: String,
    topic_id: Uuid,
    number: i32,
    leader_epoch: Cell<i32>,
    log: Rc<PartitionLog>,
    settings: RefCell<Rc<TopicSettings>>,
    /// Appends enter in the order of asking, also while some wait for room.
    pub(super) appending: Gate,
    retired: Cell<bool>,
}

/// What a fetch of one partition brought.
#[derive(Clone, Debug)]
pub struct PartitionRead {
    /// Why there is nothing.
    pub error: ErrorCode,
    /// Offset below which records are committed.
    pub high_watermark: i64,
    /// Offset below which transactions are decided.
    pub last_stable_offset: i64,
    /// First offset of the log.
    pub log_start_offset: i64,
    /// Whole batches, where they lie.
    pub pieces: Vec<Slice>,
    /// Their bytes.
    pub bytes: usize,
}

impl Default for PartitionRead {
    fn default() -> Self {
        Self {
            error: ErrorCode::None,
            high_watermark: -1,
            last_stable_offset: -1,
            log_start_offset: -1,
            pieces: Vec::new(),
            bytes: 0,
        }
    }
}

impl PartitionRead {
    /// An answer without records.
    pub fn failed(error: ErrorCode) -> Self {
        Self { error, ..Self::default() }
    }
}

impl Partition {
    /// The partition over its log.
    pub fn new(
        topic: &TopicImage,
        number: i32,
        log: Rc<PartitionLog>,
        settings: TopicSettings,
    ) -> Rc<Self> {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        let leader_epoch = topic.partitions.get(index).map_or(0, |image| image.leader_epoch);
        log.set_config(settings.log.clone());
        Rc::new(Self {
            name: topic.name.clone(),
            topic_id: topic.id,
            number,
            leader_epoch: Cell::new(leader_epoch),
            log,
            settings: RefCell::new(Rc::new(settings)),
            appending: Gate::default(),
            retired: Cell::new(false),
        })
    }

    /// Its topic's name.
    pub fn topic(&self) -> &str {
        &self.name
    }

    /// Its topic's id.
    pub fn topic_id(&self) -> Uuid {
        self.topic_id
    }

    /// Its number.
    pub fn number(&self) -> i32 {
        self.number
    }

    /// Its log.
    pub fn log(&self) -> &Rc<PartitionLog> {
        &self.log
    }

    /// The epoch of this leadership.
    pub fn leader_epoch(&self) -> i32 {
        self.leader_epoch.get()
    }

    /// What its topic is set to.
    pub fn settings(&self) -> Rc<TopicSettings> {
        self.settings.borrow().clone()
    }

    /// Takes over changed settings.
    pub fn configure(&self, settings: TopicSettings) {
        self.log.set_config(settings.log.clone());
        *self.settings.borrow_mut() = Rc::new(settings);
    }

    /// Its topic is gone: nothing more is taken or given.
    pub fn retire(&self) {
        self.retired.set(true);
    }

    /// Whether its topic is gone.
    pub fn is_retired(&self) -> bool {
        self.retired.get()
    }

    /// Offset below which records are on the medium of every in-sync replica. This node is the only
    /// one: what its own medium has.
    pub fn high_watermark(&self) -> i64 {
        self.log.durable_end_offset()
    }

    /// Offset below which transactions are decided.
    pub fn last_stable_offset(&self) -> i64 {
        self.log.last_stable_offset().min(self.high_watermark())
    }

    /// Checks the leader epoch a client believes in (KIP-320); -1 believes in none.
    ///
    /// # Errors
    /// `FENCED_LEADER_EPOCH` for an older one, `UNKNOWN_LEADER_EPOCH` for a newer one.
    pub fn check_epoch(&self, believed: i32) -> Result<(), ErrorCode> {
        match believed {
            -1 => Ok(()),
            epoch if epoch < self.leader_epoch() => Err(ErrorCode::FencedLeaderEpoch),
            epoch if epoch > self.leader_epoch() => Err(ErrorCode::UnknownLeaderEpoch),
            _ => Ok(()),
        }
    }

    /// Where the records of a leader epoch end: the largest epoch that is not above `epoch`, and its
    /// end offset (KIP-101). Nothing for an epoch that is newer than this leadership.
    pub fn end_of_epoch(&self, epoch: i32) -> Option<(i32, i64)> {
        // The log learns of an epoch with its first record, leadership begins before.
        if epoch == self.leader_epoch() {
            return Some((epoch, self.log.log_end_offset()));
        }
        self.log.end_offset_for_epoch(epoch)
    }

    /// Deletes the records below `before`; -1 stands for the high watermark. Completes with the log
    /// start offset when that is durable.
    ///
    /// # Errors
    /// `OFFSET_OUT_OF_RANGE` above the high watermark, `POLICY_VIOLATION` where the topic does not
    /// delete, `KAFKA_STORAGE_ERROR`.
    pub async fn delete_records(&self, before: i64) -> Result<i64, ErrorCode> {
        if self.is_retired() {
            return Err(ErrorCode::UnknownTopicOrPartition);
        }
        if !self.settings().log.delete_old_segments {
            return Err(ErrorCode::PolicyViolation);
        }
        let end = self.high_watermark();
        let before = if before == -1 { end } else { before };
        if before < 0 || before > end {
            return Err(ErrorCode::OffsetOutOfRange);
        }
        self.log.delete_records(before).await.map_err(|error| match error {
            StorageError::Deleted { .. } => ErrorCode::UnknownTopicOrPartition,
            StorageError::Stopped { .. } => ErrorCode::NotLeaderOrFollower,
            error => {
                tracing::error!(topic = self.name, partition = self.number, %error, "records not deleted");
                ErrorCode::KafkaStorageError
            }
        })
    }

    /// Reads committed batches from `offset` on; with `committed_only` only what transactions have
    /// decided.
    pub async fn read(
        &self,
        offset: i64,
        max_bytes: usize,
        committed_only: bool,
        at_least_one: bool,
    ) -> PartitionRead {
        let mut read = PartitionRead {
            high_watermark: self.high_watermark(),
            last_stable_offset: self.last_stable_offset(),
            log_start_offset: self.log.log_start_offset(),
            ..PartitionRead::default()
        };
        if self.is_retired() {
            return PartitionRead::failed(ErrorCode::UnknownTopicOrPartition);
        }
        // A consumer that is ahead of what is committed asked the wrong broker or lost a log.
        if offset > read.high_watermark {
            return PartitionRead { error: ErrorCode::OffsetOutOfRange, ..read };
        }
        let limit = if committed_only { read.last_stable_offset } else { read.high_watermark };
        match self.log.read(offset, max_bytes, limit, at_least_one).await {
            Ok(outcome) => {
                read.pieces = outcome.pieces;
                read.bytes = outcome.bytes;
            }
            Err(error) => {
                read.error = match error {
                    ReadError::OffsetOutOfRange { .. } => ErrorCode::OffsetOutOfRange,
                    // Memory comes back: the client finds nothing now and asks again.
                    ReadError::OutOfMemory => ErrorCode::None,
                    ReadError::Deleted { .. } => ErrorCode::UnknownTopicOrPartition,
                    // The storage has said so. Clients tell their users of this one, and do not
                    // ask for ever.
                    ReadError::Faulty { .. } => ErrorCode::CorruptMessage,
                    other => {
                        tracing::error!(topic = self.name, partition = self.number, error = %other, "read failed");
                        ErrorCode::KafkaStorageError
                    }
                };
            }
        }
        read
    }
}
