//! The `ringlog` program.
#![forbid(unsafe_code)]
fn main() {}
