//! Appends of producers.

use ringlog_engine::batch::{
    BatchError, BatchIter, BatchLimits, BatchView, NO_TIMESTAMP, validate,
};
use ringlog_engine::io::Io;
use ringlog_engine::log::{AppendError, AppendOptions, AppendOrigin, Appended, StorageError};

use super::Partition;
use crate::protocol::ErrorCode;

/// An append that is durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AppendReceipt {
    /// Offset of the first record.
    pub base_offset: i64,
    /// Offset of the last record.
    pub last_offset: i64,
    /// The time the broker gave the records, or -1.
    pub log_append_time_ms: i64,
    /// First offset of the log.
    pub log_start_offset: i64,
}

/// Why an append failed, for the producer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppendFailure {
    /// The error.
    pub code: ErrorCode,
    /// What was wrong.
    pub message: Option<String>,
    /// First offset of the log, where it matters to the client.
    pub log_start_offset: i64,
}

impl AppendFailure {
    /// A failure with a reason.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: Some(message.into()), log_start_offset: -1 }
    }
}

impl From<ErrorCode> for AppendFailure {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: None, log_start_offset: -1 }
    }
}

/// What a producer's request says beside its records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ProduceTerms {
    /// Replicas that must have the records: 0, 1, or -1 for all in sync.
    pub acks: i16,
    /// Version of the request. Zstandard came with version 7 (KIP-110).
    pub version: i16,
}

/// First version of Produce that may carry Zstandard.
const ZSTD_VERSION: i16 = 7;

impl Partition {
    /// Appends what a producer sent and waits until it is on the medium.
    ///
    /// # Errors
    /// A definite error when nothing was queued; after that only ones that leave it open.
    pub async fn produce(
        &self,
        io: &Io,
        set: &[u8],
        terms: ProduceTerms,
    ) -> Result<AppendReceipt, AppendFailure> {
        let settings = self.settings();
        if terms.acks == -1 && settings.min_insync_replicas > 1 {
            return Err(ErrorCode::NotEnoughReplicas.into());
        }
        self.check(io, set, terms.version)?;
        let appended = self.enter(io, set, AppendOrigin::Client).await?;
        settle(appended).await
    }

    /// Appends what a coordinator of this node writes and waits until it is on the medium.
    ///
    /// # Errors
    /// As for [`Partition::produce`].
    pub async fn write(&self, io: &Io, set: &[u8]) -> Result<AppendReceipt, AppendFailure> {
        let appended = self.enter(io, set, AppendOrigin::Coordinator).await?;
        settle(appended).await
    }

    /// Queues what a coordinator of this node writes; the receipt says when it is on the medium.
    ///
    /// # Errors
    /// A definite error: nothing was queued.
    pub async fn queue(&self, io: &Io, set: &[u8]) -> Result<Appended, AppendFailure> {
        self.enter(io, set, AppendOrigin::Coordinator).await
    }

    /// Queues an append in the order of asking, waiting for room where there is none.
    async fn enter(
        &self,
        io: &Io,
        set: &[u8],
        origin: AppendOrigin,
    ) -> Result<Appended, AppendFailure> {
        let _turn = self.appending.enter().await;
        loop {
            if self.is_retired() {
                return Err(ErrorCode::UnknownTopicOrPartition.into());
            }
            let time = self.settings().log_append_time.then(|| io.wall_ms());
            let how = AppendOptions {
                leader_epoch: self.leader_epoch(),
                log_append_time_ms: time,
                origin,
                within_reserve: false,
            };
            match self.log().append(set, how) {
                Ok(appended) => return Ok(appended),
                Err(error) if error.is_back_pressure() => self.log().room().await,
                Err(error) => return Err(refused(&error, self.log().log_start_offset())),
            }
        }
    }

    fn check(&self, io: &Io, set: &[u8], version: i16) -> Result<(), AppendFailure> {
        let settings = self.settings();
        let limits = BatchLimits { batch_bytes_max: settings.batch_bytes_max };
        let sum = validate(set, &limits).map_err(|error| invalid(&error))?;
        if sum.zstd && version < ZSTD_VERSION {
            let message = format!(
                "Produce requests with version {version} are not allowed to use ZStandard compression"
            );
            return Err(AppendFailure::new(ErrorCode::UnsupportedCompressionType, message));
        }
        if sum.transactional {
            let message = "Transactions are not supported by this broker yet";
            return Err(AppendFailure::new(ErrorCode::InvalidTxnState, message));
        }
        if settings.log_append_time {
            return Ok(());
        }
        let now = io.wall_ms();
        for batch in BatchIter::new(set).flatten() {
            check_times(&batch, now, &settings)?;
        }
        Ok(())
    }
}

fn check_times(
    batch: &BatchView<'_>,
    now: i64,
    settings: &crate::server::TopicSettings,
) -> Result<(), AppendFailure> {
    for timestamp in [batch.base_timestamp(), batch.max_timestamp()] {
        if timestamp == NO_TIMESTAMP {
            continue;
        }
        let (past, future) = (now.saturating_sub(timestamp), timestamp.saturating_sub(now));
        if past > settings.timestamp_before_max_ms || future > settings.timestamp_after_max_ms {
            let message = format!(
                "Timestamp {timestamp} of message with offset 0 is out of range. The timestamp should \
                 be within [{}, {}]",
                now.saturating_sub(settings.timestamp_before_max_ms),
                now.saturating_add(settings.timestamp_after_max_ms)
            );
            return Err(AppendFailure::new(ErrorCode::InvalidTimestamp, message));
        }
    }
    Ok(())
}

async fn settle(appended: Appended) -> Result<AppendReceipt, AppendFailure> {
    let receipt = AppendReceipt {
        base_offset: appended.base_offset,
        last_offset: appended.last_offset,
        log_append_time_ms: appended.log_append_time_ms,
        log_start_offset: appended.log_start_offset,
    };
    match appended.durable.await {
        Ok(()) => Ok(receipt),
        // Queued, so it may be there after all: the producer must find out.
        Err(error) => Err(AppendFailure::new(ErrorCode::NotLeaderOrFollower, error.to_string())),
    }
}

fn invalid(error: &BatchError) -> AppendFailure {
    let code = match error {
        BatchError::TooLarge { .. } => ErrorCode::MessageTooLarge,
        BatchError::Checksum { .. } | BatchError::Truncated { .. } | BatchError::Length(_) => {
            ErrorCode::CorruptMessage
        }
        BatchError::Magic(_) => ErrorCode::UnsupportedForMessageFormat,
        BatchError::Compression(_) => ErrorCode::UnsupportedCompressionType,
        BatchError::Timestamp(_) => ErrorCode::InvalidTimestamp,
        _ => ErrorCode::InvalidRecord,
    };
    AppendFailure::new(code, error.to_string())
}

fn refused(error: &AppendError, log_start_offset: i64) -> AppendFailure {
    let code = match error {
        AppendError::TooLarge { .. } => ErrorCode::RecordListTooLarge,
        AppendError::Invalid { .. } => ErrorCode::CorruptMessage,
        AppendError::OutOfOrderSequence { .. } => ErrorCode::OutOfOrderSequenceNumber,
        AppendError::InvalidProducerEpoch { .. } => ErrorCode::InvalidProducerEpoch,
        AppendError::InvalidTxnState { .. } => ErrorCode::InvalidTxnState,
        AppendError::Storage(StorageError::Deleted { .. }) => ErrorCode::UnknownTopicOrPartition,
        // Going down: the client is to look for the leader again, as with any broker that leaves.
        AppendError::Storage(StorageError::Stopped { .. }) => ErrorCode::NotLeaderOrFollower,
        _ => ErrorCode::KafkaStorageError,
    };
    AppendFailure { code, message: Some(error.to_string()), log_start_offset }
}
