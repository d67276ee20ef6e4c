//! Names of files and directories.

use std::fmt;

/// The checkpoint of a partition's leader epochs.
pub const LEADER_EPOCH_CHECKPOINT: &str = "leader-epoch-checkpoint";
/// The topic id of a partition.
pub const PARTITION_METADATA: &str = "partition.metadata";
/// Offsets up to which each partition is known to be on the medium.
pub const RECOVERY_POINT_CHECKPOINT: &str = "recovery-point-offset-checkpoint";
/// First offset of each partition whose first segment begins before it.
pub const LOG_START_CHECKPOINT: &str = "log-start-offset-checkpoint";
/// High watermark of each partition.
pub const HIGH_WATERMARK_CHECKPOINT: &str = "replication-offset-checkpoint";
/// Where compaction has got to in each partition.
pub const CLEANER_CHECKPOINT: &str = "cleaner-offset-checkpoint";
/// Cluster id, node id and directory id of a log directory.
pub const META_PROPERTIES: &str = "meta.properties";
/// Exists while the directory was closed in order and not opened since.
pub const CLEAN_SHUTDOWN: &str = ".kafka_cleanshutdown";
/// Ends the name of a directory or file that is about to be removed.
pub const DELETED_DIR_SUFFIX: &str = "-delete";
/// Ends the name of a file that is about to be removed.
pub const DELETED_FILE_SUFFIX: &str = ".deleted";

/// Longest name of a file that Linux's file systems take, in bytes.
const NAME_BYTES_MAX: usize = 255;
/// Digits of an offset in a file's name.
const OFFSET_DIGITS: usize = 20;

/// What a file of a segment holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SegmentFile {
    /// Record batches back to back.
    Log,
    /// Positions by offset.
    OffsetIndex,
    /// Offsets by timestamp.
    TimeIndex,
    /// Aborted transactions; there is no file when there are none.
    TxnIndex,
    /// Producers at the offset of its name.
    Snapshot,
    /// Our checksums of the log's chunks; Kafka overlooks the file.
    Chunks,
}

impl SegmentFile {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Log,
        Self::OffsetIndex,
        Self::TimeIndex,
        Self::TxnIndex,
        Self::Snapshot,
        Self::Chunks,
    ];

    /// What the name ends with.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Log => ".log",
            Self::OffsetIndex => ".index",
            Self::TimeIndex => ".timeindex",
            Self::TxnIndex => ".txnindex",
            Self::Snapshot => ".snapshot",
            Self::Chunks => ".chunks",
        }
    }

    /// The file's name for a segment that begins at `base_offset`, or a snapshot at that offset.
    pub fn name(self, base_offset: i64) -> String {
        format!("{base_offset:020}{}", self.suffix())
    }

    /// Kind and offset of a file. `None`: not the name of a segment's file; one that is about to be
    /// removed, or was left by an unfinished compaction, is none either.
    pub fn parse(name: &str) -> Option<(Self, i64)> {
        let (digits, suffix) = name.split_at_checked(OFFSET_DIGITS)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let kind = Self::ALL.into_iter().find(|kind| kind.suffix() == suffix)?;
        Some((kind, digits.parse().ok()?))
    }
}

impl fmt::Display for SegmentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.suffix())
    }
}

/// Directory of a partition: `orders-0`.
pub fn partition_dir(topic: &str, partition: i32) -> String {
    format!("{topic}-{partition}")
}

/// Topic and partition of a directory. `None`: not a partition's directory, or one that is about to
/// be removed.
pub fn parse_partition_dir(name: &str) -> Option<(&str, i32)> {
    let (topic, partition) = name.rsplit_once('-')?;
    // `parse` alone would take "+1".
    if topic.is_empty() || !partition.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((topic, partition.parse().ok()?))
}

/// Name that a partition's directory gets before it is removed, as Kafka makes it: the topic cut so
/// that all fits, the partition, 32 hexadecimal digits of `unique`, `-delete`.
pub fn deleted_dir(dir: &str, unique: [u8; 16]) -> String {
    let (topic, partition) = dir.rsplit_once('-').unwrap_or((dir, "0"));
    let unique = u128::from_be_bytes(unique);
    let suffix = format!("-{partition}.{unique:032x}{DELETED_DIR_SUFFIX}");
    let topic = topic.get(..NAME_BYTES_MAX.saturating_sub(suffix.len())).unwrap_or(topic);
    format!("{topic}{suffix}")
}

/// What [`deleted_dir`] was given as `unique`. `None`: not a name that it makes.
pub fn parse_deleted_dir(name: &str) -> Option<[u8; 16]> {
    let (_, digits) = name.strip_suffix(DELETED_DIR_SUFFIX)?.rsplit_once('.')?;
    // `from_str_radix` alone would take "+1".
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(digits, 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for kind in SegmentFile::ALL {
            for offset in [0, 42, i64::MAX] {
                assert_eq!(SegmentFile::parse(&kind.name(offset)), Some((kind, offset)));
            }
        }
        assert_eq!(SegmentFile::Log.name(1025), "00000000000000001025.log");
    }

    #[test]
    fn other_files_are_not_taken_for_segments() {
        for name in [
            "",
            "1.log",
            "00000000000000000000.log.deleted",
            "00000000000000000000.log.cleaned",
            "+0000000000000000000.log",
            "99999999999999999999.log",
            "0000000000000000000ä.log",
            "leader-epoch-checkpoint",
        ] {
            assert_eq!(SegmentFile::parse(name), None, "{name}");
        }
    }

    #[test]
    fn directories_name_their_partition() {
        assert_eq!(partition_dir("a-b", 12), "a-b-12");
        assert_eq!(parse_partition_dir("a-b-12"), Some(("a-b", 12)));
        for name in ["-0", "orders", "orders-", "orders-+1", "orders-99999999999"] {
            assert_eq!(parse_partition_dir(name), None, "{name}");
        }
    }

    #[test]
    fn a_deleted_directory_keeps_a_legal_name() {
        let name = deleted_dir("orders-3", [0xab; 16]);
        assert_eq!(name, "orders-3.abababababababababababababababab-delete");
        assert_eq!(parse_partition_dir(&name), None);
        let long = partition_dir(&"t".repeat(249), 7);
        assert_eq!(deleted_dir(&long, [1; 16]).len(), NAME_BYTES_MAX);
    }
}
