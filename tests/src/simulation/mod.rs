//! Simulations: the engine and the broker in a simulated world that fails, judged by models of what
//! they have promised.
//!
//! [`storage`] works on partition logs directly, [`broker`] on a whole node over the wire. The same
//! seed always gives the same run; a failing one prints the command that replays it.

pub mod actors;
pub mod broker;
pub mod follower;
pub mod model;
#[cfg(feature = "mutants")]
pub mod mutants;
pub mod storage;

/// What is simulated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workload {
    /// A whole node over the wire.
    Broker,
    /// Partition logs.
    Storage,
}

impl Workload {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Broker, Self::Storage];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Storage => "storage",
        }
    }
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is simulated.
    pub workload: Workload,
    /// Decides everything.
    pub seed: u64,
    /// Events kept for the trace of a failure.
    pub trace_events: usize,
    /// The command that replays a seed, without the seed.
    pub replay: String,
}

impl Plan {
    /// The plan of a seed, with a short trace.
    pub fn new(workload: Workload, seed: u64) -> Self {
        let replay = format!(
            "cargo run --release -p ringlog-tests --no-default-features --bin simulate -- {} --trace --seed",
            workload.name()
        );
        Self { workload, seed, trace_events: 60, replay }
    }

    /// Runs it. Panics when a promise is broken.
    pub fn run(&self) -> Outcome {
        match self.workload {
            Workload::Broker => broker::run(self),
            Workload::Storage => storage::run(self),
        }
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
