// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `GroupMetadataValue`, versions 0-4, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `GroupMetadataValue`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMetadataValue {
    /// The protocol type.
    pub protocol_type: String,
    /// The generation id.
    pub generation: i32,
    /// The protocol name.
    pub protocol: Option<String>,
    /// The leader id.
    pub leader: Option<String>,
    /// The timestamp of the last state change. Versions 2+.
    pub current_state_timestamp: i64,
    /// The group members.
    pub members: Vec<MemberMetadata>,
}

impl Default for GroupMetadataValue {
    fn default() -> Self {
        Self {
            protocol_type: Default::default(),
            generation: Default::default(),
            protocol: Some(Default::default()),
            leader: Some(Default::default()),
            current_state_timestamp: -1,
            members: Default::default(),
        }
    }
}

/// A [`GroupMetadataValue`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct GroupMetadataValueView<'a> {
    /// See [`GroupMetadataValue::protocol_type`].
    pub protocol_type: &'a str,
    /// See [`GroupMetadataValue::generation`].
    pub generation: i32,
    /// See [`GroupMetadataValue::protocol`].
    pub protocol: Option<&'a str>,
    /// See [`GroupMetadataValue::leader`].
    pub leader: Option<&'a str>,
    /// See [`GroupMetadataValue::current_state_timestamp`].
    pub current_state_timestamp: i64,
    /// See [`GroupMetadataValue::members`].
    pub members: Array<'a, MemberMetadataView<'a>>,
}

impl Default for GroupMetadataValueView<'_> {
    fn default() -> Self {
        Self {
            protocol_type: Default::default(),
            generation: Default::default(),
            protocol: Some(Default::default()),
            leader: Some(Default::default()),
            current_state_timestamp: -1,
            members: Default::default(),
        }
    }
}

impl<'a> View<'a> for GroupMetadataValueView<'a> {
    const LEAST: usize = 14;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.protocol_type = r.string(f)?;
        v.generation = r.i32()?;
        v.protocol = r.nullable_string(f)?;
        v.leader = r.nullable_string(f)?;
        if f.version >= 2 {
            v.current_state_timestamp = r.i64()?;
        }
        v.members = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<GroupMetadataValueView<'_>> for GroupMetadataValue {
    fn from(v: GroupMetadataValueView<'_>) -> Self {
        Self {
            protocol_type: v.protocol_type.into(),
            generation: v.generation,
            protocol: v.protocol.map(Into::into),
            leader: v.leader.map(Into::into),
            current_state_timestamp: v.current_state_timestamp,
            members: v.members.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for GroupMetadataValue {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.protocol_type = g.string();
        m.generation = g.i32();
        m.protocol = if g.null() { None } else { Some(g.string()) };
        m.leader = if g.null() { None } else { Some(g.string()) };
        if f.version >= 2 {
            m.current_state_timestamp = g.i64();
        }
        m.members = g.array(|g| MemberMetadata::filled(g, f));
        m
    }
}

/// Part of a [`GroupMetadataValue`].
#[derive(Clone, Debug, PartialEq)]
pub struct MemberMetadata {
    /// The member id.
    pub member_id: String,
    /// The group instance id. Versions 3+.
    pub group_instance_id: Option<String>,
    /// The client id.
    pub client_id: String,
    /// The client host.
    pub client_host: String,
    /// The rebalance timeout. Versions 1+.
    pub rebalance_timeout: i32,
    /// The session timeout.
    pub session_timeout: i32,
    /// The subscription.
    pub subscription: Vec<u8>,
    /// The assignment.
    pub assignment: Vec<u8>,
}

impl Default for MemberMetadata {
    fn default() -> Self {
        Self {
            member_id: Default::default(),
            group_instance_id: None,
            client_id: Default::default(),
            client_host: Default::default(),
            rebalance_timeout: -1,
            session_timeout: Default::default(),
            subscription: Default::default(),
            assignment: Default::default(),
        }
    }
}

impl MemberMetadata {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.member_id, f)?;
        if f.version >= 3 {
            w.nullable_string(self.group_instance_id.as_deref(), f)?;
        }
        w.string(&self.client_id, f)?;
        w.string(&self.client_host, f)?;
        if f.version >= 1 {
            w.i32(self.rebalance_timeout);
        }
        w.i32(self.session_timeout);
        w.bytes(&self.subscription, f)?;
        w.bytes(&self.assignment, f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`MemberMetadata`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct MemberMetadataView<'a> {
    /// See [`MemberMetadata::member_id`].
    pub member_id: &'a str,
    /// See [`MemberMetadata::group_instance_id`].
    pub group_instance_id: Option<&'a str>,
    /// See [`MemberMetadata::client_id`].
    pub client_id: &'a str,
    /// See [`MemberMetadata::client_host`].
    pub client_host: &'a str,
    /// See [`MemberMetadata::rebalance_timeout`].
    pub rebalance_timeout: i32,
    /// See [`MemberMetadata::session_timeout`].
    pub session_timeout: i32,
    /// See [`MemberMetadata::subscription`].
    pub subscription: &'a [u8],
    /// See [`MemberMetadata::assignment`].
    pub assignment: &'a [u8],
}

impl Default for MemberMetadataView<'_> {
    fn default() -> Self {
        Self {
            member_id: Default::default(),
            group_instance_id: None,
            client_id: Default::default(),
            client_host: Default::default(),
            rebalance_timeout: -1,
            session_timeout: Default::default(),
            subscription: Default::default(),
            assignment: Default::default(),
        }
    }
}

impl<'a> View<'a> for MemberMetadataView<'a> {
    const LEAST: usize = 15;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.member_id = r.string(f)?;
        if f.version >= 3 {
            v.group_instance_id = r.nullable_string(f)?;
        }
        v.client_id = r.string(f)?;
        v.client_host = r.string(f)?;
        if f.version >= 1 {
            v.rebalance_timeout = r.i32()?;
        }
        v.session_timeout = r.i32()?;
        v.subscription = r.bytes(f)?;
        v.assignment = r.bytes(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<MemberMetadataView<'_>> for MemberMetadata {
    fn from(v: MemberMetadataView<'_>) -> Self {
        Self {
            member_id: v.member_id.into(),
            group_instance_id: v.group_instance_id.map(Into::into),
            client_id: v.client_id.into(),
            client_host: v.client_host.into(),
            rebalance_timeout: v.rebalance_timeout,
            session_timeout: v.session_timeout,
            subscription: v.subscription.into(),
            assignment: v.assignment.into(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for MemberMetadata {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.member_id = g.string();
        if f.version >= 3 {
            m.group_instance_id = if g.null() { None } else { Some(g.string()) };
        }
        m.client_id = g.string();
        m.client_host = g.string();
        if f.version >= 1 {
            m.rebalance_timeout = g.i32();
        }
        m.session_timeout = g.i32();
        m.subscription = g.bytes();
        m.assignment = g.bytes();
        m
    }
}

impl Message for GroupMetadataValue {
    const NAME: &'static str = "GroupMetadataValue";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = GroupMetadataValueView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.protocol_type, f)?;
        w.i32(self.generation);
        w.nullable_string(self.protocol.as_deref(), f)?;
        w.nullable_string(self.leader.as_deref(), f)?;
        if f.version >= 2 {
            w.i64(self.current_state_timestamp);
        }
        w.count(self.members.len(), f)?;
        for value in &self.members {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: GroupMetadataValueView<'_>) -> Self {
        view.into()
    }
}

impl GroupMetadataValue {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 2;
}
