//! A simulated disk: files, directories, and what a crash leaves of them.
//!
//! Nothing here knows of time or of operations in flight: the world performs an operation on the
//! disk at the moment it completes. A [`Disk`] can be cloned cheaply (pages are shared until
//! written), which makes images for rolling back and for the crash-state enumerator.

mod crash;
mod inode;
mod tree;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::rc::Rc;

pub use crash::{CrashPlan, Fate};
pub use inode::SECTOR_BYTES;

use self::inode::Inode;
use self::tree::{Entry, ROOT, Tree};
use super::rng::Rng;
use crate::io::{FileStat, OpenOptions};

/// Allocation unit of the file system in bytes.
const UNIT: u64 = 4096;

/// One disk with its file system.
#[derive(Clone, Debug)]
pub struct Disk {
    inodes: BTreeMap<u64, Rc<Inode>>,
    tree: Tree,
    next_inode: u64,
    /// Number of the last change to any file.
    seq: u64,
    capacity: u64,
    /// Open handles of each file: a removed file lives on while it is open.
    open: BTreeMap<u64, usize>,
    /// Whether former contents of sectors are kept for stale reads.
    keep_stale: bool,
}

impl Disk {
    /// An empty disk of `capacity` bytes.
    pub fn new(capacity: u64) -> Self {
        Self {
            inodes: BTreeMap::new(),
            tree: Tree::new(),
            next_inode: ROOT + 1,
            seq: 0,
            capacity,
            open: BTreeMap::new(),
            keep_stale: false,
        }
    }

    /// Sets the size in bytes; files stay as they are even if they do not fit any more.
    pub fn set_capacity(&mut self, capacity: u64) {
        self.capacity = capacity;
    }

    pub(super) fn keep_stale(&mut self, keep: bool) {
        self.keep_stale = keep;
    }

    /// Bytes that files take.
    pub fn used(&self) -> u64 {
        let live = self.tree.live_files();
        self.inodes
            .iter()
            .filter(|(number, _)| live.contains(number) || self.open.contains_key(number))
            .map(|(_, inode)| inode.len().next_multiple_of(UNIT))
            .sum()
    }

    /// Bytes that it has.
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Bytes that are free.
    pub fn free(&self) -> u64 {
        self.capacity.saturating_sub(self.used())
    }

    /// Paths of all files as seen now, sorted.
    pub fn paths(&self) -> Vec<String> {
        self.tree.paths().into_iter().map(|(path, _)| path).collect()
    }

    /// Whether a path exists.
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.tree.find(path.as_ref()).is_some()
    }

    /// The bytes of a file as seen now.
    ///
    /// # Errors
    /// `NotFound` and the like.
    pub fn contents(&self, path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
        let inode = &self.inodes[&self.file(path.as_ref())?];
        let mut bytes = vec![0; inode.len() as usize];
        inode.read(0, &mut bytes);
        Ok(bytes)
    }

    /// Overwrites bytes of a file behind everybody's back; durable at once.
    ///
    /// # Errors
    /// `NotFound` and the like.
    pub fn corrupt(&mut self, path: impl AsRef<Path>, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.inode_at(path.as_ref())?.overwrite(offset, bytes);
        Ok(())
    }

    /// Flips one bit of a file on the medium.
    ///
    /// # Errors
    /// `NotFound` and the like.
    pub fn flip_bit(&mut self, path: impl AsRef<Path>, offset: u64, bit: u8) -> io::Result<()> {
        self.inode_at(path.as_ref())?.flip(offset, bit);
        Ok(())
    }

    /// Makes the sector at `offset` of a file unreadable until it is written again.
    ///
    /// # Errors
    /// `NotFound` and the like.
    pub fn make_bad(&mut self, path: impl AsRef<Path>, offset: u64) -> io::Result<()> {
        self.inode_at(path.as_ref())?.make_bad(offset);
        Ok(())
    }

    /// Creates or replaces a file with `bytes`, its directories included; durable at once.
    ///
    /// # Errors
    /// `NotADirectory` and the like.
    pub fn put(&mut self, path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
        let path = path.as_ref();
        if let Some(parent) = path.parent() {
            self.make_dirs(parent)?;
        }
        let file = match self.tree.find(path) {
            Some(Entry::File(file)) => file,
            Some(Entry::Dir(_)) => return Err(errno(libc::EISDIR)),
            None => self.create(path).map_err(errno)?,
        };
        self.tree.harden();
        let fresh = Rc::new(Inode::new());
        self.inodes.insert(file, fresh);
        self.inode(file).overwrite(0, bytes);
        Ok(())
    }

    /// Creates a directory and its parents; durable at once.
    ///
    /// # Errors
    /// `NotADirectory` and the like.
    pub fn make_dirs(&mut self, path: impl AsRef<Path>) -> io::Result<()> {
        let mut all: Vec<&Path> = path.as_ref().ancestors().collect();
        all.reverse();
        for path in all {
            match self.tree.find(path) {
                Some(Entry::Dir(_)) => {}
                Some(Entry::File(_)) => return Err(errno(libc::ENOTDIR)),
                None => self.create_dir(path).map_err(errno)?,
            }
        }
        self.tree.harden();
        Ok(())
    }

    /// Removes a file; durable at once.
    ///
    /// # Errors
    /// `NotFound` and the like.
    pub fn remove(&mut self, path: impl AsRef<Path>) -> io::Result<()> {
        self.tree.unlink(path.as_ref(), false).map_err(errno)?;
        self.tree.harden();
        self.collect();
        Ok(())
    }

    /// Whether everything is durable as it is seen.
    pub fn is_synced(&self) -> bool {
        self.choices().iter().all(|(_, n)| *n == 0) && self.tree.choices() == 0
    }

    /// Changes to the tree that a crash may undo.
    pub fn tree_choices(&self) -> usize {
        self.tree.choices()
    }

    /// The files that are not durable as they are seen: inode number, and how many sectors and
    /// lengths a crash may choose.
    pub fn choices(&self) -> Vec<(u64, usize)> {
        self.inodes
            .iter()
            .filter(|(_, inode)| !inode.is_synced())
            .map(|(number, inode)| (*number, inode.choices()))
            .collect()
    }

    /// Loses power: open handles are gone, and whatever was not durable becomes what `plan` says.
    pub fn crash(&mut self, plan: &CrashPlan) {
        let mut rng = Rng::new(plan.seed);
        self.open.clear();
        self.tree.crash(&plan.tree, &mut rng);
        for (number, inode) in &mut self.inodes {
            if inode.is_synced() {
                continue;
            }
            let rolled = || Fate::roll(&mut Rng::new(plan.seed ^ *number), inode.choices());
            let fate = plan.files.get(number).or(plan.others.as_ref());
            let fate = fate.cloned().unwrap_or_else(rolled);
            Rc::make_mut(inode).crash(&fate, &mut rng.fork());
        }
        self.collect();
    }

    /// The process died, the kernel did not: open handles are gone and nothing else.
    pub(super) fn close_all(&mut self) {
        self.open.clear();
        self.collect();
    }

    pub(super) fn open(&mut self, path: &Path, how: OpenOptions) -> Result<u64, i32> {
        let file = match self.tree.find(path) {
            Some(Entry::Dir(_)) => return Err(libc::EISDIR),
            Some(Entry::File(_)) if how.create && how.exclusive => return Err(libc::EEXIST),
            Some(Entry::File(file)) => file,
            None if how.create => self.create(path)?,
            None => return Err(libc::ENOENT),
        };
        if how.truncate && how.write {
            self.truncate(file, 0)?;
        }
        *self.open.entry(file).or_default() += 1;
        Ok(file)
    }

    /// One more operation or handle holds a file.
    pub(super) fn hold(&mut self, file: u64) {
        *self.open.entry(file).or_default() += 1;
    }

    pub(super) fn release(&mut self, file: u64) {
        if let Some(n) = self.open.get_mut(&file) {
            *n -= 1;
            if *n == 0 {
                self.open.remove(&file);
                self.collect();
            }
        }
    }

    fn create(&mut self, path: &Path) -> Result<u64, i32> {
        let file = self.next_inode;
        self.tree.link(path, Entry::File(file))?;
        self.next_inode += 1;
        self.inodes.insert(file, Rc::new(Inode::new()));
        Ok(file)
    }

    pub(super) fn create_dir(&mut self, path: &Path) -> Result<(), i32> {
        self.tree.link(path, Entry::Dir(self.next_inode))?;
        self.next_inode += 1;
        Ok(())
    }

    pub(super) fn unlink(&mut self, path: &Path, is_dir: bool) -> Result<(), i32> {
        self.tree.unlink(path, is_dir)?;
        self.collect();
        Ok(())
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> Result<(), i32> {
        self.tree.rename(from, to)
    }

    pub(super) fn list(&self, path: &Path) -> Result<Vec<String>, i32> {
        match self.tree.find(path) {
            Some(Entry::Dir(dir)) => Ok(self.tree.list(dir)),
            Some(Entry::File(_)) => Err(libc::ENOTDIR),
            None => Err(libc::ENOENT),
        }
    }

    pub(super) fn stat(&self, path: &Path) -> Result<FileStat, i32> {
        match self.tree.find(path) {
            Some(Entry::Dir(_)) => Ok(FileStat { len: UNIT, is_dir: true }),
            Some(Entry::File(file)) => {
                Ok(FileStat { len: self.inodes[&file].len(), is_dir: false })
            }
            None => Err(libc::ENOENT),
        }
    }

    /// Number of the last change to any file, and of the next change to the tree: what a sync that
    /// starts now will cover.
    pub(super) fn mark(&self) -> (u64, u64) {
        (self.seq, self.tree.mark())
    }

    pub(super) fn sync_dir(&mut self, path: &Path, upto: u64) -> Result<(), i32> {
        match self.tree.find(path) {
            Some(Entry::Dir(dir)) => {
                self.tree.sync(dir, upto);
                self.collect();
                Ok(())
            }
            Some(Entry::File(_)) => Err(libc::ENOTDIR),
            None => Err(libc::ENOENT),
        }
    }

    pub(super) fn sync_file(&mut self, file: u64, upto: u64) {
        self.inode(file).sync(upto);
    }

    /// A sync failed: what it should have covered is seen as before, and no later sync will ever
    /// make it durable (the kernel has marked the pages clean).
    pub(super) fn fail_sync(&mut self, file: u64) {
        self.inode(file).fail_sync();
    }

    pub(super) fn len(&self, file: u64) -> u64 {
        self.inodes[&file].len()
    }

    pub(super) fn read(&self, file: u64, offset: u64, out: &mut [u8]) -> Result<usize, i32> {
        let inode = &self.inodes[&file];
        if inode.is_bad(offset, out.len()) {
            return Err(libc::EIO);
        }
        Ok(inode.read(offset, out))
    }

    pub(super) fn read_stale(&self, file: u64, offset: u64, out: &mut [u8]) -> usize {
        self.inodes[&file].read_stale(offset, out)
    }

    pub(super) fn write(&mut self, file: u64, offset: u64, bytes: &[u8]) -> Result<(), i32> {
        let end = offset.checked_add(bytes.len() as u64).ok_or(libc::EFBIG)?;
        self.reserve(file, end)?;
        self.seq += 1;
        let (seq, keep_stale) = (self.seq, self.keep_stale);
        self.inode(file).write(seq, offset, bytes, keep_stale);
        Ok(())
    }

    pub(super) fn harden(&mut self, file: u64, offset: u64, len: usize) {
        self.inode(file).harden(offset, len);
    }

    pub(super) fn allocate(&mut self, file: u64, len: u64) -> Result<(), i32> {
        if len > self.inodes[&file].len() {
            self.truncate(file, len)?;
        }
        Ok(())
    }

    pub(super) fn truncate(&mut self, file: u64, len: u64) -> Result<(), i32> {
        self.reserve(file, len)?;
        self.seq += 1;
        let seq = self.seq;
        self.inode(file).set_len(seq, len);
        Ok(())
    }

    pub(super) fn make_sector_bad(&mut self, file: u64, offset: u64) {
        self.inode(file).make_bad(offset);
    }

    pub(super) fn rot(&mut self, file: u64, offset: u64, bit: u8) {
        self.inode(file).flip(offset, bit);
    }

    /// Checks that a file may grow to `len` bytes.
    fn reserve(&self, file: u64, len: u64) -> Result<(), i32> {
        let old = self.inodes[&file].len().next_multiple_of(UNIT);
        let new = len.checked_next_multiple_of(UNIT).ok_or(libc::EFBIG)?;
        if new > old && new - old > self.free() {
            return Err(libc::ENOSPC);
        }
        Ok(())
    }

    fn file(&self, path: &Path) -> io::Result<u64> {
        match self.tree.find(path) {
            Some(Entry::File(file)) => Ok(file),
            Some(Entry::Dir(_)) => Err(errno(libc::EISDIR)),
            None => Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("no file {} on the simulated disk", path.display()),
            )),
        }
    }

    fn inode_at(&mut self, path: &Path) -> io::Result<&mut Inode> {
        let file = self.file(path)?;
        Ok(self.inode(file))
    }

    fn inode(&mut self, file: u64) -> &mut Inode {
        #[allow(clippy::expect_used)] // held files and files with names are never collected
        Rc::make_mut(self.inodes.get_mut(&file).expect("file that is held"))
    }

    /// Forgets files that nobody sees now nor after any crash.
    fn collect(&mut self) {
        let possible = self.tree.possible_files();
        let open = &self.open;
        self.inodes.retain(|number, _| possible.contains(number) || open.contains_key(number));
    }
}

pub(super) fn errno(code: i32) -> io::Error {
    io::Error::from_raw_os_error(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_counted_and_given_back() {
        let mut disk = Disk::new(3 * UNIT);
        let how = OpenOptions { write: true, create: true, ..OpenOptions::default() };
        let file = disk.open(Path::new("/f"), how).unwrap();
        disk.allocate(file, 2 * UNIT).unwrap();
        assert_eq!(disk.free(), UNIT);
        assert_eq!(disk.write(file, 2 * UNIT, &[1; 4097]), Err(libc::ENOSPC));
        disk.unlink(Path::new("/f"), false).unwrap();
        assert_eq!(disk.free(), UNIT, "still open");
        disk.release(file);
        assert_eq!(disk.free(), 3 * UNIT);
    }

    #[test]
    fn a_removed_file_comes_back_when_the_removal_is_lost() {
        let mut disk = Disk::new(1 << 20);
        disk.put("/d/f", b"text").unwrap();
        disk.unlink(Path::new("/d/f"), false).unwrap();
        assert!(!disk.exists("/d/f"));
        disk.crash(&CrashPlan::lost());
        assert_eq!(disk.contents("/d/f").unwrap(), b"text");
    }

    #[test]
    fn an_image_is_not_touched_by_later_writes() {
        let mut disk = Disk::new(1 << 20);
        disk.put("/f", b"one").unwrap();
        let image = disk.clone();
        disk.corrupt("/f", 0, b"two").unwrap();
        assert_eq!(image.contents("/f").unwrap(), b"one");
    }
}
