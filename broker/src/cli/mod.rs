//! The command line: what `ringlog` can be asked, and how it answers.
//!
//! One file a command. A command speaks the wire protocol through [`crate::client`] like any other
//! client, so it works with any Kafka broker; only `serve` and `inspect` touch this machine.

mod arguments;
mod completions;
mod consume;
mod delimiter;
mod error;
mod group;
mod inspect;
mod layout;
mod logging;
mod output;
mod produce;
mod serve;
mod table;
mod topic;

use std::process::ExitCode;

use clap::Parser;

pub use arguments::Cli;
use arguments::Command;
pub use error::CliError;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has gone; that is their affair (`ringlog topic list | head -1`).
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            output::complain(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Serve(serve) => serve::run(serve),
        Command::Topic(topic) => logged(|| topic::run(topic)),
        Command::Group(group) => logged(|| group::run(group)),
        Command::Produce(produce) => logged(|| produce::run(produce)),
        Command::Consume(consume) => logged(|| consume::run(consume)),
        Command::Bench(bench) => Ok(ringlog_bench::run(&bench)?),
        Command::Inspect(inspect) => inspect::run(inspect),
        Command::Completions(shell) => completions::completions(shell),
        Command::Man(man) => completions::man(&man),
        Command::ConfigDocs => completions::config_docs(),
    }
}

/// Clients say what goes wrong on standard error, and nothing else.
fn logged(command: impl FnOnce() -> Result<(), CliError>) -> Result<(), CliError> {
    logging::start(crate::config::LogFormat::Text, "warn")?;
    command()
}
