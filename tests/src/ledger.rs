//! What was promised, and the judgement of what is read back.

use std::collections::BTreeMap;
use std::fmt;

/// A record of a test: which producer wrote it, and as which of its records in that partition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mark {
    /// The producer.
    pub producer: u32,
    /// Counts up from zero for each producer and partition.
    pub sequence: u64,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.producer, self.sequence)
    }
}

impl Mark {
    /// Reads what `Display` wrote at the start of a record's value, up to a space or the end.
    pub fn parse(value: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?.split(' ').next()?;
        let (producer, sequence) = text.split_once(':')?;
        Some(Self { producer: producer.parse().ok()?, sequence: sequence.parse().ok()? })
    }
}

/// Acknowledged records by partition and mark, with the offset of each.
#[derive(Default, Debug)]
pub struct Ledger {
    acknowledged: BTreeMap<i32, BTreeMap<Mark, i64>>,
}

/// A broken promise.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// An acknowledged record is not there.
    #[error("partition {partition}: record {mark} acknowledged at offset {offset} is lost")]
    Lost {
        /// Where.
        partition: i32,
        /// Which.
        mark: Mark,
        /// The offset in the acknowledgement.
        offset: i64,
    },
    /// An acknowledged record is at another offset.
    #[error(
        "partition {partition}: record {mark} acknowledged at {acknowledged}, found at {found}"
    )]
    Moved {
        /// Where.
        partition: i32,
        /// Which.
        mark: Mark,
        /// The offset in the acknowledgement.
        acknowledged: i64,
        /// The offset it was read from.
        found: i64,
    },
    /// A record is there twice.
    #[error("partition {partition}: record {mark} at offset {first} stands again at {second}")]
    Duplicate {
        /// Where.
        partition: i32,
        /// Which.
        mark: Mark,
        /// One place.
        first: i64,
        /// Another.
        second: i64,
    },
    /// A producer's records are not in the order it sent them.
    #[error("partition {partition}: record {mark} at offset {offset} comes after {before}")]
    Reordered {
        /// Where.
        partition: i32,
        /// Which.
        mark: Mark,
        /// Its offset.
        offset: i64,
        /// The record that should have come later.
        before: Mark,
    },
    /// Offsets do not count up.
    #[error("partition {partition}: offset {offset} follows {before}")]
    Offsets {
        /// Where.
        partition: i32,
        /// The offset.
        offset: i64,
        /// The one before.
        before: i64,
    },
}

impl Ledger {
    /// Notes an acknowledgement.
    pub fn acknowledge(&mut self, partition: i32, mark: Mark, offset: i64) {
        self.acknowledged.entry(partition).or_default().insert(mark, offset);
    }

    /// How many were acknowledged.
    pub fn len(&self) -> usize {
        self.acknowledged.values().map(BTreeMap::len).sum()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Judges the whole of a partition: its records in the order they were read. Records that were
    /// never acknowledged may be there, once.
    ///
    /// # Errors
    /// The first broken promise.
    pub fn judge(&self, partition: i32, read: &[(i64, Mark)]) -> Result<(), Breach> {
        let mut found: BTreeMap<Mark, i64> = BTreeMap::new();
        let mut latest: BTreeMap<u32, Mark> = BTreeMap::new();
        let mut before = -1;
        for &(offset, mark) in read {
            if offset <= before {
                return Err(Breach::Offsets { partition, offset, before });
            }
            before = offset;
            if let Some(first) = found.insert(mark, offset) {
                return Err(Breach::Duplicate { partition, mark, first, second: offset });
            }
            if let Some(before) = latest.insert(mark.producer, mark).filter(|&old| old > mark) {
                return Err(Breach::Reordered { partition, mark, offset, before });
            }
        }
        let none = BTreeMap::new();
        for (&mark, &offset) in self.acknowledged.get(&partition).unwrap_or(&none) {
            match found.get(&mark) {
                None => return Err(Breach::Lost { partition, mark, offset }),
                Some(&at) if at != offset => {
                    let acknowledged = offset;
                    return Err(Breach::Moved { partition, mark, acknowledged, found: at });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(producer: u32, sequence: u64) -> Mark {
        Mark { producer, sequence }
    }

    fn ledger() -> Ledger {
        let mut ledger = Ledger::default();
        ledger.acknowledge(0, mark(1, 0), 0);
        ledger.acknowledge(0, mark(1, 1), 2);
        ledger
    }

    #[test]
    fn unacknowledged_records_may_be_there() {
        let read = [(0, mark(1, 0)), (1, mark(2, 0)), (2, mark(1, 1)), (3, mark(1, 2))];
        assert_eq!(ledger().judge(0, &read), Ok(()));
    }

    #[test]
    fn a_lost_record_is_seen() {
        let verdict = ledger().judge(0, &[(0, mark(1, 0))]);
        assert_eq!(verdict, Err(Breach::Lost { partition: 0, mark: mark(1, 1), offset: 2 }));
    }

    #[test]
    fn a_moved_record_is_seen() {
        let verdict = ledger().judge(0, &[(0, mark(1, 0)), (3, mark(1, 1))]);
        assert!(matches!(verdict, Err(Breach::Moved { acknowledged: 2, found: 3, .. })));
    }

    #[test]
    fn a_duplicate_is_seen() {
        let verdict = ledger().judge(0, &[(0, mark(1, 0)), (1, mark(1, 0)), (2, mark(1, 1))]);
        assert!(matches!(verdict, Err(Breach::Duplicate { first: 0, second: 1, .. })));
    }

    #[test]
    fn a_swapped_pair_is_seen() {
        let verdict = Ledger::default().judge(0, &[(0, mark(1, 1)), (1, mark(1, 0))]);
        assert!(matches!(verdict, Err(Breach::Reordered { .. })));
    }

    #[test]
    fn an_offset_that_stands_still_is_seen() {
        let verdict = Ledger::default().judge(0, &[(1, mark(1, 0)), (1, mark(1, 1))]);
        assert!(matches!(verdict, Err(Breach::Offsets { .. })));
    }

    #[test]
    fn marks_are_read_back() {
        assert_eq!(Mark::parse(b"7:42 and padding"), Some(mark(7, 42)));
        assert_eq!(Mark::parse(b"7"), None);
    }
}
