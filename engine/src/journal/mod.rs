//! The journal of one shard in one log directory: what makes an append durable.
//!
//! `frame` is the format, `file` the ring of pre-written files, `writer` the group commit,
//! `reader` finds what a former process left behind. The journal knows log ids, positions and
//! bytes; what they mean is the business of [`crate::log`].

mod acks;
pub mod file;
pub mod frame;
mod writer;

pub use acks::Acks;
pub(crate) use file::Place;
pub(crate) use writer::{Journal, Owner, Pieces};
