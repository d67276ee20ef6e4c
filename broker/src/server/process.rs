//! The process: threads, signals, the lock on the data directory, the first lines it prints.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ringlog_engine::io::Io;
use ringlog_engine::ring::probe::{DirectoryError, check_directory};
use ringlog_engine::ring::{RingConfig, RingReport};
use ringlog_engine::shard::{RunError, Seat, ShardConfig, run_shards};
use rustix::fs::{FlockOperation, Mode, OFlags};

use super::boot::{BootError, Started, serve_shard};
use super::{Broker, Settings};

/// Pause between two looks at whether a signal has come.
const SIGNAL_POLL: Duration = Duration::from_millis(50);

/// Why the process does not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The data directory cannot be made.
    #[error("the data directory {path} cannot be made: {error}; choose another with --data-dir")]
    Directory {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Another process has it.
    #[error("the data directory {path} is in use by another process{}; stop that one, or choose another with --data-dir", owner(.pid))]
    InUse {
        /// Which.
        path: PathBuf,
        /// Its process id, if it could be read.
        pid: Option<u32>,
    },
    /// It cannot hold a log.
    #[error(transparent)]
    Unfit(#[from] DirectoryError),
    /// The shards cannot be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The node cannot serve.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// Signals cannot be caught.
    #[error("signals cannot be caught: {0}")]
    Signals(io::Error),
}

fn owner(pid: &Option<u32>) -> String {
    pid.map_or(String::new(), |pid| format!(" (process {pid})"))
}

/// Serves until SIGTERM or SIGINT; a second one ends the process at once.
///
/// # Errors
/// [`ServeError`], a line that says how to mend it.
pub fn run(settings: Settings, shards: &[ShardConfig]) -> Result<(), ServeError> {
    let _lock = lock(&settings.data_dir)?;
    check_directory(&settings.data_dir)?;
    check_addresses(&settings.listen)?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
        // The second signal finds the flag set and ends the process; the first one sets it.
        signal_hook::flag::register_conditional_shutdown(signal, 130, stop.clone())
            .and_then(|_| signal_hook::flag::register(signal, stop.clone()))
            .map_err(ServeError::Signals)?;
    }
    let settings = Arc::new(settings);
    let cores: Vec<Option<usize>> = shards.iter().map(|shard| shard.core).collect();
    let main = move |io: Io, seat: Seat<Broker>, report: RingReport| {
        let (settings, stop) = (settings.clone(), stop.clone());
        let cores = cores.clone();
        if io.shard().0 == 0
            && let Some(advice) = &report.advice
        {
            tracing::warn!("{advice}");
        }
        let told = settings.clone();
        let signalled = {
            let stop = stop.clone();
            async move {
                while !stop.load(Ordering::Relaxed) {
                    io.sleep(SIGNAL_POLL).await;
                }
                tracing::info!(
                    "stopping: open requests are finished and everything is written out"
                );
            }
        };
        serve_shard(seat, settings, signalled, move |started| {
            announce(&told, &cores, &report, started);
        })
    };
    for outcome in run_shards(shards, main)? {
        outcome?;
    }
    tracing::info!("stopped cleanly");
    Ok(())
}

/// Checks that nobody else listens on the addresses. Shards share them among each other, which the
/// kernel lets another broker of the same user do as well: both would get a part of the connections.
fn check_addresses(addresses: &[SocketAddr]) -> Result<(), BootError> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
    let probe = |address: &SocketAddr| {
        let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        // Connections that ended a moment ago do not matter; whoever listens now does.
        sockopt::set_socket_reuseaddr(&socket, true)?;
        if address.is_ipv6() {
            sockopt::set_ipv6_v6only(&socket, true)?;
        }
        bind(&socket, address)
    };
    for address in addresses.iter().filter(|address| address.port() != 0) {
        let failed = |error: rustix::io::Errno| {
            let error = error.into();
            BootError::Listen { address: *address, error }
        };
        probe(address).map_err(failed)?;
    }
    Ok(())
}

/// What a shard is given when nothing else is said.
pub fn default_shard(core: Option<usize>, arena_bytes: usize) -> ShardConfig {
    ShardConfig { core, arena_bytes, ring: RingConfig::default() }
}

/// Resolves `host:port` to every address of it, so that `localhost` is served on both families.
///
/// # Errors
/// When there is none.
pub fn resolve(listen: &str) -> io::Result<Vec<SocketAddr>> {
    let mut addresses: Vec<SocketAddr> = listen.to_socket_addrs()?.collect();
    addresses.sort();
    addresses.dedup();
    Ok(addresses)
}

/// Keeps other processes out of the data directory while it lives.
struct DirectoryLock(#[allow(dead_code)] rustix::fd::OwnedFd);

fn lock(dir: &Path) -> Result<DirectoryLock, ServeError> {
    let failed = |error: io::Error| ServeError::Directory { path: dir.into(), error };
    std::fs::create_dir_all(dir).map_err(failed)?;
    let path = dir.join(".lock");
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC;
    let file = rustix::fs::open(&path, flags, Mode::from_raw_mode(0o640))
        .map_err(|error| failed(error.into()))?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let pid = std::fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok());
            return Err(ServeError::InUse { path: dir.into(), pid });
        }
        Err(error) => return Err(failed(error.into())),
    }
    // For whoever is kept out; the lock itself does not depend on it.
    let pid = format!("{}\n", std::process::id());
    rustix::fs::ftruncate(&file, 0).map_err(|error| failed(error.into()))?;
    rustix::io::pwrite(&file, pid.as_bytes(), 0).map_err(|error| failed(error.into()))?;
    Ok(DirectoryLock(file))
}

fn announce(settings: &Settings, cores: &[Option<usize>], ring: &RingReport, started: &Started) {
    let addresses: Vec<String> = started.addresses.iter().map(ToString::to_string).collect();
    let cores: Vec<String> =
        cores.iter().map(|core| core.map_or("any".to_owned(), |core| core.to_string())).collect();
    let recovery = &started.recovery;
    let state = if recovery.clean { "closed cleanly" } else { "recovered after a crash" };
    tracing::info!(
        addresses = addresses.join(","),
        data_dir = %settings.data_dir.display(),
        cores = cores.join(","),
        kernel = ring.kernel,
        registered_memory = ring.registered_memory,
        topics = started.topics,
        partitions = started.partitions,
        cluster_id = started.cluster_id,
        recovery = state,
        journal_bytes = recovery.journal_bytes,
        recovery_ms = recovery.millis,
        "serving"
    );
    let (host, port) = &settings.advertise;
    let port =
        if *port == 0 { started.addresses.first().map_or(0, SocketAddr::port) } else { *port };
    println!("ringlog serves on {}", addresses.join(" and "));
    println!("  data       {} ({state}, {} ms)", settings.data_dir.display(), recovery.millis);
    println!("  cores      {}", cores.join(" "));
    println!(
        "  ring       Linux {}, memory {}",
        ring.kernel,
        if ring.registered_memory { "registered" } else { "not registered" }
    );
    println!("  holds      {} topics, {} partitions", started.topics, started.partitions);
    println!("try next:");
    println!("  ringlog topic create hello --bootstrap-server {host}:{port}");
    println!("  echo hi | ringlog produce hello --bootstrap-server {host}:{port}");
    println!("  ringlog consume hello --bootstrap-server {host}:{port} --exit");
}
