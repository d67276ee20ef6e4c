//! The checksums of one segment.

use std::collections::BTreeSet;

use super::page::{self, ENTRIES_PER_PAGE, PAGE_BYTES, PageError};
use super::{CHUNK_BYTES, ChunkOwner, UNKNOWN};
use crate::crc32c;

/// Checksums of a segment's first [`ChunkSums::covered_bytes`] bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChunkSums {
    owner: ChunkOwner,
    /// Of each chunk; the last one may still grow.
    sums: Vec<u32>,
    covered_bytes: u64,
    /// Chunks whose checksum is not known, since their page was damaged.
    unknown: BTreeSet<u32>,
    /// Pages that differ from those handed out last.
    dirty_from: usize,
}

/// What was in a `.chunks` file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// The checksums that could be read.
    pub sums: ChunkSums,
    /// Pages that could not, by number. Their chunks are not verified.
    pub faults: Vec<(u32, PageError)>,
}

/// A chunk that is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "chunk {chunk} ({bytes} bytes at {position}) has checksum {computed:08x}, {stored:08x} was written"
)]
pub struct Mismatch {
    /// Number of the chunk.
    pub chunk: u32,
    /// Where it begins in the segment.
    pub position: u64,
    /// Its length.
    pub bytes: u32,
    /// Checksum that was written.
    pub stored: u32,
    /// Checksum of the bytes.
    pub computed: u32,
}

impl ChunkSums {
    /// Of an empty segment.
    pub fn new(owner: ChunkOwner) -> Self {
        Self { owner, sums: Vec::new(), covered_bytes: 0, unknown: BTreeSet::new(), dirty_from: 0 }
    }

    /// Whose they are.
    pub fn owner(&self) -> ChunkOwner {
        self.owner
    }

    /// Bytes of the segment that are covered.
    pub fn covered_bytes(&self) -> u64 {
        self.covered_bytes
    }

    /// Number of chunks, the unfinished one included.
    pub fn len(&self) -> usize {
        self.sums.len()
    }

    /// Whether nothing is covered.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// Whether the checksum of a chunk is known.
    pub fn is_known(&self, chunk: u32) -> bool {
        let known = self.sums.get(chunk as usize).is_some_and(|sum| *sum != UNKNOWN);
        known && !self.unknown.contains(&chunk)
    }

    /// Covers `bytes`, which follow those covered before.
    pub fn push(&mut self, mut bytes: &[u8]) {
        let Some(dirty) = bytes.first().map(|_| self.page_of_end()) else { return };
        self.dirty_from = self.dirty_from.min(dirty);
        while !bytes.is_empty() {
            let inside = (self.covered_bytes % CHUNK_BYTES as u64) as usize;
            if inside == 0 {
                let chunk = self.sums.len() as u32;
                self.sums.push(self.owner.seed(chunk));
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - inside));
            if let Some(sum) = self.sums.last_mut() {
                *sum = crc32c::append(*sum, now);
            }
            self.covered_bytes += now.len() as u64;
            bytes = later;
        }
    }

    /// Uncovers all from the chunk on that holds `position`, and gives where that chunk begins: what
    /// lies between it and the cut has to be pushed again.
    pub fn truncate_to(&mut self, position: u64) -> u64 {
        let chunk = position / CHUNK_BYTES as u64;
        let start = chunk * CHUNK_BYTES as u64;
        if start >= self.covered_bytes {
            return self.covered_bytes;
        }
        // Fewer than `sums.len()`, since `start` is covered.
        self.sums.truncate(chunk as usize);
        self.unknown.split_off(&(chunk as u32));
        self.covered_bytes = start;
        self.dirty_from = self.dirty_from.min(self.sums.len() / ENTRIES_PER_PAGE);
        start
    }

    /// Checks bytes that were read at `position`, where a chunk begins. Chunks that are covered
    /// whole by `bytes` are checked, others are passed over. Gives the bytes checked.
    ///
    /// # Errors
    /// The first chunk that is not what was written.
    pub fn verify(&self, position: u64, bytes: &[u8]) -> Result<usize, Mismatch> {
        let mut checked = 0;
        let first = position.div_ceil(CHUNK_BYTES as u64);
        let skip = usize::try_from(first * CHUNK_BYTES as u64 - position).unwrap_or(usize::MAX);
        let mut rest = bytes.get(skip..).unwrap_or_default();
        for chunk in first.. {
            let start = chunk * CHUNK_BYTES as u64;
            let length = self.covered_bytes.saturating_sub(start).min(CHUNK_BYTES as u64) as usize;
            let (Some((now, later)), true) = (rest.split_at_checked(length), length > 0) else {
                break;
            };
            rest = later;
            let number = chunk as u32;
            let Some(stored) = self.sums.get(chunk as usize).filter(|_| self.is_known(number))
            else {
                continue;
            };
            let computed = self.owner.checksum(number, now);
            if computed != *stored {
                return Err(Mismatch {
                    chunk: number,
                    position: start,
                    bytes: length as u32,
                    stored: *stored,
                    computed,
                });
            }
            checked += length;
        }
        Ok(checked)
    }

    /// Number of pages of the file.
    pub fn page_count(&self) -> usize {
        self.sums.len().div_ceil(ENTRIES_PER_PAGE)
    }

    /// A page of the file, which belongs at `number` times [`PAGE_BYTES`]. `None`: there is none of
    /// that number, or it covers chunks whose checksum is not known.
    pub fn page(&self, number: usize) -> Option<Vec<u8>> {
        let first = number.checked_mul(ENTRIES_PER_PAGE)?;
        let rest = self.sums.get(first..).filter(|rest| !rest.is_empty())?;
        let entries = rest.get(..ENTRIES_PER_PAGE).unwrap_or(rest);
        let end = first + entries.len();
        if self.unknown.range(first as u32..end as u32).next().is_some() {
            return None;
        }
        let last_start = (end - 1) as u64 * CHUNK_BYTES as u64;
        let last_bytes = (self.covered_bytes - last_start).min(CHUNK_BYTES as u64) as u32;
        Some(page::encode(self.owner, number as u32, entries, last_bytes))
    }

    /// First page that has changed since [`ChunkSums::pages_are_written`]; none has when it is
    /// [`ChunkSums::page_count`].
    pub fn first_changed_page(&self) -> usize {
        self.dirty_from.min(self.page_count())
    }

    /// Takes note that all pages are in the file.
    pub fn pages_are_written(&mut self) {
        self.dirty_from = self.page_count();
    }

    /// The whole file; pages with unknown chunks are blank.
    pub fn encode(&self) -> Vec<u8> {
        let page = |number| self.page(number).unwrap_or_else(|| vec![0; PAGE_BYTES]);
        (0..self.page_count()).flat_map(page).collect()
    }

    /// Reads a file. Whatever of it is damaged or missing leaves chunks unverified, so this does not
    /// fail: who is sure that the file should be whole looks at [`Loaded::faults`].
    pub fn decode(owner: ChunkOwner, file: &[u8]) -> Loaded {
        let mut sums = Self::new(owner);
        let mut faults = Vec::new();
        let (pages, ragged) = file.as_chunks::<PAGE_BYTES>();
        for (number, bytes) in (0..).zip(pages) {
            match page::decode(owner, number, bytes) {
                Ok((entries, last_bytes)) => sums.load(number, &entries, last_bytes),
                Err(fault) => faults.push((number, fault)),
            }
        }
        if !ragged.is_empty() {
            faults.push((pages.len() as u32, PageError::Content { what: "it is cut short" }));
        }
        sums.dirty_from = sums.page_count();
        if let Some((number, _)) = faults.first() {
            sums.dirty_from = sums.dirty_from.min(*number as usize);
        }
        Loaded { sums, faults }
    }

    /// Log id that a page of a file names, if it is whole; for tools that know the file alone.
    pub fn peek_log_id(page: &[u8]) -> Option<u64> {
        page::peek_log_id(page.first_chunk()?)
    }

    fn load(&mut self, page: u32, entries: &[u32], last_bytes: u32) {
        let first = page as usize * ENTRIES_PER_PAGE;
        // A page in front that ends early is older than this one: its last chunk has grown since.
        if self.sums.len() < first && !self.covered_bytes.is_multiple_of(CHUNK_BYTES as u64) {
            self.unknown.insert(self.sums.len().saturating_sub(1) as u32);
        }
        // Chunks of pages in front that are damaged or older.
        for chunk in self.sums.len()..first {
            self.unknown.insert(chunk as u32);
            self.sums.push(0);
        }
        self.sums.extend_from_slice(entries);
        let Some(last) = self.sums.len().checked_sub(1) else { return };
        self.covered_bytes = last as u64 * CHUNK_BYTES as u64 + u64::from(last_bytes);
    }

    fn page_of_end(&self) -> usize {
        (self.covered_bytes / CHUNK_BYTES as u64) as usize / ENTRIES_PER_PAGE
    }
}
