// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `AlterConfigsResponse`, versions 0-2, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `AlterConfigsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlterConfigsResponse {
    /// Duration in milliseconds for which the request was throttled due to a quota violation, or
    /// zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The responses for each resource.
    pub responses: Vec<AlterConfigsResourceResponse>,
}

/// A [`AlterConfigsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct AlterConfigsResponseView<'a> {
    /// See [`AlterConfigsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`AlterConfigsResponse::responses`].
    pub responses: Array<'a, AlterConfigsResourceResponseView<'a>>,
}

impl<'a> View<'a> for AlterConfigsResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.throttle_time_ms = r.i32()?;
        v.responses = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<AlterConfigsResponseView<'_>> for AlterConfigsResponse {
    fn from(v: AlterConfigsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            responses: v.responses.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for AlterConfigsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.responses = g.array(|g| AlterConfigsResourceResponse::filled(g, f));
        m
    }
}

/// Part of a [`AlterConfigsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct AlterConfigsResourceResponse {
    /// The resource error code.
    pub error_code: i16,
    /// The resource error message, or null if there was no error.
    pub error_message: Option<String>,
    /// The resource type.
    pub resource_type: i8,
    /// The resource name.
    pub resource_name: String,
}

impl Default for AlterConfigsResourceResponse {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Some(Default::default()),
            resource_type: Default::default(),
            resource_name: Default::default(),
        }
    }
}

impl AlterConfigsResourceResponse {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i16(self.error_code);
        w.nullable_string(self.error_message.as_deref(), f)?;
        w.i8(self.resource_type);
        w.string(&self.resource_name, f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`AlterConfigsResourceResponse`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct AlterConfigsResourceResponseView<'a> {
    /// See [`AlterConfigsResourceResponse::error_code`].
    pub error_code: i16,
    /// See [`AlterConfigsResourceResponse::error_message`].
    pub error_message: Option<&'a str>,
    /// See [`AlterConfigsResourceResponse::resource_type`].
    pub resource_type: i8,
    /// See [`AlterConfigsResourceResponse::resource_name`].
    pub resource_name: &'a str,
}

impl Default for AlterConfigsResourceResponseView<'_> {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Some(Default::default()),
            resource_type: Default::default(),
            resource_name: Default::default(),
        }
    }
}

impl<'a> View<'a> for AlterConfigsResourceResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.error_code = r.i16()?;
        v.error_message = r.nullable_string(f)?;
        v.resource_type = r.i8()?;
        v.resource_name = r.string(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<AlterConfigsResourceResponseView<'_>> for AlterConfigsResourceResponse {
    fn from(v: AlterConfigsResourceResponseView<'_>) -> Self {
        Self {
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
            resource_type: v.resource_type,
            resource_name: v.resource_name.into(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for AlterConfigsResourceResponse {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.error_code = g.i16();
        m.error_message = if g.null() { None } else { Some(g.string()) };
        m.resource_type = g.i8();
        m.resource_name = g.string();
        m
    }
}

impl Message for AlterConfigsResponse {
    const NAME: &'static str = "AlterConfigsResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = AlterConfigsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.throttle_time_ms);
        w.count(self.responses.len(), f)?;
        for value in &self.responses {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: AlterConfigsResponseView<'_>) -> Self {
        view.into()
    }
}
