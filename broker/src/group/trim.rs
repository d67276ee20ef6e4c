//! Keeping the logs of the coordinators short: see [`super::snapshot`].
//!
//! Until there is compaction, which looks at each key of any topic, a coordinator does so for its own
//! partition: when the log is much longer than the live state, that state is copied to its end and the
//! log begins there. Segments before that go as they do after DeleteRecords.

use std::cell::Cell;
use std::rc::Rc;

use ringlog_engine::mutants::{self, Mutant};

use super::config::GroupConfig;
use super::service::{Desk, NANOS_PER_MS};
use super::snapshot::CopyStep;

/// Most bytes of one batch of a copy.
const BATCH_BYTES: usize = 128 << 10;

/// How long a coordinator's log is, in bytes of batches, and when it is too long.
#[derive(Debug, Default)]
pub(super) struct LogSize {
    bytes: Cell<u64>,
    /// The length at which the next copy begins; none before loading has ended.
    due: Cell<Option<u64>>,
    is_copying: Cell<bool>,
}

impl LogSize {
    /// The log has been read: it has `bytes`. How many of them are live is not known, so the first copy
    /// waits for no more than the least length.
    pub(super) fn begin(&self, bytes: u64, config: &GroupConfig) {
        self.bytes.set(bytes);
        self.due.set(Some(config.log_bytes_min));
    }

    /// A batch was appended.
    pub(super) fn grow(&self, bytes: usize) {
        self.bytes.set(self.bytes.get().saturating_add(bytes as u64));
    }

    fn is_long(&self) -> bool {
        self.due.get().is_some_and(|due| self.bytes.get() >= due)
    }
}

impl Desk {
    /// Starts a copy of the live state when the log is too long and none is under way.
    pub(super) fn trim_if_long(self: &Rc<Self>) {
        if self.size.is_long()
            && self.coordinator.borrow().is_active()
            && !self.size.is_copying.replace(true)
        {
            let desk = self.clone();
            self.io.spawn(async move { desk.trim().await });
        }
    }

    async fn trim(self: Rc<Self>) {
        let (begun, before) = (self.io.now(), self.size.bytes.get());
        let start = self.partition.log().log_end_offset();
        self.coordinator.borrow_mut().begin_copy();
        let early = mutants::is(Mutant::MoveStartBeforeSnapshot) && self.move_start(start).await;
        let done = self.copy().await && (early || self.move_start(start).await);
        if done {
            let behind = self.size.bytes.get() - before;
            let config = self.coordinator.borrow().config().clone();
            let due = behind.saturating_mul(config.log_live_ratio).max(config.log_bytes_min);
            self.size.bytes.set(behind);
            self.size.due.set(Some(due));
            let millis = (self.io.now() - begun) / NANOS_PER_MS;
            let partition = self.partition.number();
            tracing::debug!(
                partition,
                before,
                behind,
                start,
                millis,
                "log of the groups made shorter"
            );
        } else {
            // Not again and again: there is a reason, and a copy costs its length.
            self.size.due.set(Some(self.size.bytes.get().saturating_mul(2)));
        }
        self.size.is_copying.set(false);
    }

    /// Copies the live state to the end of the log; returns whether all of it is durable. A batch at a
    /// time, so that requests get their turns.
    async fn copy(self: &Rc<Self>) -> bool {
        let bytes_max = BATCH_BYTES.min(self.partition.settings().batch_bytes_max / 2);
        loop {
            let settled = self.settled.notified();
            let step = self.coordinator.borrow_mut().copy(bytes_max);
            match step {
                CopyStep::Write(step) => {
                    self.perform(step);
                    settled.await;
                }
                CopyStep::Wait => settled.await,
                CopyStep::Again => self.io.yield_now().await,
                CopyStep::Done => return true,
                CopyStep::Failed => return false,
            }
        }
    }

    async fn move_start(&self, start: i64) -> bool {
        match self.partition.log().delete_records(start).await {
            Ok(_) => true,
            Err(error) => {
                let partition = self.partition.number();
                tracing::warn!(partition, start, %error, "the log of the groups does not get shorter");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metadata::OFFSETS_TOPIC;
    use crate::partition::Partition;
    use crate::server::testing::TestNode;

    /// A node with one group coordinator and a topic to commit offsets of.
    fn node(log_bytes_min: u64) -> TestNode {
        let mut node = TestNode::start(1, |settings| {
            settings.offsets_partitions = 1;
            settings.groups.log_bytes_min = log_bytes_min;
        });
        node.create_topic("t", 1);
        node.find_coordinator();
        node
    }

    fn log(node: &TestNode) -> Rc<Partition> {
        let broker = node.broker(0);
        let id = broker.image().topic(OFFSETS_TOPIC).expect("it is there").id;
        broker.partition(id, 0).expect("it is here")
    }

    #[test]
    fn the_log_of_a_coordinator_stays_short_and_says_the_same() {
        let mut node = node(4096);
        for group in 0..5 {
            assert_eq!(node.commit(&format!("still-{group}"), 77), 0);
        }
        let mut longest = 0;
        for n in 0..1000 {
            assert_eq!(node.commit("busy", n), 0);
            let log = log(&node);
            longest = longest.max(log.log().log_end_offset() - log.log().log_start_offset());
        }
        // A commit is a batch of about 120 bytes.
        assert!(longest < 100, "{longest} records");
        for _ in 0..3 {
            node.crash();
            assert_eq!(node.committed("busy"), 999);
            for group in 0..5 {
                assert_eq!(node.committed(&format!("still-{group}")), 77);
            }
        }
    }

    #[test]
    fn a_crash_at_any_moment_of_a_copy_loses_no_offset() {
        // Each try crashes a little later, over more than one copy.
        for moment in 0..60 {
            let mut node = node(2048);
            for n in 0..8 {
                assert_eq!(node.commit(&format!("group-{n}"), n), 0);
            }
            // As long as it may be without a copy.
            for n in 0..6 {
                assert_eq!(node.commit("busy", n), 0);
            }
            node.world.run_for(Duration::from_micros(moment * 20));
            node.crash();
            for n in 0..8 {
                assert_eq!(node.committed(&format!("group-{n}")), n, "moment {moment}");
            }
            assert_eq!(node.committed("busy"), 5);
        }
    }

    #[test]
    fn a_log_that_is_mostly_live_is_let_grow() {
        let mut node = node(2048);
        for n in 0..200 {
            assert_eq!(node.commit(&format!("group-{n}"), n), 0);
        }
        node.world.run_for(Duration::from_millis(100));
        let log = log(&node);
        let behind = log.log().log_end_offset();
        assert!(behind < 600, "200 offsets were copied {} times", (behind - 200) / 200);
        node.crash();
        for n in 0..200 {
            assert_eq!(node.committed(&format!("group-{n}")), n);
        }
    }
}
