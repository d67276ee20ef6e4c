// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `OffsetCommitResponse`, versions 2-10, flexible from 8.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `OffsetCommitResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 3+.
    pub throttle_time_ms: i32,
    /// The responses for each topic.
    pub topics: Vec<OffsetCommitResponseTopic>,
}

/// A [`OffsetCommitResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetCommitResponseView<'a> {
    /// See [`OffsetCommitResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`OffsetCommitResponse::topics`].
    pub topics: Array<'a, OffsetCommitResponseTopicView<'a>>,
}

impl<'a> View<'a> for OffsetCommitResponseView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 3 {
            v.throttle_time_ms = r.i32()?;
        }
        v.topics = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetCommitResponseView<'_>> for OffsetCommitResponse {
    fn from(v: OffsetCommitResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetCommitResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 3 {
            m.throttle_time_ms = g.i32();
        }
        m.topics = g.array(|g| OffsetCommitResponseTopic::filled(g, f));
        m
    }
}

/// Part of a [`OffsetCommitResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitResponseTopic {
    /// The topic name. Versions 2-9.
    pub name: String,
    /// The topic ID. Versions 10.
    pub topic_id: Uuid,
    /// The responses for each partition in the topic.
    pub partitions: Vec<OffsetCommitResponsePartition>,
}

impl OffsetCommitResponseTopic {
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

/// A [`OffsetCommitResponseTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetCommitResponseTopicView<'a> {
    /// See [`OffsetCommitResponseTopic::name`].
    pub name: &'a str,
    /// See [`OffsetCommitResponseTopic::topic_id`].
    pub topic_id: Uuid,
    /// See [`OffsetCommitResponseTopic::partitions`].
    pub partitions: Array<'a, OffsetCommitResponsePartitionView>,
}

impl<'a> View<'a> for OffsetCommitResponseTopicView<'a> {
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

impl From<OffsetCommitResponseTopicView<'_>> for OffsetCommitResponseTopic {
    fn from(v: OffsetCommitResponseTopicView<'_>) -> Self {
        Self {
            name: v.name.into(),
            topic_id: v.topic_id,
            partitions: v.partitions.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetCommitResponseTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 9 {
            m.name = g.string();
        }
        if f.version >= 10 {
            m.topic_id = g.uuid();
        }
        m.partitions = g.array(|g| OffsetCommitResponsePartition::filled(g, f));
        m
    }
}

/// Part of a [`OffsetCommitResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetCommitResponsePartition {
    /// The partition index.
    pub partition_index: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
}

impl OffsetCommitResponsePartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i16(self.error_code);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`OffsetCommitResponsePartition`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetCommitResponsePartitionView {
    /// See [`OffsetCommitResponsePartition::partition_index`].
    pub partition_index: i32,
    /// See [`OffsetCommitResponsePartition::error_code`].
    pub error_code: i16,
}

impl<'a> View<'a> for OffsetCommitResponsePartitionView {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.error_code = r.i16()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetCommitResponsePartitionView> for OffsetCommitResponsePartition {
    fn from(v: OffsetCommitResponsePartitionView) -> Self {
        Self { partition_index: v.partition_index, error_code: v.error_code }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetCommitResponsePartition {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.error_code = g.i16();
        m
    }
}

impl Message for OffsetCommitResponse {
    const NAME: &'static str = "OffsetCommitResponse";
    const MIN_VERSION: i16 = 2;
    const MAX_VERSION: i16 = 10;
    const FLEXIBLE_FROM: i16 = 8;

    type View<'a> = OffsetCommitResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 3 {
            w.i32(self.throttle_time_ms);
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

    fn from_view(view: OffsetCommitResponseView<'_>) -> Self {
        view.into()
    }
}
