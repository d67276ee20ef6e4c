//! Two reports side by side.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::{FORMAT, LoadReport, Report};
use crate::error::BenchError;

/// Two reports side by side: `b` to `a`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Comparison {
    /// Keys of the scenario that differ, with both values.
    pub(crate) scenario_differences: Vec<Difference>,
    /// Why one of them is partial, if it is.
    pub(crate) partial: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// A key of the scenario that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Difference {
    pub(crate) key: String,
    pub(crate) a: Value,
    pub(crate) b: Value,
}

/// A figure that both have.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    /// The load, or `broker`, or the device.
    pub(crate) of: String,
    pub(crate) figure: &'static str,
    pub(crate) a: f64,
    pub(crate) b: f64,
    /// `b` to `a`; none when `a` is 0.
    pub(crate) ratio: Option<f64>,
}

/// Reads a report.
pub(crate) fn read(path: &Path) -> Result<Report, BenchError> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| BenchError::Usage(format!("{name} cannot be read: {error}")))?;
    let report: Report = serde_json::from_str(&text).map_err(|error| {
        BenchError::Usage(format!("{name} is no report of ringlog bench --json: {error}"))
    })?;
    if report.format != FORMAT {
        let format = report.format;
        let why =
            format!("{name} has format {format}; this version reads {FORMAT}: measure it again");
        return Err(BenchError::Usage(why));
    }
    Ok(report)
}

/// Puts two reports side by side. Loads belong together by their names or, without such a one, by their places.
pub(crate) fn compare(a: &Report, b: &Report) -> Comparison {
    let mut rows = Vec::new();
    for (place, load) in a.loads.iter().enumerate() {
        let named = b.loads.iter().find(|other| other.name == load.name);
        let there = b.loads.get(place).filter(|other| other.kind == load.kind);
        if let Some(other) = named.or(there) {
            compare_loads(load, other, &mut rows);
        }
    }
    let mut row = |of: &str, figure, a: f64, b: f64| rows.push(Row::new(of, figure, a, b));
    if let (Some(a), Some(b)) = (&a.broker, &b.broker) {
        row("broker", "CPU s/GB", a.cpu_seconds_per_gb, b.cpu_seconds_per_gb);
        let (each_a, each_b) =
            (a.cpu_seconds_per_million_records, b.cpu_seconds_per_million_records);
        row("broker", "CPU s/million records", each_a, each_b);
        row("broker", "resident MiB", a.resident_mib, b.resident_mib);
        if let (Some(a), Some(b)) = (a.written_bytes_per_byte, b.written_bytes_per_byte) {
            row("broker", "bytes written/byte", a, b);
        }
    }
    if let (Some(a), Some(b)) = (&a.device, &b.device) {
        row("device", "bytes written/byte", a.written_bytes_per_byte, b.written_bytes_per_byte);
        row("device", "operations/MB", a.operations_per_mb, b.operations_per_mb);
    }
    if let (Some(a), Some(b)) = (&a.sweep, &b.sweep) {
        row("sweep", "knee records/s", a.knee.unwrap_or(0.0), b.knee.unwrap_or(0.0));
    }
    let mut scenario_differences = Vec::new();
    let value = |report: &Report| serde_json::to_value(&report.scenario).unwrap_or(Value::Null);
    differ("", &value(a), &value(b), &mut scenario_differences);
    let partial = [("A", a), ("B", b)].into_iter();
    let partial =
        partial.filter_map(|(n, r)| Some(format!("{n} is partial: {}", r.partial.as_ref()?)));
    Comparison { scenario_differences, partial: partial.collect(), rows }
}

fn compare_loads(a: &LoadReport, b: &LoadReport, rows: &mut Vec<Row>) {
    let mut row = |figure, of_a: f64, of_b: f64| rows.push(Row::new(&a.name, figure, of_a, of_b));
    row("MB/s", a.mb_per_second, b.mb_per_second);
    row("records/s", a.records_per_second, b.records_per_second);
    let latencies = a.latency_us.rows().into_iter().zip(b.latency_us.rows());
    let names = ["p50 us", "p90 us", "p99 us", "p99.9 us", "p99.99 us", "max us"];
    for (((_, a), (_, b)), name) in latencies.zip(names) {
        row(name, a, b);
    }
    if let (Some(a), Some(b)) = (a.caught_up_seconds, b.caught_up_seconds) {
        row("caught up after s", a, b);
    }
}

/// What two values differ in, key by key.
fn differ(key: &str, a: &Value, b: &Value, out: &mut Vec<Difference>) {
    if a == b {
        return;
    }
    let inner = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match (a, b) {
        (Value::Object(left), Value::Object(right)) => {
            let names: std::collections::BTreeSet<&String> =
                left.keys().chain(right.keys()).collect();
            for name in names {
                let of =
                    |map: &serde_json::Map<_, _>| map.get(name).cloned().unwrap_or(Value::Null);
                differ(&inner(name), &of(left), &of(right), out);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (at, (a, b)) in left.iter().zip(right).enumerate() {
                differ(&inner(&at.to_string()), a, b, out);
            }
        }
        _ => out.push(Difference { key: key.to_owned(), a: a.clone(), b: b.clone() }),
    }
}

impl Row {
    fn new(of: &str, figure: &'static str, a: f64, b: f64) -> Self {
        Self { of: of.to_owned(), figure, a, b, ratio: (a != 0.0).then(|| b / a) }
    }
}

impl Comparison {
    /// Writes it for people.
    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        for partial in &self.partial {
            writeln!(out, "PARTIAL: {partial}")?;
        }
        if !self.scenario_differences.is_empty() {
            writeln!(out, "The scenarios differ:")?;
            for Difference { key, a, b } in &self.scenario_differences {
                writeln!(out, "  {key}: {a} in A, {b} in B")?;
            }
        }
        writeln!(out, "{:<20} {:<22} {:>14} {:>14} {:>8}", "", "", "A", "B", "B/A")?;
        for row in &self.rows {
            let ratio = row.ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
            let (a, b) = (figure(row.a), figure(row.b));
            writeln!(out, "{:<20} {:<22} {a:>14} {b:>14} {ratio:>8}", row.of, row.figure)?;
        }
        Ok(())
    }
}

fn figure(value: f64) -> String {
    if value.abs() >= 100.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::report;

    #[test]
    fn figures_are_told_as_ratios() {
        let (a, mut b) = (report(), report());
        b.loads[0].mb_per_second = a.loads[0].mb_per_second * 2.0;
        b.loads[0].latency_us.p99 = a.loads[0].latency_us.p99 / 4.0;
        let comparison = compare(&a, &b);
        let ratio = |figure| comparison.rows.iter().find(|row| row.figure == figure)?.ratio;
        assert_eq!(
            (ratio("MB/s"), ratio("p99 us"), ratio("p50 us")),
            (Some(2.0), Some(0.25), Some(1.0))
        );
        assert!(comparison.scenario_differences.is_empty());
        let mut out = Vec::new();
        comparison.write(&mut out).unwrap();
        assert!(String::from_utf8(out).unwrap().contains("2.00"));
    }

    #[test]
    fn scenarios_that_differ_are_named_key_by_key() {
        let (a, mut b) = (report(), report());
        b.scenario.produce[0].in_flight = 9;
        b.scenario.seconds += 1;
        b.partial = Some("why".to_owned());
        let comparison = compare(&a, &b);
        let keys: Vec<&str> =
            comparison.scenario_differences.iter().map(|d| d.key.as_str()).collect();
        assert_eq!(keys, ["produce.0.in_flight", "seconds"]);
        assert_eq!(comparison.partial, ["B is partial: why"]);
    }

    #[test]
    fn what_is_no_report_is_refused() {
        let said = read(Path::new("/proc/version")).unwrap_err();
        assert!(said.to_string().contains("/proc/version is no report"), "{said}");
        assert_eq!(said.exit_code(), 2);
    }
}
