//! Seeds of both simulations, and those that once found something.

#[cfg(feature = "mutants")]
mod mutants;

use ringlog_tests::simulation::{Plan, Workload};

/// Seeds of each workload; more with the command in tests/README.md.
const SEEDS: u64 = 200;

fn run_all(workload: Workload) {
    for seed in 0..SEEDS {
        Plan::new(workload, seed).run();
    }
}

#[test]
fn the_broker_keeps_its_promises() {
    run_all(Workload::Broker);
}

#[test]
fn the_storage_keeps_its_promises() {
    run_all(Workload::Storage);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for workload in Workload::ALL {
        for seed in 0..5 {
            let plan = Plan::new(workload, seed);
            assert_eq!(plan.run(), plan.run(), "{workload:?} seed {seed}");
        }
    }
}

/// Each of these showed a mistake that was mended.
#[test]
fn seeds_that_once_failed_pass() {
    let storage = [
        // Changes of the log start behind the last checkpoint.
        21, 91, //
        // The files of a log met those of its successor of the same name.
        57, 108, 170, //
        // A reader went on in bytes that it had read ahead of the end: those of a former life.
        1316, //
        // A new log's directory was taken for the one of its predecessor, deleted before a crash.
        99, //
        // A batch known to be damaged vouched for the rest of its chunk.
        391, //
        // Deletions and empty frames filled the journal, and nothing could free its files.
        896, //
        // A log whose deletion had only begun was taken to be destaged, and a crash brought it back.
        1351, //
        // Files of segments that a replay had cut off were to be synced.
        94, 113, //
        // A file of a segment that was cut off stayed open, and was taken for its successor's.
        135, //
        // A replay wrote over, and removed, what large appends had brought behind a cut.
        20081, 20148, //
        // A chunk that grew between two looks at it was not compared.
        50675,
    ];
    let broker = [
        // Pipelined appends overtook each other, and a log start was told before it was durable.
        11, 55, //
        // A fetch went on behind a log start that had moved under it.
        110, 138, //
        // One shard spoke of a partition that another did not have yet.
        133, 139, //
        // A reader compared a whole chunk with a checksum of its first part, read long before.
        58,
    ];
    for seed in storage {
        Plan::new(Workload::Storage, seed).run();
    }
    for seed in broker {
        Plan::new(Workload::Broker, seed).run();
    }
}
