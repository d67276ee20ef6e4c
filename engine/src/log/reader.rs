//! A place in a log's segments from which reading goes on: found by the indexes, kept between two
//! reads, with what was read ahead.

use std::fmt;

use super::ahead::{Ahead, Head};
use super::damage::Doubt;
use super::index::{self, IndexEntry};
use super::partition::PartitionLog;
use super::{LogId, ReadError};
use crate::segment::names::SegmentFile;

/// Batches longer than this are read as a whole only where the index has room for them: a damaged
/// length must not take the memory of all others.
pub(super) const LONG_BYTES: usize = 1 << 20;

/// Where a reader that goes on in order has come to.
pub(super) struct Reader {
    pub(super) log: LogId,
    pub(super) next_offset: i64,
    pub(super) segment: i64,
    pub(super) position: u64,
    /// What is to be at the position.
    pub(super) expected: Expected,
    pub(super) ahead: Ahead,
    /// How much to read next, in bytes.
    pub(super) window: usize,
    /// How often to look for another place when there is no sound batch at this one.
    back: Back,
    /// A place that was read twice already.
    twice: Option<u64>,
    /// What is known of the chunks that were read ahead.
    pub(super) doubt: Doubt,
    /// How often the log had been cut when it began.
    pub(super) cuts: u32,
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
        self.ahead.clear();
    }

    /// Goes on behind a batch of `size` bytes; `behind` is the offset that comes next, if known.
    pub(super) fn pass(&mut self, size: u64, behind: Option<i64>) {
        self.position += size;
        self.expected = behind.map_or(Expected::Anything, Expected::Base);
        self.back = Back::Nowhere;
    }

    /// The batch at the position, if it was read ahead; else how many bytes are needed.
    pub(super) fn look(&self, end: u64) -> Result<Head, usize> {
        self.ahead.look(self.position, end)
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
    /// Finds the place from which to look for `offset`, of which up to `max_bytes` are wanted.
    pub(super) async fn locate(&self, offset: i64, max_bytes: usize) -> Result<Reader, ReadError> {
        let config = &self.shared.config;
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
            ahead: Ahead::default(),
            window: max_bytes.clamp(config.read_ahead_min_bytes, config.read_ahead_max_bytes),
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
            reader.ahead.clear();
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
    ) -> Result<Result<Head, String>, ReadError> {
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

    /// Ends a read of a log that was cut meanwhile: other bytes may be there by now. Whoever asked
    /// looks again.
    pub(super) fn check_uncut(&self, reader: &Reader) -> Result<(), ReadError> {
        if self.cuts() == reader.cuts {
            return Ok(());
        }
        let (start, end) = (self.log_start_offset(), self.log_end_offset());
        Err(ReadError::OffsetOutOfRange { offset: reader.next_offset, start, end })
    }
}
