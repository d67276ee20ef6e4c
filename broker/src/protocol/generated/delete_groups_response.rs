// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DeleteGroupsResponse`, versions 0-2, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `DeleteGroupsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteGroupsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota.
    pub throttle_time_ms: i32,
    /// The deletion results.
    pub results: Vec<DeletableGroupResult>,
}

/// A [`DeleteGroupsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteGroupsResponseView<'a> {
    /// See [`DeleteGroupsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`DeleteGroupsResponse::results`].
    pub results: Array<'a, DeletableGroupResultView<'a>>,
}

impl<'a> View<'a> for DeleteGroupsResponseView<'a> {
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

impl From<DeleteGroupsResponseView<'_>> for DeleteGroupsResponse {
    fn from(v: DeleteGroupsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            results: v.results.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteGroupsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.throttle_time_ms = g.i32();
        m.results = g.array(|g| DeletableGroupResult::filled(g, f));
        m
    }
}

/// Part of a [`DeleteGroupsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeletableGroupResult {
    /// The group id.
    pub group_id: String,
    /// The deletion error, or 0 if the deletion succeeded.
    pub error_code: i16,
}

impl DeletableGroupResult {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        w.i16(self.error_code);
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`DeletableGroupResult`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeletableGroupResultView<'a> {
    /// See [`DeletableGroupResult::group_id`].
    pub group_id: &'a str,
    /// See [`DeletableGroupResult::error_code`].
    pub error_code: i16,
}

impl<'a> View<'a> for DeletableGroupResultView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        v.error_code = r.i16()?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DeletableGroupResultView<'_>> for DeletableGroupResult {
    fn from(v: DeletableGroupResultView<'_>) -> Self {
        Self { group_id: v.group_id.into(), error_code: v.error_code }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeletableGroupResult {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        m.error_code = g.i16();
        m
    }
}

impl Message for DeleteGroupsResponse {
    const NAME: &'static str = "DeleteGroupsResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = DeleteGroupsResponseView<'a>;

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

    fn from_view(view: DeleteGroupsResponseView<'_>) -> Self {
        view.into()
    }
}
