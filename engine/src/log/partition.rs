//! One partition's log.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::rc::{Rc, Weak};
use std::time::Duration;

use super::append::DurableWait;
use super::direct::Direct;
use super::image::LogImage;
use super::read::Request;
use super::shared::Shared;
use super::tail::{BatchRef, Tail};
use super::{
    AppendError, AppendOptions, AppendOrigin, Appended, LogConfig, LogId, ReadError, StorageError,
};
use crate::arena::Slice;
use crate::batch::{BatchIter, BatchView, CHECKSUM_FROM, HEADER_BYTES, LOG_OVERHEAD_BYTES};
use crate::crc32c;
use crate::exec::{Notified, Notify};
use crate::io::Io;
use crate::journal::frame::{Entry, Kind};
use crate::journal::{Claim, Owner, Pieces, Place};
use crate::mutants::{self, Mutant};
use crate::producers::{CompletedTxn, ProducerOrigin, Verdict};

/// Pause after which an append that met back-pressure is worth another try even without a signal:
/// memory of the arena comes back without one.
pub(super) const ROOM_RETRY: Duration = Duration::from_millis(2);

/// Whole batches of a log, in order.
#[derive(Debug, Clone, Default)]
pub struct ReadOutcome {
    /// Their bytes, in pieces that need not end at a batch's end.
    pub pieces: Vec<Slice>,
    /// Bytes in all pieces.
    pub bytes: usize,
}

/// One partition's log. Methods are for its shard only.
pub struct PartitionLog {
    pub(super) id: LogId,
    pub(super) name: String,
    pub(super) topic_id: [u8; 16],
    pub(super) partition: i32,
    pub(super) shared: Rc<Shared>,
    pub(super) state: RefCell<State>,
    pub(super) deleted: Cell<bool>,
    /// Its directory is being renamed, or was. Changes within the gate only.
    pub(super) gone: Cell<bool>,
    /// One task at a time moves bytes to the segments or changes their set.
    pub(super) gate: Gate,
    pub(super) moved: Notify,
    /// A task writes large appends to the segment.
    pub(super) directing: Cell<bool>,
    /// Those who keep appends off that way.
    pub(super) detours: Cell<usize>,
    me: Weak<PartitionLog>,
}

/// What changes of a log.
pub(super) struct State {
    pub(super) config: LogConfig,
    /// Random bits for the active segment's part of `segment.jitter.ms`, drawn when it first matters.
    pub(super) roll_dice: Option<u64>,
    /// What a checkpoint keeps.
    pub(super) image: LogImage,
    pub(super) durable_end: i64,
    /// The log start as it is told: it is on the medium, that of the image may not be yet.
    pub(super) durable_start: i64,
    /// The journal's ticket for the latest move of the log start.
    pub(super) log_start_ticket: u64,
    pub(super) tail: Tail,
    /// Bytes before it are in the segment files.
    pub(super) written: Place,
    /// The partial block at the end is not covered by the journal: the next append brings it along.
    pub(super) uncovered: bool,
    /// Transactions that have ended, by offset of the marker: until the marker is below the high
    /// watermark they count as open.
    pub(super) ended: VecDeque<CompletedTxn>,
    /// Large appends on their way to the segment, in order.
    pub(super) direct: VecDeque<Direct>,
}

impl State {
    pub(super) fn new(config: LogConfig, image: LogImage, partial: Vec<u8>) -> Self {
        let end = image.end();
        assert_eq!(image.durable, end, "a log is started with everything in its segments");
        Self {
            config,
            roll_dice: None,
            durable_end: image.next_offset,
            durable_start: image.log_start,
            log_start_ticket: 0,
            uncovered: !partial.is_empty(),
            tail: Tail::new(end, partial),
            written: end,
            image,
            ended: VecDeque::new(),
            direct: VecDeque::new(),
        }
    }
}

/// What a record set that is to be appended holds.
struct Set {
    base_offset: i64,
    records: i64,
    max_timestamp: i64,
    /// The batch was appended before: its first and last offset and its timestamp.
    duplicate: Option<(i64, i64, i64)>,
}

impl PartitionLog {
    pub(super) fn new(
        shared: Rc<Shared>,
        id: LogId,
        name: String,
        topic: ([u8; 16], i32),
        state: State,
    ) -> Rc<Self> {
        Rc::new_cyclic(|me| Self {
            id,
            name,
            topic_id: topic.0,
            partition: topic.1,
            shared,
            state: RefCell::new(state),
            deleted: Cell::new(false),
            gone: Cell::new(false),
            gate: Gate::default(),
            moved: Notify::default(),
            directing: Cell::new(false),
            detours: Cell::new(0),
            me: me.clone(),
        })
    }

    /// How often it was cut from the end.
    pub(super) fn cuts(&self) -> u32 {
        self.state.borrow().image.cuts
    }

    /// Its name on disk.
    pub fn id(&self) -> LogId {
        self.id
    }

    /// Its directory name.
    pub fn dir_name(&self) -> &str {
        &self.name
    }

    /// A handle to this log.
    pub(super) fn me(&self) -> Option<Rc<Self>> {
        self.me.upgrade()
    }

    /// Who is told that appends are durable.
    pub(super) fn owner(&self) -> Weak<dyn Owner> {
        self.me.clone()
    }

    /// Its directory.
    pub(super) fn dir(&self) -> PathBuf {
        self.shared.dir.join(&self.name)
    }

    /// Topic id.
    pub fn topic_id(&self) -> [u8; 16] {
        self.topic_id
    }

    /// Partition number.
    pub fn partition(&self) -> i32 {
        self.partition
    }

    /// Appends a record set that [`crate::batch`] has validated. Synchronous: offsets are assigned
    /// and the records readable by followers when it returns; they are durable when
    /// [`Appended::durable`] completes.
    ///
    /// # Errors
    /// [`AppendError`]; nothing was appended then.
    pub fn append(&self, batches: &[u8], how: AppendOptions) -> Result<Appended, AppendError> {
        let shared = &self.shared;
        self.check()?;
        if how.within_reserve {
            shared.check_alive()?
        } else {
            shared.check()?
        }
        let dice = self.state.borrow_mut().dice(&shared.io);
        let (next, at, wants, mark) = {
            let state = self.state.borrow();
            let limit = state.config.segment_bytes as usize;
            let limit = limit.min(shared.config.append_bytes_max());
            if batches.len() > limit {
                return Err(AppendError::TooLarge { bytes: batches.len(), limit });
            }
            let set = state.survey(batches, how)?;
            if let Some(duplicate) = set.duplicate {
                return Ok(self.again(&state, duplicate, how));
            }
            let last = set.base_offset + set.records - 1;
            let now = shared.io.wall_ms();
            let bytes = batches.len() as u64;
            let active = state.image.active();
            let at = if active.must_roll(&state.config, dice, bytes, last, set.max_timestamp, now) {
                Place { segment: set.base_offset, position: 0 }
            } else {
                state.tail.end()
            };
            let block_max = shared.config.tail_block_bytes;
            let wants = state.tail.wants(at, batches.len(), block_max);
            let mark = self.marks(&state, batches).filter(|_| !how.within_reserve);
            (set.base_offset, at, wants, mark)
        };
        let claim = if how.within_reserve { Claim::Upkeep } else { Claim::Append };
        let room = match mark {
            Some(mark) => shared.journal.has_room_beside(batches.len(), mark),
            None => shared.journal.has_room(batches.len(), claim),
        };
        if !room {
            return Err(AppendError::JournalFull);
        }
        // Memory that is taken until there is space again must not keep out what makes space.
        if wants > 0 && !shared.make_room(wants) && !how.within_reserve {
            return Err(AppendError::OutOfMemory);
        }
        let mut state = self.state.borrow_mut();
        let block_max = shared.config.tail_block_bytes;
        let reserve = || state.tail.reserve(shared.io.arena(), at, batches.len(), block_max);
        let reserved = reserve().or_else(|_| {
            // Appends come before what may be read again.
            shared.drop_ahead();
            reserve()
        });
        let reserved = reserved.map_err(|_| AppendError::OutOfMemory)?;
        // Nothing below may fail: the log has grown from here on.
        let before = state.tail.capacity();
        if at != state.tail.end() {
            state.image.roll(at.segment, shared.io.wall_ms());
            state.roll_dice = None;
            shared.mark_dirty(self.id);
        }
        let carried =
            std::mem::take(&mut state.uncovered).then(|| (state.tail.end(), state.tail.partial()));
        state.tail.begin(at, reserved);
        let last_offset = state.write(batches, next, how);
        let taken = state.tail.capacity() - before;
        shared.tail_bytes.set(shared.tail_bytes.get() + taken);
        let entry = Entry {
            log: self.id,
            kind: Kind::Append,
            leader_epoch: how.leader_epoch,
            segment: at.segment,
            position: at.position,
            base_offset: next,
            last_offset,
            length: 0,
            crc: 0,
            cuts: state.image.cuts,
        };
        let ticket = match mark {
            Some(_) => self.queue_direct(&mut state, entry),
            None => self.queue(&state, entry, carried),
        };
        // A large append is written to the segment in any case, and all before it.
        let enough = mark.is_none()
            && state.tail.end().position.saturating_sub(state.written.position)
                >= shared.config.destage_bytes as u64;
        if enough {
            shared.mark_dirty(self.id);
        }
        Ok(Appended {
            base_offset: next,
            last_offset,
            log_append_time_ms: how.log_append_time_ms.unwrap_or(-1),
            log_start_offset: state.durable_start,
            duplicate: false,
            durable: DurableWait::new(shared.journal.acks().clone(), ticket),
        })
    }

    /// The answer to a batch that was appended before. It may not be durable yet either.
    fn again(&self, state: &State, known: (i64, i64, i64), how: AppendOptions) -> Appended {
        let (base_offset, last_offset, timestamp) = known;
        let journal = &self.shared.journal;
        let ticket = if last_offset < state.durable_end { 0 } else { journal.last_ticket() };
        Appended {
            base_offset,
            last_offset,
            log_append_time_ms: how.log_append_time_ms.map_or(-1, |_| timestamp),
            log_start_offset: state.durable_start,
            duplicate: true,
            durable: DurableWait::new(journal.acks().clone(), ticket),
        }
    }

    /// Queues what was written from `entry.position` on for the journal, and before it the partial
    /// block that the journal no longer covers. Returns the ticket.
    fn queue(&self, state: &State, entry: Entry, carried: Option<(Place, Pieces)>) -> u64 {
        let journal = &self.shared.journal;
        let at = Place { segment: entry.segment, position: entry.position };
        let base_offset = entry.base_offset;
        if let Some((end, pieces)) = carried
            && end == at
        {
            let length: usize = pieces.iter().map(|piece| piece.len()).sum();
            if length > 0 {
                let position = at.position - length as u64;
                let last_offset = base_offset - 1;
                journal.push(
                    Entry { kind: Kind::Tail, position, last_offset, ..entry },
                    pieces,
                    None,
                );
            }
        }
        let (mut position, end) = (at.position, state.tail.end().position);
        let part = journal.entry_bytes_max() as u64;
        while end - position > part {
            let pieces = state.tail.pieces(Place { position, ..at }, position + part);
            let last_offset = base_offset - 1;
            journal.push(Entry { kind: Kind::Part, position, last_offset, ..entry }, pieces, None);
            position += part;
        }
        let pieces = state.tail.pieces(Place { position, ..at }, end);
        journal.push(Entry { position, ..entry }, pieces, Some(self.owner()))
    }

    /// Completes when an append that met back-pressure is worth another try.
    pub async fn room(&self) {
        self.shared.io.timeout(ROOM_RETRY, self.shared.room.notified()).await;
    }

    /// First offset of the log, on the medium.
    pub fn log_start_offset(&self) -> i64 {
        if mutants::is(Mutant::TellLogStartEarly) {
            return self.state.borrow().image.log_start;
        }
        self.state.borrow().durable_start
    }

    /// Offset the next record will get.
    pub fn log_end_offset(&self) -> i64 {
        self.state.borrow().image.next_offset
    }

    /// Offset up to which (exclusive) everything is on the medium.
    pub fn durable_end_offset(&self) -> i64 {
        if mutants::is(Mutant::WatermarkBeforeDurable) {
            return self.log_end_offset();
        }
        self.state.borrow().durable_end
    }

    /// First offset that belongs to an undecided transaction, or the durable end.
    pub fn last_stable_offset(&self) -> i64 {
        let durable_end = self.durable_end_offset();
        self.last_stable_offset_at(durable_end)
    }

    /// The last stable offset when `high_watermark`, which never goes back, is the offset up to
    /// which records are safe: a transaction whose marker is not safe yet counts as undecided.
    pub fn last_stable_offset_at(&self, high_watermark: i64) -> i64 {
        let mut state = self.state.borrow_mut();
        while state.ended.front().is_some_and(|txn| txn.last_offset < high_watermark) {
            state.ended.pop_front();
        }
        let ended = state.ended.iter().map(|txn| txn.first_offset).min();
        let open = state.image.producers.first_open_offset();
        [ended, open].into_iter().flatten().fold(high_watermark, i64::min)
    }

    /// Bytes in all segments.
    pub fn size_bytes(&self) -> u64 {
        self.state.borrow().image.segments.iter().map(|segment| segment.size).sum()
    }

    /// The latest leader epoch written, -1 for none.
    pub fn latest_epoch(&self) -> i32 {
        self.state.borrow().image.epochs.last().map_or(-1, |last| last.epoch)
    }

    /// The leader epoch of the record at `offset`; nothing when no record is known to lie there or
    /// before.
    pub fn epoch_at(&self, offset: i64) -> Option<i32> {
        self.state.borrow().image.epochs.epoch_at(offset)
    }

    /// The largest epoch written that is not above `epoch`, and its end offset
    /// (`OffsetForLeaderEpoch`). Nothing when there is none.
    pub fn end_offset_for_epoch(&self, epoch: i32) -> Option<(i32, i64)> {
        let state = self.state.borrow();
        state.image.epochs.end_offset_for(epoch, state.image.next_offset)
    }

    /// Signals each time the durable end or the log start moves.
    pub fn durable_moved(&self) -> Notified<'_> {
        self.moved.notified()
    }

    /// Reads whole batches from the one that holds `offset` on, below `limit` (exclusive: high
    /// watermark or last stable offset), about `max_bytes` of them; the first one even when it is
    /// larger, if `at_least_one`.
    ///
    /// # Errors
    /// [`ReadError`].
    pub async fn read(
        &self,
        offset: i64,
        max_bytes: usize,
        limit: i64,
        at_least_one: bool,
    ) -> Result<ReadOutcome, ReadError> {
        let limit = if mutants::is(Mutant::ReadBeyondLimit) { i64::MAX } else { limit };
        let read = loop {
            let cuts = {
                let state = self.state.borrow();
                let (start, end) = (state.durable_start, state.image.next_offset);
                if offset < start || offset > end {
                    return Err(ReadError::OffsetOutOfRange { offset, start, end });
                }
                if offset == end || offset >= limit {
                    return Ok(ReadOutcome::default());
                }
                // No batch fits: the device need not be asked which one it is.
                if max_bytes < HEADER_BYTES && !at_least_one {
                    return Ok(ReadOutcome::default());
                }
                if state.tail.first_offset().is_some_and(|first| first <= offset) {
                    return Ok(state.read_tail(offset, max_bytes, limit, at_least_one));
                }
                state.image.cuts
            };
            let want = Request { offset, max_bytes, limit, at_least_one };
            let read = self.read_segments(want).await;
            // Of a log that was cut meanwhile it is not known what was read.
            if self.cuts() == cuts {
                break read;
            }
        };
        // What is gone meanwhile must not look as if it never was.
        if self.deleted.get() && !read.as_ref().is_ok_and(|found| found.bytes > 0) {
            return Err(ReadError::Deleted { name: self.name.clone() });
        }
        let (start, end) = (self.log_start_offset(), self.log_end_offset());
        if offset < start && !self.deleted.get() {
            return Err(ReadError::OffsetOutOfRange { offset, start, end });
        }
        read
    }

    /// Changes the settings.
    pub fn set_config(&self, config: LogConfig) {
        self.state.borrow_mut().config = config;
    }

    /// Lets the oldest block of memory go, if it may.
    pub(super) fn evict_block(&self) -> bool {
        let mut state = self.state.borrow_mut();
        let written = state.written;
        let freed = state.tail.evict(written);
        drop(state);
        self.shared.freed(freed.unwrap_or(0));
        freed.is_some()
    }

    pub(super) fn check(&self) -> Result<(), StorageError> {
        if self.deleted.get() {
            return Err(StorageError::Deleted { name: self.name.clone() });
        }
        Ok(())
    }

    /// Whether the log may still change, be it that no space is left. What changes after a shutdown
    /// has begun would not be in its checkpoint.
    pub(super) fn check_open(&self) -> Result<(), StorageError> {
        self.check()?;
        if self.shared.closing.get() {
            return Err(StorageError::Stopped { dir: self.shared.dir.clone() });
        }
        Ok(())
    }
}

impl Owner for PartitionLog {
    fn durable(&self, end_offset: i64) {
        let mut state = self.state.borrow_mut();
        assert!(end_offset <= state.image.next_offset, "durable beyond the end of the log");
        state.durable_end = state.durable_end.max(end_offset);
        drop(state);
        self.moved.notify();
    }
}

impl State {
    /// The random bits of the active segment.
    fn dice(&mut self, io: &Io) -> u64 {
        match self.config.segment_jitter_ms {
            0 => 0,
            _ => *self.roll_dice.get_or_insert_with(|| io.random()),
        }
    }

    /// Copies batches to the tail, with their offsets and epochs, and returns the last offset.
    fn write(&mut self, batches: &[u8], base_offset: i64, how: AppendOptions) -> i64 {
        let mut next = base_offset;
        for batch in BatchIter::new(batches).map_while(Result::ok) {
            let assigned = how.origin != AppendOrigin::Replica;
            let mut head = [0; HEADER_BYTES];
            head.copy_from_slice(&batch.bytes()[..HEADER_BYTES]);
            let mut base = batch.base_offset();
            if assigned {
                base = next;
                crate::batch::assign(&mut head, base, how.leader_epoch);
                if let Some(time) = how.log_append_time_ms {
                    set_time(&mut head, batch.payload(), time);
                }
            }
            let last = base + i64::from(batch.last_offset_delta());
            let place = self.tail.end();
            self.tail.write(&head);
            self.tail.write(batch.payload());
            let size = u32::try_from(batch.size()).unwrap_or(u32::MAX);
            self.tail.list(BatchRef { base_offset: base, last_offset: last, place, size });
            let interval = self.config.index_interval_bytes;
            let completed = if batch.is_control() {
                let mut whole = head.to_vec();
                whole.extend_from_slice(batch.payload());
                let view = BatchView::split_first(&whole).ok();
                view.and_then(|(v, _)| self.image.take_batch(&v, u64::from(size), interval))
            } else {
                let head = header_alone(head);
                let view = BatchView::split_first(&head).ok();
                view.and_then(|(v, _)| self.image.take_batch(&v, u64::from(size), interval))
            };
            assert_eq!(self.image.next_offset, last + 1, "every batch is taken note of");
            self.ended.extend(completed);
            next = last + 1;
        }
        next - 1
    }

    /// Walks a record set that is to be appended.
    fn survey(&self, batches: &[u8], how: AppendOptions) -> Result<Set, AppendError> {
        let invalid = |why: String| AppendError::Invalid { why };
        let next_offset = self.image.next_offset;
        let mut set =
            Set { base_offset: next_offset, records: 0, max_timestamp: -1, duplicate: None };
        let origin = match how.origin {
            AppendOrigin::Client => ProducerOrigin::Client,
            AppendOrigin::Coordinator => ProducerOrigin::Coordinator,
            AppendOrigin::Replica => ProducerOrigin::Replica,
        };
        let mut expected = next_offset;
        for (n, batch) in BatchIter::new(batches).enumerate() {
            let batch = batch.map_err(|e| invalid(e.to_string()))?;
            let span = i64::from(batch.last_offset_delta()) + 1;
            if span < 1 {
                return Err(invalid(format!("last offset delta {}", span - 1)));
            }
            if how.origin == AppendOrigin::Replica {
                let got = batch.base_offset();
                // A gap would look like damage to whoever reads.
                if got != expected {
                    return Err(AppendError::OffsetGap { expected, got });
                }
                if n == 0 {
                    set.base_offset = got;
                }
                expected = got;
            }
            let verdict = self.image.producers.check(&batch, origin);
            match verdict.map_err(|e| AppendError::of_producer(e, expected))? {
                Verdict::Accept => {}
                Verdict::Duplicate(known) => {
                    let offsets = (known.first_offset(), known.last_offset, known.timestamp);
                    set.duplicate = Some(offsets);
                    return Ok(set);
                }
            }
            expected = expected
                .checked_add(span)
                .filter(|end| *end < i64::MAX)
                .ok_or_else(|| invalid("offsets beyond 2^63".into()))?;
            set.max_timestamp = set.max_timestamp.max(time_of(&batch, how));
        }
        set.records = expected - set.base_offset;
        if set.records == 0 {
            return Err(invalid("no batch".into()));
        }
        Ok(set)
    }

    fn read_tail(
        &self,
        offset: i64,
        max_bytes: usize,
        limit: i64,
        at_least_one: bool,
    ) -> ReadOutcome {
        let mut outcome = ReadOutcome::default();
        // Batches that follow each other in a segment are one run of bytes.
        let mut run: Option<(Place, u64)> = None;
        for batch in self.tail.batches(offset, limit) {
            let size = batch.size as usize;
            let first = outcome.bytes == 0 && at_least_one;
            if !first && outcome.bytes + size > max_bytes {
                break;
            }
            outcome.bytes += size;
            let end = batch.place.position + u64::from(batch.size);
            match &mut run {
                Some((start, run_end)) if start.segment == batch.place.segment => *run_end = end,
                _ => {
                    let before = run.replace((batch.place, end));
                    outcome
                        .pieces
                        .extend(before.into_iter().flat_map(|(a, b)| self.tail.pieces(a, b)));
                }
            }
        }
        outcome.pieces.extend(run.into_iter().flat_map(|(a, b)| self.tail.pieces(a, b)));
        outcome
    }
}

fn time_of(batch: &BatchView<'_>, how: AppendOptions) -> i64 {
    match how.log_append_time_ms {
        Some(time) if how.origin != AppendOrigin::Replica => time,
        _ => batch.max_timestamp(),
    }
}

/// A header whose length field leaves the records out.
pub(super) fn header_alone(mut head: [u8; HEADER_BYTES]) -> [u8; HEADER_BYTES] {
    let length = (HEADER_BYTES - LOG_OVERHEAD_BYTES) as i32;
    head[8..12].copy_from_slice(&length.to_be_bytes());
    head
}

/// What [`crate::batch::set_log_append_time`] does, for a header apart from its records.
fn set_time(head: &mut [u8; HEADER_BYTES], payload: &[u8], time: i64) {
    crate::batch::set_log_append_time(head, time);
    let crc = crc32c::append(crc32c::checksum(&head[CHECKSUM_FROM..]), payload);
    head[17..21].copy_from_slice(&crc.to_be_bytes());
}

/// Lets one task in at a time.
#[derive(Default)]
pub(super) struct Gate {
    busy: Cell<bool>,
    free: Notify,
}

impl Gate {
    /// Whether somebody waits for the turn.
    pub(super) fn is_wanted(&self) -> bool {
        self.free.waiting() > 0
    }

    /// Waits for the turn; it ends when the pass is dropped.
    pub(super) async fn enter(&self) -> Pass<'_> {
        while self.busy.replace(true) {
            self.free.notified().await;
        }
        Pass { gate: self }
    }
}

/// The right to be inside a [`Gate`].
pub(super) struct Pass<'a> {
    gate: &'a Gate,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.busy.set(false);
        self.gate.free.notify();
    }
}
