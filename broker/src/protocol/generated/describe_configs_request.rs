// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeConfigsRequest`, versions 1-4, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `DescribeConfigsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeConfigsRequest {
    /// The resources whose configurations we want to describe.
    pub resources: Vec<DescribeConfigsResource>,
    /// True if we should include all synonyms.
    pub include_synonyms: bool,
    /// True if we should include configuration documentation. Versions 3+.
    pub include_documentation: bool,
}

/// A [`DescribeConfigsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeConfigsRequestView<'a> {
    /// See [`DescribeConfigsRequest::resources`].
    pub resources: Array<'a, DescribeConfigsResourceView<'a>>,
    /// See [`DescribeConfigsRequest::include_synonyms`].
    pub include_synonyms: bool,
    /// See [`DescribeConfigsRequest::include_documentation`].
    pub include_documentation: bool,
}

impl<'a> View<'a> for DescribeConfigsRequestView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.resources = Array::read(r, f)?;
        v.include_synonyms = r.bool()?;
        if f.version >= 3 {
            v.include_documentation = r.bool()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeConfigsRequestView<'_>> for DescribeConfigsRequest {
    fn from(v: DescribeConfigsRequestView<'_>) -> Self {
        Self {
            resources: v.resources.iter().map(Into::into).collect(),
            include_synonyms: v.include_synonyms,
            include_documentation: v.include_documentation,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeConfigsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.resources = g.array(|g| DescribeConfigsResource::filled(g, f));
        m.include_synonyms = g.bool();
        if f.version >= 3 {
            m.include_documentation = g.bool();
        }
        m
    }
}

/// Part of a [`DescribeConfigsRequest`].
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeConfigsResource {
    /// The resource type.
    pub resource_type: i8,
    /// The resource name.
    pub resource_name: String,
    /// The configuration keys to list, or null to list all configuration keys.
    pub configuration_keys: Option<Vec<String>>,
}

impl Default for DescribeConfigsResource {
    fn default() -> Self {
        Self {
            resource_type: Default::default(),
            resource_name: Default::default(),
            configuration_keys: Some(Default::default()),
        }
    }
}

impl DescribeConfigsResource {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i8(self.resource_type);
        w.string(&self.resource_name, f)?;
        match &self.configuration_keys {
            Some(values) => {
                w.count(values.len(), f)?;
                for value in values {
                    w.string(value, f)?;
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

/// A [`DescribeConfigsResource`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeConfigsResourceView<'a> {
    /// See [`DescribeConfigsResource::resource_type`].
    pub resource_type: i8,
    /// See [`DescribeConfigsResource::resource_name`].
    pub resource_name: &'a str,
    /// See [`DescribeConfigsResource::configuration_keys`].
    pub configuration_keys: Option<Array<'a, &'a str>>,
}

impl Default for DescribeConfigsResourceView<'_> {
    fn default() -> Self {
        Self {
            resource_type: Default::default(),
            resource_name: Default::default(),
            configuration_keys: Some(Default::default()),
        }
    }
}

impl<'a> View<'a> for DescribeConfigsResourceView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.resource_type = r.i8()?;
        v.resource_name = r.string(f)?;
        v.configuration_keys = Array::read_nullable(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeConfigsResourceView<'_>> for DescribeConfigsResource {
    fn from(v: DescribeConfigsResourceView<'_>) -> Self {
        Self {
            resource_type: v.resource_type,
            resource_name: v.resource_name.into(),
            configuration_keys: v.configuration_keys.map(|x| x.iter().map(Into::into).collect()),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeConfigsResource {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.resource_type = g.i8();
        m.resource_name = g.string();
        m.configuration_keys = if g.null() { None } else { Some(g.array(|g| g.string())) };
        m
    }
}

impl Message for DescribeConfigsRequest {
    const NAME: &'static str = "DescribeConfigsRequest";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = DescribeConfigsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.resources.len(), f)?;
        for value in &self.resources {
            value.write(w, f)?;
        }
        w.bool(self.include_synonyms);
        if f.version >= 3 {
            w.bool(self.include_documentation);
        } else if self.include_documentation {
            return Err(EncodeError::FieldNotInVersion {
                field: "DescribeConfigsRequest.include_documentation",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DescribeConfigsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for DescribeConfigsRequest {
    const KEY: ApiKey = ApiKey::DescribeConfigs;
    type Response = super::DescribeConfigsResponse;
}
