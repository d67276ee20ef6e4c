use super::*;
use crate::sim::{CrashPlan, DiskFault, Fate, Harm, SimConfig, Target, World};

fn errno_of<T: std::fmt::Debug>(result: std::io::Result<T>) -> i32 {
    result.unwrap_err().raw_os_error().unwrap()
}

#[test]
fn a_durable_write_survives_every_crash() {
    for seed in 0..50 {
        let mut world = World::new(seed, SimConfig::calm());
        world.block_on(0, |io| async move {
            let file = settle(&io, "/f").await;
            file.write_at(0, block(7), DURABLE).await.unwrap();
        });
        world.crash(0);
        assert_eq!(world.disk(0, |disk| disk.contents("/f").unwrap()), [7; BLOCK_BYTES]);
    }
}

#[test]
fn a_cached_write_may_be_lost_kept_or_torn() {
    let (mut lost, mut kept, mut torn) = (0, 0, 0);
    for seed in 0..200 {
        let mut world = World::new(seed, SimConfig::calm());
        world.block_on(0, |io| async move {
            let file = settle(&io, "/f").await;
            file.write_at(0, block(1), DURABLE).await.unwrap();
            file.write_at(0, block(2), CACHED).await.unwrap();
        });
        world.crash(0);
        let bytes = world.disk(0, |disk| disk.contents("/f").unwrap());
        match bytes.iter().filter(|byte| **byte == 2).count() {
            0 => lost += 1,
            BLOCK_BYTES => kept += 1,
            n => {
                assert_eq!(n % 512, 0);
                torn += 1;
            }
        }
    }
    assert!(lost > 20 && kept > 20 && torn > 5, "{lost} {kept} {torn}");
}

#[test]
fn a_write_in_flight_may_be_there_after_a_crash_though_nobody_was_told() {
    let mut seen = [false; 2];
    for seed in 0..50 {
        let mut world = World::new(seed, SimConfig::calm());
        let io = world.node(0).io();
        let file = world.block_on(0, |io| async move { settle(&io, "/f").await });
        let write = world.node(0).spawn(|_| async move {
            file.write_at(0, block(9), DURABLE).await.unwrap();
        });
        world.run_until(std::time::Duration::from_micros(10), |_| write.is_finished());
        assert!(!write.is_finished());
        drop(io);
        world.crash(0);
        let bytes = world.disk(0, |disk| disk.contents("/f").unwrap());
        seen[usize::from(bytes == [9; BLOCK_BYTES])] = true;
    }
    assert_eq!(seen, [true, true]);
}

#[test]
fn a_new_file_may_vanish_until_its_directory_is_synced() {
    for (synced, plan) in [(false, CrashPlan::lost()), (true, CrashPlan::lost())] {
        let mut world = World::new(3, SimConfig::calm());
        world.block_on(0, move |io| async move {
            let file = create(&io, "/f", false).await;
            file.write_at(0, block(1), DURABLE).await.unwrap();
            file.sync().await.unwrap();
            if synced {
                io.sync_dir("/").await.unwrap();
            }
        });
        world.crash_with(0, &plan);
        assert_eq!(world.disk(0, |disk| disk.exists("/f")), synced);
    }
}

#[test]
fn a_rename_may_be_undone_until_its_directory_is_synced() {
    let mut world = World::new(3, SimConfig::calm());
    world.disk(0, |disk| disk.put("/old", b"text").unwrap());
    world.block_on(0, |io| async move { io.rename("/old", "/new").await.unwrap() });
    let mut other = World::new(3, SimConfig::calm());
    other.crash_with(0, &CrashPlan::lost());
    other.set_disk(0, world.disk_image(0));
    world.crash_with(0, &CrashPlan::lost());
    assert_eq!(world.disk(0, |disk| disk.paths()), ["/old"]);
    other.restart(0);
    other.block_on(0, |io| async move { io.sync_dir("/").await.unwrap() });
    other.crash_with(0, &CrashPlan::lost());
    assert_eq!(other.disk(0, |disk| disk.paths()), ["/new"]);
}

#[test]
fn direct_io_must_be_aligned() {
    let mut world = World::new(1, SimConfig::calm());
    let codes = world.block_on(0, |io| async move {
        let file = create(&io, "/f", true).await;
        let short = file.write_at(0, block(1).slice(..512), DURABLE).await;
        let askew = file.write_at(512, block(1), DURABLE).await;
        let two = Slice::copy_from(&[1; 2 * BLOCK_BYTES]).slice(512..512 + BLOCK_BYTES);
        let memory = file.write_at(0, two, DURABLE).await;
        let buf = io.arena().alloc(BLOCK_BYTES).unwrap();
        let read = file.read_at(100, buf, BLOCK_BYTES).await;
        file.write_at(0, block(1), DURABLE).await.unwrap();
        [errno_of(short), errno_of(askew), errno_of(memory), errno_of(read)]
    });
    assert_eq!(codes, [libc::EINVAL; 4]);
    world.finish();
}

#[test]
fn a_full_disk_says_so() {
    let mut config = SimConfig::calm();
    config.disk.capacity = 2 * BLOCK_BYTES as u64;
    let mut world = World::new(1, config);
    let codes = world.block_on(0, |io| async move {
        let file = create(&io, "/f", false).await;
        file.allocate(BLOCK_BYTES as u64).await.unwrap();
        assert_eq!(io.free_space("/").await.unwrap(), BLOCK_BYTES as u64);
        let write = file.write_at(2 * BLOCK_BYTES as u64, block(1), CACHED).await;
        let allocate = file.allocate(3 * BLOCK_BYTES as u64).await;
        [errno_of(write), errno_of(allocate)]
    });
    assert_eq!(codes, [libc::ENOSPC; 2]);
}

#[test]
fn faults_strike_where_they_are_aimed() {
    let mut world = World::new(1, SimConfig::calm());
    let error = Harm::Error(libc::EIO);
    world.add_fault(0, DiskFault::once(Target::Write, "bad", error).after(1));
    world.add_fault(0, DiskFault::always(Target::Read, "bad", error));
    world.block_on(0, |io| async move {
        let good = create(&io, "/good", false).await;
        let bad = create(&io, "/bad", false).await;
        good.write_at(0, block(1), DURABLE).await.unwrap();
        bad.write_at(0, block(1), DURABLE).await.unwrap();
        assert_eq!(errno_of(bad.write_at(0, block(2), DURABLE).await), libc::EIO);
        bad.write_at(0, block(3), DURABLE).await.unwrap();
        read_block(&io, &good, 0).await.unwrap();
        assert_eq!(errno_of(read_block(&io, &bad, 0).await), libc::EIO);
    });
}

#[test]
fn what_a_failed_sync_should_have_covered_is_never_durable() {
    let mut world = World::new(1, SimConfig::calm());
    world.add_fault(0, DiskFault::once(Target::Sync, "/f", Harm::Error(libc::EIO)));
    world.block_on(0, |io| async move {
        let file = settle(&io, "/f").await;
        file.write_at(0, block(1), CACHED).await.unwrap();
        assert_eq!(errno_of(file.sync().await), libc::EIO);
        file.sync().await.unwrap();
        assert_eq!(read_block(&io, &file, 0).await.unwrap(), [1; BLOCK_BYTES]);
    });
    world.crash_with(0, &CrashPlan::lost());
    let left = world.disk(0, |disk| disk.contents("/f").unwrap());
    assert!(left.iter().all(|byte| *byte == 0), "the length may be there, the bytes are not");
}

#[test]
fn unreadable_sectors_heal_when_written() {
    let mut world = World::new(1, SimConfig::calm());
    world.add_fault(0, DiskFault::once(Target::Write, "/f", Harm::Latent));
    world.block_on(0, |io| async move {
        let file = create(&io, "/f", false).await;
        file.write_at(0, block(1), DURABLE).await.unwrap();
        assert_eq!(errno_of(read_block(&io, &file, 0).await), libc::EIO);
        file.write_at(0, block(2), DURABLE).await.unwrap();
        assert_eq!(read_block(&io, &file, 0).await.unwrap(), [2; BLOCK_BYTES]);
    });
}

#[test]
fn rot_lost_stale_and_misdirected_writes_report_success() {
    let cases = [
        (Target::Read, Harm::BitRot),
        (Target::Write, Harm::Lost),
        (Target::Write, Harm::Misdirected),
        (Target::Read, Harm::Stale),
    ];
    for (target, harm) in cases {
        let mut config = SimConfig::calm();
        // Keeps the former contents without any fault by chance.
        config.disk.stale_read = f64::MIN_POSITIVE;
        let mut world = World::new(5, config);
        let bytes = world.block_on(0, |io| async move {
            let file = create(&io, "/f", false).await;
            for i in 0..64 {
                file.write_at(i * BLOCK_BYTES as u64, block(1), DURABLE).await.unwrap();
            }
            file
        });
        world.add_fault(0, DiskFault::once(target, "/f", harm));
        let bytes = world.block_on(0, |io| async move {
            bytes.write_at(0, block(2), DURABLE).await.unwrap();
            read_block(&io, &bytes, 0).await.unwrap()
        });
        assert_ne!(bytes, [2; BLOCK_BYTES], "{harm:?}");
        let whole = world.disk(0, |disk| disk.contents("/f").unwrap());
        let elsewhere = whole[BLOCK_BYTES..].iter().filter(|byte| **byte == 2).count();
        assert_eq!(elsewhere == BLOCK_BYTES, harm == Harm::Misdirected, "{harm:?}");
    }
}

#[test]
fn slow_operations_are_late() {
    let mut world = World::new(1, SimConfig::calm());
    world.add_fault(0, DiskFault::once(Target::Write, "/f", Harm::Slow(1_000_000_000)));
    let late = world.block_on(0, |io| async move {
        let file = create(&io, "/f", false).await;
        let before = io.now();
        file.write_at(0, block(1), DURABLE).await.unwrap();
        io.now() - before
    });
    assert!(late >= 1_000_000_000);
}

#[test]
fn a_disk_can_be_rolled_back() {
    let mut world = World::new(1, SimConfig::calm());
    world.disk(0, |disk| disk.put("/f", b"old").unwrap());
    let image = world.disk_image(0);
    world.disk(0, |disk| disk.put("/f", b"new").unwrap());
    world.crash_with(0, &CrashPlan { tree: Fate::Kept, ..CrashPlan::lost() });
    assert_eq!(world.disk(0, |disk| disk.contents("/f").unwrap()), b"new");
    world.set_disk(0, image);
    assert_eq!(world.disk(0, |disk| disk.contents("/f").unwrap()), b"old");
}

#[test]
fn chance_brings_every_fault() {
    let mut config = SimConfig::calm();
    config.disk.read_error = 0.3;
    config.disk.write_error = 0.3;
    config.disk.sync_error = 0.3;
    let mut world = World::new(9, config);
    let errors = world.block_on(0, |io| async move {
        let mut errors = [0; 3];
        let file = create(&io, "/f", false).await;
        for _ in 0..100 {
            errors[0] += usize::from(file.write_at(0, block(1), CACHED).await.is_err());
            errors[1] += usize::from(read_block(&io, &file, 0).await.is_err());
            errors[2] += usize::from(file.sync().await.is_err());
        }
        errors
    });
    assert!(errors.iter().all(|n| (10..60).contains(n)), "{errors:?}");
}
