//! Cutting a log: what is left, what comes behind it, and every moment at which the power could go.

use std::cell::{Cell, RefCell};

use super::*;
use crate::checksums::{ChunkOwner, ChunkSums};
use crate::segment::names::SegmentFile;
use crate::sim::{DiskFault, Harm, Target, enumerate};

fn segments_of(bytes: u32) -> LogConfig {
    LogConfig { segment_bytes: bytes, ..Default::default() }
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
            assert_eq!(end, cut.min(60));
            if cut < 60 {
                assert_eq!(log.durable_end_offset(), end, "nothing is left to wait for");
            }
            numbers.truncate(cut as usize);
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
        let below = log.truncate_to(4).await;
        assert!(matches!(below, Err(StorageError::BelowLogStart { start: 5, .. })), "{below:?}");
        assert_eq!(log.truncate_to(20).await.unwrap(), 20, "nothing is there to cut");
        assert_eq!(log.truncate_to(5).await.unwrap(), 5);
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

/// Time index, offset index, checksums and sizes go with what is left, in this life and the next.
#[test]
fn files_tell_of_what_is_left_only() {
    let mut world = World::new(4, SimConfig::calm());
    world.block_on(0, |io| async move {
        for (life, cut) in [150, 290, 70, 33, 180].into_iter().enumerate() {
            let (storage, _) = open(&io).await;
            let config = LogConfig {
                segment_bytes: 200_000,
                index_interval_bytes: 2000,
                ..Default::default()
            };
            let log = match storage.logs().pop() {
                Some(log) => log,
                None => storage.create_log("a-0", [1; 16], 0, config.clone()).await.unwrap(),
            };
            log.set_config(config);
            for n in log.log_end_offset() as u64..300 {
                append(&log, &batch(n, size(n))).await;
            }
            if life % 2 == 0 {
                let active = log.state.borrow().image.active().base;
                log.destage(destage::Extent::All, true).await.unwrap();
                log.file_index(active).await.unwrap();
            }
            assert_eq!(log.truncate_to(cut).await.unwrap(), cut);
            let last = 1_000_000 + cut - 1;
            assert_eq!(log.max_timestamp().await.unwrap(), Some((last, cut - 1)));
            let found = log.offset_for_timestamp(last - 7).await.unwrap();
            assert_eq!(found, Some((last - 7, cut - 8)));
            assert_eq!(log.offset_for_timestamp(last + 1).await.unwrap(), None);
            if life == 3 {
                // Another end than before.
                append(&log, &batch(cut as u64, 10)).await;
            }
            let segments = log.state.borrow().image.segments.len();
            storage.shutdown().await.unwrap();
            let names = io.list_dir("/data/a-0").await.unwrap();
            let logs = names.iter().filter(|name| name.ends_with(".log")).count();
            assert_eq!(logs, segments, "{names:?}");
            assert_eq!(names.iter().filter(|name| name.ends_with(".snapshot")).count(), 1);
            for name in names.iter().filter(|name| name.ends_with(".log")) {
                check_files(&io, name.trim_end_matches(".log").parse().unwrap()).await;
            }
        }
    });
}

/// Compares a closed segment's files with each other, to the last byte.
async fn check_files(io: &Io, base: i64) {
    let read = async |kind: SegmentFile| {
        let path = dir().join("a-0").join(kind.name(base));
        let bytes = files::read_file(io, &path).await.unwrap();
        bytes.map(|bytes| bytes.to_vec()).unwrap_or_default()
    };
    let log = read(SegmentFile::Log).await;
    let mut batches = std::collections::BTreeMap::new();
    let mut position = 0;
    for batch in BatchIter::new(&log) {
        let batch = batch.unwrap();
        batches.insert((batch.last_offset() - base) as u32, position);
        position += batch.size() as u32;
    }
    let chunks = read(SegmentFile::Chunks).await;
    let owner = ChunkSums::peek_log_id(&chunks[..4096]).unwrap();
    let loaded = ChunkSums::decode(ChunkOwner { log_id: owner, base_offset: base }, &chunks);
    assert_eq!(loaded.faults, []);
    assert_eq!(loaded.sums.covered_bytes(), log.len() as u64);
    assert_eq!(loaded.sums.verify(0, &log), Ok(log.len()));
    assert_eq!((0..loaded.sums.len() as u32).find(|n| !loaded.sums.is_known(*n)), None);
    let mut before = None;
    for entry in read(SegmentFile::OffsetIndex).await.chunks(8) {
        let [offset, position] = [0, 4].map(|at| entry[at..at + 4].try_into().unwrap());
        let (offset, position) = (u32::from_be_bytes(offset), u32::from_be_bytes(position));
        assert_eq!(batches.get(&offset), Some(&position));
        assert!(before.replace(offset).is_none_or(|before| before < offset));
    }
    let times = read(SegmentFile::TimeIndex).await;
    assert_eq!(times.len() % 12, 0);
    let times: Vec<(i64, u32)> = times
        .chunks(12)
        .map(|entry| {
            let time = i64::from_be_bytes(entry[..8].try_into().unwrap());
            (time, u32::from_be_bytes(entry[8..].try_into().unwrap()))
        })
        .collect();
    assert!(times.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{times:?}");
    assert!(times.iter().all(|(time, offset)| *time == 1_000_000 + base + i64::from(*offset)));
    let last = batches.last_key_value().map(|(last, _)| *last);
    assert_eq!(times.last().map(|(_, offset)| *offset), last, "Kafka takes the largest from there");
}

#[test]
fn a_transaction_whose_marker_is_cut_off_is_open_again() {
    let mut world = World::new(5, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        let transactional = |producer, sequence| {
            let builder = BatchBuilder::default().producer(producer, 0, sequence);
            let mut builder = builder.transactional();
            builder.push(NewRecord { value: Some(b"x"), ..Default::default() });
            builder.build().unwrap()
        };
        let marker = |producer, kind| {
            let marker = crate::producers::EndTxnMarker { kind, coordinator_epoch: 1 };
            let (key, value) = marker.encode();
            let builder = BatchBuilder::default().producer(producer, 0, -1);
            let mut builder = builder.transactional().control();
            builder.push(NewRecord { key: Some(&key), value: Some(&value), ..Default::default() });
            builder.build().unwrap()
        };
        use crate::producers::MarkerKind::{Abort, Commit};
        let how = AppendOptions { origin: AppendOrigin::Coordinator, ..Default::default() };
        append(&log, &transactional(7, 0)).await;
        log.append(&marker(7, Abort), how).unwrap();
        append(&log, &transactional(9, 0)).await;
        append(&log, &transactional(8, 0)).await;
        log.append(&marker(8, Abort), how).unwrap();
        log.append(&marker(9, Commit), how).unwrap().durable.await.unwrap();
        log.destage(destage::Extent::All, true).await.unwrap();
        log.file_index(0).await.unwrap();
        // Nobody has seen these below a high watermark.
        assert_eq!(log.last_stable_offset_at(2), 2);
        assert_eq!(log.truncate_to(4).await.unwrap(), 4);
        assert_eq!(log.last_stable_offset(), 2);
        assert_eq!(log.aborted_transactions(0, 4).await.unwrap().len(), 1);
        drop((log, storage));
        for _ in 0..2 {
            let (storage, _) = open(&io).await;
            let log = storage.logs().remove(0);
            assert_eq!((log.log_end_offset(), log.last_stable_offset()), (4, 2));
            let aborted = log.aborted_transactions(0, 4).await.unwrap();
            assert_eq!(aborted.iter().map(|txn| txn.producer_id).collect::<Vec<_>>(), [7]);
            storage.shutdown().await.unwrap();
        }
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        log.append(&marker(9, Commit), how).unwrap();
        log.append(&marker(8, Commit), how).unwrap().durable.await.unwrap();
        assert_eq!(log.last_stable_offset(), 6);
        assert_eq!(log.truncate_to(1).await.unwrap(), 1);
        storage.shutdown().await.unwrap();
        let names = io.list_dir("/data/a-0").await.unwrap();
        assert!(!names.iter().any(|name| name.ends_with(".txnindex")), "{names:?}");
    });
}

/// What is in the segments is cut without any space; what is not there yet cannot go there.
#[test]
fn a_log_is_cut_while_files_cannot_grow() {
    let mut world = World::new(6, SimConfig::calm());
    let (storage, log) = world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, segments_of(20_000)).await.unwrap();
        for n in 0..60 {
            append(&log, &batch(n, size(n))).await;
        }
        log.destage(destage::Extent::All, true).await.unwrap();
        (storage, log)
    });
    for path in [".log", "space.probe"] {
        let full = Harm::Error(libc::ENOSPC);
        world.add_fault(0, DiskFault::always(Target::Metadata, path, full));
    }
    let numbers: Vec<u64> = (0..60).collect();
    let known = numbers.clone();
    let (cut, other) = (log.clone(), storage.clone());
    let end = world.block_on(0, |io| async move {
        let mut n = 60;
        while matches!(other.health(), Health::Ok) {
            if cut.append(&batch(n, size(n)), AppendOptions::default()).is_ok() {
                n += 1;
            }
            io.sleep(std::time::Duration::from_millis(1)).await;
        }
        let refused = cut.truncate_to(n as i64 - 1).await;
        assert!(matches!(refused, Err(StorageError::NoSpace { .. })), "{refused:?}");
        assert_eq!(cut.log_end_offset(), n as i64, "the log is as it was");
        assert_eq!(cut.truncate_to(47).await.unwrap(), 47);
        check(&cut, &known[..47]).await;
        47
    });
    world.clear_faults(0);
    world.block_on(0, |io| async move {
        while !matches!(storage.health(), Health::Ok) {
            io.sleep(std::time::Duration::from_millis(10)).await;
        }
        append(&log, &batch(5000, size(5000))).await.durable.await.unwrap();
        drop((log, storage));
        let (storage, _) = open(&io).await;
        let known = [&numbers[..end], &[5000]].concat();
        check(&storage.logs()[0], &known).await;
        storage.shutdown().await.unwrap();
    });
}

/// They are tried again, in this life and the next, until they are gone: Kafka would take them for the
/// newest segments.
#[test]
fn files_behind_a_cut_that_cannot_be_removed_are_not_forgotten() {
    let mut world = World::new(8, SimConfig::calm());
    let last = world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, segments_of(9_000)).await.unwrap();
        for n in 0..60 {
            append(&log, &batch(n, size(n))).await;
        }
        log.destage(destage::Extent::All, true).await.unwrap();
        let last = SegmentFile::TimeIndex.name(log.state.borrow().image.active().base);
        storage.shutdown().await.unwrap();
        last
    });
    let delay = StorageConfig::tiny().delete_delay;
    let there = move |io: Io, last: String| async move {
        io.list_dir("/data/a-0").await.unwrap().contains(&last)
    };
    let stuck = DiskFault::always(Target::Metadata, &last, Harm::Error(libc::EIO));
    world.add_fault(0, stuck);
    for life in 0..3 {
        let last = last.clone();
        world.block_on(0, move |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.logs().remove(0);
            match life {
                0 => assert_eq!(log.truncate_to(5).await.unwrap(), 5),
                _ => assert_eq!(log.log_end_offset(), 5),
            }
            io.sleep(delay * 2).await;
            assert!(there(io, last).await);
            // The first life is a killed one.
            if life > 0 {
                storage.shutdown().await.unwrap();
            }
        });
        world.kill(0);
        world.restart(0);
    }
    world.clear_faults(0);
    world.add_fault(0, DiskFault::once(Target::Metadata, &last, Harm::Error(libc::EIO)));
    world.block_on(0, move |io| async move {
        let (storage, _) = open(&io).await;
        assert!(there(io.clone(), last.clone()).await, "recovery could not, this time");
        io.sleep(delay * 2).await;
        assert!(!there(io, last).await);
        check(&storage.logs()[0], &(0..5).collect::<Vec<_>>()).await;
        storage.shutdown().await.unwrap();
    });
}

#[test]
fn a_cut_that_nobody_waits_for_is_done_or_not() {
    let mut world = World::new(7, SimConfig::calm());
    let mut cut = 0;
    for micros in (0..12_000).step_by(400) {
        let ends = world.block_on(0, move |io| async move {
            let (storage, _) = open(&io).await;
            let log = match storage.logs().pop() {
                Some(log) => log,
                None => storage.create_log("a-0", [1; 16], 0, segments_of(9_000)).await.unwrap(),
            };
            log.set_config(segments_of(9_000));
            log.truncate_to(0).await.unwrap();
            for n in 0..20 {
                append(&log, &batch(n, size(n))).await.durable.await.unwrap();
            }
            let time = std::time::Duration::from_micros(micros);
            let _ = io.timeout(time, log.truncate_to(5)).await;
            let end = log.log_end_offset();
            for n in 0..30 {
                append(&log, &batch(end as u64 + n, size(end as u64 + n))).await;
            }
            io.sleep(time).await;
            (log.log_end_offset(), log.durable_end_offset())
        });
        cut += u64::from(ends.0 < 50);
        world.crash(0);
        world.restart(0);
        world.block_on(0, move |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.logs().remove(0);
            let end = log.log_end_offset() as u64;
            assert!(end >= ends.1.min(5) as u64 && end <= 50);
            check(&log, &(0..end).collect::<Vec<_>>()).await;
        });
        world.crash(0);
        world.restart(0);
    }
    assert!(cut > 0);
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

/// The checkpoint is older than the cut, so what was cut off is written to the segments again, and what
/// took its place after it.
#[test]
fn recovery_of_a_log_that_was_cut_may_be_interrupted_anywhere() {
    let mut world = World::new(15, SimConfig::calm());
    let expected: Vec<u64> = (0..7).chain(30..33).chain(50..62).collect();
    world.block_on(0, |io| async move {
        let storage = open_smallest(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, segments_of(12_000)).await.unwrap();
        for (from, to, cut) in [(0, 20, 7), (30, 40, 10), (50, 62, 100)] {
            for n in from..to {
                append(&log, &batch(n, size(n))).await.durable.await.unwrap();
            }
            log.truncate_to(cut).await.unwrap();
        }
        // Some of it is where the old bytes were.
        log.destage(destage::Extent::Blocks, false).await.unwrap();
    });
    world.crash(0);
    world.restart(0);
    world.record(0, || 0);
    let all = expected.clone();
    world.block_on(0, |io| async move {
        let storage = open_smallest(&io).await;
        check(&storage.logs()[0], &all).await;
    });
    let points = world.recorded(0);
    let step = (points.len() / 40).max(1);
    let points: Vec<_> = points.into_iter().step_by(step).collect();
    let count = enumerate(&points, 2, 8, |state| {
        let mut world = World::new(1, SimConfig::calm());
        let (all, label) = (expected.clone(), state.label.clone());
        world.kill(0);
        world.set_disk(0, state.disk);
        world.restart(0);
        let handle = world.node(0).spawn(move |io| async move {
            let storage = open_smallest(&io).await;
            check(&storage.logs()[0], &all).await;
        });
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.join(handle)));
        assert!(checked.is_ok(), "{label}");
    });
    assert!(count > 50, "{count} states");
}
