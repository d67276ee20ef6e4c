//! Grows the two indexes of an active segment batch by batch. Kafka's `LogSegment.append`.

use super::offset_index::{OffsetEntry, OffsetIndex};
use super::time_index::{TimeEntry, TimeIndex};
use crate::batch::{BatchView, NO_TIMESTAMP};

/// The indexes of a segment that is being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IndexAppender {
    base_offset: i64,
    interval_bytes: u32,
    offsets: Vec<u8>,
    times: Vec<u8>,
    bytes_since_entry: u64,
    largest: TimeEntry,
}

impl IndexAppender {
    /// Empty indexes of the segment that begins at `base_offset`, with an entry for each
    /// `interval_bytes` (`index.interval.bytes`) of log.
    pub fn new(base_offset: i64, interval_bytes: u32) -> Self {
        Self {
            base_offset,
            interval_bytes,
            offsets: Vec::new(),
            times: Vec::new(),
            bytes_since_entry: 0,
            largest: TimeEntry { timestamp: NO_TIMESTAMP, offset: base_offset },
        }
    }

    /// Goes on where the indexes in `offsets` and `times` end. The batch of the offset index's last
    /// entry and all behind it have to be appended again.
    pub fn resume(base_offset: i64, interval_bytes: u32, offsets: &[u8], times: &[u8]) -> Self {
        let mut resumed = Self::new(base_offset, interval_bytes);
        let index = OffsetIndex::new(offsets, base_offset);
        resumed.offsets = offsets[..offsets.len() - index.padding_bytes()].to_vec();
        let index = TimeIndex::new(times, base_offset);
        resumed.times = times[..times.len() - index.padding_bytes()].to_vec();
        resumed.largest = index.last().unwrap_or(resumed.largest);
        resumed
    }

    /// Takes in a batch that begins at `position` of the segment. Gives whether an entry was added.
    pub fn append(&mut self, batch: &BatchView<'_>, position: u32) -> bool {
        if batch.max_timestamp() > self.largest.timestamp {
            self.largest =
                TimeEntry { timestamp: batch.max_timestamp(), offset: batch.last_offset() };
        }
        let due = self.bytes_since_entry > u64::from(self.interval_bytes);
        if due {
            self.push_offset(OffsetEntry { offset: batch.last_offset(), position });
            self.push_largest();
            self.bytes_since_entry = 0;
        }
        self.bytes_since_entry += batch.size() as u64;
        due
    }

    /// Adds the entry of the largest timestamp, unless it is there: when the segment is closed,
    /// whether for a new one or for good. May be done more than once.
    pub fn close(&mut self) {
        self.push_largest();
    }

    /// Cuts both indexes to what lies below `offset`. The batch of the offset index's last entry
    /// and all behind it, up to the cut, have to be appended again, as after
    /// [`IndexAppender::resume`].
    pub fn truncate_to(&mut self, offset: i64) {
        let keep = self.offset_index().bytes_below(offset);
        self.offsets.truncate(keep);
        let keep = self.time_index().bytes_below(offset);
        self.times.truncate(keep);
        let none = TimeEntry { timestamp: NO_TIMESTAMP, offset: self.base_offset };
        self.largest = self.time_index().last().unwrap_or(none);
        self.bytes_since_entry = 0;
    }

    /// Whether either index has no room for another entry within `index_bytes`
    /// (`segment.index.bytes`): the segment is to be rolled then.
    pub fn is_full(&self, index_bytes: u32) -> bool {
        use super::{offset_index, time_index};
        let full = |bytes: usize, entry: usize| bytes / entry >= index_bytes as usize / entry;
        // Kafka keeps one entry of the time index free for the close.
        full(self.offsets.len(), offset_index::ENTRY_BYTES)
            || full(self.times.len() + time_index::ENTRY_BYTES, time_index::ENTRY_BYTES)
    }

    /// First offset of the segment.
    pub fn base_offset(&self) -> i64 {
        self.base_offset
    }

    /// Bytes of `.index`.
    pub fn offset_bytes(&self) -> &[u8] {
        &self.offsets
    }

    /// Bytes of `.timeindex`.
    pub fn time_bytes(&self) -> &[u8] {
        &self.times
    }

    /// The offset index so far.
    pub fn offset_index(&self) -> OffsetIndex<'_> {
        OffsetIndex::exact(&self.offsets, self.base_offset)
    }

    /// The time index so far.
    pub fn time_index(&self) -> TimeIndex<'_> {
        TimeIndex::exact(&self.times, self.base_offset)
    }

    /// Largest timestamp of the segment and the last offset of its batch.
    pub fn largest_timestamp(&self) -> Option<TimeEntry> {
        (self.largest.timestamp > NO_TIMESTAMP).then_some(self.largest)
    }

    fn push_offset(&mut self, entry: OffsetEntry) {
        let rises = self.offset_index().last().is_none_or(|last| entry.offset > last.offset);
        // An index without an entry is slower and not wrong.
        if let Some(bytes) = entry.encode(self.base_offset).filter(|_| rises) {
            self.offsets.extend_from_slice(&bytes);
        }
    }

    fn push_largest(&mut self) {
        let last = self.time_index().last().map_or(NO_TIMESTAMP, |last| last.timestamp);
        if self.largest.timestamp > last
            && let Some(bytes) = self.largest.encode(self.base_offset)
        {
            self.times.extend_from_slice(&bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::batch::{BatchBuilder, Compression, NewRecord};

    const BASE: i64 = 1000;

    /// Batches with these timestamps and record counts, each with its position.
    fn log(batches: &[(i64, usize)]) -> Vec<(u32, Vec<u8>)> {
        let (mut offset, mut position) = (BASE, 0);
        let mut log = Vec::new();
        for (timestamp, records) in batches {
            let mut builder = BatchBuilder::new(Compression::None).base_offset(offset);
            for _ in 0..*records {
                builder.push(NewRecord { timestamp: *timestamp, ..NewRecord::default() });
            }
            let bytes = builder.build().unwrap();
            log.push((position, bytes));
            offset += *records as i64;
            position += log.last().map_or(0, |(_, bytes)| bytes.len() as u32);
        }
        log
    }

    fn append(indexes: &mut IndexAppender, log: &[(u32, Vec<u8>)], from: u32) {
        for (position, bytes) in log.iter().filter(|(position, _)| *position >= from) {
            indexes.append(&BatchView::split_first(bytes).unwrap().0, *position);
        }
    }

    fn resume_position(indexes: &IndexAppender) -> u32 {
        indexes.offset_index().last().map_or(0, |entry| entry.position)
    }

    proptest! {
        #[test]
        fn entries_lead_to_their_offsets_and_survive_a_restart_and_a_cut(
            batches in proptest::collection::vec((0..50_i64, 1..6_usize), 1..60),
            interval: prop::sample::Index,
            cut: prop::sample::Index,
        ) {
            let interval = interval.index(600) as u32;
            let log = log(&batches);
            let mut indexes = IndexAppender::new(BASE, interval);
            append(&mut indexes, &log, 0);
            let end = log.iter().map(|(_, bytes)| bytes.len() as u64).sum();
            indexes.offset_index().check(end).unwrap();
            indexes.time_index().check().unwrap();

            // Looking up any batch's offset leads to a batch that is not behind it, and no further
            // away than the interval and the batches at its ends.
            let largest = log.iter().map(|(_, bytes)| bytes.len()).max().unwrap_or(0) as u32;
            for (position, bytes) in &log {
                let (batch, _) = BatchView::split_first(bytes).unwrap();
                let found = indexes.offset_index().lookup(batch.last_offset());
                prop_assert!(found.position <= *position);
                prop_assert!(position - found.position <= interval + 2 * largest);
            }

            // A restart with the files as they are.
            let mut resumed =
                IndexAppender::resume(BASE, interval, indexes.offset_bytes(), indexes.time_bytes());
            let from = resume_position(&resumed);
            append(&mut resumed, &log, from);
            prop_assert_eq!(&resumed, &indexes);

            // A cut gives what was there when the log had got that far; the time index may already
            // have an entry that would have come a little later, as in Kafka.
            let keep = cut.index(log.len());
            let mut shorter = IndexAppender::new(BASE, interval);
            append(&mut shorter, &log[..keep], 0);
            let (first_cut, _) = BatchView::split_first(&log[keep].1).unwrap();
            let mut truncated = indexes.clone();
            truncated.truncate_to(first_cut.base_offset());
            let from = resume_position(&truncated);
            append(&mut truncated, &log[..keep], from);
            prop_assert_eq!(truncated.offset_bytes(), shorter.offset_bytes());
            prop_assert_eq!(truncated.largest_timestamp(), shorter.largest_timestamp());
            prop_assert_eq!(truncated.bytes_since_entry, shorter.bytes_since_entry);
            truncated.time_index().check().unwrap();

            // Closed, the last entry is the largest timestamp.
            let mut closed = indexes;
            closed.close();
            let bytes = closed.time_bytes().len();
            closed.close();
            prop_assert_eq!(bytes, closed.time_bytes().len());
            let max = batches.iter().map(|(timestamp, _)| *timestamp).max();
            prop_assert_eq!(closed.time_index().last().map(|entry| entry.timestamp), max);
        }

        #[test]
        fn any_bytes_are_indexes_or_not(
            bytes in proptest::collection::vec(any::<u8>(), 0..100),
            base: i64,
        ) {
            let index = OffsetIndex::new(&bytes, base);
            let _ = (index.check(1000), index.lookup(5), index.bytes_below(5), index.last());
            let index = TimeIndex::new(&bytes, base);
            let _ = (index.check(), index.lookup(5), index.bytes_below(5), index.last());
            let _ = IndexAppender::resume(base, 10, &bytes, &bytes);
        }
    }

    #[test]
    fn a_full_index_asks_for_a_new_segment() {
        let mut indexes = IndexAppender::new(BASE, 0);
        let batches: Vec<_> = (0..10).map(|n| (n, 1)).collect();
        append(&mut indexes, &log(&batches), 0);
        assert_eq!(indexes.offset_index().len(), 9);
        assert!(indexes.is_full(12 * 10));
        assert!(!indexes.is_full(12 * 11));
    }
}
