//! The Kafka wire protocol: primitive types, messages, frames, error codes.
//!
//! Here live bytes and their meaning, nothing else: no sockets, no topics, no state. The messages in
//! [`generated`] are written by `cargo xtask codegen` from Kafka's own definitions. Each comes twice:
//! an owned type to encode, and a view of received bytes to decode into. Decoding allocates nothing,
//! whatever the bytes say (docs/adr/0001-borrowed-views-for-decoding.md).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)
)]

mod array;
mod coordinator_record;
mod error;
mod errors;
#[cfg(any(test, feature = "fill"))]
pub mod fill;
mod format;
pub mod frame;
pub mod generated;
mod message;
mod metadata_record;
mod reader;
mod request;
#[cfg(test)]
mod tests;
mod uuid;
mod versioned;
mod writer;

pub use array::{Array, Iter, View};
pub use coordinator_record::CoordinatorKey;
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use errors::ErrorCode;
pub use format::Format;
pub use generated::ApiKey;
pub use message::{Message, Request};
pub use metadata_record::MetadataRecord;
pub use reader::Reader;
pub use request::{
    IncomingRequest, RequestError, decode_response, encode_request, encode_response,
};
pub use uuid::{Uuid, UuidError};
pub use versioned::{decode_consumer_metadata, decode_versioned, encode_versioned};
pub use writer::{Records, Tag, Writer};
