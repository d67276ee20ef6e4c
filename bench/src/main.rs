//! The bench alone, as a program of its own: `cargo install --path bench`. It is `ringlog bench` without the
//! broker.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use ringlog_bench::{Arguments, run};

#[derive(Parser)]
#[command(name = "ringlog-bench", version, about = "Measure any Kafka broker")]
struct Cli {
    #[command(flatten)]
    arguments: Arguments,
}

fn main() -> ExitCode {
    match run(&Cli::parse().arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ringlog-bench: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
