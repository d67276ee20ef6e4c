// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeGroupsRequest`, versions 0-6, flexible from 5.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, Array, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `DescribeGroupsRequest`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DescribeGroupsRequest {
    /// The names of the groups to describe.
    pub groups: Vec<String>,
    /// Whether to include authorized operations. Versions 3+.
    pub include_authorized_operations: bool,
}

/// A [`DescribeGroupsRequest`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct DescribeGroupsRequestView<'a> {
    /// See [`DescribeGroupsRequest::groups`].
    pub groups: Array<'a, &'a str>,
    /// See [`DescribeGroupsRequest::include_authorized_operations`].
    pub include_authorized_operations: bool,
}

impl<'a> View<'a> for DescribeGroupsRequestView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.groups = Array::read(r, f)?;
        if f.version >= 3 {
            v.include_authorized_operations = r.bool()?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<DescribeGroupsRequestView<'_>> for DescribeGroupsRequest {
    fn from(v: DescribeGroupsRequestView<'_>) -> Self {
        Self {
            groups: v.groups.iter().map(Into::into).collect(),
            include_authorized_operations: v.include_authorized_operations,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeGroupsRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.groups = g.array(|g| g.string());
        if f.version >= 3 {
            m.include_authorized_operations = g.bool();
        }
        m
    }
}

impl Message for DescribeGroupsRequest {
    const NAME: &'static str = "DescribeGroupsRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 6;
    const FLEXIBLE_FROM: i16 = 5;

    type View<'a> = DescribeGroupsRequestView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.count(self.groups.len(), f)?;
        for value in &self.groups {
            w.string(value, f)?;
        }
        if f.version >= 3 {
            w.bool(self.include_authorized_operations);
        } else if self.include_authorized_operations {
            return Err(EncodeError::FieldNotInVersion {
                field: "DescribeGroupsRequest.include_authorized_operations",
                version: f.version,
            });
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: DescribeGroupsRequestView<'_>) -> Self {
        view.into()
    }
}

impl Request for DescribeGroupsRequest {
    const KEY: ApiKey = ApiKey::DescribeGroups;
    type Response = super::DescribeGroupsResponse;
}
