//! Entries that have their place in the queue, but must not be written yet.
//!
//! The mark of a large append waits here until the append's bytes are in its segment. What is queued
//! behind it waits too: the order of the journal is that in which appends were made, and their
//! acknowledgements follow it.

use std::cell::Cell;
use std::rc::Rc;

use super::frame::Entry;
use super::writer::{Journal, Owner, Pending, Pieces};
use crate::mutants::{self, Mutant};

/// An entry in the queue that waits. To be released or replaced, lest the journal stand still.
#[must_use]
pub(crate) struct Held {
    journal: Journal,
    ticket: u64,
    waits: Rc<Cell<bool>>,
    /// Journal bytes kept for what may replace it.
    promised: u64,
}

impl Journal {
    /// Queues an entry that waits, and keeps room for `bytes` in its place.
    pub(crate) fn push_held(&self, entry: Entry, pieces: Pieces, bytes: usize) -> Held {
        let waits = Rc::new(Cell::new(!mutants::is(Mutant::MarkBeforeData)));
        let owner: Option<std::rc::Weak<dyn Owner>> = None;
        let ticket = self.queue(entry, pieces, owner, Some(waits.clone()));
        let promised = self.inner.append_cost(bytes);
        self.inner.state.borrow_mut().promised += promised;
        Held { journal: self.clone(), ticket, waits, promised }
    }
}

impl Held {
    /// Lets the entry be written.
    pub(crate) fn release(self) {
        self.waits.set(false);
        self.journal.inner.work.notify();
    }

    /// Puts other entries in its place, which may be written at once.
    pub(crate) fn replace(self, entries: Vec<(Entry, Pieces)>) {
        let journal = self.journal.clone();
        let inner = &journal.inner;
        let ticket = self.ticket;
        drop(self);
        let mut state = inner.state.borrow_mut();
        // A journal that has failed has no queue any more.
        let Some(at) = state.queue.iter().position(|pending| pending.ticket == ticket) else {
            return;
        };
        let behind = state.queue.split_off(at);
        let mut behind = behind.into_iter();
        let held = behind.next();
        if let Some(pending) = &held {
            inner.take_off(&mut state, pending);
        }
        for (entry, pieces) in entries {
            let pending = Pending::new(entry, pieces, ticket, None, None);
            inner.put_on(&mut state, &pending);
            state.queue.push_back(pending);
        }
        state.queue.extend(behind);
        drop(state);
        inner.work.notify();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.journal.inner.state.borrow_mut().promised -= self.promised;
        self.journal.inner.room.notify();
    }
}
