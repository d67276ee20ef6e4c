//! The executor: one thread, tasks that never leave it, one driver beneath.
//!
//! [`Core`] keeps tasks, timers and operations in flight; it never waits. Who waits is its owner:
//! [`Executor::run`] on a real shard, the simulator's world in a simulated one.

mod channel;
mod core;
mod notify;
mod rest;
mod task;
mod wait;

pub(crate) use self::core::DOORBELL;
pub use self::core::{Core, DRAIN_NANOS, Executor, TURN_TASKS};
pub use channel::{Canceled, OneshotReceiver, OneshotSender, oneshot};
pub use notify::{Notified, Notify};
pub use rest::{Neighbours, Patience};
pub use task::JoinHandle;
pub(crate) use wait::Stream;
