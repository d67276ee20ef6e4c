//! Partition logs and the storage of a shard that holds them.
//!
//! [`recover`] opens a log directory, [`Storage`] is one shard's part of it, [`PartitionLog`] one
//! log: a tail window in memory, segment files behind it, and the shard's journal in front of both.
//! Directory names are opaque here; topics, partitions' leaders and requests are the broker's.
//! All I/O goes through [`crate::io::Io`]; nothing here reads a clock or a file in another way.

mod ahead;
mod append;
mod bytes;
mod checkpoint;
mod config;
mod damage;
mod deleted;
mod describe;
mod destage;
mod direct;
mod error;
mod files;
mod image;
mod index;
mod keeper;
mod lookup;
mod maintain;
mod owner;
mod partition;
mod read;
mod reader;
mod recovery;
mod replay;
mod segment;
mod shared;
mod storage;
mod tail;
#[cfg(test)]
mod tests;
mod truncate;

pub use crate::segment::txn_index::AbortedTxn;
pub use append::{AppendOptions, AppendOrigin, Appended, DurableWait};
pub use config::{LogConfig, StorageConfig};
pub(crate) use describe::describe_checkpoint;
pub(crate) use destage::is_full;
pub use error::{AppendError, ReadError, RecoveryError, StorageError};
pub use keeper::seal_directory;
pub use owner::{claim_directory, directory_owner};
pub use partition::{PartitionLog, ReadOutcome};
pub use recovery::{FaultyRange, Recovered, RecoveredLog, RecoveryReport, recover};
pub use storage::{Health, Storage};

/// A log's name on disk: given once when the log is created in a directory, never given again
/// there. The upper 16 bits are the number of the journal that gave it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LogId(pub u64);
