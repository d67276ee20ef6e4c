//! One shard's part of a log directory.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;

use super::partition::State;
use super::recovery::RecoveredLog;
use super::segment::Segment;
use super::shared::Shared;
use super::tail::Tail;
use super::{LogConfig, LogId, PartitionLog, StorageConfig, StorageError};
use crate::arena::Slice;
use crate::exec::Notify;
use crate::io::Io;
use crate::journal::frame::{Entry, Kind};
use crate::journal::{Journal, Pieces, Place};

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
/// shard.
#[derive(Clone)]
pub struct Storage {
    shared: Rc<Shared>,
    next_id: Rc<Cell<u64>>,
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
        _logs: Vec<RecoveredLog>,
    ) -> Result<Self, StorageError> {
        config.check()?;
        let room = Rc::new(Notify::default());
        let number = journal;
        let journal = Journal::open(&io, &dir, number, &config, room.clone()).await?;
        let shared = Rc::new(Shared {
            io: io.clone(),
            dir,
            number,
            config,
            journal: journal.clone(),
            logs: RefCell::default(),
            tail_bytes: Cell::new(0),
            room,
            evictable: RefCell::new(VecDeque::new()),
            dirty: RefCell::new(BTreeSet::new()),
            destage: Notify::default(),
            pressed: Cell::new(false),
            no_space: Cell::new(false),
            stopped: Cell::new(false),
        });
        io.spawn(journal.run());
        Ok(Self { shared, next_id: Rc::new(Cell::new(1)) })
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
        let shared = &self.shared;
        shared.check()?;
        let exists = || StorageError::Exists { dir: shared.dir.clone(), name: dir_name.into() };
        if self.shared.logs.borrow().values().any(|log| log.name == dir_name) {
            return Err(exists());
        }
        let path = shared.dir.join(dir_name);
        let failed = |action| {
            let path = path.clone();
            move |source: std::io::Error| StorageError::Io { action, path, source: Rc::new(source) }
        };
        match shared.io.create_dir(&path).await {
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            made => made.map_err(failed("creating"))?,
        }
        shared.io.sync_dir(&shared.dir).await.map_err(failed("syncing the parent of"))?;
        let id = LogId(u64::from(shared.number) << 48 | self.next_id.get());
        self.next_id.set(self.next_id.get() + 1);
        let mut body = topic_id.to_vec();
        body.extend_from_slice(&partition.to_le_bytes());
        body.extend_from_slice(dir_name.as_bytes());
        let entry = Entry {
            log: id,
            kind: Kind::Create,
            leader_epoch: -1,
            segment: 0,
            position: 0,
            base_offset: 0,
            last_offset: -1,
            length: 0,
            crc: 0,
        };
        let pieces = Pieces::from_iter([Slice::copy_from(&body)]);
        let ticket = shared.journal.push(entry, pieces, None);
        shared.journal.acks().wait(ticket).await?;
        let end = Place { segment: 0, position: 0 };
        let state = State {
            config,
            log_start: 0,
            next_offset: 0,
            durable_end: 0,
            segments: vec![Segment::new(0, shared.io.wall_ms())],
            tail: Tail::new(end, Vec::new()),
            written: end,
            durable: end,
            uncovered: false,
            epochs: Vec::new(),
        };
        let topic = (topic_id, partition);
        let log = PartitionLog::new(shared.clone(), id, dir_name.into(), topic, state);
        shared.logs.borrow_mut().insert(id, log.clone());
        Ok(log)
    }

    /// Deletes a log: gone for good when this returns; its files are removed in the background.
    ///
    /// # Errors
    /// What keeps the storage from writing.
    pub async fn delete_log(&self, _log: &Rc<PartitionLog>) -> Result<(), StorageError> {
        Err(StorageError::Stopped { dir: self.shared.dir.clone() })
    }

    /// All logs, by id.
    pub fn logs(&self) -> Vec<Rc<PartitionLog>> {
        self.shared.logs.borrow().values().cloned().collect()
    }

    /// Writes everything to the segments, cuts them to length, writes Kafka's checkpoint files and
    /// stops. Appends are refused from the start of it.
    ///
    /// # Errors
    /// What kept it from writing; the next start recovers then.
    pub async fn shutdown(&self) -> Result<(), StorageError> {
        self.shared.stopped.set(true);
        let journal = &self.shared.journal;
        let flushed = journal.acks().wait(journal.last_ticket()).await;
        journal.stop();
        flushed
    }

    /// Whether it takes appends.
    pub fn health(&self) -> Health {
        match self.shared.check() {
            Err(failure @ StorageError::Failed { .. }) => Health::Failed(failure),
            Err(StorageError::NoSpace { .. }) => Health::NoSpace,
            _ => Health::Ok,
        }
    }
}
