//! Futures over operations and timers.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::Core;
use crate::io::{OpId, Output};

/// An operation with one answer. Dropping it cancels the operation, or lets it finish unobserved.
pub(crate) struct Operation {
    core: Rc<Core>,
    id: OpId,
    cancel: bool,
}

impl Operation {
    pub(super) fn new(core: Rc<Core>, id: OpId, cancel: bool) -> Self {
        Self { core, id, cancel }
    }
}

impl Future for Operation {
    type Output = io::Result<Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.core.waiter(self.id, |waiter| match waiter.arrived.pop_front() {
            Some(result) => Poll::Ready(result),
            None => {
                waiter.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        })
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.core.detach(self.id, self.cancel);
    }
}

/// A multishot operation. Dropping it cancels the operation.
pub(crate) struct Stream {
    core: Rc<Core>,
    id: OpId,
}

impl Stream {
    pub(super) fn new(core: Rc<Core>, id: OpId) -> Self {
        Self { core, id }
    }

    /// The next result; nothing when the operation has ended and everything was taken.
    pub(crate) async fn next(&mut self) -> Option<io::Result<Output>> {
        std::future::poll_fn(|cx| {
            self.core.waiter(self.id, |waiter| match waiter.arrived.pop_front() {
                Some(result) => Poll::Ready(Some(result)),
                None if waiter.ended => Poll::Ready(None),
                None => {
                    waiter.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            })
        })
        .await
    }

    /// Asks for its end. What has come by then can be taken before.
    pub(crate) fn stop(&mut self) {
        self.core.stop(self.id);
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.core.detach(self.id, true);
    }
}

/// Completes when the clock has reached its deadline.
pub(crate) struct Timer<'a> {
    core: &'a Core,
    deadline: u64,
    armed: Option<(u64, u64)>,
}

impl<'a> Timer<'a> {
    pub(super) fn new(core: &'a Core, deadline: u64) -> Self {
        Self { core, deadline, armed: None }
    }
}

impl Future for Timer<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.core.now() >= self.deadline {
            return Poll::Ready(());
        }
        match self.armed {
            Some(key) => self.core.rearm(key, cx.waker()),
            None => self.armed = Some(self.core.arm(self.deadline, cx.waker().clone())),
        }
        Poll::Pending
    }
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.armed {
            self.core.disarm(key);
        }
    }
}
