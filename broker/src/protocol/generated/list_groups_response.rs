// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ListGroupsResponse`, versions 0-5, flexible from 3.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{Array, DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `ListGroupsResponse`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListGroupsResponse {
    /// The duration in milliseconds for which the request was throttled due to a quota violation,
    /// or zero if the request did not violate any quota. Versions 1+.
    pub throttle_time_ms: i32,
    /// The error code, or 0 if there was no error.
    pub error_code: i16,
    /// Each group in the response.
    pub groups: Vec<ListedGroup>,
}

/// A [`ListGroupsResponse`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListGroupsResponseView<'a> {
    /// See [`ListGroupsResponse::throttle_time_ms`].
    pub throttle_time_ms: i32,
    /// See [`ListGroupsResponse::error_code`].
    pub error_code: i16,
    /// See [`ListGroupsResponse::groups`].
    pub groups: Array<'a, ListedGroupView<'a>>,
}

impl<'a> View<'a> for ListGroupsResponseView<'a> {
    const LEAST: usize = 6;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        if f.version >= 1 {
            v.throttle_time_ms = r.i32()?;
        }
        v.error_code = r.i16()?;
        v.groups = Array::read(r, f)?;
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ListGroupsResponseView<'_>> for ListGroupsResponse {
    fn from(v: ListGroupsResponseView<'_>) -> Self {
        Self {
            throttle_time_ms: v.throttle_time_ms,
            error_code: v.error_code,
            groups: v.groups.iter().map(Into::into).collect(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListGroupsResponse {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        if f.version >= 1 {
            m.throttle_time_ms = g.i32();
        }
        m.error_code = g.i16();
        m.groups = g.array(|g| ListedGroup::filled(g, f));
        m
    }
}

/// Part of a [`ListGroupsResponse`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedGroup {
    /// The group ID.
    pub group_id: String,
    /// The group protocol type.
    pub protocol_type: String,
    /// The group state name. Versions 4+.
    pub group_state: String,
    /// The group type name. Versions 5.
    pub group_type: String,
}

impl ListedGroup {
    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group_id, f)?;
        w.string(&self.protocol_type, f)?;
        if f.version >= 4 {
            w.string(&self.group_state, f)?;
        }
        if f.version >= 5 {
            w.string(&self.group_type, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }
}

/// A [`ListedGroup`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListedGroupView<'a> {
    /// See [`ListedGroup::group_id`].
    pub group_id: &'a str,
    /// See [`ListedGroup::protocol_type`].
    pub protocol_type: &'a str,
    /// See [`ListedGroup::group_state`].
    pub group_state: &'a str,
    /// See [`ListedGroup::group_type`].
    pub group_type: &'a str,
}

impl<'a> View<'a> for ListedGroupView<'a> {
    const LEAST: usize = 3;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group_id = r.string(f)?;
        v.protocol_type = r.string(f)?;
        if f.version >= 4 {
            v.group_state = r.string(f)?;
        }
        if f.version >= 5 {
            v.group_type = r.string(f)?;
        }
        if f.flexible {
            r.tagged_fields(|_, _| Ok(false))?;
        }
        Ok(v)
    }
}

impl From<ListedGroupView<'_>> for ListedGroup {
    fn from(v: ListedGroupView<'_>) -> Self {
        Self {
            group_id: v.group_id.into(),
            protocol_type: v.protocol_type.into(),
            group_state: v.group_state.into(),
            group_type: v.group_type.into(),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ListedGroup {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.group_id = g.string();
        m.protocol_type = g.string();
        if f.version >= 4 {
            m.group_state = g.string();
        }
        if f.version >= 5 {
            m.group_type = g.string();
        }
        m
    }
}

impl Message for ListGroupsResponse {
    const NAME: &'static str = "ListGroupsResponse";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 5;
    const FLEXIBLE_FROM: i16 = 3;

    type View<'a> = ListGroupsResponseView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        if f.version >= 1 {
            w.i32(self.throttle_time_ms);
        }
        w.i16(self.error_code);
        w.count(self.groups.len(), f)?;
        for value in &self.groups {
            value.write(w, f)?;
        }
        if f.flexible {
            w.uvarint(0);
        }
        Ok(())
    }

    fn from_view(view: ListGroupsResponseView<'_>) -> Self {
        view.into()
    }
}
