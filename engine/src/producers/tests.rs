//! Behaviour that producers depend on.

use proptest::prelude::*;

use super::*;
use crate::batch::{BatchBuilder, BatchView, Compression, NewRecord};
use crate::segment::snapshot;

struct Partition {
    producers: Producers,
    end: i64,
}

impl Partition {
    fn new() -> Self {
        Self { producers: Producers::new(100), end: 0 }
    }

    fn send(&mut self, batch: &Batch) -> Result<Verdict, ProducerError> {
        self.send_as(batch, ProducerOrigin::Client)
    }

    fn send_as(&mut self, batch: &Batch, origin: ProducerOrigin) -> Result<Verdict, ProducerError> {
        let bytes = batch.at(self.end);
        let (view, _) = BatchView::split_first(&bytes).unwrap();
        let verdict = self.producers.check(&view, origin)?;
        if verdict == Verdict::Accept {
            self.producers.apply(&view)?;
            self.end = view.next_offset();
        }
        Ok(verdict)
    }
}

#[derive(Clone, Copy)]
struct Batch {
    id: i64,
    epoch: i16,
    sequence: i32,
    records: i32,
    transactional: bool,
    time: i64,
}

impl Batch {
    fn at(&self, offset: i64) -> Vec<u8> {
        let mut builder = BatchBuilder::new(Compression::None).base_offset(offset);
        builder = builder.producer(self.id, self.epoch, self.sequence);
        if self.transactional {
            builder = builder.transactional();
        }
        for _ in 0..self.records {
            builder.push(NewRecord { timestamp: self.time, ..NewRecord::default() });
        }
        builder.build().unwrap()
    }
}

fn batch(epoch: i16, sequence: i32, records: i32) -> Batch {
    Batch { id: 7, epoch, sequence, records, transactional: false, time: 1000 }
}

fn txn(epoch: i16, sequence: i32, records: i32) -> Batch {
    Batch { transactional: true, ..batch(epoch, sequence, records) }
}

fn marker(epoch: i16, coordinator_epoch: i32, kind: MarkerKind, offset: i64) -> Vec<u8> {
    let (key, value) = EndTxnMarker { kind, coordinator_epoch }.encode();
    let mut builder = BatchBuilder::new(Compression::None)
        .base_offset(offset)
        .producer(7, epoch, -1)
        .transactional()
        .control();
    builder.push(NewRecord {
        timestamp: 2000,
        key: Some(&key),
        value: Some(&value),
        ..NewRecord::default()
    });
    builder.build().unwrap()
}

fn refused(last: i32, got: i32, epoch: i16) -> Result<Verdict, ProducerError> {
    Err(ProducerError::OutOfOrderSequence { producer_id: 7, epoch, last, got })
}

#[test]
fn a_batch_without_a_producer_is_no_concern() {
    let mut partition = Partition::new();
    let plain = Batch { id: -1, ..batch(-1, -1, 3) };
    assert_eq!(partition.send(&plain), Ok(Verdict::Accept));
    assert!(partition.producers.is_empty());
}

#[test]
fn an_unknown_producer_may_begin_anywhere() {
    let mut partition = Partition::new();
    assert_eq!(partition.send(&batch(3, 17, 2)), Ok(Verdict::Accept));
    assert_eq!(partition.send(&batch(3, 19, 1)), Ok(Verdict::Accept));
}

#[test]
fn a_gap_and_a_step_back_are_out_of_order() {
    let mut partition = Partition::new();
    assert_eq!(partition.send(&batch(0, 0, 5)), Ok(Verdict::Accept));
    assert_eq!(partition.send(&batch(0, 6, 1)), refused(4, 6, 0));
    assert_eq!(partition.send(&batch(0, 4, 1)), refused(4, 4, 0));
    assert_eq!(partition.send(&batch(0, 5, 1)), Ok(Verdict::Accept));
}

#[test]
fn the_last_five_batches_are_answered_with_their_offsets() {
    let mut partition = Partition::new();
    for n in 0..6 {
        assert_eq!(partition.send(&batch(0, n * 2, 2)), Ok(Verdict::Accept));
    }
    for n in 1..6 {
        let Ok(Verdict::Duplicate(known)) = partition.send(&batch(0, n * 2, 2)) else {
            panic!("batch {n} is a duplicate")
        };
        assert_eq!(
            (known.first_offset(), known.last_offset),
            (i64::from(n) * 2, i64::from(n) * 2 + 1)
        );
        assert_eq!(known.timestamp, 1000);
    }
    assert_eq!(partition.send(&batch(0, 0, 2)), refused(11, 0, 0));
    // The same first sequence with another length is not the same batch.
    assert_eq!(partition.send(&batch(0, 10, 1)), refused(11, 10, 0));
}

#[test]
fn sequences_go_from_the_largest_to_zero() {
    let mut partition = Partition::new();
    assert_eq!(partition.send(&batch(0, i32::MAX - 1, 2)), Ok(Verdict::Accept));
    assert_eq!(partition.send(&batch(0, 0, 1)), Ok(Verdict::Accept));
    let mut partition = Partition::new();
    let across = batch(0, i32::MAX - 1, 4);
    assert_eq!(partition.send(&across), Ok(Verdict::Accept));
    assert!(matches!(partition.send(&across), Ok(Verdict::Duplicate(_))));
    assert_eq!(partition.send(&batch(0, 2, 1)), Ok(Verdict::Accept));
}

#[test]
fn a_new_epoch_begins_at_zero_and_shuts_out_the_old_one() {
    let mut partition = Partition::new();
    assert_eq!(partition.send(&batch(4, 0, 3)), Ok(Verdict::Accept));
    assert_eq!(partition.send(&batch(5, 3, 1)), refused(-1, 3, 5));
    assert_eq!(partition.send(&batch(5, 0, 1)), Ok(Verdict::Accept));
    let fenced = ProducerError::InvalidProducerEpoch { producer_id: 7, known: 5, got: 4 };
    assert_eq!(partition.send(&batch(4, 3, 1)), Err(fenced.clone()));
    // What the old epoch wrote is no duplicate any more.
    assert_eq!(partition.send(&batch(4, 0, 3)), Err(fenced));
}

#[test]
fn a_log_that_is_replayed_is_taken_as_it_is() {
    let mut partition = Partition::new();
    let replica = ProducerOrigin::Replica;
    for each in [batch(4, 9, 3), batch(4, 50, 1), batch(3, 2, 1)] {
        assert_eq!(partition.send_as(&each, replica), Ok(Verdict::Accept));
    }
    assert_eq!(partition.producers.get(7).unwrap().epoch(), 3);
}

#[test]
fn a_transaction_is_open_until_its_marker() {
    let mut partition = Partition::new();
    partition.send(&Batch { id: 8, ..batch(0, 0, 2) }).unwrap();
    assert_eq!(partition.send(&txn(0, 0, 2)), Ok(Verdict::Accept));
    assert_eq!(partition.send(&txn(0, 2, 1)), Ok(Verdict::Accept));
    assert_eq!(partition.producers.first_open_offset(), Some(2));
    let inside = ProducerError::InvalidTxnState { producer_id: 7, first_offset: 2 };
    assert_eq!(partition.send(&batch(0, 3, 1)), Err(inside));
    let bytes = marker(0, 1, MarkerKind::Abort, 5);
    let (view, _) = BatchView::split_first(&bytes).unwrap();
    let coordinator = ProducerOrigin::Coordinator;
    assert_eq!(partition.producers.check(&view, coordinator), Ok(Verdict::Accept));
    let ended = partition.producers.apply(&view).unwrap();
    let expected =
        CompletedTxn { producer_id: 7, first_offset: 2, last_offset: 5, kind: MarkerKind::Abort };
    assert_eq!(ended, Some(expected));
    assert_eq!(partition.producers.first_open_offset(), None);
    assert_eq!(partition.producers.get(7).unwrap().last_timestamp(), 2000);
    assert_eq!(partition.send(&txn(0, 3, 1)), Ok(Verdict::Accept));
}

#[test]
fn a_marker_of_a_former_coordinator_or_epoch_is_refused() {
    let mut partition = Partition::new();
    partition.send(&txn(2, 0, 1)).unwrap();
    let newer = marker(2, 9, MarkerKind::Commit, 1);
    let (view, _) = BatchView::split_first(&newer).unwrap();
    partition.producers.apply(&view).unwrap();
    let coordinator = ProducerOrigin::Coordinator;
    let older = marker(2, 8, MarkerKind::Commit, 2);
    let (view, _) = BatchView::split_first(&older).unwrap();
    let fenced = ProducerError::CoordinatorFenced { producer_id: 7, known: 9, got: 8 };
    assert_eq!(partition.producers.check(&view, coordinator), Err(fenced));
    let older = marker(1, 9, MarkerKind::Commit, 2);
    let (view, _) = BatchView::split_first(&older).unwrap();
    let fenced = ProducerError::InvalidProducerEpoch { producer_id: 7, known: 2, got: 1 };
    assert_eq!(partition.producers.check(&view, coordinator), Err(fenced));
}

#[test]
fn a_producer_known_by_its_marker_only_begins_at_zero() {
    let mut partition = Partition::new();
    let bytes = marker(2, 9, MarkerKind::Commit, 0);
    let (view, _) = BatchView::split_first(&bytes).unwrap();
    partition.producers.apply(&view).unwrap();
    assert_eq!(partition.send(&batch(2, 5, 1)), refused(-1, 5, 2));
    assert_eq!(partition.send(&batch(2, 0, 1)), Ok(Verdict::Accept));
}

#[test]
fn idle_producers_expire_unless_a_transaction_is_open() {
    let mut partition = Partition::new();
    partition.send(&batch(0, 0, 1)).unwrap();
    partition.send(&Batch { id: 8, ..txn(0, 0, 1) }).unwrap();
    partition.send(&Batch { id: 9, time: 1500, ..batch(0, 0, 1) }).unwrap();
    assert_eq!(partition.producers.expire(1999, 1000), 0);
    assert_eq!(partition.producers.expire(2000, 1000), 1);
    assert!(partition.producers.get(7).is_none());
    assert_eq!(partition.send(&batch(0, 44, 1)), Ok(Verdict::Accept));
}

#[test]
fn at_the_limit_the_longest_idle_are_forgotten() {
    let mut partition = Partition::new();
    for id in 0..250 {
        let each = Batch { id, time: 1000 + id, ..batch(0, 0, 1) };
        assert_eq!(partition.send(&each), Ok(Verdict::Accept));
        assert!(partition.producers.len() <= 100);
        assert!(partition.producers.get(id).is_some());
    }
    assert!(partition.producers.get(170).is_some());
    assert!(partition.producers.get(100).is_none());
}

#[test]
fn open_transactions_are_never_forgotten() {
    let mut partition = Partition::new();
    for id in 0..100 {
        partition.send(&Batch { id, ..txn(0, 0, 1) }).unwrap();
    }
    let refused = partition.send(&Batch { id: 100, ..batch(0, 0, 1) });
    assert_eq!(refused, Err(ProducerError::TooManyProducers { limit: 100 }));
}

/// The rules written down once more, with nothing forgotten and in the plainest way.
#[derive(Default)]
struct Model {
    taken: Vec<(i16, i32, i32, i64)>,
}

impl Model {
    /// `Ok(None)`: take it; `Ok(Some(offset))`: known since that offset.
    fn decide(&self, epoch: i16, first: i32, records: i32) -> Result<Option<i64>, ()> {
        let Some((known, _, _, _)) = self.taken.last() else { return Ok(None) };
        let mine: Vec<_> = self.taken.iter().rev().take_while(|t| t.0 == *known).collect();
        if epoch == *known {
            for (_, f, n, offset) in mine.iter().take(5) {
                if (*f, *n) == (first, records) {
                    return Ok(Some(*offset));
                }
            }
        }
        let next = match epoch.cmp(known) {
            std::cmp::Ordering::Less => return Err(()),
            std::cmp::Ordering::Greater => 0,
            std::cmp::Ordering::Equal => {
                let (_, f, n, _) = mine[0];
                ((i64::from(*f) + i64::from(*n)) % (1 << 31)) as i32
            }
        };
        if first == next { Ok(None) } else { Err(()) }
    }
}

proptest! {
    #[test]
    fn decisions_are_those_of_the_plain_model(
        start in prop_oneof![Just(0), i32::MAX - 12..=i32::MAX, 0..5],
        steps in proptest::collection::vec((0..3_i16, -12..12_i32, 1..4_i32, any::<bool>()), 1..60),
    ) {
        let (mut partition, mut model) = (Partition::new(), Model::default());
        let mut next = i64::from(start);
        for (epoch, jump, records, straight) in steps {
            let epoch = if straight { model.taken.last().map_or(0, |t| t.0) } else { epoch / 2 };
            let jump = if straight { 0 } else { i64::from(jump) };
            let first = ((next + jump) & i64::from(i32::MAX)) as i32;
            let end = partition.end;
            let verdict = partition.send(&batch(epoch, first, records));
            match model.decide(epoch, first, records) {
                Ok(None) => {
                    prop_assert_eq!(verdict, Ok(Verdict::Accept));
                    model.taken.push((epoch, first, records, end));
                    next = (i64::from(first) + i64::from(records)) % (1 << 31);
                }
                Ok(Some(offset)) => {
                    let Ok(Verdict::Duplicate(known)) = verdict else {
                        panic!("a duplicate, not {verdict:?}")
                    };
                    prop_assert_eq!(known.first_offset(), offset);
                }
                Err(()) => prop_assert!(verdict.is_err()),
            }
        }
        // Whatever was known survives a checkpoint, and of a snapshot all but older batches.
        let mut image = Vec::new();
        partition.producers.to_image(&mut image);
        let (read, rest) = Producers::from_image(&image, 100).unwrap();
        prop_assert_eq!(&read, &partition.producers);
        prop_assert!(rest.is_empty());
        for cut in 0..image.len() {
            prop_assert!(Producers::from_image(&image[..cut], 100).is_err());
        }
        let entries = snapshot::decode(&snapshot::encode(&read.to_snapshot())).unwrap();
        let from_snapshot = Producers::from_snapshot(&entries, 100);
        prop_assert_eq!(from_snapshot.to_snapshot(), read.to_snapshot());
        let (old, new) = (read.get(7), from_snapshot.get(7));
        prop_assert_eq!(
            old.map(|p| (p.epoch(), p.last_sequence())),
            new.map(|p| (p.epoch(), p.last_sequence()))
        );
    }

    #[test]
    fn any_image_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Producers::from_image(&bytes, 10);
        let with_version = [&[1, 0, 0, 0][..], &bytes].concat();
        let _ = Producers::from_image(&with_version, 10);
    }
}
