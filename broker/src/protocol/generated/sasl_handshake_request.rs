// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `SaslHandshakeRequest`, versions 0-1, never flexible.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `SaslHandshakeRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaslHandshakeRequest {
    /// The SASL mechanism chosen by the client.
    pub mechanism: String,
}

/// A [`SaslHandshakeRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SaslHandshakeRequestView<'a> {
    /// See [`SaslHandshakeRequest::mechanism`].
    pub mechanism: &'a str,
}

impl<'a> View<'a> for SaslHandshakeRequestView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.mechanism = r.string(f)?;
        Ok(v)
    }
}

impl From<SaslHandshakeRequestView<'_>> for SaslHandshakeRequest {
    fn from(v: SaslHandshakeRequestView<'_>) -> Self {
        Self { mechanism: v.mechanism.into() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for SaslHandshakeRequest {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.mechanism = g.string();
        m
    }
}

impl Message for SaslHandshakeRequest {
    const NAME: &'static str = "SaslHandshakeRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 1;
    const FLEXIBLE_FROM: i16 = i16::MAX;

    type View<'a> = SaslHandshakeRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.mechanism, f)?;
        Ok(())
    }

    fn from_view(view: SaslHandshakeRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for SaslHandshakeRequest {
    const KEY: ApiKey = ApiKey::SaslHandshake;
    type Response = super::SaslHandshakeResponse;
}
