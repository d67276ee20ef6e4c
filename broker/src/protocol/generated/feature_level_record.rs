// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `FeatureLevelRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `FeatureLevelRecord`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureLevelRecord {
    /// The feature name.
    pub name: String,
    /// The current finalized feature level of this feature for the cluster, a value of 0 means
    /// feature not supported.
    pub feature_level: i16,
}

/// A [`FeatureLevelRecord`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct FeatureLevelRecordView<'a> {
    /// See [`FeatureLevelRecord::name`].
    pub name: &'a str,
    /// See [`FeatureLevelRecord::feature_level`].
    pub feature_level: i16,
}

impl<'a> View<'a> for FeatureLevelRecordView<'a> {
    const LEAST: usize = 4;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.feature_level = r.i16()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<FeatureLevelRecordView<'_>> for FeatureLevelRecord {
    fn from(v: FeatureLevelRecordView<'_>) -> Self {
        Self { name: v.name.into(), feature_level: v.feature_level }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FeatureLevelRecord {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.feature_level = g.i16();
        m
    }
}

impl Message for FeatureLevelRecord {
    const NAME: &'static str = "FeatureLevelRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = FeatureLevelRecordView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.i16(self.feature_level);
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: FeatureLevelRecordView<'_>) -> Self {
        view.into()
    }
}

impl FeatureLevelRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 12;
}
