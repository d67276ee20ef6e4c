//! An open file.

use std::io;

use super::Io;
use super::handle::unexpected;
use super::op::{Durability, FileId, Op, Output};
use crate::arena::{Buf, Slice};

/// An open file; closed when dropped, after whatever is in flight on it.
pub struct File {
    io: Io,
    id: FileId,
}

impl File {
    pub(super) fn new(io: Io, id: FileId) -> Self {
        Self { io, id }
    }

    /// Reads up to `len` bytes at `offset` to the start of `buf`, whose length is then the number
    /// of bytes read: fewer than asked at the end of the file only.
    ///
    /// # Errors
    /// What the device says. The buffer is lost.
    ///
    /// # Panics
    /// When `len` is beyond the capacity of `buf`.
    pub async fn read_at(&self, offset: u64, buf: Buf, len: usize) -> io::Result<Buf> {
        assert!(len <= buf.capacity(), "read of {len} bytes into {}", buf.capacity());
        match self.io.run(Op::Read { file: self.id, offset, buf, len }).await? {
            Output::Read(buf) => Ok(buf),
            other => unexpected(&other),
        }
    }

    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// What the device says. Never retry a durable write: what happened is unknown.
    pub async fn write_at(&self, offset: u64, bytes: Slice, how: Durability) -> io::Result<()> {
        self.io.done(Op::Write { file: self.id, offset, bytes, durability: how }).await
    }

    /// Makes data and length durable.
    ///
    /// # Errors
    /// What the device says. Never retry: the kernel may have dropped the dirty pages.
    pub async fn sync(&self) -> io::Result<()> {
        self.io.done(Op::SyncFile { file: self.id }).await
    }

    /// Reserves space for the first `len` bytes.
    ///
    /// # Errors
    /// What the file system says, `StorageFull` among them.
    pub async fn allocate(&self, len: u64) -> io::Result<()> {
        self.io.done(Op::Allocate { file: self.id, len }).await
    }

    /// Sets the length.
    ///
    /// # Errors
    /// What the file system says.
    pub async fn truncate(&self, len: u64) -> io::Result<()> {
        self.io.done(Op::Truncate { file: self.id, len }).await
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.io.core.submit_detached(Op::CloseFile { file: self.id });
    }
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({})", self.id.0)
    }
}
