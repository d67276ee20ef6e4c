// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `JoinGroupResponse`, versions 0-9, flexible from 6.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, DecodeErrorKind, EncodeError, Format, Message, Reader, View, Writer,
};

/// `JoinGroupResponse`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 2+.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The generation ID of the group.
    pub generation_id: i32,
    /// The group protocol name. Versions 7+.
    pub protocol_type: Option<String>,
    /// The group protocol selected by the coordinator.
    pub protocol_name: Option<String>,
    /// The leader of the group.
    pub leader: String,
    /// True if the leader must skip running the assignment. Versions 9.
    pub skip_assignment: bool,
    /// The member ID assigned by the group coordinator.
    pub member_id: String,
    /// The group members.
    pub members: Vec<JoinGroupResponseMember>,
}

impl Default for JoinGroupResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            generation_id: -1,
            protocol_type: None,
            protocol_name: Some(Default::default()),
            leader: Default::default(),
            skip_assignment: Default::default(),
            member_id: Default::default(),
            members: Default::default(),
        }
    }
}

/// A [`JoinGroupResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct JoinGroupResponseView<'a> {
    /// See [`JoinGroupResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`JoinGroupResponse::error_code`].
    pub error_code: i16,
    /// See [`JoinGroupResponse::generation_id`].
    pub generation_id: i32,
    /// See [`JoinGroupResponse::protocol_type`].
    pub protocol_type: Option<&'a str>,
    /// See [`JoinGroupResponse::protocol_name`].
    pub protocol_name: Option<&'a str>,
    /// See [`JoinGroupResponse::leader`].
    pub leader: &'a str,
    /// See [`JoinGroupResponse::skip_assignment`].
    pub skip_assignment: bool,
    /// See [`JoinGroupResponse::member_id`].
    pub member_id: &'a str,
    /// See [`JoinGroupResponse::members`].
    pub members: Array<'a, JoinGroupResponseMemberView<'a>>,
}

impl Default for JoinGroupResponseView<'_> {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            generation_id: -1,
            protocol_type: None,
            protocol_name: Some(Default::default()),
            leader: Default::default(),
            skip_assignment: Default::default(),
            member_id: Default::default(),
            members: Default::default(),
        }
    }
}

impl<'a> View<'a> for JoinGroupResponseView<'a> {
    const LEAST: usize = 15;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 2 {
            v.throttle_time_ms = r.i32()?;
        }
        v.error_code = r.i16()?;
        v.generation_id = r.i32()?;
        if f.version >= 7 {
            v.protocol_type = r.nullable_string(f)?;
        }
        v.protocol_name = r.nullable_string(f)?;
        if v.protocol_name.is_none() && f.version <= 6 {
            return Err(r.error(DecodeErrorKind::UnexpectedNull));
        }
        v.leader = r.string(f)?;
        if f.version >= 9 {
            v.skip_assignment = r.bool()?;
        }
        v.member_id = r.string(f)?;
        v.members = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<JoinGroupResponseView<'_>> for JoinGroupResponse {
    fn from(v: JoinGroupResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            generation_id: v.generation_id,
            protocol_type: v.protocol_type.map(Into::into),
            protocol_name: v.protocol_name.map(Into::into),
            leader: v.leader.into(),
            skip_assignment: v.skip_assignment,
            member_id: v.member_id.into(),
            members: v.members.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for JoinGroupResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 2 {
            m.throttle_time_ms = g.i32();
        }
        m.error_code = g.i16();
        m.generation_id = g.i32();
        if f.version >= 7 {
            m.protocol_type = if g.null() { None } else { Some(g.string()) };
        }
        m.protocol_name = if f.version >= 7 && g.null() { None } else { Some(g.string()) };
        m.leader = g.string();
        if f.version >= 9 {
            m.skip_assignment = g.bool();
        }
        m.member_id = g.string();
        m.members = g.array(|g| JoinGroupResponseMember::filled(g, f));
        m
    }
}

/// Part of a [`JoinGroupResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinGroupResponseMember {
    /// The group member ID.
    pub member_id: String,
    /// The unique identifier of the consumer instance provided by end user. Versions 5+.
    pub group_instance_id: Option<String>,
    /// The group member metadata.
    pub metadata: Vec<u8>,
}

impl JoinGroupResponseMember {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.member_id, f)?;
        if f.version >= 5 {
            w.nullable_string(self.group_instance_id.as_deref(), f)?;
        }
        w.bytes(&self.metadata, f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`JoinGroupResponseMember`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct JoinGroupResponseMemberView<'a> {
    /// See [`JoinGroupResponseMember::member_id`].
    pub member_id: &'a str,
    /// See [`JoinGroupResponseMember::group_instance_id`].
    pub group_instance_id: Option<&'a str>,
    /// See [`JoinGroupResponseMember::metadata`].
    pub metadata: &'a [u8],
}

impl<'a> View<'a> for JoinGroupResponseMemberView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.member_id = r.string(f)?;
        if f.version >= 5 {
            v.group_instance_id = r.nullable_string(f)?;
        }
        v.metadata = r.bytes(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<JoinGroupResponseMemberView<'_>> for JoinGroupResponseMember {
    fn from(v: JoinGroupResponseMemberView<'_>) -> Self {
        Self {
            member_id: v.member_id.into(),
            group_instance_id: v.group_instance_id.map(Into::into),
            metadata: v.metadata.into(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for JoinGroupResponseMember {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.member_id = g.string();
        if f.version >= 5 {
            m.group_instance_id = if g.null() { None } else { Some(g.string()) };
        }
        m.metadata = g.bytes();
        m
    }
}

impl Message for JoinGroupResponse {
    const NAME: &'static str = "JoinGroupResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 9;
    const FLEXIBLE_FROM: i16 = 6;

    type View<'a> = JoinGroupResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 2 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        w.i32(self.generation_id);
        if f.version >= 7 {
            w.nullable_string(self.protocol_type.as_deref(), f)?;
        }
        if self.protocol_name.is_none() && f.version <= 6 {
            return Err(EncodeError::NullNotInVersion {
                field: "JoinGroupResponse.protocol_name",
                version: f.version,
            });
        }
        w.nullable_string(self.protocol_name.as_deref(), f)?;
        w.string(&self.leader, f)?;
        if f.version >= 9 {
            w.bool(self.skip_assignment);
        } else if self.skip_assignment {
            return Err(EncodeError::FieldNotInVersion {
                field: "JoinGroupResponse.skip_assignment",
                version: f.version,
            });
        }
        w.string(&self.member_id, f)?;
        w.count(self.members.len(), f)?;
        for value in &self.members {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: JoinGroupResponseView<'_>) -> Self {
        view.into()
    }
}
