//! Which file is what, and what belongs together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::indexes::{self, Log};
use super::segment::Seen;
use super::sink::{Value, Visit};
use super::source::Source;
use super::{checkpoints, journal, segment};
use crate::segment::names::{self, SegmentFile};

/// Ends the names of a journal's files.
const JOURNAL_SUFFIX: &str = ".journal";
/// Checkpoint of a whole log directory.
const STORAGE_CHECKPOINT: &str = "ringlog.checkpoint";
/// Checkpoint of a journal, in its directory.
const JOURNAL_CHECKPOINT: &str = "checkpoint";

/// Looks at a directory: its files first, then the directories inside of it, each in order of names.
pub(super) fn visit(dir: &Path, visit: &mut Visit<'_>) -> io::Result<()> {
    let mut files = Vec::new();
    let mut dirs = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        // What vanishes while we look is no fault: another process may be at work.
        let Ok(metadata) = path.symlink_metadata() else { continue };
        if metadata.is_dir() {
            dirs.push(path);
        } else if metadata.is_file() {
            files.push(path);
        }
    }
    files.sort();
    dirs.sort();
    visit_files(&files, visit)?;
    for dir in dirs {
        self::visit(&dir, visit)?;
    }
    Ok(())
}

/// Looks at one file. An index is compared with its log if that is beside it.
pub(super) fn visit_file(path: &Path, visit: &mut Visit<'_>) -> io::Result<()> {
    if let Some((kind, base_offset)) = segment_file(path)
        && kind != SegmentFile::Log
        && kind != SegmentFile::Snapshot
    {
        let log = path.with_file_name(SegmentFile::Log.name(base_offset));
        let mut log = Source::open(&log).ok();
        let seen = log.as_mut().map(quiet_scan).transpose()?;
        return read(path, log.as_mut().zip(seen), visit);
    }
    if read(path, None, visit).is_err() || !is_known(path) {
        let what = "its name is not that of any file Ringlog or Kafka writes";
        let error = if is_known(path) { path.metadata().err() } else { None };
        return Err(error.unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, what)));
    }
    Ok(())
}

fn visit_files(files: &[PathBuf], visit: &mut Visit<'_>) -> io::Result<()> {
    // Logs first, so that what belongs to them can be compared; at most one is open at a time.
    let mut segments: BTreeMap<i64, Vec<&PathBuf>> = BTreeMap::new();
    for path in files {
        match segment_file(path) {
            Some((_, base_offset)) => segments.entry(base_offset).or_default().push(path),
            None => guarded(path, None, visit)?,
        }
    }
    let mut expected: Option<i64> = None;
    for (base_offset, paths) in segments {
        let log = paths.iter().find(|path| is_kind(path, SegmentFile::Log));
        let mut open = None;
        if let Some(path) = log {
            let name = path.as_path();
            match Source::open(name) {
                Ok(mut source) => {
                    let seen = segment::visit(&mut source, Some(base_offset), visit)?;
                    if expected.is_some_and(|expected| base_offset < expected) {
                        let what = "it begins before the segment in front of it ends";
                        visit.fault(name, None, what)?;
                    }
                    expected = seen.next_offset.or(expected);
                    open = Some((source, seen));
                }
                Err(error) => visit.fault(name, None, format!("it cannot be opened: {error}"))?,
            }
        }
        for path in paths.iter().filter(|path| !is_kind(path, SegmentFile::Log)) {
            guarded(path, open.as_mut().map(|(source, seen)| (source, *seen)), visit)?;
        }
    }
    Ok(())
}

/// As [`read`], with what cannot be read as a fault.
fn guarded(path: &Path, log: Log<'_>, visit: &mut Visit<'_>) -> io::Result<()> {
    if let Err(error) = path.metadata().map(drop).and_then(|()| Source::open(path).map(drop)) {
        return visit.fault(path, None, format!("it cannot be opened: {error}"));
    }
    read(path, log, visit)
}

fn read(path: &Path, log: Log<'_>, visit: &mut Visit<'_>) -> io::Result<()> {
    let mut source = Source::open(path)?;
    let source = &mut source;
    if let Some((kind, base_offset)) = segment_file(path) {
        return match kind {
            SegmentFile::Log => segment::visit(source, Some(base_offset), visit).map(drop),
            SegmentFile::OffsetIndex => indexes::offsets(source, base_offset, log, visit),
            SegmentFile::TimeIndex => indexes::times(source, base_offset, log, visit),
            SegmentFile::TxnIndex => indexes::transactions(source, visit),
            SegmentFile::Chunks => indexes::chunks(source, base_offset, log, visit),
            SegmentFile::Snapshot => checkpoints::producers(source, visit),
        };
    }
    match name_of(path) {
        names::RECOVERY_POINT_CHECKPOINT
        | names::LOG_START_CHECKPOINT
        | names::HIGH_WATERMARK_CHECKPOINT
        | names::CLEANER_CHECKPOINT => checkpoints::offsets(source, visit),
        names::LEADER_EPOCH_CHECKPOINT => checkpoints::epochs(source, visit),
        names::PARTITION_METADATA => checkpoints::partition_metadata(source, visit),
        names::META_PROPERTIES => checkpoints::meta_properties(source, visit),
        names::CLEAN_SHUTDOWN => {
            visit.begin(path, "clean shutdown mark", &[], source.len())?;
            visit.end(&[("clean", Value::Flag(true))])
        }
        STORAGE_CHECKPOINT | JOURNAL_CHECKPOINT => checkpoints::storage(source, visit),
        name if name.ends_with(JOURNAL_SUFFIX) => {
            let live = path.parent().and_then(journal::live);
            journal::visit(source, live, visit)
        }
        // A log under a name of its own, as a copy may have.
        name if name.ends_with(SegmentFile::Log.suffix()) => {
            segment::visit(source, None, visit).map(drop)
        }
        _ => Ok(()),
    }
}

fn is_known(path: &Path) -> bool {
    const NAMES: [&str; 10] = [
        names::RECOVERY_POINT_CHECKPOINT,
        names::LOG_START_CHECKPOINT,
        names::HIGH_WATERMARK_CHECKPOINT,
        names::CLEANER_CHECKPOINT,
        names::LEADER_EPOCH_CHECKPOINT,
        names::PARTITION_METADATA,
        names::META_PROPERTIES,
        names::CLEAN_SHUTDOWN,
        STORAGE_CHECKPOINT,
        JOURNAL_CHECKPOINT,
    ];
    let name = name_of(path);
    let suffixes = [JOURNAL_SUFFIX, SegmentFile::Log.suffix()];
    segment_file(path).is_some()
        || NAMES.contains(&name)
        || suffixes.iter().any(|suffix| name.ends_with(suffix))
}

/// What a log holds, without showing it.
fn quiet_scan(source: &mut Source) -> io::Result<Seen> {
    struct Silent;
    impl super::Sink for Silent {
        fn begin(
            &mut self,
            _: &Path,
            _: &'static str,
            _: &'static [&'static str],
        ) -> io::Result<()> {
            Ok(())
        }
        fn row(&mut self, _: &[Value<'_>]) -> io::Result<()> {
            Ok(())
        }
        fn fault(&mut self, _: &super::Fault<'_>) -> io::Result<()> {
            Ok(())
        }
        fn end(&mut self, _: &[(&'static str, Value<'_>)]) -> io::Result<()> {
            Ok(())
        }
    }
    let mut silent = Silent;
    let options = super::Options { rows_max: 0, ..super::Options::default() };
    segment::visit(source, None, &mut Visit::new(options, &mut silent))
}

fn segment_file(path: &Path) -> Option<(SegmentFile, i64)> {
    SegmentFile::parse(name_of(path))
}

fn is_kind(path: &Path, kind: SegmentFile) -> bool {
    segment_file(path).is_some_and(|(each, _)| each == kind)
}

fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}
