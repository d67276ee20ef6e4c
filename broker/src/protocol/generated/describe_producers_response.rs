// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeProducersResponse`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `DescribeProducersResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeProducersResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Each topic in the response.
    pub topics: Vec<TopicResponse>,
}

/// A [`DescribeProducersResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeProducersResponseView<'a> {
    /// See [`DescribeProducersResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`DescribeProducersResponse::topics`].
    pub topics: Array<'a, TopicResponseView<'a>>,
}

impl<'a> View<'a> for DescribeProducersResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        v.topics = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DescribeProducersResponseView<'_>> for DescribeProducersResponse {
    fn from(v: DescribeProducersResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeProducersResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.topics = g.array(|g| TopicResponse::filled(g, f));
        m
    }
}

/// Part of a [`DescribeProducersResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicResponse {
    /// The topic name.
    pub name: String,
    /// Each partition in the response.
    pub partitions: Vec<PartitionResponse>,
}

impl TopicResponse {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.count(self.partitions.len(), f)?;
        for value in &self.partitions {
            value.write(w, f)?;
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`TopicResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopicResponseView<'a> {
    /// See [`TopicResponse::name`].
    pub name: &'a str,
    /// See [`TopicResponse::partitions`].
    pub partitions: Array<'a, PartitionResponseView<'a>>,
}

impl<'a> View<'a> for TopicResponseView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.partitions = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<TopicResponseView<'_>> for TopicResponse {
    fn from(v: TopicResponseView<'_>) -> Self {
        Self { name: v.name.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for TopicResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partitions = g.array(|g| PartitionResponse::filled(g, f));
        m
    }
}

/// Part of a [`DescribeProducersResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartitionResponse {
    /// The partition index.
    pub partition_index: i32,
    /// The partition error code, or 0 if there was no error.
    pub error_code: i16,
    /// The partition error message, which may be null if no additional details are available.
    pub error_message: Option<String>,
    /// The active producers for the partition.
    pub active_producers: Vec<ProducerState>,
}

impl PartitionResponse {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i16(self.error_code);
        w.nullable_string(self.error_message.as_deref(), f)?;
        w.count(self.active_producers.len(), f)?;
        for value in &self.active_producers {
            value.write(w, f)?;
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`PartitionResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct PartitionResponseView<'a> {
    /// See [`PartitionResponse::partition_index`].
    pub partition_index: i32,
    /// See [`PartitionResponse::error_code`].
    pub error_code: i16,
    /// See [`PartitionResponse::error_message`].
    pub error_message: Option<&'a str>,
    /// See [`PartitionResponse::active_producers`].
    pub active_producers: Array<'a, ProducerStateView>,
}

impl<'a> View<'a> for PartitionResponseView<'a> {
    const LEAST: usize = 9;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.error_code = r.i16()?;
        v.error_message = r.nullable_string(f)?;
        v.active_producers = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<PartitionResponseView<'_>> for PartitionResponse {
    fn from(v: PartitionResponseView<'_>) -> Self {
        Self {
            partition_index: v.partition_index,
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
            active_producers: v.active_producers.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for PartitionResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.error_code = g.i16();
        m.error_message = if g.null() { None } else { Some(g.string()) };
        m.active_producers = g.array(|g| ProducerState::filled(g, f));
        m
    }
}

/// Part of a [`DescribeProducersResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerState {
    /// The producer id.
    pub producer_id: i64,
    /// The producer epoch.
    pub producer_epoch: i32,
    /// The last sequence number sent by the producer.
    pub last_sequence: i32,
    /// The last timestamp sent by the producer.
    pub last_timestamp: i64,
    /// The current epoch of the producer group.
    pub coordinator_epoch: i32,
    /// The current transaction start offset of the producer.
    pub current_txn_start_offset: i64,
}

impl Default for ProducerState {
    fn default() -> Self {
        Self {
            producer_id: Default::default(),
            producer_epoch: Default::default(),
            last_sequence: -1,
            last_timestamp: -1,
            coordinator_epoch: Default::default(),
            current_txn_start_offset: -1,
        }
    }
}

impl ProducerState {
    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i64(self.producer_id);
        w.i32(self.producer_epoch);
        w.i32(self.last_sequence);
        w.i64(self.last_timestamp);
        w.i32(self.coordinator_epoch);
        w.i64(self.current_txn_start_offset);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`ProducerState`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct ProducerStateView {
    /// See [`ProducerState::producer_id`].
    pub producer_id: i64,
    /// See [`ProducerState::producer_epoch`].
    pub producer_epoch: i32,
    /// See [`ProducerState::last_sequence`].
    pub last_sequence: i32,
    /// See [`ProducerState::last_timestamp`].
    pub last_timestamp: i64,
    /// See [`ProducerState::coordinator_epoch`].
    pub coordinator_epoch: i32,
    /// See [`ProducerState::current_txn_start_offset`].
    pub current_txn_start_offset: i64,
}

impl Default for ProducerStateView {
    fn default() -> Self {
        Self {
            producer_id: Default::default(),
            producer_epoch: Default::default(),
            last_sequence: -1,
            last_timestamp: -1,
            coordinator_epoch: Default::default(),
            current_txn_start_offset: -1,
        }
    }
}

impl<'a> View<'a> for ProducerStateView {
    const LEAST: usize = 37;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.producer_id = r.i64()?;
        v.producer_epoch = r.i32()?;
        v.last_sequence = r.i32()?;
        v.last_timestamp = r.i64()?;
        v.coordinator_epoch = r.i32()?;
        v.current_txn_start_offset = r.i64()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<ProducerStateView> for ProducerState {
    fn from(v: ProducerStateView) -> Self {
        Self {
            producer_id: v.producer_id,
            producer_epoch: v.producer_epoch,
            last_sequence: v.last_sequence,
            last_timestamp: v.last_timestamp,
            coordinator_epoch: v.coordinator_epoch,
            current_txn_start_offset: v.current_txn_start_offset,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ProducerState {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.producer_id = g.i64();
        m.producer_epoch = g.i32();
        m.last_sequence = g.i32();
        m.last_timestamp = g.i64();
        m.coordinator_epoch = g.i32();
        m.current_txn_start_offset = g.i64();
        m
    }
}

impl Message for DescribeProducersResponse {
    const NAME: &'static str = "DescribeProducersResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = DescribeProducersResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: DescribeProducersResponseView<'_>) -> Self {
        view.into()
    }
}
