// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DeleteRecordsResponse`, versions 0-2, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `DeleteRecordsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Each topic that we wanted to delete records from.
    pub topics: Vec<DeleteRecordsTopicResult>,
}

/// A [`DeleteRecordsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteRecordsResponseView<'a> {
    /// See [`DeleteRecordsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`DeleteRecordsResponse::topics`].
    pub topics: Array<'a, DeleteRecordsTopicResultView<'a>>,
}

impl<'a> View<'a> for DeleteRecordsResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        v.topics = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DeleteRecordsResponseView<'_>> for DeleteRecordsResponse {
    fn from(v: DeleteRecordsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteRecordsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.topics = g.array(|g| DeleteRecordsTopicResult::filled(g, f));
        m
    }
}

/// Part of a [`DeleteRecordsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsTopicResult {
    /// The topic name.
    pub name: String,
    /// Each partition that we wanted to delete records from.
    pub partitions: Vec<DeleteRecordsPartitionResult>,
}

impl DeleteRecordsTopicResult {
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

/// A [`DeleteRecordsTopicResult`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteRecordsTopicResultView<'a> {
    /// See [`DeleteRecordsTopicResult::name`].
    pub name: &'a str,
    /// See [`DeleteRecordsTopicResult::partitions`].
    pub partitions: Array<'a, DeleteRecordsPartitionResultView>,
}

impl<'a> View<'a> for DeleteRecordsTopicResultView<'a> {
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

impl From<DeleteRecordsTopicResultView<'_>> for DeleteRecordsTopicResult {
    fn from(v: DeleteRecordsTopicResultView<'_>) -> Self {
        Self { name: v.name.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteRecordsTopicResult {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partitions = g.array(|g| DeleteRecordsPartitionResult::filled(g, f));
        m
    }
}

/// Part of a [`DeleteRecordsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteRecordsPartitionResult {
    /// The partition index.
    pub partition_index: i32,
    /// The partition low water mark.
    pub low_watermark: i64,
    /// The deletion error code, or 0 if the deletion succeeded.
    pub error_code: i16,
}

impl DeleteRecordsPartitionResult {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i64(self.low_watermark);
        w.i16(self.error_code);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DeleteRecordsPartitionResult`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteRecordsPartitionResultView {
    /// See [`DeleteRecordsPartitionResult::partition_index`].
    pub partition_index: i32,
    /// See [`DeleteRecordsPartitionResult::low_watermark`].
    pub low_watermark: i64,
    /// See [`DeleteRecordsPartitionResult::error_code`].
    pub error_code: i16,
}

impl<'a> View<'a> for DeleteRecordsPartitionResultView {
    const LEAST: usize = 14;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.low_watermark = r.i64()?;
        v.error_code = r.i16()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DeleteRecordsPartitionResultView> for DeleteRecordsPartitionResult {
    fn from(v: DeleteRecordsPartitionResultView) -> Self {
        Self {
            partition_index: v.partition_index,
            low_watermark: v.low_watermark,
            error_code: v.error_code,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteRecordsPartitionResult {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.low_watermark = g.i64();
        m.error_code = g.i16();
        m
    }
}

impl Message for DeleteRecordsResponse {
    const NAME: &'static str = "DeleteRecordsResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = DeleteRecordsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DeleteRecordsResponseView<'_>) -> Self {
        view.into()
    }
}
