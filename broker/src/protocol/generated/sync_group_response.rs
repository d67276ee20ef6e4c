// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `SyncGroupResponse`, versions 0-5, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `SyncGroupResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 1+.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The group protocol type. Versions 5.
    pub protocol_type: Option<String>,
    /// The group protocol name. Versions 5.
    pub protocol_name: Option<String>,
    /// The member assignment.
    pub assignment: Vec<u8>,
}

/// A [`SyncGroupResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SyncGroupResponseView<'a> {
    /// See [`SyncGroupResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`SyncGroupResponse::error_code`].
    pub error_code: i16,
    /// See [`SyncGroupResponse::protocol_type`].
    pub protocol_type: Option<&'a str>,
    /// See [`SyncGroupResponse::protocol_name`].
    pub protocol_name: Option<&'a str>,
    /// See [`SyncGroupResponse::assignment`].
    pub assignment: &'a [u8],
}

impl<'a> View<'a> for SyncGroupResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 1 {
            v.throttle_time_ms = r.i32()?;
        }
        v.error_code = r.i16()?;
        if f.version >= 5 {
            v.protocol_type = r.nullable_string(f)?;
        }
        if f.version >= 5 {
            v.protocol_name = r.nullable_string(f)?;
        }
        v.assignment = r.bytes(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<SyncGroupResponseView<'_>> for SyncGroupResponse {
    fn from(v: SyncGroupResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            protocol_type: v.protocol_type.map(Into::into),
            protocol_name: v.protocol_name.map(Into::into),
            assignment: v.assignment.into(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for SyncGroupResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 1 {
            m.throttle_time_ms = g.i32();
        }
        m.error_code = g.i16();
        if f.version >= 5 {
            m.protocol_type = if g.null() { None } else { Some(g.string()) };
        }
        if f.version >= 5 {
            m.protocol_name = if g.null() { None } else { Some(g.string()) };
        }
        m.assignment = g.bytes();
        m
    }
}

impl Message for SyncGroupResponse {
    const NAME: &'static str = "SyncGroupResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = SyncGroupResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        if f.version >= 5 {
            w.nullable_string(self.protocol_type.as_deref(), f)?;
        }
        if f.version >= 5 {
            w.nullable_string(self.protocol_name.as_deref(), f)?;
        }
        w.bytes(&self.assignment, f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: SyncGroupResponseView<'_>) -> Self {
        view.into()
    }
}
