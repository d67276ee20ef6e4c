//! Drives a load: warms it up, shows its progress, ends it and reports.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::arguments::{Arguments, Common, Format, LoadArguments};
use crate::error::BenchError;
use crate::load::{Load, histogram};
use crate::report::Report;
use crate::{fetch, loopback, plot, process, produce};

/// Makes the load that was asked for and prints what came of it.
///
/// # Errors
/// [`BenchError`]; what was measured until then was printed, marked as partial.
pub fn run(arguments: &Arguments) -> Result<(), BenchError> {
    let common = arguments.load.common();
    let interrupted = Arc::new(AtomicBool::new(false));
    let wanted = signal_hook::flag::register(signal_hook::consts::SIGINT, interrupted.clone());
    wanted.map_err(|error| machine("the handler of Ctrl-C", &error))?;
    let (name, load) = match &arguments.load {
        LoadArguments::Produce(produce) => ("produce", produce::start(produce)?),
        LoadArguments::Fetch(fetch) => ("fetch", fetch::start(fetch)?),
        LoadArguments::Loopback(produce) => ("loopback", loopback::start(produce)?),
    };
    let (report, latency, error) = measure(name, common, load, &interrupted)?;
    print(&report, &latency, common.format).map_err(|error| machine("standard output", &error))?;
    if let Some(path) = &common.percentiles {
        write_percentiles(path, &latency)
            .map_err(|error| machine(&path.display().to_string(), &error))?;
    }
    error.map_or(Ok(()), Err)
}

fn machine(what: &str, error: &io::Error) -> BenchError {
    BenchError::Machine { what: what.to_owned(), why: error.to_string() }
}

fn measure(
    name: &'static str,
    common: &Common,
    mut load: Load,
    interrupted: &AtomicBool,
) -> Result<(Report, Histogram<u64>, Option<BenchError>), BenchError> {
    let over = |load: &Load| interrupted.load(Ordering::Relaxed) || load.end.is_near();
    let mut progress = Progress::new(common);
    let warm = Instant::now() + Duration::from_secs(common.warmup.into());
    while Instant::now() < warm && !over(&load) {
        std::thread::sleep(Duration::from_millis(20));
    }
    load.take_latency();
    let usage = || common.broker_pid.map(process::usage).transpose();
    let before = usage()?;
    let first = load.totals();
    let began = Instant::now();
    let (mut all, mut over_time) = (histogram(), Vec::new());
    for second in 1..=common.seconds {
        let until = began + Duration::from_secs(second.into());
        let (at, done) = (Instant::now(), load.totals());
        while Instant::now() < until && !over(&load) {
            let left = until.saturating_duration_since(Instant::now());
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
        let latency = load.take_latency();
        let rate = load.totals().since(done).bytes as f64 / 1e6 / at.elapsed().as_secs_f64();
        over_time.push(rate);
        progress.show(second, rate, &latency);
        // Both have the same bounds.
        all.add(latency).unwrap_or_default();
        if over(&load) {
            break;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    let totals = load.totals().since(first);
    let after = usage();
    load.finish();
    progress.clear();
    let mut report = Report::new(name, seconds, totals, &all, over_time);
    let error = load.end.error();
    if let (Some(before), Ok(Some(after))) = (before, &after) {
        report.broker_used(after.cpu_seconds - before.cpu_seconds, after.resident);
    }
    if interrupted.load(Ordering::Relaxed) {
        report.partial = Some(format!("interrupted after {seconds:.1} s"));
    }
    if let Some(error) = &error {
        report.partial = Some(error.to_string());
    }
    Ok((report, all, error))
}

/// A line on standard error, when people look.
struct Progress {
    seconds: u32,
    shown: bool,
}

impl Progress {
    fn new(common: &Common) -> Self {
        Self { seconds: common.seconds, shown: io::stderr().is_terminal() }
    }

    fn show(&mut self, second: u32, rate: f64, latency: &Histogram<u64>) {
        if self.shown {
            let p99 = plot::time(latency.value_at_quantile(0.99) as f64);
            let left = self.seconds - second;
            eprint!("\r\x1b[K{second} s: {rate:.1} MB/s, p99 {p99}, {left} s to go");
        }
    }

    fn clear(&mut self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}

fn print(report: &Report, latency: &Histogram<u64>, format: Format) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        Format::Table => report.write_table(&mut out, latency)?,
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, report)?;
            writeln!(out)?;
        }
    }
    out.flush()
}

fn write_percentiles(path: &Path, latency: &Histogram<u64>) -> io::Result<()> {
    let mut out = BufWriter::new(std::fs::File::create(path)?);
    let mut count = 0;
    for step in latency.iter_quantiles(5) {
        count += step.count_since_last_iteration();
        let (quantile, value) =
            (step.quantile_iterated_to() * 100.0, step.value_iterated_to() as f64);
        writeln!(out, "{quantile:.6} {:.3} {count}", value / 1e3)?;
    }
    out.flush()
}
