// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeGroupsResponse`, versions 0-6, flexible from 5.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `DescribeGroupsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeGroupsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 1+.
    pub throttle_time_ms: i32,
    /// Each described group.
    pub groups: Vec<DescribedGroup>,
}

/// A [`DescribeGroupsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeGroupsResponseView<'a> {
    /// See [`DescribeGroupsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`DescribeGroupsResponse::groups`].
    pub groups: Array<'a, DescribedGroupView<'a>>,
}

impl<'a> View<'a> for DescribeGroupsResponseView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 1 {
            v.throttle_time_ms = r.i32()?;
        }
        v.groups = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeGroupsResponseView<'_>> for DescribeGroupsResponse {
    fn from(v: DescribeGroupsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            groups: v.groups.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeGroupsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 1 {
            m.throttle_time_ms = g.i32();
        }
        m.groups = g.array(|g| DescribedGroup::filled(g, f));
        m
    }
}

/// Part of a [`DescribeGroupsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// The describe error, or 0 if there was no error.
    pub error_code: i16,
    /// The describe error message, or null if there was no error. Versions 6.
    pub error_message: Option<String>,
    /// The group ID string.
    pub group_id: String,
    /// The group state string, or the empty string.
    pub group_state: String,
    /// The group protocol type, or the empty string.
    pub protocol_type: String,
    /// The group protocol data, or the empty string.
    pub protocol_data: String,
    /// The group members.
    pub members: Vec<DescribedGroupMember>,
    /// 32-bit bitfield to represent authorized operations for this group. Versions 3+.
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: None,
            group_id: Default::default(),
            group_state: Default::default(),
            protocol_type: Default::default(),
            protocol_data: Default::default(),
            members: Default::default(),
            authorized_operations: i32::MIN,
        }
    }
}

impl DescribedGroup {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        if f.version >= 6 {
            w.nullable_string(self.error_message.as_deref(), f)?;
        } else if self.error_message.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "DescribedGroup.error_message",
                version: f.version,
            });
        }
        w.string(&self.group_id, f)?;
        w.string(&self.group_state, f)?;
        w.string(&self.protocol_type, f)?;
        w.string(&self.protocol_data, f)?;
        w.count(self.members.len(), f)?;
        for value in &self.members {
            value.write(w, f)?;
        }
        if f.version >= 3 {
            w.i32(self.authorized_operations);
        } else if self.authorized_operations != i32::MIN {
            return Err(EncodeError::FieldNotInVersion {
                field: "DescribedGroup.authorized_operations",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DescribedGroup`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribedGroupView<'a> {
    /// See [`DescribedGroup::error_code`].
    pub error_code: i16,
    /// See [`DescribedGroup::error_message`].
    pub error_message: Option<&'a str>,
    /// See [`DescribedGroup::group_id`].
    pub group_id: &'a str,
    /// See [`DescribedGroup::group_state`].
    pub group_state: &'a str,
    /// See [`DescribedGroup::protocol_type`].
    pub protocol_type: &'a str,
    /// See [`DescribedGroup::protocol_data`].
    pub protocol_data: &'a str,
    /// See [`DescribedGroup::members`].
    pub members: Array<'a, DescribedGroupMemberView<'a>>,
    /// See [`DescribedGroup::authorized_operations`].
    pub authorized_operations: i32,
}

impl Default for DescribedGroupView<'_> {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: None,
            group_id: Default::default(),
            group_state: Default::default(),
            protocol_type: Default::default(),
            protocol_data: Default::default(),
            members: Default::default(),
            authorized_operations: i32::MIN,
        }
    }
}

impl<'a> View<'a> for DescribedGroupView<'a> {
    const LEAST: usize = 12;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        if f.version >= 6 {
            v.error_message = r.nullable_string(f)?;
        }
        v.group_id = r.string(f)?;
        v.group_state = r.string(f)?;
        v.protocol_type = r.string(f)?;
        v.protocol_data = r.string(f)?;
        v.members = Array::read(r, f)?;
        if f.version >= 3 {
            v.authorized_operations = r.i32()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribedGroupView<'_>> for DescribedGroup {
    fn from(v: DescribedGroupView<'_>) -> Self {
        Self {
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
            group_id: v.group_id.into(),
            group_state: v.group_state.into(),
            protocol_type: v.protocol_type.into(),
            protocol_data: v.protocol_data.into(),
            members: v.members.iter().map(Into::into).collect(),
            authorized_operations: v.authorized_operations,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribedGroup {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        if f.version >= 6 {
            m.error_message = if g.null() { None } else { Some(g.string()) };
        }
        m.group_id = g.string();
        m.group_state = g.string();
        m.protocol_type = g.string();
        m.protocol_data = g.string();
        m.members = g.array(|g| DescribedGroupMember::filled(g, f));
        if f.version >= 3 {
            m.authorized_operations = g.i32();
        }
        m
    }
}

/// Part of a [`DescribeGroupsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribedGroupMember {
    /// The member id.
    pub member_id: String,
    /// The unique identifier of the consumer instance provided by end user. Versions 4+.
    pub group_instance_id: Option<String>,
    /// The client ID used in the member's latest join group request.
    pub client_id: String,
    /// The client host.
    pub client_host: String,
    /// The metadata corresponding to the current group protocol in use.
    pub member_metadata: Vec<u8>,
    /// The current assignment provided by the group leader.
    pub member_assignment: Vec<u8>,
}

impl DescribedGroupMember {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.member_id, f)?;
        if f.version >= 4 {
            w.nullable_string(self.group_instance_id.as_deref(), f)?;
        }
        w.string(&self.client_id, f)?;
        w.string(&self.client_host, f)?;
        w.bytes(&self.member_metadata, f)?;
        w.bytes(&self.member_assignment, f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DescribedGroupMember`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribedGroupMemberView<'a> {
    /// See [`DescribedGroupMember::member_id`].
    pub member_id: &'a str,
    /// See [`DescribedGroupMember::group_instance_id`].
    pub group_instance_id: Option<&'a str>,
    /// See [`DescribedGroupMember::client_id`].
    pub client_id: &'a str,
    /// See [`DescribedGroupMember::client_host`].
    pub client_host: &'a str,
    /// See [`DescribedGroupMember::member_metadata`].
    pub member_metadata: &'a [u8],
    /// See [`DescribedGroupMember::member_assignment`].
    pub member_assignment: &'a [u8],
}

impl<'a> View<'a> for DescribedGroupMemberView<'a> {
    const LEAST: usize = 7;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.member_id = r.string(f)?;
        if f.version >= 4 {
            v.group_instance_id = r.nullable_string(f)?;
        }
        v.client_id = r.string(f)?;
        v.client_host = r.string(f)?;
        v.member_metadata = r.bytes(f)?;
        v.member_assignment = r.bytes(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribedGroupMemberView<'_>> for DescribedGroupMember {
    fn from(v: DescribedGroupMemberView<'_>) -> Self {
        Self {
            member_id: v.member_id.into(),
            group_instance_id: v.group_instance_id.map(Into::into),
            client_id: v.client_id.into(),
            client_host: v.client_host.into(),
            member_metadata: v.member_metadata.into(),
            member_assignment: v.member_assignment.into(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribedGroupMember {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.member_id = g.string();
        if f.version >= 4 {
            m.group_instance_id = if g.null() { None } else { Some(g.string()) };
        }
        m.client_id = g.string();
        m.client_host = g.string();
        m.member_metadata = g.bytes();
        m.member_assignment = g.bytes();
        m
    }
}

impl Message for DescribeGroupsResponse {
    const NAME: &'static str = "DescribeGroupsResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 6;
    const FLEXIBLE_FROM: i16 = 5;

    type View<'a> = DescribeGroupsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.count(self.groups.len(), f)?;
        for value in &self.groups {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DescribeGroupsResponseView<'_>) -> Self {
        view.into()
    }
}
