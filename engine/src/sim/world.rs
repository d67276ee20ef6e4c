//! The world: all executors, stepped one at a time in an order the seed decides.

use std::cell::RefCell;
use std::future::Future;
use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use super::Seat;
use super::config::SimConfig;
use super::disk::{CrashPlan, Disk};
use super::driver::SimDriver;
use super::fault::DiskFault;
use super::net::ip_of;
use super::record::{CrashPoint, Recorder};
use super::rng::Rng;
use super::state::{ShardState, State};
use crate::arena::{Arena, BLOCK_BYTES};
use crate::exec::{Executor, JoinHandle};
use crate::io::{Io, ShardId};

/// Simulated time after which [`World::run`] and [`World::block_on`] give up.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// A simulated world. See the [module](crate::sim) for an example.
pub struct World {
    state: Rc<RefCell<State>>,
    /// Executors of each node; none while it is down.
    nodes: Vec<Vec<Executor>>,
    rng: Rng,
    seed: u64,
}

impl World {
    /// A world with all its nodes up.
    pub fn new(seed: u64, config: SimConfig) -> Self {
        let mut rng = Rng::new(seed ^ 0x776f_726c);
        let nodes = config.nodes;
        let state = Rc::new(RefCell::new(State::new(rng.next(), config)));
        let mut world = Self { state, nodes: (0..nodes).map(|_| Vec::new()).collect(), rng, seed };
        for node in 0..nodes {
            world.start(node);
        }
        world
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A handle to node `node`.
    pub fn node(&self, node: usize) -> Node<'_> {
        Node { world: self, node, shard: 0 }
    }

    /// The network address of a node.
    pub fn ip(&self, node: usize) -> IpAddr {
        ip_of(node)
    }

    /// Nanoseconds since the world began.
    pub fn now(&self) -> u64 {
        self.state.borrow().now
    }

    /// A hash over all operations and completions so far: equal for equal seeds.
    pub fn trace_hash(&self) -> u64 {
        self.state.borrow().trace.hash()
    }

    /// Events so far.
    pub fn trace_count(&self) -> u64 {
        self.state.borrow().trace.count()
    }

    /// The last events, one a line.
    pub fn trace(&self) -> String {
        self.state.borrow().trace.last().map(|event| format!("{event}\n")).collect()
    }

    /// Changes the configuration from now on; sizes of what exists stay as they are.
    pub fn configure(&mut self, change: impl FnOnce(&mut SimConfig)) {
        let mut state = self.state.borrow_mut();
        change(&mut state.config);
        let keep = state.config.disk.stale_read > 0.0;
        let capacity = state.config.disk.capacity;
        for node in &mut state.nodes {
            node.disk.keep_stale(keep);
            node.disk.set_capacity(capacity);
        }
    }

    /// Random numbers of the world's own, for tests that take decisions while it stands still.
    pub fn random(&mut self) -> &mut Rng {
        &mut self.rng
    }

    // ---- time ----

    /// Does one thing: lets one shard run for a turn or one event happen. Returns false when
    /// nothing will ever happen again by itself.
    pub fn step(&mut self) -> bool {
        self.step_before(u64::MAX)
    }

    /// Does one thing that is due at `limit` (ns) or before; returns false when there is none.
    fn step_before(&mut self, limit: u64) -> bool {
        loop {
            let now = self.now();
            let mut runnable: Vec<Option<Seat>> = Vec::new();
            let mut next: Option<u64> = None;
            let mut soonest = |at: u64| next = Some(next.map_or(at, |next: u64| next.min(at)));
            {
                let state = self.state.borrow();
                if let Some(at) = state.next_event() {
                    if at <= now {
                        runnable.push(None);
                    }
                    soonest(at);
                }
                for (node, executors) in self.nodes.iter().enumerate() {
                    let node_state = &state.nodes[node];
                    if node_state.paused {
                        continue;
                    }
                    for (shard, executor) in executors.iter().enumerate() {
                        let shard_state = &node_state.shards[shard];
                        let core = executor.core();
                        let wants = if !shard_state.inbox.is_empty() || core.has_ready() {
                            now
                        } else if let Some(timer) = core.next_timer() {
                            timer
                        } else {
                            continue;
                        };
                        let at = wants.max(shard_state.busy_until);
                        if at <= now {
                            let (shard, epoch) = (shard as u16, node_state.epoch);
                            runnable.push(Some(Seat { node, shard, epoch }));
                        }
                        soonest(at);
                    }
                }
            }
            if runnable.is_empty() {
                let Some(next) = next.filter(|next| *next <= limit) else { return false };
                self.state.borrow_mut().now = next;
                continue;
            }
            match *self.rng.choose(&runnable) {
                None => self.state.borrow_mut().happen(),
                Some(seat) => self.turn(seat),
            }
            self.check();
            return true;
        }
    }

    /// Lets one shard take its completions and run some of its tasks.
    fn turn(&mut self, seat: Seat) {
        let (completions, budget) = {
            let mut state = self.state.borrow_mut();
            let clock = state.config.clock.clone();
            let stall = state.rng.chance(clock.stall);
            let longest = if stall { clock.stall_time } else { clock.turn };
            let time = state.rng.below(longest + 1);
            if state.rng.chance(clock.jump) {
                let most = clock.jump_ms;
                let jump = state.rng.between(0, 2 * most) as i64 - most as i64;
                state.nodes[seat.node].wall_offset_ms += jump;
            }
            let budget = state.rng.between(1, clock.turn_tasks.max(1) as u64) as usize;
            let now = state.now;
            let shard = state.shard(seat);
            shard.busy_until = now + time;
            (std::mem::take(&mut shard.inbox), budget)
        };
        let core = self.nodes[seat.node][seat.shard as usize].core().clone();
        for completion in completions {
            core.deliver(completion);
        }
        let rng = &mut self.rng;
        if !core.run_ready(budget, |n| rng.index(n)) {
            core.park_received();
        }
    }

    fn check(&self) {
        let violation = self.state.borrow_mut().violation.take();
        assert!(violation.is_none(), "{}", violation.unwrap_or_default());
    }

    /// Runs until nothing is left to do.
    ///
    /// # Panics
    /// When there is still something to do after a day of simulated time.
    pub fn run(&mut self) {
        self.run_until(PATIENCE, |_| false);
        assert!(!self.step_before(u64::MAX), "still busy after {PATIENCE:?} of simulated time");
    }

    /// Runs until `done` holds, which is asked after every step, for at most `limit` of simulated
    /// time. Returns whether it holds. The clock stays at the last thing that happened.
    pub fn run_until(&mut self, limit: Duration, mut done: impl FnMut(&Self) -> bool) -> bool {
        let deadline = self.now().saturating_add(nanos(limit));
        loop {
            if done(self) {
                return true;
            }
            if !self.step_before(deadline) {
                return false;
            }
        }
    }

    /// Runs for `time` of simulated time; the clock moves on even when nothing happens.
    pub fn run_for(&mut self, time: Duration) {
        let deadline = self.now().saturating_add(nanos(time));
        self.run_until(time, |_| false);
        self.state.borrow_mut().now = deadline;
    }

    /// Runs a task on shard 0 of `node` until it is done.
    ///
    /// # Panics
    /// When it never ends: the world has gone quiet, or a day has passed.
    pub fn block_on<T: 'static, F: Future<Output = T> + 'static>(
        &mut self,
        node: usize,
        task: impl FnOnce(Io) -> F,
    ) -> T {
        let handle = self.node(node).spawn(task);
        self.join(handle)
    }

    /// Runs until a task has ended, and returns its value.
    ///
    /// # Panics
    /// When it never ends, or its node has crashed.
    pub fn join<T: 'static>(&mut self, mut handle: JoinHandle<T>) -> T {
        let ended = self.run_until(PATIENCE, |_| handle.is_finished());
        assert!(ended, "the world has gone quiet and the task still waits\n{}", self.stuck());
        match handle.take() {
            Some(value) => value,
            None => panic!("the task was dropped: its node has crashed"),
        }
    }

    /// What the living shards wait for, in words.
    fn stuck(&self) -> String {
        let state = self.state.borrow();
        let mut text = String::new();
        for (node, executors) in self.nodes.iter().enumerate() {
            for (shard, executor) in executors.iter().enumerate() {
                let kinds: Vec<&str> =
                    state.nodes[node].shards[shard].ops.values().map(|op| op.kind).collect();
                let tasks = executor.core().tasks();
                text +=
                    &format!("node {node} shard {shard}: {tasks} tasks, operations {kinds:?}\n");
            }
        }
        text
    }

    // ---- nodes ----

    fn start(&mut self, node: usize) {
        let (shards, arena_bytes, epoch) = {
            let mut state = self.state.borrow_mut();
            let state = &mut *state;
            let config = &state.config;
            let slot = &mut state.nodes[node];
            slot.up = true;
            slot.paused = false;
            slot.epoch += 1;
            slot.shards = (0..config.shards).map(|_| ShardState::new(state.rng.fork())).collect();
            for shard in 0..config.shards {
                state.net.provide(node, shard, config.provided_buffers);
            }
            (config.shards, config.arena_bytes, slot.epoch)
        };
        self.nodes[node] = (0..shards)
            .map(|shard| {
                let seat = Seat { node, shard, epoch };
                let driver = SimDriver::new(self.state.clone(), seat);
                Executor::new(ShardId(shard), Arena::new(arena_bytes), Box::new(driver))
            })
            .collect();
        self.note(node, "start");
    }

    /// Whether a node is up.
    pub fn is_up(&self, node: usize) -> bool {
        self.state.borrow().nodes[node].up
    }

    /// The node loses power: its tasks are gone, and of what it had not made durable a random part.
    pub fn crash(&mut self, node: usize) {
        let plan = CrashPlan::random(self.rng.next());
        self.crash_with(node, &plan);
    }

    /// The node loses power, with a chosen fate for what was not durable.
    pub fn crash_with(&mut self, node: usize, plan: &CrashPlan) {
        self.end(node, "crash", Some(plan));
    }

    /// The node's process dies and its kernel lives: what was written is kept, durable or not, and
    /// connections are reset.
    pub fn kill(&mut self, node: usize) {
        self.end(node, "kill", None);
    }

    fn end(&mut self, node: usize, what: &'static str, power: Option<&CrashPlan>) {
        self.note(node, what);
        let mut in_flight = Vec::new();
        {
            let mut state = self.state.borrow_mut();
            if !state.nodes[node].up {
                return;
            }
            state.nodes[node].up = false;
            state.with_net(|net, env| net.crash(env, node, power.is_some()));
            let slot = &mut state.nodes[node];
            for shard in &mut slot.shards {
                in_flight.extend(std::mem::take(&mut shard.ops).into_values());
                shard.inbox.clear();
            }
            slot.files.clear();
            slot.paused = false;
            for pending in in_flight.drain(..) {
                if let Some((op, _)) = pending.disk
                    && self.rng.chance(0.6)
                {
                    op.apply(&mut slot.disk);
                }
            }
            match power {
                Some(plan) => slot.disk.crash(plan),
                None => slot.disk.close_all(),
            }
        }
        // Whatever the tasks still say while they are dropped comes from the dead.
        for executor in std::mem::take(&mut self.nodes[node]) {
            executor.core().drop_tasks();
        }
    }

    /// Starts a node that is down. It has no tasks yet.
    pub fn restart(&mut self, node: usize) {
        if self.is_up(node) {
            self.crash(node);
        }
        self.start(node);
    }

    /// Stops the processors of a node; the rest of the world goes on.
    pub fn pause(&mut self, node: usize) {
        self.note(node, "pause");
        self.state.borrow_mut().nodes[node].paused = true;
    }

    /// Lets a paused node go on.
    pub fn resume(&mut self, node: usize) {
        self.note(node, "resume");
        self.state.borrow_mut().nodes[node].paused = false;
    }

    /// Stops a node in order: drops its tasks, lets its operations end, and checks that nothing
    /// has leaked.
    ///
    /// # Panics
    /// When something has.
    pub fn stop(&mut self, node: usize) {
        for executor in &self.nodes[node] {
            executor.core().drop_tasks();
        }
        let limit = Duration::from_secs(600);
        self.run_until(limit, |world| {
            world.nodes[node].iter().all(|executor| executor.core().in_flight() == 0)
        });
        let leaks = self.leaks(node);
        assert!(leaks.is_empty(), "node {node} has leaked: {}", leaks.join(", "));
        self.kill(node);
    }

    /// Stops every node that is up, in order. See [`World::stop`].
    ///
    /// # Panics
    /// When something has leaked.
    pub fn finish(&mut self) {
        for node in 0..self.nodes.len() {
            if self.is_up(node) {
                self.resume(node);
                self.stop(node);
            }
        }
    }

    /// What a node still holds: operations, memory, provided buffers, open files and sockets.
    pub fn leaks(&self, node: usize) -> Vec<String> {
        let mut leaks = Vec::new();
        let state = self.state.borrow();
        for (shard, executor) in self.nodes[node].iter().enumerate() {
            let in_flight = executor.core().in_flight();
            if in_flight > 0 {
                let kinds: Vec<&str> =
                    state.nodes[node].shards[shard].ops.values().map(|op| op.kind).collect();
                leaks.push(format!("shard {shard}: {in_flight} operations in flight {kinds:?}"));
            }
            let arena = executor.core().arena();
            // An allocation makes the arena take note of what came back.
            let used = match arena.alloc(1) {
                Ok(_probe) => arena.used() - BLOCK_BYTES,
                Err(full) => full.used,
            };
            if used > 0 {
                leaks.push(format!("shard {shard}: {used} bytes of memory"));
            }
            let free = state.net.free_buffers(node, shard as u16);
            let all = state.config.provided_buffers as usize;
            if free != all {
                leaks.push(format!("shard {shard}: {} provided buffers", all - free));
            }
        }
        let files = state.nodes[node].files.len();
        if files > 0 {
            let paths: Vec<&str> = state.nodes[node].files.values().map(|f| &*f.path).collect();
            leaks.push(format!("{files} open files {paths:?}"));
        }
        let sockets = state.net.open_sockets(node);
        if sockets > 0 {
            leaks.push(format!("{sockets} open sockets"));
        }
        leaks
    }

    // ---- disks ----

    /// Looks at or changes the disk of a node, whether it is up or not.
    pub fn disk<T>(&self, node: usize, look: impl FnOnce(&mut Disk) -> T) -> T {
        look(&mut self.state.borrow_mut().nodes[node].disk)
    }

    /// A copy of a node's disk as it is seen now.
    pub fn disk_image(&self, node: usize) -> Disk {
        self.state.borrow().nodes[node].disk.clone()
    }

    /// Puts another disk into a node that is down: an old image is a disk rolled back, an empty
    /// one a disk replaced.
    ///
    /// # Panics
    /// When the node is up.
    pub fn set_disk(&mut self, node: usize, disk: Disk) {
        let mut state = self.state.borrow_mut();
        assert!(!state.nodes[node].up, "the disk of node {node} is in use");
        state.nodes[node].disk = disk;
    }

    /// Adds a disk fault with an aim.
    pub fn add_fault(&mut self, node: usize, fault: DiskFault) {
        self.state.borrow_mut().nodes[node].faults.push(fault);
    }

    /// Removes all disk faults with an aim.
    pub fn clear_faults(&mut self, node: usize) {
        self.state.borrow_mut().nodes[node].faults.clear();
    }

    /// Starts recording every moment at which the power of a node could go; see
    /// [`enumerate`](crate::sim::enumerate). `observe` tells what the workload has been promised so
    /// far.
    pub fn record(&mut self, node: usize, observe: impl Fn() -> u64 + 'static) {
        let mut state = self.state.borrow_mut();
        state.nodes[node].recorder = Some(Recorder::new(Box::new(observe)));
    }

    /// Ends the recording and returns what was recorded.
    pub fn recorded(&mut self, node: usize) -> Vec<CrashPoint> {
        let mut state = self.state.borrow_mut();
        state.nodes[node].recorder.take().map(|recorder| recorder.points).unwrap_or_default()
    }

    // ---- network and clocks ----

    /// Cuts the link from one node to another; the other direction stays.
    pub fn cut(&mut self, from: usize, to: usize) {
        self.state.borrow_mut().net.set_link(from, to, true);
    }

    /// Cuts all links between two groups of nodes, both ways.
    pub fn partition(&mut self, one: &[usize], other: &[usize]) {
        for a in one {
            for b in other {
                self.cut(*a, *b);
                self.cut(*b, *a);
            }
        }
    }

    /// Holds everything from one node to another back for `time`.
    pub fn clog(&mut self, from: usize, to: usize, time: Duration) {
        let mut state = self.state.borrow_mut();
        let until = state.now + nanos(time);
        state.net.clog(from, to, until);
    }

    /// Mends all links.
    pub fn heal(&mut self) {
        self.state.borrow_mut().net.heal();
    }

    /// Makes the wall clock of a node jump by `ms` milliseconds.
    pub fn jump_clock(&mut self, node: usize, ms: i64) {
        self.state.borrow_mut().nodes[node].wall_offset_ms += ms;
    }

    fn note(&self, node: usize, what: &'static str) {
        let mut state = self.state.borrow_mut();
        let epoch = state.nodes[node].epoch;
        let event = state.event(Seat { node, shard: 0, epoch }, what);
        state.trace.push(event);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Who keeps no trace expects to fail.
        if std::thread::panicking()
            && self.state.try_borrow().is_ok_and(|state| state.config.trace_events > 0)
            && let Ok(state) = self.state.try_borrow()
        {
            let trace: String = state.trace.last().map(|event| format!("{event}\n")).collect();
            let replay = match state.config.replay.as_str() {
                "" => format!("seed {}", self.seed),
                command => format!("{command} {}", self.seed),
            };
            let about = &state.config.about;
            eprintln!("the last events:\n{trace}{about}\nreplay with: {replay}");
        }
        // Tasks hold handles to their executor: a cycle that only this breaks.
        if let Ok(mut state) = self.state.try_borrow_mut() {
            for node in &mut state.nodes {
                node.up = false;
            }
        }
        for executor in self.nodes.iter().flatten() {
            executor.core().drop_tasks();
        }
    }
}

/// A node of a world; tasks go to one of its shards.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    world: &'a World,
    node: usize,
    shard: u16,
}

impl Node<'_> {
    /// The same node, another shard.
    pub fn shard(self, shard: u16) -> Self {
        Self { shard, ..self }
    }

    /// A handle for tasks of this shard.
    ///
    /// # Panics
    /// When the node is down or has no such shard.
    pub fn io(&self) -> Io {
        let Some(executor) = self.world.nodes[self.node].get(self.shard as usize) else {
            panic!("node {} is down or has no shard {}", self.node, self.shard)
        };
        executor.io()
    }

    /// Runs a task on this shard as soon as the world moves.
    ///
    /// # Panics
    /// When the node is down or has no such shard.
    pub fn spawn<T: 'static, F: Future<Output = T> + 'static>(
        &self,
        task: impl FnOnce(Io) -> F,
    ) -> JoinHandle<T> {
        let io = self.io();
        let task = task(io.clone());
        io.spawn(task)
    }

    /// Tasks of this shard that have not ended; none when the node is down.
    pub fn tasks(&self) -> usize {
        let shard = self.world.nodes[self.node].get(usize::from(self.shard));
        shard.map_or(0, |executor| executor.core().tasks())
    }

    /// The network address of this node.
    pub fn ip(&self) -> IpAddr {
        ip_of(self.node)
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
