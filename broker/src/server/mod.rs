//! A node: its shards, its connections, how it starts and stops.
//!
//! [`run`] is the process; [`serve_shard`] is one shard of it and knows nothing of threads, rings or
//! signals, so the simulator runs the very same code. [`Broker`] is what a shard holds. Requests are
//! answered in [`crate::api`].

mod affinity;
mod boot;
mod broker;
mod connection;
mod device;
mod inbox;
mod limits;
mod process;
mod settings;
mod signals;
mod summary;
#[cfg(test)]
pub(crate) mod testing;
mod upkeep;

pub use affinity::Affinity;
pub use boot::{BootError, ShardOutcome, Started, serve_shard};
pub use broker::Broker;
pub use connection::Connection;
pub use limits::{ConnectionLimits, NodeConnections, RequestMemory};
pub use process::{ServeError, default_shard, resolve, run};
pub use settings::{Settings, TopicSettings};
