//! Who waits for which append to be durable.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::task::{Context, Poll, Waker};

use crate::log::StorageError;

/// Tickets of one journal: each append takes the next one, and they become durable in order.
#[derive(Default)]
pub struct Acks {
    /// Every ticket up to here is durable.
    durable: Cell<u64>,
    failed: RefCell<Option<StorageError>>,
    waiting: RefCell<BTreeMap<u64, Vec<Waker>>>,
}

impl Acks {
    /// The last ticket that is durable; zero when none is.
    pub fn durable(&self) -> u64 {
        self.durable.get()
    }

    /// The outcome of `ticket`, if it is known. What was durable before a failure stays so.
    pub fn outcome(&self, ticket: u64) -> Option<Result<(), StorageError>> {
        if ticket <= self.durable.get() {
            return Some(Ok(()));
        }
        self.failed.borrow().clone().map(Err)
    }

    /// Why nothing becomes durable any more, if that is so.
    pub fn failure(&self) -> Option<StorageError> {
        self.failed.borrow().clone()
    }

    /// Completes when `ticket` is durable, or never will be.
    pub(crate) async fn wait(&self, ticket: u64) -> Result<(), StorageError> {
        std::future::poll_fn(|cx| self.poll(ticket, cx)).await
    }

    /// Completes when nothing becomes durable any more.
    pub(crate) async fn failed(&self) -> StorageError {
        loop {
            // No journal comes that far.
            if let Err(failure) = self.wait(u64::MAX).await {
                return failure;
            }
        }
    }

    /// Waits for the outcome of `ticket`.
    pub fn poll(&self, ticket: u64, cx: &mut Context<'_>) -> Poll<Result<(), StorageError>> {
        if let Some(outcome) = self.outcome(ticket) {
            return Poll::Ready(outcome);
        }
        let mut waiting = self.waiting.borrow_mut();
        let wakers = waiting.entry(ticket).or_default();
        if !wakers.iter().any(|waker| waker.will_wake(cx.waker())) {
            wakers.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Everything up to `ticket` is durable.
    pub(crate) fn advance(&self, ticket: u64) {
        assert!(ticket >= self.durable.get(), "durable tickets go back");
        assert!(self.failed.borrow().is_none(), "an ack after a failure");
        self.durable.set(ticket);
        let later = self.waiting.borrow_mut().split_off(&(ticket + 1));
        let now = self.waiting.replace(later);
        now.into_values().flatten().for_each(Waker::wake);
    }

    /// Nothing becomes durable any more.
    pub(crate) fn fail(&self, why: StorageError) {
        self.failed.borrow_mut().get_or_insert(why);
        let all = self.waiting.take();
        all.into_values().flatten().for_each(Waker::wake);
    }
}
