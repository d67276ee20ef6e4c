//! A report as one page: no script, no font, no picture from elsewhere.

use std::fmt::Write;

use super::chart::{Axis, COLOURS, Cell, Chart, Line, Scale, escape};
use super::{Kind, LatencyOf, LoadReport, Report, time};

/// Most columns of a heat map.
const COLUMNS: usize = 120;
const STYLE: &str = include_str!("page.css");

/// The page.
pub(super) fn page(report: &Report) -> String {
    let mut out = String::new();
    let at = &report.environment;
    let name = escape(&report.scenario.name);
    let line = format!("{} · {} · {} cores, {}", at.date, at.broker_line(), at.cores, at.kernel);
    // Writing to a text does not fail.
    let _ = write!(
        out,
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>{name}: ringlog bench</title><style>{STYLE}</style></head><body><main>\
         <h1>{name}</h1><p class=\"at\">{}</p>",
        escape(&line)
    );
    if !report.scenario.about.is_empty() {
        let _ = write!(out, "<p>{}</p>", escape(&report.scenario.about));
    }
    if let Some(why) = &report.partial {
        let _ = write!(out, "<p class=\"partial\"><b>Partial.</b> {}</p>", escape(why));
    }
    cards(report, &mut out);
    out.push_str("<section class=\"charts\">");
    for chart in charts(report).iter().filter(|chart| !chart.is_empty()) {
        out.push_str(&chart.html());
    }
    out.push_str("</section>");
    tables(report, &mut out);
    out.push_str("</main></body></html>\n");
    out
}

/// The few numbers that are looked for first.
fn cards(report: &Report, out: &mut String) {
    out.push_str("<section class=\"cards\">");
    for (number, load) in report.loads.iter().enumerate() {
        let latency = &load.latency_us;
        let asked = load.asked_records_per_second.map_or(String::new(), |asked| {
            format!(" ({:.1} % of the rate)", load.records_per_second / asked * 100.0)
        });
        let _ = write!(
            out,
            "<article class=\"c{}\"><h2>{}</h2><p class=\"big\">{} <small>MB/s</small></p>\
             <p>{} records/s{asked}</p><p class=\"of\">latency {}</p><dl>",
            number % COLOURS,
            escape(&load.name),
            rate(load.mb_per_second),
            count(load.records_per_second),
            load.latency_of.name()
        );
        for (name, us) in latency.rows().into_iter().filter(|row| row.0 != "p90") {
            let value = if latency.count == 0 { "–".to_owned() } else { micros(us) };
            let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
        }
        out.push_str("</dl></article>");
    }
    if let Some(sweep) = &report.sweep {
        let knee = sweep
            .knee
            .map_or("none".to_owned(), |knee| format!("{} <small>records/s</small>", count(knee)));
        let _ = write!(
            out,
            "<article><h2>knee</h2><p class=\"big\">{knee}</p><p>the highest rate with p99 under {} ms \
             and 98\u{a0}% of it achieved</p></article>",
            sweep.p99_ms_max
        );
    }
    out.push_str("</section>");
}

fn charts(report: &Report) -> Vec<Chart> {
    let mut charts = Vec::new();
    if let Some(sweep) = &report.sweep {
        let quantile = |of: fn(&super::Step) -> f64| {
            sweep.steps.iter().map(|step| (step.achieved, of(step))).collect()
        };
        let lines = [
            ("p50", quantile(|step| step.latency_us.p50)),
            ("p99", quantile(|step| step.latency_us.p99)),
            ("p99.9", quantile(|step| step.latency_us.p99_9)),
        ];
        charts.push(Chart {
            title: "Latency by achieved rate".to_owned(),
            x: Axis { label: "records/s achieved", scale: Scale::Linear, text: short },
            y: latency_axis(),
            lines: lines_of(lines),
            cells: Vec::new(),
            bound: Some((sweep.p99_ms_max * 1e3, format!("p99 under {} ms", sweep.p99_ms_max))),
        });
    }
    let each = |of: &dyn Fn(&LoadReport) -> Vec<(f64, f64)>| -> Vec<Line> {
        let lines = report.loads.iter().enumerate();
        lines.map(|(number, load)| line(&load.name, number, of(load))).collect()
    };
    charts.push(Chart {
        title: "Throughput over time".to_owned(),
        x: seconds_axis(),
        y: Axis { label: "MB/s", scale: Scale::Linear, text: rate },
        lines: each(&|load| {
            let of = |i: &super::Interval| (i.at, i.bytes as f64 / 1e6 / i.seconds.max(1e-9));
            load.intervals.iter().map(of).collect()
        }),
        cells: Vec::new(),
        bound: None,
    });
    charts.push(Chart {
        title: "Latency by percentile".to_owned(),
        x: Axis { label: "percentile", scale: Scale::Percentile, text: |p| format!("{p}") },
        y: latency_axis(),
        lines: each(&percentiles),
        cells: Vec::new(),
        bound: None,
    });
    charts.extend(report.loads.iter().map(over_time));
    let lag = |load: &LoadReport| -> Vec<(f64, f64)> {
        load.intervals.iter().filter_map(|i| Some((i.at, i.lag? as f64))).collect()
    };
    let lags: Vec<Line> = report
        .loads
        .iter()
        .enumerate()
        .map(|(number, load)| line(&load.name, number, lag(load)))
        .filter(|line| line.points.iter().any(|point| point.1 > 0.0))
        .collect();
    charts.push(Chart {
        title: "Records that consumers have before them".to_owned(),
        x: seconds_axis(),
        y: Axis { label: "records", scale: Scale::Linear, text: short },
        lines: lags,
        cells: Vec::new(),
        bound: None,
    });
    charts
}

fn line(name: &str, colour: usize, points: Vec<(f64, f64)>) -> Line {
    Line { name: name.to_owned(), colour: colour % COLOURS, points }
}

fn seconds_axis() -> Axis {
    Axis { label: "seconds", scale: Scale::Linear, text: |value| format!("{value}") }
}

fn latency_axis() -> Axis {
    Axis { label: "latency", scale: Scale::Log, text: micros }
}

/// The curve of a load, up to where its last value is one in as many as there are.
fn percentiles(load: &LoadReport) -> Vec<(f64, f64)> {
    let last = 100.0 - 50.0 / load.latency_us.count.max(1) as f64;
    load.distribution.iter().map(|(percentile, us, _)| (percentile.min(last), *us)).collect()
}

/// The latencies of a load over time: how many of each, and three percentiles.
fn over_time(load: &LoadReport) -> Chart {
    let points = |of: fn(&super::Quantiles) -> f64| {
        let known = load.intervals.iter().filter_map(|i| Some((i.at, of(i.latency_us.as_ref()?))));
        known.collect::<Vec<_>>()
    };
    let lines =
        [("p50", points(|q| q.p50)), ("p99", points(|q| q.p99)), ("p99.9", points(|q| q.p99_9))];
    let what = match load.latency_of {
        LatencyOf::EndToEnd => "end to end",
        LatencyOf::Acknowledgement => "to the acknowledgement",
        LatencyOf::Fetch => "of each fetch",
    };
    Chart {
        title: format!("{}: latency {what} over time", load.name),
        x: seconds_axis(),
        y: latency_axis(),
        lines: lines_of(lines),
        cells: heat(load),
        bound: None,
    }
}

/// Lines in the colours of their places.
fn lines_of<const N: usize>(named: [(&str, Vec<(f64, f64)>); N]) -> Vec<Line> {
    named.into_iter().enumerate().map(|(n, (name, points))| line(name, n, points)).collect()
}

fn heat(load: &LoadReport) -> Vec<Cell> {
    let each = load.intervals.len().div_ceil(COLUMNS).max(1);
    let mut cells = Vec::new();
    for column in load.intervals.chunks(each) {
        let (Some(first), Some(last)) = (column.first(), column.last()) else { continue };
        let mut counts: Vec<(f64, u64)> = Vec::new();
        for (bound, count) in column.iter().flat_map(|interval| &interval.buckets) {
            match counts.iter_mut().find(|known| known.0 == *bound) {
                Some(known) => known.1 += count,
                None => counts.push((*bound, *count)),
            }
        }
        let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1);
        cells.extend(counts.into_iter().map(|(bound, count)| Cell {
            x: (first.at - first.seconds, last.at),
            y: (bound / std::f64::consts::SQRT_2, bound),
            // The few that are late must be seen beside the many that are not.
            share: 0.06 + 0.4 * ((count as f64).ln_1p() / (most as f64).ln_1p()),
        }));
    }
    cells
}

fn tables(report: &Report, out: &mut String) {
    out.push_str("<section><h2>Loads</h2><div class=\"wide\"><table><tr><th></th><th>MB/s</th><th>records/s</th>");
    out.push_str("<th>requests</th><th>mean</th>");
    for (name, _) in super::Latency::default().rows() {
        let _ = write!(out, "<th>{name}</th>");
    }
    out.push_str("</tr>");
    for load in &report.loads {
        let _ = write!(
            out,
            "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
            escape(&load.name),
            rate(load.mb_per_second),
            count(load.records_per_second),
            count(load.requests as f64),
            micros(load.latency_us.mean)
        );
        for (_, us) in load.latency_us.rows() {
            let _ = write!(out, "<td>{}</td>", micros(us));
        }
        out.push_str("</tr>");
    }
    out.push_str("</table></div></section>");
    sweep_table(report, out);
    out.push_str("<section class=\"two\"><div><h2>Measured</h2><table class=\"facts\">");
    for (name, value) in facts(report) {
        let _ = write!(out, "<tr><th>{}</th><td>{}</td></tr>", escape(&name), escape(&value));
    }
    let scenario = toml::to_string(&report.scenario).unwrap_or_default();
    let _ = write!(
        out,
        "</table></div><div><h2>Scenario</h2><pre>{}</pre></div></section>",
        escape(&scenario)
    );
}

fn sweep_table(report: &Report, out: &mut String) {
    let Some(sweep) = &report.sweep else { return };
    out.push_str(
        "<section><h2>Rates</h2><div class=\"wide\"><table><tr><th>records/s</th><th>achieved</th>",
    );
    out.push_str("<th>MB/s</th><th>p50</th><th>p99</th><th>p99.9</th><th>max</th><th></th></tr>");
    for step in &sweep.steps {
        let latency = &step.latency_us;
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            count(step.asked),
            count(step.achieved),
            rate(step.mb_per_second),
            micros(latency.p50),
            micros(latency.p99),
            micros(latency.p99_9),
            micros(latency.max),
            if step.kept { "kept" } else { "not kept" }
        );
    }
    out.push_str("</table></div></section>");
}

/// What there is to know beside the loads.
fn facts(report: &Report) -> Vec<(String, String)> {
    let at = &report.environment;
    let mut facts = vec![
        ("date".to_owned(), at.date.clone()),
        ("for".to_owned(), format!("{:.1} s", report.seconds)),
        ("broker".to_owned(), at.broker_line()),
        ("driver".to_owned(), format!("ringlog bench {} on {}", at.ringlog, at.host)),
        ("machine".to_owned(), format!("{} cores, {}", at.cores, at.processor)),
        ("kernel".to_owned(), at.kernel.clone()),
    ];
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    for load in report.loads.iter().filter(|load| load.kind == Kind::Consume) {
        if let Some(seconds) = load.caught_up_seconds {
            fact(&format!("{} caught up", load.name), format!("after {seconds:.1} s"));
        }
    }
    if let Some(broker) = &report.broker {
        fact(
            "broker's CPU",
            format!(
                "{:.2} s: {:.3} s for each GB, {:.2} s for each million records",
                broker.cpu_seconds,
                broker.cpu_seconds_per_gb,
                broker.cpu_seconds_per_million_records
            ),
        );
        fact("broker's memory", format!("{:.0} MiB", broker.resident_mib));
        if let (Some(written), Some(each)) = (broker.written_bytes, broker.written_bytes_per_byte) {
            let mb = written as f64 / 1e6;
            fact("broker wrote", format!("{mb:.1} MB: {each:.2} bytes for each byte"));
        }
    }
    if let Some(device) = &report.device {
        fact(
            &device.name,
            format!(
                "{:.2} bytes written for each byte; {:.2} operations for each MB ({} reads, {} writes, {} flushes)",
                device.written_bytes_per_byte,
                device.operations_per_mb,
                device.reads,
                device.writes,
                device.flushes
            ),
        );
    }
    if !report.scenario.source.is_empty() {
        fact("after", report.scenario.source.clone());
    }
    facts
}

/// Microseconds as a time with a fitting unit.
fn micros(us: f64) -> String {
    time(us * 1e3).replace("us", "µs").replace(".00 ", " ")
}

/// A rate with as many digits as tell something.
fn rate(value: f64) -> String {
    match value {
        v if v >= 100.0 || v == v.trunc() => count(v),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// A number for an axis.
fn short(value: f64) -> String {
    match value {
        v if v >= 1e6 => format!("{} M", (v / 1e5).round() / 10.0),
        v if v >= 1e3 => format!("{} k", (v / 1e2).round() / 10.0),
        v => format!("{v}"),
    }
}

/// A number with its thousands apart.
fn count(value: f64) -> String {
    let digits = format!("{:.0}", value.max(0.0));
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::report;

    #[test]
    fn a_page_needs_nothing_but_itself() {
        let mut report = report();
        report.scenario.about = "<img src=x>".to_owned();
        report.partial = Some("the broker died".to_owned());
        let page = page(&report);
        for foreign in ["<script", "src=", "url(", "@import", "<link"] {
            let mine = page.replace("&lt;img src=x&gt;", "");
            assert!(!mine.contains(foreign), "{foreign}");
        }
        for expected in
            ["prefers-color-scheme", "<svg", "the broker died", "Throughput over time", "p99.9"]
        {
            assert!(page.contains(expected), "{expected}");
        }
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(count(1_234_567.8), "1\u{2009}234\u{2009}568");
        assert_eq!(
            (rate(0.5), rate(12.34), rate(1234.5)),
            ("0.50".into(), "12.3".into(), "1\u{2009}234".into())
        );
        assert_eq!(
            (short(2500.0), short(500_000.0), short(20.0)),
            ("2.5 k".into(), "500 k".into(), "20".into())
        );
        assert_eq!((micros(1000.0), micros(50.0)), ("1 ms".into(), "50 µs".into()));
    }
}
