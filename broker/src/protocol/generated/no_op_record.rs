// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `NoOpRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `NoOpRecord`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NoOpRecord {}

/// A [`NoOpRecord`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOpRecordView {}

impl<'a> View<'a> for NoOpRecordView {
    const LEAST: usize = 1;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(Self::default())
    }
}

impl From<NoOpRecordView> for NoOpRecord {
    fn from(_v: NoOpRecordView) -> Self {
        Self {}
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for NoOpRecord {
    fn filled(_g: &mut Fill, _f: Format) -> Self {
        Self::default()
    }
}

impl Message for NoOpRecord {
    const NAME: &'static str = "NoOpRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = NoOpRecordView;

    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: NoOpRecordView) -> Self {
        view.into()
    }
}

impl NoOpRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 20;
}
