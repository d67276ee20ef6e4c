//! What all logs of one storage share: the journal, the memory budget, health.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::rc::Rc;

use super::ahead::Beside;
use super::damage::Damage;
use super::destage::OpenFiles;
use super::partition::{Gate, ROOM_RETRY};
use super::reader::Reader;
use super::{LogId, PartitionLog, StorageConfig, StorageError};
use crate::exec::Notify;
use crate::io::Io;
use crate::journal::{Journal, Permit};

/// Shared by a [`super::Storage`] and its logs.
pub(super) struct Shared {
    pub(super) io: Io,
    pub(super) dir: PathBuf,
    pub(super) number: u16,
    pub(super) config: StorageConfig,
    pub(super) journal: Journal,
    pub(super) logs: RefCell<BTreeMap<LogId, Rc<PartitionLog>>>,
    /// Memory in use by tails, in bytes.
    pub(super) tail_bytes: Cell<usize>,
    /// Signals that appends which met back-pressure may be tried again.
    pub(super) room: Rc<Notify>,
    /// Logs with blocks of memory that may leave, oldest first; a log stands here once a block.
    pub(super) evictable: RefCell<VecDeque<LogId>>,
    /// Logs that have enough to destage.
    pub(super) dirty: RefCell<BTreeSet<LogId>>,
    /// Signals the destager.
    pub(super) destage: Notify,
    /// An append met a full tail window: the destager is to make room.
    pub(super) pressed: Cell<bool>,
    /// Logs being destaged in the background.
    pub(super) destaging: Cell<usize>,
    /// Less than the reserve is free: appends are refused, what was accepted is written out.
    pub(super) short: Cell<bool>,
    /// A file could not grow, whatever the free space says: nothing is written out until one can.
    pub(super) stuck: Cell<bool>,
    pub(super) files: OpenFiles,
    /// Readers of segments, the one heard of last at the end.
    pub(super) readers: RefCell<VecDeque<Reader>>,
    /// Memory for what does not fit into the arena.
    pub(super) beside: Rc<Beside>,
    /// What readers have found to be damaged.
    pub(super) damage: RefCell<Damage>,
    /// The directory's random id and the number of its start.
    pub(super) directory: ([u8; 16], u64),
    /// Logs deleted since the start.
    pub(super) deleted: RefCell<Vec<LogId>>,
    /// Names of logs being created.
    pub(super) creating: RefCell<BTreeSet<String>>,
    pub(super) next_id: Cell<u64>,
    /// One checkpoint at a time.
    pub(super) checkpointing: Gate,
    /// Creations and deletions of logs under way, and a signal for the end of each.
    pub(super) changing: Cell<usize>,
    pub(super) changed: Notify,
    /// No append is taken any more: the storage is being shut down.
    pub(super) closing: Cell<bool>,
    /// The last checkpoint is written, or being written.
    pub(super) sealed: Cell<bool>,
    /// It is over.
    pub(super) stopped: Cell<bool>,
}

impl Shared {
    /// Whether appends are taken.
    pub(super) fn check(&self) -> Result<(), StorageError> {
        self.check_alive()?;
        if self.no_space() {
            let reserve = self.config.reserve_bytes;
            return Err(StorageError::NoSpace { dir: self.dir.clone(), reserve });
        }
        Ok(())
    }

    /// Whether the storage lives, whatever the space.
    pub(super) fn check_alive(&self) -> Result<(), StorageError> {
        if let Some(failure) = self.journal.acks().failure() {
            return Err(failure);
        }
        if self.stopped.get() || self.closing.get() {
            return Err(StorageError::Stopped { dir: self.dir.clone() });
        }
        Ok(())
    }

    /// Whether appends are refused for want of space.
    pub(super) fn no_space(&self) -> bool {
        self.short.get() || self.stuck.get()
    }

    /// Whether files of the directory may be written at all: after a failed write none is tried
    /// again, since a success would say nothing of what the failure has left behind.
    pub(super) fn check_intact(&self) -> Result<(), StorageError> {
        self.journal.acks().failure().map_or(Ok(()), Err)
    }

    /// Waits for room in the journal for an entry of `bytes` that an append has no part in. To be
    /// called before anything is held that a checkpoint or destaging waits for.
    pub(super) async fn permit(&self, bytes: usize) -> Result<Permit, StorageError> {
        loop {
            self.check_intact()?;
            if self.stopped.get() {
                return Err(StorageError::Stopped { dir: self.dir.clone() });
            }
            if let Some(permit) = self.journal.permit(bytes) {
                return Ok(permit);
            }
            // Files of the journal become free when files can grow again, and not before.
            if self.stuck.get() {
                let reserve = self.config.reserve_bytes;
                return Err(StorageError::NoSpace { dir: self.dir.clone(), reserve });
            }
            self.io.timeout(ROOM_RETRY, self.room.notified()).await;
        }
    }

    /// Whether background work is to end.
    pub(super) fn ended(&self) -> bool {
        self.stopped.get() || self.journal.failed()
    }

    /// Takes the whole storage offline: a write or flush has failed.
    pub(super) fn fail(&self, what: &str, error: &std::io::Error) -> StorageError {
        let why = format!("{what}: {error}");
        let failure = StorageError::Failed { dir: self.dir.clone(), why: why.into() };
        self.journal.fail(failure.clone());
        failure
    }

    /// Makes room in the tail window for `bytes`, as far as that goes without waiting.
    pub(super) fn make_room(&self, bytes: usize) -> bool {
        let budget = self.config.tail_window_bytes;
        let mut tries = self.evictable.borrow().len();
        while self.tail_bytes.get() + bytes > budget && tries > 0 {
            tries -= 1;
            let Some(id) = self.evictable.borrow_mut().pop_front() else { break };
            let log = self.logs.borrow().get(&id).cloned();
            if log.is_some_and(|log| !log.evict_block() && !log.state.borrow().tail.is_cold()) {
                self.evictable.borrow_mut().push_back(id);
            }
        }
        let room = self.tail_bytes.get() + bytes <= budget;
        if !room {
            self.pressed.set(true);
            self.destage.notify();
        }
        room
    }

    /// Takes note that a log has enough to destage.
    pub(super) fn mark_dirty(&self, log: LogId) {
        if self.dirty.borrow_mut().insert(log) {
            self.destage.notify();
        }
    }

    /// Takes note of memory given back.
    pub(super) fn freed(&self, bytes: usize) {
        assert!(bytes <= self.tail_bytes.get(), "more memory given back than taken");
        self.tail_bytes.set(self.tail_bytes.get() - bytes);
        if bytes > 0 {
            self.room.notify();
        }
    }
}
