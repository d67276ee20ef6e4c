// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ApiVersionsRequest`, versions 0-4, flexible from 3.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `ApiVersionsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ApiVersionsRequest {
    /// The name of the client. Versions 3+.
    pub client_software_name: String,
    /// The version of the client. Versions 3+.
    pub client_software_version: String,
}

/// A [`ApiVersionsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ApiVersionsRequestView<'a> {
    /// See [`ApiVersionsRequest::client_software_name`].
    pub client_software_name: &'a str,
    /// See [`ApiVersionsRequest::client_software_version`].
    pub client_software_version: &'a str,
}

impl<'a> View<'a> for ApiVersionsRequestView<'a> {
    const LEAST: usize = 1;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 3 {
            v.client_software_name = r.string(f)?;
        }
        if f.version >= 3 {
            v.client_software_version = r.string(f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ApiVersionsRequestView<'_>> for ApiVersionsRequest {
    fn from(v: ApiVersionsRequestView<'_>) -> Self {
        Self {
            client_software_name: v.client_software_name.into(),
            client_software_version: v.client_software_version.into(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ApiVersionsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 3 {
            m.client_software_name = g.string();
        }
        if f.version >= 3 {
            m.client_software_version = g.string();
        }
        m
    }
}

impl Message for ApiVersionsRequest {
    const NAME: &'static str = "ApiVersionsRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 3;

    type View<'a> = ApiVersionsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 3 {
            w.string(&self.client_software_name, f)?;
        }
        if f.version >= 3 {
            w.string(&self.client_software_version, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: ApiVersionsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for ApiVersionsRequest {
    const KEY: ApiKey = ApiKey::ApiVersions;
    type Response = super::ApiVersionsResponse;
}
