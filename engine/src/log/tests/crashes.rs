//! Every moment at which the power could go, and recovery interrupted itself.

use super::*;
use crate::sim::enumerate;

/// Checks a directory: everything that was promised is there and right.
async fn verify(io: Io, promised: u64, bytes: fn(u64) -> usize) {
    let storage = open_smallest(&io).await;
    let Some(log) = storage.logs().pop() else {
        assert_eq!(promised, 0);
        return;
    };
    let end = log.log_end_offset() as u64;
    assert!(end >= promised, "{end} records, {promised} were promised");
    let found = read_all(&log, 0, 10_000).await;
    same(values(&found, 0), expect(0..end, bytes));
}

/// Appends `count` records of sizes given by `bytes`, and looks at what every crash leaves.
fn crash_everywhere(seed: u64, count: u64, bytes: fn(u64) -> usize) {
    let mut world = World::new(seed, SimConfig::calm());
    let promised = Rc::new(std::cell::Cell::new(0));
    let seen = promised.clone();
    world.record(0, move || seen.get());
    let done = promised.clone();
    world.block_on(0, |io| async move {
        let storage = open_smallest(&io).await;
        let config = LogConfig { segment_bytes: 20_000, ..Default::default() };
        let log = storage.create_log("a-0", [1; 16], 0, config).await.unwrap();
        for n in 0..count {
            let appended = append(&log, &batch(n, bytes(n))).await;
            if n % 3 == 0 {
                appended.durable.await.unwrap();
                done.set(n + 1);
            }
        }
        storage.shutdown().await.unwrap();
    });
    let points = world.recorded(0);
    // Some of the points, spread over the whole run.
    let step = (points.len() / 60).max(1);
    let points: Vec<_> = points.into_iter().step_by(step).collect();
    let count = enumerate(&points, 2, 5, |state| {
        let mut world = World::new(1, SimConfig::calm());
        let (promised, label) = (state.observed, state.label.clone());
        world.kill(0);
        world.set_disk(0, state.disk);
        world.restart(0);
        let handle = world.node(0).spawn(move |io| verify(io, promised, bytes));
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.join(handle)));
        assert!(checked.is_ok(), "{label}");
    });
    assert!(count > 200, "{count} states");
}

#[test]
fn every_crash_point_keeps_what_was_promised() {
    crash_everywhere(11, 120, size);
}

#[test]
fn every_crash_point_keeps_large_appends_and_small_ones_between_them() {
    crash_everywhere(13, 60, |n| if n % 4 == 1 { size(n) } else { 4500 + size(n) });
}

#[test]
fn recovery_may_be_interrupted_anywhere() {
    interrupt_everywhere(12, size);
}

#[test]
fn recovery_of_large_appends_may_be_interrupted_anywhere() {
    interrupt_everywhere(14, |n| if n % 4 == 1 { size(n) } else { 4500 + size(n) });
}

/// Recovers 40 records of sizes given by `bytes` after a crash, and looks at what every crash meanwhile
/// leaves.
fn interrupt_everywhere(seed: u64, bytes: fn(u64) -> usize) {
    let mut world = World::new(seed, SimConfig::calm());
    world.block_on(0, |io| async move {
        let storage = open_smallest(&io).await;
        let config = LogConfig { segment_bytes: 20_000, ..Default::default() };
        let log = storage.create_log("a-0", [1; 16], 0, config).await.unwrap();
        let mut last = None;
        for n in 0..40 {
            last = Some(append(&log, &batch(n, bytes(n))).await);
        }
        last.unwrap().durable.await.unwrap();
    });
    world.crash(0);
    world.restart(0);
    world.record(0, || 40);
    world.block_on(0, |io| async move {
        let storage = open_smallest(&io).await;
        let log = storage.logs().remove(0);
        append(&log, &batch(40, bytes(40))).await.durable.await.unwrap();
    });
    let points = world.recorded(0);
    let step = (points.len() / 40).max(1);
    let points: Vec<_> = points.into_iter().step_by(step).collect();
    enumerate(&points, 2, 6, |state| {
        let mut world = World::new(1, SimConfig::calm());
        let (promised, label) = (state.observed, state.label.clone());
        world.kill(0);
        world.set_disk(0, state.disk);
        world.restart(0);
        let handle = world.node(0).spawn(move |io| verify(io, promised, bytes));
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.join(handle)));
        assert!(checked.is_ok(), "{label}");
    });
}

#[test]
fn journals_of_more_shards_than_there_are_now_are_replayed() {
    let mut world = World::new(13, SimConfig::calm());
    world.block_on(0, |io| async move {
        let recovered = recover(&io, &dir(), &StorageConfig::tiny()).await.unwrap();
        assert!(recovered.logs.is_empty());
        let mut storages = Vec::new();
        for shard in 0..3 {
            let config = StorageConfig::tiny();
            let storage = Storage::start(io.clone(), dir(), shard, config, vec![]).await.unwrap();
            let name = format!("a-{shard}");
            let log = storage.create_log(&name, [1; 16], 0, small_segments()).await.unwrap();
            for n in 0..50 {
                append(&log, &batch(n, 1000)).await.durable.await.unwrap();
            }
            storages.push(storage);
        }
    });
    world.kill(0);
    world.restart(0);
    for _ in 0..3 {
        world.block_on(0, |io| async move {
            let (storage, _) = open(&io).await;
            assert_eq!(storage.logs().len(), 3);
            for log in storage.logs() {
                let end = log.log_end_offset() as u64;
                assert!(end >= 50);
                let bytes = read_all(&log, 0, 20_000).await;
                same(values(&bytes, 0), expect(0..end, |_| 1000));
                append(&log, &batch(end, 1000)).await.durable.await.unwrap();
            }
        });
        world.kill(0);
        world.restart(0);
    }
}
