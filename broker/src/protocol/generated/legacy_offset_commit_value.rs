// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `LegacyOffsetCommitValue`, versions 0, never flexible.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `LegacyOffsetCommitValue`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegacyOffsetCommitValue {
    /// The offset that the consumer wants to store (for this partition).
    pub offset: i64,
    /// Any metadata the client wants to keep.
    pub metadata: String,
    /// The time at which the commit was added to the log.
    pub commit_timestamp: i64,
}

/// A [`LegacyOffsetCommitValue`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct LegacyOffsetCommitValueView<'a> {
    /// See [`LegacyOffsetCommitValue::offset`].
    pub offset: i64,
    /// See [`LegacyOffsetCommitValue::metadata`].
    pub metadata: &'a str,
    /// See [`LegacyOffsetCommitValue::commit_timestamp`].
    pub commit_timestamp: i64,
}

impl<'a> View<'a> for LegacyOffsetCommitValueView<'a> {
    const LEAST: usize = 18;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.offset = r.i64()?;
        v.metadata = r.string(f)?;
        v.commit_timestamp = r.i64()?;
        Ok(v)
    }
}

impl From<LegacyOffsetCommitValueView<'_>> for LegacyOffsetCommitValue {
    fn from(v: LegacyOffsetCommitValueView<'_>) -> Self {
        Self { offset: v.offset, metadata: v.metadata.into(), commit_timestamp: v.commit_timestamp }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for LegacyOffsetCommitValue {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.offset = g.i64();
        m.metadata = g.string();
        m.commit_timestamp = g.i64();
        m
    }
}

impl Message for LegacyOffsetCommitValue {
    const NAME: &'static str = "LegacyOffsetCommitValue";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = i16::MAX;

    type View<'a> = LegacyOffsetCommitValueView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i64(self.offset);
        w.string(&self.metadata, f)?;
        w.i64(self.commit_timestamp);
        Ok(())
    }

    fn from_view(view: LegacyOffsetCommitValueView<'_>) -> Self {
        view.into()
    }
}

impl LegacyOffsetCommitValue {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 0;
}
