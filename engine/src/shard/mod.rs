//! The shards of a node: one thread each, nothing shared, and the way between them.
//!
//! A [`Mesh`] connects them with one bounded queue for each ordered pair. [`Seat::submit_to`] runs a
//! piece of work on another shard and brings its result back, as Seastar's function of that name
//! does. [`run_shards`] starts the threads on real rings; the simulator seats all shards in one
//! thread.

mod lane;
mod mesh;
mod run;
mod seat;

pub use mesh::{Mesh, Place, QUEUE_DEPTH};
pub use run::{RunError, ShardConfig, run_shards, run_shards_holding};
pub use seat::Seat;
