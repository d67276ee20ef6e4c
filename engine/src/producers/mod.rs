//! What a partition knows about its idempotent and transactional producers: epoch, the last five
//! batches of each, and the open transaction.
//!
//! [`Producers::check`] decides on a batch before it gets an offset, [`Producers::apply`] takes it
//! in once it has one. Both follow Kafka's `ProducerAppendInfo` and `ProducerStateEntry` to the
//! letter, since producers depend on the exact answers. No I/O, no clock: the time is passed in.

mod entry;
mod error;
mod image;
mod marker;
mod state;
#[cfg(test)]
mod tests;

pub use entry::{BATCHES_KEPT, KnownBatch, Producer};
pub use error::ProducerError;
pub use image::{IMAGE_VERSION, ImageError};
pub use marker::{EndTxnMarker, MarkerKind};
pub use state::{CompletedTxn, ProducerOrigin, Producers, Verdict};
