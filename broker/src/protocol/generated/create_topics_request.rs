// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `CreateTopicsRequest`, versions 2-7, flexible from 5.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `CreateTopicsRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTopicsRequest {
    /// The topics to create.
    pub topics: Vec<CreatableTopic>,
    /// How long to wait in milliseconds before timing out the request.
    pub timeout_ms: i32,
    /// If true, check that the topics can be created as specified, but don't create anything.
    pub validate_only: bool,
}

impl Default for CreateTopicsRequest {
    fn default() -> Self {
        Self { topics: Default::default(), timeout_ms: 60000, validate_only: Default::default() }
    }
}

/// A [`CreateTopicsRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct CreateTopicsRequestView<'a> {
    /// See [`CreateTopicsRequest::topics`].
    pub topics: Array<'a, CreatableTopicView<'a>>,
    /// See [`CreateTopicsRequest::timeout_ms`].
    pub timeout_ms: i32,
    /// See [`CreateTopicsRequest::validate_only`].
    pub validate_only: bool,
}

impl Default for CreateTopicsRequestView<'_> {
    fn default() -> Self {
        Self { topics: Default::default(), timeout_ms: 60000, validate_only: Default::default() }
    }
}

impl<'a> View<'a> for CreateTopicsRequestView<'a> {
    const LEAST: usize = 7;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topics = Array::read(r, f)?;
        v.timeout_ms = r.i32()?;
        v.validate_only = r.bool()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<CreateTopicsRequestView<'_>> for CreateTopicsRequest {
    fn from(v: CreateTopicsRequestView<'_>) -> Self {
        Self {
            topics: v.topics.iter().map(Into::into).collect(),
            timeout_ms: v.timeout_ms,
            validate_only: v.validate_only,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreateTopicsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topics = g.array(|g| CreatableTopic::filled(g, f));
        m.timeout_ms = g.i32();
        m.validate_only = g.bool();
        m
    }
}

/// Part of a [`CreateTopicsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatableTopic {
    /// The topic name.
    pub name: String,
    /// The number of partitions to create in the topic, or -1 if we are either specifying a manual
    /// partition assignment or using the default partitions.
    pub num_partitions: i32,
    /// The number of replicas to create for each partition in the topic, or -1 if we are either
    /// specifying a manual partition assignment or using the default replication factor.
    pub replication_factor: i16,
    /// The manual partition assignment, or the empty array if we are using automatic assignment.
    pub assignments: Vec<CreatableReplicaAssignment>,
    /// The custom topic configurations to set.
    pub configs: Vec<CreatableTopicConfig>,
}

impl CreatableTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.i32(self.num_partitions);
        w.i16(self.replication_factor);
        w.count(self.assignments.len(), f)?;
        for value in &self.assignments {
            value.write(w, f)?;
        }
        w.count(self.configs.len(), f)?;
        for value in &self.configs {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`CreatableTopic`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CreatableTopicView<'a> {
    /// See [`CreatableTopic::name`].
    pub name: &'a str,
    /// See [`CreatableTopic::num_partitions`].
    pub num_partitions: i32,
    /// See [`CreatableTopic::replication_factor`].
    pub replication_factor: i16,
    /// See [`CreatableTopic::assignments`].
    pub assignments: Array<'a, CreatableReplicaAssignmentView<'a>>,
    /// See [`CreatableTopic::configs`].
    pub configs: Array<'a, CreatableTopicConfigView<'a>>,
}

impl<'a> View<'a> for CreatableTopicView<'a> {
    const LEAST: usize = 10;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.num_partitions = r.i32()?;
        v.replication_factor = r.i16()?;
        v.assignments = Array::read(r, f)?;
        v.configs = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<CreatableTopicView<'_>> for CreatableTopic {
    fn from(v: CreatableTopicView<'_>) -> Self {
        Self {
            name: v.name.into(),
            num_partitions: v.num_partitions,
            replication_factor: v.replication_factor,
            assignments: v.assignments.iter().map(Into::into).collect(),
            configs: v.configs.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatableTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.num_partitions = g.i32();
        m.replication_factor = g.i16();
        m.assignments = g.array(|g| CreatableReplicaAssignment::filled(g, f));
        m.configs = g.array(|g| CreatableTopicConfig::filled(g, f));
        m
    }
}

/// Part of a [`CreateTopicsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatableReplicaAssignment {
    /// The partition index.
    pub partition_index: i32,
    /// The brokers to place the partition on.
    pub broker_ids: Vec<i32>,
}

impl CreatableReplicaAssignment {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.partition_index);
        w.count(self.broker_ids.len(), f)?;
        for value in &self.broker_ids {
            w.i32(*value);
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`CreatableReplicaAssignment`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CreatableReplicaAssignmentView<'a> {
    /// See [`CreatableReplicaAssignment::partition_index`].
    pub partition_index: i32,
    /// See [`CreatableReplicaAssignment::broker_ids`].
    pub broker_ids: Array<'a, i32>,
}

impl<'a> View<'a> for CreatableReplicaAssignmentView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.partition_index = r.i32()?;
        v.broker_ids = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<CreatableReplicaAssignmentView<'_>> for CreatableReplicaAssignment {
    fn from(v: CreatableReplicaAssignmentView<'_>) -> Self {
        Self { partition_index: v.partition_index, broker_ids: v.broker_ids.iter().collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatableReplicaAssignment {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.partition_index = g.i32();
        m.broker_ids = g.array(|g| g.i32());
        m
    }
}

/// Part of a [`CreateTopicsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfig {
    /// The configuration name.
    pub name: String,
    /// The configuration value.
    pub value: Option<String>,
}

impl Default for CreatableTopicConfig {
    fn default() -> Self {
        Self { name: Default::default(), value: Some(Default::default()) }
    }
}

impl CreatableTopicConfig {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.nullable_string(self.value.as_deref(), f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`CreatableTopicConfig`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct CreatableTopicConfigView<'a> {
    /// See [`CreatableTopicConfig::name`].
    pub name: &'a str,
    /// See [`CreatableTopicConfig::value`].
    pub value: Option<&'a str>,
}

impl Default for CreatableTopicConfigView<'_> {
    fn default() -> Self {
        Self { name: Default::default(), value: Some(Default::default()) }
    }
}

impl<'a> View<'a> for CreatableTopicConfigView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.value = r.nullable_string(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<CreatableTopicConfigView<'_>> for CreatableTopicConfig {
    fn from(v: CreatableTopicConfigView<'_>) -> Self {
        Self { name: v.name.into(), value: v.value.map(Into::into) }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatableTopicConfig {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.value = if g.null() { None } else { Some(g.string()) };
        m
    }
}

impl Message for CreateTopicsRequest {
    const NAME: &'static str = "CreateTopicsRequest";
    const MIN_VERSION: i16 = 2;
    const MAX_VERSION: i16 = 7;
    const FLEXIBLE_FROM: i16 = 5;

    type View<'a> = CreateTopicsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        w.i32(self.timeout_ms);
        w.bool(self.validate_only);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: CreateTopicsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for CreateTopicsRequest {
    const KEY: ApiKey = ApiKey::CreateTopics;
    type Response = super::CreateTopicsResponse;
}
