//! What can be asked of `ringlog bench`, and the scenarios that it becomes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::error::BenchError;
use crate::load::Target;
use crate::report::{Format, Outputs};
use crate::scenario::{
    self, Acks, Codec, ConsumerLoad, Keys, ProducerLoad, SECONDS_MAX, Scenario, Sizes, Start, Topic,
};
use crate::sweep::Rates;

/// Measure a broker, or what the machine can do without one.
#[derive(Clone, Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Produce batches made beforehand; latency is from when a batch was to be sent to its acknowledgement.
    Produce(ProduceCommand),
    /// Fetch a topic from its beginning to its end, again and again; latency is that of each request.
    Fetch(FetchCommand),
    /// Produce and consume at once; latency is also from when a batch was to be sent to its arrival.
    EndToEnd(EndToEndCommand),
    /// Produce to a server in this process that discards what comes: what the network of this machine
    /// and the driver themselves can do.
    Loopback(ProduceCommand),
    /// Run a scenario: a file that ends with .toml, or one that comes with the program, by name.
    Run(RunCommand),
    /// Try rates one after another, given or searched for, and tell the knee: the highest rate that is achieved
    /// (98 % of it) with p99 under a bound.
    Sweep(SweepCommand),
    /// Put two reports (--json) side by side, as ratios.
    Compare(CompareCommand),
    /// List the scenarios that come with the program, or print one to begin a file with.
    Scenarios(ScenariosCommand),
}

/// Whom to ask, for how long, and what to look at meanwhile.
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
    /// Process id of a broker on this machine: its CPU time, memory and I/O are reported too.
    #[arg(long, value_name = "PID")]
    pub(crate) broker_pid: Option<u32>,
    /// Block device of the broker's data, such as nvme0n1: its operations and bytes are reported too.
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
}

/// The topic and the time of a run that the command line describes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Frame {
    /// The topic; created when something is produced to it and it is missing.
    #[arg(short, long, default_value = "bench")]
    pub(crate) topic: String,
    /// How long to measure, in seconds.
    #[arg(short, long, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(SECONDS_MAX)))]
    pub(crate) seconds: u32,
    /// How long to run before measuring, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(0..=i64::from(SECONDS_MAX)))]
    pub(crate) warmup: u32,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ProduceCommand {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) frame: Frame,
    #[command(flatten)]
    pub(crate) producers: Producers,
}

/// Producers, described by the command line.
#[derive(Clone, Debug, Args)]
pub(crate) struct Producers {
    /// Connections, each with its share of the partitions; with keys, with all of them.
    #[arg(short, long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=65_535))]
    pub(crate) connections: u32,
    /// Partitions of the topic, when it is created.
    #[arg(short, long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) partitions: u32,
    /// Replicas of a partition, when the topic is created.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) replicas: u32,
    /// Set KEY to VALUE for the topic when it is created; may be given often.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) topic_config: Vec<(String, String)>,
    /// Bytes of a record's value: 1000, 100..2000, or 100:3,1KiB:1 (sizes with weights).
    #[arg(short, long, value_name = "SIZES", default_value = "1000")]
    pub(crate) record_bytes: Sizes,
    /// Bytes of a batch before compression, filled with as many records as go in, one at least; sizes as above.
    #[arg(long, value_name = "SIZES", default_value = "1MB")]
    pub(crate) batch_bytes: Sizes,
    /// Give each record one of N keys; it goes to the partition that Kafka's partitioner chooses for it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub(crate) keys: Option<u32>,
    /// Bytes of a key.
    #[arg(long, value_name = "BYTES", default_value_t = 16, requires = "keys",
          value_parser = clap::value_parser!(u32).range(1..=512))]
    pub(crate) key_bytes: u32,
    /// How batches are compressed, beforehand.
    #[arg(long, value_enum, default_value_t = Codec::None)]
    pub(crate) compression: Codec,
    /// When the broker is to acknowledge.
    #[arg(long, value_enum, default_value_t = Acks::All)]
    pub(crate) acks: Acks,
    /// Batches of a connection on their way at the same time.
    #[arg(short, long, value_name = "N", default_value_t = 5,
          value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) in_flight: u32,
    /// Records to send each second over all connections, evenly; as many as are taken when not given.
    #[arg(long, value_name = "RECORDS/S", value_parser = rate)]
    pub(crate) rate: Option<f64>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct FetchCommand {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(flatten)]
    pub(crate) frame: Frame,
    /// Connections, each with its share of the partitions.
    #[arg(short, long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=65_535))]
    pub(crate) connections: u32,
    /// Most bytes of an answer.
    #[arg(long, value_name = "BYTES", default_value = "4MiB", value_parser = fetch_bytes)]
    pub(crate) fetch_bytes: u32,
    /// Where to begin, and whether to go back there at the end.
    #[arg(long, value_enum, default_value_t = Start::Repeat)]
    pub(crate) start: Start,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct EndToEndCommand {
    #[command(flatten)]
    pub(crate) produce: ProduceCommand,
    /// Connections that consume, each with its share of the partitions.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=65_535))]
    pub(crate) consumers: u32,
    /// Most bytes of an answer to a consumer.
    #[arg(long, value_name = "BYTES", default_value = "4MiB", value_parser = fetch_bytes)]
    pub(crate) fetch_bytes: u32,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RunCommand {
    /// A file that ends with .toml, or the name of a scenario that comes with the program.
    pub(crate) scenario: String,
    #[command(flatten)]
    pub(crate) common: Common,
    /// Measure for so many seconds instead.
    #[arg(short, long, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(1..=i64::from(SECONDS_MAX)))]
    pub(crate) seconds: Option<u32>,
    /// Run for so many seconds before measuring instead.
    #[arg(long, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(0..=i64::from(SECONDS_MAX)))]
    pub(crate) warmup: Option<u32>,
    /// Use another topic.
    #[arg(short, long)]
    pub(crate) topic: Option<String>,
    /// Produce so many records each second over all its loads instead.
    #[arg(long, value_name = "RECORDS/S", value_parser = rate)]
    pub(crate) rate: Option<f64>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SweepCommand {
    #[command(flatten)]
    pub(crate) produce: ProduceCommand,
    /// Rates to try, in records a second; searched for by doubling and bisecting when not given.
    #[arg(long, value_name = "RECORDS/S,...", value_delimiter = ',', value_parser = rate)]
    pub(crate) rates: Vec<f64>,
    /// The rate to begin the search with, in records a second.
    #[arg(long, value_name = "RECORDS/S", default_value = "1000", value_parser = rate,
          conflicts_with = "rates")]
    pub(crate) from: f64,
    /// The p99 that a rate must stay under, in milliseconds: of end-to-end latency when something consumes.
    #[arg(long, value_name = "MS", default_value = "20", value_parser = rate)]
    pub(crate) p99_ms: f64,
    /// Connections that consume; none when 0.
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u32).range(0..=65_535))]
    pub(crate) consumers: u32,
    /// Sweep this scenario, a file or a name, instead of what the other options describe.
    #[arg(long, value_name = "FILE|NAME", conflicts_with_all = ["Producers", "consumers"])]
    pub(crate) scenario: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CompareCommand {
    /// The report that is compared with.
    #[arg(value_name = "A.json")]
    pub(crate) a: PathBuf,
    /// The report that is compared.
    #[arg(value_name = "B.json")]
    pub(crate) b: PathBuf,
    /// Print a table, or JSON.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct ScenariosCommand {
    /// Print this one.
    pub(crate) name: Option<String>,
}

impl Common {
    pub(crate) fn target(&self) -> Target {
        Target::Cluster(self.bootstrap_server.clone())
    }
}

impl Frame {
    fn scenario(&self, name: &str, topic: Topic) -> Scenario {
        let topic = Topic { name: self.topic.clone(), ..topic };
        let (warmup_seconds, seconds) = (self.warmup, self.seconds);
        Scenario { warmup_seconds, seconds, topic, ..Scenario::new(name) }
    }
}

impl Producers {
    fn topic(&self) -> Topic {
        let config = self.topic_config.iter().cloned().collect();
        let (partitions, replicas) = (self.partitions, self.replicas);
        Topic { partitions, replicas, config, ..Topic::default() }
    }

    fn load(&self) -> ProducerLoad {
        ProducerLoad {
            connections: self.connections,
            rate: self.rate,
            in_flight: self.in_flight,
            acks: self.acks,
            record_bytes: self.record_bytes.clone(),
            batch_bytes: self.batch_bytes.clone(),
            keys: self.keys.map(|count| Keys { count, bytes: self.key_bytes }),
            compression: self.compression,
            ..ProducerLoad::default()
        }
    }
}

impl ProduceCommand {
    /// What is asked, as a scenario.
    pub(crate) fn scenario(&self, name: &str) -> Scenario {
        let scenario = self.frame.scenario(name, self.producers.topic());
        Scenario { produce: vec![self.producers.load()], ..scenario }
    }
}

impl FetchCommand {
    /// What is asked, as a scenario.
    pub(crate) fn scenario(&self) -> Scenario {
        let load = ConsumerLoad {
            name: "fetch".to_owned(),
            connections: self.connections,
            start: self.start,
            fetch_bytes: Sizes::Fixed(self.fetch_bytes),
            ..ConsumerLoad::default()
        };
        let scenario = self.frame.scenario("fetch", Topic::default());
        Scenario { consume: vec![load], ..scenario }
    }
}

impl EndToEndCommand {
    /// What is asked, as a scenario.
    pub(crate) fn scenario(&self) -> Scenario {
        let load = ConsumerLoad {
            connections: self.consumers,
            fetch_bytes: Sizes::Fixed(self.fetch_bytes),
            ..ConsumerLoad::default()
        };
        Scenario { consume: vec![load], ..self.produce.scenario("end-to-end") }
    }
}

impl SweepCommand {
    /// What is asked, as a scenario whose rate is to be set.
    pub(crate) fn scenario(&self) -> Result<Scenario, BenchError> {
        if self.produce.producers.rate.is_some() {
            let why = "--rate is what a sweep sets itself: give --rates or --from";
            return Err(BenchError::Usage(why.to_owned()));
        }
        let frame = &self.produce.frame;
        if let Some(name) = &self.scenario {
            let scenario = scenario::find(name)?;
            if scenario.produce.is_empty() {
                let why = format!("scenario {name} produces nothing whose rate could be set");
                return Err(BenchError::Usage(why));
            }
            let (warmup_seconds, seconds) = (frame.warmup, frame.seconds);
            return Ok(Scenario { warmup_seconds, seconds, ..scenario });
        }
        let mut scenario = self.produce.scenario("sweep");
        if self.consumers > 0 {
            let connections = self.consumers;
            scenario.consume.push(ConsumerLoad { connections, ..ConsumerLoad::default() });
        }
        Ok(scenario)
    }

    /// The rates that are asked for.
    pub(crate) fn rates(&self) -> Rates {
        if self.rates.is_empty() {
            Rates::Search(self.from)
        } else {
            Rates::Given(self.rates.clone())
        }
    }
}

impl RunCommand {
    /// What is asked: the scenario, with what the command line sets otherwise.
    pub(crate) fn change(&self, scenario: &mut Scenario) {
        scenario.seconds = self.seconds.unwrap_or(scenario.seconds);
        scenario.warmup_seconds = self.warmup.unwrap_or(scenario.warmup_seconds);
        if let Some(topic) = &self.topic {
            scenario.topic.name.clone_from(topic);
        }
        if let Some(rate) = self.rate {
            scenario.set_rate(rate);
        }
    }
}

fn fetch_bytes(text: &str) -> Result<u32, String> {
    let bytes = scenario::bytes(text)?;
    if bytes == 0 { Err("must be above 0".to_owned()) } else { Ok(bytes) }
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if rate.is_finite() && rate > 0.0 { Ok(rate) } else { Err("must be above 0".to_owned()) }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("give KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn parsed(line: &str) -> Command {
        let words = std::iter::once("bench").chain(line.split_whitespace());
        Cli::try_parse_from(words)
            .map(|cli| cli.arguments.command)
            .unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn a_command_line_becomes_a_scenario() {
        let Command::EndToEnd(command) = parsed(
            "end-to-end -t orders -p 4 -c 3 --keys 10 --key-bytes 4 --batch-bytes 16KiB --rate 500 \
             -r 100..200 --compression zstd --topic-config retention.ms=1000 -s 3 --consumers 2",
        ) else {
            panic!("another command");
        };
        let scenario = command.scenario();
        scenario.check().unwrap();
        assert_eq!((scenario.topic.name.as_str(), scenario.topic.partitions), ("orders", 4));
        let load = &scenario.produce[0];
        assert_eq!((load.connections, load.keys), (3, Some(Keys { count: 10, bytes: 4 })));
        assert_eq!((load.rate, &load.batch_bytes), (Some(500.0), &Sizes::Fixed(16384)));
        assert_eq!((scenario.consume[0].connections, scenario.consume[0].start), (2, Start::Tail));
        assert_eq!(scenario.topic.config.get("retention.ms").map(String::as_str), Some("1000"));
    }

    #[test]
    fn a_sweep_is_of_what_is_described_or_of_a_scenario() {
        let Command::Sweep(command) = parsed("sweep --rates 10,20 -c 2 --consumers 3") else {
            panic!("another command");
        };
        let scenario = command.scenario().unwrap();
        assert_eq!((scenario.produce[0].connections, scenario.consume[0].connections), (2, 3));
        assert!(matches!(command.rates(), Rates::Given(rates) if rates == [10.0, 20.0]));
        let Command::Sweep(command) = parsed("sweep --scenario long-run -s 5") else {
            panic!("another command");
        };
        assert_eq!(command.scenario().unwrap().seconds, 5);
        let words = "bench sweep --scenario long-run --connections 2".split(' ');
        assert!(Cli::try_parse_from(words).is_err());
    }

    #[test]
    fn what_the_command_line_sets_goes_before_the_scenario() {
        let Command::Run(command) = parsed("run long-run --seconds 5 -t other --rate 10") else {
            panic!("another command");
        };
        let mut scenario = scenario::find(&command.scenario).unwrap();
        command.change(&mut scenario);
        assert_eq!((scenario.seconds, scenario.rate()), (5, Some(10.0)));
        assert_eq!(scenario.topic.name, "other");
    }
}
