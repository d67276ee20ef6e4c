//! Project chores that need more than cargo.
#![forbid(unsafe_code)]

mod codegen;

use std::path::PathBuf;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask codegen --from DIR
    Writes broker/src/protocol/generated/ from Kafka's message definitions: DIR holds, at any depth,
    the *.json files of Kafka's jars (kafka-clients: common/message/, and those of the
    group-coordinator and metadata jars), unzipped. The definitions are not part of this repository,
    the generated files are.";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["codegen", "--from", dir] => codegen::run(&PathBuf::from(dir)),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
