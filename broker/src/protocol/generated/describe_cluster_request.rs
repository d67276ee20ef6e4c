// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `DescribeClusterRequest`, versions 0-2, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    ApiKey, DecodeError, EncodeError, Format, Message, Reader, Request, View, Writer,
};

/// `DescribeClusterRequest`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribeClusterRequest {
    /// Whether to include cluster authorized operations.
    pub include_cluster_authorized_operations: bool,
    /// The endpoint type to describe. 1=brokers, 2=controllers. Versions 1+.
    pub endpoint_type: i8,
    /// Whether to include fenced brokers when listing brokers. Versions 2.
    pub include_fenced_brokers: bool,
}

impl Default for DescribeClusterRequest {
    fn default() -> Self {
        Self {
            include_cluster_authorized_operations: Default::default(),
            endpoint_type: 1,
            include_fenced_brokers: Default::default(),
        }
    }
}

/// A [`DescribeClusterRequest`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct DescribeClusterRequestView {
    /// See [`DescribeClusterRequest::include_cluster_authorized_operations`].
    pub include_cluster_authorized_operations: bool,
    /// See [`DescribeClusterRequest::endpoint_type`].
    pub endpoint_type: i8,
    /// See [`DescribeClusterRequest::include_fenced_brokers`].
    pub include_fenced_brokers: bool,
}

impl Default for DescribeClusterRequestView {
    fn default() -> Self {
        Self {
            include_cluster_authorized_operations: Default::default(),
            endpoint_type: 1,
            include_fenced_brokers: Default::default(),
        }
    }
}

impl<'a> View<'a> for DescribeClusterRequestView {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.include_cluster_authorized_operations = r.bool()?;
        if f.version >= 1 {
            v.endpoint_type = r.i8()?;
        }
        if f.version >= 2 {
            v.include_fenced_brokers = r.bool()?;
        }
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<DescribeClusterRequestView> for DescribeClusterRequest {
    fn from(v: DescribeClusterRequestView) -> Self {
        Self {
            include_cluster_authorized_operations: v.include_cluster_authorized_operations,
            endpoint_type: v.endpoint_type,
            include_fenced_brokers: v.include_fenced_brokers,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for DescribeClusterRequest {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.include_cluster_authorized_operations = g.bool();
        if f.version >= 1 {
            m.endpoint_type = g.i8();
        }
        if f.version >= 2 {
            m.include_fenced_brokers = g.bool();
        }
        m
    }
}

impl Message for DescribeClusterRequest {
    const NAME: &'static str = "DescribeClusterRequest";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 2;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = DescribeClusterRequestView;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.bool(self.include_cluster_authorized_operations);
        if f.version >= 1 {
            w.i8(self.endpoint_type);
        } else if self.endpoint_type != 1 {
            return Err(EncodeError::FieldNotInVersion {
                field: "DescribeClusterRequest.endpoint_type",
                version: f.version,
            });
        }
        if f.version >= 2 {
            w.bool(self.include_fenced_brokers);
        } else if self.include_fenced_brokers {
            return Err(EncodeError::FieldNotInVersion {
                field: "DescribeClusterRequest.include_fenced_brokers",
                version: f.version,
            });
        }
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: DescribeClusterRequestView) -> Self {
        view.into()
    }
}

impl Request for DescribeClusterRequest {
    const KEY: ApiKey = ApiKey::DescribeCluster;
    type Response = super::DescribeClusterResponse;
}
