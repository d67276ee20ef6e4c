// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `OffsetForLeaderEpochResponse`, versions 2-4, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `OffsetForLeaderEpochResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetForLeaderEpochResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Each topic we fetched offsets for.
    pub topics: Vec<OffsetForLeaderTopicResult>,
}

/// A [`OffsetForLeaderEpochResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetForLeaderEpochResponseView<'a> {
    /// See [`OffsetForLeaderEpochResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`OffsetForLeaderEpochResponse::topics`].
    pub topics: Array<'a, OffsetForLeaderTopicResultView<'a>>,
}

impl<'a> View<'a> for OffsetForLeaderEpochResponseView<'a> {
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

impl From<OffsetForLeaderEpochResponseView<'_>> for OffsetForLeaderEpochResponse {
    fn from(v: OffsetForLeaderEpochResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetForLeaderEpochResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.topics = g.array(|g| OffsetForLeaderTopicResult::filled(g, f));
        m
    }
}

/// Part of a [`OffsetForLeaderEpochResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetForLeaderTopicResult {
    /// The topic name.
    pub topic: String,
    /// Each partition in the topic we fetched offsets for.
    pub partitions: Vec<EpochEndOffset>,
}

impl OffsetForLeaderTopicResult {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.topic, f)?;
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

/// A [`OffsetForLeaderTopicResult`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetForLeaderTopicResultView<'a> {
    /// See [`OffsetForLeaderTopicResult::topic`].
    pub topic: &'a str,
    /// See [`OffsetForLeaderTopicResult::partitions`].
    pub partitions: Array<'a, EpochEndOffsetView>,
}

impl<'a> View<'a> for OffsetForLeaderTopicResultView<'a> {
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

impl From<OffsetForLeaderTopicResultView<'_>> for OffsetForLeaderTopicResult {
    fn from(v: OffsetForLeaderTopicResultView<'_>) -> Self {
        Self { topic: v.topic.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetForLeaderTopicResult {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topic = g.string();
        m.partitions = g.array(|g| EpochEndOffset::filled(g, f));
        m
    }
}

/// Part of a [`OffsetForLeaderEpochResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct EpochEndOffset {
    /// The error code 0, or if there was no error.
    pub error_code: i16,
    /// The partition index.
    pub partition: i32,
    /// The leader epoch of the partition.
    pub leader_epoch: i32,
    /// The end offset of the epoch.
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition: Default::default(),
            leader_epoch: -1,
            end_offset: -1,
        }
    }
}

impl EpochEndOffset {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.i32(self.partition);
        w.i32(self.leader_epoch);
        w.i64(self.end_offset);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`EpochEndOffset`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct EpochEndOffsetView {
    /// See [`EpochEndOffset::error_code`].
    pub error_code: i16,
    /// See [`EpochEndOffset::partition`].
    pub partition: i32,
    /// See [`EpochEndOffset::leader_epoch`].
    pub leader_epoch: i32,
    /// See [`EpochEndOffset::end_offset`].
    pub end_offset: i64,
}

impl Default for EpochEndOffsetView {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            partition: Default::default(),
            leader_epoch: -1,
            end_offset: -1,
        }
    }
}

impl<'a> View<'a> for EpochEndOffsetView {
    const LEAST: usize = 18;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.partition = r.i32()?;
        v.leader_epoch = r.i32()?;
        v.end_offset = r.i64()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<EpochEndOffsetView> for EpochEndOffset {
    fn from(v: EpochEndOffsetView) -> Self {
        Self {
            error_code: v.error_code,
            partition: v.partition,
            leader_epoch: v.leader_epoch,
            end_offset: v.end_offset,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for EpochEndOffset {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.partition = g.i32();
        m.leader_epoch = g.i32();
        m.end_offset = g.i64();
        m
    }
}

impl Message for OffsetForLeaderEpochResponse {
    const NAME: &'static str = "OffsetForLeaderEpochResponse";
    const MIN_VERSION: i16 = 2;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = OffsetForLeaderEpochResponseView<'a>;

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

    fn from_view(view: OffsetForLeaderEpochResponseView<'_>) -> Self {
        view.into()
    }
}
