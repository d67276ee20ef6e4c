//! Fetches of any shard that wait for partitions of this one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use ringlog_engine::exec::Notify;
use ringlog_engine::io::ShardId;

/// Names a watch: the shard of its fetch, and a number that this shard does not give twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct WatchKey {
    home: ShardId,
    number: u64,
}

/// The watches on partitions of a shard. There is one for each fetch that waits and shard that it
/// waits for, and none for a fetch that has ended.
#[derive(Default)]
pub struct Watches {
    next: Cell<u64>,
    watching: RefCell<BTreeMap<WatchKey, Rc<Notify>>>,
}

/// A watch on this shard, until it is dropped.
pub struct Watch<'a> {
    watches: &'a Watches,
    key: WatchKey,
    end: Rc<Notify>,
}

impl Watches {
    /// A name for a watch that a fetch of this shard, `home`, begins anywhere.
    pub fn name(&self, home: ShardId) -> WatchKey {
        WatchKey { home, number: self.next.replace(self.next.get() + 1) }
    }

    /// Begins a watch here.
    pub fn begin(&self, key: WatchKey) -> Watch<'_> {
        let end = Rc::<Notify>::default();
        self.watching.borrow_mut().insert(key, end.clone());
        Watch { watches: self, key, end }
    }

    /// Ends a watch, if it has not ended by itself.
    pub fn end(&self, key: WatchKey) {
        if let Some(end) = self.watching.borrow().get(&key) {
            end.notify();
        }
    }

    /// Watches now.
    pub fn count(&self) -> usize {
        self.watching.borrow().len()
    }
}

impl Watch<'_> {
    /// Completes when the fetch wants nothing more of it.
    pub async fn ended(&self) {
        self.end.notified().await;
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.watches.watching.borrow_mut().remove(&self.key);
    }
}
