//! A report for people, on a terminal.

use std::io::{self, Write};

use super::plot;
use super::{Kind, LoadReport, Report};

/// Writes it.
pub(super) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    if let Some(why) = &report.partial {
        writeln!(out, "PARTIAL: {why}")?;
    }
    for load in &report.loads {
        write_load(load, report.seconds, out)?;
    }
    if let Some(broker) = &report.broker {
        write!(
            out,
            "{:<12}{:.2} CPU s   {:.3} s/GB   {:.2} s/million records   {:.0} MiB resident",
            "broker",
            broker.cpu_seconds,
            broker.cpu_seconds_per_gb,
            broker.cpu_seconds_per_million_records,
            broker.resident_mib
        )?;
        match broker.written_bytes_per_byte {
            Some(written) => writeln!(out, "   {written:.2} bytes written/byte")?,
            None => writeln!(out)?,
        }
    }
    if let Some(device) = &report.device {
        writeln!(
            out,
            "{:<12}{:.2} bytes written/byte   {:.2} operations/MB   {} reads   {} writes   {} flushes",
            device.name,
            device.written_bytes_per_byte,
            device.operations_per_mb,
            device.reads,
            device.writes,
            device.flushes
        )?;
    }
    if let Some(sweep) = &report.sweep {
        write_sweep(sweep, out)?;
    }
    let at = &report.environment;
    writeln!(out, "{:<12}{}   {} cores, {}", "measured", at.date, at.cores, at.kernel)?;
    writeln!(out, "{:<12}{}", "at", at.broker_line())
}

fn write_load(load: &LoadReport, seconds: f64, out: &mut impl Write) -> io::Result<()> {
    let what = if load.kind == Kind::Produce { "batches" } else { "answers" };
    let asked = load.asked_records_per_second.map_or(String::new(), |asked| {
        format!(" of {asked:.0} ({:.1} %)", load.records_per_second / asked * 100.0)
    });
    writeln!(
        out,
        "{:<12}{:.1} MB/s   {:.0}{asked} records/s   {} {what} in {seconds:.1} s",
        load.name, load.mb_per_second, load.records_per_second, load.requests
    )?;
    let rates: Vec<f64> = load
        .intervals
        .iter()
        .map(|interval| interval.bytes as f64 / 1e6 / interval.seconds.max(1e-9))
        .collect();
    if rates.len() > 1 {
        let (line, low, high) = plot::sparkline(&rates);
        writeln!(out, "{:<12}{line}  {low:.0} to {high:.0} MB/s", "over time")?;
    }
    let lags: Vec<f64> =
        load.intervals.iter().filter_map(|interval| Some(interval.lag? as f64)).collect();
    if lags.iter().any(|lag| *lag > 0.0) && lags.len() > 1 {
        let (line, _, high) = plot::sparkline(&lags);
        let caught = load.caught_up_seconds.map_or("not caught up".to_owned(), |seconds| {
            format!("caught up after {seconds:.1} s")
        });
        writeln!(out, "{:<12}{line}  up to {high:.0} records, {caught}", "lag")?;
    }
    let mean = plot::time(load.latency_us.mean * 1e3);
    writeln!(out, "latency     {}, mean {mean}", load.latency_of.name())?;
    plot::percentiles(out, &load.latency_us)
}

fn write_sweep(sweep: &super::Sweep, out: &mut impl Write) -> io::Result<()> {
    let bound = sweep.p99_ms_max;
    writeln!(out, "sweep       p99 under {bound} ms, 98 % of the rate")?;
    let head = ["records/s", "achieved", "MB/s", "p50", "p99", "p99.9", "max"];
    writeln!(
        out,
        "  {:>10}  {:>10}  {:>8}  {:>10}  {:>10}  {:>10}  {:>10}",
        head[0], head[1], head[2], head[3], head[4], head[5], head[6]
    )?;
    for step in &sweep.steps {
        let latency = &step.latency_us;
        let time = |us: f64| plot::time(us * 1e3);
        writeln!(
            out,
            "  {:>10.0}  {:>10.0}  {:>8.1}  {:>10}  {:>10}  {:>10}  {:>10}  {}",
            step.asked,
            step.achieved,
            step.mb_per_second,
            time(latency.p50),
            time(latency.p99),
            time(latency.p99_9),
            time(latency.max),
            if step.kept { "kept" } else { "not kept" }
        )?;
    }
    match sweep.knee {
        Some(knee) => writeln!(out, "knee        {knee:.0} records/s"),
        None => writeln!(out, "knee        below all rates that were tried"),
    }
}
