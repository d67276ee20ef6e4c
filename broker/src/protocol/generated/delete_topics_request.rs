// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DeleteTopicsRequest`, versions 1-6, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, Uuid, View, Writer,
};

/// `DeleteTopicsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicsRequest {
    /// The name or topic ID of the topic. Versions 6.
    pub topics: Vec<DeleteTopicState>,
    /// The names of the topics to delete. Versions 1-5.
    pub topic_names: Vec<String>,
    /// The length of time in milliseconds to wait for the deletions to complete.
    pub timeout_ms: i32,
}

/// A [`DeleteTopicsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteTopicsRequestView<'a> {
    /// See [`DeleteTopicsRequest::topics`].
    pub topics: Array<'a, DeleteTopicStateView<'a>>,
    /// See [`DeleteTopicsRequest::topic_names`].
    pub topic_names: Array<'a, &'a str>,
    /// See [`DeleteTopicsRequest::timeout_ms`].
    pub timeout_ms: i32,
}

impl<'a> View<'a> for DeleteTopicsRequestView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 6 {
            v.topics = Array::read(r, f)?;
        }
        if f.version <= 5 {
            v.topic_names = Array::read(r, f)?;
        }
        v.timeout_ms = r.i32()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DeleteTopicsRequestView<'_>> for DeleteTopicsRequest {
    fn from(v: DeleteTopicsRequestView<'_>) -> Self {
        Self {
            topics: v.topics.iter().map(Into::into).collect(),
            topic_names: v.topic_names.iter().map(Into::into).collect(),
            timeout_ms: v.timeout_ms,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteTopicsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 6 {
            m.topics = g.array(|g| DeleteTopicState::filled(g, f));
        }
        if f.version <= 5 {
            m.topic_names = g.array(|g| g.string());
        }
        m.timeout_ms = g.i32();
        m
    }
}

/// Part of a [`DeleteTopicsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicState {
    /// The topic name.
    pub name: Option<String>,
    /// The unique topic ID.
    pub topic_id: Uuid,
}

impl DeleteTopicState {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.nullable_string(self.name.as_deref(), f)?;
        w.uuid(self.topic_id);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`DeleteTopicState`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteTopicStateView<'a> {
    /// See [`DeleteTopicState::name`].
    pub name: Option<&'a str>,
    /// See [`DeleteTopicState::topic_id`].
    pub topic_id: Uuid,
}

impl<'a> View<'a> for DeleteTopicStateView<'a> {
    const LEAST: usize = 18;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.nullable_string(f)?;
        v.topic_id = r.uuid()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DeleteTopicStateView<'_>> for DeleteTopicState {
    fn from(v: DeleteTopicStateView<'_>) -> Self {
        Self { name: v.name.map(Into::into), topic_id: v.topic_id }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteTopicState {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = if g.null() { None } else { Some(g.string()) };
        m.topic_id = g.uuid();
        m
    }
}

impl Message for DeleteTopicsRequest {
    const NAME: &'static str = "DeleteTopicsRequest";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 6;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = DeleteTopicsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 6 {
            w.count(self.topics.len(), f)?;
            for value in &self.topics {
                value.write(w, f)?;
            }
        } else if !self.topics.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "DeleteTopicsRequest.topics",
                version: f.version,
            });
        }
        if f.version <= 5 {
            w.count(self.topic_names.len(), f)?;
            for value in &self.topic_names {
                w.string(value, f)?;
            }
        }
        w.i32(self.timeout_ms);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DeleteTopicsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for DeleteTopicsRequest {
    const KEY: ApiKey = ApiKey::DeleteTopics;
    type Response = super::DeleteTopicsResponse;
}
