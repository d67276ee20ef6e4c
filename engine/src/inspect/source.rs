//! A file that is only read, in pieces.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Read at once.
const WINDOW_BYTES: usize = 1 << 20;
/// What a failing read leaves out, so that a bad sector does not hide what is behind it.
pub(super) const SECTOR_BYTES: u64 = 4096;
/// Small files are read whole, up to this.
const WHOLE_BYTES_MAX: u64 = 1 << 30;

/// A file with a window of it in memory. The window grows to the longest piece asked for.
pub(super) struct Source {
    path: PathBuf,
    file: File,
    len: u64,
    window: Vec<u8>,
    /// Where the window begins in the file.
    start: u64,
}

impl Source {
    /// Opens a file for reading.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self { path: path.to_owned(), file, len, window: Vec::new(), start: 0 })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file when it was opened.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The bytes from `at` on: `length` of them, or as many as the file has.
    pub(super) fn get(&mut self, at: u64, length: usize) -> io::Result<&[u8]> {
        let there = self.len.saturating_sub(at);
        let length = usize::try_from(there).unwrap_or(usize::MAX).min(length);
        let held = at.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let held = held
            .filter(|skip| skip.checked_add(length).is_some_and(|end| end <= self.window.len()));
        let skip = match held {
            Some(skip) => skip,
            None => {
                self.fill(at, length)?;
                0
            }
        };
        let end = self.window.len().min(skip + length);
        Ok(self.window.get(skip..end).unwrap_or_default())
    }

    /// All bytes of a small file.
    pub(super) fn whole(&mut self) -> io::Result<&[u8]> {
        if self.len > WHOLE_BYTES_MAX {
            let what = format!("{} bytes are too many for a file of its kind", self.len);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        let length = usize::try_from(self.len).unwrap_or(usize::MAX);
        self.get(0, length)
    }

    fn fill(&mut self, at: u64, length: usize) -> io::Result<()> {
        let there = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX);
        match self.read(at, length.max(WINDOW_BYTES.min(there))) {
            // The bad place may be behind what was asked for.
            Err(_) if there > length => self.read(at, length),
            read => read,
        }
    }

    fn read(&mut self, at: u64, length: usize) -> io::Result<()> {
        self.start = at;
        self.window.resize(length, 0);
        let mut read = 0;
        while let Some(rest) = self.window.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match self.file.read_at(rest, at + read as u64) {
                Ok(0) => break,
                Ok(bytes) => read += bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.window.clear();
                    return Err(error);
                }
            }
        }
        self.window.truncate(read);
        Ok(())
    }
}
