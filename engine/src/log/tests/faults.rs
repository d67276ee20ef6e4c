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
fn frames(world: &World) -> Vec<(u64, FrameHeader)> {
    let bytes = world.disk(0, |disk| {
        disk.contents(JOURNAL).unwrap_or_else(|e| panic!("{e} {:?}", disk.paths()))
    });
    let blocks = bytes.chunks_exact(4096).enumerate();
    let frames = blocks.filter(|(_, block)| block.starts_with(&MAGIC));
    frames.map(|(n, block)| (n as u64 * 4096, FrameHeader::peek(block).unwrap())).collect()
}

const JOURNAL: &str = "/data/+journal-0/00000000.journal";

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
            assert!(last.unwrap().await.is_err());
            let durable = log.durable_end_offset();
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
