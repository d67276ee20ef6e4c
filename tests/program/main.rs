//! The `ringlog` program as people and scripts use it: its start, its end, its commands.
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, missing_docs)]

mod startup;
