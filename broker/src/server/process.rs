//! The process: threads, signals, the lock on the data directory, the first lines it prints.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ringlog_engine::io::Io;
use ringlog_engine::ring::probe::{DirectoryError, check_directory};
use ringlog_engine::ring::{RingConfig, RingReport};
use ringlog_engine::shard::{RunError, Seat, ShardConfig, run_shards_holding};
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use super::boot::{BootError, serve_shard};
use super::signals::{self, StopSignals};
use super::summary::Summary;
use super::{Broker, Settings};

/// How long the last writes of a process that was killed may take. They may be on the medium or not when
/// they are over; before that nothing may be read or written.
const TEARDOWN_WAIT: Duration = Duration::from_secs(120);

/// Nobody is told of a shorter wait.
const TEARDOWN_NOTED: Duration = Duration::from_secs(1);

/// How long sockets may outlive their process once its files are closed.
const SOCKETS_WAIT: Duration = Duration::from_secs(5);

/// Held while a process has the data directory, with its process id in it; as Kafka's.
const LOCK_FILE: &str = ".lock";

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
    #[error("the data directory {path} is in use by {}; stop that one, or choose another with --data-dir", owner(.pid))]
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
    pid.map_or("another process".to_owned(), |pid| format!("process {pid}"))
}

/// Serves until SIGTERM or SIGINT; a second one ends the process at once.
///
/// # Errors
/// [`ServeError`], a line that says how to mend it.
pub fn run(settings: Settings, shards: &[ShardConfig]) -> Result<(), ServeError> {
    let lock = lock(&settings.data_dir)?;
    check_directory(&settings.data_dir)?;
    let is_new = is_new(&settings.data_dir);
    check_addresses(&settings.listen)?;
    let stop = StopSignals::catch().map_err(ServeError::Signals)?;
    let stop_path = stop.path();
    let settings = Arc::new(settings);
    let cores: Vec<Option<usize>> = shards.iter().map(|shard| shard.core).collect();
    let arena_bytes = shards.iter().map(|shard| shard.arena_bytes).sum();
    let main = move |io: Io, seat: Seat<Broker>, report: RingReport| {
        let settings = settings.clone();
        let cores = cores.clone();
        if io.shard().0 == 0
            && let Some(advice) = &report.advice
        {
            tracing::warn!("{advice}");
        }
        let told = settings.clone();
        let stop_path = stop_path.clone();
        let signalled = async move {
            signals::first(io, stop_path).await;
            tracing::info!("stopping: open requests are finished and everything is written out");
        };
        serve_shard(seat, settings, signalled, move |started| {
            let summary = Summary {
                settings: &told,
                is_new,
                cores: &cores,
                arena_bytes,
                ring: &report,
                started,
            };
            summary.log();
            summary.print();
        })
    };
    for outcome in run_shards_holding(shards, Some(lock.as_fd()), main)? {
        outcome?;
    }
    tracing::info!("stopped cleanly");
    Ok(())
}

/// Whether there is nothing in a data directory yet but our lock.
fn is_new(dir: &Path) -> bool {
    let foreign = |name: &std::ffi::OsStr| name != LOCK_FILE && name != "lost+found";
    std::fs::read_dir(dir)
        .is_ok_and(|mut entries| !entries.any(|e| e.is_ok_and(|e| foreign(&e.file_name()))))
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
        let failed = |error: Errno| {
            let error = error.into();
            BootError::Listen { address: *address, error }
        };
        let passes = |error: &Errno, _| *error == Errno::ADDRINUSE;
        patiently(SOCKETS_WAIT, || probe(address), passes).map_err(failed)?;
    }
    Ok(())
}

/// Tries again while what stands in the way is worth waiting for: the kernel tears down the rings of
/// a process that was killed, with their sockets and files, some time after its end.
#[expect(clippy::disallowed_methods, reason = "no shard runs yet: nothing to hold up, no clock")]
fn patiently<T, E>(
    limit: Duration,
    mut attempt: impl FnMut() -> Result<T, E>,
    mut passes: impl FnMut(&E, Duration) -> bool,
) -> Result<T, E> {
    let began = Instant::now();
    loop {
        match attempt() {
            Err(error) if began.elapsed() < limit && passes(&error, began.elapsed()) => {
                std::thread::sleep(Duration::from_millis(10));
            }
            outcome => return outcome,
        }
    }
}

/// What a shard is given when nothing else is said.
pub fn default_shard(core: Option<usize>, arena_bytes: usize) -> ShardConfig {
    ShardConfig { core, arena_bytes, ring: RingConfig::default(), look_nanos: 0 }
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

/// Keeps other processes out of the data directory for as long as what is returned is open, here or
/// in a ring. A process that was killed is waited for until the kernel has ended its last write.
fn lock(dir: &Path) -> Result<OwnedFd, ServeError> {
    let failed = |error: io::Error| ServeError::Directory { path: dir.into(), error };
    std::fs::create_dir_all(dir).map_err(failed)?;
    let path = dir.join(LOCK_FILE);
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC;
    let file = rustix::fs::open(&path, flags, Mode::from_raw_mode(0o640))
        .map_err(|error| DirectoryError::Unwritable { path: dir.into(), error: error.into() })?;
    let owner = || {
        let text = std::fs::read_to_string(&path).ok()?;
        text.trim().parse::<u32>().ok()
    };
    // A process that has ended has no program any more, even while nobody has asked how it ended.
    let lives = |pid: u32| std::fs::read_link(format!("/proc/{pid}/exe")).is_ok();
    let mut told = false;
    let locked = patiently(
        TEARDOWN_WAIT,
        || rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive),
        |error, waited| {
            if waited > TEARDOWN_NOTED && !told {
                told = true;
                tracing::warn!(
                    data_dir = %dir.display(),
                    "the kernel is still ending the last writes of a process that was killed: waiting"
                );
            }
            *error == Errno::WOULDBLOCK && !owner().is_some_and(lives)
        },
    );
    match locked {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => {
            return Err(ServeError::InUse {
                path: dir.into(),
                pid: owner().filter(|pid| lives(*pid)),
            });
        }
        Err(error) => return Err(failed(error.into())),
    }
    // For whoever is kept out; the lock itself does not depend on it.
    let pid = format!("{}\n", std::process::id());
    rustix::fs::ftruncate(&file, 0).map_err(|error| failed(error.into()))?;
    rustix::io::pwrite(&file, pid.as_bytes(), 0).map_err(|error| failed(error.into()))?;
    Ok(file)
}
