//! Runs the storage simulation over many seeds, on several threads.
//!
//! `simulate --seeds 10000 [--from N] [--jobs N]`, or `simulate --seed N --trace` for one of them.
#![forbid(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ringlog_tests::simulation::{Outcome, Plan, storage};

const HELP: &str = "usage: simulate [--seeds COUNT] [--from FIRST] [--jobs THREADS]
       simulate --seed SEED [--trace]

Runs the storage simulation: random appends, reads, deletions and crashes on a failing disk,
judged by a model of what was promised. A failing seed prints the command that replays it.";

struct Arguments {
    from: u64,
    seeds: u64,
    jobs: usize,
    trace: bool,
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(why) => {
            eprintln!("{why}\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from + arguments.seeds;
    let failed: Mutex<Vec<u64>> = Mutex::default();
    let total = [const { AtomicU64::new(0) }; 4];
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let mut plan = Plan::new(seed);
                    if arguments.trace {
                        plan.trace_events = 20_000;
                    }
                    match catch_unwind(AssertUnwindSafe(|| storage::run(&plan))) {
                        Ok(outcome) => {
                            count(&total, &outcome);
                            if arguments.seeds == 1 {
                                println!("seed {seed}: {outcome:#?}");
                            }
                        }
                        Err(_) => {
                            eprintln!("seed {seed} FAILED");
                            if let Ok(mut failed) = failed.lock() {
                                failed.push(seed);
                            }
                        }
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_default();
    failed.sort_unstable();
    let [acked, read, restarts, seconds] = total.map(AtomicU64::into_inner);
    println!(
        "{} seeds, {} failed; {acked} appends acknowledged, {read} reads compared, {restarts} restarts, \
         {} simulated seconds",
        arguments.seeds,
        failed.len(),
        seconds / 1000
    );
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("failed: {failed:?}");
    ExitCode::FAILURE
}

fn count(total: &[AtomicU64; 4], outcome: &Outcome) {
    let counts = [outcome.acked, outcome.read, outcome.restarts, outcome.simulated_ms];
    for (total, n) in total.iter().zip(counts) {
        total.fetch_add(n, Ordering::Relaxed);
    }
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut parsed = Arguments { from: 0, seeds: 200, jobs, trace: false };
    let mut arguments = arguments;
    while let Some(name) = arguments.next() {
        if name == "--trace" {
            parsed.trace = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|e| format!("{name} {value}: {e}"));
        match name.as_str() {
            "--seeds" => parsed.seeds = number()?,
            "--from" => parsed.from = number()?,
            "--jobs" => parsed.jobs = number()?.clamp(1, 1024) as usize,
            "--seed" => (parsed.from, parsed.seeds) = (number()?, 1),
            _ => return Err(format!("unknown argument {name}")),
        }
    }
    Ok(parsed)
}
