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
    /// is `timestamp` goes to a new segment. Kafka's `LogSegment.shouldRoll`.
    pub(super) fn must_roll(
        &self,
        config: &LogConfig,
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
            || waited > config.segment_ms.saturating_sub(config.segment_jitter_ms)
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
