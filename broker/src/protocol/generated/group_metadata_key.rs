// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `GroupMetadataKey`, versions 0, never flexible.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `GroupMetadataKey`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupMetadataKey {
    /// The group id.
    pub group: String,
}

/// A [`GroupMetadataKey`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct GroupMetadataKeyView<'a> {
    /// See [`GroupMetadataKey::group`].
    pub group: &'a str,
}

impl<'a> View<'a> for GroupMetadataKeyView<'a> {
    const LEAST: usize = 2;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group = r.string(f)?;
        Ok(v)
    }
}

impl From<GroupMetadataKeyView<'_>> for GroupMetadataKey {
    fn from(v: GroupMetadataKeyView<'_>) -> Self {
        Self { group: v.group.into() }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for GroupMetadataKey {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.group = g.string();
        m
    }
}

impl Message for GroupMetadataKey {
    const NAME: &'static str = "GroupMetadataKey";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = i16::MAX;

    type View<'a> = GroupMetadataKeyView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group, f)?;
        Ok(())
    }

    fn from_view(view: GroupMetadataKeyView<'_>) -> Self {
        view.into()
    }
}

impl GroupMetadataKey {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 2;
}
