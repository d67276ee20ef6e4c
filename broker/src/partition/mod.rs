//! A partition as its leader serves it: appends, reads, the high watermark, fetch sessions.
//!
//! The log itself is the engine's. Nothing here knows connections or wire formats.

mod append;
mod leader;
mod sessions;

pub use append::{AppendFailure, AppendReceipt};
pub use leader::{Partition, PartitionRead};
pub use sessions::{FetchSessions, SessionError, SessionFetch, SessionPartition, TopicRef};
