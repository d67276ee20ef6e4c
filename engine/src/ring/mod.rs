//! The driver that carries operations out on Linux: one io_uring per shard.
//!
//! [`RingDriver`] is the whole of it to the outside; [`probe`] says what this machine offers and
//! how to mend what it lacks. This is one of the two modules that may contain unsafe code: here it
//! is the contract with the kernel that memory handed over stays where it is until the kernel is
//! done with it. The entries of the driver keep that contract: each owns its operation, and so its
//! buffers, from submission to the terminal completion.
//!
//! Facts: `io_uring_setup(2)`, `io_uring_enter(2)`, `io_uring_register(2)`; SINGLE_ISSUER and
//! DEFER_TASKRUN keep all completion work on the shard's own thread and inside its one system call
//! a turn.

mod complete;
mod descriptors;
mod doorbells;
mod driver;
mod entry;
mod memory;
pub mod probe;
mod provided;
mod submit;

pub use doorbells::Doorbells;
pub use driver::{RingConfig, RingDriver};
pub use probe::{RingError, RingReport};
