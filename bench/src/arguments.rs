//! What can be asked of `ringlog bench`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::error::BenchError;

/// Most bytes of one batch: what a broker set to the most takes.
const BATCH_MAX: u64 = 64 << 20;

/// Measure a broker, or what the machine can do without one.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub(crate) load: LoadArguments,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum LoadArguments {
    /// Produce batches made beforehand; latency is from when a batch was to be sent to its acknowledgement.
    Produce(ProduceArguments),
    /// Fetch a topic from its beginning to its end, again and again; latency is that of each request.
    Fetch(FetchArguments),
    /// The same driver against a server in this process that discards what is produced: what the
    /// network of this machine and the driver themselves can do.
    Loopback(ProduceArguments),
}

/// What every load has.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// Brokers to begin with.
    #[arg(
        short = 'b',
        long,
        value_name = "HOST:PORT,...",
        env = "RINGLOG_BOOTSTRAP",
        default_value = "localhost:9092",
        value_delimiter = ','
    )]
    pub(crate) bootstrap_server: Vec<String>,
    /// The topic; created by the producing load when it is missing.
    #[arg(short, long, default_value = "bench")]
    pub(crate) topic: String,
    /// Connections, each with its own thread and its share of the partitions.
    #[arg(short, long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u16).range(1..=4096))]
    pub(crate) connections: u16,
    /// How long to measure, in seconds.
    #[arg(short, long, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=864_000))]
    pub(crate) seconds: u32,
    /// How long to run before measuring, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    pub(crate) warmup: u32,
    /// Process id of a broker on this machine: its CPU time and memory are reported too.
    #[arg(long, value_name = "PID")]
    pub(crate) broker_pid: Option<u32>,
    /// Print a table and a plot, or JSON.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Also write the latencies to FILE, as percentiles in microseconds (`percentile value count`).
    #[arg(long, value_name = "FILE")]
    pub(crate) percentiles: Option<PathBuf>,
}

/// How the report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// When the broker is to acknowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Acks {
    /// When all replicas in sync have the batch.
    All,
    /// When the leader has it.
    #[value(name = "1")]
    Leader,
}

impl Acks {
    pub(crate) fn code(self) -> i16 {
        match self {
            Self::All => -1,
            Self::Leader => 1,
        }
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ProduceArguments {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Partitions of the topic, when it is created.
    #[arg(short, long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(i32).range(1..=100_000))]
    pub(crate) partitions: i32,
    /// Bytes of a record's value.
    #[arg(short, long, value_name = "BYTES", default_value_t = 1000,
          value_parser = clap::value_parser!(u32).range(0..=16 << 20))]
    pub(crate) record_bytes: u32,
    /// Bytes of a batch, filled with as many records as go in, one at least: 16KiB, 1MiB.
    #[arg(long, value_name = "BYTES", default_value = "1MB", value_parser = bytes)]
    pub(crate) batch_bytes: u64,
    /// When the broker is to acknowledge.
    #[arg(long, value_enum, default_value_t = Acks::All)]
    pub(crate) acks: Acks,
    /// Batches of a connection on their way at the same time.
    #[arg(short, long, value_name = "N", default_value_t = 5,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) in_flight: u16,
    /// Records to send each second over all connections, evenly; as many as are taken when not given.
    #[arg(long, value_name = "RECORDS/S", value_parser = rate)]
    pub(crate) rate: Option<f64>,
    /// Set KEY to VALUE for the topic when it is created; may be given often.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) topic_config: Vec<(String, String)>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct FetchArguments {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Most bytes of an answer.
    #[arg(long, value_name = "BYTES", default_value = "4MiB", value_parser = bytes)]
    pub(crate) fetch_bytes: u64,
}

impl LoadArguments {
    pub(crate) fn common(&self) -> &Common {
        match self {
            Self::Produce(produce) | Self::Loopback(produce) => &produce.common,
            Self::Fetch(fetch) => &fetch.common,
        }
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(at);
    let unit = match unit.trim() {
        "" | "B" => 1,
        "k" | "kB" | "KB" => 1000,
        "M" | "MB" => 1_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return Err("give bytes, or a number with KB, KiB, MB or MiB".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "not a number".to_owned())?;
    number
        .checked_mul(unit)
        .filter(|bytes| (1..=BATCH_MAX).contains(bytes))
        .ok_or_else(|| "must be between 1 byte and 64 MiB".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if rate.is_finite() && rate > 0.0 { Ok(rate) } else { Err("must be above 0".to_owned()) }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("give KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

impl ProduceArguments {
    /// Interval of one connection's batches at the rate asked for, in seconds.
    pub(crate) fn interval(
        &self,
        records_per_batch: u32,
        workers: usize,
    ) -> Result<Option<std::time::Duration>, BenchError> {
        let Some(rate) = self.rate else { return Ok(None) };
        let seconds = f64::from(records_per_batch) * workers as f64 / rate;
        std::time::Duration::try_from_secs_f64(seconds)
            .ok()
            .filter(|interval| !interval.is_zero())
            .map(Some)
            .ok_or_else(|| BenchError::Usage(format!("--rate {rate} cannot be kept")))
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_have_units_and_limits() {
        assert_eq!(bytes("1MiB"), Ok(1 << 20));
        assert_eq!(bytes("16KiB"), Ok(16 << 10));
        assert_eq!(bytes("1000"), Ok(1000));
        assert!(bytes("0").is_err());
        assert!(bytes("1GiB").is_err());
        assert!(bytes("99999999999999999999MiB").is_err());
    }
}
