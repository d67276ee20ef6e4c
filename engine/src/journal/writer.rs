//! Group commit: what waits is written together, in one frame, as soon as the device is free.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};

use smallvec::SmallVec;

use super::acks::Acks;
use super::file::{Place, Slot, State, journal_dir, open_files};
use super::frame::{ENTRIES_MAX, ENTRY_BYTES, Entry, FrameHeader, Kind, frame_bytes};
use crate::arena::{AppendBuf, BLOCK_BYTES, Buf, Slice};
use crate::crc32c;
use crate::exec::Notify;
use crate::io::{Durability, File, Io};
use crate::log::{LogId, StorageConfig, StorageError};
use crate::mutants::{self, Mutant};

/// Whoever is told that its entries are durable, in the order in which they were queued.
pub(crate) trait Owner {
    /// Everything below `end_offset` is on the medium.
    fn durable(&self, end_offset: i64);
}

/// Bytes of an entry, in order.
pub(crate) type Pieces = SmallVec<[Slice; 2]>;

/// The journal of one shard in one log directory. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Journal {
    pub(super) inner: Rc<Inner>,
}

pub(super) struct Inner {
    io: Io,
    dir: PathBuf,
    number: u16,
    incarnation: [u8; 16],
    pub(super) file_bytes: u64,
    pub(super) frame_bytes_max: usize,
    in_flight_max: usize,
    gather_bytes: usize,
    pub(super) queue_bytes_max: usize,
    pub(super) reserve_bytes: u64,
    seal_after: std::time::Duration,
    acks: Rc<Acks>,
    /// Signals that the queue has shrunk or the journal has failed; shared with the tail window.
    pub(super) room: Rc<Notify>,
    /// Wakes the writer.
    pub(super) work: Notify,
    /// Signals that a file became full, or that the writer wants a free one.
    full: Notify,
    stopped: Cell<bool>,
    pub(super) state: RefCell<Writing>,
}

pub(super) struct Writing {
    pub(super) queue: VecDeque<Pending>,
    pub(super) queue_bytes: usize,
    /// Journal bytes the queue may take at most.
    pub(super) queue_cost: u64,
    /// Journal bytes kept for entries that are not queued yet.
    pub(super) promised: u64,
    next_ticket: u64,
    pub(super) slots: Vec<Slot>,
    pub(super) active: usize,
    /// Where the next frame goes in the active file.
    pub(super) at: u64,
    next_sequence: u64,
    /// Every frame up to here is durable.
    mark: u64,
    /// The mark in the last frame written.
    written_mark: u64,
    /// The last frame that had entries.
    last_filled: u64,
    in_flight: VecDeque<InFlight>,
    buffers: Vec<AppendBuf>,
}

pub(super) struct Pending {
    entry: Entry,
    pieces: Pieces,
    pub(super) ticket: u64,
    owner: Option<Weak<dyn Owner>>,
    /// Whether it must not be written yet.
    waits: Option<Rc<Cell<bool>>>,
}

impl Pending {
    /// `entry.length` and `entry.crc` are set here.
    pub(super) fn new(
        mut entry: Entry,
        pieces: Pieces,
        ticket: u64,
        owner: Option<Weak<dyn Owner>>,
        waits: Option<Rc<Cell<bool>>>,
    ) -> Self {
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        entry.length = u32::try_from(length).unwrap_or(u32::MAX);
        entry.crc = pieces.iter().fold(0, |crc, piece| crc32c::append(crc, piece));
        Self { entry, pieces, ticket, owner, waits }
    }

    fn must_wait(&self) -> bool {
        self.waits.as_ref().is_some_and(|waits| waits.get())
    }
}

struct InFlight {
    sequence: u64,
    finished: bool,
    ticket: u64,
    moved: Moved,
}

/// Owners and the offsets up to which they are durable. Weak, since the logs own the journal.
type Moved = Vec<(Weak<dyn Owner>, i64)>;

/// A frame ready to be written.
struct Frame {
    sequence: u64,
    file: Rc<File>,
    at: u64,
    buffer: AppendBuf,
}

/// A full file, next in line to be used again.
pub(crate) struct Oldest {
    pub(crate) slot: usize,
    /// How far its entries reach in each log.
    pub(crate) logs: BTreeMap<LogId, Place>,
}

impl Journal {
    /// Opens the files of journal `number` in `log_dir` under a new incarnation. Nothing is written
    /// before [`Journal::run`]: the checkpoint that names the incarnation comes first.
    pub(crate) async fn open(
        io: &Io,
        log_dir: &Path,
        number: u16,
        config: &StorageConfig,
        room: Rc<Notify>,
    ) -> Result<Self, StorageError> {
        let dir = journal_dir(log_dir, number);
        match io.create_dir(&dir).await {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(source) => {
                let source = Rc::new(source);
                return Err(StorageError::Io { action: "creating", path: dir, source });
            }
        }
        if let Err(source) = io.sync_dir(log_dir).await {
            let source = Rc::new(source);
            return Err(StorageError::Io { action: "syncing", path: log_dir.into(), source });
        }
        let slots = open_files(io, &dir, config.journal_files, config.journal_file_bytes).await?;
        let state = Writing {
            queue: VecDeque::new(),
            queue_bytes: 0,
            queue_cost: 0,
            promised: 0,
            next_ticket: 1,
            slots,
            active: 0,
            at: 0,
            next_sequence: 1,
            mark: 0,
            written_mark: 0,
            last_filled: 0,
            in_flight: VecDeque::new(),
            buffers: Vec::new(),
        };
        let inner = Inner {
            io: io.clone(),
            dir: log_dir.into(),
            number,
            incarnation: io.random_uuid(),
            file_bytes: config.journal_file_bytes,
            frame_bytes_max: config.journal_frame_bytes,
            in_flight_max: config.journal_in_flight,
            gather_bytes: config.journal_gather_bytes,
            queue_bytes_max: config.journal_queue_bytes,
            reserve_bytes: config.journal_reserve_bytes,
            seal_after: config.journal_seal_after,
            acks: Rc::default(),
            room,
            work: Notify::default(),
            full: Notify::default(),
            stopped: Cell::new(false),
            state: RefCell::new(state),
        };
        let journal = Self { inner: Rc::new(inner) };
        journal.start_file(0);
        Ok(journal)
    }

    /// Writes frames until the journal is stopped or fails.
    pub(crate) async fn run(self) {
        let inner = &self.inner;
        while !inner.stopped.get() && !self.failed() {
            while let Some(frame) = self.next_frame() {
                self.spawn_write(frame);
            }
            if self.wants_seal() {
                let waited = inner.io.timeout(inner.seal_after, inner.work.notified()).await;
                if waited.is_none() && self.wants_seal() {
                    match self.build(0) {
                        Some(frame) => self.spawn_write(frame),
                        // No file is free: the next frame with entries will carry the mark.
                        None => inner.work.notified().await,
                    }
                }
            } else {
                inner.work.notified().await;
            }
        }
    }

    /// Ends [`Journal::run`].
    pub(crate) fn stop(&self) {
        self.inner.stopped.set(true);
        self.inner.work.notify();
        self.inner.full.notify();
    }

    /// Who waits for what.
    pub(crate) fn acks(&self) -> &Rc<Acks> {
        &self.inner.acks
    }

    /// The random id of this run.
    pub(crate) fn incarnation(&self) -> [u8; 16] {
        self.inner.incarnation
    }

    /// Queues an entry and returns its ticket. `entry.length` and `entry.crc` are set here.
    pub(crate) fn push(&self, entry: Entry, pieces: Pieces, owner: Option<Weak<dyn Owner>>) -> u64 {
        self.queue(entry, pieces, owner, None)
    }

    pub(super) fn queue(
        &self,
        entry: Entry,
        pieces: Pieces,
        owner: Option<Weak<dyn Owner>>,
        waits: Option<Rc<Cell<bool>>>,
    ) -> u64 {
        let mut state = self.inner.state.borrow_mut();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        let pending = Pending::new(entry, pieces, ticket, owner, waits);
        let length = pending.entry.length as usize;
        assert!(length <= self.entry_bytes_max(), "an entry of {length} bytes");
        self.inner.put_on(&mut state, &pending);
        state.queue.push_back(pending);
        drop(state);
        self.inner.work.notify();
        ticket
    }

    /// The last ticket given out.
    pub(crate) fn last_ticket(&self) -> u64 {
        self.inner.state.borrow().next_ticket - 1
    }

    /// The first frame that a replay would need, and the durable mark.
    pub(crate) fn floor_and_mark(&self) -> (u64, u64) {
        let state = self.inner.state.borrow();
        let used = state.slots.iter().filter(|slot| slot.state != State::Free);
        let floor = used.filter(|slot| slot.first <= slot.last).map(|slot| slot.first).min();
        (floor.unwrap_or(state.next_sequence), state.mark)
    }

    /// Sequence number of the next frame.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.inner.state.borrow().next_sequence
    }

    /// The floor as it will be when `slot` is free.
    pub(crate) fn floor_without(&self, slot: usize) -> u64 {
        let state = self.inner.state.borrow();
        let used = state.slots.iter().enumerate();
        let used = used.filter(|(n, other)| *n != slot && other.state != State::Free);
        let floor = used.filter(|(_, s)| s.first <= s.last).map(|(_, s)| s.first).min();
        floor.unwrap_or(state.next_sequence)
    }

    /// The full file that is next in line, when free ones are getting scarce.
    pub(crate) fn oldest(&self) -> Option<Oldest> {
        let state = self.inner.state.borrow();
        let full = state.slots.iter().enumerate().filter(|(_, slot)| slot.state == State::Full);
        let free = state.slots.iter().filter(|slot| slot.state == State::Free).count();
        if free > (state.slots.len() / 3).max(1) {
            return None;
        }
        let (slot, oldest) = full.min_by_key(|(_, slot)| slot.first)?;
        Some(Oldest { slot, logs: oldest.logs.clone() })
    }

    /// Completes when [`Journal::oldest`] may have changed.
    pub(crate) async fn filled(&self) {
        self.inner.full.notified().await;
    }

    /// Lets a full file be written again. Its entries are durable elsewhere.
    pub(crate) fn release(&self, slot: usize) {
        let mut state = self.inner.state.borrow_mut();
        let slot = &mut state.slots[slot];
        assert_eq!(slot.state, State::Full, "only a full file is released");
        slot.state = State::Free;
        slot.logs = BTreeMap::new();
        drop(state);
        self.inner.work.notify();
        self.inner.room.notify();
    }

    /// Forgets a deleted log.
    pub(crate) fn forget(&self, log: LogId) {
        for slot in &mut self.inner.state.borrow_mut().slots {
            slot.logs.remove(&log);
        }
    }

    /// Whether a write has failed.
    pub(crate) fn failed(&self) -> bool {
        self.inner.acks.failure().is_some()
    }

    /// Stops acknowledging for ever: a write or flush of this directory has failed.
    pub(crate) fn fail(&self, why: StorageError) {
        if !self.failed() {
            tracing::error!(journal = self.inner.number, %why, "log directory goes offline");
        }
        self.go_offline(why);
    }

    /// The same without a word: whoever failed has said it.
    pub(crate) fn go_offline(&self, why: StorageError) {
        self.inner.acks.fail(why);
        let dropped = {
            let mut state = self.inner.state.borrow_mut();
            state.queue_bytes = 0;
            state.queue_cost = 0;
            (std::mem::take(&mut state.queue), std::mem::take(&mut state.in_flight))
        };
        drop(dropped);
        self.inner.room.notify();
        self.inner.work.notify();
        self.inner.full.notify();
    }

    fn wants_seal(&self) -> bool {
        let state = self.inner.state.borrow();
        state.queue.is_empty()
            && state.in_flight.is_empty()
            && state.written_mark < state.last_filled
            && self.inner.has_room_for_seal(&state)
    }

    /// Builds the next frame if the device may take one more.
    fn next_frame(&self) -> Option<Frame> {
        let count = {
            let state = self.inner.state.borrow();
            if state.in_flight.len() >= self.inner.in_flight_max || self.failed() {
                return None;
            }
            // Acks follow the contiguous prefix, and up to so many bytes a write takes the device the
            // same time: what comes meanwhile goes into one frame rather than into several.
            let gathering = state.queue_bytes < self.inner.gather_bytes;
            if !state.in_flight.is_empty() && gathering && state.queue.len() < ENTRIES_MAX {
                return None;
            }
            let (mut count, mut body) = (0, 0);
            let ready = state.queue.iter().take_while(|pending| !pending.must_wait());
            for pending in ready.take(ENTRIES_MAX) {
                body += pending.entry.length as usize;
                if frame_bytes(count + 1, body) > self.inner.frame_bytes_max {
                    break;
                }
                count += 1;
            }
            count
        };
        if count == 0 { None } else { self.build(count) }
    }

    /// Builds a frame of the first `count` entries. Nothing when no file has room for it.
    fn build(&self, count: usize) -> Option<Frame> {
        let inner = &*self.inner;
        let mut state = inner.state.borrow_mut();
        let body: usize = state.queue.iter().take(count).map(|p| p.entry.length as usize).sum();
        let length = frame_bytes(count, body);
        assert!(length <= inner.frame_bytes_max.max(BLOCK_BYTES));
        let closed = state.slots[state.active].state != State::Active;
        if closed || state.at + length as u64 > inner.file_bytes {
            let (active, next) = (state.active, (state.active + 1) % state.slots.len());
            if !closed {
                state.slots[active].state = State::Full;
                inner.full.notify();
            }
            if state.slots[next].state != State::Free {
                return None;
            }
            drop(state);
            self.start_file(next);
            state = inner.state.borrow_mut();
        }
        let state = &mut *state;
        let sequence = state.next_sequence;
        state.next_sequence += 1;
        let pending: Vec<Pending> = state.queue.drain(..count).collect();
        let header = FrameHeader {
            incarnation: inner.incarnation,
            sequence,
            mark: state.mark,
            journal: inner.number,
            entries: count as u32,
            body: body as u32,
        };
        state.written_mark = state.mark;
        if count > 0 {
            state.last_filled = sequence;
        }
        let mut buffer = state.buffers.pop().unwrap_or_else(|| new_buffer(inner));
        fill_buffer(&mut buffer, &header, &pending, length);
        let slot = &mut state.slots[state.active];
        slot.last = sequence;
        for entry in pending.iter().map(|pending| &pending.entry) {
            if matches!(entry.kind, Kind::Append | Kind::Part | Kind::Tail) {
                let position = entry.position + u64::from(entry.length);
                let reach = Place { segment: entry.segment, position };
                let known = slot.logs.entry(entry.log).or_insert(reach);
                *known = reach.max(*known);
            }
        }
        let frame = Frame { sequence, file: slot.file.clone(), at: state.at, buffer };
        state.at += length as u64;
        let ticket = pending.last().map_or(0, |pending| pending.ticket);
        for pending in &pending {
            inner.take_off(state, pending);
        }
        let moved = pending.into_iter();
        let moved = moved.filter(|p| p.entry.kind == Kind::Append);
        let moved = moved.filter_map(|p| Some((p.owner?, p.entry.last_offset + 1))).collect();
        state.in_flight.push_back(InFlight { sequence, finished: false, ticket, moved });
        inner.room.notify();
        Some(frame)
    }

    fn start_file(&self, n: usize) {
        let mut state = self.inner.state.borrow_mut();
        let first = state.next_sequence;
        let slot = &mut state.slots[n];
        assert_eq!(slot.state, State::Free);
        slot.state = State::Active;
        slot.first = first;
        slot.last = first - 1;
        state.active = n;
        state.at = 0;
    }

    fn spawn_write(&self, frame: Frame) {
        let journal = self.clone();
        if mutants::is(Mutant::AckBeforeDurable) {
            self.acknowledge_early(frame.sequence);
        }
        self.inner.io.spawn(async move {
            let bytes = frame.buffer.slice(0..frame.buffer.len());
            let written = frame.file.write_at(frame.at, bytes, Durability::Durable).await;
            journal.finished(frame, written);
        });
    }

    /// A frame's write has ended: acks follow the contiguous prefix of finished frames.
    fn finished(&self, mut frame: Frame, written: std::io::Result<()>) {
        if let Err(e) = written {
            let why = format!("writing journal {}: {e}", self.inner.number);
            let dir = self.inner.dir.clone();
            return self.fail(StorageError::Failed { dir, why: why.into() });
        }
        let mut state = self.inner.state.borrow_mut();
        if frame.buffer.reset() && state.buffers.len() < self.inner.in_flight_max {
            state.buffers.push(frame.buffer);
        }
        if self.failed() {
            return;
        }
        let mine = state.in_flight.iter_mut().find(|other| other.sequence == frame.sequence);
        if let Some(mine) = mine {
            mine.finished = true;
        }
        let mut done = Vec::new();
        while state.in_flight.front().is_some_and(|first| first.finished) {
            let Some(first) = state.in_flight.pop_front() else { break };
            assert_eq!(first.sequence, state.mark + 1, "frames become durable in order");
            state.mark = first.sequence;
            done.push(first);
        }
        drop(state);
        for frame in done {
            self.acknowledge(frame.moved, frame.ticket);
        }
        self.inner.work.notify();
    }

    /// Tells all whose entries a frame brought that they are durable.
    fn acknowledge(&self, moved: Moved, ticket: u64) {
        for (owner, end) in moved {
            if let Some(owner) = owner.upgrade() {
                owner.durable(end);
            }
        }
        // A frame that only carries the mark has no ticket.
        if ticket > 0 {
            self.inner.acks.advance(ticket);
        }
    }

    /// [`Mutant::AckBeforeDurable`]. The frame's own end then finds nobody to tell.
    fn acknowledge_early(&self, sequence: u64) {
        let told = {
            let mut state = self.inner.state.borrow_mut();
            let frame = state.in_flight.iter_mut().find(|frame| frame.sequence == sequence);
            frame.map(|frame| (std::mem::take(&mut frame.moved), std::mem::take(&mut frame.ticket)))
        };
        if let Some((moved, ticket)) = told {
            self.acknowledge(moved, ticket);
        }
    }
}

impl Inner {
    /// Counts an entry as queued.
    pub(super) fn put_on(&self, state: &mut Writing, pending: &Pending) {
        let length = pending.entry.length as usize;
        state.queue_bytes += length + ENTRY_BYTES;
        state.queue_cost += self.entry_cost(length);
    }

    /// Counts it as queued no more.
    pub(super) fn take_off(&self, state: &mut Writing, pending: &Pending) {
        let length = pending.entry.length as usize;
        state.queue_bytes -= length + ENTRY_BYTES;
        state.queue_cost -= self.entry_cost(length);
    }
}

/// A buffer for frames: of the shard's arena, or outside it when that is full, for a journal that
/// cannot write would never give memory back.
fn new_buffer(inner: &Inner) -> AppendBuf {
    let bytes = inner.frame_bytes_max;
    inner.io.arena().alloc(bytes).unwrap_or_else(|_| Buf::heap(bytes)).into()
}

fn fill_buffer(buffer: &mut AppendBuf, header: &FrameHeader, pending: &[Pending], length: usize) {
    assert!(buffer.is_empty());
    let table: Vec<Entry> = pending.iter().map(|pending| pending.entry).collect();
    let mut head = Vec::with_capacity(header.head_bytes());
    header.encode(&table, &mut head);
    buffer.append(&head);
    for piece in pending.iter().flat_map(|pending| &pending.pieces) {
        buffer.append(piece);
    }
    buffer.append_zeros(length - buffer.len());
}
