//! One partition's log.

use super::{AppendError, AppendOptions, Appended, LogConfig, LogId, ReadError, StorageError};
use crate::arena::Slice;
use crate::exec::Notified;

/// Whole batches of a log, in order.
#[derive(Debug, Clone, Default)]
pub struct ReadOutcome {
    /// Their bytes, in pieces that need not end at a batch's end.
    pub pieces: Vec<Slice>,
    /// Bytes in all pieces.
    pub bytes: usize,
}

/// One partition's log. Methods are for its shard only.
pub struct PartitionLog {
    id: LogId,
    name: String,
    topic_id: [u8; 16],
    partition: i32,
    durable_moved: crate::exec::Notify,
}

impl PartitionLog {
    /// Its name on disk.
    pub fn id(&self) -> LogId {
        self.id
    }

    /// Its directory name.
    pub fn dir_name(&self) -> &str {
        &self.name
    }

    /// Topic id.
    pub fn topic_id(&self) -> [u8; 16] {
        self.topic_id
    }

    /// Partition number.
    pub fn partition(&self) -> i32 {
        self.partition
    }

    /// Appends a record set that [`crate::batch`] has validated. Synchronous: offsets are assigned
    /// and the records readable by followers when it returns; they are durable when
    /// [`Appended::durable`] completes.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was appended then.
    pub fn append(&self, _batches: &[u8], _how: AppendOptions) -> Result<Appended, AppendError> {
        Err(AppendError::OutOfMemory)
    }

    /// Completes when an append that met back-pressure is worth another try.
    pub async fn room(&self) {}

    /// First offset of the log.
    pub fn log_start_offset(&self) -> i64 {
        0
    }

    /// Offset the next record will get.
    pub fn log_end_offset(&self) -> i64 {
        0
    }

    /// Offset up to which (exclusive) everything is on the medium.
    pub fn durable_end_offset(&self) -> i64 {
        0
    }

    /// First offset that belongs to an undecided transaction, or the durable end.
    pub fn last_stable_offset(&self) -> i64 {
        0
    }

    /// Bytes in all segments.
    pub fn size_bytes(&self) -> u64 {
        0
    }

    /// The latest leader epoch written, -1 for none.
    pub fn latest_epoch(&self) -> i32 {
        -1
    }

    /// The largest epoch written that is not above `epoch`, and its end offset
    /// (`OffsetForLeaderEpoch`). Nothing when there is none.
    pub fn end_offset_for_epoch(&self, _epoch: i32) -> Option<(i32, i64)> {
        None
    }

    /// Signals each time the durable end or the log start moves.
    pub fn durable_moved(&self) -> Notified<'_> {
        self.durable_moved.notified()
    }

    /// Reads whole batches from the one that holds `offset` on, below `limit` (exclusive: high
    /// watermark or last stable offset), about `max_bytes` of them; the first one even when it is
    /// larger, if `at_least_one`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read(
        &self,
        _offset: i64,
        _max_bytes: usize,
        _limit: i64,
        _at_least_one: bool,
    ) -> Result<ReadOutcome, ReadError> {
        Err(ReadError::OutOfMemory)
    }

    /// The first record whose timestamp is at least `timestamp` (ms): its timestamp and offset.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn offset_for_timestamp(
        &self,
        _timestamp: i64,
    ) -> Result<Option<(i64, i64)>, ReadError> {
        Err(ReadError::OutOfMemory)
    }

    /// The largest timestamp (ms) in the log and the offset of the first record that has it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn max_timestamp(&self) -> Result<Option<(i64, i64)>, ReadError> {
        Err(ReadError::OutOfMemory)
    }

    /// Moves the log start up to `before` (at most the log end offset), durably; returns the log
    /// start, which never goes back.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn delete_records(&self, _before: i64) -> Result<i64, StorageError> {
        Ok(0)
    }

    /// Cuts the log so that it ends at `offset`: a follower's truncation, durable when it returns.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn truncate_to(&self, _offset: i64) -> Result<(), StorageError> {
        Ok(())
    }

    /// Changes the settings.
    pub fn set_config(&self, _config: LogConfig) {}

    /// Removes whole segments that `retention.ms` and `retention.bytes` allow to go, at wall clock
    /// `now_ms`; only below `limit` (the high watermark). Returns the log start offset.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn apply_retention(&self, _now_ms: i64, _limit: i64) -> Result<i64, StorageError> {
        Ok(0)
    }
}
