//! What all clients of a run share.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use ringlog::protocol::{ErrorCode, Uuid};
use ringlog_engine::io::Io;

use super::history::{PartitionHistory, Register};
use super::wire::Wire;
use crate::simulation::actors::Faults;

/// The group of the consumer members.
pub const GROUP: &str = "readers";

/// A topic of the workload.
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its id, once it was told.
    pub id: Cell<Option<Uuid>>,
    /// Its partitions.
    pub partitions: Vec<RefCell<PartitionHistory>>,
}

/// What all clients of a run share: where the broker is, what they were told, when to end.
pub struct Stage {
    /// The broker.
    pub address: SocketAddr,
    /// The topics.
    pub topics: Vec<Topic>,
    /// Committed offsets of [`GROUP`], by topic and partition.
    pub commits: RefCell<BTreeMap<(usize, usize), Register>>,
    /// Log starts of the partitions of `__consumer_offsets`, as they were told last.
    pub coordinator_starts: RefCell<BTreeMap<i32, i64>>,
    /// Faults that excuse errors.
    pub faults: Cell<Faults>,
    /// Producers are to send no new records.
    pub ending: Cell<bool>,
    /// Everybody is to end.
    pub closing: Cell<bool>,
    /// Work done.
    pub progress: Progress,
    clock: Cell<u64>,
}

/// Work done.
#[derive(Default)]
pub struct Progress {
    /// Batches acknowledged.
    pub acked: Cell<u64>,
    /// Batches sent again.
    pub resent: Cell<u64>,
    /// Records fetched and compared.
    pub fetched: Cell<u64>,
    /// Commits acknowledged.
    pub committed: Cell<u64>,
    /// Times a member had the group's assignment.
    pub joined: Cell<u64>,
    /// Partitions read as a whole.
    pub audited: Cell<u64>,
    /// Log starts moved.
    pub trimmed: Cell<u64>,
    /// Restarts of the broker.
    pub restarts: Cell<u64>,
}

/// Adds one.
pub fn count(counter: &Cell<u64>) {
    counter.set(counter.get() + 1);
}

impl Stage {
    /// A stage with these topics, by number of partitions.
    pub fn new(address: SocketAddr, partitions: &[usize], faults: Faults) -> Rc<Self> {
        let topic = |(t, partitions): (usize, &usize)| {
            let name = format!("topic-{t}");
            let place = |p| RefCell::new(PartitionHistory::new(format!("{name}/{p}")));
            let partitions = (0..*partitions).map(place).collect();
            Topic { name, id: Cell::new(None), partitions }
        };
        Rc::new(Self {
            address,
            topics: partitions.iter().enumerate().map(topic).collect(),
            commits: RefCell::default(),
            coordinator_starts: RefCell::default(),
            faults: Cell::new(faults),
            ending: Cell::new(false),
            closing: Cell::new(false),
            progress: Progress::default(),
            clock: Cell::new(0),
        })
    }

    /// All partitions, by topic and partition.
    pub fn partitions(&self) -> Vec<(usize, usize)> {
        let of = |(t, topic): (usize, &Topic)| (0..topic.partitions.len()).map(move |p| (t, p));
        self.topics.iter().enumerate().flat_map(of).collect()
    }

    /// The history of a partition.
    pub fn partition(&self, (topic, partition): (usize, usize)) -> &RefCell<PartitionHistory> {
        &self.topics[topic].partitions[partition]
    }

    /// The next moment of the one order of all events.
    pub fn tick(&self) -> u64 {
        self.clock.set(self.clock.get() + 1);
        self.clock.get()
    }

    /// Connects, however long it takes; nothing when the run ends first.
    pub async fn connect(&self, io: &Io) -> Option<Wire> {
        while !self.closing.get() {
            if let Ok(wire) = Wire::connect(io, self.address).await {
                return Some(wire);
            }
            pause(io, Duration::from_millis(150)).await;
        }
        None
    }

    /// Whether an error that a correct broker may answer with in this run is to be tried again.
    ///
    /// # Panics
    /// When a correct broker does not answer so.
    pub fn excuse(&self, what: &str, code: i16) {
        let error = ErrorCode::from_code(code);
        let faults = self.faults.get();
        let damaged = faults.errors || faults.full || faults.lying;
        let excused = match error {
            Some(ErrorCode::KafkaStorageError) => damaged,
            Some(ErrorCode::CorruptMessage) => faults.lying,
            // While it starts or stops, or behind a storage that has failed.
            Some(
                ErrorCode::NotLeaderOrFollower
                | ErrorCode::CoordinatorNotAvailable
                | ErrorCode::CoordinatorLoadInProgress
                | ErrorCode::NotCoordinator
                | ErrorCode::RequestTimedOut,
            ) => true,
            _ => false,
        };
        assert!(excused, "{what}: {error:?} ({code})");
    }
}

/// Below `n`.
pub fn below(io: &Io, n: u64) -> u64 {
    io.random() % n.max(1)
}

/// Once in `n` times.
pub fn chance(io: &Io, n: u64) -> bool {
    io.random().is_multiple_of(n)
}

/// One of these.
pub fn pick<'a, T>(io: &Io, items: &'a [T]) -> &'a T {
    &items[below(io, items.len() as u64) as usize]
}

/// A pause of random length.
pub async fn pause(io: &Io, most: Duration) {
    let time = below(io, most.as_nanos() as u64);
    io.sleep(Duration::from_nanos(time)).await;
}
