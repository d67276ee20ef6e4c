//! Replaying a journal: its bytes go to the segments, at the positions they had, and the catalogue
//! takes note of them. Doing it twice gives the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::checkpoint::Checkpoint;
use super::direct::Mark;
use super::files::side_by_side;
use super::image::{FaultyBytes, LogImage};
use super::recovery::failed;
use super::storage::parse_create;
use super::truncate::{Cut, Rest};
use super::{LogConfig, LogId, RecoveryError, RecoveryReport, StorageConfig};
use crate::arena::{Buf, Slice};
use crate::batch::BatchIter;
use crate::crc32c;
use crate::io::{Durability, Io, OpenOptions};
use crate::journal::frame::{Entry, Kind};
use crate::journal::{Place, Reader, ReplayFrame};
use crate::mutants::{self, Mutant};
use crate::segment::names::SegmentFile;

/// Bytes of one log gathered before they are written.
const RUN_BYTES: usize = 1 << 20;

/// Bytes of all logs gathered before they are written, at most; as much as the tails may take where that
/// is less.
const RUNS_BYTES: usize = 128 << 20;

type Logs = BTreeMap<LogId, LogImage>;

/// A journal to replay.
pub(super) struct Journal<'a> {
    pub(super) reader: &'a Reader,
    pub(super) checkpoint: &'a Checkpoint,
    pub(super) number: u16,
}

/// The work in hand.
pub(super) struct Replay<'a> {
    io: &'a Io,
    dir: &'a Path,
    accept_loss: bool,
    /// Bytes of all logs gathered before they are written.
    runs_bytes: usize,
    /// Files that are synced at the same time.
    at_once: usize,
    index_interval: u32,
    runs: BTreeMap<LogId, Run>,
    run_bytes: usize,
    parts: BTreeMap<LogId, Parts>,
    /// The beginnings of appends whose first bytes are in the segment.
    marks: BTreeMap<LogId, Begun>,
    ahead: Ahead,
    touched: BTreeSet<PathBuf>,
    /// Directories of logs that were cut.
    cut: BTreeSet<PathBuf>,
}

/// Bytes that follow each other in a segment and are not written yet.
struct Run {
    place: Place,
    bytes: Vec<u8>,
}

/// What the journal says further on. The segments may be as they were after that already.
#[derive(Default)]
struct Ahead {
    /// Cuts of each log, by number.
    cuts: BTreeMap<LogId, BTreeMap<u32, Place>>,
    /// Segments with bytes that only they have, by the number of cuts before.
    marked: BTreeMap<LogId, BTreeSet<(i64, u32)>>,
}

impl Ahead {
    fn of(frames: &[ReplayFrame]) -> Self {
        let mut ahead = Self::default();
        for entry in frames.iter().flat_map(|frame| &frame.table) {
            let place = Place { segment: entry.segment, position: entry.position };
            match entry.kind {
                Kind::Truncate => {
                    ahead.cuts.entry(entry.log).or_default().insert(entry.cuts, place);
                }
                Kind::DirectMark => {
                    let marked = ahead.marked.entry(entry.log).or_default();
                    marked.insert((entry.segment, entry.cuts));
                }
                _ => {}
            }
        }
        ahead
    }

    /// Where what stays of an entry ends: from there on other bytes have been written since.
    fn end(&self, entry: &Entry) -> Option<Place> {
        let cuts = self.cuts.get(&entry.log)?;
        cuts.range(entry.cuts + 1..).map(|(_, place)| *place).min()
    }

    /// Whether a segment that a cut has removed was written again.
    fn is_written(&self, log: LogId, base: i64, cuts: u32) -> bool {
        let marked = self.marked.get(&log);
        marked.is_some_and(|marked| marked.range((base, cuts)..=(base, u32::MAX)).next().is_some())
    }
}

/// The beginning of an append that is spread over several entries.
struct Parts {
    place: Place,
    bytes: Vec<u8>,
    damaged: bool,
}

/// An append whose first bytes are in the segment.
struct Begun {
    place: Place,
    base_offset: i64,
    /// Nothing when it is damaged.
    mark: Option<Mark>,
}

impl Begun {
    /// Whether `entry` is the last one of it.
    fn is_ended_by(&self, entry: &Entry) -> bool {
        let reach = self.mark.as_ref().map(|mark| self.place.position + mark.length);
        entry.kind == Kind::Append
            && entry.segment == self.place.segment
            && entry.base_offset == self.base_offset
            && reach.map_or(entry.position >= self.place.position, |reach| reach == entry.position)
    }
}

/// An append as the journal tells of it.
struct Whole<'a> {
    place: Place,
    end: u64,
    batches: Batches<'a>,
}

/// What is known of the batches of an append.
enum Batches<'a> {
    All(&'a [u8]),
    /// Their headers.
    Heads(&'a Mark),
    Lost,
}

impl<'a> Replay<'a> {
    pub(super) fn new(io: &'a Io, dir: &'a Path, config: &StorageConfig) -> Self {
        Self {
            io,
            dir,
            accept_loss: config.accept_journal_loss,
            runs_bytes: RUNS_BYTES.min(config.tail_window_bytes),
            at_once: config.files_in_flight,
            // The log's own setting is the broker's to know; any value gives a sound index.
            index_interval: LogConfig::default().index_interval_bytes,
            runs: BTreeMap::new(),
            run_bytes: 0,
            parts: BTreeMap::new(),
            marks: BTreeMap::new(),
            ahead: Ahead::default(),
            touched: BTreeSet::new(),
            cut: BTreeSet::new(),
        }
    }

    /// Replays one journal onto the catalogue and the segments.
    pub(super) async fn run(
        &mut self,
        journal: Journal<'_>,
        logs: &mut Logs,
        deleted: &mut BTreeSet<LogId>,
        next_id: &mut u64,
        report: &mut RecoveryReport,
    ) -> Result<(), RecoveryError> {
        let Journal { reader, checkpoint, number } = journal;
        let (floor, mark) = (checkpoint.floor, checkpoint.mark);
        let scan = reader.scan(checkpoint.journal, floor, mark, self.accept_loss).await;
        let scan = scan.map_err(|(path, source)| {
            let action =
                "reading the journal, without which acknowledged records would be missing,";
            RecoveryError::Io { action, path, source }
        })?;
        report.journal_bytes += scan.bytes;
        report.frames_torn += scan.torn;
        for lost in &scan.lost {
            let path = reader.path(lost.file).to_path_buf();
            let (first, last) = (lost.sequence, lost.last);
            let frames = (last - first).saturating_add(1);
            report.frames_corrupt = report.frames_corrupt.saturating_add(frames);
            tracing::error!(path = %path.display(), first, last, "frames are lost");
            if !self.accept_loss {
                let (sequence, mark) = (lost.sequence, lost.mark);
                return Err(RecoveryError::JournalLoss { path, sequence, mark });
            }
        }
        // Directories of logs that were deleted further on are gone, or have other logs in them.
        let entries = scan.frames.iter().flat_map(|frame| &frame.table);
        deleted.extend(entries.filter(|entry| entry.kind == Kind::Delete).map(|entry| entry.log));
        logs.retain(|id, _| !deleted.contains(id));
        self.parts.clear();
        self.marks.clear();
        self.ahead = Ahead::of(&scan.frames);
        let mut bodies = reader.bodies();
        for frame in &scan.frames {
            let path = reader.path(frame.file);
            let (body, bad) = match bodies.read(frame).await {
                Ok(body) => body,
                // What is damaged may be unreadable, too.
                Err(_) if !frame.bad.is_empty() => (Slice::empty(), frame.bad.clone()),
                Err(e) => return Err(failed("reading", path)(e)),
            };
            if bad.is_empty() {
                report.frames_valid += 1;
            } else {
                report.frames_corrupt += 1;
                tracing::error!(
                    path = %path.display(),
                    sequence = frame.header.sequence,
                    entries = bad.len(),
                    "frame is damaged below the durable mark"
                );
            }
            self.apply_frame(frame, (&body, &bad), path, logs, deleted).await?;
            for entry in frame.table.iter().filter(|entry| entry.kind == Kind::Create) {
                if entry.log.0 >> 48 == u64::from(number) {
                    *next_id = (*next_id).max((entry.log.0 & 0xffff_ffff_ffff) + 1);
                }
            }
        }
        Ok(())
    }

    async fn apply_frame(
        &mut self,
        frame: &ReplayFrame,
        (body, bad): (&[u8], &[usize]),
        path: &Path,
        logs: &mut Logs,
        deleted: &BTreeSet<LogId>,
    ) -> Result<(), RecoveryError> {
        let damaged = |why: String| RecoveryError::Damaged { path: path.into(), why };
        let mut at = frame.header.head_bytes();
        for (n, entry) in frame.table.iter().enumerate() {
            let end = at + entry.length as usize;
            let bytes = body.get(at..end).filter(|_| !bad.contains(&n));
            at = end;
            match entry.kind {
                Kind::Create => {
                    let Some((name, topic_id, partition)) = bytes.and_then(parse_create) else {
                        return Err(damaged(format!(
                            "the creation of log {:?} is lost",
                            entry.log
                        )));
                    };
                    if !deleted.contains(&entry.log) {
                        let now = self.io.wall_ms();
                        let topic = (topic_id, partition);
                        let new = || LogImage::new(entry.log, name, topic, now);
                        logs.entry(entry.log).or_insert_with(new);
                    }
                    continue;
                }
                Kind::Delete => continue,
                _ => {}
            }
            if deleted.contains(&entry.log) {
                continue;
            }
            let Some(log) = logs.get_mut(&entry.log) else {
                if self.accept_loss {
                    continue;
                }
                return Err(damaged(format!("log {:?} is in no catalogue", entry.log)));
            };
            if entry.cuts < log.cuts && entry.kind != Kind::LogStart {
                // Older than a cut that is known: what is left of it is in the segments.
                continue;
            }
            match entry.kind {
                Kind::Truncate => {
                    let Some(rest) = bytes.and_then(Rest::decode) else {
                        return Err(damaged(format!("a cut of {} is lost", log.name)));
                    };
                    self.apply_cut(log, entry, rest).await.map_err(|e| match e {
                        Trouble::Recovery(e) => e,
                        Trouble::Journal(why) => damaged(why),
                    })?;
                }
                Kind::Append | Kind::Part | Kind::Tail | Kind::DirectMark
                    if entry.cuts > log.cuts =>
                {
                    let why = format!("{}: a cut before offset {}", log.name, entry.base_offset);
                    return Err(damaged(format!("{why} is lost")));
                }
                Kind::DirectMark => {
                    let mark = bytes.and_then(|bytes| Mark::decode(bytes, entry.position));
                    let place = Place { segment: entry.segment, position: entry.position };
                    self.parts.remove(&log.id);
                    let base_offset = entry.base_offset;
                    self.marks.insert(log.id, Begun { place, base_offset, mark });
                }
                Kind::Append | Kind::Part | Kind::Tail => {
                    let found;
                    let bytes = match bytes {
                        Some(bytes) => Some(bytes),
                        None => {
                            found = self.read_segment(log, entry).await;
                            found.as_deref()
                        }
                    };
                    self.apply_bytes(log, entry, bytes).await.map_err(|e| match e {
                        Trouble::Recovery(e) => e,
                        Trouble::Journal(why) => damaged(why),
                    })?;
                }
                Kind::LogStart if mutants::is(Mutant::LoseLogStart) => {}
                Kind::LogStart => log.log_start = log.log_start.max(entry.base_offset),
                other => return Err(damaged(format!("{other:?} is not known to this version"))),
            }
        }
        Ok(())
    }

    /// Cuts a log, unless that is known.
    async fn apply_cut(
        &mut self,
        log: &mut LogImage,
        entry: &Entry,
        mut rest: Rest,
    ) -> Result<(), Trouble> {
        if entry.cuts == log.cuts {
            return Ok(());
        }
        if entry.cuts > log.cuts + 1 {
            // What lies below this one may have been cut off by that one.
            let why = format!("{}: a cut before that at {} is lost", log.name, entry.base_offset);
            return Err(Trouble::Journal(why));
        }
        let place = Place { segment: entry.segment, position: entry.position };
        self.parts.remove(&log.id);
        self.marks.remove(&log.id);
        if let Some(run) = self.runs.remove(&log.id) {
            self.flush(log, run).await?;
        }
        if place.segment > log.active().base {
            log.roll(place.segment, self.io.wall_ms());
        }
        if place.segment == log.active().base && place.position > log.active().size {
            self.pass_gap(log, place, entry.base_offset)?;
            self.ensure_length(log).await?;
            // It is that of bytes that are not there.
            rest.sum = 0;
        }
        if log.segment(place.segment).is_none_or(|segment| segment.size < place.position) {
            let why = format!("{}: a cut at {place:?}, where it has not been", log.name);
            return Err(Trouble::Journal(why));
        }
        let dir = self.dir.join(&log.name);
        let cut = Cut { place, end: entry.base_offset, number: entry.cuts, rest };
        let mut removed = log.cut(&cut);
        removed.retain(|base| !self.ahead.is_written(log.id, *base, entry.cuts));
        for base in &removed {
            self.touched.remove(&dir.join(SegmentFile::Log.name(*base)));
        }
        log.removed.extend(super::maintain::remove_segments(self.io, &dir, &removed).await);
        self.cut.insert(dir);
        Ok(())
    }

    /// The bytes of a damaged entry, if the segment has them.
    async fn read_segment(&self, log: &LogImage, entry: &Entry) -> Option<Buf> {
        let place = Place { segment: entry.segment, position: entry.position };
        let bytes = self.read(log, place, u64::from(entry.length)).await?;
        (crc32c::checksum(&bytes) == entry.crc).then_some(bytes)
    }

    /// Bytes of a segment, if it has them.
    async fn read(&self, log: &LogImage, place: Place, length: u64) -> Option<Buf> {
        let name = super::segment::Segment::new(place.segment, 0).file_name();
        let path = self.dir.join(&log.name).join(name);
        let end = place.position.checked_add(length)?;
        // What is damaged may say any length.
        self.io.stat(&path).await.ok()?.filter(|stat| stat.len >= end)?;
        let length = usize::try_from(length).ok()?;
        let file = self.io.open(path, OpenOptions::default()).await.ok()?;
        let bytes = file.read_at(place.position, Buf::heap(length), length).await.ok()?;
        (bytes.len() == length).then_some(bytes)
    }

    async fn apply_bytes(
        &mut self,
        log: &mut LogImage,
        entry: &Entry,
        bytes: Option<&[u8]>,
    ) -> Result<(), Trouble> {
        let place = Place { segment: entry.segment, position: entry.position };
        if entry.kind == Kind::Tail {
            return match bytes {
                Some(bytes) => self.write(log, entry, place, bytes).await,
                // It was written before and is durable in the segment.
                None => Ok(()),
            };
        }
        let begun = self.marks.remove(&log.id);
        if let Some(begun) = begun.filter(|begun| begun.is_ended_by(entry)) {
            return self.apply_marked(log, entry, begun, bytes).await;
        }
        let parts = self.parts.remove(&log.id);
        let follows = |parts: &Parts| {
            let end = parts.place.position + parts.bytes.len() as u64;
            parts.place.segment == place.segment && end == place.position
        };
        let mut whole = match parts.filter(follows) {
            Some(parts) => parts,
            None => Parts { place, bytes: Vec::new(), damaged: false },
        };
        match bytes {
            Some(bytes) => whole.bytes.extend_from_slice(bytes),
            None => {
                whole.damaged = true;
                whole.bytes.resize(whole.bytes.len() + entry.length as usize, 0);
            }
        }
        if entry.kind == Kind::Part {
            self.parts.insert(log.id, whole);
            return Ok(());
        }
        let batches = match whole.damaged {
            true => Batches::Lost,
            false => Batches::All(&whole.bytes),
        };
        let end = whole.place.position + whole.bytes.len() as u64;
        self.take_note(log, entry, &Whole { place: whole.place, end, batches }).await?;
        if whole.damaged {
            // Not written: the segment may have better ones.
            if let Some(segment) = log.segment_mut(whole.place.segment) {
                segment.chunks.skip_to(end);
            }
            return Ok(());
        }
        log.cover(whole.place, &whole.bytes);
        self.write(log, entry, whole.place, &whole.bytes).await
    }

    /// Applies the last entry of an append of which the segment has the bytes up to the entry's. `rest`
    /// are those of the entry.
    async fn apply_marked(
        &mut self,
        log: &mut LogImage,
        entry: &Entry,
        begun: Begun,
        rest: Option<&[u8]>,
    ) -> Result<(), Trouble> {
        let Begun { place: start, mark, .. } = begun;
        let here = Place { segment: entry.segment, position: entry.position };
        let length = here.position - start.position;
        let end = here.position + u64::from(entry.length);
        let whole = |batches| Whole { place: start, end, batches };
        if let (Some(mark), Some(rest)) = (&mark, rest) {
            self.take_note(log, entry, &whole(Batches::Heads(mark))).await?;
            while let Some((at, length, sum)) = log.cover_marked(start, mark) {
                let place = Place { position: at, ..start };
                match self.read(log, place, length).await {
                    Some(bytes) => {
                        log.cover(place, &bytes);
                        let changed = crc32c::checksum(&bytes) != sum;
                        // Readers are to find it, and would not if it was covered as it is.
                        if let Some(segment) = log.segment_mut(start.segment).filter(|_| changed) {
                            segment.chunks.spoil();
                            tracing::error!(log = log.name, ?place, length, "bytes have changed");
                        }
                    }
                    None => self.skip(log, start.segment, at + length),
                }
            }
            log.cover(here, rest);
            return self.write(log, entry, here, rest).await;
        }
        // The segment tells what the journal does not.
        let found = match rest {
            Some(rest) => self.read(log, start, length).await.map(|first| [&first, rest].concat()),
            None => None,
        };
        match found.filter(|bytes| are_batches(bytes, entry)) {
            Some(bytes) => {
                self.take_note(log, entry, &whole(Batches::All(&bytes))).await?;
                log.cover(start, &bytes);
            }
            None => {
                self.take_note(log, entry, &whole(Batches::Lost)).await?;
                self.skip(log, start.segment, end);
            }
        }
        match rest {
            Some(rest) => self.write(log, entry, here, rest).await,
            None => Ok(()),
        }
    }

    fn skip(&self, log: &mut LogImage, segment: i64, position: u64) {
        if let Some(segment) = log.segment_mut(segment) {
            segment.chunks.skip_to(position);
        }
    }

    /// Takes note of an append; where its bytes are lost the segment is as long as if they were there.
    async fn take_note(
        &mut self,
        log: &mut LogImage,
        entry: &Entry,
        whole: &Whole<'_>,
    ) -> Result<(), Trouble> {
        let known = log.faulty.len();
        self.extend(log, entry, whole)?;
        if log.faulty.len() > known {
            self.ensure_length(log).await?;
        }
        Ok(())
    }

    /// Takes note of an append, unless it was known before.
    fn extend(
        &mut self,
        log: &mut LogImage,
        entry: &Entry,
        whole: &Whole<'_>,
    ) -> Result<(), Trouble> {
        let (start, end) = (whole.place, whole.end);
        if start.segment > log.active().base {
            log.roll(start.segment, self.io.wall_ms());
        }
        let Some(segment) = log.segment(start.segment) else {
            // Retention has removed it.
            return Ok(());
        };
        let size = segment.size;
        if end <= size {
            return Ok(());
        }
        if start.segment != log.active().base || start.position < size {
            let why = format!("{}: bytes {start:?} to {end} do not fit a size of {size}", log.name);
            return Err(Trouble::Journal(why));
        }
        let lost = match whole.batches {
            Batches::Lost => true,
            // The end of an append whose beginning is lost.
            Batches::All(bytes) => self.accept_loss && !begins(bytes, entry.base_offset),
            Batches::Heads(_) => false,
        };
        if lost && (start.position == size || self.accept_loss) {
            mark_faulty(log, Place { position: size, ..start }, end, entry.last_offset);
            return Ok(());
        }
        if start.position > size {
            self.pass_gap(log, start, entry.base_offset)?;
        }
        match whole.batches {
            // Only behind a gap, which is told.
            Batches::Lost => {}
            Batches::All(bytes) => {
                for batch in BatchIter::new(bytes) {
                    let batch =
                        batch.map_err(|e| Trouble::Journal(format!("{}: {e}", log.name)))?;
                    log.take_batch(&batch, batch.size() as u64, self.index_interval);
                }
            }
            Batches::Heads(mark) => {
                for batch in mark.batches() {
                    let head = batch.as_ref().and_then(|(head, size)| Some((head.view()?, *size)));
                    let Some((head, size)) = head else {
                        let why = format!("{}: a batch that is none at {start:?}", log.name);
                        return Err(Trouble::Journal(why));
                    };
                    log.take_batch(&head, size, self.index_interval);
                }
            }
        }
        if log.active().size != end {
            let why = format!("{}: {} bytes, not {end}", log.name, log.active().size);
            return Err(Trouble::Journal(why));
        }
        if log.next_offset != entry.last_offset + 1 {
            let why =
                format!("{}: ends at {}, not {}", log.name, log.next_offset, entry.last_offset);
            return Err(Trouble::Journal(why));
        }
        Ok(())
    }

    /// Goes on at `place` in the active segment, where offset `next` comes, although bytes in front of
    /// it are missing: only if that is accepted.
    fn pass_gap(&self, log: &mut LogImage, place: Place, next: i64) -> Result<(), Trouble> {
        let size = log.active().size;
        if !self.accept_loss {
            let why = format!("{}: bytes {size} to {} are missing", log.name, place.position);
            return Err(Trouble::Journal(why));
        }
        mark_faulty(log, Place { position: size, ..place }, place.position, next - 1);
        Ok(())
    }

    /// Gathers bytes of an entry for a segment.
    async fn write(
        &mut self,
        log: &LogImage,
        entry: &Entry,
        place: Place,
        bytes: &[u8],
    ) -> Result<(), Trouble> {
        let stays = match self.ahead.end(entry) {
            Some(end) if end <= place => 0,
            Some(end) if end.segment == place.segment => end.position - place.position,
            _ => u64::MAX,
        };
        let stays = usize::try_from(stays).unwrap_or(usize::MAX);
        let bytes = &bytes[..bytes.len().min(stays)];
        if bytes.is_empty() {
            return Ok(());
        }
        let end = Place { position: place.position + bytes.len() as u64, ..place };
        if end <= log.durable || log.segment(place.segment).is_none() {
            return Ok(());
        }
        if mutants::is(Mutant::SkipReplayedBytes) {
            return Ok(());
        }
        let follows = self.runs.get(&log.id).is_some_and(|run| {
            run.place.segment == place.segment
                && run.place.position + run.bytes.len() as u64 == place.position
        });
        if !follows && let Some(run) = self.runs.remove(&log.id) {
            self.flush(log, run).await?;
        }
        let run = self.runs.entry(log.id).or_insert(Run { place, bytes: Vec::new() });
        run.bytes.extend_from_slice(bytes);
        self.run_bytes += bytes.len();
        if (run.bytes.len() >= RUN_BYTES || self.run_bytes >= self.runs_bytes)
            && let Some(run) = self.runs.remove(&log.id)
        {
            self.flush(log, run).await?;
        }
        Ok(())
    }

    async fn flush(&mut self, log: &LogImage, run: Run) -> Result<(), Trouble> {
        self.run_bytes -= run.bytes.len();
        let name = super::segment::Segment::new(run.place.segment, 0).file_name();
        let path = self.dir.join(&log.name).join(name);
        let options = OpenOptions { write: true, create: true, ..Default::default() };
        let written = async {
            let file = self.io.open(&path, options).await?;
            let bytes = Slice::copy_from(&run.bytes);
            file.write_at(run.place.position, bytes, Durability::Cached).await
        };
        written.await.map_err(|e| Trouble::Recovery(failed("writing", &path)(e)))?;
        self.touched.insert(path);
        Ok(())
    }

    /// Makes the active segment's file as long as the log says, where bytes of it are lost.
    async fn ensure_length(&mut self, log: &LogImage) -> Result<(), Trouble> {
        let path = self.dir.join(&log.name).join(log.active().file_name());
        let options = OpenOptions { write: true, create: true, ..Default::default() };
        let ensured = async {
            let file = self.io.open(&path, options).await?;
            file.allocate(log.active().size).await
        };
        ensured.await.map_err(|e| Trouble::Recovery(failed("extending", &path)(e)))?;
        self.touched.insert(path);
        Ok(())
    }

    /// Writes what is still gathered and makes all of it durable.
    pub(super) async fn finish(mut self, logs: &mut Logs) -> Result<(), RecoveryError> {
        for (id, run) in std::mem::take(&mut self.runs) {
            let Some(log) = logs.get(&id) else { continue };
            self.flush(log, run).await.map_err(|e| match e {
                Trouble::Recovery(e) => e,
                Trouble::Journal(why) => RecoveryError::Damaged { path: self.dir.into(), why },
            })?;
        }
        let io = self.io;
        let mut dirs = self.cut;
        if !mutants::is(Mutant::SkipRecoverySync) {
            let options = OpenOptions { write: true, ..Default::default() };
            side_by_side(self.at_once, &self.touched, |path| async move {
                let synced = async { io.open(path, options).await?.sync().await };
                synced.await.map_err(failed("syncing", path))
            })
            .await?;
            dirs.extend(
                self.touched.iter().filter_map(|path| path.parent()).map(Path::to_path_buf),
            );
        }
        side_by_side(self.at_once, &dirs, |dir| async move {
            io.sync_dir(dir).await.map_err(failed("syncing", dir))
        })
        .await?;
        for log in logs.values_mut() {
            log.durable = log.end();
        }
        Ok(())
    }
}

/// Why an entry cannot be applied.
enum Trouble {
    Recovery(RecoveryError),
    /// The journal says what cannot be.
    Journal(String),
}

/// Whether `bytes` begin with the batch that begins at `offset`.
fn begins(bytes: &[u8], offset: i64) -> bool {
    let first = BatchIter::new(bytes).next();
    first.is_some_and(|batch| batch.is_ok_and(|batch| batch.base_offset() == offset))
}

/// Whether `bytes` are the whole batches of an append.
fn are_batches(bytes: &[u8], entry: &Entry) -> bool {
    let mut next = entry.base_offset;
    for batch in BatchIter::new(bytes) {
        let Ok(batch) = batch else { return false };
        if batch.base_offset() != next || batch.crc() != batch.computed_crc() {
            return false;
        }
        next = batch.next_offset();
    }
    next == entry.last_offset + 1
}

/// Takes note of bytes that are gone, from `start` up to position `end`, with the offsets up to
/// `last`.
fn mark_faulty(log: &mut LogImage, start: Place, end: u64, last: i64) {
    let first = log.next_offset;
    let length = end - start.position;
    log.faulty.push(FaultyBytes { place: start, length, first, last });
    log.active_mut().size = end;
    log.next_offset = last + 1;
}
