//! What the fuzz targets share: the bound on memory, a look at every field of a message, damaged
//! directories.
#![forbid(unsafe_code)]

pub mod directory;

use std::fmt::{self, Debug, Write};

use peak_alloc::PeakAlloc;
use ringlog::protocol::Message;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Runs `decode` and panics when it has at any moment allocated more than twice the input and 4 KiB:
/// invariant 5 of the architecture.
pub fn within_bound<T>(input: usize, decode: impl FnOnce() -> T) -> T {
    within(input * 2 + 4096, decode)
}

/// Runs `decode` and panics when it has at any moment allocated more than `limit` bytes.
pub fn within<T>(limit: usize, decode: impl FnOnce() -> T) -> T {
    let before = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    let result = decode();
    let most = ALLOCATED.peak_usage().saturating_sub(before);
    assert!(most <= limit, "{most} bytes were allocated, the bound is {limit}");
    result
}

/// Decodes a message and looks at every field and element of it, without allocating.
pub fn decode_and_walk<M: Message>(bytes: &[u8], version: i16) {
    if let Ok(view) = M::decode(bytes, version) {
        walk(&view);
    }
}

/// Looks at every field and element of a view.
pub fn walk(view: &impl Debug) {
    // Nowhere never fails, and Debug visits everything.
    let _ = write!(Nowhere, "{view:?}");
}

struct Nowhere;

impl Write for Nowhere {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        Ok(())
    }
}
