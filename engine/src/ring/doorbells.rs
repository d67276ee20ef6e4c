//! How the shards of a node find each other's rings.

use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use crate::io::ShardId;

/// The rings of a node's shards, for waking each other.
pub struct Doorbells {
    rings: Vec<AtomicI32>,
}

impl Doorbells {
    /// For a node with this many shards.
    pub fn new(shards: u16) -> Arc<Self> {
        Arc::new(Self { rings: (0..shards).map(|_| AtomicI32::new(-1)).collect() })
    }

    /// The ring of a shard that runs.
    pub(super) fn ring(&self, shard: ShardId) -> Option<RawFd> {
        let fd = self.rings.get(usize::from(shard.0))?.load(Ordering::Acquire);
        (fd >= 0).then_some(fd)
    }

    pub(super) fn set(&self, shard: ShardId, fd: RawFd) {
        if let Some(ring) = self.rings.get(usize::from(shard.0)) {
            ring.store(fd, Ordering::Release);
        }
    }

    pub(super) fn shards(&self) -> usize {
        self.rings.len()
    }
}
