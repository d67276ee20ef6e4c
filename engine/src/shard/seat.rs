//! A shard's seat at the table: its ends of the queues, and who waits for answers.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rtrb::Consumer;
use slab::Slab;

use super::lane::{Lane, Sent};
use super::mesh::{Message, Place, Signs, Ticket};
use crate::exec::{Canceled, Neighbours, OneshotSender, oneshot};
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
    out: Vec<Lane<C>>,
    inward: Vec<RefCell<Consumer<Message<C>>>>,
    signs: Arc<[Signs]>,
    /// Whether the thread's loop tells when the shard sleeps; otherwise it counts as always asleep.
    attended: Cell<bool>,
    context: RefCell<Option<Rc<C>>>,
    waiting: RefCell<Slab<Waiter>>,
    next_number: Cell<u64>,
    /// Shards known to have stopped.
    stopped: Cell<usize>,
}

/// Somebody who has asked another shard.
struct Waiter {
    number: u64,
    asked: ShardId,
    answer: OneshotSender<Box<dyn Any + Send>>,
}

/// Who attends to a seat. The context has a handle to its seat, and the seat one to it: that ends when
/// the task does, even if its whole node is dropped.
struct Attendant<C> {
    seat: Seat<C>,
}

impl<C> Drop for Attendant<C> {
    fn drop(&mut self) {
        let context = self.seat.inner.context.take();
        drop(context);
    }
}

impl<C: 'static> Seat<C> {
    pub(super) fn new(place: Place<C>, io: Io) -> Self {
        let inner = Inner {
            io,
            shard: place.shard,
            out: place.out.into_iter().map(Lane::new).collect(),
            inward: place.inward.into_iter().map(RefCell::new).collect(),
            signs: place.signs,
            attended: Cell::new(false),
            context: RefCell::new(None),
            waiting: RefCell::default(),
            next_number: Cell::new(0),
            stopped: Cell::new(0),
        };
        Self { inner: Rc::new(inner) }
    }

    /// This shard.
    pub fn shard(&self) -> ShardId {
        self.inner.shard
    }

    /// Shards of the node.
    pub fn shards(&self) -> u16 {
        self.inner.signs.len() as u16
    }

    /// The shard's way to the world.
    pub fn io(&self) -> &Io {
        &self.inner.io
    }

    /// Sits down: from now on work that others send is done with `context`. What they sent before
    /// has waited.
    pub fn open(&self, context: Rc<C>) {
        *self.inner.context.borrow_mut() = Some(context);
        let attendant = Attendant { seat: self.clone() };
        self.inner.io.spawn(async move { attendant.seat.attend().await });
    }

    /// What [`Seat::open`] was given.
    pub fn context(&self) -> Option<Rc<C>> {
        self.inner.context.borrow().clone()
    }

    /// Gets up: lets go of the context and stops serving the others. Whoever waits for an answer
    /// from here, or here, is told that none will come.
    pub fn close(&self) {
        let context = self.inner.context.borrow_mut().take();
        drop(context);
        let waiting = std::mem::take(&mut *self.inner.waiting.borrow_mut());
        drop(waiting);
        for lane in &self.inner.out {
            lane.give_up();
        }
        self.inner.signs[self.here()].stopped.store(true, Ordering::Release);
        for shard in 0..self.shards() {
            if shard != self.inner.shard.0 {
                self.inner.io.ring_doorbell(ShardId(shard));
            }
        }
    }

    /// Runs `work` on `shard` and brings back its result. On the own shard it runs in place. Work
    /// sent from one shard to another starts there in the order in which it was sent, that is, in
    /// which the futures returned here were first polled. Dropping the future does not stop it.
    ///
    /// # Errors
    /// [`Canceled`] when that shard has stopped, before it began or before it was done.
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
        let (answer, receiver) = oneshot();
        let number = self.inner.next_number.replace(self.inner.next_number.get() + 1);
        let waiter = Waiter { number, asked: shard, answer };
        let index = self.inner.waiting.borrow_mut().insert(waiter);
        let ticket = Ticket { index, number };
        let _guard = Guard { inner: &self.inner, ticket };
        let home = self.inner.shard;
        let job = Box::new(move |there: &Self, context: Rc<C>| {
            let mut task = Box::pin(work(context));
            // Most work is done at once and needs no task.
            match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(value) => there.reply(home, ticket, Box::new(value)),
                Poll::Pending => there.finish_later(home, ticket, task),
            }
        });
        self.send(shard, Message::Job(job))?.settled().await?;
        match receiver.await?.downcast() {
            Ok(reply) => Ok(*reply),
            Err(_) => unreachable!("a ticket is answered by its own work"),
        }
    }

    fn finish_later<R: Send + 'static>(
        &self,
        home: ShardId,
        ticket: Ticket,
        task: Pin<Box<dyn Future<Output = R>>>,
    ) {
        let seat = self.clone();
        self.inner.io.spawn(async move {
            let value = task.await;
            seat.reply(home, ticket, Box::new(value));
        });
    }

    /// Sends a result home. It is not waited for: there is one for each job, and those are limited
    /// where they come from. The shard that asked may have stopped: nobody waits then.
    fn reply(&self, home: ShardId, ticket: Ticket, value: Box<dyn Any + Send>) {
        drop(self.send(home, Message::Reply(ticket, value)));
    }

    fn send(&self, shard: ShardId, message: Message<C>) -> Result<Sent, Canceled> {
        let to = usize::from(shard.0);
        let (Some(lane), Some(signs)) = (self.inner.out.get(to), self.inner.signs.get(to)) else {
            return Err(Canceled);
        };
        if signs.stopped.load(Ordering::Acquire) {
            return Err(Canceled);
        }
        let sent = lane.send(message);
        self.wake(shard);
        if matches!(sent, Sent::Later(_)) && !lane.flushing.replace(true) {
            let seat = self.clone();
            self.inner.io.spawn(async move { seat.flush(shard).await });
        }
        Ok(sent)
    }

    /// Moves what waits for room on the way to `shard` until nothing does.
    async fn flush(&self, shard: ShardId) {
        let to = usize::from(shard.0);
        let lane = &self.inner.out[to];
        while lane.is_behind() {
            self.inner.io.sleep(FULL_PAUSE).await;
            if lane.flush() {
                self.wake(shard);
            }
            if self.inner.signs[to].stopped.load(Ordering::Acquire) {
                lane.give_up();
            }
        }
        lane.flushing.set(false);
    }

    /// Rings at a shard that sleeps. The fence orders the message before the look at the flag, as
    /// the sleeper orders the flag before its last look at the queues.
    fn wake(&self, shard: ShardId) {
        fence(Ordering::SeqCst);
        if self.inner.signs[usize::from(shard.0)].asleep.load(Ordering::Relaxed) {
            self.inner.io.ring_doorbell(shard);
        }
    }

    async fn attend(&self) {
        while let Some(context) = self.context() {
            let doorbell = self.inner.io.doorbell();
            self.look_for_stopped();
            let mut idle = true;
            for queue in &self.inner.inward {
                for _ in 0..DRAIN {
                    let Ok(message) = queue.borrow_mut().pop() else { break };
                    idle = false;
                    match message {
                        Message::Job(job) => job(self, context.clone()),
                        Message::Reply(ticket, reply) => {
                            // Whoever asked may have given up.
                            if let Some(waiter) = self.inner.take_waiter(ticket) {
                                waiter.answer.send(reply);
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

    /// Tells those who wait for a shard that has stopped since the last look. What it still had
    /// to say is in the queue by then and goes first.
    fn look_for_stopped(&self) {
        let signs = &self.inner.signs;
        let has_stopped = |shard: usize| signs[shard].stopped.load(Ordering::Acquire);
        let count = (0..signs.len()).filter(|&shard| has_stopped(shard)).count();
        if count == self.inner.stopped.get() {
            return;
        }
        let quiet = |shard: usize| self.inner.inward[shard].borrow().is_empty();
        if (0..signs.len()).any(|shard| has_stopped(shard) && !quiet(shard)) {
            return;
        }
        self.inner.stopped.set(count);
        let mut waiting = self.inner.waiting.borrow_mut();
        let gone: Vec<usize> = waiting
            .iter()
            .filter(|(_, waiter)| has_stopped(usize::from(waiter.asked.0)))
            .map(|(index, _)| index)
            .collect();
        let gone: Vec<Waiter> = gone.into_iter().map(|index| waiting.remove(index)).collect();
        drop(waiting);
        drop(gone);
    }

    fn here(&self) -> usize {
        usize::from(self.inner.shard.0)
    }

    /// How busy a shard was lately, in thousandths of the time; 0 when there is no such shard.
    pub fn load(&self, shard: ShardId) -> u16 {
        let signs = self.inner.signs.get(usize::from(shard.0));
        signs.map_or(0, |signs| signs.load.load(Ordering::Relaxed))
    }
}

impl<C: 'static> Neighbours for Seat<C> {
    fn has_mail(&self) -> bool {
        self.inner.inward.iter().any(|queue| !queue.borrow().is_empty())
    }

    fn may_sleep(&self) -> bool {
        let asleep = &self.inner.signs[self.here()].asleep;
        asleep.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let mail = self.has_mail();
        if mail {
            asleep.store(false, Ordering::Relaxed);
        }
        self.inner.attended.set(true);
        !mail
    }

    fn awake(&self) {
        if self.inner.attended.get() {
            self.inner.signs[self.here()].asleep.store(false, Ordering::Relaxed);
        }
        if self.has_mail() {
            self.inner.io.core.ring_here();
        }
    }

    fn note_load(&self, permille: u16) {
        self.inner.signs[self.here()].load.store(permille, Ordering::Relaxed);
    }
}

impl<C> Inner<C> {
    fn take_waiter(&self, ticket: Ticket) -> Option<Waiter> {
        let mut waiting = self.waiting.borrow_mut();
        let there = waiting.get(ticket.index)?.number == ticket.number;
        there.then(|| waiting.remove(ticket.index))
    }
}

/// Takes a waiter off the list when it gives up.
struct Guard<'a, C> {
    inner: &'a Inner<C>,
    ticket: Ticket,
}

impl<C> Drop for Guard<'_, C> {
    fn drop(&mut self) {
        drop(self.inner.take_waiter(self.ticket));
    }
}
