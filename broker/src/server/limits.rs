//! What connections may take.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::Rc;

use ringlog_engine::exec::Notify;

/// Counts the connections of a shard, in all and from each address. The limits are the node's
/// divided among its shards by the kernel's own spreading: each shard enforces the whole, so a node
/// never holds more than its shards times the limit.
#[derive(Default)]
pub struct ConnectionLimits {
    all: Cell<usize>,
    by_address: RefCell<BTreeMap<IpAddr, usize>>,
}

/// A connection's place; given up when dropped.
pub struct ConnectionPlace {
    limits: Rc<ConnectionLimits>,
    address: IpAddr,
}

impl ConnectionLimits {
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
        if self.all.get() >= all_max {
            return Err("max.connections");
        }
        let mut by_address = self.by_address.borrow_mut();
        let count = by_address.entry(address).or_default();
        if *count >= per_address_max {
            return Err("max.connections.per.ip");
        }
        *count += 1;
        self.all.set(self.all.get() + 1);
        Ok(ConnectionPlace { limits: self.clone(), address })
    }

    /// Connections now.
    pub fn count(&self) -> usize {
        self.all.get()
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.limits.all.set(self.limits.all.get() - 1);
        let mut by_address = self.limits.by_address.borrow_mut();
        if let Some(count) = by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                by_address.remove(&self.address);
            }
        }
    }
}

/// The memory that requests of a shard may take until they are answered.
#[derive(Default)]
pub struct RequestMemory {
    used: Cell<usize>,
    freed: Notify,
}

/// Memory taken for one request; given back when dropped.
pub struct RequestLease {
    memory: Rc<RequestMemory>,
    bytes: usize,
}

impl RequestMemory {
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
    /// Grows the lease to `bytes`, waiting until `limit` allows it. A request that is alone is let
    /// through whatever its size, which another limit bounds.
    pub async fn grow(&mut self, bytes: usize, limit: usize) {
        let more = bytes.saturating_sub(self.bytes);
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
