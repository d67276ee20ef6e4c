//! Whole requests and responses: header and body, inside a frame.

use ringlog_engine::arena::Slice;

use super::error::{DecodeError, EncodeError};
use super::generated::{
    ApiKey, RequestHeader, RequestHeaderView, ResponseHeader, ResponseHeaderView,
};
use super::message::{Message, Request};
use super::reader::Reader;
use super::writer::Writer;

impl ApiKey {
    /// Lowest and highest version to advertise: [`ApiKey::versions`], but Produce from version 0 on
    /// although 3 is the least that is served. librdkafka takes a broker that does not do so for one
    /// without record batches (KAFKA-18659).
    pub fn advertised_versions(self) -> (i16, i16) {
        match (self, self.versions()) {
            (Self::Produce, (_, max)) => (0, max),
            (_, versions) => versions,
        }
    }
}

/// A received request whose header is read and whose body is not.
#[derive(Clone, Copy, Debug)]
pub struct IncomingRequest<'a> {
    /// The API asked for.
    pub key: ApiKey,
    /// The header: version, correlation id, client id.
    pub header: RequestHeaderView<'a>,
    /// The bytes behind the header.
    pub body: &'a [u8],
}

/// Why a frame is not a request. The connection it came from cannot be trusted to be in step, and
/// is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// An API key that Kafka does not have.
    #[error(
        "API key {key} is unknown (version {version}): the client is newer than this broker, or it is not a Kafka client"
    )]
    UnknownApi {
        /// The key as sent.
        key: i16,
        /// The version as sent.
        version: i16,
    },
    /// A header that cannot be read.
    #[error(transparent)]
    Header(#[from] DecodeError),
}

impl<'a> IncomingRequest<'a> {
    /// Reads the header of a request. `frame` is what follows the length.
    ///
    /// The version is not checked: an ApiVersions request in a version yet to come gets an answer in
    /// version 0, any other ends the connection. [`ApiKey::supports`] tells.
    ///
    /// # Errors
    /// See [`RequestError`].
    pub fn parse(frame: &'a [u8]) -> Result<Self, RequestError> {
        let mut start = Reader::new(frame);
        let read = start.i16().and_then(|key| Ok((key, start.i16()?)));
        let (id, version) =
            read.map_err(|error| DecodeError { message: RequestHeader::NAME, ..error })?;
        let key = ApiKey::from_id(id).ok_or(RequestError::UnknownApi { key: id, version })?;
        let mut reader = Reader::new(frame);
        let header = RequestHeader::decode_from(&mut reader, key.request_header_version(version))?;
        Ok(Self { key, header, body: reader.rest() })
    }

    /// The version of the body.
    pub fn version(&self) -> i16 {
        self.header.request_api_version
    }

    /// Whether [`IncomingRequest::decode`] knows the version.
    pub fn is_supported(&self) -> bool {
        self.key.supports(self.version())
    }

    /// Reads the body. Bytes behind its end are passed over, as Apache Kafka does: librdkafka sends three of them
    /// when it asks for the metadata of all topics.
    ///
    /// # Errors
    /// When the body is not valid in the request's version.
    pub fn decode<M: Request>(&self) -> Result<M::View<'a>, DecodeError> {
        debug_assert_eq!(M::KEY, self.key);
        M::decode_from(&mut Reader::new(self.body), self.version())
    }
}

/// A frame with a response, as pieces to send.
///
/// # Errors
/// When the version cannot express the response.
pub fn encode_response<M: Request>(
    version: i16,
    correlation_id: i32,
    response: &M::Response,
) -> Result<Vec<Slice>, EncodeError> {
    let mut w = Writer::framed();
    let header = ResponseHeader { correlation_id };
    header.encode(&mut w, M::KEY.response_header_version(version))?;
    response.encode(&mut w, version)?;
    w.finish()
}

/// A frame with a request, as pieces to send.
///
/// # Errors
/// When the version cannot express the request.
pub fn encode_request<M: Request>(
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
    request: &M,
) -> Result<Vec<Slice>, EncodeError> {
    let mut w = Writer::framed();
    let header = RequestHeader {
        request_api_key: M::KEY.id(),
        request_api_version: version,
        correlation_id,
        client_id: client_id.map(str::to_owned),
    };
    header.encode(&mut w, M::KEY.request_header_version(version))?;
    request.encode(&mut w, version)?;
    w.finish()
}

/// Reads a response: its correlation id, and its body. `frame` is what follows the length.
///
/// # Errors
/// When it is not a response of this kind and version.
pub fn decode_response<M: Request>(
    frame: &[u8],
    version: i16,
) -> Result<(i32, <M::Response as Message>::View<'_>), DecodeError> {
    let mut reader = Reader::new(frame);
    let header: ResponseHeaderView =
        ResponseHeader::decode_from(&mut reader, M::KEY.response_header_version(version))?;
    Ok((header.correlation_id, M::Response::decode(reader.rest(), version)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::DecodeErrorKind;
    use crate::protocol::generated::{ApiVersionsRequest, ApiVersionsResponse, MetadataRequest};

    fn frame(pieces: &[Slice]) -> Vec<u8> {
        pieces.iter().flat_map(|piece| piece.iter().copied()).skip(4).collect()
    }

    #[test]
    fn requests_are_read_as_they_were_sent() {
        for version in 0..=13 {
            let request = MetadataRequest::default();
            let pieces = encode_request(version, 77, Some("me"), &request).unwrap();
            let bytes = frame(&pieces);
            let incoming = IncomingRequest::parse(&bytes).unwrap();
            assert_eq!(incoming.key, ApiKey::Metadata);
            assert_eq!(incoming.header.correlation_id, 77);
            assert_eq!(incoming.header.client_id, Some("me"));
            assert_eq!(incoming.version(), version);
            let view = incoming.decode::<MetadataRequest>().unwrap();
            assert_eq!(MetadataRequest::from(view), request);
        }
    }

    #[test]
    fn bytes_behind_a_request_are_passed_over() {
        let request = MetadataRequest { topics: None, ..MetadataRequest::default() };
        let mut bytes = frame(&encode_request(13, 77, Some("me"), &request).unwrap());
        bytes.extend([1, 0, 0]);
        let incoming = IncomingRequest::parse(&bytes).unwrap();
        assert!(incoming.decode::<MetadataRequest>().unwrap().topics.is_none());
    }

    #[test]
    fn produce_is_advertised_from_a_version_that_is_not_served() {
        assert_eq!(ApiKey::Produce.advertised_versions(), (0, 13));
        assert!(!ApiKey::Produce.supports(0) && ApiKey::Produce.supports(3));
        assert_eq!(ApiKey::Fetch.advertised_versions(), ApiKey::Fetch.versions());
    }

    #[test]
    fn the_header_of_a_flexible_request_still_has_a_plain_client_id() {
        let pieces = encode_request(3, 1, Some("me"), &ApiVersionsRequest::default()).unwrap();
        assert_eq!(&frame(&pieces)[..13], b"\0\x12\0\x03\0\0\0\x01\0\x02me\0");
    }

    #[test]
    fn api_versions_of_the_future_can_be_answered() {
        let bytes = b"\0\x12\0\x63\0\0\0\x05\xff\xff\0whatever this may be";
        let incoming = IncomingRequest::parse(bytes).unwrap();
        assert_eq!(incoming.header.correlation_id, 5);
        assert!(!incoming.is_supported());
    }

    #[test]
    fn api_versions_answers_have_the_old_header_in_every_version() {
        let response = ApiVersionsResponse { error_code: 35, ..Default::default() };
        for version in 0..=4 {
            let bytes =
                frame(&encode_response::<ApiVersionsRequest>(version, 5, &response).unwrap());
            assert_eq!(&bytes[..6], [0, 0, 0, 5, 0, 35]);
            let (id, view) = decode_response::<ApiVersionsRequest>(&bytes, version).unwrap();
            assert_eq!((id, view.error_code), (5, 35));
        }
    }

    #[test]
    fn frames_that_are_no_request_are_named() {
        let parse = |bytes: &'static [u8]| IncomingRequest::parse(bytes).unwrap_err();
        assert_eq!(
            parse(b"GET / HTTP/1.1\r\n\r\n"),
            RequestError::UnknownApi { key: 0x4745, version: 0x5420 }
        );
        let RequestError::Header(error) = parse(&[0, 3, 0]) else { panic!("not a header error") };
        assert_eq!(error.kind, DecodeErrorKind::Truncated { wanted: 2, left: 1 });
        assert!(matches!(parse(&[0, 3, 0, 9, 0, 0, 0, 1, 0, 9]), RequestError::Header(_)));
    }
}
