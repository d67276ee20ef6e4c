//! Log directories that a disk has damaged, opened and read by the storage itself, in a simulated world.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ringlog_engine::batch::{BatchBuilder, BatchIter, NewRecord};
use ringlog_engine::log::{
    AppendOptions, LogConfig, PartitionLog, ReadError, Storage, StorageConfig, recover,
};
use ringlog_engine::sim::{Disk, SimConfig, World};

const DIR: &str = "/data";
const RECORDS: u64 = 150;

/// How a directory was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Left {
    /// Stopped in order: all is in the segments.
    InOrder,
    /// Killed: the end of each log is in the journal alone.
    Killed,
}

/// Changes the files of a directory as `data` says, opens it and reads every log to its end. The
/// storage may refuse the directory, and may refuse records; what it gives has to be whole.
pub fn open_damaged(left: Left, names: &[&str], data: &[u8]) {
    static IN_ORDER: OnceLock<Image> = OnceLock::new();
    static KILLED: OnceLock<Image> = OnceLock::new();
    let image = match left {
        Left::InOrder => &IN_ORDER,
        Left::Killed => &KILLED,
    };
    let files = image.get_or_init(|| Image::of(left));
    let mut world = empty_world();
    world.kill(0);
    for (path, bytes) in &files.0 {
        put(&world, path, bytes);
    }
    damage(&world, &files.0, names, data);
    world.restart(0);
    world.block_on(0, |io| async move {
        let config = StorageConfig { accept_journal_loss: true, ..StorageConfig::tiny() };
        let Ok(recovered) = recover(&io, Path::new(DIR), &config).await else { return };
        let started = Storage::start(io, DIR.into(), 0, config, recovered.logs).await;
        let Ok(storage) = started else { return };
        for log in storage.logs() {
            read(&log).await;
        }
        // A log that was refused in part still ends in order, or says why not.
        let _ = storage.shutdown().await;
    });
}

/// Paths and contents.
struct Image(Vec<(PathBuf, Vec<u8>)>);

fn empty_world() -> World {
    let mut config = SimConfig::calm();
    config.arena_bytes = 2 << 20;
    World::new(1, config)
}

fn put(world: &World, path: &Path, bytes: &[u8]) {
    world.disk(0, |disk: &mut Disk| {
        let parent = path.parent().unwrap_or(Path::new("/"));
        disk.make_dirs(parent).unwrap_or_else(|e| panic!("{parent:?}: {e}"));
        disk.put(path, bytes).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    });
}

impl Image {
    fn of(left: Left) -> Self {
        let mut world = empty_world();
        world.block_on(0, move |io| async move {
            let config = StorageConfig::tiny();
            let recovered = recover(&io, Path::new(DIR), &config).await.expect("recovered");
            let started = Storage::start(io, DIR.into(), 0, config, recovered.logs).await;
            let storage = started.expect("started");
            let config = LogConfig {
                segment_bytes: 48 << 10,
                index_interval_bytes: 512,
                ..LogConfig::default()
            };
            for name in ["a-0", "b-1"] {
                let id = [name.as_bytes()[0]; 16];
                let log = storage.create_log(name, id, 0, config.clone()).await.expect("a log");
                for n in 0..RECORDS {
                    append(&log, n).await;
                }
                log.delete_records(3).await.expect("trimmed");
            }
            if left == Left::InOrder {
                storage.shutdown().await.expect("stopped");
            }
        });
        world.kill(0);
        let paths = world.disk(0, |disk| disk.paths());
        let contents = |path: String| {
            let bytes = world.disk(0, |disk| disk.contents(&path).unwrap_or_default());
            (PathBuf::from(path), bytes)
        };
        let all = paths.into_iter().map(contents);
        // Directories have no contents.
        Self(all.filter(|(_, bytes)| !bytes.is_empty()).collect())
    }
}

async fn append(log: &PartitionLog, n: u64) {
    let value = vec![n as u8; 400 + (n as usize * 37) % 500];
    let mut builder = BatchBuilder::default();
    builder.push(NewRecord { timestamp: n as i64, value: Some(&value), ..Default::default() });
    let batch = builder.build().expect("a batch");
    loop {
        match log.append(&batch, AppendOptions { leader_epoch: 1, ..Default::default() }) {
            Ok(appended) => return appended.durable.await.expect("durable"),
            Err(e) if e.is_back_pressure() => log.room().await,
            Err(e) => panic!("{e}"),
        }
    }
}

async fn read(log: &PartitionLog) {
    let (mut offset, end) = (log.log_start_offset(), log.durable_end_offset());
    // What a damaged checkpoint says may be any number of records.
    for _ in 0..2 * RECORDS {
        if offset >= end {
            return;
        }
        match log.read(offset, 64 << 10, end, true).await {
            Ok(outcome) => {
                let bytes: Vec<u8> = outcome.pieces.iter().flat_map(|p| p.to_vec()).collect();
                let before = offset;
                for batch in BatchIter::new(&bytes) {
                    let batch = batch.expect("whole batches");
                    assert_eq!(batch.crc(), batch.computed_crc());
                    offset = batch.last_offset() + 1;
                }
                assert!(offset > before, "read at {before} below {end} brought nothing");
            }
            Err(ReadError::Faulty { resume, .. }) => {
                offset = resume.filter(|resume| *resume > offset).unwrap_or(offset + 1);
            }
            Err(_) => return,
        }
    }
}

/// Each change: which file, what to do, where, and with what.
fn damage(world: &World, files: &[(PathBuf, Vec<u8>)], names: &[&str], mut data: &[u8]) {
    let matches = |path: &Path| names.iter().any(|name| path.to_string_lossy().contains(name));
    let mut files: Vec<(PathBuf, Vec<u8>)> =
        files.iter().filter(|(path, _)| matches(path)).cloned().collect();
    while let Some(([file, action, high, middle, low, count], rest)) = data.split_first_chunk() {
        data = rest;
        let at = usize::from(*file) % files.len();
        let (path, bytes) = &mut files[at];
        let position = u32::from_be_bytes([0, *high, *middle, *low]) as usize;
        let position = position % bytes.len().max(1);
        match action {
            0 => bytes.truncate(position),
            1 => bytes.clear(),
            _ => {
                let (with, rest) = data.split_at(usize::from(*count % 32).min(data.len()));
                data = rest;
                for (byte, with) in bytes.iter_mut().skip(position).zip(with) {
                    *byte = *with;
                }
            }
        }
        if action % 2 == 0 {
            mend(path, bytes, position);
        }
        put(world, path, bytes);
    }
}

/// Gives what was changed its checksum, so that the fuzzer gets past it.
fn mend(path: &Path, bytes: &mut [u8], position: usize) {
    let name = path.to_string_lossy();
    if name.ends_with("checkpoint") {
        if let Some((body, crc)) = bytes.split_last_chunk_mut::<4>() {
            *crc = crc32c::crc32c(body).to_le_bytes();
        }
    } else if name.ends_with(".chunks") {
        let page = position / 4096 * 4096;
        if let Some(page) = bytes.get_mut(page..page + 4096) {
            page[40..44].fill(0);
            let crc = crc32c::crc32c(page);
            page[40..44].copy_from_slice(&crc.to_le_bytes());
        }
    } else if name.ends_with(".log") {
        // The batch that was changed, if one is found from the front.
        let mut start = 0;
        while let Some(head) = bytes.get(start..start + 61) {
            let length = u32::from_be_bytes([head[8], head[9], head[10], head[11]]) as usize + 12;
            let end = start + length;
            if position < end {
                if let Some(batch) = bytes.get_mut(start..end).filter(|batch| batch.len() > 61) {
                    let crc = crc32c::crc32c(&batch[21..]);
                    batch[17..21].copy_from_slice(&crc.to_be_bytes());
                }
                return;
            }
            start = end;
        }
    }
}
