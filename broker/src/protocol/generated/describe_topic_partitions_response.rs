// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeTopicPartitionsResponse`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `DescribeTopicPartitionsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeTopicPartitionsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Each topic in the response.
    pub topics: Vec<DescribeTopicPartitionsResponseTopic>,
    /// The next topic and partition index to fetch details for.
    pub next_cursor: Option<Cursor>,
}

/// A [`DescribeTopicPartitionsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeTopicPartitionsResponseView<'a> {
    /// See [`DescribeTopicPartitionsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`DescribeTopicPartitionsResponse::topics`].
    pub topics: Array<'a, DescribeTopicPartitionsResponseTopicView<'a>>,
    /// See [`DescribeTopicPartitionsResponse::next_cursor`].
    pub next_cursor: Option<CursorView<'a>>,
}

impl<'a> View<'a> for DescribeTopicPartitionsResponseView<'a> {
    const LEAST: usize = 7;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        v.topics = Array::read(r, f)?;
        v.next_cursor = if r.present()? { Some(CursorView::read(r, f)?) } else { None };
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DescribeTopicPartitionsResponseView<'_>> for DescribeTopicPartitionsResponse {
    fn from(v: DescribeTopicPartitionsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
            next_cursor: v.next_cursor.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeTopicPartitionsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.topics = g.array(|g| DescribeTopicPartitionsResponseTopic::filled(g, f));
        m.next_cursor = if g.null() { None } else { Some(Cursor::filled(g, f)) };
        m
    }
}

/// Part of a [`DescribeTopicPartitionsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponseTopic {
    /// The topic error, or 0 if there was no error.
    pub error_code: i16,
    /// The topic name.
    pub name: Option<String>,
    /// The topic id.
    pub topic_id: Uuid,
    /// True if the topic is internal.
    pub is_internal: bool,
    /// Each partition in the topic.
    pub partitions: Vec<DescribeTopicPartitionsResponsePartition>,
    /// 32-bit bitfield to represent authorized operations for this topic.
    pub topic_authorized_operations: i32,
}

impl Default for DescribeTopicPartitionsResponseTopic {
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

impl DescribeTopicPartitionsResponseTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.nullable_string(self.name.as_deref(), f)?;
        w.uuid(self.topic_id);
        w.bool(self.is_internal);
        w.count(self.partitions.len(), f)?;
        for value in &self.partitions {
            value.write(w, f)?;
        }
        w.i32(self.topic_authorized_operations);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`DescribeTopicPartitionsResponseTopic`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeTopicPartitionsResponseTopicView<'a> {
    /// See [`DescribeTopicPartitionsResponseTopic::error_code`].
    pub error_code: i16,
    /// See [`DescribeTopicPartitionsResponseTopic::name`].
    pub name: Option<&'a str>,
    /// See [`DescribeTopicPartitionsResponseTopic::topic_id`].
    pub topic_id: Uuid,
    /// See [`DescribeTopicPartitionsResponseTopic::is_internal`].
    pub is_internal: bool,
    /// See [`DescribeTopicPartitionsResponseTopic::partitions`].
    pub partitions: Array<'a, DescribeTopicPartitionsResponsePartitionView<'a>>,
    /// See [`DescribeTopicPartitionsResponseTopic::topic_authorized_operations`].
    pub topic_authorized_operations: i32,
}

impl Default for DescribeTopicPartitionsResponseTopicView<'_> {
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

impl<'a> View<'a> for DescribeTopicPartitionsResponseTopicView<'a> {
    const LEAST: usize = 26;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.name = r.nullable_string(f)?;
        v.topic_id = r.uuid()?;
        v.is_internal = r.bool()?;
        v.partitions = Array::read(r, f)?;
        v.topic_authorized_operations = r.i32()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DescribeTopicPartitionsResponseTopicView<'_>> for DescribeTopicPartitionsResponseTopic {
    fn from(v: DescribeTopicPartitionsResponseTopicView<'_>) -> Self {
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
impl Filled for DescribeTopicPartitionsResponseTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.name = if g.null() { None } else { Some(g.string()) };
        m.topic_id = g.uuid();
        m.is_internal = g.bool();
        m.partitions = g.array(|g| DescribeTopicPartitionsResponsePartition::filled(g, f));
        m.topic_authorized_operations = g.i32();
        m
    }
}

/// Part of a [`DescribeTopicPartitionsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsResponsePartition {
    /// The partition error, or 0 if there was no error.
    pub error_code: i16,
    /// The partition index.
    pub partition_index: i32,
    /// The ID of the leader broker.
    pub leader_id: i32,
    /// The leader epoch of this partition.
    pub leader_epoch: i32,
    /// The set of all nodes that host this partition.
    pub replica_nodes: Vec<i32>,
    /// The set of nodes that are in sync with the leader for this partition.
    pub isr_nodes: Vec<i32>,
    /// The new eligible leader replicas otherwise.
    pub eligible_leader_replicas: Option<Vec<i32>>,
    /// The last known ELR.
    pub last_known_elr: Option<Vec<i32>>,
    /// The set of offline replicas of this partition.
    pub offline_replicas: Vec<i32>,
}

impl Default for DescribeTopicPartitionsResponsePartition {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition_index: Default::default(),
            leader_id: Default::default(),
            leader_epoch: -1,
            replica_nodes: Default::default(),
            isr_nodes: Default::default(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            offline_replicas: Default::default(),
        }
    }
}

impl DescribeTopicPartitionsResponsePartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.i32(self.partition_index);
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        w.count(self.replica_nodes.len(), f)?;
        for value in &self.replica_nodes {
            w.i32(*value);
        }
        w.count(self.isr_nodes.len(), f)?;
        for value in &self.isr_nodes {
            w.i32(*value);
        }
        match &self.eligible_leader_replicas {
            Some(values) => {
                w.count(values.len(), f)?;
                for value in values {
                    w.i32(*value);
                }
            }
            None => w.null(f),
        }
        match &self.last_known_elr {
            Some(values) => {
                w.count(values.len(), f)?;
                for value in values {
                    w.i32(*value);
                }
            }
            None => w.null(f),
        }
        w.count(self.offline_replicas.len(), f)?;
        for value in &self.offline_replicas {
            w.i32(*value);
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`DescribeTopicPartitionsResponsePartition`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeTopicPartitionsResponsePartitionView<'a> {
    /// See [`DescribeTopicPartitionsResponsePartition::error_code`].
    pub error_code: i16,
    /// See [`DescribeTopicPartitionsResponsePartition::partition_index`].
    pub partition_index: i32,
    /// See [`DescribeTopicPartitionsResponsePartition::leader_id`].
    pub leader_id: i32,
    /// See [`DescribeTopicPartitionsResponsePartition::leader_epoch`].
    pub leader_epoch: i32,
    /// See [`DescribeTopicPartitionsResponsePartition::replica_nodes`].
    pub replica_nodes: Array<'a, i32>,
    /// See [`DescribeTopicPartitionsResponsePartition::isr_nodes`].
    pub isr_nodes: Array<'a, i32>,
    /// See [`DescribeTopicPartitionsResponsePartition::eligible_leader_replicas`].
    pub eligible_leader_replicas: Option<Array<'a, i32>>,
    /// See [`DescribeTopicPartitionsResponsePartition::last_known_elr`].
    pub last_known_elr: Option<Array<'a, i32>>,
    /// See [`DescribeTopicPartitionsResponsePartition::offline_replicas`].
    pub offline_replicas: Array<'a, i32>,
}

impl Default for DescribeTopicPartitionsResponsePartitionView<'_> {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition_index: Default::default(),
            leader_id: Default::default(),
            leader_epoch: -1,
            replica_nodes: Default::default(),
            isr_nodes: Default::default(),
            eligible_leader_replicas: None,
            last_known_elr: None,
            offline_replicas: Default::default(),
        }
    }
}

impl<'a> View<'a> for DescribeTopicPartitionsResponsePartitionView<'a> {
    const LEAST: usize = 20;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.partition_index = r.i32()?;
        v.leader_id = r.i32()?;
        v.leader_epoch = r.i32()?;
        v.replica_nodes = Array::read(r, f)?;
        v.isr_nodes = Array::read(r, f)?;
        v.eligible_leader_replicas = Array::read_nullable(r, f)?;
        v.last_known_elr = Array::read_nullable(r, f)?;
        v.offline_replicas = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DescribeTopicPartitionsResponsePartitionView<'_>>
    for DescribeTopicPartitionsResponsePartition
{
    fn from(v: DescribeTopicPartitionsResponsePartitionView<'_>) -> Self {
        Self {
            error_code: v.error_code,
            partition_index: v.partition_index,
            leader_id: v.leader_id,
            leader_epoch: v.leader_epoch,
            replica_nodes: v.replica_nodes.iter().collect(),
            isr_nodes: v.isr_nodes.iter().collect(),
            eligible_leader_replicas: v.eligible_leader_replicas.map(|x| x.iter().collect()),
            last_known_elr: v.last_known_elr.map(|x| x.iter().collect()),
            offline_replicas: v.offline_replicas.iter().collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeTopicPartitionsResponsePartition {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.partition_index = g.i32();
        m.leader_id = g.i32();
        m.leader_epoch = g.i32();
        m.replica_nodes = g.array(|g| g.i32());
        m.isr_nodes = g.array(|g| g.i32());
        m.eligible_leader_replicas = if g.null() { None } else { Some(g.array(|g| g.i32())) };
        m.last_known_elr = if g.null() { None } else { Some(g.array(|g| g.i32())) };
        m.offline_replicas = g.array(|g| g.i32());
        m
    }
}

/// Part of a [`DescribeTopicPartitionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cursor {
    /// The name for the first topic to process.
    pub topic_name: String,
    /// The partition index to start with.
    pub partition_index: i32,
}

impl Cursor {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.topic_name, f)?;
        w.i32(self.partition_index);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`Cursor`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CursorView<'a> {
    /// See [`Cursor::topic_name`].
    pub topic_name: &'a str,
    /// See [`Cursor::partition_index`].
    pub partition_index: i32,
}

impl<'a> View<'a> for CursorView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topic_name = r.string(f)?;
        v.partition_index = r.i32()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<CursorView<'_>> for Cursor {
    fn from(v: CursorView<'_>) -> Self {
        Self { topic_name: v.topic_name.into(), partition_index: v.partition_index }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for Cursor {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.topic_name = g.string();
        m.partition_index = g.i32();
        m
    }
}

impl Message for DescribeTopicPartitionsResponse {
    const NAME: &'static str = "DescribeTopicPartitionsResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = DescribeTopicPartitionsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        w.present(self.next_cursor.is_some());
        if let Some(value) = &self.next_cursor {
            value.write(w, f)?;
        }
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: DescribeTopicPartitionsResponseView<'_>) -> Self {
        view.into()
    }
}
