// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeLogDirsResponse`, versions 1-5, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `DescribeLogDirsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeLogDirsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error. Versions 3+.
    pub error_code: i16,
    /// The log directories.
    pub results: Vec<DescribeLogDirsResult>,
}

/// A [`DescribeLogDirsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeLogDirsResponseView<'a> {
    /// See [`DescribeLogDirsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`DescribeLogDirsResponse::error_code`].
    pub error_code: i16,
    /// See [`DescribeLogDirsResponse::results`].
    pub results: Array<'a, DescribeLogDirsResultView<'a>>,
}

impl<'a> View<'a> for DescribeLogDirsResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        if f.version >= 3 {
            v.error_code = r.i16()?;
        }
        v.results = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeLogDirsResponseView<'_>> for DescribeLogDirsResponse {
    fn from(v: DescribeLogDirsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            results: v.results.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeLogDirsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        if f.version >= 3 {
            m.error_code = g.i16();
        }
        m.results = g.array(|g| DescribeLogDirsResult::filled(g, f));
        m
    }
}

/// Part of a [`DescribeLogDirsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeLogDirsResult {
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The absolute log directory path.
    pub log_dir: String,
    /// The topics.
    pub topics: Vec<DescribeLogDirsTopic>,
    /// The total size in bytes of the volume the log directory is in. This value does not include
    /// the size of data stored in remote storage. Versions 4+.
    pub total_bytes: i64,
    /// The usable size in bytes of the volume the log directory is in. This value does not include
    /// the size of data stored in remote storage. Versions 4+.
    pub usable_bytes: i64,
    /// True if this log directory is cordoned. Versions 5.
    pub is_cordoned: bool,
}

impl Default for DescribeLogDirsResult {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            log_dir: Default::default(),
            topics: Default::default(),
            total_bytes: -1,
            usable_bytes: -1,
            is_cordoned: Default::default(),
        }
    }
}

impl DescribeLogDirsResult {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.string(&self.log_dir, f)?;
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        if f.version >= 4 {
            w.i64(self.total_bytes);
        }
        if f.version >= 4 {
            w.i64(self.usable_bytes);
        }
        if f.version >= 5 {
            w.bool(self.is_cordoned);
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DescribeLogDirsResult`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeLogDirsResultView<'a> {
    /// See [`DescribeLogDirsResult::error_code`].
    pub error_code: i16,
    /// See [`DescribeLogDirsResult::log_dir`].
    pub log_dir: &'a str,
    /// See [`DescribeLogDirsResult::topics`].
    pub topics: Array<'a, DescribeLogDirsTopicView<'a>>,
    /// See [`DescribeLogDirsResult::total_bytes`].
    pub total_bytes: i64,
    /// See [`DescribeLogDirsResult::usable_bytes`].
    pub usable_bytes: i64,
    /// See [`DescribeLogDirsResult::is_cordoned`].
    pub is_cordoned: bool,
}

impl Default for DescribeLogDirsResultView<'_> {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            log_dir: Default::default(),
            topics: Default::default(),
            total_bytes: -1,
            usable_bytes: -1,
            is_cordoned: Default::default(),
        }
    }
}

impl<'a> View<'a> for DescribeLogDirsResultView<'a> {
    const LEAST: usize = 5;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.log_dir = r.string(f)?;
        v.topics = Array::read(r, f)?;
        if f.version >= 4 {
            v.total_bytes = r.i64()?;
        }
        if f.version >= 4 {
            v.usable_bytes = r.i64()?;
        }
        if f.version >= 5 {
            v.is_cordoned = r.bool()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeLogDirsResultView<'_>> for DescribeLogDirsResult {
    fn from(v: DescribeLogDirsResultView<'_>) -> Self {
        Self {
            error_code: v.error_code,
            log_dir: v.log_dir.into(),
            topics: v.topics.iter().map(Into::into).collect(),
            total_bytes: v.total_bytes,
            usable_bytes: v.usable_bytes,
            is_cordoned: v.is_cordoned,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeLogDirsResult {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.log_dir = g.string();
        m.topics = g.array(|g| DescribeLogDirsTopic::filled(g, f));
        if f.version >= 4 {
            m.total_bytes = g.i64();
        }
        if f.version >= 4 {
            m.usable_bytes = g.i64();
        }
        if f.version >= 5 {
            m.is_cordoned = g.bool();
        }
        m
    }
}

/// Part of a [`DescribeLogDirsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeLogDirsTopic {
    /// The topic name.
    pub name: String,
    /// The partitions.
    pub partitions: Vec<DescribeLogDirsPartition>,
}

impl DescribeLogDirsTopic {
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

/// A [`DescribeLogDirsTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeLogDirsTopicView<'a> {
    /// See [`DescribeLogDirsTopic::name`].
    pub name: &'a str,
    /// See [`DescribeLogDirsTopic::partitions`].
    pub partitions: Array<'a, DescribeLogDirsPartitionView>,
}

impl<'a> View<'a> for DescribeLogDirsTopicView<'a> {
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

impl From<DescribeLogDirsTopicView<'_>> for DescribeLogDirsTopic {
    fn from(v: DescribeLogDirsTopicView<'_>) -> Self {
        Self { name: v.name.into(), partitions: v.partitions.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeLogDirsTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partitions = g.array(|g| DescribeLogDirsPartition::filled(g, f));
        m
    }
}

/// Part of a [`DescribeLogDirsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeLogDirsPartition {
    /// The partition index.
    pub partition_index: i32,
    /// The size of the log segments in this partition in bytes.
    pub partition_size: i64,
    /// The lag of the log's LEO w.r.t. partition's HW (if it is the current log for the partition)
    /// or current replica's LEO (if it is the future log for the partition).
    pub offset_lag: i64,
    /// True if this log is created by AlterReplicaLogDirsRequest and will replace the current log
    /// of the replica in the future.
    pub is_future_key: bool,
}

impl DescribeLogDirsPartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i64(self.partition_size);
        w.i64(self.offset_lag);
        w.bool(self.is_future_key);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DescribeLogDirsPartition`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeLogDirsPartitionView {
    /// See [`DescribeLogDirsPartition::partition_index`].
    pub partition_index: i32,
    /// See [`DescribeLogDirsPartition::partition_size`].
    pub partition_size: i64,
    /// See [`DescribeLogDirsPartition::offset_lag`].
    pub offset_lag: i64,
    /// See [`DescribeLogDirsPartition::is_future_key`].
    pub is_future_key: bool,
}

impl<'a> View<'a> for DescribeLogDirsPartitionView {
    const LEAST: usize = 21;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.partition_size = r.i64()?;
        v.offset_lag = r.i64()?;
        v.is_future_key = r.bool()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeLogDirsPartitionView> for DescribeLogDirsPartition {
    fn from(v: DescribeLogDirsPartitionView) -> Self {
        Self {
            partition_index: v.partition_index,
            partition_size: v.partition_size,
            offset_lag: v.offset_lag,
            is_future_key: v.is_future_key,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeLogDirsPartition {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.partition_size = g.i64();
        m.offset_lag = g.i64();
        m.is_future_key = g.bool();
        m
    }
}

impl Message for DescribeLogDirsResponse {
    const NAME: &'static str = "DescribeLogDirsResponse";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = DescribeLogDirsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        if f.version >= 3 {
            w.i16(self.error_code);
        }
        w.count(self.results.len(), f)?;
        for value in &self.results {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DescribeLogDirsResponseView<'_>) -> Self {
        view.into()
    }
}
