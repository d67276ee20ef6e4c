//! Small files as a whole: reading, and replacing so that a crash leaves the old or the new one.

use std::io;
use std::path::Path;

use crate::arena::{Buf, Slice};
use crate::io::{Durability, Io, OpenOptions};
use crate::mutants::{self, Mutant};

/// Largest file read as a whole, in bytes: bounds what a damaged directory can make us allocate.
const WHOLE_BYTES_MAX: u64 = 2 << 30;

/// Reads a file; nothing when it does not exist.
pub(super) async fn read_file(io: &Io, path: &Path) -> io::Result<Option<Buf>> {
    let Some(stat) = io.stat(path).await? else { return Ok(None) };
    if stat.len > WHOLE_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "larger than any file of its kind"));
    }
    let length = stat.len as usize;
    let file = io.open(path, OpenOptions::default()).await?;
    file.read_at(0, Buf::heap(length), length).await.map(Some)
}

/// Replaces a file, or creates it; durable when this returns.
pub(super) async fn replace_file(io: &Io, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let temporary = parent.join(name);
    write_file(io, &temporary, bytes).await?;
    io.rename(temporary, path).await?;
    if mutants::is(Mutant::SkipDirectorySync) {
        return Ok(());
    }
    io.sync_dir(parent).await
}

/// Writes a file anew and syncs it; its directory entry is not durable yet.
pub(super) async fn write_file(io: &Io, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let options = OpenOptions { write: true, create: true, truncate: true, ..Default::default() };
    let file = io.open(path, options).await?;
    if !bytes.is_empty() {
        file.write_at(0, Slice::copy_from(bytes), Durability::Cached).await?;
    }
    file.sync().await
}

/// Creates a directory unless it is there.
pub(super) async fn ensure_dir(io: &Io, path: &Path) -> io::Result<()> {
    match io.create_dir(path).await {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}
