//! Limits of the storage of one shard, and settings of one log.

use std::time::Duration;

use super::StorageError;
use crate::arena::BLOCK_BYTES;
use crate::journal::append_bytes_max;

/// Limits of one [`super::Storage`]: one shard in one log directory. Tests and the simulator use
/// [`StorageConfig::tiny`], so that every edge is reached often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageConfig {
    /// Length of a journal file in bytes; a multiple of 4096.
    pub journal_file_bytes: u64,
    /// Journal files of a shard; at least three.
    pub journal_files: u16,
    /// Longest journal frame in bytes; a multiple of 4096, at least 16384 and at most a quarter of a file.
    pub journal_frame_bytes: usize,
    /// Journal frames written at the same time. It bounds the window that a crash may tear.
    pub journal_in_flight: usize,
    /// Bytes that must wait before a frame is begun while another is being written.
    pub journal_gather_bytes: usize,
    /// Appends of at least so many bytes go to their segment at once, and only a mark of them to the
    /// journal; at least 4096.
    pub direct_append_bytes: usize,
    /// Writes to one log's segment at the same time for such appends.
    pub direct_in_flight: usize,
    /// Bytes that may wait for a journal frame; beyond it appends are refused for the moment.
    pub journal_queue_bytes: usize,
    /// Room in the journal's files that appends leave free, in bytes: for creations, deletions, moves
    /// of log starts and what else makes space, each of which takes a frame at most. At most a file
    /// less two frames.
    pub journal_reserve_bytes: u64,
    /// Memory for the tails of all logs, in bytes.
    pub tail_window_bytes: usize,
    /// Largest block of one log's tail, in bytes; a power of two of at least 4096.
    pub tail_block_bytes: usize,
    /// Bytes of a log that are written to its segment together, when there are that many.
    pub destage_bytes: usize,
    /// Destaging writes at the same time; logs that are synced at the same time for a journal file to be
    /// used again.
    pub destage_in_flight: usize,
    /// Files that are synced at the same time at the start and when it stops.
    pub files_in_flight: usize,
    /// First read from the device for a catch-up reader, in bytes.
    pub read_ahead_min_bytes: usize,
    /// Longest read from the device, in bytes.
    pub read_ahead_max_bytes: usize,
    /// Files kept open.
    pub open_files: usize,
    /// Free bytes of the file system below which appends are refused, so that what was accepted
    /// can always be written out.
    pub reserve_bytes: u64,
    /// Pause between two looks at the free space.
    pub space_poll: Duration,
    /// Largest step in which segment space is allocated ahead, in bytes.
    pub allocate_step_bytes: u64,
    /// Idle time after which the journal is sealed with an empty frame, which lets recovery tell
    /// rot of the last frame from a torn write.
    pub journal_seal_after: Duration,
    /// Pause between deleting a log and removing its files.
    pub delete_delay: Duration,
    /// Go on past journal frames that are corrupt below the durable mark although what they held
    /// is unknown. Records are lost; for an operator's explicit decision only.
    pub accept_journal_loss: bool,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            journal_file_bytes: 64 << 20,
            journal_files: 4,
            journal_frame_bytes: 1 << 20,
            journal_in_flight: 2,
            journal_gather_bytes: 16 << 10,
            direct_append_bytes: 256 << 10,
            direct_in_flight: 4,
            journal_queue_bytes: 8 << 20,
            journal_reserve_bytes: 1 << 20,
            tail_window_bytes: 128 << 20,
            tail_block_bytes: 1 << 20,
            destage_bytes: 1 << 20,
            destage_in_flight: 4,
            files_in_flight: 32,
            read_ahead_min_bytes: 64 << 10,
            read_ahead_max_bytes: 4 << 20,
            open_files: 1024,
            reserve_bytes: 256 << 20,
            space_poll: Duration::from_secs(1),
            allocate_step_bytes: 16 << 20,
            journal_seal_after: Duration::from_millis(2),
            delete_delay: Duration::from_secs(1),
            accept_journal_loss: false,
        }
    }
}

impl StorageConfig {
    /// The smallest limits that work: for tests and the simulator.
    pub fn tiny() -> Self {
        Self {
            journal_file_bytes: 128 << 10,
            journal_files: 3,
            journal_frame_bytes: 16 << 10,
            journal_in_flight: 2,
            journal_gather_bytes: 8 << 10,
            direct_append_bytes: 4 << 10,
            direct_in_flight: 2,
            journal_queue_bytes: 64 << 10,
            journal_reserve_bytes: 32 << 10,
            tail_window_bytes: 256 << 10,
            tail_block_bytes: 16 << 10,
            destage_bytes: 16 << 10,
            destage_in_flight: 2,
            files_in_flight: 3,
            read_ahead_min_bytes: 4 << 10,
            read_ahead_max_bytes: 64 << 10,
            open_files: 8,
            reserve_bytes: 1 << 20,
            space_poll: Duration::from_millis(100),
            allocate_step_bytes: 64 << 10,
            journal_seal_after: Duration::from_millis(2),
            delete_delay: Duration::from_millis(100),
            accept_journal_loss: false,
        }
    }
}

/// Settings of one log; those of Kafka's topic configuration that storage needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogConfig {
    /// `segment.bytes`: a segment is rolled before it grows beyond this.
    pub segment_bytes: u32,
    /// `segment.ms`: a segment is rolled when its first record is older than this.
    pub segment_ms: i64,
    /// `segment.jitter.ms`: a part of it, drawn anew for each segment, is taken off `segment_ms`.
    pub segment_jitter_ms: i64,
    /// `segment.index.bytes`: a segment is rolled when an index would grow beyond this.
    pub segment_index_bytes: u32,
    /// `index.interval.bytes`: bytes between two entries of the offset index.
    pub index_interval_bytes: u32,
    /// `retention.ms`; -1 is without limit.
    pub retention_ms: i64,
    /// `retention.bytes`; -1 is without limit.
    pub retention_bytes: i64,
    /// Whether `cleanup.policy` holds `delete`: otherwise retention removes nothing.
    pub delete_old_segments: bool,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            segment_bytes: 1 << 30,
            segment_ms: 7 * 24 * 3600 * 1000,
            segment_jitter_ms: 0,
            segment_index_bytes: 10 << 20,
            index_interval_bytes: 4096,
            retention_ms: 7 * 24 * 3600 * 1000,
            retention_bytes: -1,
            delete_old_segments: true,
        }
    }
}

impl StorageConfig {
    /// Longest record set that a log takes whatever its segments allow, in bytes: the journal and
    /// the memory for tails have to hold it.
    pub fn append_bytes_max(&self) -> usize {
        self.journal_append_bytes_max().min(self.tail_append_bytes_max())
    }

    /// What the journal's files allow of it.
    pub fn journal_append_bytes_max(&self) -> usize {
        append_bytes_max(self.journal_file_bytes, self.journal_frame_bytes)
    }

    /// What the memory for tails allows of it.
    pub fn tail_append_bytes_max(&self) -> usize {
        self.tail_window_bytes / 2
    }

    /// Checks the settings against each other.
    pub(super) fn check(&self) -> Result<(), StorageError> {
        let block = BLOCK_BYTES as u64;
        let frame = self.journal_frame_bytes as u64;
        let file = self.journal_file_bytes;
        let rules = [
            ("journal_frame_bytes", frame.is_multiple_of(block) && frame >= 4 * block),
            ("journal_file_bytes", file.is_multiple_of(block) && file >= 4 * frame),
            ("journal_reserve_bytes", self.journal_reserve_bytes >= 4 * block),
            ("journal_reserve_bytes", self.journal_reserve_bytes <= file.saturating_sub(2 * frame)),
            ("journal_files", self.journal_files >= 3),
            ("journal_in_flight", (1..=8).contains(&self.journal_in_flight)),
            ("direct_append_bytes", self.direct_append_bytes >= BLOCK_BYTES),
            ("direct_in_flight", self.direct_in_flight >= 1),
            ("tail_block_bytes", self.tail_block_bytes.is_power_of_two()),
            ("tail_block_bytes", self.tail_block_bytes >= BLOCK_BYTES),
            ("tail_window_bytes", self.tail_window_bytes >= 4 * self.tail_block_bytes),
            ("destage_bytes", self.destage_bytes <= self.tail_window_bytes / 4),
            ("destage_in_flight", self.destage_in_flight >= 1),
            ("files_in_flight", self.files_in_flight >= 1),
            ("read_ahead_min_bytes", self.read_ahead_min_bytes >= BLOCK_BYTES),
            ("read_ahead_max_bytes", self.read_ahead_max_bytes >= self.read_ahead_min_bytes),
            ("open_files", self.open_files >= 4),
        ];
        for (setting, kept) in rules {
            if !kept {
                let why = format!("out of its limits: {self:?}");
                return Err(StorageError::Config { setting, why });
            }
        }
        Ok(())
    }
}
