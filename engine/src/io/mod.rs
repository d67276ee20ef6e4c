//! The seam between everything Ringlog does and the world it runs in.
//!
//! [`op`] is the closed set of operations and the [`Driver`] that carries them out; [`Io`] is the
//! handle with which tasks ask for them: files, sockets, time, randomness, memory, tasks. Code
//! above this line runs unchanged on io_uring and in the simulator; it may not read a clock, roll
//! dice or touch a file in any other way.

mod chunk;
mod file;
mod handle;
pub mod op;
mod socket;

pub use chunk::{Chunk, ChunkHome};
pub use file::File;
pub use handle::Io;
pub use op::{
    Completion, Driver, Durability, FileId, FileStat, Op, OpId, OpenOptions, Output, ShardId,
    SocketId, Wait,
};
pub use socket::{Listener, Socket};
