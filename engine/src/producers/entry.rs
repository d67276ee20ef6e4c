//! One producer.

use crate::batch::{BatchView, NO_SEQUENCE};

/// Batches of a producer that are remembered, and so may be sent again: a client keeps at most
/// five requests in flight.
pub const BATCHES_KEPT: usize = 5;

/// The epoch of a producer that has written nothing.
pub(super) const NO_PRODUCER_EPOCH: i16 = -1;
/// The coordinator epoch before any transaction has ended.
pub(super) const NO_COORDINATOR_EPOCH: i32 = -1;

/// A batch that was taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct KnownBatch {
    /// Sequence number of its last record.
    pub last_sequence: i32,
    /// Offset of its last record.
    pub last_offset: i64,
    /// Last offset less first offset.
    pub offset_delta: i32,
    /// Its largest timestamp (ms since 1970).
    pub timestamp: i64,
}

impl KnownBatch {
    /// Sequence number of its first record; they go from 2^31-1 to 0.
    pub fn first_sequence(&self) -> i32 {
        let first = i64::from(self.last_sequence) - i64::from(self.offset_delta);
        // Within 32 bits either way, and `& MAX` brings a negative one behind the wrap.
        (first & i64::from(i32::MAX)) as i32
    }

    /// Offset of its first record.
    pub fn first_offset(&self) -> i64 {
        self.last_offset.saturating_sub(i64::from(self.offset_delta))
    }
}

/// What is known about one producer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Producer {
    pub(super) epoch: i16,
    pub(super) coordinator_epoch: i32,
    pub(super) last_timestamp: i64,
    pub(super) txn_first_offset: Option<i64>,
    /// Oldest first; those from `kept` on are unused.
    batches: [KnownBatch; BATCHES_KEPT],
    kept: u8,
}

impl Producer {
    pub(super) fn unknown() -> Self {
        Self {
            epoch: NO_PRODUCER_EPOCH,
            coordinator_epoch: NO_COORDINATOR_EPOCH,
            last_timestamp: -1,
            txn_first_offset: None,
            batches: [KnownBatch::default(); BATCHES_KEPT],
            kept: 0,
        }
    }

    /// Its epoch; -1 when none is known.
    pub fn epoch(&self) -> i16 {
        self.epoch
    }

    /// Epoch of the coordinator that ended its last transaction; -1 before the first.
    pub fn coordinator_epoch(&self) -> i32 {
        self.coordinator_epoch
    }

    /// Timestamp of its last batch or marker (ms since 1970).
    pub fn last_timestamp(&self) -> i64 {
        self.last_timestamp
    }

    /// First offset of its open transaction.
    pub fn txn_first_offset(&self) -> Option<i64> {
        self.txn_first_offset
    }

    /// Its last batches in this epoch, oldest first.
    pub fn batches(&self) -> &[KnownBatch] {
        // `kept` never exceeds the array: see `push`.
        self.batches.get(..usize::from(self.kept)).unwrap_or(&self.batches)
    }

    /// Sequence number of its last record in this epoch; -1 when there is none.
    pub fn last_sequence(&self) -> i32 {
        self.batches().last().map_or(NO_SEQUENCE, |batch| batch.last_sequence)
    }

    /// The same batch, if it is one of the last five.
    pub(super) fn duplicate_of(&self, batch: &BatchView<'_>) -> Option<KnownBatch> {
        if batch.producer_epoch() != self.epoch {
            return None;
        }
        let range = (batch.base_sequence(), batch.last_sequence());
        let same = |known: &&KnownBatch| (known.first_sequence(), known.last_sequence) == range;
        self.batches().iter().find(same).copied()
    }

    /// A new epoch starts with no batches.
    pub(super) fn set_epoch(&mut self, epoch: i16) {
        if epoch != self.epoch {
            self.epoch = epoch;
            // Unused places are zero, so that equal states compare equal.
            self.batches = [KnownBatch::default(); BATCHES_KEPT];
            self.kept = 0;
        }
    }

    /// Forgets batches that end at offset `end` or later, and a transaction that began there.
    pub(super) fn truncate_to(&mut self, end: i64) {
        let keep = self.batches().iter().take_while(|batch| batch.last_offset < end).count();
        for unused in self.batches.iter_mut().skip(keep) {
            *unused = KnownBatch::default();
        }
        self.kept = keep as u8;
        self.txn_first_offset = self.txn_first_offset.filter(|first| *first < end);
        if let Some(last) = self.batches().last() {
            self.last_timestamp = last.timestamp;
        }
    }

    pub(super) fn push(&mut self, batch: KnownBatch) {
        if usize::from(self.kept) == BATCHES_KEPT {
            self.batches.rotate_left(1);
            self.kept -= 1;
        }
        if let Some(free) = self.batches.get_mut(usize::from(self.kept)) {
            *free = batch;
            self.kept += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sequence_of_a_batch_across_the_wrap_is_before_it() {
        let batch = KnownBatch { last_sequence: 1, offset_delta: 3, ..KnownBatch::default() };
        assert_eq!(batch.first_sequence(), i32::MAX - 1);
        let batch = KnownBatch { last_sequence: 7, offset_delta: 3, ..KnownBatch::default() };
        assert_eq!(batch.first_sequence(), 4);
        let batch = KnownBatch { last_sequence: -1, offset_delta: 0, ..KnownBatch::default() };
        assert_eq!(batch.first_sequence(), i32::MAX);
    }
}
