// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeConfigsResponse`, versions 1-4, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `DescribeConfigsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeConfigsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The results for each resource.
    pub results: Vec<DescribeConfigsResult>,
}

/// A [`DescribeConfigsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeConfigsResponseView<'a> {
    /// See [`DescribeConfigsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`DescribeConfigsResponse::results`].
    pub results: Array<'a, DescribeConfigsResultView<'a>>,
}

impl<'a> View<'a> for DescribeConfigsResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        v.results = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeConfigsResponseView<'_>> for DescribeConfigsResponse {
    fn from(v: DescribeConfigsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            results: v.results.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeConfigsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.results = g.array(|g| DescribeConfigsResult::filled(g, f));
        m
    }
}

/// Part of a [`DescribeConfigsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResult {
    /// The error code, or 0 if we were able to successfully describe the configurations.
    pub error_code: i16,
    /// The error message, or null if we were able to successfully describe the configurations.
    pub error_message: Option<String>,
    /// The resource type.
    pub resource_type: i8,
    /// The resource name.
    pub resource_name: String,
    /// Each listed configuration.
    pub configs: Vec<DescribeConfigsResourceResult>,
}

impl Default for DescribeConfigsResult {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Some(Default::default()),
            resource_type: Default::default(),
            resource_name: Default::default(),
            configs: Default::default(),
        }
    }
}

impl DescribeConfigsResult {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.nullable_string(self.error_message.as_deref(), f)?;
        w.i8(self.resource_type);
        w.string(&self.resource_name, f)?;
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

/// A [`DescribeConfigsResult`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeConfigsResultView<'a> {
    /// See [`DescribeConfigsResult::error_code`].
    pub error_code: i16,
    /// See [`DescribeConfigsResult::error_message`].
    pub error_message: Option<&'a str>,
    /// See [`DescribeConfigsResult::resource_type`].
    pub resource_type: i8,
    /// See [`DescribeConfigsResult::resource_name`].
    pub resource_name: &'a str,
    /// See [`DescribeConfigsResult::configs`].
    pub configs: Array<'a, DescribeConfigsResourceResultView<'a>>,
}

impl Default for DescribeConfigsResultView<'_> {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Some(Default::default()),
            resource_type: Default::default(),
            resource_name: Default::default(),
            configs: Default::default(),
        }
    }
}

impl<'a> View<'a> for DescribeConfigsResultView<'a> {
    const LEAST: usize = 7;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.error_message = r.nullable_string(f)?;
        v.resource_type = r.i8()?;
        v.resource_name = r.string(f)?;
        v.configs = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeConfigsResultView<'_>> for DescribeConfigsResult {
    fn from(v: DescribeConfigsResultView<'_>) -> Self {
        Self {
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
            resource_type: v.resource_type,
            resource_name: v.resource_name.into(),
            configs: v.configs.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeConfigsResult {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.error_message = if g.null() { None } else { Some(g.string()) };
        m.resource_type = g.i8();
        m.resource_name = g.string();
        m.configs = g.array(|g| DescribeConfigsResourceResult::filled(g, f));
        m
    }
}

/// Part of a [`DescribeConfigsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResourceResult {
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
    /// The synonyms for this configuration key.
    pub synonyms: Vec<DescribeConfigsSynonym>,
    /// The configuration data type. Type can be one of the following values - BOOLEAN, STRING, INT,
    /// SHORT, LONG, DOUBLE, LIST, CLASS, PASSWORD. Versions 3+.
    pub config_type: i8,
    /// The configuration documentation. Versions 3+.
    pub documentation: Option<String>,
}

impl Default for DescribeConfigsResourceResult {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Some(Default::default()),
            read_only: Default::default(),
            config_source: -1,
            is_sensitive: Default::default(),
            synonyms: Default::default(),
            config_type: Default::default(),
            documentation: Some(Default::default()),
        }
    }
}

impl DescribeConfigsResourceResult {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.nullable_string(self.value.as_deref(), f)?;
        w.bool(self.read_only);
        w.i8(self.config_source);
        w.bool(self.is_sensitive);
        w.count(self.synonyms.len(), f)?;
        for value in &self.synonyms {
            value.write(w, f)?;
        }
        if f.version >= 3 {
            w.i8(self.config_type);
        }
        if f.version >= 3 {
            w.nullable_string(self.documentation.as_deref(), f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DescribeConfigsResourceResult`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeConfigsResourceResultView<'a> {
    /// See [`DescribeConfigsResourceResult::name`].
    pub name: &'a str,
    /// See [`DescribeConfigsResourceResult::value`].
    pub value: Option<&'a str>,
    /// See [`DescribeConfigsResourceResult::read_only`].
    pub read_only: bool,
    /// See [`DescribeConfigsResourceResult::config_source`].
    pub config_source: i8,
    /// See [`DescribeConfigsResourceResult::is_sensitive`].
    pub is_sensitive: bool,
    /// See [`DescribeConfigsResourceResult::synonyms`].
    pub synonyms: Array<'a, DescribeConfigsSynonymView<'a>>,
    /// See [`DescribeConfigsResourceResult::config_type`].
    pub config_type: i8,
    /// See [`DescribeConfigsResourceResult::documentation`].
    pub documentation: Option<&'a str>,
}

impl Default for DescribeConfigsResourceResultView<'_> {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Some(Default::default()),
            read_only: Default::default(),
            config_source: -1,
            is_sensitive: Default::default(),
            synonyms: Default::default(),
            config_type: Default::default(),
            documentation: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for DescribeConfigsResourceResultView<'a> {
    const LEAST: usize = 9;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.value = r.nullable_string(f)?;
        v.read_only = r.bool()?;
        v.config_source = r.i8()?;
        v.is_sensitive = r.bool()?;
        v.synonyms = Array::read(r, f)?;
        if f.version >= 3 {
            v.config_type = r.i8()?;
        }
        if f.version >= 3 {
            v.documentation = r.nullable_string(f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeConfigsResourceResultView<'_>> for DescribeConfigsResourceResult {
    fn from(v: DescribeConfigsResourceResultView<'_>) -> Self {
        Self {
            name: v.name.into(),
            value: v.value.map(Into::into),
            read_only: v.read_only,
            config_source: v.config_source,
            is_sensitive: v.is_sensitive,
            synonyms: v.synonyms.iter().map(Into::into).collect(),
            config_type: v.config_type,
            documentation: v.documentation.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeConfigsResourceResult {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.value = if g.null() { None } else { Some(g.string()) };
        m.read_only = g.bool();
        m.config_source = g.i8();
        m.is_sensitive = g.bool();
        m.synonyms = g.array(|g| DescribeConfigsSynonym::filled(g, f));
        if f.version >= 3 {
            m.config_type = g.i8();
        }
        if f.version >= 3 {
            m.documentation = if g.null() { None } else { Some(g.string()) };
        }
        m
    }
}

/// Part of a [`DescribeConfigsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsSynonym {
    /// The synonym name.
    pub name: String,
    /// The synonym value.
    pub value: Option<String>,
    /// The synonym source.
    pub source: i8,
}

impl Default for DescribeConfigsSynonym {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Some(Default::default()),
            source: Default::default(),
        }
    }
}

impl DescribeConfigsSynonym {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.nullable_string(self.value.as_deref(), f)?;
        w.i8(self.source);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DescribeConfigsSynonym`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeConfigsSynonymView<'a> {
    /// See [`DescribeConfigsSynonym::name`].
    pub name: &'a str,
    /// See [`DescribeConfigsSynonym::value`].
    pub value: Option<&'a str>,
    /// See [`DescribeConfigsSynonym::source`].
    pub source: i8,
}

impl Default for DescribeConfigsSynonymView<'_> {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Some(Default::default()),
            source: Default::default(),
        }
    }
}

impl<'a> View<'a> for DescribeConfigsSynonymView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.value = r.nullable_string(f)?;
        v.source = r.i8()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeConfigsSynonymView<'_>> for DescribeConfigsSynonym {
    fn from(v: DescribeConfigsSynonymView<'_>) -> Self {
        Self { name: v.name.into(), value: v.value.map(Into::into), source: v.source }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeConfigsSynonym {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.value = if g.null() { None } else { Some(g.string()) };
        m.source = g.i8();
        m
    }
}

impl Message for DescribeConfigsResponse {
    const NAME: &'static str = "DescribeConfigsResponse";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = DescribeConfigsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        w.count(self.results.len(), f)?;
        for value in &self.results {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DescribeConfigsResponseView<'_>) -> Self {
        view.into()
    }
}
