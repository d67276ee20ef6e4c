//! Telling the sound batches of a file from those that are not what was written.
//!
//! A chunk with a wrong checksum does not say where it is damaged. Batches with wrong checksums do,
//! and they may be all there is to it: then the others are as good as they look. Else nothing in the
//! chunk is sent, since what the batches' checksums leave out may be what is damaged.

use std::collections::VecDeque;

use super::destage::read_page;
use super::index::IndexEntry;
use super::partition::PartitionLog;
use super::reader::{BatchPlace, Reader};
use super::shared::Shared;
use super::{LogId, ReadError};
use crate::arena::BLOCK_BYTES;
use crate::batch::{BatchView, HEADER_BYTES};
use crate::checksums::{CHUNK_BYTES, ChunkOwner, ChunkPage};
use crate::crc32c;
use crate::mutants::{self, Mutant};
use crate::segment::names::SegmentFile;

const BLOCK: u64 = BLOCK_BYTES as u64;
const CHUNK: u64 = CHUNK_BYTES as u64;

/// Findings kept, per shard. One that is forgotten is made again, and said again.
const FINDINGS_MAX: usize = 256;

/// How far around a chunk is looked for the batches that lie in it, in bytes.
const AROUND_MAX: u64 = 4 << 20;

/// What a reader knows of the chunks that it has read ahead.
#[derive(Default)]
pub(super) struct Doubt {
    /// Chunks that are damaged, and nobody knows where: where they begin and end.
    bad: Vec<(u64, u64)>,
    page: LastPage,
}

/// The page of a segment's checksums that was needed last, by its number; nothing when it tells
/// nothing.
#[derive(Default)]
pub(super) struct LastPage(Option<(u32, Option<ChunkPage>)>);

/// A chunk as it was known before it was read.
#[derive(Clone, Copy)]
pub(super) struct Chunk {
    number: u32,
    bytes: usize,
    /// Nothing when its page of the file tells; zero when nobody does.
    unfiled: Option<u32>,
}

/// A chunk that is not what was written.
struct Wrong {
    start: u64,
    end: u64,
    stored: u32,
    computed: u32,
}

/// What was found before: looked for once, and said once.
#[derive(Default)]
pub(super) struct Damage {
    findings: VecDeque<(BatchPlace, Finding)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Finding {
    /// The batch there is damaged; its bytes have this checksum, or none.
    Batch(u32),
    /// The chunk that begins there has this checksum; the batches in it tell where it is damaged.
    Explained(u32),
    /// The chunk that begins there has this checksum, and it is not known where it is damaged.
    Doubtful(u32),
    /// The page of checksums there cannot be read.
    Page,
}

impl Damage {
    fn has(&self, place: BatchPlace, finding: Finding) -> bool {
        self.findings.contains(&(place, finding))
    }

    /// Returns whether it is new.
    fn add(&mut self, place: BatchPlace, finding: Finding) -> bool {
        let new = !self.has(place, finding);
        if new {
            self.findings.push_back((place, finding));
            if self.findings.len() > FINDINGS_MAX {
                self.findings.pop_front();
            }
        }
        new
    }

    /// Forgets what was found in a log.
    pub(super) fn forget(&mut self, log: LogId) {
        self.findings.retain(|(place, _)| place.log != log);
    }
}

impl Shared {
    /// Whether a batch is known to be damaged.
    pub(super) fn is_known_damaged(&self, place: BatchPlace, computed: u32) -> bool {
        self.damage.borrow().has(place, Finding::Batch(computed))
    }
}

impl Doubt {
    /// Forgets what is known of chunks that are read ahead no more.
    pub(super) fn forget_chunks(&mut self) {
        self.bad.clear();
    }
}

impl Reader {
    /// What speaks against a batch of `size` bytes at the position: a chunk that it lies in.
    pub(super) fn doubt_of(&self, size: u64) -> Option<String> {
        let (from, to) = (self.position, self.position + size);
        let (start, _) = self.doubt.bad.iter().find(|(start, end)| *start < to && from < *end)?;
        let chunk = start / CHUNK;
        Some(format!("chunk {chunk} at {start} is not what was written"))
    }
}

impl PartitionLog {
    /// The chunks that a read of `length` bytes at `start`, where one begins, will bring whole.
    pub(super) fn chunks_of(&self, segment: i64, start: u64, length: u64) -> Vec<Chunk> {
        let state = self.state.borrow();
        let Some(segment) = state.image.segment(segment) else { return Vec::new() };
        let chunks = &segment.chunks;
        let (first, end) = ((start / CHUNK) as u32, start + length);
        let all = (first..chunks.len()).map(|number| {
            let unfiled = chunks.unfiled(number);
            Chunk { number, bytes: chunks.chunk_bytes(number), unfiled }
        });
        all.take_while(|c| u64::from(c.number) * CHUNK + c.bytes as u64 <= end).collect()
    }

    /// Compares bytes that were read at `start` with the checksums of their chunks. Returns whether
    /// that is the end of it: else the device may have erred, and they are to be read once more.
    pub(super) async fn verify(
        &self,
        reader: &mut Reader,
        start: u64,
        bytes: &[u8],
        chunks: &[Chunk],
        last: bool,
    ) -> Result<bool, ReadError> {
        if mutants::is(Mutant::SkipChunkChecksum) {
            return Ok(true);
        }
        let mut bad = Vec::new();
        for wrong in self.compare(reader, chunks, start, bytes).await {
            let place = BatchPlace { log: self.id, segment: reader.segment, position: wrong.start };
            let (explained, doubtful) =
                (Finding::Explained(wrong.computed), Finding::Doubtful(wrong.computed));
            if self.shared.damage.borrow().has(place, explained) {
                continue;
            }
            if !self.shared.damage.borrow().has(place, doubtful) {
                if !last {
                    return Ok(false);
                }
                let found = match self.explain(reader, &wrong).await? {
                    true => explained,
                    false => doubtful,
                };
                self.shared.damage.borrow_mut().add(place, found);
                tracing::error!(
                    path = %self.segment_path(reader.segment).display(),
                    chunk = wrong.start / CHUNK,
                    position = wrong.start,
                    bytes = wrong.end - wrong.start,
                    stored = format_args!("{:08x}", wrong.stored),
                    computed = format_args!("{:08x}", wrong.computed),
                    explained = found == explained,
                    "chunk is not what was written"
                );
                if found == explained {
                    continue;
                }
            }
            bad.push((wrong.start, wrong.end));
        }
        reader.doubt.bad.extend(bad);
        Ok(true)
    }

    /// The chunks of `bytes`, which were read at `start`, that are not what was written.
    async fn compare(
        &self,
        reader: &mut Reader,
        chunks: &[Chunk],
        start: u64,
        bytes: &[u8],
    ) -> Vec<Wrong> {
        let owner = ChunkOwner { log_id: self.id.0, base_offset: reader.segment };
        let mut wrong = Vec::new();
        for chunk in chunks {
            let page = &mut reader.doubt.page;
            let stored = self.stored_sum(page, reader.segment, chunk.number, chunk.unfiled).await;
            let position = u64::from(chunk.number) * CHUNK;
            let from = position.checked_sub(start).and_then(|from| usize::try_from(from).ok());
            let whole = from.and_then(|from| bytes.get(from..from + chunk.bytes));
            let (Some(stored), Some(whole)) = (stored, whole) else { continue };
            let computed = owner.checksum(chunk.number, whole);
            if computed != stored {
                let end = position + chunk.bytes as u64;
                wrong.push(Wrong { start: position, end, stored, computed });
            }
        }
        wrong
    }

    /// Whether all that is wrong with a chunk is in batches whose own checksums are wrong. Reads
    /// around it: a batch in it may begin in front of it and end behind it, in other chunks that may
    /// be damaged too.
    async fn explain(&self, reader: &mut Reader, wrong: &Wrong) -> Result<bool, ReadError> {
        let (mut first, mut start) = self.batch_before(reader.segment, wrong.start).await;
        let file_end = self.readable_end(reader.segment);
        let mut reach = wrong.end;
        let mut end = (reach + CHUNK).min(file_end.next_multiple_of(CHUNK));
        while end - start <= AROUND_MAX && reach <= file_end {
            let length = (end - start).min(file_end.next_multiple_of(BLOCK) - start);
            let chunks = self.chunks_of(reader.segment, start, length);
            let bytes = self.read_file(reader, start, length).await?;
            let bytes = &bytes[..bytes.len().min((file_end - start) as usize)];
            if (bytes.len() as u64) < length.min(file_end - start) {
                // The file is shorter than the segment.
                return Ok(false);
            }
            let all = self.compare(reader, &chunks, start, bytes).await;
            if !all.iter().any(|w| (w.start, w.computed) == (wrong.start, wrong.computed)) {
                // Another read, another answer: nothing is certain.
                return Ok(false);
            }
            if first > start && all.iter().any(|w| w.start == start) {
                // What is damaged in that chunk may lie in front of the first batch.
                (first, start) = self.batch_before(reader.segment, start).await;
                continue;
            }
            let batches =
                match batches_of(bytes, (first - start) as usize, (reach - start) as usize) {
                    Ok(batches) => batches,
                    Err(Some(more)) if start + more as u64 <= file_end => {
                        end = (start + more as u64).next_multiple_of(CHUNK);
                        continue;
                    }
                    Err(_) => return Ok(false),
                };
            let walked = start + batches.last().map_or(0, |batch| batch.end as u64);
            // The last batch may end in another damaged chunk: then that one has to be explained too.
            let cut = all.iter().find(|w| w.start < walked && walked < w.end);
            if let Some(cut) = cut {
                reach = cut.end;
                end = (reach + CHUNK).min(file_end.next_multiple_of(CHUNK)).max(end);
                continue;
            }
            let inside = all.iter().filter(|w| w.end <= walked);
            let chunks = inside.map(|w| shift(w.stored ^ w.computed, walked - w.end));
            let batches = batches.iter().map(|b| shift(b.wrong, walked - start - b.end as u64));
            return Ok(chunks.chain(batches).fold(0, |left, part| left ^ part) == 0);
        }
        Ok(false)
    }

    /// The last batch that the index knows of up to `position`, and the start of its chunk.
    async fn batch_before(&self, segment: i64, position: u64) -> (u64, u64) {
        let up_to = |entry: &IndexEntry| u64::from(entry.position) <= position;
        let first = self.last_entry(segment, up_to).await.map_or(0, |e| u64::from(e.position));
        (first, first / CHUNK * CHUNK)
    }

    /// The checksum that a chunk was written with, if it is known. Where `unfiled` does not tell, the
    /// segment's file of them does.
    pub(super) async fn stored_sum(
        &self,
        LastPage(last): &mut LastPage,
        segment: i64,
        chunk: u32,
        unfiled: Option<u32>,
    ) -> Option<u32> {
        if let Some(sum) = unfiled {
            return Some(sum).filter(|sum| *sum != 0);
        }
        let number = ChunkPage::of_chunk(chunk);
        let filed = self.state.borrow().image.segment(segment)?.chunks.filed();
        let known = last.as_ref().filter(|(known, _)| *known == number);
        let is_known = known.is_some_and(|(_, page)| page.as_ref().is_none_or(|p| p.has(chunk)));
        if !is_known {
            let owner = ChunkOwner { log_id: self.id.0, base_offset: segment };
            let path = self.dir().join(SegmentFile::Chunks.name(segment));
            let page = match read_page(&self.shared, &path, owner, number).await {
                Ok(mut page) => {
                    page.forget_from(filed);
                    Some(page)
                }
                Err(error) => {
                    let place = BatchPlace { log: self.id, segment, position: u64::from(number) };
                    if self.shared.damage.borrow_mut().add(place, Finding::Page) {
                        let path = path.display();
                        tracing::warn!(%path, page = number, %error, "chunks are not verified");
                    }
                    None
                }
            };
            *last = Some((number, page));
        }
        last.as_ref()?.1.as_ref()?.sum(chunk)
    }

    /// The error for damage at the reader's position, said once. `computed` is the checksum that the
    /// bytes have, zero where there is no batch; `resume` is where reading may go on.
    pub(super) fn damaged(
        &self,
        reader: &Reader,
        bytes: u64,
        computed: u32,
        resume: Option<i64>,
        why: &str,
    ) -> ReadError {
        if let Err(cut) = self.check_uncut(reader) {
            return cut;
        }
        let path = self.segment_path(reader.segment);
        let (place, position) = (reader.place(self.id), reader.position);
        if self.shared.damage.borrow_mut().add(place, Finding::Batch(computed)) {
            tracing::error!(path = %path.display(), position, bytes, why, "segment is damaged");
        }
        ReadError::Faulty { path, position, bytes, resume, why: why.into() }
    }
}

/// A batch in some bytes.
struct Found {
    /// Where it ends.
    end: usize,
    /// What sets its checksum apart from the one it should have.
    wrong: u32,
}

/// The batches from `first` on until one ends at or behind `reach`. Else how many bytes are needed
/// for that, if it can be told.
fn batches_of(bytes: &[u8], first: usize, reach: usize) -> Result<Vec<Found>, Option<usize>> {
    let mut found: Vec<Found> = Vec::new();
    let mut at = first;
    while at < reach {
        let rest = bytes.get(at..).ok_or(None)?;
        let head = rest.first_chunk().ok_or(Some(at + HEADER_BYTES))?;
        let size = BatchView::size_of(head).map_err(|_| None)?;
        let (batch, _) = BatchView::split_first(rest).map_err(|_| Some(at + size))?;
        at += size;
        found.push(Found { end: at, wrong: batch.crc() ^ batch.computed_crc() });
    }
    Ok(found)
}

/// What a difference of checksums becomes `behind` bytes further on: CRCs are linear.
fn shift(difference: u32, behind: u64) -> u32 {
    crc32c::combine(difference, 0, behind)
}
