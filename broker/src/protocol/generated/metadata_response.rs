// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `MetadataResponse`, versions 0-13, flexible from 9.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, DecodeErrorKind, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `MetadataResponse`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 3+.
    pub throttle_time_ms: i32,
    /// A list of brokers present in the cluster.
    pub brokers: Vec<MetadataResponseBroker>,
    /// The cluster ID that responding broker belongs to. Versions 2+.
    pub cluster_id: Option<String>,
    /// The ID of the controller broker. Versions 1+.
    pub controller_id: i32,
    /// Each topic in the response.
    pub topics: Vec<MetadataResponseTopic>,
    /// 32-bit bitfield to represent authorized operations for this cluster. Versions 8-10.
    pub cluster_authorized_operations: i32,
    /// The top-level error code, or 0 if there was no error. Versions 13.
    pub error_code: i16,
}

impl Default for MetadataResponse {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            brokers: Default::default(),
            cluster_id: None,
            controller_id: -1,
            topics: Default::default(),
            cluster_authorized_operations: i32::MIN,
            error_code: Default::default(),
        }
    }
}

/// A [`MetadataResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct MetadataResponseView<'a> {
    /// See [`MetadataResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`MetadataResponse::brokers`].
    pub brokers: Array<'a, MetadataResponseBrokerView<'a>>,
    /// See [`MetadataResponse::cluster_id`].
    pub cluster_id: Option<&'a str>,
    /// See [`MetadataResponse::controller_id`].
    pub controller_id: i32,
    /// See [`MetadataResponse::topics`].
    pub topics: Array<'a, MetadataResponseTopicView<'a>>,
    /// See [`MetadataResponse::cluster_authorized_operations`].
    pub cluster_authorized_operations: i32,
    /// See [`MetadataResponse::error_code`].
    pub error_code: i16,
}

impl Default for MetadataResponseView<'_> {
    fn default() -> Self {
        Self {
            throttle_time_ms: Default::default(),
            brokers: Default::default(),
            cluster_id: None,
            controller_id: -1,
            topics: Default::default(),
            cluster_authorized_operations: i32::MIN,
            error_code: Default::default(),
        }
    }
}

impl<'a> View<'a> for MetadataResponseView<'a> {
    const LEAST: usize = 8;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 3 {
            v.throttle_time_ms = r.i32()?;
        }
        v.brokers = Array::read(r, f)?;
        if f.version >= 2 {
            v.cluster_id = r.nullable_string(f)?;
        }
        if f.version >= 1 {
            v.controller_id = r.i32()?;
        }
        v.topics = Array::read(r, f)?;
        if (8..=10).contains(&f.version) {
            v.cluster_authorized_operations = r.i32()?;
        }
        if f.version >= 13 {
            v.error_code = r.i16()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<MetadataResponseView<'_>> for MetadataResponse {
    fn from(v: MetadataResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            brokers: v.brokers.iter().map(Into::into).collect(),
            cluster_id: v.cluster_id.map(Into::into),
            controller_id: v.controller_id,
            topics: v.topics.iter().map(Into::into).collect(),
            cluster_authorized_operations: v.cluster_authorized_operations,
            error_code: v.error_code,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for MetadataResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 3 {
            m.throttle_time_ms = g.i32();
        }
        m.brokers = g.array(|g| MetadataResponseBroker::filled(g, f));
        if f.version >= 2 {
            m.cluster_id = if g.null() { None } else { Some(g.string()) };
        }
        if f.version >= 1 {
            m.controller_id = g.i32();
        }
        m.topics = g.array(|g| MetadataResponseTopic::filled(g, f));
        if (8..=10).contains(&f.version) {
            m.cluster_authorized_operations = g.i32();
        }
        if f.version >= 13 {
            m.error_code = g.i16();
        }
        m
    }
}

/// Part of a [`MetadataResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetadataResponseBroker {
    /// The broker ID.
    pub node_id: i32,
    /// The broker hostname.
    pub host: String,
    /// The broker port.
    pub port: i32,
    /// The rack of the broker, or null if it has not been assigned to a rack. Versions 1+.
    pub rack: Option<String>,
}

impl MetadataResponseBroker {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.node_id);
        w.string(&self.host, f)?;
        w.i32(self.port);
        if f.version >= 1 {
            w.nullable_string(self.rack.as_deref(), f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`MetadataResponseBroker`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct MetadataResponseBrokerView<'a> {
    /// See [`MetadataResponseBroker::node_id`].
    pub node_id: i32,
    /// See [`MetadataResponseBroker::host`].
    pub host: &'a str,
    /// See [`MetadataResponseBroker::port`].
    pub port: i32,
    /// See [`MetadataResponseBroker::rack`].
    pub rack: Option<&'a str>,
}

impl<'a> View<'a> for MetadataResponseBrokerView<'a> {
    const LEAST: usize = 10;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.node_id = r.i32()?;
        v.host = r.string(f)?;
        v.port = r.i32()?;
        if f.version >= 1 {
            v.rack = r.nullable_string(f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<MetadataResponseBrokerView<'_>> for MetadataResponseBroker {
    fn from(v: MetadataResponseBrokerView<'_>) -> Self {
        Self { node_id: v.node_id, host: v.host.into(), port: v.port, rack: v.rack.map(Into::into) }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for MetadataResponseBroker {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.node_id = g.i32();
        m.host = g.string();
        m.port = g.i32();
        if f.version >= 1 {
            m.rack = if g.null() { None } else { Some(g.string()) };
        }
        m
    }
}

/// Part of a [`MetadataResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponseTopic {
    /// The topic error, or 0 if there was no error.
    pub error_code: i16,
    /// The topic name. Null for non-existing topics queried by ID. This is never null when
    /// ErrorCode is zero. One of Name and TopicId is always populated.
    pub name: Option<String>,
    /// The topic id. Zero for non-existing topics queried by name. This is never zero when
    /// ErrorCode is zero. One of Name and TopicId is always populated. Versions 10+.
    pub topic_id: Uuid,
    /// True if the topic is internal. Versions 1+.
    pub is_internal: bool,
    /// Each partition in the topic.
    pub partitions: Vec<MetadataResponsePartition>,
    /// 32-bit bitfield to represent authorized operations for this topic. Versions 8+.
    pub topic_authorized_operations: i32,
}

impl Default for MetadataResponseTopic {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            name: Some(Default::default()),
            topic_id: Default::default(),
            is_internal: Default::default(),
            partitions: Default::default(),
            topic_authorized_operations: i32::MIN,
        }
    }
}

impl MetadataResponseTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        if self.name.is_none() && f.version <= 11 {
            return Err(EncodeError::NullNotInVersion {
                field: "MetadataResponseTopic.name",
                version: f.version,
            });
        }
        w.nullable_string(self.name.as_deref(), f)?;
        if f.version >= 10 {
            w.uuid(self.topic_id);
        }
        if f.version >= 1 {
            w.bool(self.is_internal);
        }
        w.count(self.partitions.len(), f)?;
        for value in &self.partitions {
            value.write(w, f)?;
        }
        if f.version >= 8 {
            w.i32(self.topic_authorized_operations);
        } else if self.topic_authorized_operations != i32::MIN {
            return Err(EncodeError::FieldNotInVersion {
                field: "MetadataResponseTopic.topic_authorized_operations",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`MetadataResponseTopic`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct MetadataResponseTopicView<'a> {
    /// See [`MetadataResponseTopic::error_code`].
    pub error_code: i16,
    /// See [`MetadataResponseTopic::name`].
    pub name: Option<&'a str>,
    /// See [`MetadataResponseTopic::topic_id`].
    pub topic_id: Uuid,
    /// See [`MetadataResponseTopic::is_internal`].
    pub is_internal: bool,
    /// See [`MetadataResponseTopic::partitions`].
    pub partitions: Array<'a, MetadataResponsePartitionView<'a>>,
    /// See [`MetadataResponseTopic::topic_authorized_operations`].
    pub topic_authorized_operations: i32,
}

impl Default for MetadataResponseTopicView<'_> {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            name: Some(Default::default()),
            topic_id: Default::default(),
            is_internal: Default::default(),
            partitions: Default::default(),
            topic_authorized_operations: i32::MIN,
        }
    }
}

impl<'a> View<'a> for MetadataResponseTopicView<'a> {
    const LEAST: usize = 8;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.name = r.nullable_string(f)?;
        if v.name.is_none() && f.version <= 11 {
            return Err(r.error(DecodeErrorKind::UnexpectedNull));
        }
        if f.version >= 10 {
            v.topic_id = r.uuid()?;
        }
        if f.version >= 1 {
            v.is_internal = r.bool()?;
        }
        v.partitions = Array::read(r, f)?;
        if f.version >= 8 {
            v.topic_authorized_operations = r.i32()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<MetadataResponseTopicView<'_>> for MetadataResponseTopic {
    fn from(v: MetadataResponseTopicView<'_>) -> Self {
        Self {
            error_code: v.error_code,
            name: v.name.map(Into::into),
            topic_id: v.topic_id,
            is_internal: v.is_internal,
            partitions: v.partitions.iter().map(Into::into).collect(),
            topic_authorized_operations: v.topic_authorized_operations,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for MetadataResponseTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.name = if f.version >= 12 && g.null() { None } else { Some(g.string()) };
        if f.version >= 10 {
            m.topic_id = g.uuid();
        }
        if f.version >= 1 {
            m.is_internal = g.bool();
        }
        m.partitions = g.array(|g| MetadataResponsePartition::filled(g, f));
        if f.version >= 8 {
            m.topic_authorized_operations = g.i32();
        }
        m
    }
}

/// Part of a [`MetadataResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataResponsePartition {
    /// The partition error, or 0 if there was no error.
    pub error_code: i16,
    /// The partition index.
    pub partition_index: i32,
    /// The ID of the leader broker.
    pub leader_id: i32,
    /// The leader epoch of this partition. Versions 7+.
    pub leader_epoch: i32,
    /// The set of all nodes that host this partition.
    pub replica_nodes: Vec<i32>,
    /// The set of nodes that are in sync with the leader for this partition.
    pub isr_nodes: Vec<i32>,
    /// The set of offline replicas of this partition. Versions 5+.
    pub offline_replicas: Vec<i32>,
}

impl Default for MetadataResponsePartition {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition_index: Default::default(),
            leader_id: Default::default(),
            leader_epoch: -1,
            replica_nodes: Default::default(),
            isr_nodes: Default::default(),
            offline_replicas: Default::default(),
        }
    }
}

impl MetadataResponsePartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.i32(self.partition_index);
        w.i32(self.leader_id);
        if f.version >= 7 {
            w.i32(self.leader_epoch);
        }
        w.count(self.replica_nodes.len(), f)?;
        for value in &self.replica_nodes {
            w.i32(*value);
        }
        w.count(self.isr_nodes.len(), f)?;
        for value in &self.isr_nodes {
            w.i32(*value);
        }
        if f.version >= 5 {
            w.count(self.offline_replicas.len(), f)?;
            for value in &self.offline_replicas {
                w.i32(*value);
            }
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`MetadataResponsePartition`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct MetadataResponsePartitionView<'a> {
    /// See [`MetadataResponsePartition::error_code`].
    pub error_code: i16,
    /// See [`MetadataResponsePartition::partition_index`].
    pub partition_index: i32,
    /// See [`MetadataResponsePartition::leader_id`].
    pub leader_id: i32,
    /// See [`MetadataResponsePartition::leader_epoch`].
    pub leader_epoch: i32,
    /// See [`MetadataResponsePartition::replica_nodes`].
    pub replica_nodes: Array<'a, i32>,
    /// See [`MetadataResponsePartition::isr_nodes`].
    pub isr_nodes: Array<'a, i32>,
    /// See [`MetadataResponsePartition::offline_replicas`].
    pub offline_replicas: Array<'a, i32>,
}

impl Default for MetadataResponsePartitionView<'_> {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition_index: Default::default(),
            leader_id: Default::default(),
            leader_epoch: -1,
            replica_nodes: Default::default(),
            isr_nodes: Default::default(),
            offline_replicas: Default::default(),
        }
    }
}

impl<'a> View<'a> for MetadataResponsePartitionView<'a> {
    const LEAST: usize = 18;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.partition_index = r.i32()?;
        v.leader_id = r.i32()?;
        if f.version >= 7 {
            v.leader_epoch = r.i32()?;
        }
        v.replica_nodes = Array::read(r, f)?;
        v.isr_nodes = Array::read(r, f)?;
        if f.version >= 5 {
            v.offline_replicas = Array::read(r, f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<MetadataResponsePartitionView<'_>> for MetadataResponsePartition {
    fn from(v: MetadataResponsePartitionView<'_>) -> Self {
        Self {
            error_code: v.error_code,
            partition_index: v.partition_index,
            leader_id: v.leader_id,
            leader_epoch: v.leader_epoch,
            replica_nodes: v.replica_nodes.iter().collect(),
            isr_nodes: v.isr_nodes.iter().collect(),
            offline_replicas: v.offline_replicas.iter().collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for MetadataResponsePartition {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.partition_index = g.i32();
        m.leader_id = g.i32();
        if f.version >= 7 {
            m.leader_epoch = g.i32();
        }
        m.replica_nodes = g.array(|g| g.i32());
        m.isr_nodes = g.array(|g| g.i32());
        if f.version >= 5 {
            m.offline_replicas = g.array(|g| g.i32());
        }
        m
    }
}

impl Message for MetadataResponse {
    const NAME: &'static str = "MetadataResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 13;
    const FLEXIBLE_FROM: i16 = 9;

    type View<'a> = MetadataResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 3 {
            w.i32(self.throttle_time_ms);
        }
        w.count(self.brokers.len(), f)?;
        for value in &self.brokers {
            value.write(w, f)?;
        }
        if f.version >= 2 {
            w.nullable_string(self.cluster_id.as_deref(), f)?;
        }
        if f.version >= 1 {
            w.i32(self.controller_id);
        }
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        if (8..=10).contains(&f.version) {
            w.i32(self.cluster_authorized_operations);
        } else if self.cluster_authorized_operations != i32::MIN {
            return Err(EncodeError::FieldNotInVersion {
                field: "MetadataResponse.cluster_authorized_operations",
                version: f.version,
            });
        }
        if f.version >= 13 {
            w.i16(self.error_code);
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: MetadataResponseView<'_>) -> Self {
        view.into()
    }
}
