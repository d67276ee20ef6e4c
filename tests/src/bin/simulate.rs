//! Runs simulations over many seeds, on several threads.
#![forbid(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ringlog_tests::simulation::{Outcome, Plan, Workload};

const HELP: &str = "usage: simulate [WORKLOAD] [--seeds COUNT] [--from FIRST] [--jobs THREADS]
       simulate WORKLOAD --seed SEED [--trace]
       simulate mutants [--seeds COUNT] [--jobs THREADS]

Runs simulations and judges what was promised. Workloads:
  broker   a whole node over the wire: producers, consumers, a consumer group
  storage  partition logs: appends, reads, trims, deletions
Without one, both run for each seed. The node crashes again and again, its disk fails and
fills up, its network delays and resets. A failing seed prints the command that replays it.

mutants runs deliberately broken versions until a seed fails, and prints which, for each of
them; it needs the feature of that name.";

struct Arguments {
    workloads: Vec<Workload>,
    mutants: bool,
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
    if arguments.mutants {
        return mutants(&arguments);
    }
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from + arguments.seeds;
    let failed: Mutex<Vec<(&str, u64)>> = Mutex::default();
    let totals: Vec<Total> = arguments.workloads.iter().map(|_| Total::default()).collect();
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    for (workload, total) in arguments.workloads.iter().zip(&totals) {
                        if !run(*workload, seed, &arguments, total) {
                            eprintln!("{} seed {seed} FAILED", workload.name());
                            if let Ok(mut failed) = failed.lock() {
                                failed.push((workload.name(), seed));
                            }
                        }
                    }
                }
            });
        }
    });
    for (workload, total) in arguments.workloads.iter().zip(totals) {
        println!("{}: {}", workload.name(), total.text(arguments.seeds));
    }
    let mut failed = failed.into_inner().unwrap_or_default();
    failed.sort_unstable();
    println!("{} failed", failed.len());
    if failed.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("failed: {failed:?}");
    ExitCode::FAILURE
}

#[cfg(not(feature = "mutants"))]
fn mutants(_: &Arguments) -> ExitCode {
    eprintln!("built without mutants: add --features mutants to the cargo command");
    ExitCode::from(2)
}

/// Prints for each mutant which seed caught it, and how.
#[cfg(feature = "mutants")]
fn mutants(arguments: &Arguments) -> ExitCode {
    use ringlog_engine::mutants::Mutant;
    use ringlog_tests::simulation::mutants::hunt;

    std::panic::set_hook(Box::new(|_| {}));
    let caught: Vec<Mutex<Option<String>>> = Mutant::ALL.iter().map(|_| Mutex::default()).collect();
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed) as usize;
                    let Some(mutant) = Mutant::ALL.get(at) else { return };
                    let text = hunt(*mutant, arguments.seeds).map(|caught| {
                        format!("{} {}: {}", caught.workload.name(), caught.seed, caught.violation)
                    });
                    println!("{mutant:?}\t{}", text.as_deref().unwrap_or("NOT CAUGHT"));
                    if let Ok(mut slot) = caught[at].lock() {
                        *slot = text;
                    }
                }
            });
        }
    });
    let missed = caught.iter().filter(|slot| slot.lock().is_ok_and(|text| text.is_none())).count();
    println!("{} of {} mutants caught", Mutant::ALL.len() - missed, Mutant::ALL.len());
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one seed; returns whether nothing was wrong.
fn run(workload: Workload, seed: u64, arguments: &Arguments, total: &Total) -> bool {
    let mut plan = Plan::new(workload, seed);
    if arguments.trace {
        plan.trace_events = 200_000;
    }
    let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| plan.run())) else { return false };
    total.count(&outcome);
    if arguments.seeds == 1 {
        println!("{} seed {seed}: {outcome:#?}", workload.name());
    }
    true
}

/// What all seeds of a workload have done.
#[derive(Default)]
struct Total {
    acked: AtomicU64,
    read: AtomicU64,
    restarts: AtomicU64,
    simulated_ms: AtomicU64,
}

impl Total {
    fn count(&self, outcome: &Outcome) {
        self.acked.fetch_add(outcome.acked, Ordering::Relaxed);
        self.read.fetch_add(outcome.read, Ordering::Relaxed);
        self.restarts.fetch_add(outcome.restarts, Ordering::Relaxed);
        self.simulated_ms.fetch_add(outcome.simulated_ms, Ordering::Relaxed);
    }

    fn text(self, seeds: u64) -> String {
        format!(
            "{seeds} seeds, {} batches acknowledged, {} reads compared, {} restarts, {} simulated seconds",
            self.acked.into_inner(),
            self.read.into_inner(),
            self.restarts.into_inner(),
            self.simulated_ms.into_inner() / 1000
        )
    }
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let workloads = Workload::ALL.to_vec();
    let mut parsed =
        Arguments { workloads, mutants: false, from: 0, seeds: 200, jobs, trace: false };
    let mut arguments = arguments;
    while let Some(name) = arguments.next() {
        if let Some(workload) = Workload::ALL.into_iter().find(|workload| workload.name() == name) {
            parsed.workloads = vec![workload];
            continue;
        }
        if name == "mutants" {
            parsed.mutants = true;
            continue;
        }
        if name == "--trace" {
            parsed.trace = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{name}: what is to be done?"))?;
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
