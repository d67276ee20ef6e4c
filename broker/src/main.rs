//! The `ringlog` program.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    ringlog::cli::main()
}
