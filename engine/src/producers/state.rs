//! All producers of a partition.

use std::collections::BTreeMap;

use super::ProducerError;
use super::entry::{KnownBatch, NO_PRODUCER_EPOCH, Producer};
use super::marker::{EndTxnMarker, MarkerKind};
use crate::batch::{BatchView, NO_SEQUENCE};
use crate::segment::snapshot::SnapshotEntry;

/// Part of the producers that is forgotten when their number reaches the limit: an eighth, so that
/// finding the oldest ones costs little for each new producer.
const FORGET_DIVISOR: usize = 8;

/// Who appends, as far as producers go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProducerOrigin {
    /// A producer: duplicates are found, epoch and sequence checked.
    Client,
    /// A coordinator: only the epoch is checked.
    Coordinator,
    /// The leader's log or our own at recovery: what is there was checked once and is taken in.
    Replica,
}

/// What is to be done with a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Append it, then [`Producers::apply`] it.
    Accept,
    /// It was appended before: answer with the offsets of then.
    Duplicate(KnownBatch),
}

/// A transaction that a marker has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CompletedTxn {
    /// Producer id.
    pub producer_id: i64,
    /// Offset of its first batch.
    pub first_offset: i64,
    /// Offset of the marker.
    pub last_offset: i64,
    /// How it ended.
    pub kind: MarkerKind,
}

/// What a partition knows about its producers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Producers {
    producers: BTreeMap<i64, Producer>,
    /// First offset of every open transaction, with its producer.
    open: BTreeMap<i64, i64>,
    limit: usize,
}

impl Producers {
    /// None known yet, and never more than `limit` (at least one) but for those with open
    /// transactions in what [`Producers::apply`] is given.
    pub fn new(limit: usize) -> Self {
        Self { producers: BTreeMap::new(), open: BTreeMap::new(), limit: limit.max(1) }
    }

    /// Decides on a batch that has a producer id; any other is accepted. Control batches of
    /// coordinators are decided on here, too. Changes nothing.
    ///
    /// # Errors
    /// [`ProducerError`].
    pub fn check(
        &self,
        batch: &BatchView<'_>,
        origin: ProducerOrigin,
    ) -> Result<Verdict, ProducerError> {
        if !batch.has_producer() {
            return Ok(Verdict::Accept);
        }
        let known = self.producers.get(&batch.producer_id());
        if origin == ProducerOrigin::Client
            && let Some(duplicate) = known.and_then(|known| known.duplicate_of(batch))
        {
            return Ok(Verdict::Duplicate(duplicate));
        }
        if known.is_none() && self.producers.len() >= self.limit && self.forgettable() == 0 {
            return Err(ProducerError::TooManyProducers { limit: self.limit });
        }
        let Some(known) = known else { return Ok(Verdict::Accept) };
        if origin == ProducerOrigin::Replica {
            return Ok(Verdict::Accept);
        }
        check_epoch(known, batch)?;
        if batch.is_control() {
            return check_marker(known, batch);
        }
        if origin == ProducerOrigin::Client {
            check_sequence(known, batch)?;
        }
        match known.txn_first_offset {
            Some(first_offset) if !batch.is_transactional() => {
                let producer_id = batch.producer_id();
                Err(ProducerError::InvalidTxnState { producer_id, first_offset })
            }
            _ => Ok(Verdict::Accept),
        }
    }

    /// Forgets batches from offset `end` on, and transactions that began there: the log was cut. Those
    /// in `reopened`, producer and first offset, are open again: their markers are gone. A producer of
    /// which no batch is left is forgotten, unless its transaction is open.
    pub fn truncate_to(&mut self, end: i64, reopened: &[(i64, i64)]) {
        self.open.retain(|first, _| *first < end);
        self.producers.values_mut().for_each(|producer| producer.truncate_to(end));
        for (id, first) in reopened {
            self.entry(*id).txn_first_offset = Some(*first);
            self.open.insert(*first, *id);
        }
        self.producers.retain(|_, producer| {
            !producer.batches().is_empty() || producer.txn_first_offset.is_some()
        });
    }

    /// Takes in a batch that has its offsets. It is not checked again. Gives the transaction that
    /// it ended.
    ///
    /// # Errors
    /// [`ProducerError::Marker`] for a malformed control batch, which [`Producers::check`] finds.
    pub fn apply(&mut self, batch: &BatchView<'_>) -> Result<Option<CompletedTxn>, ProducerError> {
        if !batch.has_producer() {
            return Ok(None);
        }
        let id = batch.producer_id();
        if batch.is_control() {
            let Some((marker, timestamp)) = EndTxnMarker::read(batch)? else { return Ok(None) };
            let producer = self.entry(id);
            producer.set_epoch(batch.producer_epoch());
            producer.coordinator_epoch = marker.coordinator_epoch;
            producer.last_timestamp = timestamp;
            let Some(first_offset) = producer.txn_first_offset.take() else { return Ok(None) };
            self.open.remove(&first_offset);
            let (last_offset, kind) = (batch.base_offset(), marker.kind);
            return Ok(Some(CompletedTxn { producer_id: id, first_offset, last_offset, kind }));
        }
        let producer = self.entry(id);
        producer.set_epoch(batch.producer_epoch());
        producer.push(KnownBatch {
            last_sequence: batch.last_sequence(),
            last_offset: batch.last_offset(),
            offset_delta: batch.last_offset_delta(),
            timestamp: batch.max_timestamp(),
        });
        producer.last_timestamp = batch.max_timestamp();
        if batch.is_transactional() && producer.txn_first_offset.is_none() {
            producer.txn_first_offset = Some(batch.base_offset());
            self.open.insert(batch.base_offset(), id);
        }
        Ok(None)
    }

    /// Forgets producers that have written nothing for `expiration_ms` (`producer.id.expiration.ms`)
    /// and have no transaction open. Gives their number.
    pub fn expire(&mut self, now_ms: i64, expiration_ms: i64) -> usize {
        let before = self.producers.len();
        self.producers.retain(|_, producer| {
            producer.txn_first_offset.is_some()
                || now_ms.saturating_sub(producer.last_timestamp) < expiration_ms
        });
        before - self.producers.len()
    }

    /// First offset of the oldest open transaction: the last stable offset is not beyond it.
    pub fn first_open_offset(&self) -> Option<i64> {
        self.open.first_key_value().map(|(offset, _)| *offset)
    }

    /// What is known about a producer.
    pub fn get(&self, producer_id: i64) -> Option<&Producer> {
        self.producers.get(&producer_id)
    }

    /// All producers by id.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Producer)> {
        self.producers.iter().map(|(id, producer)| (*id, producer))
    }

    /// Number of producers known.
    pub fn len(&self) -> usize {
        self.producers.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.producers.is_empty()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.producers.clear();
        self.open.clear();
    }

    /// The entries of Kafka's snapshot file, which keeps the last batch of each producer only;
    /// [`Producers::to_image`] keeps all five.
    pub fn to_snapshot(&self) -> Vec<SnapshotEntry> {
        self.iter()
            .map(|(producer_id, producer)| {
                let last = producer.batches().last();
                SnapshotEntry {
                    producer_id,
                    epoch: producer.epoch,
                    last_sequence: producer.last_sequence(),
                    last_offset: last.map_or(-1, |batch| batch.last_offset),
                    offset_delta: last.map_or(0, |batch| batch.offset_delta),
                    timestamp: producer.last_timestamp,
                    coordinator_epoch: producer.coordinator_epoch,
                    txn_first_offset: producer.txn_first_offset,
                }
            })
            .collect()
    }

    /// From the entries of a snapshot file. Beyond the limit, the oldest are forgotten.
    pub fn from_snapshot(entries: &[SnapshotEntry], limit: usize) -> Self {
        let mut all = Self::new(limit);
        for entry in entries {
            let mut producer = Producer::unknown();
            producer.epoch = entry.epoch;
            producer.coordinator_epoch = entry.coordinator_epoch;
            producer.last_timestamp = entry.timestamp;
            producer.txn_first_offset = entry.txn_first_offset;
            // As Kafka reads it: a producer known by its markers only has no last offset.
            if entry.last_offset >= 0 {
                producer.push(KnownBatch {
                    last_sequence: entry.last_sequence,
                    last_offset: entry.last_offset,
                    offset_delta: entry.offset_delta,
                    timestamp: entry.timestamp,
                });
            }
            all.put(entry.producer_id, producer);
        }
        all
    }

    /// Whether an open transaction begins at `offset`.
    pub(super) fn has_open_at(&self, offset: i64) -> bool {
        self.open.contains_key(&offset)
    }

    pub(super) fn put(&mut self, id: i64, producer: Producer) {
        let place = self.entry(id);
        let former = std::mem::replace(place, producer);
        let txn = place.txn_first_offset;
        if let Some(offset) = former.txn_first_offset {
            self.open.remove(&offset);
        }
        if let Some(offset) = txn {
            self.open.insert(offset, id);
        }
    }

    fn entry(&mut self, id: i64) -> &mut Producer {
        if self.producers.len() >= self.limit && !self.producers.contains_key(&id) {
            self.forget_oldest();
        }
        self.producers.entry(id).or_insert_with(Producer::unknown)
    }

    /// Makes room for new producers at the cost of those idle for longest.
    fn forget_oldest(&mut self) {
        let mut idle: Vec<(i64, i64)> = self
            .iter()
            .filter(|(_, producer)| producer.txn_first_offset.is_none())
            .map(|(id, producer)| (producer.last_timestamp, id))
            .collect();
        idle.sort_unstable();
        for (_, id) in idle.into_iter().take((self.limit / FORGET_DIVISOR).max(1)) {
            self.producers.remove(&id);
        }
    }

    fn forgettable(&self) -> usize {
        self.producers.len().saturating_sub(self.open.len())
    }
}

fn check_epoch(known: &Producer, batch: &BatchView<'_>) -> Result<(), ProducerError> {
    let (producer_id, got) = (batch.producer_id(), batch.producer_epoch());
    if got < known.epoch {
        return Err(ProducerError::InvalidProducerEpoch { producer_id, known: known.epoch, got });
    }
    Ok(())
}

fn check_marker(known: &Producer, batch: &BatchView<'_>) -> Result<Verdict, ProducerError> {
    let Some((marker, _)) = EndTxnMarker::read(batch)? else { return Ok(Verdict::Accept) };
    let (producer_id, got) = (batch.producer_id(), marker.coordinator_epoch);
    if got < known.coordinator_epoch {
        let known = known.coordinator_epoch;
        return Err(ProducerError::CoordinatorFenced { producer_id, known, got });
    }
    Ok(Verdict::Accept)
}

fn check_sequence(known: &Producer, batch: &BatchView<'_>) -> Result<(), ProducerError> {
    // All that was known may have gone with retention: then any sequence is a beginning.
    if known.epoch == NO_PRODUCER_EPOCH {
        return Ok(());
    }
    let (epoch, got) = (batch.producer_epoch(), batch.base_sequence());
    // A new epoch begins at 0.
    let last = if epoch == known.epoch { known.last_sequence() } else { NO_SEQUENCE };
    let next = if last == i32::MAX { 0 } else { last + 1 };
    if got == next {
        return Ok(());
    }
    let producer_id = batch.producer_id();
    Err(ProducerError::OutOfOrderSequence { producer_id, epoch, last, got })
}
