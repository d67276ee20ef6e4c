//! Simulations: the engine and the broker in a simulated world that fails, judged by models of what
//! they have promised.
//!
//! [`storage`] works on partition logs directly. The same seed always gives the same run; a failing
//! one prints the command that replays it.

pub mod actors;
pub mod model;
pub mod storage;

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Decides everything.
    pub seed: u64,
    /// Events kept for the trace of a failure.
    pub trace_events: usize,
    /// The command that replays a seed, without the seed.
    pub replay: String,
}

impl Plan {
    /// The plan of a seed, with a short trace.
    pub fn new(seed: u64) -> Self {
        let replay = "cargo run --release -p ringlog-tests --no-default-features --bin simulate -- --trace --seed";
        Self { seed, trace_events: 60, replay: replay.into() }
    }
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Hash over all operations and completions.
    pub hash: u64,
    /// Events.
    pub events: u64,
    /// Simulated time in milliseconds.
    pub simulated_ms: u64,
    /// Appends acknowledged.
    pub acked: u64,
    /// Reads compared.
    pub read: u64,
    /// Restarts of the node.
    pub restarts: u64,
    /// Anything else, in words.
    pub detail: String,
}
