//! The storage and I/O engine of Ringlog: rings, executor, disk, sockets, clock, record batches,
//! journal and partition log, and the simulation of all of these.
//!
//! It knows nothing of the Kafka wire protocol, of topics' names or of clusters.
//! Unsafe code lives in [`arena`] and [`ring`] only.
#![deny(unsafe_code)]

#[allow(unsafe_code)]
pub mod arena;
pub mod batch;
pub mod checksums;
mod crc32c;
pub mod epochs;
pub mod exec;
#[allow(clippy::disallowed_methods, clippy::disallowed_types)] // runs beside a broker, not in one
pub mod inspect;
pub mod io;
pub mod journal;
pub mod log;
#[doc(hidden)]
pub mod mutants;
pub mod producers;
#[allow(unsafe_code)]
#[allow(clippy::disallowed_methods, clippy::disallowed_types)] // it is the driver
pub mod ring;
pub mod segment;
pub mod shard;
pub mod sim;
