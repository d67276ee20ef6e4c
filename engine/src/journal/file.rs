//! The ring of files a journal is written to.
//!
//! Each file is written once with zeros when it is created, so that every later write overwrites
//! extents that exist: only then is a durable write one device write, without the file system's own
//! journal. A file is used again by position when nothing in it is needed any more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::arena::{BLOCK_BYTES, Buf};
use crate::io::{Durability, File, Io, OpenOptions};
use crate::log::{LogId, StorageError};

/// Length of the writes that fill a new file.
const FILL_BYTES: usize = 1 << 20;

/// How far a file has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    /// Nothing in it is needed.
    Free,
    /// Frames are being added.
    Active,
    /// Frames in it may be needed; none is added.
    Full,
}

/// A place in a log: where a byte is, or where bytes end. Ordered as the log is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Place {
    /// Base offset of the segment.
    pub(crate) segment: i64,
    /// Position in the segment, in bytes.
    pub(crate) position: u64,
}

/// One file of the ring.
pub(super) struct Slot {
    pub(super) file: Rc<File>,
    pub(super) state: State,
    /// First and last sequence number in it; empty when first is above last.
    pub(super) first: u64,
    pub(super) last: u64,
    /// How far the file's entries reach in each log that has bytes in it.
    pub(super) logs: BTreeMap<LogId, Place>,
}

/// Begins the names of journals' directories. No topic's name has a plus sign, so that a topic
/// called "journal" keeps its own directory; and the dash before the number lets Kafka, which stops
/// at directories whose names it cannot read, set it aside as a stray partition.
const DIR_PREFIX: &str = "+journal-";

/// Directory of a journal inside the log directory.
pub fn journal_dir(dir: &Path, journal: u16) -> PathBuf {
    dir.join(format!("{DIR_PREFIX}{journal}"))
}

/// Number of the journal that a directory's name tells.
pub fn journal_number(name: &str) -> Option<u16> {
    name.strip_prefix(DIR_PREFIX)?.parse().ok()
}

/// Name of file number `n` of a journal.
pub fn file_name(n: u16) -> String {
    format!("{n:08}.journal")
}

/// Opens the files of a journal, creating and filling those that are missing or were not finished.
/// All are durable, with their directory, when this returns.
pub(super) async fn open_files(
    io: &Io,
    dir: &Path,
    count: u16,
    bytes: u64,
) -> Result<Vec<Slot>, StorageError> {
    let mut slots = Vec::new();
    for n in 0..count {
        let path = dir.join(file_name(n));
        let file = match open_file(io, &path, bytes).await {
            Ok(file) => file,
            Err(error) if crate::log::is_full(&error) => {
                return Err(StorageError::JournalSpace { path, files: count, bytes });
            }
            Err(source) => {
                let source = Rc::new(source);
                return Err(StorageError::Io { action: "creating journal file", path, source });
            }
        };
        slots.push(Slot {
            file: Rc::new(file),
            state: State::Free,
            first: 1,
            last: 0,
            logs: BTreeMap::new(),
        });
    }
    io.sync_dir(dir).await.map_err(|source| StorageError::Io {
        action: "syncing",
        path: dir.into(),
        source: Rc::new(source),
    })?;
    Ok(slots)
}

async fn open_file(io: &Io, path: &Path, bytes: u64) -> std::io::Result<File> {
    let there = io.stat(path).await?.is_some_and(|stat| stat.len == bytes);
    let options = OpenOptions { write: true, create: true, direct: true, ..Default::default() };
    let file = io.open(path, OpenOptions { truncate: !there, ..options }).await?;
    if !there {
        fill(&file, bytes).await?;
    }
    // A file that an earlier process has filled may not have been synced by it.
    file.sync().await?;
    Ok(file)
}

async fn fill(file: &File, bytes: u64) -> std::io::Result<()> {
    assert_eq!(bytes % BLOCK_BYTES as u64, 0);
    let mut zeros = Buf::heap(FILL_BYTES);
    zeros.set_len(FILL_BYTES);
    let zeros = zeros.freeze();
    let mut at = 0;
    while at < bytes {
        let length = (bytes - at).min(FILL_BYTES as u64);
        file.write_at(at, zeros.slice(..length as usize), Durability::Cached).await?;
        at += length;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_topic_can_have_a_journals_directory() {
        let dir = journal_dir(Path::new("data"), 3);
        let name = dir.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        assert_eq!(journal_number(name), Some(3));
        assert!(name.contains('+'), "{name} is not the directory of any legal topic");
        assert_eq!(journal_number("journal-3"), None);
    }
}
