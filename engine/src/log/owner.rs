//! Whose a log directory is: what its `meta.properties` says, before recovery changes anything.

use std::path::Path;

use super::RecoveryError;
use super::checkpoint::Checkpoint;
use super::files::{read_file, replace_file};
use super::recovery::failed;
use crate::io::Io;
use crate::journal::file::journal_number;
use crate::segment::names::META_PROPERTIES;
use crate::segment::properties::MetaProperties;

/// To which cluster and node a log directory belongs; nothing when it is new. Changes nothing, so
/// whoever finds another owner may leave the directory as it is.
///
/// # Errors
/// [`RecoveryError::Foreign`] for the directory of another broker program, and what keeps
/// `meta.properties` from being read.
pub async fn directory_owner(io: &Io, dir: &Path) -> Result<Option<MetaProperties>, RecoveryError> {
    let path = dir.join(META_PROPERTIES);
    let bytes = read_file(io, &path).await.map_err(failed("reading", &path))?;
    let Some(bytes) = bytes else { return Ok(None) };
    let base = Checkpoint::base_path(dir);
    if io.stat(&base).await.map_err(failed("looking at", &base))?.is_none() {
        let names = io.list_dir(dir).await.map_err(failed("listing", dir))?;
        // A catalogue that is lost is another matter, which recovery tells.
        if !names.iter().any(|name| journal_number(name).is_some()) {
            return Err(RecoveryError::Foreign { path });
        }
    }
    let owner = MetaProperties::decode(&bytes);
    owner.map(Some).map_err(|error| RecoveryError::Damaged { path, why: error.to_string() })
}

/// Writes to a recovered directory whose it is from now on.
///
/// # Errors
/// What the file system says.
pub async fn claim_directory(
    io: &Io,
    dir: &Path,
    owner: &MetaProperties,
) -> Result<(), RecoveryError> {
    let path = dir.join(META_PROPERTIES);
    replace_file(io, &path, &owner.encode()).await.map_err(failed("writing", &path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::StorageConfig;
    use crate::sim::{SimConfig, World};

    #[test]
    fn the_owner_is_told_before_anything_is_touched() {
        let mut world = World::new(1, SimConfig::calm());
        world.block_on(0, |io| async move {
            let (dir, path) = (Path::new("/data"), Path::new("/data/meta.properties"));
            assert_eq!(directory_owner(&io, dir).await.unwrap(), None, "there is no directory");
            let config = StorageConfig::tiny();
            let directory_id =
                Some(super::super::recover(&io, dir, &config).await.unwrap().incarnation);
            assert_eq!(directory_owner(&io, dir).await.unwrap(), None);
            let owner = MetaProperties { cluster_id: "c".into(), node_id: 7, directory_id };
            claim_directory(&io, dir, &owner).await.unwrap();
            assert_eq!(directory_owner(&io, dir).await.unwrap(), Some(owner));
            replace_file(&io, path, b"node.id=x").await.unwrap();
            let damaged = directory_owner(&io, dir).await;
            assert!(matches!(damaged, Err(RecoveryError::Damaged { .. })), "{damaged:?}");
            io.remove_file(&Checkpoint::base_path(dir)).await.unwrap();
            let foreign = directory_owner(&io, dir).await;
            assert!(matches!(foreign, Err(RecoveryError::Foreign { .. })), "{foreign:?}");
        });
    }
}
