//! Record batches, version 2: the unit that producers send, logs keep and consumers fetch.
//!
//! [`BatchView`] reads a batch where it lies; [`validate`] decides whether a client's record set may
//! enter a log; [`assign`] and [`set_log_append_time`] set in place what the leader sets; [`record`]
//! walks the records inside, [`BatchBuilder`] makes batches. Nothing here does I/O, and nothing on
//! the way of a produce or fetch copies or decompresses record bytes.
//!
//! Source: KIP-98 and Kafka's `DefaultRecordBatch`.

mod builder;
mod compression;
mod error;
pub mod record;
#[cfg(test)]
mod tests;
mod validate;
mod view;

pub use builder::{BatchBuilder, NewRecord};
pub use compression::{Compression, DECOMPRESSED_BYTES_MAX};
pub use error::BatchError;
pub use record::{Header, Record, Records};
pub use validate::{BatchLimits, BatchSet, validate};
pub use view::{
    BatchIter, BatchView, CHECKSUM_FROM, HEADER_BYTES, LOG_OVERHEAD_BYTES, NO_PRODUCER,
    NO_SEQUENCE, NO_TIMESTAMP, TimestampType, assign, set_log_append_time,
};
