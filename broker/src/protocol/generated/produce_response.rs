// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ProduceResponse`, versions 3-13, flexible from 9.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `ProduceResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProduceResponse {
    /// Each produce response.
    pub responses: Vec<TopicProduceResponse>,
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Endpoints for all current-leaders enumerated in PartitionProduceResponses, with errors
    /// NOT_LEADER_OR_FOLLOWER. Versions 10+.
    pub node_endpoints: Vec<NodeEndpoint>,
}

/// A [`ProduceResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProduceResponseView<'a> {
    /// See [`ProduceResponse::responses`].
    pub responses: Array<'a, TopicProduceResponseView<'a>>,
    /// See [`ProduceResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`ProduceResponse::node_endpoints`].
    pub node_endpoints: Array<'a, NodeEndpointView<'a>>,
}

impl<'a> View<'a> for ProduceResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.responses = Array::read(r, f)?;
        v.throttle_time_ms = r.i32()?;

        if f.flexible {
            r.tagged_fields(|tag, r| {
                match tag {
                    0 if f.version >= 10 => {
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

impl From<ProduceResponseView<'_>> for ProduceResponse {
    fn from(v: ProduceResponseView<'_>) -> Self {
        Self {
            responses: v.responses.iter().map(Into::into).collect(),
            throttle_time_ms: v.throttle_time_ms,
            node_endpoints: v.node_endpoints.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ProduceResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.responses = g.array(|g| TopicProduceResponse::filled(g, f));
        m.throttle_time_ms = g.i32();
        if f.version >= 10 {
            m.node_endpoints = g.array(|g| NodeEndpoint::filled(g, f));
        }
        m
    }
}

/// Part of a [`ProduceResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicProduceResponse {
    /// The topic name. Versions 3-12.
    pub name: String,
    /// The unique topic ID. Versions 13.
    pub topic_id: Uuid,
    /// Each partition that we produced to within the topic.
    pub partition_responses: Vec<PartitionProduceResponse>,
}

impl TopicProduceResponse {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version <= 12 {
            w.string(&self.name, f)?;
        }
        if f.version >= 13 {
            w.uuid(self.topic_id);
        }
        w.count(self.partition_responses.len(), f)?;
        for value in &self.partition_responses {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`TopicProduceResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopicProduceResponseView<'a> {
    /// See [`TopicProduceResponse::name`].
    pub name: &'a str,
    /// See [`TopicProduceResponse::topic_id`].
    pub topic_id: Uuid,
    /// See [`TopicProduceResponse::partition_responses`].
    pub partition_responses: Array<'a, PartitionProduceResponseView<'a>>,
}

impl<'a> View<'a> for TopicProduceResponseView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version <= 12 {
            v.name = r.string(f)?;
        }
        if f.version >= 13 {
            v.topic_id = r.uuid()?;
        }
        v.partition_responses = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<TopicProduceResponseView<'_>> for TopicProduceResponse {
    fn from(v: TopicProduceResponseView<'_>) -> Self {
        Self {
            name: v.name.into(),
            topic_id: v.topic_id,
            partition_responses: v.partition_responses.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for TopicProduceResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 12 {
            m.name = g.string();
        }
        if f.version >= 13 {
            m.topic_id = g.uuid();
        }
        m.partition_responses = g.array(|g| PartitionProduceResponse::filled(g, f));
        m
    }
}

/// Part of a [`ProduceResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionProduceResponse {
    /// The partition index.
    pub index: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The base offset.
    pub base_offset: i64,
    /// The timestamp returned by broker after appending the messages. If CreateTime is used for the
    /// topic, the timestamp will be -1. If LogAppendTime is used for the topic, the timestamp will
    /// be the broker local time when the messages are appended.
    pub log_append_time_ms: i64,
    /// The log start offset. Versions 5+.
    pub log_start_offset: i64,
    /// The batch indices of records that caused the batch to be dropped. Versions 8+.
    pub record_errors: Vec<BatchIndexAndErrorMessage>,
    /// The global error message summarizing the common root cause of the records that caused the
    /// batch to be dropped. Versions 8+.
    pub error_message: Option<String>,
    /// The leader broker that the producer should use for future requests. Versions 10+.
    pub current_leader: LeaderIdAndEpoch,
}

impl Default for PartitionProduceResponse {
    fn default() -> Self {
        Self {
            index: Default::default(),
            error_code: Default::default(),
            base_offset: Default::default(),
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Default::default(),
            error_message: None,
            current_leader: Default::default(),
        }
    }
}

impl PartitionProduceResponse {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.index);
        w.i16(self.error_code);
        w.i64(self.base_offset);
        w.i64(self.log_append_time_ms);
        if f.version >= 5 {
            w.i64(self.log_start_offset);
        }
        if f.version >= 8 {
            w.count(self.record_errors.len(), f)?;
            for value in &self.record_errors {
                value.write(w, f)?;
            }
        }
        if f.version >= 8 {
            w.nullable_string(self.error_message.as_deref(), f)?;
        }
        if f.version <= 9 && self.current_leader != LeaderIdAndEpoch::default() {
            return Err(EncodeError::FieldNotInVersion {
                field: "PartitionProduceResponse.current_leader",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(u32::from(
                f.version >= 10 && self.current_leader != LeaderIdAndEpoch::default(),
            ));
            if f.version >= 10 && self.current_leader != LeaderIdAndEpoch::default() {
                let tag = w.begin_tag(0);
                self.current_leader.write(w, f)?;
                w.end_tag(tag)?;
            }
        }
        Ok(())
    }
}

/// A [`PartitionProduceResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct PartitionProduceResponseView<'a> {
    /// See [`PartitionProduceResponse::index`].
    pub index: i32,
    /// See [`PartitionProduceResponse::error_code`].
    pub error_code: i16,
    /// See [`PartitionProduceResponse::base_offset`].
    pub base_offset: i64,
    /// See [`PartitionProduceResponse::log_append_time_ms`].
    pub log_append_time_ms: i64,
    /// See [`PartitionProduceResponse::log_start_offset`].
    pub log_start_offset: i64,
    /// See [`PartitionProduceResponse::record_errors`].
    pub record_errors: Array<'a, BatchIndexAndErrorMessageView<'a>>,
    /// See [`PartitionProduceResponse::error_message`].
    pub error_message: Option<&'a str>,
    /// See [`PartitionProduceResponse::current_leader`].
    pub current_leader: LeaderIdAndEpochView,
}

impl Default for PartitionProduceResponseView<'_> {
    fn default() -> Self {
        Self {
            index: Default::default(),
            error_code: Default::default(),
            base_offset: Default::default(),
            log_append_time_ms: -1,
            log_start_offset: -1,
            record_errors: Default::default(),
            error_message: None,
            current_leader: Default::default(),
        }
    }
}

impl<'a> View<'a> for PartitionProduceResponseView<'a> {
    const LEAST: usize = 22;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.index = r.i32()?;
        v.error_code = r.i16()?;
        v.base_offset = r.i64()?;
        v.log_append_time_ms = r.i64()?;
        if f.version >= 5 {
            v.log_start_offset = r.i64()?;
        }
        if f.version >= 8 {
            v.record_errors = Array::read(r, f)?;
        }
        if f.version >= 8 {
            v.error_message = r.nullable_string(f)?;
        }

        if f.flexible {
            r.tagged_fields(|tag, r| {
                match tag {
                    0 if f.version >= 10 => {
                        v.current_leader = LeaderIdAndEpochView::read(r, f)?;
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(v)
    }
}

impl From<PartitionProduceResponseView<'_>> for PartitionProduceResponse {
    fn from(v: PartitionProduceResponseView<'_>) -> Self {
        Self {
            index: v.index,
            error_code: v.error_code,
            base_offset: v.base_offset,
            log_append_time_ms: v.log_append_time_ms,
            log_start_offset: v.log_start_offset,
            record_errors: v.record_errors.iter().map(Into::into).collect(),
            error_message: v.error_message.map(Into::into),
            current_leader: v.current_leader.into(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for PartitionProduceResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.index = g.i32();
        m.error_code = g.i16();
        m.base_offset = g.i64();
        m.log_append_time_ms = g.i64();
        if f.version >= 5 {
            m.log_start_offset = g.i64();
        }
        if f.version >= 8 {
            m.record_errors = g.array(|g| BatchIndexAndErrorMessage::filled(g, f));
        }
        if f.version >= 8 {
            m.error_message = if g.null() { None } else { Some(g.string()) };
        }
        if f.version >= 10 {
            m.current_leader = LeaderIdAndEpoch::filled(g, f);
        }
        m
    }
}

/// Part of a [`ProduceResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BatchIndexAndErrorMessage {
    /// The batch index of the record that caused the batch to be dropped.
    pub batch_index: i32,
    /// The error message of the record that caused the batch to be dropped.
    pub batch_index_error_message: Option<String>,
}

impl BatchIndexAndErrorMessage {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.batch_index);
        w.nullable_string(self.batch_index_error_message.as_deref(), f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`BatchIndexAndErrorMessage`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct BatchIndexAndErrorMessageView<'a> {
    /// See [`BatchIndexAndErrorMessage::batch_index`].
    pub batch_index: i32,
    /// See [`BatchIndexAndErrorMessage::batch_index_error_message`].
    pub batch_index_error_message: Option<&'a str>,
}

impl<'a> View<'a> for BatchIndexAndErrorMessageView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.batch_index = r.i32()?;
        v.batch_index_error_message = r.nullable_string(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<BatchIndexAndErrorMessageView<'_>> for BatchIndexAndErrorMessage {
    fn from(v: BatchIndexAndErrorMessageView<'_>) -> Self {
        Self {
            batch_index: v.batch_index,
            batch_index_error_message: v.batch_index_error_message.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for BatchIndexAndErrorMessage {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.batch_index = g.i32();
        m.batch_index_error_message = if g.null() { None } else { Some(g.string()) };
        m
    }
}

/// Part of a [`ProduceResponse`].
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

/// Part of a [`ProduceResponse`].
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

impl Message for ProduceResponse {
    const NAME: &'static str = "ProduceResponse";
    const MIN_VERSION: i16 = 3;
    const MAX_VERSION: i16 = 13;
    const FLEXIBLE_FROM: i16 = 9;

    type View<'a> = ProduceResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.responses.len(), f)?;
        for value in &self.responses {
            value.write(w, f)?;
        }
        w.i32(self.throttle_time_ms);
        if f.version <= 9 && !self.node_endpoints.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "ProduceResponse.node_endpoints",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(u32::from(f.version >= 10 && !self.node_endpoints.is_empty()));
            if f.version >= 10 && !self.node_endpoints.is_empty() {
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

    fn from_view(view: ProduceResponseView<'_>) -> Self {
        view.into()
    }
}
