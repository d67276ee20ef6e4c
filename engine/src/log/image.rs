//! All that is to be known of a log without looking at its files: what a checkpoint keeps, what
//! recovery works on, and what a shard starts from.

use super::LogId;
use super::bytes::{Reader, Writer};
use super::index::IndexTail;
use super::segment::Segment;
use crate::batch::BatchView;
use crate::checksums::{ChunkOwner, ChunkTail};
use crate::epochs::LeaderEpochs;
use crate::journal::Place;
use crate::producers::{CompletedTxn, MarkerKind, Producers};
use crate::segment::txn_index::AbortedTxn;

/// Producers a log remembers at most.
pub(super) const PRODUCERS_MAX: usize = 100_000;

/// Bytes of a segment that are not those that were acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct FaultyBytes {
    /// Where they begin.
    pub(super) place: Place,
    /// How many.
    pub(super) length: u64,
    /// First and last offset in them.
    pub(super) first: i64,
    pub(super) last: i64,
}

/// One log. Plain data.
#[derive(Clone, Debug)]
pub(super) struct LogImage {
    pub(super) id: LogId,
    pub(super) name: String,
    pub(super) topic_id: [u8; 16],
    pub(super) partition: i32,
    pub(super) log_start: i64,
    pub(super) next_offset: i64,
    /// Bytes before it are durable in the segment files.
    pub(super) durable: Place,
    /// By base offset; never empty.
    pub(super) segments: Vec<Segment>,
    /// Leader epochs and their first offsets.
    pub(super) epochs: LeaderEpochs,
    pub(super) faulty: Vec<FaultyBytes>,
    /// Base offsets of segments that are gone and whose files may still be there.
    pub(super) removed: Vec<i64>,
    pub(super) producers: Producers,
    /// How often the log was cut.
    pub(super) cuts: u32,
}

impl LogImage {
    /// An empty log.
    pub(super) fn new(id: LogId, name: String, topic: ([u8; 16], i32), created_ms: i64) -> Self {
        Self {
            id,
            name,
            topic_id: topic.0,
            partition: topic.1,
            log_start: 0,
            next_offset: 0,
            durable: Place { segment: 0, position: 0 },
            segments: vec![Segment::new(0, created_ms)],
            epochs: LeaderEpochs::new(),
            faulty: Vec::new(),
            removed: Vec::new(),
            producers: Producers::new(PRODUCERS_MAX),
            cuts: 0,
        }
    }

    /// The segment being appended to.
    pub(super) fn active(&self) -> &Segment {
        &self.segments[self.segments.len() - 1]
    }

    /// The segment being appended to.
    pub(super) fn active_mut(&mut self) -> &mut Segment {
        let last = self.segments.len() - 1;
        &mut self.segments[last]
    }

    /// The segment that an offset belongs to.
    pub(super) fn segment_at(&self, offset: i64) -> &Segment {
        let behind = self.segments.partition_point(|segment| segment.base <= offset);
        &self.segments[behind.saturating_sub(1)]
    }

    /// The segment with that base offset.
    pub(super) fn segment(&self, base: i64) -> Option<&Segment> {
        let at = self.segments.binary_search_by_key(&base, |segment| segment.base).ok()?;
        self.segments.get(at)
    }

    /// The segment with that base offset.
    pub(super) fn segment_mut(&mut self, base: i64) -> Option<&mut Segment> {
        let at = self.segments.binary_search_by_key(&base, |segment| segment.base).ok()?;
        self.segments.get_mut(at)
    }

    /// Begins a new segment.
    pub(super) fn roll(&mut self, base: i64, now_ms: i64) {
        self.active_mut().roll();
        assert!(base > self.active().base, "segments have growing base offsets");
        // It may have been there before a cut.
        self.removed.retain(|other| *other != base);
        self.segments.push(Segment::new(base, now_ms));
    }

    /// Takes note of a batch at the end, of `size` bytes, with the offsets and the epoch it has in
    /// the log. `batch` may be a header alone unless it is a control batch. Returns the transaction
    /// that it ended.
    pub(super) fn take_batch(
        &mut self,
        batch: &BatchView<'_>,
        size: u64,
        interval: u32,
    ) -> Option<CompletedTxn> {
        let (base, last) = (batch.base_offset(), batch.last_offset());
        self.active_mut().add(size, last, batch.max_timestamp(), interval);
        // An older epoch is a mistake of whoever appends; the first offsets known stay.
        if self.epochs.last().is_none_or(|known| known.epoch < batch.leader_epoch()) {
            self.epochs.assign(batch.leader_epoch(), base);
        }
        self.next_offset = last + 1;
        // A marker that cannot be read ends no transaction; it was refused before if it came from
        // our own coordinator.
        let completed = self.producers.apply(batch).ok().flatten()?;
        if completed.kind == MarkerKind::Abort {
            let open = self.producers.first_open_offset();
            let txn = AbortedTxn {
                producer_id: completed.producer_id,
                first_offset: completed.first_offset,
                last_offset: completed.last_offset,
                last_stable_offset: open.unwrap_or(completed.last_offset + 1),
            };
            self.active_mut().index.aborted.push(txn);
        }
        Some(completed)
    }

    /// Takes note of bytes that are in the segment's file, or will be before they count.
    pub(super) fn cover(&mut self, place: Place, bytes: &[u8]) {
        let owner = ChunkOwner { log_id: self.id.0, base_offset: place.segment };
        if let Some(segment) = self.segment_mut(place.segment) {
            segment.chunks.push(owner, place.position, bytes);
        }
    }

    /// Where the log ends.
    pub(super) fn end(&self) -> Place {
        Place { segment: self.active().base, position: self.active().size }
    }

    pub(super) fn encode(&self, out: &mut Writer) {
        out.u64(self.id.0);
        out.bytes(self.name.as_bytes());
        out.raw(&self.topic_id);
        out.i32(self.partition);
        out.i64(self.log_start);
        out.i64(self.next_offset);
        out.i64(self.durable.segment);
        out.u64(self.durable.position);
        out.count(self.segments.len());
        for segment in &self.segments {
            segment.encode(out);
        }
        out.count(self.epochs.len());
        for start in self.epochs.iter() {
            out.i32(start.epoch);
            out.i64(start.start_offset);
        }
        out.count(self.faulty.len());
        for faulty in &self.faulty {
            out.i64(faulty.place.segment);
            out.u64(faulty.place.position);
            out.u64(faulty.length);
            out.i64(faulty.first);
            out.i64(faulty.last);
        }
        out.count(self.removed.len());
        for base in &self.removed {
            out.i64(*base);
        }
        out.u32(self.cuts);
        self.producers.to_image(&mut out.out);
    }

    pub(super) fn decode(from: &mut Reader<'_>) -> Option<Self> {
        let id = LogId(from.u64()?);
        let name = String::from_utf8(from.bytes()?.to_vec()).ok()?;
        let topic_id = from.array()?;
        let partition = from.i32()?;
        let log_start = from.i64()?;
        let next_offset = from.i64()?;
        let durable = Place { segment: from.i64()?, position: from.u64()? };
        let segments = from.list(Segment::decode)?;
        let mut epochs = LeaderEpochs::new();
        for (epoch, start) in from.list(|from| Some((from.i32()?, from.i64()?)))? {
            epochs.assign(epoch, start);
        }
        let faulty = from.list(|from| {
            Some(FaultyBytes {
                place: Place { segment: from.i64()?, position: from.u64()? },
                length: from.u64()?,
                first: from.i64()?,
                last: from.i64()?,
            })
        })?;
        let removed = from.list(Reader::i64)?;
        let cuts = from.u32()?;
        let (producers, rest) = Producers::from_image(from.rest(), PRODUCERS_MAX).ok()?;
        *from = Reader::new(rest);
        let sound = !segments.is_empty()
            && segments.is_sorted_by(|a, b| a.base < b.base)
            && is_plain_name(&name)
            && log_start <= next_offset;
        sound.then_some(Self {
            id,
            name,
            topic_id,
            partition,
            log_start,
            next_offset,
            durable,
            segments,
            epochs,
            faulty,
            removed,
            producers,
            cuts,
        })
    }
}

/// Whether `name` names an entry of a directory and nothing else.
pub(super) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && name != "."
        && name != ".."
        && !name.contains(['/', '\0'])
}

impl Segment {
    fn encode(&self, out: &mut Writer) {
        out.i64(self.base);
        out.u64(self.size);
        out.i64(self.created_ms);
        out.i64(self.first_timestamp.unwrap_or(-1));
        out.i64(self.max_timestamp);
        out.i64(self.max_timestamp_offset);
        out.u8(u8::from(self.sealed));
        self.index.encode(out);
        out.u32(self.chunks.filed());
        out.u64(self.chunks.covered_bytes());
        out.count(self.chunks.sums().len());
        for sum in self.chunks.sums() {
            out.u32(*sum);
        }
    }

    fn decode(from: &mut Reader<'_>) -> Option<Self> {
        let (base, size, created_ms) = (from.i64()?, from.u64()?, from.i64()?);
        let first = from.i64()?;
        let mut segment = Self::new(base, created_ms);
        segment.size = size;
        segment.first_timestamp = (first >= 0).then_some(first);
        segment.max_timestamp = from.i64()?;
        segment.max_timestamp_offset = from.i64()?;
        segment.sealed = from.u8()? == 1;
        segment.index = IndexTail::decode(from)?;
        let (filed, covered) = (from.u32()?, from.u64()?);
        segment.chunks = ChunkTail::from_parts(filed, from.list(Reader::u32)?, covered)?;
        (base >= 0).then_some(segment)
    }
}
