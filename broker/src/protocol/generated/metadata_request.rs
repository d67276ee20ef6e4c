// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `MetadataRequest`, versions 0-13, flexible from 9.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, DecodeErrorKind, EncodeError, Format, Message, Reader, Request,
    Uuid, View, Writer,
};

/// `MetadataRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequest {
    /// The topics to fetch metadata for.
    pub topics: Option<Vec<MetadataRequestTopic>>,
    /// If this is true, the broker may auto-create topics that we requested which do not already
    /// exist, if it is configured to do so. Versions 4+.
    pub allow_auto_topic_creation: bool,
    /// Whether to include cluster authorized operations. Versions 8-10.
    pub include_cluster_authorized_operations: bool,
    /// Whether to include topic authorized operations. Versions 8+.
    pub include_topic_authorized_operations: bool,
}

impl Default for MetadataRequest {
    fn default() -> Self {
        Self {
            topics: Some(Default::default()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: Default::default(),
            include_topic_authorized_operations: Default::default(),
        }
    }
}

/// A [`MetadataRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct MetadataRequestView<'a> {
    /// See [`MetadataRequest::topics`].
    pub topics: Option<Array<'a, MetadataRequestTopicView<'a>>>,
    /// See [`MetadataRequest::allow_auto_topic_creation`].
    pub allow_auto_topic_creation: bool,
    /// See [`MetadataRequest::include_cluster_authorized_operations`].
    pub include_cluster_authorized_operations: bool,
    /// See [`MetadataRequest::include_topic_authorized_operations`].
    pub include_topic_authorized_operations: bool,
}

impl Default for MetadataRequestView<'_> {
    fn default() -> Self {
        Self {
            topics: Some(Default::default()),
            allow_auto_topic_creation: true,
            include_cluster_authorized_operations: Default::default(),
            include_topic_authorized_operations: Default::default(),
        }
    }
}

impl<'a> View<'a> for MetadataRequestView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topics = Array::read_nullable(r, f)?;
        if v.topics.is_none() && f.version <= 0 {
            return Err(r.error(DecodeErrorKind::UnexpectedNull));
        }
        if f.version >= 4 {
            v.allow_auto_topic_creation = r.bool()?;
        }
        if (8..=10).contains(&f.version) {
            v.include_cluster_authorized_operations = r.bool()?;
        }
        if f.version >= 8 {
            v.include_topic_authorized_operations = r.bool()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<MetadataRequestView<'_>> for MetadataRequest {
    fn from(v: MetadataRequestView<'_>) -> Self {
        Self {
            topics: v.topics.map(|x| x.iter().map(Into::into).collect()),
            allow_auto_topic_creation: v.allow_auto_topic_creation,
            include_cluster_authorized_operations: v.include_cluster_authorized_operations,
            include_topic_authorized_operations: v.include_topic_authorized_operations,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for MetadataRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.topics = if f.version >= 1 && g.null() {
            None
        } else {
            Some(g.array(|g| MetadataRequestTopic::filled(g, f)))
        };
        if f.version >= 4 {
            m.allow_auto_topic_creation = g.bool();
        }
        if (8..=10).contains(&f.version) {
            m.include_cluster_authorized_operations = g.bool();
        }
        if f.version >= 8 {
            m.include_topic_authorized_operations = g.bool();
        }
        m
    }
}

/// Part of a [`MetadataRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct MetadataRequestTopic {
    /// The topic id. Versions 10+.
    pub topic_id: Uuid,
    /// The topic name.
    pub name: Option<String>,
}

impl Default for MetadataRequestTopic {
    fn default() -> Self {
        Self { topic_id: Default::default(), name: Some(Default::default()) }
    }
}

impl MetadataRequestTopic {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 10 {
            w.uuid(self.topic_id);
        }
        if self.name.is_none() && f.version <= 9 {
            return Err(EncodeError::NullNotInVersion {
                field: "MetadataRequestTopic.name",
                version: f.version,
            });
        }
        w.nullable_string(self.name.as_deref(), f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`MetadataRequestTopic`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct MetadataRequestTopicView<'a> {
    /// See [`MetadataRequestTopic::topic_id`].
    pub topic_id: Uuid,
    /// See [`MetadataRequestTopic::name`].
    pub name: Option<&'a str>,
}

impl Default for MetadataRequestTopicView<'_> {
    fn default() -> Self {
        Self { topic_id: Default::default(), name: Some(Default::default()) }
    }
}

impl<'a> View<'a> for MetadataRequestTopicView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 10 {
            v.topic_id = r.uuid()?;
        }
        v.name = r.nullable_string(f)?;
        if v.name.is_none() && f.version <= 9 {
            return Err(r.error(DecodeErrorKind::UnexpectedNull));
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<MetadataRequestTopicView<'_>> for MetadataRequestTopic {
    fn from(v: MetadataRequestTopicView<'_>) -> Self {
        Self { topic_id: v.topic_id, name: v.name.map(Into::into) }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for MetadataRequestTopic {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 10 {
            m.topic_id = g.uuid();
        }
        m.name = if f.version >= 10 && g.null() { None } else { Some(g.string()) };
        m
    }
}

impl Message for MetadataRequest {
    const NAME: &'static str = "MetadataRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 13;
    const FLEXIBLE_FROM: i16 = 9;

    type View<'a> = MetadataRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if self.topics.is_none() && f.version <= 0 {
            return Err(EncodeError::NullNotInVersion {
                field: "MetadataRequest.topics",
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
        if f.version >= 4 {
            w.bool(self.allow_auto_topic_creation);
        } else if !self.allow_auto_topic_creation {
            return Err(EncodeError::FieldNotInVersion {
                field: "MetadataRequest.allow_auto_topic_creation",
                version: f.version,
            });
        }
        if (8..=10).contains(&f.version) {
            w.bool(self.include_cluster_authorized_operations);
        } else if self.include_cluster_authorized_operations {
            return Err(EncodeError::FieldNotInVersion {
                field: "MetadataRequest.include_cluster_authorized_operations",
                version: f.version,
            });
        }
        if f.version >= 8 {
            w.bool(self.include_topic_authorized_operations);
        } else if self.include_topic_authorized_operations {
            return Err(EncodeError::FieldNotInVersion {
                field: "MetadataRequest.include_topic_authorized_operations",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: MetadataRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for MetadataRequest {
    const KEY: ApiKey = ApiKey::Metadata;
    type Response = super::MetadataResponse;
}
