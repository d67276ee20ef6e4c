//! The journal of one shard in one log directory: what makes an append durable.
//!
//! `frame` is the format, `file` the ring of pre-written files, `writer` the group commit,
//! `room` says what may be queued, `held` what is queued and must not be written yet, `reader` finds what a former process left behind, `classify` is the
//! table by which it judges. The journal knows log ids, positions and bytes; what they mean is the
//! business of [`crate::log`].

mod acks;
pub mod classify;
pub mod file;
pub mod frame;
mod held;
mod reader;
mod room;
mod writer;

pub use acks::Acks;
pub(crate) use file::Place;
pub(crate) use held::Held;
pub(crate) use reader::{Reader, ReplayFrame};
pub(crate) use room::{Claim, Permit, append_bytes_max};
pub(crate) use writer::{Journal, Owner, Pieces};
