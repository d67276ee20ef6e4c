//! Settings of the broker.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::error::{ConfigError, Origin, ValueError};
use super::kafka_keys;
use super::listener::{Listener, SecurityProtocol};
use super::setting::{Limit, Setting, Support, UpdateMode, settings};
use super::suggest::nearest;
use super::topic::TopicConfig;
use super::value::{CleanupPolicies, CompressionType, LogFormat, TimestampType};

const CLUSTER_WIDE: UpdateMode = UpdateMode::ClusterWide;
const ONE_NODE: &str = "a cluster of one node has one replica of everything";
const NO_TIERS: &str = "tiered storage is not implemented";
const NO_CLEANER: Support = Support::NoEffect("log compaction is not implemented");
const ALWAYS_DURABLE: Support =
    Support::NoEffect("every acknowledged record is on the medium before it is acknowledged");
const NO_THREADS: Support =
    Support::NoEffect("one thread a core does everything: see ringlog.cores");
const NO_RECOMPRESSION: Support =
    Support::NoEffect("batches are kept as producers compressed them");
const NO_QUORUM: Support = Support::NoEffect("this node is its own controller");
const NO_SHARE_GROUPS: Support = Support::NoEffect("share groups are not implemented");

settings! {
    /// The settings of a broker.
    pub struct BrokerConfig, table BROKER_SETTINGS, values BrokerSettings;

    /// Addresses that clients are told to connect to; `listeners` when not set. An empty host is
    /// the name of this machine.
    "advertised.listeners" advertised_listeners: Vec<Listener> = None;
    /// Whether a topic that a client asks for is created when it does not exist.
    "auto.create.topics.enable" auto_create_topics_enable: bool = Some("true");
    /// The former name of `node.id`; both must be the same when both are given.
    "broker.id" broker_id: i32 = Some("-1"), limit: Limit::AtLeast(-1);
    /// The rack or zone of this node, which clients are told.
    "broker.rack" broker_rack: Option<String> = None;
    /// Level of gzip, when the broker compresses.
    "compression.gzip.level" compression_gzip_level: i32 = Some("-1"),
        limit: Limit::BetweenOrMinusOne(1, 9), update: CLUSTER_WIDE, support: NO_RECOMPRESSION;
    /// Level of LZ4, when the broker compresses.
    "compression.lz4.level" compression_lz4_level: i32 = Some("9"),
        limit: Limit::Between(1, 17), update: CLUSTER_WIDE, support: NO_RECOMPRESSION;
    /// How topics keep batches. `producer` keeps them as they were sent, compressed or not.
    "compression.type" compression_type: CompressionType = Some("producer"),
        limit: Limit::OneOf(&["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        update: CLUSTER_WIDE,
        support: Support::Only {
            values: &["producer"],
            why: "batches are kept as producers compressed them; set the producers' \
                  compression.type instead",
        };
    /// Level of Zstandard, when the broker compresses.
    "compression.zstd.level" compression_zstd_level: i32 = Some("3"),
        limit: Limit::Between(-131_072, 22), update: CLUSTER_WIDE, support: NO_RECOMPRESSION;
    /// Time without a request after which a connection is closed, in ms; negative is never.
    "connections.max.idle.ms" connections_max_idle_ms: i64 = Some("600000");
    /// Names of the listeners that Kafka's controllers use. Such listeners are not opened: the
    /// controller of a single node needs none.
    "controller.listener.names" controller_listener_names: Vec<String> = Some("");
    /// Addresses of the controllers. At most one is taken, this node itself.
    "controller.quorum.bootstrap.servers" controller_quorum_bootstrap_servers: Vec<String> = Some(""),
        support: NO_QUORUM;
    /// The controllers as `id@host:port`. At most one is taken, this node itself.
    "controller.quorum.voters" controller_quorum_voters: Vec<String> = Some(""),
        support: NO_QUORUM;
    /// Replicas of a topic that is created without saying how many.
    "default.replication.factor" default_replication_factor: i32 = Some("1"),
        support: Support::Only { values: &["1"], why: ONE_NODE };
    /// Whether topics can be deleted.
    "delete.topic.enable" delete_topic_enable: bool = Some("true");
    /// Most bytes of records in one answer to a fetch.
    "fetch.max.bytes" fetch_max_bytes: i32 = Some("57671680"), limit: Limit::AtLeast(1024);
    /// Time that the first rebalance of an empty group waits for more members, in ms.
    "group.initial.rebalance.delay.ms" group_initial_rebalance_delay_ms: i32 = Some("3000"),
        limit: Limit::AtLeast(0);
    /// Longest session timeout a member may ask for, in ms.
    "group.max.session.timeout.ms" group_max_session_timeout_ms: i32 = Some("1800000"),
        limit: Limit::AtLeast(1);
    /// Most members of a group.
    "group.max.size" group_max_size: i32 = Some("2147483647"), limit: Limit::AtLeast(1);
    /// Shortest session timeout a member may ask for, in ms.
    "group.min.session.timeout.ms" group_min_session_timeout_ms: i32 = Some("6000"),
        limit: Limit::AtLeast(1);
    /// Name of the listener that brokers use between themselves.
    "inter.broker.listener.name" inter_broker_listener_name: Option<String> = None,
        support: Support::NoEffect("a single node has no other brokers");
    /// Security protocol of each listener name.
    "listener.security.protocol.map" listener_security_protocol_map: Vec<String> =
        Some("SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT");
    /// Addresses to listen on, as `NAME://HOST:PORT`. An empty host is every address of the machine.
    "listeners" listeners: Vec<Listener> = Some("PLAINTEXT://localhost:9092"),
        limit: Limit::NonEmpty;
    /// Time between two looks for what can be compacted, in ms.
    "log.cleaner.backoff.ms" log_cleaner_backoff_ms: i64 = Some("15000"),
        limit: Limit::AtLeast(0), update: CLUSTER_WIDE, support: NO_CLEANER;
    /// Time for which compacted topics keep the markers of deleted keys, in ms.
    "log.cleaner.delete.retention.ms" log_cleaner_delete_retention_ms: i64 = Some("86400000"),
        limit: Limit::AtLeast(0), update: CLUSTER_WIDE, support: NO_CLEANER;
    /// Longest time a record of a compacted topic stays uncompacted, in ms.
    "log.cleaner.max.compaction.lag.ms" log_cleaner_max_compaction_lag_ms: i64 =
        Some("9223372036854775807"),
        limit: Limit::AtLeast(1), update: CLUSTER_WIDE, support: NO_CLEANER;
    /// Share of a compacted log that may be uncompacted.
    "log.cleaner.min.cleanable.ratio" log_cleaner_min_cleanable_ratio: f64 = Some("0.5"),
        limit: Limit::Between(0, 1), update: CLUSTER_WIDE, support: NO_CLEANER;
    /// Least time a record of a compacted topic stays uncompacted, in ms.
    "log.cleaner.min.compaction.lag.ms" log_cleaner_min_compaction_lag_ms: i64 = Some("0"),
        limit: Limit::AtLeast(0), update: CLUSTER_WIDE, support: NO_CLEANER;
    /// What happens to old records. `delete` removes whole segments by age and size.
    "log.cleanup.policy" log_cleanup_policy: CleanupPolicies = Some("delete"),
        limit: Limit::OneOf(&["compact", "delete"]), update: CLUSTER_WIDE,
        support: Support::Only { values: &["delete"], why: "log compaction is not implemented" };
    /// The directory for all data, when `log.dirs` is not set.
    "log.dir" log_dir: PathBuf = Some("ringlog-data"), limit: Limit::NonEmpty;
    /// The directory for all data. One for now.
    "log.dirs" log_dirs: Vec<PathBuf> = None;
    /// Records after which Kafka would flush a log.
    "log.flush.interval.messages" log_flush_interval_messages: i64 = Some("9223372036854775807"),
        limit: Limit::AtLeast(1), update: CLUSTER_WIDE, support: ALWAYS_DURABLE;
    /// Time after which Kafka would flush a log, in ms.
    "log.flush.interval.ms" log_flush_interval_ms: Option<i64> = None,
        update: CLUSTER_WIDE, support: ALWAYS_DURABLE;
    /// Time between two looks for logs to flush, in ms.
    "log.flush.scheduler.interval.ms" log_flush_scheduler_interval_ms: i64 =
        Some("9223372036854775807"), support: ALWAYS_DURABLE;
    /// Bytes of records between two entries of an offset index.
    "log.index.interval.bytes" log_index_interval_bytes: i32 = Some("4096"),
        limit: Limit::AtLeast(0), update: CLUSTER_WIDE;
    /// Bytes at which an index is full, which rolls its segment.
    "log.index.size.max.bytes" log_index_size_max_bytes: i32 = Some("10485760"),
        limit: Limit::AtLeast(4), update: CLUSTER_WIDE;
    /// Bytes a partition keeps locally beside tiered storage; -2 is `log.retention.bytes`.
    "log.local.retention.bytes" log_local_retention_bytes: i64 = Some("-2"),
        limit: Limit::AtLeast(-2), update: CLUSTER_WIDE,
        support: Support::Only { values: &["-2"], why: NO_TIERS };
    /// Time a partition keeps records locally beside tiered storage, in ms; -2 is
    /// `log.retention.ms`.
    "log.local.retention.ms" log_local_retention_ms: i64 = Some("-2"),
        limit: Limit::AtLeast(-2), update: CLUSTER_WIDE,
        support: Support::Only { values: &["-2"], why: NO_TIERS };
    /// How far a record's timestamp may lie in the future, in ms. Only for `CreateTime`.
    "log.message.timestamp.after.max.ms" log_message_timestamp_after_max_ms: i64 = Some("3600000"),
        limit: Limit::AtLeast(0), update: CLUSTER_WIDE;
    /// How far a record's timestamp may lie in the past, in ms. Only for `CreateTime`.
    "log.message.timestamp.before.max.ms" log_message_timestamp_before_max_ms: i64 =
        Some("9223372036854775807"), limit: Limit::AtLeast(0), update: CLUSTER_WIDE;
    /// Whether records have the producer's timestamp or that of the append.
    "log.message.timestamp.type" log_message_timestamp_type: TimestampType = Some("CreateTime"),
        limit: Limit::OneOf(&["CreateTime", "LogAppendTime"]), update: CLUSTER_WIDE;
    /// Whether a segment's space is allocated when it is created.
    "log.preallocate" log_preallocate: bool = Some("false"), update: CLUSTER_WIDE,
        support: Support::NoEffect("space is always allocated ahead in steps");
    /// Bytes above which the oldest segments of a partition are deleted; -1 is no limit.
    "log.retention.bytes" log_retention_bytes: i64 = Some("-1"), update: CLUSTER_WIDE;
    /// Time between two looks for segments to delete, in ms.
    "log.retention.check.interval.ms" log_retention_check_interval_ms: i64 = Some("300000"),
        limit: Limit::AtLeast(1);
    /// Age of its latest record, in hours, at which a segment is deleted; negative is no limit.
    "log.retention.hours" log_retention_hours: i32 = Some("168");
    /// The same in minutes; goes before the hours.
    "log.retention.minutes" log_retention_minutes: Option<i32> = None;
    /// The same in ms; goes before minutes and hours.
    "log.retention.ms" log_retention_ms: Option<i64> = None, update: CLUSTER_WIDE;
    /// Age of its first record, in hours, at which a segment is rolled.
    "log.roll.hours" log_roll_hours: i32 = Some("168"), limit: Limit::AtLeast(1);
    /// Up to this much is taken off the age for rolling, at random, in hours.
    "log.roll.jitter.hours" log_roll_jitter_hours: i32 = Some("0"), limit: Limit::AtLeast(0);
    /// The same in ms; goes before the hours.
    "log.roll.jitter.ms" log_roll_jitter_ms: Option<i64> = None,
        limit: Limit::AtLeast(0), update: CLUSTER_WIDE;
    /// Age of its first record, in ms, at which a segment is rolled; goes before the hours.
    "log.roll.ms" log_roll_ms: Option<i64> = None, limit: Limit::AtLeast(1), update: CLUSTER_WIDE;
    /// Bytes at which a segment is rolled.
    "log.segment.bytes" log_segment_bytes: i32 = Some("1073741824"),
        limit: Limit::AtLeast(1_048_576), update: CLUSTER_WIDE;
    /// Time between deleting a segment and removing its files, in ms.
    "log.segment.delete.delay.ms" log_segment_delete_delay_ms: i64 = Some("60000"),
        limit: Limit::AtLeast(0), update: CLUSTER_WIDE,
        support: Support::NoEffect("files are removed when no reader holds them");
    /// Most connections at a time, over all cores. Kafka's default is no limit.
    "max.connections" max_connections: i32 = Some("8192"),
        limit: Limit::AtLeast(1), update: CLUSTER_WIDE;
    /// Most connections of one address at a time, over all cores. Kafka's default is no limit.
    "max.connections.per.ip" max_connections_per_ip: i32 = Some("4096"),
        limit: Limit::AtLeast(1), update: CLUSTER_WIDE;
    /// Most fetch sessions (KIP-227) at a time; each core has an equal share.
    "max.incremental.fetch.session.cache.slots" max_incremental_fetch_session_cache_slots: i32 =
        Some("1000"), limit: Limit::AtLeast(0);
    /// Largest record batch, as sent, in bytes. A larger one is refused with MESSAGE_TOO_LARGE. It is at most
    /// `ringlog.journal.file.bytes` less some 2 MiB, and a quarter of what `ringlog.memory.bytes` gives each core (more where that is more than 1 GiB); what is above is refused.
    "message.max.bytes" message_max_bytes: i32 = Some("1048588"),
        limit: Limit::AtLeast(0), update: CLUSTER_WIDE;
    /// In-sync replicas that must have a record before acks=all is answered. With fewer there,
    /// producers get NOT_ENOUGH_REPLICAS.
    "min.insync.replicas" min_insync_replicas: i32 = Some("1"),
        limit: Limit::AtLeast(1), update: CLUSTER_WIDE;
    /// Number of this node in its cluster.
    "node.id" node_id: i32 = Some("1"), limit: Limit::AtLeast(0);
    /// Threads for requests.
    "num.io.threads" num_io_threads: i32 = Some("8"),
        limit: Limit::AtLeast(1), update: CLUSTER_WIDE, support: NO_THREADS;
    /// Threads for the network.
    "num.network.threads" num_network_threads: i32 = Some("3"),
        limit: Limit::AtLeast(1), update: CLUSTER_WIDE, support: NO_THREADS;
    /// Partitions of a topic that is created without saying how many.
    "num.partitions" num_partitions: i32 = Some("1"), limit: Limit::AtLeast(1);
    /// Threads for recovery at the start.
    "num.recovery.threads.per.data.dir" num_recovery_threads_per_data_dir: i32 = Some("2"),
        limit: Limit::AtLeast(1), update: CLUSTER_WIDE,
        support: Support::NoEffect("recovery reads the journal alone");
    /// Longest metadata string of a committed offset, in bytes.
    "offset.metadata.max.bytes" offset_metadata_max_bytes: i32 = Some("4096"),
        limit: Limit::AtLeast(0);
    /// Time after which committing offsets is given up, in ms.
    "offsets.commit.timeout.ms" offsets_commit_timeout_ms: i32 = Some("5000"),
        limit: Limit::AtLeast(1),
        support: Support::NoEffect("a commit is answered when it is on the medium or was refused");
    /// Time between two looks for offsets to expire, in ms.
    "offsets.retention.check.interval.ms" offsets_retention_check_interval_ms: i64 = Some("600000"),
        limit: Limit::AtLeast(1);
    /// Time that the offsets of a group without members are kept, in minutes.
    "offsets.retention.minutes" offsets_retention_minutes: i32 = Some("10080"),
        limit: Limit::AtLeast(1);
    /// Partitions of `__consumer_offsets`. Not to be changed once it exists.
    "offsets.topic.num.partitions" offsets_topic_num_partitions: i32 = Some("50"),
        limit: Limit::AtLeast(1);
    /// Replicas of `__consumer_offsets`.
    "offsets.topic.replication.factor" offsets_topic_replication_factor: i16 = Some("1"),
        support: Support::Only { values: &["1"], why: ONE_NODE };
    /// Bytes at which a segment of `__consumer_offsets` is rolled.
    "offsets.topic.segment.bytes" offsets_topic_segment_bytes: i32 = Some("104857600"),
        limit: Limit::AtLeast(1);
    /// Roles of this node.
    "process.roles" process_roles: Vec<String> = Some("broker,controller"),
        limit: Limit::OneOf(&["broker", "controller"]),
        support: Support::Only {
            values: &["broker,controller", "controller,broker"],
            why: "a node is its own controller, there are no separate ones yet",
        };
    /// Time between two looks for producer ids to expire, in ms.
    "producer.id.expiration.check.interval.ms" producer_id_expiration_check_interval_ms: i32 =
        Some("600000"), limit: Limit::AtLeast(1);
    /// Time after which a partition forgets an idempotent producer that sends nothing, in ms.
    "producer.id.expiration.ms" producer_id_expiration_ms: i32 = Some("86400000"),
        limit: Limit::AtLeast(1), update: CLUSTER_WIDE;
    /// Requests that may wait for a thread.
    "queued.max.requests" queued_max_requests: i32 = Some("500"),
        limit: Limit::AtLeast(1), support: NO_THREADS;
    /// Whether acks=1 is answered when the record is on the medium, as acks=all is.
    "ringlog.acks1.durable" ringlog_acks1_durable: bool = Some("true"),
        support: Support::Only {
            values: &["true"],
            why: "acknowledging before a record is on the medium is not implemented",
        };
    /// Produce requests in a row, all for partitions of one other core, after which a connection is moved to that core,
    /// unless it is busy; each further move takes twice as many. 0: connections stay where they were accepted.
    "ringlog.connection.move.requests" ringlog_connection_move_requests: i32 = Some("32"),
        limit: Limit::AtLeast(0);
    /// Cores to use, one thread each, such as `0,2-5`; all that the process may use when not set.
    "ringlog.cores" ringlog_cores: Option<String> = None;
    /// Free bytes of the file system below which producing is refused, so that what was accepted
    /// can always be written.
    "ringlog.disk.reserve.bytes" ringlog_disk_reserve_bytes: i64 = Some("268435456"),
        limit: Limit::AtLeast(0);
    /// Partitions that the broker's fetch sessions may hold, over all of them. A consumer whose session finds no room names its
    /// partitions in each fetch.
    "ringlog.fetch.session.partitions.max" ringlog_fetch_session_partitions_max: i32 = Some("250000"),
        limit: Limit::AtLeast(0);
    /// Time in which a request that has begun to arrive must be complete, memory for it must be found, and a client must
    /// take each 256 KiB of an answer, in ms. Afterwards the connection is closed.
    "ringlog.frame.timeout.ms" ringlog_frame_timeout_ms: i64 = Some("30000"),
        limit: Limit::AtLeast(1);
    /// Time in which a new connection must send its first request, in ms.
    "ringlog.handshake.timeout.ms" ringlog_handshake_timeout_ms: i64 = Some("60000"),
        limit: Limit::AtLeast(1);
    /// How long an idle core looks for work before it sleeps, in microseconds at most; it looks only while sleeps are
    /// short, and gives way to other programs. Looking is faster than being woken, most of all on virtual machines, and takes
    /// CPU time. 0: it sleeps at once.
    "ringlog.idle.look.us" ringlog_idle_look_us: i32 = Some("0"),
        limit: Limit::Between(0, 10_000);
    /// Start although the journal is damaged or cannot be read where it was durable, without the records that were
    /// there. Set it for one start only.
    "ringlog.journal.accept.loss" ringlog_journal_accept_loss: bool = Some("false");
    /// Length of a journal file, in bytes; a multiple of 4096.
    "ringlog.journal.file.bytes" ringlog_journal_file_bytes: i64 = Some("67108864"),
        limit: Limit::Between(4_194_304, 4_294_967_296);
    /// Journal files of a core.
    "ringlog.journal.files" ringlog_journal_files: i32 = Some("4"), limit: Limit::Between(3, 1024);
    /// Form of the log lines: `text` for people, `json` for programs.
    "ringlog.log.format" ringlog_log_format: LogFormat = Some("text"),
        limit: Limit::OneOf(&["text", "json"]);
    /// What is logged: error, warn, info, debug or trace, or directives such as
    /// `info,ringlog::group=debug`.
    "ringlog.log.level" ringlog_log_level: String = Some("info"), limit: Limit::NonEmpty;
    /// Memory for records and requests, in bytes, over all cores. When not set: a quarter of the
    /// machine's, at most 1 GiB a core. Each core has at least 64 MiB. Half of it or more keeps the newest records, so that
    /// consumers get them without a read; three quarters or more are taken from the system at the start.
    "ringlog.memory.bytes" ringlog_memory_bytes: Option<i64> = None,
        limit: Limit::AtLeast(67_108_864);
    /// The log of a group coordinator (a partition of `__consumer_offsets`) that is so many times as long as its live state is
    /// made shorter: the state is copied to the end, and the log begins there.
    "ringlog.offsets.log.live.ratio" ringlog_offsets_log_live_ratio: i32 = Some("4"),
        limit: Limit::AtLeast(2);
    /// Bytes from which on the log of a group coordinator is made shorter. Below, a start reads all of it.
    "ringlog.offsets.log.min.bytes" ringlog_offsets_log_min_bytes: i64 = Some("8388608"),
        limit: Limit::AtLeast(0);
    /// Time that a shutdown waits for requests in progress, in ms.
    "ringlog.shutdown.timeout.ms" ringlog_shutdown_timeout_ms: i64 = Some("30000"),
        limit: Limit::AtLeast(0);
    /// Smallest send without a copy in the kernel (SEND_ZC), in bytes.
    "ringlog.zerocopy.min.bytes" ringlog_zerocopy_min_bytes: i32 = Some("16384"),
        limit: Limit::AtLeast(0);
    /// Security protocol between brokers.
    "security.inter.broker.protocol" security_inter_broker_protocol: String = Some("PLAINTEXT"),
        limit: Limit::OneOf(&["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]),
        support: Support::Only { values: &["PLAINTEXT"], why: "TLS and SASL are not implemented" };
    /// Least in-sync replicas of the share groups' state topic.
    "share.coordinator.state.topic.min.isr" share_coordinator_state_topic_min_isr: i16 = Some("2"),
        limit: Limit::AtLeast(1), support: NO_SHARE_GROUPS;
    /// Replicas of the share groups' state topic.
    "share.coordinator.state.topic.replication.factor"
        share_coordinator_state_topic_replication_factor: i16 = Some("3"),
        limit: Limit::AtLeast(1), support: NO_SHARE_GROUPS;
    /// Connections that may wait to be accepted, of each listener and core. Kafka's default is 50.
    "socket.listen.backlog.size" socket_listen_backlog_size: i32 = Some("1024"),
        limit: Limit::AtLeast(1);
    /// Receive buffer of the kernel for a connection, in bytes; -1 is the system's choice.
    "socket.receive.buffer.bytes" socket_receive_buffer_bytes: i32 = Some("102400"),
        limit: Limit::AtLeast(-1),
        support: Support::NoEffect("the kernel sizes socket buffers by itself");
    /// Largest request, in bytes. A larger one ends the connection, and one of another API than Produce with more than
    /// 16 MiB.
    "socket.request.max.bytes" socket_request_max_bytes: i32 = Some("104857600"),
        limit: Limit::AtLeast(1024);
    /// Send buffer of the kernel for a connection, in bytes; -1 is the system's choice.
    "socket.send.buffer.bytes" socket_send_buffer_bytes: i32 = Some("102400"),
        limit: Limit::AtLeast(-1),
        support: Support::NoEffect("the kernel sizes socket buffers by itself");
    /// Longest transaction timeout a producer may ask for, in ms.
    "transaction.max.timeout.ms" transaction_max_timeout_ms: i32 = Some("900000"),
        limit: Limit::AtLeast(1), support: Support::NoEffect("transactions are not implemented");
    /// Least in-sync replicas of the transactions' state topic.
    "transaction.state.log.min.isr" transaction_state_log_min_isr: i32 = Some("2"),
        limit: Limit::AtLeast(1), support: Support::NoEffect("transactions are not implemented");
    /// Replicas of the transactions' state topic.
    "transaction.state.log.replication.factor" transaction_state_log_replication_factor: i16 =
        Some("3"), limit: Limit::AtLeast(1),
        support: Support::NoEffect("transactions are not implemented");
    /// Time after which an unused transactional id is forgotten, in ms.
    "transactional.id.expiration.ms" transactional_id_expiration_ms: i32 = Some("604800000"),
        limit: Limit::AtLeast(1), support: Support::NoEffect("transactions are not implemented");
    /// Whether a replica that is not in sync may become leader when no other is left.
    "unclean.leader.election.enable" unclean_leader_election_enable: bool = Some("false"),
        update: CLUSTER_WIDE,
        support: Support::Only { values: &["false"], why: "it would lose acknowledged records" };
}

/// The settings of a broker: the typed values (through `Deref`), and where each was given.
///
/// [`super::load`] makes one; it is valid when it exists.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokerConfig {
    settings: BrokerSettings,
    /// Values in plain form that were given at the start, by name.
    given: BTreeMap<&'static str, (String, Origin)>,
    /// Values that AlterConfigs set for all brokers.
    dynamic_default: BTreeMap<&'static str, String>,
    /// Values that AlterConfigs set for this one.
    dynamic_broker: BTreeMap<&'static str, String>,
}

impl std::ops::Deref for BrokerConfig {
    type Target = BrokerSettings;

    fn deref(&self) -> &BrokerSettings {
        &self.settings
    }
}

impl Default for BrokerConfig {
    /// What `ringlog serve` without arguments has.
    fn default() -> Self {
        match Self::from_given(BTreeMap::new()) {
            Ok(config) => config,
            Err(error) => unreachable!("the defaults of the table are valid: {error}"),
        }
    }
}

impl BrokerConfig {
    /// Every setting of the broker.
    pub const SETTINGS: &'static [Setting] = BROKER_SETTINGS;

    /// The setting of this name.
    pub fn setting(name: &str) -> Option<&'static Setting> {
        Self::SETTINGS.iter().find(|setting| setting.name == name)
    }

    /// The setting of this name, given at `origin`.
    ///
    /// # Errors
    /// When there is none, or only Kafka has it.
    pub(super) fn known(name: &str, origin: &Origin) -> Result<&'static Setting, ConfigError> {
        if let Some(setting) = Self::setting(name) {
            return Ok(setting);
        }
        if let Some(advice) = kafka_keys::advice(name) {
            let (origin, name) = (origin.clone(), name.to_owned());
            return Err(ConfigError::Unsupported { origin, name, advice });
        }
        Err(ConfigError::Unknown {
            origin: origin.clone(),
            name: name.to_owned(),
            suggestion: nearest(name, Self::SETTINGS.iter().map(|setting| setting.name))
                .map(str::to_owned),
        })
    }

    /// Settings by name and text, all others at their defaults; for tests and tools.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ConfigError> {
        let mut given = BTreeMap::new();
        for (name, value) in pairs {
            let origin = Origin::Flag(format!("--set {name}={value}"));
            Self::give(&mut given, name, value, origin)?;
        }
        Self::from_given(given)
    }

    /// Checks one setting and adds it; a later one replaces an earlier one.
    pub(super) fn give(
        given: &mut BTreeMap<&'static str, (String, Origin)>,
        name: &str,
        value: &str,
        origin: Origin,
    ) -> Result<(), ConfigError> {
        let setting = Self::known(name, &origin)?;
        let checked = setting.canonical(value).and_then(|value| {
            setting.check_support(&value)?;
            Ok(value)
        });
        let value =
            checked.map_err(|error| ConfigError::Value { origin: origin.clone(), error })?;
        given.insert(setting.name, (value, origin));
        Ok(())
    }

    pub(super) fn from_given(
        given: BTreeMap<&'static str, (String, Origin)>,
    ) -> Result<Self, ConfigError> {
        Self::build(given, BTreeMap::new(), BTreeMap::new())
    }

    fn build(
        mut given: BTreeMap<&'static str, (String, Origin)>,
        dynamic_default: BTreeMap<&'static str, String>,
        dynamic_broker: BTreeMap<&'static str, String>,
    ) -> Result<Self, ConfigError> {
        one_node_id(&mut given)?;
        let text = |name: &'static str| {
            let dynamic = dynamic_broker.get(name).or_else(|| dynamic_default.get(name));
            let fixed = || given.get(name).map(|(value, _)| value);
            match dynamic.or_else(fixed) {
                Some(value) => Some(value.as_str()),
                None => Self::setting(name).and_then(|setting| setting.default),
            }
        };
        let origin = |name: &str| match given.get(name) {
            _ if dynamic_broker.contains_key(name) => Origin::DynamicBroker,
            _ if dynamic_default.contains_key(name) => Origin::DynamicDefault,
            Some((_, origin)) => origin.clone(),
            None => Origin::Default,
        };
        let settings = BrokerSettings::from_texts(text)
            .map_err(|error| ConfigError::Value { origin: origin(&error.name), error })?;
        check(&settings).map_err(|(name, why)| ConfigError::Conflict {
            origin: origin(name),
            why: format!("{name}: {why}"),
        })?;
        Ok(Self { settings, given, dynamic_default, dynamic_broker })
    }

    /// These settings with what AlterConfigs set: for all brokers, and for this one.
    ///
    /// # Errors
    /// When a setting cannot change while the broker runs, or the value is not valid; the text is
    /// for `INVALID_CONFIG`.
    pub fn with_dynamic(
        &self,
        all_brokers: &BTreeMap<String, String>,
        this_broker: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        let check = |values: &BTreeMap<String, String>, origin: Origin| {
            let mut checked = BTreeMap::new();
            for (name, value) in values {
                let mut one = BTreeMap::new();
                let setting = Self::known(name, &origin)?;
                let changes = match setting.update {
                    UpdateMode::ReadOnly => false,
                    UpdateMode::ClusterWide => true,
                    UpdateMode::PerBroker => origin == Origin::DynamicBroker,
                };
                if !changes {
                    return Err(ConfigError::ReadOnly { name: name.clone() });
                }
                Self::give(&mut one, name, value, origin.clone())?;
                checked.extend(one.into_iter().map(|(name, (value, _))| (name, value)));
            }
            Ok(checked)
        };
        let all_brokers = check(all_brokers, Origin::DynamicDefault)?;
        let this_broker = check(this_broker, Origin::DynamicBroker)?;
        Self::build(self.given.clone(), all_brokers, this_broker)
    }

    /// The value of a setting in plain form; `None` is `null`, and a name that does not exist.
    pub fn text(&self, name: &str) -> Option<&str> {
        let dynamic = self.dynamic_broker.get(name).or_else(|| self.dynamic_default.get(name));
        match dynamic.or_else(|| self.given.get(name).map(|(value, _)| value)) {
            Some(value) => Some(value),
            None => Self::setting(name).and_then(|setting| setting.default),
        }
    }

    /// Where a setting was given.
    pub fn origin(&self, name: &str) -> Origin {
        match self.given.get(name) {
            _ if self.dynamic_broker.contains_key(name) => Origin::DynamicBroker,
            _ if self.dynamic_default.contains_key(name) => Origin::DynamicDefault,
            Some((_, origin)) => origin.clone(),
            None => Origin::Default,
        }
    }

    /// The texts of a setting that was given, by source: this broker, all brokers, at the start.
    pub(super) fn layers(&self, name: &str) -> [Option<&str>; 3] {
        [
            self.dynamic_broker.get(name).map(String::as_str),
            self.dynamic_default.get(name).map(String::as_str),
            self.given.get(name).map(|(value, _)| value.as_str()),
        ]
    }

    /// What the start should warn about: settings that have no effect here.
    pub fn warnings(&self) -> Vec<String> {
        let no_effect = self.given.iter().filter_map(|(name, (value, origin))| {
            let setting = Self::setting(name)?;
            match setting.support {
                Support::NoEffect(why) if setting.default != Some(value) => {
                    Some(format!("{origin}: {name} has no effect: {why}"))
                }
                _ => None,
            }
        });
        no_effect.collect()
    }

    /// The directory for all data.
    pub fn data_dir(&self) -> PathBuf {
        self.log_dirs.first().unwrap_or(&self.log_dir).clone()
    }

    /// The listeners to open: all but those of Kafka's controllers.
    pub fn open_listeners(&self) -> Vec<Listener> {
        let is_open =
            |listener: &&Listener| !self.controller_listener_names.contains(&listener.name);
        self.listeners.iter().filter(is_open).cloned().collect()
    }

    /// What clients are told to connect to, one for each open listener that is advertised. An empty
    /// host stands for the machine's name.
    pub fn open_advertised_listeners(&self) -> Vec<Listener> {
        let listeners = match self.advertised_listeners.as_slice() {
            [] => &self.listeners,
            advertised => advertised,
        };
        let is_open =
            |listener: &&Listener| !self.controller_listener_names.contains(&listener.name);
        listeners.iter().filter(is_open).cloned().collect()
    }

    /// Age at which segments are deleted, in ms; -1 is never.
    pub fn retention_ms(&self) -> i64 {
        let minutes = self.log_retention_minutes.map(|m| i64::from(m) * 60_000);
        let ms = self.log_retention_ms.or(minutes);
        let ms = ms.unwrap_or(i64::from(self.log_retention_hours) * 3_600_000);
        ms.max(-1)
    }

    /// Age at which a segment is rolled, in ms.
    pub fn roll_ms(&self) -> i64 {
        self.log_roll_ms.unwrap_or(i64::from(self.log_roll_hours) * 3_600_000)
    }

    /// Most that is taken off [`BrokerConfig::roll_ms`] at random, in ms.
    pub fn roll_jitter_ms(&self) -> i64 {
        self.log_roll_jitter_ms.unwrap_or(i64::from(self.log_roll_jitter_hours) * 3_600_000)
    }

    /// The values that topics have unless they have their own, in plain form.
    pub fn topic_defaults(&self) -> BTreeMap<&'static str, String> {
        let value = |setting: &'static Setting| match setting.name {
            "retention.ms" => self.retention_ms().to_string(),
            "segment.ms" => self.roll_ms().to_string(),
            "segment.jitter.ms" => self.roll_jitter_ms().to_string(),
            _ => {
                let twin = setting.twin.and_then(|twin| self.text(twin));
                twin.or(setting.default).unwrap_or_default().to_owned()
            }
        };
        TopicConfig::SETTINGS.iter().map(|setting| (setting.name, value(setting))).collect()
    }
}

/// `broker.id` and `node.id` are one setting with two names.
fn one_node_id(given: &mut BTreeMap<&'static str, (String, Origin)>) -> Result<(), ConfigError> {
    match (given.get("node.id").cloned(), given.get("broker.id").cloned()) {
        (Some((node, _)), Some((broker, origin))) if node != broker => Err(ConfigError::Conflict {
            origin,
            why: format!("broker.id is {broker} but node.id is {node}: give node.id alone"),
        }),
        (None, Some((broker, origin))) => {
            given.insert("node.id", (broker, origin));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What the values must keep to together: otherwise the setting at fault, and why.
fn check(settings: &BrokerSettings) -> Result<(), (&'static str, String)> {
    check_listeners(settings)?;
    if settings.node_id < 0 {
        return Err(("node.id", "must be at least 0".to_owned()));
    }
    if settings.log_dirs.len() > 1 {
        let why = "names several directories, and Ringlog uses one; put the drives together \
                   (md, LVM) or name one";
        return Err(("log.dirs", why.to_owned()));
    }
    let retentions = [
        ("log.retention.ms", settings.log_retention_ms),
        ("log.retention.minutes", settings.log_retention_minutes.map(i64::from)),
        ("log.retention.hours", Some(i64::from(settings.log_retention_hours))),
    ];
    for (name, value) in retentions {
        if value == Some(0) {
            return Err((name, "must be -1 (no limit) or at least 1".to_owned()));
        }
    }
    if settings.group_min_session_timeout_ms > settings.group_max_session_timeout_ms {
        let why = "is above group.max.session.timeout.ms: no session timeout would be valid";
        return Err(("group.min.session.timeout.ms", why.to_owned()));
    }
    if settings.ringlog_journal_file_bytes % 4096 != 0 {
        return Err(("ringlog.journal.file.bytes", "must be a multiple of 4096".to_owned()));
    }
    if let Some(cores) = &settings.ringlog_cores {
        parse_cores(cores).map_err(|why| ("ringlog.cores", why))?;
    }
    for (name, voters) in [
        ("controller.quorum.voters", &settings.controller_quorum_voters),
        ("controller.quorum.bootstrap.servers", &settings.controller_quorum_bootstrap_servers),
    ] {
        if voters.len() > 1 {
            let why = "names several controllers, but a Ringlog cluster is one node for now";
            return Err((name, why.to_owned()));
        }
    }
    Ok(())
}

fn check_listeners(settings: &BrokerSettings) -> Result<(), (&'static str, String)> {
    let map_name = "listener.security.protocol.map";
    let mut protocols: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in &settings.listener_security_protocol_map {
        let Some((name, protocol)) = entry.split_once(':') else {
            return Err((map_name, format!("`{entry}` is not NAME:PROTOCOL")));
        };
        protocols.insert(name.trim(), protocol.trim());
    }
    let is_controller =
        |listener: &Listener| settings.controller_listener_names.contains(&listener.name);
    for (setting, listeners) in [
        ("listeners", &settings.listeners),
        ("advertised.listeners", &settings.advertised_listeners),
    ] {
        let mut seen = Vec::new();
        for listener in listeners {
            if seen.contains(&&listener.name) {
                let why = format!("has the name {} twice: give each its own name", listener.name);
                return Err((setting, why));
            }
            seen.push(&listener.name);
            if is_controller(listener) {
                continue;
            }
            let Some(protocol) = protocols.get(listener.name.as_str()) else {
                let name = &listener.name;
                let why = format!(
                    "no security protocol is known for the listener {name}: add {name}:PLAINTEXT to \
                     {map_name}"
                );
                return Err((setting, why));
            };
            if SecurityProtocol::from_name(protocol) != Some(SecurityProtocol::Plaintext) {
                let why = format!(
                    "the listener {} has the security protocol {protocol}, and Ringlog only speaks \
                     PLAINTEXT so far",
                    listener.name
                );
                return Err((setting, why));
            }
        }
    }
    match settings.listeners.iter().filter(|listener| !is_controller(listener)).count() {
        0 => return Err(("listeners", "has no listener for clients".to_owned())),
        1 => {}
        _ => {
            let why = "has several listeners for clients, and Ringlog tells all clients the same \
                       address so far: give one";
            return Err(("listeners", why.to_owned()));
        }
    }
    for listener in &settings.advertised_listeners {
        if matches!(listener.host.as_str(), "0.0.0.0" | "::") {
            let why = format!(
                "{} is no address that clients can connect to: name the host they reach",
                listener.host
            );
            return Err(("advertised.listeners", why));
        }
        if !settings.listeners.iter().any(|open| open.name == listener.name) {
            let why = format!("{} is not one of the listeners", listener.name);
            return Err(("advertised.listeners", why));
        }
    }
    Ok(())
}

/// The cores of a list such as `0,2-5`, in the order given.
pub(super) fn parse_cores(text: &str) -> Result<Vec<usize>, String> {
    // Shards are numbered with 16 bits, and no kernel has more cores than this.
    const CORES_MAX: usize = 8192;
    let mut cores = Vec::new();
    for part in super::value::elements(text) {
        let wrong = || format!("`{part}` is not a core or a range of cores, such as 0,2-5");
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let first: usize = first.trim().parse().map_err(|_| wrong())?;
        let last: usize = last.trim().parse().map_err(|_| wrong())?;
        if first > last || last >= CORES_MAX {
            return Err(wrong());
        }
        for core in first..=last {
            if cores.contains(&core) {
                return Err(format!("core {core} is given twice"));
            }
            cores.push(core);
        }
    }
    if cores.is_empty() { Err("names no core; such as 0,2-5".to_owned()) } else { Ok(cores) }
}

impl BrokerConfig {
    /// The cores to use, when they are given.
    pub fn cores(&self) -> Option<Vec<usize>> {
        self.ringlog_cores.as_deref().and_then(|cores| parse_cores(cores).ok())
    }
}

impl From<ValueError> for ConfigError {
    fn from(error: ValueError) -> Self {
        Self::Value { origin: Origin::Default, error }
    }
}
