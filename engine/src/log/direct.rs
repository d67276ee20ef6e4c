//! Large appends, which go to their segment at once.
//!
//! The whole blocks of such an append are written to the segment durably, from the tail's own memory.
//! The journal gets a mark that tells of them, and the bytes of the last, partial block. The mark has
//! its place in the journal's queue from the start and is written when the segment has the bytes, so
//! acknowledgements keep the order of appends. It holds all that recovery has to know, which reads
//! nothing of the segment. While an append waits, room for all of it is kept in the journal: that is
//! where it goes when the segment does not take it, or when the log is cut or deleted.

use std::collections::VecDeque;
use std::rc::Rc;

use super::StorageError;
use super::bytes::{Reader, Writer};
use super::destage::{Extent, Step};
use super::image::LogImage;
use super::partition::{PartitionLog, State};
use crate::arena::{BLOCK_BYTES, Slice};
use crate::batch::{BatchIter, BatchView, HEADER_BYTES};
use crate::checksums::{CHUNK_BYTES, ChunkOwner};
use crate::crc32c;
use crate::io::Durability;
use crate::journal::frame::{Entry, Kind};
use crate::journal::{Held, Pieces, Place};

const BLOCK: u64 = BLOCK_BYTES as u64;
const CHUNK: u64 = CHUNK_BYTES as u64;

/// The part of an append that its mark may take, one in so many.
const MARK_SHARE: usize = 16;

/// Index entries of a segment that may wait for their files while large appends come: files are
/// written, and synced, once for so many.
const UNFILED_MAX: usize = 1024;

/// An append whose whole blocks are on their way to the segment.
pub(super) struct Direct {
    /// The mark's place in the queue.
    held: Held,
    entry: Entry,
    /// The bytes that are on their way, and where they end.
    pieces: Pieces,
    end: Place,
}

/// The bytes of an entry of kind [`Kind::DirectMark`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bytes in the segment, from the entry's position on.
    pub(super) length: u64,
    /// Their checksums, apart at the borders of chunks.
    sums: Vec<u32>,
    /// The headers of the append's batches.
    heads: Vec<[u8; HEADER_BYTES]>,
}

impl Mark {
    /// Bytes of a mark of an append of `bytes` with so many batches, at most.
    fn bytes_max(bytes: usize, batches: usize) -> usize {
        8 + 4 + 4 * (bytes / CHUNK_BYTES + 2) + 4 + batches * HEADER_BYTES
    }

    fn of(position: u64, pieces: &Pieces, heads: Vec<[u8; HEADER_BYTES]>) -> Self {
        let length = pieces.iter().map(|piece| piece.len() as u64).sum();
        let mut sums = Vec::new();
        let (mut at, mut sum) = (position, 0);
        for piece in pieces {
            let mut rest = &piece[..];
            while !rest.is_empty() {
                let inside = (CHUNK - at % CHUNK) as usize;
                let (now, later) = rest.split_at(rest.len().min(inside));
                sum = crc32c::append(sum, now);
                at += now.len() as u64;
                rest = later;
                if at.is_multiple_of(CHUNK) {
                    sums.push(std::mem::take(&mut sum));
                }
            }
        }
        if !at.is_multiple_of(CHUNK) {
            sums.push(sum);
        }
        Self { length, sums, heads }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u64(self.length);
        out.count(self.sums.len());
        for sum in &self.sums {
            out.u32(*sum);
        }
        out.count(self.heads.len());
        for head in &self.heads {
            out.raw(head);
        }
        out.out
    }

    /// Reads the mark of an entry at `position`.
    pub(super) fn decode(bytes: &[u8], position: u64) -> Option<Self> {
        let mut from = Reader::new(bytes);
        let length = from.u64()?;
        let sums = from.list(Reader::u32)?;
        let heads = from.list(Reader::array)?;
        let end = position.checked_add(length).filter(|end| i64::try_from(*end).is_ok())?;
        let chunks = end.div_ceil(CHUNK).checked_sub(position / CHUNK)?;
        let sound = from.is_empty() && length > 0 && sums.len() as u64 == chunks;
        sound.then_some(Self { length, sums, heads })
    }

    /// The batches of the append, of which only the headers are known, with their sizes.
    pub(super) fn batches(&self) -> impl Iterator<Item = Option<(HeaderAlone, u64)>> {
        self.heads.iter().map(|head| {
            let size = BatchView::size_of(head).ok()?;
            Some((HeaderAlone::of(*head), size as u64))
        })
    }

    /// Where the pieces lie of which the checksums are known: position, length, checksum.
    pub(super) fn pieces(&self, position: u64) -> impl Iterator<Item = (u64, u64, u32)> {
        let end = position + self.length;
        let mut at = position;
        self.sums.iter().map(move |sum| {
            let start = at;
            at = (at / CHUNK * CHUNK + CHUNK).min(end);
            (start, at - start, *sum)
        })
    }
}

/// A batch header whose length field leaves the records out.
#[derive(Clone, Copy)]
pub(super) struct HeaderAlone([u8; HEADER_BYTES]);

impl HeaderAlone {
    fn of(head: [u8; HEADER_BYTES]) -> Self {
        Self(super::partition::header_alone(head))
    }

    /// The header as a batch; nothing when it is none.
    pub(super) fn view(&self) -> Option<BatchView<'_>> {
        BatchView::split_first(&self.0).ok().map(|(view, _)| view)
    }
}

impl LogImage {
    /// Takes note of bytes that a mark tells of. Returns what it cannot without reading them: the start
    /// and length of a piece that is covered in part, and its checksum.
    pub(super) fn cover_marked(&mut self, place: Place, mark: &Mark) -> Option<(u64, u64, u32)> {
        let owner = ChunkOwner { log_id: self.id.0, base_offset: place.segment };
        let segment = self.segment_mut(place.segment)?;
        let mut pieces = mark.pieces(place.position);
        pieces.find(|(at, length, sum)| !segment.chunks.push_sum(owner, *at, *length, *sum))
    }
}

/// Keeps appends of a log off the direct way for as long as it lives: of one who is in the gate and
/// waits for the journal.
pub(super) struct Detour<'a> {
    log: &'a PartitionLog,
}

impl Drop for Detour<'_> {
    fn drop(&mut self) {
        self.log.detours.set(self.log.detours.get() - 1);
    }
}

impl PartitionLog {
    /// The bytes of the mark if an append is to go to its segment at once.
    pub(super) fn marks(&self, state: &State, batches: &[u8]) -> Option<usize> {
        let config = &self.shared.config;
        // The journal has to have the partial block before anything else of the append.
        if batches.len() < config.direct_append_bytes || state.uncovered || self.detours.get() > 0 {
            return None;
        }
        let mut count = 0;
        for batch in BatchIter::new(batches) {
            // Its record is needed, not only its header.
            if batch.ok()?.is_control() {
                return None;
            }
            count += 1;
        }
        let bytes = Mark::bytes_max(batches.len(), count);
        let worth = bytes <= (batches.len() / MARK_SHARE).max(BLOCK_BYTES);
        (worth && bytes <= self.shared.journal.entry_bytes_max()).then_some(bytes)
    }

    /// Queues what was written from `entry.position` on: its whole blocks for the segment, the rest and
    /// the mark for the journal. Returns the ticket.
    pub(super) fn queue_direct(&self, state: &mut State, entry: Entry) -> u64 {
        let journal = &self.shared.journal;
        let start = Place { segment: entry.segment, position: entry.position };
        let end = state.tail.end();
        let blocks = Place { position: end.position / BLOCK * BLOCK, ..end };
        let pieces = state.tail.pieces(start, blocks.position);
        let heads = state.tail.batches(entry.base_offset, i64::MAX).map(|batch| {
            let mut head = [0; HEADER_BYTES];
            let place = batch.place;
            let found = state.tail.pieces(place, place.position + HEADER_BYTES as u64);
            let bytes = found.iter().flat_map(|piece| piece.iter());
            head.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            head
        });
        let mark = Mark::of(start.position, &pieces, heads.collect()).encode();
        let marked = Entry { kind: Kind::DirectMark, last_offset: entry.base_offset - 1, ..entry };
        let bytes = (blocks.position - start.position) as usize;
        let mark = Pieces::from_iter([Slice::copy_from(&mark)]);
        let held = journal.push_held(marked, mark, bytes);
        let rest = state.tail.pieces(blocks, end.position);
        let rest_entry = Entry { position: blocks.position, ..entry };
        let ticket = journal.push(rest_entry, rest, Some(self.owner()));
        state.direct.push_back(Direct { held, entry: marked, pieces, end: blocks });
        if let Some(log) = self.me().filter(|log| !log.directing.replace(true)) {
            self.shared.io.spawn(async move { log.run_direct().await });
        }
        ticket
    }

    /// Writes to the segments for as long as large appends wait for that.
    async fn run_direct(self: Rc<Self>) {
        loop {
            let pass = self.gate.enter().await;
            let first = self.state.borrow().direct.front().map(|first| first.end);
            let Some(first) = first else {
                self.directing.set(false);
                return;
            };
            let written = !self.gone.get() && self.write_direct().await.is_ok();
            let waits = self.state.borrow().direct.front().is_some_and(|next| next.end == first);
            if !written || waits {
                self.forgo_direct();
            }
            drop(pass);
            // Others who wait for the gate are to have their turn.
            self.shared.io.yield_now().await;
        }
    }

    /// Writes what large appends are waiting for, several pieces at a time, for one who is in the gate.
    async fn write_direct(&self) -> Result<(), StorageError> {
        self.shared.check_intact()?;
        self.seal_recovered().await?;
        // Appends count when all before them is durable, however it came there.
        self.sync_written().await?;
        self.release_direct();
        let mut at = self.state.borrow().written;
        let begin = at;
        let mut last = at;
        let mut writes = VecDeque::new();
        let mut failed = None;
        loop {
            // Under load more comes all the time, but others wait for the gate.
            if last <= at && !(self.gate.is_wanted() && last > begin) {
                let state = self.state.borrow();
                last = state.direct.back().map_or(last, |last| last.end);
            }
            while failed.is_none() && writes.len() < self.shared.config.direct_in_flight {
                match self.next_direct(at, last) {
                    Some(Step::Write { start, end, pieces }) => {
                        let file = match self.prepare(start.segment, end).await {
                            Ok(file) => file,
                            Err(error) => {
                                failed = Some(error);
                                break;
                            }
                        };
                        let (bytes, path) = (pieces.clone(), self.segment_path(start.segment));
                        let shared = self.shared.clone();
                        let write = self.shared.io.spawn(async move {
                            let written =
                                super::destage::write_parts(&file, start.position, bytes, DURABLE);
                            written.await.map_err(|e| shared.write_failed("writing", &path, e))
                        });
                        at = Place { position: end, ..start };
                        writes.push_back((start, at, pieces, write));
                    }
                    Some(Step::Seal { base, next }) if writes.is_empty() => {
                        if let Err(error) = self.finish_segment(base, next).await {
                            failed = Some(error);
                            break;
                        }
                        at = Place { segment: next, position: 0 };
                    }
                    _ => break,
                }
            }
            let Some((start, end, pieces, write)) = writes.pop_front() else { break };
            let stopped = || StorageError::Stopped { dir: self.shared.dir.clone() };
            match write.await.unwrap_or_else(|_| Err(stopped())) {
                Ok(_) if failed.is_none() => {
                    self.cover(start, &pieces);
                    self.note_written(end);
                    self.state.borrow_mut().image.durable = end;
                    self.release_direct();
                    if let Err(error) = self.file_many(UNFILED_MAX).await {
                        failed = Some(error);
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// What comes next at `at`, up to `last` at least: in one piece of memory.
    fn next_direct(&self, at: Place, last: Place) -> Option<Step> {
        if last <= at {
            return None;
        }
        match self.next_step(at, Extent::Blocks)? {
            Step::Write { start, pieces, .. } => {
                let first: Pieces = pieces.into_iter().take(1).collect();
                let length: usize = first.iter().map(|piece| piece.len()).sum();
                let end = start.position + length as u64;
                Some(Step::Write { start, end, pieces: first })
            }
            seal => Some(seal),
        }
    }

    /// Lets the marks be written whose bytes are durable.
    pub(super) fn release_direct(&self) {
        loop {
            let ready = {
                let mut state = self.state.borrow_mut();
                let durable = state.image.durable;
                let first = state.direct.front().is_some_and(|first| first.end <= durable);
                if first { state.direct.pop_front() } else { None }
            };
            let Some(ready) = ready else { return };
            ready.held.release();
        }
    }

    /// Sends all that waits the other way: through the journal.
    pub(super) fn forgo_direct(&self) {
        let waiting = std::mem::take(&mut self.state.borrow_mut().direct);
        if !waiting.is_empty() {
            self.shared.mark_dirty(self.id);
        }
        let most = self.shared.journal.entry_bytes_max();
        for direct in waiting {
            let mut entries = Vec::new();
            let mut position = direct.entry.position;
            // As few as there is room for.
            let (mut part, mut bytes) = (Pieces::new(), 0);
            let last = direct.pieces.len().saturating_sub(1);
            for (n, piece) in direct.pieces.into_iter().enumerate() {
                let mut rest = piece;
                while !rest.is_empty() {
                    let now = rest.slice(..rest.len().min(most - bytes));
                    rest = rest.slice(now.len()..);
                    bytes += now.len();
                    part.push(now);
                    if bytes == most || (n == last && rest.is_empty()) {
                        let entry = Entry { kind: Kind::Part, position, ..direct.entry };
                        position += bytes as u64;
                        entries.push((entry, std::mem::take(&mut part)));
                        bytes = 0;
                    }
                }
            }
            direct.held.replace(entries);
        }
    }

    /// Sends what waits through the journal, and what comes until this ends.
    pub(super) fn detour(&self) -> Detour<'_> {
        self.detours.set(self.detours.get() + 1);
        self.forgo_direct();
        Detour { log: self }
    }
}

const DURABLE: Durability = Durability::Durable;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_and_tells_where_its_checksums_belong() {
        let bytes: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
        let pieces: Pieces = bytes.chunks(30_000).map(Slice::copy_from).collect();
        let position = 3 * CHUNK - 5000;
        let mark = Mark::of(position, &pieces, vec![[7; HEADER_BYTES]]);
        assert_eq!(Mark::decode(&mark.encode(), position).as_ref(), Some(&mark));
        assert_eq!(Mark::decode(&mark.encode(), position + 69_000), None, "other chunks");
        let found: Vec<_> = mark.pieces(position).collect();
        assert_eq!(found[0].1, 5000);
        assert_eq!(found.iter().map(|piece| piece.1).sum::<u64>(), 200_000);
        for (at, length, sum) in found {
            let from = (at - position) as usize;
            assert_eq!(crc32c::checksum(&bytes[from..from + length as usize]), sum);
        }
    }
}
