//! The hot paths of Ringlog, each prepared so that it can be repeated.
//!
//! [`PATHS`] has each once. `bench/instructions` counts their instructions with the program of this crate,
//! `cargo bench -p ringlog-paths` measures them in seconds. `machine` stands in for ring, disk and network,
//! `node` is a shard and a whole broker on it. What may not live here: measuring, and anything that makes
//! two runs of a path differ.
#![forbid(unsafe_code)]
// What goes wrong here is a bug of the program or of what it measures.
#![allow(clippy::expect_used)]

mod machine;
mod node;
mod paths;

pub use paths::{PATHS, Path};
