// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `SyncGroupRequest`, versions 0-5, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `SyncGroupRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupRequest {
    /// The unique group identifier.
    pub group_id: String,
    /// The generation of the group.
    pub generation_id: i32,
    /// The member ID assigned by the group.
    pub member_id: String,
    /// The unique identifier of the consumer instance provided by end user. Versions 3+.
    pub group_instance_id: Option<String>,
    /// The group protocol type. Versions 5.
    pub protocol_type: Option<String>,
    /// The group protocol name. Versions 5.
    pub protocol_name: Option<String>,
    /// Each assignment.
    pub assignments: Vec<SyncGroupRequestAssignment>,
}

/// A [`SyncGroupRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SyncGroupRequestView<'a> {
    /// See [`SyncGroupRequest::group_id`].
    pub group_id: &'a str,
    /// See [`SyncGroupRequest::generation_id`].
    pub generation_id: i32,
    /// See [`SyncGroupRequest::member_id`].
    pub member_id: &'a str,
    /// See [`SyncGroupRequest::group_instance_id`].
    pub group_instance_id: Option<&'a str>,
    /// See [`SyncGroupRequest::protocol_type`].
    pub protocol_type: Option<&'a str>,
    /// See [`SyncGroupRequest::protocol_name`].
    pub protocol_name: Option<&'a str>,
    /// See [`SyncGroupRequest::assignments`].
    pub assignments: Array<'a, SyncGroupRequestAssignmentView<'a>>,
}

impl<'a> View<'a> for SyncGroupRequestView<'a> {
    const LEAST: usize = 9;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        v.generation_id = r.i32()?;
        v.member_id = r.string(f)?;
        if f.version >= 3 {
            v.group_instance_id = r.nullable_string(f)?;
        }
        if f.version >= 5 {
            v.protocol_type = r.nullable_string(f)?;
        }
        if f.version >= 5 {
            v.protocol_name = r.nullable_string(f)?;
        }
        v.assignments = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<SyncGroupRequestView<'_>> for SyncGroupRequest {
    fn from(v: SyncGroupRequestView<'_>) -> Self {
        Self {
            group_id: v.group_id.into(),
            generation_id: v.generation_id,
            member_id: v.member_id.into(),
            group_instance_id: v.group_instance_id.map(Into::into),
            protocol_type: v.protocol_type.map(Into::into),
            protocol_name: v.protocol_name.map(Into::into),
            assignments: v.assignments.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for SyncGroupRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        m.generation_id = g.i32();
        m.member_id = g.string();
        if f.version >= 3 {
            m.group_instance_id = if g.null() { None } else { Some(g.string()) };
        }
        if f.version >= 5 {
            m.protocol_type = if g.null() { None } else { Some(g.string()) };
        }
        if f.version >= 5 {
            m.protocol_name = if g.null() { None } else { Some(g.string()) };
        }
        m.assignments = g.array(|g| SyncGroupRequestAssignment::filled(g, f));
        m
    }
}

/// Part of a [`SyncGroupRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SyncGroupRequestAssignment {
    /// The ID of the member to assign.
    pub member_id: String,
    /// The member assignment.
    pub assignment: Vec<u8>,
}

impl SyncGroupRequestAssignment {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.member_id, f)?;
        w.bytes(&self.assignment, f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`SyncGroupRequestAssignment`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SyncGroupRequestAssignmentView<'a> {
    /// See [`SyncGroupRequestAssignment::member_id`].
    pub member_id: &'a str,
    /// See [`SyncGroupRequestAssignment::assignment`].
    pub assignment: &'a [u8],
}

impl<'a> View<'a> for SyncGroupRequestAssignmentView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.member_id = r.string(f)?;
        v.assignment = r.bytes(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<SyncGroupRequestAssignmentView<'_>> for SyncGroupRequestAssignment {
    fn from(v: SyncGroupRequestAssignmentView<'_>) -> Self {
        Self { member_id: v.member_id.into(), assignment: v.assignment.into() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for SyncGroupRequestAssignment {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.member_id = g.string();
        m.assignment = g.bytes();
        m
    }
}

impl Message for SyncGroupRequest {
    const NAME: &'static str = "SyncGroupRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = SyncGroupRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        w.i32(self.generation_id);
        w.string(&self.member_id, f)?;
        if f.version >= 3 {
            w.nullable_string(self.group_instance_id.as_deref(), f)?;
        } else if self.group_instance_id.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "SyncGroupRequest.group_instance_id",
                version: f.version,
            });
        }
        if f.version >= 5 {
            w.nullable_string(self.protocol_type.as_deref(), f)?;
        }
        if f.version >= 5 {
            w.nullable_string(self.protocol_name.as_deref(), f)?;
        }
        w.count(self.assignments.len(), f)?;
        for value in &self.assignments {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: SyncGroupRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for SyncGroupRequest {
    const KEY: ApiKey = ApiKey::SyncGroup;
    type Response = super::SyncGroupResponse;
}
