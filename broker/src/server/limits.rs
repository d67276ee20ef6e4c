//! What connections may take.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ringlog_engine::arena::{Arena, Buf};
use ringlog_engine::exec::Notify;

/// Counts the connections of a node, in all and from each address. All shards share it: a lock that is
/// taken when a connection comes and when it goes, never on the way of a request.
#[derive(Debug, Default)]
pub struct NodeConnections {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_address: BTreeMap<IpAddr, usize>,
}

impl NodeConnections {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Counting does not panic, so that nothing is half done.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The connections of a shard. `max.connections` and `max.connections.per.ip` are limits of the node.
pub struct ConnectionLimits {
    node: Arc<NodeConnections>,
    here: Cell<usize>,
    moved: Cell<u64>,
}

/// A connection's place; given up when dropped.
pub struct ConnectionPlace {
    limits: Rc<ConnectionLimits>,
    node: Option<NodePlace>,
}

/// A connection's place on the node while it is on no shard; given up when dropped.
pub struct NodePlace {
    node: Arc<NodeConnections>,
    address: IpAddr,
}

impl ConnectionLimits {
    /// Those of a shard of the node that counts in `node`.
    pub fn new(node: Arc<NodeConnections>) -> Self {
        Self { node, here: Cell::new(0), moved: Cell::new(0) }
    }

    /// Takes a place for a connection from `address`.
    ///
    /// # Errors
    /// Which limit is reached.
    pub fn enter(
        self: &Rc<Self>,
        address: IpAddr,
        all_max: usize,
        per_address_max: usize,
    ) -> Result<ConnectionPlace, &'static str> {
        let mut counts = self.node.counts();
        if counts.all >= all_max {
            return Err("max.connections");
        }
        let known = counts.by_address.get(&address).copied().unwrap_or_default();
        if known >= per_address_max {
            return Err("max.connections.per.ip");
        }
        counts.by_address.insert(address, known + 1);
        counts.all += 1;
        drop(counts);
        Ok(self.place(NodePlace { node: self.node.clone(), address }))
    }

    /// Gives a connection of the node a place on this shard.
    pub fn take_in(self: &Rc<Self>, node: NodePlace) -> ConnectionPlace {
        self.moved.set(self.moved.get() + 1);
        self.place(node)
    }

    fn place(self: &Rc<Self>, node: NodePlace) -> ConnectionPlace {
        self.here.set(self.here.get() + 1);
        ConnectionPlace { limits: self.clone(), node: Some(node) }
    }

    /// Connections that other shards have moved here.
    pub fn moved(&self) -> u64 {
        self.moved.get()
    }

    /// Connections of this shard now.
    pub fn count(&self) -> usize {
        self.here.get()
    }
}

impl ConnectionPlace {
    /// Gives up the place on this shard, and keeps that on the node.
    pub fn leave(mut self) -> Option<NodePlace> {
        self.node.take()
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.limits.here.set(self.limits.here.get() - 1);
    }
}

impl Drop for NodePlace {
    fn drop(&mut self) {
        let mut counts = self.node.counts();
        counts.all -= 1;
        if let Some(count) = counts.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.by_address.remove(&self.address);
            }
        }
    }
}

/// Largest request of any API but Produce, in bytes. What others carry is unpacked into many small
/// things, so that length alone says little of their memory; a hundred thousand partitions in an
/// OffsetCommit are 5 MB.
pub(super) const OTHER_REQUEST_BYTES_MAX: usize = 16 << 20;

/// Longest request that is small: such ones have memory of their own, so that many who send little
/// get through while a few who send much use up all there is.
const SMALL_BYTES: usize = 64 << 10;

/// The memory of small requests, as a share of what all may take.
const SMALL_SHARE: usize = 8;

/// Bytes of memory for each byte of a request that is unpacked.
const UNPACKED: usize = 8;

/// Memory that `bytes` of a request may take; `is_produce`: its records stay as they are.
pub(super) fn request_memory(bytes: usize, is_produce: bool) -> usize {
    if is_produce || bytes <= SMALL_BYTES { bytes } else { bytes.saturating_mul(UNPACKED) }
}

/// The memory that requests of a shard may take until they are answered.
pub struct RequestMemory {
    limit: usize,
    used: Cell<usize>,
    freed: Notify,
    /// Where frames are received into: apart from the arena of tails, which must not wait for requests
    /// that wait for tails.
    arena: Arena,
}

/// Memory taken for one request; given back when dropped.
pub struct RequestLease {
    memory: Rc<RequestMemory>,
    bytes: usize,
}

impl RequestMemory {
    /// Memory for requests of `limit` bytes, which takes up none before they come.
    pub fn new(limit: usize) -> Self {
        Self { limit, used: Cell::default(), freed: Notify::default(), arena: Arena::new(limit) }
    }

    /// A block for `bytes` of a frame. Leases are what is limited, in bytes of frames. Blocks of the
    /// arena are powers of two, and what does not go into it is allocated: at the worst twice the limit
    /// is in use.
    pub fn alloc(&self, bytes: usize) -> Buf {
        self.arena.alloc(bytes).unwrap_or_else(|_| Buf::heap(bytes))
    }

    /// Bytes of the arena in use.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        // Blocks that were given back are counted until the next one is taken.
        drop(self.arena.alloc(1));
        self.arena.used() - 4096
    }

    /// An empty lease, to be grown.
    pub fn lease(self: &Rc<Self>) -> RequestLease {
        RequestLease { memory: self.clone(), bytes: 0 }
    }

    /// Bytes taken now.
    pub fn used(&self) -> usize {
        self.used.get()
    }
}

impl RequestLease {
    /// Grows the lease to `bytes`, waiting until the limit allows it. A request that is alone is let
    /// through whatever its size, which another limit bounds.
    pub async fn grow(&mut self, bytes: usize) {
        let more = bytes.saturating_sub(self.bytes);
        let limit = self.memory.limit;
        let small = if bytes <= SMALL_BYTES { limit / SMALL_SHARE } else { 0 };
        let limit = limit.saturating_add(small);
        loop {
            let freed = self.memory.freed.notified();
            let others = self.memory.used.get() - self.bytes;
            if others == 0 || self.memory.used.get() + more <= limit {
                break;
            }
            freed.await;
        }
        self.memory.used.set(self.memory.used.get() + more);
        self.bytes += more;
    }
}

impl Drop for RequestLease {
    fn drop(&mut self) {
        if self.bytes > 0 {
            self.memory.used.set(self.memory.used.get() - self.bytes);
            self.memory.freed.notify();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// Whether the lease can grow now.
    fn grows(lease: &mut RequestLease, bytes: usize) -> bool {
        let grown = std::pin::pin!(lease.grow(bytes));
        grown.poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(())
    }

    #[test]
    fn limits_of_connections_are_those_of_the_node() {
        let node = Arc::<NodeConnections>::default();
        let shards = [0, 1].map(|_| Rc::new(ConnectionLimits::new(node.clone())));
        let (one, two) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = shards[0].enter(one, 3, 2).unwrap();
        let _second = shards[1].enter(one, 3, 2).unwrap();
        assert_eq!(shards[0].enter(one, 3, 2).err(), Some("max.connections.per.ip"));
        let _third = shards[1].enter(two, 3, 2).unwrap();
        assert_eq!(shards[0].enter(two, 3, 2).err(), Some("max.connections"));
        assert_eq!((shards[0].count(), shards[1].count()), (1, 2));
        drop(first);
        assert!(shards[1].enter(one, 3, 2).is_ok(), "a place on one shard is free for another");
    }

    #[test]
    fn large_requests_leave_room_for_small_ones() {
        const LIMIT: usize = 1 << 20;
        let memory = Rc::new(RequestMemory::new(LIMIT));
        let (mut first, mut second) = (memory.lease(), memory.lease());
        assert!(grows(&mut first, LIMIT));
        assert!(!grows(&mut second, 100_000), "a second large one waits");
        let mut small: Vec<RequestLease> = Vec::new();
        for _ in 0..LIMIT / SMALL_SHARE / 1000 {
            small.push(memory.lease());
            assert!(grows(small.last_mut().unwrap(), 1000));
        }
        assert!(!grows(&mut memory.lease(), SMALL_BYTES), "theirs is bounded, too");
        drop(first);
        assert!(grows(&mut second, 100_000));
        drop((second, small));
        assert_eq!(memory.used(), 0);
    }

    #[test]
    fn one_that_is_alone_is_let_through() {
        let memory = Rc::new(RequestMemory::new(10));
        assert!(grows(&mut memory.lease(), 5000));
    }
}
