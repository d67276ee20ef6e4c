//! Checksums of a segment's chunks, kept beside it in a `.chunks` file.
//!
//! A batch's own checksum leaves out 17 of its bytes, and says nothing about whose batch it is: a
//! write that went to another place, or was lost so that an older one shows, can still be a valid
//! batch. The checksum of a chunk covers every byte, and begins with the chunk's identity: log,
//! segment and number. The file's pages name the same, and have checksums of their own, so that
//! damage of this file is not taken for damage of the log.
//!
//! No I/O: pages go in and out as bytes.

use crate::crc32c;
mod page;
mod sums;
mod tail;
#[cfg(test)]
mod tests;

pub use page::{ENTRIES_PER_PAGE, PAGE_BYTES, PageError};
pub use sums::{ChunkSums, Loaded, Mismatch};
pub use tail::{ChunkPage, ChunkTail};

/// Bytes of a chunk; the last one of a segment may be shorter. As long as the shortest read of a
/// catch-up reader, so that whole chunks are read anyway.
pub const CHUNK_BYTES: usize = 64 << 10;

/// Stands for a checksum that is not known: such a chunk is not verified. One chunk in four billion
/// has it by chance.
const UNKNOWN: u32 = 0;

/// Whose chunks they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChunkOwner {
    /// The log's id in its directory, never used again.
    pub log_id: u64,
    /// First offset of the segment.
    pub base_offset: i64,
}

impl ChunkOwner {
    /// Checksum of no bytes of a chunk, which holds its identity alone.
    fn seed(&self, chunk: u32) -> u32 {
        let mut identity = [0; 20];
        identity[..8].copy_from_slice(&self.log_id.to_le_bytes());
        identity[8..16].copy_from_slice(&self.base_offset.to_le_bytes());
        identity[16..].copy_from_slice(&chunk.to_le_bytes());
        crc32c::checksum(&identity)
    }

    /// Checksum of a chunk's bytes: CRC32C over log id (u64), base offset (i64), chunk number (u32),
    /// all little-endian, and the bytes.
    pub fn checksum(&self, chunk: u32, bytes: &[u8]) -> u32 {
        crc32c::append(self.seed(chunk), bytes)
    }
}
