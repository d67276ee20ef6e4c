//! One shard's part of a log directory.

use std::path::PathBuf;
use std::rc::Rc;

use super::recovery::RecoveredLog;
use super::{LogConfig, PartitionLog, StorageConfig, StorageError};
use crate::io::Io;

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
    inner: Rc<Inner>,
}

struct Inner {
    dir: PathBuf,
}

impl Storage {
    /// Starts journal number `journal` (the shard's) of a recovered directory, with the logs that
    /// this shard is to own. Each log of the directory must go to exactly one shard.
    ///
    /// # Errors
    /// [`StorageError::Config`] for settings beyond their limits, [`StorageError::Io`] when the
    /// journal cannot be created.
    pub async fn start(
        _io: Io,
        dir: PathBuf,
        _journal: u16,
        _config: StorageConfig,
        _logs: Vec<RecoveredLog>,
    ) -> Result<Self, StorageError> {
        Ok(Self { inner: Rc::new(Inner { dir }) })
    }

    /// Creates an empty log; it is durable when this returns. `dir_name` is its directory's name
    /// as Kafka has it: `topic-partition`.
    ///
    /// # Errors
    /// [`StorageError::Exists`], [`StorageError::Stray`], or what keeps the storage from writing.
    pub async fn create_log(
        &self,
        _dir_name: &str,
        _topic_id: [u8; 16],
        _partition: i32,
        _config: LogConfig,
    ) -> Result<Rc<PartitionLog>, StorageError> {
        Err(StorageError::Stopped { dir: self.inner.dir.clone() })
    }

    /// Deletes a log: gone for good when this returns; its files are removed in the background.
    ///
    /// # Errors
    /// What keeps the storage from writing.
    pub async fn delete_log(&self, _log: &Rc<PartitionLog>) -> Result<(), StorageError> {
        Err(StorageError::Stopped { dir: self.inner.dir.clone() })
    }

    /// All logs, by id.
    pub fn logs(&self) -> Vec<Rc<PartitionLog>> {
        Vec::new()
    }

    /// Writes everything to the segments, cuts them to length, writes Kafka's checkpoint files and
    /// stops. Appends are refused from the start of it.
    ///
    /// # Errors
    /// What kept it from writing; the next start recovers then.
    pub async fn shutdown(&self) -> Result<(), StorageError> {
        Ok(())
    }

    /// Whether it takes appends.
    pub fn health(&self) -> Health {
        Health::Ok
    }
}
