//! What the program can say of itself: completions, man pages, documentation of settings.

use std::io::Write;

use clap::CommandFactory;

use super::arguments::{Cli, Completions, Man};
use super::error::CliError;
use super::output::out;

pub(super) fn completions(arguments: Completions) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "ringlog", &mut script);
    let mut out = out();
    out.write_all(&script)?;
    Ok(out.flush()?)
}

pub(super) fn man(arguments: &Man) -> Result<(), CliError> {
    let failed = |error| CliError::File { path: arguments.dir.clone(), error };
    std::fs::create_dir_all(&arguments.dir).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), &arguments.dir).map_err(failed)
}

pub(super) fn config_docs() -> Result<(), CliError> {
    let mut out = out();
    out.write_all(crate::config::markdown().as_bytes())?;
    Ok(out.flush()?)
}
