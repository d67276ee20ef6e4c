//! The Ringlog broker: wire codec, requests, routing, metadata, groups and administration.
#![forbid(unsafe_code)]

pub mod api;
pub mod cli;
pub mod client;
pub mod config;
pub mod gate;
pub mod group;
pub mod metadata;
pub mod partition;
pub mod protocol;
pub mod server;
