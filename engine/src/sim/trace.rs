//! What happened: a hash over everything, and the last events in words.

use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use super::rng::splitmix;
use crate::crc32c;

/// One event, small enough to keep always.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) time: u64,
    pub(super) node: u16,
    pub(super) shard: u16,
    /// `submit`, `done`, `crash`, ...
    pub(super) what: &'static str,
    pub(super) kind: &'static str,
    pub(super) id: u64,
    pub(super) offset: u64,
    pub(super) len: u64,
    /// CRC32C of the data.
    pub(super) crc: u32,
    /// Zero when all is well.
    pub(super) errno: i32,
    /// File or directory.
    pub(super) name: Option<Rc<str>>,
}

impl Event {
    pub(super) fn new(time: u64, node: usize, shard: u16, what: &'static str) -> Self {
        Self {
            time,
            node: node as u16,
            shard,
            what,
            kind: "",
            id: 0,
            offset: 0,
            len: 0,
            crc: 0,
            errno: 0,
            name: None,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ms, ns) = (self.time / 1_000_000, self.time % 1_000_000);
        write!(f, "{ms:>7}.{ns:06} n{}.{} {:<7}", self.node, self.shard, self.what)?;
        if !self.kind.is_empty() {
            write!(f, " #{:<5} {}", self.id, self.kind)?;
        }
        if let Some(name) = &self.name {
            write!(f, " {name}")?;
        }
        if self.offset != 0 || self.len != 0 {
            write!(f, " at {} len {}", self.offset, self.len)?;
        }
        if self.crc != 0 {
            write!(f, " crc {:08x}", self.crc)?;
        }
        if self.errno != 0 {
            write!(f, " {}", std::io::Error::from_raw_os_error(self.errno))?;
        }
        Ok(())
    }
}

/// The running hash and the last events.
#[derive(Debug)]
pub(super) struct Trace {
    hash: u64,
    count: u64,
    keep: usize,
    last: VecDeque<Event>,
}

impl Trace {
    pub(super) fn new(keep: usize) -> Self {
        Self { hash: 0, count: 0, keep, last: VecDeque::new() }
    }

    pub(super) fn push(&mut self, event: Event) {
        self.count += 1;
        self.mix(event.time);
        self.mix(u64::from(event.node) << 16 | u64::from(event.shard));
        self.mix(u64::from(crc32c::checksum(event.what.as_bytes())));
        self.mix(u64::from(crc32c::checksum(event.kind.as_bytes())));
        self.mix(event.id);
        self.mix(event.offset);
        self.mix(event.len);
        self.mix(u64::from(event.crc) << 32 | u64::from(event.errno as u32));
        if let Some(name) = &event.name {
            self.mix(u64::from(crc32c::checksum(name.as_bytes())));
        }
        if self.keep > 0 {
            if self.last.len() == self.keep {
                self.last.pop_front();
            }
            self.last.push_back(event);
        }
    }

    fn mix(&mut self, word: u64) {
        let mut state = self.hash ^ word;
        self.hash = splitmix(&mut state);
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn last(&self) -> impl Iterator<Item = &Event> {
        self.last.iter()
    }
}
