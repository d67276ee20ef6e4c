//! One value from one task to another of the same shard.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// The sender was dropped without a value.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
#[error("the task that owed an answer is gone")]
pub struct Canceled;

struct Cell<T> {
    value: Option<T>,
    closed: bool,
    waker: Option<Waker>,
}

/// A pair of ends for one value.
pub fn oneshot<T>() -> (OneshotSender<T>, OneshotReceiver<T>) {
    let cell = Rc::new(RefCell::new(Cell { value: None, closed: false, waker: None }));
    (OneshotSender { cell: cell.clone() }, OneshotReceiver { cell })
}

/// The end that gives the value.
pub struct OneshotSender<T> {
    cell: Rc<RefCell<Cell<T>>>,
}

impl<T> OneshotSender<T> {
    /// Gives the value; it is dropped when nobody waits for it any more.
    pub fn send(self, value: T) {
        self.cell.borrow_mut().value = Some(value);
    }
}

impl<T> Drop for OneshotSender<T> {
    fn drop(&mut self) {
        let mut cell = self.cell.borrow_mut();
        cell.closed = true;
        if let Some(waker) = cell.waker.take() {
            waker.wake();
        }
    }
}

/// The end that takes the value.
pub struct OneshotReceiver<T> {
    cell: Rc<RefCell<Cell<T>>>,
}

impl<T> OneshotReceiver<T> {
    /// Whether the value was given, or never will be.
    pub fn is_settled(&self) -> bool {
        self.cell.borrow().closed
    }

    /// The value, if it is there.
    pub fn try_take(&mut self) -> Option<T> {
        self.cell.borrow_mut().value.take()
    }
}

impl<T> Future for OneshotReceiver<T> {
    type Output = Result<T, Canceled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut cell = self.cell.borrow_mut();
        if let Some(value) = cell.value.take() {
            return Poll::Ready(Ok(value));
        }
        if cell.closed {
            return Poll::Ready(Err(Canceled));
        }
        cell.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}
