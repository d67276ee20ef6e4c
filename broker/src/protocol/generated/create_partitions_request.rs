// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `CreatePartitionsRequest`, versions 0-3, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `CreatePartitionsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatePartitionsRequest {
    /// Each topic that we want to create new partitions inside.
    pub topics: Vec<CreatePartitionsTopic>,
    /// The time in ms to wait for the partitions to be created.
    pub timeout_ms: i32,
    /// If true, then validate the request, but don't actually increase the number of partitions.
    pub validate_only: bool,
}

/// A [`CreatePartitionsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CreatePartitionsRequestView<'a> {
    /// See [`CreatePartitionsRequest::topics`].
    pub topics: Array<'a, CreatePartitionsTopicView<'a>>,
    /// See [`CreatePartitionsRequest::timeout_ms`].
    pub timeout_ms: i32,
    /// See [`CreatePartitionsRequest::validate_only`].
    pub validate_only: bool,
}

impl<'a> View<'a> for CreatePartitionsRequestView<'a> {
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

impl From<CreatePartitionsRequestView<'_>> for CreatePartitionsRequest {
    fn from(v: CreatePartitionsRequestView<'_>) -> Self {
        Self {
            topics: v.topics.iter().map(Into::into).collect(),
            timeout_ms: v.timeout_ms,
            validate_only: v.validate_only,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatePartitionsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topics = g.array(|g| CreatePartitionsTopic::filled(g, f));
        m.timeout_ms = g.i32();
        m.validate_only = g.bool();
        m
    }
}

/// Part of a [`CreatePartitionsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePartitionsTopic {
    /// The topic name.
    pub name: String,
    /// The new partition count.
    pub count: i32,
    /// The new partition assignments.
    pub assignments: Option<Vec<CreatePartitionsAssignment>>,
}

impl Default for CreatePartitionsTopic {
    fn default() -> Self {
        Self {
            name: Default::default(),
            count: Default::default(),
            assignments: Some(Default::default()),
        }
    }
}

impl CreatePartitionsTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.i32(self.count);
        match &self.assignments {
            Some(values) => {
                w.count(values.len(), f)?;
                for value in values {
                    value.write(w, f)?;
                }
            }
            None => w.null(f),
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`CreatePartitionsTopic`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct CreatePartitionsTopicView<'a> {
    /// See [`CreatePartitionsTopic::name`].
    pub name: &'a str,
    /// See [`CreatePartitionsTopic::count`].
    pub count: i32,
    /// See [`CreatePartitionsTopic::assignments`].
    pub assignments: Option<Array<'a, CreatePartitionsAssignmentView<'a>>>,
}

impl Default for CreatePartitionsTopicView<'_> {
    fn default() -> Self {
        Self {
            name: Default::default(),
            count: Default::default(),
            assignments: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for CreatePartitionsTopicView<'a> {
    const LEAST: usize = 7;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.count = r.i32()?;
        v.assignments = Array::read_nullable(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<CreatePartitionsTopicView<'_>> for CreatePartitionsTopic {
    fn from(v: CreatePartitionsTopicView<'_>) -> Self {
        Self {
            name: v.name.into(),
            count: v.count,
            assignments: v.assignments.map(|x| x.iter().map(Into::into).collect()),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatePartitionsTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.count = g.i32();
        m.assignments = if g.null() {
            None
        } else {
            Some(g.array(|g| CreatePartitionsAssignment::filled(g, f)))
        };
        m
    }
}

/// Part of a [`CreatePartitionsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatePartitionsAssignment {
    /// The assigned broker IDs.
    pub broker_ids: Vec<i32>,
}

impl CreatePartitionsAssignment {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
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

/// A [`CreatePartitionsAssignment`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CreatePartitionsAssignmentView<'a> {
    /// See [`CreatePartitionsAssignment::broker_ids`].
    pub broker_ids: Array<'a, i32>,
}

impl<'a> View<'a> for CreatePartitionsAssignmentView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.broker_ids = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<CreatePartitionsAssignmentView<'_>> for CreatePartitionsAssignment {
    fn from(v: CreatePartitionsAssignmentView<'_>) -> Self {
        Self { broker_ids: v.broker_ids.iter().collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatePartitionsAssignment {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.broker_ids = g.array(|g| g.i32());
        m
    }
}

impl Message for CreatePartitionsRequest {
    const NAME: &'static str = "CreatePartitionsRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 3;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = CreatePartitionsRequestView<'a>;

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

    fn from_view(view: CreatePartitionsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for CreatePartitionsRequest {
    const KEY: ApiKey = ApiKey::CreatePartitions;
    type Response = super::CreatePartitionsResponse;
}
