//! Everything outside the executors: the clock, the event heap, disks, network, operations in
//! flight.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io;
use std::rc::Rc;

use super::config::SimConfig;
use super::disk::{Disk, errno};
use super::fault::{DiskFault, Harm};
use super::net::{Effect, Env, How, Net, NetEvent};
use super::operation::DiskOp;
use super::record::Recorder;
use super::rng::Rng;
use super::trace::{Event, Trace};
use super::{Seat, SeatState};
use crate::crc32c;
use crate::exec::DOORBELL;
use crate::io::{Completion, Op, OpId, Output};

/// What happens at a moment.
#[derive(Debug)]
pub(super) enum Happening {
    /// A disk operation completes.
    Disk(Seat, OpId),
    /// The network asked for this moment.
    Net(NetEvent),
    /// A cancellation takes effect.
    Cancel(Seat, OpId),
    /// A doorbell reaches its shard.
    Bell(Seat),
}

struct Scheduled {
    time: u64,
    /// The seed decides among equal times.
    tie: u64,
    number: u64,
    what: Happening,
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Scheduled {}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.time, self.tie, self.number).cmp(&(other.time, other.tie, other.number))
    }
}

pub(super) struct State {
    pub(super) now: u64,
    pub(super) rng: Rng,
    pub(super) config: SimConfig,
    heap: BinaryHeap<Reverse<Scheduled>>,
    scheduled: u64,
    pub(super) nodes: Vec<NodeState>,
    pub(super) net: Net,
    pub(super) trace: Trace,
    /// A rule that the code under test has broken, found where nothing can be thrown.
    pub(super) violation: Option<String>,
}

pub(super) struct NodeState {
    pub(super) up: bool,
    pub(super) paused: bool,
    pub(super) epoch: u32,
    pub(super) shards: Vec<ShardState>,
    pub(super) disk: Disk,
    pub(super) files: BTreeMap<u32, Handle>,
    pub(super) next_file: u32,
    /// Wall clock minus world clock, in milliseconds.
    pub(super) wall_offset_ms: i64,
    pub(super) drift_ppm: i64,
    pub(super) faults: Vec<DiskFault>,
    pub(super) recorder: Option<Recorder>,
}

pub(super) struct ShardState {
    pub(super) ops: BTreeMap<OpId, Pending>,
    /// Completions the shard has not looked at.
    pub(super) inbox: Vec<Completion>,
    pub(super) rng: Rng,
    pub(super) busy_until: u64,
}

pub(super) struct Pending {
    pub(super) kind: &'static str,
    /// A disk operation that the device is at work on, and what will go wrong with it.
    pub(super) disk: Option<(DiskOp, Option<Harm>)>,
}

#[derive(Clone)]
pub(super) struct Handle {
    pub(super) inode: u64,
    pub(super) shard: u16,
    pub(super) write: bool,
    pub(super) direct: bool,
    pub(super) path: Rc<str>,
}

impl State {
    pub(super) fn new(seed: u64, config: SimConfig) -> Self {
        let mut rng = Rng::new(seed);
        let trace = Trace::new(config.trace_events);
        let nodes = (0..config.nodes).map(|_| NodeState::new(&config, &mut rng)).collect();
        Self {
            now: 0,
            rng,
            config,
            heap: BinaryHeap::new(),
            scheduled: 0,
            nodes,
            net: Net::new(),
            trace,
            violation: None,
        }
    }

    pub(super) fn wall_ms(&self, node: usize) -> i64 {
        let node = &self.nodes[node];
        let drift = i128::from(self.now) * i128::from(node.drift_ppm) / 1_000_000;
        let elapsed = (i128::from(self.now) + drift) / 1_000_000;
        self.config.clock.start_ms + node.wall_offset_ms + elapsed as i64
    }

    pub(super) fn alive(&self, seat: Seat) -> bool {
        self.nodes.get(seat.node).is_some_and(|node| node.up && node.epoch == seat.epoch)
    }

    pub(super) fn at(&mut self, time: u64, what: Happening) {
        self.scheduled += 1;
        let tie = self.rng.next();
        self.heap.push(Reverse(Scheduled { time, tie, number: self.scheduled, what }));
    }

    /// When the next thing happens, if anything does.
    pub(super) fn next_event(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(next)| next.time)
    }

    /// Lets the next thing happen.
    pub(super) fn happen(&mut self) {
        let Some(Reverse(Scheduled { time, what, .. })) = self.heap.pop() else { return };
        self.now = self.now.max(time);
        match what {
            Happening::Disk(seat, id) => self.finish_disk(seat, id),
            Happening::Net(event) => self.with_net(|net, env| net.event(env, event)),
            Happening::Cancel(seat, id) => self.with_net(|net, env| net.cancel(env, seat, id)),
            Happening::Bell(seat) => {
                if self.alive(seat) {
                    let bell = Completion { id: DOORBELL, result: Ok(Output::Done), more: true };
                    self.nodes[seat.node].shards[seat.shard as usize].inbox.push(bell);
                }
            }
        }
    }

    pub(super) fn submit(&mut self, seat: Seat, id: OpId, op: Op) {
        if !self.alive(seat) {
            return; // said by the dead
        }
        let kind = kind_of(&op);
        let mut event = self.event(seat, "submit");
        event.kind = kind;
        event.id = id.0;
        describe(&op, &mut event);
        if let Some(file) = file_of(&op)
            && let Some(handle) = self.nodes[seat.node].files.get(&file)
        {
            event.name = Some(handle.path.clone());
        }
        self.trace.push(event);
        let pending = Pending { kind, disk: None };
        self.shard(seat).ops.insert(id, pending);
        match op {
            Op::Listen { address } => {
                let result = self.net.listen(seat, address).map_err(errno);
                let result = result.map(|(id, at)| Output::Listening(crate::io::SocketId(id), at));
                self.complete(seat, id, result, false);
            }
            Op::Accept { socket } => {
                self.with_net(|net, env| net.accept(env, seat, id, socket.0));
            }
            Op::Connect { address } => {
                self.with_net(|net, env| net.connect(env, seat, id, address))
            }
            Op::Receive { socket, once } => {
                let how = How::Pieces { once };
                self.with_net(|net, env| net.receive(env, seat, id, socket.0, how));
            }
            Op::ReceiveInto { socket, buf, len } => {
                let how = How::Into { buf, missing: len };
                self.with_net(|net, env| net.receive(env, seat, id, socket.0, how));
            }
            Op::Send { socket, pieces, zero_copy } => {
                self.with_net(|net, env| net.send(env, seat, id, socket.0, pieces, zero_copy));
            }
            Op::Shutdown { socket } => {
                let mut result = Ok(());
                self.with_net(|net, env| result = net.shutdown(env, seat, socket.0));
                self.complete(seat, id, result.map(|()| Output::Done).map_err(errno), false);
            }
            Op::CloseSocket { socket } => {
                let mut result = Ok(());
                self.with_net(|net, env| result = net.close(env, seat, socket.0));
                self.complete(seat, id, result.map(|()| Output::Done).map_err(errno), false);
            }
            Op::Detach { socket } => {
                let mut result = Err(libc::EBADF);
                self.with_net(|net, _| result = net.detach(seat, socket.0));
                let result = result.map(Output::Detached).map_err(errno);
                self.complete(seat, id, result, false);
            }
            Op::Attach { socket } => {
                let mut result = Err(libc::EBADF);
                self.with_net(|net, _| result = net.attach(seat, socket));
                let result = result.map(|id| Output::Socket(crate::io::SocketId(id)));
                self.complete(seat, id, result.map_err(errno), false);
            }
            Op::Doorbell { shard } => {
                if shard.0 >= self.config.shards {
                    return self.complete(seat, id, Err(errno(libc::ENXIO)), false);
                }
                let at = self.now + self.rng.below(self.config.clock.doorbell + 1);
                self.at(at, Happening::Bell(Seat { shard: shard.0, ..seat }));
                self.complete(seat, id, Ok(Output::Done), false);
            }
            op => self.start_disk(seat, id, op),
        }
    }

    pub(super) fn cancel(&mut self, seat: Seat, id: OpId) {
        if self.alive(seat) {
            let at = self.now + self.rng.below(10_000);
            self.at(at, Happening::Cancel(seat, id));
        }
    }

    /// Puts a completion into the shard's inbox.
    pub(super) fn complete(
        &mut self,
        seat: Seat,
        id: OpId,
        result: io::Result<Output>,
        more: bool,
    ) {
        if !self.alive(seat) {
            return;
        }
        let mut event = self.event(seat, if more { "part" } else { "done" });
        event.id = id.0;
        match &result {
            Ok(Output::Read(buf)) => {
                event.len = buf.len() as u64;
                event.crc = crc32c::checksum(buf);
            }
            Ok(Output::Received(Some(chunk))) => {
                event.len = chunk.len() as u64;
                event.crc = crc32c::checksum(chunk);
            }
            Ok(Output::Stat(stat)) => event.len = stat.len,
            Ok(Output::Names(names)) => event.len = names.len() as u64,
            Ok(_) => {}
            Err(e) => event.errno = e.raw_os_error().unwrap_or(libc::EIO),
        }
        let shard = self.shard(seat);
        let Some(pending) = shard.ops.get(&id) else {
            self.violation = Some(format!("operation {} completed twice", id.0));
            return;
        };
        event.kind = pending.kind;
        if !more {
            shard.ops.remove(&id);
        }
        shard.inbox.push(Completion { id, result, more });
        self.trace.push(event);
    }

    pub(super) fn event(&self, seat: Seat, what: &'static str) -> Event {
        Event::new(self.now, seat.node, seat.shard, what)
    }

    pub(super) fn shard(&mut self, seat: Seat) -> &mut ShardState {
        &mut self.nodes[seat.node].shards[seat.shard as usize]
    }

    pub(super) fn with_net(&mut self, act: impl FnOnce(&mut Net, &mut Env<'_>)) {
        let mut out = Vec::new();
        let nodes: Vec<(bool, u32)> = self.nodes.iter().map(|n| (n.up, n.epoch)).collect();
        let seats = move |seat: Seat| match nodes.get(seat.node) {
            Some((true, epoch)) if *epoch == seat.epoch => SeatState::Alive,
            Some((true, _)) => SeatState::Reborn,
            _ => SeatState::Down,
        };
        let mut env = Env {
            now: self.now,
            rng: &mut self.rng,
            seats: &seats,
            config: &self.config.net,
            provided_bytes: self.config.provided_bytes,
            out: &mut out,
            violation: &mut self.violation,
        };
        self.net.close_lost(&mut env);
        act(&mut self.net, &mut env);
        for effect in out {
            match effect {
                Effect::Complete { seat, id, result, more } => {
                    self.complete(seat, id, result, more);
                }
                Effect::Schedule { at, event } => self.at(at, Happening::Net(event)),
            }
        }
    }
}

impl NodeState {
    fn new(config: &SimConfig, rng: &mut Rng) -> Self {
        let clock = &config.clock;
        let either_way = |rng: &mut Rng, most: u64| rng.between(0, 2 * most) as i64 - most as i64;
        let mut disk = Disk::new(config.disk.capacity);
        disk.keep_stale(config.disk.stale_read > 0.0);
        Self {
            up: false,
            paused: false,
            epoch: 0,
            shards: Vec::new(),
            disk,
            files: BTreeMap::new(),
            next_file: 1,
            wall_offset_ms: either_way(rng, clock.offset_ms),
            drift_ppm: either_way(rng, clock.drift_ppm),
            faults: Vec::new(),
            recorder: None,
        }
    }
}

impl ShardState {
    pub(super) fn new(rng: Rng) -> Self {
        Self { ops: BTreeMap::new(), inbox: Vec::new(), rng, busy_until: 0 }
    }
}

fn kind_of(op: &Op) -> &'static str {
    match op {
        Op::Open { .. } => "open",
        Op::CloseFile { .. } => "close",
        Op::Read { .. } => "read",
        Op::Write { durability: crate::io::Durability::Durable, .. } => "write-durable",
        Op::Write { .. } => "write",
        Op::SyncFile { .. } => "sync",
        Op::SyncDir { .. } => "sync-dir",
        Op::Allocate { .. } => "allocate",
        Op::Truncate { .. } => "truncate",
        Op::Rename { .. } => "rename",
        Op::RemoveFile { .. } => "remove",
        Op::RemoveDir { .. } => "remove-dir",
        Op::CreateDir { .. } => "create-dir",
        Op::ListDir { .. } => "list",
        Op::Stat { .. } => "stat",
        Op::FreeSpace { .. } => "free-space",
        Op::Listen { .. } => "listen",
        Op::Accept { .. } => "accept",
        Op::Connect { .. } => "connect",
        Op::Receive { .. } => "receive",
        Op::ReceiveInto { .. } => "receive-into",
        Op::Send { zero_copy: true, .. } => "send-zc",
        Op::Send { .. } => "send",
        Op::Shutdown { .. } => "shutdown",
        Op::CloseSocket { .. } => "close-socket",
        Op::Detach { .. } => "detach",
        Op::Attach { .. } => "attach",
        Op::Doorbell { .. } => "doorbell",
    }
}

fn file_of(op: &Op) -> Option<u32> {
    match op {
        Op::CloseFile { file }
        | Op::Read { file, .. }
        | Op::Write { file, .. }
        | Op::SyncFile { file }
        | Op::Allocate { file, .. }
        | Op::Truncate { file, .. } => Some(file.0),
        _ => None,
    }
}

fn describe(op: &Op, event: &mut Event) {
    match op {
        Op::Read { offset, len, .. } => {
            event.offset = *offset;
            event.len = *len as u64;
        }
        Op::Write { offset, bytes, .. } => {
            event.offset = *offset;
            event.len = bytes.len() as u64;
            event.crc = crc32c::checksum(bytes);
        }
        Op::Allocate { len, .. } | Op::Truncate { len, .. } => event.len = *len,
        Op::Send { pieces, .. } => {
            event.len = pieces.iter().map(|piece| piece.len() as u64).sum();
            event.crc = pieces.iter().fold(0, |crc, piece| crc32c::append(crc, piece));
        }
        Op::Rename { from, to } => {
            event.name = Some(format!("{} -> {}", from.display(), to.display()).into());
        }
        Op::Open { path, .. }
        | Op::SyncDir { path }
        | Op::RemoveFile { path }
        | Op::RemoveDir { path }
        | Op::CreateDir { path }
        | Op::ListDir { path }
        | Op::Stat { path }
        | Op::FreeSpace { path } => event.name = Some(path.to_string_lossy().into()),
        Op::Listen { address } | Op::Connect { address } => {
            event.name = Some(address.to_string().into());
        }
        Op::Accept { socket }
        | Op::Receive { socket, .. }
        | Op::ReceiveInto { socket, .. }
        | Op::Shutdown { socket }
        | Op::Detach { socket }
        | Op::CloseSocket { socket } => event.offset = u64::from(socket.0),
        Op::Doorbell { shard } => event.offset = u64::from(shard.0),
        Op::CloseFile { .. } | Op::SyncFile { .. } | Op::Attach { .. } => {}
    }
}
