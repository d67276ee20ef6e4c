//! The Ringlog broker: wire codec, requests, routing, metadata, groups and administration.
#![forbid(unsafe_code)]

pub mod gate;
pub mod metadata;
pub mod protocol;
