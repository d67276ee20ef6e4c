// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeProducersRequest`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `DescribeProducersRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeProducersRequest {
    /// The topics to list producers for.
    pub topics: Vec<TopicRequest>,
}

/// A [`DescribeProducersRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeProducersRequestView<'a> {
    /// See [`DescribeProducersRequest::topics`].
    pub topics: Array<'a, TopicRequestView<'a>>,
}

impl<'a> View<'a> for DescribeProducersRequestView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topics = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DescribeProducersRequestView<'_>> for DescribeProducersRequest {
    fn from(v: DescribeProducersRequestView<'_>) -> Self {
        Self { topics: v.topics.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeProducersRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topics = g.array(|g| TopicRequest::filled(g, f));
        m
    }
}

/// Part of a [`DescribeProducersRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicRequest {
    /// The topic name.
    pub name: String,
    /// The indexes of the partitions to list producers for.
    pub partition_indexes: Vec<i32>,
}

impl TopicRequest {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.count(self.partition_indexes.len(), f)?;
        for value in &self.partition_indexes {
            w.i32(*value);
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`TopicRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopicRequestView<'a> {
    /// See [`TopicRequest::name`].
    pub name: &'a str,
    /// See [`TopicRequest::partition_indexes`].
    pub partition_indexes: Array<'a, i32>,
}

impl<'a> View<'a> for TopicRequestView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.partition_indexes = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<TopicRequestView<'_>> for TopicRequest {
    fn from(v: TopicRequestView<'_>) -> Self {
        Self { name: v.name.into(), partition_indexes: v.partition_indexes.iter().collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for TopicRequest {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partition_indexes = g.array(|g| g.i32());
        m
    }
}

impl Message for DescribeProducersRequest {
    const NAME: &'static str = "DescribeProducersRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = DescribeProducersRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: DescribeProducersRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for DescribeProducersRequest {
    const KEY: ApiKey = ApiKey::DescribeProducers;
    type Response = super::DescribeProducersResponse;
}
