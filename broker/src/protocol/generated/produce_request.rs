// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ProduceRequest`, versions 3-13, flexible from 9.

use ringlog_engine::arena::Slice;

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Records, Request, Uuid, View,
    Writer,
};

/// `ProduceRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProduceRequest {
    /// The transactional ID, or null if the producer is not transactional.
    pub transactional_id: Option<String>,
    /// The number of acknowledgments the producer requires the leader to have received before
    /// considering a request complete. Allowed values: 0 for no acknowledgments, 1 for only the
    /// leader and -1 for the full ISR.
    pub acks: i16,
    /// The timeout to await a response in milliseconds.
    pub timeout_ms: i32,
    /// Each topic to produce to.
    pub topic_data: Vec<TopicProduceData>,
}

/// A [`ProduceRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProduceRequestView<'a> {
    /// See [`ProduceRequest::transactional_id`].
    pub transactional_id: Option<&'a str>,
    /// See [`ProduceRequest::acks`].
    pub acks: i16,
    /// See [`ProduceRequest::timeout_ms`].
    pub timeout_ms: i32,
    /// See [`ProduceRequest::topic_data`].
    pub topic_data: Array<'a, TopicProduceDataView<'a>>,
}

impl<'a> View<'a> for ProduceRequestView<'a> {
    const LEAST: usize = 9;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.transactional_id = r.nullable_string(f)?;
        v.acks = r.i16()?;
        v.timeout_ms = r.i32()?;
        v.topic_data = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ProduceRequestView<'_>> for ProduceRequest {
    fn from(v: ProduceRequestView<'_>) -> Self {
        Self {
            transactional_id: v.transactional_id.map(Into::into),
            acks: v.acks,
            timeout_ms: v.timeout_ms,
            topic_data: v.topic_data.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ProduceRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.transactional_id = if g.null() { None } else { Some(g.string()) };
        m.acks = g.i16();
        m.timeout_ms = g.i32();
        m.topic_data = g.array(|g| TopicProduceData::filled(g, f));
        m
    }
}

/// Part of a [`ProduceRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicProduceData {
    /// The topic name. Versions 3-12.
    pub name: String,
    /// The unique topic ID. Versions 13.
    pub topic_id: Uuid,
    /// Each partition to produce to.
    pub partition_data: Vec<PartitionProduceData>,
}

impl TopicProduceData {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version <= 12 {
            w.string(&self.name, f)?;
        }
        if f.version >= 13 {
            w.uuid(self.topic_id);
        }
        w.count(self.partition_data.len(), f)?;
        for value in &self.partition_data {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`TopicProduceData`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopicProduceDataView<'a> {
    /// See [`TopicProduceData::name`].
    pub name: &'a str,
    /// See [`TopicProduceData::topic_id`].
    pub topic_id: Uuid,
    /// See [`TopicProduceData::partition_data`].
    pub partition_data: Array<'a, PartitionProduceDataView<'a>>,
}

impl<'a> View<'a> for TopicProduceDataView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version <= 12 {
            v.name = r.string(f)?;
        }
        if f.version >= 13 {
            v.topic_id = r.uuid()?;
        }
        v.partition_data = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<TopicProduceDataView<'_>> for TopicProduceData {
    fn from(v: TopicProduceDataView<'_>) -> Self {
        Self {
            name: v.name.into(),
            topic_id: v.topic_id,
            partition_data: v.partition_data.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for TopicProduceData {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 12 {
            m.name = g.string();
        }
        if f.version >= 13 {
            m.topic_id = g.uuid();
        }
        m.partition_data = g.array(|g| PartitionProduceData::filled(g, f));
        m
    }
}

/// Part of a [`ProduceRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionProduceData {
    /// The partition index.
    pub index: i32,
    /// The record data to be produced.
    pub records: Option<Records>,
}

impl PartitionProduceData {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.index);
        w.nullable_records(self.records.as_deref(), f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`PartitionProduceData`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartitionProduceDataView<'a> {
    /// See [`PartitionProduceData::index`].
    pub index: i32,
    /// See [`PartitionProduceData::records`].
    pub records: Option<&'a [u8]>,
}

impl<'a> View<'a> for PartitionProduceDataView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.index = r.i32()?;
        v.records = r.nullable_bytes(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<PartitionProduceDataView<'_>> for PartitionProduceData {
    fn from(v: PartitionProduceDataView<'_>) -> Self {
        Self { index: v.index, records: v.records.map(|x| vec![Slice::copy_from(x)]) }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for PartitionProduceData {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.index = g.i32();
        m.records = if g.null() { None } else { Some(g.records()) };
        m
    }
}

impl Message for ProduceRequest {
    const NAME: &'static str = "ProduceRequest";
    const MIN_VERSION: i16 = 3;
    const MAX_VERSION: i16 = 13;
    const FLEXIBLE_FROM: i16 = 9;

    type View<'a> = ProduceRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.nullable_string(self.transactional_id.as_deref(), f)?;
        w.i16(self.acks);
        w.i32(self.timeout_ms);
        w.count(self.topic_data.len(), f)?;
        for value in &self.topic_data {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: ProduceRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for ProduceRequest {
    const KEY: ApiKey = ApiKey::Produce;
    type Response = super::ProduceResponse;
}
