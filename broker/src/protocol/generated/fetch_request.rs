// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `FetchRequest`, versions 4-18, flexible from 12.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, Uuid, View, Writer,
};

/// `FetchRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct FetchRequest {
    /// The clusterId if known. This is used to validate metadata fetches prior to broker
    /// registration. Versions 12+.
    pub cluster_id: Option<String>,
    /// The broker ID of the follower, of -1 if this request is from a consumer. Versions 4-14.
    pub replica_id: i32,
    /// The state of the replica in the follower. Versions 15+.
    pub replica_state: ReplicaState,
    /// The maximum time in milliseconds to wait for the response.
    pub max_wait_ms: i32,
    /// The minimum bytes to accumulate in the response.
    pub min_bytes: i32,
    /// The maximum bytes to fetch. See KIP-74 for cases where this limit may not be honored.
    pub max_bytes: i32,
    /// This setting controls the visibility of transactional records. Using READ_UNCOMMITTED
    /// (isolation_level = 0) makes all records visible. With READ_COMMITTED (isolation_level = 1),
    /// non-transactional and COMMITTED transactional records are visible. To be more concrete,
    /// READ_COMMITTED returns all data from offsets smaller than the current LSO (last stable
    /// offset), and enables the inclusion of the list of aborted transactions in the result, which
    /// allows consumers to discard ABORTED transactional records.
    pub isolation_level: i8,
    /// The fetch session ID. Versions 7+.
    pub session_id: i32,
    /// The fetch session epoch, which is used for ordering requests in a session. Versions 7+.
    pub session_epoch: i32,
    /// The topics to fetch.
    pub topics: Vec<FetchTopic>,
    /// In an incremental fetch request, the partitions to remove. Versions 7+.
    pub forgotten_topics_data: Vec<ForgottenTopic>,
    /// Rack ID of the consumer making this request. Versions 11+.
    pub rack_id: String,
}

impl Default for FetchRequest {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            replica_state: Default::default(),
            max_wait_ms: Default::default(),
            min_bytes: Default::default(),
            max_bytes: i32::MAX,
            isolation_level: Default::default(),
            session_id: Default::default(),
            session_epoch: -1,
            topics: Default::default(),
            forgotten_topics_data: Default::default(),
            rack_id: Default::default(),
        }
    }
}

/// A [`FetchRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct FetchRequestView<'a> {
    /// See [`FetchRequest::cluster_id`].
    pub cluster_id: Option<&'a str>,
    /// See [`FetchRequest::replica_id`].
    pub replica_id: i32,
    /// See [`FetchRequest::replica_state`].
    pub replica_state: ReplicaStateView,
    /// See [`FetchRequest::max_wait_ms`].
    pub max_wait_ms: i32,
    /// See [`FetchRequest::min_bytes`].
    pub min_bytes: i32,
    /// See [`FetchRequest::max_bytes`].
    pub max_bytes: i32,
    /// See [`FetchRequest::isolation_level`].
    pub isolation_level: i8,
    /// See [`FetchRequest::session_id`].
    pub session_id: i32,
    /// See [`FetchRequest::session_epoch`].
    pub session_epoch: i32,
    /// See [`FetchRequest::topics`].
    pub topics: Array<'a, FetchTopicView<'a>>,
    /// See [`FetchRequest::forgotten_topics_data`].
    pub forgotten_topics_data: Array<'a, ForgottenTopicView<'a>>,
    /// See [`FetchRequest::rack_id`].
    pub rack_id: &'a str,
}

impl Default for FetchRequestView<'_> {
    fn default() -> Self {
        Self {
            cluster_id: None,
            replica_id: -1,
            replica_state: Default::default(),
            max_wait_ms: Default::default(),
            min_bytes: Default::default(),
            max_bytes: i32::MAX,
            isolation_level: Default::default(),
            session_id: Default::default(),
            session_epoch: -1,
            topics: Default::default(),
            forgotten_topics_data: Default::default(),
            rack_id: Default::default(),
        }
    }
}

impl<'a> View<'a> for FetchRequestView<'a> {
    const LEAST: usize = 21;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version <= 14 {
            v.replica_id = r.i32()?;
        }

        v.max_wait_ms = r.i32()?;
        v.min_bytes = r.i32()?;
        v.max_bytes = r.i32()?;
        v.isolation_level = r.i8()?;
        if f.version >= 7 {
            v.session_id = r.i32()?;
        }
        if f.version >= 7 {
            v.session_epoch = r.i32()?;
        }
        v.topics = Array::read(r, f)?;
        if f.version >= 7 {
            v.forgotten_topics_data = Array::read(r, f)?;
        }
        if f.version >= 11 {
            v.rack_id = r.string(f)?;
        }
        if f.flexible {
            r.tagged_fields(|tag, r| {
                match tag {
                    0 if f.version >= 12 => {
                        v.cluster_id = r.nullable_string(f)?;
                    }
                    1 if f.version >= 15 => {
                        v.replica_state = ReplicaStateView::read(r, f)?;
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(v)
    }
}

impl From<FetchRequestView<'_>> for FetchRequest {
    fn from(v: FetchRequestView<'_>) -> Self {
        Self {
            cluster_id: v.cluster_id.map(Into::into),
            replica_id: v.replica_id,
            replica_state: v.replica_state.into(),
            max_wait_ms: v.max_wait_ms,
            min_bytes: v.min_bytes,
            max_bytes: v.max_bytes,
            isolation_level: v.isolation_level,
            session_id: v.session_id,
            session_epoch: v.session_epoch,
            topics: v.topics.iter().map(Into::into).collect(),
            forgotten_topics_data: v.forgotten_topics_data.iter().map(Into::into).collect(),
            rack_id: v.rack_id.into(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FetchRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 12 {
            m.cluster_id = if g.null() { None } else { Some(g.string()) };
        }
        if f.version <= 14 {
            m.replica_id = g.i32();
        }
        if f.version >= 15 {
            m.replica_state = ReplicaState::filled(g, f);
        }
        m.max_wait_ms = g.i32();
        m.min_bytes = g.i32();
        m.max_bytes = g.i32();
        m.isolation_level = g.i8();
        if f.version >= 7 {
            m.session_id = g.i32();
        }
        if f.version >= 7 {
            m.session_epoch = g.i32();
        }
        m.topics = g.array(|g| FetchTopic::filled(g, f));
        if f.version >= 7 {
            m.forgotten_topics_data = g.array(|g| ForgottenTopic::filled(g, f));
        }
        if f.version >= 11 {
            m.rack_id = g.string();
        }
        m
    }
}

/// Part of a [`FetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct ReplicaState {
    /// The replica ID of the follower, or -1 if this request is from a consumer.
    pub replica_id: i32,
    /// The epoch of this follower, or -1 if not available.
    pub replica_epoch: i64,
}

impl Default for ReplicaState {
    fn default() -> Self {
        Self { replica_id: -1, replica_epoch: -1 }
    }
}

impl ReplicaState {
    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i32(self.replica_id);
        w.i64(self.replica_epoch);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`ReplicaState`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct ReplicaStateView {
    /// See [`ReplicaState::replica_id`].
    pub replica_id: i32,
    /// See [`ReplicaState::replica_epoch`].
    pub replica_epoch: i64,
}

impl Default for ReplicaStateView {
    fn default() -> Self {
        Self { replica_id: -1, replica_epoch: -1 }
    }
}

impl<'a> View<'a> for ReplicaStateView {
    const LEAST: usize = 13;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.replica_id = r.i32()?;
        v.replica_epoch = r.i64()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<ReplicaStateView> for ReplicaState {
    fn from(v: ReplicaStateView) -> Self {
        Self { replica_id: v.replica_id, replica_epoch: v.replica_epoch }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ReplicaState {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.replica_id = g.i32();
        m.replica_epoch = g.i64();
        m
    }
}

/// Part of a [`FetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FetchTopic {
    /// The name of the topic to fetch. Versions 4-12.
    pub topic: String,
    /// The unique topic ID. Versions 13+.
    pub topic_id: Uuid,
    /// The partitions to fetch.
    pub partitions: Vec<FetchPartition>,
}

impl FetchTopic {
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

/// A [`FetchTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTopicView<'a> {
    /// See [`FetchTopic::topic`].
    pub topic: &'a str,
    /// See [`FetchTopic::topic_id`].
    pub topic_id: Uuid,
    /// See [`FetchTopic::partitions`].
    pub partitions: Array<'a, FetchPartitionView>,
}

impl<'a> View<'a> for FetchTopicView<'a> {
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

impl From<FetchTopicView<'_>> for FetchTopic {
    fn from(v: FetchTopicView<'_>) -> Self {
        Self {
            topic: v.topic.into(),
            topic_id: v.topic_id,
            partitions: v.partitions.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FetchTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 12 {
            m.topic = g.string();
        }
        if f.version >= 13 {
            m.topic_id = g.uuid();
        }
        m.partitions = g.array(|g| FetchPartition::filled(g, f));
        m
    }
}

/// Part of a [`FetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct FetchPartition {
    /// The partition index.
    pub partition: i32,
    /// The current leader epoch of the partition. Versions 9+.
    pub current_leader_epoch: i32,
    /// The message offset.
    pub fetch_offset: i64,
    /// The epoch of the last fetched record or -1 if there is none. Versions 12+.
    pub last_fetched_epoch: i32,
    /// The earliest available offset of the follower replica. The field is only used when the
    /// request is sent by the follower. Versions 5+.
    pub log_start_offset: i64,
    /// The maximum bytes to fetch from this partition. See KIP-74 for cases where this limit may
    /// not be honored.
    pub partition_max_bytes: i32,
    /// The directory id of the follower fetching. Versions 17+.
    pub replica_directory_id: Uuid,
    /// The high-watermark known by the replica. -1 if the high-watermark is not known and
    /// 9223372036854775807 if the feature is not supported. Versions 18.
    pub high_watermark: i64,
}

impl Default for FetchPartition {
    fn default() -> Self {
        Self {
            partition: Default::default(),
            current_leader_epoch: -1,
            fetch_offset: Default::default(),
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: Default::default(),
            replica_directory_id: Default::default(),
            high_watermark: i64::MAX,
        }
    }
}

impl FetchPartition {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition);
        if f.version >= 9 {
            w.i32(self.current_leader_epoch);
        }
        w.i64(self.fetch_offset);
        if f.version >= 12 {
            w.i32(self.last_fetched_epoch);
        } else if self.last_fetched_epoch != -1 {
            return Err(EncodeError::FieldNotInVersion {
                field: "FetchPartition.last_fetched_epoch",
                version: f.version,
            });
        }
        if f.version >= 5 {
            w.i64(self.log_start_offset);
        }
        w.i32(self.partition_max_bytes);

        if f.flexible {
            w.uvarint(
                u32::from(f.version >= 17 && !self.replica_directory_id.is_zero())
                    + u32::from(f.version >= 18 && self.high_watermark != i64::MAX),
            );
            if f.version >= 17 && !self.replica_directory_id.is_zero() {
                let tag = w.begin_tag(0);
                w.uuid(self.replica_directory_id);
                w.end_tag(tag)?;
            }
            if f.version >= 18 && self.high_watermark != i64::MAX {
                let tag = w.begin_tag(1);
                w.i64(self.high_watermark);
                w.end_tag(tag)?;
            }
        }
        Ok(())
    }
}

/// A [`FetchPartition`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct FetchPartitionView {
    /// See [`FetchPartition::partition`].
    pub partition: i32,
    /// See [`FetchPartition::current_leader_epoch`].
    pub current_leader_epoch: i32,
    /// See [`FetchPartition::fetch_offset`].
    pub fetch_offset: i64,
    /// See [`FetchPartition::last_fetched_epoch`].
    pub last_fetched_epoch: i32,
    /// See [`FetchPartition::log_start_offset`].
    pub log_start_offset: i64,
    /// See [`FetchPartition::partition_max_bytes`].
    pub partition_max_bytes: i32,
    /// See [`FetchPartition::replica_directory_id`].
    pub replica_directory_id: Uuid,
    /// See [`FetchPartition::high_watermark`].
    pub high_watermark: i64,
}

impl Default for FetchPartitionView {
    fn default() -> Self {
        Self {
            partition: Default::default(),
            current_leader_epoch: -1,
            fetch_offset: Default::default(),
            last_fetched_epoch: -1,
            log_start_offset: -1,
            partition_max_bytes: Default::default(),
            replica_directory_id: Default::default(),
            high_watermark: i64::MAX,
        }
    }
}

impl<'a> View<'a> for FetchPartitionView {
    const LEAST: usize = 16;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition = r.i32()?;
        if f.version >= 9 {
            v.current_leader_epoch = r.i32()?;
        }
        v.fetch_offset = r.i64()?;
        if f.version >= 12 {
            v.last_fetched_epoch = r.i32()?;
        }
        if f.version >= 5 {
            v.log_start_offset = r.i64()?;
        }
        v.partition_max_bytes = r.i32()?;

        if f.flexible {
            r.tagged_fields(|tag, r| {
                match tag {
                    0 if f.version >= 17 => {
                        v.replica_directory_id = r.uuid()?;
                    }
                    1 if f.version >= 18 => {
                        v.high_watermark = r.i64()?;
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(v)
    }
}

impl From<FetchPartitionView> for FetchPartition {
    fn from(v: FetchPartitionView) -> Self {
        Self {
            partition: v.partition,
            current_leader_epoch: v.current_leader_epoch,
            fetch_offset: v.fetch_offset,
            last_fetched_epoch: v.last_fetched_epoch,
            log_start_offset: v.log_start_offset,
            partition_max_bytes: v.partition_max_bytes,
            replica_directory_id: v.replica_directory_id,
            high_watermark: v.high_watermark,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FetchPartition {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.partition = g.i32();
        if f.version >= 9 {
            m.current_leader_epoch = g.i32();
        }
        m.fetch_offset = g.i64();
        if f.version >= 12 {
            m.last_fetched_epoch = g.i32();
        }
        if f.version >= 5 {
            m.log_start_offset = g.i64();
        }
        m.partition_max_bytes = g.i32();
        if f.version >= 17 {
            m.replica_directory_id = g.uuid();
        }
        if f.version >= 18 {
            m.high_watermark = g.i64();
        }
        m
    }
}

/// Part of a [`FetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForgottenTopic {
    /// The topic name. Versions 7-12.
    pub topic: String,
    /// The unique topic ID. Versions 13+.
    pub topic_id: Uuid,
    /// The partitions indexes to forget.
    pub partitions: Vec<i32>,
}

impl ForgottenTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version <= 12 {
            w.string(&self.topic, f)?;
        }
        if f.version >= 13 {
            w.uuid(self.topic_id);
        }
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

/// A [`ForgottenTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ForgottenTopicView<'a> {
    /// See [`ForgottenTopic::topic`].
    pub topic: &'a str,
    /// See [`ForgottenTopic::topic_id`].
    pub topic_id: Uuid,
    /// See [`ForgottenTopic::partitions`].
    pub partitions: Array<'a, i32>,
}

impl<'a> View<'a> for ForgottenTopicView<'a> {
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

impl From<ForgottenTopicView<'_>> for ForgottenTopic {
    fn from(v: ForgottenTopicView<'_>) -> Self {
        Self {
            topic: v.topic.into(),
            topic_id: v.topic_id,
            partitions: v.partitions.iter().collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ForgottenTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 12 {
            m.topic = g.string();
        }
        if f.version >= 13 {
            m.topic_id = g.uuid();
        }
        m.partitions = g.array(|g| g.i32());
        m
    }
}

impl Message for FetchRequest {
    const NAME: &'static str = "FetchRequest";
    const MIN_VERSION: i16 = 4;
    const MAX_VERSION: i16 = 18;
    const FLEXIBLE_FROM: i16 = 12;

    type View<'a> = FetchRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version <= 14 {
            w.i32(self.replica_id);
        } else if self.replica_id != -1 {
            return Err(EncodeError::FieldNotInVersion {
                field: "FetchRequest.replica_id",
                version: f.version,
            });
        }
        if f.version <= 14 && self.replica_state != ReplicaState::default() {
            return Err(EncodeError::FieldNotInVersion {
                field: "FetchRequest.replica_state",
                version: f.version,
            });
        }
        w.i32(self.max_wait_ms);
        w.i32(self.min_bytes);
        w.i32(self.max_bytes);
        w.i8(self.isolation_level);
        if f.version >= 7 {
            w.i32(self.session_id);
        }
        if f.version >= 7 {
            w.i32(self.session_epoch);
        }
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        if f.version >= 7 {
            w.count(self.forgotten_topics_data.len(), f)?;
            for value in &self.forgotten_topics_data {
                value.write(w, f)?;
            }
        } else if !self.forgotten_topics_data.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "FetchRequest.forgotten_topics_data",
                version: f.version,
            });
        }
        if f.version >= 11 {
            w.string(&self.rack_id, f)?;
        }
        if f.flexible {
            w.uvarint(
                u32::from(f.version >= 12 && self.cluster_id.is_some())
                    + u32::from(f.version >= 15 && self.replica_state != ReplicaState::default()),
            );
            if f.version >= 12 && self.cluster_id.is_some() {
                let tag = w.begin_tag(0);
                w.nullable_string(self.cluster_id.as_deref(), f)?;
                w.end_tag(tag)?;
            }
            if f.version >= 15 && self.replica_state != ReplicaState::default() {
                let tag = w.begin_tag(1);
                self.replica_state.write(w, f)?;
                w.end_tag(tag)?;
            }
        }
        Ok(())
    }

    fn from_view(view: FetchRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for FetchRequest {
    const KEY: ApiKey = ApiKey::Fetch;
    type Response = super::FetchResponse;
}
