// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `LeaveGroupRequest`, versions 0-5, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `LeaveGroupRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeaveGroupRequest {
    /// The ID of the group to leave.
    pub group_id: String,
    /// The member ID to remove from the group. Versions 0-2.
    pub member_id: String,
    /// List of leaving member identities. Versions 3+.
    pub members: Vec<MemberIdentity>,
}

/// A [`LeaveGroupRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeaveGroupRequestView<'a> {
    /// See [`LeaveGroupRequest::group_id`].
    pub group_id: &'a str,
    /// See [`LeaveGroupRequest::member_id`].
    pub member_id: &'a str,
    /// See [`LeaveGroupRequest::members`].
    pub members: Array<'a, MemberIdentityView<'a>>,
}

impl<'a> View<'a> for LeaveGroupRequestView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        if f.version <= 2 {
            v.member_id = r.string(f)?;
        }
        if f.version >= 3 {
            v.members = Array::read(r, f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<LeaveGroupRequestView<'_>> for LeaveGroupRequest {
    fn from(v: LeaveGroupRequestView<'_>) -> Self {
        Self {
            group_id: v.group_id.into(),
            member_id: v.member_id.into(),
            members: v.members.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for LeaveGroupRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        if f.version <= 2 {
            m.member_id = g.string();
        }
        if f.version >= 3 {
            m.members = g.array(|g| MemberIdentity::filled(g, f));
        }
        m
    }
}

/// Part of a [`LeaveGroupRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberIdentity {
    /// The member ID to remove from the group.
    pub member_id: String,
    /// The group instance ID to remove from the group.
    pub group_instance_id: Option<String>,
    /// The reason why the member left the group. Versions 5.
    pub reason: Option<String>,
}

impl MemberIdentity {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.member_id, f)?;
        w.nullable_string(self.group_instance_id.as_deref(), f)?;
        if f.version >= 5 {
            w.nullable_string(self.reason.as_deref(), f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`MemberIdentity`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemberIdentityView<'a> {
    /// See [`MemberIdentity::member_id`].
    pub member_id: &'a str,
    /// See [`MemberIdentity::group_instance_id`].
    pub group_instance_id: Option<&'a str>,
    /// See [`MemberIdentity::reason`].
    pub reason: Option<&'a str>,
}

impl<'a> View<'a> for MemberIdentityView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.member_id = r.string(f)?;
        v.group_instance_id = r.nullable_string(f)?;
        if f.version >= 5 {
            v.reason = r.nullable_string(f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<MemberIdentityView<'_>> for MemberIdentity {
    fn from(v: MemberIdentityView<'_>) -> Self {
        Self {
            member_id: v.member_id.into(),
            group_instance_id: v.group_instance_id.map(Into::into),
            reason: v.reason.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for MemberIdentity {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.member_id = g.string();
        m.group_instance_id = if g.null() { None } else { Some(g.string()) };
        if f.version >= 5 {
            m.reason = if g.null() { None } else { Some(g.string()) };
        }
        m
    }
}

impl Message for LeaveGroupRequest {
    const NAME: &'static str = "LeaveGroupRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = LeaveGroupRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        if f.version <= 2 {
            w.string(&self.member_id, f)?;
        } else if !self.member_id.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "LeaveGroupRequest.member_id",
                version: f.version,
            });
        }
        if f.version >= 3 {
            w.count(self.members.len(), f)?;
            for value in &self.members {
                value.write(w, f)?;
            }
        } else if !self.members.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "LeaveGroupRequest.members",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: LeaveGroupRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for LeaveGroupRequest {
    const KEY: ApiKey = ApiKey::LeaveGroup;
    type Response = super::LeaveGroupResponse;
}
