//! Handles to running tasks.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::channel::{Canceled, OneshotReceiver, oneshot};

/// The outcome of a spawned task. Dropping it lets the task go on.
pub struct JoinHandle<T> {
    outcome: OneshotReceiver<T>,
}

impl<T> JoinHandle<T> {
    /// Whether the task has ended.
    pub fn is_finished(&self) -> bool {
        self.outcome.is_settled()
    }

    /// The task's value, if it has ended with one and it was not taken before.
    pub fn take(&mut self) -> Option<T> {
        self.outcome.try_take()
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Canceled>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.outcome).poll(cx)
    }
}

/// A task that reports its value to the handle.
pub(super) fn joinable<T>(
    task: impl Future<Output = T>,
) -> (impl Future<Output = ()>, JoinHandle<T>) {
    let (sender, outcome) = oneshot();
    (async move { sender.send(task.await) }, JoinHandle { outcome })
}
