//! When an append begins a new segment.

use std::time::Duration;

use super::*;

/// A batch of one record with that timestamp.
fn batch_at(timestamp: i64) -> Vec<u8> {
    let mut builder = BatchBuilder::default();
    builder.push(NewRecord { timestamp, value: Some(b"value"), ..Default::default() });
    builder.build().unwrap()
}

fn bases(log: &PartitionLog) -> Vec<i64> {
    log.state.borrow().image.segments.iter().map(|segment| segment.base).collect()
}

/// Appends a batch now and then, with the clock's time or without one, and returns at which of them
/// new segments begin.
fn rolled(seed: u64, config: LogConfig, with_time: bool) -> Vec<i64> {
    let mut world = World::new(seed, SimConfig::calm());
    let bases = world.block_on(0, move |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, config.clone()).await.unwrap();
        let step = async |log: &PartitionLog| {
            let time = if with_time { io.wall_ms() } else { -1 };
            append(log, &batch_at(time)).await.durable.await.unwrap();
            io.sleep(Duration::from_secs(1)).await;
        };
        for _ in 0..5 {
            step(&log).await;
        }
        // The segment is found as it was: its first time, and when it was begun.
        storage.shutdown().await.unwrap();
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        log.set_config(config);
        for _ in 5..40 {
            step(&log).await;
        }
        storage.shutdown().await.unwrap();
        bases(&log)
    });
    world.finish();
    bases
}

/// Whole seconds, and half of one for the time that appends take.
fn after(seconds: i64) -> LogConfig {
    LogConfig { segment_ms: seconds * 1000 - 500, ..small_segments() }
}

#[test]
fn a_segment_ends_when_its_first_record_is_old_enough() {
    assert_eq!(rolled(1, after(10), true), [0, 10, 20, 30]);
    assert_eq!(rolled(1, after(100), true), [0]);
}

#[test]
fn records_without_a_time_count_from_the_segments_creation() {
    assert_eq!(rolled(2, after(10), false), [0, 10, 20, 30]);
}

#[test]
fn the_clock_does_not_matter_to_records_that_have_a_time() {
    let mut world = World::new(3, SimConfig::calm());
    let (first, later, after_jump) = world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, after(10)).await.unwrap();
        let begun = io.wall_ms();
        append(&log, &batch_at(begun)).await.durable.await.unwrap();
        io.sleep(Duration::from_secs(60)).await;
        append(&log, &batch_at(begun + 9000)).await.durable.await.unwrap();
        let first = bases(&log);
        append(&log, &batch_at(begun + 10_000)).await.durable.await.unwrap();
        let later = bases(&log);
        append(&log, &batch_at(begun)).await.durable.await.unwrap();
        (first, later, bases(&log))
    });
    assert_eq!((first, later, after_jump), (vec![0], vec![0, 2], vec![0, 2]));
}

#[test]
fn jitter_is_drawn_anew_for_each_segment() {
    let config = LogConfig { segment_jitter_ms: 8000, ..after(10) };
    let lengths = |bases: &[i64]| bases.windows(2).map(|w| w[1] - w[0]).collect::<Vec<i64>>();
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..5 {
        let bases = rolled(seed, config.clone(), true);
        assert_eq!(bases, rolled(seed, config.clone(), true), "a seed decides");
        seen.extend(lengths(&bases));
    }
    // In whole seconds: the whole time, and less by up to eight.
    assert!(seen.iter().all(|length| (2..=10).contains(length)), "{seen:?}");
    assert!(seen.len() >= 5, "{seen:?}");
}
