//! What came of a load, for people and for programs.

use std::io::{self, Write};

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::load::Totals;
use crate::plot;

/// What came of a load. Times are in the unit of the name, sizes in bytes, MB are 10^6 bytes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// The load: produce, fetch or loopback.
    pub(crate) load: &'static str,
    /// How long was measured, in seconds.
    pub(crate) seconds: f64,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
    pub(crate) records_per_second: f64,
    pub(crate) mb_per_second: f64,
    /// Of batches (produce) or requests (fetch).
    pub(crate) latency_us: Latency,
    /// MB/s in each second.
    pub(crate) mb_per_second_over_time: Vec<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) broker: Option<BrokerUse>,
    /// Why it ended early, if it did; the rest is what was measured until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) partial: Option<String>,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Latency {
    pub(crate) mean: f64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p99_9: f64,
    pub(crate) p99_99: f64,
    pub(crate) max: f64,
}

#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct BrokerUse {
    pub(crate) cpu_seconds: f64,
    pub(crate) cpu_seconds_per_gb: f64,
    pub(crate) cpu_us_per_record: f64,
    pub(crate) resident_mib: f64,
}

impl Latency {
    pub(crate) fn of(nanos: &Histogram<u64>) -> Self {
        let at = |quantile: f64| nanos.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            mean: nanos.mean() / 1e3,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: at(0.999),
            p99_99: at(0.9999),
            max: nanos.max() as f64 / 1e3,
        }
    }
}

impl Report {
    pub(crate) fn new(
        load: &'static str,
        seconds: f64,
        totals: Totals,
        latency: &Histogram<u64>,
        over_time: Vec<f64>,
    ) -> Self {
        let each_second = |count: u64| if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
        Self {
            load,
            seconds,
            records: totals.records,
            bytes: totals.bytes,
            requests: totals.requests,
            records_per_second: each_second(totals.records),
            mb_per_second: each_second(totals.bytes) / 1e6,
            latency_us: Latency::of(latency),
            mb_per_second_over_time: over_time,
            broker: None,
            partial: None,
        }
    }

    pub(crate) fn broker_used(&mut self, cpu_seconds: f64, resident: u64) {
        self.broker = Some(BrokerUse {
            cpu_seconds,
            cpu_seconds_per_gb: cpu_seconds / (self.bytes.max(1) as f64 / 1e9),
            cpu_us_per_record: cpu_seconds * 1e6 / self.records.max(1) as f64,
            resident_mib: resident as f64 / f64::from(1 << 20),
        });
    }

    /// Writes it for people.
    pub(crate) fn write_table(
        &self,
        out: &mut impl Write,
        latency: &Histogram<u64>,
    ) -> io::Result<()> {
        if let Some(why) = &self.partial {
            writeln!(out, "PARTIAL: {why}")?;
        }
        let what = if self.load == "fetch" { "answers" } else { "batches" };
        writeln!(
            out,
            "{:<12}{:.1} MB/s   {:.0} records/s   {} {what} in {:.1} s",
            self.load, self.mb_per_second, self.records_per_second, self.requests, self.seconds
        )?;
        if self.mb_per_second_over_time.len() > 1 {
            let (line, low, high) = plot::sparkline(&self.mb_per_second_over_time);
            writeln!(out, "{:<12}{line}  {low:.0} to {high:.0} MB/s", "over time")?;
        }
        if let Some(broker) = &self.broker {
            writeln!(
                out,
                "{:<12}{:.2} CPU s   {:.3} s/GB   {:.2} us/record   {:.0} MiB resident",
                "broker",
                broker.cpu_seconds,
                broker.cpu_seconds_per_gb,
                broker.cpu_us_per_record,
                broker.resident_mib
            )?;
        }
        writeln!(out, "latency     of {what}, mean {}", plot::time(self.latency_us.mean * 1e3))?;
        plot::percentiles(out, latency)
    }
}
