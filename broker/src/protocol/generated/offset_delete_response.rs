// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `OffsetDeleteResponse`, versions 0, never flexible.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `OffsetDeleteResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteResponse {
    /// The top-level error code, or 0 if there was no error.
    pub error_code: i16,
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The responses for each topic.
    pub topics: Vec<OffsetDeleteResponseTopic>,
}

/// A [`OffsetDeleteResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetDeleteResponseView<'a> {
    /// See [`OffsetDeleteResponse::error_code`].
    pub error_code: i16,
    /// See [`OffsetDeleteResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`OffsetDeleteResponse::topics`].
    pub topics: Array<'a, OffsetDeleteResponseTopicView<'a>>,
}

impl<'a> View<'a> for OffsetDeleteResponseView<'a> {
    const LEAST: usize = 10;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.throttle_time_ms = r.i32()?;
        v.topics = Array::read(r, f)?;
        Ok(v)
    }
}

impl From<OffsetDeleteResponseView<'_>> for OffsetDeleteResponse {
    fn from(v: OffsetDeleteResponseView<'_>) -> Self {
        Self {
            error_code: v.error_code,
            throttle_time_ms: v.throttle_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetDeleteResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.throttle_time_ms = g.i32();
        m.topics = g.array(|g| OffsetDeleteResponseTopic::filled(g, f));
        m
    }
}

/// Part of a [`OffsetDeleteResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteResponseTopic {
    /// The topic name.
    pub name: String,
    /// The responses for each partition in the topic.
    pub partitions: Vec<OffsetDeleteResponsePartition>,
}

impl OffsetDeleteResponseTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.count(self.partitions.len(), f)?;
        for value in &self.partitions {
            value.write(w, f)?;
        }
        Ok(())
    }
}

/// A [`OffsetDeleteResponseTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetDeleteResponseTopicView<'a> {
    /// See [`OffsetDeleteResponseTopic::name`].
    pub name: &'a str,
    /// See [`OffsetDeleteResponseTopic::partitions`].
    pub partitions: Array<'a, OffsetDeleteResponsePartitionView>,
}

impl<'a> View<'a> for OffsetDeleteResponseTopicView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.partitions = Array::read(r, f)?;
        Ok(v)
    }
}

impl From<OffsetDeleteResponseTopicView<'_>> for OffsetDeleteResponseTopic {
    fn from(v: OffsetDeleteResponseTopicView<'_>) -> Self {
        Self { name: v.name.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetDeleteResponseTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partitions = g.array(|g| OffsetDeleteResponsePartition::filled(g, f));
        m
    }
}

/// Part of a [`OffsetDeleteResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteResponsePartition {
    /// The partition index.
    pub partition_index: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
}

impl OffsetDeleteResponsePartition {
    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i16(self.error_code);
        Ok(())
    }
}

/// A [`OffsetDeleteResponsePartition`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetDeleteResponsePartitionView {
    /// See [`OffsetDeleteResponsePartition::partition_index`].
    pub partition_index: i32,
    /// See [`OffsetDeleteResponsePartition::error_code`].
    pub error_code: i16,
}

impl<'a> View<'a> for OffsetDeleteResponsePartitionView {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.error_code = r.i16()?;
        Ok(v)
    }
}

impl From<OffsetDeleteResponsePartitionView> for OffsetDeleteResponsePartition {
    fn from(v: OffsetDeleteResponsePartitionView) -> Self {
        Self { partition_index: v.partition_index, error_code: v.error_code }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetDeleteResponsePartition {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.error_code = g.i16();
        m
    }
}

impl Message for OffsetDeleteResponse {
    const NAME: &'static str = "OffsetDeleteResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = i16::MAX;

    type View<'a> = OffsetDeleteResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.i32(self.throttle_time_ms);
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        Ok(())
    }

    fn from_view(view: OffsetDeleteResponseView<'_>) -> Self {
        view.into()
    }
}
