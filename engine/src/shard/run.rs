//! Threads for shards.

use std::future::Future;
use std::io;
use std::num::NonZeroU64;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::{Arc, mpsc};

use super::{Mesh, Place, Seat};
use crate::arena::Arena;
use crate::exec::{Executor, Patience};
use crate::io::{Io, ShardId};
use crate::ring::{Doorbells, RingConfig, RingDriver, RingError, RingReport};

/// How late (ns) the kernel may wake a shard whose timer is due.
const TIMER_SLACK_NANOS: u64 = 1_000;

/// What a shard is given.
#[derive(Clone, Copy, Debug)]
pub struct ShardConfig {
    /// The core its thread is pinned to; anywhere when none is named.
    pub core: Option<usize>,
    /// Memory of its arena in bytes.
    pub arena_bytes: usize,
    /// Sizes of its ring.
    pub ring: RingConfig,
    /// How long it looks for work before it sleeps, in ns at most ([`Patience`]).
    pub look_nanos: u64,
}

/// Why a shard could not be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// Its ring.
    #[error(transparent)]
    Ring(#[from] RingError),
    /// Its thread.
    #[error("the thread of shard {shard} could not be started: {error}")]
    Thread {
        /// Which.
        shard: u16,
        /// What the system says.
        error: io::Error,
    },
    /// It panicked.
    #[error("shard {shard} panicked")]
    Panicked {
        /// Which.
        shard: u16,
    },
}

/// Runs `main` on one pinned thread for each of `shards`, and returns what each came to once all
/// have ended. No `main` starts before every shard has its ring. A panic of one ends the process:
/// the others cannot go on without it, and all that was acknowledged is on the medium.
///
/// # Errors
/// The first [`RunError`]; then no `main` has run.
pub fn run_shards<C, T, M, F>(shards: &[ShardConfig], main: M) -> Result<Vec<T>, RunError>
where
    C: 'static,
    T: Send + 'static,
    M: Fn(Io, Seat<C>, RingReport) -> F + Clone + Send + 'static,
    F: Future<Output = T> + 'static,
{
    run_shards_holding(shards, None, main)
}

/// As [`run_shards`]; every ring holds `held` until the kernel has ended all that the ring had begun
/// ([`RingDriver::hold`]).
///
/// # Errors
/// As for [`run_shards`].
pub fn run_shards_holding<C, T, M, F>(
    shards: &[ShardConfig],
    held: Option<BorrowedFd<'_>>,
    main: M,
) -> Result<Vec<T>, RunError>
where
    C: 'static,
    T: Send + 'static,
    M: Fn(Io, Seat<C>, RingReport) -> F + Clone + Send + 'static,
    F: Future<Output = T> + 'static,
{
    let count = u16::try_from(shards.len()).unwrap_or(u16::MAX);
    let doorbells = Doorbells::new(count);
    let (ready, readiness) = mpsc::channel();
    let mut threads = Vec::new();
    let mut starts = Vec::new();
    let places = Mesh::<C>::new(count).into_places();
    for (place, config) in places.into_iter().zip(shards.iter().copied()) {
        let shard = place.shard();
        let (doorbells, main, ready) = (doorbells.clone(), main.clone(), ready.clone());
        let held = held.map(|held| held.try_clone_to_owned()).transpose();
        let held = held.map_err(|error| RunError::Thread { shard: shard.0, error })?;
        let (start, started) = mpsc::channel::<()>();
        let body = move || run_shard(place, config, doorbells, held, main, &ready, &started);
        let thread = std::thread::Builder::new()
            .name(format!("ringlog-{}", shard.0))
            .spawn(body)
            .map_err(|error| RunError::Thread { shard: shard.0, error })?;
        threads.push((shard, thread));
        starts.push(start);
    }
    drop(ready);
    // Each shard reports once. Without this signal, those that wait for it go away again.
    if readiness.iter().take(threads.len()).filter(|is_ready| *is_ready).count() == threads.len() {
        for start in &starts {
            // One that has gone meanwhile is met again below.
            start.send(()).unwrap_or_default();
        }
    }
    drop(starts);
    let mut outcomes = Vec::new();
    let mut failure = None;
    for (shard, thread) in threads {
        match thread.join().unwrap_or(Err(RunError::Panicked { shard: shard.0 })) {
            Ok(outcome) => outcomes.extend(outcome),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(outcomes), Err)
}

/// One shard's thread. Nothing comes of it when another shard could not be started.
fn run_shard<C, T, F>(
    place: Place<C>,
    config: ShardConfig,
    doorbells: Arc<Doorbells>,
    held: Option<OwnedFd>,
    main: impl Fn(Io, Seat<C>, RingReport) -> F,
    ready: &mpsc::Sender<bool>,
    started: &mpsc::Receiver<()>,
) -> Result<Option<T>, RunError>
where
    C: 'static,
    T: 'static,
    F: Future<Output = T> + 'static,
{
    let shard = place.shard();
    let _guard = AbortOnPanic(shard);
    settle(shard, config.core);
    let arena = Arena::new(config.arena_bytes);
    let ring = RingDriver::new(shard, &arena, doorbells, &config.ring);
    let ring = ring.and_then(|(mut driver, report)| {
        held.map_or(Ok(()), |held| driver.hold(held))?;
        Ok((driver, report))
    });
    // Whoever started the threads waits for this.
    ready.send(ring.is_ok()).unwrap_or_default();
    let (driver, report) = ring?;
    let executor = Executor::new(shard, arena, Box::new(driver));
    if started.recv().is_err() {
        return Ok(None);
    }
    let seat = place.seat(executor.io());
    let main = main(executor.io(), seat.clone(), report);
    let outcome = executor.run(main, &seat, Patience::new(config.look_nanos));
    seat.close();
    let left = executor.drain();
    if left > 0 {
        tracing::warn!(shard = shard.0, left, "stopped with operations that did not end in time");
    }
    outcome.map(Some).ok_or(RunError::Panicked { shard: shard.0 })
}

/// Prepares a thread for its work.
fn settle(shard: ShardId, core: Option<usize>) {
    if let Some(core) = core {
        // Pinning is for speed: a core that is not ours is reported, not fatal.
        if !core_affinity::set_for_current(core_affinity::CoreId { id: core }) {
            tracing::warn!(core, shard = shard.0, "the shard cannot be pinned to this core");
        }
    }
    // The kernel may end a wait late by this much; its default, 50 us, is an age here.
    if let Err(error) = rustix::thread::set_current_timer_slack(NonZeroU64::new(TIMER_SLACK_NANOS))
    {
        tracing::warn!(%error, shard = shard.0, "timers of this shard may be late by 50 us");
    }
}

struct AbortOnPanic(ShardId);

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "shard {} panicked: the broker stops; every acknowledged record is on the medium",
                self.0.0
            );
            std::process::abort();
        }
    }
}
