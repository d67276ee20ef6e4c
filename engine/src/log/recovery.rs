//! Opening a log directory after a stop, clean or not.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::checkpoint::Checkpoint;
use super::files::{ensure_dir, read_file, replace_file, side_by_side};
use super::image::LogImage;
use super::replay::Replay;
use super::{LogId, RecoveryError, StorageConfig, deleted};
use crate::arena::{BLOCK_BYTES, Buf};
use crate::io::{Io, OpenOptions};
use crate::journal::Reader;
use crate::journal::file::{journal_dir, journal_number};
use crate::mutants::{self, Mutant};
use crate::segment::names::{CLEAN_SHUTDOWN, DELETED_DIR_SUFFIX};

/// Offsets of a log whose bytes are known to be damaged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FaultyRange {
    /// First offset.
    pub first: i64,
    /// Last offset.
    pub last: i64,
}

/// One log of a directory, as [`super::Storage::start`] takes it. Plain data: may be sent to the
/// shard that will own it.
#[derive(Clone, Debug)]
pub struct RecoveredLog {
    pub(super) image: LogImage,
    /// Bytes of the last, partial block of the last segment.
    pub(super) partial: Vec<u8>,
}

impl RecoveredLog {
    /// Its name on disk.
    pub fn id(&self) -> LogId {
        self.image.id
    }

    /// Its directory name, such as `orders-0`.
    pub fn dir_name(&self) -> &str {
        &self.image.name
    }

    /// Topic id.
    pub fn topic_id(&self) -> [u8; 16] {
        self.image.topic_id
    }

    /// Partition number.
    pub fn partition(&self) -> i32 {
        self.image.partition
    }

    /// First offset.
    pub fn log_start_offset(&self) -> i64 {
        self.image.log_start
    }

    /// Offset of the next record.
    pub fn log_end_offset(&self) -> i64 {
        self.image.next_offset
    }

    /// Offsets that are lost or damaged; reading goes on around them.
    pub fn faulty(&self) -> Vec<FaultyRange> {
        let faulty = self.image.faulty.iter();
        faulty.map(|bytes| FaultyRange { first: bytes.first, last: bytes.last }).collect()
    }
}

/// What recovery did.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct RecoveryReport {
    /// Every shard was shut down in order, so no journal was read.
    pub clean: bool,
    /// Bytes of journal read.
    pub journal_bytes: u64,
    /// Frames replayed.
    pub frames_valid: u64,
    /// Frames dropped behind the first one that is missing or torn: none was acknowledged.
    pub frames_torn: u64,
    /// Frames that were durable and are damaged.
    pub frames_corrupt: u64,
    /// Directories that are in no catalogue; they are left alone.
    pub strays: Vec<String>,
    /// Time it took in milliseconds.
    pub millis: u64,
}

/// A log directory, recovered: everything that was acknowledged is in segments.
#[derive(Debug)]
pub struct Recovered {
    /// Random id of this directory, the same for as long as its contents are.
    pub incarnation: [u8; 16],
    /// Its logs, by id.
    pub logs: Vec<RecoveredLog>,
    /// What was found.
    pub report: RecoveryReport,
}

/// Opens a log directory, creating it when it is missing: replays the journals of all shards of
/// the former process to the segments, whatever number of shards there was. A crash in here is just
/// another crash.
///
/// # Errors
/// [`RecoveryError`]; nothing that was acknowledged has been cut off.
pub async fn recover(
    io: &Io,
    dir: &Path,
    config: &StorageConfig,
) -> Result<Recovered, RecoveryError> {
    let started = io.now();
    ensure_dir(io, dir).await.map_err(failed("creating", dir))?;
    // Also when it is there: its creator may have died before this.
    let parent = dir.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."));
    io.sync_dir(parent).await.map_err(failed("syncing", parent))?;
    let names = io.list_dir(dir).await.map_err(failed("listing", dir))?;
    remove_clean_mark(io, dir, &names).await?;
    let mut report = RecoveryReport { clean: true, ..Default::default() };
    let mut base = open_base(io, dir, &names).await?;
    let mut replay = Replay::new(io, dir, config);
    let mut logs: BTreeMap<LogId, LogImage> =
        std::mem::take(&mut base.logs).into_iter().map(|log| (log.id, log)).collect();
    let journals = open_journals(io, dir, &names, &base).await?;
    for checkpoint in journals.values() {
        for id in &checkpoint.deleted {
            logs.remove(id);
        }
        base.counters.extend(&checkpoint.counters);
    }
    // Logs whose deletion had come as far as the renaming: nothing is replayed into a directory that
    // is gone, or another log's by now.
    let directory = base.directory;
    let mut deleted: BTreeSet<LogId> =
        names.iter().filter_map(|name| deleted::log_of(name, directory)).collect();
    for (number, mut checkpoint) in journals {
        let own = std::mem::take(&mut checkpoint.logs);
        logs.extend(own.into_iter().map(|log| (log.id, log)));
        deleted.extend(&checkpoint.deleted);
        logs.retain(|id, _| !deleted.contains(id));
        if checkpoint.clean {
            continue;
        }
        report.clean = false;
        let path = journal_dir(dir, number);
        let reader = Reader::open(io, &path).await;
        let reader = reader.map_err(|(path, source)| RecoveryError::Io {
            action: "opening",
            path,
            source,
        })?;
        let next_id = base.counters.entry(number).or_insert(1);
        let context = super::replay::Journal { reader: &reader, checkpoint: &checkpoint, number };
        replay.run(context, &mut logs, &mut deleted, next_id, &mut report).await?;
    }
    replay.finish(&mut logs).await?;
    for log in logs.values_mut() {
        let old = super::maintain::old_segments(log, log.log_start);
        let mut bases = std::mem::take(&mut log.removed);
        bases.extend(log.segments.drain(..old).map(|segment| segment.base));
        let path = dir.join(&log.name);
        log.removed = super::maintain::remove_segments(io, &path, &bases).await;
        if log.cuts > 0 && !bases.is_empty() {
            // What was cut off must not come back as the newest segments.
            io.sync_dir(&path).await.map_err(failed("syncing", &path))?;
        }
    }
    settle_directories(io, dir, &names, &logs, &mut report).await?;
    base.generation += 1;
    base.logs = logs.into_values().collect();
    let path = Checkpoint::base_path(dir);
    replace_file(io, &path, &base.encode()).await.map_err(failed("writing", &path))?;
    // Only now does nobody ask any more what became of them.
    for name in names.iter().filter(|name| name.ends_with(DELETED_DIR_SUFFIX)) {
        deleted::remove_tree(io, &dir.join(name)).await;
    }
    let partials =
        side_by_side(config.files_in_flight, &base.logs, |image| read_partial(io, dir, image))
            .await?;
    let mut recovered = Vec::with_capacity(base.logs.len());
    for (mut image, partial) in base.logs.into_iter().zip(partials) {
        if mutants::is(Mutant::ForgetDedupWindow) {
            image.producers = crate::producers::Producers::new(super::image::PRODUCERS_MAX);
        }
        recovered.push(RecoveredLog { image, partial });
    }
    report.millis = (io.now() - started) / 1_000_000;
    Ok(Recovered { incarnation: base.directory, logs: recovered, report })
}

/// Takes Kafka's mark of a clean stop away: from now on it would not be true.
async fn remove_clean_mark(io: &Io, dir: &Path, names: &[String]) -> Result<(), RecoveryError> {
    if names.iter().any(|name| name == CLEAN_SHUTDOWN) {
        let path = dir.join(CLEAN_SHUTDOWN);
        io.remove_file(&path).await.map_err(failed("removing", &path))?;
        io.sync_dir(dir).await.map_err(failed("syncing", dir))?;
    }
    Ok(())
}

async fn open_base(io: &Io, dir: &Path, names: &[String]) -> Result<Checkpoint, RecoveryError> {
    let path = Checkpoint::base_path(dir);
    match read_file(io, &path).await.map_err(failed("reading", &path))? {
        Some(bytes) => {
            Checkpoint::decode(&bytes).map_err(|why| RecoveryError::Damaged { path, why })
        }
        None if names.iter().any(|name| journal_number(name).is_some()) => {
            let why = "it is missing, and journals are there".into();
            Err(RecoveryError::Damaged { path, why })
        }
        None => Ok(Checkpoint { directory: io.random_uuid(), ..Checkpoint::default() }),
    }
}

/// The journals that hold something which the directory's checkpoint does not, by number.
async fn open_journals(
    io: &Io,
    dir: &Path,
    names: &[String],
    base: &Checkpoint,
) -> Result<BTreeMap<u16, Checkpoint>, RecoveryError> {
    let mut journals = BTreeMap::new();
    for number in names.iter().filter_map(|name| journal_number(name)) {
        let path = Checkpoint::journal_path(dir, number);
        let bytes = read_file(io, &path).await.map_err(failed("reading", &path))?;
        // A journal without a checkpoint was being created: it has no frame.
        let Some(bytes) = bytes else { continue };
        let checkpoint = Checkpoint::decode(&bytes);
        let damaged = |why| RecoveryError::Damaged { path: path.clone(), why };
        let checkpoint = checkpoint.map_err(damaged)?;
        if checkpoint.directory != base.directory {
            return Err(damaged("it belongs to another log directory".into()));
        }
        if checkpoint.generation == base.generation {
            journals.insert(number, checkpoint);
        } else if checkpoint.generation > base.generation {
            return Err(damaged("it is newer than the directory's checkpoint".into()));
        }
    }
    Ok(journals)
}

/// Compares the catalogue with the directories there are.
async fn settle_directories(
    io: &Io,
    dir: &Path,
    names: &[String],
    logs: &BTreeMap<LogId, LogImage>,
    report: &mut RecoveryReport,
) -> Result<(), RecoveryError> {
    let known: BTreeSet<String> = logs.values().map(|log| log.name.clone()).collect();
    if let Some(log) = logs.values().find(|log| !names.contains(&log.name)) {
        return Err(RecoveryError::MissingLog { path: dir.join(&log.name) });
    }
    for name in names {
        let path = dir.join(name);
        let ours = known.contains(name) || name.ends_with(DELETED_DIR_SUFFIX);
        if !ours && journal_number(name).is_none() {
            let stat = io.stat(&path).await.map_err(failed("looking at", &path))?;
            if stat.is_some_and(|stat| stat.is_dir) {
                tracing::warn!(path = %path.display(), "directory is in no catalogue: left alone");
                report.strays.push(name.clone());
            }
        }
    }
    Ok(())
}

/// Reads the bytes of the last, partial block of a log.
async fn read_partial(io: &Io, dir: &Path, image: &LogImage) -> Result<Vec<u8>, RecoveryError> {
    let end = image.end();
    let length = (end.position % BLOCK_BYTES as u64) as usize;
    if length == 0 {
        return Ok(Vec::new());
    }
    let path: PathBuf = dir.join(&image.name).join(image.active().file_name());
    let file = io.open(&path, OpenOptions::default()).await.map_err(failed("opening", &path))?;
    let at = end.position - length as u64;
    let bytes = file.read_at(at, Buf::heap(length), length).await;
    let bytes = bytes.map_err(failed("reading", &path))?;
    if bytes.len() < length {
        let why = format!("it has {} bytes, {} are known", at + bytes.len() as u64, end.position);
        return Err(RecoveryError::Damaged { path, why });
    }
    Ok(bytes.to_vec())
}

pub(super) fn failed(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> RecoveryError + use<> {
    let path = path.to_path_buf();
    move |source| match super::destage::is_full(&source) {
        true => RecoveryError::NoSpace { action, path, source },
        false => RecoveryError::Io { action, path, source },
    }
}
