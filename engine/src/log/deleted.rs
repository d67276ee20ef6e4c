//! Directories of deleted logs. A deletion is the renaming of the log's directory; its files go
//! later.
//!
//! The new name tells which log it was: another one of the same name may have its directory in the
//! old place by the time a crash cuts the deletion short, and must not be taken for it.

use std::path::Path;

use super::LogId;
use crate::io::Io;
use crate::segment::names;

/// The name that the directory `name` of log `id` gets. `directory` is the random id of the log
/// directory that gave the log its id.
pub(super) fn name_of(name: &str, id: LogId, directory: [u8; 16]) -> String {
    names::deleted_dir(name, unique(id, directory))
}

/// The log whose directory was given this name.
pub(super) fn log_of(name: &str, directory: [u8; 16]) -> Option<LogId> {
    let found = names::parse_deleted_dir(name)?;
    let (id, _) = found.split_first_chunk()?;
    let id = LogId(u64::from_be_bytes(*id));
    (found == unique(id, directory)).then_some(id)
}

/// An id is never given twice in a log directory, and other directories, whose logs may have been
/// moved here, have other random ids.
fn unique(id: LogId, directory: [u8; 16]) -> [u8; 16] {
    let mut unique = directory;
    unique[..8].copy_from_slice(&id.0.to_be_bytes());
    unique
}

/// Removes a directory of a deleted log. What stays behind is removed after the next start.
pub(super) async fn remove_tree(io: &Io, dir: &Path) {
    let Ok(names) = io.list_dir(dir).await else { return };
    for name in names {
        if let Err(error) = io.remove_file(dir.join(&name)).await {
            tracing::warn!(path = %dir.join(name).display(), %error, "cannot remove");
        }
    }
    if let Err(error) = io.remove_dir(dir).await {
        tracing::warn!(path = %dir.display(), %error, "cannot remove");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_which_log_it_was() {
        let id = LogId(3 << 48 | 77);
        for name in ["orders-0", "log", &format!("{}-7", "t".repeat(249))] {
            assert_eq!(log_of(&name_of(name, id, [9; 16]), [9; 16]), Some(id), "{name}");
            assert_eq!(log_of(&name_of(name, id, [9; 16]), [8; 16]), None, "another directory's");
        }
        for name in
            ["orders-0", "orders-0.77-delete", "x-0.0000000000000000000000000000004d-delete"]
        {
            assert_eq!(log_of(name, [9; 16]), None, "{name}");
        }
    }
}
