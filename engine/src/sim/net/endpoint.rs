//! One end of a connection.

use std::collections::VecDeque;

use super::{Effect, Env, NetEvent};
use crate::arena::{Buf, Slice};
use crate::crc32c;
use crate::io::{Chunk, ChunkHome, OpId, Output};
use crate::sim::Seat;
use crate::sim::disk::errno;

/// What travels.
#[derive(Debug)]
pub(super) enum Segment {
    Data(Vec<u8>),
    Fin,
    Reset,
}

/// A segment under way.
pub(super) struct Wired {
    pub(super) sent: u64,
    pub(super) arrives: u64,
    pub(super) segment: Segment,
}

/// A send that the socket has not taken whole.
pub(super) struct Sending {
    id: OpId,
    pieces: Vec<Slice>,
    /// Piece and byte in it that go next.
    at: (usize, usize),
    zero_copy: bool,
    crc: u32,
}

/// A receive that has not ended.
pub(super) struct Receiving {
    pub(super) id: OpId,
    pub(super) how: How,
}

/// How it receives.
pub(in crate::sim) enum How {
    /// Piece by piece; `once`: one piece.
    Pieces { once: bool },
    /// To the end of a buffer, so many bytes more.
    Into { buf: Buf, missing: usize },
}

pub(super) struct Endpoint {
    pub(super) seat: Seat,
    /// It belongs to none of the node's shards for now.
    pub(super) detached: bool,
    pub(super) peer: u32,
    pub(super) receive: Option<Receiving>,
    /// Bytes that arrived and were not received.
    pub(super) inbox: VecDeque<u8>,
    /// The peer, or this end by a shutdown, has ended the stream.
    pub(super) eof: bool,
    /// The connection is broken.
    broken: Option<i32>,
    pub(super) sends: VecDeque<Sending>,
    /// Under way to the peer, in order.
    pub(super) wire: VecDeque<Wired>,
    last_arrival: u64,
    /// Fin or reset is on the wire or was.
    finished: bool,
    /// A reset is on the wire or was.
    reset: bool,
    /// The owner has closed it, or is gone.
    pub(super) closed: bool,
    /// The owner lost power and never said good-bye.
    pub(super) vanished: bool,
}

impl Endpoint {
    /// Whether a shard has it open.
    pub(super) fn is_of(&self, seat: Seat) -> bool {
        self.seat == seat && !self.closed && !self.detached
    }

    pub(super) fn new(seat: Seat) -> Self {
        Self {
            seat,
            detached: false,
            peer: 0,
            receive: None,
            inbox: VecDeque::new(),
            eof: false,
            broken: None,
            sends: VecDeque::new(),
            wire: VecDeque::new(),
            last_arrival: 0,
            finished: false,
            reset: false,
            closed: false,
            vanished: false,
        }
    }

    /// Bytes have arrived. Behind a reset they are dropped: a stream has no gaps.
    pub(super) fn take_in(&mut self, bytes: Vec<u8>) {
        if self.broken.is_none() {
            self.inbox.extend(bytes);
        }
    }

    /// Gives what has arrived to the receive operation, piece by piece.
    pub(super) fn feed(&mut self, env: &mut Env<'_>, home: Option<&ChunkHome>) {
        while let Some(Receiving { id, how }) = self.receive.take() {
            let once = match how {
                How::Pieces { once } => once,
                How::Into { buf, missing } => {
                    self.receive = self.fill(env, id, buf, missing);
                    return;
                }
            };
            if self.inbox.is_empty() {
                let last = match self.broken {
                    Some(code) => Err(errno(code)),
                    None if self.eof => Ok(Output::Received(None)),
                    None => {
                        self.receive = Some(Receiving { id, how: How::Pieces { once } });
                        return;
                    }
                };
                return env.complete(self.seat, id, last, false);
            }
            let starved = env.rng.chance(env.config.no_buffers);
            let number = home.filter(|_| !starved).and_then(|home| home.borrow_mut().pop());
            let (Some(number), Some(home)) = (number, home) else {
                return env.complete(self.seat, id, Err(errno(libc::ENOBUFS)), false);
            };
            let mut n = self.inbox.len().min(env.provided_bytes);
            if env.rng.chance(env.config.short) {
                n = env.rng.between(1, n as u64) as usize;
            }
            let bytes: Vec<u8> = self.inbox.drain(..n).collect();
            let chunk = Chunk::lent(Slice::copy_from(&bytes), home.clone(), number);
            let more = !env.rng.chance(env.config.multishot_end) && !once;
            if more {
                self.receive = Some(Receiving { id, how: How::Pieces { once } });
            }
            env.complete(self.seat, id, Ok(Output::Received(Some(chunk))), more);
        }
    }

    /// Moves what has arrived to the end of a buffer. Returns the receive if it goes on.
    fn fill(
        &mut self,
        env: &mut Env<'_>,
        id: OpId,
        mut buf: Buf,
        missing: usize,
    ) -> Option<Receiving> {
        let n = self.inbox.len().min(missing);
        let bytes: Vec<u8> = self.inbox.drain(..n).collect();
        buf.extend_from_slice(&bytes);
        let missing = missing - n;
        if missing > 0 && self.broken.is_none() && !self.eof {
            return Some(Receiving { id, how: How::Into { buf, missing } });
        }
        env.complete(self.seat, id, Ok(Output::Read(buf)), false);
        None
    }

    /// Takes a send on.
    pub(super) fn queue(
        &mut self,
        env: &mut Env<'_>,
        id: OpId,
        pieces: Vec<Slice>,
        zero_copy: bool,
    ) {
        if self.finished || self.broken.is_some() {
            return env.complete(self.seat, id, Err(errno(libc::EPIPE)), false);
        }
        let crc = crc_of(&pieces);
        self.sends.push_back(Sending { id, pieces, at: (0, 0), zero_copy, crc });
    }

    /// Puts as much on the wire as the window allows. `unread` is what waits at the other end.
    pub(super) fn pump(&mut self, env: &mut Env<'_>, me: u32, unread: usize, not_before: u64) {
        let under_way: usize = self
            .wire
            .iter()
            .map(|wired| match &wired.segment {
                Segment::Data(bytes) => bytes.len(),
                Segment::Fin | Segment::Reset => 0,
            })
            .sum();
        let mut room = env.config.window.saturating_sub(under_way + unread);
        while let Some(sending) = self.sends.front_mut() {
            let mut most = env.config.segment.min(room).max(1);
            if env.rng.chance(env.config.short) {
                most = env.rng.between(1, most as u64) as usize;
            }
            let mut bytes = Vec::new();
            while let Some(piece) = sending.pieces.get(sending.at.0) {
                let rest = &piece[sending.at.1..];
                let n = rest.len().min(most - bytes.len());
                if n == 0 && !rest.is_empty() || room == 0 && !rest.is_empty() {
                    break;
                }
                bytes.extend_from_slice(&rest[..n]);
                sending.at.1 += n;
                if sending.at.1 == piece.len() {
                    sending.at = (sending.at.0 + 1, 0);
                }
            }
            let done = sending.at.0 == sending.pieces.len();
            room -= bytes.len();
            let stuck = bytes.is_empty() && !done;
            if !bytes.is_empty() {
                self.put(env, me, not_before, Segment::Data(bytes));
            }
            if stuck {
                break;
            }
            if done && let Some(sending) = self.sends.pop_front() {
                self.taken(env, sending);
            }
        }
        if self.closed && self.sends.is_empty() && !self.vanished {
            self.finish(env, me, Segment::Fin);
        }
    }

    fn taken(&mut self, env: &mut Env<'_>, sending: Sending) {
        let Sending { id, pieces, zero_copy, crc, .. } = sending;
        let seat = self.seat;
        env.complete(seat, id, Ok(Output::Done), zero_copy);
        if zero_copy {
            // The memory is free when the other end has confirmed the bytes.
            let at = self.last_arrival.max(env.now) + env.delay();
            env.out
                .push(Effect::Schedule { at, event: NetEvent::Notify { seat, id, pieces, crc } });
        }
    }

    fn put(&mut self, env: &mut Env<'_>, me: u32, not_before: u64, segment: Segment) {
        let arrives = (env.now + env.delay()).max(self.last_arrival).max(not_before);
        self.last_arrival = arrives;
        self.wire.push_back(Wired { sent: env.now, arrives, segment });
        env.schedule(arrives, NetEvent::Wire { from: me });
    }

    /// Says good-bye to the other end, once in each way: a reset may follow the end of the stream.
    pub(super) fn finish(&mut self, env: &mut Env<'_>, me: u32, how: Segment) {
        let reset = matches!(how, Segment::Reset);
        if !self.finished || reset && !self.reset {
            self.finished = true;
            self.reset |= reset;
            self.put(env, me, 0, how);
        }
    }

    /// The owner lets go. Sends that were taken on go on.
    pub(super) fn close(&mut self, env: &mut Env<'_>, me: u32) {
        self.closed = true;
        if let Some(Receiving { id, .. }) = self.receive.take() {
            env.complete(self.seat, id, Err(errno(libc::ECANCELED)), false);
        }
        if !self.inbox.is_empty() {
            // What was never read is a reset to the sender.
            self.inbox.clear();
            self.fail_sends(env, libc::ECONNRESET);
            self.finish(env, me, Segment::Reset);
        }
    }

    pub(super) fn fail_sends(&mut self, env: &mut Env<'_>, code: i32) {
        for sending in std::mem::take(&mut self.sends) {
            env.complete(self.seat, sending.id, Err(errno(code)), false);
        }
    }

    pub(super) fn break_off(&mut self, env: &mut Env<'_>, home: Option<&ChunkHome>, code: i32) {
        if self.broken.is_some() {
            return;
        }
        self.broken = Some(code);
        self.finished = true;
        if env.rng.next() & 1 == 0 {
            self.inbox.clear();
        }
        self.fail_sends(env, libc::ECONNRESET);
        self.feed(env, home);
    }
}

pub(super) fn crc_of(pieces: &[Slice]) -> u32 {
    pieces.iter().fold(0, |crc, piece| crc32c::append(crc, piece))
}
