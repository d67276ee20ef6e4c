//! Probing and tuning of the machine a broker runs on.
#![forbid(unsafe_code)]
