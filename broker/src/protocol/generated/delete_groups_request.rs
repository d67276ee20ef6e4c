// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DeleteGroupsRequest`, versions 0-2, flexible from 2.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `DeleteGroupsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteGroupsRequest {
    /// The group names to delete.
    pub groups_names: Vec<String>,
}

/// A [`DeleteGroupsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeleteGroupsRequestView<'a> {
    /// See [`DeleteGroupsRequest::groups_names`].
    pub groups_names: Array<'a, &'a str>,
}

impl<'a> View<'a> for DeleteGroupsRequestView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.groups_names = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DeleteGroupsRequestView<'_>> for DeleteGroupsRequest {
    fn from(v: DeleteGroupsRequestView<'_>) -> Self {
        Self { groups_names: v.groups_names.iter().map(Into::into).collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DeleteGroupsRequest {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.groups_names = g.array(|g| g.string());
        m
    }
}

impl Message for DeleteGroupsRequest {
    const NAME: &'static str = "DeleteGroupsRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 2;

    type View<'a> = DeleteGroupsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.groups_names.len(), f)?;
        for value in &self.groups_names {
            w.string(value, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DeleteGroupsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for DeleteGroupsRequest {
    const KEY: ApiKey = ApiKey::DeleteGroups;
    type Response = super::DeleteGroupsResponse;
}
