use std::time::Duration;

use super::*;
use crate::sim::{SimConfig, World};

/// A run with disks, network, timers, several shards and a crash in the middle.
fn run(seed: u64) -> (u64, u64, u64) {
    let config = SimConfig::swarm(seed).with_disk_faults(seed).with_nodes(3).with_shards(2);
    let mut world = World::new(seed, config);
    for round in 0..3 {
        let address = (world.ip(0), 9092).into();
        for shard in 0..2 {
            world.node(0).shard(shard).spawn(move |io| async move {
                let listener = io.listen("0.0.0.0:9092".parse().unwrap()).await.unwrap();
                let path = format!("/log-{round}-{shard}");
                let options = OpenOptions { write: true, create: true, ..Default::default() };
                let file = io.open(path, options).await?;
                let mut at = 0;
                loop {
                    let Ok(socket) = listener.accept().await else { continue };
                    while let Ok(Some(chunk)) = socket.receive().await {
                        file.write_at(at, Slice::copy_from(&chunk), DURABLE).await?;
                        at += chunk.len() as u64;
                        let _ = socket.send(vec![Slice::copy_from(&chunk)], true).await;
                    }
                }
                #[allow(unreachable_code)]
                std::io::Result::Ok(())
            });
        }
        for client in 1..3 {
            world.node(client).spawn(move |io| async move {
                for _ in 0..20 {
                    io.sleep(Duration::from_micros(io.random() % 3000)).await;
                    let Ok(socket) = io.connect(address).await else { continue };
                    let bytes = vec![io.random() as u8; (io.random() % 5000) as usize + 1];
                    if socket.send(vec![Slice::copy_from(&bytes)], false).await.is_ok() {
                        let wait = Duration::from_millis(20);
                        let _ = io.timeout(wait, socket.receive()).await;
                    }
                }
            });
        }
        world.run_for(Duration::from_millis(60));
        world.crash(0);
        world.restart(0);
    }
    (world.trace_hash(), world.trace_count(), world.now())
}

#[test]
fn the_same_seed_gives_the_same_trace_twice() {
    let mut hashes = std::collections::BTreeSet::new();
    for seed in 0..20 {
        let first = run(seed);
        assert_eq!(first, run(seed), "seed {seed}");
        assert!(first.1 > 50, "seed {seed} did {} events only", first.1);
        hashes.insert(first.0);
    }
    assert_eq!(hashes.len(), 20, "different seeds gave equal runs");
}
