//! Load generation against any Kafka broker, and engine baselines.
#![forbid(unsafe_code)]
