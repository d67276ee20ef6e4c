// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `HeartbeatResponse`, versions 0-4, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `HeartbeatResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeartbeatResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 1+.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
}

/// A [`HeartbeatResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeartbeatResponseView {
    /// See [`HeartbeatResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`HeartbeatResponse::error_code`].
    pub error_code: i16,
}

impl<'a> View<'a> for HeartbeatResponseView {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 1 {
            v.throttle_time_ms = r.i32()?;
        }
        v.error_code = r.i16()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<HeartbeatResponseView> for HeartbeatResponse {
    fn from(v: HeartbeatResponseView) -> Self {
        Self { throttle_time_ms: v.throttle_time_ms, error_code: v.error_code }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for HeartbeatResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 1 {
            m.throttle_time_ms = g.i32();
        }
        m.error_code = g.i16();
        m
    }
}

impl Message for HeartbeatResponse {
    const NAME: &'static str = "HeartbeatResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = HeartbeatResponseView;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: HeartbeatResponseView) -> Self {
        view.into()
    }
}
