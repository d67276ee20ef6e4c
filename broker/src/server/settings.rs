//! What a node and its topics are set to, as the code that serves needs it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use ringlog_engine::log::{LogConfig, StorageConfig};

use crate::group::GroupConfig;

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
    /// Topic settings that hold where a topic has none of its own, by topic key.
    pub topic_defaults: BTreeMap<String, String>,
    /// `num.partitions`.
    pub num_partitions: i32,
    /// `auto.create.topics.enable`.
    pub auto_create_topics: bool,
    /// `delete.topic.enable`.
    pub delete_topics: bool,
    /// Largest request in bytes (`socket.request.max.bytes`).
    pub request_bytes_max: usize,
    /// Bytes of unfinished and unanswered requests of one shard; beyond it sockets are not read.
    pub requests_bytes_max: usize,
    /// Requests of one connection that may wait for their answers.
    pub pipeline_depth: usize,
    /// Connections of the node (`max.connections`).
    pub connections_max: usize,
    /// Connections from one address (`max.connections.per.ip`).
    pub connections_per_address_max: usize,
    /// A connection without a request for so long is closed (`connections.max.idle.ms`).
    pub idle_timeout: Duration,
    /// A connection whose first request does not begin in this time is closed
    /// (`ringlog.handshake.timeout.ms`).
    pub handshake_timeout: Duration,
    /// A frame that was begun must be there whole in this time.
    pub frame_timeout: Duration,
    /// Time for open requests to finish when the node stops.
    pub stop_timeout: Duration,
    /// Largest answer to a fetch in bytes (`fetch.max.bytes`).
    pub fetch_bytes_max: usize,
    /// Fetch sessions of the node (`max.incremental.fetch.session.cache.slots`).
    pub fetch_sessions_max: usize,
    /// Partitions of `__consumer_offsets` (`offsets.topic.num.partitions`).
    pub offsets_partitions: i32,
    /// Bytes at which a segment of `__consumer_offsets` is rolled, when it is created
    /// (`offsets.topic.segment.bytes`).
    pub offsets_segment_bytes: i32,
    /// Settings and limits of the group coordinators.
    pub groups: GroupConfig,
    /// Pause between two rounds of retention (`log.retention.check.interval.ms`).
    pub retention_interval: Duration,
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
            topic_defaults: BTreeMap::new(),
            num_partitions: 1,
            auto_create_topics: true,
            delete_topics: true,
            request_bytes_max: 100 << 20,
            requests_bytes_max: 256 << 20,
            pipeline_depth: 64,
            connections_max: 10_000,
            connections_per_address_max: 10_000,
            idle_timeout: Duration::from_secs(600),
            handshake_timeout: Duration::from_secs(60),
            frame_timeout: Duration::from_secs(30),
            stop_timeout: Duration::from_secs(30),
            fetch_bytes_max: 55 << 20,
            fetch_sessions_max: 1000,
            offsets_partitions: 50,
            offsets_segment_bytes: 100 << 20,
            groups: GroupConfig::default(),
            retention_interval: Duration::from_secs(300),
        }
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
    /// Resolves `own` keys over `defaults`. Values were checked when they were set; one that cannot
    /// be read all the same counts as not set.
    pub fn resolve(own: &BTreeMap<String, String>, defaults: &BTreeMap<String, String>) -> Self {
        let text = |key: &str| own.get(key).or_else(|| defaults.get(key)).map(String::as_str);
        let number = |key: &str, default: i64| {
            text(key).and_then(|value| value.trim().parse::<i64>().ok()).unwrap_or(default)
        };
        let size = |key: &str, default: u32| {
            u32::try_from(number(key, i64::from(default))).unwrap_or(default)
        };
        let base = LogConfig::default();
        let policy = text("cleanup.policy").unwrap_or("delete");
        Self {
            batch_bytes_max: usize::try_from(number("max.message.bytes", 1_048_588))
                .unwrap_or_default(),
            log_append_time: text("message.timestamp.type") == Some("LogAppendTime"),
            timestamp_before_max_ms: number("message.timestamp.before.max.ms", i64::MAX),
            timestamp_after_max_ms: number("message.timestamp.after.max.ms", 3_600_000),
            min_insync_replicas: i32::try_from(number("min.insync.replicas", 1)).unwrap_or(1),
            compacted: policy.contains("compact"),
            log: LogConfig {
                segment_bytes: size("segment.bytes", base.segment_bytes),
                segment_ms: number("segment.ms", base.segment_ms),
                segment_jitter_ms: base.segment_jitter_ms,
                segment_index_bytes: size("segment.index.bytes", base.segment_index_bytes),
                index_interval_bytes: size("index.interval.bytes", base.index_interval_bytes),
                retention_ms: number("retention.ms", base.retention_ms),
                retention_bytes: number("retention.bytes", base.retention_bytes),
                delete_old_segments: policy.contains("delete"),
            },
        }
    }
}
