//! The storage in simulated worlds.

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
async fn read_all(log: &PartitionLog, mut offset: i64, at_once: usize) -> Vec<u8> {
    let mut all = Vec::new();
    while offset < log.log_end_offset() {
        let limit = log.log_end_offset();
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
        assert_eq!(values(&bytes, 0), expect(0..20, |_| 300));
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
        assert_eq!(values(&bytes, 0), expect(0..201, |_| 1000));
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
                assert_eq!(values(&bytes, 0), expect(0..end, |n| (n * 37 % 5000) as usize));
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
    for seed in 0..20 {
        survives_power_loss(seed);
    }
}
