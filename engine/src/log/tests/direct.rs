//! Large appends: their bytes go to the segment, a mark of them to the journal.

use std::time::Duration;

use super::faults::{JOURNAL, frames};
use super::*;
use crate::journal::frame::{ENTRY_BYTES, Entry, HEADER_BYTES as FRAME_HEADER_BYTES};
use crate::sim::{DiskFault, Harm, Target};

const LARGE: usize = 20_000;
const SEGMENT: &str = "/data/a-0/00000000000000000000.log";

fn large_segments() -> LogConfig {
    LogConfig { segment_bytes: 1 << 20, ..Default::default() }
}

/// A directory with ten large records, small ones between them, all acknowledged; then killed.
fn killed_world(seed: u64) -> World {
    let mut world = World::new(seed, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, large_segments()).await.unwrap();
        for n in 0..20 {
            append(&log, &batch(n, bytes(n))).await.durable.await.unwrap();
        }
    });
    world.kill(0);
    world.restart(0);
    world
}

fn bytes(n: u64) -> usize {
    if n.is_multiple_of(2) { LARGE } else { 100 }
}

/// Where the journal's first file has the mark of record `n`.
fn mark_of(world: &World, n: i64) -> u64 {
    let file = world.disk(0, |disk| disk.contents(JOURNAL).unwrap());
    for (at, header) in frames(world) {
        let mut body = at + header.head_bytes() as u64;
        for row in 0..header.entries as usize {
            let row = at as usize + FRAME_HEADER_BYTES + row * ENTRY_BYTES;
            let field =
                |from: usize| i64::from_le_bytes(file[row + from..][..8].try_into().unwrap());
            if file[row + 8] == 8 && field(32) == n {
                return body;
            }
            body += u64::from(u32::from_le_bytes(file[row + 48..][..4].try_into().unwrap()));
        }
    }
    panic!("record {n} has no mark")
}

#[test]
fn the_layout_of_an_entry_is_what_mark_of_takes_it_for() {
    let entry = Entry { base_offset: 77, length: 5, ..storage::control_entry(LogId(1), MARK) };
    let header = crate::journal::frame::FrameHeader {
        incarnation: [0; 16],
        sequence: 1,
        mark: 0,
        journal: 0,
        entries: 1,
        body: 5,
    };
    let mut out = Vec::new();
    header.encode(&[entry], &mut out);
    let row = &out[FRAME_HEADER_BYTES..];
    assert_eq!((row[8], row[32], row[48]), (8, 77, 5));
}

const MARK: crate::journal::frame::Kind = crate::journal::frame::Kind::DirectMark;

#[test]
fn the_journal_gets_little_of_a_large_append_and_a_restart_has_all_of_it() {
    let mut world = killed_world(1);
    let journal: u64 = frames(&world).iter().map(|(_, frame)| u64::from(frame.body)).sum();
    assert!(journal < 10 * LARGE as u64 / 3, "{journal} bytes of {LARGE} each");
    world.block_on(0, |io| async move {
        let (storage, report) = open(&io).await;
        assert!(!report.clean);
        let log = storage.logs().remove(0);
        let found = read_all(&log, 0, 1 << 20).await;
        same(values(&found, 0), expect(0..20, bytes));
        storage.shutdown().await.unwrap();
    });
    world.finish();
}

#[test]
fn what_a_damaged_mark_does_not_tell_the_segment_does() {
    let mut world = killed_world(2);
    let at = mark_of(&world, 4);
    world.disk(0, |disk| disk.flip_bit(JOURNAL, at + 20, 3).unwrap());
    world.block_on(0, |io| async move {
        let (storage, report) = open(&io).await;
        assert_eq!(report.frames_corrupt, 1);
        let log = storage.logs().remove(0);
        let found = read_all(&log, 0, 1 << 20).await;
        same(values(&found, 0), expect(0..20, bytes));
        storage.shutdown().await.unwrap();
    });
}

#[test]
fn damage_in_the_segment_is_seen_and_read_around() {
    let mut world = killed_world(3);
    world.disk(0, |disk| disk.flip_bit(SEGMENT, 2 * 20_000 + 3000, 3).unwrap());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        let lost = log.read(2 + 2, 1000, 20, true).await;
        assert!(matches!(lost, Err(ReadError::Faulty { resume: Some(5), .. })), "{lost:?}");
        let before = read_up_to(&log, 0, 4, 1 << 20).await;
        same(values(&before, 0), expect(0..4, bytes));
        let behind = read_all(&log, 5, 1 << 20).await;
        same(values(&behind, 5), expect(5..20, bytes));
        storage.shutdown().await.unwrap();
    });
}

/// A segment that does not grow must not hold up the journal: what makes space is in it.
#[test]
fn without_space_for_the_segment_all_of_it_goes_through_the_journal() {
    let mut world = World::new(4, SimConfig::calm());
    let (storage, log, other) = world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, large_segments()).await.unwrap();
        let other = storage.create_log("b-0", [2; 16], 0, large_segments()).await.unwrap();
        (storage, log, other)
    });
    for path in [".log", "space.probe"] {
        world.add_fault(0, DiskFault::always(Target::Any, path, Harm::Error(libc::ENOSPC)));
    }
    let storage = world.block_on(0, |_| async move {
        let mut appends = Vec::new();
        for n in 0..3 {
            appends.push(append(&log, &batch(n, LARGE)).await);
        }
        storage.delete_log(&other).await.unwrap();
        for appended in appends {
            appended.durable.await.unwrap();
        }
        assert!(matches!(storage.health(), Health::NoSpace));
        let refused = log.append(&batch(3, LARGE), AppendOptions::default());
        assert!(refused.is_err(), "there is no space");
        storage
    });
    world.clear_faults(0);
    world.block_on(0, |io| async move {
        while !matches!(storage.health(), Health::Ok) {
            io.sleep(Duration::from_millis(10)).await;
        }
        let log = storage.logs().remove(0);
        for n in 3..10 {
            append(&log, &batch(n, LARGE)).await;
        }
        append(&log, &batch(10, LARGE)).await.durable.await.unwrap();
    });
    world.crash(0);
    world.restart(0);
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        let found = read_all(&log, 0, 1 << 20).await;
        same(values(&found, 0), expect(0..11, |_| LARGE));
        storage.shutdown().await.unwrap();
    });
}

/// Who cuts or deletes a log waits for the journal and keeps the segment to himself meanwhile.
#[test]
fn a_log_is_cut_and_deleted_while_large_appends_are_on_their_way() {
    for seed in 0..20 {
        let mut world = World::new(seed, SimConfig::calm());
        world.block_on(0, |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.create_log("a-0", [1; 16], 0, large_segments()).await.unwrap();
            let other = storage.create_log("b-0", [2; 16], 0, large_segments()).await.unwrap();
            append(&log, &batch(0, 100)).await.durable.await.unwrap();
            let first = append(&log, &batch(1, LARGE)).await;
            let cutting = {
                let log = log.clone();
                io.spawn(async move { log.truncate_to(1).await })
            };
            let second = append(&log, &batch(2, LARGE)).await;
            let beside = append(&other, &batch(0, LARGE)).await;
            assert_eq!(cutting.await.unwrap().unwrap(), 1);
            for appended in [first, second, beside] {
                appended.durable.await.unwrap();
            }
            let third = append(&log, &batch(1, LARGE)).await;
            let found = read_all(&log, 0, 1 << 20).await;
            let expected = [expect(0..1, |_| 100), expect(1..2, |_| LARGE)].concat();
            same(values(&found, 0), expected);
            storage.delete_log(&log).await.unwrap();
            third.durable.await.unwrap();
            append(&other, &batch(1, LARGE)).await.durable.await.unwrap();
            storage.shutdown().await.unwrap();
        });
        world.finish();
    }
}

/// A replay meets bytes in the segments that came after what it replays: behind a cut, and in segments
/// that a cut had removed.
#[test]
fn what_a_replay_brings_back_leaves_alone_what_came_after_a_cut() {
    let value = |n: u64| if n.is_multiple_of(3) { 9000 } else { 700 };
    for (seed, cuts) in [(1, vec![5]), (2, vec![9, 4]), (3, vec![6, 6, 0]), (4, vec![14, 13, 12])] {
        let mut world = World::new(seed, SimConfig::calm());
        let numbers = world.block_on(0, |io| async move {
            let (storage, _) = open(&io).await;
            let config = LogConfig { segment_bytes: 20_000, ..Default::default() };
            let log = storage.create_log("a-0", [1; 16], 0, config).await.unwrap();
            let (mut numbers, mut next) = (Vec::new(), 0);
            for cut in cuts.into_iter().map(Some).chain([None]) {
                while numbers.len() < 15 {
                    append(&log, &batch(next, value(next))).await.durable.await.unwrap();
                    numbers.push(next);
                    next += 1;
                }
                if let Some(cut) = cut {
                    assert_eq!(log.truncate_to(cut).await.unwrap(), cut);
                    numbers.truncate(cut as usize);
                }
            }
            numbers
        });
        world.kill(0);
        world.restart(0);
        world.block_on(0, |io| async move {
            let (storage, report) = open(&io).await;
            assert!(!report.clean);
            let log = storage.logs().remove(0);
            let found = read_all(&log, 0, 1 << 20).await;
            let expected = numbers.iter().flat_map(|n| expect(*n..*n + 1, value)).collect();
            same(values(&found, 0), expected);
            storage.shutdown().await.unwrap();
        });
    }
}
