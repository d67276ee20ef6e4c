// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `FindCoordinatorResponse`, versions 0-6, flexible from 3.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `FindCoordinatorResponse`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct FindCoordinatorResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 1+.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error. Versions 0-3.
    pub error_code: i16,
    /// The error message, or null if there was no error. Versions 1-3.
    pub error_message: Option<String>,
    /// The node id. Versions 0-3.
    pub node_id: i32,
    /// The host name. Versions 0-3.
    pub host: String,
    /// The port. Versions 0-3.
    pub port: i32,
    /// Each coordinator result in the response. Versions 4+.
    pub coordinators: Vec<Coordinator>,
}

impl Default for FindCoordinatorResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            error_message: Some(Default::default()),
            node_id: Default::default(),
            host: Default::default(),
            port: Default::default(),
            coordinators: Default::default(),
        }
    }
}

/// A [`FindCoordinatorResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct FindCoordinatorResponseView<'a> {
    /// See [`FindCoordinatorResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`FindCoordinatorResponse::error_code`].
    pub error_code: i16,
    /// See [`FindCoordinatorResponse::error_message`].
    pub error_message: Option<&'a str>,
    /// See [`FindCoordinatorResponse::node_id`].
    pub node_id: i32,
    /// See [`FindCoordinatorResponse::host`].
    pub host: &'a str,
    /// See [`FindCoordinatorResponse::port`].
    pub port: i32,
    /// See [`FindCoordinatorResponse::coordinators`].
    pub coordinators: Array<'a, CoordinatorView<'a>>,
}

impl Default for FindCoordinatorResponseView<'_> {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            error_code: Default::default(),
            error_message: Some(Default::default()),
            node_id: Default::default(),
            host: Default::default(),
            port: Default::default(),
            coordinators: Default::default(),
        }
    }
}

impl<'a> View<'a> for FindCoordinatorResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 1 {
            v.throttle_time_ms = r.i32()?;
        }
        if f.version <= 3 {
            v.error_code = r.i16()?;
        }
        if (1..=3).contains(&f.version) {
            v.error_message = r.nullable_string(f)?;
        }
        if f.version <= 3 {
            v.node_id = r.i32()?;
        }
        if f.version <= 3 {
            v.host = r.string(f)?;
        }
        if f.version <= 3 {
            v.port = r.i32()?;
        }
        if f.version >= 4 {
            v.coordinators = Array::read(r, f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<FindCoordinatorResponseView<'_>> for FindCoordinatorResponse {
    fn from(v: FindCoordinatorResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
            node_id: v.node_id,
            host: v.host.into(),
            port: v.port,
            coordinators: v.coordinators.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FindCoordinatorResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 1 {
            m.throttle_time_ms = g.i32();
        }
        if f.version <= 3 {
            m.error_code = g.i16();
        }
        if (1..=3).contains(&f.version) {
            m.error_message = if g.null() { None } else { Some(g.string()) };
        }
        if f.version <= 3 {
            m.node_id = g.i32();
        }
        if f.version <= 3 {
            m.host = g.string();
        }
        if f.version <= 3 {
            m.port = g.i32();
        }
        if f.version >= 4 {
            m.coordinators = g.array(|g| Coordinator::filled(g, f));
        }
        m
    }
}

/// Part of a [`FindCoordinatorResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinator {
    /// The coordinator key.
    pub key: String,
    /// The node id.
    pub node_id: i32,
    /// The host name.
    pub host: String,
    /// The port.
    pub port: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<String>,
}

impl Default for Coordinator {
    fn default() -> Self {
        Self {
            key: Default::default(),
            node_id: Default::default(),
            host: Default::default(),
            port: Default::default(),
            error_code: Default::default(),
            error_message: Some(Default::default()),
        }
    }
}

impl Coordinator {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.key, f)?;
        w.i32(self.node_id);
        w.string(&self.host, f)?;
        w.i32(self.port);
        w.i16(self.error_code);
        w.nullable_string(self.error_message.as_deref(), f)?;
        w.uvarint(0);
        Ok(())
    }
}

/// A [`Coordinator`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct CoordinatorView<'a> {
    /// See [`Coordinator::key`].
    pub key: &'a str,
    /// See [`Coordinator::node_id`].
    pub node_id: i32,
    /// See [`Coordinator::host`].
    pub host: &'a str,
    /// See [`Coordinator::port`].
    pub port: i32,
    /// See [`Coordinator::error_code`].
    pub error_code: i16,
    /// See [`Coordinator::error_message`].
    pub error_message: Option<&'a str>,
}

impl Default for CoordinatorView<'_> {
    fn default() -> Self {
        Self {
            key: Default::default(),
            node_id: Default::default(),
            host: Default::default(),
            port: Default::default(),
            error_code: Default::default(),
            error_message: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for CoordinatorView<'a> {
    const LEAST: usize = 14;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.key = r.string(f)?;
        v.node_id = r.i32()?;
        v.host = r.string(f)?;
        v.port = r.i32()?;
        v.error_code = r.i16()?;
        v.error_message = r.nullable_string(f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<CoordinatorView<'_>> for Coordinator {
    fn from(v: CoordinatorView<'_>) -> Self {
        Self {
            key: v.key.into(),
            node_id: v.node_id,
            host: v.host.into(),
            port: v.port,
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for Coordinator {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.key = g.string();
        m.node_id = g.i32();
        m.host = g.string();
        m.port = g.i32();
        m.error_code = g.i16();
        m.error_message = if g.null() { None } else { Some(g.string()) };
        m
    }
}

impl Message for FindCoordinatorResponse {
    const NAME: &'static str = "FindCoordinatorResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 6;
    const FLEXIBLE_FROM: i16 = 3;

    type View<'a> = FindCoordinatorResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 1 {
            w.i32(self.throttle_time_ms);
        }
        if f.version <= 3 {
            w.i16(self.error_code);
        } else if self.error_code != 0 {
            return Err(EncodeError::FieldNotInVersion {
                field: "FindCoordinatorResponse.error_code",
                version: f.version,
            });
        }
        if (1..=3).contains(&f.version) {
            w.nullable_string(self.error_message.as_deref(), f)?;
        }
        if f.version <= 3 {
            w.i32(self.node_id);
        } else if self.node_id != 0 {
            return Err(EncodeError::FieldNotInVersion {
                field: "FindCoordinatorResponse.node_id",
                version: f.version,
            });
        }
        if f.version <= 3 {
            w.string(&self.host, f)?;
        } else if !self.host.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "FindCoordinatorResponse.host",
                version: f.version,
            });
        }
        if f.version <= 3 {
            w.i32(self.port);
        } else if self.port != 0 {
            return Err(EncodeError::FieldNotInVersion {
                field: "FindCoordinatorResponse.port",
                version: f.version,
            });
        }
        if f.version >= 4 {
            w.count(self.coordinators.len(), f)?;
            for value in &self.coordinators {
                value.write(w, f)?;
            }
        } else if !self.coordinators.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "FindCoordinatorResponse.coordinators",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: FindCoordinatorResponseView<'_>) -> Self {
        view.into()
    }
}
