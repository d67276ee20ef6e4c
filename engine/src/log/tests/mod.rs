//! The storage in simulated worlds.

mod ahead;
mod crashes;
mod direct;
mod faults;
mod full;
mod roll;
mod truncate;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use super::*;
use crate::batch::{BatchBuilder, BatchIter, NewRecord};
use crate::io::Io;
use crate::sim::{SimConfig, World};

fn dir() -> PathBuf {
    "/data".into()
}

/// Recovers and starts everything on one shard.
async fn open(io: &Io) -> (Storage, RecoveryReport) {
    let config = StorageConfig::tiny();
    let recovered = recover(io, &dir(), &config).await.unwrap();
    let storage = Storage::start(io.clone(), dir(), 0, config, recovered.logs).await.unwrap();
    (storage, recovered.report)
}

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

fn size(n: u64) -> usize {
    (n * 733 % 3000) as usize
}

fn small_segments() -> LogConfig {
    LogConfig { segment_bytes: 64 << 10, ..Default::default() }
}

/// A batch of one record of about `bytes`.
fn batch(n: u64, bytes: usize) -> Vec<u8> {
    let mut builder = BatchBuilder::default();
    let value: Vec<u8> = (0..bytes as u64).map(|i| (n * 31 + i * 7) as u8).collect();
    let time = 1_000_000 + n as i64;
    builder.push(NewRecord { timestamp: time, value: Some(&value), ..Default::default() });
    builder.build().unwrap()
}

async fn append(log: &PartitionLog, batches: &[u8]) -> Appended {
    loop {
        match log.append(batches, AppendOptions { leader_epoch: 1, ..Default::default() }) {
            Ok(appended) => return appended,
            Err(e) if e.is_back_pressure() => log.room().await,
            Err(e) => panic!("{e}"),
        }
    }
}

/// Everything from `offset` on, as bytes.
async fn read_all(log: &PartitionLog, offset: i64, at_once: usize) -> Vec<u8> {
    read_up_to(log, offset, log.log_end_offset(), at_once).await
}

async fn read_up_to(log: &PartitionLog, mut offset: i64, end: i64, at_once: usize) -> Vec<u8> {
    let (mut all, limit) = (Vec::new(), log.log_end_offset());
    while offset < end {
        let outcome = log.read(offset, at_once, limit, true).await.unwrap();
        let bytes: Vec<u8> = outcome.pieces.iter().flat_map(|piece| piece.to_vec()).collect();
        assert_eq!(bytes.len(), outcome.bytes);
        let last = BatchIter::new(&bytes).last().expect("a read makes progress").unwrap();
        offset = last.next_offset();
        all.extend_from_slice(&bytes);
    }
    all
}

/// Values of the records of `bytes`, offsets checked to follow each other from `first`.
fn values(bytes: &[u8], first: i64) -> Vec<Vec<u8>> {
    let mut values = Vec::new();
    let mut expected = first;
    for batch in BatchIter::new(bytes) {
        let batch = batch.unwrap();
        assert_eq!(batch.base_offset(), expected);
        assert_eq!(batch.crc(), batch.computed_crc());
        for record in batch.records(1 << 20).unwrap().iter() {
            values.push(record.unwrap().value.unwrap_or_default().to_vec());
        }
        expected = batch.next_offset();
    }
    values
}

/// Compares without printing all there is.
#[track_caller]
fn same(found: Vec<Vec<u8>>, expected: Vec<Vec<u8>>) {
    let differs = found.iter().zip(&expected).position(|(a, b)| a != b);
    let lengths = (found.len(), expected.len());
    assert!(found == expected, "lengths {lengths:?}, first difference at {differs:?}");
}

fn expect(range: std::ops::Range<u64>, bytes: impl Fn(u64) -> usize) -> Vec<Vec<u8>> {
    let value = |n: u64| (0..bytes(n) as u64).map(|i| (n * 31 + i * 7) as u8).collect();
    range.map(value).collect()
}

#[test]
fn an_append_is_durable_and_read_back() {
    let mut world = World::new(1, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, report) = open(&io).await;
        assert!(report.clean);
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        for n in 0..20 {
            let appended = append(&log, &batch(n, 300)).await;
            assert_eq!((appended.base_offset, appended.last_offset), (n as i64, n as i64));
            appended.durable.await.unwrap();
            assert!(log.durable_end_offset() > n as i64);
        }
        let bytes = read_all(&log, 0, 1000).await;
        same(values(&bytes, 0), expect(0..20, |_| 300));
        storage.shutdown().await.unwrap();
    });
    world.finish();
}

#[test]
fn a_log_is_the_same_after_a_clean_stop() {
    let mut world = World::new(2, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        for n in 0..200 {
            append(&log, &batch(n, 1000)).await;
        }
        storage.shutdown().await.unwrap();
        let (storage, report) = open(&io).await;
        assert!(report.clean);
        let log = storage.logs().remove(0);
        assert_eq!(log.log_end_offset(), 200);
        append(&log, &batch(200, 1000)).await.durable.await.unwrap();
        let bytes = read_all(&log, 0, 5000).await;
        same(values(&bytes, 0), expect(0..201, |_| 1000));
        storage.shutdown().await.unwrap();
    });
    world.finish();
}

/// Runs until power is lost, recovers, and checks that everything acknowledged is there.
fn survives_power_loss(seed: u64) {
    let config = SimConfig::calm();
    let mut world = World::new(seed, config);
    let logs = 3;
    let mut known: Vec<u64> = vec![0; logs];
    for life in 0..4u64 {
        let acked = Rc::new(RefCell::new(vec![0u64; logs]));
        let sizes = |n: u64| (n * 37 % 5000) as usize;
        let (shared, from) = (acked.clone(), known.clone());
        world.node(0).spawn(move |io| async move {
            let (storage, report) = open(&io).await;
            assert_eq!(report.frames_corrupt, 0);
            if life == 0 {
                for n in 0..logs {
                    let name = format!("t-{n}");
                    storage.create_log(&name, [n as u8; 16], 0, small_segments()).await.unwrap();
                }
            }
            let logs = storage.logs();
            for (n, log) in logs.iter().enumerate() {
                log.set_config(small_segments());
                let log = log.clone();
                let first = log.log_end_offset() as u64;
                assert!(first >= from[n], "log {n}: {first} records, {} were acked", from[n]);
                let acked = shared.clone();
                acked.borrow_mut()[n] = first;
                let io = io.clone();
                io.clone().spawn(async move {
                    for i in first.. {
                        let appended = append(&log, &batch(i, sizes(i))).await;
                        let acked = acked.clone();
                        io.spawn(async move {
                            if appended.durable.await.is_ok() {
                                let mut acked = acked.borrow_mut();
                                acked[n] = acked[n].max(i + 1);
                            }
                        });
                        if i % 16 == 0 {
                            io.sleep(std::time::Duration::from_micros(300)).await;
                        }
                    }
                });
            }
            std::future::pending::<()>().await;
            drop(storage);
        });
        let pause = world.random().between(1, 400);
        world.run_for(std::time::Duration::from_millis(pause));
        world.crash(0);
        for (n, acked) in acked.borrow().iter().enumerate() {
            known[n] = known[n].max(*acked);
        }
        world.restart(0);
        let expected = known.clone();
        let ends = world.block_on(0, |io| async move {
            let (storage, report) = open(&io).await;
            assert_eq!(report.frames_corrupt, 0);
            let mut ends = Vec::new();
            for (n, log) in storage.logs().iter().enumerate() {
                let end = log.log_end_offset() as u64;
                assert!(end >= expected[n], "log {n} ends at {end}, {} were acked", expected[n]);
                let bytes = read_all(log, 0, 20_000).await;
                same(values(&bytes, 0), expect(0..end, |n| (n * 37 % 5000) as usize));
                ends.push(end);
            }
            ends
        });
        // What has been read once stays.
        known[..ends.len()].copy_from_slice(&ends);
        world.crash(0);
        world.restart(0);
    }
}

#[test]
fn acknowledged_records_survive_power_loss() {
    for seed in 0..5 {
        survives_power_loss(seed);
    }
}

#[test]
fn records_are_found_by_time() {
    let mut world = World::new(3, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        for n in 0..300 {
            append(&log, &batch(n, 1000)).await;
        }
        for again in 0..2 {
            for n in [0, 1, 77, 150, 299] {
                let time = 1_000_000 + n;
                let found = log.offset_for_timestamp(time).await.unwrap();
                assert_eq!(found, Some((time, n)), "round {again}");
            }
            assert_eq!(log.offset_for_timestamp(0).await.unwrap(), Some((1_000_000, 0)));
            assert_eq!(log.offset_for_timestamp(2_000_000).await.unwrap(), None);
            assert_eq!(log.max_timestamp().await.unwrap(), Some((1_000_299, 299)));
            // Once more with everything in sealed files or index files.
            log.destage(destage::Extent::All, true).await.unwrap();
            let active = log.state.borrow().image.active().base;
            log.file_index(active).await.unwrap();
        }
        storage.shutdown().await.unwrap();
    });
    world.finish();
}

#[test]
fn a_duplicate_gets_the_offsets_of_the_first_one() {
    let mut world = World::new(4, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        let batch = |sequence| {
            let mut builder = BatchBuilder::default().producer(9, 0, sequence);
            builder.push(NewRecord { value: Some(b"x"), ..Default::default() });
            builder.build().unwrap()
        };
        for n in 0..4 {
            let appended = append(&log, &batch(n)).await;
            assert_eq!((appended.base_offset, appended.duplicate), (i64::from(n), false));
        }
        let again = append(&log, &batch(2)).await;
        assert_eq!((again.base_offset, again.last_offset, again.duplicate), (2, 2, true));
        again.durable.await.unwrap();
        assert!(log.durable_end_offset() > 2);
        let wrong = log.append(&batch(9), AppendOptions::default());
        assert!(matches!(wrong, Err(AppendError::OutOfOrderSequence { last: 3, got: 9, .. })));
        storage.shutdown().await.unwrap();
        // The state is there after a stop, clean or not.
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        assert!(append(&log, &batch(1)).await.duplicate);
        append(&log, &batch(4)).await.durable.await.unwrap();
        drop(storage);
        let (storage, report) = open(&io).await;
        assert!(!report.clean);
        let log = storage.logs().remove(0);
        assert!(append(&log, &batch(4)).await.duplicate);
        storage.shutdown().await.unwrap();
    });
}

#[test]
fn transactions_hold_the_last_stable_offset_back() {
    let mut world = World::new(5, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        append(&log, &batch(0, 10)).await;
        let mut builder = BatchBuilder::default().producer(9, 0, 0).transactional();
        builder.push(NewRecord { value: Some(b"x"), ..Default::default() });
        append(&log, &builder.build().unwrap()).await;
        append(&log, &batch(2, 10)).await.durable.await.unwrap();
        assert_eq!((log.last_stable_offset(), log.durable_end_offset()), (1, 3));
        let marker = crate::producers::EndTxnMarker {
            kind: crate::producers::MarkerKind::Abort,
            coordinator_epoch: 1,
        };
        let (key, value) = marker.encode();
        let mut builder = BatchBuilder::default().producer(9, 0, -1).transactional().control();
        builder.push(NewRecord { key: Some(&key), value: Some(&value), ..Default::default() });
        let how = AppendOptions { origin: AppendOrigin::Coordinator, ..Default::default() };
        let appended = log.append(&builder.build().unwrap(), how).unwrap();
        assert_eq!(log.last_stable_offset(), 1, "the marker is not durable yet");
        appended.durable.await.unwrap();
        assert_eq!(log.last_stable_offset(), 4);
        for _ in 0..2 {
            let aborted = log.aborted_transactions(0, 4).await.unwrap();
            assert_eq!(aborted.len(), 1);
            assert_eq!((aborted[0].first_offset, aborted[0].last_offset), (1, 3));
            assert!(log.aborted_transactions(4, 9).await.unwrap().is_empty());
            log.file_index(0).await.unwrap();
        }
        storage.shutdown().await.unwrap();
    });
    world.finish();
}

#[test]
fn retention_removes_whole_segments_and_stays_done() {
    let mut world = World::new(6, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        for n in 0..400 {
            append(&log, &batch(n, 1000)).await;
        }
        log.destage(destage::Extent::All, true).await.unwrap();
        let config = LogConfig { retention_bytes: 200_000, ..small_segments() };
        log.set_config(config);
        let now = io.wall_ms();
        // Nothing goes above the limit.
        assert_eq!(log.apply_retention(1_000_000, 10).await.unwrap(), 0);
        let start = log.apply_retention(1_000_000, 400).await.unwrap();
        assert!(start > 0 && log.size_bytes() >= 200_000 && log.size_bytes() < 270_000);
        let early = log.read(start - 1, 1000, 400, true).await;
        assert!(matches!(early, Err(ReadError::OffsetOutOfRange { .. })));
        let bytes = read_all(&log, start, 9000).await;
        same(values(&bytes, start), expect(start as u64..400, |_| 1000));
        assert_eq!(log.delete_records(390).await.unwrap(), 390);
        assert!(log.size_bytes() < 70_000);
        drop(storage);
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        assert_eq!((log.log_start_offset(), log.log_end_offset()), (390, 400));
        // Everything is too old: the active segment goes as well, and offsets go on.
        log.set_config(LogConfig { retention_ms: 1000, ..small_segments() });
        assert_eq!(log.apply_retention(now, 400).await.unwrap(), 400);
        let appended = append(&log, &batch(400, 100)).await;
        assert_eq!(appended.base_offset, 400);
        appended.durable.await.unwrap();
        let bytes = read_all(&log, 400, 9000).await;
        same(values(&bytes, 400), expect(400..401, |_| 100));
        storage.shutdown().await.unwrap();
        let logs = io.list_dir("/data/a-0").await.unwrap();
        assert_eq!(logs.iter().filter(|name| name.ends_with(".log")).count(), 1, "{logs:?}");
    });
    world.finish();
}

#[test]
fn a_deleted_log_is_gone_and_its_name_free() {
    let mut world = World::new(7, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        let twice = storage.create_log("a-0", [1; 16], 0, small_segments()).await;
        assert!(matches!(twice, Err(StorageError::Exists { .. })));
        for n in 0..100 {
            append(&log, &batch(n, 1000)).await;
        }
        storage.delete_log(&log).await.unwrap();
        let refused = log.append(&batch(0, 1), AppendOptions::default());
        assert!(matches!(refused, Err(AppendError::Storage(StorageError::Deleted { .. }))));
        let new = storage.create_log("a-0", [2; 16], 0, small_segments()).await.unwrap();
        assert!(new.id() > log.id());
        append(&new, &batch(0, 10)).await.durable.await.unwrap();
        drop((storage, log, new));
        let (storage, _) = open(&io).await;
        assert_eq!(storage.logs().len(), 1);
        assert_eq!(storage.logs()[0].topic_id(), [2; 16]);
        assert_eq!(storage.logs()[0].log_end_offset(), 1);
        storage.shutdown().await.unwrap();
        let names = io.list_dir("/data").await.unwrap();
        assert!(!names.iter().any(|name| name.ends_with("-delete")), "{names:?}");
    });
}

#[test]
fn a_closed_directory_has_what_kafka_wants() {
    let mut world = World::new(8, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        append(&log, &batch(0, 10)).await;
        storage.shutdown().await.unwrap();
        seal_directory(&io, &dir()).await.unwrap();
        let names = io.list_dir("/data").await.unwrap();
        for name in [".kafka_cleanshutdown", "recovery-point-offset-checkpoint"] {
            assert!(names.iter().any(|other| other == name), "{name} in {names:?}");
        }
        let names = io.list_dir("/data/a-0").await.unwrap();
        let expected = [
            "00000000000000000000.chunks",
            "00000000000000000000.index",
            "00000000000000000000.log",
            "00000000000000000000.timeindex",
            "00000000000000000001.snapshot",
            "leader-epoch-checkpoint",
            "partition.metadata",
        ];
        assert_eq!(names, expected);
        open(&io).await.0.shutdown().await.unwrap();
        let names = io.list_dir("/data").await.unwrap();
        assert!(!names.iter().any(|name| name == ".kafka_cleanshutdown"));
    });
}
