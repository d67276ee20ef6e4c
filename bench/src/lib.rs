//! Load for any Kafka broker, and what the machine itself can do: the `ringlog bench` command.
//!
//! `arguments` is what can be asked; `produce`, `fetch` and `loopback` are the loads, each a
//! [`Load`](load::Load) that `run` drives, shows and judges; `wire` and `connection` are the few requests
//! they need, encoded here so that the driver costs little and shares no code with the broker it measures.
//! Nothing here may know a broker's insides.
#![forbid(unsafe_code)]
// Load is made by plain threads in real time.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod arguments;
mod batches;
mod cluster;
mod connection;
mod error;
mod fetch;
mod load;
mod loopback;
mod plot;
mod process;
mod produce;
mod report;
mod run;
mod wire;

pub use arguments::Arguments;
pub use batches::Batch;
pub use error::BenchError;
pub use process::{Usage, usage};
pub use run::run;
