//! Reading in order from the device: the next window comes while the last one is sent.

use super::*;

/// A directory with one log of 400 records of 3000 bytes, all in one segment's file.
fn stored_world(seed: u64) -> World {
    let mut world = World::new(seed, SimConfig::calm());
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.create_log("a-0", [1; 16], 0, LogConfig::default()).await.unwrap();
        for n in 0..400 {
            append(&log, &batch(n, 3000)).await;
        }
        storage.shutdown().await.unwrap();
    });
    world
}

#[test]
fn a_reader_in_order_waits_for_the_device_only_at_first() {
    let mut world = stored_world(1);
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        let (mut offset, mut waited, mut reads) = (0, 0, 0);
        while offset < 400 {
            let began = io.now();
            let bytes = read_up_to(&log, offset, offset + 1, 20_000).await;
            waited += u32::from(io.now() > began);
            reads += 1;
            let found = values(&bytes, offset);
            let behind = offset as u64 + found.len() as u64;
            same(found, expect(offset as u64..behind, |_| 3000));
            offset = behind as i64;
            // The answer is on its way to the client.
            io.sleep(std::time::Duration::from_millis(5)).await;
        }
        assert!(reads > 60 && waited <= 3, "{waited} of {reads} reads waited");
    });
}

/// Batches that lie in two windows come in pieces.
#[test]
fn a_batch_may_lie_in_two_windows() {
    let mut world = stored_world(2);
    world.block_on(0, |io| async move {
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        let large = batch(400, 40_000);
        let appended = append(&log, &large).await;
        appended.durable.await.unwrap();
        storage.shutdown().await.unwrap();
        let (storage, _) = open(&io).await;
        let log = storage.logs().remove(0);
        for at_once in [1, 5_000, 100_000, 1 << 20] {
            let bytes = read_all(&log, 0, at_once).await;
            let lengths = |n| if n == 400 { 40_000 } else { 3000 };
            same(values(&bytes, 0), expect(0..401, lengths));
        }
    });
}
