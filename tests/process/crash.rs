//! kill -9 under load. Two hundred kills: `cargo run --release -p ringlog-tests --example torture`.

use ringlog_tests::torture::{Plan, run};

#[test]
fn twenty_kills_lose_nothing() {
    let outcome = run(&Plan::default(), |_, _| ()).expect("nothing lost");
    assert!(outcome.commits > 0, "the group never committed");
}

#[test]
fn kills_between_rolled_segments_and_recycled_journals_lose_nothing() {
    let settings =
        ["log.segment.bytes=1048576", "ringlog.journal.file.bytes=4194304", "ringlog.cores=0,1"];
    let plan = Plan {
        kills: 8,
        seed: 7,
        settings: settings.iter().map(|s| (*s).to_owned()).collect(),
        ..Plan::default()
    };
    run(&plan, |_, _| ()).expect("nothing lost");
}
