//! A shard's seat at the table: its ends of the queues, and who waits for answers.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::Duration;

use rtrb::{Consumer, Producer, PushError};

use super::mesh::{Message, Place};
use crate::exec::{Canceled, OneshotSender, oneshot};
use crate::io::{Io, ShardId};

/// Pause before a full queue is tried again.
const FULL_PAUSE: Duration = Duration::from_micros(20);

/// Messages taken from one queue before the next one has its turn.
const DRAIN: usize = 64;

/// A shard's way to the other shards. Cheap to clone; stays on its shard.
pub struct Seat<C> {
    inner: Rc<Inner<C>>,
}

impl<C> Clone for Seat<C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

struct Inner<C> {
    io: Io,
    shard: ShardId,
    out: Vec<RefCell<Producer<Message<C>>>>,
    inward: Vec<RefCell<Consumer<Message<C>>>>,
    asleep: Arc<[AtomicBool]>,
    /// Whether the thread's loop tells when the shard sleeps; otherwise it counts as always asleep.
    attended: Cell<bool>,
    context: RefCell<Option<Rc<C>>>,
    waiting: RefCell<BTreeMap<u64, OneshotSender<Box<dyn Any + Send>>>>,
    next_ticket: Cell<u64>,
}

impl<C: 'static> Seat<C> {
    pub(super) fn new(place: Place<C>, io: Io) -> Self {
        let inner = Inner {
            io,
            shard: place.shard,
            out: place.out.into_iter().map(RefCell::new).collect(),
            inward: place.inward.into_iter().map(RefCell::new).collect(),
            asleep: place.asleep,
            attended: Cell::new(false),
            context: RefCell::new(None),
            waiting: RefCell::default(),
            next_ticket: Cell::new(0),
        };
        Self { inner: Rc::new(inner) }
    }

    /// This shard.
    pub fn shard(&self) -> ShardId {
        self.inner.shard
    }

    /// Shards of the node.
    pub fn shards(&self) -> u16 {
        self.inner.asleep.len() as u16
    }

    /// The shard's way to the world.
    pub fn io(&self) -> &Io {
        &self.inner.io
    }

    /// Sits down: from now on work that others send is done with `context`. What they sent before
    /// has waited.
    pub fn open(&self, context: Rc<C>) {
        *self.inner.context.borrow_mut() = Some(context);
        let seat = self.clone();
        self.inner.io.spawn(async move { seat.attend().await });
    }

    /// What [`Seat::open`] was given.
    pub fn context(&self) -> Option<Rc<C>> {
        self.inner.context.borrow().clone()
    }

    /// Gets up: lets go of the context and stops serving the others.
    pub fn close(&self) {
        self.inner.context.borrow_mut().take();
        self.inner.waiting.borrow_mut().clear();
    }

    /// Runs `work` on `shard` and brings back its result. On the own shard it runs in place.
    ///
    /// # Errors
    /// [`Canceled`] when that shard has stopped.
    pub async fn submit_to<R, W, F>(&self, shard: ShardId, work: W) -> Result<R, Canceled>
    where
        R: Send + 'static,
        W: FnOnce(Rc<C>) -> F + Send + 'static,
        F: Future<Output = R> + 'static,
    {
        if shard == self.inner.shard {
            let context = self.context().ok_or(Canceled)?;
            return Ok(work(context).await);
        }
        let ticket = self.inner.next_ticket.replace(self.inner.next_ticket.get() + 1);
        let (sender, receiver) = oneshot();
        self.inner.waiting.borrow_mut().insert(ticket, sender);
        let home = self.inner.shard;
        let job = Box::new(move |there: &Self, context: Rc<C>| {
            let back = there.clone();
            let task = work(context);
            there.inner.io.spawn(async move {
                let reply: Box<dyn Any + Send> = Box::new(task.await);
                // The shard that asked may have stopped: nobody waits then.
                back.post(home, Message::Reply(ticket, reply)).await.unwrap_or_default();
            });
        });
        let guard = Ticket { inner: &self.inner, ticket };
        self.post(shard, Message::Job(job)).await?;
        let reply = receiver.await;
        drop(guard);
        match reply?.downcast() {
            Ok(reply) => Ok(*reply),
            Err(_) => unreachable!("a ticket is answered by its own work"),
        }
    }

    async fn post(&self, shard: ShardId, mut message: Message<C>) -> Result<(), Canceled> {
        let queue = self.inner.out.get(usize::from(shard.0)).ok_or(Canceled)?;
        loop {
            if queue.borrow().is_abandoned() {
                return Err(Canceled);
            }
            let pushed = queue.borrow_mut().push(message);
            self.wake(shard);
            match pushed {
                Ok(()) => return Ok(()),
                Err(PushError::Full(back)) => message = back,
            }
            self.inner.io.sleep(FULL_PAUSE).await;
        }
    }

    /// Rings at a shard that sleeps. The fence orders the message before the look at the flag, as
    /// the sleeper orders the flag before its last look at the queues.
    fn wake(&self, shard: ShardId) {
        fence(Ordering::SeqCst);
        if self.inner.asleep[usize::from(shard.0)].load(Ordering::Relaxed) {
            self.inner.io.ring_doorbell(shard);
        }
    }

    async fn attend(&self) {
        while let Some(context) = self.context() {
            let doorbell = self.inner.io.doorbell();
            let mut idle = true;
            for queue in &self.inner.inward {
                for _ in 0..DRAIN {
                    let Ok(message) = queue.borrow_mut().pop() else { break };
                    idle = false;
                    match message {
                        Message::Job(job) => job(self, context.clone()),
                        Message::Reply(ticket, reply) => {
                            // Whoever asked may have given up.
                            if let Some(waiter) = self.inner.waiting.borrow_mut().remove(&ticket) {
                                waiter.send(reply);
                            }
                        }
                    }
                }
            }
            drop(context);
            if idle {
                doorbell.await;
            } else {
                self.inner.io.yield_now().await;
            }
        }
    }

    fn has_mail(&self) -> bool {
        self.inner.inward.iter().any(|queue| !queue.borrow().is_empty())
    }

    /// Called by the thread's loop before it waits: whether it may.
    pub(super) fn may_sleep(&self) -> bool {
        let flag = &self.inner.asleep[usize::from(self.inner.shard.0)];
        flag.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let mail = self.has_mail();
        if mail {
            flag.store(false, Ordering::Relaxed);
        }
        self.inner.attended.set(true);
        !mail
    }

    /// Called by the thread's loop after each turn.
    pub(super) fn awake(&self) {
        if self.inner.attended.get() {
            self.inner.asleep[usize::from(self.inner.shard.0)].store(false, Ordering::Relaxed);
        }
        if self.has_mail() {
            self.inner.io.core.ring_here();
        }
    }
}

/// Takes a waiter off the list when it gives up.
struct Ticket<'a, C> {
    inner: &'a Inner<C>,
    ticket: u64,
}

impl<C> Drop for Ticket<'_, C> {
    fn drop(&mut self) {
        self.inner.waiting.borrow_mut().remove(&self.ticket);
    }
}
