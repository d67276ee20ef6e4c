//! The storage on the real ring and a real file system.
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs)]

use std::future::Future;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use ringlog_engine::arena::Arena;
use ringlog_engine::batch::{BatchBuilder, BatchIter, NewRecord};
use ringlog_engine::exec::{Executor, Patience};
use ringlog_engine::io::{Io, ShardId};
use ringlog_engine::log::{
    AppendOptions, Appended, LogConfig, PartitionLog, Storage, StorageConfig, recover,
};
use ringlog_engine::ring::{Doorbells, RingConfig, RingDriver};

/// Runs `main` on a ring of its own.
fn on_ring<F: Future<Output = ()> + 'static>(main: impl FnOnce(Io) -> F + Send + 'static) {
    let body = move || {
        let arena = Arena::new(256 << 20);
        let config = RingConfig::default();
        let (driver, _) = RingDriver::new(ShardId(0), &arena, Doorbells::new(1), &config).unwrap();
        let executor = Executor::new(ShardId(0), arena, Box::new(driver));
        executor.run(main(executor.io()), &(), Patience::new(0)).expect("main ends");
        executor.drain();
    };
    std::thread::spawn(body).join().unwrap();
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

fn batch(n: u64, bytes: usize) -> Vec<u8> {
    let value: Vec<u8> = (0..bytes as u64).map(|i| (n * 31 + i * 7) as u8).collect();
    let mut builder = BatchBuilder::default();
    let timestamp = 1_000_000 + n as i64;
    builder.push(NewRecord { timestamp, value: Some(&value), ..Default::default() });
    builder.build().unwrap()
}

async fn open(io: &Io, dir: &Path, config: &StorageConfig) -> Storage {
    let recovered = recover(io, dir, config).await.unwrap();
    println!("recovered: {:?}", recovered.report);
    Storage::start(io.clone(), dir.into(), 0, config.clone(), recovered.logs).await.unwrap()
}

async fn append(log: &PartitionLog, batches: &[u8]) -> Appended {
    loop {
        match log.append(batches, AppendOptions::default()) {
            Ok(appended) => return appended,
            Err(e) if e.is_back_pressure() => log.room().await,
            Err(e) => panic!("{e}"),
        }
    }
}

async fn check(log: &PartitionLog, records: u64, bytes: usize) {
    let mut offset = 0;
    while offset < records as i64 {
        let outcome = log.read(offset, 1 << 20, records as i64, true).await.unwrap();
        let all: Vec<u8> = outcome.pieces.iter().flat_map(|piece| piece.to_vec()).collect();
        for found in BatchIter::new(&all) {
            let found = found.unwrap();
            assert_eq!(found.base_offset(), offset);
            assert_eq!(found.payload(), &batch(offset as u64, bytes)[61..]);
            offset = found.next_offset();
        }
    }
}

#[test]
fn records_are_there_after_a_clean_stop_and_after_none() {
    let home = folder();
    let dir: PathBuf = home.path().join("data");
    let config = StorageConfig { journal_seal_after: Duration::ZERO, ..StorageConfig::tiny() };
    let settings = LogConfig { segment_bytes: 100 << 10, ..Default::default() };
    // Each ring ends with all that ran on it: nobody else is at work when the directory is opened.
    let (at, with, set) = (dir.clone(), config.clone(), settings.clone());
    on_ring(move |io| async move {
        let storage = open(&io, &at, &with).await;
        let log = storage.create_log("a-0", [1; 16], 0, set).await.unwrap();
        for n in 0..500 {
            append(&log, &batch(n, 2000)).await;
        }
        append(&log, &batch(500, 2000)).await.durable.await.unwrap();
        check(&log, 501, 2000).await;
    });
    let (at, with) = (dir.clone(), config.clone());
    on_ring(move |io| async move {
        let storage = open(&io, &at, &with).await;
        let log = storage.logs().remove(0);
        log.set_config(settings);
        check(&log, 501, 2000).await;
        for n in 501..600 {
            append(&log, &batch(n, 2000)).await;
        }
        storage.shutdown().await.unwrap();
    });
    on_ring(move |io| async move {
        let storage = open(&io, &dir, &config).await;
        check(&storage.logs()[0], 600, 2000).await;
        storage.shutdown().await.unwrap();
    });
}

/// Run with `cargo test --release -p ringlog-engine --test storage -- --ignored --nocapture`.
#[test]
#[ignore = "measures, proves nothing"]
fn how_fast() {
    let home = folder();
    let dir: PathBuf = home.path().join("data");
    on_ring(move |io| async move {
        let config = StorageConfig::default();
        let started = Instant::now();
        let storage = open(&io, &dir, &config).await;
        println!("start {:?}", started.elapsed());
        let log = storage.create_log("a-0", [1; 16], 0, LogConfig::default()).await.unwrap();
        let one = batch(0, 1000);
        let mut times = Vec::new();
        for _ in 0..2000 {
            let started = Instant::now();
            append(&log, &one).await.durable.await.unwrap();
            times.push(started.elapsed());
        }
        times.sort();
        println!("1 KB, one at a time: p50 {:?} p99 {:?}", times[1000], times[1980]);
        for (writers, bytes, each) in [(64, 1000, 2000), (16, 100_000, 500), (4, 1_000_000, 200)] {
            let logs = 1;
            let started = Instant::now();
            let mut tasks = Vec::new();
            for _ in 0..writers {
                let (log, batch) = (log.clone(), Rc::new(batch(1, bytes)));
                tasks.push(io.spawn(async move {
                    let mut worst = Duration::ZERO;
                    for _ in 0..each {
                        let started = Instant::now();
                        append(&log, &batch).await.durable.await.unwrap();
                        worst = worst.max(started.elapsed());
                    }
                    worst
                }));
            }
            let mut worst = Duration::ZERO;
            for task in tasks {
                worst = worst.max(task.await.unwrap());
            }
            let took = started.elapsed();
            let total = writers * each;
            println!(
                "{writers} writers, {bytes} bytes, {logs} log: {:.0}/s, {:.0} MB/s, worst {worst:?}",
                total as f64 / took.as_secs_f64(),
                (total * bytes) as f64 / 1e6 / took.as_secs_f64()
            );
        }
        let end = log.log_end_offset();
        let (started, mut offset, mut bytes) = (Instant::now(), 0, 0);
        while offset < end {
            let outcome = log.read(offset, 1 << 20, end, true).await.unwrap();
            bytes += outcome.bytes;
            let all: Vec<u8> = outcome.pieces.iter().flat_map(|piece| piece.to_vec()).collect();
            offset = BatchIter::new(&all).last().unwrap().unwrap().next_offset();
        }
        println!("read {:.0} MB/s", bytes as f64 / 1e6 / started.elapsed().as_secs_f64());
        let started = Instant::now();
        drop((log, storage));
        let storage = open(&io, &dir, &config).await;
        println!("recovery {:?}", started.elapsed());
        storage.shutdown().await.unwrap();
    });
}
