//! Every fault of the simulator does what it says, and equal seeds give equal runs.

mod determinism;
mod disk;
mod enumerate;
mod mesh;
mod net;
mod process;

use crate::arena::{BLOCK_BYTES, Slice};
use crate::io::{Durability, File, Io, OpenOptions};

/// Opens a file for writing, and creates it.
async fn create(io: &Io, path: &str, direct: bool) -> File {
    let options = OpenOptions { write: true, create: true, direct, ..OpenOptions::default() };
    io.open(path, options).await.unwrap()
}

/// One block of `byte`.
fn block(byte: u8) -> Slice {
    Slice::copy_from(&[byte; BLOCK_BYTES])
}

/// Reads one block.
async fn read_block(io: &Io, file: &File, offset: u64) -> std::io::Result<Vec<u8>> {
    let buf = io.arena().alloc(BLOCK_BYTES).unwrap();
    Ok(file.read_at(offset, buf, BLOCK_BYTES).await?.to_vec())
}

/// Makes an empty file whose entry is durable.
async fn settle(io: &Io, path: &str) -> File {
    let file = create(io, path, false).await;
    io.sync_dir("/").await.unwrap();
    file
}

const CACHED: Durability = Durability::Cached;
const DURABLE: Durability = Durability::Durable;
