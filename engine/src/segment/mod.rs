//! The files of a partition's directory, byte for byte as Apache Kafka 4.3 writes them.
//!
//! Encoders and decoders over bytes in memory; who opens, reads, writes and syncs files is
//! elsewhere. Decoders take whatever a damaged disk holds and say what is wrong where.

mod error;
pub mod snapshot;

pub use error::FormatError;
