// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ListOffsetsResponse`, versions 1-11, flexible from 6.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `ListOffsetsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 2+.
    pub throttle_time_ms: i32,
    /// Each topic in the response.
    pub topics: Vec<ListOffsetsTopicResponse>,
}

/// A [`ListOffsetsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListOffsetsResponseView<'a> {
    /// See [`ListOffsetsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`ListOffsetsResponse::topics`].
    pub topics: Array<'a, ListOffsetsTopicResponseView<'a>>,
}

impl<'a> View<'a> for ListOffsetsResponseView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 2 {
            v.throttle_time_ms = r.i32()?;
        }
        v.topics = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ListOffsetsResponseView<'_>> for ListOffsetsResponse {
    fn from(v: ListOffsetsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListOffsetsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 2 {
            m.throttle_time_ms = g.i32();
        }
        m.topics = g.array(|g| ListOffsetsTopicResponse::filled(g, f));
        m
    }
}

/// Part of a [`ListOffsetsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListOffsetsTopicResponse {
    /// The topic name.
    pub name: String,
    /// Each partition in the response.
    pub partitions: Vec<ListOffsetsPartitionResponse>,
}

impl ListOffsetsTopicResponse {
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

/// A [`ListOffsetsTopicResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListOffsetsTopicResponseView<'a> {
    /// See [`ListOffsetsTopicResponse::name`].
    pub name: &'a str,
    /// See [`ListOffsetsTopicResponse::partitions`].
    pub partitions: Array<'a, ListOffsetsPartitionResponseView>,
}

impl<'a> View<'a> for ListOffsetsTopicResponseView<'a> {
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

impl From<ListOffsetsTopicResponseView<'_>> for ListOffsetsTopicResponse {
    fn from(v: ListOffsetsTopicResponseView<'_>) -> Self {
        Self { name: v.name.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListOffsetsTopicResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partitions = g.array(|g| ListOffsetsPartitionResponse::filled(g, f));
        m
    }
}

/// Part of a [`ListOffsetsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ListOffsetsPartitionResponse {
    /// The partition index.
    pub partition_index: i32,
    /// The partition error code, or 0 if there was no error.
    pub error_code: i16,
    /// The timestamp associated with the returned offset.
    pub timestamp: i64,
    /// The returned offset.
    pub offset: i64,
    /// The leader epoch associated with the returned offset. Versions 4+.
    pub leader_epoch: i32,
}

impl Default for ListOffsetsPartitionResponse {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            error_code: Default::default(),
            timestamp: -1,
            offset: -1,
            leader_epoch: -1,
        }
    }
}

impl ListOffsetsPartitionResponse {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i16(self.error_code);
        w.i64(self.timestamp);
        w.i64(self.offset);
        if f.version >= 4 {
            w.i32(self.leader_epoch);
        } else if self.leader_epoch != -1 {
            return Err(EncodeError::FieldNotInVersion {
                field: "ListOffsetsPartitionResponse.leader_epoch",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`ListOffsetsPartitionResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct ListOffsetsPartitionResponseView {
    /// See [`ListOffsetsPartitionResponse::partition_index`].
    pub partition_index: i32,
    /// See [`ListOffsetsPartitionResponse::error_code`].
    pub error_code: i16,
    /// See [`ListOffsetsPartitionResponse::timestamp`].
    pub timestamp: i64,
    /// See [`ListOffsetsPartitionResponse::offset`].
    pub offset: i64,
    /// See [`ListOffsetsPartitionResponse::leader_epoch`].
    pub leader_epoch: i32,
}

impl Default for ListOffsetsPartitionResponseView {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            error_code: Default::default(),
            timestamp: -1,
            offset: -1,
            leader_epoch: -1,
        }
    }
}

impl<'a> View<'a> for ListOffsetsPartitionResponseView {
    const LEAST: usize = 22;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.error_code = r.i16()?;
        v.timestamp = r.i64()?;
        v.offset = r.i64()?;
        if f.version >= 4 {
            v.leader_epoch = r.i32()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ListOffsetsPartitionResponseView> for ListOffsetsPartitionResponse {
    fn from(v: ListOffsetsPartitionResponseView) -> Self {
        Self {
            partition_index: v.partition_index,
            error_code: v.error_code,
            timestamp: v.timestamp,
            offset: v.offset,
            leader_epoch: v.leader_epoch,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListOffsetsPartitionResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.error_code = g.i16();
        m.timestamp = g.i64();
        m.offset = g.i64();
        if f.version >= 4 {
            m.leader_epoch = g.i32();
        }
        m
    }
}

impl Message for ListOffsetsResponse {
    const NAME: &'static str = "ListOffsetsResponse";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 11;
    const FLEXIBLE_FROM: i16 = 6;

    type View<'a> = ListOffsetsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 2 {
            w.i32(self.throttle_time_ms);
        }
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: ListOffsetsResponseView<'_>) -> Self {
        view.into()
    }
}
