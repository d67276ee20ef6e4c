//! `ringlog inspect`.

use std::io::Write;

use ringlog_engine::inspect::{JsonSink, Options, TextSink, inspect};

use super::arguments::{Inspect, ListFormat};
use super::error::CliError;
use super::output::out;

pub(super) fn run(arguments: Inspect) -> Result<(), CliError> {
    let path = arguments.path;
    std::fs::metadata(&path).map_err(|error| CliError::File { path: path.clone(), error })?;
    let options = Options {
        records: arguments.records,
        rows_max: arguments.rows,
        value_bytes_max: arguments.value_bytes,
        ..Options::default()
    };
    let mut out = out();
    let totals = match arguments.listing.format {
        ListFormat::Table => inspect(&path, &options, &mut TextSink::new(&mut out)),
        ListFormat::Json => inspect(&path, &options, &mut JsonSink::new(&mut out)),
    }?;
    out.flush()?;
    match totals.faults {
        0 => Ok(()),
        faults => Err(CliError::Failed(format!("{}: {faults} faults", path.display()))),
    }
}
