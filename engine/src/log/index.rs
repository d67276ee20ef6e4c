//! The indexes of a segment that is not sealed yet: entries not in the index files so far.
//!
//! When an entry is made, and of what, is Kafka's rule (`LogSegment.append`), so that its tools find
//! what they expect.

use super::bytes::{Reader, Writer};
use crate::segment::txn_index::AbortedTxn;

/// Entries that are not in the files yet, and how many are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct IndexTail {
    /// Offset (relative to the segment's base) of the last record of a batch, and its position.
    pub(super) offsets: Vec<(u32, u32)>,
    /// Timestamp, and offset (relative) of the last record of the batch that brought it.
    pub(super) times: Vec<(i64, u32)>,
    pub(super) aborted: Vec<AbortedTxn>,
    /// Entries in the files, durable.
    pub(super) offsets_filed: u32,
    pub(super) times_filed: u32,
    pub(super) aborted_filed: u32,
    /// Bytes since the last entry.
    since: u64,
    /// Timestamp of the last entry of the time index.
    last_time: i64,
}

/// What a segment's index files hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Filed {
    pub(super) offsets: Vec<(u32, u32)>,
    pub(super) times: Vec<(i64, u32)>,
    pub(super) aborted: Vec<AbortedTxn>,
}

impl IndexTail {
    /// Cuts the indexes to what lies before `position` and below `end` (relative, and absolute). All
    /// that stays is held here until the files are written anew.
    pub(super) fn cut(&mut self, position: u64, end: (u32, i64), filed: Filed) {
        let all = |count: u32| count as usize;
        let mut offsets = filed.offsets;
        offsets.truncate(all(self.offsets_filed));
        offsets.append(&mut self.offsets);
        offsets.retain(|(_, at)| u64::from(*at) < position);
        let mut times = filed.times;
        times.truncate(all(self.times_filed));
        times.append(&mut self.times);
        times.retain(|(_, offset)| *offset < end.0);
        let mut aborted = filed.aborted;
        aborted.truncate(all(self.aborted_filed));
        aborted.append(&mut self.aborted);
        aborted.retain(|txn| txn.last_offset < end.1);
        let last_time = times.last().map_or(0, |(time, _)| *time);
        *self = Self { offsets, times, aborted, last_time, ..Self::default() };
    }

    /// Takes note of a batch. `max` is the segment's largest timestamp, this batch included, and
    /// the relative offset it goes with.
    pub(super) fn add(
        &mut self,
        interval: u32,
        last_offset: u32,
        position: u32,
        size: u64,
        max: (i64, u32),
    ) {
        if self.since > u64::from(interval) {
            self.offsets.push((last_offset, position));
            self.add_time(max);
            self.since = 0;
        }
        self.since += size;
    }

    /// Adds an entry to the time index unless one of that time or later is there.
    pub(super) fn add_time(&mut self, (timestamp, offset): (i64, u32)) {
        let first = self.times_filed == 0 && self.times.is_empty();
        if timestamp >= 0 && (first || timestamp > self.last_time) {
            self.times.push((timestamp, offset));
            self.last_time = timestamp;
        }
    }

    /// Entries of the offset index, in the file and here.
    pub(super) fn offset_entries(&self) -> u64 {
        u64::from(self.offsets_filed) + self.offsets.len() as u64
    }

    /// Entries of the time index, in the file and here.
    pub(super) fn time_entries(&self) -> u64 {
        u64::from(self.times_filed) + self.times.len() as u64
    }

    /// Entries not in a file yet.
    pub(super) fn unfiled(&self) -> usize {
        self.offsets.len() + self.times.len() + self.aborted.len()
    }

    /// The position to read from to find `offset` (relative), if it is to be found here: everything
    /// before the first entry here may be in the file.
    pub(super) fn position(&self, offset: u32) -> Option<u32> {
        let behind = self.offsets.partition_point(|(last, _)| *last <= offset);
        match behind.checked_sub(1) {
            Some(at) => self.offsets.get(at).map(|(_, position)| *position),
            None if self.offsets_filed == 0 => Some(0),
            None => None,
        }
    }

    pub(super) fn encode(&self, out: &mut Writer) {
        out.u32(self.offsets_filed);
        out.u32(self.times_filed);
        out.u32(self.aborted_filed);
        out.u64(self.since);
        out.i64(self.last_time);
        out.count(self.offsets.len());
        for (offset, position) in &self.offsets {
            out.u32(*offset);
            out.u32(*position);
        }
        out.count(self.times.len());
        for (time, offset) in &self.times {
            out.i64(*time);
            out.u32(*offset);
        }
        out.count(self.aborted.len());
        for txn in &self.aborted {
            out.i64(txn.producer_id);
            out.i64(txn.first_offset);
            out.i64(txn.last_offset);
            out.i64(txn.last_stable_offset);
        }
    }

    pub(super) fn decode(from: &mut Reader<'_>) -> Option<Self> {
        let (offsets_filed, times_filed, aborted_filed) = (from.u32()?, from.u32()?, from.u32()?);
        let (since, last_time) = (from.u64()?, from.i64()?);
        Some(Self {
            offsets_filed,
            times_filed,
            aborted_filed,
            since,
            last_time,
            offsets: from.list(|from| Some((from.u32()?, from.u32()?)))?,
            times: from.list(|from| Some((from.i64()?, from.u32()?)))?,
            aborted: from.list(|from| {
                Some(AbortedTxn {
                    producer_id: from.i64()?,
                    first_offset: from.i64()?,
                    last_offset: from.i64()?,
                    last_stable_offset: from.i64()?,
                })
            })?,
        })
    }
}
