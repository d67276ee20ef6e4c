//! What goes wrong with devices, and what the storage makes of it.

use super::*;
use crate::journal::frame::{FrameHeader, MAGIC};
use crate::sim::{DiskFault, Harm, Target};

/// A directory with 30 records of 1000 bytes in one log, not destaged; the process is then killed.
fn killed_world(seed: u64) -> World {
    let mut world = World::new(seed, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        for n in 0..10 {
            append(&log, &batch(n, 1000)).await.durable.await.unwrap();
        }
    });
    world.kill(0);
    world.restart(0);
    world
}

/// Offsets of whole frame headers in the first journal file, by sequence number.
pub(super) fn frames(world: &World) -> Vec<(u64, FrameHeader)> {
    let bytes = world.disk(0, |disk| {
        disk.contents(JOURNAL).unwrap_or_else(|e| panic!("{e} {:?}", disk.paths()))
    });
    let blocks = bytes.chunks_exact(4096).enumerate();
    let frames = blocks.filter(|(_, block)| block.starts_with(&MAGIC));
    frames.map(|(n, block)| (n as u64 * 4096, FrameHeader::peek(block).unwrap())).collect()
}

pub(super) const JOURNAL: &str = "/data/+journal-0/00000000.journal";

/// The frame that holds record `n`: the first one creates the log, each append has its own.
fn frame_of(world: &World, n: u64) -> (u64, FrameHeader) {
    let filled: Vec<_> = frames(world).into_iter().filter(|(_, h)| h.entries > 0).collect();
    filled[n as usize + 1]
}

#[test]
fn damaged_records_below_the_mark_are_faulty_and_the_rest_is_read_around_them() {
    let mut world = killed_world(1);
    let (at, header) = frame_of(&world, 4);
    let body = at + header.head_bytes() as u64;
    world.disk(0, |disk| disk.flip_bit(JOURNAL, body + 500, 3).unwrap());
    for _ in 0..2 {
        world.block_on(0, |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.logs().remove(0);
            assert_eq!(log.log_end_offset(), 10);
            let lost = log.read(4, 1000, 10, true).await;
            assert!(matches!(lost, Err(ReadError::Faulty { resume: Some(5), .. })), "{lost:?}");
            let before = read_up_to(&log, 0, 4, 1 << 20).await;
            same(values(&before, 0), expect(0..4, |_| 1000));
            let bytes = read_all(&log, 5, 1 << 20).await;
            same(values(&bytes, 5), expect(5..10, |_| 1000));
            storage.shutdown().await.unwrap();
        });
    }
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        assert_eq!(append(&log, &batch(10, 100)).await.base_offset, 10);
        storage.shutdown().await.unwrap();
    });
}

#[test]
fn a_lost_frame_below_the_mark_is_refused_until_the_loss_is_accepted() {
    let mut world = killed_world(2);
    let (at, _) = frame_of(&world, 4);
    world.disk(0, |disk| disk.flip_bit(JOURNAL, at + 20, 3).unwrap());
    world.block_on(0, |io| async move {
        let refused = recover(&io, &dir(), &StorageConfig::tiny()).await;
        assert!(matches!(refused, Err(RecoveryError::JournalLoss { .. })), "{refused:?}");
        let config = StorageConfig { accept_journal_loss: true, ..StorageConfig::tiny() };
        let recovered = recover(&io, &dir(), &config).await.unwrap();
        assert_eq!(recovered.report.frames_corrupt, 1);
        assert_eq!(recovered.logs[0].faulty(), [FaultyRange { first: 4, last: 4 }]);
        let storage = Storage::start(io, dir(), 0, config, recovered.logs).await.unwrap();
        let log = storage.logs().remove(0);
        let bytes = read_all(&log, 5, 1 << 20).await;
        same(values(&bytes, 5), expect(5..10, |_| 1000));
        storage.shutdown().await.unwrap();
    });
}

/// Frames that are lost, of records before and behind a cut, do not keep the cut from being known.
#[test]
fn an_accepted_loss_in_front_of_a_cut_leaves_the_log_cut() {
    let mut world = World::new(6, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        for n in 0..10 {
            append(&log, &batch(n, 1000)).await.durable.await.unwrap();
        }
        assert_eq!(log.truncate_to(7).await.unwrap(), 7);
        append(&log, &batch(7, 500)).await.durable.await.unwrap();
    });
    let lost: Vec<u64> = (6..10).map(|n| frame_of(&world, n).0).collect();
    world.kill(0);
    world.restart(0);
    for at in lost {
        world.disk(0, |disk| disk.flip_bit(JOURNAL, at + 20, 3).unwrap());
    }
    world.block_on(0, |io| async move {
        let refused = recover(&io, &dir(), &StorageConfig::tiny()).await;
        assert!(matches!(refused, Err(RecoveryError::JournalLoss { .. })), "{refused:?}");
        let config = StorageConfig { accept_journal_loss: true, ..StorageConfig::tiny() };
        let recovered = recover(&io, &dir(), &config).await.unwrap();
        assert_eq!(recovered.logs[0].faulty(), [FaultyRange { first: 6, last: 6 }]);
        let storage = Storage::start(io.clone(), dir(), 0, config, recovered.logs).await.unwrap();
        storage.shutdown().await.unwrap();
    });
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        assert_eq!(log.log_end_offset(), 8);
        same(values(&read_up_to(&log, 0, 6, 1 << 20).await, 0), expect(0..6, |_| 1000));
        let lost = log.read(6, 1000, 8, true).await;
        assert!(matches!(lost, Err(ReadError::Faulty { resume: Some(7), .. })), "{lost:?}");
        same(values(&read_all(&log, 7, 1 << 20).await, 7), expect(7..8, |_| 500));
        append(&log, &batch(8, 500)).await.durable.await.unwrap();
        storage.shutdown().await.unwrap();
    });
}

/// What cannot be read now may hold what was acknowledged: the start is refused, also where damage
/// would be taken for a torn end, unless the loss is accepted.
#[test]
fn an_unreadable_sector_in_the_journal_is_neither_damage_nor_the_end() {
    for nth in [6, 9] {
        let mut world = killed_world(3);
        let (at, _) = frame_of(&world, nth);
        world.disk(0, |disk| disk.make_bad(JOURNAL, at).unwrap());
        world.block_on(0, |io| async move {
            let refused = recover(&io, &dir(), &StorageConfig::tiny()).await;
            assert!(matches!(refused, Err(RecoveryError::Io { .. })), "{refused:?}");
            let config = StorageConfig { accept_journal_loss: true, ..StorageConfig::tiny() };
            let recovered = recover(&io, &dir(), &config).await.unwrap();
            let report = &recovered.report;
            assert_eq!(report.frames_torn + report.frames_corrupt, 1);
        });
    }
}

#[test]
fn a_torn_last_frame_is_the_end() {
    let mut world = killed_world(4);
    let (at, header) = *frames(&world).last().unwrap();
    assert!(header.entries > 0, "the journal is not sealed yet");
    world.disk(0, |disk| disk.flip_bit(JOURNAL, at + 600, 3).unwrap());
    world.block_on(0, |io| async move {
        let (storage, report) = open(&io).await;
        assert_eq!((report.frames_torn, report.frames_corrupt), (1, 0));
        assert_eq!(storage.logs()[0].log_end_offset(), 9);
    });
}

#[test]
fn a_sealed_journal_tells_rot_of_its_last_frame_from_a_torn_write() {
    let mut world = World::new(5, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        append(&log, &batch(0, 1000)).await.durable.await.unwrap();
        io.sleep(std::time::Duration::from_millis(20)).await;
    });
    world.kill(0);
    world.restart(0);
    let (at, header) = *frames(&world).last().unwrap();
    assert_eq!(header.entries, 0);
    world.disk(0, |disk| disk.flip_bit(JOURNAL, at - 4096 + 600, 3).unwrap());
    world.block_on(0, |io| async move {
        let recovered = recover(&io, &dir(), &StorageConfig::tiny()).await.unwrap();
        assert_eq!(recovered.logs[0].faulty(), [FaultyRange { first: 0, last: 0 }]);
        assert_eq!(recovered.logs[0].log_end_offset(), 1);
    });
}

#[test]
fn a_damaged_catalogue_is_refused() {
    for path in ["/data/ringlog.checkpoint", "/data/+journal-0/checkpoint"] {
        let mut world = killed_world(6);
        world.disk(0, |disk| disk.flip_bit(path, 30, 1).unwrap());
        world.block_on(0, |io| async move {
            let refused = recover(&io, &dir(), &StorageConfig::tiny()).await;
            assert!(matches!(refused, Err(RecoveryError::Damaged { .. })), "{refused:?}");
        });
    }
}

/// No append is acknowledged after a failed write or sync, whatever it was of.
#[test]
fn a_failed_write_or_sync_ends_all_acknowledgements() {
    let cases = [
        (Target::Write, ".journal"),
        (Target::Write, ".log"),
        (Target::Sync, ".log"),
        (Target::Write, ".index"),
        (Target::Write, ".chunks"),
        (Target::Metadata, ".log"),
    ];
    for (seed, (target, path)) in cases.into_iter().enumerate() {
        let mut world = World::new(seed as u64, SimConfig::calm());
        let opened = world.block_on(0, |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
            (storage, log)
        });
        world.add_fault(0, DiskFault::once(target, path, Harm::Error(libc::EIO)).after(2));
        let kept = world.block_on(0, |_| async move {
            let (storage, log) = opened;
            let mut last = None;
            let mut n = 0;
            while n < 3000 {
                match log.append(&batch(n, 1000), AppendOptions::default()) {
                    Ok(appended) => {
                        last = Some(appended.durable);
                        n += 1;
                    }
                    Err(e) if e.is_back_pressure() => log.room().await,
                    Err(AppendError::Storage(StorageError::Failed { .. })) => break,
                    Err(e) => panic!("{e}"),
                }
            }
            assert!(matches!(storage.health(), Health::Failed(_)), "{target:?} {path}");
            let durable = log.durable_end_offset();
            // The last one may have made it before the failure.
            let acknowledged = last.unwrap().await.is_ok();
            assert_eq!(acknowledged, durable == n as i64, "{target:?} {path}");
            // What is intact is read on; nothing is tried again.
            let bytes = read_up_to(&log, 0, durable, 1 << 20).await;
            assert!(bytes.len() as i64 >= durable * 1000, "{} bytes of {durable}", bytes.len());
            assert!(storage.shutdown().await.is_err());
            assert_eq!(log.durable_end_offset(), durable);
            durable
        });
        world.clear_faults(0);
        world.crash(0);
        world.restart(0);
        world.block_on(0, move |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.logs().remove(0);
            let end = log.log_end_offset();
            assert!(end >= kept, "{end} of {kept} after {target:?} {path}");
            let bytes = read_all(&log, 0, 1 << 20).await;
            same(values(&bytes, 0), expect(0..end as u64, |_| 1000));
            storage.shutdown().await.unwrap();
        });
    }
}

#[test]
fn rot_in_a_segment_is_reported_and_never_sent() {
    let mut world = World::new(8, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
        for n in 0..40 {
            append(&log, &batch(n, 1000)).await;
        }
        storage.shutdown().await.unwrap();
    });
    let path = "/data/a-0/00000000000000000000.log";
    world.disk(0, |disk| disk.flip_bit(path, 20 * 1070 + 400, 1).unwrap());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        let mut offset = 0;
        let resumed = loop {
            match log.read(offset, 1 << 20, 40, true).await {
                Ok(outcome) => {
                    let bytes: Vec<u8> = outcome.pieces.iter().flat_map(|p| p.to_vec()).collect();
                    let last = BatchIter::new(&bytes).last().unwrap().unwrap();
                    assert_eq!(last.crc(), last.computed_crc());
                    offset = last.next_offset();
                }
                Err(ReadError::Faulty { resume, .. }) => break resume.unwrap(),
                Err(e) => panic!("{e}"),
            }
        };
        assert_eq!(resumed, offset + 1);
        let bytes = read_all(&log, resumed, 1 << 20).await;
        assert_eq!(values(&bytes, resumed).len() as i64, 40 - resumed);
        storage.shutdown().await.unwrap();
    });
}

/// Reads everything; where the log is damaged, goes on where it says. Returns the offsets that are
/// damaged and what is said of the first.
async fn read_around(log: &PartitionLog) -> (Vec<i64>, String) {
    let (mut offset, mut lost, mut said) = (log.log_start_offset(), Vec::new(), String::new());
    while offset < log.log_end_offset() {
        match log.read(offset, 1 << 20, log.log_end_offset(), true).await {
            Ok(outcome) => {
                let bytes: Vec<u8> = outcome.pieces.iter().flat_map(|p| p.to_vec()).collect();
                let read = values(&bytes, offset);
                let end = offset + read.len() as i64;
                same(read, expect(offset as u64..end as u64, |_| 1000));
                offset = end;
            }
            Err(error @ ReadError::Faulty { .. }) => {
                if said.is_empty() {
                    said = error.to_string();
                }
                let ReadError::Faulty { resume: Some(resume), .. } = error else {
                    panic!("{error}")
                };
                lost.extend(offset..resume);
                offset = resume;
            }
            Err(e) => panic!("{e}"),
        }
    }
    (lost, said)
}

/// A log of 300 records of 1000 bytes in one segment, closed in order, or killed.
fn long_world(seed: u64, in_order: bool) -> World {
    let mut world = World::new(seed, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let config = LogConfig { segment_bytes: 1 << 20, ..Default::default() };
        let log = storage.create_log("a-0", [1; 16], 0, config).await.unwrap();
        for n in 0..300 {
            append(&log, &batch(n, 1000)).await;
        }
        append(&log, &batch(300, 1000)).await.durable.await.unwrap();
        if in_order {
            storage.shutdown().await.unwrap();
        }
    });
    world.kill(0);
    world.restart(0);
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        storage.shutdown().await.unwrap();
    });
    world
}

const LONG: &str = "/data/a-0/00000000000000000000.log";

/// Position of batch `n` of a [`long_world`].
fn position(world: &World, n: usize) -> u64 {
    let bytes = world.disk(0, |disk| disk.contents(LONG).unwrap());
    let batches = BatchIter::new(&bytes).map_while(Result::ok);
    batches.take(n).map(|batch| batch.size() as u64).sum()
}

#[test]
fn a_flipped_bit_that_no_batch_covers_is_found_and_named() {
    for (seed, in_order) in [(20, true), (21, false)] {
        // Of the base offset, the leader epoch, and of the records.
        for (byte, all) in [(7, true), (13, true), (300, false)] {
            let mut world = long_world(seed, in_order);
            let at = position(&world, 100);
            world.disk(0, |disk| disk.flip_bit(LONG, at + byte, 1).unwrap());
            world.block_on(0, |io| async move {
                let (storage, _) = open(&io).await;
                let log = storage.logs().remove(0);
                let (lost, said) = read_around(&log).await;
                assert!(said.contains(LONG), "{said}");
                if all {
                    assert!(said.contains("chunk 1 at 65536"), "{said}");
                    assert!(lost.contains(&100) && lost.len() < 70, "{lost:?}");
                } else {
                    // The batch's own checksum says which it is.
                    assert_eq!(lost, [100], "{said}");
                }
                storage.shutdown().await.unwrap();
            });
        }
    }
}

#[test]
fn a_batch_known_to_be_damaged_does_not_vouch_for_its_chunk() {
    // Records of two batches, and what no batch's checksum covers of a third.
    // In one chunk, or in two next to each other.
    let cases = [(24, [90, 100], None), (25, [90, 100], Some(110)), (37, [50, 90], None)];
    for (seed, damaged, third) in cases {
        let (mut world, lost_exactly) = (long_world(seed, true), third.is_none());
        for n in damaged {
            let at = position(&world, n);
            world.disk(0, |disk| disk.flip_bit(LONG, at + 300, 1).unwrap());
        }
        if let Some(n) = third {
            let at = position(&world, n);
            world.disk(0, |disk| disk.flip_bit(LONG, at + 14, 1).unwrap());
        }
        world.block_on(0, |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.logs().remove(0);
            let (lost, said) = read_around(&log).await;
            assert_eq!(lost == damaged.map(|n| n as i64), lost_exactly, "{lost:?}");
            assert!(third.is_none_or(|n| lost.contains(&(n as i64))), "{lost:?} {said}");
            // A reader that begins behind the damaged batches finds the same.
            let later = log.read(105, 1 << 10, 300, true).await;
            assert_eq!(later.is_ok(), lost_exactly, "{later:?}");
            storage.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_damaged_batch_across_two_chunks_leaves_its_neighbours_readable() {
    // In front of the border, behind it, on both sides; and with damage that no batch covers.
    let cases: [(&[i64], bool); 4] =
        [(&[-30], true), (&[30], true), (&[-30, 30], true), (&[30, 1070 * 5 + 13], false)];
    for (seed, (flips, exactly)) in (26..).zip(cases) {
        let mut world = long_world(seed, true);
        let border = 65536;
        let across = (0..).find(|n| position(&world, n + 1) > border).unwrap();
        let start = position(&world, across);
        assert!(start + 61 < border - 30 && border + 30 < position(&world, across + 1));
        for at in flips {
            // The last one is in the header of a batch further on.
            let base = if *at > 1070 { start } else { border };
            world.disk(0, |disk| disk.flip_bit(LONG, (base as i64 + at) as u64, 1).unwrap());
        }
        world.block_on(0, move |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.logs().remove(0);
            let (lost, said) = read_around(&log).await;
            assert_eq!(lost == [across as i64], exactly, "{lost:?} {said}");
            assert!(lost.contains(&(across as i64)), "{lost:?} {said}");
            storage.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_damaged_segment_that_is_cut_short_is_an_error_and_not_a_search_without_end() {
    for (seed, length) in [(40, 65536), (41, 65536 + 400)] {
        let mut world = long_world(seed, true);
        let at = position(&world, 30);
        let storage = world.block_on(0, |io| async move { open(&io).await.0 });
        world.disk(0, |disk| {
            disk.flip_bit(LONG, at + 300, 1).unwrap();
            let bytes = disk.contents(LONG).unwrap();
            disk.put(LONG, &bytes[..length]).unwrap();
        });
        world.block_on(0, |_| async move {
            let log = storage.logs().remove(0);
            // Of the chunk it is not known where it is damaged: its last batch is not there.
            for offset in [0, 30, 61, 200] {
                let read = log.read(offset, 1 << 20, 300, true).await;
                assert!(matches!(read, Err(ReadError::Faulty { .. })), "{offset}: {read:?}");
            }
        });
    }
}

#[test]
fn what_a_damaged_header_says_of_its_records_is_not_believed() {
    // The number of records, in a batch whose next one is not read at once.
    let mut world = long_world(42, true);
    let at = position(&world, 60);
    world.disk(0, |disk| disk.flip_bit(LONG, at + 24, 6).unwrap());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        let (lost, said) = read_around(&log).await;
        assert_eq!(lost, [60], "{said}");
        storage.shutdown().await.unwrap();
    });
}

/// Below the log start there may be gaps: a damaged header there must not shift the offsets of those
/// behind it.
#[test]
fn damage_below_the_log_start_costs_its_chunk_alone() {
    for n in 192..=198 {
        let mut world = long_world(44, true);
        let at = position(&world, n);
        let behind = (at / 65536 + 1) * 65536;
        world.block_on(0, |io| async move {
            let (storage, _) = open(&io).await;
            storage.logs()[0].delete_records(200).await.unwrap();
            storage.shutdown().await.unwrap();
        });
        // Two more than it is.
        let bit = if n & 2 == 0 { 1 } else { 2 };
        world.disk(0, |disk| disk.flip_bit(LONG, at + 7, bit).unwrap());
        let first = (200..300).find(|n| position(&world, *n) >= behind).unwrap();
        world.block_on(0, move |io| async move {
            let (storage, _) = open(&io).await;
            let (lost, said) = read_around(&storage.logs()[0]).await;
            assert!(lost.iter().all(|lost| (*lost as usize) < first), "{n}: {lost:?}, {said}");
            storage.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_batch_is_read_when_the_arena_has_no_room_for_it() {
    let mut world = World::new(43, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let config = LogConfig { segment_bytes: 1 << 20, ..Default::default() };
        let log = storage.create_log("a-0", [1; 16], 0, config).await.unwrap();
        append(&log, &batch(0, 12_000)).await;
        for n in 1..300 {
            append(&log, &batch(n, 1000)).await;
        }
        append(&log, &batch(300, 1000)).await.durable.await.unwrap();
        // Somebody else has all that is left.
        let mut taken = Vec::new();
        while let Ok(buf) = io.arena().alloc(4096) {
            taken.push(buf);
        }
        let first = log.read(0, 1, 1, true).await.unwrap();
        assert!(first.bytes > 12_000);
        // One at a time: the next one waits until those bytes are let go.
        let second = log.read(5, 1, 300, true).await;
        assert!(matches!(second, Err(ReadError::OutOfMemory)) || second.is_ok(), "{second:?}");
        drop((first, second));
        assert!(log.read(5, 1, 300, true).await.is_ok());
        drop(taken);
        storage.shutdown().await.unwrap();
    });
}

#[test]
fn damage_is_looked_for_once_however_often_it_is_read() {
    let mut world = long_world(30, true);
    let at = position(&world, 250);
    world.disk(0, |disk| disk.flip_bit(LONG, at + 300, 1).unwrap());
    let opened = world.block_on(0, |io| async move { open(&io).await.0 });
    let mut events = Vec::new();
    for _ in 0..3 {
        let (before, log) = (world.trace_count(), opened.logs().remove(0));
        world.block_on(0, |_| async move {
            let read = log.read(250, 1 << 20, 300, true).await;
            assert!(matches!(read, Err(ReadError::Faulty { resume: Some(251), .. })), "{read:?}");
        });
        events.push(world.trace_count() - before);
    }
    // The index, a page of checksums, and the chunks that the batch lies in.
    assert!(events[1] < events[0] && events[1] <= 12 && events[2] <= events[1], "{events:?}");
    world.block_on(0, |_| async move { opened.shutdown().await.unwrap() });
}

#[test]
fn a_damaged_index_costs_no_records() {
    let path = LONG.replace(".log", ".index");
    // Of an offset and of a position, of one entry and of all.
    for (seed, (bytes, step)) in (31..).zip([(2, 80), (5, 80), (6, 80), (2, 8), (5, 8), (6, 8)]) {
        let mut world = long_world(seed, true);
        let length = world.disk(0, |disk| disk.contents(&path).unwrap()).len();
        for entry in (0..length).step_by(step) {
            let at = (entry + bytes) as u64;
            world.disk(0, |disk| disk.flip_bit(&path, at, 3).unwrap());
        }
        world.block_on(0, |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.logs().remove(0);
            for offset in (0..300).rev() {
                let read = log.read(offset, 1 << 10, 301, true).await.unwrap();
                let bytes: Vec<u8> = read.pieces.iter().flat_map(|p| p.to_vec()).collect();
                same(values(&bytes, offset), expect(offset as u64..offset as u64 + 1, |_| 1000));
            }
            storage.shutdown().await.unwrap();
        });
    }
}

#[test]
fn a_lost_write_to_a_segment_is_found() {
    let mut world = World::new(22, SimConfig::calm());
    let opened = world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let config = LogConfig { segment_bytes: 1 << 20, ..Default::default() };
        let log = storage.create_log("a-0", [1; 16], 0, config).await.unwrap();
        (storage, log)
    });
    world.add_fault(0, DiskFault::once(Target::Write, "0.log", Harm::Lost).after(3));
    world.block_on(0, |_| async move {
        let (storage, log) = opened;
        for n in 0..300 {
            append(&log, &batch(n, 1000)).await;
        }
        storage.shutdown().await.unwrap();
    });
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        let found = loop {
            let offset = log.log_start_offset();
            match log.read(offset, 1 << 20, 300, true).await {
                Ok(outcome) if outcome.bytes > 0 => {
                    let bytes: Vec<u8> = outcome.pieces.iter().flat_map(|p| p.to_vec()).collect();
                    let next = offset + values(&bytes, offset).len() as i64;
                    log.delete_records(next).await.unwrap();
                }
                Ok(_) => break None,
                Err(e) => break Some(e),
            }
        };
        assert!(matches!(found, Some(ReadError::Faulty { .. })), "{found:?}");
        storage.shutdown().await.unwrap();
    });
}

#[test]
fn a_damaged_file_of_checksums_costs_no_records() {
    let path = LONG.replace(".log", ".chunks");
    for harm in ["flip", "bad", "gone"] {
        let mut world = long_world(23, true);
        world.disk(0, |disk| match harm {
            "flip" => disk.flip_bit(&path, 50, 1).unwrap(),
            "bad" => disk.make_bad(&path, 0).unwrap(),
            _ => disk.remove(&path).unwrap(),
        });
        world.block_on(0, |io| async move {
            let (storage, _) = open(&io).await;
            let log = storage.logs().remove(0);
            let (lost, _) = read_around(&log).await;
            assert_eq!(lost, [0; 0]);
            storage.shutdown().await.unwrap();
        });
    }
}
