// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeTopicPartitionsRequest`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `DescribeTopicPartitionsRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeTopicPartitionsRequest {
    /// The topics to fetch details for.
    pub topics: Vec<TopicRequest>,
    /// The maximum number of partitions included in the response.
    pub response_partition_limit: i32,
    /// The first topic and partition index to fetch details for.
    pub cursor: Option<Cursor>,
}

impl Default for DescribeTopicPartitionsRequest {
    fn default() -> Self {
        Self { topics: Default::default(), response_partition_limit: 2000, cursor: None }
    }
}

/// A [`DescribeTopicPartitionsRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeTopicPartitionsRequestView<'a> {
    /// See [`DescribeTopicPartitionsRequest::topics`].
    pub topics: Array<'a, TopicRequestView<'a>>,
    /// See [`DescribeTopicPartitionsRequest::response_partition_limit`].
    pub response_partition_limit: i32,
    /// See [`DescribeTopicPartitionsRequest::cursor`].
    pub cursor: Option<CursorView<'a>>,
}

impl Default for DescribeTopicPartitionsRequestView<'_> {
    fn default() -> Self {
        Self { topics: Default::default(), response_partition_limit: 2000, cursor: None }
    }
}

impl<'a> View<'a> for DescribeTopicPartitionsRequestView<'a> {
    const LEAST: usize = 7;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topics = Array::read(r, f)?;
        v.response_partition_limit = r.i32()?;
        v.cursor = if r.present()? { Some(CursorView::read(r, f)?) } else { None };
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DescribeTopicPartitionsRequestView<'_>> for DescribeTopicPartitionsRequest {
    fn from(v: DescribeTopicPartitionsRequestView<'_>) -> Self {
        Self {
            topics: v.topics.iter().map(Into::into).collect(),
            response_partition_limit: v.response_partition_limit,
            cursor: v.cursor.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeTopicPartitionsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topics = g.array(|g| TopicRequest::filled(g, f));
        m.response_partition_limit = g.i32();
        m.cursor = if g.null() { None } else { Some(Cursor::filled(g, f)) };
        m
    }
}

/// Part of a [`DescribeTopicPartitionsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicRequest {
    /// The topic name.
    pub name: String,
}

impl TopicRequest {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.uvarint(0);
        Ok(())
    }
}

/// A [`TopicRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopicRequestView<'a> {
    /// See [`TopicRequest::name`].
    pub name: &'a str,
}

impl<'a> View<'a> for TopicRequestView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<TopicRequestView<'_>> for TopicRequest {
    fn from(v: TopicRequestView<'_>) -> Self {
        Self { name: v.name.into() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for TopicRequest {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m
    }
}

/// Part of a [`DescribeTopicPartitionsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cursor {
    /// The name for the first topic to process.
    pub topic_name: String,
    /// The partition index to start with.
    pub partition_index: i32,
}

impl Cursor {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.topic_name, f)?;
        w.i32(self.partition_index);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`Cursor`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CursorView<'a> {
    /// See [`Cursor::topic_name`].
    pub topic_name: &'a str,
    /// See [`Cursor::partition_index`].
    pub partition_index: i32,
}

impl<'a> View<'a> for CursorView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topic_name = r.string(f)?;
        v.partition_index = r.i32()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<CursorView<'_>> for Cursor {
    fn from(v: CursorView<'_>) -> Self {
        Self { topic_name: v.topic_name.into(), partition_index: v.partition_index }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for Cursor {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.topic_name = g.string();
        m.partition_index = g.i32();
        m
    }
}

impl Message for DescribeTopicPartitionsRequest {
    const NAME: &'static str = "DescribeTopicPartitionsRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = DescribeTopicPartitionsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        w.i32(self.response_partition_limit);
        w.present(self.cursor.is_some());
        if let Some(value) = &self.cursor {
            value.write(w, f)?;
        }
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: DescribeTopicPartitionsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for DescribeTopicPartitionsRequest {
    const KEY: ApiKey = ApiKey::DescribeTopicPartitions;
    type Response = super::DescribeTopicPartitionsResponse;
}
