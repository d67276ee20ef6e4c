// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `FetchResponse`, versions 4-18, flexible from 12.

use ringlog_engine::arena::Slice;

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Records, Uuid, View, Writer,
};

/// `FetchResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The top level response error code. Versions 7+.
    pub error_code: i16,
    /// The fetch session ID, or 0 if this is not part of a fetch session. Versions 7+.
    pub session_id: i32,
    /// The response topics.
    pub responses: Vec<FetchableTopicResponse>,
    /// Endpoints for all current-leaders enumerated in PartitionData, with errors
    /// NOT_LEADER_OR_FOLLOWER & FENCED_LEADER_EPOCH. Versions 16+.
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// A [`FetchResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchResponseView<'a> {
    /// See [`FetchResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`FetchResponse::error_code`].
    pub error_code: i16,
    /// See [`FetchResponse::session_id`].
    pub session_id: i32,
    /// See [`FetchResponse::responses`].
    pub responses: Array<'a, FetchableTopicResponseView<'a>>,
    /// See [`FetchResponse::node_endpoints`].
    pub node_endpoints: Array<'a, NodeEndpointView<'a>>,
}

impl<'a> View<'a> for FetchResponseView<'a> {
    const LEAST: usize = 8;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        if f.version >= 7 {
            v.error_code = r.i16()?;
        }
        if f.version >= 7 {
            v.session_id = r.i32()?;
        }
        v.responses = Array::read(r, f)?;

        if f.flexible {
            r.tagged_fields(|tag, r| {
                match tag {
                    0 if f.version >= 16 => {
                        v.node_endpoints = Array::read(r, f)?;
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(v)
    }
}

impl From<FetchResponseView<'_>> for FetchResponse {
    fn from(v: FetchResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            session_id: v.session_id,
            responses: v.responses.iter().map(Into::into).collect(),
            node_endpoints: v.node_endpoints.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FetchResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        if f.version >= 7 {
            m.error_code = g.i16();
        }
        if f.version >= 7 {
            m.session_id = g.i32();
        }
        m.responses = g.array(|g| FetchableTopicResponse::filled(g, f));
        if f.version >= 16 {
            m.node_endpoints = g.array(|g| NodeEndpoint::filled(g, f));
        }
        m
    }
}

/// Part of a [`FetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchableTopicResponse {
    /// The topic name. Versions 4-12.
    pub topic: String,
    /// The unique topic ID. Versions 13+.
    pub topic_id: Uuid,
    /// The topic partitions.
    pub partitions: Vec<PartitionData>,
}

impl FetchableTopicResponse {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version <= 12 {
            w.string(&self.topic, f)?;
        }
        if f.version >= 13 {
            w.uuid(self.topic_id);
        }
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

/// A [`FetchableTopicResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchableTopicResponseView<'a> {
    /// See [`FetchableTopicResponse::topic`].
    pub topic: &'a str,
    /// See [`FetchableTopicResponse::topic_id`].
    pub topic_id: Uuid,
    /// See [`FetchableTopicResponse::partitions`].
    pub partitions: Array<'a, PartitionDataView<'a>>,
}

impl<'a> View<'a> for FetchableTopicResponseView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version <= 12 {
            v.topic = r.string(f)?;
        }
        if f.version >= 13 {
            v.topic_id = r.uuid()?;
        }
        v.partitions = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<FetchableTopicResponseView<'_>> for FetchableTopicResponse {
    fn from(v: FetchableTopicResponseView<'_>) -> Self {
        Self {
            topic: v.topic.into(),
            topic_id: v.topic_id,
            partitions: v.partitions.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FetchableTopicResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 12 {
            m.topic = g.string();
        }
        if f.version >= 13 {
            m.topic_id = g.uuid();
        }
        m.partitions = g.array(|g| PartitionData::filled(g, f));
        m
    }
}

/// Part of a [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionData {
    /// The partition index.
    pub partition_index: i32,
    /// The error code, or 0 if there was no fetch error.
    pub error_code: i16,
    /// The current high water mark.
    pub high_watermark: i64,
    /// The last stable offset (or LSO) of the partition. This is the last offset such that the
    /// state of all transactional records prior to this offset have been decided (ABORTED or
    /// COMMITTED).
    pub last_stable_offset: i64,
    /// The current log start offset. Versions 5+.
    pub log_start_offset: i64,
    /// In case divergence is detected based on the `LastFetchedEpoch` and `FetchOffset` in the
    /// request, this field indicates the largest epoch and its end offset such that subsequent
    /// records are known to diverge. Versions 12+.
    pub diverging_epoch: EpochEndOffset,
    /// The current leader of the partition. Versions 12+.
    pub current_leader: LeaderIdAndEpoch,
    /// In the case of fetching an offset less than the LogStartOffset, this is the end offset and
    /// epoch that should be used in the FetchSnapshot request. Versions 12+.
    pub snapshot_id: SnapshotId,
    /// The aborted transactions.
    pub aborted_transactions: Option<Vec<AbortedTransaction>>,
    /// The preferred read replica for the consumer to use on its next fetch request. Versions 11+.
    pub preferred_read_replica: i32,
    /// The record data.
    pub records: Option<Records>,
}

impl Default for PartitionData {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            error_code: Default::default(),
            high_watermark: Default::default(),
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: Default::default(),
            current_leader: Default::default(),
            snapshot_id: Default::default(),
            aborted_transactions: Some(Default::default()),
            preferred_read_replica: -1,
            records: None,
        }
    }
}

impl PartitionData {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.i16(self.error_code);
        w.i64(self.high_watermark);
        w.i64(self.last_stable_offset);
        if f.version >= 5 {
            w.i64(self.log_start_offset);
        }
        if f.version <= 11 && self.diverging_epoch != EpochEndOffset::default() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionData.diverging_epoch",
                version: f.version,
            });
        }
        if f.version <= 11 && self.current_leader != LeaderIdAndEpoch::default() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionData.current_leader",
                version: f.version,
            });
        }
        if f.version <= 11 && self.snapshot_id != SnapshotId::default() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionData.snapshot_id",
                version: f.version,
            });
        }
        match &self.aborted_transactions {
            Some(values) => {
                w.count(values.len(), f)?;
                for value in values {
                    value.write(w, f)?;
                }
            }
            None => w.null(f),
        }
        if f.version >= 11 {
            w.i32(self.preferred_read_replica);
        } else if self.preferred_read_replica != -1 {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionData.preferred_read_replica",
                version: f.version,
            });
        }
        w.nullable_records(self.records.as_deref(), f)?;
        if f.flexible {
            w.uvarint(
                u32::from(f.version >= 12 && self.diverging_epoch != EpochEndOffset::default())
                    + u32::from(
                        f.version >= 12 && self.current_leader != LeaderIdAndEpoch::default(),
                    )
                    + u32::from(f.version >= 12 && self.snapshot_id != SnapshotId::default()),
            );
            if f.version >= 12 && self.diverging_epoch != EpochEndOffset::default() {
                let tag = w.begin_tag(0);
                self.diverging_epoch.write(w, f)?;
                w.end_tag(tag)?;
            }
            if f.version >= 12 && self.current_leader != LeaderIdAndEpoch::default() {
                let tag = w.begin_tag(1);
                self.current_leader.write(w, f)?;
                w.end_tag(tag)?;
            }
            if f.version >= 12 && self.snapshot_id != SnapshotId::default() {
                let tag = w.begin_tag(2);
                self.snapshot_id.write(w, f)?;
                w.end_tag(tag)?;
            }
        }
        Ok(())
    }
}

/// A [`PartitionData`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct PartitionDataView<'a> {
    /// See [`PartitionData::partition_index`].
    pub partition_index: i32,
    /// See [`PartitionData::error_code`].
    pub error_code: i16,
    /// See [`PartitionData::high_watermark`].
    pub high_watermark: i64,
    /// See [`PartitionData::last_stable_offset`].
    pub last_stable_offset: i64,
    /// See [`PartitionData::log_start_offset`].
    pub log_start_offset: i64,
    /// See [`PartitionData::diverging_epoch`].
    pub diverging_epoch: EpochEndOffsetView,
    /// See [`PartitionData::current_leader`].
    pub current_leader: LeaderIdAndEpochView,
    /// See [`PartitionData::snapshot_id`].
    pub snapshot_id: SnapshotIdView,
    /// See [`PartitionData::aborted_transactions`].
    pub aborted_transactions: Option<Array<'a, AbortedTransactionView>>,
    /// See [`PartitionData::preferred_read_replica`].
    pub preferred_read_replica: i32,
    /// See [`PartitionData::records`].
    pub records: Option<&'a [u8]>,
}

impl Default for PartitionDataView<'_> {
    fn default() -> Self {
        Self {
            partition_index: Default::default(),
            error_code: Default::default(),
            high_watermark: Default::default(),
            last_stable_offset: -1,
            log_start_offset: -1,
            diverging_epoch: Default::default(),
            current_leader: Default::default(),
            snapshot_id: Default::default(),
            aborted_transactions: Some(Default::default()),
            preferred_read_replica: -1,
            records: None,
        }
    }
}

impl<'a> View<'a> for PartitionDataView<'a> {
    const LEAST: usize = 30;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.error_code = r.i16()?;
        v.high_watermark = r.i64()?;
        v.last_stable_offset = r.i64()?;
        if f.version >= 5 {
            v.log_start_offset = r.i64()?;
        }

        v.aborted_transactions = Array::read_nullable(r, f)?;
        if f.version >= 11 {
            v.preferred_read_replica = r.i32()?;
        }
        v.records = r.nullable_bytes(f)?;
        if f.flexible {
            r.tagged_fields(|tag, r| {
                match tag {
                    0 if f.version >= 12 => {
                        v.diverging_epoch = EpochEndOffsetView::read(r, f)?;
                    }
                    1 if f.version >= 12 => {
                        v.current_leader = LeaderIdAndEpochView::read(r, f)?;
                    }
                    2 if f.version >= 12 => {
                        v.snapshot_id = SnapshotIdView::read(r, f)?;
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(v)
    }
}

impl From<PartitionDataView<'_>> for PartitionData {
    fn from(v: PartitionDataView<'_>) -> Self {
        Self {
            partition_index: v.partition_index,
            error_code: v.error_code,
            high_watermark: v.high_watermark,
            last_stable_offset: v.last_stable_offset,
            log_start_offset: v.log_start_offset,
            diverging_epoch: v.diverging_epoch.into(),
            current_leader: v.current_leader.into(),
            snapshot_id: v.snapshot_id.into(),
            aborted_transactions: v
                .aborted_transactions
                .map(|x| x.iter().map(Into::into).collect()),
            preferred_read_replica: v.preferred_read_replica,
            records: v.records.map(|x| vec![Slice::copy_from(x)]),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for PartitionData {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.error_code = g.i16();
        m.high_watermark = g.i64();
        m.last_stable_offset = g.i64();
        if f.version >= 5 {
            m.log_start_offset = g.i64();
        }
        if f.version >= 12 {
            m.diverging_epoch = EpochEndOffset::filled(g, f);
        }
        if f.version >= 12 {
            m.current_leader = LeaderIdAndEpoch::filled(g, f);
        }
        if f.version >= 12 {
            m.snapshot_id = SnapshotId::filled(g, f);
        }
        m.aborted_transactions =
            if g.null() { None } else { Some(g.array(|g| AbortedTransaction::filled(g, f))) };
        if f.version >= 11 {
            m.preferred_read_replica = g.i32();
        }
        m.records = if g.null() { None } else { Some(g.records()) };
        m
    }
}

/// Part of a [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct EpochEndOffset {
    /// The largest epoch.
    pub epoch: i32,
    /// The end offset of the epoch.
    pub end_offset: i64,
}

impl Default for EpochEndOffset {
    fn default() -> Self {
        Self { epoch: -1, end_offset: -1 }
    }
}

impl EpochEndOffset {
    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i32(self.epoch);
        w.i64(self.end_offset);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`EpochEndOffset`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct EpochEndOffsetView {
    /// See [`EpochEndOffset::epoch`].
    pub epoch: i32,
    /// See [`EpochEndOffset::end_offset`].
    pub end_offset: i64,
}

impl Default for EpochEndOffsetView {
    fn default() -> Self {
        Self { epoch: -1, end_offset: -1 }
    }
}

impl<'a> View<'a> for EpochEndOffsetView {
    const LEAST: usize = 13;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.epoch = r.i32()?;
        v.end_offset = r.i64()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<EpochEndOffsetView> for EpochEndOffset {
    fn from(v: EpochEndOffsetView) -> Self {
        Self { epoch: v.epoch, end_offset: v.end_offset }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for EpochEndOffset {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.epoch = g.i32();
        m.end_offset = g.i64();
        m
    }
}

/// Part of a [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct LeaderIdAndEpoch {
    /// The ID of the current leader or -1 if the leader is unknown.
    pub leader_id: i32,
    /// The latest known leader epoch.
    pub leader_epoch: i32,
}

impl Default for LeaderIdAndEpoch {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1 }
    }
}

impl LeaderIdAndEpoch {
    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i32(self.leader_id);
        w.i32(self.leader_epoch);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`LeaderIdAndEpoch`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct LeaderIdAndEpochView {
    /// See [`LeaderIdAndEpoch::leader_id`].
    pub leader_id: i32,
    /// See [`LeaderIdAndEpoch::leader_epoch`].
    pub leader_epoch: i32,
}

impl Default for LeaderIdAndEpochView {
    fn default() -> Self {
        Self { leader_id: -1, leader_epoch: -1 }
    }
}

impl<'a> View<'a> for LeaderIdAndEpochView {
    const LEAST: usize = 9;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.leader_id = r.i32()?;
        v.leader_epoch = r.i32()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<LeaderIdAndEpochView> for LeaderIdAndEpoch {
    fn from(v: LeaderIdAndEpochView) -> Self {
        Self { leader_id: v.leader_id, leader_epoch: v.leader_epoch }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for LeaderIdAndEpoch {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.leader_id = g.i32();
        m.leader_epoch = g.i32();
        m
    }
}

/// Part of a [`FetchResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct SnapshotId {
    /// The end offset of the epoch.
    pub end_offset: i64,
    /// The largest epoch.
    pub epoch: i32,
}

impl Default for SnapshotId {
    fn default() -> Self {
        Self { end_offset: -1, epoch: -1 }
    }
}

impl SnapshotId {
    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i64(self.end_offset);
        w.i32(self.epoch);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`SnapshotId`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct SnapshotIdView {
    /// See [`SnapshotId::end_offset`].
    pub end_offset: i64,
    /// See [`SnapshotId::epoch`].
    pub epoch: i32,
}

impl Default for SnapshotIdView {
    fn default() -> Self {
        Self { end_offset: -1, epoch: -1 }
    }
}

impl<'a> View<'a> for SnapshotIdView {
    const LEAST: usize = 13;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.end_offset = r.i64()?;
        v.epoch = r.i32()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<SnapshotIdView> for SnapshotId {
    fn from(v: SnapshotIdView) -> Self {
        Self { end_offset: v.end_offset, epoch: v.epoch }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for SnapshotId {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.end_offset = g.i64();
        m.epoch = g.i32();
        m
    }
}

/// Part of a [`FetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AbortedTransaction {
    /// The producer id associated with the aborted transaction.
    pub producer_id: i64,
    /// The first offset in the aborted transaction.
    pub first_offset: i64,
}

impl AbortedTransaction {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i64(self.producer_id);
        w.i64(self.first_offset);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`AbortedTransaction`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct AbortedTransactionView {
    /// See [`AbortedTransaction::producer_id`].
    pub producer_id: i64,
    /// See [`AbortedTransaction::first_offset`].
    pub first_offset: i64,
}

impl<'a> View<'a> for AbortedTransactionView {
    const LEAST: usize = 16;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.producer_id = r.i64()?;
        v.first_offset = r.i64()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<AbortedTransactionView> for AbortedTransaction {
    fn from(v: AbortedTransactionView) -> Self {
        Self { producer_id: v.producer_id, first_offset: v.first_offset }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for AbortedTransaction {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.producer_id = g.i64();
        m.first_offset = g.i64();
        m
    }
}

/// Part of a [`FetchResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeEndpoint {
    /// The ID of the associated node.
    pub node_id: i32,
    /// The node's hostname.
    pub host: String,
    /// The node's port.
    pub port: i32,
    /// The rack of the node, or null if it has not been assigned to a rack.
    pub rack: Option<String>,
}

impl NodeEndpoint {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.node_id);
        w.string(&self.host, f)?;
        w.i32(self.port);
        w.nullable_string(self.rack.as_deref(), f)?;
        w.uvarint(0);
        Ok(())
    }
}

/// A [`NodeEndpoint`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeEndpointView<'a> {
    /// See [`NodeEndpoint::node_id`].
    pub node_id: i32,
    /// See [`NodeEndpoint::host`].
    pub host: &'a str,
    /// See [`NodeEndpoint::port`].
    pub port: i32,
    /// See [`NodeEndpoint::rack`].
    pub rack: Option<&'a str>,
}

impl<'a> View<'a> for NodeEndpointView<'a> {
    const LEAST: usize = 11;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.node_id = r.i32()?;
        v.host = r.string(f)?;
        v.port = r.i32()?;
        v.rack = r.nullable_string(f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<NodeEndpointView<'_>> for NodeEndpoint {
    fn from(v: NodeEndpointView<'_>) -> Self {
        Self { node_id: v.node_id, host: v.host.into(), port: v.port, rack: v.rack.map(Into::into) }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for NodeEndpoint {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.node_id = g.i32();
        m.host = g.string();
        m.port = g.i32();
        m.rack = if g.null() { None } else { Some(g.string()) };
        m
    }
}

impl Message for FetchResponse {
    const NAME: &'static str = "FetchResponse";
    const MIN_VERSION: i16 = 4;
    const MAX_VERSION: i16 = 18;
    const FLEXIBLE_FROM: i16 = 12;

    type View<'a> = FetchResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        if f.version >= 7 {
            w.i16(self.error_code);
        }
        if f.version >= 7 {
            w.i32(self.session_id);
        } else if self.session_id != 0 {
            return Err(EncodeError::FieldNotInVersion {
                field: "FetchResponse.session_id",
                version: f.version,
            });
        }
        w.count(self.responses.len(), f)?;
        for value in &self.responses {
            value.write(w, f)?;
        }
        if f.version <= 15 && !self.node_endpoints.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "FetchResponse.node_endpoints",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(u32::from(f.version >= 16 && !self.node_endpoints.is_empty()));
            if f.version >= 16 && !self.node_endpoints.is_empty() {
                let tag = w.begin_tag(0);
                w.count(self.node_endpoints.len(), f)?;
                for value in &self.node_endpoints {
                    value.write(w, f)?;
                }
                w.end_tag(tag)?;
            }
        }
        Ok(())
    }

    fn from_view(view: FetchResponseView<'_>) -> Self {
        view.into()
    }
}
