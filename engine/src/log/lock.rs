//! Keeps a second process out of a log directory.

use std::path::{Path, PathBuf};

use super::RecoveryError;

/// Kafka's name for the lock file.
const NAME: &str = ".lock";

/// The right to use a log directory, until dropped or the process ends.
///
/// Taken once at start-up, before any shard runs: it is the only thing in this module that touches
/// the file system past [`crate::io::Io`], since a lock belongs to the process and means nothing in
/// simulation.
#[derive(Debug)]
pub struct DirLock {
    _file: std::fs::File,
    path: PathBuf,
}

impl DirLock {
    /// Locks `dir`, which is created when missing.
    ///
    /// # Errors
    /// [`RecoveryError::Locked`] when another process has it, [`RecoveryError::Io`] otherwise.
    pub fn acquire(dir: &Path) -> Result<Self, RecoveryError> {
        let path = dir.join(NAME);
        let failed = |action| {
            let path = path.clone();
            move |source| RecoveryError::Io { action, path, source }
        };
        std::fs::create_dir_all(dir).map_err(failed("creating the directory of"))?;
        let file = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(failed("opening"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file, path }),
            Err(std::fs::TryLockError::WouldBlock) => Err(RecoveryError::Locked { path }),
            Err(std::fs::TryLockError::Error(e)) => Err(failed("locking")(e)),
        }
    }

    /// The lock file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_locked_once() {
        let dir = tempfile::tempdir().unwrap();
        let lock = DirLock::acquire(dir.path()).unwrap();
        let second = DirLock::acquire(dir.path());
        assert!(matches!(second, Err(RecoveryError::Locked { .. })));
        drop(lock);
        DirLock::acquire(dir.path()).unwrap();
    }
}
