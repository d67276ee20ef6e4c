//! The `ringlog` program as people and scripts use it: its start, its end, its commands.
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, missing_docs)]

mod bench;
mod commands;
mod startup;

/// A name that no other run has used.
fn unique(name: &str) -> String {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    format!("{name}-{nanos}")
}
