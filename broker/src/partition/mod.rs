//! A partition as its leader serves it: appends, reads, the high watermark, fetch sessions, fetches
//! that wait.
//!
//! The log itself is the engine's. Nothing here knows connections or wire formats.

mod append;
mod leader;
mod sessions;
mod watches;

pub use append::{AppendFailure, AppendReceipt, ProduceTerms};
pub use leader::{Partition, PartitionRead};
pub use sessions::{FetchSessions, SessionError, SessionFetch, SessionPartition, TopicRef};
pub use watches::{Watch, WatchKey, Watches};
