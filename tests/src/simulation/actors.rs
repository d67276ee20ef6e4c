//! Those who use the storage: producers, readers, and an administrator.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use ringlog_engine::batch::{BatchBuilder, Compression, NewRecord};
use ringlog_engine::checksums::CHUNK_BYTES;
use ringlog_engine::io::Io;
use ringlog_engine::log::{
    AppendError, AppendOptions, LogConfig, PartitionLog, ReadError, Storage, StorageError,
};

use super::model::{Life, LogModel, Sent, WINDOW};

/// What one shard's actors share.
pub struct Stage {
    /// The shard.
    pub io: Io,
    /// Its storage.
    pub storage: Storage,
    /// Its logs and what they have promised.
    pub logs: RefCell<Vec<(Rc<PartitionLog>, Rc<LogModel>)>>,
    /// Its logs that are cut from the end: only [`super::follower`] touches those.
    pub followed: RefCell<Vec<(Rc<PartitionLog>, Rc<LogModel>)>>,
    /// All logs there ever were, of all shards.
    pub models: Rc<RefCell<Vec<Rc<LogModel>>>>,
    /// Faults that excuse errors.
    pub faults: Faults,
    /// Work done, to see that there is progress.
    pub progress: Rc<Progress>,
    /// Bits that were flipped.
    pub flips: Rc<RefCell<Vec<Flip>>>,
    /// Set when the actors are to end.
    pub closing: Cell<bool>,
}

/// Which errors may be seen.
#[derive(Clone, Copy, Default, Debug)]
pub struct Faults {
    /// The device fails reads, writes and syncs.
    pub errors: bool,
    /// The disk is small.
    pub full: bool,
    /// The disk lies: rot, lost and misdirected writes.
    pub lying: bool,
    /// Bits of segments flip while the node is down, in headers of batches.
    pub flips: bool,
}

/// A bit of a segment that was flipped.
#[derive(Clone, Debug)]
pub struct Flip {
    /// Path of the segment's file.
    pub path: PathBuf,
    /// Position of the byte in it.
    pub position: u64,
    /// Whether it was in what tells where the next batch begins.
    pub astray: bool,
}

impl Flip {
    /// Whether this may be why some bytes of a file are refused: those of its chunk may be, and when
    /// it is not known where batches begin, those behind it.
    fn explains(&self, path: &Path, position: u64, bytes: u64) -> bool {
        let start = self.position / CHUNK_BYTES as u64 * CHUNK_BYTES as u64;
        let end = start + CHUNK_BYTES as u64;
        self.path == path && start <= position + bytes && (position < end || self.astray)
    }
}

/// Work done.
#[derive(Default, Debug)]
pub struct Progress {
    /// Appends that became durable.
    pub acked: Cell<u64>,
    /// Batches read and compared.
    pub read: Cell<u64>,
    /// Times the log start moved.
    pub trimmed: Cell<u64>,
    /// Cuts of logs from the end.
    pub cut: Cell<u64>,
    /// Logs deleted.
    pub deleted: Cell<u64>,
    /// Batches sent again and found.
    pub deduplicated: Cell<u64>,
    /// Restarts.
    pub restarts: Cell<u64>,
}

impl Progress {
    pub(super) fn add(counter: &Cell<u64>) {
        counter.set(counter.get() + 1);
    }
}

impl Stage {
    pub(super) fn chance(&self, one_in: u64) -> bool {
        self.io.random().is_multiple_of(one_in)
    }

    pub(super) fn below(&self, n: u64) -> u64 {
        self.io.random() % n.max(1)
    }

    pub(super) async fn pause(&self, most: Duration) {
        let time = self.below(most.as_nanos() as u64);
        self.io.sleep(Duration::from_nanos(time)).await;
    }

    fn pick(&self) -> Option<(Rc<PartitionLog>, Rc<LogModel>)> {
        let logs = self.logs.borrow();
        let n = self.below(logs.len() as u64) as usize;
        logs.get(n).cloned()
    }

    /// An error that no fault excuses.
    pub(super) fn excuse(&self, what: &str, error: &StorageError) {
        let excused = match error {
            StorageError::Failed { .. } | StorageError::Io { .. } => {
                self.faults.errors || self.faults.lying
            }
            StorageError::NoSpace { .. } => self.faults.full,
            StorageError::Deleted { .. } | StorageError::Stopped { .. } => true,
            _ => false,
        };
        assert!(excused || self.faults.full && is_full(error), "{what}: {error}");
    }
}

fn is_full(error: &StorageError) -> bool {
    error.to_string().contains("No space left") || matches!(error, StorageError::Failed { .. })
}

/// Appends batches to random logs until it is told to end: plain ones, idempotent ones, some of
/// them twice.
#[allow(clippy::await_holding_refcell_ref)] // dropped before each wait
pub async fn produce(stage: Rc<Stage>, producer_id: i64) {
    let epoch = 0;
    while !stage.closing.get() {
        let Some((log, model)) = stage.pick() else {
            stage.pause(Duration::from_millis(5)).await;
            continue;
        };
        let idempotent = producer_id % 3 != 0;
        let mut producers = model.producers.borrow_mut();
        let producer = producers.entry(producer_id).or_default();
        let n = stage.below(WINDOW as u64) as usize;
        let again = if stage.chance(10) { producer.recent.get(n).cloned() } else { None };
        let sent = match again {
            _ if !idempotent => batch(&stage, None),
            Some(sent) => sent,
            None if producer.pending.len() >= WINDOW => {
                drop(producers);
                stage.pause(Duration::from_millis(1)).await;
                continue;
            }
            None => {
                let sent = batch(&stage, Some((producer_id, epoch, producer.next)));
                producer.next += sent.records;
                producer.pending.push(sent.clone());
                sent
            }
        };
        drop(producers);
        let done = append(&stage, &log, &model, sent, idempotent.then_some(producer_id)).await;
        match done {
            Ok(Some(waiting)) if stage.chance(3) => {
                // Pipelined: the next one goes before this one is durable.
                drop(stage.io.spawn(waiting));
            }
            Ok(Some(waiting)) => waiting.await,
            Ok(None) => {}
            Err(()) => return,
        }
        if stage.chance(4) {
            stage.pause(Duration::from_millis(3)).await;
        }
    }
}

/// Sends what was pending at a crash once more, in order, so that nothing is left open.
pub async fn resend(stage: Rc<Stage>) -> bool {
    let logs = stage.logs.borrow().clone();
    for (log, model) in logs {
        let pending: Vec<(i64, Vec<Sent>)> = {
            let producers = model.producers.borrow();
            producers.iter().map(|(id, producer)| (*id, producer.pending.clone())).collect()
        };
        for (id, pending) in pending {
            for sent in pending {
                match append(&stage, &log, &model, sent, Some(id)).await {
                    Ok(Some(waiting)) => waiting.await,
                    Ok(None) => {}
                    Err(()) => return false,
                }
            }
        }
    }
    true
}

/// Appends one batch, with patience; the future that is returned waits until it is durable.
pub(super) async fn append(
    stage: &Rc<Stage>,
    log: &Rc<PartitionLog>,
    model: &Rc<LogModel>,
    sent: Sent,
    producer_id: Option<i64>,
) -> Result<Option<impl Future<Output = ()> + 'static>, ()> {
    let log_append_time_ms = model.name.ends_with('1').then(|| stage.io.wall_ms());
    let leader_epoch = model.cuts.get();
    let how = AppendOptions { log_append_time_ms, leader_epoch, ..AppendOptions::default() };
    let producer = producer_id.map(|id| (id, sent.sequence));
    let appended = loop {
        match log.append(&sent.bytes, how) {
            Ok(appended) => break appended,
            Err(e) if e.is_back_pressure() => log.room().await,
            Err(AppendError::Storage(StorageError::Deleted { .. })) => return Ok(None),
            Err(AppendError::Storage(StorageError::NoSpace { .. })) if stage.faults.full => {
                stage.io.sleep(Duration::from_millis(200)).await;
                if stage.closing.get() {
                    return Err(());
                }
            }
            Err(AppendError::Storage(e)) => {
                stage.excuse("append", &e);
                return Err(());
            }
            // A batch behind one that was given up is out of order: the workload's own doing.
            Err(e) => panic!("{}: append of {producer:?} refused: {e}", model.name),
        }
    };
    model.accepted(&sent.bytes, how, &appended, producer);
    if appended.duplicate {
        Progress::add(&stage.progress.deduplicated);
    } else if let Some(id) = producer_id {
        model.remember(id, &sent);
    }
    let (stage, log, model) = (stage.clone(), log.clone(), model.clone());
    Ok(Some(async move {
        let outcome = appended.durable.await;
        if let Err(e) = outcome {
            return stage.excuse("durable", &e);
        }
        Progress::add(&stage.progress.acked);
        if model.cuts.get() != leader_epoch || model.cutting.get().is_some() {
            // It may be gone by now.
            return;
        }
        model.promise(appended.last_offset + 1);
        // High watermark of a single node: it must include what was acknowledged.
        let durable = log.durable_end_offset();
        assert!(
            durable > appended.last_offset,
            "{}: {} was acknowledged, the durable end is {durable}",
            model.name,
            appended.last_offset
        );
        if let Some(id) = producer_id
            && let Some(producer) = model.producers.borrow_mut().get_mut(&id)
        {
            producer.pending.retain(|pending| pending.sequence != sent.sequence);
        }
    }))
}

/// Longest batch: what the smallest journal takes.
const BATCH_BYTES_MAX: usize = 12 << 10;

/// A batch with a few records of unique content.
pub(super) fn batch(stage: &Stage, producer: Option<(i64, i16, i32)>) -> Sent {
    loop {
        let sent = any_batch(stage, producer);
        if sent.bytes.len() <= BATCH_BYTES_MAX {
            return sent;
        }
    }
}

fn any_batch(stage: &Stage, producer: Option<(i64, i16, i32)>) -> Sent {
    let codec = match stage.below(8) {
        0 => Compression::Lz4,
        1 => Compression::Gzip,
        _ => Compression::None,
    };
    let mut builder = BatchBuilder::new(codec);
    if let Some((id, epoch, sequence)) = producer {
        builder = builder.producer(id, epoch, sequence);
    }
    let records = 1 + stage.below(4) as i32;
    let time = stage.io.wall_ms();
    for n in 0..records {
        let len = match stage.below(20) {
            0 if n == 0 => stage.below(8000),
            1..=4 => stage.below(2000),
            _ => stage.below(100),
        };
        let value: Vec<u8> =
            (0..len.div_ceil(8)).flat_map(|_| stage.io.random().to_be_bytes()).collect();
        builder.push(NewRecord {
            timestamp: time + i64::from(n),
            key: Some(&stage.io.random().to_be_bytes()),
            value: Some(&value),
            headers: &[],
        });
    }
    let sequence = producer.map_or(-1, |(_, _, sequence)| sequence);
    match builder.build() {
        Ok(bytes) => Sent { sequence, records, bytes: bytes.into() },
        Err(e) => panic!("the workload cannot build a batch: {e}"),
    }
}

/// Reads at random places of random logs and follows their ends.
pub async fn consume(stage: Rc<Stage>) {
    while !stage.closing.get() {
        stage.pause(Duration::from_millis(4)).await;
        let Some((log, model)) = stage.pick() else { continue };
        let (start, end) = (log.log_start_offset(), log.durable_end_offset());
        model.start_seen(start);
        // What a consumer may see must be there for ever.
        model.promise(end);
        let mut offset = start + stage.below((end - start).max(1) as u64) as i64;
        for _ in 0..=stage.below(5) {
            match read(&stage, &log, &model, offset, end).await {
                Some(next) => offset = next,
                None => break,
            }
        }
    }
}

/// One read, checked; returns where to go on.
pub(super) async fn read(
    stage: &Stage,
    log: &PartitionLog,
    model: &LogModel,
    offset: i64,
    end: i64,
) -> Option<i64> {
    let max_bytes = 1 << (6 + stage.below(10));
    let cuts = model.cuts.get();
    match log.read(offset, max_bytes, end, true).await {
        Ok(outcome) => {
            let bytes: Vec<u8> = outcome.pieces.iter().flat_map(|piece| piece.to_vec()).collect();
            assert_eq!(bytes.len(), outcome.bytes, "{}: bytes of a read", model.name);
            let behind = model.read(offset, &bytes, log.log_start_offset());
            let cut = cuts != model.cuts.get() || model.cutting.get().is_some();
            assert!(
                behind > offset || offset >= end || cut || stage.faults.lying,
                "{}: read at {offset} below {end} brought nothing",
                model.name
            );
            Progress::add(&stage.progress.read);
            Some(behind).filter(|behind| *behind < end)
        }
        Err(ReadError::OffsetOutOfRange { start, .. }) => {
            assert!(
                offset < start || end > log.log_end_offset(),
                "{}: offset {offset} below {end} is out of range {start}..",
                model.name
            );
            model.start_seen(log.log_start_offset());
            None
        }
        Err(ReadError::OutOfMemory) => {
            stage.io.sleep(Duration::from_millis(1)).await;
            Some(offset)
        }
        Err(ReadError::Deleted { .. }) => None,
        Err(e @ ReadError::Io { .. }) => {
            assert!(stage.faults.errors || stage.faults.lying, "{}: {e}", model.name);
            None
        }
        Err(ReadError::Faulty { path, position, bytes, resume, why }) => {
            let flips = stage.flips.borrow();
            let known = flips.iter().any(|flip| flip.explains(&path, position, bytes));
            assert!(
                stage.faults.lying || known,
                "{}: {bytes} bytes at {position} of {path:?} are damaged: {why}; flipped: {flips:?}",
                model.name
            );
            // Around the damage everything must be there.
            let behind = resume.filter(|resume| *resume > offset).unwrap_or(offset + 1);
            Some(behind).filter(|behind| known && *behind < end)
        }
        Err(e) => panic!("{}: {e}", model.name),
    }
}

/// Reads a whole log and compares; returns the batches that were there.
pub async fn read_all(stage: &Stage, log: &PartitionLog, model: &LogModel) -> bool {
    let (mut offset, end) = (log.log_start_offset(), log.durable_end_offset());
    let mut tries = 0;
    while offset < end {
        match read(stage, log, model, offset, end).await {
            Some(next) if next > offset => offset = next,
            Some(_) => {
                tries += 1;
                assert!(tries < 10_000, "{}: no memory for reading, ever", model.name);
            }
            None => return offset < end,
        }
    }
    true
}

/// Settings that make logs roll and lose their oldest segments.
pub fn log_config(io: &Io) -> LogConfig {
    let pick = |n: u64| io.random() % n;
    LogConfig {
        segment_bytes: 32 << 10 << pick(3),
        segment_ms: [1000, 60_000, 7 * 24 * 3600 * 1000][pick(3) as usize],
        index_interval_bytes: [256, 4096][pick(2) as usize],
        retention_bytes: [-1, 64 << 10][pick(2) as usize],
        retention_ms: -1,
        ..LogConfig::default()
    }
}

/// Creates, deletes and trims logs.
pub async fn administer(stage: Rc<Stage>, names: Vec<String>) {
    for name in &names {
        if !stage.logs.borrow().iter().any(|(_, model)| model.name == *name)
            && !create(&stage, name).await
        {
            return;
        }
    }
    while !stage.closing.get() {
        stage.pause(Duration::from_millis(40)).await;
        let Some((log, model)) = stage.pick() else { continue };
        match stage.below(12) {
            0..=3 => {
                trim(&stage, &log, &model).await;
            }
            4..=7 => {
                let limit = log.durable_end_offset();
                model.start_asked(limit);
                match log.apply_retention(stage.io.wall_ms(), limit).await {
                    Ok(start) => model.start_promised(start),
                    Err(e) => stage.excuse("retention", &e),
                }
            }
            8 => {
                stage.logs.borrow_mut().retain(|(_, other)| !Rc::ptr_eq(other, &model));
                model.life.set(Life::Deleting);
                match stage.storage.delete_log(&log).await {
                    Ok(()) => {
                        model.life.set(Life::Deleted);
                        Progress::add(&stage.progress.deleted);
                    }
                    Err(e) => {
                        stage.excuse("delete", &e);
                        return;
                    }
                }
                drop(log);
                if !create(&stage, &model.name).await {
                    return;
                }
            }
            9 => log.set_config(log_config(&stage.io)),
            _ => {}
        }
    }
}

/// Deletes the records up to somewhere.
pub(super) async fn trim(stage: &Stage, log: &PartitionLog, model: &LogModel) {
    let (start, end) = (log.log_start_offset(), log.durable_end_offset());
    let before = start + stage.below((end - start + 1) as u64) as i64;
    model.start_asked(before);
    match log.delete_records(before).await {
        Ok(start) => {
            assert!(start >= before, "{}: asked for {before}, got {start}", model.name);
            model.start_promised(start);
            Progress::add(&stage.progress.trimmed);
        }
        Err(e) => stage.excuse("delete_records", &e),
    }
}

async fn create(stage: &Rc<Stage>, name: &str) -> bool {
    create_as(stage, LogModel::new(name, stage.io.random_uuid()), &stage.logs).await
}

/// Creates the log that `model` tells of, and puts both into `logs`.
pub(super) async fn create_as(
    stage: &Stage,
    model: LogModel,
    logs: &RefCell<Vec<(Rc<PartitionLog>, Rc<LogModel>)>>,
) -> bool {
    let model = Rc::new(model);
    model.lying.set(stage.faults.lying);
    stage.models.borrow_mut().push(model.clone());
    match stage.storage.create_log(&model.name, model.topic_id, 0, log_config(&stage.io)).await {
        Ok(log) => {
            model.life.set(Life::Created);
            logs.borrow_mut().push((log, model));
            true
        }
        Err(e) => {
            stage.excuse("create", &e);
            false
        }
    }
}
