//! How much the journal may still be given. A promise holds it all up: what is queued always fits
//! into the files that are free, so the queue can always be written. A checkpoint waits for the
//! queue, and files become free by checkpoints.

use super::file::State;
use super::frame::Entry;
use super::frame::{ENTRY_BYTES, HEADER_BYTES, frame_bytes};
use super::writer::{Inner, Journal, Pieces, Writing};
use crate::arena::BLOCK_BYTES;

/// Who wants to give the journal something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Claim {
    /// Appends: they leave the journal's reserve alone.
    Append,
    /// What makes space, or is about logs as a whole: creations, deletions, log starts, and appends
    /// that tell of these. May use the reserve.
    Upkeep,
}

/// Room for one entry, kept for whoever has to do other things before it can be queued. Given back
/// when it is dropped.
pub(crate) struct Permit {
    journal: Journal,
    cost: u64,
}

impl Permit {
    /// Queues an entry without an owner and returns its ticket.
    pub(crate) fn push(self, entry: Entry, pieces: Pieces) -> u64 {
        let journal = self.journal.clone();
        // Nothing runs between the two.
        drop(self);
        journal.push(entry, pieces, None)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.journal.inner.state.borrow_mut().promised -= self.cost;
    }
}

impl Journal {
    /// Longest entry; longer appends are split into [`super::frame::Kind::Part`]s.
    pub(crate) fn entry_bytes_max(&self) -> usize {
        self.inner.frame_bytes_max - HEADER_BYTES - ENTRY_BYTES
    }

    /// Whether an append of `bytes` may be queued now.
    pub(crate) fn has_room(&self, bytes: usize, claim: Claim) -> bool {
        let inner = &self.inner;
        let state = inner.state.borrow();
        if !state.queue.is_empty() && state.queue_bytes + bytes > inner.queue_bytes_max {
            return false;
        }
        inner.fits(&state, inner.append_cost(bytes), claim)
    }

    /// Whether an append of `bytes` that goes to its segment, with a mark of `mark` bytes, may be queued
    /// now: with room for all of it, should the segment not take it.
    pub(crate) fn has_room_beside(&self, bytes: usize, mark: usize) -> bool {
        let inner = &self.inner;
        let state = inner.state.borrow();
        let entries = mark + BLOCK_BYTES;
        if !state.queue.is_empty() && state.queue_bytes + entries > inner.queue_bytes_max {
            return false;
        }
        let bytes = inner.append_cost(bytes);
        // What is on its way to the segments counts as what waits for a frame.
        if state.promised >= inner.queue_bytes_max as u64 {
            return false;
        }
        let cost = inner.entry_cost(mark) + inner.entry_cost(BLOCK_BYTES);
        inner.fits(&state, bytes + cost, Claim::Append)
    }

    /// Room for an entry of `bytes` that is queued later; nothing when there is none now.
    pub(crate) fn permit(&self, bytes: usize) -> Option<Permit> {
        let inner = &self.inner;
        let cost = inner.entry_cost(bytes);
        let mut state = inner.state.borrow_mut();
        if !inner.fits(&state, cost, Claim::Upkeep) {
            return None;
        }
        state.promised += cost;
        Some(Permit { journal: self.clone(), cost })
    }
}

/// Longest append that a journal with files of `file_bytes` and frames of at most `frame_bytes` can
/// ever queue: with two files free, which is what recycling brings about, it fits beside the
/// reserve.
pub(crate) fn append_bytes_max(file_bytes: u64, frame_bytes: usize) -> usize {
    let overhead = HEADER_BYTES + ENTRY_BYTES;
    let file = usize::try_from(file_bytes).unwrap_or(usize::MAX);
    let room = file.saturating_sub(2 * frame_bytes).saturating_sub(TAIL_BYTES);
    let whole = room.checked_div(frame_bytes).unwrap_or(0);
    let rest = (room - whole * frame_bytes).saturating_sub(overhead);
    whole * frame_bytes.saturating_sub(overhead) + rest
}

/// Journal bytes of a tail before an append: a frame of its own.
const TAIL_BYTES: usize = 2 * BLOCK_BYTES;

impl Inner {
    /// Journal bytes that an entry takes at most: a frame of its own.
    pub(super) fn entry_cost(&self, bytes: usize) -> u64 {
        frame_bytes(1, bytes) as u64
    }

    /// Journal bytes that an append takes at most, in parts and with a tail before it.
    pub(super) fn append_cost(&self, bytes: usize) -> u64 {
        let part = self.frame_bytes_max - HEADER_BYTES - ENTRY_BYTES;
        let whole = bytes.saturating_sub(1) / part;
        let frames = whole * self.frame_bytes_max + frame_bytes(1, bytes - whole * part);
        (frames + TAIL_BYTES) as u64
    }

    /// Whether `cost` more may be queued.
    fn fits(&self, state: &Writing, cost: u64, claim: Claim) -> bool {
        let reserve = match claim {
            Claim::Append => self.reserve_bytes,
            Claim::Upkeep => 0,
        };
        state.queue_cost + state.promised + cost + reserve <= self.usable(state)
    }

    /// Whether a frame that only carries the mark may be written: such a frame is not worth the
    /// reserve.
    pub(super) fn has_room_for_seal(&self, state: &Writing) -> bool {
        self.fits(state, BLOCK_BYTES as u64, Claim::Append)
    }

    /// Journal bytes that can be written before a file must have become free. At the end of each file
    /// less than a frame stays empty, when the next frame does not fit.
    fn usable(&self, state: &Writing) -> u64 {
        let frame = self.frame_bytes_max as u64;
        let free = state.slots.iter().filter(|slot| slot.state == State::Free).count() as u64;
        let active = state.slots.get(state.active).is_some_and(|slot| slot.state == State::Active);
        let left = if active { self.file_bytes - state.at } else { 0 };
        left.saturating_sub(frame) + free * (self.file_bytes - frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_fits_into_its_share() {
        assert!(frame_bytes(1, BLOCK_BYTES - 1) <= TAIL_BYTES);
    }
}
