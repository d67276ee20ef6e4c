//! What came of a run: one type that all outputs are made of, and that comes back from its JSON.
//!
//! Times are in the unit of the name, sizes in bytes, MB are 10^6 bytes and GB 10^9. `table`, `html` and
//! `hdr` show it; `compare` puts two of them side by side. Nothing here measures.

mod chart;
mod compare;
mod hdr;
mod html;
mod latency;
mod output;
mod plot;
mod table;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use compare::{compare, read};
pub(crate) use hdr::HdrLog;
pub use latency::{Latency, Quantiles};
pub(crate) use latency::{buckets, distribution};
pub(crate) use output::{Format, Outputs, print, write_json};
pub(crate) use plot::time;

use crate::scenario::Scenario;
use crate::wire::Identity;

/// Version of the format that a report is written in.
pub(crate) const FORMAT: u32 = 1;

/// What came of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Version of this format: 1.
    pub format: u32,
    /// Where and when it was measured.
    pub environment: Environment,
    /// What was run.
    pub scenario: Scenario,
    /// How long was measured, in seconds.
    pub seconds: f64,
    /// What came of each load, first those that produce.
    pub loads: Vec<LoadReport>,
    /// What the broker's process used, when its id was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker: Option<BrokerUse>,
    /// What a block device did, when its name was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceUse>,
    /// The rates that were tried, when it was a sweep. The loads are those of the knee then, or of the last
    /// rate when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<Sweep>,
    /// Why it ended early, if it did; the rest is what was measured until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
}

/// Where and when something was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// When the measured time began (UTC, RFC 3339).
    pub date: String,
    /// Version of this program, with the commit it was built from when that is known.
    pub ringlog: String,
    /// Name of the machine that makes the load.
    pub host: String,
    /// Its kernel.
    pub kernel: String,
    /// Its cores that this program may use.
    pub cores: usize,
    /// Their model.
    pub processor: String,
    /// Who took the load; none for the loopback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broker: Option<Identity>,
}

/// What came of a load.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadReport {
    /// Its name in the scenario.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// What its latencies are of.
    pub latency_of: LatencyOf,
    /// Records acknowledged or received.
    pub records: u64,
    /// Bytes of their batches.
    pub bytes: u64,
    /// Batches acknowledged, or answers with records.
    pub requests: u64,
    /// Records a second.
    pub records_per_second: f64,
    /// Megabytes a second.
    pub mb_per_second: f64,
    /// Records a second that were to be sent, when there was a rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_records_per_second: Option<f64>,
    /// Its latencies.
    pub latency_us: Latency,
    /// All of them: percentile, microseconds, and how many were as short or shorter.
    pub distribution: Vec<(f64, f64, u64)>,
    /// The course of it.
    pub intervals: Vec<Interval>,
    /// When consumers first had everything there was, in seconds after they began. None when they never had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caught_up_seconds: Option<f64>,
}

/// What a load does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It produces.
    Produce,
    /// It consumes.
    Consume,
}

/// What latencies are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LatencyOf {
    /// From when a batch was to be sent until its acknowledgement was there.
    Acknowledgement,
    /// From when a batch was to be sent until a consumer had it.
    EndToEnd,
    /// From when a fetch was sent until its answer was there.
    Fetch,
}

/// A load in a stretch of time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Interval {
    /// Its end, in seconds of the measured time.
    pub at: f64,
    /// Its length, in seconds.
    pub seconds: f64,
    /// Records in it.
    pub records: u64,
    /// Bytes in it.
    pub bytes: u64,
    /// Latencies in it; none when there was no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_us: Option<Quantiles>,
    /// A coarse histogram of them: the upper bound of each step, in microseconds, and how many were in it.
    pub buckets: Vec<(f64, u64)>,
    /// Records that consumers had still before them at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lag: Option<u64>,
}

/// What the broker's process used in the measured time. A byte or record here is one that was
/// acknowledged or, when nothing was produced, received.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct BrokerUse {
    /// CPU time of its threads, in seconds.
    pub cpu_seconds: f64,
    /// The same for each GB.
    pub cpu_seconds_per_gb: f64,
    /// The same for each million records.
    pub cpu_seconds_per_million_records: f64,
    /// Memory at the end, in MiB.
    pub resident_mib: f64,
    /// Bytes that the process caused to be read from devices (`/proc/PID/io`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_bytes: Option<u64>,
    /// Bytes that it caused to be written to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_bytes: Option<u64>,
    /// The same for each byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_bytes_per_byte: Option<f64>,
}

/// What a block device did in the measured time, whoever asked for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeviceUse {
    /// Its name.
    pub name: String,
    /// Reads.
    pub reads: u64,
    /// Bytes read.
    pub read_bytes: u64,
    /// Writes.
    pub writes: u64,
    /// Bytes written.
    pub written_bytes: u64,
    /// Flushes of its cache.
    pub flushes: u64,
    /// Bytes written for each byte that was acknowledged.
    pub written_bytes_per_byte: f64,
    /// Reads, writes and flushes for each MB that was acknowledged.
    pub operations_per_mb: f64,
}

/// Rates that were tried one after another.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sweep {
    /// The p99 that a rate must stay under, in milliseconds.
    pub p99_ms_max: f64,
    /// In the order of the rates.
    pub steps: Vec<Step>,
    /// The highest rate that was kept, in records a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knee: Option<f64>,
}

/// A rate that was tried.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Records a second that were to be sent.
    pub asked: f64,
    /// Records a second that were acknowledged.
    pub achieved: f64,
    /// Megabytes a second.
    pub mb_per_second: f64,
    /// Latencies of the load that is judged: a consumer's when there is one.
    pub latency_us: Latency,
    /// Whether p99 stayed under its bound and 98 % of the rate was achieved.
    pub kept: bool,
}

impl Report {
    /// Bytes and records that costs are told for: those acknowledged or, when nothing was produced, received.
    pub(crate) fn base(&self) -> (u64, u64) {
        let of = |kind| {
            let loads = self.loads.iter().filter(move |load| load.kind == kind);
            loads.fold((0, 0), |sum, load| (sum.0 + load.bytes, sum.1 + load.records))
        };
        match of(Kind::Produce) {
            (0, 0) => of(Kind::Consume),
            produced => produced,
        }
    }
}

impl LatencyOf {
    /// For people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Acknowledgement => "to the acknowledgement",
            Self::EndToEnd => "end to end",
            Self::Fetch => "of a fetch",
        }
    }
}

impl Environment {
    /// The broker in a line.
    pub(crate) fn broker_line(&self) -> String {
        let Some(broker) = &self.broker else { return "loopback, discarded".to_owned() };
        let features: &BTreeMap<String, i16> = &broker.features;
        let mut line = broker.address.clone();
        if broker.produce_version_max > 0 {
            let (produce, fetch) = (broker.produce_version_max, broker.fetch_version_max);
            line.push_str(&format!(", Produce up to v{produce}, Fetch up to v{fetch}"));
        }
        for (name, level) in features.iter().filter(|(name, _)| *name == "metadata.version") {
            line.push_str(&format!(", {name} {level}"));
        }
        line
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::scenario::{ConsumerLoad, ProducerLoad};

    /// A load with two intervals.
    fn load(name: &str, kind: Kind, latency_of: LatencyOf) -> LoadReport {
        let mut nanos = crate::load::histogram();
        (1..=1000_u64).for_each(|n| nanos.record(n * 10_000).unwrap());
        let interval = |at| Interval {
            at,
            seconds: 1.0,
            records: 1000,
            bytes: 1_000_000,
            latency_us: Quantiles::of(&nanos),
            buckets: buckets(&nanos),
            lag: (kind == Kind::Consume).then_some(7),
        };
        LoadReport {
            name: name.to_owned(),
            kind,
            latency_of,
            records: 2000,
            bytes: 2_000_000,
            requests: 2000,
            records_per_second: 1000.0,
            mb_per_second: 1.0,
            asked_records_per_second: Some(1000.0),
            latency_us: Latency::of(&nanos),
            distribution: distribution(&nanos),
            intervals: vec![interval(1.0), interval(2.0)],
            caught_up_seconds: None,
        }
    }

    /// A report of two seconds of producing.
    pub(crate) fn report() -> Report {
        let mut scenario = Scenario::new("test");
        scenario.produce.push(ProducerLoad::default());
        Report {
            format: FORMAT,
            environment: Environment {
                date: "2026-01-01T00:00:00Z".to_owned(),
                ringlog: "0.1.0".to_owned(),
                host: "host".to_owned(),
                kernel: "Linux".to_owned(),
                cores: 2,
                processor: "some".to_owned(),
                broker: None,
            },
            scenario,
            seconds: 2.0,
            loads: vec![load("produce", Kind::Produce, LatencyOf::Acknowledgement)],
            broker: None,
            device: None,
            sweep: None,
            partial: None,
        }
    }

    #[test]
    fn a_report_comes_back_from_its_json() {
        let mut report = report();
        report.scenario.consume.push(ConsumerLoad::default());
        report.loads.push(load("consume", Kind::Consume, LatencyOf::EndToEnd));
        let text = serde_json::to_string(&report).unwrap();
        let back: Report = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
        assert_eq!(back.base(), (2_000_000, 2000));
    }
}
