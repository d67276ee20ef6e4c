//! The storage and I/O engine of Ringlog.
#![deny(unsafe_code)]
