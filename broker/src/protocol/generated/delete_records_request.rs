// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DeleteRecordsRequest`, versions 0-2, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `DeleteRecordsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsRequest {
    /// Each topic that we want to delete records from.
    pub topics: Vec<DeleteRecordsTopic>,
    /// How long to wait for the deletion to complete, in milliseconds.
    pub timeout_ms: i32,
}

/// A [`DeleteRecordsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteRecordsRequestView<'a> {
    /// See [`DeleteRecordsRequest::topics`].
    pub topics: Array<'a, DeleteRecordsTopicView<'a>>,
    /// See [`DeleteRecordsRequest::timeout_ms`].
    pub timeout_ms: i32,
}

impl<'a> View<'a> for DeleteRecordsRequestView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topics = Array::read(r, f)?;
        v.timeout_ms = r.i32()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DeleteRecordsRequestView<'_>> for DeleteRecordsRequest {
    fn from(v: DeleteRecordsRequestView<'_>) -> Self {
        Self { topics: v.topics.iter().map(Into::into).collect(), timeout_ms: v.timeout_ms }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteRecordsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topics = g.array(|g| DeleteRecordsTopic::filled(g, f));
        m.timeout_ms = g.i32();
        m
    }
}

/// Part of a [`DeleteRecordsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsTopic {
    /// The topic name.
    pub name: String,
    /// Each partition that we want to delete records from.
    pub partitions: Vec<DeleteRecordsPartition>,
}

impl DeleteRecordsTopic {
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

/// A [`DeleteRecordsTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteRecordsTopicView<'a> {
    /// See [`DeleteRecordsTopic::name`].
    pub name: &'a str,
    /// See [`DeleteRecordsTopic::partitions`].
    pub partitions: Array<'a, DeleteRecordsPartitionView>,
}

impl<'a> View<'a> for DeleteRecordsTopicView<'a> {
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

impl From<DeleteRecordsTopicView<'_>> for DeleteRecordsTopic {
    fn from(v: DeleteRecordsTopicView<'_>) -> Self {
        Self { name: v.name.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteRecordsTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partitions = g.array(|g| DeleteRecordsPartition::filled(g, f));
        m
    }
}

/// Part of a [`DeleteRecordsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsPartition {
    /// The partition index.
    pub partition_index: i32,
    /// The deletion offset. -1 means that records should be truncated to the high watermark.
    pub offset: i64,
}

impl DeleteRecordsPartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i64(self.offset);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DeleteRecordsPartition`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteRecordsPartitionView {
    /// See [`DeleteRecordsPartition::partition_index`].
    pub partition_index: i32,
    /// See [`DeleteRecordsPartition::offset`].
    pub offset: i64,
}

impl<'a> View<'a> for DeleteRecordsPartitionView {
    const LEAST: usize = 12;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.offset = r.i64()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DeleteRecordsPartitionView> for DeleteRecordsPartition {
    fn from(v: DeleteRecordsPartitionView) -> Self {
        Self { partition_index: v.partition_index, offset: v.offset }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteRecordsPartition {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.offset = g.i64();
        m
    }
}

impl Message for DeleteRecordsRequest {
    const NAME: &'static str = "DeleteRecordsRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = DeleteRecordsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        w.i32(self.timeout_ms);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DeleteRecordsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for DeleteRecordsRequest {
    const KEY: ApiKey = ApiKey::DeleteRecords;
    type Response = super::DeleteRecordsResponse;
}
