use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::io::ShardId;
use crate::sim::{SimConfig, World};

#[test]
fn time_jumps_and_timers_fire_in_order() {
    let mut world = World::new(1, SimConfig::calm());
    let order = Rc::new(std::cell::RefCell::new(Vec::new()));
    for seconds in [3600, 1, 60] {
        let order = order.clone();
        world.node(0).spawn(move |io| async move {
            io.sleep(Duration::from_secs(seconds)).await;
            order.borrow_mut().push(seconds);
        });
    }
    world.run();
    assert_eq!(*order.borrow(), [1, 60, 3600]);
    assert!(world.now() >= 3_600_000_000_000);
}

#[test]
fn doorbells_wake_the_other_shard() {
    let mut world = World::new(1, SimConfig::calm().with_shards(2));
    let woken = world.node(0).shard(1).spawn(|io| async move {
        io.doorbell().await;
        io.now()
    });
    world.node(0).spawn(|io| async move {
        io.sleep(Duration::from_millis(1)).await;
        io.ring_doorbell(ShardId(1));
    });
    assert!(world.join(woken) >= 1_000_000);
}

#[test]
fn wall_clocks_differ_drift_and_jump_and_now_does_not() {
    let mut config = SimConfig::calm().with_nodes(2);
    config.clock.offset_ms = 10_000;
    config.clock.drift_ppm = 1000;
    let mut world = World::new(11, config);
    let walls = |world: &World| [0, 1].map(|node| world.node(node).io().wall_ms());
    let before = walls(&world);
    assert_ne!(before[0], before[1]);
    world.run_for(Duration::from_secs(100_000));
    let after = walls(&world);
    let elapsed = [after[0] - before[0], after[1] - before[1]];
    assert_ne!(elapsed[0], elapsed[1]);
    assert!(elapsed.iter().all(|ms| (99_900_000..=100_100_000).contains(ms)), "{elapsed:?}");
    let now = world.node(0).io().now();
    world.jump_clock(0, -5000);
    assert_eq!(world.node(0).io().wall_ms(), after[0] - 5000);
    assert_eq!(world.node(0).io().now(), now);
}

#[test]
fn a_crash_drops_tasks_and_a_restart_begins_anew() {
    let mut world = World::new(1, SimConfig::calm());
    let sleeper = world.node(0).spawn(|io| async move {
        let _memory = io.arena().alloc(8192).unwrap();
        io.sleep(Duration::from_secs(3600)).await;
    });
    world.run_for(Duration::from_secs(1));
    world.crash(0);
    assert!(sleeper.is_finished());
    assert!(!world.is_up(0));
    world.restart(0);
    world.block_on(0, |io| async move { io.sleep(Duration::from_secs(1)).await });
    world.finish();
}

#[test]
fn a_killed_process_leaves_what_it_wrote() {
    for seed in 0..20 {
        let mut world = World::new(seed, SimConfig::calm());
        world.block_on(0, |io| async move {
            let file = create(&io, "/f", false).await;
            file.write_at(0, block(3), CACHED).await.unwrap();
        });
        world.kill(0);
        assert_eq!(world.disk(0, |disk| disk.contents("/f").unwrap()), [3; BLOCK_BYTES]);
    }
}

#[test]
fn a_paused_node_stands_still_while_the_others_go_on() {
    let mut world = World::new(1, SimConfig::calm().with_nodes(2));
    let ticks = |world: &World, node: usize| {
        let count = Rc::new(std::cell::Cell::new(0));
        let counted = count.clone();
        world.node(node).spawn(move |io| async move {
            loop {
                io.sleep(Duration::from_millis(10)).await;
                counted.set(counted.get() + 1);
            }
        });
        count
    };
    let (paused, other) = (ticks(&world, 0), ticks(&world, 1));
    world.run_for(Duration::from_millis(95));
    world.pause(0);
    let before = paused.get();
    world.run_for(Duration::from_secs(1));
    assert_eq!(paused.get(), before);
    assert!(other.get() > 100);
    world.resume(0);
    world.run_for(Duration::from_millis(100));
    assert!(paused.get() > before);
}

#[test]
fn leaks_are_found() {
    let mut world = World::new(1, SimConfig::calm());
    let kept = world.node(0).io().arena().alloc(1).unwrap();
    let listener = world
        .block_on(0, |io| async move { io.listen("0.0.0.0:1".parse().unwrap()).await.unwrap() });
    let leaks = world.leaks(0).join(", ");
    assert!(leaks.contains("4096 bytes") && leaks.contains("1 open sockets"), "{leaks}");
    drop((kept, listener));
    world.run();
    assert!(world.leaks(0).is_empty());
}

#[test]
fn a_failure_prints_how_to_replay_it() {
    let mut config = SimConfig::calm();
    config.replay = "simulate --seed".into();
    let world = World::new(77, config);
    world.node(0).spawn(|io| async move {
        create(&io, "/named-in-the-trace", false).await;
    });
    let mut world = world;
    world.run();
    assert!(world.trace().contains("open /named-in-the-trace"), "{}", world.trace());
}
