//! Finding records by time, and aborted transactions by offset.

use std::io;

use super::files::read_file;
use super::partition::PartitionLog;
use super::{ReadError, StorageError};
use crate::batch::{BatchIter, BatchView, DECOMPRESSED_BYTES_MAX};
use crate::producers::Producers;
use crate::segment::names::SegmentFile;
use crate::segment::time_index::{self, TimeIndex};
use crate::segment::txn_index::{self, AbortedTxn};

/// Read at once while looking for a time.
const SCAN_BYTES: usize = 256 << 10;

impl PartitionLog {
    /// The first record whose timestamp is at least `timestamp` (ms): its timestamp and offset.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn offset_for_timestamp(
        &self,
        timestamp: i64,
    ) -> Result<Option<(i64, i64)>, ReadError> {
        let start = self.log_start_offset();
        let segment = {
            let state = self.state.borrow();
            let mut segments = state.image.segments.iter();
            segments.find(|segment| segment.max_timestamp >= timestamp && segment.size > 0).cloned()
        };
        let Some(segment) = segment else { return Ok(None) };
        let times = &segment.index.times;
        // What lies before an entry of an earlier time is of an earlier time, too.
        let behind = times.partition_point(|(time, _)| *time < timestamp);
        let known = match behind.checked_sub(1).and_then(|at| times.get(at)) {
            Some((_, relative)) => segment.base + i64::from(*relative),
            None if segment.index.times_filed > 0 => {
                let path = self.dir().join(SegmentFile::TimeIndex.name(segment.base));
                let length = segment.index.times_filed as usize * time_index::ENTRY_BYTES;
                // Without the index it takes longer.
                let bytes = read_file(&self.shared.io, &path).await.ok().flatten();
                let bytes = bytes.as_deref().and_then(|bytes| bytes.get(..length));
                let index = bytes.map(|bytes| TimeIndex::new(bytes, segment.base));
                index.map_or(segment.base, |i| i.lookup(timestamp - 1).offset)
            }
            None => segment.base,
        };
        let mut offset = known.max(segment.base).max(start);
        loop {
            let end = self.log_end_offset();
            let outcome = self.read(offset, SCAN_BYTES, end, true).await?;
            if outcome.bytes == 0 {
                return Ok(None);
            }
            let bytes = joined(&outcome);
            for batch in BatchIter::new(&bytes).map_while(Result::ok) {
                offset = batch.next_offset();
                if batch.max_timestamp() < timestamp {
                    continue;
                }
                if let Some(found) = find_record(&batch, start, |time| time >= timestamp) {
                    return Ok(Some(found));
                }
            }
        }
    }

    /// The largest timestamp (ms) in the log and the offset of the first record that has it.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn max_timestamp(&self) -> Result<Option<(i64, i64)>, ReadError> {
        let found = {
            let state = self.state.borrow();
            let segments = state.image.segments.iter();
            let times = segments.filter(|segment| segment.size > 0 && segment.max_timestamp >= 0);
            // Of several segments with the same time, the first one.
            let largest = times.rev().max_by_key(|segment| segment.max_timestamp);
            largest.map(|segment| (segment.max_timestamp, segment.max_timestamp_offset))
        };
        let Some((timestamp, offset)) = found else { return Ok(None) };
        let start = self.log_start_offset();
        if offset < start {
            return Ok(Some((timestamp, start)));
        }
        let outcome = self.read(offset, 1, self.log_end_offset(), true).await?;
        let bytes = joined(&outcome);
        let batch = BatchIter::new(&bytes).next().and_then(Result::ok);
        let record = batch.and_then(|batch| find_record(&batch, start, |time| time == timestamp));
        Ok(Some(record.unwrap_or((timestamp, offset))))
    }

    /// Transactions that were aborted and have records in `from..to`, by offset of their marker.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn aborted_transactions(
        &self,
        from: i64,
        to: i64,
    ) -> Result<Vec<AbortedTxn>, ReadError> {
        loop {
            let cuts = self.cuts();
            let found = self.aborted_uncut(from, to).await;
            // The files may have been cut while they were read.
            if self.cuts() == cuts {
                return found;
            }
        }
    }

    async fn aborted_uncut(&self, from: i64, to: i64) -> Result<Vec<AbortedTxn>, ReadError> {
        let segments: Vec<_> = {
            let state = self.state.borrow();
            let all = &state.image.segments;
            let first = all.partition_point(|segment| segment.base <= from).saturating_sub(1);
            let some = all.iter().skip(first);
            let some = some.filter(|s| s.index.aborted_filed > 0 || !s.index.aborted.is_empty());
            some.map(|s| (s.base, s.index.aborted_filed, s.index.aborted.clone())).collect()
        };
        let mut found = Vec::new();
        for (base, filed, recent) in segments {
            let mut aborted =
                if filed == 0 { Vec::new() } else { self.aborted(base, filed).await? };
            aborted.extend(recent);
            for txn in aborted {
                if txn.last_offset >= from && txn.first_offset < to {
                    found.push(txn);
                }
                // Every transaction that ends later begins at or behind this.
                if txn.last_stable_offset >= to {
                    return Ok(found);
                }
            }
        }
        Ok(found)
    }

    async fn aborted(&self, base: i64, filed: u32) -> Result<Vec<AbortedTxn>, ReadError> {
        let path = self.dir().join(SegmentFile::TxnIndex.name(base));
        let length = filed as usize * txn_index::ENTRY_BYTES;
        let read = read_file(&self.shared.io, &path).await;
        let failed =
            |source: io::Error| ReadError::Io { path: path.clone(), source: source.into() };
        let bytes = read.map_err(failed)?.ok_or(io::ErrorKind::NotFound);
        let bytes = bytes.map_err(|kind| failed(kind.into()))?;
        let whole = bytes.get(..length).ok_or(io::ErrorKind::UnexpectedEof);
        let whole = whole.map_err(|kind| failed(kind.into()))?;
        txn_index::decode(whole).map_err(|e| failed(io::Error::other(e)))
    }

    /// Looks at what is known of the producers (`DescribeProducers`).
    pub fn with_producers<R>(&self, look: impl FnOnce(&Producers) -> R) -> R {
        look(&self.state.borrow().image.producers)
    }

    /// Forgets producers that have written nothing for `expiration_ms`; returns their number.
    pub fn expire_producers(&self, now_ms: i64, expiration_ms: i64) -> usize {
        self.state.borrow_mut().image.producers.expire(now_ms, expiration_ms)
    }

    /// Whether the log still takes appends.
    ///
    /// # Errors
    /// Why it does not.
    pub fn health(&self) -> Result<(), StorageError> {
        self.check()?;
        self.shared.check()
    }
}

fn joined(outcome: &super::ReadOutcome) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(outcome.bytes);
    outcome.pieces.iter().for_each(|piece| bytes.extend_from_slice(piece));
    bytes
}

/// The first record from `start` on with a time that fits. Of a batch that cannot be unpacked, the
/// batch's own numbers.
fn find_record(
    batch: &BatchView<'_>,
    start: i64,
    fits: impl Fn(i64) -> bool,
) -> Option<(i64, i64)> {
    let Ok(records) = batch.records(DECOMPRESSED_BYTES_MAX) else {
        return Some((batch.max_timestamp(), batch.base_offset().max(start)));
    };
    let mut records = records.iter().map_while(Result::ok);
    let record = records.find(|record| record.offset >= start && fits(record.timestamp))?;
    Some((record.timestamp, record.offset))
}
