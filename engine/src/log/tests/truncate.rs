//! Cutting a log: what is left, what comes behind it, and every moment at which the power could go.

use std::cell::{Cell, RefCell};

use super::*;
use crate::sim::enumerate;

/// Limits so small that a few appends use every journal file again.
fn smallest() -> StorageConfig {
    StorageConfig {
        journal_file_bytes: 64 << 10,
        journal_frame_bytes: 16 << 10,
        journal_seal_after: std::time::Duration::from_secs(3600),
        ..StorageConfig::tiny()
    }
}

async fn open_smallest(io: &Io) -> Storage {
    let recovered = recover(io, &dir(), &smallest()).await.unwrap();
    assert_eq!(recovered.report.frames_corrupt, 0);
    Storage::start(io.clone(), dir(), 0, smallest(), recovered.logs).await.unwrap()
}

fn segments_of(bytes: u32) -> LogConfig {
    LogConfig { segment_bytes: bytes, ..Default::default() }
}

fn size(n: u64) -> usize {
    (n * 733 % 3000) as usize
}

/// A value that tells record `n` of all that were ever written.
fn value(n: u64) -> Vec<u8> {
    (0..size(n) as u64).map(|i| (n * 31 + i * 7) as u8).collect()
}

async fn contents(log: &PartitionLog) -> Vec<Vec<u8>> {
    let start = log.log_start_offset();
    values(&read_all(log, start, 10_000).await, start)
}

/// The log holds the records with these numbers.
async fn check(log: &PartitionLog, numbers: &[u64]) {
    assert_eq!(log.log_end_offset() - log.log_start_offset(), numbers.len() as i64);
    same(contents(log).await, numbers.iter().map(|n| value(*n)).collect());
}

#[test]
fn what_is_behind_the_cut_is_gone_and_others_take_its_place() {
    let mut world = World::new(1, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, segments_of(20_000)).await.unwrap();
        let mut numbers: Vec<u64> = Vec::new();
        let mut next = 0;
        for cut in [55, 58, 20, 20, 3, 0, 30, 100] {
            while numbers.len() < 60 {
                append(&log, &batch(next, size(next))).await;
                numbers.push(next);
                next += 1;
            }
            let end = log.truncate_to(cut).await.unwrap();
            numbers.truncate(cut as usize);
            assert_eq!(end, numbers.len() as i64);
            assert_eq!(log.durable_end_offset(), end);
            assert!(log.end_offset_for_epoch(1).is_none_or(|(_, known)| known <= end));
            check(&log, &numbers).await;
        }
        storage.shutdown().await.unwrap();
        let (storage, _) = open(&io).await;
        check(&storage.logs()[0], &numbers).await;
        storage.shutdown().await.unwrap();
    });
}

#[test]
fn a_cut_inside_a_batch_takes_the_whole_batch() {
    let mut world = World::new(2, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        let mut builder = BatchBuilder::default();
        for _ in 0..10 {
            builder.push(NewRecord { timestamp: 5, value: Some(b"x"), ..Default::default() });
        }
        let ten = builder.build().unwrap();
        append(&log, &ten).await;
        append(&log, &ten).await;
        assert_eq!(log.truncate_to(15).await.unwrap(), 10);
        assert_eq!(log.log_end_offset(), 10);
        assert_eq!(append(&log, &ten).await.base_offset, 10);
        log.delete_records(5).await.unwrap();
        assert_eq!(log.truncate_to(0).await.unwrap(), 5, "not below the log start");
        assert_eq!(append(&log, &ten).await.base_offset, 5);
        assert_eq!(values(&read_all(&log, 5, 10_000).await, 5).len(), 10);
        storage.shutdown().await.unwrap();
    });
}

#[test]
fn a_producer_goes_on_where_the_cut_has_left_it() {
    let mut world = World::new(3, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        let of = |sequence: i32| {
            let mut builder = BatchBuilder::default().producer(9, 0, sequence);
            builder.push(NewRecord { timestamp: 5, value: Some(b"x"), ..Default::default() });
            builder.build().unwrap()
        };
        for sequence in 0..4 {
            append(&log, &of(sequence)).await;
        }
        log.truncate_to(2).await.unwrap();
        let known = append(&log, &of(1)).await;
        assert!(known.duplicate && known.base_offset == 1);
        let gap = log.append(&of(3), AppendOptions::default());
        assert!(matches!(gap, Err(AppendError::OutOfOrderSequence { .. })), "{gap:?}");
        assert_eq!(append(&log, &of(2)).await.base_offset, 2);
        storage.shutdown().await.unwrap();
    });
}

/// Appends and cuts; after each operation what the log holds then. `done` is told of those that were
/// promised.
async fn workload(io: Io, done: Rc<Cell<usize>>, history: Rc<RefCell<Vec<Vec<u64>>>>) {
    let storage = open_smallest(&io).await;
    let log = storage.create_log("a-0", [1; 16], 0, segments_of(12_000)).await.unwrap();
    let mut numbers: Vec<u64> = Vec::new();
    let mut next = 0;
    let note = |numbers: &Vec<u64>| {
        history.borrow_mut().push(numbers.clone());
        history.borrow().len() - 1
    };
    for cut in [9, 4, 25, 2, 11, 0, 14] {
        for n in 0..16 {
            let appended = append(&log, &batch(next, size(next))).await;
            numbers.push(next);
            next += 1;
            let state = note(&numbers);
            if n % 4 == 3 {
                appended.durable.await.unwrap();
                done.set(state);
            }
        }
        let state = note(&numbers[..numbers.len().min(cut)].to_vec());
        log.truncate_to(cut as i64).await.unwrap();
        numbers.truncate(cut);
        done.set(state);
    }
    storage.shutdown().await.unwrap();
}

#[test]
fn every_crash_point_around_cuts_leaves_a_state_that_was() {
    let mut world = World::new(14, SimConfig::calm());
    let (done, history) = (Rc::new(Cell::new(0)), Rc::new(RefCell::new(vec![Vec::new()])));
    let seen = done.clone();
    world.record(0, move || seen.get() as u64);
    {
        let (done, history) = (done.clone(), history.clone());
        world.block_on(0, |io| workload(io, done, history));
    }
    let points = world.recorded(0);
    let step = (points.len() / 80).max(1);
    let points: Vec<_> = points.into_iter().step_by(step).collect();
    let history = history.take();
    let count = enumerate(&points, 2, 7, |state| {
        let mut world = World::new(1, SimConfig::calm());
        let (promised, label) = (state.observed as usize, state.label.clone());
        world.kill(0);
        world.set_disk(0, state.disk);
        world.restart(0);
        let allowed: Vec<Vec<u64>> = history.iter().skip(promised).cloned().collect();
        let handle = world.node(0).spawn(move |io| async move {
            let storage = open_smallest(&io).await;
            let Some(log) = storage.logs().pop() else {
                assert_eq!(promised, 0);
                return;
            };
            let found = contents(&log).await;
            let known = allowed.iter().find(|numbers| {
                numbers.len() == found.len()
                    && numbers.iter().zip(&found).all(|(n, found)| value(*n) == *found)
            });
            let known = known.unwrap_or_else(|| panic!("{} records, no state", found.len()));
            // It goes on from there.
            append(&log, &batch(5000, 500)).await.durable.await.unwrap();
            let found = contents(&log).await;
            assert_eq!(found.len(), known.len() + 1);
        });
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.join(handle)));
        assert!(checked.is_ok(), "{label}");
    });
    assert!(count > 200, "{count} states");
}
