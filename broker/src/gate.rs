//! One at a time, in the order of asking.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use ringlog_engine::exec::{OneshotSender, oneshot};
use ringlog_engine::mutants::{self, Mutant};

/// A door that lets one task of a shard through at a time, first come, first served.
#[derive(Default)]
pub struct Gate {
    inner: Rc<Inner>,
}

#[derive(Default)]
struct Inner {
    busy: Cell<bool>,
    waiting: RefCell<VecDeque<OneshotSender<Pass>>>,
}

/// The right to be inside; goes to the next in line when dropped.
pub struct Pass {
    inner: Rc<Inner>,
}

impl Gate {
    /// Waits for the turn. The place in line is that of the first poll.
    pub async fn enter(&self) -> Pass {
        let barge = mutants::is(Mutant::AppendOutOfTurn);
        if !self.inner.busy.replace(true) || barge {
            return Pass { inner: self.inner.clone() };
        }
        let (sender, turn) = oneshot();
        self.inner.waiting.borrow_mut().push_back(sender);
        match turn.await {
            Ok(pass) => pass,
            Err(_) => unreachable!("who stands in line is given a pass"),
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let next = self.inner.waiting.borrow_mut().pop_front();
        match next {
            // It stays busy: nobody slips in between. One who has left the line drops it on.
            Some(next) => next.send(Self { inner: self.inner.clone() }),
            None => self.inner.busy.set(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn who_came_first_goes_first_also_when_another_asks_in_between() {
        let gate = Gate::default();
        let (mut first, mut second, mut third) =
            (pin!(gate.enter()), pin!(gate.enter()), pin!(gate.enter()));
        let Poll::Ready(pass) = poll(first.as_mut()) else { panic!("it is free") };
        assert!(poll(second.as_mut()).is_pending());
        drop(pass);
        // The second has the turn and has not run yet.
        assert!(poll(third.as_mut()).is_pending());
        let Poll::Ready(pass) = poll(second.as_mut()) else { panic!("it is the second's turn") };
        drop(pass);
        assert!(poll(third.as_mut()).is_ready());
    }

    #[test]
    fn one_who_leaves_the_line_does_not_hold_it_up() {
        let gate = Gate::default();
        let mut first = pin!(gate.enter());
        let Poll::Ready(pass) = poll(first.as_mut()) else { panic!("it is free") };
        let (mut gone, mut late) = (Box::pin(gate.enter()), Box::pin(gate.enter()));
        let mut last = pin!(gate.enter());
        assert!(poll(gone.as_mut()).is_pending());
        assert!(poll(late.as_mut()).is_pending());
        assert!(poll(last.as_mut()).is_pending());
        drop(gone);
        drop(pass);
        // It has been given the turn and leaves without taking it.
        drop(late);
        assert!(poll(last.as_mut()).is_ready());
    }
}
