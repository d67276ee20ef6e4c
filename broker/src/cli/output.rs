//! Standard output and standard error.

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use super::error::CliError;

/// Standard output, with a buffer. Writing to it fails when the reader has gone; `println!` would
/// panic.
pub(super) fn out() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(64 << 10, io::stdout().lock())
}

/// A line on standard output: what was done.
pub(super) fn say(what: fmt::Arguments<'_>) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{what}")?;
    Ok(out.flush()?)
}

/// Says on standard error what went wrong.
pub(super) fn complain(error: &CliError) {
    let mut stderr = io::stderr();
    let (on, off) = if is_coloured(&stderr) { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    // Nobody is left to be told when this fails.
    let _ = writeln!(stderr, "{on}ringlog:{off} {error}");
}

/// Whether a stream may have colours: a terminal, unless NO_COLOR (no-color.org) says otherwise.
pub(super) fn is_coloured(stream: &impl IsTerminal) -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) && stream.is_terminal()
}
