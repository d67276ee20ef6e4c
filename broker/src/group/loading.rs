//! Reading a partition of `__consumer_offsets` when its coordination begins.

use std::rc::Rc;
use std::time::Duration;

use ringlog_engine::batch::{BatchIter, DECOMPRESSED_BYTES_MAX};
use ringlog_engine::log::ReadError;

use super::coordinator::Coordinator;
use super::records::decode_record;
use super::service::{Desk, NANOS_PER_MS};

/// Bytes read at a time.
const LOAD_BYTES: usize = 1 << 20;
/// Pause before a partition that could not be read is tried again.
const LOAD_PAUSE: Duration = Duration::from_secs(1);
/// Damaged places that are named; of more only the number is told.
const NAMED: usize = 8;

/// Why a partition is not loaded.
enum LoadError {
    /// It cannot be read now.
    Unreadable(String),
    /// It can be read and makes no sense.
    Foreign(String),
    /// Its coordinator has resigned.
    Resigned,
}

/// What was read.
#[derive(Default)]
struct Loaded {
    bytes: u64,
    /// Damaged places that were passed over.
    damaged: usize,
    /// The first of them, in words.
    places: Vec<String>,
    /// Whether there are records of kinds that this coordinator does not keep.
    has_unknown: bool,
}

impl Desk {
    /// Reads the partition, then opens, unless the coordinator has resigned meanwhile.
    ///
    /// Batches that are damaged on the device are passed over, since waiting does not mend them: the
    /// groups whose last record was there have an older state, or none. Kafka does not look at checksums
    /// here, and refuses the whole partition when a record cannot be read.
    pub(super) async fn load(self: Rc<Self>) {
        let begun = self.io.now();
        let loaded = loop {
            match self.read().await {
                Ok(loaded) => break loaded,
                Err(LoadError::Unreadable(error)) => {
                    tracing::error!(
                        partition = self.partition.number(), %error,
                        "groups not loaded, trying again"
                    );
                    self.io.sleep(LOAD_PAUSE).await;
                    if self.partition.is_retired() || self.has_resigned() {
                        return;
                    }
                    let config = self.coordinator.borrow().config().clone();
                    *self.coordinator.borrow_mut() = Coordinator::new(config);
                }
                Err(LoadError::Foreign(error)) => {
                    tracing::error!(
                        partition = self.partition.number(),
                        error,
                        "groups not loaded: their log has what this version cannot read"
                    );
                    return self.resign();
                }
                Err(LoadError::Resigned) => return,
            }
        };
        if loaded.damaged > 0 {
            tracing::error!(
                partition = self.partition.number(),
                places = loaded.damaged,
                first = loaded.places.join("; "),
                "groups loaded without the records of damaged places: offsets committed there are older or \
                 gone"
            );
        }
        let groups = self.coordinator.borrow().group_count();
        let millis = (self.io.now() - begun) / NANOS_PER_MS;
        tracing::debug!(partition = self.partition.number(), groups, millis, "groups loaded");
        if loaded.has_unknown {
            tracing::info!(
                partition = self.partition.number(),
                "the log of the groups has records of kinds that this version does not keep: it is not \
                 made shorter"
            );
        } else if loaded.damaged > 0 {
            // What could not be read now may be readable again, or be mended from a copy.
            tracing::warn!(
                partition = self.partition.number(),
                "the log of the groups is not made shorter while it has damaged places; to give them up, \
                 delete its records up to the last of them"
            );
        } else {
            let config = self.coordinator.borrow().config().clone();
            self.size.begin(loaded.bytes, &config);
        }
        self.open();
    }

    fn has_resigned(&self) -> bool {
        self.coordinator.borrow().has_resigned()
    }

    async fn read(&self) -> Result<Loaded, LoadError> {
        let log = self.partition.log();
        let end = log.durable_end_offset();
        let mut loaded = Loaded::default();
        let mut offset = log.log_start_offset();
        while offset < end {
            let read = log.read(offset, LOAD_BYTES, end, true).await;
            if self.has_resigned() {
                return Err(LoadError::Resigned);
            }
            let pieces = match read {
                Ok(read) => read.pieces,
                Err(error @ ReadError::Faulty { resume, .. }) => {
                    let resume = match resume {
                        Some(resume) if resume > offset => resume,
                        _ => self.behind(offset, end).await?,
                    };
                    loaded.damaged += 1;
                    if loaded.places.len() < NAMED {
                        loaded.places.push(format!("offsets {offset} to {}: {error}", resume - 1));
                    }
                    offset = resume;
                    continue;
                }
                Err(error) => return Err(LoadError::Unreadable(error.to_string())),
            };
            let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).collect();
            let next = self.replay(&bytes, offset, &mut loaded)?;
            if next == offset {
                let nothing = format!("nothing comes at offset {offset} of {end}");
                return Err(LoadError::Unreadable(nothing));
            }
            offset = next;
        }
        Ok(loaded)
    }

    /// The offset behind a damaged place at `offset` that does not say how long it is: the first one
    /// from which the log can be read again, which it can where its index points behind the damage.
    async fn behind(&self, offset: i64, end: i64) -> Result<i64, LoadError> {
        let (mut bad, mut step) = (offset, 1);
        let mut good = loop {
            let next = offset.saturating_add(step).min(end);
            if next == end || self.is_readable(next, end).await? {
                break next;
            }
            bad = next;
            step *= 2;
        };
        while good - bad > 1 {
            let middle = bad + (good - bad) / 2;
            if self.is_readable(middle, end).await? {
                good = middle;
            } else {
                bad = middle;
            }
        }
        Ok(good)
    }

    async fn is_readable(&self, offset: i64, end: i64) -> Result<bool, LoadError> {
        match self.partition.log().read(offset, 1, end, true).await {
            Ok(_) => Ok(true),
            Err(ReadError::Faulty { .. }) => Ok(false),
            Err(error) => Err(LoadError::Unreadable(error.to_string())),
        }
    }

    /// Replays batches and returns the offset behind them.
    fn replay(&self, bytes: &[u8], mut offset: i64, loaded: &mut Loaded) -> Result<i64, LoadError> {
        let foreign = |error: &dyn std::fmt::Display| LoadError::Foreign(error.to_string());
        let now = self.now();
        let mut coordinator = self.coordinator.borrow_mut();
        for batch in BatchIter::new(bytes) {
            let batch = batch.map_err(|error| foreign(&error))?;
            offset = batch.next_offset();
            if batch.is_control() {
                continue;
            }
            let records = batch.records(DECOMPRESSED_BYTES_MAX).map_err(|error| foreign(&error))?;
            for record in records.iter() {
                let record = record.map_err(|error| foreign(&error))?;
                let Some(key) = record.key else { continue };
                match decode_record(key, record.value).map_err(|error| foreign(&error))? {
                    Some(decoded) => coordinator.replay(now, decoded),
                    None => loaded.has_unknown = true,
                }
            }
        }
        loaded.bytes += bytes.len() as u64;
        Ok(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::testing::TestNode;

    const SEGMENT: &str = "/data/__consumer_offsets-0/00000000000000000000.log";

    /// A node that was stopped after it had committed offset N of group `g-N`, N from 0 on.
    fn stopped(commits: i64) -> TestNode {
        let mut node = TestNode::start(1, |settings| settings.offsets_partitions = 1);
        node.create_topic("t", 1);
        node.find_coordinator();
        for n in 0..commits {
            assert_eq!(node.commit(&format!("g-{n:03}"), n), 0);
        }
        node.stop();
        node
    }

    /// Where the batch of a group begins in the segment.
    fn batch_of(node: &TestNode, group: &str) -> u64 {
        let segment = node.world.disk(0, |disk| disk.contents(SEGMENT).expect("it is there"));
        let mut at = 0;
        for batch in BatchIter::new(&segment) {
            let batch = batch.expect("it is whole");
            let bytes = &segment[at..at + batch.size()];
            if bytes.windows(group.len()).any(|window| window == group.as_bytes()) {
                return at as u64;
            }
            at += batch.size();
        }
        panic!("{group} is not there");
    }

    #[test]
    fn a_damaged_batch_costs_its_own_offset_alone() {
        let mut node = stopped(300);
        let at = batch_of(&node, "g-100");
        node.world.disk(0, |disk| disk.flip_bit(SEGMENT, at + 80, 3).expect("it is there"));
        node.crash();
        assert_eq!(node.committed("g-100"), -1);
        for n in (0..300).filter(|n| *n != 100) {
            assert_eq!(node.committed(&format!("g-{n:03}")), n);
        }
        assert_eq!(node.commit("g-100", 5), 0);
        assert_eq!(node.committed("g-100"), 5);
    }

    /// No batch's checksum covers a length, its chunk's does: what stands in a chunk whose batches
    /// cannot be told apart for certain is not believed.
    #[test]
    fn a_damaged_length_costs_its_chunk_and_no_more_than_the_next_place_of_the_index() {
        let mut node = stopped(900);
        let at = batch_of(&node, "g-100");
        let size = batch_of(&node, "g-101") - at;
        let in_chunk = usize::try_from((64 << 10) / size).expect("it is small");
        let length = (1_u32 << 30).to_be_bytes();
        node.world.disk(0, |disk| disk.corrupt(SEGMENT, at + 8, &length).expect("it is there"));
        node.crash();
        assert_eq!(node.committed("g-100"), -1);
        let lost = (0..900).filter(|n| node.committed(&format!("g-{n:03}")) == -1).count();
        assert!((1..in_chunk + 60).contains(&lost), "{lost} are lost");
        assert_eq!(node.committed("g-899"), 899);
    }

    #[test]
    fn a_coordinator_that_resigns_while_it_loads_stays_so() {
        let mut node = stopped(300);
        node.crash();
        node.broker(0).groups.resign();
        node.world.run_for(Duration::from_secs(5));
        assert_eq!(node.commit("g-1", 7), crate::protocol::ErrorCode::NotCoordinator.code());
    }
}
