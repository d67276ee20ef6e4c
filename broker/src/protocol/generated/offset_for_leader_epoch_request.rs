// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `OffsetForLeaderEpochRequest`, versions 2-4, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `OffsetForLeaderEpochRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetForLeaderEpochRequest {
    /// The broker ID of the follower, of -1 if this request is from a consumer. Versions 3+.
    pub replica_id: i32,
    /// Each topic to get offsets for.
    pub topics: Vec<OffsetForLeaderTopic>,
}

impl Default for OffsetForLeaderEpochRequest {
    fn default() -> Self {
        Self { replica_id: -2, topics: Default::default() }
    }
}

/// A [`OffsetForLeaderEpochRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct OffsetForLeaderEpochRequestView<'a> {
    /// See [`OffsetForLeaderEpochRequest::replica_id`].
    pub replica_id: i32,
    /// See [`OffsetForLeaderEpochRequest::topics`].
    pub topics: Array<'a, OffsetForLeaderTopicView<'a>>,
}

impl Default for OffsetForLeaderEpochRequestView<'_> {
    fn default() -> Self {
        Self { replica_id: -2, topics: Default::default() }
    }
}

impl<'a> View<'a> for OffsetForLeaderEpochRequestView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 3 {
            v.replica_id = r.i32()?;
        }
        v.topics = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetForLeaderEpochRequestView<'_>> for OffsetForLeaderEpochRequest {
    fn from(v: OffsetForLeaderEpochRequestView<'_>) -> Self {
        Self { replica_id: v.replica_id, topics: v.topics.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetForLeaderEpochRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 3 {
            m.replica_id = g.i32();
        }
        m.topics = g.array(|g| OffsetForLeaderTopic::filled(g, f));
        m
    }
}

/// Part of a [`OffsetForLeaderEpochRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetForLeaderTopic {
    /// The topic name.
    pub topic: String,
    /// Each partition to get offsets for.
    pub partitions: Vec<OffsetForLeaderPartition>,
}

impl OffsetForLeaderTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.topic, f)?;
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

/// A [`OffsetForLeaderTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetForLeaderTopicView<'a> {
    /// See [`OffsetForLeaderTopic::topic`].
    pub topic: &'a str,
    /// See [`OffsetForLeaderTopic::partitions`].
    pub partitions: Array<'a, OffsetForLeaderPartitionView>,
}

impl<'a> View<'a> for OffsetForLeaderTopicView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topic = r.string(f)?;
        v.partitions = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetForLeaderTopicView<'_>> for OffsetForLeaderTopic {
    fn from(v: OffsetForLeaderTopicView<'_>) -> Self {
        Self { topic: v.topic.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetForLeaderTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topic = g.string();
        m.partitions = g.array(|g| OffsetForLeaderPartition::filled(g, f));
        m
    }
}

/// Part of a [`OffsetForLeaderEpochRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetForLeaderPartition {
    /// The partition index.
    pub partition: i32,
    /// An epoch used to fence consumers/replicas with old metadata. If the epoch provided by the
    /// client is larger than the current epoch known to the broker, then the UNKNOWN_LEADER_EPOCH
    /// error code will be returned. If the provided epoch is smaller, then the FENCED_LEADER_EPOCH
    /// error code will be returned.
    pub current_leader_epoch: i32,
    /// The epoch to look up an offset for.
    pub leader_epoch: i32,
}

impl Default for OffsetForLeaderPartition {
    fn default() -> Self {
        Self {
            partition: Default::default(),
            current_leader_epoch: -1,
            leader_epoch: Default::default(),
        }
    }
}

impl OffsetForLeaderPartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition);
        w.i32(self.current_leader_epoch);
        w.i32(self.leader_epoch);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`OffsetForLeaderPartition`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct OffsetForLeaderPartitionView {
    /// See [`OffsetForLeaderPartition::partition`].
    pub partition: i32,
    /// See [`OffsetForLeaderPartition::current_leader_epoch`].
    pub current_leader_epoch: i32,
    /// See [`OffsetForLeaderPartition::leader_epoch`].
    pub leader_epoch: i32,
}

impl Default for OffsetForLeaderPartitionView {
    fn default() -> Self {
        Self {
            partition: Default::default(),
            current_leader_epoch: -1,
            leader_epoch: Default::default(),
        }
    }
}

impl<'a> View<'a> for OffsetForLeaderPartitionView {
    const LEAST: usize = 12;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition = r.i32()?;
        v.current_leader_epoch = r.i32()?;
        v.leader_epoch = r.i32()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetForLeaderPartitionView> for OffsetForLeaderPartition {
    fn from(v: OffsetForLeaderPartitionView) -> Self {
        Self {
            partition: v.partition,
            current_leader_epoch: v.current_leader_epoch,
            leader_epoch: v.leader_epoch,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetForLeaderPartition {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.partition = g.i32();
        m.current_leader_epoch = g.i32();
        m.leader_epoch = g.i32();
        m
    }
}

impl Message for OffsetForLeaderEpochRequest {
    const NAME: &'static str = "OffsetForLeaderEpochRequest";
    const MIN_VERSION: i16 = 2;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = OffsetForLeaderEpochRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 3 {
            w.i32(self.replica_id);
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

    fn from_view(view: OffsetForLeaderEpochRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for OffsetForLeaderEpochRequest {
    const KEY: ApiKey = ApiKey::OffsetForLeaderEpoch;
    type Response = super::OffsetForLeaderEpochResponse;
}
