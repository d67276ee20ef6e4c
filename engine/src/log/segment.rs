//! What is known of a segment without looking at its file.

use super::LogConfig;
use super::index::{IndexTail, Kept};
use crate::checksums::ChunkTail;

/// One segment of a log.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    /// Offset in its name; every offset in it is at least this.
    pub(super) base: i64,
    /// Bytes of batches, wherever they are by now.
    pub(super) size: u64,
    /// Wall clock (ms) when it was begun.
    pub(super) created_ms: i64,
    /// Largest timestamp of its first batch (ms), by which `segment.ms` counts.
    pub(super) first_timestamp: Option<i64>,
    /// Largest timestamp (ms); -1 when there is none.
    pub(super) max_timestamp: i64,
    /// Last offset of the batch that brought it.
    pub(super) max_timestamp_offset: i64,
    /// Whether the file exists, and its directory entry is durable.
    pub(super) exists: bool,
    /// Bytes of the file that are allocated.
    pub(super) allocated: u64,
    /// Rolled, cut to length and durable with its indexes.
    pub(super) sealed: bool,
    /// What its index files do not have yet.
    pub(super) index: IndexTail,
    /// Checksums of the bytes in its file.
    pub(super) chunks: ChunkTail,
}

impl Segment {
    pub(super) fn new(base: i64, created_ms: i64) -> Self {
        Self {
            base,
            size: 0,
            created_ms,
            first_timestamp: None,
            max_timestamp: -1,
            max_timestamp_offset: base,
            exists: false,
            allocated: 0,
            sealed: false,
            index: IndexTail::default(),
            chunks: ChunkTail::default(),
        }
    }

    /// Whether an append of `bytes` whose last offset is `last_offset` and whose largest timestamp
    /// is `timestamp` goes to a new segment. `dice` are random bits, the same for as long as the
    /// segment is appended to: they decide how much of `segment.jitter.ms` it gets. Kafka's
    /// `LogSegment.shouldRoll`.
    pub(super) fn must_roll(
        &self,
        config: &LogConfig,
        dice: u64,
        bytes: u64,
        last_offset: i64,
        timestamp: i64,
        now_ms: i64,
    ) -> bool {
        if self.size == 0 {
            return false;
        }
        let index_bytes = u64::from(config.segment_index_bytes);
        let offsets_full = self.index.offset_entries() >= index_bytes / 8;
        // One entry of the time index is kept free for the one made when the segment is rolled.
        let times_full = self.index.time_entries() + 1 >= index_bytes / 12;
        let waited = match self.first_timestamp {
            Some(first) => timestamp.saturating_sub(first),
            None => now_ms.saturating_sub(self.created_ms),
        };
        self.size + bytes > u64::from(config.segment_bytes)
            || waited > config.segment_ms - jitter(config, dice)
            || offsets_full
            || times_full
            || last_offset - self.base > i64::from(i32::MAX)
    }

    /// Takes note of a batch at the end.
    pub(super) fn add(&mut self, size: u64, last_offset: i64, max_timestamp: i64, interval: u32) {
        if self.size == 0 {
            self.first_timestamp = Some(max_timestamp).filter(|time| *time >= 0);
        }
        if max_timestamp > self.max_timestamp {
            self.max_timestamp = max_timestamp;
            self.max_timestamp_offset = last_offset;
        }
        let position = u32::try_from(self.size).unwrap_or(u32::MAX);
        let max = self.max_time_entry();
        self.index.add(interval, self.relative(last_offset), position, size, max);
        self.size += size;
    }

    /// Takes note that the segment is rolled: its largest timestamp ends the time index.
    pub(super) fn roll(&mut self) {
        let max = self.max_time_entry();
        self.index.add_time(max);
    }

    /// Cuts the segment at `position`, where the record with offset `end` comes next. `max` is the
    /// largest timestamp of what stays and the offset that goes with it, `sum` the checksum of the
    /// chunk that the position lies in, up to it.
    pub(super) fn cut(&mut self, position: u64, end: i64, kept: &Kept, max: (i64, i64), sum: u32) {
        self.index.cut(position, (self.relative(end), end), kept);
        (self.max_timestamp, self.max_timestamp_offset) = max;
        self.size = position;
        if position == 0 {
            self.first_timestamp = None;
        }
        self.sealed = false;
        self.chunks.truncate_to(position);
        self.chunks.resume(sum);
    }

    fn max_time_entry(&self) -> (i64, u32) {
        (self.max_timestamp, self.relative(self.max_timestamp_offset))
    }

    /// An offset as the indexes have it. An append rolls before the difference exceeds 31 bits.
    pub(super) fn relative(&self, offset: i64) -> u32 {
        u32::try_from(offset.saturating_sub(self.base)).unwrap_or(u32::MAX)
    }

    /// Name of the segment's log file.
    pub(super) fn file_name(&self) -> String {
        format!("{:020}.log", self.base)
    }
}

/// The time (ms) that a segment is rolled early: from 0 to less than `segment.jitter.ms`, and never
/// more than `segment.ms`. Kafka's `LogConfig.randomSegmentJitter`.
fn jitter(config: &LogConfig, dice: u64) -> i64 {
    let bound = config.segment_jitter_ms.min(config.segment_ms);
    match u64::try_from(bound) {
        // Less than the bound, which is positive.
        Ok(bound @ 1..) => (dice % bound) as i64,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: LogConfig = LogConfig {
        segment_bytes: 1000,
        segment_ms: 500,
        segment_jitter_ms: 0,
        segment_index_bytes: 1 << 20,
        index_interval_bytes: 100,
        retention_ms: -1,
        retention_bytes: -1,
        delete_old_segments: true,
    };

    /// A segment from offset 10 on, begun at 9000 ms, with one batch of `size` bytes.
    fn segment(size: u64, timestamp: i64) -> Segment {
        let mut segment = Segment::new(10, 9000);
        segment.add(size, 11, timestamp, CONFIG.index_interval_bytes);
        segment
    }

    fn rolls(segment: &Segment, config: &LogConfig, timestamp: i64, now: i64) -> bool {
        segment.must_roll(config, 0, 1, 12, timestamp, now)
    }

    #[test]
    fn an_empty_segment_is_never_rolled() {
        let segment = Segment::new(10, 0);
        assert!(!segment.must_roll(&CONFIG, 0, 1 << 40, 12, i64::MAX, i64::MAX));
    }

    #[test]
    fn time_counts_from_the_first_batch_to_the_appended_one() {
        let mut segment = segment(100, 2000);
        segment.add(100, 12, 2400, CONFIG.index_interval_bytes);
        // What the clock says does not matter.
        assert!(!rolls(&segment, &CONFIG, 2500, i64::MAX));
        assert!(rolls(&segment, &CONFIG, 2501, 0));
        assert!(!rolls(&segment, &CONFIG, -1, i64::MAX));
        assert!(rolls(&segment, &LogConfig { segment_ms: 499, ..CONFIG }, 2500, 0));
    }

    #[test]
    fn without_a_timestamp_time_counts_from_the_creation_by_the_clock() {
        let segment = segment(100, -1);
        assert!(!rolls(&segment, &CONFIG, i64::MAX, 9500));
        assert!(rolls(&segment, &CONFIG, -1, 9501));
    }

    #[test]
    fn jitter_is_drawn_below_its_setting_and_never_exceeds_the_time() {
        let segment = segment(100, 2000);
        let config = LogConfig { segment_jitter_ms: 100, ..CONFIG };
        // The first difference at which it is rolled, for some throws of the dice.
        let first = |config: &LogConfig, dice: u64| {
            (0..=501).find(|t| segment.must_roll(config, dice, 1, 12, 2000 + t, 0))
        };
        assert_eq!(first(&config, 0), Some(501));
        assert_eq!(first(&config, 99), Some(402));
        assert_eq!(first(&config, 100), Some(501));
        assert_eq!(first(&config, u64::MAX), Some(501 - (u64::MAX % 100) as i64));
        assert_eq!(first(&CONFIG, u64::MAX), Some(501));
        let longer = LogConfig { segment_jitter_ms: i64::MAX, ..CONFIG };
        assert_eq!(first(&longer, 499), Some(2));
        assert_eq!(first(&longer, 500), Some(501));
        let none = LogConfig { segment_ms: 0, ..longer };
        assert_eq!(first(&none, 77), Some(1));
    }

    #[test]
    fn bytes_may_reach_the_limit_and_not_exceed_it() {
        let segment = segment(600, 2000);
        assert!(!segment.must_roll(&CONFIG, 0, 400, 12, 2000, 0));
        assert!(segment.must_roll(&CONFIG, 0, 401, 12, 2000, 0));
    }

    #[test]
    fn a_full_index_rolls_it() {
        let grown = |config: &LogConfig| {
            let mut segment = segment(101, 2000);
            (0..100)
                .find(|n| {
                    segment.add(101, 12 + n, 2001 + n, config.index_interval_bytes);
                    rolls(&segment, config, 2001, 0)
                })
                .map(|_| (segment.index.offset_entries(), segment.index.time_entries()))
        };
        let large = LogConfig { segment_bytes: u32::MAX, ..CONFIG };
        // Entries take 8 bytes in the offset index and 12 in that of times, of which one is kept.
        let (_, times) = grown(&LogConfig { segment_index_bytes: 120, ..large }).unwrap();
        assert_eq!(times, 9);
        let mut segment = segment(101, 2000);
        let config = LogConfig { segment_index_bytes: 120, ..large };
        for n in 0..15 {
            // Timestamps that do not grow take no entries.
            assert!(!rolls(&segment, &config, 2000, 0), "{n}");
            segment.add(101, 12 + n, 2000, config.index_interval_bytes);
        }
        assert_eq!((segment.index.offset_entries(), segment.index.time_entries()), (15, 1));
        assert!(rolls(&segment, &config, 2000, 0));
        assert_eq!(grown(&large), None);
    }

    #[test]
    fn offsets_are_relative_within_31_bits() {
        let segment = segment(100, 2000);
        let most = 10 + i64::from(i32::MAX);
        assert!(!segment.must_roll(&CONFIG, 0, 1, most, 2000, 0));
        assert!(segment.must_roll(&CONFIG, 0, 1, most + 1, 2000, 0));
    }
}
