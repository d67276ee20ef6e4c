//! Tasks, timers and operations in flight of one shard.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};

use crossbeam_queue::SegQueue;
use slab::Slab;

use super::notify::{Notified, Notify};
use super::rest::{Load, Neighbours, Patience};
use super::task::{JoinHandle, joinable};
use super::wait::{Operation, Stream, Timer};
use crate::arena::Arena;
use crate::io::{Chunk, Completion, Driver, Io, Op, OpId, Output, ShardId, Wait};

/// Tasks polled in one turn of the loop before completions are looked at again, so that a burst of
/// ready tasks does not hold up the network for long.
pub const TURN_TASKS: usize = 256;

/// How long (ns) a shard that stops waits for what the kernel has in hand.
pub const DRAIN_NANOS: u64 = 3_000_000_000;

/// Looks for work between two looks at the clock.
const LOOKS: usize = 32;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The state of an executor, shared by every [`Io`] of the shard.
pub struct Core {
    shard: ShardId,
    arena: Arena,
    driver: RefCell<Box<dyn Driver>>,
    tasks: RefCell<Slab<Slot>>,
    next_task: Cell<u64>,
    /// Tasks woken since the last look, from anywhere.
    woken: Arc<SegQueue<TaskKey>>,
    /// Tasks that are to run, in order.
    ready: RefCell<VecDeque<TaskKey>>,
    /// Operations in flight whose outcome somebody wants.
    waiting: RefCell<BTreeMap<OpId, Waiter>>,
    /// Operations in flight, wanted or not.
    in_flight: Cell<usize>,
    next_op: Cell<u64>,
    /// Operations that brought received bytes since the last look.
    received: RefCell<Vec<OpId>>,
    timers: RefCell<BTreeMap<(u64, u64), Waker>>,
    next_timer: Cell<u64>,
    doorbell: Notify,
}

/// A task's place, and which of the tasks that had this place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct TaskKey {
    index: usize,
    number: u64,
}

struct Slot {
    number: u64,
    /// Taken out while it is being polled.
    task: Option<Task>,
    state: Arc<TaskWaker>,
    waker: Waker,
}

struct TaskWaker {
    key: TaskKey,
    /// Set while the task is ready, so that a task woken twice before it runs runs once.
    queued: AtomicBool,
    woken: Arc<SegQueue<TaskKey>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel) {
            self.woken.push(self.key);
        }
    }
}

/// Completions that somebody waits for.
pub(super) struct Waiter {
    pub(super) arrived: VecDeque<io::Result<Output>>,
    /// The terminal completion has arrived.
    pub(super) ended: bool,
    pub(super) waker: Option<Waker>,
    /// Results beyond which a multishot operation is stopped; zero for single-shot operations.
    high_water: usize,
    stopped: bool,
}

impl Waiter {
    /// Whether so much waits that the operation is to be stopped; says so once.
    fn must_stop(&mut self) -> bool {
        !self.ended
            && self.high_water > 0
            && self.arrived.len() >= self.high_water
            && !std::mem::replace(&mut self.stopped, true)
    }
}

impl Core {
    /// The shard.
    pub fn shard(&self) -> ShardId {
        self.shard
    }

    /// Its memory.
    pub fn arena(&self) -> &Arena {
        &self.arena
    }

    pub(crate) fn now(&self) -> u64 {
        self.driver.borrow().now()
    }

    pub(crate) fn wall_ms(&self) -> i64 {
        self.driver.borrow().wall_ms()
    }

    pub(crate) fn random(&self) -> u64 {
        self.driver.borrow_mut().random()
    }

    pub(crate) fn doorbell(&self) -> Notified<'_> {
        self.doorbell.notified()
    }

    /// Rings the shard's own doorbell.
    pub(crate) fn ring_here(&self) {
        self.doorbell.notify();
    }

    pub(crate) fn spawn<T: 'static>(
        &self,
        task: impl Future<Output = T> + 'static,
    ) -> JoinHandle<T> {
        let (task, handle) = joinable(task);
        let key = self.admit(Box::pin(task), true);
        self.ready.borrow_mut().push_back(key);
        handle
    }

    /// Spawns a task and polls it here and now for the first time.
    pub(crate) fn start_now<T: 'static>(
        &self,
        task: impl Future<Output = T> + 'static,
    ) -> JoinHandle<T> {
        let (task, handle) = joinable(task);
        let key = self.admit(Box::pin(task), false);
        self.poll(key);
        handle
    }

    fn admit(&self, task: Task, queued: bool) -> TaskKey {
        let mut tasks = self.tasks.borrow_mut();
        let entry = tasks.vacant_entry();
        let number = self.next_task.replace(self.next_task.get() + 1);
        let key = TaskKey { index: entry.key(), number };
        let (queued, woken) = (AtomicBool::new(queued), self.woken.clone());
        let state = Arc::new(TaskWaker { key, queued, woken });
        let waker = Waker::from(state.clone());
        entry.insert(Slot { number, task: Some(task), state, waker });
        key
    }

    pub(crate) fn timer(&self, deadline: u64) -> Timer<'_> {
        Timer::new(self, deadline)
    }

    pub(super) fn arm(&self, deadline: u64, waker: Waker) -> (u64, u64) {
        let key = (deadline, self.next_timer.replace(self.next_timer.get() + 1));
        self.timers.borrow_mut().insert(key, waker);
        key
    }

    pub(super) fn rearm(&self, key: (u64, u64), waker: &Waker) {
        if let Some(old) = self.timers.borrow_mut().get_mut(&key) {
            old.clone_from(waker);
        }
    }

    pub(super) fn disarm(&self, key: (u64, u64)) {
        self.timers.borrow_mut().remove(&key);
    }

    /// Starts an operation with one answer.
    pub(crate) fn start(self: &Rc<Self>, op: Op) -> Operation {
        Operation::new(self.clone(), self.submit(op, Some(0)), false)
    }

    /// Starts an operation with one answer that is cancelled when nobody waits for it any more.
    pub(crate) fn start_cancellable(self: &Rc<Self>, op: Op) -> Operation {
        Operation::new(self.clone(), self.submit(op, Some(0)), true)
    }

    /// Starts a multishot operation that is stopped when `high_water` results wait.
    pub(crate) fn stream(self: &Rc<Self>, op: Op, high_water: usize) -> Stream {
        Stream::new(self.clone(), self.submit(op, Some(high_water)))
    }

    /// Starts an operation whose outcome nobody wants.
    pub(crate) fn submit_detached(&self, op: Op) {
        self.submit(op, None);
    }

    fn submit(&self, op: Op, high_water: Option<usize>) -> OpId {
        let id = OpId(self.next_op.replace(self.next_op.get() + 1));
        if let Some(high_water) = high_water {
            let waiter = Waiter {
                arrived: VecDeque::new(),
                ended: false,
                waker: None,
                high_water,
                stopped: false,
            };
            self.waiting.borrow_mut().insert(id, waiter);
        }
        self.in_flight.set(self.in_flight.get() + 1);
        self.driver.borrow_mut().submit(id, op);
        id
    }

    pub(super) fn waiter<T>(&self, id: OpId, look: impl FnOnce(&mut Waiter) -> T) -> T {
        let mut waiting = self.waiting.borrow_mut();
        #[allow(clippy::expect_used)] // the entry lives as long as the Operation or Stream
        look(waiting.get_mut(&id).expect("operation is waited for"))
    }

    /// Asks for the end of an operation that somebody waits for.
    pub(super) fn stop(&self, id: OpId) {
        if !self.waiter(id, |waiter| waiter.ended) {
            self.driver.borrow_mut().cancel(id);
        }
    }

    /// Forgets who waits for an operation; a multishot one is stopped.
    pub(super) fn detach(&self, id: OpId, cancel: bool) {
        // Results that had arrived are dropped here: sockets among them must be closed.
        let Some(waiter) = self.waiting.borrow_mut().remove(&id) else { return };
        if cancel && !waiter.ended {
            self.driver.borrow_mut().cancel(id);
        }
        for result in waiter.arrived {
            self.discard(result);
        }
    }

    /// Closes what nobody will ever own.
    fn discard(&self, result: io::Result<Output>) {
        match result {
            Ok(Output::File(file)) => self.submit_detached(Op::CloseFile { file }),
            Ok(
                Output::Socket(socket) | Output::Listening(socket, _) | Output::Accepted(socket, _),
            ) => self.submit_detached(Op::CloseSocket { socket }),
            _ => {}
        }
    }

    /// Hands a completion to whoever waits for it.
    pub fn deliver(&self, completion: Completion) {
        let Completion { id, result, more } = completion;
        if id == DOORBELL {
            self.doorbell.notify();
            return;
        }
        if !more {
            self.in_flight.set(self.in_flight.get() - 1);
        }
        let mut waiting = self.waiting.borrow_mut();
        let Some(waiter) = waiting.get_mut(&id) else {
            drop(waiting);
            self.discard(result);
            return;
        };
        waiter.ended |= !more;
        // Received bytes are counted when the tasks have had their turn with them.
        let received = matches!(result, Ok(Output::Received(Some(_))));
        if received {
            self.received.borrow_mut().push(id);
        }
        waiter.arrived.push_back(result);
        if let Some(waker) = waiter.waker.take() {
            waker.wake();
        }
        let stop = !received && waiter.must_stop();
        drop(waiting);
        if stop {
            self.driver.borrow_mut().cancel(id);
        }
    }

    /// Fires the timers that are due, and polls up to `budget` ready tasks. `pick` chooses the next
    /// of `n` ready tasks: the first one on a real shard, any one in the simulator.
    ///
    /// Returns whether tasks are still ready.
    pub fn run_ready(&self, budget: usize, mut pick: impl FnMut(usize) -> usize) -> bool {
        self.fire_timers();
        for _ in 0..budget {
            self.collect_woken();
            let key = {
                let mut ready = self.ready.borrow_mut();
                if ready.is_empty() {
                    return false;
                }
                let chosen = pick(ready.len());
                match ready.remove(chosen) {
                    Some(key) => key,
                    None => continue,
                }
            };
            self.poll(key);
        }
        self.collect_woken();
        !self.ready.borrow().is_empty()
    }

    /// Moves received bytes that nobody has taken off the buffers on loan, so that connections whose
    /// tasks do not read cannot keep those from the others; and stops receiving on those that have
    /// too much waiting. To be called when the ready tasks have run.
    pub fn park_received(&self) {
        let mut waiting = self.waiting.borrow_mut();
        for id in self.received.borrow_mut().drain(..) {
            let Some(waiter) = waiting.get_mut(&id) else { continue };
            for result in &mut waiter.arrived {
                if let Ok(Output::Received(chunk)) = result {
                    *chunk = chunk.take().map(Chunk::into_owned);
                }
            }
            if waiter.must_stop() {
                self.driver.borrow_mut().cancel(id);
            }
        }
    }

    /// When the next timer is due (ns), if there is one.
    pub fn next_timer(&self) -> Option<u64> {
        self.timers.borrow().keys().next().map(|(deadline, _)| *deadline)
    }

    /// Whether any task is ready.
    pub fn has_ready(&self) -> bool {
        !self.woken.is_empty() || !self.ready.borrow().is_empty()
    }

    /// Operations whose terminal completion has not arrived.
    pub fn in_flight(&self) -> usize {
        self.in_flight.get()
    }

    /// Tasks that have not ended.
    pub fn tasks(&self) -> usize {
        self.tasks.borrow().len()
    }

    /// Drops every task, and with them the operations they wait for: those are cancelled or
    /// detached, and end on their own.
    pub fn drop_tasks(&self) {
        loop {
            // Dropping a task may wake or even spawn others.
            let dropped: Vec<Slot> = self.tasks.borrow_mut().drain().collect();
            if dropped.is_empty() {
                break;
            }
        }
        self.ready.borrow_mut().clear();
        while self.woken.pop().is_some() {}
    }

    fn poll(&self, key: TaskKey) {
        let (mut task, waker) = {
            let mut tasks = self.tasks.borrow_mut();
            // A task that has ended may still be woken by what it left behind.
            let Some(slot) = tasks.get_mut(key.index) else { return };
            if slot.number != key.number {
                return;
            }
            let Some(task) = slot.task.take() else { return };
            slot.state.queued.store(false, Ordering::Release);
            (task, slot.waker.clone())
        };
        let done = task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
        let mut tasks = self.tasks.borrow_mut();
        let Some(slot) = tasks.get_mut(key.index).filter(|slot| slot.number == key.number) else {
            return; // dropped by drop_tasks while running
        };
        if done {
            tasks.remove(key.index);
            drop(tasks);
            drop(task);
        } else {
            slot.task = Some(task);
        }
    }

    fn collect_woken(&self) {
        let mut ready = self.ready.borrow_mut();
        while let Some(key) = self.woken.pop() {
            ready.push_back(key);
        }
    }

    fn fire_timers(&self) {
        if self.timers.borrow().is_empty() {
            return;
        }
        let now = self.now();
        loop {
            let mut timers = self.timers.borrow_mut();
            match timers.first_entry() {
                Some(first) if first.key().0 <= now => {
                    let waker = first.remove();
                    drop(timers);
                    waker.wake();
                }
                _ => return,
            }
        }
    }
}

/// The id under which a driver reports that another shard has rung.
pub(crate) const DOORBELL: OpId = OpId(u64::MAX);

/// What came of looking for work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looked {
    Not,
    Found,
    /// For so long, in ns.
    InVain(u64),
}

/// Owner of a shard's [`Core`].
pub struct Executor {
    core: Rc<Core>,
}

impl Executor {
    /// An executor over `driver`, with `arena` as its memory.
    pub fn new(shard: ShardId, arena: Arena, driver: Box<dyn Driver>) -> Self {
        let core = Core {
            shard,
            arena,
            driver: RefCell::new(driver),
            tasks: RefCell::default(),
            next_task: Cell::new(0),
            woken: Arc::default(),
            ready: RefCell::default(),
            waiting: RefCell::default(),
            in_flight: Cell::new(0),
            next_op: Cell::new(0),
            received: RefCell::default(),
            timers: RefCell::default(),
            next_timer: Cell::new(0),
            doorbell: Notify::default(),
        };
        Self { core: Rc::new(core) }
    }

    /// A handle for tasks.
    pub fn io(&self) -> Io {
        Io { core: self.core.clone() }
    }

    /// What a simulated world steps by itself.
    pub fn core(&self) -> &Rc<Core> {
        &self.core
    }

    /// Runs until `main` is done, waiting in the driver when nothing is ready, after looking for work as
    /// long as `patience` has it.
    pub fn run<T: 'static>(
        &self,
        main: impl Future<Output = T> + 'static,
        neighbours: &impl Neighbours,
        mut patience: Patience,
    ) -> Option<T> {
        let mut main = self.core.spawn(main);
        let mut completions = Vec::new();
        let mut load = Load::new(self.core.now());
        loop {
            let busy = self.core.run_ready(TURN_TASKS, |_| 0);
            if main.is_finished() {
                return main.take();
            }
            if !busy {
                self.core.park_received();
            }
            let looked = match busy {
                true => Looked::Not,
                false => self.look(&mut completions, neighbours, patience.nanos()),
            };
            if let Looked::InVain(nanos) = looked {
                // Nobody had to wait for it.
                load.slept(nanos);
            }
            let wait = match self.core.next_timer() {
                _ if busy || looked == Looked::Found => Wait::Poll,
                _ if !neighbours.may_sleep() => Wait::Poll,
                Some(deadline) => Wait::Until(deadline),
                None => Wait::Forever,
            };
            let began = if wait == Wait::Poll { None } else { Some(self.core.now()) };
            // What looking has brought goes first.
            if completions.is_empty() {
                self.core.driver.borrow_mut().turn(wait, &mut completions);
            }
            if let Some(began) = began {
                let now = self.core.now();
                patience.slept(now - began);
                load.slept(now - began);
                load.tell(now, neighbours);
            } else if load.is_due() {
                load.tell(self.core.now(), neighbours);
            }
            neighbours.awake();
            for completion in completions.drain(..) {
                self.core.deliver(completion);
            }
        }
    }

    /// Starts what was submitted and looks for work for up to `nanos` without sleeping.
    fn look(
        &self,
        completions: &mut Vec<Completion>,
        neighbours: &impl Neighbours,
        nanos: u64,
    ) -> Looked {
        if nanos == 0 {
            return Looked::Not;
        }
        let mut driver = self.core.driver.borrow_mut();
        driver.turn(Wait::Poll, completions);
        let begun = driver.now();
        let end = self.core.next_timer().unwrap_or(u64::MAX).min(begun + nanos);
        loop {
            for _ in 0..LOOKS {
                if !completions.is_empty() || driver.has_news() || neighbours.has_mail() {
                    return Looked::Found;
                }
                std::hint::spin_loop();
            }
            let now = driver.now();
            if now >= end {
                return Looked::InVain(now - begun);
            }
            // Whoever else wants this core has it.
            std::thread::yield_now();
        }
    }

    /// Drops all tasks, cancels what is in flight and waits for it to end, so that no memory is
    /// freed while the kernel may still touch it.
    ///
    /// Returns how many operations have not ended within [`DRAIN_NANOS`]: zero, but for sends
    /// without copying whose peer does not acknowledge them. Their memory is never freed then.
    pub fn drain(&self) -> usize {
        self.core.drop_tasks();
        self.core.driver.borrow_mut().cancel_all();
        let deadline = self.core.now().saturating_add(DRAIN_NANOS);
        let mut completions = Vec::new();
        while self.core.in_flight() > 0 && self.core.now() < deadline {
            self.core.driver.borrow_mut().turn(Wait::Until(deadline), &mut completions);
            for completion in completions.drain(..) {
                self.core.deliver(completion);
            }
        }
        self.core.in_flight()
    }
}
