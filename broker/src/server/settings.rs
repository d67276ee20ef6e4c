//! What a node and its topics are set to, as the code that serves needs it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ringlog_engine::log::{LogConfig, StorageConfig};

use crate::config::{BatchLimit, BrokerConfig, TimestampType, TopicConfig};
use crate::group::GroupConfig;

use super::NodeConnections;

/// Settings of a node that do not change while it runs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `node.id`.
    pub node_id: i32,
    /// `broker.rack`.
    pub rack: Option<String>,
    /// The data directory (`log.dirs`).
    pub data_dir: PathBuf,
    /// Addresses to listen on.
    pub listen: Vec<SocketAddr>,
    /// Host and port that clients are told; the port bound to when it is 0.
    pub advertise: (String, u16),
    /// Limits of each shard's storage.
    pub storage: StorageConfig,
    /// All settings as they were given at the start: what DescribeConfigs shows, and what topics
    /// have where they have none of their own.
    pub config: BrokerConfig,
    /// Connections of the node: those who come and go on its shards count here.
    pub connections: Arc<NodeConnections>,
    /// Bytes of unfinished and unanswered requests of one shard; beyond it sockets are not read.
    pub requests_bytes_max: usize,
    /// Requests of one connection that may wait for their answers.
    pub pipeline_depth: usize,
    /// What is still to come of a request is received straight into its memory when it is at least so
    /// many bytes: below, asking for it costs more than the copy.
    pub direct_receive_bytes: usize,
    /// A connection is moved to another shard when so many Produce requests in a row were for partitions
    /// of that one; never when 0 (`ringlog.connection.move.requests`).
    pub move_after_requests: u32,
    /// A connection without a request for so long is closed (`connections.max.idle.ms`).
    pub idle_timeout: Duration,
    /// A connection whose first request does not begin in this time is closed
    /// (`ringlog.handshake.timeout.ms`).
    pub handshake_timeout: Duration,
    /// A frame that was begun must be there whole in this time.
    pub frame_timeout: Duration,
    /// Time for open requests to finish when the node stops.
    pub stop_timeout: Duration,
    /// Fetch sessions of the node (`max.incremental.fetch.session.cache.slots`), divided evenly among
    /// its shards.
    pub fetch_sessions_max: usize,
    /// Partitions in all of them (`ringlog.fetch.session.partitions.max`), divided likewise.
    pub fetch_session_partitions_max: usize,
    /// Partitions of `__consumer_offsets` (`offsets.topic.num.partitions`).
    pub offsets_partitions: i32,
    /// Bytes at which a segment of `__consumer_offsets` is rolled, when it is created
    /// (`offsets.topic.segment.bytes`).
    pub offsets_segment_bytes: i32,
    /// Settings and limits of the group coordinators.
    pub groups: GroupConfig,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            node_id: 1,
            rack: None,
            data_dir: "ringlog-data".into(),
            listen: Vec::new(),
            advertise: ("localhost".to_owned(), 0),
            storage: StorageConfig::default(),
            config: BrokerConfig::default(),
            connections: Arc::default(),
            requests_bytes_max: 256 << 20,
            pipeline_depth: 64,
            direct_receive_bytes: 128 << 10,
            move_after_requests: 32,
            idle_timeout: Duration::from_secs(600),
            handshake_timeout: Duration::from_secs(60),
            frame_timeout: Duration::from_secs(30),
            stop_timeout: Duration::from_secs(30),
            fetch_sessions_max: 1000,
            fetch_session_partitions_max: 250_000,
            offsets_partitions: 50,
            offsets_segment_bytes: 100 << 20,
            groups: GroupConfig::default(),
        }
    }
}

impl Settings {
    /// The data directory as people and programs are told of it, from the root on.
    pub fn absolute_data_dir(&self) -> String {
        let dir = &self.data_dir;
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.clone());
        dir.display().to_string()
    }

    /// The largest batch that each shard can take.
    pub fn batch_limit(&self) -> BatchLimit {
        let storage = &self.storage;
        let bytes = storage.append_bytes_max();
        let setting = match storage.tail_append_bytes_max() == bytes {
            true => "ringlog.memory.bytes",
            false => "ringlog.journal.file.bytes",
        };
        BatchLimit { bytes, setting }
    }
}

/// What a topic is set to: its own keys over the node's defaults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSettings {
    /// Largest batch in bytes (`max.message.bytes`).
    pub batch_bytes_max: usize,
    /// Whether the broker sets the time (`message.timestamp.type=LogAppendTime`).
    pub log_append_time: bool,
    /// How far a timestamp may lie in the past, in ms (`message.timestamp.before.max.ms`).
    pub timestamp_before_max_ms: i64,
    /// How far a timestamp may lie in the future, in ms (`message.timestamp.after.max.ms`).
    pub timestamp_after_max_ms: i64,
    /// Replicas that must have a record before it is acknowledged (`min.insync.replicas`).
    pub min_insync_replicas: i32,
    /// Whether records without keys are refused (`cleanup.policy` with `compact`).
    pub compacted: bool,
    /// What the log itself needs.
    pub log: LogConfig,
}

impl TopicSettings {
    /// What a topic with these `own` settings has. They were checked when they were set; one that
    /// is not valid all the same, since an older release took it, counts as not set.
    pub fn resolve(broker: &BrokerConfig, own: &BTreeMap<String, String>) -> Self {
        if let Ok(config) = TopicConfig::resolve(broker, own) {
            return Self::from(&config);
        }
        let is_valid = |(name, value): &(&String, &String)| {
            let one = BTreeMap::from([((*name).clone(), (*value).clone())]);
            let checked = TopicConfig::resolve(broker, &one);
            if let Err(error) = &checked {
                tracing::warn!(%error, "a topic's setting is passed over");
            }
            checked.is_ok()
        };
        let valid = own.iter().filter(is_valid).map(|(name, value)| (name.clone(), value.clone()));
        match TopicConfig::resolve(broker, &valid.collect()) {
            Ok(config) => Self::from(&config),
            Err(error) => unreachable!("settings that are valid one by one: {error}"),
        }
    }
}

impl From<&TopicConfig> for TopicSettings {
    fn from(config: &TopicConfig) -> Self {
        let bytes = |value: i32| u32::try_from(value).unwrap_or(0);
        Self {
            batch_bytes_max: usize::try_from(config.max_message_bytes).unwrap_or(0),
            log_append_time: config.message_timestamp_type == TimestampType::LogAppendTime,
            timestamp_before_max_ms: config.message_timestamp_before_max_ms,
            timestamp_after_max_ms: config.message_timestamp_after_max_ms,
            min_insync_replicas: config.min_insync_replicas,
            compacted: config.compacts(),
            log: LogConfig {
                segment_bytes: bytes(config.segment_bytes),
                segment_ms: config.segment_ms,
                segment_jitter_ms: config.segment_jitter_ms,
                segment_index_bytes: bytes(config.segment_index_bytes),
                index_interval_bytes: bytes(config.index_interval_bytes),
                retention_ms: config.retention_ms,
                retention_bytes: config.retention_bytes,
                delete_old_segments: config.deletes(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topics_own_settings_go_before_the_brokers() {
        let broker = BrokerConfig::from_pairs([("message.max.bytes", "5000")]).unwrap();
        let own = BTreeMap::from([("retention.ms".to_owned(), "7".to_owned())]);
        let settings = TopicSettings::resolve(&broker, &own);
        assert_eq!((settings.batch_bytes_max, settings.log.retention_ms), (5000, 7));
        assert!(settings.log.delete_old_segments && !settings.compacted);
    }

    #[test]
    fn a_stored_setting_that_is_not_valid_is_passed_over() {
        let own = [("retention.ms", "7"), ("retention.bytes", "many"), ("gone.with.time", "1")];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings = TopicSettings::resolve(&BrokerConfig::default(), &own.into());
        assert_eq!((settings.log.retention_ms, settings.log.retention_bytes), (7, -1));
    }
}
