// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `OffsetCommitRequest`, versions 2-10, flexible from 8.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, Uuid, View, Writer,
};

/// `OffsetCommitRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequest {
    /// The unique group identifier.
    pub group_id: String,
    /// The generation of the group if using the classic group protocol or the member epoch if using
    /// the consumer protocol.
    pub generation_id_or_member_epoch: i32,
    /// The member ID assigned by the group coordinator.
    pub member_id: String,
    /// The unique identifier of the consumer instance provided by end user. Versions 7+.
    pub group_instance_id: Option<String>,
    /// The time period in ms to retain the offset. Versions 2-4.
    pub retention_time_ms: i64,
    /// The topics to commit offsets for.
    pub topics: Vec<OffsetCommitRequestTopic>,
}

impl Default for OffsetCommitRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            generation_id_or_member_epoch: -1,
            member_id: Default::default(),
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Default::default(),
        }
    }
}

/// A [`OffsetCommitRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct OffsetCommitRequestView<'a> {
    /// See [`OffsetCommitRequest::group_id`].
    pub group_id: &'a str,
    /// See [`OffsetCommitRequest::generation_id_or_member_epoch`].
    pub generation_id_or_member_epoch: i32,
    /// See [`OffsetCommitRequest::member_id`].
    pub member_id: &'a str,
    /// See [`OffsetCommitRequest::group_instance_id`].
    pub group_instance_id: Option<&'a str>,
    /// See [`OffsetCommitRequest::retention_time_ms`].
    pub retention_time_ms: i64,
    /// See [`OffsetCommitRequest::topics`].
    pub topics: Array<'a, OffsetCommitRequestTopicView<'a>>,
}

impl Default for OffsetCommitRequestView<'_> {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            generation_id_or_member_epoch: -1,
            member_id: Default::default(),
            group_instance_id: None,
            retention_time_ms: -1,
            topics: Default::default(),
        }
    }
}

impl<'a> View<'a> for OffsetCommitRequestView<'a> {
    const LEAST: usize = 9;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        v.generation_id_or_member_epoch = r.i32()?;
        v.member_id = r.string(f)?;
        if f.version >= 7 {
            v.group_instance_id = r.nullable_string(f)?;
        }
        if f.version <= 4 {
            v.retention_time_ms = r.i64()?;
        }
        v.topics = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetCommitRequestView<'_>> for OffsetCommitRequest {
    fn from(v: OffsetCommitRequestView<'_>) -> Self {
        Self {
            group_id: v.group_id.into(),
            generation_id_or_member_epoch: v.generation_id_or_member_epoch,
            member_id: v.member_id.into(),
            group_instance_id: v.group_instance_id.map(Into::into),
            retention_time_ms: v.retention_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetCommitRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        m.generation_id_or_member_epoch = g.i32();
        m.member_id = g.string();
        if f.version >= 7 {
            m.group_instance_id = if g.null() { None } else { Some(g.string()) };
        }
        if f.version <= 4 {
            m.retention_time_ms = g.i64();
        }
        m.topics = g.array(|g| OffsetCommitRequestTopic::filled(g, f));
        m
    }
}

/// Part of a [`OffsetCommitRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitRequestTopic {
    /// The topic name. Versions 2-9.
    pub name: String,
    /// The topic ID. Versions 10.
    pub topic_id: Uuid,
    /// Each partition to commit offsets for.
    pub partitions: Vec<OffsetCommitRequestPartition>,
}

impl OffsetCommitRequestTopic {
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
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`OffsetCommitRequestTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetCommitRequestTopicView<'a> {
    /// See [`OffsetCommitRequestTopic::name`].
    pub name: &'a str,
    /// See [`OffsetCommitRequestTopic::topic_id`].
    pub topic_id: Uuid,
    /// See [`OffsetCommitRequestTopic::partitions`].
    pub partitions: Array<'a, OffsetCommitRequestPartitionView<'a>>,
}

impl<'a> View<'a> for OffsetCommitRequestTopicView<'a> {
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
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetCommitRequestTopicView<'_>> for OffsetCommitRequestTopic {
    fn from(v: OffsetCommitRequestTopicView<'_>) -> Self {
        Self {
            name: v.name.into(),
            topic_id: v.topic_id,
            partitions: v.partitions.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetCommitRequestTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 9 {
            m.name = g.string();
        }
        if f.version >= 10 {
            m.topic_id = g.uuid();
        }
        m.partitions = g.array(|g| OffsetCommitRequestPartition::filled(g, f));
        m
    }
}

/// Part of a [`OffsetCommitRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitRequestPartition {
    /// The partition index.
    pub partition_index: i32,
    /// The message offset to be committed.
    pub committed_offset: i64,
    /// The leader epoch of this partition. Versions 6+.
    pub committed_leader_epoch: i32,
    /// Any associated metadata the client wants to keep.
    pub committed_metadata: Option<String>,
}

impl Default for OffsetCommitRequestPartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            committed_metadata: Some(Default::default()),
        }
    }
}

impl OffsetCommitRequestPartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i64(self.committed_offset);
        if f.version >= 6 {
            w.i32(self.committed_leader_epoch);
        }
        w.nullable_string(self.committed_metadata.as_deref(), f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`OffsetCommitRequestPartition`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct OffsetCommitRequestPartitionView<'a> {
    /// See [`OffsetCommitRequestPartition::partition_index`].
    pub partition_index: i32,
    /// See [`OffsetCommitRequestPartition::committed_offset`].
    pub committed_offset: i64,
    /// See [`OffsetCommitRequestPartition::committed_leader_epoch`].
    pub committed_leader_epoch: i32,
    /// See [`OffsetCommitRequestPartition::committed_metadata`].
    pub committed_metadata: Option<&'a str>,
}

impl Default for OffsetCommitRequestPartitionView<'_> {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            committed_offset: Default::default(),
            committed_leader_epoch: -1,
            committed_metadata: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for OffsetCommitRequestPartitionView<'a> {
    const LEAST: usize = 14;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.committed_offset = r.i64()?;
        if f.version >= 6 {
            v.committed_leader_epoch = r.i32()?;
        }
        v.committed_metadata = r.nullable_string(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetCommitRequestPartitionView<'_>> for OffsetCommitRequestPartition {
    fn from(v: OffsetCommitRequestPartitionView<'_>) -> Self {
        Self {
            partition_index: v.partition_index,
            committed_offset: v.committed_offset,
            committed_leader_epoch: v.committed_leader_epoch,
            committed_metadata: v.committed_metadata.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetCommitRequestPartition {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.committed_offset = g.i64();
        if f.version >= 6 {
            m.committed_leader_epoch = g.i32();
        }
        m.committed_metadata = if g.null() { None } else { Some(g.string()) };
        m
    }
}

impl Message for OffsetCommitRequest {
    const NAME: &'static str = "OffsetCommitRequest";
    const MIN_VERSION: i16 = 2;
    const MAX_VERSION: i16 = 10;
    const FLEXIBLE_FROM: i16 = 8;

    type View<'a> = OffsetCommitRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        w.i32(self.generation_id_or_member_epoch);
        w.string(&self.member_id, f)?;
        if f.version >= 7 {
            w.nullable_string(self.group_instance_id.as_deref(), f)?;
        } else if self.group_instance_id.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "OffsetCommitRequest.group_instance_id",
                version: f.version,
            });
        }
        if f.version <= 4 {
            w.i64(self.retention_time_ms);
        }
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: OffsetCommitRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for OffsetCommitRequest {
    const KEY: ApiKey = ApiKey::OffsetCommit;
    type Response = super::OffsetCommitResponse;
}
