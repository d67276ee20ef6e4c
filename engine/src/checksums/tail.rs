//! The checksums that a segment's `.chunks` file does not have yet.

use super::page::{self, ENTRIES_PER_PAGE, PAGE_BYTES, PageError};
use super::{CHUNK_BYTES, ChunkOwner, UNKNOWN};
use crate::crc32c;

const CHUNK: u64 = CHUNK_BYTES as u64;

/// Checksums of a segment from its first chunk on that is not in the file. Grows with the segment;
/// a checkpoint keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChunkTail {
    /// Whole chunks whose checksums are in the file, durable.
    filed: u32,
    /// Of the chunks behind those; the last one may still grow.
    sums: Vec<u32>,
    covered_bytes: u64,
}

impl ChunkTail {
    /// As a checkpoint kept it. `None`: the numbers cannot be.
    pub fn from_parts(filed: u32, sums: Vec<u32>, covered_bytes: u64) -> Option<Self> {
        let chunks = u64::from(filed) + sums.len() as u64;
        (covered_bytes.div_ceil(CHUNK) == chunks).then_some(Self { filed, sums, covered_bytes })
    }

    /// Whole chunks in the file.
    pub fn filed(&self) -> u32 {
        self.filed
    }

    /// Checksums behind those.
    pub fn sums(&self) -> &[u32] {
        &self.sums
    }

    /// Bytes of the segment that are covered.
    pub fn covered_bytes(&self) -> u64 {
        self.covered_bytes
    }

    /// Covers `bytes` at `position` of the segment, as far as they are not covered yet. Between what
    /// was covered before and `position` nothing is known.
    pub fn push(&mut self, owner: ChunkOwner, position: u64, bytes: &[u8]) {
        if position > self.covered_bytes {
            self.skip_to(position);
        }
        let known = usize::try_from(self.covered_bytes - position).unwrap_or(usize::MAX);
        let mut bytes = bytes.get(known..).unwrap_or_default();
        while !bytes.is_empty() {
            let inside = (self.covered_bytes % CHUNK) as usize;
            if inside == 0 {
                self.sums.push(owner.seed(self.len()));
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK_BYTES - inside));
            if let Some(sum) = self.sums.last_mut().filter(|sum| **sum != UNKNOWN) {
                *sum = crc32c::append(*sum, now);
            }
            self.covered_bytes += now.len() as u64;
            bytes = later;
        }
    }

    /// Covers `length` bytes at `position` whose checksum is `crc`, and which lie in one chunk. Returns
    /// whether it could: not when some of them are covered already.
    pub fn push_sum(&mut self, owner: ChunkOwner, position: u64, length: u64, crc: u32) -> bool {
        if position > self.covered_bytes {
            self.skip_to(position);
        }
        if position != self.covered_bytes {
            return position + length <= self.covered_bytes;
        }
        if self.covered_bytes.is_multiple_of(CHUNK) {
            self.sums.push(owner.seed(self.len()));
        }
        if let Some(sum) = self.sums.last_mut().filter(|sum| **sum != UNKNOWN) {
            *sum = crc32c::combine(*sum, crc, length);
        }
        self.covered_bytes += length;
        true
    }

    /// The bytes of the last chunk are known to be others than were written: its checksum becomes one
    /// that they do not have.
    pub fn spoil(&mut self) {
        if let Some(sum) = self.sums.last_mut() {
            *sum = (*sum ^ 1).max(UNKNOWN + 1);
        }
    }

    /// Covers all up to `position` without knowing it: the chunks it is in are not verified.
    pub fn skip_to(&mut self, position: u64) {
        if position <= self.covered_bytes {
            return;
        }
        if !self.covered_bytes.is_multiple_of(CHUNK)
            && let Some(last) = self.sums.last_mut()
        {
            *last = UNKNOWN;
        }
        let chunks = position.div_ceil(CHUNK) - u64::from(self.filed);
        self.sums.resize(usize::try_from(chunks).unwrap_or(usize::MAX), UNKNOWN);
        self.covered_bytes = position;
    }

    /// Uncovers what is behind `position`. Of the chunk that it lies in nothing is known any more,
    /// unless it ends there: [`ChunkTail::resume`] learns it anew.
    pub fn truncate_to(&mut self, position: u64) {
        if position >= self.covered_bytes {
            return;
        }
        let whole = u32::try_from(position / CHUNK).unwrap_or(u32::MAX);
        self.sums.truncate(whole.saturating_sub(self.filed) as usize);
        self.filed = self.filed.min(whole);
        self.covered_bytes = u64::from(whole) * CHUNK;
        self.skip_to(position);
    }

    /// Learns the checksum of the last chunk, if that is a partial one; zero when it is not known.
    pub fn resume(&mut self, sum: u32) {
        let partial = !self.covered_bytes.is_multiple_of(CHUNK) && sum != UNKNOWN;
        if let Some(last) = self.sums.last_mut().filter(|_| partial) {
            *last = sum;
        }
    }

    /// Chunks covered, the last one perhaps in part.
    pub fn len(&self) -> u32 {
        self.filed + self.sums.len() as u32
    }

    /// Whether nothing is covered.
    pub fn is_empty(&self) -> bool {
        self.covered_bytes == 0
    }

    /// The checksum of a chunk that is not in the file yet: zero when it is not known.
    pub fn unfiled(&self, chunk: u32) -> Option<u32> {
        let behind = chunk.checked_sub(self.filed)?;
        self.sums.get(behind as usize).copied()
    }

    /// Bytes of a chunk that are covered.
    pub fn chunk_bytes(&self, chunk: u32) -> usize {
        let behind = self.covered_bytes.saturating_sub(u64::from(chunk) * CHUNK);
        behind.min(CHUNK) as usize
    }

    /// First page of the file that is to be written for all to be in it.
    pub fn first_page(&self) -> u32 {
        self.filed / ENTRIES_PER_PAGE as u32
    }

    /// The file from [`ChunkTail::first_page`] on, as it is to be. `before` is that page as it is:
    /// entries that it has already are taken over; when it is damaged they are not known any more.
    pub fn encode_pages(&self, owner: ChunkOwner, before: Result<ChunkPage, PageError>) -> Vec<u8> {
        let first = self.first_page();
        let inside = self.filed as usize % ENTRIES_PER_PAGE;
        let mut entries = before.map(|page| page.entries).unwrap_or_default();
        entries.resize(inside, UNKNOWN);
        entries.extend_from_slice(&self.sums);
        let mut out = Vec::with_capacity(entries.len().div_ceil(ENTRIES_PER_PAGE) * PAGE_BYTES);
        for (page, entries) in (first..).zip(entries.chunks(ENTRIES_PER_PAGE)) {
            let last = page * ENTRIES_PER_PAGE as u32 + entries.len() as u32 - 1;
            let last_bytes = self.chunk_bytes(last) as u32;
            out.extend_from_slice(&page::encode(owner, page, entries, last_bytes));
        }
        out
    }

    /// Takes note that what `filed` encoded is in the file, durable. This one may have grown since.
    pub fn note_filed(&mut self, filed: &Self) {
        let whole = u32::try_from(filed.covered_bytes / CHUNK).unwrap_or(u32::MAX);
        let moved = whole.saturating_sub(self.filed).min(self.sums.len() as u32);
        self.sums.drain(..moved as usize);
        self.filed += moved;
    }
}

/// One page of a `.chunks` file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChunkPage {
    number: u32,
    entries: Vec<u32>,
}

impl ChunkPage {
    /// Reads page `number` of `owner`'s file.
    ///
    /// # Errors
    /// [`PageError`]: the chunks it should cover are unverified.
    pub fn decode(owner: ChunkOwner, number: u32, bytes: &[u8]) -> Result<Self, PageError> {
        let bytes = bytes.first_chunk().ok_or(PageError::Blank)?;
        let (entries, _) = page::decode(owner, number, bytes)?;
        Ok(Self { number, entries })
    }

    /// Its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Forgets entries of chunks from `chunk` on: those are not final. What the file has of them may
    /// be of a part of the chunk, or of a former life of the segment.
    pub fn forget_from(&mut self, chunk: u32) {
        let keep = chunk.saturating_sub(self.number * ENTRIES_PER_PAGE as u32);
        self.entries.truncate(keep as usize);
    }

    /// Whether it has an entry for a chunk, be it that nothing is known.
    pub fn has(&self, chunk: u32) -> bool {
        let at = chunk.checked_sub(self.number * ENTRIES_PER_PAGE as u32);
        at.is_some_and(|at| (at as usize) < self.entries.len())
    }

    /// The number of the page that has a chunk's entry.
    pub fn of_chunk(chunk: u32) -> u32 {
        chunk / ENTRIES_PER_PAGE as u32
    }

    /// The checksum of a whole chunk, if it is known.
    pub fn sum(&self, chunk: u32) -> Option<u32> {
        let at = chunk.checked_sub(self.number * ENTRIES_PER_PAGE as u32)?;
        self.entries.get(at as usize).copied().filter(|sum| *sum != UNKNOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: ChunkOwner = ChunkOwner { log_id: 7, base_offset: 1000 };

    fn bytes(length: usize) -> Vec<u8> {
        (0..length as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
    }

    fn tail_of(bytes: &[u8]) -> ChunkTail {
        let mut tail = ChunkTail::default();
        tail.push(OWNER, 0, bytes);
        tail
    }

    #[test]
    fn bytes_that_come_again_change_nothing() {
        let log = bytes(3 * CHUNK_BYTES + 5000);
        let mut tail = ChunkTail::default();
        for end in [100, 4096, 70_000, 70_001, log.len()] {
            // Blocks are written from their beginning.
            let start = tail.covered_bytes() as usize / 4096 * 4096;
            tail.push(OWNER, start as u64, &log[start..end]);
        }
        assert_eq!(tail, tail_of(&log));
        assert_eq!(tail.sums()[1], OWNER.checksum(1, &log[CHUNK_BYTES..2 * CHUNK_BYTES]));
        assert_eq!(tail.sums()[3], OWNER.checksum(3, &log[3 * CHUNK_BYTES..]));
    }

    #[test]
    fn what_is_filed_step_by_step_reads_back() {
        let log = bytes(CHUNK_BYTES * (ENTRIES_PER_PAGE + 3) / 16 * 16);
        let mut tail = ChunkTail::default();
        let mut file: Vec<u8> = Vec::new();
        for (n, part) in log.chunks(log.len() / 5 + 1).enumerate() {
            tail.push(OWNER, tail.covered_bytes(), part);
            let at = tail.first_page() as usize * PAGE_BYTES;
            let page = file.get(at..).unwrap_or_default();
            let before = ChunkPage::decode(OWNER, tail.first_page(), page);
            assert!(n == 0 || before.is_ok() || at == file.len());
            let pages = tail.encode_pages(OWNER, before);
            file.truncate(at);
            file.extend_from_slice(&pages);
            tail.note_filed(&tail.clone());
            assert!(tail.sums().len() <= 1, "only a partial chunk is kept");
        }
        let loaded = super::super::ChunkSums::decode(OWNER, &file);
        assert_eq!(loaded.faults, []);
        assert_eq!(loaded.sums.verify(0, &log), Ok(log.len()));
    }

    #[test]
    fn a_damaged_page_leaves_its_chunks_unknown_and_not_wrong() {
        let log = bytes(5 * CHUNK_BYTES);
        let mut tail = tail_of(&log[..2 * CHUNK_BYTES]);
        tail.note_filed(&tail.clone());
        tail.push(OWNER, 2 * CHUNK_BYTES as u64, &log[2 * CHUNK_BYTES..]);
        let page = tail.encode_pages(OWNER, Err(PageError::Foreign));
        let page = ChunkPage::decode(OWNER, 0, &page).unwrap();
        assert_eq!((page.sum(0), page.sum(1)), (None, None));
        assert_eq!(page.sum(4), Some(OWNER.checksum(4, &log[4 * CHUNK_BYTES..])));
    }

    #[test]
    fn a_gap_is_unknown() {
        let log = bytes(4 * CHUNK_BYTES);
        let mut tail = tail_of(&log[..100]);
        let from = CHUNK_BYTES + 50;
        tail.push(OWNER, from as u64, &log[from..]);
        assert_eq!(tail.sums()[..2], [UNKNOWN; 2]);
        assert_eq!(tail.sums()[2..], tail_of(&log).sums()[2..]);
        assert_eq!(tail.covered_bytes(), log.len() as u64);
    }

    #[test]
    fn a_cut_forgets_what_is_behind_it() {
        let log = bytes(4 * CHUNK_BYTES);
        for cut in [0, 10, CHUNK_BYTES, 2 * CHUNK_BYTES + 9] {
            for filed in [false, true] {
                let mut tail = tail_of(&log);
                if filed {
                    tail.note_filed(&tail.clone());
                }
                tail.truncate_to(cut as u64);
                let chunk = cut / CHUNK_BYTES;
                tail.resume(OWNER.checksum(chunk as u32, &log[chunk * CHUNK_BYTES..cut]));
                tail.push(OWNER, cut as u64, &log[cut..]);
                assert_eq!(tail.covered_bytes(), log.len() as u64);
                let expected = tail_of(&log);
                assert_eq!(tail.sums(), &expected.sums()[tail.filed() as usize..], "cut {cut}");
            }
        }
    }
}
