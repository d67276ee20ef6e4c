// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `HeartbeatRequest`, versions 0-4, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `HeartbeatRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeartbeatRequest {
    /// The group id.
    pub group_id: String,
    /// The generation of the group.
    pub generation_id: i32,
    /// The member ID.
    pub member_id: String,
    /// The unique identifier of the consumer instance provided by end user. Versions 3+.
    pub group_instance_id: Option<String>,
}

/// A [`HeartbeatRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeartbeatRequestView<'a> {
    /// See [`HeartbeatRequest::group_id`].
    pub group_id: &'a str,
    /// See [`HeartbeatRequest::generation_id`].
    pub generation_id: i32,
    /// See [`HeartbeatRequest::member_id`].
    pub member_id: &'a str,
    /// See [`HeartbeatRequest::group_instance_id`].
    pub group_instance_id: Option<&'a str>,
}

impl<'a> View<'a> for HeartbeatRequestView<'a> {
    const LEAST: usize = 8;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        v.generation_id = r.i32()?;
        v.member_id = r.string(f)?;
        if f.version >= 3 {
            v.group_instance_id = r.nullable_string(f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<HeartbeatRequestView<'_>> for HeartbeatRequest {
    fn from(v: HeartbeatRequestView<'_>) -> Self {
        Self {
            group_id: v.group_id.into(),
            generation_id: v.generation_id,
            member_id: v.member_id.into(),
            group_instance_id: v.group_instance_id.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for HeartbeatRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        m.generation_id = g.i32();
        m.member_id = g.string();
        if f.version >= 3 {
            m.group_instance_id = if g.null() { None } else { Some(g.string()) };
        }
        m
    }
}

impl Message for HeartbeatRequest {
    const NAME: &'static str = "HeartbeatRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = HeartbeatRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        w.i32(self.generation_id);
        w.string(&self.member_id, f)?;
        if f.version >= 3 {
            w.nullable_string(self.group_instance_id.as_deref(), f)?;
        } else if self.group_instance_id.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "HeartbeatRequest.group_instance_id",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: HeartbeatRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for HeartbeatRequest {
    const KEY: ApiKey = ApiKey::Heartbeat;
    type Response = super::HeartbeatResponse;
}
