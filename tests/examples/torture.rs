//! kill -9 under load: `cargo run --release -p ringlog-tests --example torture -- [KILLS] [SEED]`.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use ringlog_tests::torture::{Plan, run};

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let (Ok(kills), Ok(seed)) = (words.next().unwrap_or(Ok(200)), words.next().unwrap_or(Ok(1)))
    else {
        eprintln!("usage: torture [KILLS] [SEED]");
        return ExitCode::from(2);
    };
    let kills = u32::try_from(kills).unwrap_or(u32::MAX);
    let plan = Plan { kills, seed, ..Plan::default() };
    let progress = |kill, took: std::time::Duration| {
        eprint!("\rkilled {kill} of {kills} times, last restart {} ms ", took.as_millis());
    };
    match run(&plan, progress) {
        Ok(outcome) => {
            let at = |share: usize| outcome.restarts[(outcome.restarts.len() - 1) * share / 100];
            println!(
                "\n{kills} kills: {} records acknowledged, {} read, {} commits; nothing lost, \
                 doubled or reordered\nrestart to serving: median {:?}, p90 {:?}, longest {:?}",
                outcome.acknowledged,
                outcome.read,
                outcome.commits,
                at(50),
                at(90),
                at(100)
            );
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}
