// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `OffsetFetchResponse`, versions 1-10, flexible from 6.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `OffsetFetchResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 3+.
    pub throttle_time_ms: i32,
    /// The responses per topic. Versions 1-7.
    pub topics: Vec<OffsetFetchResponseTopic>,
    /// The top-level error code, or 0 if there was no error. Versions 2-7.
    pub error_code: i16,
    /// The responses per group id. Versions 8+.
    pub groups: Vec<OffsetFetchResponseGroup>,
}

/// A [`OffsetFetchResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetFetchResponseView<'a> {
    /// See [`OffsetFetchResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`OffsetFetchResponse::topics`].
    pub topics: Array<'a, OffsetFetchResponseTopicView<'a>>,
    /// See [`OffsetFetchResponse::error_code`].
    pub error_code: i16,
    /// See [`OffsetFetchResponse::groups`].
    pub groups: Array<'a, OffsetFetchResponseGroupView<'a>>,
}

impl<'a> View<'a> for OffsetFetchResponseView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 3 {
            v.throttle_time_ms = r.i32()?;
        }
        if f.version <= 7 {
            v.topics = Array::read(r, f)?;
        }
        if (2..=7).contains(&f.version) {
            v.error_code = r.i16()?;
        }
        if f.version >= 8 {
            v.groups = Array::read(r, f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetFetchResponseView<'_>> for OffsetFetchResponse {
    fn from(v: OffsetFetchResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
            error_code: v.error_code,
            groups: v.groups.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 3 {
            m.throttle_time_ms = g.i32();
        }
        if f.version <= 7 {
            m.topics = g.array(|g| OffsetFetchResponseTopic::filled(g, f));
        }
        if (2..=7).contains(&f.version) {
            m.error_code = g.i16();
        }
        if f.version >= 8 {
            m.groups = g.array(|g| OffsetFetchResponseGroup::filled(g, f));
        }
        m
    }
}

/// Part of a [`OffsetFetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseTopic {
    /// The topic name.
    pub name: String,
    /// The responses per partition.
    pub partitions: Vec<OffsetFetchResponsePartition>,
}

impl OffsetFetchResponseTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.count(self.partitions.len(), f)?;
        for value in &self.partitions {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`OffsetFetchResponseTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetFetchResponseTopicView<'a> {
    /// See [`OffsetFetchResponseTopic::name`].
    pub name: &'a str,
    /// See [`OffsetFetchResponseTopic::partitions`].
    pub partitions: Array<'a, OffsetFetchResponsePartitionView<'a>>,
}

impl<'a> View<'a> for OffsetFetchResponseTopicView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.partitions = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetFetchResponseTopicView<'_>> for OffsetFetchResponseTopic {
    fn from(v: OffsetFetchResponseTopicView<'_>) -> Self {
        Self { name: v.name.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchResponseTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partitions = g.array(|g| OffsetFetchResponsePartition::filled(g, f));
        m
    }
}

/// Part of a [`OffsetFetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartition {
    /// The partition index.
    pub partition_index: i32,
    /// The committed message offset.
    pub committed_offset: i64,
    /// The leader epoch. Versions 5-7.
    pub committed_leader_epoch: i32,
    /// The partition metadata.
    pub metadata: Option<String>,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            metadata: Some(Default::default()),
            error_code: Default::default(),
        }
    }
}

impl OffsetFetchResponsePartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i64(self.committed_offset);
        if f.version >= 5 {
            w.i32(self.committed_leader_epoch);
        }
        w.nullable_string(self.metadata.as_deref(), f)?;
        w.i16(self.error_code);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`OffsetFetchResponsePartition`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct OffsetFetchResponsePartitionView<'a> {
    /// See [`OffsetFetchResponsePartition::partition_index`].
    pub partition_index: i32,
    /// See [`OffsetFetchResponsePartition::committed_offset`].
    pub committed_offset: i64,
    /// See [`OffsetFetchResponsePartition::committed_leader_epoch`].
    pub committed_leader_epoch: i32,
    /// See [`OffsetFetchResponsePartition::metadata`].
    pub metadata: Option<&'a str>,
    /// See [`OffsetFetchResponsePartition::error_code`].
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartitionView<'_> {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            metadata: Some(Default::default()),
            error_code: Default::default(),
        }
    }
}

impl<'a> View<'a> for OffsetFetchResponsePartitionView<'a> {
    const LEAST: usize = 16;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.committed_offset = r.i64()?;
        if f.version >= 5 {
            v.committed_leader_epoch = r.i32()?;
        }
        v.metadata = r.nullable_string(f)?;
        v.error_code = r.i16()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetFetchResponsePartitionView<'_>> for OffsetFetchResponsePartition {
    fn from(v: OffsetFetchResponsePartitionView<'_>) -> Self {
        Self {
            partition_index: v.partition_index,
            committed_offset: v.committed_offset,
            committed_leader_epoch: v.committed_leader_epoch,
            metadata: v.metadata.map(Into::into),
            error_code: v.error_code,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchResponsePartition {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.committed_offset = g.i64();
        if f.version >= 5 {
            m.committed_leader_epoch = g.i32();
        }
        m.metadata = if g.null() { None } else { Some(g.string()) };
        m.error_code = g.i16();
        m
    }
}

/// Part of a [`OffsetFetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseGroup {
    /// The group ID.
    pub group_id: String,
    /// The responses per topic.
    pub topics: Vec<OffsetFetchResponseTopics>,
    /// The group-level error code, or 0 if there was no error.
    pub error_code: i16,
}

impl OffsetFetchResponseGroup {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        w.i16(self.error_code);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`OffsetFetchResponseGroup`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetFetchResponseGroupView<'a> {
    /// See [`OffsetFetchResponseGroup::group_id`].
    pub group_id: &'a str,
    /// See [`OffsetFetchResponseGroup::topics`].
    pub topics: Array<'a, OffsetFetchResponseTopicsView<'a>>,
    /// See [`OffsetFetchResponseGroup::error_code`].
    pub error_code: i16,
}

impl<'a> View<'a> for OffsetFetchResponseGroupView<'a> {
    const LEAST: usize = 5;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        v.topics = Array::read(r, f)?;
        v.error_code = r.i16()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<OffsetFetchResponseGroupView<'_>> for OffsetFetchResponseGroup {
    fn from(v: OffsetFetchResponseGroupView<'_>) -> Self {
        Self {
            group_id: v.group_id.into(),
            topics: v.topics.iter().map(Into::into).collect(),
            error_code: v.error_code,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchResponseGroup {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        m.topics = g.array(|g| OffsetFetchResponseTopics::filled(g, f));
        m.error_code = g.i16();
        m
    }
}

/// Part of a [`OffsetFetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchResponseTopics {
    /// The topic name. Versions 8-9.
    pub name: String,
    /// The topic ID. Versions 10.
    pub topic_id: Uuid,
    /// The responses per partition.
    pub partitions: Vec<OffsetFetchResponsePartitions>,
}

impl OffsetFetchResponseTopics {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version <= 9 {
            w.string(&self.name, f)?;
        }
        if f.version >= 10 {
            w.uuid(self.topic_id);
        }
        w.count(self.partitions.len(), f)?;
        for value in &self.partitions {
            value.write(w, f)?;
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`OffsetFetchResponseTopics`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetFetchResponseTopicsView<'a> {
    /// See [`OffsetFetchResponseTopics::name`].
    pub name: &'a str,
    /// See [`OffsetFetchResponseTopics::topic_id`].
    pub topic_id: Uuid,
    /// See [`OffsetFetchResponseTopics::partitions`].
    pub partitions: Array<'a, OffsetFetchResponsePartitionsView<'a>>,
}

impl<'a> View<'a> for OffsetFetchResponseTopicsView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version <= 9 {
            v.name = r.string(f)?;
        }
        if f.version >= 10 {
            v.topic_id = r.uuid()?;
        }
        v.partitions = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<OffsetFetchResponseTopicsView<'_>> for OffsetFetchResponseTopics {
    fn from(v: OffsetFetchResponseTopicsView<'_>) -> Self {
        Self {
            name: v.name.into(),
            topic_id: v.topic_id,
            partitions: v.partitions.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchResponseTopics {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 9 {
            m.name = g.string();
        }
        if f.version >= 10 {
            m.topic_id = g.uuid();
        }
        m.partitions = g.array(|g| OffsetFetchResponsePartitions::filled(g, f));
        m
    }
}

/// Part of a [`OffsetFetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchResponsePartitions {
    /// The partition index.
    pub partition_index: i32,
    /// The committed message offset.
    pub committed_offset: i64,
    /// The leader epoch.
    pub committed_leader_epoch: i32,
    /// The partition metadata.
    pub metadata: Option<String>,
    /// The partition-level error code, or 0 if there was no error.
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartitions {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            metadata: Some(Default::default()),
            error_code: Default::default(),
        }
    }
}

impl OffsetFetchResponsePartitions {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i64(self.committed_offset);
        w.i32(self.committed_leader_epoch);
        w.nullable_string(self.metadata.as_deref(), f)?;
        w.i16(self.error_code);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`OffsetFetchResponsePartitions`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct OffsetFetchResponsePartitionsView<'a> {
    /// See [`OffsetFetchResponsePartitions::partition_index`].
    pub partition_index: i32,
    /// See [`OffsetFetchResponsePartitions::committed_offset`].
    pub committed_offset: i64,
    /// See [`OffsetFetchResponsePartitions::committed_leader_epoch`].
    pub committed_leader_epoch: i32,
    /// See [`OffsetFetchResponsePartitions::metadata`].
    pub metadata: Option<&'a str>,
    /// See [`OffsetFetchResponsePartitions::error_code`].
    pub error_code: i16,
}

impl Default for OffsetFetchResponsePartitionsView<'_> {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            metadata: Some(Default::default()),
            error_code: Default::default(),
        }
    }
}

impl<'a> View<'a> for OffsetFetchResponsePartitionsView<'a> {
    const LEAST: usize = 20;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.committed_offset = r.i64()?;
        v.committed_leader_epoch = r.i32()?;
        v.metadata = r.nullable_string(f)?;
        v.error_code = r.i16()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<OffsetFetchResponsePartitionsView<'_>> for OffsetFetchResponsePartitions {
    fn from(v: OffsetFetchResponsePartitionsView<'_>) -> Self {
        Self {
            partition_index: v.partition_index,
            committed_offset: v.committed_offset,
            committed_leader_epoch: v.committed_leader_epoch,
            metadata: v.metadata.map(Into::into),
            error_code: v.error_code,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchResponsePartitions {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.committed_offset = g.i64();
        m.committed_leader_epoch = g.i32();
        m.metadata = if g.null() { None } else { Some(g.string()) };
        m.error_code = g.i16();
        m
    }
}

impl Message for OffsetFetchResponse {
    const NAME: &'static str = "OffsetFetchResponse";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 10;
    const FLEXIBLE_FROM: i16 = 6;

    type View<'a> = OffsetFetchResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 3 {
            w.i32(self.throttle_time_ms);
        }
        if f.version <= 7 {
            w.count(self.topics.len(), f)?;
            for value in &self.topics {
                value.write(w, f)?;
            }
        } else if !self.topics.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "OffsetFetchResponse.topics",
                version: f.version,
            });
        }
        if (2..=7).contains(&f.version) {
            w.i16(self.error_code);
        }
        if f.version >= 8 {
            w.count(self.groups.len(), f)?;
            for value in &self.groups {
                value.write(w, f)?;
            }
        } else if !self.groups.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "OffsetFetchResponse.groups",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: OffsetFetchResponseView<'_>) -> Self {
        view.into()
    }
}
