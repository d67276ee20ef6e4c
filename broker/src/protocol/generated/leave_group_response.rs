// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `LeaveGroupResponse`, versions 0-5, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `LeaveGroupResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaveGroupResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 1+.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// List of leaving member responses. Versions 3+.
    pub members: Vec<MemberResponse>,
}

/// A [`LeaveGroupResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeaveGroupResponseView<'a> {
    /// See [`LeaveGroupResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`LeaveGroupResponse::error_code`].
    pub error_code: i16,
    /// See [`LeaveGroupResponse::members`].
    pub members: Array<'a, MemberResponseView<'a>>,
}

impl<'a> View<'a> for LeaveGroupResponseView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 1 {
            v.throttle_time_ms = r.i32()?;
        }
        v.error_code = r.i16()?;
        if f.version >= 3 {
            v.members = Array::read(r, f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<LeaveGroupResponseView<'_>> for LeaveGroupResponse {
    fn from(v: LeaveGroupResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            members: v.members.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for LeaveGroupResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 1 {
            m.throttle_time_ms = g.i32();
        }
        m.error_code = g.i16();
        if f.version >= 3 {
            m.members = g.array(|g| MemberResponse::filled(g, f));
        }
        m
    }
}

/// Part of a [`LeaveGroupResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MemberResponse {
    /// The member ID to remove from the group.
    pub member_id: String,
    /// The group instance ID to remove from the group.
    pub group_instance_id: Option<String>,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
}

impl Default for MemberResponse {
    fn default() -> Self {
        Self {
            member_id: Default::default(),
            group_instance_id: Some(Default::default()),
            error_code: Default::default(),
        }
    }
}

impl MemberResponse {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.member_id, f)?;
        w.nullable_string(self.group_instance_id.as_deref(), f)?;
        w.i16(self.error_code);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`MemberResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct MemberResponseView<'a> {
    /// See [`MemberResponse::member_id`].
    pub member_id: &'a str,
    /// See [`MemberResponse::group_instance_id`].
    pub group_instance_id: Option<&'a str>,
    /// See [`MemberResponse::error_code`].
    pub error_code: i16,
}

impl Default for MemberResponseView<'_> {
    fn default() -> Self {
        Self {
            member_id: Default::default(),
            group_instance_id: Some(Default::default()),
            error_code: Default::default(),
        }
    }
}

impl<'a> View<'a> for MemberResponseView<'a> {
    const LEAST: usize = 5;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.member_id = r.string(f)?;
        v.group_instance_id = r.nullable_string(f)?;
        v.error_code = r.i16()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<MemberResponseView<'_>> for MemberResponse {
    fn from(v: MemberResponseView<'_>) -> Self {
        Self {
            member_id: v.member_id.into(),
            group_instance_id: v.group_instance_id.map(Into::into),
            error_code: v.error_code,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for MemberResponse {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.member_id = g.string();
        m.group_instance_id = if g.null() { None } else { Some(g.string()) };
        m.error_code = g.i16();
        m
    }
}

impl Message for LeaveGroupResponse {
    const NAME: &'static str = "LeaveGroupResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = LeaveGroupResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        if f.version >= 3 {
            w.count(self.members.len(), f)?;
            for value in &self.members {
                value.write(w, f)?;
            }
        } else if !self.members.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "LeaveGroupResponse.members",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: LeaveGroupResponseView<'_>) -> Self {
        view.into()
    }
}
