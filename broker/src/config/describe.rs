//! What DescribeConfigs answers.

use std::collections::BTreeMap;

use super::broker::BrokerConfig;
use super::error::TopicConfigError;
use super::setting::{Setting, UpdateMode};
use super::topic::TopicConfig;
use super::value::Kind;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i8)]
pub enum ConfigSource {
    /// Set for the topic.
    TopicConfig = 1,
    /// Set by AlterConfigs for this broker.
    DynamicBrokerConfig = 2,
    /// Set by AlterConfigs for all brokers.
    DynamicDefaultBrokerConfig = 3,
    /// Given when the broker started.
    StaticBrokerConfig = 4,
    /// The default.
    DefaultConfig = 5,
}

impl ConfigSource {
    /// The number that DescribeConfigs has for it.
    pub fn code(self) -> i8 {
        self as i8
    }
}

/// One setting, as DescribeConfigs shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEntry {
    /// Name.
    pub name: &'static str,
    /// Value; `None` when there is none or it is sensitive.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: ConfigSource,
    /// Whether it cannot change while the broker runs.
    pub read_only: bool,
    /// Whether its value is not shown.
    pub sensitive: bool,
    /// Where it could come from, and what it would be, the one in force first.
    pub synonyms: Vec<ConfigSynonym>,
    /// The kind of its values.
    pub kind: Kind,
    /// What it means.
    pub documentation: String,
}

/// A value that one source gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigSynonym {
    /// Name that the source has for the setting.
    pub name: &'static str,
    /// Value; `None` when it is sensitive.
    pub value: Option<String>,
    /// The source.
    pub source: ConfigSource,
}

/// Every setting of a topic, sorted by name.
///
/// # Errors
/// When the stored overrides cannot be read, see [`TopicConfig::resolve`].
pub fn describe_topic(
    broker: &BrokerConfig,
    overrides: &BTreeMap<String, String>,
) -> Result<Vec<ConfigEntry>, TopicConfigError> {
    TopicConfig::resolve(broker, overrides)?;
    let defaults = broker.topic_defaults();
    let mut entries = Vec::with_capacity(TopicConfig::SETTINGS.len());
    for setting in TopicConfig::SETTINGS {
        let own = overrides.get(setting.name).map(|value| setting.canonical(value)).transpose()?;
        let mut synonyms = Vec::new();
        if let Some(value) = &own {
            synonyms.push(ConfigSynonym {
                name: setting.name,
                value: shown(setting, value),
                source: ConfigSource::TopicConfig,
            });
        }
        if let Some(twin) = setting.twin {
            synonyms.extend(broker_synonyms(broker, twin));
        }
        let value = own.or_else(|| defaults.get(setting.name).cloned());
        entries.push(entry(setting, value.as_deref(), synonyms, false));
    }
    Ok(entries)
}

/// Every setting of the broker, sorted by name.
pub fn describe_broker(broker: &BrokerConfig) -> Vec<ConfigEntry> {
    let described = BrokerConfig::SETTINGS.iter().map(|setting| {
        let synonyms = broker_synonyms(broker, setting.name);
        let read_only = setting.update == UpdateMode::ReadOnly;
        entry(setting, broker.text(setting.name), synonyms, read_only)
    });
    described.collect()
}

fn entry(
    setting: &'static Setting,
    value: Option<&str>,
    synonyms: Vec<ConfigSynonym>,
    read_only: bool,
) -> ConfigEntry {
    ConfigEntry {
        name: setting.name,
        value: value.and_then(|value| shown(setting, value)),
        source: synonyms.first().map_or(ConfigSource::DefaultConfig, |first| first.source),
        read_only,
        sensitive: setting.sensitive,
        synonyms,
        kind: setting.kind,
        documentation: setting.doc.trim().to_owned(),
    }
}

fn shown(setting: &Setting, value: &str) -> Option<String> {
    (!setting.sensitive).then(|| value.to_owned())
}

/// The values that a broker's setting and its other names have, source by source. As in Kafka, what
/// comes before the first one of the setting's own name is left out: `log.retention.hours` is not
/// shown where `log.retention.ms` is asked for and not given.
fn broker_synonyms(broker: &BrokerConfig, name: &'static str) -> Vec<ConfigSynonym> {
    let single = [name];
    let names: &[&'static str] = match name {
        "log.retention.ms" | "log.retention.minutes" | "log.retention.hours" => {
            &["log.retention.ms", "log.retention.minutes", "log.retention.hours"]
        }
        "log.roll.ms" | "log.roll.hours" => &["log.roll.ms", "log.roll.hours"],
        "log.roll.jitter.ms" | "log.roll.jitter.hours" => {
            &["log.roll.jitter.ms", "log.roll.jitter.hours"]
        }
        "log.flush.interval.ms" => &["log.flush.interval.ms", "log.flush.scheduler.interval.ms"],
        _ => &single,
    };
    let sources = [
        ConfigSource::DynamicBrokerConfig,
        ConfigSource::DynamicDefaultBrokerConfig,
        ConfigSource::StaticBrokerConfig,
        ConfigSource::DefaultConfig,
    ];
    let mut synonyms = Vec::new();
    for (layer, source) in sources.into_iter().enumerate() {
        for name in names.iter().copied() {
            let Some(setting) = BrokerConfig::setting(name) else { continue };
            let value = match source {
                ConfigSource::DefaultConfig => setting.default,
                _ => broker.layers(name).get(layer).copied().flatten(),
            };
            if let Some(value) = value {
                synonyms.push(ConfigSynonym { name, value: shown(setting, value), source });
            }
        }
    }
    let own = synonyms.iter().position(|synonym| synonym.name == name);
    synonyms.drain(..own.unwrap_or(synonyms.len()));
    synonyms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synonyms(entry: &ConfigEntry) -> Vec<(&str, &str, i8)> {
        let plain = |s: &'_ ConfigSynonym| (s.name, s.source.code());
        entry
            .synonyms
            .iter()
            .map(|s| (plain(s).0, s.value.as_deref().unwrap_or("?"), plain(s).1))
            .collect()
    }

    fn find<'a>(entries: &'a [ConfigEntry], name: &str) -> &'a ConfigEntry {
        entries.iter().find(|entry| entry.name == name).unwrap()
    }

    fn topic(broker: &BrokerConfig, overrides: &[(&str, &str)]) -> Vec<ConfigEntry> {
        let overrides = overrides.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        describe_topic(broker, &overrides).unwrap()
    }

    #[test]
    fn synonyms_go_from_the_topic_to_the_default() {
        let broker = BrokerConfig::from_pairs([("log.segment.bytes", "2000000")]).unwrap();
        let entries = topic(&broker, &[("segment.bytes", "3000000")]);
        let entry = find(&entries, "segment.bytes");
        assert_eq!(entry.value.as_deref(), Some("3000000"));
        assert_eq!(entry.source, ConfigSource::TopicConfig);
        assert_eq!(
            synonyms(entry),
            [
                ("segment.bytes", "3000000", 1),
                ("log.segment.bytes", "2000000", 4),
                ("log.segment.bytes", "1073741824", 5)
            ]
        );
    }

    #[test]
    fn hours_are_shown_only_beside_a_value_in_ms() {
        let broker = BrokerConfig::from_pairs([("log.retention.hours", "2")]).unwrap();
        let entries = topic(&broker, &[]);
        let entry = find(&entries, "retention.ms");
        assert_eq!(entry.value.as_deref(), Some("7200000"));
        assert_eq!((entry.source, entry.synonyms.len()), (ConfigSource::DefaultConfig, 0));

        let broker = BrokerConfig::from_pairs([("log.retention.ms", "5")]).unwrap();
        let entries = topic(&broker, &[]);
        assert_eq!(
            synonyms(find(&entries, "retention.ms")),
            [("log.retention.ms", "5", 4), ("log.retention.hours", "168", 5)]
        );
    }

    #[test]
    fn dynamic_values_go_before_static_ones() {
        let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        let broker = BrokerConfig::from_pairs([("message.max.bytes", "10")])
            .unwrap()
            .with_dynamic(&one("message.max.bytes", "20"), &one("message.max.bytes", "30"))
            .unwrap();
        assert_eq!(broker.message_max_bytes, 30);
        let entries = describe_broker(&broker);
        let entry = find(&entries, "message.max.bytes");
        assert!(!entry.read_only);
        let sources: Vec<i8> = entry.synonyms.iter().map(|s| s.source.code()).collect();
        assert_eq!(sources, [2, 3, 4, 5]);
        assert_eq!(find(&topic(&broker, &[]), "max.message.bytes").value.as_deref(), Some("30"));
    }

    #[test]
    fn a_read_only_setting_does_not_change() {
        let dirs = BTreeMap::from([("log.dirs".to_owned(), "/x".to_owned())]);
        let error = BrokerConfig::default().with_dynamic(&BTreeMap::new(), &dirs).unwrap_err();
        assert_eq!(error.to_string(), "Cannot update these configs dynamically: [log.dirs]");
        let entries = describe_broker(&BrokerConfig::default());
        assert!(find(&entries, "log.dirs").read_only);
        assert_eq!(find(&entries, "log.dirs").value, None);
    }

    // As `kafka-configs --describe --all` prints them for a topic of Apache Kafka 4.3.1.
    const KAFKA_TOPIC: &str = include_str!("kafka_topic_configs.txt");

    #[test]
    fn a_topic_without_settings_is_described_as_kafka_describes_it() {
        let mut ours = String::new();
        for entry in topic(&BrokerConfig::default(), &[]) {
            let synonyms: Vec<String> = entry
                .synonyms
                .iter()
                .map(|s| format!("DEFAULT_CONFIG:{}={}", s.name, s.value.as_deref().unwrap_or("")))
                .collect();
            ours.push_str(&format!(
                "{}={} sensitive={} synonyms={{{}}}\n",
                entry.name,
                entry.value.unwrap_or_default(),
                entry.sensitive,
                synonyms.join(", ")
            ));
        }
        assert_eq!(ours, KAFKA_TOPIC);
    }
}
