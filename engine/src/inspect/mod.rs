//! Looks into log directories and their files, for `ringlog inspect`: what is there, and what is
//! wrong with it.
//!
//! Made for damaged data and for directories that another process may have open: files are opened
//! for reading only, nothing is written, locked or synced, memory is bounded, and reading goes on
//! behind whatever cannot be read. Plain buffered `std::fs` reads, since no shard runs here; this
//! module is for the command line alone.
//!
//! [`inspect`] finds out what a path is and hands rows to a [`Sink`]; [`TextSink`] and [`JsonSink`]
//! write them down.

mod checkpoints;
mod directory;
mod indexes;
mod journal;
mod json;
mod segment;
mod sink;
mod source;
#[cfg(test)]
mod tests;
mod text;

use std::io;
use std::path::Path;

pub use json::JsonSink;
pub use sink::{Fault, Sink, Value};
pub use text::TextSink;

/// How much to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Records of each batch, and not the batches alone.
    pub records: bool,
    /// Rows to show of each file; all of it is looked at anyway.
    pub rows_max: u64,
    /// Bytes of a key or value to show.
    pub value_bytes_max: usize,
    /// Bytes that a batch may decompress to; larger ones are a fault.
    pub plain_bytes_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            records: false,
            rows_max: u64::MAX,
            value_bytes_max: 200,
            plain_bytes_max: 256 << 20,
        }
    }
}

/// What was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Totals {
    /// Files looked at.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Faults found.
    pub faults: u64,
}

/// Looks at a file, or at all files of a partition's directory, a journal's, or a log directory.
///
/// # Errors
/// The path cannot be read at all, or the sink cannot write. What is wrong inside of files is
/// handed to the sink as a [`Fault`] and counted.
pub fn inspect(path: &Path, options: &Options, sink: &mut dyn Sink) -> io::Result<Totals> {
    let mut visit = sink::Visit::new(*options, sink);
    if path.metadata()?.is_dir() {
        directory::visit(path, &mut visit)?;
    } else {
        directory::visit_file(path, &mut visit)?;
    }
    Ok(visit.totals)
}
