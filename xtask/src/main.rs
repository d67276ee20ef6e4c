//! Project chores that need more than cargo.
#![forbid(unsafe_code)]
fn main() {}
