// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `RequestHeader`, versions 1-2, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `RequestHeader`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestHeader {
    /// The API key of this request.
    pub request_api_key: i16,
    /// The API version of this request.
    pub request_api_version: i16,
    /// The correlation ID of this request.
    pub correlation_id: i32,
    /// The client ID string.
    pub client_id: Option<String>,
}

impl Default for RequestHeader {
    fn default() -> Self {
        Self {
            request_api_key: Default::default(),
            request_api_version: Default::default(),
            correlation_id: Default::default(),
            client_id: Some(Default::default()),
        }
    }
}

/// A [`RequestHeader`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct RequestHeaderView<'a> {
    /// See [`RequestHeader::request_api_key`].
    pub request_api_key: i16,
    /// See [`RequestHeader::request_api_version`].
    pub request_api_version: i16,
    /// See [`RequestHeader::correlation_id`].
    pub correlation_id: i32,
    /// See [`RequestHeader::client_id`].
    pub client_id: Option<&'a str>,
}

impl Default for RequestHeaderView<'_> {
    fn default() -> Self {
        Self {
            request_api_key: Default::default(),
            request_api_version: Default::default(),
            correlation_id: Default::default(),
            client_id: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for RequestHeaderView<'a> {
    const LEAST: usize = 10;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.request_api_key = r.i16()?;
        v.request_api_version = r.i16()?;
        v.correlation_id = r.i32()?;
        v.client_id = r.nullable_string(f.rigid())?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<RequestHeaderView<'_>> for RequestHeader {
    fn from(v: RequestHeaderView<'_>) -> Self {
        Self {
            request_api_key: v.request_api_key,
            request_api_version: v.request_api_version,
            correlation_id: v.correlation_id,
            client_id: v.client_id.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for RequestHeader {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.request_api_key = g.i16();
        m.request_api_version = g.i16();
        m.correlation_id = g.i32();
        m.client_id = if g.null() { None } else { Some(g.string()) };
        m
    }
}

impl Message for RequestHeader {
    const NAME: &'static str = "RequestHeader";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = RequestHeaderView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.request_api_key);
        w.i16(self.request_api_version);
        w.i32(self.correlation_id);
        w.nullable_string(self.client_id.as_deref(), f.rigid())?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: RequestHeaderView<'_>) -> Self {
        view.into()
    }
}
