//! Repeats one hot path, for `bench/instructions` to count under callgrind.
//!
//! ```text
//! paths list              names, times and what they are
//! paths count NAME        does one of them as often as it is to be counted
//! ```
#![forbid(unsafe_code)]

use std::process::ExitCode;

use ringlog_paths::{PATHS, Path};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["list"] => {
            for path in PATHS {
                println!("{}\t{}\t{}", path.name, path.times, path.what);
            }
        }
        ["count", name] => match PATHS.iter().find(|path| path.name == *name) {
            Some(path) => count(path),
            None => {
                eprintln!("paths: there is no path {name}; `paths list` shows them");
                return ExitCode::FAILURE;
            }
        },
        _ => {
            eprintln!("paths: use `list` or `count NAME`; bench/instructions does so");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn count(path: &Path) {
    let mut once = (path.prepare)();
    // What is only made the first times: growing tables, first blocks.
    for _ in 0..path.times / 2 {
        once();
    }
    counted(&mut *once, path.times);
    // What taking it down would cost is not to be counted either.
    std::mem::forget(once);
}

/// `bench/instructions` collects in here, which it knows by this name.
#[inline(never)]
fn counted(once: &mut dyn FnMut(), times: u64) {
    for _ in 0..times {
        once();
    }
}
