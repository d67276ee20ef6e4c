//! A file system without space: appends are refused, everything else goes on, and so do appends as
//! soon as there is space again.

use std::time::Duration;

use super::*;
use crate::exec::Notify;
use crate::sim::{DiskFault, Harm, Target};

const FULL: Harm = Harm::Error(libc::ENOSPC);

/// Appends records of 1000 bytes from number `n` on until one is refused for want of space, and
/// waits until those before it are durable. Returns the number of the one refused.
async fn fill(log: &PartitionLog, mut n: u64) -> u64 {
    let mut last: Option<DurableWait> = None;
    loop {
        match log.append(&batch(n, 1000), AppendOptions::default()) {
            Ok(appended) => {
                last = Some(appended.durable);
                n += 1;
            }
            Err(e) if e.is_back_pressure() => log.room().await,
            Err(AppendError::Storage(StorageError::NoSpace { .. })) => break,
            Err(e) => panic!("{e}"),
        }
        assert!(n < 20_000, "it is never full");
    }
    if let Some(last) = last {
        last.await.unwrap();
    }
    n
}

/// Waits until appends are taken again.
async fn resume(io: &Io, storage: &Storage) {
    for _ in 0..1000 {
        if matches!(storage.health(), Health::Ok) {
            return;
        }
        io.sleep(Duration::from_millis(10)).await;
    }
    panic!("appends are still refused: {:?}", storage.health());
}

/// Everything in the log is records of 1000 bytes with the numbers of their offsets.
async fn check(log: &PartitionLog, end: u64) {
    let start = log.log_start_offset();
    assert_eq!(log.durable_end_offset(), end as i64);
    let bytes = read_all(log, start, 1 << 20).await;
    same(values(&bytes, start), expect(start as u64..end, |_| 1000));
}

async fn opened(io: &Io) -> (Storage, Rc<PartitionLog>) {
    let (storage, _) = open(io).await;
    let log = storage.create_log("a-0", [1; 16], 0, small_segments()).await.unwrap();
    (storage, log)
}

/// A log on a file system that then is full: segments do not grow, the journal's files are there.
fn opened_then_full(world: &mut World) -> (Storage, Rc<PartitionLog>) {
    let opened = world.block_on(0, |io| async move { opened(&io).await });
    for path in [".log", "space.probe"] {
        world.add_fault(0, DiskFault::always(Target::Any, path, FULL));
    }
    opened
}

/// Opens the directory anew: all records up to `end` are there, and it closes in order.
fn has_all_when_opened(world: &mut World, end: u64) {
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        check(&storage.logs()[0], end).await;
        storage.shutdown().await.unwrap();
    });
}

fn world_of(seed: u64, capacity: u64) -> World {
    let mut config = SimConfig::calm();
    config.disk.capacity = capacity;
    World::new(seed, config)
}

#[test]
fn appends_are_refused_while_less_than_the_reserve_is_free() {
    let mut world = world_of(7, 4 << 20);
    world.block_on(0, |io| async move {
        let (storage, log) = opened(&io).await;
        log.set_config(LogConfig { retention_bytes: 100_000, ..small_segments() });
        let mut n = 0;
        for _ in 0..5 {
            n = fill(&log, n).await;
            assert!(matches!(storage.health(), Health::NoSpace));
            check(&log, n).await;
            // What was accepted goes on to the segments, by way of the reserve.
            io.sleep(Duration::from_millis(300)).await;
            assert!(matches!(storage.health(), Health::NoSpace));
            check(&log, n).await;
            log.apply_retention(0, log.durable_end_offset()).await.unwrap();
            resume(&io, &storage).await;
        }
        assert!(log.log_start_offset() > 0);
        storage.shutdown().await.unwrap();
    });
}

#[test]
fn a_log_is_deleted_and_its_deletion_recorded_while_there_is_no_space() {
    let mut world = world_of(8, 4 << 20);
    world.block_on(0, |io| async move {
        let (storage, log) = opened(&io).await;
        let notes = storage.create_log("notes-0", [2; 16], 0, small_segments()).await.unwrap();
        fill(&log, 0).await;
        let refused = notes.append(&batch(0, 100), AppendOptions::default());
        assert!(matches!(refused, Err(AppendError::Storage(StorageError::NoSpace { .. }))));
        let refused = storage.create_log("b-0", [3; 16], 0, small_segments()).await;
        assert!(matches!(refused, Err(StorageError::NoSpace { .. })));
        let how = AppendOptions { within_reserve: true, ..Default::default() };
        let noted = loop {
            match notes.append(&batch(0, 100), how) {
                Err(e) if e.is_back_pressure() => notes.room().await,
                done => break done.unwrap(),
            }
        };
        noted.durable.await.unwrap();
        storage.delete_log(&log).await.unwrap();
        drop(log);
        resume(&io, &storage).await;
        append(&notes, &batch(1, 100)).await.durable.await.unwrap();
        storage.shutdown().await.unwrap();
    });
}

/// Somebody else has used up the reserve, or it is a matter of quotas: files cannot grow although
/// space is said to be free.
#[test]
fn files_that_cannot_grow_are_waited_out() {
    for (seed, target, path) in [
        (1, Target::Metadata, ".log"),
        (2, Target::Any, ".log"),
        (3, Target::Any, "index"),
        (4, Target::Any, "checkpoint"),
        (5, Target::Any, ".chunks"),
    ] {
        let mut world = world_of(seed, 1 << 30);
        let opened = world.block_on(0, |io| async move { opened(&io).await });
        for path in [path, "space.probe"] {
            world.add_fault(0, DiskFault::always(target, path, FULL));
        }
        let (storage, log) = opened;
        let n = {
            let log = log.clone();
            world.block_on(0, |io| async move {
                let n = fill(&log, 0).await;
                check(&log, n).await;
                // It tries again and again, in vain.
                io.sleep(Duration::from_secs(2)).await;
                let refused = log.append(&batch(n, 1000), AppendOptions::default());
                assert!(refused.is_err(), "there is no space");
                check(&log, n).await;
                n
            })
        };
        world.clear_faults(0);
        let end = world.block_on(0, |io| async move {
            resume(&io, &storage).await;
            check(&log, n).await;
            for n in n..n + 500 {
                append(&log, &batch(n, 1000)).await;
            }
            append(&log, &batch(n + 500, 1000)).await.durable.await.unwrap();
            check(&log, n + 501).await;
            n + 501
        });
        world.crash(0);
        world.restart(0);
        has_all_when_opened(&mut world, end);
    }
}

#[test]
fn a_crash_without_space_loses_nothing_and_a_start_without_space_says_so() {
    let mut world = world_of(9, 1 << 30);
    let opened = opened_then_full(&mut world);
    let n = world.block_on(0, |_| async move { fill(&opened.1, 0).await });
    world.crash(0);
    world.restart(0);
    world.block_on(0, |io| async move {
        let refused = recover(&io, &dir(), &StorageConfig::tiny()).await;
        let Err(RecoveryError::NoSpace { .. }) = &refused else { panic!("{refused:?}") };
        assert!(refused.unwrap_err().to_string().contains("free space and start again"));
    });
    world.clear_faults(0);
    has_all_when_opened(&mut world, n);
}

#[test]
fn a_file_system_too_small_for_the_journal_is_a_clear_error() {
    let mut world = world_of(10, 200 << 10);
    world.block_on(0, |io| async move {
        let recovered = recover(&io, &dir(), &StorageConfig::tiny()).await.unwrap();
        let started = Storage::start(io, dir(), 0, StorageConfig::tiny(), recovered.logs).await;
        let Err(error) = started.map(|_| ()) else { panic!("it fits") };
        assert!(error.to_string().contains("ringlog.journal.file.bytes"), "{error}");
    });
}

#[test]
fn one_shard_that_fails_takes_the_others_offline() {
    let mut world = world_of(11, 1 << 30);
    world.block_on(0, |io| async move {
        let (storage, log) = opened(&io).await;
        append(&log, &batch(0, 1000)).await.durable.await.unwrap();
        let told = Rc::new(Notify::default());
        let failure = storage.failure();
        let signal = told.clone();
        let watch = io.spawn(async move {
            let failure = failure.await;
            signal.notify();
            failure.to_string()
        });
        let pending = append(&log, &batch(1, 1000)).await;
        storage.take_offline("writing journal 1: it is gone");
        assert!(pending.durable.await.is_err());
        assert!(watch.await.unwrap().contains("it is gone"));
        assert!(log.append(&batch(2, 1000), AppendOptions::default()).is_err());
        let outcome = log.read(0, 1 << 20, log.durable_end_offset(), true).await.unwrap();
        let bytes: Vec<u8> = outcome.pieces.iter().flat_map(|piece| piece.to_vec()).collect();
        same(values(&bytes, 0), expect(0..1, |_| 1000));
    });
}

/// While nothing can be written to the segments, the journal fills up, but for its reserve: what
/// makes space goes on by it, and is told when that is used up, too.
#[test]
fn a_full_journal_has_room_for_what_makes_space() {
    let mut world = world_of(12, 1 << 30);
    let (storage, log) = opened_then_full(&mut world);
    let end = {
        let storage = storage.clone();
        world.block_on(0, |_| async move {
            let n = fill(&log, 0).await;
            // As many as the reserve has frames, at least; then there is an answer, too.
            let frames = storage_reserve() / 4096;
            let mut moved = 0;
            let refused = loop {
                match log.delete_records(moved + 1).await {
                    Ok(start) => moved = start,
                    Err(e) => break e,
                }
                assert!(moved < n as i64, "the journal is never full");
            };
            assert!(moved >= frames as i64, "{moved} of {frames}");
            assert!(matches!(refused, StorageError::NoSpace { .. }), "{refused}");
            assert_eq!(log.log_start_offset(), moved);
            let deleted = storage.delete_log(&log).await;
            assert!(matches!(deleted, Err(StorageError::NoSpace { .. })), "{deleted:?}");
            check(&log, n).await;
            let closed = storage.shutdown().await;
            assert!(matches!(closed, Err(StorageError::NoSpace { .. })), "{closed:?}");
            n
        })
    };
    world.clear_faults(0);
    world.kill(0);
    world.restart(0);
    has_all_when_opened(&mut world, end);
}

/// Creations and deletions without end, faster than journal files become free, on a slow disk.
#[test]
fn upkeep_alone_does_not_fill_the_journal_for_good() {
    let mut world = world_of(13, 1 << 30);
    world.block_on(0, |io| async move {
        let (storage, log) = opened(&io).await;
        let mut tasks = Vec::new();
        for n in 0..200u8 {
            let (storage, log) = (storage.clone(), log.clone());
            tasks.push(io.spawn(async move {
                let name = format!("b-{n}");
                let made = storage.create_log(&name, [n; 16], 0, small_segments()).await.unwrap();
                append(&log, &batch(u64::from(n), 1000)).await;
                storage.delete_log(&made).await.unwrap();
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        storage.shutdown().await.unwrap();
    });
}

fn storage_reserve() -> u64 {
    StorageConfig::tiny().journal_reserve_bytes
}
