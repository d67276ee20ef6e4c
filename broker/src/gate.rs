//! One at a time, in the order of asking.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use ringlog_engine::exec::{OneshotSender, oneshot};

/// A door that lets one task of a shard through at a time, first come, first served.
#[derive(Default)]
pub struct Gate {
    busy: Cell<bool>,
    waiting: RefCell<VecDeque<OneshotSender<()>>>,
}

/// The right to be inside; gives the turn to the next when dropped.
pub struct Pass<'a> {
    gate: &'a Gate,
}

impl Gate {
    /// Waits for the turn.
    pub async fn enter(&self) -> Pass<'_> {
        while self.busy.get() {
            let (sender, turn) = oneshot();
            self.waiting.borrow_mut().push_back(sender);
            // A pass that is dropped with us in line wakes us all the same.
            turn.await.unwrap_or_default();
            if !self.busy.get() {
                break;
            }
        }
        self.busy.set(true);
        Pass { gate: self }
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.busy.set(false);
        if let Some(next) = self.gate.waiting.borrow_mut().pop_front() {
            next.send(());
        }
    }
}
