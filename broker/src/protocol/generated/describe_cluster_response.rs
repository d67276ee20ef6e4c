// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeClusterResponse`, versions 0-2, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `DescribeClusterResponse`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The top-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// The top-level error message, or null if there was no error.
    pub error_message: Option<String>,
    /// The endpoint type that was described. 1=brokers, 2=controllers. Versions 1+.
    pub endpoint_type: i8,
    /// The cluster ID that responding broker belongs to.
    pub cluster_id: String,
    /// The ID of the controller. When handled by a controller, returns the current voter leader ID.
    /// When handled by a broker, returns a random alive broker ID as a fallback.
    pub controller_id: i32,
    /// Each broker in the response.
    pub brokers: Vec<DescribeClusterBroker>,
    /// 32-bit bitfield to represent authorized operations for this cluster.
    pub cluster_authorized_operations: i32,
}

impl Default for DescribeClusterResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            error_message: None,
            endpoint_type: 1,
            cluster_id: Default::default(),
            controller_id: -1,
            brokers: Default::default(),
            cluster_authorized_operations: i32::MIN,
        }
    }
}

/// A [`DescribeClusterResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeClusterResponseView<'a> {
    /// See [`DescribeClusterResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`DescribeClusterResponse::error_code`].
    pub error_code: i16,
    /// See [`DescribeClusterResponse::error_message`].
    pub error_message: Option<&'a str>,
    /// See [`DescribeClusterResponse::endpoint_type`].
    pub endpoint_type: i8,
    /// See [`DescribeClusterResponse::cluster_id`].
    pub cluster_id: &'a str,
    /// See [`DescribeClusterResponse::controller_id`].
    pub controller_id: i32,
    /// See [`DescribeClusterResponse::brokers`].
    pub brokers: Array<'a, DescribeClusterBrokerView<'a>>,
    /// See [`DescribeClusterResponse::cluster_authorized_operations`].
    pub cluster_authorized_operations: i32,
}

impl Default for DescribeClusterResponseView<'_> {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            error_message: None,
            endpoint_type: 1,
            cluster_id: Default::default(),
            controller_id: -1,
            brokers: Default::default(),
            cluster_authorized_operations: i32::MIN,
        }
    }
}

impl<'a> View<'a> for DescribeClusterResponseView<'a> {
    const LEAST: usize = 18;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        v.error_code = r.i16()?;
        v.error_message = r.nullable_string(f)?;
        if f.version >= 1 {
            v.endpoint_type = r.i8()?;
        }
        v.cluster_id = r.string(f)?;
        v.controller_id = r.i32()?;
        v.brokers = Array::read(r, f)?;
        v.cluster_authorized_operations = r.i32()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DescribeClusterResponseView<'_>> for DescribeClusterResponse {
    fn from(v: DescribeClusterResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
            endpoint_type: v.endpoint_type,
            cluster_id: v.cluster_id.into(),
            controller_id: v.controller_id,
            brokers: v.brokers.iter().map(Into::into).collect(),
            cluster_authorized_operations: v.cluster_authorized_operations,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeClusterResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.error_code = g.i16();
        m.error_message = if g.null() { None } else { Some(g.string()) };
        if f.version >= 1 {
            m.endpoint_type = g.i8();
        }
        m.cluster_id = g.string();
        m.controller_id = g.i32();
        m.brokers = g.array(|g| DescribeClusterBroker::filled(g, f));
        m.cluster_authorized_operations = g.i32();
        m
    }
}

/// Part of a [`DescribeClusterResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeClusterBroker {
    /// The broker ID.
    pub broker_id: i32,
    /// The broker hostname.
    pub host: String,
    /// The broker port.
    pub port: i32,
    /// The rack of the broker, or null if it has not been assigned to a rack.
    pub rack: Option<String>,
    /// Whether the broker is fenced. Versions 2.
    pub is_fenced: bool,
}

impl DescribeClusterBroker {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.broker_id);
        w.string(&self.host, f)?;
        w.i32(self.port);
        w.nullable_string(self.rack.as_deref(), f)?;
        if f.version >= 2 {
            w.bool(self.is_fenced);
        } else if self.is_fenced {
            return Err(EncodeError::FieldNotInVersion {
                field: "DescribeClusterBroker.is_fenced",
                version: f.version,
            });
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`DescribeClusterBroker`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeClusterBrokerView<'a> {
    /// See [`DescribeClusterBroker::broker_id`].
    pub broker_id: i32,
    /// See [`DescribeClusterBroker::host`].
    pub host: &'a str,
    /// See [`DescribeClusterBroker::port`].
    pub port: i32,
    /// See [`DescribeClusterBroker::rack`].
    pub rack: Option<&'a str>,
    /// See [`DescribeClusterBroker::is_fenced`].
    pub is_fenced: bool,
}

impl<'a> View<'a> for DescribeClusterBrokerView<'a> {
    const LEAST: usize = 11;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.broker_id = r.i32()?;
        v.host = r.string(f)?;
        v.port = r.i32()?;
        v.rack = r.nullable_string(f)?;
        if f.version >= 2 {
            v.is_fenced = r.bool()?;
        }
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DescribeClusterBrokerView<'_>> for DescribeClusterBroker {
    fn from(v: DescribeClusterBrokerView<'_>) -> Self {
        Self {
            broker_id: v.broker_id,
            host: v.host.into(),
            port: v.port,
            rack: v.rack.map(Into::into),
            is_fenced: v.is_fenced,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeClusterBroker {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.broker_id = g.i32();
        m.host = g.string();
        m.port = g.i32();
        m.rack = if g.null() { None } else { Some(g.string()) };
        if f.version >= 2 {
            m.is_fenced = g.bool();
        }
        m
    }
}

impl Message for DescribeClusterResponse {
    const NAME: &'static str = "DescribeClusterResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = DescribeClusterResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.nullable_string(self.error_message.as_deref(), f)?;
        if f.version >= 1 {
            w.i8(self.endpoint_type);
        } else if self.endpoint_type != 1 {
            return Err(EncodeError::FieldNotInVersion {
                field: "DescribeClusterResponse.endpoint_type",
                version: f.version,
            });
        }
        w.string(&self.cluster_id, f)?;
        w.i32(self.controller_id);
        w.count(self.brokers.len(), f)?;
        for value in &self.brokers {
            value.write(w, f)?;
        }
        w.i32(self.cluster_authorized_operations);
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: DescribeClusterResponseView<'_>) -> Self {
        view.into()
    }
}
