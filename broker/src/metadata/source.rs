//! Where metadata records come from.

use std::future::Future;
use std::pin::Pin;

use crate::protocol::MetadataRecord;

/// Why records were not committed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The log of records cannot be written; what becomes of these records is unknown.
    #[error("the metadata log cannot be written: {0}")]
    Write(String),
    /// Nothing was written: there is no room for what the records would bring with them.
    #[error("{0}")]
    Refused(String),
    /// The log of records cannot be read.
    #[error("the metadata log cannot be read: {0}")]
    Read(String),
}

/// A future that stays on its shard.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A replicated or local log of metadata records. The controller writes through it; every node
/// applies what it has committed, in order. A quorum and a foreign KRaft controller are to be other
/// implementations.
pub trait MetadataSource {
    /// Makes `records` durable as one unit, all or none, and returns the offset of the last one.
    fn commit(&self, records: Vec<MetadataRecord>) -> LocalFuture<'_, Result<i64, SourceError>>;

    /// Whether there is room for records that bring new logs with them. Others are always taken:
    /// they may be what makes room.
    ///
    /// # Errors
    /// [`SourceError::Refused`] and why.
    fn check_space(&self) -> Result<(), SourceError>;

    /// Every committed record from the beginning, with its offset.
    fn replay(&self) -> LocalFuture<'_, Result<Vec<(i64, MetadataRecord)>, SourceError>>;
}
