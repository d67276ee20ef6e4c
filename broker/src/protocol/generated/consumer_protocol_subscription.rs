// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ConsumerProtocolSubscription`, versions 0-3, never flexible.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `ConsumerProtocolSubscription`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsumerProtocolSubscription {
    /// The topics that the member wants to consume.
    pub topics: Vec<String>,
    /// User data that will be passed back to the consumer.
    pub user_data: Option<Vec<u8>>,
    /// The partitions that the member owns. Versions 1+.
    pub owned_partitions: Vec<TopicPartition>,
    /// The generation id of the member. Versions 2+.
    pub generation_id: i32,
    /// The rack id of the member. Versions 3.
    pub rack_id: Option<String>,
}

impl Default for ConsumerProtocolSubscription {
    fn default() -> Self {
        Self {
            topics: Default::default(),
            user_data: None,
            owned_partitions: Default::default(),
            generation_id: -1,
            rack_id: None,
        }
    }
}

/// A [`ConsumerProtocolSubscription`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct ConsumerProtocolSubscriptionView<'a> {
    /// See [`ConsumerProtocolSubscription::topics`].
    pub topics: Array<'a, &'a str>,
    /// See [`ConsumerProtocolSubscription::user_data`].
    pub user_data: Option<&'a [u8]>,
    /// See [`ConsumerProtocolSubscription::owned_partitions`].
    pub owned_partitions: Array<'a, TopicPartitionView<'a>>,
    /// See [`ConsumerProtocolSubscription::generation_id`].
    pub generation_id: i32,
    /// See [`ConsumerProtocolSubscription::rack_id`].
    pub rack_id: Option<&'a str>,
}

impl Default for ConsumerProtocolSubscriptionView<'_> {
    fn default() -> Self {
        Self {
            topics: Default::default(),
            user_data: None,
            owned_partitions: Default::default(),
            generation_id: -1,
            rack_id: None,
        }
    }
}

impl<'a> View<'a> for ConsumerProtocolSubscriptionView<'a> {
    const LEAST: usize = 8;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topics = Array::read(r, f)?;
        v.user_data = r.nullable_bytes(f)?;
        if f.version >= 1 {
            v.owned_partitions = Array::read(r, f)?;
        }
        if f.version >= 2 {
            v.generation_id = r.i32()?;
        }
        if f.version >= 3 {
            v.rack_id = r.nullable_string(f)?;
        }
        Ok(v)
    }
}

impl From<ConsumerProtocolSubscriptionView<'_>> for ConsumerProtocolSubscription {
    fn from(v: ConsumerProtocolSubscriptionView<'_>) -> Self {
        Self {
            topics: v.topics.iter().map(Into::into).collect(),
            user_data: v.user_data.map(Into::into),
            owned_partitions: v.owned_partitions.iter().map(Into::into).collect(),
            generation_id: v.generation_id,
            rack_id: v.rack_id.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ConsumerProtocolSubscription {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topics = g.array(|g| g.string());
        m.user_data = if g.null() { None } else { Some(g.bytes()) };
        if f.version >= 1 {
            m.owned_partitions = g.array(|g| TopicPartition::filled(g, f));
        }
        if f.version >= 2 {
            m.generation_id = g.i32();
        }
        if f.version >= 3 {
            m.rack_id = if g.null() { None } else { Some(g.string()) };
        }
        m
    }
}

/// Part of a [`ConsumerProtocolSubscription`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicPartition {
    /// The topic name.
    pub topic: String,
    /// The partition ids.
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

impl Message for ConsumerProtocolSubscription {
    const NAME: &'static str = "ConsumerProtocolSubscription";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 3;
    const FLEXIBLE_FROM: i16 = i16::MAX;

    type View<'a> = ConsumerProtocolSubscriptionView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            w.string(value, f)?;
        }
        w.nullable_bytes(self.user_data.as_deref(), f)?;
        if f.version >= 1 {
            w.count(self.owned_partitions.len(), f)?;
            for value in &self.owned_partitions {
                value.write(w, f)?;
            }
        }
        if f.version >= 2 {
            w.i32(self.generation_id);
        }
        if f.version >= 3 {
            w.nullable_string(self.rack_id.as_deref(), f)?;
        }
        Ok(())
    }

    fn from_view(view: ConsumerProtocolSubscriptionView<'_>) -> Self {
        view.into()
    }
}
