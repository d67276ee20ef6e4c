//! A batch where it lies, and the few fields that are set in place.

use super::{BatchError, Compression};
use crate::crc32c;

/// Bytes before the first record.
pub const HEADER_BYTES: usize = 61;

/// Bytes of base offset and length, which the length does not count.
pub const LOG_OVERHEAD_BYTES: usize = 12;

/// Where the bytes of a batch begin that its checksum covers.
pub const CHECKSUM_FROM: usize = ATTRIBUTES;

/// Producer id of a batch without one.
pub const NO_PRODUCER: i64 = -1;

/// Base sequence of a batch without a producer id.
pub const NO_SEQUENCE: i32 = -1;

/// Timestamp of records that have none.
pub const NO_TIMESTAMP: i64 = -1;

const LENGTH: usize = 8;
const LEADER_EPOCH: usize = 12;
const MAGIC: usize = 16;
const CRC: usize = 17;
const ATTRIBUTES: usize = 21;
const LAST_OFFSET_DELTA: usize = 23;
const BASE_TIMESTAMP: usize = 27;
const MAX_TIMESTAMP: usize = 35;
const PRODUCER_ID: usize = 43;
const PRODUCER_EPOCH: usize = 51;
const BASE_SEQUENCE: usize = 53;
const RECORD_COUNT: usize = 57;

const COMPRESSION_MASK: i16 = 0x07;
const LOG_APPEND_TIME: i16 = 0x08;
const TRANSACTIONAL: i16 = 0x10;
const CONTROL: i16 = 0x20;
const DELETE_HORIZON: i16 = 0x40;

/// Who set the timestamps of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TimestampType {
    /// The producer, for each record.
    Create,
    /// The broker, one for the whole batch.
    LogAppend,
}

/// One batch of version 2, whole but not otherwise checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchView<'a> {
    bytes: &'a [u8],
}

impl<'a> BatchView<'a> {
    /// The first batch of `bytes`, and what follows it.
    ///
    /// # Errors
    /// [`BatchError::Truncated`] when it is not whole, [`BatchError::Length`] and
    /// [`BatchError::Magic`] when it is not a batch of version 2.
    pub fn split_first(bytes: &'a [u8]) -> Result<(Self, &'a [u8]), BatchError> {
        let head: &[u8; HEADER_BYTES] = bytes
            .first_chunk()
            .ok_or(BatchError::Truncated { have: bytes.len(), need: HEADER_BYTES })?;
        let size = Self::size_of(head)?;
        let (batch, rest) = bytes
            .split_at_checked(size)
            .ok_or(BatchError::Truncated { have: bytes.len(), need: size })?;
        Ok((Self { bytes: batch }, rest))
    }

    /// Size in bytes of the batch that begins with `head`, from its length field.
    ///
    /// # Errors
    /// [`BatchError::Length`] and [`BatchError::Magic`] when it is not a batch of version 2.
    pub fn size_of(head: &[u8; HEADER_BYTES]) -> Result<usize, BatchError> {
        let magic = head[MAGIC];
        if magic != 2 {
            return Err(BatchError::Magic(magic));
        }
        let length = i32::from_be_bytes(chunk(head, LENGTH));
        usize::try_from(length)
            .ok()
            .and_then(|length| length.checked_add(LOG_OVERHEAD_BYTES))
            .filter(|size| *size >= HEADER_BYTES)
            .ok_or(BatchError::Length(length))
    }

    /// The whole batch.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Size in bytes, header included.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Offset of the first record.
    pub fn base_offset(&self) -> i64 {
        i64::from_be_bytes(chunk(self.bytes, 0))
    }

    /// Offset of the last record.
    pub fn last_offset(&self) -> i64 {
        self.base_offset().saturating_add(i64::from(self.last_offset_delta()))
    }

    /// Offset after the last record.
    pub fn next_offset(&self) -> i64 {
        self.last_offset().saturating_add(1)
    }

    /// Last offset less base offset.
    pub fn last_offset_delta(&self) -> i32 {
        i32::from_be_bytes(chunk(self.bytes, LAST_OFFSET_DELTA))
    }

    /// Epoch of the leader that appended the batch.
    pub fn leader_epoch(&self) -> i32 {
        i32::from_be_bytes(chunk(self.bytes, LEADER_EPOCH))
    }

    /// The checksum the batch carries.
    pub fn crc(&self) -> u32 {
        u32::from_be_bytes(chunk(self.bytes, CRC))
    }

    /// The checksum of what the batch holds: CRC-32C from the attributes to the end.
    pub fn computed_crc(&self) -> u32 {
        crc32c::checksum(&self.bytes[ATTRIBUTES..])
    }

    /// The attribute bits.
    pub fn attributes(&self) -> i16 {
        i16::from_be_bytes(chunk(self.bytes, ATTRIBUTES))
    }

    /// How the records are compressed.
    ///
    /// # Errors
    /// [`BatchError::Compression`] for a codec that is not Kafka's.
    pub fn compression(&self) -> Result<Compression, BatchError> {
        Compression::from_id(self.attributes() & COMPRESSION_MASK)
    }

    /// Who set the timestamps.
    pub fn timestamp_type(&self) -> TimestampType {
        match self.attributes() & LOG_APPEND_TIME {
            0 => TimestampType::Create,
            _ => TimestampType::LogAppend,
        }
    }

    /// Whether the batch is part of a transaction.
    pub fn is_transactional(&self) -> bool {
        self.attributes() & TRANSACTIONAL != 0
    }

    /// Whether the batch holds control records, which only brokers write.
    pub fn is_control(&self) -> bool {
        self.attributes() & CONTROL != 0
    }

    /// Whether the base timestamp is a delete horizon, which only the log cleaner sets.
    pub fn has_delete_horizon(&self) -> bool {
        self.attributes() & DELETE_HORIZON != 0
    }

    /// Timestamp of the first record (ms since 1970).
    pub fn base_timestamp(&self) -> i64 {
        i64::from_be_bytes(chunk(self.bytes, BASE_TIMESTAMP))
    }

    /// Largest timestamp (ms since 1970).
    pub fn max_timestamp(&self) -> i64 {
        i64::from_be_bytes(chunk(self.bytes, MAX_TIMESTAMP))
    }

    /// The idempotent producer that sent the batch, or [`NO_PRODUCER`].
    pub fn producer_id(&self) -> i64 {
        i64::from_be_bytes(chunk(self.bytes, PRODUCER_ID))
    }

    /// Whether an idempotent producer sent the batch.
    pub fn has_producer(&self) -> bool {
        self.producer_id() > NO_PRODUCER
    }

    /// The producer's epoch.
    pub fn producer_epoch(&self) -> i16 {
        i16::from_be_bytes(chunk(self.bytes, PRODUCER_EPOCH))
    }

    /// Sequence number of the first record, or [`NO_SEQUENCE`].
    pub fn base_sequence(&self) -> i32 {
        i32::from_be_bytes(chunk(self.bytes, BASE_SEQUENCE))
    }

    /// Sequence number of the last record; they wrap from 2^31-1 to 0.
    pub fn last_sequence(&self) -> i32 {
        match self.base_sequence() {
            NO_SEQUENCE => NO_SEQUENCE,
            base => base.wrapping_add(self.last_offset_delta()) & i32::MAX,
        }
    }

    /// Number of records.
    pub fn record_count(&self) -> i32 {
        i32::from_be_bytes(chunk(self.bytes, RECORD_COUNT))
    }

    /// The records, compressed or not.
    pub fn payload(&self) -> &'a [u8] {
        &self.bytes[HEADER_BYTES..]
    }
}

/// Whole batches back to back. Ends at the first error, which is yielded once.
#[derive(Clone, Debug)]
pub struct BatchIter<'a> {
    rest: &'a [u8],
}

impl<'a> BatchIter<'a> {
    /// The batches of a record set.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes behind the last batch that was whole.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for BatchIter<'a> {
    type Item = Result<BatchView<'a>, BatchError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        match BatchView::split_first(self.rest) {
            Ok((batch, rest)) => {
                self.rest = rest;
                Some(Ok(batch))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

/// Sets base offset and leader epoch of a whole batch. The checksum does not cover them.
///
/// # Panics
/// When `batch` is shorter than a header: it was not a batch.
pub fn assign(batch: &mut [u8], base_offset: i64, leader_epoch: i32) {
    put(batch, 0, base_offset.to_be_bytes());
    put(batch, LEADER_EPOCH, leader_epoch.to_be_bytes());
}

/// Makes `timestamp` (ms since 1970) the time of every record of a whole batch, and computes its
/// checksum anew.
///
/// # Panics
/// When `batch` is shorter than a header: it was not a batch.
pub fn set_log_append_time(batch: &mut [u8], timestamp: i64) {
    let attributes = i16::from_be_bytes(chunk(batch, ATTRIBUTES)) | LOG_APPEND_TIME;
    put(batch, ATTRIBUTES, attributes.to_be_bytes());
    put(batch, MAX_TIMESTAMP, timestamp.to_be_bytes());
    seal(batch);
}

/// Computes the checksum of a whole batch.
pub(super) fn seal(batch: &mut [u8]) {
    let crc = crc32c::checksum(&batch[ATTRIBUTES..]);
    put(batch, CRC, crc.to_be_bytes());
}

/// What a header says, for [`super::BatchBuilder`].
pub(super) struct HeaderFields {
    pub(super) attributes: i16,
    pub(super) base_offset: i64,
    pub(super) leader_epoch: i32,
    pub(super) base_timestamp: i64,
    pub(super) max_timestamp: i64,
    pub(super) producer_id: i64,
    pub(super) producer_epoch: i16,
    pub(super) base_sequence: i32,
    pub(super) record_count: i32,
}

impl HeaderFields {
    pub(super) fn attributes(compression: Compression, transactional: bool, control: bool) -> i16 {
        compression.id()
            | if transactional { TRANSACTIONAL } else { 0 }
            | if control { CONTROL } else { 0 }
    }

    /// Writes the header over the first [`HEADER_BYTES`] of `batch`.
    pub(super) fn write(&self, batch: &mut [u8], length: i32) {
        assign(batch, self.base_offset, self.leader_epoch);
        put(batch, LENGTH, length.to_be_bytes());
        put(batch, MAGIC, [2]);
        put(batch, ATTRIBUTES, self.attributes.to_be_bytes());
        put(batch, LAST_OFFSET_DELTA, (self.record_count - 1).to_be_bytes());
        put(batch, BASE_TIMESTAMP, self.base_timestamp.to_be_bytes());
        put(batch, MAX_TIMESTAMP, self.max_timestamp.to_be_bytes());
        put(batch, PRODUCER_ID, self.producer_id.to_be_bytes());
        put(batch, PRODUCER_EPOCH, self.producer_epoch.to_be_bytes());
        put(batch, BASE_SEQUENCE, self.base_sequence.to_be_bytes());
        put(batch, RECORD_COUNT, self.record_count.to_be_bytes());
        seal(batch);
    }
}

fn chunk<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

fn put<const N: usize>(bytes: &mut [u8], at: usize, value: [u8; N]) {
    bytes[at..at + N].copy_from_slice(&value);
}
