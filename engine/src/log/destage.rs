//! Moving bytes from the tail windows to the segment files, off the way of appends.
//!
//! Whole blocks are written with `O_DIRECT` from the tail's own memory. The partial block at the
//! end of a log is written only when the journal file that covers it is to be used again; the next
//! append then brings the block's bytes into the journal anew, before anything overwrites them.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::files::write_file;
use super::partition::PartitionLog;
use super::segment::Segment;
use super::shared::Shared;
use super::{LogId, StorageError};
use crate::arena::{BLOCK_BYTES, Buf, Slice};
use crate::checksums::{ChunkOwner, ChunkPage, ENTRIES_PER_PAGE, PAGE_BYTES, PageError};
use crate::io::{Durability, File, OpenOptions};
use crate::journal::{Pieces, Place};
use crate::mutants::{self, Mutant};
use crate::segment::names::SegmentFile;

const BLOCK: u64 = BLOCK_BYTES as u64;

/// Longest stretch of a log that is gathered before its position is noted.
const STEP_BYTES: u64 = 4 << 20;

/// Index entries of a segment that may wait for their files; they are kept in checkpoints.
const UNFILED_MAX: usize = 64;

/// Checksums of chunks weigh so much less than index entries.
const CHUNKS_PER_ENTRY: usize = 4;

/// How far to destage.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Extent {
    /// Whole blocks of what is there.
    Blocks,
    /// Everything, a partial block included.
    All,
}

/// What to do next for a log.
pub(super) enum Step {
    /// Write `pieces`, which begin at `start` and end at position `end`.
    Write { start: Place, end: u64, pieces: Pieces },
    /// Finish the segment: it was rolled and is wholly written.
    Seal { base: i64, next: i64 },
}

impl PartitionLog {
    /// Moves bytes to the segment files; with `sync`, they are durable when this returns.
    pub(super) async fn destage(&self, extent: Extent, sync: bool) -> Result<(), StorageError> {
        let _pass = self.gate.enter().await;
        self.destage_inside(extent, sync).await
    }

    /// [`PartitionLog::destage`] for one who is in the gate.
    pub(super) async fn destage_inside(
        &self,
        extent: Extent,
        sync: bool,
    ) -> Result<(), StorageError> {
        // Not before: a crash may undo a deletion that has only begun, and the journal is to forget
        // what this says is in the segments.
        if self.gone.get() {
            return Ok(());
        }
        self.shared.check_intact()?;
        self.seal_recovered().await?;
        while let Some(step) = self.next_step(self.written(), extent) {
            self.shared.check_intact()?;
            match step {
                Step::Write { start, end, pieces } => {
                    self.write_pieces(start, end, pieces.clone()).await?;
                    self.cover(start, &pieces);
                    self.note_written(Place { position: end, ..start });
                }
                Step::Seal { base, next } => self.finish_segment(base, next).await?,
            }
        }
        if sync { self.sync_active().await } else { Ok(()) }
    }

    /// Bytes before it are in the segment files.
    pub(super) fn written(&self) -> Place {
        self.state.borrow().written
    }

    /// Seals a segment that is wholly written, and goes on with the next.
    pub(super) async fn finish_segment(&self, base: i64, next: i64) -> Result<(), StorageError> {
        self.seal(base).await?;
        let written = Place { segment: next, position: 0 };
        let mut state = self.state.borrow_mut();
        if let Some(segment) = state.image.segment_mut(base) {
            segment.sealed = true;
        }
        state.image.durable = written;
        drop(state);
        self.note_written(written);
        self.release_direct();
        Ok(())
    }

    /// Finishes segments that were rolled before a crash and are wholly in their files since.
    pub(super) async fn seal_recovered(&self) -> Result<(), StorageError> {
        loop {
            let base = {
                let state = self.state.borrow();
                let behind =
                    state.image.segments.iter().take_while(|s| s.base < state.written.segment);
                behind.filter(|s| !s.sealed).map(|s| s.base).next()
            };
            let Some(base) = base else { return Ok(()) };
            self.seal(base).await?;
            if let Some(segment) = self.state.borrow_mut().image.segment_mut(base) {
                segment.sealed = true;
            }
        }
    }

    /// What comes after `written`.
    pub(super) fn next_step(&self, written: Place, extent: Extent) -> Option<Step> {
        let mut state = self.state.borrow_mut();
        let segments = &state.image.segments;
        let at = segments.binary_search_by_key(&written.segment, |segment| segment.base).ok()?;
        let (segment, next) = (segments.get(at)?, segments.get(at + 1));
        let size = segment.size;
        if let Some(next) = next
            && written.position == size
        {
            return Some(Step::Seal { base: segment.base, next: next.base });
        }
        let end = match (extent, next) {
            (Extent::Blocks, None) => size / BLOCK * BLOCK,
            _ => size,
        };
        if end <= written.position {
            return None;
        }
        let start = Place { position: written.position / BLOCK * BLOCK, ..written };
        let end = end.min(start.position + STEP_BYTES);
        let partial = end % BLOCK != 0;
        let pieces = state.tail.pieces(start, end);
        if partial && next.is_none() {
            // From now on the journal may forget this block's beginning.
            state.uncovered = true;
        }
        Some(Step::Write { start, end, pieces })
    }

    /// Takes note of the checksums of what was written.
    pub(super) fn cover(&self, start: Place, pieces: &Pieces) {
        let mut state = self.state.borrow_mut();
        let mut at = start;
        for piece in pieces {
            state.image.cover(at, piece);
            at.position += piece.len() as u64;
        }
    }

    async fn write_pieces(
        &self,
        start: Place,
        end: u64,
        pieces: Pieces,
    ) -> Result<(), StorageError> {
        let file = self.prepare(start.segment, end).await?;
        let written = write_parts(&file, start.position, pieces, Durability::Cached).await;
        let path = self.segment_path(start.segment);
        let at = written.map_err(|e| self.shared.write_failed("writing", &path, e))?;
        assert!(at >= end && at - end < BLOCK);
        Ok(())
    }

    /// The file of a segment, with space up to position `end`.
    pub(super) async fn prepare(&self, base: i64, end: u64) -> Result<Rc<File>, StorageError> {
        let path = self.segment_path(base);
        let file = self.shared.files.open(self, base).await;
        let file = file.map_err(|e| self.shared.write_failed("opening", &path, e))?;
        self.create(base).await?;
        self.allocate(&file, base, end.next_multiple_of(BLOCK)).await?;
        Ok(file)
    }

    /// Makes the directory entry of a new segment durable, once.
    async fn create(&self, base: i64) -> Result<(), StorageError> {
        let exists = self.state.borrow().image.segment(base).is_some_and(|s| s.exists);
        if !exists {
            let dir = self.dir();
            let synced = self.shared.io.sync_dir(&dir).await;
            synced.map_err(|e| self.shared.write_failed("syncing", &dir, e))?;
            if let Some(segment) = self.state.borrow_mut().image.segment_mut(base) {
                segment.exists = true;
            }
        }
        Ok(())
    }

    /// Allocates space ahead, in steps that grow with the segment, so that a full file system is
    /// met here and not in a write.
    async fn allocate(&self, file: &File, base: i64, end: u64) -> Result<(), StorageError> {
        let (allocated, limit) = {
            let state = self.state.borrow();
            let allocated = state.image.segment(base).map_or(0, |segment| segment.allocated);
            (allocated, u64::from(state.config.segment_bytes).next_multiple_of(BLOCK))
        };
        if end <= allocated {
            return Ok(());
        }
        let step = match self.shared.no_space() {
            true => 0,
            false => end.clamp(BLOCK, self.shared.config.allocate_step_bytes.max(BLOCK)),
        };
        let mut wanted = (end + step).next_multiple_of(BLOCK).min(limit.max(end));
        let mut allocated = file.allocate(wanted).await;
        if wanted > end && allocated.as_ref().is_err_and(is_full) {
            // There may be room for what is there already.
            wanted = end;
            allocated = file.allocate(wanted).await;
        }
        allocated
            .map_err(|e| self.shared.write_failed("allocating", &self.segment_path(base), e))?;
        if let Some(segment) = self.state.borrow_mut().image.segment_mut(base) {
            segment.allocated = wanted;
        }
        Ok(())
    }

    pub(super) fn note_written(&self, written: Place) {
        let mut state = self.state.borrow_mut();
        let blocks = state.tail.blocks_between(state.written, written);
        state.written = written;
        drop(state);
        self.shared.evictable.borrow_mut().extend(std::iter::repeat_n(self.id, blocks));
        // Memory may go now: whoever waits for it should look.
        self.shared.room.notify();
    }

    /// Makes what was written to the active segment durable, and files index entries when there are
    /// many.
    async fn sync_active(&self) -> Result<(), StorageError> {
        self.sync_written().await?;
        self.file_many(UNFILED_MAX).await
    }

    /// Files index entries and checksums of the active segment when more than so many are not filed.
    pub(super) async fn file_many(&self, most: usize) -> Result<(), StorageError> {
        let (written, unfiled) = {
            let state = self.state.borrow();
            let active = state.image.active();
            let unfiled = active.index.unfiled().max(active.chunks.sums().len() / CHUNKS_PER_ENTRY);
            (state.written, unfiled)
        };
        if unfiled > most { self.file_index(written.segment).await } else { Ok(()) }
    }

    /// Makes what was written durable.
    pub(super) async fn sync_written(&self) -> Result<(), StorageError> {
        let (written, durable) = {
            let state = self.state.borrow();
            (state.written, state.image.durable)
        };
        if written > durable {
            let path = self.segment_path(written.segment);
            let file = self.shared.files.open(self, written.segment).await;
            let file = file.map_err(|e| self.shared.write_failed("opening", &path, e))?;
            if !mutants::is(Mutant::CheckpointBeforeSync) {
                let synced = file.sync().await;
                synced.map_err(|e| self.shared.fail(&format!("syncing {}", path.display()), &e))?;
            }
            self.state.borrow_mut().image.durable = written;
            self.release_direct();
        }
        Ok(())
    }

    /// Finishes a segment that was rolled, or that is to be left in order: cut to its length,
    /// synced, with its indexes.
    pub(super) async fn seal(&self, base: i64) -> Result<(), StorageError> {
        let path = self.segment_path(base);
        let Some(size) = self.state.borrow().image.segment(base).map(|segment| segment.size) else {
            return Ok(());
        };
        let file = self.shared.files.open(self, base).await;
        let file = file.map_err(|e| self.shared.write_failed("opening", &path, e))?;
        self.create(base).await?;
        let cut = file.truncate(size).await;
        cut.map_err(|e| self.shared.write_failed("cutting", &path, e))?;
        let synced = file.sync().await;
        synced.map_err(|e| self.shared.fail(&format!("syncing {}", path.display()), &e))?;
        self.file_index(base).await?;
        if let Some(segment) = self.state.borrow_mut().image.segment_mut(base) {
            segment.allocated = size;
        }
        Ok(())
    }

    /// Appends index entries to the index files and makes them durable.
    pub(super) async fn file_index(&self, base: i64) -> Result<(), StorageError> {
        let index = match self.state.borrow().image.segment(base) {
            Some(segment) => segment.index.clone(),
            None => return Ok(()),
        };
        let offsets: Vec<u8> = index
            .offsets
            .iter()
            .flat_map(|(offset, position)| [offset.to_be_bytes(), position.to_be_bytes()].concat())
            .collect();
        let times: Vec<u8> = index
            .times
            .iter()
            .flat_map(|(time, offset)| [&time.to_be_bytes()[..], &offset.to_be_bytes()].concat())
            .collect();
        let aborted: Vec<u8> = index.aborted.iter().flat_map(|txn| txn.encode()).collect();
        let files = [
            ("index", u64::from(index.offsets_filed) * 8, offsets),
            ("timeindex", u64::from(index.times_filed) * 12, times),
            ("txnindex", u64::from(index.aborted_filed) * 34, aborted),
        ];
        let mut created = self.file_chunks(base).await?;
        // Of a log that was cut, files may have entries of what is gone.
        let cut = self.cuts() > 0;
        for (suffix, at, bytes) in files {
            let path = self.dir().join(format!("{base:020}.{suffix}"));
            // Kafka has no transaction index where nothing was aborted.
            if bytes.is_empty() && at == 0 && suffix == "txnindex" {
                created |= cut && self.remove_leftover(&path).await?;
                continue;
            }
            if bytes.is_empty() && at > 0 && !cut {
                continue;
            }
            created |= at == 0;
            let filed = match at {
                0 => write_file(&self.shared.io, &path, &bytes).await,
                _ => overwrite(&self.shared, &path, at, &bytes, cut).await,
            };
            filed.map_err(|e| self.shared.write_failed("writing", &path, e))?;
        }
        if created {
            let dir = self.dir();
            let synced = self.shared.io.sync_dir(&dir).await;
            synced.map_err(|e| self.shared.write_failed("syncing", &dir, e))?;
        }
        if let Some(segment) = self.state.borrow_mut().image.segment_mut(base) {
            let now = &mut segment.index;
            now.offsets.drain(..index.offsets.len());
            now.times.drain(..index.times.len());
            now.aborted.drain(..index.aborted.len());
            now.offsets_filed += index.offsets.len() as u32;
            now.times_filed += index.times.len() as u32;
            now.aborted_filed += index.aborted.len() as u32;
        }
        Ok(())
    }

    /// Brings the checksums of a segment's chunks to their file, durably. Returns whether the file is
    /// new.
    async fn file_chunks(&self, base: i64) -> Result<bool, StorageError> {
        let (chunks, cut) = match self.state.borrow().image.segment(base) {
            Some(segment) => (segment.chunks.clone(), self.cuts() > 0),
            None => return Ok(false),
        };
        let owner = ChunkOwner { log_id: self.id.0, base_offset: base };
        let path = self.dir().join(SegmentFile::Chunks.name(base));
        if chunks.is_empty() && cut {
            return self.remove_leftover(&path).await;
        }
        if chunks.sums().is_empty() && !cut {
            return Ok(false);
        }
        let page = chunks.first_page();
        let before = match chunks.filed() {
            0 => Err(PageError::Blank),
            _ => read_page(&self.shared, &path, owner, page).await,
        };
        if let Err(error) = &before
            && !(chunks.filed() as usize).is_multiple_of(ENTRIES_PER_PAGE)
        {
            tracing::warn!(path = %path.display(), page, %error, "checksums are lost");
        }
        let pages = chunks.encode_pages(owner, before);
        let at = u64::from(page) * PAGE_BYTES as u64;
        let filed = match chunks.filed() {
            0 => write_file(&self.shared.io, &path, &pages).await,
            // Not anew: a crash would take the checksums with it that are there.
            _ => overwrite(&self.shared, &path, at, &pages, cut).await,
        };
        filed.map_err(|e| self.shared.write_failed("writing", &path, e))?;
        if let Some(segment) = self.state.borrow_mut().image.segment_mut(base) {
            segment.chunks.note_filed(&chunks);
        }
        Ok(chunks.filed() == 0)
    }

    /// Removes a file that a segment had before a cut; returns whether there was one.
    async fn remove_leftover(&self, path: &Path) -> Result<bool, StorageError> {
        match self.shared.io.remove_file(path).await {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.shared.write_failed("removing", path, error)),
        }
    }

    /// Path of a segment's log file.
    pub(super) fn segment_path(&self, base: i64) -> PathBuf {
        self.dir().join(Segment::new(base, 0).file_name())
    }

    /// Destages what the journal alone covers up to `reach`, so that a journal file can go.
    pub(super) async fn destage_to(&self, reach: Place) -> Result<(), StorageError> {
        // Who has the gate may keep it for long.
        if self.extent_to(reach).is_none() {
            return Ok(());
        }
        let _pass = self.gate.enter().await;
        match self.extent_to(reach) {
            Some(extent) => self.destage_inside(extent, true).await,
            None => Ok(()),
        }
    }

    /// How far to destage for all up to `reach` to be durable; nothing when it is.
    fn extent_to(&self, reach: Place) -> Option<Extent> {
        let state = self.state.borrow();
        let end = state.tail.end();
        let reach = reach.min(end);
        let blocks = Place { position: end.position / BLOCK * BLOCK, ..end };
        let extent = if reach <= blocks { Extent::Blocks } else { Extent::All };
        (state.image.durable < reach).then_some(extent)
    }
}

/// Writes pieces to a segment's file from `at` on, one after the other; returns where the last one ends.
pub(super) async fn write_parts(
    file: &File,
    mut at: u64,
    pieces: Pieces,
    durability: Durability,
) -> io::Result<u64> {
    for piece in pieces {
        assert_eq!(at % BLOCK, 0, "a piece begins at a block");
        for part in aligned(piece) {
            let length = part.len() as u64;
            file.write_at(at, part, durability).await?;
            at += length;
        }
    }
    Ok(at)
}

/// A piece as parts that may be written with `O_DIRECT`: the end of it padded with zeros.
fn aligned(piece: Slice) -> impl Iterator<Item = Slice> {
    let whole = piece.len() / BLOCK_BYTES * BLOCK_BYTES;
    let rest = (whole < piece.len()).then(|| {
        let mut buf = Buf::heap(BLOCK_BYTES);
        buf.extend_from_slice(&piece[whole..]);
        buf.set_len(BLOCK_BYTES);
        buf.freeze()
    });
    let head = (whole > 0).then(|| piece.slice(..whole));
    head.into_iter().chain(rest)
}

/// A page of a file of checksums. One that cannot be read is as good as damaged.
pub(super) async fn read_page(
    shared: &Shared,
    path: &Path,
    owner: ChunkOwner,
    page: u32,
) -> Result<ChunkPage, PageError> {
    let at = u64::from(page) * PAGE_BYTES as u64;
    let read = async {
        let file = shared.io.open(path, OpenOptions::default()).await?;
        file.read_at(at, Buf::heap(PAGE_BYTES), PAGE_BYTES).await
    };
    match read.await {
        Ok(bytes) => ChunkPage::decode(owner, page, &bytes),
        Err(error) => Err(PageError::Unreadable { why: error.to_string() }),
    }
}

/// Writes to a file that is there, durably; with `cut`, nothing stays behind what is written.
async fn overwrite(
    shared: &Shared,
    path: &Path,
    at: u64,
    bytes: &[u8],
    cut: bool,
) -> io::Result<()> {
    let options = OpenOptions { write: true, create: true, ..Default::default() };
    let file = shared.io.open(path, options).await?;
    if !bytes.is_empty() {
        file.write_at(at, Slice::copy_from(bytes), Durability::Cached).await?;
    }
    if cut {
        file.truncate(at + bytes.len() as u64).await?;
    }
    file.sync().await
}

impl Shared {
    /// Destages logs as they fill, until the storage ends.
    pub(super) async fn run_destager(self: Rc<Self>) {
        loop {
            while let Some(id) = self.next_dirty() {
                let log = self.logs.borrow().get(&id).cloned();
                let Some(log) = log else { continue };
                while self.destaging.get() >= self.config.destage_in_flight {
                    self.destage.notified().await;
                }
                self.destaging.set(self.destaging.get() + 1);
                let shared = self.clone();
                self.io.spawn(async move {
                    let done = log.destage(Extent::Blocks, false).await;
                    shared.destaging.set(shared.destaging.get() - 1);
                    if done.is_err() {
                        // Nothing is lost: the journal has it. Tried again when space is back.
                        shared.dirty.borrow_mut().insert(id);
                    }
                    shared.destage.notify();
                });
            }
            if self.ended() {
                return;
            }
            if self.pressed.replace(false) && self.destaging.get() == 0 {
                self.relieve().await;
            }
            self.destage.notified().await;
        }
    }

    fn next_dirty(&self) -> Option<LogId> {
        if self.stuck.get() || self.ended() {
            return None;
        }
        self.dirty.borrow_mut().pop_first()
    }

    /// Appends have met a full tail window, and nothing is being destaged: writes whole blocks
    /// first, then lets logs that rest go cold, until a quarter of the window is free.
    async fn relieve(&self) {
        let enough = self.config.tail_window_bytes / 4 * 3;
        let logs: Vec<Rc<PartitionLog>> = self.logs.borrow().values().cloned().collect();
        for extent in [Extent::Blocks, Extent::All] {
            for log in &logs {
                if self.tail_bytes.get() <= enough || self.ended() {
                    return;
                }
                if log.state.borrow().tail.capacity() == 0 {
                    continue;
                }
                if log.destage(extent, false).await.is_err() {
                    return;
                }
                while log.evict_block() {}
                if extent == Extent::All {
                    let mut state = log.state.borrow_mut();
                    let written = state.written;
                    let freed = state.tail.cool(written);
                    drop(state);
                    self.evictable.borrow_mut().retain(|other| *other != log.id);
                    self.freed(freed);
                }
            }
        }
        self.room.notify();
    }

    /// A file operation that is on the way of data has failed: a full file system is waited out,
    /// anything else takes the storage offline.
    pub(super) fn write_failed(&self, what: &str, path: &Path, error: io::Error) -> StorageError {
        if is_full(&error) {
            let told = self.no_space();
            self.stuck.set(true);
            if !told {
                self.tell_space(&format!("{what} {}: {error}", path.display()));
            }
            let reserve = self.config.reserve_bytes;
            return StorageError::NoSpace { dir: self.dir.clone(), reserve };
        }
        self.fail(&format!("{what} {}", path.display()), &error)
    }

    /// A file operation that no acknowledged bytes hang on has failed. What it may have left behind
    /// unwritten is as bad as elsewhere when the device is at fault; else only this operation fails.
    pub(super) fn change_failed(
        &self,
        action: &'static str,
        path: &Path,
        error: io::Error,
    ) -> StorageError {
        let device = matches!(error.raw_os_error(), Some(libc::EIO | libc::EROFS | libc::ENODEV));
        if device || is_full(&error) {
            return self.write_failed(action, path, error);
        }
        StorageError::Io { action, path: path.into(), source: Rc::new(error) }
    }
}

/// Whether a file system, or the user's share of it, is full: this passes, unlike other errors.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Segment files kept open, up to a limit; the one not used for longest is closed first. They are
/// known by log and base offset: a path may come to mean the file of a log's successor.
#[derive(Default)]
pub(super) struct OpenFiles {
    limit: usize,
    tick: std::cell::Cell<u64>,
    open: std::cell::RefCell<BTreeMap<SegmentKey, (Rc<File>, u64)>>,
}

/// A segment: its log and its base offset.
type SegmentKey = (LogId, i64);

impl OpenFiles {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    /// The file of a log's segment for reading and writing without the page cache, created when
    /// missing.
    pub(super) async fn open(&self, log: &PartitionLog, base: i64) -> io::Result<Rc<File>> {
        let options = OpenOptions { write: true, create: true, direct: true, ..Default::default() };
        self.open_with(log, base, options).await
    }

    /// The file of a log's segment if it exists.
    pub(super) async fn existing(&self, log: &PartitionLog, base: i64) -> io::Result<Rc<File>> {
        let options = OpenOptions { write: true, direct: true, ..Default::default() };
        self.open_with(log, base, options).await
    }

    async fn open_with(
        &self,
        log: &PartitionLog,
        base: i64,
        options: OpenOptions,
    ) -> io::Result<Rc<File>> {
        let tick = self.tick.get() + 1;
        self.tick.set(tick);
        let key = (log.id, base);
        if let Some((file, used)) = self.open.borrow_mut().get_mut(&key) {
            *used = tick;
            return Ok(file.clone());
        }
        let cuts = log.cuts();
        let file = Rc::new(log.shared.io.open(log.segment_path(base), options).await?);
        if log.cuts() != cuts || log.state.borrow().image.segment(base).is_none() {
            // It may be removed, and another one of that name be written.
            return Ok(file);
        }
        let mut open = self.open.borrow_mut();
        if open.len() >= self.limit {
            let oldest = open.iter().min_by_key(|(_, (_, used))| *used);
            if let Some(key) = oldest.map(|(key, _)| *key) {
                open.remove(&key);
            }
        }
        open.insert(key, (file.clone(), tick));
        Ok(file)
    }

    /// Closes the file of a segment that is gone.
    pub(super) fn forget(&self, log: LogId, base: i64) {
        self.open.borrow_mut().remove(&(log, base));
    }

    /// Closes the files of a log that is gone.
    pub(super) fn forget_log(&self, log: LogId) {
        self.open.borrow_mut().retain(|(id, _), _| *id != log);
    }

    /// Closes all.
    pub(super) fn clear(&self) {
        self.open.borrow_mut().clear();
    }
}
