//! What is read ahead of a reader: consecutive windows of a segment's file, and the next one on its way
//! while these are sent.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::rc::Rc;

use super::damage::Chunk;
use super::partition::{PartitionLog, header_alone};
use super::reader::Reader;
use super::shared::Shared;
use super::{LogId, ReadError};
use crate::arena::{BLOCK_BYTES, Buf, Slice};
use crate::batch::{BatchView, CHECKSUM_FROM, HEADER_BYTES};
use crate::checksums::CHUNK_BYTES;
use crate::crc32c;
use crate::exec::JoinHandle;

const BLOCK: u64 = BLOCK_BYTES as u64;
const CHUNK: u64 = CHUNK_BYTES as u64;

/// Readers whose place is kept between two reads, per shard.
const READERS_MAX: usize = 64;

/// Consecutive bytes of a segment. The first begin where a chunk does.
#[derive(Default)]
pub(super) struct Ahead {
    start: u64,
    end: u64,
    windows: VecDeque<Slice>,
    coming: Option<Coming>,
}

/// A window on its way.
struct Coming {
    start: u64,
    length: u64,
    chunks: Vec<Chunk>,
    /// Nothing when it could not be read.
    read: JoinHandle<Option<Slice>>,
}

/// A batch as its header has it.
pub(super) struct Head {
    pub(super) base_offset: i64,
    pub(super) last_offset: i64,
    pub(super) size: u64,
    /// Checksum in the header.
    pub(super) crc: u32,
}

impl Ahead {
    /// Bytes held for it, those on their way included.
    fn held(&self) -> usize {
        let coming = self.coming.as_ref().map_or(0, |coming| coming.length as usize);
        self.windows.iter().map(|window| window.len()).sum::<usize>() + coming
    }

    /// Lets go of all of it, and of what is on its way.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether the window behind it has come, and has the bytes up to `to`.
    pub(super) fn has_come(&self, to: u64) -> bool {
        let coming = self.coming.as_ref().filter(|coming| coming.read.is_finished());
        coming.is_some_and(|coming| to <= coming.start + coming.length)
    }

    /// Makes ready for bytes from `position` on: goes on behind what is there, if that is near, or begins
    /// anew. Returns whether it goes on.
    fn approach(&mut self, position: u64) -> bool {
        let near = self.start <= position && position <= self.end && self.end > self.start;
        // Chunks are compared as a whole.
        if !near || !self.end.is_multiple_of(CHUNK) {
            self.begin(position);
            return false;
        }
        while let Some(window) = self.windows.front() {
            let behind = self.start + window.len() as u64;
            if behind > position {
                break;
            }
            self.windows.pop_front();
            self.start = behind;
        }
        true
    }

    /// Begins anew with the chunk that `position` lies in.
    fn begin(&mut self, position: u64) {
        let start = position / CHUNK * CHUNK;
        *self = Self { start, end: start, ..Self::default() };
    }

    fn push(&mut self, window: Slice) {
        self.end += window.len() as u64;
        self.windows.push_back(window);
    }

    /// The windows that have bytes from `from` up to `to`, and which of them.
    fn parts(&self, from: u64, to: u64) -> impl Iterator<Item = (&Slice, std::ops::Range<usize>)> {
        let mut start = self.start;
        self.windows.iter().filter_map(move |window| {
            let at = start;
            start += window.len() as u64;
            let inside = from.max(at)..to.min(start);
            let range = || (inside.start - at) as usize..(inside.end - at) as usize;
            (inside.start < inside.end).then(|| (window, range()))
        })
    }

    /// Bytes from `from` up to `to`, which are there.
    pub(super) fn slices(&self, from: u64, to: u64) -> impl Iterator<Item = Slice> {
        self.parts(from, to).map(|(window, range)| window.slice(range))
    }

    /// The batch at `position`, if all of it is there; else how many bytes are needed.
    pub(super) fn look(&self, position: u64, end: u64) -> Result<Head, usize> {
        let behind = position + HEADER_BYTES as u64;
        if position < self.start || behind > self.end.min(end) {
            return Err(HEADER_BYTES);
        }
        let mut copy = [0; HEADER_BYTES];
        let mut at = 0;
        for (window, range) in self.parts(position, behind) {
            let part = &window[range];
            copy[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        // A length that cannot be is reported by the second look.
        let size = BatchView::size_of(&copy).map_err(|_| HEADER_BYTES)?;
        if position + size as u64 > self.end.min(end) {
            return Err(size);
        }
        let alone = header_alone(copy);
        let (header, _) = BatchView::split_first(&alone).map_err(|_| HEADER_BYTES)?;
        Ok(Head {
            base_offset: header.base_offset(),
            last_offset: header.last_offset(),
            size: size as u64,
            crc: header.crc(),
        })
    }

    /// The checksum that the batch at `position` ought to have in its header.
    pub(super) fn computed_crc(&self, position: u64, head: &Head) -> u32 {
        let covered = self.parts(position + CHECKSUM_FROM as u64, position + head.size);
        covered.fold(0, |crc, (window, range)| crc32c::append(crc, &window[range]))
    }
}

impl PartitionLog {
    /// Reads ahead from the reader's position, until `need` bytes are there or the segment ends.
    pub(super) async fn fill(
        &self,
        reader: &mut Reader,
        need: usize,
        end: u64,
    ) -> Result<(), ReadError> {
        self.check_there(reader)?;
        let goes_on = reader.ahead.approach(reader.position);
        if !goes_on {
            reader.doubt.forget_chunks();
        }
        let wanted = reader.position + need as u64;
        loop {
            let before = reader.ahead.end;
            match self.read_on(reader, wanted, end).await {
                Err(ReadError::OutOfMemory) if reader.ahead.held() > 0 => {
                    // What it holds itself may be all there is.
                    reader.ahead.begin(reader.position);
                    reader.doubt.forget_chunks();
                    continue;
                }
                read => read?,
            }
            let behind = reader.ahead.end;
            // A file may be shorter than its segment.
            if behind >= wanted || behind == before || !behind.is_multiple_of(CHUNK) {
                break;
            }
        }
        if goes_on {
            self.look_ahead(reader, end);
        }
        Ok(())
    }

    /// Reads one more window, up to `wanted` if not further.
    async fn read_on(&self, reader: &mut Reader, wanted: u64, end: u64) -> Result<(), ReadError> {
        let start = reader.ahead.end;
        // The last chunk may have grown since: of a part of it no checksum is known.
        let end = end.max(self.readable_end(reader.segment));
        let length = reader.next_window(start, wanted, end);
        let mut known = None;
        let mut come = match reader.ahead.coming.take().filter(|coming| coming.start == start) {
            Some(Coming { chunks, read, .. }) => {
                let bytes = read.await.ok().flatten();
                self.check_there(reader)?;
                bytes.map(|bytes| (bytes, chunks))
            }
            None => None,
        };
        for last in [false, true] {
            let (bytes, chunks) = match come.take() {
                Some(come) => come,
                None => {
                    // What they are to be is asked before they are read, and only once: the last one may
                    // grow meanwhile.
                    let fresh = || self.chunks_of(reader.segment, start, length);
                    let chunks = known.take().unwrap_or_else(fresh);
                    let bytes = self.read_file(reader, start, length).await?;
                    (bytes, known.insert(chunks).clone())
                }
            };
            // Behind the end, in the same block, there may be batches of a former life, whole and with
            // the offsets of those to come. What is written there later must be read anew.
            let bytes = bytes.slice(..bytes.len().min((end - start) as usize));
            if self.verify(reader, start, &bytes, &chunks, last).await? {
                reader.ahead.push(bytes);
                break;
            }
        }
        reader.window = (reader.window * 2).min(self.shared.config.read_ahead_max_bytes);
        Ok(())
    }

    /// Sends for the window behind what is there, for a reader that goes on in order. One that cannot be
    /// had now is read when it is needed.
    fn look_ahead(&self, reader: &mut Reader, end: u64) {
        let (start, segment) = (reader.ahead.end, reader.segment);
        // The last chunk may still grow.
        let end = end / CHUNK * CHUNK;
        if !start.is_multiple_of(CHUNK) || start >= end {
            return;
        }
        let length = reader.next_window(start, start, end);
        if !self.shared.has_spare(length as usize) {
            return;
        }
        let (Some(log), Ok(buf)) = (self.me(), self.shared.io.arena().alloc(length as usize))
        else {
            return;
        };
        let chunks = self.chunks_of(segment, start, length);
        let read = self
            .shared
            .io
            .start(async move { log.read_blocks(segment, start, buf, length as usize).await.ok() });
        reader.ahead.coming = Some(Coming { start, length, chunks, read });
    }

    /// Reads whole blocks of the file of the reader's segment.
    pub(super) async fn read_file(
        &self,
        reader: &Reader,
        start: u64,
        length: u64,
    ) -> Result<Slice, ReadError> {
        self.check_there(reader)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let (buf, turn) = self.shared.read_buffer(length).ok_or(ReadError::OutOfMemory)?;
        let read = self.read_blocks(reader.segment, start, buf, length).await;
        let path = self.segment_path(reader.segment);
        let bytes = read.map_err(|e| self.read_failed(&path, e))?;
        self.check_there(reader)?;
        if let Some(turn) = turn {
            turn.took(&bytes);
        }
        Ok(bytes)
    }

    async fn read_blocks(
        &self,
        segment: i64,
        start: u64,
        buf: Buf,
        length: usize,
    ) -> io::Result<Slice> {
        let file = self.shared.files.existing(self, segment).await?;
        Ok(file.read_at(start, buf, length).await?.freeze())
    }

    /// Ends a read of a log that is gone, or was cut meanwhile: other bytes may be there by now.
    fn check_there(&self, reader: &Reader) -> Result<(), ReadError> {
        if self.deleted.get() {
            // The file may be one of a new log of that name.
            return Err(ReadError::Deleted { name: self.name.clone() });
        }
        self.check_uncut(reader)
    }

    fn read_failed(&self, path: &Path, error: io::Error) -> ReadError {
        if self.deleted.get() {
            return ReadError::Deleted { name: self.name.clone() };
        }
        let (start, end) = (self.log_start_offset(), self.log_end_offset());
        if error.kind() == io::ErrorKind::NotFound {
            // Retention was faster.
            return ReadError::OffsetOutOfRange { offset: start - 1, start, end };
        }
        tracing::error!(path = %path.display(), %error, "reading a segment");
        ReadError::Io { path: path.into(), source: Rc::new(error) }
    }
}

impl Reader {
    /// Bytes to read at `start`, so that those up to `wanted` are there: whole chunks, so that they can
    /// be compared.
    fn next_window(&self, start: u64, wanted: u64, end: u64) -> u64 {
        let least = wanted.saturating_sub(start).max(self.window as u64);
        least.next_multiple_of(CHUNK).min(end.next_multiple_of(BLOCK) - start)
    }
}

impl Shared {
    /// The reader that goes on at `offset`, if there is one.
    pub(super) fn take_reader(&self, log: LogId, offset: i64, cuts: u32) -> Option<Reader> {
        let mut readers = self.readers.borrow_mut();
        let goes_on = |r: &Reader| r.log == log && r.next_offset == offset && r.cuts == cuts;
        let at = readers.iter().position(goes_on)?;
        readers.remove(at)
    }

    pub(super) fn keep_reader(&self, reader: Reader) {
        let mut readers = self.readers.borrow_mut();
        readers.retain(|r| (r.log, r.next_offset) != (reader.log, reader.next_offset));
        readers.push_back(reader);
        let mut bytes: usize = readers.iter().map(|reader| reader.ahead.held()).sum();
        // Those not heard of for longest lose what they have read ahead, then their place.
        for reader in readers.iter_mut() {
            if bytes <= self.ahead_max() {
                break;
            }
            bytes -= reader.ahead.held();
            reader.ahead.clear();
        }
        while readers.len() > READERS_MAX {
            readers.pop_front();
        }
    }

    /// Bytes that readers which are kept may have read ahead: half of what the arena has beside tails.
    fn ahead_max(&self) -> usize {
        let spare = self.io.arena().capacity().saturating_sub(self.config.tail_window_bytes);
        (spare / 2).max(self.config.read_ahead_max_bytes)
    }

    /// Whether the arena has `bytes` that tails will not want.
    fn has_spare(&self, bytes: usize) -> bool {
        let arena = self.io.arena();
        let tails = self.config.tail_window_bytes.saturating_sub(self.tail_bytes.get());
        arena.capacity().saturating_sub(arena.used()) >= bytes.saturating_add(tails)
    }

    /// Lets go of all that was read ahead for readers that are kept.
    pub(super) fn drop_ahead(&self) {
        for reader in self.readers.borrow_mut().iter_mut() {
            reader.ahead.clear();
        }
    }

    /// Memory for a read; what was read ahead for others goes first. When the arena has none, since
    /// its blocks are in use or too small, one read at a time gets it from elsewhere: a batch that was
    /// taken can be read, sooner or later.
    fn read_buffer(&self, length: usize) -> Option<(Buf, Option<Turn>)> {
        if let Ok(buf) = self.io.arena().alloc(length) {
            return Some((buf, None));
        }
        self.drop_ahead();
        if let Ok(buf) = self.io.arena().alloc(length) {
            return Some((buf, None));
        }
        let turn = Turn::take(&self.beside)?;
        Some((Buf::heap(length), Some(turn)))
    }

    /// Forgets readers of a log, and what they have found to be damaged.
    pub(super) fn forget_readers(&self, log: LogId) {
        self.readers.borrow_mut().retain(|reader| reader.log != log);
        self.damage.borrow_mut().forget(log);
    }
}

/// Memory beside the arena: of one read at a time, kept until the next one needs some.
#[derive(Default)]
pub(super) struct Beside {
    reading: Cell<bool>,
    last: RefCell<Option<Slice>>,
}

/// The turn of a read to have it.
struct Turn {
    beside: Rc<Beside>,
}

impl Turn {
    fn take(beside: &Rc<Beside>) -> Option<Self> {
        let held = beside.last.borrow().as_ref().is_some_and(Slice::is_shared);
        if held || beside.reading.replace(true) {
            return None;
        }
        beside.last.take();
        Some(Self { beside: beside.clone() })
    }

    /// The read has brought these bytes.
    fn took(self, bytes: &Slice) {
        *self.beside.last.borrow_mut() = Some(bytes.clone());
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.beside.reading.set(false);
    }
}
