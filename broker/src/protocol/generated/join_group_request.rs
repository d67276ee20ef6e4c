// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `JoinGroupRequest`, versions 0-9, flexible from 6.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `JoinGroupRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinGroupRequest {
    /// The group identifier.
    pub group_id: String,
    /// The coordinator considers the consumer dead if it receives no heartbeat after this timeout
    /// in milliseconds.
    pub session_timeout_ms: i32,
    /// The maximum time in milliseconds that the coordinator will wait for each member to rejoin
    /// when rebalancing the group. Versions 1+.
    pub rebalance_timeout_ms: i32,
    /// The member id assigned by the group coordinator.
    pub member_id: String,
    /// The unique identifier of the consumer instance provided by end user. Versions 5+.
    pub group_instance_id: Option<String>,
    /// The unique name the for class of protocols implemented by the group we want to join.
    pub protocol_type: String,
    /// The list of protocols that the member supports.
    pub protocols: Vec<JoinGroupRequestProtocol>,
    /// The reason why the member (re-)joins the group. Versions 8+.
    pub reason: Option<String>,
}

impl Default for JoinGroupRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            session_timeout_ms: Default::default(),
            rebalance_timeout_ms: -1,
            member_id: Default::default(),
            group_instance_id: None,
            protocol_type: Default::default(),
            protocols: Default::default(),
            reason: None,
        }
    }
}

/// A [`JoinGroupRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct JoinGroupRequestView<'a> {
    /// See [`JoinGroupRequest::group_id`].
    pub group_id: &'a str,
    /// See [`JoinGroupRequest::session_timeout_ms`].
    pub session_timeout_ms: i32,
    /// See [`JoinGroupRequest::rebalance_timeout_ms`].
    pub rebalance_timeout_ms: i32,
    /// See [`JoinGroupRequest::member_id`].
    pub member_id: &'a str,
    /// See [`JoinGroupRequest::group_instance_id`].
    pub group_instance_id: Option<&'a str>,
    /// See [`JoinGroupRequest::protocol_type`].
    pub protocol_type: &'a str,
    /// See [`JoinGroupRequest::protocols`].
    pub protocols: Array<'a, JoinGroupRequestProtocolView<'a>>,
    /// See [`JoinGroupRequest::reason`].
    pub reason: Option<&'a str>,
}

impl Default for JoinGroupRequestView<'_> {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            session_timeout_ms: Default::default(),
            rebalance_timeout_ms: -1,
            member_id: Default::default(),
            group_instance_id: None,
            protocol_type: Default::default(),
            protocols: Default::default(),
            reason: None,
        }
    }
}

impl<'a> View<'a> for JoinGroupRequestView<'a> {
    const LEAST: usize = 14;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        v.session_timeout_ms = r.i32()?;
        if f.version >= 1 {
            v.rebalance_timeout_ms = r.i32()?;
        }
        v.member_id = r.string(f)?;
        if f.version >= 5 {
            v.group_instance_id = r.nullable_string(f)?;
        }
        v.protocol_type = r.string(f)?;
        v.protocols = Array::read(r, f)?;
        if f.version >= 8 {
            v.reason = r.nullable_string(f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<JoinGroupRequestView<'_>> for JoinGroupRequest {
    fn from(v: JoinGroupRequestView<'_>) -> Self {
        Self {
            group_id: v.group_id.into(),
            session_timeout_ms: v.session_timeout_ms,
            rebalance_timeout_ms: v.rebalance_timeout_ms,
            member_id: v.member_id.into(),
            group_instance_id: v.group_instance_id.map(Into::into),
            protocol_type: v.protocol_type.into(),
            protocols: v.protocols.iter().map(Into::into).collect(),
            reason: v.reason.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for JoinGroupRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        m.session_timeout_ms = g.i32();
        if f.version >= 1 {
            m.rebalance_timeout_ms = g.i32();
        }
        m.member_id = g.string();
        if f.version >= 5 {
            m.group_instance_id = if g.null() { None } else { Some(g.string()) };
        }
        m.protocol_type = g.string();
        m.protocols = g.array(|g| JoinGroupRequestProtocol::filled(g, f));
        if f.version >= 8 {
            m.reason = if g.null() { None } else { Some(g.string()) };
        }
        m
    }
}

/// Part of a [`JoinGroupRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinGroupRequestProtocol {
    /// The protocol name.
    pub name: String,
    /// The protocol metadata.
    pub metadata: Vec<u8>,
}

impl JoinGroupRequestProtocol {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.bytes(&self.metadata, f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`JoinGroupRequestProtocol`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct JoinGroupRequestProtocolView<'a> {
    /// See [`JoinGroupRequestProtocol::name`].
    pub name: &'a str,
    /// See [`JoinGroupRequestProtocol::metadata`].
    pub metadata: &'a [u8],
}

impl<'a> View<'a> for JoinGroupRequestProtocolView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.metadata = r.bytes(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<JoinGroupRequestProtocolView<'_>> for JoinGroupRequestProtocol {
    fn from(v: JoinGroupRequestProtocolView<'_>) -> Self {
        Self { name: v.name.into(), metadata: v.metadata.into() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for JoinGroupRequestProtocol {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.metadata = g.bytes();
        m
    }
}

impl Message for JoinGroupRequest {
    const NAME: &'static str = "JoinGroupRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 9;
    const FLEXIBLE_FROM: i16 = 6;

    type View<'a> = JoinGroupRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        w.i32(self.session_timeout_ms);
        if f.version >= 1 {
            w.i32(self.rebalance_timeout_ms);
        }
        w.string(&self.member_id, f)?;
        if f.version >= 5 {
            w.nullable_string(self.group_instance_id.as_deref(), f)?;
        } else if self.group_instance_id.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "JoinGroupRequest.group_instance_id",
                version: f.version,
            });
        }
        w.string(&self.protocol_type, f)?;
        w.count(self.protocols.len(), f)?;
        for value in &self.protocols {
            value.write(w, f)?;
        }
        if f.version >= 8 {
            w.nullable_string(self.reason.as_deref(), f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: JoinGroupRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for JoinGroupRequest {
    const KEY: ApiKey = ApiKey::JoinGroup;
    type Response = super::JoinGroupResponse;
}
