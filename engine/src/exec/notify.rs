//! A signal from one task of a shard to others.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Wakes every task that waits. A signal given while nobody waits is kept for the next one who
/// asks.
#[derive(Default)]
pub struct Notify {
    /// Signals given.
    given: Cell<u64>,
    /// Signals somebody has seen.
    seen: Cell<u64>,
    waiting: RefCell<Vec<Waker>>,
}

impl Notify {
    /// Gives the signal.
    pub fn notify(&self) {
        self.given.set(self.given.get() + 1);
        for waker in self.waiting.borrow_mut().drain(..) {
            waker.wake();
        }
    }

    /// Completes with the next signal, or at once when one was given that nobody has seen.
    pub fn notified(&self) -> Notified<'_> {
        Notified { notify: self, from: self.seen.get() }
    }
}

/// A wait for a signal.
pub struct Notified<'a> {
    notify: &'a Notify,
    from: u64,
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let given = self.notify.given.get();
        if given > self.from {
            self.notify.seen.set(given);
            return Poll::Ready(());
        }
        let mut waiting = self.notify.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }
}
