// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `OffsetFetchRequest`, versions 1-10, flexible from 6.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, DecodeErrorKind, EncodeError, Format, Message, Reader, Request,
    Uuid, View, Writer,
};

/// `OffsetFetchRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequest {
    /// The group to fetch offsets for. Versions 1-7.
    pub group_id: String,
    /// Each topic we would like to fetch offsets for, or null to fetch offsets for all topics.
    /// Versions 1-7.
    pub topics: Option<Vec<OffsetFetchRequestTopic>>,
    /// Each group we would like to fetch offsets for. Versions 8+.
    pub groups: Vec<OffsetFetchRequestGroup>,
    /// Whether broker should hold on returning unstable offsets but set a retriable error code for
    /// the partitions. Versions 7+.
    pub require_stable: bool,
}

impl Default for OffsetFetchRequest {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            topics: Some(Default::default()),
            groups: Default::default(),
            require_stable: Default::default(),
        }
    }
}

/// A [`OffsetFetchRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct OffsetFetchRequestView<'a> {
    /// See [`OffsetFetchRequest::group_id`].
    pub group_id: &'a str,
    /// See [`OffsetFetchRequest::topics`].
    pub topics: Option<Array<'a, OffsetFetchRequestTopicView<'a>>>,
    /// See [`OffsetFetchRequest::groups`].
    pub groups: Array<'a, OffsetFetchRequestGroupView<'a>>,
    /// See [`OffsetFetchRequest::require_stable`].
    pub require_stable: bool,
}

impl Default for OffsetFetchRequestView<'_> {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            topics: Some(Default::default()),
            groups: Default::default(),
            require_stable: Default::default(),
        }
    }
}

impl<'a> View<'a> for OffsetFetchRequestView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version <= 7 {
            v.group_id = r.string(f)?;
        }
        if f.version <= 7 {
            v.topics = Array::read_nullable(r, f)?;
            if v.topics.is_none() && f.version <= 1 {
                return Err(r.error(DecodeErrorKind::UnexpectedNull));
            }
        }
        if f.version >= 8 {
            v.groups = Array::read(r, f)?;
        }
        if f.version >= 7 {
            v.require_stable = r.bool()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetFetchRequestView<'_>> for OffsetFetchRequest {
    fn from(v: OffsetFetchRequestView<'_>) -> Self {
        Self {
            group_id: v.group_id.into(),
            topics: v.topics.map(|x| x.iter().map(Into::into).collect()),
            groups: v.groups.iter().map(Into::into).collect(),
            require_stable: v.require_stable,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 7 {
            m.group_id = g.string();
        }
        if f.version <= 7 {
            m.topics = if f.version >= 2 && g.null() {
                None
            } else {
                Some(g.array(|g| OffsetFetchRequestTopic::filled(g, f)))
            };
        }
        if f.version >= 8 {
            m.groups = g.array(|g| OffsetFetchRequestGroup::filled(g, f));
        }
        if f.version >= 7 {
            m.require_stable = g.bool();
        }
        m
    }
}

/// Part of a [`OffsetFetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchRequestTopic {
    /// The topic name.
    pub name: String,
    /// The partition indexes we would like to fetch offsets for.
    pub partition_indexes: Vec<i32>,
}

impl OffsetFetchRequestTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.count(self.partition_indexes.len(), f)?;
        for value in &self.partition_indexes {
            w.i32(*value);
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`OffsetFetchRequestTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetFetchRequestTopicView<'a> {
    /// See [`OffsetFetchRequestTopic::name`].
    pub name: &'a str,
    /// See [`OffsetFetchRequestTopic::partition_indexes`].
    pub partition_indexes: Array<'a, i32>,
}

impl<'a> View<'a> for OffsetFetchRequestTopicView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.partition_indexes = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<OffsetFetchRequestTopicView<'_>> for OffsetFetchRequestTopic {
    fn from(v: OffsetFetchRequestTopicView<'_>) -> Self {
        Self { name: v.name.into(), partition_indexes: v.partition_indexes.iter().collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchRequestTopic {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.partition_indexes = g.array(|g| g.i32());
        m
    }
}

/// Part of a [`OffsetFetchRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetFetchRequestGroup {
    /// The group ID.
    pub group_id: String,
    /// The member id. Versions 9+.
    pub member_id: Option<String>,
    /// The member epoch if using the new consumer protocol (KIP-848). Versions 9+.
    pub member_epoch: i32,
    /// Each topic we would like to fetch offsets for, or null to fetch offsets for all topics.
    pub topics: Option<Vec<OffsetFetchRequestTopics>>,
}

impl Default for OffsetFetchRequestGroup {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            member_id: None,
            member_epoch: -1,
            topics: Some(Default::default()),
        }
    }
}

impl OffsetFetchRequestGroup {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        if f.version >= 9 {
            w.nullable_string(self.member_id.as_deref(), f)?;
        }
        if f.version >= 9 {
            w.i32(self.member_epoch);
        }
        match &self.topics {
            Some(values) => {
                w.count(values.len(), f)?;
                for value in values {
                    value.write(w, f)?;
                }
            }
            None => w.null(f),
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`OffsetFetchRequestGroup`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct OffsetFetchRequestGroupView<'a> {
    /// See [`OffsetFetchRequestGroup::group_id`].
    pub group_id: &'a str,
    /// See [`OffsetFetchRequestGroup::member_id`].
    pub member_id: Option<&'a str>,
    /// See [`OffsetFetchRequestGroup::member_epoch`].
    pub member_epoch: i32,
    /// See [`OffsetFetchRequestGroup::topics`].
    pub topics: Option<Array<'a, OffsetFetchRequestTopicsView<'a>>>,
}

impl Default for OffsetFetchRequestGroupView<'_> {
    fn default() -> Self {
        Self {
            group_id: Default::default(),
            member_id: None,
            member_epoch: -1,
            topics: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for OffsetFetchRequestGroupView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        if f.version >= 9 {
            v.member_id = r.nullable_string(f)?;
        }
        if f.version >= 9 {
            v.member_epoch = r.i32()?;
        }
        v.topics = Array::read_nullable(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<OffsetFetchRequestGroupView<'_>> for OffsetFetchRequestGroup {
    fn from(v: OffsetFetchRequestGroupView<'_>) -> Self {
        Self {
            group_id: v.group_id.into(),
            member_id: v.member_id.map(Into::into),
            member_epoch: v.member_epoch,
            topics: v.topics.map(|x| x.iter().map(Into::into).collect()),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchRequestGroup {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        if f.version >= 9 {
            m.member_id = if g.null() { None } else { Some(g.string()) };
        }
        if f.version >= 9 {
            m.member_epoch = g.i32();
        }
        m.topics =
            if g.null() { None } else { Some(g.array(|g| OffsetFetchRequestTopics::filled(g, f))) };
        m
    }
}

/// Part of a [`OffsetFetchRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OffsetFetchRequestTopics {
    /// The topic name. Versions 8-9.
    pub name: String,
    /// The topic ID. Versions 10.
    pub topic_id: Uuid,
    /// The partition indexes we would like to fetch offsets for.
    pub partition_indexes: Vec<i32>,
}

impl OffsetFetchRequestTopics {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version <= 9 {
            w.string(&self.name, f)?;
        }
        if f.version >= 10 {
            w.uuid(self.topic_id);
        }
        w.count(self.partition_indexes.len(), f)?;
        for value in &self.partition_indexes {
            w.i32(*value);
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`OffsetFetchRequestTopics`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct OffsetFetchRequestTopicsView<'a> {
    /// See [`OffsetFetchRequestTopics::name`].
    pub name: &'a str,
    /// See [`OffsetFetchRequestTopics::topic_id`].
    pub topic_id: Uuid,
    /// See [`OffsetFetchRequestTopics::partition_indexes`].
    pub partition_indexes: Array<'a, i32>,
}

impl<'a> View<'a> for OffsetFetchRequestTopicsView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version <= 9 {
            v.name = r.string(f)?;
        }
        if f.version >= 10 {
            v.topic_id = r.uuid()?;
        }
        v.partition_indexes = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<OffsetFetchRequestTopicsView<'_>> for OffsetFetchRequestTopics {
    fn from(v: OffsetFetchRequestTopicsView<'_>) -> Self {
        Self {
            name: v.name.into(),
            topic_id: v.topic_id,
            partition_indexes: v.partition_indexes.iter().collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetFetchRequestTopics {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version <= 9 {
            m.name = g.string();
        }
        if f.version >= 10 {
            m.topic_id = g.uuid();
        }
        m.partition_indexes = g.array(|g| g.i32());
        m
    }
}

impl Message for OffsetFetchRequest {
    const NAME: &'static str = "OffsetFetchRequest";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 10;
    const FLEXIBLE_FROM: i16 = 6;

    type View<'a> = OffsetFetchRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version <= 7 {
            w.string(&self.group_id, f)?;
        } else if !self.group_id.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "OffsetFetchRequest.group_id",
                version: f.version,
            });
        }
        if f.version <= 7 {
            if self.topics.is_none() && f.version <= 1 {
                return Err(EncodeError::NullNotInVersion {
                    field: "OffsetFetchRequest.topics",
                    version: f.version,
                });
            }
            match &self.topics {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        value.write(w, f)?;
                    }
                }
                None => w.null(f),
            }
        } else if self.topics.as_ref().is_none_or(|x| !x.is_empty()) {
            return Err(EncodeError::FieldNotInVersion {
                field: "OffsetFetchRequest.topics",
                version: f.version,
            });
        }
        if f.version >= 8 {
            w.count(self.groups.len(), f)?;
            for value in &self.groups {
                value.write(w, f)?;
            }
        } else if !self.groups.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "OffsetFetchRequest.groups",
                version: f.version,
            });
        }
        if f.version >= 7 {
            w.bool(self.require_stable);
        } else if self.require_stable {
            return Err(EncodeError::FieldNotInVersion {
                field: "OffsetFetchRequest.require_stable",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: OffsetFetchRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for OffsetFetchRequest {
    const KEY: ApiKey = ApiKey::OffsetFetch;
    type Response = super::OffsetFetchResponse;
}
