//! What a run is: the topic, the time, and the loads that run at once.
//!
//! The command line, a file and a built-in scenario all become one [`Scenario`]; nothing behind it knows
//! where it came from. No input or output here but the reading of files in `file`.

mod builtin;
mod file;
mod sizes;

use std::collections::BTreeMap;

use clap::ValueEnum;
use ringlog_engine::batch::Compression;
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};

pub(crate) use builtin::{BUILTIN, builtin};
pub use file::ScenarioError;
pub(crate) use file::find;
pub use sizes::Sizes;
pub(crate) use sizes::bytes;

use crate::error::BenchError;

/// Longest run, in seconds: ten days.
pub(crate) const SECONDS_MAX: u32 = 864_000;
/// Least bytes of a value that tells when it was sent.
pub(crate) const STAMP_BYTES: u32 = 16;

/// A run, described.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// What it is to show.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The publication that it follows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// How long it runs before it is measured, in seconds.
    #[serde(default = "one", deserialize_with = "within::<_, 0, 864_000>")]
    pub warmup_seconds: u32,
    /// How long it is measured, in seconds.
    #[serde(default = "ten", deserialize_with = "within::<_, 1, 864_000>")]
    pub seconds: u32,
    /// The topic.
    #[serde(default)]
    pub topic: Topic,
    /// Loads that produce.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub produce: Vec<ProducerLoad>,
    /// Loads that consume.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consume: Vec<ConsumerLoad>,
}

/// The topic of a run. It is created when a load produces and it is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its partitions, when it is created.
    #[serde(deserialize_with = "within::<_, 1, 100_000>")]
    pub partitions: u32,
    /// Replicas of a partition, when it is created.
    #[serde(deserialize_with = "within::<_, 1, 100>")]
    pub replicas: u32,
    /// Its settings, when it is created.
    #[serde(deserialize_with = "settings", skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, String>,
}

/// Producers that work alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProducerLoad {
    /// What reports call it.
    pub name: String,
    /// Connections to the leaders, each with its share of the partitions; with keys, with all of them.
    #[serde(deserialize_with = "within::<_, 1, 65_535>")]
    pub connections: u32,
    /// Records to send each second over all connections, evenly; as many as are taken when there is none.
    #[serde(deserialize_with = "rate", skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Batches of a connection on their way at the same time.
    #[serde(deserialize_with = "within::<_, 1, 1024>")]
    pub in_flight: u32,
    /// When the broker is to acknowledge.
    pub acks: Acks,
    /// Bytes of a record's value.
    pub record_bytes: Sizes,
    /// Bytes of a batch before it is compressed, filled with as many records as go in, one at least.
    pub batch_bytes: Sizes,
    /// Keys of the records; none when it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Keys>,
    /// How batches are compressed, beforehand.
    pub compression: Codec,
}

/// Keys of records. A record goes to the partition that Kafka's own partitioner chooses for its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// Different keys.
    #[serde(deserialize_with = "within::<_, 1, 10_000_000>")]
    pub count: u32,
    /// Bytes of each.
    #[serde(deserialize_with = "within::<_, 1, 512>")]
    pub bytes: u32,
}

/// Consumers that work alike: together they read each partition once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsumerLoad {
    /// What reports call it.
    pub name: String,
    /// Connections to the leaders, each with its share of the partitions.
    #[serde(deserialize_with = "within::<_, 1, 65_535>")]
    pub connections: u32,
    /// Where they begin.
    pub start: Start,
    /// How long they wait before they begin to read, in seconds of the measured time. What is produced
    /// meanwhile is a backlog, which they drain while more is produced.
    #[serde(deserialize_with = "within::<_, 0, 864_000>", skip_serializing_if = "is_zero")]
    pub after_seconds: u32,
    /// Most bytes of an answer.
    pub fetch_bytes: Sizes,
}

/// When the broker is to acknowledge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
pub enum Acks {
    /// When all replicas in sync have the batch.
    #[serde(rename = "all")]
    All,
    /// When the leader has it.
    #[value(name = "1")]
    #[serde(rename = "1")]
    Leader,
}

/// Where a consumer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// At the end that there is when the run begins.
    Tail,
    /// At the first record that there is; then it goes on at the end.
    Beginning,
    /// At the first record; at the end that there was when the run began it goes back there.
    Repeat,
}

/// A codec of record batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Codec {
    #[default]
    None,
    Gzip,
    Snappy,
    Lz4,
    Zstd,
}

impl Acks {
    /// As a request has it.
    pub(crate) fn code(self) -> i16 {
        match self {
            Self::All => -1,
            Self::Leader => 1,
        }
    }
}

impl Codec {
    /// The engine's.
    pub(crate) fn compression(self) -> Compression {
        match self {
            Self::None => Compression::None,
            Self::Gzip => Compression::Gzip,
            Self::Snappy => Compression::Snappy,
            Self::Lz4 => Compression::Lz4,
            Self::Zstd => Compression::Zstd,
        }
    }
}

impl Default for Topic {
    fn default() -> Self {
        Self { name: "bench".to_owned(), partitions: 1, replicas: 1, config: BTreeMap::new() }
    }
}

impl Default for ProducerLoad {
    fn default() -> Self {
        Self {
            name: "produce".to_owned(),
            connections: 1,
            rate: None,
            in_flight: 5,
            acks: Acks::All,
            record_bytes: Sizes::Fixed(1000),
            batch_bytes: Sizes::Fixed(1_000_000),
            keys: None,
            compression: Codec::None,
        }
    }
}

impl Default for ConsumerLoad {
    fn default() -> Self {
        Self {
            name: "consume".to_owned(),
            connections: 1,
            start: Start::Tail,
            after_seconds: 0,
            fetch_bytes: Sizes::Fixed(4 << 20),
        }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self { count: 10_000, bytes: 16 }
    }
}

impl Scenario {
    /// A run of one topic for ten seconds, still without loads.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            about: String::new(),
            source: String::new(),
            warmup_seconds: one(),
            seconds: ten(),
            topic: Topic::default(),
            produce: Vec::new(),
            consume: Vec::new(),
        }
    }

    /// What no single key can be wrong about.
    ///
    /// # Errors
    /// [`BenchError::Usage`] with what is wrong and how to mend it.
    pub(crate) fn check(&self) -> Result<(), BenchError> {
        let wrong =
            |what: String| Err(BenchError::Usage(format!("scenario {}: {what}", self.name)));
        if self.produce.is_empty() && self.consume.is_empty() {
            return wrong("it has no load: add [[produce]] or [[consume]]".to_owned());
        }
        let mut names = std::collections::BTreeSet::new();
        for name in self.produce.iter().map(|p| &p.name).chain(self.consume.iter().map(|c| &c.name))
        {
            if !names.insert(name) {
                return wrong(format!("two loads are called {name}: give each its own name"));
            }
        }
        for load in &self.produce {
            if load.record_bytes.most() > 16 << 20 {
                return wrong(format!("record_bytes of {} is above 16 MiB", load.name));
            }
            if load.batch_bytes.least() == 0 {
                return wrong(format!("batch_bytes of {} is 0", load.name));
            }
        }
        for load in &self.consume {
            if load.fetch_bytes.least() == 0 {
                return wrong(format!("fetch_bytes of {} is 0", load.name));
            }
            if load.after_seconds >= self.seconds {
                return wrong(format!("{} begins after the measured time has ended", load.name));
            }
        }
        Ok(())
    }

    /// Whether the consumers of this scenario tell the time from when a batch was to be sent.
    pub(crate) fn is_end_to_end(&self) -> bool {
        !self.produce.is_empty()
    }

    /// Records that are to be produced each second by all loads; none when a load has no rate.
    pub(crate) fn rate(&self) -> Option<f64> {
        self.produce.iter().map(|load| load.rate).sum()
    }

    /// Sets the rate of all producing loads together, each its share as it was.
    pub(crate) fn set_rate(&mut self, rate: f64) {
        let before = self.rate();
        let even = 1.0 / self.produce.len().max(1) as f64;
        for load in &mut self.produce {
            let share = match (load.rate, before) {
                (Some(mine), Some(all)) if all > 0.0 => mine / all,
                _ => even,
            };
            load.rate = Some(rate * share);
        }
    }
}

fn one() -> u32 {
    1
}

fn ten() -> u32 {
    10
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde calls it so
fn is_zero(value: &u32) -> bool {
    *value == 0
}

fn within<'de, D: Deserializer<'de>, const LEAST: u32, const MOST: u32>(
    deserializer: D,
) -> Result<u32, D::Error> {
    let value = i64::deserialize(deserializer)?;
    u32::try_from(value)
        .ok()
        .filter(|value| (LEAST..=MOST).contains(value))
        .ok_or_else(|| de::Error::custom(format!("{value} is not between {LEAST} and {MOST}")))
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let rate = f64::deserialize(deserializer)?;
    if rate.is_finite() && rate > 0.0 {
        Ok(Some(rate))
    } else {
        Err(de::Error::custom(format!("{rate} is no rate: give records a second, above 0")))
    }
}

/// Settings whose values may be numbers and truths as well.
fn settings<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a setting is a text, a number, true or false")]
    enum Value {
        Text(String),
        Whole(i64),
        Number(f64),
        Truth(bool),
    }
    let values = BTreeMap::<String, Value>::deserialize(deserializer)?;
    let text = |value| match value {
        Value::Text(text) => text,
        Value::Whole(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Truth(truth) => truth.to_string(),
    };
    Ok(values.into_iter().map(|(key, value)| (key, text(value))).collect())
}

impl<'de> Deserialize<'de> for Acks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "acks is \"all\", -1 or 1")]
        enum Value {
            Text(String),
            Number(i64),
        }
        match Value::deserialize(deserializer)? {
            Value::Text(text) if text == "all" || text == "-1" => Ok(Self::All),
            Value::Text(text) if text == "1" => Ok(Self::Leader),
            Value::Number(-1) => Ok(Self::All),
            Value::Number(1) => Ok(Self::Leader),
            _ => Err(de::Error::custom("acks is \"all\", -1 or 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ConsumerLoad, ProducerLoad, Scenario};

    #[test]
    fn a_rate_is_shared_out_as_it_was() {
        let mut scenario = Scenario::new("s");
        let load = |rate| ProducerLoad { rate: Some(rate), ..ProducerLoad::default() };
        scenario.produce = vec![load(100.0), load(300.0)];
        scenario.set_rate(40.0);
        assert_eq!(scenario.rate(), Some(40.0));
        assert_eq!(scenario.produce[0].rate, Some(10.0));
    }

    #[test]
    fn a_scenario_without_loads_or_with_names_given_twice_is_refused() {
        let mut scenario = Scenario::new("s");
        assert!(scenario.check().unwrap_err().to_string().contains("no load"));
        scenario.produce = vec![ProducerLoad::default()];
        scenario.check().unwrap();
        let name = "produce".to_owned();
        scenario.consume = vec![ConsumerLoad { name, ..ConsumerLoad::default() }];
        assert!(scenario.check().unwrap_err().to_string().contains("called produce"));
    }

    #[test]
    fn a_scenario_comes_back_from_its_text() {
        let mut scenario = Scenario::new("s");
        scenario.produce = vec![ProducerLoad {
            keys: Some(super::Keys::default()),
            record_bytes: "10..20".parse().unwrap(),
            ..ProducerLoad::default()
        }];
        scenario.consume = vec![ConsumerLoad::default()];
        scenario.topic.config.insert("retention.ms".to_owned(), "1000".to_owned());
        let text = toml::to_string(&scenario).unwrap();
        assert_eq!(toml::from_str::<Scenario>(&text).unwrap(), scenario, "{text}");
        let text = serde_json::to_string(&scenario).unwrap();
        assert_eq!(serde_json::from_str::<Scenario>(&text).unwrap(), scenario, "{text}");
    }
}
