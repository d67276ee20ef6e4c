// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ResponseHeader`, versions 0-1, flexible from 1.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `ResponseHeader`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResponseHeader {
    /// The correlation ID of this response.
    pub correlation_id: i32,
}

/// A [`ResponseHeader`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResponseHeaderView {
    /// See [`ResponseHeader::correlation_id`].
    pub correlation_id: i32,
}

impl<'a> View<'a> for ResponseHeaderView {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.correlation_id = r.i32()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ResponseHeaderView> for ResponseHeader {
    fn from(v: ResponseHeaderView) -> Self {
        Self { correlation_id: v.correlation_id }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ResponseHeader {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.correlation_id = g.i32();
        m
    }
}

impl Message for ResponseHeader {
    const NAME: &'static str = "ResponseHeader";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 1;
    const FLEXIBLE_FROM: i16 = 1;

    type View<'a> = ResponseHeaderView;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.correlation_id);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: ResponseHeaderView) -> Self {
        view.into()
    }
}
