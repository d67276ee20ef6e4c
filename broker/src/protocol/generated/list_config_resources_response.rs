// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ListConfigResourcesResponse`, versions 0-1, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `ListConfigResourcesResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListConfigResourcesResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Each config resource in the response.
    pub config_resources: Vec<ConfigResource>,
}

/// A [`ListConfigResourcesResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListConfigResourcesResponseView<'a> {
    /// See [`ListConfigResourcesResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`ListConfigResourcesResponse::error_code`].
    pub error_code: i16,
    /// See [`ListConfigResourcesResponse::config_resources`].
    pub config_resources: Array<'a, ConfigResourceView<'a>>,
}

impl<'a> View<'a> for ListConfigResourcesResponseView<'a> {
    const LEAST: usize = 8;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        v.error_code = r.i16()?;
        v.config_resources = Array::read(r, f)?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<ListConfigResourcesResponseView<'_>> for ListConfigResourcesResponse {
    fn from(v: ListConfigResourcesResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            config_resources: v.config_resources.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListConfigResourcesResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.error_code = g.i16();
        m.config_resources = g.array(|g| ConfigResource::filled(g, f));
        m
    }
}

/// Part of a [`ListConfigResourcesResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigResource {
    /// The resource name.
    pub resource_name: String,
    /// The resource type. Versions 1.
    pub resource_type: i8,
}

impl Default for ConfigResource {
    fn default() -> Self {
        Self { resource_name: Default::default(), resource_type: 16 }
    }
}

impl ConfigResource {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.resource_name, f)?;
        if f.version >= 1 {
            w.i8(self.resource_type);
        }
        w.uvarint(0);
        Ok(())
    }
}

/// A [`ConfigResource`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct ConfigResourceView<'a> {
    /// See [`ConfigResource::resource_name`].
    pub resource_name: &'a str,
    /// See [`ConfigResource::resource_type`].
    pub resource_type: i8,
}

impl Default for ConfigResourceView<'_> {
    fn default() -> Self {
        Self { resource_name: Default::default(), resource_type: 16 }
    }
}

impl<'a> View<'a> for ConfigResourceView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.resource_name = r.string(f)?;
        if f.version >= 1 {
            v.resource_type = r.i8()?;
        }
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<ConfigResourceView<'_>> for ConfigResource {
    fn from(v: ConfigResourceView<'_>) -> Self {
        Self { resource_name: v.resource_name.into(), resource_type: v.resource_type }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ConfigResource {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.resource_name = g.string();
        if f.version >= 1 {
            m.resource_type = g.i8();
        }
        m
    }
}

impl Message for ListConfigResourcesResponse {
    const NAME: &'static str = "ListConfigResourcesResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 1;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = ListConfigResourcesResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        w.i16(self.error_code);
        w.count(self.config_resources.len(), f)?;
        for value in &self.config_resources {
            value.write(w, f)?;
        }
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: ListConfigResourcesResponseView<'_>) -> Self {
        view.into()
    }
}
