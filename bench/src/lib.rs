//! Load for any Kafka broker, and what the machine itself can do: the `ringlog bench` command.
//!
//! `arguments` is what can be asked; it becomes a [`Scenario`], the one description of a run. `run` has it
//! measured: `load` makes it, through the few requests of `wire`, `measure` watches it, `report` shows what
//! came of it. The driver costs little and shares no code with the broker it measures but the making of
//! record batches. Nothing here may know a broker's insides.
#![forbid(unsafe_code)]
// Load is made by plain threads in real time.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod arguments;
mod error;
mod load;
mod measure;
mod report;
mod run;
mod scenario;
mod sweep;
mod wire;

pub use arguments::Arguments;
pub use error::BenchError;
pub use load::Batch;
pub use measure::{Usage, usage};
pub use report::{
    BrokerUse, DeviceUse, Environment, Interval, Kind, Latency, LatencyOf, LoadReport, Quantiles,
    Report, Step, Sweep,
};
pub use run::run;
pub use scenario::{
    Acks, Codec, ConsumerLoad, Keys, ProducerLoad, Scenario, ScenarioError, Sizes, Start, Topic,
};
pub use wire::Identity;
