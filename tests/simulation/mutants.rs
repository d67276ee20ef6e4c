//! Every deliberately broken version is caught.

use std::sync::Mutex;

use ringlog_engine::mutants::Mutant;
use ringlog_tests::simulation::mutants::{BOUND, hunt};

#[test]
fn every_mutant_is_caught() {
    let left = Mutex::new(Mutant::ALL.to_vec());
    let missed = Mutex::new(Vec::new());
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                loop {
                    let mutant = left.lock().ok().and_then(|mut left| left.pop());
                    let Some(mutant) = mutant else { return };
                    match hunt(mutant, BOUND) {
                        Some(caught) => println!("{mutant:?}: {caught:?}"),
                        None => missed.lock().unwrap().push(mutant),
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not caught by {BOUND} seeds: {missed:?}");
}
