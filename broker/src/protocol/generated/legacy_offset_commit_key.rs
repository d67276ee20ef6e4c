// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `LegacyOffsetCommitKey`, versions 0, never flexible.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `LegacyOffsetCommitKey`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegacyOffsetCommitKey {
    /// The consumer group id.
    pub group: String,
    /// The topic name.
    pub topic: String,
    /// The topic partition index.
    pub partition: i32,
}

/// A [`LegacyOffsetCommitKey`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct LegacyOffsetCommitKeyView<'a> {
    /// See [`LegacyOffsetCommitKey::group`].
    pub group: &'a str,
    /// See [`LegacyOffsetCommitKey::topic`].
    pub topic: &'a str,
    /// See [`LegacyOffsetCommitKey::partition`].
    pub partition: i32,
}

impl<'a> View<'a> for LegacyOffsetCommitKeyView<'a> {
    const LEAST: usize = 8;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.group = r.string(f)?;
        v.topic = r.string(f)?;
        v.partition = r.i32()?;
        Ok(v)
    }
}

impl From<LegacyOffsetCommitKeyView<'_>> for LegacyOffsetCommitKey {
    fn from(v: LegacyOffsetCommitKeyView<'_>) -> Self {
        Self { group: v.group.into(), topic: v.topic.into(), partition: v.partition }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for LegacyOffsetCommitKey {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.group = g.string();
        m.topic = g.string();
        m.partition = g.i32();
        m
    }
}

impl Message for LegacyOffsetCommitKey {
    const NAME: &'static str = "LegacyOffsetCommitKey";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = i16::MAX;

    type View<'a> = LegacyOffsetCommitKeyView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.group, f)?;
        w.string(&self.topic, f)?;
        w.i32(self.partition);
        Ok(())
    }

    fn from_view(view: LegacyOffsetCommitKeyView<'_>) -> Self {
        view.into()
    }
}

impl LegacyOffsetCommitKey {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 0;
}
