//! The indexes of a segment that is not sealed yet: entries not in the index files so far.
//!
//! When an entry is made, and of what, is Kafka's rule (`LogSegment.append`), so that its tools find
//! what they expect.

use std::io;
use std::path::Path;

use super::bytes::{Reader, Writer};
use crate::arena::Buf;
use crate::io::{Io, OpenOptions};
use crate::segment::txn_index::AbortedTxn;

/// Index files up to this length are read as a whole, in bytes.
const WHOLE_BYTES: u64 = 64 << 10;

/// An entry of an offset index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct IndexEntry {
    /// Last offset of a batch, relative to the segment's base.
    pub(super) last_offset: u32,
    /// Position of that batch.
    pub(super) position: u32,
}

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

/// Entries of all index files of a segment that a cut leaves, whether they are in the files already
/// or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) offsets: u32,
    pub(super) times: u32,
    pub(super) aborted: u32,
    /// The last one of the time index, if it has any.
    pub(super) last_time: (i64, u32),
}

impl IndexTail {
    /// Cuts the indexes to what lies before `position` and below the offset `end`, which is `relative`
    /// to the segment's base. Entries may have been made at other places than those that `kept`
    /// counts, since a replay makes its own; those in the files are the same.
    pub(super) fn cut(&mut self, position: u64, (relative, end): (u32, i64), kept: &Kept) {
        let rest = |kept: u32, filed: u32| kept.saturating_sub(filed) as usize;
        self.offsets.retain(|(_, at)| u64::from(*at) < position);
        self.offsets.truncate(rest(kept.offsets, self.offsets_filed));
        self.times.retain(|(_, offset)| *offset < relative);
        self.times.truncate(rest(kept.times, self.times_filed));
        if kept.times > self.times_filed
            && self.times.last().is_none_or(|(time, _)| *time < kept.last_time.0)
        {
            self.times.push(kept.last_time);
        }
        self.aborted.retain(|txn| txn.last_offset < end);
        self.offsets_filed = self.offsets_filed.min(kept.offsets);
        self.times_filed = self.times_filed.min(kept.times);
        self.aborted_filed = self.aborted_filed.min(kept.aborted);
        let last = self.times.last().copied().unwrap_or(kept.last_time);
        self.last_time = if kept.times == 0 { 0 } else { last.0 };
        // As in Kafka.
        self.since = 0;
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

    /// The last entry here of which `holds` is true, and the one behind it.
    pub(super) fn around(
        &self,
        holds: impl Fn(&IndexEntry) -> bool,
    ) -> (Option<IndexEntry>, Option<IndexEntry>) {
        let entry = |&(last_offset, position): &(u32, u32)| IndexEntry { last_offset, position };
        let behind = self.offsets.partition_point(|pair| holds(&entry(pair)));
        let before = behind.checked_sub(1).and_then(|at| self.offsets.get(at));
        (before.map(entry), self.offsets.get(behind).map(entry))
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

/// The last entry of an offset index file of which `holds` is true, which it is of all in front of
/// that one, and the entry behind it. `filed` is the number of entries, all of the file when nothing.
pub(super) async fn search(
    io: &Io,
    path: &Path,
    filed: Option<u32>,
    holds: impl Fn(&IndexEntry) -> bool,
) -> io::Result<(Option<IndexEntry>, Option<IndexEntry>)> {
    let file = io.open(path, OpenOptions::default()).await?;
    let entries = match filed {
        Some(filed) => u64::from(filed),
        None => io.stat(path).await?.map_or(0, |stat| stat.len / 8),
    };
    let (mut low, mut high) = (0, entries);
    // Narrow down to what is read as a whole.
    while (high - low) * 8 > WHOLE_BYTES {
        let middle = low + (high - low) / 2;
        let bytes = file.read_at(middle * 8, Buf::heap(8), 8).await?;
        match bytes.first_chunk().map(entry) {
            Some(entry) if holds(&entry) => low = middle,
            _ => high = middle,
        }
    }
    // The entry behind, too.
    let length = ((high + 1).min(entries) - low) * 8;
    let bytes = file.read_at(low * 8, Buf::heap(length as usize), length as usize).await?;
    let (entries, _) = bytes.as_chunks::<8>();
    let behind = entries.partition_point(|bytes| holds(&entry(bytes)));
    let before = behind.checked_sub(1).and_then(|at| entries.get(at));
    Ok((before.map(entry), entries.get(behind).map(entry)))
}

/// An entry as it is in the file.
pub(super) fn entry(bytes: &[u8; 8]) -> IndexEntry {
    let [a, b, c, d, e, f, g, h] = *bytes;
    IndexEntry {
        last_offset: u32::from_be_bytes([a, b, c, d]),
        position: u32::from_be_bytes([e, f, g, h]),
    }
}
