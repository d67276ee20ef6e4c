// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ListConfigResourcesRequest`, versions 0-1, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `ListConfigResourcesRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListConfigResourcesRequest {
    /// The list of resource type. If the list is empty, it uses default supported config resource
    /// types. Versions 1.
    pub resource_types: Vec<i8>,
}

/// A [`ListConfigResourcesRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListConfigResourcesRequestView<'a> {
    /// See [`ListConfigResourcesRequest::resource_types`].
    pub resource_types: Array<'a, i8>,
}

impl<'a> View<'a> for ListConfigResourcesRequestView<'a> {
    const LEAST: usize = 1;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 1 {
            v.resource_types = Array::read(r, f)?;
        }
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<ListConfigResourcesRequestView<'_>> for ListConfigResourcesRequest {
    fn from(v: ListConfigResourcesRequestView<'_>) -> Self {
        Self { resource_types: v.resource_types.iter().collect() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListConfigResourcesRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 1 {
            m.resource_types = g.array(|g| g.i8());
        }
        m
    }
}

impl Message for ListConfigResourcesRequest {
    const NAME: &'static str = "ListConfigResourcesRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 1;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = ListConfigResourcesRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 1 {
            w.count(self.resource_types.len(), f)?;
            for value in &self.resource_types {
                w.i8(*value);
            }
        } else if !self.resource_types.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "ListConfigResourcesRequest.resource_types",
                version: f.version,
            });
        }
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: ListConfigResourcesRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for ListConfigResourcesRequest {
    const KEY: ApiKey = ApiKey::ListConfigResources;
    type Response = super::ListConfigResourcesResponse;
}
