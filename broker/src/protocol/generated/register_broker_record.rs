// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `RegisterBrokerRecord`, versions 0-4, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `RegisterBrokerRecord`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct RegisterBrokerRecord {
    /// The broker id.
    pub broker_id: i32,
    /// True if the broker is a ZK broker in migration mode. Otherwise, false. Versions 2+.
    pub is_migrating_zk_broker: bool,
    /// The incarnation ID of the broker process.
    pub incarnation_id: Uuid,
    /// The broker epoch assigned by the controller.
    pub broker_epoch: i64,
    /// The endpoints that can be used to communicate with this broker.
    pub end_points: Vec<BrokerEndpoint>,
    /// The features on this broker.
    pub features: Vec<BrokerFeature>,
    /// The broker rack.
    pub rack: Option<String>,
    /// True if the broker is fenced.
    pub fenced: bool,
    /// True if the broker is in controlled shutdown. Versions 1+.
    pub in_controlled_shutdown: bool,
    /// Log directories configured in this broker which are available. Versions 3+.
    pub log_dirs: Vec<Uuid>,
    /// Log directories that are cordoned. This is initially null before the broker starts sending
    /// the value via its heartbeats. Versions 4.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

impl Default for RegisterBrokerRecord {
    fn default() -> Self {
        Self {
            broker_id: Default::default(),
            is_migrating_zk_broker: Default::default(),
            incarnation_id: Default::default(),
            broker_epoch: Default::default(),
            end_points: Default::default(),
            features: Default::default(),
            rack: Some(Default::default()),
            fenced: true,
            in_controlled_shutdown: Default::default(),
            log_dirs: Default::default(),
            cordoned_log_dirs: None,
        }
    }
}

/// A [`RegisterBrokerRecord`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct RegisterBrokerRecordView<'a> {
    /// See [`RegisterBrokerRecord::broker_id`].
    pub broker_id: i32,
    /// See [`RegisterBrokerRecord::is_migrating_zk_broker`].
    pub is_migrating_zk_broker: bool,
    /// See [`RegisterBrokerRecord::incarnation_id`].
    pub incarnation_id: Uuid,
    /// See [`RegisterBrokerRecord::broker_epoch`].
    pub broker_epoch: i64,
    /// See [`RegisterBrokerRecord::end_points`].
    pub end_points: Array<'a, BrokerEndpointView<'a>>,
    /// See [`RegisterBrokerRecord::features`].
    pub features: Array<'a, BrokerFeatureView<'a>>,
    /// See [`RegisterBrokerRecord::rack`].
    pub rack: Option<&'a str>,
    /// See [`RegisterBrokerRecord::fenced`].
    pub fenced: bool,
    /// See [`RegisterBrokerRecord::in_controlled_shutdown`].
    pub in_controlled_shutdown: bool,
    /// See [`RegisterBrokerRecord::log_dirs`].
    pub log_dirs: Array<'a, Uuid>,
    /// See [`RegisterBrokerRecord::cordoned_log_dirs`].
    pub cordoned_log_dirs: Option<Array<'a, Uuid>>,
}

impl Default for RegisterBrokerRecordView<'_> {
    fn default() -> Self {
        Self {
            broker_id: Default::default(),
            is_migrating_zk_broker: Default::default(),
            incarnation_id: Default::default(),
            broker_epoch: Default::default(),
            end_points: Default::default(),
            features: Default::default(),
            rack: Some(Default::default()),
            fenced: true,
            in_controlled_shutdown: Default::default(),
            log_dirs: Default::default(),
            cordoned_log_dirs: None,
        }
    }
}

impl<'a> View<'a> for RegisterBrokerRecordView<'a> {
    const LEAST: usize = 33;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.broker_id = r.i32()?;
        if f.version >= 2 {
            v.is_migrating_zk_broker = r.bool()?;
        }
        v.incarnation_id = r.uuid()?;
        v.broker_epoch = r.i64()?;
        v.end_points = Array::read(r, f)?;
        v.features = Array::read(r, f)?;
        v.rack = r.nullable_string(f)?;
        v.fenced = r.bool()?;
        if f.version >= 1 {
            v.in_controlled_shutdown = r.bool()?;
        }

        r.tagged_fields(|tag, r| {
            match tag {
                0 if f.version >= 3 => {
                    v.log_dirs = Array::read(r, f)?;
                }
                1 if f.version >= 4 => {
                    v.cordoned_log_dirs = Array::read_nullable(r, f)?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(v)
    }
}

impl From<RegisterBrokerRecordView<'_>> for RegisterBrokerRecord {
    fn from(v: RegisterBrokerRecordView<'_>) -> Self {
        Self {
            broker_id: v.broker_id,
            is_migrating_zk_broker: v.is_migrating_zk_broker,
            incarnation_id: v.incarnation_id,
            broker_epoch: v.broker_epoch,
            end_points: v.end_points.iter().map(Into::into).collect(),
            features: v.features.iter().map(Into::into).collect(),
            rack: v.rack.map(Into::into),
            fenced: v.fenced,
            in_controlled_shutdown: v.in_controlled_shutdown,
            log_dirs: v.log_dirs.iter().collect(),
            cordoned_log_dirs: v.cordoned_log_dirs.map(|x| x.iter().collect()),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for RegisterBrokerRecord {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.broker_id = g.i32();
        if f.version >= 2 {
            m.is_migrating_zk_broker = g.bool();
        }
        m.incarnation_id = g.uuid();
        m.broker_epoch = g.i64();
        m.end_points = g.array(|g| BrokerEndpoint::filled(g, f));
        m.features = g.array(|g| BrokerFeature::filled(g, f));
        m.rack = if g.null() { None } else { Some(g.string()) };
        m.fenced = g.bool();
        if f.version >= 1 {
            m.in_controlled_shutdown = g.bool();
        }
        if f.version >= 3 {
            m.log_dirs = g.array(|g| g.uuid());
        }
        if f.version >= 4 {
            m.cordoned_log_dirs = if g.null() { None } else { Some(g.array(|g| g.uuid())) };
        }
        m
    }
}

/// Part of a [`RegisterBrokerRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerEndpoint {
    /// The name of the endpoint.
    pub name: String,
    /// The hostname.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The security protocol.
    pub security_protocol: i16,
}

impl BrokerEndpoint {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.string(&self.host, f)?;
        w.u16(self.port);
        w.i16(self.security_protocol);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`BrokerEndpoint`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrokerEndpointView<'a> {
    /// See [`BrokerEndpoint::name`].
    pub name: &'a str,
    /// See [`BrokerEndpoint::host`].
    pub host: &'a str,
    /// See [`BrokerEndpoint::port`].
    pub port: u16,
    /// See [`BrokerEndpoint::security_protocol`].
    pub security_protocol: i16,
}

impl<'a> View<'a> for BrokerEndpointView<'a> {
    const LEAST: usize = 7;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.host = r.string(f)?;
        v.port = r.u16()?;
        v.security_protocol = r.i16()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<BrokerEndpointView<'_>> for BrokerEndpoint {
    fn from(v: BrokerEndpointView<'_>) -> Self {
        Self {
            name: v.name.into(),
            host: v.host.into(),
            port: v.port,
            security_protocol: v.security_protocol,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for BrokerEndpoint {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.host = g.string();
        m.port = g.u16();
        m.security_protocol = g.i16();
        m
    }
}

/// Part of a [`RegisterBrokerRecord`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerFeature {
    /// The feature name.
    pub name: String,
    /// The minimum supported feature level.
    pub min_supported_version: i16,
    /// The maximum supported feature level.
    pub max_supported_version: i16,
}

impl BrokerFeature {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.i16(self.min_supported_version);
        w.i16(self.max_supported_version);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`BrokerFeature`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrokerFeatureView<'a> {
    /// See [`BrokerFeature::name`].
    pub name: &'a str,
    /// See [`BrokerFeature::min_supported_version`].
    pub min_supported_version: i16,
    /// See [`BrokerFeature::max_supported_version`].
    pub max_supported_version: i16,
}

impl<'a> View<'a> for BrokerFeatureView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.min_supported_version = r.i16()?;
        v.max_supported_version = r.i16()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<BrokerFeatureView<'_>> for BrokerFeature {
    fn from(v: BrokerFeatureView<'_>) -> Self {
        Self {
            name: v.name.into(),
            min_supported_version: v.min_supported_version,
            max_supported_version: v.max_supported_version,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for BrokerFeature {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.min_supported_version = g.i16();
        m.max_supported_version = g.i16();
        m
    }
}

impl Message for RegisterBrokerRecord {
    const NAME: &'static str = "RegisterBrokerRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = RegisterBrokerRecordView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.broker_id);
        if f.version >= 2 {
            w.bool(self.is_migrating_zk_broker);
        } else if self.is_migrating_zk_broker {
            return Err(EncodeError::FieldNotInVersion {
                field: "RegisterBrokerRecord.is_migrating_zk_broker",
                version: f.version,
            });
        }
        w.uuid(self.incarnation_id);
        w.i64(self.broker_epoch);
        w.count(self.end_points.len(), f)?;
        for value in &self.end_points {
            value.write(w, f)?;
        }
        w.count(self.features.len(), f)?;
        for value in &self.features {
            value.write(w, f)?;
        }
        w.nullable_string(self.rack.as_deref(), f)?;
        w.bool(self.fenced);
        if f.version >= 1 {
            w.bool(self.in_controlled_shutdown);
        } else if self.in_controlled_shutdown {
            return Err(EncodeError::FieldNotInVersion {
                field: "RegisterBrokerRecord.in_controlled_shutdown",
                version: f.version,
            });
        }
        if f.version <= 2 && !self.log_dirs.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "RegisterBrokerRecord.log_dirs",
                version: f.version,
            });
        }
        if f.version <= 3 && self.cordoned_log_dirs.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "RegisterBrokerRecord.cordoned_log_dirs",
                version: f.version,
            });
        }
        w.uvarint(
            u32::from(f.version >= 3 && !self.log_dirs.is_empty())
                + u32::from(f.version >= 4 && self.cordoned_log_dirs.is_some()),
        );
        if f.version >= 3 && !self.log_dirs.is_empty() {
            let tag = w.begin_tag(0);
            w.count(self.log_dirs.len(), f)?;
            for value in &self.log_dirs {
                w.uuid(*value);
            }
            w.end_tag(tag)?;
        }
        if f.version >= 4 && self.cordoned_log_dirs.is_some() {
            let tag = w.begin_tag(1);
            match &self.cordoned_log_dirs {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        w.uuid(*value);
                    }
                }
                None => w.null(f),
            }
            w.end_tag(tag)?;
        }
        Ok(())
    }

    fn from_view(view: RegisterBrokerRecordView<'_>) -> Self {
        view.into()
    }
}

impl RegisterBrokerRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 0;
}
