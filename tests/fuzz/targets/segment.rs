//! Segments, their indexes and the checksums of their chunks as a damaged disk may hold them, opened and
//! read by the storage.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringlog_fuzz::directory::{Left, open_damaged};
use ringlog_fuzz::within;

/// The simulated machine, its disk and the arena take some; lengths in damaged files must not take more.
const LIMIT: usize = 64 << 20;

fuzz_target!(|data: &[u8]| {
    let names = [".log", ".index", ".timeindex", ".chunks"];
    within(LIMIT, || open_damaged(Left::InOrder, &names, data));
});
