// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ListGroupsRequest`, versions 0-5, flexible from 3.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `ListGroupsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListGroupsRequest {
    /// The states of the groups we want to list. If empty, all groups are returned with their
    /// state. Versions 4+.
    pub states_filter: Vec<String>,
    /// The types of the groups we want to list. If empty, all groups are returned with their type.
    /// Versions 5.
    pub types_filter: Vec<String>,
}

/// A [`ListGroupsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListGroupsRequestView<'a> {
    /// See [`ListGroupsRequest::states_filter`].
    pub states_filter: Array<'a, &'a str>,
    /// See [`ListGroupsRequest::types_filter`].
    pub types_filter: Array<'a, &'a str>,
}

impl<'a> View<'a> for ListGroupsRequestView<'a> {
    const LEAST: usize = 1;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 4 {
            v.states_filter = Array::read(r, f)?;
        }
        if f.version >= 5 {
            v.types_filter = Array::read(r, f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ListGroupsRequestView<'_>> for ListGroupsRequest {
    fn from(v: ListGroupsRequestView<'_>) -> Self {
        Self {
            states_filter: v.states_filter.iter().map(Into::into).collect(),
            types_filter: v.types_filter.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListGroupsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 4 {
            m.states_filter = g.array(|g| g.string());
        }
        if f.version >= 5 {
            m.types_filter = g.array(|g| g.string());
        }
        m
    }
}

impl Message for ListGroupsRequest {
    const NAME: &'static str = "ListGroupsRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 3;

    type View<'a> = ListGroupsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 4 {
            w.count(self.states_filter.len(), f)?;
            for value in &self.states_filter {
                w.string(value, f)?;
            }
        } else if !self.states_filter.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "ListGroupsRequest.states_filter",
                version: f.version,
            });
        }
        if f.version >= 5 {
            w.count(self.types_filter.len(), f)?;
            for value in &self.types_filter {
                w.string(value, f)?;
            }
        } else if !self.types_filter.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "ListGroupsRequest.types_filter",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: ListGroupsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for ListGroupsRequest {
    const KEY: ApiKey = ApiKey::ListGroups;
    type Response = super::ListGroupsResponse;
}
