//! `ringlog serve`: from arguments to a running broker.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use core_affinity::CoreId;
use ringlog_engine::log::StorageConfig;
use ringlog_engine::shard::ShardConfig;

use super::arguments::Serve;
use super::error::CliError;
use super::logging;
use crate::config::{BrokerConfig, ConfigError, Listener, Origin, Sources, load};
use crate::group::GroupConfig;
use crate::server::{self, Settings, default_shard};

/// Memory of a core when nothing is said, at most.
const CORE_BYTES_MAX: u64 = 1 << 30;
/// Memory of a core, at least: below it a record of 1 MiB is hard to place.
const CORE_BYTES_MIN: u64 = 64 << 20;

/// Of the memory of a core, at most so much for requests: what is beyond serves consumers better.
const REQUESTS_BYTES_MAX: usize = 256 << 20;

/// And at most so much for what is read from the device, journal frames and the like.
const READING_BYTES_MAX: usize = 512 << 20;

pub(super) fn run(arguments: Serve) -> Result<(), CliError> {
    let loaded = load(&sources(arguments))?;
    let config = loaded.config;
    logging::start(config.ringlog_log_format, &config.ringlog_log_level)?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let cores = match config.cores() {
        Some(cores) => {
            check_cores(&config, &cores, &core_affinity::get_core_ids().unwrap_or_default())?;
            cores.into_iter().map(Some).collect()
        }
        None => all_cores(),
    };
    let memory = Memory::of_core(&config, cores.len());
    let settings = settings(&config, &memory)?;
    let shards: Vec<ShardConfig> =
        cores.into_iter().map(|core| shard(&config, core, &memory)).collect();
    Ok(server::run(settings, &shards)?)
}

fn sources(arguments: Serve) -> Sources {
    let flags = [
        ("--data-dir", "log.dirs", arguments.data_dir),
        ("--listen", "listeners", arguments.listen.as_deref().map(plaintext)),
        ("--advertise", "advertised.listeners", arguments.advertise.as_deref().map(plaintext)),
        ("--cores", "ringlog.cores", arguments.cores),
        ("--log-format", "ringlog.log.format", arguments.log_format),
        ("--log-level", "ringlog.log.level", arguments.log_level),
    ];
    let given = flags.into_iter().filter_map(|(flag, key, value)| Some((flag, key, value?)));
    Sources {
        file: arguments.config,
        environment: std::env::vars_os().collect(),
        flags: given.collect(),
        sets: arguments.set,
    }
}

/// `HOST:PORT` as a listener, when it is not one already.
fn plaintext(address: &str) -> String {
    if address.contains("://") { address.to_owned() } else { format!("PLAINTEXT://{address}") }
}

/// What the server is told.
fn settings(config: &BrokerConfig, memory: &Memory) -> Result<Settings, CliError> {
    let defaults = Settings::default();
    let listeners = config.open_listeners();
    let mut listen = Vec::new();
    for listener in &listeners {
        listen.extend(addresses(listener)?);
    }
    let advertised = config.open_advertised_listeners().into_iter().next();
    let advertise = advertised.map_or(defaults.advertise.clone(), |listener| {
        let host = if is_wildcard(&listener.host) { host_name() } else { listener.host };
        (host, listener.port)
    });
    let settings = Settings {
        node_id: config.node_id,
        rack: config.broker_rack.clone(),
        data_dir: config.data_dir(),
        listen,
        advertise,
        storage: storage(config, memory),
        config: config.clone(),
        requests_bytes_max: memory.requests_bytes,
        idle_timeout: match u64::try_from(config.connections_max_idle_ms) {
            Ok(ms) => Duration::from_millis(ms),
            // Negative is never: a century.
            Err(_) => Duration::from_secs(100 * 365 * 86_400),
        },
        handshake_timeout: ms(config.ringlog_handshake_timeout_ms),
        frame_timeout: ms(config.ringlog_frame_timeout_ms),
        stop_timeout: ms(config.ringlog_shutdown_timeout_ms),
        fetch_sessions_max: count(config.max_incremental_fetch_session_cache_slots),
        fetch_session_partitions_max: count(config.ringlog_fetch_session_partitions_max),
        offsets_partitions: config.offsets_topic_num_partitions,
        offsets_segment_bytes: config.offsets_topic_segment_bytes,
        move_after_requests: u32::try_from(config.ringlog_connection_move_requests).unwrap_or(0),
        groups: groups(config),
        ..defaults
    };
    settings
        .batch_limit()
        .check_broker(config)
        .map_err(|why| ConfigError::Conflict { origin: config.origin("message.max.bytes"), why })?;
    Ok(settings)
}

/// Refuses cores of which this process may use none; `usable` is empty when that is not known.
fn check_cores(
    config: &BrokerConfig,
    named: &[usize],
    usable: &[CoreId],
) -> Result<(), ConfigError> {
    let is_usable = |core: &usize| usable.is_empty() || usable.iter().any(|c| c.id == *core);
    let Some(missing) = named.iter().find(|core| !is_usable(core)) else { return Ok(()) };
    let usable: Vec<String> = usable.iter().map(|core| core.id.to_string()).collect();
    Err(ConfigError::Conflict {
        origin: config.origin("ringlog.cores"),
        why: format!(
            "ringlog.cores names core {missing}, which this process may not use or the machine does not \
             have: name some of {}",
            usable.join(",")
        ),
    })
}

fn shard(config: &BrokerConfig, core: Option<usize>, memory: &Memory) -> ShardConfig {
    let mut shard = default_shard(core, memory.arena_bytes);
    shard.ring.zero_copy_min_bytes = count(config.ringlog_zerocopy_min_bytes);
    shard.look_nanos = u64::try_from(config.ringlog_idle_look_us).unwrap_or(0) * 1000;
    shard.ring.backlog = u32::try_from(config.socket_listen_backlog_size).unwrap_or(1);
    shard
}

fn groups(config: &BrokerConfig) -> GroupConfig {
    GroupConfig {
        initial_rebalance_delay_ms: config.group_initial_rebalance_delay_ms,
        min_session_timeout_ms: config.group_min_session_timeout_ms,
        max_session_timeout_ms: config.group_max_session_timeout_ms,
        max_members: count(config.group_max_size),
        max_offset_metadata: count(config.offset_metadata_max_bytes),
        offsets_retention_ms: i64::from(config.offsets_retention_minutes) * 60_000,
        retention_check_interval_ms: config.offsets_retention_check_interval_ms,
        log_bytes_min: u64::try_from(config.ringlog_offsets_log_min_bytes).unwrap_or(0),
        log_live_ratio: u64::try_from(config.ringlog_offsets_log_live_ratio).unwrap_or(2),
        ..GroupConfig::default()
    }
}

fn storage(config: &BrokerConfig, memory: &Memory) -> StorageConfig {
    let defaults = StorageConfig::default();
    let journal_file_bytes = u64::try_from(config.ringlog_journal_file_bytes).unwrap_or(0);
    // A frame is at most a quarter of a file.
    let frame_max = usize::try_from(journal_file_bytes / 4).unwrap_or(usize::MAX) / 4096 * 4096;
    StorageConfig {
        journal_file_bytes,
        accept_journal_loss: config.ringlog_journal_accept_loss,
        journal_files: u16::try_from(config.ringlog_journal_files)
            .unwrap_or(defaults.journal_files),
        journal_frame_bytes: defaults.journal_frame_bytes.min(frame_max),
        journal_reserve_bytes: defaults.journal_reserve_bytes.min(frame_max as u64),
        tail_window_bytes: memory.tails_bytes,
        reserve_bytes: u64::try_from(config.ringlog_disk_reserve_bytes).unwrap_or(0),
        ..defaults
    }
}

/// The addresses of a listener. `localhost` is one of each family where there are both, since
/// clients differ in which they try first.
fn addresses(listener: &Listener) -> Result<Vec<SocketAddr>, CliError> {
    let text = listener.to_string();
    let failed = |error: io::Error| {
        CliError::from(ConfigError::Conflict {
            origin: Origin::Flag("listeners".to_owned()),
            why: format!("{text} cannot be listened on: {error}; name a host of this machine"),
        })
    };
    let mut found = if listener.host.is_empty() {
        vec![([0, 0, 0, 0], listener.port).into(), ([0u16; 8], listener.port).into()]
    } else {
        server::resolve(&listener.address()).map_err(failed)?
    };
    let several = found.len() > 1;
    // A name may have an address of a family that this machine does not have.
    found.retain(|address| !several || std::net::UdpSocket::bind((address.ip(), 0)).is_ok());
    if found.is_empty() {
        return Err(failed(io::ErrorKind::AddrNotAvailable.into()));
    }
    Ok(found)
}

fn is_wildcard(host: &str) -> bool {
    matches!(host, "" | "0.0.0.0" | "::")
}

/// The machine's name, which clients are told when listeners name no host, as Kafka does.
fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if name.is_empty() || name == "(none)" { "localhost".to_owned() } else { name }
}

/// The cores this process may run on, as many as its control group grants it time for; one shard
/// that runs anywhere when that is not known.
fn all_cores() -> Vec<Option<usize>> {
    let cores = core_affinity::get_core_ids().unwrap_or_default();
    match cores.is_empty() {
        true => vec![None],
        false => {
            let granted = std::thread::available_parallelism().map_or(cores.len(), usize::from);
            cores.into_iter().take(granted).map(|core| Some(core.id)).collect()
        }
    }
}

/// How the memory of a core is divided.
struct Memory {
    /// What the ring may read and write: tails, journal frames, what catch-up readers read.
    arena_bytes: usize,
    /// The part of the arena for the tails of partitions.
    tails_bytes: usize,
    /// Beside the arena: requests until they are answered.
    requests_bytes: usize,
}

impl Memory {
    fn of_core(config: &BrokerConfig, cores: usize) -> Self {
        let cores = u64::try_from(cores.max(1)).unwrap_or(1);
        let given = config.ringlog_memory_bytes.and_then(|bytes| u64::try_from(bytes).ok());
        let bytes = match given {
            Some(bytes) => bytes / cores,
            None => (memory_bytes() / 4 / cores).min(CORE_BYTES_MAX),
        };
        Self::divide(bytes.max(CORE_BYTES_MIN))
    }

    fn divide(bytes: u64) -> Self {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let blocks = |bytes: usize| bytes / 4096 * 4096;
        let requests_bytes = blocks((bytes / 4).min(REQUESTS_BYTES_MAX));
        let reading_bytes = blocks((bytes / 4).min(READING_BYTES_MAX));
        let tails_bytes = blocks(bytes - requests_bytes - reading_bytes);
        Self { arena_bytes: tails_bytes + reading_bytes, tails_bytes, requests_bytes }
    }
}

/// Memory of the machine, or of the control group this process is in.
fn memory_bytes() -> u64 {
    let info = rustix::system::sysinfo();
    let machine = (info.totalram as u64).saturating_mul(u64::from(info.mem_unit));
    let limit = std::fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let limit = limit.and_then(|text| text.trim().parse::<u64>().ok());
    machine.min(limit.unwrap_or(u64::MAX))
}

fn count(value: i32) -> usize {
    usize::try_from(value).unwrap_or(0)
}

fn ms(value: i64) -> Duration {
    Duration::from_millis(u64::try_from(value).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::server::TopicSettings;
    use clap::Parser;

    fn settings_of(arguments: &[&str]) -> Settings {
        let line = ["ringlog", "serve"].iter().chain(arguments);
        let cli = crate::cli::Cli::try_parse_from(line).unwrap();
        let crate::cli::arguments::Command::Serve(serve) = cli.command else { panic!("not serve") };
        let sources = Sources { environment: Vec::new(), ..sources(serve) };
        settings(&load(&sources).unwrap().config, &Memory::divide(256 << 20)).unwrap()
    }

    #[test]
    fn without_arguments_it_serves_on_localhost_from_the_current_directory() {
        let settings = settings_of(&[]);
        assert!(settings.listen.contains(&([127, 0, 0, 1], 9092).into()));
        assert_eq!(settings.advertise, ("localhost".to_owned(), 9092));
        assert_eq!(settings.data_dir.to_str(), Some("ringlog-data"));
        assert_eq!(settings.node_id, 1);
    }

    #[test]
    fn flags_and_settings_reach_the_server() {
        let settings = settings_of(&[
            "--data-dir",
            "/d",
            "--listen",
            "127.0.0.1:19092",
            "--advertise",
            "example.org:1",
            "--set",
            "message.max.bytes=77",
            "--set",
            "log.retention.hours=1",
            "--set",
            "ringlog.journal.file.bytes=4194304",
        ]);
        assert_eq!(settings.listen, [([127, 0, 0, 1], 19092).into()]);
        assert_eq!(settings.advertise, ("example.org".to_owned(), 1));
        let topic = TopicSettings::resolve(&settings.config, &BTreeMap::new());
        assert_eq!((topic.batch_bytes_max, topic.log.retention_ms), (77, 3_600_000));
        assert_eq!(settings.storage.journal_frame_bytes, 1 << 20);
    }

    fn refused(arguments: &[&str]) -> CliError {
        let line = ["ringlog", "serve"].iter().chain(arguments);
        let cli = crate::cli::Cli::try_parse_from(line).unwrap();
        let crate::cli::arguments::Command::Serve(serve) = cli.command else { panic!("not serve") };
        let sources = Sources { environment: Vec::new(), ..sources(serve) };
        settings(&load(&sources).unwrap().config, &Memory::divide(CORE_BYTES_MIN)).unwrap_err()
    }

    #[test]
    fn a_batch_that_neither_memory_nor_journal_can_hold_is_refused() {
        let large = ["--set", "message.max.bytes=16777217"];
        let error = refused(&large);
        assert_eq!(error.exit_code(), 4);
        let said = error.to_string();
        assert!(said.starts_with("option --set: message.max.bytes is 16777217"), "{said}");
        assert!(said.contains("ringlog.memory.bytes has room for is 16777216"), "{said}");
        let said =
            refused(&[&large[..], &["--set", "ringlog.journal.file.bytes=4194304"]].concat());
        let said = said.to_string();
        assert!(said.contains("that ringlog.journal.file.bytes has room for is 20"), "{said}");
        settings_of(&["--set", "message.max.bytes=16777216"]);
    }

    #[test]
    fn the_default_batch_fits_into_the_least_of_everything() {
        let pairs = [("ringlog.journal.file.bytes", "4194304")];
        let config = BrokerConfig::from_pairs(pairs).unwrap();
        let settings = settings(&config, &Memory::divide(CORE_BYTES_MIN)).unwrap();
        assert!(settings.batch_limit().bytes > 2_000_000);
    }

    #[test]
    fn a_core_that_there_is_not_is_refused() {
        let config = BrokerConfig::from_pairs([("ringlog.cores", "0,99")]).unwrap();
        let usable = [CoreId { id: 0 }, CoreId { id: 1 }];
        let said = check_cores(&config, &[0, 99], &usable).unwrap_err().to_string();
        assert!(said.contains("ringlog.cores names core 99"), "{said}");
        assert!(said.ends_with("name some of 0,1"), "{said}");
        assert!(check_cores(&config, &[1, 0], &usable).is_ok());
        // Where it is not known, the kernel has the last word.
        assert!(check_cores(&config, &[99], &[]).is_ok());
    }

    #[test]
    fn a_host_that_does_not_exist_is_a_clear_error() {
        let listener: Listener = "PLAINTEXT://no-such-host.invalid:1".parse().unwrap();
        let error = addresses(&listener).unwrap_err().to_string();
        assert!(error.contains("no-such-host.invalid:1 cannot be listened on"), "{error}");
    }
}
