//! The seam between everything Ringlog does and the world it runs in.
//!
//! [`op`] is the closed set of operations and the [`Driver`] that carries them out; [`Io`] is the
//! handle with which tasks ask for them: files, sockets, time, randomness, memory, tasks. Code
//! above this line runs unchanged on io_uring and in the simulator; it may not read a clock, roll
//! dice or touch a file in any other way.
//!
//! What code above may rely on, whichever driver is beneath:
//!
//! - An operation owns its memory until the kernel is done with it. Dropping a future detaches: the
//!   operation goes on unobserved, and what it brings is closed or freed. Two do end early:
//!   [`Io::connect`], and accepting and receiving, which stop when their socket is dropped.
//! - Dropping a [`File`] closes it after what is in flight on it. Dropping a [`Socket`] cancels what
//!   is in flight: await a send, or its bytes may not leave.
//! - Operations start in the order asked for, and may complete in any order. A write and the sync
//!   that is to cover it need an await between them.
//! - Received bytes are on loan ([`Chunk`]): there are few buffers for all connections. Bytes that
//!   wait untaken are copied off them after each turn, and a connection nobody reads is stopped.
//! - Errors are the kernel's, by number. A failed durable write or sync is never tried again.
//!
//! What may not live here: a system call, or anything that knows which driver is beneath.

mod chunk;
mod file;
mod handle;
pub mod op;
mod socket;

pub use chunk::{Chunk, ChunkHome};
pub use file::File;
pub use handle::Io;
pub use op::{
    Completion, Detached, Driver, Durability, FileId, FileStat, Op, OpId, OpenOptions, Output,
    ShardId, SocketId, Space, Wait,
};
pub use socket::{Listener, Socket, Travelling};
