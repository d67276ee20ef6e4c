//! Threads for shards.

use std::future::Future;
use std::io;
use std::sync::Arc;

use super::{Mesh, Seat};
use crate::arena::Arena;
use crate::exec::Executor;
use crate::io::{Io, ShardId};
use crate::ring::{Doorbells, RingConfig, RingDriver, RingError, RingReport};

/// What a shard is given.
#[derive(Clone, Copy, Debug)]
pub struct ShardConfig {
    /// The core its thread is pinned to; anywhere when none is named.
    pub core: Option<usize>,
    /// Memory of its arena in bytes.
    pub arena_bytes: usize,
    /// Sizes of its ring.
    pub ring: RingConfig,
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
/// have ended. A panic of one ends the process: the others cannot go on without it, and all that
/// was acknowledged is on the medium.
///
/// # Errors
/// The first [`RunError`]; shards that did start have ended by then only if their `main` does.
pub fn run_shards<C, T, M, F>(shards: &[ShardConfig], main: M) -> Result<Vec<T>, RunError>
where
    C: 'static,
    T: Send + 'static,
    M: Fn(Io, Seat<C>, RingReport) -> F + Clone + Send + 'static,
    F: Future<Output = T> + 'static,
{
    let count = u16::try_from(shards.len()).unwrap_or(u16::MAX);
    let doorbells = Doorbells::new(count);
    let mut threads = Vec::new();
    // A ring that cannot be had is found out before any shard has begun to serve.
    RingDriver::new(ShardId(0), &Arena::new(probe_bytes()), Doorbells::new(1), &probe_config())?;
    for (place, config) in
        Mesh::<C>::new(count).into_places().into_iter().zip(shards.iter().copied())
    {
        let shard = place.shard();
        let (doorbells, main): (Arc<Doorbells>, M) = (doorbells.clone(), main.clone());
        let body = move || -> Result<T, RunError> {
            let _guard = AbortOnPanic(shard);
            if let Some(core) = config.core {
                // Pinning is for speed: a core that is not ours is reported, not fatal.
                if !core_affinity::set_for_current(core_affinity::CoreId { id: core }) {
                    tracing::warn!(
                        core,
                        shard = shard.0,
                        "the shard cannot be pinned to this core"
                    );
                }
            }
            let arena = Arena::new(config.arena_bytes);
            let (driver, report) = RingDriver::new(shard, &arena, doorbells, &config.ring)?;
            let executor = Executor::new(shard, arena, Box::new(driver));
            let seat = place.seat(executor.io());
            let (before, after) = (seat.clone(), seat.clone());
            let outcome = executor.run(
                main(executor.io(), seat.clone(), report),
                || before.may_sleep(),
                || after.awake(),
            );
            seat.close();
            executor.drain();
            outcome.ok_or(RunError::Panicked { shard: shard.0 })
        };
        let thread = std::thread::Builder::new()
            .name(format!("ringlog-{}", shard.0))
            .spawn(body)
            .map_err(|error| RunError::Thread { shard: shard.0, error })?;
        threads.push((shard, thread));
    }
    threads
        .into_iter()
        .map(|(shard, thread)| thread.join().unwrap_or(Err(RunError::Panicked { shard: shard.0 })))
        .collect()
}

/// The smallest ring that shows whether one can be had.
fn probe_config() -> RingConfig {
    RingConfig {
        entries: 8,
        descriptors: 8,
        receive_buffers: 1,
        receive_buffer_bytes: 4096,
        register_memory: false,
    }
}

fn probe_bytes() -> usize {
    64 << 10
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
