// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `OffsetDeleteRequest`, versions 0, never flexible.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `OffsetDeleteRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteRequest {
    /// The unique group identifier.
    pub group_id: String,
    /// The topics to delete offsets for.
    pub topics: Vec<OffsetDeleteRequestTopic>,
}

/// A [`OffsetDeleteRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetDeleteRequestView<'a> {
    /// See [`OffsetDeleteRequest::group_id`].
    pub group_id: &'a str,
    /// See [`OffsetDeleteRequest::topics`].
    pub topics: Array<'a, OffsetDeleteRequestTopicView<'a>>,
}

impl<'a> View<'a> for OffsetDeleteRequestView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        v.topics = Array::read(r, f)?;
        Ok(v)
    }
}

impl From<OffsetDeleteRequestView<'_>> for OffsetDeleteRequest {
    fn from(v: OffsetDeleteRequestView<'_>) -> Self {
        Self { group_id: v.group_id.into(), topics: v.topics.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetDeleteRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        m.topics = g.array(|g| OffsetDeleteRequestTopic::filled(g, f));
        m
    }
}

/// Part of a [`OffsetDeleteRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteRequestTopic {
    /// The topic name.
    pub name: String,
    /// Each partition to delete offsets for.
    pub partitions: Vec<OffsetDeleteRequestPartition>,
}

impl OffsetDeleteRequestTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.count(self.partitions.len(), f)?;
        for value in &self.partitions {
            value.write(w, f)?;
        }
        Ok(())
    }
}

/// A [`OffsetDeleteRequestTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetDeleteRequestTopicView<'a> {
    /// See [`OffsetDeleteRequestTopic::name`].
    pub name: &'a str,
    /// See [`OffsetDeleteRequestTopic::partitions`].
    pub partitions: Array<'a, OffsetDeleteRequestPartitionView>,
}

impl<'a> View<'a> for OffsetDeleteRequestTopicView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.partitions = Array::read(r, f)?;
        Ok(v)
    }
}

impl From<OffsetDeleteRequestTopicView<'_>> for OffsetDeleteRequestTopic {
    fn from(v: OffsetDeleteRequestTopicView<'_>) -> Self {
        Self { name: v.name.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetDeleteRequestTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partitions = g.array(|g| OffsetDeleteRequestPartition::filled(g, f));
        m
    }
}

/// Part of a [`OffsetDeleteRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetDeleteRequestPartition {
    /// The partition index.
    pub partition_index: i32,
}

impl OffsetDeleteRequestPartition {
    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        Ok(())
    }
}

/// A [`OffsetDeleteRequestPartition`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetDeleteRequestPartitionView {
    /// See [`OffsetDeleteRequestPartition::partition_index`].
    pub partition_index: i32,
}

impl<'a> View<'a> for OffsetDeleteRequestPartitionView {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        Ok(v)
    }
}

impl From<OffsetDeleteRequestPartitionView> for OffsetDeleteRequestPartition {
    fn from(v: OffsetDeleteRequestPartitionView) -> Self {
        Self { partition_index: v.partition_index }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetDeleteRequestPartition {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m
    }
}

impl Message for OffsetDeleteRequest {
    const NAME: &'static str = "OffsetDeleteRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = i16::MAX;

    type View<'a> = OffsetDeleteRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        Ok(())
    }

    fn from_view(view: OffsetDeleteRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for OffsetDeleteRequest {
    const KEY: ApiKey = ApiKey::OffsetDelete;
    type Response = super::OffsetDeleteResponse;
}
