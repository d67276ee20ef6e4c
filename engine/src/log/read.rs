//! Reading from the segment files, for whoever is behind the tail window.

use std::io;
use std::path::Path;
use std::rc::Rc;

use super::destage::read_page;
use super::partition::{PartitionLog, ReadOutcome};
use super::shared::Shared;
use super::{LogId, ReadError};
use crate::arena::{BLOCK_BYTES, Buf, Slice};
use crate::batch::{BatchView, HEADER_BYTES};
use crate::checksums::{CHUNK_BYTES, ChunkOwner, ChunkPage};
use crate::io::OpenOptions;
use crate::journal::Place;
use crate::mutants::{self, Mutant};
use crate::segment::names::SegmentFile;

const BLOCK: u64 = BLOCK_BYTES as u64;
const CHUNK: u64 = CHUNK_BYTES as u64;

/// Index files up to this length are read as a whole.
const INDEX_WHOLE_BYTES: u64 = 64 << 10;

/// Readers whose place is kept between two reads, per shard.
const READERS_MAX: usize = 64;

/// Where a reader that goes on in order has come to.
pub(super) struct Reader {
    log: LogId,
    next_offset: i64,
    segment: i64,
    position: u64,
    /// Bytes of the segment that were read ahead, and their position.
    ahead: Option<(u64, Slice)>,
    /// How much to read next, in bytes.
    window: usize,
    /// An index has told the position, and nothing has confirmed it yet.
    told: bool,
    /// Checksums of the segment's chunks that were needed last.
    page: Option<ChunkPage>,
    /// Chunks of what was read ahead that are not what was written: where they begin and end.
    bad: Vec<(u64, u64)>,
    /// Where such a chunk began of which it was found which batches are damaged, and its checksum: it
    /// may be read again, from another place.
    explained: Option<(u64, u32)>,
    /// How often the log had been cut when it began.
    cuts: u32,
}

impl Reader {
    /// Forgets what an index has told, if it has: a damaged one may cost time, not records. Returns
    /// whether there is more to look at now.
    fn start_over(&mut self) -> bool {
        let again = std::mem::take(&mut self.told) && self.position > 0;
        if again {
            self.position = 0;
            self.ahead = None;
        }
        again
    }
}

/// What a chunk of a segment is to be, as it was known before it was read.
struct Expected {
    chunk: u32,
    bytes: usize,
    /// Nothing when its page of the file tells.
    sum: Option<u32>,
}

/// What one read asks for.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub(super) offset: i64,
    pub(super) max_bytes: usize,
    pub(super) limit: i64,
    pub(super) at_least_one: bool,
}

/// How a walk over one segment ended.
enum Walk {
    /// There is something to send, or the limit is reached.
    Done,
    /// The segment has no batch from the offset on.
    SegmentEnd,
}

impl PartitionLog {
    /// Reads from the segments. The offset is in the log and not in the tail window.
    pub(super) async fn read_segments(&self, want: Request) -> Result<ReadOutcome, ReadError> {
        loop {
            let cuts = self.state.borrow().image.cuts;
            let read = self.read_uncut(want, cuts).await;
            // Of a log that was cut meanwhile it is not known what was read.
            if self.state.borrow().image.cuts == cuts {
                return read;
            }
            let (start, end) = (self.log_start_offset(), self.log_end_offset());
            if want.offset > end {
                return Err(ReadError::OffsetOutOfRange { offset: want.offset, start, end });
            }
        }
    }

    /// Reads from the segments; good for nothing when the log was cut meanwhile.
    async fn read_uncut(&self, want: Request, cuts: u32) -> Result<ReadOutcome, ReadError> {
        self.check_faulty(want.offset)?;
        let mut outcome = ReadOutcome::default();
        let mut reader = match self.shared.take_reader(self.id, want.offset, cuts) {
            Some(reader) => reader,
            None => self.locate(want.offset).await?,
        };
        loop {
            let walked = match self.walk(&mut reader, want, &mut outcome).await {
                Ok(walked) => walked,
                Err(error) => {
                    // Whoever goes on behind a damaged batch finds what was read already.
                    if reader.next_offset > want.offset {
                        self.shared.keep_reader(reader);
                    }
                    return Err(error);
                }
            };
            match walked {
                Walk::Done => break,
                Walk::SegmentEnd => {
                    let next = {
                        let state = self.state.borrow();
                        let segments = &state.image.segments;
                        let behind = segments.partition_point(|s| s.base <= reader.segment);
                        segments.get(behind).map(|segment| segment.base)
                    };
                    let Some(next) = next.filter(|_| outcome.bytes == 0) else { break };
                    reader.segment = next;
                    reader.position = 0;
                    reader.ahead = None;
                    reader.page = None;
                    reader.explained = None;
                }
            }
        }
        if outcome.bytes > 0 {
            self.shared.keep_reader(reader);
        }
        Ok(outcome)
    }

    /// Finds the place from which to look for `offset`.
    async fn locate(&self, offset: i64) -> Result<Reader, ReadError> {
        let (segment, known, cuts) = {
            let state = self.state.borrow();
            let segments = &state.image.segments;
            let behind = segments.partition_point(|segment| segment.base <= offset);
            let segment = &segments[behind.saturating_sub(1)];
            let known = if segment.sealed {
                None
            } else {
                segment.index.position(segment.relative(offset))
            };
            (segment.clone(), known, state.image.cuts)
        };
        let position = match known {
            Some(position) => position,
            None => {
                let filed = (!segment.sealed).then_some(segment.index.offsets_filed);
                let path = self.segment_path(segment.base).with_extension("index");
                let relative = segment.relative(offset);
                // An index that cannot be read costs time, not records.
                let found = search_index(&self.shared, &path, filed, relative).await;
                found.unwrap_or_else(|error| {
                    tracing::warn!(path = %path.display(), %error, "reading the index");
                    0
                })
            }
        };
        Ok(Reader {
            log: self.id,
            next_offset: offset,
            segment: segment.base,
            position: u64::from(position),
            ahead: None,
            window: self.shared.config.read_ahead_min_bytes,
            told: true,
            page: None,
            bad: Vec::new(),
            explained: None,
            cuts,
        })
    }

    /// Where the batch begins that holds `offset`, and its first offset. Everything is in the segments,
    /// and `offset` is in the log.
    pub(super) async fn place_of(&self, offset: i64) -> Result<(Place, i64), ReadError> {
        {
            let state = self.state.borrow();
            let mut faulty = state.image.faulty.iter();
            if let Some(lost) = faulty.find(|f| f.first <= offset && offset <= f.last) {
                return Ok((lost.place, lost.first));
            }
        }
        let mut reader = self.locate(offset).await?;
        loop {
            let (segment, position) = (reader.segment, reader.position);
            let end = self.readable_end(segment);
            if let Some(beyond) = self.beyond_faulty(segment, position) {
                reader.position = beyond;
                continue;
            }
            if position >= end {
                if reader.start_over() {
                    continue;
                }
                let next = {
                    let state = self.state.borrow();
                    let behind = state.image.segments.iter().find(|s| s.base > segment);
                    behind.map(|behind| behind.base)
                };
                return Ok(match next {
                    Some(base) => (Place { segment: base, position: 0 }, base),
                    None => (Place { segment, position: end }, self.log_end_offset()),
                });
            }
            let (head, whole) = match self.look(&reader, end) {
                Ok(found) => found,
                Err(need) => match self.find(&mut reader, need, end).await {
                    Err(ReadError::Faulty { .. }) if reader.start_over() => continue,
                    found => found?,
                },
            };
            let size = whole.len() as u64;
            if let Some(why) = reader.bad_chunk(size) {
                if reader.start_over() {
                    continue;
                }
                return Err(self.faulty(&reader, size, None, &why));
            }
            if head.last_offset < offset {
                reader.position += size;
            } else if head.base_offset <= offset || !reader.start_over() {
                return Ok((Place { segment, position }, head.base_offset));
            }
        }
    }

    /// Takes whole batches of one segment.
    async fn walk(
        &self,
        reader: &mut Reader,
        want: Request,
        outcome: &mut ReadOutcome,
    ) -> Result<Walk, ReadError> {
        // Bytes of `reader.ahead` that go to the outcome as one piece.
        let mut run: Option<(u64, u64)> = None;
        let walked = loop {
            let end = self.readable_end(reader.segment);
            if let Some(beyond) = self.beyond_faulty(reader.segment, reader.position) {
                if outcome.bytes > 0 || run.is_some() {
                    break Walk::Done;
                }
                reader.position = beyond;
            }
            if reader.position >= end {
                if run.is_none() && reader.start_over() {
                    continue;
                }
                break if run.is_some() { Walk::Done } else { Walk::SegmentEnd };
            }
            let taken: u64 = run.map_or(0, |(from, to)| to - from);
            let (head, whole) = match self.look(reader, end) {
                Ok(found) => found,
                Err(_) if run.is_some() => break Walk::Done,
                Err(need) => match self.find(reader, need, end).await {
                    Ok(found) => found,
                    Err(ReadError::Faulty { .. }) if reader.start_over() => continue,
                    Err(error) => return Err(error),
                },
            };
            let (last, size) = (head.last_offset, whole.len() as u64);
            if last < want.offset {
                reader.position += size;
                continue;
            }
            let first = taken == 0 && outcome.bytes == 0;
            if first && head.base_offset > want.offset && reader.bad_chunk(size).is_none() {
                if reader.start_over() {
                    continue;
                }
                self.check_gap(reader, want.offset, head.base_offset)?;
            }
            let over = taken + size > want.max_bytes as u64 && !(first && want.at_least_one);
            if last >= want.limit || over {
                break Walk::Done;
            }
            let wrong = match head.crc == head.computed {
                _ if mutants::is(Mutant::SkipReadChecksum) => None,
                true => reader.bad_chunk(size),
                false => Some(format!("checksum {:08x}, not {:08x}", head.computed, head.crc)),
            };
            if let Some(why) = wrong {
                if !first {
                    break Walk::Done;
                }
                // From further in front it may show which batches of the chunk are damaged.
                if reader.start_over() {
                    continue;
                }
                let error = self.faulty(reader, size, Some(last + 1), &why);
                reader.position += size;
                reader.next_offset = last + 1;
                return Err(error);
            }
            reader.told = false;
            let start = run.map_or(reader.position, |(from, _)| from);
            reader.position += size;
            run = Some((start, reader.position));
            reader.next_offset = last + 1;
        };
        if let (Some((from, to)), Some((at, ahead))) = (run, &reader.ahead) {
            let piece = ahead.slice((from - at) as usize..(to - at) as usize);
            outcome.bytes += piece.len();
            outcome.pieces.push(piece);
        }
        Ok(walked)
    }

    /// Reads the batch at the reader's position, of which `need` bytes are needed at least.
    async fn find(
        &self,
        reader: &mut Reader,
        need: usize,
        end: u64,
    ) -> Result<(Head, Slice), ReadError> {
        self.fill(reader, need, end).await?;
        // The header may tell of a batch longer than what was read ahead.
        if let Err(need) = self.look(reader, end)
            && need > HEADER_BYTES
        {
            self.fill(reader, need, end).await?;
        }
        self.look(reader, end)
            .map_err(|_| self.faulty(reader, HEADER_BYTES as u64, None, "no batch begins here"))
    }

    /// Offsets have no gaps but those that are known: another one is damage, since the checksum of a
    /// batch does not cover its base offset.
    fn check_gap(&self, reader: &Reader, from: i64, to: i64) -> Result<(), ReadError> {
        let known = {
            let state = self.state.borrow();
            let faulty = state.image.faulty.iter().any(|f| f.first < to && f.last >= from);
            faulty || state.durable_start > from || state.image.segment(to).is_some()
        };
        if known {
            return Ok(());
        }
        let why = format!("offsets {from} to {} are not there", to - 1);
        Err(self.faulty(reader, HEADER_BYTES as u64, Some(to), &why))
    }

    /// The batch at the reader's position, if it was read ahead; else how many bytes are needed.
    fn look(&self, reader: &Reader, end: u64) -> Result<(Head, Slice), usize> {
        let Some((at, ahead)) = &reader.ahead else { return Err(HEADER_BYTES) };
        let from = usize::try_from(reader.position.wrapping_sub(*at)).unwrap_or(usize::MAX);
        let rest = ahead.get(from..).ok_or(HEADER_BYTES)?;
        let rest = &rest[..rest.len().min((end - reader.position) as usize)];
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
        Ok((head, ahead.slice(from..from + size)))
    }

    /// Reads ahead from the reader's position, at least `need` bytes.
    async fn fill(&self, reader: &mut Reader, need: usize, end: u64) -> Result<(), ReadError> {
        let config = &self.shared.config;
        let again = reader.ahead.take().is_some();
        if again {
            reader.window = (reader.window * 2).min(config.read_ahead_max_bytes);
        }
        // Whole chunks, so that they can be verified.
        let start = reader.position / CHUNK * CHUNK;
        let needed = (reader.position - start) + need as u64;
        let left = end.next_multiple_of(BLOCK) - start;
        if reader.position + need as u64 > end {
            let why = format!("a batch of {need} bytes does not fit before {end}");
            return Err(self.faulty(reader, end - reader.position, None, &why));
        }
        let length = needed.max(reader.window as u64).next_multiple_of(CHUNK).min(left) as usize;
        let expected = self.expected(reader.segment, start, length as u64);
        let path = self.segment_path(reader.segment);
        let failed = |e: io::Error| self.read_failed(&path, e);
        let file = self.shared.files.existing(self, reader.segment).await.map_err(failed)?;
        let buf = self.shared.read_buffer(length).ok_or(ReadError::OutOfMemory)?;
        let read = file.read_at(start, buf, length).await.map_err(failed)?;
        if self.deleted.get() {
            // The file may be one of a new log of that name.
            return Err(ReadError::Deleted { name: self.name.clone() });
        }
        // Behind the end, in the same block, there may be batches of a former life, whole and with the
        // offsets of those to come. What is written there later must be read anew.
        let (ahead, valid) = (read.freeze(), (end - start) as usize);
        reader.ahead = Some((start, ahead.slice(..ahead.len().min(valid))));
        self.verify(reader, &expected).await;
        Ok(())
    }

    /// The chunks that a read of `length` bytes at `start` will bring whole.
    fn expected(&self, segment: i64, start: u64, length: u64) -> Vec<Expected> {
        let state = self.state.borrow();
        let Some(segment) = state.image.segment(segment) else { return Vec::new() };
        let chunks = &segment.chunks;
        let (first, end) = ((start / CHUNK) as u32, start + length);
        let all = (first..chunks.len()).map(|chunk| {
            let behind = chunk.checked_sub(chunks.filed());
            let sum = behind.and_then(|at| chunks.sums().get(at as usize)).copied();
            Expected { chunk, bytes: chunks.chunk_bytes(chunk), sum }
        });
        all.take_while(|e| u64::from(e.chunk) * CHUNK + e.bytes as u64 <= end).collect()
    }

    /// Compares what was read ahead with the checksums of its chunks.
    async fn verify(&self, reader: &mut Reader, expected: &[Expected]) {
        reader.bad.clear();
        let owner = ChunkOwner { log_id: self.id.0, base_offset: reader.segment };
        for Expected { chunk, bytes, sum } in expected {
            let stored = match sum {
                Some(sum) => Some(*sum).filter(|sum| *sum != 0),
                None => self.filed_sum(reader, owner, *chunk).await,
            };
            let Some((start, ahead)) = &reader.ahead else { return };
            let position = u64::from(*chunk) * CHUNK;
            let from = (position - start) as usize;
            let (Some(stored), Some(whole)) = (stored, ahead.get(from..from + bytes)) else {
                continue;
            };
            let computed = owner.checksum(*chunk, whole);
            if computed == stored || mutants::is(Mutant::SkipChunkChecksum) {
                continue;
            }
            let path = self.segment_path(reader.segment);
            let end = position + *bytes as u64;
            let explained = reader.explained == Some((position, computed))
                || reader.explains(position, end, stored ^ computed);
            tracing::error!(
                path = %path.display(),
                chunk,
                position,
                bytes,
                stored = format_args!("{stored:08x}"),
                computed = format_args!("{computed:08x}"),
                explained,
                "chunk is not what was written"
            );
            match explained {
                true => reader.explained = Some((position, computed)),
                false => reader.bad.push((position, end)),
            }
        }
    }

    /// A checksum that is in the segment's file of them.
    async fn filed_sum(&self, reader: &mut Reader, owner: ChunkOwner, chunk: u32) -> Option<u32> {
        if !reader.page.as_ref().is_some_and(|page| page.has(chunk)) {
            let number = ChunkPage::of_chunk(chunk);
            let filed = self.state.borrow().image.segment(reader.segment)?.chunks.filed();
            let path = self.dir().join(SegmentFile::Chunks.name(reader.segment));
            match read_page(&self.shared, &path, owner, number).await {
                Ok(mut page) => {
                    page.forget_from(filed);
                    reader.page = Some(page);
                }
                Err(error) => {
                    tracing::warn!(path = %path.display(), page = number, %error, "not verified");
                    return None;
                }
            }
        }
        reader.page.as_ref()?.sum(chunk)
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

    fn faulty(&self, reader: &Reader, bytes: u64, resume: Option<i64>, why: &str) -> ReadError {
        let path = self.segment_path(reader.segment);
        let position = reader.position;
        tracing::error!(path = %path.display(), position, bytes, why, "segment is damaged");
        ReadError::Faulty { path, position, bytes, resume, why: why.into() }
    }

    /// Position up to which a segment's bytes are in its file.
    fn readable_end(&self, segment: i64) -> u64 {
        let state = self.state.borrow();
        if segment == state.written.segment {
            return state.written.position;
        }
        let known = state.image.segment(segment).filter(|_| segment < state.written.segment);
        known.map_or(0, |segment| segment.size)
    }

    /// The end of known damage that begins at a position.
    fn beyond_faulty(&self, segment: i64, position: u64) -> Option<u64> {
        let state = self.state.borrow();
        let mut faulty = state.image.faulty.iter();
        let here = |f: &&super::image::FaultyBytes| {
            f.place.segment == segment && f.place.position == position
        };
        faulty.find(here).map(|f| f.place.position + f.length)
    }

    fn check_faulty(&self, offset: i64) -> Result<(), ReadError> {
        let state = self.state.borrow();
        let mut faulty = state.image.faulty.iter();
        match faulty.find(|f| f.first <= offset && offset <= f.last) {
            None => Ok(()),
            Some(f) => Err(ReadError::Faulty {
                path: self.segment_path(f.place.segment),
                position: f.place.position,
                bytes: f.length,
                resume: Some(f.last + 1),
                why: "lost when the journal was damaged".into(),
            }),
        }
    }
}

impl Reader {
    /// What is wrong with a batch of `size` bytes at the position, if a chunk that it lies in is not
    /// what was written and nobody knows where.
    fn bad_chunk(&self, size: u64) -> Option<String> {
        let (from, to) = (self.position, self.position + size);
        let (start, _) = self.bad.iter().find(|(start, end)| *start < to && from < *end)?;
        let chunk = start / CHUNK;
        Some(format!("chunk {chunk} at {start} is not what was written"))
    }

    /// Whether all that is wrong with a chunk from `start` to `end` is in batches whose own checksums
    /// are wrong: then the others are as good as theirs say. `difference` is what sets the chunk's
    /// checksum apart from the one it should have.
    ///
    /// CRCs are linear: the difference a damage makes to a batch's checksum, taken on to the chunk's
    /// end, is the one it makes to the chunk's. What is left when those of all batches are taken off
    /// is damage where no batch looks.
    fn explains(&self, start: u64, end: u64, difference: u32) -> bool {
        let Some((at, ahead)) = &self.ahead else { return false };
        let (mut position, mut left) = (self.position, difference);
        while position < end {
            let rest = usize::try_from(position - at).ok().and_then(|from| ahead.get(from..));
            let Some((batch, _)) = rest.and_then(|rest| BatchView::split_first(rest).ok()) else {
                break;
            };
            let (from, wrong) = (position, batch.crc() ^ batch.computed_crc());
            position += batch.size() as u64;
            // Of one that lies in two chunks it is not known in which it is damaged.
            if wrong != 0 && from >= start && position <= end {
                let behind = usize::try_from(end - position).unwrap_or(usize::MAX);
                left ^= crc32c::crc32c_combine(wrong, 0, behind);
            }
        }
        left == 0
    }
}

struct Head {
    base_offset: i64,
    last_offset: i64,
    crc: u32,
    computed: u32,
}

impl Shared {
    /// The reader that goes on at `offset`, if there is one.
    fn take_reader(&self, log: LogId, offset: i64, cuts: u32) -> Option<Reader> {
        let mut readers = self.readers.borrow_mut();
        let found = |r: &Reader| r.log == log && r.next_offset == offset && r.cuts == cuts;
        let at = readers.iter().position(found)?;
        readers.remove(at)
    }

    fn keep_reader(&self, reader: Reader) {
        let mut readers = self.readers.borrow_mut();
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

    /// Memory for a read; what was read ahead for others goes first.
    fn read_buffer(&self, length: usize) -> Option<Buf> {
        if let Ok(buf) = self.io.arena().alloc(length) {
            return Some(buf);
        }
        for reader in self.readers.borrow_mut().iter_mut() {
            reader.ahead = None;
        }
        self.io.arena().alloc(length).ok()
    }

    /// Forgets readers of a log.
    pub(super) fn forget_readers(&self, log: LogId) {
        self.readers.borrow_mut().retain(|reader| reader.log != log);
    }
}

/// The position of the last entry of an offset index that is not beyond `offset` (relative); zero
/// when there is none. `filed` is the number of entries, all of the file when nothing.
async fn search_index(
    shared: &Shared,
    path: &Path,
    filed: Option<u32>,
    offset: u32,
) -> io::Result<u32> {
    let file = shared.io.open(path, OpenOptions::default()).await?;
    let entries = match filed {
        Some(filed) => u64::from(filed),
        None => shared.io.stat(path).await?.map_or(0, |stat| stat.len / 8),
    };
    let (mut low, mut high) = (0, entries);
    // Narrow down to what is read as a whole.
    while (high - low) * 8 > INDEX_WHOLE_BYTES {
        let middle = low + (high - low) / 2;
        let entry = file.read_at(middle * 8, Buf::heap(8), 8).await?;
        match entry.first_chunk() {
            Some(key) if u32::from_be_bytes(*key) <= offset => low = middle,
            _ => high = middle,
        }
    }
    let length = ((high - low) * 8) as usize;
    let bytes = file.read_at(low * 8, Buf::heap(length), length).await?;
    let (entries, _) = bytes.as_chunks::<8>();
    let key = |entry: &[u8; 8]| u32::from_be_bytes([entry[0], entry[1], entry[2], entry[3]]);
    let behind = entries.partition_point(|entry| key(entry) <= offset);
    let entry = behind.checked_sub(1).and_then(|at| entries.get(at));
    Ok(entry.map_or(0, |e| u32::from_be_bytes([e[4], e[5], e[6], e[7]])))
}
