//! Reads what a former process left in a journal.
//!
//! All files are scanned block by block, so that a frame behind damage is found: its durable mark
//! tells whether what is missing before it had been acknowledged.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::classify::{Class, Found, classify};
use super::file::file_name;
use super::frame::{Entry, FrameHeader, MAGIC};
use crate::arena::{BLOCK_BYTES, Buf, Slice};
use crate::crc32c;
use crate::io::{File, Io, OpenOptions};
use crate::mutants::{self, Mutant};

const BLOCK: u64 = BLOCK_BYTES as u64;

/// Read from a journal file at once.
const CHUNK_BYTES: usize = 4 << 20;

/// A frame that is to be replayed, wholly or in part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ReplayFrame {
    pub(crate) file: usize,
    pub(crate) at: u64,
    pub(crate) header: FrameHeader,
    pub(crate) table: Vec<Entry>,
    /// Entries whose bytes are damaged.
    pub(crate) bad: Vec<usize>,
}

/// A frame that was durable and is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lost {
    pub(crate) sequence: u64,
    /// The last one in a row.
    pub(crate) last: u64,
    pub(crate) file: usize,
    pub(crate) mark: u64,
}

/// A journal as it was found.
#[derive(Default, Debug)]
pub(crate) struct Scan {
    /// Frames to replay, in order.
    pub(crate) frames: Vec<ReplayFrame>,
    /// Frames that were durable and whose contents are unknown.
    pub(crate) lost: Vec<Lost>,
    /// Frames that were being written when the process died.
    pub(crate) torn: u64,
    /// Bytes read.
    pub(crate) bytes: u64,
}

/// The files of a journal, open for reading.
pub(crate) struct Reader {
    io: Io,
    files: Vec<(PathBuf, File, u64)>,
}

impl Reader {
    /// Opens the files of a journal. Each is synced first: a former process may have read or
    /// written what the drive does not have yet.
    pub(crate) async fn open(io: &Io, dir: &Path) -> Result<Self, (PathBuf, io::Error)> {
        let mut files = Vec::new();
        for n in 0..u16::MAX {
            let path = dir.join(file_name(n));
            let opened = async {
                let Some(stat) = io.stat(&path).await? else { return Ok(None) };
                let options = OpenOptions { write: true, direct: true, ..Default::default() };
                let file = io.open(&path, options).await?;
                file.sync().await?;
                Ok(Some((file, stat.len)))
            };
            match opened.await {
                Ok(Some((file, bytes))) => files.push((path, file, bytes)),
                Ok(None) => break,
                Err(e) => return Err((path, e)),
            }
        }
        Ok(Self { io: io.clone(), files })
    }

    /// Path of a file.
    pub(crate) fn path(&self, file: usize) -> &Path {
        self.files.get(file).map_or(Path::new(""), |(path, ..)| path)
    }

    /// Finds the frames from `floor` on. `mark` is what the checkpoint knows to be durable.
    ///
    /// Only bytes that were read are judged: what a device does not give now may be there, acknowledged, the next
    /// time. With `unreadable_is_lost` such blocks count as damaged.
    pub(crate) async fn scan(
        &self,
        incarnation: [u8; 16],
        floor: u64,
        mark: u64,
        unreadable_is_lost: bool,
    ) -> Result<Scan, (PathBuf, io::Error)> {
        let mut scan = Scan::default();
        let mut found = BTreeMap::new();
        let mut after = BTreeMap::new();
        for n in 0..self.files.len() {
            let mut window = Window { io: &self.io, start: 0, buf: None, unreadable_is_lost };
            let scanned =
                self.scan_file(n, &mut window, incarnation, floor, &mut found, &mut after);
            scan.bytes += scanned.await.map_err(|error| (self.path(n).to_path_buf(), error))?;
        }
        judge(&mut scan, found, &after, floor, mark);
        if mutants::is(Mutant::TruncateBelowMark) {
            let mark = scan.frames.iter().map(|frame| frame.header.mark).fold(mark, u64::max);
            scan.frames.retain(|frame| frame.header.sequence < mark);
        }
        Ok(scan)
    }

    async fn scan_file(
        &self,
        n: usize,
        window: &mut Window<'_>,
        incarnation: [u8; 16],
        floor: u64,
        found: &mut BTreeMap<u64, ReplayFrame>,
        after: &mut BTreeMap<(usize, u64), Found>,
    ) -> io::Result<u64> {
        let (_, file, bytes) = &self.files[n];
        let mut at = 0;
        while at + BLOCK <= *bytes {
            let here = window.look(file, at, *bytes, incarnation, floor).await?;
            let step = match &here {
                // What is inside a whole frame is not looked at: records may hold anything.
                Found::Frame { header, bad, .. } if bad.is_empty() => header.frame_bytes() as u64,
                _ => BLOCK,
            };
            if let Found::Frame { header, table, bad } = &here {
                let (header, table, bad) = (*header, table.clone(), bad.clone());
                let frame = ReplayFrame { file: n, at, header, table, bad };
                found.insert(frame.header.sequence, frame);
            }
            after.insert((n, at), here);
            at += step;
        }
        Ok(*bytes)
    }

    /// The frames once more, with their bytes.
    pub(crate) fn bodies(&self) -> Bodies<'_> {
        Bodies { reader: self, file: 0, start: 0, bytes: Slice::empty() }
    }
}

/// Reads frames that were found. Most follow each other, and are read several at a time.
pub(crate) struct Bodies<'a> {
    reader: &'a Reader,
    file: usize,
    start: u64,
    bytes: Slice,
}

impl Bodies<'_> {
    /// Reads a frame, and tells which of its entries are damaged: a device may give other bytes now than
    /// when the frame was judged, and is asked once more then.
    pub(crate) async fn read(&mut self, frame: &ReplayFrame) -> io::Result<(Slice, Vec<usize>)> {
        let length = frame.header.frame_bytes();
        let here = self.file == frame.file && frame.at >= self.start;
        if !here || frame.at + length as u64 > self.start + self.bytes.len() as u64 {
            let more = self.load(frame, length.max(CHUNK_BYTES)).await;
            if more.is_err() {
                // A bad sector takes no more than its own neighbourhood with it.
                self.load(frame, length).await?;
            }
        }
        let (bytes, bad) = self.judged(frame, length);
        if bad.iter().all(|n| frame.bad.contains(n)) {
            return Ok((bytes, bad));
        }
        self.load(frame, length).await?;
        Ok(self.judged(frame, length))
    }

    /// Reads up to `wanted` bytes from the start of a frame on, and the frame at least.
    async fn load(&mut self, frame: &ReplayFrame, wanted: usize) -> io::Result<()> {
        let (_, file, file_bytes) = &self.reader.files[frame.file];
        let there = usize::try_from(file_bytes.saturating_sub(frame.at)).unwrap_or(usize::MAX);
        let wanted = wanted.min(there);
        self.bytes = Slice::empty();
        let buf = file.read_at(frame.at, memory(&self.reader.io, wanted), wanted).await?;
        if buf.len() < frame.header.frame_bytes() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        (self.file, self.start, self.bytes) = (frame.file, frame.at, buf.freeze());
        Ok(())
    }

    fn judged(&self, frame: &ReplayFrame, length: usize) -> (Slice, Vec<usize>) {
        let from = usize::try_from(frame.at - self.start).unwrap_or(usize::MAX);
        let bytes = self.bytes.slice(from..from + length);
        let bad = bad_entries(&frame.header, &frame.table, &bytes);
        (bytes, bad)
    }
}

/// Walks the sequence numbers from the floor on and decides by the table.
fn judge(
    scan: &mut Scan,
    mut found: BTreeMap<u64, ReplayFrame>,
    after: &BTreeMap<(usize, u64), Found>,
    floor: u64,
    mark: u64,
) {
    let mark = found.values().map(|frame| frame.header.mark).fold(mark, u64::max);
    let mut sequence = floor;
    let mut place = None;
    loop {
        let frame = found.remove(&sequence);
        let here = match (&frame, place) {
            (Some(frame), _) => {
                Found::Frame { header: frame.header, table: Vec::new(), bad: frame.bad.clone() }
            }
            (None, Some(place)) => after.get(&place).cloned().unwrap_or(Found::Zeros),
            (None, None) => Found::Zeros,
        };
        let file = frame.as_ref().map(|f| f.file).or(place.map(|(file, _)| file)).unwrap_or(0);
        if let Some(frame) = &frame {
            place = Some((frame.file, frame.at + frame.header.frame_bytes() as u64));
        }
        match (classify(&here, sequence, mark), frame) {
            (Class::Valid | Class::CorruptKnown, Some(frame)) => scan.frames.push(frame),
            (Class::CorruptUnknown, _) => {
                // All up to the next one that is there: a mark may name more than any journal holds.
                let last = found.keys().next().map_or(mark, |next| mark.min(next - 1));
                scan.lost.push(Lost { sequence, last, file, mark });
                sequence = last;
            }
            (Class::TornTail, _) => {
                // Whole frames behind a torn one were in flight with it.
                scan.torn += 1 + found.range(sequence..).count() as u64;
                return;
            }
            _ => {
                scan.torn += found.range(sequence..).count() as u64;
                return;
            }
        }
        let Some(next) = sequence.checked_add(1) else { return };
        sequence = next;
    }
}

/// Memory for a read: the shard's, which is at hand, if it has some.
fn memory(io: &Io, bytes: usize) -> Buf {
    io.arena().alloc(bytes).unwrap_or_else(|_| Buf::heap(bytes))
}

/// A part of a file in memory.
struct Window<'a> {
    io: &'a Io,
    start: u64,
    buf: Option<Buf>,
    /// What cannot be read counts as damaged.
    unreadable_is_lost: bool,
}

impl Window<'_> {
    /// What begins at `at`.
    async fn look(
        &mut self,
        file: &File,
        at: u64,
        file_bytes: u64,
        incarnation: [u8; 16],
        floor: u64,
    ) -> io::Result<Found> {
        let Some(head) = self.get(file, at, BLOCK_BYTES).await? else { return Ok(Found::Damaged) };
        if head.iter().all(|byte| *byte == 0) {
            return Ok(Found::Zeros);
        }
        if !head.starts_with(&MAGIC) {
            return Ok(Found::Foreign);
        }
        let Some(peeked) = FrameHeader::peek(head) else { return Ok(Found::Damaged) };
        let length = peeked.frame_bytes();
        let fits = |length: usize| at.checked_add(length as u64).is_some_and(|e| e <= file_bytes);
        let head_length = peeked.head_bytes().next_multiple_of(BLOCK_BYTES);
        if !fits(head_length) {
            return Ok(Found::Damaged);
        }
        let Some(head) = self.get(file, at, head_length).await? else { return Ok(Found::Damaged) };
        let Some((header, table)) = FrameHeader::decode(head) else { return Ok(Found::Damaged) };
        let stale = header.incarnation != incarnation && !mutants::is(Mutant::AcceptStaleFrame);
        if stale || header.sequence < floor {
            return Ok(Found::Stale);
        }
        if !fits(length) {
            return Ok(Found::Damaged);
        }
        let frame = self.get(file, at, length).await?;
        let bad = match frame {
            Some(frame) => bad_entries(&header, &table, frame),
            None => (0..table.len()).collect(),
        };
        Ok(Found::Frame { header, table, bad })
    }

    /// `length` bytes at `at`; nothing when they cannot be read and that is to count as damage.
    async fn get(&mut self, file: &File, at: u64, length: usize) -> io::Result<Option<&[u8]>> {
        let inside =
            |start: u64, buf: &Buf| at >= start && at + length as u64 <= start + buf.len() as u64;
        if !self.buf.as_ref().is_some_and(|buf| inside(self.start, buf)) {
            let wanted = length.max(CHUNK_BYTES);
            self.buf = None;
            let mut read = file.read_at(at, memory(self.io, wanted), wanted).await;
            if read.is_err() && wanted > length {
                // A bad sector takes no more than its own neighbourhood with it.
                read = file.read_at(at, memory(self.io, length), length).await;
            }
            self.start = at;
            self.buf = match read {
                Ok(buf) if buf.len() >= length => Some(buf),
                _ if self.unreadable_is_lost => None,
                Ok(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) => return Err(error),
            };
        }
        let from = usize::try_from(at - self.start).unwrap_or(usize::MAX);
        Ok(self.buf.as_ref().and_then(|buf| buf.get(from..from.checked_add(length)?)))
    }
}

fn bad_entries(header: &FrameHeader, table: &[Entry], frame: &[u8]) -> Vec<usize> {
    let mut at = header.head_bytes();
    let mut bad = Vec::new();
    if mutants::is(Mutant::SkipFrameChecksum) {
        return bad;
    }
    for (n, entry) in table.iter().enumerate() {
        let end = at + entry.length as usize;
        let whole = frame.get(at..end).is_some_and(|bytes| crc32c::checksum(bytes) == entry.crc);
        if !whole {
            bad.push(n);
        }
        at = end;
    }
    bad
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A damaged mark may name any number of frames: they are not counted one by one.
    #[test]
    fn frames_that_are_lost_in_a_row_are_told_at_once() {
        let header = FrameHeader {
            incarnation: [1; 16],
            sequence: 9,
            mark: 5,
            journal: 0,
            entries: 0,
            body: 0,
        };
        let frame = ReplayFrame { file: 0, at: 0, header, table: Vec::new(), bad: Vec::new() };
        let mut scan = Scan::default();
        let found = BTreeMap::from([(9, frame)]);
        judge(&mut scan, found, &BTreeMap::new(), 3, u64::MAX);
        let lost: Vec<_> = scan.lost.iter().map(|lost| (lost.sequence, lost.last)).collect();
        assert_eq!(lost, [(3, 8), (10, u64::MAX)]);
        assert_eq!((scan.frames.len(), scan.torn), (1, 0));
    }
}
