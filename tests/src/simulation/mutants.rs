//! Proof that the simulation sees mistakes: each [`Mutant`] must fail a seed.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ringlog_engine::mutants::{Mutant, become_mutant};

use super::{Plan, Workload};

/// Seeds within which every mutant is caught.
pub const BOUND: u64 = 200;

/// How a mutant was caught.
#[derive(Clone, Debug)]
pub struct Caught {
    /// By which workload.
    pub workload: Workload,
    /// By which seed.
    pub seed: u64,
    /// What was wrong.
    pub violation: String,
}

/// Runs seeds of both workloads as `mutant` until one fails; nothing when `seeds` of each do not.
/// Panics are kept silent only by the caller's hook.
pub fn hunt(mutant: Mutant, seeds: u64) -> Option<Caught> {
    for seed in 0..seeds {
        for workload in Workload::ALL {
            let plan = Plan { trace_events: 0, ..Plan::new(workload, seed) };
            become_mutant(Some(mutant));
            let outcome = catch_unwind(AssertUnwindSafe(|| plan.run()));
            become_mutant(None);
            if let Err(panic) = outcome {
                return Some(Caught { workload, seed, violation: message(&*panic) });
            }
        }
    }
    None
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}
