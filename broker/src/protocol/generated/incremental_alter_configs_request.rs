// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `IncrementalAlterConfigsRequest`, versions 0-1, flexible from 1.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `IncrementalAlterConfigsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IncrementalAlterConfigsRequest {
    /// The incremental updates for each resource.
    pub resources: Vec<AlterConfigsResource>,
    /// True if we should validate the request, but not change the configurations.
    pub validate_only: bool,
}

/// A [`IncrementalAlterConfigsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct IncrementalAlterConfigsRequestView<'a> {
    /// See [`IncrementalAlterConfigsRequest::resources`].
    pub resources: Array<'a, AlterConfigsResourceView<'a>>,
    /// See [`IncrementalAlterConfigsRequest::validate_only`].
    pub validate_only: bool,
}

impl<'a> View<'a> for IncrementalAlterConfigsRequestView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.resources = Array::read(r, f)?;
        v.validate_only = r.bool()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<IncrementalAlterConfigsRequestView<'_>> for IncrementalAlterConfigsRequest {
    fn from(v: IncrementalAlterConfigsRequestView<'_>) -> Self {
        Self {
            resources: v.resources.iter().map(Into::into).collect(),
            validate_only: v.validate_only,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for IncrementalAlterConfigsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.resources = g.array(|g| AlterConfigsResource::filled(g, f));
        m.validate_only = g.bool();
        m
    }
}

/// Part of a [`IncrementalAlterConfigsRequest`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterConfigsResource {
    /// The resource type.
    pub resource_type: i8,
    /// The resource name.
    pub resource_name: String,
    /// The configurations.
    pub configs: Vec<AlterableConfig>,
}

impl AlterConfigsResource {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
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

/// A [`AlterConfigsResource`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlterConfigsResourceView<'a> {
    /// See [`AlterConfigsResource::resource_type`].
    pub resource_type: i8,
    /// See [`AlterConfigsResource::resource_name`].
    pub resource_name: &'a str,
    /// See [`AlterConfigsResource::configs`].
    pub configs: Array<'a, AlterableConfigView<'a>>,
}

impl<'a> View<'a> for AlterConfigsResourceView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.resource_type = r.i8()?;
        v.resource_name = r.string(f)?;
        v.configs = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<AlterConfigsResourceView<'_>> for AlterConfigsResource {
    fn from(v: AlterConfigsResourceView<'_>) -> Self {
        Self {
            resource_type: v.resource_type,
            resource_name: v.resource_name.into(),
            configs: v.configs.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for AlterConfigsResource {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.resource_type = g.i8();
        m.resource_name = g.string();
        m.configs = g.array(|g| AlterableConfig::filled(g, f));
        m
    }
}

/// Part of a [`IncrementalAlterConfigsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterableConfig {
    /// The configuration key name.
    pub name: String,
    /// The type (Set, Delete, Append, Subtract) of operation.
    pub config_operation: i8,
    /// The value to set for the configuration key.
    pub value: Option<String>,
}

impl Default for AlterableConfig {
    fn default() -> Self {
        Self {
            name: Default::default(),
            config_operation: Default::default(),
            value: Some(Default::default()),
        }
    }
}

impl AlterableConfig {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.i8(self.config_operation);
        w.nullable_string(self.value.as_deref(), f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`AlterableConfig`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct AlterableConfigView<'a> {
    /// See [`AlterableConfig::name`].
    pub name: &'a str,
    /// See [`AlterableConfig::config_operation`].
    pub config_operation: i8,
    /// See [`AlterableConfig::value`].
    pub value: Option<&'a str>,
}

impl Default for AlterableConfigView<'_> {
    fn default() -> Self {
        Self {
            name: Default::default(),
            config_operation: Default::default(),
            value: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for AlterableConfigView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.config_operation = r.i8()?;
        v.value = r.nullable_string(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<AlterableConfigView<'_>> for AlterableConfig {
    fn from(v: AlterableConfigView<'_>) -> Self {
        Self {
            name: v.name.into(),
            config_operation: v.config_operation,
            value: v.value.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for AlterableConfig {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.config_operation = g.i8();
        m.value = if g.null() { None } else { Some(g.string()) };
        m
    }
}

impl Message for IncrementalAlterConfigsRequest {
    const NAME: &'static str = "IncrementalAlterConfigsRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 1;
    const FLEXIBLE_FROM: i16 = 1;

    type View<'a> = IncrementalAlterConfigsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.resources.len(), f)?;
        for value in &self.resources {
            value.write(w, f)?;
        }
        w.bool(self.validate_only);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: IncrementalAlterConfigsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for IncrementalAlterConfigsRequest {
    const KEY: ApiKey = ApiKey::IncrementalAlterConfigs;
    type Response = super::IncrementalAlterConfigsResponse;
}
