// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DeleteTopicsResponse`, versions 1-6, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, DecodeErrorKind, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `DeleteTopicsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteTopicsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The results for each topic we tried to delete.
    pub responses: Vec<DeletableTopicResult>,
}

/// A [`DeleteTopicsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteTopicsResponseView<'a> {
    /// See [`DeleteTopicsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`DeleteTopicsResponse::responses`].
    pub responses: Array<'a, DeletableTopicResultView<'a>>,
}

impl<'a> View<'a> for DeleteTopicsResponseView<'a> {
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

impl From<DeleteTopicsResponseView<'_>> for DeleteTopicsResponse {
    fn from(v: DeleteTopicsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            responses: v.responses.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteTopicsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.responses = g.array(|g| DeletableTopicResult::filled(g, f));
        m
    }
}

/// Part of a [`DeleteTopicsResponse`].
#[derive(Clone, Debug, PartialEq)]
pub struct DeletableTopicResult {
    /// The topic name.
    pub name: Option<String>,
    /// The unique topic ID. Versions 6.
    pub topic_id: Uuid,
    /// The deletion error, or 0 if the deletion succeeded.
    pub error_code: i16,
    /// The error message, or null if there was no error. Versions 5+.
    pub error_message: Option<String>,
}

impl Default for DeletableTopicResult {
    fn default() -> Self {
        Self {
            name: Some(Default::default()),
            topic_id: Default::default(),
            error_code: Default::default(),
            error_message: None,
        }
    }
}

impl DeletableTopicResult {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if self.name.is_none() && f.version <= 5 {
            return Err(EncodeError::NullNotInVersion {
                field: "DeletableTopicResult.name",
                version: f.version,
            });
        }
        w.nullable_string(self.name.as_deref(), f)?;
        if f.version >= 6 {
            w.uuid(self.topic_id);
        }
        w.i16(self.error_code);
        if f.version >= 5 {
            w.nullable_string(self.error_message.as_deref(), f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DeletableTopicResult`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DeletableTopicResultView<'a> {
    /// See [`DeletableTopicResult::name`].
    pub name: Option<&'a str>,
    /// See [`DeletableTopicResult::topic_id`].
    pub topic_id: Uuid,
    /// See [`DeletableTopicResult::error_code`].
    pub error_code: i16,
    /// See [`DeletableTopicResult::error_message`].
    pub error_message: Option<&'a str>,
}

impl Default for DeletableTopicResultView<'_> {
    fn default() -> Self {
        Self {
            name: Some(Default::default()),
            topic_id: Default::default(),
            error_code: Default::default(),
            error_message: None,
        }
    }
}

impl<'a> View<'a> for DeletableTopicResultView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.nullable_string(f)?;
        if v.name.is_none() && f.version <= 5 {
            return Err(r.error(DecodeErrorKind::UnexpectedNull));
        }
        if f.version >= 6 {
            v.topic_id = r.uuid()?;
        }
        v.error_code = r.i16()?;
        if f.version >= 5 {
            v.error_message = r.nullable_string(f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DeletableTopicResultView<'_>> for DeletableTopicResult {
    fn from(v: DeletableTopicResultView<'_>) -> Self {
        Self {
            name: v.name.map(Into::into),
            topic_id: v.topic_id,
            error_code: v.error_code,
            error_message: v.error_message.map(Into::into),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeletableTopicResult {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.name = if f.version >= 6 && g.null() { None } else { Some(g.string()) };
        if f.version >= 6 {
            m.topic_id = g.uuid();
        }
        m.error_code = g.i16();
        if f.version >= 5 {
            m.error_message = if g.null() { None } else { Some(g.string()) };
        }
        m
    }
}

impl Message for DeleteTopicsResponse {
    const NAME: &'static str = "DeleteTopicsResponse";
    const MIN_VERSION: i16 = 1;
    const MAX_VERSION: i16 = 6;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = DeleteTopicsResponseView<'a>;

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

    fn from_view(view: DeleteTopicsResponseView<'_>) -> Self {
        view.into()
    }
}
