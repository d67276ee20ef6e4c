//! A place in a log's segments from which reading goes on: found by the indexes, kept between two
//! reads, with what was read ahead.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::path::Path;
use std::rc::Rc;

use super::damage::Doubt;
use super::index::{self, IndexEntry};
use super::partition::PartitionLog;
use super::shared::Shared;
use super::{LogId, ReadError};
use crate::arena::{BLOCK_BYTES, Buf, Slice};
use crate::batch::{BatchView, HEADER_BYTES};
use crate::checksums::CHUNK_BYTES;
use crate::segment::names::SegmentFile;

const BLOCK: u64 = BLOCK_BYTES as u64;
const CHUNK: u64 = CHUNK_BYTES as u64;

/// Readers whose place is kept between two reads, per shard.
const READERS_MAX: usize = 64;

/// Batches longer than this are read as a whole only where the index has room for them: a damaged
/// length must not take the memory of all others.
pub(super) const LONG_BYTES: usize = 1 << 20;

/// Where a reader that goes on in order has come to.
pub(super) struct Reader {
    log: LogId,
    pub(super) next_offset: i64,
    pub(super) segment: i64,
    pub(super) position: u64,
    /// What is to be at the position.
    pub(super) expected: Expected,
    /// Bytes of the segment that were read ahead, and their position.
    pub(super) ahead: Option<(u64, Slice)>,
    /// How much to read next, in bytes.
    window: usize,
    /// How often to look for another place when there is no sound batch at this one.
    back: Back,
    /// A place that was read twice already.
    twice: Option<u64>,
    /// What is known of the chunks that were read ahead.
    pub(super) doubt: Doubt,
    /// How often the log had been cut when it began.
    cuts: u32,
}

/// What the batch at a position has to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Expected {
    /// It begins with this offset: the batches in front of it, or the name of the segment, say so.
    Base(i64),
    /// It ends with this offset: an index says so.
    Last(i64),
    /// Nobody says, since the batch in front of it is damaged.
    Anything,
}

/// Where to look when the index has told a place and there is no sound batch: the index may be what
/// is damaged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Back {
    /// At the entry in front.
    Entry,
    /// At the start of the segment.
    Start,
    /// Nowhere: the place is confirmed.
    Nowhere,
}

/// A batch as its header has it.
pub(super) struct Head {
    pub(super) base_offset: i64,
    pub(super) last_offset: i64,
    /// Checksum in the header.
    pub(super) crc: u32,
    /// Checksum of the bytes.
    pub(super) computed: u32,
}

/// A batch in a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct BatchPlace {
    pub(super) log: LogId,
    pub(super) segment: i64,
    pub(super) position: u64,
}

impl Reader {
    /// The place of the batch it stands at.
    pub(super) fn place(&self, log: LogId) -> BatchPlace {
        BatchPlace { log, segment: self.segment, position: self.position }
    }

    /// Goes on at the start of another segment.
    pub(super) fn enter(&mut self, segment: i64) {
        self.segment = segment;
        self.go_to(0, Expected::Base(segment), Back::Nowhere);
        self.twice = None;
        self.doubt = Doubt::default();
    }

    fn go_to(&mut self, position: u64, expected: Expected, back: Back) {
        self.position = position;
        self.expected = expected;
        self.back = back;
        self.ahead = None;
    }

    /// Goes on behind a batch of `size` bytes; `behind` is the offset that comes next, if known.
    pub(super) fn pass(&mut self, size: u64, behind: Option<i64>) {
        self.position += size;
        self.expected = behind.map_or(Expected::Anything, Expected::Base);
        self.back = Back::Nowhere;
    }

    /// Bytes that were read ahead.
    pub(super) fn slice(&self, from: u64, to: u64) -> Option<Slice> {
        let (at, ahead) = self.ahead.as_ref()?;
        Some(ahead.slice((from - at) as usize..(to - at) as usize))
    }

    /// The batch at the position and its size, if it was read ahead; else how many bytes are needed.
    pub(super) fn look(&self, end: u64) -> Result<(Head, u64), usize> {
        self.look_at(self.position, end)
    }

    /// [`Reader::look`] at another position.
    pub(super) fn look_at(&self, position: u64, end: u64) -> Result<(Head, u64), usize> {
        let Some((at, ahead)) = &self.ahead else { return Err(HEADER_BYTES) };
        let from = usize::try_from(position.wrapping_sub(*at)).unwrap_or(usize::MAX);
        let rest = ahead.get(from..).ok_or(HEADER_BYTES)?;
        let rest = &rest[..rest.len().min(end.saturating_sub(position) as usize)];
        let head = rest.first_chunk().ok_or(HEADER_BYTES)?;
        // A length that cannot be is reported by the second look.
        let size = BatchView::size_of(head).map_err(|_| HEADER_BYTES)?;
        let (batch, _) = BatchView::split_first(rest).map_err(|_| size)?;
        let head = Head {
            base_offset: batch.base_offset(),
            last_offset: batch.last_offset(),
            crc: batch.crc(),
            computed: batch.computed_crc(),
        };
        Ok((head, size as u64))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Base(offset) => write!(f, "offset {offset}"),
            Self::Last(offset) => write!(f, "a batch up to offset {offset}"),
            Self::Anything => f.write_str("an offset of the log"),
        }
    }
}

impl PartitionLog {
    /// Finds the place from which to look for `offset`.
    pub(super) async fn locate(&self, offset: i64) -> Result<Reader, ReadError> {
        let (base, relative, cuts) = {
            let state = self.state.borrow();
            let segment = state.image.segment_at(offset);
            (segment.base, segment.relative(offset), state.image.cuts)
        };
        let mut reader = Reader {
            log: self.id,
            next_offset: offset,
            segment: base,
            position: 0,
            expected: Expected::Base(base),
            ahead: None,
            window: self.shared.config.read_ahead_min_bytes,
            back: Back::Nowhere,
            twice: None,
            doubt: Doubt::default(),
            cuts,
        };
        if let Some(entry) = self.last_entry(base, |entry| entry.last_offset <= relative).await {
            self.follow(&mut reader, entry, Back::Entry);
        }
        Ok(reader)
    }

    /// Goes to where an index entry points.
    fn follow(&self, reader: &mut Reader, entry: IndexEntry, back: Back) {
        let last = reader.segment + i64::from(entry.last_offset);
        reader.go_to(u64::from(entry.position), Expected::Last(last), back);
    }

    /// The last entry of a segment's offset index of which `holds` is true, which it is of all in
    /// front of that one.
    pub(super) async fn last_entry(
        &self,
        segment: i64,
        holds: impl Fn(&IndexEntry) -> bool,
    ) -> Option<IndexEntry> {
        self.entries_around(segment, holds).await.0
    }

    /// The last entry of a segment's offset index of which `holds` is true, and the one behind it.
    async fn entries_around(
        &self,
        segment: i64,
        holds: impl Fn(&IndexEntry) -> bool,
    ) -> (Option<IndexEntry>, Option<IndexEntry>) {
        let (before, behind, filed) = {
            let state = self.state.borrow();
            let Some(segment) = state.image.segment(segment) else { return (None, None) };
            let (before, behind) = segment.index.around(&holds);
            // The index of a sealed segment is all that is in its file.
            (before, behind, (!segment.sealed).then_some(segment.index.offsets_filed))
        };
        if before.is_some() || filed == Some(0) {
            return (before, behind);
        }
        let path = self.dir().join(SegmentFile::OffsetIndex.name(segment));
        match index::search(&self.shared.io, &path, filed, holds).await {
            Ok((before, next)) => (before, next.or(behind)),
            Err(error) => {
                // An index that cannot be read costs time, not records.
                tracing::warn!(path = %path.display(), %error, "reading the index");
                (None, behind)
            }
        }
    }

    /// Goes further to the front, if an index has told the place and no batch has confirmed it: a
    /// damaged index may cost time, not records. Returns whether there is more to look at now.
    pub(super) async fn step_back(&self, reader: &mut Reader) -> Result<bool, ReadError> {
        let (position, offset) = (reader.position, reader.next_offset - reader.segment);
        match reader.back {
            Back::Nowhere => return Ok(false),
            Back::Entry => {
                // The entries may be in no order.
                let before = |entry: &IndexEntry| {
                    u64::from(entry.position) < position && i64::from(entry.last_offset) <= offset
                };
                if let Some(entry) = self.last_entry(reader.segment, before).await {
                    self.follow(reader, entry, Back::Start);
                    return Ok(true);
                }
            }
            Back::Start => {}
        }
        reader.go_to(0, Expected::Base(reader.segment), Back::Nowhere);
        Ok(position > 0)
    }

    /// Whether to look once more before a batch, whose bytes have the checksum `computed`, is called
    /// damaged: the device may have erred, or the index that told the place.
    pub(super) async fn look_again(
        &self,
        reader: &mut Reader,
        computed: u32,
    ) -> Result<bool, ReadError> {
        if self.shared.is_known_damaged(reader.place(self.id), computed) {
            return Ok(false);
        }
        if reader.twice != Some(reader.position) {
            reader.twice = Some(reader.position);
            reader.ahead = None;
            return Ok(true);
        }
        self.step_back(reader).await
    }

    /// Reads the batch at the reader's position, of which `need` bytes are needed at least. Inside:
    /// why there is none.
    pub(super) async fn find(
        &self,
        reader: &mut Reader,
        need: usize,
        end: u64,
    ) -> Result<Result<(Head, u64), String>, ReadError> {
        let mut need = need;
        for _ in 0..2 {
            if reader.position + need as u64 > end {
                return Ok(Err(format!("a batch of {need} bytes does not fit before {end}")));
            }
            if need > LONG_BYTES
                && let Some(room) = self.room_behind(reader).await
                && need as u64 > room
            {
                return Ok(Err(format!("a batch of {need} bytes where there is room for {room}")));
            }
            self.fill(reader, need, end).await?;
            // The header may tell of a batch longer than what was read ahead.
            match reader.look(end) {
                Ok(found) => return Ok(Ok(found)),
                Err(more) if more > need => need = more,
                Err(_) => break,
            }
        }
        Ok(Err("no batch begins here".into()))
    }

    /// Bytes from the reader's position up to the next batch that the index knows of, if there is one.
    async fn room_behind(&self, reader: &Reader) -> Option<u64> {
        let (segment, position) = (reader.segment, reader.position);
        let up_to = |entry: &IndexEntry| u64::from(entry.position) <= position;
        let (_, next) = self.entries_around(segment, up_to).await;
        next.map(|entry| u64::from(entry.position).saturating_sub(position))
    }

    /// Reads ahead from the reader's position, at least `need` bytes.
    pub(super) async fn fill(
        &self,
        reader: &mut Reader,
        need: usize,
        end: u64,
    ) -> Result<(), ReadError> {
        let config = &self.shared.config;
        if reader.ahead.take().is_some() {
            reader.window = (reader.window * 2).min(config.read_ahead_max_bytes);
        }
        // Whole chunks, so that they can be verified.
        let start = reader.position / CHUNK * CHUNK;
        let needed = (reader.position - start) + need as u64;
        let left = end.next_multiple_of(BLOCK) - start;
        let length = needed.max(reader.window as u64).next_multiple_of(CHUNK).min(left);
        // What they are to be is asked before they are read: the last one may grow meanwhile.
        let chunks = self.chunks_of(reader.segment, start, length);
        for last in [false, true] {
            // Behind the end, in the same block, there may be batches of a former life, whole and with
            // the offsets of those to come. What is written there later must be read anew.
            let ahead = self.read_file(reader, start, length).await?;
            let ahead = ahead.slice(..ahead.len().min((end - start) as usize));
            reader.ahead = Some((start, ahead));
            if self.verify(reader, &chunks, last).await? {
                break;
            }
        }
        Ok(())
    }

    /// Reads whole blocks of the file of the reader's segment.
    pub(super) async fn read_file(
        &self,
        reader: &Reader,
        start: u64,
        length: u64,
    ) -> Result<Slice, ReadError> {
        self.check_uncut(reader)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let path = self.segment_path(reader.segment);
        let failed = |e: io::Error| self.read_failed(&path, e);
        let file = self.shared.files.existing(self, reader.segment).await.map_err(failed)?;
        let (buf, turn) = self.shared.read_buffer(length).ok_or(ReadError::OutOfMemory)?;
        let read = file.read_at(start, buf, length).await.map_err(failed)?;
        if self.deleted.get() {
            // The file may be one of a new log of that name.
            return Err(ReadError::Deleted { name: self.name.clone() });
        }
        self.check_uncut(reader)?;
        let bytes = read.freeze();
        if let Some(turn) = turn {
            turn.took(&bytes);
        }
        Ok(bytes)
    }

    /// Ends a read of a log that was cut meanwhile: other bytes may be there by now. Whoever asked
    /// looks again.
    pub(super) fn check_uncut(&self, reader: &Reader) -> Result<(), ReadError> {
        if self.cuts() == reader.cuts {
            return Ok(());
        }
        let (start, end) = (self.log_start_offset(), self.log_end_offset());
        Err(ReadError::OffsetOutOfRange { offset: reader.next_offset, start, end })
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
        let held = |reader: &Reader| reader.ahead.as_ref().map_or(0, |(_, ahead)| ahead.len());
        let mut bytes: usize = readers.iter().map(held).sum();
        // Those not heard of for longest lose what they have read ahead, then their place.
        for reader in readers.iter_mut() {
            if bytes <= self.config.read_ahead_max_bytes * 4 {
                break;
            }
            bytes -= held(reader);
            reader.ahead = None;
        }
        while readers.len() > READERS_MAX {
            readers.pop_front();
        }
    }

    /// Memory for a read; what was read ahead for others goes first. When the arena has none, since
    /// its blocks are in use or too small, one read at a time gets it from elsewhere: a batch that was
    /// taken can be read, sooner or later.
    fn read_buffer(&self, length: usize) -> Option<(Buf, Option<Turn>)> {
        if let Ok(buf) = self.io.arena().alloc(length) {
            return Some((buf, None));
        }
        for reader in self.readers.borrow_mut().iter_mut() {
            reader.ahead = None;
        }
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

/// Memory beside the arena: of one read at a time, until nobody holds it any more.
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
