//! Settings of a topic.

use std::collections::BTreeMap;

use super::broker::BrokerConfig;
use super::error::{TopicConfigError, ValueError};
use super::setting::{Limit, Setting, Support, settings};
use super::suggest::nearest;
use super::value::{CleanupPolicies, CleanupPolicy, CompressionType, TimestampType};

const NO_TIERS: &str = "tiered storage is not implemented";
const NO_CLEANER: Support = Support::NoEffect("log compaction is not implemented");
const ALWAYS_DURABLE: Support =
    Support::NoEffect("every acknowledged record is on the medium before it is acknowledged");

settings! {
    /// The settings of a topic, each from the topic or else from the broker.
    pub struct TopicConfig, table TOPIC_SETTINGS, values TopicConfig;

    /// What happens to old records. `delete` removes whole segments by age and size.
    "cleanup.policy" cleanup_policy: CleanupPolicies = Some("delete"),
        limit: Limit::OneOf(&["compact", "delete"]),
        support: Support::Only {
            values: &["delete"],
            why: "log compaction is not implemented, and keeping every record for ever or deleting \
                  the latest value of a key would both be wrong",
        },
        twin: Some("log.cleanup.policy");
    /// Level of gzip, when the broker compresses.
    "compression.gzip.level" compression_gzip_level: i32 = Some("-1"),
        limit: Limit::BetweenOrMinusOne(1, 9),
        support: Support::NoEffect("batches are kept as producers compressed them"),
        twin: Some("compression.gzip.level");
    /// Level of LZ4, when the broker compresses.
    "compression.lz4.level" compression_lz4_level: i32 = Some("9"),
        limit: Limit::Between(1, 17),
        support: Support::NoEffect("batches are kept as producers compressed them"),
        twin: Some("compression.lz4.level");
    /// How batches are kept. `producer` keeps them as they were sent, compressed or not.
    "compression.type" compression_type: CompressionType = Some("producer"),
        limit: Limit::OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        support: Support::Only {
            values: &["producer"],
            why: "batches are kept as producers compressed them; set the producers' \
                  compression.type instead",
        },
        twin: Some("compression.type");
    /// Level of Zstandard, when the broker compresses.
    "compression.zstd.level" compression_zstd_level: i32 = Some("3"),
        limit: Limit::Between(-131_072, 22),
        support: Support::NoEffect("batches are kept as producers compressed them"),
        twin: Some("compression.zstd.level");
    /// Time for which a compacted topic keeps the markers of deleted keys, in ms.
    "delete.retention.ms" delete_retention_ms: i64 = Some("86400000"),
        limit: Limit::AtLeast(0),
        support: NO_CLEANER,
        twin: Some("log.cleaner.delete.retention.ms");
    /// Time between deleting a segment and removing its files, in ms.
    "file.delete.delay.ms" file_delete_delay_ms: i64 = Some("60000"),
        limit: Limit::AtLeast(0),
        support: Support::NoEffect("files are removed when no reader holds them"),
        twin: Some("log.segment.delete.delay.ms");
    /// Records after which Kafka would flush a log.
    "flush.messages" flush_messages: i64 = Some("9223372036854775807"),
        limit: Limit::AtLeast(1),
        support: ALWAYS_DURABLE,
        twin: Some("log.flush.interval.messages");
    /// Time after which Kafka would flush a log, in ms.
    "flush.ms" flush_ms: i64 = Some("9223372036854775807"),
        limit: Limit::AtLeast(0),
        support: ALWAYS_DURABLE,
        twin: Some("log.flush.interval.ms");
    /// Replicas whose fetching is throttled on the follower, as `partition:broker` or `*`.
    "follower.replication.throttled.replicas" follower_replication_throttled_replicas: Vec<String> = Some(""),
        support: Support::NoEffect("one node has no replication to throttle");
    /// Bytes of records between two entries of the offset index.
    "index.interval.bytes" index_interval_bytes: i32 = Some("4096"),
        limit: Limit::AtLeast(0),
        twin: Some("log.index.interval.bytes");
    /// Replicas whose fetching is throttled on the leader, as `partition:broker` or `*`.
    "leader.replication.throttled.replicas" leader_replication_throttled_replicas: Vec<String> = Some(""),
        support: Support::NoEffect("one node has no replication to throttle");
    /// Bytes a partition keeps locally beside tiered storage; -2 is `retention.bytes`.
    "local.retention.bytes" local_retention_bytes: i64 = Some("-2"),
        limit: Limit::AtLeast(-2),
        support: Support::Only { values: &["-2"], why: NO_TIERS },
        twin: Some("log.local.retention.bytes");
    /// Time a partition keeps records locally beside tiered storage, in ms; -2 is `retention.ms`.
    "local.retention.ms" local_retention_ms: i64 = Some("-2"),
        limit: Limit::AtLeast(-2),
        support: Support::Only { values: &["-2"], why: NO_TIERS },
        twin: Some("log.local.retention.ms");
    /// Longest time a record of a compacted topic stays uncompacted, in ms.
    "max.compaction.lag.ms" max_compaction_lag_ms: i64 = Some("9223372036854775807"),
        limit: Limit::AtLeast(1),
        support: NO_CLEANER,
        twin: Some("log.cleaner.max.compaction.lag.ms");
    /// Largest record batch, as sent, in bytes. A larger one is refused with MESSAGE_TOO_LARGE. What is above the limit of
    /// the broker's `message.max.bytes` is refused. What a producer sends for a partition in one request must also fit into
    /// `segment.bytes`, as in Kafka.
    "max.message.bytes" max_message_bytes: i32 = Some("1048588"),
        limit: Limit::AtLeast(0),
        twin: Some("message.max.bytes");
    /// How far a record's timestamp may lie in the future, in ms. Only for `CreateTime`.
    "message.timestamp.after.max.ms" message_timestamp_after_max_ms: i64 = Some("3600000"),
        limit: Limit::AtLeast(0),
        twin: Some("log.message.timestamp.after.max.ms");
    /// How far a record's timestamp may lie in the past, in ms. Only for `CreateTime`.
    "message.timestamp.before.max.ms" message_timestamp_before_max_ms: i64 = Some("9223372036854775807"),
        limit: Limit::AtLeast(0),
        twin: Some("log.message.timestamp.before.max.ms");
    /// Whether records have the producer's timestamp or that of the append.
    "message.timestamp.type" message_timestamp_type: TimestampType = Some("CreateTime"),
        limit: Limit::OneOf(&["CreateTime", "LogAppendTime"]),
        twin: Some("log.message.timestamp.type");
    /// Share of a compacted log that may be uncompacted.
    "min.cleanable.dirty.ratio" min_cleanable_dirty_ratio: f64 = Some("0.5"),
        limit: Limit::Between(0, 1),
        support: NO_CLEANER,
        twin: Some("log.cleaner.min.cleanable.ratio");
    /// Least time a record of a compacted topic stays uncompacted, in ms.
    "min.compaction.lag.ms" min_compaction_lag_ms: i64 = Some("0"),
        limit: Limit::AtLeast(0),
        support: NO_CLEANER,
        twin: Some("log.cleaner.min.compaction.lag.ms");
    /// In-sync replicas that must have a record before acks=all is answered. With fewer there,
    /// producers get NOT_ENOUGH_REPLICAS.
    "min.insync.replicas" min_insync_replicas: i32 = Some("1"),
        limit: Limit::AtLeast(1),
        twin: Some("min.insync.replicas");
    /// Whether a segment's space is allocated when it is created.
    "preallocate" preallocate: bool = Some("false"),
        support: Support::NoEffect("space is always allocated ahead in steps"),
        twin: Some("log.preallocate");
    /// Whether no more segments go to tiered storage.
    "remote.log.copy.disable" remote_log_copy_disable: bool = Some("false"),
        support: Support::Only { values: &["false"], why: NO_TIERS };
    /// Whether disabling tiered storage deletes what is there.
    "remote.log.delete.on.disable" remote_log_delete_on_disable: bool = Some("false"),
        support: Support::Only { values: &["false"], why: NO_TIERS };
    /// Whether segments go to tiered storage.
    "remote.storage.enable" remote_storage_enable: bool = Some("false"),
        support: Support::Only { values: &["false"], why: NO_TIERS };
    /// Bytes above which the oldest segments of a partition are deleted; -1 is no limit.
    "retention.bytes" retention_bytes: i64 = Some("-1"),
        twin: Some("log.retention.bytes");
    /// Age of its latest record, in ms, at which a segment is deleted; -1 is no limit.
    "retention.ms" retention_ms: i64 = Some("604800000"),
        limit: Limit::AtLeast(-1),
        twin: Some("log.retention.ms");
    /// Bytes at which a segment is rolled.
    "segment.bytes" segment_bytes: i32 = Some("1073741824"),
        limit: Limit::AtLeast(1_048_576),
        twin: Some("log.segment.bytes");
    /// Bytes at which an index is full, which rolls its segment.
    "segment.index.bytes" segment_index_bytes: i32 = Some("10485760"),
        limit: Limit::AtLeast(4),
        twin: Some("log.index.size.max.bytes");
    /// Up to this much is taken off `segment.ms` at random, so that segments do not all roll at
    /// once, in ms.
    "segment.jitter.ms" segment_jitter_ms: i64 = Some("0"),
        limit: Limit::AtLeast(0),
        twin: Some("log.roll.jitter.ms");
    /// Age of its first record, in ms, at which a segment is rolled.
    "segment.ms" segment_ms: i64 = Some("604800000"),
        limit: Limit::AtLeast(1),
        twin: Some("log.roll.ms");
    /// Whether a replica that is not in sync may become leader when no other is left.
    "unclean.leader.election.enable" unclean_leader_election_enable: bool = Some("false"),
        support: Support::Only {
            values: &["false"],
            why: "it would lose acknowledged records",
        },
        twin: Some("unclean.leader.election.enable");
}

impl TopicConfig {
    /// Every setting of a topic.
    pub const SETTINGS: &'static [Setting] = TOPIC_SETTINGS;

    /// The setting of this name.
    pub fn setting(name: &str) -> Option<&'static Setting> {
        Self::SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// The settings of a topic with these overrides. They were validated when they were stored, or
    /// are the broker's own for an internal topic: what Ringlog does not follow is let pass.
    ///
    /// # Errors
    /// On an unknown name, and on a value that Kafka would not take.
    pub fn resolve(
        broker: &BrokerConfig,
        overrides: &BTreeMap<String, String>,
    ) -> Result<Self, TopicConfigError> {
        let mut texts = broker.topic_defaults();
        for (name, value) in overrides {
            let setting = Self::known(name)?;
            texts.insert(setting.name, setting.canonical(value)?);
        }
        Ok(Self::from_texts(|name| texts.get(name).map(String::as_str))?)
    }

    /// Checks the overrides that a client asks for: all of [`TopicConfig::resolve`], and that
    /// Ringlog follows them.
    ///
    /// # Errors
    /// The first thing that is wrong, for `INVALID_CONFIG` and the text beside it.
    pub fn validate(
        broker: &BrokerConfig,
        overrides: &BTreeMap<String, String>,
    ) -> Result<Self, TopicConfigError> {
        let config = Self::resolve(broker, overrides)?;
        for (name, value) in overrides {
            let setting = Self::known(name)?;
            setting.check_support(&setting.canonical(value)?)?;
            if name.ends_with(".throttled.replicas") {
                check_throttled(setting, value)?;
            }
        }
        if config.min_compaction_lag_ms > config.max_compaction_lag_ms {
            return Err(TopicConfigError::Conflict(format!(
                "conflict topic config setting min.compaction.lag.ms ({}) > max.compaction.lag.ms ({})",
                config.min_compaction_lag_ms, config.max_compaction_lag_ms
            )));
        }
        Ok(config)
    }

    /// Whether old segments are deleted by age and size.
    pub fn deletes(&self) -> bool {
        self.cleanup_policy.contains(&CleanupPolicy::Delete)
    }

    /// Whether records replace earlier ones with the same key.
    pub fn compacts(&self) -> bool {
        self.cleanup_policy.contains(&CleanupPolicy::Compact)
    }

    fn known(name: &str) -> Result<&'static Setting, TopicConfigError> {
        Self::setting(name).ok_or_else(|| TopicConfigError::Unknown {
            name: name.to_owned(),
            suggestion: nearest(name, Self::SETTINGS.iter().map(|setting| setting.name))
                .map(str::to_owned),
        })
    }
}

fn check_throttled(setting: &Setting, value: &str) -> Result<(), ValueError> {
    let is_pair = |text: &str| {
        text.split_once(':').is_some_and(|(partition, broker)| {
            partition.parse::<i32>().is_ok() && broker.parse::<i32>().is_ok()
        })
    };
    let value = value.trim();
    if value == "*" || super::value::elements(value).all(is_pair) {
        Ok(())
    } else {
        Err(setting.refuse(value, "expected `*` or partition:broker pairs such as 0:1,1:1"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn refused(name: &str, value: &str) -> String {
        let broker = BrokerConfig::default();
        TopicConfig::validate(&broker, &overrides(&[(name, value)])).unwrap_err().to_string()
    }

    #[test]
    fn a_topic_has_the_brokers_values_unless_it_has_its_own() {
        let broker =
            BrokerConfig::from_pairs([("log.retention.hours", "2"), ("message.max.bytes", "5000")])
                .unwrap();
        let topic =
            TopicConfig::resolve(&broker, &overrides(&[("max.message.bytes", " 77 ")])).unwrap();
        assert_eq!(topic.retention_ms, 2 * 3600 * 1000);
        assert_eq!(topic.max_message_bytes, 77);
        assert_eq!(topic.segment_bytes, 1 << 30);
        assert!(topic.deletes() && !topic.compacts());
    }

    #[test]
    fn refusals_are_worded_as_kafka_words_them() {
        for (name, value, text) in [
            ("retention.ms", "-5", "Value must be at least -1"),
            ("segment.bytes", "1", "Value must be at least 1048576"),
            ("cleanup.policy", "foo", "String must be one of: compact, delete"),
            ("max.message.bytes", "abc", "Not a number of type INT"),
            ("message.timestamp.type", "x", "String must be one of: CreateTime, LogAppendTime"),
            ("preallocate", "maybe", "Expected value to be either true or false"),
            ("min.cleanable.dirty.ratio", "1.5", "Value must be no more than 1"),
        ] {
            assert_eq!(
                refused(name, value),
                format!("Invalid value {value} for configuration {name}: {text}")
            );
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_a_suggestion() {
        assert_eq!(refused("bogus.key", "1"), "Unknown topic config name: bogus.key");
        assert_eq!(
            refused("retention.mss", "1"),
            "Unknown topic config name: retention.mss; did you mean `retention.ms`?"
        );
    }

    #[test]
    fn what_ringlog_does_not_follow_is_refused_with_the_reason() {
        assert!(refused("cleanup.policy", "compact").contains("log compaction is not implemented"));
        assert!(refused("cleanup.policy", "compact, delete").contains("log compaction"));
        assert!(refused("compression.type", "zstd").contains("as producers compressed them"));
        assert!(refused("compression.type", "uncompressed").contains("only takes 'producer'"));
        assert!(refused("remote.storage.enable", "true").contains("tiered storage"));
        assert!(refused("unclean.leader.election.enable", "TRUE").contains("lose"));
    }

    #[test]
    fn an_internal_topic_may_say_compact() {
        let topic = TopicConfig::resolve(
            &BrokerConfig::default(),
            &overrides(&[("cleanup.policy", "compact")]),
        );
        assert!(topic.unwrap().compacts());
    }

    #[test]
    fn compaction_lags_must_be_in_order() {
        let lags = overrides(&[("min.compaction.lag.ms", "9"), ("max.compaction.lag.ms", "5")]);
        let error = TopicConfig::validate(&BrokerConfig::default(), &lags).unwrap_err();
        assert!(
            error.to_string().contains("min.compaction.lag.ms (9) > max.compaction.lag.ms (5)")
        );
    }

    #[test]
    fn throttled_replicas_are_pairs() {
        let broker = BrokerConfig::default();
        let name = "leader.replication.throttled.replicas";
        for good in ["", "*", "0:1, 1:2"] {
            assert!(TopicConfig::validate(&broker, &overrides(&[(name, good)])).is_ok(), "{good}");
        }
        assert!(refused(name, "0-1").contains("pairs"));
    }

    #[test]
    fn every_default_is_in_plain_form_and_within_its_limits() {
        for setting in TopicConfig::SETTINGS {
            let default = setting.default.unwrap();
            assert_eq!(setting.canonical(default).unwrap(), default, "{}", setting.name);
            setting.check_support(default).unwrap();
        }
        assert!(TopicConfig::SETTINGS.is_sorted_by_key(|setting| setting.name));
    }

    #[test]
    fn every_twin_exists_with_the_same_kind_and_default() {
        for setting in TopicConfig::SETTINGS {
            let Some(name) = setting.twin else { continue };
            let twin = BrokerConfig::setting(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(twin.kind, setting.kind, "{name}");
            if let Some(default) = twin.default {
                assert_eq!(Some(default), setting.default, "{name}");
            }
        }
    }
}
