//! The few requests that a load needs, encoded here so that the driver costs little and shares no code
//! with the broker that it measures.
//!
//! `frame` makes requests, `answer` reads what comes back; `connection` and `cluster` find out where the
//! partitions are before a load begins. No load here, and no clock but for giving up.

mod answer;
pub(crate) mod cluster;
mod connection;
pub(crate) mod frame;
mod identity;

pub(crate) use answer::Answer;
pub(crate) use connection::{ANSWER_MAX, Connection, PATIENCE};
pub use identity::Identity;
pub(crate) use identity::identity;
