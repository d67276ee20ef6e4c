//! What is known of a segment without looking at its file.

use super::LogConfig;

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
        let waited = match self.first_timestamp {
            Some(first) => timestamp.saturating_sub(first),
            None => now_ms.saturating_sub(self.created_ms),
        };
        self.size + bytes > u64::from(config.segment_bytes)
            || waited > config.segment_ms.saturating_sub(config.segment_jitter_ms)
            || last_offset - self.base > i64::from(i32::MAX)
    }

    /// Takes note of a batch at the end.
    pub(super) fn add(&mut self, size: u64, last_offset: i64, max_timestamp: i64) {
        self.size += size;
        if max_timestamp >= 0 {
            self.first_timestamp.get_or_insert(max_timestamp);
        }
        if max_timestamp > self.max_timestamp {
            self.max_timestamp = max_timestamp;
            self.max_timestamp_offset = last_offset;
        }
    }

    /// Name of the segment's log file.
    pub(super) fn file_name(&self) -> String {
        format!("{:020}.log", self.base)
    }
}
