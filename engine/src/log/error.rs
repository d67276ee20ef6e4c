//! Why storage refuses.

use std::io;
use std::path::PathBuf;
use std::rc::Rc;

use crate::producers::ProducerError;

/// Why an operation on a [`super::Storage`] failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// A write or flush failed earlier; nothing is acknowledged any more until the process is
    /// started anew and recovery has shown what the device holds.
    #[error("log directory {dir} has failed and is offline: {why}; check the device, then restart")]
    Failed {
        /// The log directory.
        dir: PathBuf,
        /// The first failure.
        why: Rc<str>,
    },
    /// The file system is nearly full.
    #[error("log directory {dir} has less than {reserve} bytes left: free space or add a drive")]
    NoSpace {
        /// The log directory.
        dir: PathBuf,
        /// Bytes kept back for what was accepted already.
        reserve: u64,
    },
    /// There is no room for the journal's files, which are written once before they are used.
    #[error(
        "{path}: no room for a journal of {files} files of {bytes} bytes; free space, or make the \
         journal smaller (ringlog.journal.file.bytes, ringlog.journal.files)"
    )]
    JournalSpace {
        /// The file that did not fit.
        path: PathBuf,
        /// Files of the journal.
        files: u16,
        /// Bytes of each.
        bytes: u64,
    },
    /// A log of that name exists.
    #[error("log {name} exists in {dir}")]
    Exists {
        /// The log directory.
        dir: PathBuf,
        /// Its directory name.
        name: String,
    },
    /// A directory that this storage does not know stands where a log is to be created.
    #[error(
        "{path} holds segments that are not in this storage's catalogue; move the directory away"
    )]
    Stray {
        /// The directory.
        path: PathBuf,
    },
    /// The log was deleted.
    #[error("log {name} was deleted")]
    Deleted {
        /// Its directory name.
        name: String,
    },
    /// The log cannot be cut below its start.
    #[error("log {name} begins at offset {start} and cannot be cut at {offset}; empty it instead")]
    BelowLogStart {
        /// Its directory name.
        name: String,
        /// Offset asked for.
        offset: i64,
        /// Log start offset.
        start: i64,
    },
    /// The storage was shut down.
    #[error("log directory {dir} was shut down")]
    Stopped {
        /// The log directory.
        dir: PathBuf,
    },
    /// A setting is beyond its limits.
    #[error("storage setting {setting}: {why}")]
    Config {
        /// Its name.
        setting: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A file operation other than a write of records failed.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the file system says.
        source: Rc<io::Error>,
    },
}

/// Why an append was refused. Nothing was written or queued.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// No memory for the tail at the moment: wait for [`super::PartitionLog::room`] and try again.
    #[error("no memory for the tail of the log at the moment")]
    OutOfMemory,
    /// The journal's queue is full: wait for [`super::PartitionLog::room`] and try again.
    #[error("the journal's queue is full at the moment")]
    JournalFull,
    /// The record set is larger than a segment (`segment.bytes`) or than the tail window allows.
    #[error("record set of {bytes} bytes is larger than {limit}")]
    TooLarge {
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The record set is not whole batches of version 2.
    #[error("record set is damaged: {why}")]
    Invalid {
        /// What is wrong.
        why: String,
    },
    /// An idempotent producer's sequence number is neither the next nor a recent one.
    #[error(
        "producer {producer_id} epoch {epoch} sent sequence {got}, last was {last} (offset {offset})"
    )]
    OutOfOrderSequence {
        /// Producer id.
        producer_id: i64,
        /// Its epoch.
        epoch: i16,
        /// Last sequence number appended; -1 for none.
        last: i32,
        /// First sequence number of the batch.
        got: i32,
        /// Offset it would have had.
        offset: i64,
    },
    /// The producer's epoch is older than one seen already.
    #[error("producer {producer_id} epoch {got} is older than {known}")]
    InvalidProducerEpoch {
        /// Producer id.
        producer_id: i64,
        /// Epoch known.
        known: i16,
        /// Epoch sent.
        got: i16,
    },
    /// A transactional batch or marker does not fit the producer's transaction.
    #[error("producer {producer_id}: {why}")]
    InvalidTxnState {
        /// Producer id.
        producer_id: i64,
        /// What does not fit.
        why: String,
    },
    /// A transaction marker of an older coordinator epoch.
    #[error("coordinator epoch {got} is older than {known}")]
    CoordinatorFenced {
        /// Epoch known.
        known: i32,
        /// Epoch sent.
        got: i32,
    },
    /// As many producers as allowed have open transactions.
    #[error("{limit} producers have open transactions in this partition, more are not allowed")]
    TooManyProducers {
        /// The limit.
        limit: usize,
    },
    /// A follower's batches do not start at the end of its log.
    #[error("replicated batches start at offset {got}, the log ends at {expected}")]
    OffsetGap {
        /// The log end offset.
        expected: i64,
        /// First offset sent.
        got: i64,
    },
    /// The storage takes no appends: failed, full, deleted, or shut down.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl AppendError {
    /// A producer's mistake at `offset`.
    pub(super) fn of_producer(error: ProducerError, offset: i64) -> Self {
        match error {
            ProducerError::OutOfOrderSequence { producer_id, epoch, last, got } => {
                Self::OutOfOrderSequence { producer_id, epoch, last, got, offset }
            }
            ProducerError::InvalidProducerEpoch { producer_id, known, got } => {
                Self::InvalidProducerEpoch { producer_id, known, got }
            }
            ProducerError::InvalidTxnState { producer_id, .. } => {
                Self::InvalidTxnState { producer_id, why: error.to_string() }
            }
            ProducerError::CoordinatorFenced { known, got, .. } => {
                Self::CoordinatorFenced { known, got }
            }
            ProducerError::TooManyProducers { limit } => Self::TooManyProducers { limit },
            other => Self::Invalid { why: other.to_string() },
        }
    }

    /// Whether the same append may succeed after [`super::PartitionLog::room`].
    pub fn is_back_pressure(&self) -> bool {
        matches!(self, Self::OutOfMemory | Self::JournalFull)
    }
}

/// Why a read brought nothing.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The offset is not in the log.
    #[error("offset {offset} is outside {start}..={end}")]
    OffsetOutOfRange {
        /// Offset asked for.
        offset: i64,
        /// Log start offset.
        start: i64,
        /// Log end offset.
        end: i64,
    },
    /// The bytes on the device are not those that were written: the range is never sent.
    #[error("{path}: {bytes} bytes at position {position} are damaged: {why}")]
    Faulty {
        /// Segment file.
        path: PathBuf,
        /// Position in it, in bytes.
        position: u64,
        /// Length of the range in bytes.
        bytes: u64,
        /// First offset behind the damage, where reading may go on, if known.
        resume: Option<i64>,
        /// What does not fit.
        why: String,
    },
    /// The device failed to read.
    #[error("reading {path}: {source}")]
    Io {
        /// Segment file.
        path: PathBuf,
        /// What the device says.
        source: Rc<io::Error>,
    },
    /// No memory at the moment: try again later.
    #[error("no memory for reading at the moment")]
    OutOfMemory,
    /// The log was deleted.
    #[error("log {name} was deleted")]
    Deleted {
        /// Its directory name.
        name: String,
    },
}

/// Why a log directory cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryError {
    /// A file operation failed.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// The file system has no room for what the journals hold.
    #[error("{action} {path}: {source}; nothing is lost: free space and start again")]
    NoSpace {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
    /// A file of ours is damaged or of a version this program does not know.
    #[error("{path}: {why}; restore the file from a backup or replace the whole log directory")]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The journal is damaged below its durable mark and what was lost is unknown.
    #[error(
        "{path}: journal frame {sequence} is damaged although it was durable (at least up to frame \
         {mark}), so acknowledged records are missing; restore the file, let the replicas re-sync an \
         empty directory, or start once with ringlog.journal.accept.loss=true to go on without them"
    )]
    JournalLoss {
        /// Journal file.
        path: PathBuf,
        /// Sequence number of the frame.
        sequence: u64,
        /// Durable mark that covers it.
        mark: u64,
    },
    /// The directory is another broker program's: of Kafka, or of what else writes its files.
    #[error(
        "{path} is there and no catalogue of ours: the directory belongs to another broker program; \
         choose another with --data-dir"
    )]
    Foreign {
        /// What tells so.
        path: PathBuf,
    },
    /// The directory of a log in the catalogue is missing.
    #[error(
        "{path} is in the catalogue and missing; restore it or replace the whole log directory"
    )]
    MissingLog {
        /// Where it should be.
        path: PathBuf,
    },
}
