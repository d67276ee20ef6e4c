// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ListOffsetsRequest`, versions 1-11, flexible from 6.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `ListOffsetsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsRequest {
    /// The broker ID of the requester, or -1 if this request is being made by a normal consumer.
    pub replica_id: i32,
    /// This setting controls the visibility of transactional records. Using READ_UNCOMMITTED
    /// (isolation_level = 0) makes all records visible. With READ_COMMITTED (isolation_level = 1),
    /// non-transactional and COMMITTED transactional records are visible. To be more concrete,
    /// READ_COMMITTED returns all data from offsets smaller than the current LSO (last stable
    /// offset), and enables the inclusion of the list of aborted transactions in the result, which
    /// allows consumers to discard ABORTED transactional records. Versions 2+.
    pub isolation_level: i8,
    /// Each topic in the request.
    pub topics: Vec<ListOffsetsTopic>,
    /// The timeout to await a response in milliseconds for requests that require reading from
    /// remote storage for topics enabled with tiered storage. Versions 10+.
    pub timeout_ms: i32,
}

/// A [`ListOffsetsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListOffsetsRequestView<'a> {
    /// See [`ListOffsetsRequest::replica_id`].
    pub replica_id: i32,
    /// See [`ListOffsetsRequest::isolation_level`].
    pub isolation_level: i8,
    /// See [`ListOffsetsRequest::topics`].
    pub topics: Array<'a, ListOffsetsTopicView<'a>>,
    /// See [`ListOffsetsRequest::timeout_ms`].
    pub timeout_ms: i32,
}

impl<'a> View<'a> for ListOffsetsRequestView<'a> {
    const LEAST: usize = 7;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.replica_id = r.i32()?;
        if f.version >= 2 {
            v.isolation_level = r.i8()?;
        }
        v.topics = Array::read(r, f)?;
        if f.version >= 10 {
            v.timeout_ms = r.i32()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ListOffsetsRequestView<'_>> for ListOffsetsRequest {
    fn from(v: ListOffsetsRequestView<'_>) -> Self {
        Self {
            replica_id: v.replica_id,
            isolation_level: v.isolation_level,
            topics: v.topics.iter().map(Into::into).collect(),
            timeout_ms: v.timeout_ms,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListOffsetsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.replica_id = g.i32();
        if f.version >= 2 {
            m.isolation_level = g.i8();
        }
        m.topics = g.array(|g| ListOffsetsTopic::filled(g, f));
        if f.version >= 10 {
            m.timeout_ms = g.i32();
        }
        m
    }
}

/// Part of a [`ListOffsetsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsTopic {
    /// The topic name.
    pub name: String,
    /// Each partition in the request.
    pub partitions: Vec<ListOffsetsPartition>,
}

impl ListOffsetsTopic {
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

/// A [`ListOffsetsTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListOffsetsTopicView<'a> {
    /// See [`ListOffsetsTopic::name`].
    pub name: &'a str,
    /// See [`ListOffsetsTopic::partitions`].
    pub partitions: Array<'a, ListOffsetsPartitionView>,
}

impl<'a> View<'a> for ListOffsetsTopicView<'a> {
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

impl From<ListOffsetsTopicView<'_>> for ListOffsetsTopic {
    fn from(v: ListOffsetsTopicView<'_>) -> Self {
        Self { name: v.name.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListOffsetsTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partitions = g.array(|g| ListOffsetsPartition::filled(g, f));
        m
    }
}

/// Part of a [`ListOffsetsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ListOffsetsPartition {
    /// The partition index.
    pub partition_index: i32,
    /// The current leader epoch. Versions 4+.
    pub current_leader_epoch: i32,
    /// The current timestamp.
    pub timestamp: i64,
}

impl Default for ListOffsetsPartition {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            current_leader_epoch: -1,
            timestamp: Default::default(),
        }
    }
}

impl ListOffsetsPartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        if f.version >= 4 {
            w.i32(self.current_leader_epoch);
        }
        w.i64(self.timestamp);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`ListOffsetsPartition`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct ListOffsetsPartitionView {
    /// See [`ListOffsetsPartition::partition_index`].
    pub partition_index: i32,
    /// See [`ListOffsetsPartition::current_leader_epoch`].
    pub current_leader_epoch: i32,
    /// See [`ListOffsetsPartition::timestamp`].
    pub timestamp: i64,
}

impl Default for ListOffsetsPartitionView {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            current_leader_epoch: -1,
            timestamp: Default::default(),
        }
    }
}

impl<'a> View<'a> for ListOffsetsPartitionView {
    const LEAST: usize = 12;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        if f.version >= 4 {
            v.current_leader_epoch = r.i32()?;
        }
        v.timestamp = r.i64()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ListOffsetsPartitionView> for ListOffsetsPartition {
    fn from(v: ListOffsetsPartitionView) -> Self {
        Self {
            partition_index: v.partition_index,
            current_leader_epoch: v.current_leader_epoch,
            timestamp: v.timestamp,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListOffsetsPartition {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        if f.version >= 4 {
            m.current_leader_epoch = g.i32();
        }
        m.timestamp = g.i64();
        m
    }
}

impl Message for ListOffsetsRequest {
    const NAME: &'static str = "ListOffsetsRequest";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 11;
    const FLEXIBLE_FROM: i16 = 6;

    type View<'a> = ListOffsetsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.replica_id);
        if f.version >= 2 {
            w.i8(self.isolation_level);
        } else if self.isolation_level != 0 {
            return Err(EncodeError::FieldNotInVersion {
                field: "ListOffsetsRequest.isolation_level",
                version: f.version,
            });
        }
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        if f.version >= 10 {
            w.i32(self.timeout_ms);
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: ListOffsetsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for ListOffsetsRequest {
    const KEY: ApiKey = ApiKey::ListOffsets;
    type Response = super::ListOffsetsResponse;
}
