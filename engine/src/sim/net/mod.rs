//! A simulated network: listeners, connections, and the links between nodes.
//!
//! A state machine: it is told of operations and of the moments it asked for, and answers with
//! [`Effect`]s. Node `n` has the address `10.0.x.y`; loopback and unspecified addresses mean the
//! node itself.

mod endpoint;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use crossbeam_queue::SegQueue;

pub(in crate::sim) use self::endpoint::How;
use self::endpoint::{Endpoint, Receiving, Segment};
use super::config::{MILLISECOND, NetConfig};
use super::disk::errno;
use super::rng::Rng;
use super::{Seat, SeatState};
use crate::arena::Slice;
use crate::io::{ChunkHome, Detached, OpId, Output, SocketId};

/// Pause before a segment or a connection request is tried again on a cut link.
const RETRY: u64 = 100 * MILLISECOND;
/// Connections that may wait to be accepted.
const BACKLOG: usize = 128;

/// The address of a node.
pub(super) fn ip_of(node: usize) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, (node / 250) as u8, (node % 250 + 1) as u8))
}

fn node_of(ip: IpAddr, from: usize) -> Option<usize> {
    match ip {
        _ if ip.is_loopback() || ip.is_unspecified() => Some(from),
        IpAddr::V4(ip) => match ip.octets() {
            [10, 0, high, low] if low > 0 => Some(high as usize * 250 + low as usize - 1),
            _ => None,
        },
        IpAddr::V6(_) => None,
    }
}

/// What the network wants of the world.
#[derive(Debug)]
pub(super) enum Effect {
    Complete { seat: Seat, id: OpId, result: io::Result<Output>, more: bool },
    Schedule { at: u64, event: NetEvent },
}

/// A moment the network asked for.
#[derive(Debug)]
pub(super) enum NetEvent {
    /// A connection request reaches the other node.
    Syn { seat: Seat, id: OpId, address: SocketAddr, deadline: u64 },
    /// The answer to it comes back: the client's socket, or an error.
    SynAck { seat: Seat, id: OpId, answer: Result<u32, i32> },
    /// The next segments sent by this endpoint may arrive.
    Wire { from: u32 },
    /// The memory of a zero-copy send is free again.
    Notify { seat: Seat, id: OpId, pieces: Vec<Slice>, crc: u32 },
}

enum Sock {
    Listener(Listener),
    Stream(Box<Endpoint>),
}

struct Listener {
    seat: Seat,
    address: SocketAddr,
    accept: Option<OpId>,
    waiting: VecDeque<(u32, SocketAddr)>,
}

#[derive(Clone, Copy, Default)]
struct Link {
    cut: bool,
    clogged_until: u64,
}

/// What the network needs to know of the world while it works.
pub(super) struct Env<'a> {
    pub(super) now: u64,
    pub(super) rng: &'a mut Rng,
    pub(super) seats: &'a dyn Fn(Seat) -> SeatState,
    pub(super) config: &'a NetConfig,
    pub(super) provided_bytes: usize,
    pub(super) out: &'a mut Vec<Effect>,
    pub(super) violation: &'a mut Option<String>,
}

impl Env<'_> {
    fn complete(&mut self, seat: Seat, id: OpId, result: io::Result<Output>, more: bool) {
        self.out.push(Effect::Complete { seat, id, result, more });
    }

    fn schedule(&mut self, at: u64, event: NetEvent) {
        self.out.push(Effect::Schedule { at, event });
    }

    fn delay(&mut self) -> u64 {
        self.rng.between(self.config.delay.0, self.config.delay.1)
    }

    fn up(&self, seat: Seat) -> bool {
        (self.seats)(seat) == SeatState::Alive
    }

    fn down(&self, seat: Seat) -> bool {
        (self.seats)(seat) == SeatState::Down
    }
}

/// All sockets and links.
pub(super) struct Net {
    sockets: BTreeMap<u32, Sock>,
    next_socket: u32,
    next_port: u16,
    links: BTreeMap<(usize, usize), Link>,
    /// Provided buffers that are free, by node and shard.
    homes: BTreeMap<(usize, u16), ChunkHome>,
    /// Detached sockets that nobody has attached.
    lost: Arc<SegQueue<u32>>,
}

/// A detached socket.
struct Loose {
    socket: u32,
    /// Where it goes when it is dropped.
    lost: Option<Arc<SegQueue<u32>>>,
}

impl Drop for Loose {
    fn drop(&mut self) {
        if let Some(lost) = &self.lost {
            lost.push(self.socket);
        }
    }
}

impl Net {
    pub(super) fn new() -> Self {
        Self {
            sockets: BTreeMap::new(),
            next_socket: 1,
            next_port: 32768,
            links: BTreeMap::new(),
            homes: BTreeMap::new(),
            lost: Arc::default(),
        }
    }

    /// Gives a shard its provided buffers.
    pub(super) fn provide(&mut self, node: usize, shard: u16, count: u16) {
        let home = ChunkHome::default();
        *home.borrow_mut() = (0..count).collect();
        self.homes.insert((node, shard), home);
    }

    /// Provided buffers of a shard that are free.
    pub(super) fn free_buffers(&self, node: usize, shard: u16) -> usize {
        self.homes.get(&(node, shard)).map_or(0, |home| home.borrow().len())
    }

    /// Cuts or mends the link from one node to another; the other direction stays as it is.
    pub(super) fn set_link(&mut self, from: usize, to: usize, cut: bool) {
        self.links.entry((from, to)).or_default().cut = cut;
    }

    /// Holds everything on a link back until `until`.
    pub(super) fn clog(&mut self, from: usize, to: usize, until: u64) {
        self.links.entry((from, to)).or_default().clogged_until = until;
    }

    pub(super) fn heal(&mut self) {
        self.links.clear();
    }

    fn cut(&self, from: usize, to: usize) -> bool {
        self.links.get(&(from, to)).is_some_and(|link| link.cut)
    }

    pub(super) fn listen(
        &mut self,
        seat: Seat,
        mut address: SocketAddr,
    ) -> Result<(u32, SocketAddr), i32> {
        if node_of(address.ip(), seat.node) != Some(seat.node) {
            return Err(libc::EADDRNOTAVAIL);
        }
        if address.port() == 0 {
            address.set_port(self.port());
        }
        let taken = self.sockets.values().any(|sock| match sock {
            Sock::Listener(other) => other.seat == seat && other.address == address,
            Sock::Stream(_) => false,
        });
        if taken {
            return Err(libc::EADDRINUSE);
        }
        let listener = Listener { seat, address, accept: None, waiting: VecDeque::new() };
        Ok((self.add(Sock::Listener(listener)), address))
    }

    fn port(&mut self) -> u16 {
        let port = self.next_port;
        self.next_port = self.next_port.checked_add(1).unwrap_or(32768);
        port
    }

    fn add(&mut self, sock: Sock) -> u32 {
        let id = self.next_socket;
        self.next_socket += 1;
        self.sockets.insert(id, sock);
        id
    }

    pub(super) fn accept(&mut self, env: &mut Env<'_>, seat: Seat, id: OpId, socket: u32) {
        match self.sockets.get_mut(&socket) {
            Some(Sock::Listener(listener)) if listener.seat == seat => {
                if listener.accept.is_some() {
                    return env.complete(seat, id, Err(errno(libc::EBUSY)), false);
                }
                listener.accept = Some(id);
                hand_over(env, listener);
            }
            _ => env.complete(seat, id, Err(errno(libc::EBADF)), false),
        }
    }

    pub(super) fn connect(&mut self, env: &mut Env<'_>, seat: Seat, id: OpId, address: SocketAddr) {
        let at = env.now + env.delay();
        let deadline = env.now + env.config.connect_timeout;
        if node_of(address.ip(), seat.node).is_none() {
            let answer = Err(libc::EHOSTUNREACH);
            return env.schedule(at, NetEvent::SynAck { seat, id, answer });
        }
        env.schedule(at, NetEvent::Syn { seat, id, address, deadline });
    }

    pub(super) fn receive(
        &mut self,
        env: &mut Env<'_>,
        seat: Seat,
        id: OpId,
        socket: u32,
        how: How,
    ) {
        let home = self.homes.get(&(seat.node, seat.shard)).cloned();
        match self.sockets.get_mut(&socket) {
            Some(Sock::Stream(stream)) if stream.is_of(seat) => {
                if stream.receive.is_some() {
                    return env.complete(seat, id, Err(errno(libc::EBUSY)), false);
                }
                stream.receive = Some(Receiving { id, how });
                stream.feed(env, home.as_ref());
                self.pump_peer(env, socket);
            }
            _ => env.complete(seat, id, Err(errno(libc::EBADF)), false),
        }
    }

    pub(super) fn send(
        &mut self,
        env: &mut Env<'_>,
        seat: Seat,
        id: OpId,
        socket: u32,
        pieces: Vec<Slice>,
        zero_copy: bool,
    ) {
        match self.sockets.get_mut(&socket) {
            Some(Sock::Stream(stream)) if stream.is_of(seat) => {
                stream.queue(env, id, pieces, zero_copy);
                self.pump(env, socket);
            }
            _ => env.complete(seat, id, Err(errno(libc::EBADF)), false),
        }
    }

    /// Takes a connection off its shard.
    pub(super) fn detach(&mut self, seat: Seat, socket: u32) -> Result<Detached, i32> {
        match self.sockets.get_mut(&socket) {
            Some(Sock::Stream(stream)) if stream.is_of(seat) => {
                if stream.receive.is_some() || !stream.sends.is_empty() {
                    return Err(libc::EBUSY);
                }
                stream.detached = true;
                let lost = Some(self.lost.clone());
                Ok(Detached(Box::new(Loose { socket, lost })))
            }
            _ => Err(libc::EBADF),
        }
    }

    /// Gives a connection to another shard of its node.
    pub(super) fn attach(&mut self, seat: Seat, from: Detached) -> Result<u32, i32> {
        let mut loose = from.0.downcast::<Loose>().map_err(|_| libc::EBADF)?;
        match self.sockets.get_mut(&loose.socket) {
            Some(Sock::Stream(stream))
                if stream.detached && !stream.closed && stream.seat.node == seat.node =>
            {
                loose.lost = None;
                stream.seat = seat;
                stream.detached = false;
                Ok(loose.socket)
            }
            _ => Err(libc::EBADF),
        }
    }

    /// Closes detached sockets that were dropped.
    pub(super) fn close_lost(&mut self, env: &mut Env<'_>) {
        while let Some(socket) = self.lost.pop() {
            if let Some(Sock::Stream(stream)) = self.sockets.get_mut(&socket) {
                stream.detached = false;
                let seat = stream.seat;
                // One that the other end has closed meanwhile is closed.
                self.close(env, seat, socket).unwrap_or_default();
            }
        }
    }

    pub(super) fn shutdown(
        &mut self,
        env: &mut Env<'_>,
        seat: Seat,
        socket: u32,
    ) -> Result<(), i32> {
        let home = self.homes.get(&(seat.node, seat.shard)).cloned();
        match self.sockets.get_mut(&socket) {
            Some(Sock::Stream(stream)) if stream.is_of(seat) => {
                stream.fail_sends(env, libc::EPIPE);
                stream.finish(env, socket, Segment::Fin);
                stream.eof = true;
                stream.feed(env, home.as_ref());
                Ok(())
            }
            _ => Err(libc::ENOTCONN),
        }
    }

    pub(super) fn close(&mut self, env: &mut Env<'_>, seat: Seat, socket: u32) -> Result<(), i32> {
        match self.sockets.get_mut(&socket) {
            Some(Sock::Stream(stream)) if stream.is_of(seat) => {
                stream.close(env, socket);
                self.pump(env, socket);
                self.reap(socket);
                Ok(())
            }
            Some(Sock::Listener(listener)) if listener.seat == seat => {
                if let Some(id) = listener.accept.take() {
                    env.complete(seat, id, Err(errno(libc::ECANCELED)), false);
                }
                let waiting = std::mem::take(&mut listener.waiting);
                self.sockets.remove(&socket);
                for (stream, _) in waiting {
                    self.abandon(env, stream, true);
                }
                Ok(())
            }
            _ => Err(libc::EBADF),
        }
    }

    /// Ends a multishot operation early, if it is still there.
    pub(super) fn cancel(&mut self, env: &mut Env<'_>, seat: Seat, id: OpId) {
        for sock in self.sockets.values_mut() {
            let found = match sock {
                Sock::Listener(listener) if listener.seat == seat => {
                    listener.accept.take_if(|accept| *accept == id).is_some()
                }
                Sock::Stream(stream) if stream.seat == seat => {
                    stream.receive.take_if(|receive| receive.id == id).is_some()
                }
                _ => continue,
            };
            if found {
                return env.complete(seat, id, Err(errno(libc::ECANCELED)), false);
            }
        }
    }

    /// A node is gone: with its power, so that it never answers again, or as a process only, whose
    /// kernel tells the other ends.
    pub(super) fn crash(&mut self, env: &mut Env<'_>, node: usize, power: bool) {
        let gone: Vec<u32> = self.sockets.keys().copied().collect();
        for id in gone {
            match self.sockets.get(&id) {
                Some(Sock::Listener(listener)) if listener.seat.node == node => {
                    self.sockets.remove(&id);
                }
                Some(Sock::Stream(stream)) if stream.seat.node == node => {
                    self.abandon(env, id, !power);
                }
                _ => {}
            }
        }
    }

    pub(super) fn event(&mut self, env: &mut Env<'_>, event: NetEvent) {
        match event {
            NetEvent::Syn { seat, id, address, deadline } => {
                self.syn(env, seat, id, address, deadline);
            }
            NetEvent::SynAck { seat, id, answer } => {
                if !env.up(seat) {
                    if let Ok(socket) = answer {
                        self.abandon(env, socket, false);
                    }
                    return;
                }
                let result = answer.map(|socket| Output::Socket(SocketId(socket))).map_err(errno);
                env.complete(seat, id, result, false);
            }
            NetEvent::Wire { from } => self.wire(env, from),
            NetEvent::Notify { seat, id, pieces, crc } => {
                if endpoint::crc_of(&pieces) != crc {
                    *env.violation = Some(format!(
                        "memory of zero-copy send {} changed before its notification",
                        id.0
                    ));
                }
                drop(pieces);
                env.complete(seat, id, Ok(Output::Done), false);
            }
        }
    }

    fn syn(&mut self, env: &mut Env<'_>, seat: Seat, id: OpId, address: SocketAddr, deadline: u64) {
        if !env.up(seat) {
            return;
        }
        let Some(node) = node_of(address.ip(), seat.node) else { return };
        let back = env.now + env.delay();
        let unreachable = self.cut(seat.node, node)
            || self.cut(node, seat.node)
            || env.down(Seat { node, shard: 0, epoch: 0 });
        if unreachable {
            if env.now >= deadline {
                let answer = Err(libc::ETIMEDOUT);
                return env.schedule(back, NetEvent::SynAck { seat, id, answer });
            }
            let at = (env.now + RETRY).min(deadline);
            return env.schedule(at, NetEvent::Syn { seat, id, address, deadline });
        }
        let matching: Vec<u32> = self
            .sockets
            .iter()
            .filter_map(|(id, sock)| match sock {
                Sock::Listener(l)
                    if l.seat.node == node
                        && l.address.port() == address.port()
                        && (l.address.ip().is_unspecified()
                            || l.address.ip() == address.ip()
                            || address.ip().is_unspecified())
                        && l.waiting.len() < BACKLOG =>
                {
                    Some(*id)
                }
                _ => None,
            })
            .collect();
        if matching.is_empty() {
            let answer = Err(libc::ECONNREFUSED);
            return env.schedule(back, NetEvent::SynAck { seat, id, answer });
        }
        let chosen = *env.rng.choose(&matching);
        let Some(Sock::Listener(listener)) = self.sockets.get(&chosen) else { return };
        let server_seat = listener.seat;
        let ip = if address.ip().is_loopback() { address.ip() } else { ip_of(seat.node) };
        let peer = SocketAddr::new(ip, self.port());
        let server = self.add(Sock::Stream(Box::new(Endpoint::new(server_seat))));
        let client = self.add(Sock::Stream(Box::new(Endpoint::new(seat))));
        for (one, other) in [(server, client), (client, server)] {
            if let Some(Sock::Stream(stream)) = self.sockets.get_mut(&one) {
                stream.peer = other;
            }
        }
        env.schedule(back, NetEvent::SynAck { seat, id, answer: Ok(client) });
        if let Some(Sock::Listener(listener)) = self.sockets.get_mut(&chosen) {
            listener.waiting.push_back((server, peer));
            hand_over(env, listener);
        }
    }

    /// Takes what has arrived off the wire of endpoint `from`, in order.
    fn wire(&mut self, env: &mut Env<'_>, from: u32) {
        loop {
            let Some(Sock::Stream(sender)) = self.sockets.get(&from) else { return };
            let Some((due, sent_at)) = sender.wire.front().map(|s| (s.arrives, s.sent)) else {
                return self.reap(from);
            };
            if due > env.now {
                return;
            }
            let (peer, from_node) = (sender.peer, sender.seat.node);
            let receiver = match self.sockets.get(&peer) {
                Some(Sock::Stream(receiver)) => Some(receiver.seat),
                _ => None,
            };
            let blocked = receiver.is_some_and(|seat| {
                self.cut(from_node, seat.node) || env.down(Seat { epoch: 0, ..seat })
            });
            if blocked {
                let expired = env.now.saturating_sub(sent_at) >= env.config.stream_timeout;
                let Some(Sock::Stream(sender)) = self.sockets.get_mut(&from) else { return };
                if expired {
                    sender.wire.clear();
                    self.break_off(env, from, libc::ETIMEDOUT);
                } else if let Some(front) = sender.wire.front_mut() {
                    front.arrives = env.now + RETRY;
                    env.schedule(front.arrives, NetEvent::Wire { from });
                }
                return;
            }
            let Some(Sock::Stream(sender)) = self.sockets.get_mut(&from) else { return };
            let Some(segment) = sender.wire.pop_front() else { return };
            self.arrive(env, from, peer, segment.segment);
        }
    }

    fn arrive(&mut self, env: &mut Env<'_>, from: u32, to: u32, segment: Segment) {
        let is_data = matches!(segment, Segment::Data(_));
        let reset = is_data && env.rng.chance(env.config.reset);
        let mut refused = reset;
        match self.sockets.get_mut(&to) {
            Some(Sock::Stream(receiver)) if !receiver.closed => match segment {
                Segment::Reset => self.break_off(env, to, libc::ECONNRESET),
                _ if reset => self.break_off(env, to, libc::ECONNRESET),
                segment => {
                    match segment {
                        Segment::Data(bytes) => receiver.take_in(bytes),
                        _ => receiver.eof = true,
                    }
                    let home = self.homes.get(&(receiver.seat.node, receiver.seat.shard));
                    receiver.feed(env, home);
                }
            },
            _ => refused = is_data,
        }
        if refused {
            // The sender hears of it when the answer has travelled back.
            match self.sockets.get_mut(&to) {
                Some(Sock::Stream(gone)) => {
                    gone.vanished = false;
                    gone.finish(env, to, Segment::Reset);
                }
                _ => self.break_off(env, from, libc::ECONNRESET),
            }
        }
        self.pump_peer(env, to);
        self.reap(from);
    }

    /// A connection is of no more use to this end.
    fn break_off(&mut self, env: &mut Env<'_>, socket: u32, code: i32) {
        if let Some(Sock::Stream(stream)) = self.sockets.get_mut(&socket) {
            let home = self.homes.get(&(stream.seat.node, stream.seat.shard));
            stream.break_off(env, home, code);
        }
        self.reap(socket);
    }

    /// The owner of an endpoint is gone without having closed it.
    fn abandon(&mut self, env: &mut Env<'_>, socket: u32, tell: bool) {
        if let Some(Sock::Stream(stream)) = self.sockets.get_mut(&socket) {
            stream.sends.clear();
            stream.receive = None;
            stream.inbox.clear();
            stream.closed = true;
            if tell {
                stream.finish(env, socket, Segment::Reset);
            } else {
                stream.vanished = true;
                stream.wire.clear();
            }
        }
        self.reap(socket);
    }

    /// Puts as much on the wire as the window allows.
    fn pump(&mut self, env: &mut Env<'_>, socket: u32) {
        let Some(Sock::Stream(stream)) = self.sockets.get(&socket) else { return };
        let (peer, from) = (stream.peer, stream.seat.node);
        let (unread, to) = match self.sockets.get(&peer) {
            Some(Sock::Stream(peer)) => (peer.inbox.len(), peer.seat.node),
            _ => (0, from),
        };
        let link = self.links.entry((from, to)).or_default();
        if env.rng.chance(env.config.clog) {
            link.clogged_until = env.now + env.rng.below(env.config.clog_time);
        }
        let not_before = link.clogged_until;
        if let Some(Sock::Stream(stream)) = self.sockets.get_mut(&socket) {
            stream.pump(env, socket, unread, not_before);
        }
    }

    /// The other end has read something: its peer may send more.
    fn pump_peer(&mut self, env: &mut Env<'_>, socket: u32) {
        if let Some(Sock::Stream(stream)) = self.sockets.get(&socket) {
            let peer = stream.peer;
            self.pump(env, peer);
        }
    }

    /// Forgets a connection when both ends are closed and nothing is under way.
    fn reap(&mut self, socket: u32) {
        let Some(Sock::Stream(one)) = self.sockets.get(&socket) else { return };
        let peer = one.peer;
        let done = |sock: Option<&Sock>| match sock {
            Some(Sock::Stream(s)) => {
                s.closed && s.sends.is_empty() && (s.wire.is_empty() || s.vanished)
            }
            _ => true,
        };
        if done(self.sockets.get(&socket)) && done(self.sockets.get(&peer)) {
            self.sockets.remove(&socket);
            self.sockets.remove(&peer);
        }
    }

    /// Sockets that exist, for leak checks.
    pub(super) fn open_sockets(&self, node: usize) -> usize {
        self.sockets
            .values()
            .filter(|sock| match sock {
                Sock::Listener(listener) => listener.seat.node == node,
                Sock::Stream(stream) => stream.seat.node == node && !stream.closed,
            })
            .count()
    }
}

fn hand_over(env: &mut Env<'_>, listener: &mut Listener) {
    while let Some(id) = listener.accept {
        let Some((socket, peer)) = listener.waiting.pop_front() else { return };
        let more = !env.rng.chance(env.config.multishot_end);
        if !more {
            listener.accept = None;
        }
        env.complete(listener.seat, id, Ok(Output::Accepted(SocketId(socket), peer)), more);
    }
}
