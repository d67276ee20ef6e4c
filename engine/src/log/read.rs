//! Reading from the segment files, for whoever is behind the tail window.

use super::ReadError;
use super::ahead::Head;
use super::image::FaultyBytes;
use super::partition::{PartitionLog, ReadOutcome};
use super::reader::{Expected, LONG_BYTES, Reader};
use crate::batch::HEADER_BYTES;
use crate::mutants::{self, Mutant};

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
    /// With batches to send, or without when the first one is beyond the limits.
    Found(ReadOutcome),
    /// The segment has no batch from the offset on.
    SegmentEnd,
}

impl ReadOutcome {
    /// Takes what the reader has passed since `run`.
    fn take(&mut self, reader: &Reader, run: &mut Option<u64>) {
        let Some(from) = run.take() else { return };
        self.bytes += (reader.position - from) as usize;
        self.pieces.extend(reader.ahead.slices(from, reader.position));
    }
}

impl PartitionLog {
    /// Reads from the segments. The offset is in the log and not in the tail window.
    pub(super) async fn read_segments(&self, want: Request) -> Result<ReadOutcome, ReadError> {
        self.check_faulty(want.offset)?;
        let mut reader = match self.shared.take_reader(self.id, want.offset, self.cuts()) {
            Some(reader) => reader,
            None => self.locate(want.offset, want.max_bytes).await?,
        };
        loop {
            match self.walk(&mut reader, want).await {
                Ok(Walk::Found(found)) => {
                    // Also without any: what was read for a batch that did not fit is wanted again.
                    self.shared.keep_reader(reader);
                    return Ok(found);
                }
                Ok(Walk::SegmentEnd) => match self.segment_behind(reader.segment) {
                    Some(next) => {
                        self.check_end(&mut reader, want.offset, next)?;
                        reader.enter(next);
                    }
                    None => {
                        self.check_end(&mut reader, want.offset, self.file_end())?;
                        return Ok(ReadOutcome::default());
                    }
                },
                Err(error) => {
                    // Whoever goes on behind a damaged batch finds what was read already.
                    if reader.next_offset > want.offset {
                        self.shared.keep_reader(reader);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// Takes whole batches of one segment. What is there is sent before more is waited for.
    async fn walk(&self, reader: &mut Reader, want: Request) -> Result<Walk, ReadError> {
        let mut found = ReadOutcome::default();
        // Where batches to send begin that are not in `found` yet.
        let mut run: Option<u64> = None;
        loop {
            let end = self.readable_end(reader.segment);
            let any = run.is_some() || found.bytes > 0;
            if let Some(lost) = self.lost_at(reader.segment, reader.position) {
                if any {
                    break;
                }
                reader.pass(lost.length, Some(lost.last + 1));
            }
            if reader.position >= end {
                if any {
                    break;
                }
                if self.step_back(reader).await? {
                    continue;
                }
                return Ok(Walk::SegmentEnd);
            }
            let head = match reader.look(end) {
                Ok(head) => head,
                Err(need) if any => {
                    if !reader.ahead.has_come(reader.position + need as u64) {
                        break;
                    }
                    found.take(reader, &mut run);
                    match self.fill(reader, need, end).await {
                        Ok(()) => continue,
                        Err(_) => break,
                    }
                }
                Err(need) => match self.find(reader, need, end).await? {
                    Ok(head) => head,
                    Err(_) if self.look_again(reader, 0).await? => continue,
                    Err(why) => {
                        return Err(self.damaged(reader, HEADER_BYTES as u64, 0, None, &why));
                    }
                },
            };
            let computed = reader.ahead.computed_crc(reader.position, &head);
            if let Some(why) = self.wrong_with(reader, &head, computed) {
                if any {
                    break;
                }
                if self.look_again(reader, computed).await? {
                    continue;
                }
                let behind = self.behind_damaged(reader, &head, computed, end).await?;
                if behind.is_some_and(|behind| behind <= want.offset) {
                    reader.pass(head.size, behind);
                    continue;
                }
                let error = self.damaged(reader, head.size, computed, behind, &why);
                reader.pass(head.size, behind);
                reader.next_offset = behind.unwrap_or(want.offset);
                return Err(error);
            }
            let behind = head.last_offset + 1;
            if behind <= want.offset {
                reader.pass(head.size, Some(behind));
                continue;
            }
            if !any {
                self.check_gap(reader, want.offset, head.base_offset)?;
            }
            let taken = found.bytes as u64 + run.map_or(0, |from| reader.position - from);
            let over = taken + head.size > want.max_bytes as u64 && (any || !want.at_least_one);
            if behind > want.limit || over {
                break;
            }
            run.get_or_insert(reader.position);
            reader.pass(head.size, Some(behind));
            reader.next_offset = behind;
        }
        found.take(reader, &mut run);
        Ok(Walk::Found(found))
    }

    /// Why the batch at the reader's position is not to be sent, if it is not. Its own checksum leaves
    /// out where it stands in the log; the batches in front of it tell, and its chunk's checksum.
    fn wrong_with(&self, reader: &Reader, head: &Head, computed: u32) -> Option<String> {
        if head.crc != computed && !mutants::is(Mutant::SkipReadChecksum) {
            return Some(format!("checksum {computed:08x}, not {:08x}", head.crc));
        }
        let (base, last) = (head.base_offset, head.last_offset);
        if !self.stands(reader.expected, base, last) {
            return Some(format!("offsets {base} to {last} where {} belongs", reader.expected));
        }
        reader.doubt_of(head.size)
    }

    /// Whether a batch with these offsets may stand where another is `expected`.
    pub(super) fn stands(&self, expected: Expected, base: i64, last: i64) -> bool {
        match expected {
            Expected::Base(offset) => base >= offset && self.is_known_gap(offset, base),
            Expected::Last(offset) => last == offset,
            Expected::Anything => last < self.log_end_offset(),
        }
    }

    /// The offset behind a damaged batch, if that can be told. What a header says whose checksum is wrong
    /// is not believed: the batch behind it tells, if it is sound.
    async fn behind_damaged(
        &self,
        reader: &mut Reader,
        head: &Head,
        computed: u32,
        end: u64,
    ) -> Result<Option<i64>, ReadError> {
        let (base, last) = (head.base_offset, head.last_offset);
        let chained = match reader.expected {
            Expected::Base(offset) => offset.checked_add(last - base + 1),
            Expected::Last(offset) => return Ok(Some(offset + 1)),
            Expected::Anything => None,
        };
        let (whole, own) = (head.crc == computed, last.saturating_add(1));
        let stands = self.stands(reader.expected, base, last);
        let told = match chained {
            Some(behind) if whole && (behind == own || !stands) => chained,
            _ => {
                // Of two headers that do not agree, one is what is damaged.
                let next = self.offset_behind(reader, head.size, end).await?;
                let agrees = |next: &i64| !whole || chained == Some(*next) || own == *next;
                match next {
                    Some(_) => next.filter(agrees),
                    None => Some(own).filter(|_| whole),
                }
            }
        };
        Ok(told.filter(|behind| (0..=self.log_end_offset()).contains(behind)))
    }

    /// Where the batch behind one of `size` bytes at the reader's position begins, if it is sound.
    async fn offset_behind(
        &self,
        reader: &mut Reader,
        size: u64,
        end: u64,
    ) -> Result<Option<i64>, ReadError> {
        let position = reader.position + size;
        for _ in 0..2 {
            match reader.ahead.look(position, end) {
                Ok(_) => break,
                Err(more) if position + more as u64 <= end && more <= LONG_BYTES => {
                    self.fill(reader, size as usize + more, end).await?;
                }
                Err(_) => break,
            }
        }
        let next = reader.ahead.look(position, end).ok();
        let sound = |next: &Head| reader.ahead.computed_crc(position, next) == next.crc;
        Ok(next.filter(sound).map(|next| next.base_offset))
    }

    /// Whether there are no batches for the offsets from `from` up to `to`, and it is known why.
    pub(super) fn is_known_gap(&self, from: i64, to: i64) -> bool {
        if from >= to {
            return true;
        }
        let state = self.state.borrow();
        let mut faulty = state.image.faulty.iter();
        faulty.any(|f| f.first < to && f.last >= from) || state.durable_start >= to
    }

    /// Offsets have no gaps but those that are known: another one is damage.
    fn check_gap(&self, reader: &mut Reader, from: i64, to: i64) -> Result<(), ReadError> {
        if self.is_known_gap(from, to) {
            return Ok(());
        }
        reader.next_offset = to;
        let why = format!("offsets {from} to {} are not there", to - 1);
        Err(self.damaged(reader, 0, 0, Some(to), &why))
    }

    /// A segment has no batch from `offset` on: then the offset belongs to what begins at `next`.
    fn check_end(&self, reader: &mut Reader, offset: i64, next: i64) -> Result<(), ReadError> {
        let gone = self.log_start_offset() > offset || self.log_end_offset() <= offset;
        if gone { Ok(()) } else { self.check_gap(reader, offset, next) }
    }

    /// The base offset of the segment behind another.
    fn segment_behind(&self, segment: i64) -> Option<i64> {
        let state = self.state.borrow();
        let segments = &state.image.segments;
        let behind = segments.partition_point(|other| other.base <= segment);
        segments.get(behind).map(|segment| segment.base)
    }

    /// The end of what is to be found in files alone.
    fn file_end(&self) -> i64 {
        let state = self.state.borrow();
        state.tail.first_offset().unwrap_or(state.image.next_offset)
    }

    /// Position up to which a segment's bytes are in its file.
    pub(super) fn readable_end(&self, segment: i64) -> u64 {
        let state = self.state.borrow();
        if segment == state.written.segment {
            return state.written.position;
        }
        let known = state.image.segment(segment).filter(|_| segment < state.written.segment);
        known.map_or(0, |segment| segment.size)
    }

    /// The bytes at a position that recovery knew to be lost.
    fn lost_at(&self, segment: i64, position: u64) -> Option<FaultyBytes> {
        let state = self.state.borrow();
        let mut faulty = state.image.faulty.iter();
        faulty.find(|f| f.place.segment == segment && f.place.position == position).copied()
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
