// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ConsumerProtocolAssignment`, versions 0-3, never flexible.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `ConsumerProtocolAssignment`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConsumerProtocolAssignment {
    /// The list of topics and partitions assigned to this consumer.
    pub assigned_partitions: Vec<TopicPartition>,
    /// User data.
    pub user_data: Option<Vec<u8>>,
}

/// A [`ConsumerProtocolAssignment`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConsumerProtocolAssignmentView<'a> {
    /// See [`ConsumerProtocolAssignment::assigned_partitions`].
    pub assigned_partitions: Array<'a, TopicPartitionView<'a>>,
    /// See [`ConsumerProtocolAssignment::user_data`].
    pub user_data: Option<&'a [u8]>,
}

impl<'a> View<'a> for ConsumerProtocolAssignmentView<'a> {
    const LEAST: usize = 8;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.assigned_partitions = Array::read(r, f)?;
        v.user_data = r.nullable_bytes(f)?;
        Ok(v)
    }
}

impl From<ConsumerProtocolAssignmentView<'_>> for ConsumerProtocolAssignment {
    fn from(v: ConsumerProtocolAssignmentView<'_>) -> Self {
        Self {
            assigned_partitions: v.assigned_partitions.iter().map(Into::into).collect(),
            user_data: v.user_data.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ConsumerProtocolAssignment {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.assigned_partitions = g.array(|g| TopicPartition::filled(g, f));
        m.user_data = if g.null() { None } else { Some(g.bytes()) };
        m
    }
}

/// Part of a [`ConsumerProtocolAssignment`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartition {
    /// The topic name.
    pub topic: String,
    /// The list of partitions assigned to this consumer.
    pub partitions: Vec<i32>,
}

impl TopicPartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.topic, f)?;
        w.count(self.partitions.len(), f)?;
        for value in &self.partitions {
            w.i32(*value);
        }
        Ok(())
    }
}

/// A [`TopicPartition`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopicPartitionView<'a> {
    /// See [`TopicPartition::topic`].
    pub topic: &'a str,
    /// See [`TopicPartition::partitions`].
    pub partitions: Array<'a, i32>,
}

impl<'a> View<'a> for TopicPartitionView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topic = r.string(f)?;
        v.partitions = Array::read(r, f)?;
        Ok(v)
    }
}

impl From<TopicPartitionView<'_>> for TopicPartition {
    fn from(v: TopicPartitionView<'_>) -> Self {
        Self { topic: v.topic.into(), partitions: v.partitions.iter().collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for TopicPartition {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.topic = g.string();
        m.partitions = g.array(|g| g.i32());
        m
    }
}

impl Message for ConsumerProtocolAssignment {
    const NAME: &'static str = "ConsumerProtocolAssignment";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 3;
    const FLEXIBLE_FROM: i16 = i16::MAX;

    type View<'a> = ConsumerProtocolAssignmentView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.assigned_partitions.len(), f)?;
        for value in &self.assigned_partitions {
            value.write(w, f)?;
        }
        w.nullable_bytes(self.user_data.as_deref(), f)?;
        Ok(())
    }

    fn from_view(view: ConsumerProtocolAssignmentView<'_>) -> Self {
        view.into()
    }
}
