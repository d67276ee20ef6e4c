//! The bytes of one file: what readers see, and what a crash may leave.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::crash::Fate;
use crate::sim::rng::Rng;

/// The unit that a device writes whole or not at all, in bytes.
pub const SECTOR_BYTES: usize = 512;
const PAGE_BYTES: usize = 4096;
const PAGE_SECTORS: u64 = (PAGE_BYTES / SECTOR_BYTES) as u64;

/// States of one sector that a crash may choose from, at most: the durable one, the newest one and
/// some between.
const VERSIONS: usize = 4;

/// Number of a change that no sync covers any more.
const NEVER: u64 = u64::MAX;

type Page = Rc<[u8; PAGE_BYTES]>;
type Sector = Rc<[u8; SECTOR_BYTES]>;

/// A file's content.
///
/// `pages` is what a reader sees. A sector with an entry in `unsynced` is not durable as it is
/// seen: a crash leaves any one of the versions listed there, of which the first is durable and the
/// last is the one that is seen.
#[derive(Clone, Debug)]
pub(super) struct Inode {
    /// Absent pages are zeros.
    pages: BTreeMap<u64, Page>,
    unsynced: BTreeMap<u64, Vec<(u64, Sector)>>,
    /// Lengths with the number of the change that set them, like the versions of a sector.
    lens: Vec<(u64, u64)>,
    /// Sectors that cannot be read until they are written again.
    bad: BTreeSet<u64>,
    /// What sectors held before they were last written; kept when stale reads are on.
    before: BTreeMap<u64, Sector>,
}

impl Inode {
    pub(super) fn new() -> Self {
        Self {
            pages: BTreeMap::new(),
            unsynced: BTreeMap::new(),
            lens: vec![(0, 0)],
            bad: BTreeSet::new(),
            before: BTreeMap::new(),
        }
    }

    /// Length in bytes as seen now.
    pub(super) fn len(&self) -> u64 {
        self.lens.last().map_or(0, |(_, len)| *len)
    }

    /// Copies bytes from `offset` on, as many as there are; returns how many.
    pub(super) fn read(&self, offset: u64, out: &mut [u8]) -> usize {
        let n = self.len().saturating_sub(offset).min(out.len() as u64) as usize;
        let mut done = 0;
        while done < n {
            let at = offset + done as u64;
            let inside = (at % PAGE_BYTES as u64) as usize;
            let piece = (PAGE_BYTES - inside).min(n - done);
            let target = &mut out[done..done + piece];
            match self.pages.get(&(at / PAGE_BYTES as u64)) {
                Some(page) => target.copy_from_slice(&page[inside..inside + piece]),
                None => target.fill(0),
            }
            done += piece;
        }
        n
    }

    /// Like [`Inode::read`], but with what every sector held before it was last written.
    pub(super) fn read_stale(&self, offset: u64, out: &mut [u8]) -> usize {
        let n = self.read(offset, out);
        let sector_bytes = SECTOR_BYTES as u64;
        for (sector, old) in self.before.range(offset / sector_bytes..) {
            let start = sector * sector_bytes;
            if start >= offset + n as u64 {
                break;
            }
            for (i, byte) in old.iter().enumerate() {
                let at = start + i as u64;
                if at >= offset && at < offset + n as u64 {
                    out[(at - offset) as usize] = *byte;
                }
            }
        }
        n
    }

    /// Whether any sector of a range cannot be read.
    pub(super) fn is_bad(&self, offset: u64, len: usize) -> bool {
        let (first, last) = sectors(offset, len);
        len > 0 && self.bad.range(first..=last).next().is_some()
    }

    /// Makes the sector at `offset` unreadable until it is written.
    pub(super) fn make_bad(&mut self, offset: u64) {
        self.bad.insert(offset / SECTOR_BYTES as u64);
    }

    /// Writes `bytes` as change number `seq`. Nothing of it is durable.
    pub(super) fn write(&mut self, seq: u64, offset: u64, bytes: &[u8], keep_stale: bool) {
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done as u64;
            let inside = (at % SECTOR_BYTES as u64) as usize;
            let piece = (SECTOR_BYTES - inside).min(bytes.len() - done);
            let number = at / SECTOR_BYTES as u64;
            let old = self.sector(number);
            let mut new = old;
            new[inside..inside + piece].copy_from_slice(&bytes[done..done + piece]);
            self.bad.remove(&number);
            if new != old {
                if keep_stale {
                    self.before.insert(number, Rc::new(old));
                }
                self.replace(seq, number, &old, new);
            } else if self.is_lost(number) {
                // The page is dirty again: the next sync covers it, whatever became of the last one.
                self.replace(seq, number, &old, new);
            }
            done += piece;
        }
        let end = offset + bytes.len() as u64;
        if end > self.len() {
            self.lens.push((seq, end));
        }
    }

    /// Makes a range durable as it is seen, and the length if the range needs it: what `RWF_DSYNC`
    /// promises.
    pub(super) fn harden(&mut self, offset: u64, len: usize) {
        let (first, last) = sectors(offset, len);
        let numbers: Vec<u64> = self.unsynced.range(first..=last).map(|(n, _)| *n).collect();
        for number in numbers {
            self.unsynced.remove(&number);
        }
        let end = offset + len as u64;
        if self.lens.iter().any(|(_, len)| *len < end) {
            self.lens = vec![(0, self.len())];
        }
    }

    /// Makes every change up to number `upto` durable.
    pub(super) fn sync(&mut self, upto: u64) {
        self.unsynced.retain(|_, versions| {
            settle(versions, upto);
            versions.len() > 1
        });
        settle(&mut self.lens, upto);
    }

    /// A sync failed: no later one will cover the bytes that are not durable now, unless they are
    /// written again. Lengths are the file system's own, which keeps them until they are written.
    pub(super) fn fail_sync(&mut self) {
        for versions in self.unsynced.values_mut() {
            versions.iter_mut().skip(1).for_each(|(seq, _)| *seq = NEVER);
        }
    }

    /// Whether a failed sync should have made the newest bytes of a sector durable.
    fn is_lost(&self, number: u64) -> bool {
        let newest = self.unsynced.get(&number).and_then(|versions| versions.last());
        newest.is_some_and(|(seq, _)| *seq == NEVER)
    }

    /// Sets the length as change number `seq`.
    pub(super) fn set_len(&mut self, seq: u64, len: u64) {
        let old = self.len();
        if len == old {
            return;
        }
        self.zero_from(seq, len);
        self.lens.push((seq, len));
    }

    /// Flips one bit on the medium and in what is seen.
    pub(super) fn flip(&mut self, offset: u64, bit: u8) {
        let (page, inside) = split(offset);
        let page = self.page_mut(page);
        page[inside] ^= 1 << (bit % 8);
        // Rot leaves one state only: a sector has no memory of its healthy bits.
        self.unsynced.remove(&(offset / SECTOR_BYTES as u64));
    }

    /// Overwrites bytes, durably and without any trace: for tests that corrupt files.
    pub(super) fn overwrite(&mut self, offset: u64, bytes: &[u8]) {
        self.write(0, offset, bytes, false);
        self.harden(offset, bytes.len());
    }

    /// Loses power: keeps what is durable, and of everything else what `fate` says.
    pub(super) fn crash(&mut self, fate: &Fate, rng: &mut Rng) {
        let unsynced = std::mem::take(&mut self.unsynced);
        for (number, versions) in unsynced {
            let chosen = fate.choose(number, &versions, rng);
            self.store(number, chosen);
        }
        let len = fate.choose_len(&self.lens, rng);
        self.lens = vec![(0, len)];
        // What lies beyond the length is gone for good.
        self.zero_from(0, len);
        self.unsynced.clear();
    }

    /// Whether anything would be lost in a crash.
    pub(super) fn is_synced(&self) -> bool {
        self.unsynced.is_empty() && self.lens.len() == 1
    }

    /// Sectors not durable as they are seen, and lengths likewise.
    pub(super) fn choices(&self) -> usize {
        self.unsynced.len() + usize::from(self.lens.len() > 1)
    }

    fn zero_from(&mut self, seq: u64, len: u64) {
        let (page, inside) = split(len);
        let pages: Vec<u64> = self.pages.range(page..).map(|(n, _)| *n).collect();
        for number in pages {
            for i in 0..PAGE_SECTORS {
                let sector = number * PAGE_SECTORS + i;
                let start = sector * SECTOR_BYTES as u64;
                if start + SECTOR_BYTES as u64 <= len {
                    continue;
                }
                let old = self.sector(sector);
                let mut new = [0; SECTOR_BYTES];
                if start < len {
                    let keep = inside % SECTOR_BYTES;
                    new[..keep].copy_from_slice(&old[..keep]);
                }
                if new != old {
                    self.replace(seq, sector, &old, new);
                }
            }
            if number * PAGE_BYTES as u64 >= len {
                self.pages.remove(&number);
            }
        }
    }

    fn replace(
        &mut self,
        seq: u64,
        number: u64,
        old: &[u8; SECTOR_BYTES],
        new: [u8; SECTOR_BYTES],
    ) {
        let new = Rc::new(new);
        self.store(number, &new);
        let versions = self.unsynced.entry(number).or_insert_with(|| vec![(0, Rc::new(*old))]);
        versions.push((seq, new));
        if versions.len() > VERSIONS {
            versions.remove(1);
        }
    }

    fn sector(&self, number: u64) -> [u8; SECTOR_BYTES] {
        let mut sector = [0; SECTOR_BYTES];
        let (page, inside) = split(number * SECTOR_BYTES as u64);
        if let Some(page) = self.pages.get(&page) {
            sector.copy_from_slice(&page[inside..inside + SECTOR_BYTES]);
        }
        sector
    }

    fn store(&mut self, number: u64, bytes: &[u8; SECTOR_BYTES]) {
        let (page, inside) = split(number * SECTOR_BYTES as u64);
        self.page_mut(page)[inside..inside + SECTOR_BYTES].copy_from_slice(bytes);
    }

    fn page_mut(&mut self, number: u64) -> &mut [u8; PAGE_BYTES] {
        Rc::make_mut(self.pages.entry(number).or_insert_with(|| Rc::new([0; PAGE_BYTES])))
    }
}

/// Drops the versions that a sync of everything up to `upto` has made impossible.
fn settle<T>(versions: &mut Vec<(u64, T)>, upto: u64) {
    if let Some(newest) = versions.iter().rposition(|(seq, _)| *seq <= upto) {
        versions.drain(..newest);
    }
}

fn sectors(offset: u64, len: usize) -> (u64, u64) {
    let last = offset + (len as u64).max(1) - 1;
    (offset / SECTOR_BYTES as u64, last / SECTOR_BYTES as u64)
}

fn split(offset: u64) -> (u64, usize) {
    (offset / PAGE_BYTES as u64, (offset % PAGE_BYTES as u64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(inode: &Inode, offset: u64, len: usize) -> Vec<u8> {
        let mut out = vec![0xee; len];
        let n = inode.read(offset, &mut out);
        out.truncate(n);
        out
    }

    #[test]
    fn reads_see_writes_and_stop_at_the_end() {
        let mut inode = Inode::new();
        inode.write(1, 4090, b"0123456789", false);
        assert_eq!(inode.len(), 4100);
        assert_eq!(text(&inode, 4088, 100), b"\0\x000123456789");
        assert_eq!(text(&inode, 5000, 1), b"");
    }

    #[test]
    fn a_durable_write_survives_and_brings_its_length() {
        let mut inode = Inode::new();
        inode.write(1, 0, &[7; 1024], false);
        inode.harden(0, 1024);
        inode.write(2, 1024, &[8; 512], false);
        inode.crash(&Fate::Lost, &mut Rng::new(1));
        assert_eq!(text(&inode, 0, 4096), [7; 1024]);
    }

    #[test]
    fn a_sync_covers_what_was_written_before_it_began() {
        let mut inode = Inode::new();
        inode.write(1, 0, &[1; 512], false);
        inode.write(2, 0, &[2; 512], false);
        inode.write(3, 512, &[3; 512], false);
        inode.sync(1);
        let mut crashed = inode.clone();
        crashed.crash(&Fate::Lost, &mut Rng::new(1));
        assert_eq!(text(&crashed, 0, 4096), [1; 512]);
        inode.crash(&Fate::Kept, &mut Rng::new(1));
        assert_eq!(inode.len(), 1024);
        assert_eq!(text(&inode, 0, 512), [2; 512]);
    }

    #[test]
    fn bytes_that_a_failed_sync_lost_are_durable_when_written_again() {
        let mut inode = Inode::new();
        inode.overwrite(0, &[1; 1024]);
        inode.write(1, 0, &[2; 1024], false);
        inode.fail_sync();
        inode.write(2, 0, &[2; 512], false);
        inode.sync(2);
        inode.crash(&Fate::Lost, &mut Rng::new(1));
        assert_eq!(text(&inode, 0, 1024), [[2; 512], [1; 512]].concat());
    }

    #[test]
    fn a_cut_file_grows_back_with_zeros() {
        let mut inode = Inode::new();
        inode.write(1, 0, &[9; 5000], false);
        inode.sync(1);
        inode.set_len(2, 100);
        inode.set_len(3, 5000);
        assert_eq!(text(&inode, 0, 100), [9; 100]);
        assert_eq!(text(&inode, 100, 4900), [0; 4900]);
        let mut lost = inode.clone();
        lost.crash(&Fate::Lost, &mut Rng::new(1));
        assert_eq!(text(&lost, 0, 5000), [9; 5000]);
    }

    #[test]
    fn torn_writes_are_whole_sectors() {
        let mut torn = false;
        for seed in 0..50 {
            let mut inode = Inode::new();
            inode.overwrite(0, &[1; 4096]);
            inode.write(1, 0, &[2; 4096], false);
            inode.crash(&Fate::Sectors, &mut Rng::new(seed));
            let bytes = text(&inode, 0, 4096);
            let mut seen = BTreeSet::new();
            for sector in bytes.chunks(SECTOR_BYTES) {
                assert!(sector.iter().all(|byte| *byte == sector[0]));
                seen.insert(sector[0]);
            }
            torn |= seen.len() == 2;
        }
        assert!(torn);
    }

    #[test]
    fn stale_reads_show_the_former_bytes() {
        let mut inode = Inode::new();
        inode.write(1, 0, &[1; 512], true);
        inode.write(2, 0, &[2; 512], true);
        let mut out = [0; 512];
        inode.read_stale(0, &mut out);
        assert_eq!(out, [1; 512]);
    }
}
