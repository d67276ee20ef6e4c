//! Leader epochs of a partition and where each began: how a follower finds out what it has that
//! its leader has not. Kafka's `LeaderEpochFileCache` (KIP-101, KIP-279).
//!
//! No I/O: the checkpoint file's bytes go in and out.

#[cfg(test)]
mod tests;

use crate::segment::FormatError;
use crate::segment::checkpoint::{self, EpochStart};

/// Epoch of a batch or question that has none.
pub const NO_EPOCH: i32 = -1;

/// Leader epochs in order, each with its first offset. Both rise strictly.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LeaderEpochs {
    starts: Vec<EpochStart>,
}

impl LeaderEpochs {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes note that `epoch` began at `start_offset`. Entries that contradict it, of this epoch or
    /// later, or from this offset on, are dropped: the log was cut there. Gives whether anything
    /// changed. Epochs and offsets below 0 are none.
    pub fn assign(&mut self, epoch: i32, start_offset: i64) -> bool {
        if epoch < 0 || start_offset < 0 {
            return false;
        }
        if self.last().is_some_and(|last| last.epoch == epoch && last.start_offset <= start_offset)
        {
            return false;
        }
        let contradicts =
            |each: &EpochStart| each.epoch >= epoch || each.start_offset >= start_offset;
        while self.starts.last().is_some_and(contradicts) {
            self.starts.pop();
        }
        self.starts.push(EpochStart { epoch, start_offset });
        true
    }

    /// The largest epoch known.
    pub fn last(&self) -> Option<EpochStart> {
        self.starts.last().copied()
    }

    /// Epoch of the record at `offset`; `None` when it lies before all that is known.
    pub fn epoch_at(&self, offset: i64) -> Option<i32> {
        let after = self.starts.partition_point(|each| each.start_offset <= offset);
        Some(self.starts.get(after.checked_sub(1)?)?.epoch)
    }

    /// Where the records of `epoch` end: the answer to OffsetForLeaderEpoch. Gives the largest epoch
    /// that is not beyond the one asked for, and the offset at which the next one begins, or
    /// `log_end_offset` for the last. `None`: the epoch is beyond the last.
    pub fn end_offset_for(&self, epoch: i32, log_end_offset: i64) -> Option<(i32, i64)> {
        if epoch < 0 {
            return None;
        }
        if self.last().is_some_and(|last| last.epoch == epoch) {
            return Some((epoch, log_end_offset));
        }
        let after = self.starts.partition_point(|each| each.epoch <= epoch);
        let next = self.starts.get(after)?;
        let floor = after.checked_sub(1).and_then(|at| self.starts.get(at));
        // Older than all that is known: whatever there was of it lies before the first one.
        Some((floor.map_or(epoch, |floor| floor.epoch), next.start_offset))
    }

    /// Drops epochs that began at `end_offset` or later: the log was cut there. Gives whether
    /// anything changed.
    pub fn truncate_from_end(&mut self, end_offset: i64) -> bool {
        let keep = self.starts.partition_point(|each| each.start_offset < end_offset);
        let changed = keep < self.starts.len();
        self.starts.truncate(keep);
        changed
    }

    /// Drops epochs that ended before `start_offset`, the log's new begin; the one that holds it
    /// begins there. Gives whether anything changed.
    pub fn truncate_from_start(&mut self, start_offset: i64) -> bool {
        let gone = self.starts.partition_point(|each| each.start_offset <= start_offset);
        let Some(first) = gone.checked_sub(1) else { return false };
        let before = self.starts.first().copied();
        self.starts.drain(..first);
        if let Some(holder) = self.starts.first_mut() {
            holder.start_offset = start_offset;
        }
        self.starts.first().copied() != before
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.starts.clear();
    }

    /// All epochs in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = EpochStart> {
        self.starts.iter().copied()
    }

    /// Number of epochs.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Bytes of `leader-epoch-checkpoint`.
    pub fn to_checkpoint(&self) -> Vec<u8> {
        checkpoint::encode_epochs(self.iter())
    }

    /// From the bytes of `leader-epoch-checkpoint`. Lines that contradict later ones are dropped,
    /// as Kafka does.
    ///
    /// # Errors
    /// A malformed line.
    pub fn from_checkpoint(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut epochs = Self::new();
        for line in checkpoint::decode_epochs(bytes)? {
            epochs.assign(line.epoch, line.start_offset);
        }
        Ok(epochs)
    }
}
