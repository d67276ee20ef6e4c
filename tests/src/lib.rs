//! Whole-process tests of the broker with real clients.
#![forbid(unsafe_code)]
