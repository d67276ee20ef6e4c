//! The way from one shard to another.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use rtrb::{Producer, PushError};

use super::mesh::Message;
use crate::exec::{Canceled, OneshotReceiver, OneshotSender, oneshot};

/// The sending end of a queue between two shards, and what waits for room in it. Messages leave in
/// the order in which they were given.
pub(super) struct Lane<C> {
    queue: RefCell<Producer<Message<C>>>,
    /// Each with the sender that waits for it; one message for each of those.
    backlog: RefCell<VecDeque<(Message<C>, OneshotSender<()>)>>,
    /// Somebody sees to it that the backlog gets shorter.
    pub(super) flushing: Cell<bool>,
}

/// What became of a message.
pub(super) enum Sent {
    /// It is in the queue.
    Now,
    /// It will be; sending on should wait for this.
    Later(OneshotReceiver<()>),
}

impl<C> Lane<C> {
    pub(super) fn new(queue: Producer<Message<C>>) -> Self {
        Self { queue: queue.into(), backlog: RefCell::default(), flushing: Cell::new(false) }
    }

    /// Sends a message, behind all that were sent before it.
    pub(super) fn send(&self, message: Message<C>) -> Sent {
        let mut backlog = self.backlog.borrow_mut();
        let message = if backlog.is_empty() {
            match self.queue.borrow_mut().push(message) {
                Ok(()) => return Sent::Now,
                Err(PushError::Full(message)) => message,
            }
        } else {
            message
        };
        let (sender, receiver) = oneshot();
        backlog.push_back((message, sender));
        Sent::Later(receiver)
    }

    /// Moves what waits to the queue as far as there is room. Returns whether something was moved.
    pub(super) fn flush(&self) -> bool {
        let mut backlog = self.backlog.borrow_mut();
        let mut queue = self.queue.borrow_mut();
        let mut moved = false;
        while let Some((message, sender)) = backlog.pop_front() {
            match queue.push(message) {
                Ok(()) => {
                    sender.send(());
                    moved = true;
                }
                Err(PushError::Full(message)) => {
                    backlog.push_front((message, sender));
                    break;
                }
            }
        }
        moved
    }

    /// Whether messages wait for room.
    pub(super) fn is_behind(&self) -> bool {
        !self.backlog.borrow().is_empty()
    }

    /// Forgets what waits: nobody takes it any more.
    pub(super) fn give_up(&self) {
        let dropped = std::mem::take(&mut *self.backlog.borrow_mut());
        drop(dropped);
    }
}

impl Sent {
    /// Completes when the message is in the queue.
    pub(super) async fn settled(self) -> Result<(), Canceled> {
        match self {
            Self::Now => Ok(()),
            Self::Later(receiver) => receiver.await,
        }
    }
}
