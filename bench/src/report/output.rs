//! Where a report goes.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::{HdrLog, Report, html, table};
use crate::error::BenchError;

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Where a report goes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Outputs {
    /// Print a table and a plot, or JSON.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Also write the report to FILE as JSON, which `bench compare` reads.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Also write the report to FILE as one HTML page with plots.
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    /// Also write the latencies of each interval to FILE as an HdrHistogram log.
    #[arg(long, value_name = "FILE")]
    pub(crate) hdr_log: Option<PathBuf>,
    /// Also write all latencies to FILE, as percentiles in microseconds (`load percentile value count`).
    #[arg(long, value_name = "FILE")]
    pub(crate) percentiles: Option<PathBuf>,
}

impl Outputs {
    /// Makes the files, so that what cannot be written is told before a run and not after it.
    pub(crate) fn prepare(&self) -> Result<Option<HdrLog>, BenchError> {
        for path in [&self.json, &self.report, &self.percentiles].into_iter().flatten() {
            let options = File::options().create(true).append(true).open(path);
            options.map_err(|error| BenchError::file(path, &error))?;
        }
        self.hdr_log.as_deref().map(HdrLog::create).transpose()
    }

    /// Writes all of them, whatever becomes of the others.
    ///
    /// # Errors
    /// All that went wrong.
    pub(crate) fn write(&self, report: &Report) -> Vec<BenchError> {
        let mut errors = Vec::new();
        let mut file =
            |path: &Option<PathBuf>, write: &dyn Fn(&mut BufWriter<File>) -> io::Result<()>| {
                if let Some(path) = path
                    && let Err(error) = write_file(path, write)
                {
                    errors.push(BenchError::file(path, &error));
                }
            };
        file(&self.json, &|out| write_json(report, out));
        file(&self.report, &|out| out.write_all(html::page(report).as_bytes()));
        file(&self.percentiles, &|out| write_percentiles(report, out));
        if let Err(error) = print(|out| match self.format {
            Format::Table => table::write(report, out),
            Format::Json => write_json(report, out),
        }) {
            errors.push(error);
        }
        errors
    }
}

/// Writes to standard output. Whoever read it may have gone; that is their affair.
pub(crate) fn print(
    write: impl FnOnce(&mut BufWriter<io::StdoutLock<'_>>) -> io::Result<()>,
) -> Result<(), BenchError> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(BenchError::machine("standard output", &error)),
        Ok(()) => Ok(()),
    }
}

fn write_file(
    path: &Path,
    write: &dyn Fn(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    write(&mut out)?;
    out.flush()
}

pub(crate) fn write_json(report: &impl serde::Serialize, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}

fn write_percentiles(report: &Report, out: &mut impl Write) -> io::Result<()> {
    for load in &report.loads {
        for (percentile, us, count) in &load.distribution {
            writeln!(out, "{} {percentile:.6} {us:.3} {count}", load.name)?;
        }
    }
    Ok(())
}
