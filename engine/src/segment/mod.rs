//! The files of a partition's directory, byte for byte as Apache Kafka 4.3 writes them.
//!
//! Encoders and decoders over bytes in memory; who opens, reads, writes and syncs files is
//! elsewhere. Decoders take whatever a damaged disk holds and say what is wrong where.

pub mod checkpoint;
mod error;
pub mod id;
pub mod names;
pub mod offset_index;
pub mod properties;
pub mod snapshot;
pub mod time_index;
pub mod txn_index;

pub use error::FormatError;
pub use offset_index::{OffsetEntry, OffsetIndex};
pub use time_index::{TimeEntry, TimeIndex};
