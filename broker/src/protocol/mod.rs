//! The Kafka wire protocol: primitive types, messages, frames, error codes.
//!
//! Here live bytes and their meaning, nothing else: no sockets, no topics, no state. The messages in
//! [`generated`] are written by `cargo xtask codegen` from Kafka's own definitions. Each comes twice:
//! an owned type to encode, and a view of received bytes to decode into. Decoding allocates nothing,
//! whatever the bytes say (docs/adr/0001-borrowed-views-for-decoding.md).
//!
//! ```
//! use ringlog::protocol::generated::{HeartbeatRequest, HeartbeatResponse};
//! use ringlog::protocol::{ErrorCode, IncomingRequest, encode_request, encode_response};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let request = HeartbeatRequest { group_id: "readers".to_owned(), ..Default::default() };
//! let frame: Vec<u8> = encode_request(4, 1, None, &request)?.iter().flat_map(|p| p.to_vec()).collect();
//!
//! let incoming = IncomingRequest::parse(&frame[4..])?;
//! let view = incoming.decode::<HeartbeatRequest>()?;
//! assert_eq!(view.group_id, "readers");
//!
//! let error_code = ErrorCode::UnknownMemberId.code();
//! let response = HeartbeatResponse { error_code, ..Default::default() };
//! let header = incoming.header;
//! let _pieces = encode_response::<HeartbeatRequest>(
//!     header.request_api_version,
//!     header.correlation_id,
//!     &response,
//! )?;
//! # Ok(())
//! # }
//! ```
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
