// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `CreatePartitionsResponse`, versions 0-3, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `CreatePartitionsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatePartitionsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The partition creation results for each topic.
    pub results: Vec<CreatePartitionsTopicResult>,
}

/// A [`CreatePartitionsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CreatePartitionsResponseView<'a> {
    /// See [`CreatePartitionsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`CreatePartitionsResponse::results`].
    pub results: Array<'a, CreatePartitionsTopicResultView<'a>>,
}

impl<'a> View<'a> for CreatePartitionsResponseView<'a> {
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

impl From<CreatePartitionsResponseView<'_>> for CreatePartitionsResponse {
    fn from(v: CreatePartitionsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            results: v.results.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatePartitionsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.results = g.array(|g| CreatePartitionsTopicResult::filled(g, f));
        m
    }
}

/// Part of a [`CreatePartitionsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CreatePartitionsTopicResult {
    /// The topic name.
    pub name: String,
    /// The result error, or zero if there was no error.
    pub error_code: i16,
    /// The result message, or null if there was no error.
    pub error_message: Option<String>,
}

impl CreatePartitionsTopicResult {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.i16(self.error_code);
        w.nullable_string(self.error_message.as_deref(), f)?;
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`CreatePartitionsTopicResult`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CreatePartitionsTopicResultView<'a> {
    /// See [`CreatePartitionsTopicResult::name`].
    pub name: &'a str,
    /// See [`CreatePartitionsTopicResult::error_code`].
    pub error_code: i16,
    /// See [`CreatePartitionsTopicResult::error_message`].
    pub error_message: Option<&'a str>,
}

impl<'a> View<'a> for CreatePartitionsTopicResultView<'a> {
    const LEAST: usize = 5;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.error_code = r.i16()?;
        v.error_message = r.nullable_string(f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<CreatePartitionsTopicResultView<'_>> for CreatePartitionsTopicResult {
    fn from(v: CreatePartitionsTopicResultView<'_>) -> Self {
        Self {
            name: v.name.into(),
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for CreatePartitionsTopicResult {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.error_code = g.i16();
        m.error_message = if g.null() { None } else { Some(g.string()) };
        m
    }
}

impl Message for CreatePartitionsResponse {
    const NAME: &'static str = "CreatePartitionsResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 3;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = CreatePartitionsResponseView<'a>;

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

    fn from_view(view: CreatePartitionsResponseView<'_>) -> Self {
        view.into()
    }
}
