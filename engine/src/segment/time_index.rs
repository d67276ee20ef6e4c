//! `.timeindex`: which offsets to look at for a timestamp. Kafka's `TimeIndex`.

use super::FormatError;
use super::offset_index::relative_offset;
use crate::batch::NO_TIMESTAMP;

/// Bytes of an entry: timestamp (i64), offset less base offset (u32).
pub const ENTRY_BYTES: usize = 12;

/// An entry: the largest timestamp of the segment so far, and the last offset of the batch that
/// brought it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeEntry {
    /// Timestamp (ms since 1970).
    pub timestamp: i64,
    /// Last offset of the batch.
    pub offset: i64,
}

impl TimeEntry {
    /// The entry's bytes in the index of a segment. `None`: the offset is not in any segment that
    /// begins at `base_offset`.
    pub fn encode(&self, base_offset: i64) -> Option<[u8; ENTRY_BYTES]> {
        let relative = relative_offset(self.offset, base_offset)?.to_be_bytes();
        let mut out = [0; ENTRY_BYTES];
        out[..8].copy_from_slice(&self.timestamp.to_be_bytes());
        out[8..].copy_from_slice(&relative);
        Some(out)
    }

    fn decode([timestamp @ .., a, b, c, d]: [u8; ENTRY_BYTES], base_offset: i64) -> Self {
        let relative = u32::from_be_bytes([a, b, c, d]);
        Self {
            timestamp: i64::from_be_bytes(timestamp),
            offset: base_offset.saturating_add(i64::from(relative)),
        }
    }
}

/// An index as its bytes lie in memory. Entries are decoded one at a time.
#[derive(Clone, Copy, Debug)]
pub struct TimeIndex<'a> {
    base_offset: i64,
    entries: &'a [[u8; ENTRY_BYTES]],
    ragged: usize,
    padding: usize,
}

impl<'a> TimeIndex<'a> {
    /// The index in `bytes` of the segment that begins at `base_offset`. Zeros at the end are not
    /// entries: Kafka allocates the file of an active segment at full size. Nothing is checked yet.
    pub fn new(bytes: &'a [u8], base_offset: i64) -> Self {
        let (all, ragged) = bytes.as_chunks::<ENTRY_BYTES>();
        let zero = all.iter().rev().take_while(|entry| **entry == [0; ENTRY_BYTES]).count();
        let (entries, padding) = all.split_at(all.len() - zero);
        Self { base_offset, entries, ragged: ragged.len(), padding: padding.len() }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes behind the last entry that hold nothing.
    pub fn padding_bytes(&self) -> usize {
        self.padding * ENTRY_BYTES + self.ragged
    }

    /// The entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = TimeEntry> + ExactSizeIterator + use<'a> {
        let base_offset = self.base_offset;
        self.entries.iter().map(move |entry| TimeEntry::decode(*entry, base_offset))
    }

    /// The last entry, whose timestamp is the segment's largest once the segment is closed.
    pub fn last(&self) -> Option<TimeEntry> {
        self.iter().next_back()
    }

    /// Where to begin looking for the first record of `timestamp` or later: the last entry that is
    /// not later; without one, the segment's first offset.
    pub fn lookup(&self, timestamp: i64) -> TimeEntry {
        let decode = |entry: &[u8; ENTRY_BYTES]| TimeEntry::decode(*entry, self.base_offset);
        let after = self.entries.partition_point(|entry| decode(entry).timestamp <= timestamp);
        let start = TimeEntry { timestamp: NO_TIMESTAMP, offset: self.base_offset };
        after.checked_sub(1).and_then(|at| self.entries.get(at)).map_or(start, decode)
    }

    /// Checks that timestamps rise and offsets do not fall.
    ///
    /// # Errors
    /// The first entry that breaks a rule, or bytes that are no whole entry.
    pub fn check(&self) -> Result<(), FormatError> {
        let mut last: Option<TimeEntry> = None;
        for (index, entry) in self.iter().enumerate() {
            let bad = |what| Err(FormatError::Entry { index, what });
            if relative_offset(entry.offset, self.base_offset).is_none() {
                return bad("its offset is too far from the segment's first");
            }
            if last.is_some_and(|last| entry.timestamp <= last.timestamp) {
                return bad("its timestamp does not rise");
            }
            if last.is_some_and(|last| entry.offset < last.offset) {
                return bad("its offset falls");
            }
            last = Some(entry);
        }
        if self.ragged != 0 {
            let have = (self.entries.len() + self.padding) * ENTRY_BYTES + self.ragged;
            return Err(FormatError::Length { have, need: have - self.ragged });
        }
        Ok(())
    }

    /// Bytes of the file that are left when the log is cut at `offset`: those of the entries below.
    pub fn bytes_below(&self, offset: i64) -> usize {
        let base_offset = self.base_offset;
        let below =
            |entry: &[u8; ENTRY_BYTES]| TimeEntry::decode(*entry, base_offset).offset < offset;
        self.entries.partition_point(below) * ENTRY_BYTES
    }
}
