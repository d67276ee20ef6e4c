// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeLogDirsRequest`, versions 1-5, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `DescribeLogDirsRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeLogDirsRequest {
    /// Each topic that we want to describe log directories for, or null for all topics.
    pub topics: Option<Vec<DescribableLogDirTopic>>,
}

impl Default for DescribeLogDirsRequest {
    fn default() -> Self {
        Self { topics: Some(Default::default()) }
    }
}

/// A [`DescribeLogDirsRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeLogDirsRequestView<'a> {
    /// See [`DescribeLogDirsRequest::topics`].
    pub topics: Option<Array<'a, DescribableLogDirTopicView<'a>>>,
}

impl Default for DescribeLogDirsRequestView<'_> {
    fn default() -> Self {
        Self { topics: Some(Default::default()) }
    }
}

impl<'a> View<'a> for DescribeLogDirsRequestView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topics = Array::read_nullable(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeLogDirsRequestView<'_>> for DescribeLogDirsRequest {
    fn from(v: DescribeLogDirsRequestView<'_>) -> Self {
        Self { topics: v.topics.map(|x| x.iter().map(Into::into).collect()) }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeLogDirsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topics =
            if g.null() { None } else { Some(g.array(|g| DescribableLogDirTopic::filled(g, f))) };
        m
    }
}

/// Part of a [`DescribeLogDirsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribableLogDirTopic {
    /// The topic name.
    pub topic: String,
    /// The partition indexes.
    pub partitions: Vec<i32>,
}

impl DescribableLogDirTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.topic, f)?;
        w.count(self.partitions.len(), f)?;
        for value in &self.partitions {
            w.i32(*value);
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DescribableLogDirTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribableLogDirTopicView<'a> {
    /// See [`DescribableLogDirTopic::topic`].
    pub topic: &'a str,
    /// See [`DescribableLogDirTopic::partitions`].
    pub partitions: Array<'a, i32>,
}

impl<'a> View<'a> for DescribableLogDirTopicView<'a> {
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

impl From<DescribableLogDirTopicView<'_>> for DescribableLogDirTopic {
    fn from(v: DescribableLogDirTopicView<'_>) -> Self {
        Self { topic: v.topic.into(), partitions: v.partitions.iter().collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribableLogDirTopic {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.topic = g.string();
        m.partitions = g.array(|g| g.i32());
        m
    }
}

impl Message for DescribeLogDirsRequest {
    const NAME: &'static str = "DescribeLogDirsRequest";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = DescribeLogDirsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        match &self.topics {
            Some(values) => {
                w.count(values.len(), f)?;
                for value in values {
                    value.write(w, f)?;
                }
            }
            None => w.null(f),
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DescribeLogDirsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for DescribeLogDirsRequest {
    const KEY: ApiKey = ApiKey::DescribeLogDirs;
    type Response = super::DescribeLogDirsResponse;
}
