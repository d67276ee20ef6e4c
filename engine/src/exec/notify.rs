//! A signal from one task of a shard to others.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// Wakes every task that waits, in the order in which they began to. A signal given while nobody
/// waits is kept for the next one who asks. A wait that is given up leaves nothing behind.
#[derive(Default)]
pub struct Notify {
    /// Signals given.
    given: Cell<u64>,
    /// Signals somebody has seen.
    seen: Cell<u64>,
    next: Cell<u64>,
    waiting: RefCell<BTreeMap<u64, Waker>>,
}

impl Notify {
    /// Gives the signal.
    pub fn notify(&self) {
        self.given.set(self.given.get() + 1);
        let waiting = std::mem::take(&mut *self.waiting.borrow_mut());
        for waker in waiting.into_values() {
            waker.wake();
        }
    }

    /// Completes with the next signal, or at once when one was given that nobody has seen.
    pub fn notified(&self) -> Notified<'_> {
        Notified { notify: self, from: self.seen.get(), place: None }
    }

    /// Waits that have begun and neither ended nor been given up.
    pub fn waiting(&self) -> usize {
        self.waiting.borrow().len()
    }
}

/// A wait for a signal.
pub struct Notified<'a> {
    notify: &'a Notify,
    from: u64,
    /// Its place among those who wait; never given twice.
    place: Option<u64>,
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let given = self.notify.given.get();
        if given > self.from {
            self.notify.seen.set(given);
            return Poll::Ready(());
        }
        let next = &self.notify.next;
        let place = self.place.unwrap_or_else(|| next.replace(next.get() + 1));
        let mut waiting = self.notify.waiting.borrow_mut();
        let waker = waiting.entry(place).or_insert_with(|| cx.waker().clone());
        if !waker.will_wake(cx.waker()) {
            waker.clone_from(cx.waker());
        }
        drop(waiting);
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for Notified<'_> {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.notify.waiting.borrow_mut().remove(&place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll(wait: Pin<&mut Notified<'_>>) -> bool {
        wait.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn a_wait_that_is_given_up_leaves_nothing_behind() {
        let notify = Notify::default();
        for _ in 0..1000 {
            let mut wait = std::pin::pin!(notify.notified());
            assert!(!poll(wait.as_mut()));
            assert!(!poll(wait.as_mut()), "asking again is the same wait");
            assert_eq!(notify.waiting(), 1);
        }
        assert_eq!(notify.waiting(), 0);
    }

    #[test]
    fn everybody_who_waits_is_woken_and_a_signal_is_kept_for_one_who_comes_later() {
        let notify = Notify::default();
        let (mut one, mut two) =
            (std::pin::pin!(notify.notified()), std::pin::pin!(notify.notified()));
        assert!(!poll(one.as_mut()) && !poll(two.as_mut()));
        notify.notify();
        assert_eq!(notify.waiting(), 0);
        let mut late = std::pin::pin!(notify.notified());
        assert!(poll(late.as_mut()));
        assert!(poll(one.as_mut()) && poll(two.as_mut()));
        let mut later = std::pin::pin!(notify.notified());
        assert!(!poll(later.as_mut()), "it was seen");
    }
}
