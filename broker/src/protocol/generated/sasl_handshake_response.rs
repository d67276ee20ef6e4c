// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `SaslHandshakeResponse`, versions 0-1, never flexible.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `SaslHandshakeResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SaslHandshakeResponse {
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The mechanisms enabled in the server.
    pub mechanisms: Vec<String>,
}

/// A [`SaslHandshakeResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SaslHandshakeResponseView<'a> {
    /// See [`SaslHandshakeResponse::error_code`].
    pub error_code: i16,
    /// See [`SaslHandshakeResponse::mechanisms`].
    pub mechanisms: Array<'a, &'a str>,
}

impl<'a> View<'a> for SaslHandshakeResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.mechanisms = Array::read(r, f)?;
        Ok(v)
    }
}

impl From<SaslHandshakeResponseView<'_>> for SaslHandshakeResponse {
    fn from(v: SaslHandshakeResponseView<'_>) -> Self {
        Self { error_code: v.error_code, mechanisms: v.mechanisms.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for SaslHandshakeResponse {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.mechanisms = g.array(|g| g.string());
        m
    }
}

impl Message for SaslHandshakeResponse {
    const NAME: &'static str = "SaslHandshakeResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 1;
    const FLEXIBLE_FROM: i16 = i16::MAX;

    type View<'a> = SaslHandshakeResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.count(self.mechanisms.len(), f)?;
        for value in &self.mechanisms {
            w.string(value, f)?;
        }
        Ok(())
    }

    fn from_view(view: SaslHandshakeResponseView<'_>) -> Self {
        view.into()
    }
}
