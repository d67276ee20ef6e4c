//! Whole-process tests of the broker with real clients.
//!
//! [`broker`] starts, kills and stops real `ringlog` processes; [`ledger`] keeps what was
//! acknowledged and judges what is read back. Nothing here knows private functions of the broker.
#![forbid(unsafe_code)]
// Process tests live in real time.
#![allow(clippy::disallowed_methods)]

pub mod broker;
#[cfg(feature = "clients")]
pub mod clients;
pub mod ledger;
pub mod simulation;
#[cfg(feature = "clients")]
pub mod torture;
