//! The memory of a shard: one region, sized at start, from which every buffer is cut.
//!
//! [`Arena`] is the budget and the allocator, [`Buf`] a unique writable block, [`Slice`] a shared
//! read-only range, [`AppendBuf`] a block that grows at its end while earlier bytes are being read.
//! Nothing else in the engine owns record bytes. This module and `ring` are the only ones that may
//! contain unsafe code; what is unsafe here is the sharing of one block between a writer of fresh
//! bytes and readers of old ones.

mod block;
mod buddy;
mod slice;

pub use block::{Arena, BLOCK_BYTES, OutOfMemory, Region};
pub use slice::{AppendBuf, Buf, Slice};
