//! Deadlines of the coordinator: at most one for each member and two for each group.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a deadline is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TimerKey {
    /// A member, or a pending member, was not heard of.
    Session { group: Arc<str>, member: Arc<str> },
    /// The join phase ends.
    Join { group: Arc<str> },
    /// The sync phase ends.
    Sync { group: Arc<str> },
    /// Expired offsets are due to be looked for.
    Expire,
}

#[derive(Debug)]
struct Armed {
    deadline_ms: i64,
    /// Where the entry stands in the queue: at the deadline, or before it when the deadline was
    /// moved later. Heartbeats only ever do that, and so cost no change of the queue.
    queued_ms: i64,
}

/// A set of deadlines. Firing is in the order of time, then of key.
#[derive(Debug, Default)]
pub(super) struct Timers {
    armed: BTreeMap<TimerKey, Armed>,
    queue: BTreeSet<(i64, TimerKey)>,
}

impl Timers {
    /// Sets the deadline of `key`, in place of an earlier one.
    pub(super) fn arm(&mut self, key: TimerKey, deadline_ms: i64) {
        if let Some(armed) = self.armed.get_mut(&key) {
            armed.deadline_ms = deadline_ms;
            if deadline_ms >= armed.queued_ms {
                return;
            }
            let queued_ms = std::mem::replace(&mut armed.queued_ms, deadline_ms);
            self.queue.remove(&(queued_ms, key.clone()));
        } else {
            self.armed.insert(key.clone(), Armed { deadline_ms, queued_ms: deadline_ms });
        }
        self.queue.insert((deadline_ms, key));
    }

    pub(super) fn cancel(&mut self, key: &TimerKey) {
        if let Some(armed) = self.armed.remove(key) {
            self.queue.remove(&(armed.queued_ms, key.clone()));
        }
    }

    /// When [`Timers::pop`] should be called next. It may then find that nothing is due yet.
    pub(super) fn next(&self) -> Option<i64> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes one deadline that has passed.
    pub(super) fn pop(&mut self, now_ms: i64) -> Option<TimerKey> {
        loop {
            let (at, _) = self.queue.first()?;
            if *at > now_ms {
                return None;
            }
            let (_, key) = self.queue.pop_first()?;
            let Some(armed) = self.armed.get_mut(&key) else { continue };
            if armed.deadline_ms <= now_ms {
                self.armed.remove(&key);
                return Some(key);
            }
            armed.queued_ms = armed.deadline_ms;
            self.queue.insert((armed.deadline_ms, key));
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        assert_eq!(self.armed.len(), self.queue.len(), "every deadline is queued once");
        self.armed.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn join(name: &str) -> TimerKey {
        TimerKey::Join { group: name.into() }
    }

    #[test]
    fn deadlines_fire_in_order_and_once() {
        let mut timers = Timers::default();
        timers.arm(join("b"), 20);
        timers.arm(join("a"), 10);
        assert_eq!(timers.next(), Some(10));
        assert_eq!(timers.pop(9), None);
        assert_eq!(timers.pop(30), Some(join("a")));
        assert_eq!(timers.pop(30), Some(join("b")));
        assert_eq!(timers.pop(30), None);
        assert_eq!(timers.len(), 0);
    }

    #[test]
    fn a_deadline_moved_later_fires_later_only() {
        let mut timers = Timers::default();
        timers.arm(join("a"), 10);
        timers.arm(join("a"), 25);
        assert_eq!(timers.pop(20), None);
        assert_eq!(timers.next(), Some(25));
        assert_eq!(timers.pop(25), Some(join("a")));
    }

    #[test]
    fn a_deadline_moved_earlier_fires_earlier() {
        let mut timers = Timers::default();
        timers.arm(join("a"), 100);
        timers.arm(join("a"), 10);
        assert_eq!(timers.len(), 1);
        assert_eq!(timers.pop(10), Some(join("a")));
        assert_eq!(timers.pop(100), None);
    }

    #[test]
    fn a_cancelled_deadline_leaves_nothing_behind() {
        let mut timers = Timers::default();
        timers.arm(join("a"), 10);
        timers.arm(join("a"), 20);
        timers.cancel(&join("a"));
        assert_eq!(timers.len(), 0);
        assert_eq!(timers.next(), None);
    }
}
