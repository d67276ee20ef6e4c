// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `CreateTopicsResponse`, versions 2-7, flexible from 5.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `CreateTopicsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreateTopicsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// Results for each topic we tried to create.
    pub topics: Vec<CreatableTopicResult>,
}

/// A [`CreateTopicsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CreateTopicsResponseView<'a> {
    /// See [`CreateTopicsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`CreateTopicsResponse::topics`].
    pub topics: Array<'a, CreatableTopicResultView<'a>>,
}

impl<'a> View<'a> for CreateTopicsResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        v.topics = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<CreateTopicsResponseView<'_>> for CreateTopicsResponse {
    fn from(v: CreateTopicsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            topics: v.topics.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreateTopicsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.topics = g.array(|g| CreatableTopicResult::filled(g, f));
        m
    }
}

/// Part of a [`CreateTopicsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicResult {
    /// The topic name.
    pub name: String,
    /// The unique topic ID. Versions 7.
    pub topic_id: Uuid,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// The error message, or null if there was no error.
    pub error_message: Option<String>,
    /// Optional topic config error returned if configs are not returned in the response. Versions
    /// 5+.
    pub topic_config_error_code: i16,
    /// Number of partitions of the topic. Versions 5+.
    pub num_partitions: i32,
    /// Replication factor of the topic. Versions 5+.
    pub replication_factor: i16,
    /// Configuration of the topic. Versions 5+.
    pub configs: Option<Vec<CreatableTopicConfigs>>,
}

impl Default for CreatableTopicResult {
    fn default() -> Self {
        Self {
            name: Default::default(),
            topic_id: Default::default(),
            error_code: Default::default(),
            error_message: Some(Default::default()),
            topic_config_error_code: Default::default(),
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Default::default()),
        }
    }
}

impl CreatableTopicResult {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        if f.version >= 7 {
            w.uuid(self.topic_id);
        }
        w.i16(self.error_code);
        w.nullable_string(self.error_message.as_deref(), f)?;

        if f.version >= 5 {
            w.i32(self.num_partitions);
        }
        if f.version >= 5 {
            w.i16(self.replication_factor);
        }
        if f.version >= 5 {
            match &self.configs {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        value.write(w, f)?;
                    }
                }
                None => w.null(f),
            }
        }
        if f.flexible {
            w.uvarint(u32::from(f.version >= 5 && self.topic_config_error_code != 0));
            if f.version >= 5 && self.topic_config_error_code != 0 {
                let tag = w.begin_tag(0);
                w.i16(self.topic_config_error_code);
                w.end_tag(tag)?;
            }
        }
        Ok(())
    }
}

/// A [`CreatableTopicResult`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct CreatableTopicResultView<'a> {
    /// See [`CreatableTopicResult::name`].
    pub name: &'a str,
    /// See [`CreatableTopicResult::topic_id`].
    pub topic_id: Uuid,
    /// See [`CreatableTopicResult::error_code`].
    pub error_code: i16,
    /// See [`CreatableTopicResult::error_message`].
    pub error_message: Option<&'a str>,
    /// See [`CreatableTopicResult::topic_config_error_code`].
    pub topic_config_error_code: i16,
    /// See [`CreatableTopicResult::num_partitions`].
    pub num_partitions: i32,
    /// See [`CreatableTopicResult::replication_factor`].
    pub replication_factor: i16,
    /// See [`CreatableTopicResult::configs`].
    pub configs: Option<Array<'a, CreatableTopicConfigsView<'a>>>,
}

impl Default for CreatableTopicResultView<'_> {
    fn default() -> Self {
        Self {
            name: Default::default(),
            topic_id: Default::default(),
            error_code: Default::default(),
            error_message: Some(Default::default()),
            topic_config_error_code: Default::default(),
            num_partitions: -1,
            replication_factor: -1,
            configs: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for CreatableTopicResultView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        if f.version >= 7 {
            v.topic_id = r.uuid()?;
        }
        v.error_code = r.i16()?;
        v.error_message = r.nullable_string(f)?;

        if f.version >= 5 {
            v.num_partitions = r.i32()?;
        }
        if f.version >= 5 {
            v.replication_factor = r.i16()?;
        }
        if f.version >= 5 {
            v.configs = Array::read_nullable(r, f)?;
        }
        if f.flexible {
            r.tagged_fields(|tag, r| {
                match tag {
                    0 if f.version >= 5 => {
                        v.topic_config_error_code = r.i16()?;
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(v)
    }
}

impl From<CreatableTopicResultView<'_>> for CreatableTopicResult {
    fn from(v: CreatableTopicResultView<'_>) -> Self {
        Self {
            name: v.name.into(),
            topic_id: v.topic_id,
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
            topic_config_error_code: v.topic_config_error_code,
            num_partitions: v.num_partitions,
            replication_factor: v.replication_factor,
            configs: v.configs.map(|x| x.iter().map(Into::into).collect()),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatableTopicResult {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        if f.version >= 7 {
            m.topic_id = g.uuid();
        }
        m.error_code = g.i16();
        m.error_message = if g.null() { None } else { Some(g.string()) };
        if f.version >= 5 {
            m.topic_config_error_code = g.i16();
        }
        if f.version >= 5 {
            m.num_partitions = g.i32();
        }
        if f.version >= 5 {
            m.replication_factor = g.i16();
        }
        if f.version >= 5 {
            m.configs = if g.null() {
                None
            } else {
                Some(g.array(|g| CreatableTopicConfigs::filled(g, f)))
            };
        }
        m
    }
}

/// Part of a [`CreateTopicsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfigs {
    /// The configuration name.
    pub name: String,
    /// The configuration value.
    pub value: Option<String>,
    /// True if the configuration is read-only.
    pub read_only: bool,
    /// The configuration source.
    pub config_source: i8,
    /// True if this configuration is sensitive.
    pub is_sensitive: bool,
}

impl Default for CreatableTopicConfigs {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Some(Default::default()),
            read_only: Default::default(),
            config_source: -1,
            is_sensitive: Default::default(),
        }
    }
}

impl CreatableTopicConfigs {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.nullable_string(self.value.as_deref(), f)?;
        w.bool(self.read_only);
        w.i8(self.config_source);
        w.bool(self.is_sensitive);
        w.uvarint(0);
        Ok(())
    }
}

/// A [`CreatableTopicConfigs`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct CreatableTopicConfigsView<'a> {
    /// See [`CreatableTopicConfigs::name`].
    pub name: &'a str,
    /// See [`CreatableTopicConfigs::value`].
    pub value: Option<&'a str>,
    /// See [`CreatableTopicConfigs::read_only`].
    pub read_only: bool,
    /// See [`CreatableTopicConfigs::config_source`].
    pub config_source: i8,
    /// See [`CreatableTopicConfigs::is_sensitive`].
    pub is_sensitive: bool,
}

impl Default for CreatableTopicConfigsView<'_> {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Some(Default::default()),
            read_only: Default::default(),
            config_source: -1,
            is_sensitive: Default::default(),
        }
    }
}

impl<'a> View<'a> for CreatableTopicConfigsView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.value = r.nullable_string(f)?;
        v.read_only = r.bool()?;
        v.config_source = r.i8()?;
        v.is_sensitive = r.bool()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<CreatableTopicConfigsView<'_>> for CreatableTopicConfigs {
    fn from(v: CreatableTopicConfigsView<'_>) -> Self {
        Self {
            name: v.name.into(),
            value: v.value.map(Into::into),
            read_only: v.read_only,
            config_source: v.config_source,
            is_sensitive: v.is_sensitive,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatableTopicConfigs {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.value = if g.null() { None } else { Some(g.string()) };
        m.read_only = g.bool();
        m.config_source = g.i8();
        m.is_sensitive = g.bool();
        m
    }
}

impl Message for CreateTopicsResponse {
    const NAME: &'static str = "CreateTopicsResponse";
    const MIN_VERSION: i16 = 2;
    const MAX_VERSION: i16 = 7;
    const FLEXIBLE_FROM: i16 = 5;

    type View<'a> = CreateTopicsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        w.count(self.topics.len(), f)?;
        for value in &self.topics {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: CreateTopicsResponseView<'_>) -> Self {
        view.into()
    }
}
