//! One shard's part of a log directory.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::checkpoint::Checkpoint;
use super::destage::OpenFiles;
use super::files::{ensure_dir, read_file, write_file};
use super::image::{LogImage, is_plain_name};
use super::partition::{Gate, State};
use super::recovery::RecoveredLog;
use super::shared::Shared;
use super::tail::Tail;
use super::{LogConfig, LogId, PartitionLog, StorageConfig, StorageError, deleted};
use crate::arena::Slice;
use crate::exec::Notify;
use crate::io::Io;
use crate::journal::frame::{Entry, Kind};
use crate::journal::{Journal, Pieces};
use crate::segment::{names, properties};

/// Whether a storage takes appends.
#[derive(Debug, Clone)]
pub enum Health {
    /// It does.
    Ok,
    /// Not until space is freed; reads, deletes and retention work.
    NoSpace,
    /// Never again in this process: a write or flush has failed.
    Failed(StorageError),
}

/// The logs of one shard in one log directory, and their journal. Cheap to clone; stays on its
/// shard. When the last handle goes, the storage ends as in a crash: call [`Storage::shutdown`].
#[derive(Clone)]
pub struct Storage {
    handle: Rc<Handle>,
}

/// Ends the background work; the logs point at the storage, and it at them.
struct Handle {
    shared: Rc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.stop();
        let logs = self.shared.logs.take();
        drop(logs);
    }
}

impl Storage {
    /// Starts journal number `journal` (the shard's) of a recovered directory, with the logs that
    /// this shard is to own. Each log of the directory must go to exactly one shard.
    ///
    /// # Errors
    /// [`StorageError::Config`] for settings beyond their limits, [`StorageError::Io`] when the
    /// journal cannot be created.
    pub async fn start(
        io: Io,
        dir: PathBuf,
        journal: u16,
        config: StorageConfig,
        logs: Vec<RecoveredLog>,
    ) -> Result<Self, StorageError> {
        config.check()?;
        let base = read_base(&io, &dir).await?;
        let room = Rc::new(Notify::default());
        let number = journal;
        let journal = Journal::open(&io, &dir, number, &config, room.clone()).await?;
        let shared = Rc::new(Shared {
            io: io.clone(),
            dir,
            number,
            files: OpenFiles::new(config.open_files),
            config,
            journal: journal.clone(),
            logs: RefCell::default(),
            tail_bytes: Cell::new(0),
            room,
            evictable: RefCell::new(VecDeque::new()),
            dirty: RefCell::new(BTreeSet::new()),
            destage: Notify::default(),
            readers: RefCell::default(),
            damage: RefCell::default(),
            beside: Rc::default(),
            pressed: Cell::new(false),
            destaging: Cell::new(0),
            short: Cell::new(false),
            stuck: Cell::new(false),
            directory: (base.directory, base.generation),
            deleted: RefCell::default(),
            creating: RefCell::default(),
            changing: Cell::new(0),
            changed: Notify::default(),
            next_id: Cell::new(base.counters.get(&number).copied().unwrap_or(1)),
            checkpointing: Gate::default(),
            closing: Cell::new(false),
            sealed: Cell::new(false),
            stopped: Cell::new(false),
        });
        for log in logs {
            let (id, name) = (log.image.id, log.image.name.clone());
            let topic = (log.image.topic_id, log.image.partition);
            if log.image.segments.iter().rev().skip(1).any(|segment| !segment.sealed) {
                shared.dirty.borrow_mut().insert(id);
            }
            let state = State::new(LogConfig::default(), log.image, log.partial);
            let log = PartitionLog::new(shared.clone(), id, name, topic, state);
            shared.logs.borrow_mut().insert(id, log);
        }
        let storage = Self { handle: Rc::new(Handle { shared: shared.clone() }) };
        // It names the journal's incarnation, so it comes before the first frame.
        shared.checkpoint(1, false).await?;
        io.spawn(journal.run());
        io.spawn(shared.clone().run_destager());
        io.spawn(shared.clone().run_recycler());
        for log in storage.logs() {
            let removed = log.state.borrow().image.removed.clone();
            log.remove_later(removed);
        }
        io.spawn(shared.run_space_watch());
        Ok(storage)
    }

    /// Creates an empty log; it is durable when this returns. `dir_name` is its directory's name
    /// as Kafka has it: `topic-partition`.
    ///
    /// # Errors
    /// [`StorageError::Exists`], [`StorageError::Stray`], or what keeps the storage from writing.
    pub async fn create_log(
        &self,
        dir_name: &str,
        topic_id: [u8; 16],
        partition: i32,
        config: LogConfig,
    ) -> Result<Rc<PartitionLog>, StorageError> {
        let shared = &self.handle.shared;
        shared.check()?;
        if !is_plain_name(dir_name) {
            let why = format!("{dir_name:?} cannot be the name of a directory");
            return Err(StorageError::Config { setting: "dir_name", why });
        }
        let taken = shared.logs.borrow().values().any(|log| log.name == dir_name);
        if taken || !shared.creating.borrow_mut().insert(dir_name.into()) {
            return Err(StorageError::Exists { dir: shared.dir.clone(), name: dir_name.into() });
        }
        let change = Change::begin(shared);
        let created = shared.create_log(dir_name, topic_id, partition, config).await;
        drop(change);
        shared.creating.borrow_mut().remove(dir_name);
        created
    }

    /// Deletes a log: gone for good when this returns; its files are removed in the background.
    ///
    /// # Errors
    /// What keeps the storage from writing.
    pub async fn delete_log(&self, log: &Rc<PartitionLog>) -> Result<(), StorageError> {
        let shared = &self.handle.shared;
        if shared.closing.get() {
            return Err(StorageError::Stopped { dir: shared.dir.clone() });
        }
        let _change = Change::begin(shared);
        shared.delete_log(log).await
    }

    /// All logs, by id.
    pub fn logs(&self) -> Vec<Rc<PartitionLog>> {
        self.handle.shared.logs.borrow().values().cloned().collect()
    }

    /// Writes everything to the segments, cuts them to length, writes Kafka's checkpoint files and
    /// stops. Appends are refused from the start of it.
    ///
    /// # Errors
    /// What kept it from writing; the next start recovers then.
    pub async fn shutdown(&self) -> Result<(), StorageError> {
        let shared = &self.handle.shared;
        shared.closing.set(true);
        let closed = shared.close().await;
        shared.stop();
        shared.files.clear();
        shared.readers.borrow_mut().clear();
        closed
    }

    /// Completes when a write or flush has failed, with the first failure.
    pub fn failure(&self) -> impl Future<Output = StorageError> + 'static {
        let acks = self.handle.shared.journal.acks().clone();
        async move { acks.failed().await }
    }

    /// Takes the storage offline as if a write of its own had failed: another shard's write to the
    /// same directory has, for the reason `why`.
    pub fn take_offline(&self, why: &str) {
        let shared = &self.handle.shared;
        let failure = StorageError::Failed { dir: shared.dir.clone(), why: why.into() };
        shared.journal.go_offline(failure);
    }

    /// Whether it takes appends.
    pub fn health(&self) -> Health {
        match self.handle.shared.check() {
            Err(failure @ StorageError::Failed { .. }) => Health::Failed(failure),
            Err(StorageError::NoSpace { .. }) => Health::NoSpace,
            _ => Health::Ok,
        }
    }
}

/// A creation or deletion under way: a shutdown waits for it, since its checkpoint must know of all
/// of it or of none.
struct Change<'a> {
    shared: &'a Shared,
}

impl<'a> Change<'a> {
    fn begin(shared: &'a Shared) -> Self {
        shared.changing.set(shared.changing.get() + 1);
        Self { shared }
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.shared.changing.set(self.shared.changing.get() - 1);
        self.shared.changed.notify();
    }
}

impl Shared {
    /// Ends the background work.
    fn stop(&self) {
        self.stopped.set(true);
        self.journal.stop();
        self.destage.notify();
        self.room.notify();
    }

    async fn create_log(
        self: &Rc<Self>,
        dir_name: &str,
        topic_id: [u8; 16],
        partition: i32,
        config: LogConfig,
    ) -> Result<Rc<PartitionLog>, StorageError> {
        let body = create_body(dir_name, topic_id, partition);
        let permit = self.permit(body.len()).await?;
        let path = self.dir.join(dir_name);
        let failed = |action, path: &Path| {
            let path = path.to_path_buf();
            move |error| self.change_failed(action, &path, error)
        };
        ensure_dir(&self.io, &path).await.map_err(failed("creating", &path))?;
        let names = self.io.list_dir(&path).await.map_err(failed("listing", &path))?;
        if names.iter().any(|name| name.ends_with(".log")) {
            return Err(StorageError::Stray { path });
        }
        let file = path.join(names::PARTITION_METADATA);
        let metadata = properties::encode_partition_metadata(topic_id);
        write_file(&self.io, &file, &metadata).await.map_err(failed("writing", &file))?;
        self.io.sync_dir(&path).await.map_err(failed("syncing", &path))?;
        self.io.sync_dir(&self.dir).await.map_err(failed("syncing", &self.dir))?;
        let id = LogId(u64::from(self.number) << 48 | self.next_id.get());
        self.next_id.set(self.next_id.get() + 1);
        let topic = (topic_id, partition);
        let image = LogImage::new(id, dir_name.into(), topic, self.io.wall_ms());
        let state = State::new(config, image, Vec::new());
        let log = PartitionLog::new(self.clone(), id, dir_name.into(), topic, state);
        // From here on a checkpoint knows it, and the entry is in the queue before any of its own.
        self.logs.borrow_mut().insert(id, log.clone());
        let pieces = Pieces::from_iter([Slice::copy_from(&body)]);
        let ticket = permit.push(control_entry(id, Kind::Create), pieces);
        self.journal.acks().wait(ticket).await?;
        Ok(log)
    }

    async fn delete_log(self: &Rc<Self>, log: &Rc<PartitionLog>) -> Result<(), StorageError> {
        let permit = self.permit(0).await?;
        if log.deleted.replace(true) {
            return Err(StorageError::Deleted { name: log.name.clone() });
        }
        let _pass = log.gate.enter().await;
        log.gone.set(true);
        let _detour = log.detour();
        let from = log.dir();
        let to = self.dir.join(deleted::name_of(&log.name, log.id, self.directory.0));
        let renamed = self.io.rename(&from, &to).await;
        if let Err(error) = renamed {
            // It is where it was: this may be tried again.
            log.gone.set(false);
            log.deleted.set(false);
            return Err(self.write_failed("renaming", &from, error));
        }
        // Whether it is renamed is not known when this fails.
        let synced = self.io.sync_dir(&self.dir).await;
        synced.map_err(|e| self.fail(&format!("syncing {}", self.dir.display()), &e))?;
        self.files.forget_log(log.id);
        self.forget_readers(log.id);
        // A checkpoint must know of all of these or of none.
        self.logs.borrow_mut().remove(&log.id);
        self.deleted.borrow_mut().push(log.id);
        self.journal.forget(log.id);
        let ticket = permit.push(control_entry(log.id, Kind::Delete), Pieces::new());
        let freed = {
            let mut state = log.state.borrow_mut();
            let end = state.tail.end();
            let partial = vec![0; (end.position % crate::arena::BLOCK_BYTES as u64) as usize];
            std::mem::replace(&mut state.tail, Tail::new(end, partial)).capacity()
        };
        self.evictable.borrow_mut().retain(|id| *id != log.id);
        self.freed(freed);
        self.journal.acks().wait(ticket).await?;
        // Until then the name of the directory is what tells recovery of the deletion.
        let shared = self.clone();
        self.io.spawn(async move {
            shared.io.sleep(shared.config.delete_delay).await;
            deleted::remove_tree(&shared.io, &to).await;
        });
        Ok(())
    }
}

async fn read_base(io: &Io, dir: &Path) -> Result<Checkpoint, StorageError> {
    let path = Checkpoint::base_path(dir);
    let failed = |source: std::io::Error| StorageError::Io {
        action: "reading",
        path: path.clone(),
        source: Rc::new(source),
    };
    let bytes = read_file(io, &path).await.map_err(failed)?;
    let bytes = bytes.ok_or(std::io::ErrorKind::NotFound).map_err(|kind| failed(kind.into()))?;
    Checkpoint::decode(&bytes).map_err(|why| failed(std::io::Error::other(why)))
}

/// An entry without bytes of the log.
pub(super) fn control_entry(log: LogId, kind: Kind) -> Entry {
    Entry {
        log,
        kind,
        leader_epoch: -1,
        segment: 0,
        position: 0,
        base_offset: 0,
        last_offset: -1,
        length: 0,
        crc: 0,
        cuts: 0,
    }
}

fn create_body(dir_name: &str, topic_id: [u8; 16], partition: i32) -> Vec<u8> {
    let mut body = topic_id.to_vec();
    body.extend_from_slice(&partition.to_le_bytes());
    body.extend_from_slice(dir_name.as_bytes());
    body
}

/// Name, topic id and partition in the bytes of an entry of kind [`Kind::Create`].
pub(super) fn parse_create(body: &[u8]) -> Option<(String, [u8; 16], i32)> {
    let (topic_id, rest) = body.split_first_chunk()?;
    let (partition, name) = rest.split_first_chunk()?;
    let name = std::str::from_utf8(name).ok().filter(|name| is_plain_name(name))?;
    Some((name.into(), *topic_id, i32::from_le_bytes(*partition)))
}
