//! Taking records off the end of a log: what a follower does with what its leader does not have.
//!
//! What stays is brought to the segments first, so that the cut concerns files alone. Its entry in
//! the journal is durable before any new bytes go to where the old ones were. The number of cuts is
//! in the log's image and in each entry of the journal: an entry with a lower number is older than a
//! cut that the image knows, and tells nothing any more. The entry says all that has to be known of
//! what stays, so a replay need not look at files that have changed since.

use std::io;
use std::path::Path;
use std::rc::Rc;

use super::bytes::{Reader, Writer};
use super::damage::LastPage;
use super::destage;
use super::files::read_file;
use super::image::LogImage;
use super::index::{self, Kept};
use super::partition::{PartitionLog, State};
use super::reader::Expected;
use super::segment::Segment;
use super::storage::control_entry;
use super::tail::{BatchRef, Tail};
use super::{StorageError, maintain};
use crate::arena::{BLOCK_BYTES, Buf, Slice};
use crate::batch::{BatchView, HEADER_BYTES};
use crate::checksums::{CHUNK_BYTES, ChunkOwner, ChunkTail};
use crate::journal::frame::{Entry, Kind};
use crate::journal::{Permit, Pieces, Place};
use crate::mutants::{self, Mutant};
use crate::segment::names::SegmentFile;
use crate::segment::txn_index::{self, AbortedTxn};

const BLOCK: u64 = BLOCK_BYTES as u64;
const CHUNK: u64 = CHUNK_BYTES as u64;

/// Where a log is cut, and what is to be known of what stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Where it ends from then on.
    pub(super) place: Place,
    /// The offset that the next record gets.
    pub(super) end: i64,
    /// How many cuts there have been, this one included.
    pub(super) number: u32,
    pub(super) rest: Rest,
}

/// What is left of the segment that a log is cut in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rest {
    /// Entries of its indexes.
    pub(super) kept: Kept,
    /// Its largest timestamp (-1 for none), and the last offset of the batch that brought it.
    pub(super) max: (i64, i64),
    /// Checksum of its last, partial chunk; zero when there is none, or it is not known.
    pub(super) sum: u32,
    /// Transactions whose markers are gone: producers and first offsets.
    pub(super) reopened: Vec<(i64, i64)>,
}

impl Rest {
    /// Bytes of [`Rest::encode`] with so many transactions.
    fn bytes(reopened: usize) -> usize {
        4 + 3 * 4 + 8 + 4 + 8 + 8 + 4 + reopened * 16
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.u32(self.sum);
        out.u32(self.kept.offsets);
        out.u32(self.kept.times);
        out.u32(self.kept.aborted);
        out.i64(self.kept.last_time.0);
        out.u32(self.kept.last_time.1);
        out.i64(self.max.0);
        out.i64(self.max.1);
        out.count(self.reopened.len());
        for (producer, first) in &self.reopened {
            out.i64(*producer);
            out.i64(*first);
        }
        out.out
    }

    /// The bytes of an entry of kind [`Kind::Truncate`].
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut from = Reader::new(bytes);
        let sum = from.u32()?;
        let kept = Kept {
            offsets: from.u32()?,
            times: from.u32()?,
            aborted: from.u32()?,
            last_time: (from.i64()?, from.u32()?),
        };
        let max = (from.i64()?, from.i64()?);
        let reopened = from.list(|from| Some((from.i64()?, from.i64()?)))?;
        from.is_empty().then_some(Self { kept, max, sum, reopened })
    }
}

impl PartitionLog {
    /// Removes the records from `offset` on, durably, and the whole batch that `offset` lies in:
    /// returns the log end offset, which may therefore be lower than `offset`. Nothing happens when
    /// the log ends at or before it. Only records above the high watermark may be removed: nobody was
    /// promised those.
    ///
    /// Of a producer whose last five batches are all removed nothing is known afterwards. A
    /// transaction whose marker is removed is open again, unless the marker is older than this start
    /// of the storage.
    ///
    /// # Errors
    /// [`StorageError::BelowLogStart`], and what keeps the storage from reading or writing; the log is
    /// as it was, unless the storage has failed.
    pub async fn truncate_to(&self, offset: i64) -> Result<i64, StorageError> {
        let stopped = || StorageError::Stopped { dir: self.shared.dir.clone() };
        let log = self.me().ok_or_else(stopped)?;
        // Whoever asked may go away; the cut must not end half-way.
        let cut = self.shared.io.spawn(async move { log.cut_at(offset).await });
        cut.await.map_err(|_| stopped())?
    }

    async fn cut_at(&self, offset: i64) -> Result<i64, StorageError> {
        loop {
            self.check_open()?;
            self.shared.check_alive()?;
            if let Some(end) = self.ends_before(offset)? {
                return Ok(end);
            }
            let reopened = self.state.borrow().reopened(offset).len();
            let bytes = Rest::bytes(reopened);
            if bytes > self.shared.journal.entry_bytes_max() {
                let why = format!("{reopened} transactions would be open again");
                let source = Rc::new(io::Error::new(io::ErrorKind::FileTooLarge, why));
                return Err(StorageError::Io { action: "cutting", path: self.dir(), source });
            }
            let permit = self.shared.permit(bytes).await?;
            let _pass = self.gate.enter().await;
            if let Some(end) = self.cut_inside(offset, permit, reopened).await? {
                return Ok(end);
            }
            // Records came in meanwhile, or the log start moved.
        }
    }

    /// The end of the log when there is nothing to cut at `offset`.
    fn ends_before(&self, offset: i64) -> Result<Option<i64>, StorageError> {
        let state = self.state.borrow();
        let (start, end) = (state.image.log_start, state.image.next_offset);
        if offset < start {
            return Err(StorageError::BelowLogStart { name: self.name.clone(), offset, start });
        }
        Ok((offset >= end).then_some(end))
    }

    /// Cuts, for one who is in the gate, with `reopened` transactions at most that are open again.
    /// Nothing when the log has changed meanwhile.
    async fn cut_inside(
        &self,
        offset: i64,
        permit: Permit,
        reopened: usize,
    ) -> Result<Option<i64>, StorageError> {
        self.check_open()?;
        if let Some(end) = self.ends_before(offset)? {
            return Ok(Some(end));
        }
        let start = self.state.borrow().image.log_start;
        let journal = &self.shared.journal;
        // What waits for the segment would wait for who is in the gate.
        let _detour = self.detour();
        journal.acks().wait(journal.last_ticket()).await?;
        let (listed, written) = self.listed(offset);
        if listed.is_some_and(|batch| batch.place > written) {
            self.destage_inside(destage::Extent::All, true).await?;
        } else {
            self.sync_written().await?;
        }
        let found = self.find_end(offset, listed).await?;
        let (ticket, end, removed, freed) = {
            let mut state = self.state.borrow_mut();
            let settled = state.durable_end == state.image.next_offset
                && state.image.log_start == start
                && found.place <= state.written;
            let mut rest = found.rest;
            rest.reopened = state.reopened(found.end);
            if !settled || rest.reopened.len() > reopened {
                return Ok(None);
            }
            let (place, end, number) = (found.place, found.end.max(start), state.image.cuts + 1);
            let pieces = Pieces::from_iter([Slice::copy_from(&rest.encode())]);
            let removed = state.image.cut(&Cut { place, end, number, rest });
            state.image.removed.extend(&removed);
            state.written = place;
            state.durable_end = end;
            state.uncovered = !found.partial.is_empty();
            state.ended.retain(|txn| txn.last_offset < end);
            let tail = std::mem::replace(&mut state.tail, Tail::new(place, found.partial));
            let entry = Entry {
                segment: place.segment,
                position: place.position,
                base_offset: end,
                last_offset: end - 1,
                cuts: number,
                ..control_entry(self.id, Kind::Truncate)
            };
            let ticket = match mutants::is(Mutant::CutWithoutEntry) {
                true => journal.last_ticket(),
                false => permit.push(entry, pieces),
            };
            (ticket, end, removed, tail.capacity())
        };
        self.shared.evictable.borrow_mut().retain(|id| *id != self.id);
        self.shared.freed(freed);
        self.shared.forget_readers(self.id);
        for base in &removed {
            self.shared.files.forget(self.id, *base);
        }
        journal.acks().wait(ticket).await?;
        self.remove_cut(&removed).await?;
        self.moved.notify();
        Ok(Some(end))
    }

    /// The batch that `offset` lies in, or the next one, if the tail window has it; what comes before
    /// the window is in the segments. And the place before which bytes are there.
    fn listed(&self, offset: i64) -> (Option<BatchRef>, Place) {
        let state = self.state.borrow();
        let inside = state.tail.first_offset().is_some_and(|first| first <= offset);
        let batch = state.tail.batches(offset, i64::MAX).next().filter(|_| inside);
        (batch.copied(), state.written)
    }

    /// Removes the files of segments behind a cut, which is durable.
    async fn remove_cut(&self, removed: &[i64]) -> Result<(), StorageError> {
        if removed.is_empty() {
            return Ok(());
        }
        let dir = self.dir();
        let left = maintain::remove_segments(&self.shared.io, &dir, removed).await;
        // Who opens the directory later, Kafka among them, must not take them for its newest segments.
        let synced = self.shared.io.sync_dir(&dir).await;
        synced.map_err(|e| self.shared.fail(&format!("syncing {}", dir.display()), &e))?;
        let gone = |base: &i64| removed.contains(base) && !left.contains(base);
        self.state.borrow_mut().image.removed.retain(|base| !gone(base));
        self.remove_later(left);
        Ok(())
    }
}

impl State {
    /// Transactions that began before `end` and whose markers do not lie there.
    fn reopened(&self, end: i64) -> Vec<(i64, i64)> {
        let ended = self.ended.iter();
        let ended = ended.filter(|txn| txn.first_offset < end && txn.last_offset >= end);
        ended.map(|txn| (txn.producer_id, txn.first_offset)).collect()
    }
}

impl LogImage {
    /// Cuts the log. Returns the base offsets of the segments that are gone.
    pub(super) fn cut(&mut self, cut: &Cut) -> Vec<i64> {
        let Cut { place, end, number, rest } = cut;
        let keep = self.segments.partition_point(|segment| segment.base <= place.segment);
        let removed = self.segments.drain(keep..).map(|segment| segment.base).collect();
        let active = self.active_mut();
        assert_eq!(active.base, place.segment, "a log is cut in one of its segments");
        active.cut(place.position, *end, &rest.kept, rest.max, rest.sum);
        self.next_offset = *end;
        self.durable = *place;
        self.cuts = *number;
        self.epochs.truncate_from_end(*end);
        self.faulty.retain(|faulty| faulty.place < *place);
        self.producers.truncate_to(*end, &rest.reopened);
        removed
    }
}

/// Where a log is to end.
struct End {
    place: Place,
    /// Its end offset then.
    end: i64,
    rest: Rest,
    /// Bytes of the block that the place lies in, up to it.
    partial: Vec<u8>,
}

/// What the index files of a segment hold.
#[derive(Default)]
struct Filed {
    offsets: Vec<(u32, u32)>,
    times: Vec<(i64, u32)>,
    aborted: Vec<AbortedTxn>,
    /// Those of offsets and times could not be read.
    lost: bool,
}

impl PartitionLog {
    /// Finds the batch that `offset` lies in, the one `listed` unless it is in its segment's file.
    async fn find_end(&self, offset: i64, listed: Option<BatchRef>) -> Result<End, StorageError> {
        let segment = self.state.borrow().image.segment_at(offset).clone();
        let filed = self.read_filed(&segment).await?;
        let index = &segment.index;
        let listed = listed.filter(|batch| batch.place.segment == segment.base);
        let start = segment.before(offset, &filed);
        let walked = match self.walk_to(&segment, (offset, listed), start).await {
            // The index may be what is damaged.
            Err(_) if start.position > 0 => {
                self.walk_to(&segment, (offset, listed), segment.start()).await
            }
            walked => walked,
        };
        let Walked { position, end, max, sum, partial } = walked?;
        let relative = segment.relative(end);
        let offsets = filed.offsets.iter().chain(&index.offsets);
        let times = filed.times.iter().chain(&index.times);
        let times: Vec<_> = times.take_while(|(_, offset)| *offset < relative).collect();
        let aborted = filed.aborted.iter().chain(&index.aborted);
        let aborted = aborted.take_while(|txn| txn.last_offset < end).count() as u32;
        let kept = match filed.lost {
            true => Kept { offsets: 0, times: 0, aborted, last_time: (-1, 0) },
            false => Kept {
                offsets: offsets.take_while(|(_, at)| u64::from(*at) < position).count() as u32,
                times: times.len() as u32,
                aborted,
                last_time: times.last().map_or((-1, 0), |last| **last),
            },
        };
        let place = Place { segment: segment.base, position };
        Ok(End { place, end, rest: Rest { kept, max, sum, reopened: Vec::new() }, partial })
    }

    /// Reads a segment's index files. Without those of offsets and times a cut takes longer, and so
    /// will reads; without that of aborted transactions nothing may be cut.
    async fn read_filed(&self, segment: &Segment) -> Result<Filed, StorageError> {
        let index = &segment.index;
        let read = async |kind: SegmentFile, bytes: usize| {
            let path = self.dir().join(kind.name(segment.base));
            let read = match bytes {
                0 => Ok(None),
                _ => read_file(&self.shared.io, &path).await,
            };
            let bytes = read.and_then(|all| match all.unwrap_or(Buf::heap(0)).get(..bytes) {
                Some(bytes) => Ok(bytes.to_vec()),
                None => Err(io::ErrorKind::UnexpectedEof.into()),
            });
            bytes.map_err(|error| read_failed(&path, error))
        };
        let aborted_bytes = index.aborted_filed as usize * txn_index::ENTRY_BYTES;
        let aborted = read(SegmentFile::TxnIndex, aborted_bytes).await?;
        let aborted = txn_index::decode(&aborted).map_err(|error| {
            let path = self.dir().join(SegmentFile::TxnIndex.name(segment.base));
            read_failed(&path, io::Error::other(error))
        })?;
        let offsets = read(SegmentFile::OffsetIndex, index.offsets_filed as usize * 8).await;
        let times = read(SegmentFile::TimeIndex, index.times_filed as usize * 12).await;
        let (Ok(offsets), Ok(times)) = (&offsets, &times) else {
            for error in [offsets.err(), times.err()].into_iter().flatten() {
                tracing::warn!(%error, "an index is lost in a cut");
            }
            return Ok(Filed { aborted, lost: true, ..Filed::default() });
        };
        let offsets = offsets.as_chunks::<8>().0.iter().map(|e| {
            let entry = index::entry(e);
            (entry.last_offset, entry.position)
        });
        let times = times.as_chunks::<12>().0.iter().map(|e| {
            let [a, b, c, d, e, f, g, h, offset @ ..] = *e;
            (i64::from_be_bytes([a, b, c, d, e, f, g, h]), u32::from_be_bytes(offset))
        });
        Ok(Filed { offsets: offsets.collect(), times: times.collect(), aborted, lost: false })
    }

    /// Goes over the batches from `start` on to the one that `offset` lies in.
    async fn walk_to(
        &self,
        segment: &Segment,
        (offset, listed): (i64, Option<BatchRef>),
        start: Start,
    ) -> Result<Walked, StorageError> {
        let Start { mut position, mut expected, mut max } = start;
        let mut window = Window::new(self, segment);
        let faulty = self.state.borrow().image.faulty.clone();
        // A batch that is listed may be in the file in part.
        let end = self.readable_end(segment.base);
        let end = listed.map_or(end, |batch| batch.place.position.min(end));
        let mut end_offset = listed.map_or(offset, |batch| batch.base_offset.min(offset));
        while position < end {
            let here = Place { segment: segment.base, position };
            if let Some(lost) = faulty.iter().find(|lost| lost.place == here) {
                if lost.last >= offset {
                    end_offset = lost.first.min(offset);
                    break;
                }
                position += lost.length;
                expected = Expected::Base(lost.last + 1);
                continue;
            }
            let batch = window.batch(position, end).await?;
            // A batch's own checksum leaves out its base offset: what is cut must not hang on it.
            let Passed { base_offset, last_offset, .. } = batch;
            if !self.stands(expected, base_offset, last_offset) {
                let why =
                    format!("offsets {base_offset} to {last_offset} where {expected} belongs");
                return Err(window.damaged(position, &why));
            }
            expected = Expected::Base(batch.last_offset + 1);
            if batch.last_offset >= offset {
                end_offset = batch.base_offset.min(offset);
                break;
            }
            if batch.max_timestamp > max.0 {
                max = (batch.max_timestamp, batch.last_offset);
            }
            position += batch.size;
        }
        let (sum, partial) = window.rest(position).await?;
        Ok(Walked { position, end: end_offset, max, sum, partial })
    }
}

impl Segment {
    /// Its first batch.
    fn start(&self) -> Start {
        Start { position: 0, expected: Expected::Base(self.base), max: (-1, self.base) }
    }

    /// A batch at or before the one that `offset` lies in.
    fn before(&self, offset: i64, filed: &Filed) -> Start {
        let relative = self.relative(offset);
        let offsets = filed.offsets.iter().chain(&self.index.offsets);
        let before = offsets.take_while(|(last, _)| *last < relative).last();
        let Some((last, position)) = before.filter(|_| !filed.lost) else {
            return self.start();
        };
        // Entries of both indexes are made together: this one knows all batches up to there.
        let times = filed.times.iter().chain(&self.index.times);
        let largest = times.take_while(|(_, offset)| *offset <= *last).last();
        let max = largest.map(|(time, offset)| (*time, self.base + i64::from(*offset)));
        Start {
            position: u64::from(*position),
            expected: Expected::Last(self.base + i64::from(*last)),
            max: max.unwrap_or((-1, self.base)),
        }
    }
}

/// Where a walk begins.
#[derive(Clone, Copy)]
struct Start {
    position: u64,
    /// What the batch there has to be.
    expected: Expected,
    /// Largest timestamp of what lies in front of it, and its offset.
    max: (i64, i64),
}

/// How a walk ended.
struct Walked {
    position: u64,
    end: i64,
    max: (i64, i64),
    sum: u32,
    partial: Vec<u8>,
}

/// Whole chunks of a segment, verified.
struct Window<'a> {
    log: &'a PartitionLog,
    owner: ChunkOwner,
    chunks: ChunkTail,
    page: LastPage,
    /// Where the bytes begin.
    at: u64,
    bytes: Vec<u8>,
    /// The checksum of the last chunk read was known, and right.
    verified: bool,
}

/// What a walk has to know of a batch.
struct Passed {
    base_offset: i64,
    last_offset: i64,
    max_timestamp: i64,
    size: u64,
}

impl<'a> Window<'a> {
    fn new(log: &'a PartitionLog, segment: &Segment) -> Self {
        let owner = ChunkOwner { log_id: log.id.0, base_offset: segment.base };
        let chunks = segment.chunks.clone();
        Self {
            log,
            owner,
            chunks,
            page: LastPage::default(),
            at: 0,
            bytes: Vec::new(),
            verified: false,
        }
    }

    fn damaged(&self, position: u64, why: &str) -> StorageError {
        damaged_at(&self.log.segment_path(self.owner.base_offset), position, why)
    }

    /// The batch at `position`, in a segment whose batches end at `end`.
    async fn batch(&mut self, position: u64, end: u64) -> Result<Passed, StorageError> {
        let path = self.log.segment_path(self.owner.base_offset);
        let damaged = |why: &str| damaged_at(&path, position, why);
        let fits = |length: u64| match position + length <= end {
            true => Ok(()),
            false => Err(damaged(&format!("{length} bytes do not fit before {end}"))),
        };
        fits(HEADER_BYTES as u64)?;
        let head = self.bytes(position, HEADER_BYTES as u64).await?;
        let size = head.first_chunk().map(BatchView::size_of).transpose();
        let size = size.map_err(|e| damaged(&e.to_string()))?.unwrap_or_default();
        fits(size as u64)?;
        let whole = self.bytes(position, size as u64).await?;
        let (batch, _) = BatchView::split_first(whole).map_err(|e| damaged(&e.to_string()))?;
        if batch.crc() != batch.computed_crc() {
            return Err(damaged(&format!("its checksum is not {:08x}", batch.crc())));
        }
        Ok(Passed {
            base_offset: batch.base_offset(),
            last_offset: batch.last_offset(),
            max_timestamp: batch.max_timestamp(),
            size: batch.size() as u64,
        })
    }

    /// Checksum of the chunk that `position` lies in, up to it, if it can be told; and the bytes of the
    /// block that it lies in, up to it.
    async fn rest(&mut self, position: u64) -> Result<(u32, Vec<u8>), StorageError> {
        let start = position / CHUNK * CHUNK;
        if start == position {
            return Ok((0, Vec::new()));
        }
        let chunk = (start / CHUNK) as u32;
        self.at = 0;
        self.bytes.clear();
        let owner = self.owner;
        let bytes = self.bytes(start, position - start).await?;
        let sum = owner.checksum(chunk, bytes);
        let partial = bytes[(position / BLOCK * BLOCK - start) as usize..].to_vec();
        Ok((if self.verified { sum } else { 0 }, partial))
    }

    /// Bytes of the segment.
    async fn bytes(&mut self, position: u64, length: u64) -> Result<&[u8], StorageError> {
        let first = position / CHUNK * CHUNK;
        let passed = usize::try_from(first.saturating_sub(self.at)).unwrap_or(usize::MAX);
        if first < self.at || passed >= self.bytes.len() {
            self.at = first;
            self.bytes.clear();
        } else {
            self.bytes.drain(..passed);
            self.at = first;
        }
        while self.at + (self.bytes.len() as u64) < position + length {
            self.read_chunk().await?;
        }
        let from = (position - self.at) as usize;
        Ok(&self.bytes[from..from + length as usize])
    }

    /// Reads one more chunk, as far as it is covered.
    async fn read_chunk(&mut self) -> Result<(), StorageError> {
        let path = self.log.segment_path(self.owner.base_offset);
        let at = self.at + self.bytes.len() as u64;
        let chunk = (at / CHUNK) as u32;
        let length = self.chunks.chunk_bytes(chunk);
        let blocks = length.next_multiple_of(BLOCK_BYTES);
        let file = self.log.shared.files.existing(self.log, self.owner.base_offset).await;
        let file = file.map_err(|error| read_failed(&path, error))?;
        let read = file.read_at(at, Buf::heap(blocks), blocks).await;
        let read = read.map_err(|error| read_failed(&path, error))?;
        let Some(bytes) = read.get(..length).filter(|bytes| !bytes.is_empty()) else {
            return Err(read_failed(&path, io::ErrorKind::UnexpectedEof.into()));
        };
        let unfiled = self.chunks.unfiled(chunk);
        let base = self.owner.base_offset;
        let stored = self.log.stored_sum(&mut self.page, base, chunk, unfiled).await;
        let computed = self.owner.checksum(chunk, bytes);
        if stored.is_some_and(|stored| stored != computed) {
            let why = format!("chunk {chunk} at {at} is not what was written");
            return Err(read_failed(&path, io::Error::new(io::ErrorKind::InvalidData, why)));
        }
        self.verified = stored.is_some();
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }
}

fn damaged_at(path: &Path, position: u64, why: &str) -> StorageError {
    let why = format!("no batch can be read at {position}: {why}");
    read_failed(path, io::Error::new(io::ErrorKind::InvalidData, why))
}

fn read_failed(path: &Path, error: io::Error) -> StorageError {
    StorageError::Io { action: "reading", path: path.into(), source: Rc::new(error) }
}
