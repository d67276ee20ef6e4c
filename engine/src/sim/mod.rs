//! Whole clusters in one thread, driven by a seed.
//!
//! A [`World`] has nodes, each with shards, and runs the very code that runs on io_uring: every
//! shard is an [`Executor`](crate::exec::Executor) over a driver that hands operations to the
//! world. The world completes them in an order and at times that the seed decides, and lets time
//! jump to the next event. Equal seeds and equal code give equal runs, told by
//! [`World::trace_hash`].
//!
//! Lives here: clock, disks, network, processes, faults, traces. What may not: anything that knows
//! what the code under test does.
//!
//! ```
//! use ringlog_engine::arena::Slice;
//! use ringlog_engine::io::{Durability, OpenOptions};
//! use ringlog_engine::sim::{SimConfig, World};
//!
//! let mut world = World::new(7, SimConfig::calm().with_nodes(2));
//! world.node(0).spawn(|io| async move {
//!     let listener = io.listen("0.0.0.0:9092".parse().unwrap()).await.unwrap();
//!     let socket = listener.accept().await.unwrap();
//!     while let Some(chunk) = socket.receive().await.unwrap() {
//!         let options = OpenOptions { write: true, create: true, ..Default::default() };
//!         let file = io.open("/mail", options).await.unwrap();
//!         file.write_at(0, Slice::copy_from(&chunk), Durability::Durable).await.unwrap();
//!         io.sync_dir("/").await.unwrap();
//!         socket.send(vec![Slice::copy_from(b"kept")], false).await.unwrap();
//!     }
//! });
//! let server = world.ip(0);
//! let answer = world.block_on(1, move |io| async move {
//!     // The server may not be listening yet.
//!     let socket = loop {
//!         match io.connect((server, 9092).into()).await {
//!             Ok(socket) => break socket,
//!             Err(_) => io.sleep(std::time::Duration::from_millis(1)).await,
//!         }
//!     };
//!     socket.send(vec![Slice::copy_from(b"hello")], false).await.unwrap();
//!     socket.receive().await.unwrap().unwrap().to_vec()
//! });
//! assert_eq!(answer, b"kept");
//! world.crash(0);
//! assert_eq!(world.disk(0, |disk| disk.contents("/mail").unwrap()), b"hello");
//! ```

mod config;
mod disk;
mod driver;
mod fault;
mod net;
mod operation;
mod record;
mod rng;
mod state;
#[cfg(test)]
mod tests;
mod trace;
mod world;

pub use config::{ClockConfig, DiskConfig, MICROSECOND, MILLISECOND, NetConfig, SECOND, SimConfig};
pub use disk::{CrashPlan, Disk, Fate, SECTOR_BYTES};
pub use fault::{DiskFault, Harm, Target};
pub use record::{CrashPoint, CrashState, enumerate};
pub use rng::Rng;
pub use world::{Node, World};

/// A shard in one life of its node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Seat {
    node: usize,
    shard: u16,
    epoch: u32,
}

/// What has become of a shard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum SeatState {
    /// It is there.
    Alive,
    /// Its node has been started anew since.
    Reborn,
    /// Its node is down.
    Down,
}
