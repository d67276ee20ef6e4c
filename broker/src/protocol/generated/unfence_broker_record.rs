// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `UnfenceBrokerRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `UnfenceBrokerRecord`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnfenceBrokerRecord {
    /// The broker ID to unfence.
    pub id: i32,
    /// The epoch of the broker to unfence.
    pub epoch: i64,
}

/// A [`UnfenceBrokerRecord`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnfenceBrokerRecordView {
    /// See [`UnfenceBrokerRecord::id`].
    pub id: i32,
    /// See [`UnfenceBrokerRecord::epoch`].
    pub epoch: i64,
}

impl<'a> View<'a> for UnfenceBrokerRecordView {
    const LEAST: usize = 13;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.id = r.i32()?;
        v.epoch = r.i64()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<UnfenceBrokerRecordView> for UnfenceBrokerRecord {
    fn from(v: UnfenceBrokerRecordView) -> Self {
        Self { id: v.id, epoch: v.epoch }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for UnfenceBrokerRecord {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.id = g.i32();
        m.epoch = g.i64();
        m
    }
}

impl Message for UnfenceBrokerRecord {
    const NAME: &'static str = "UnfenceBrokerRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = UnfenceBrokerRecordView;

    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i32(self.id);
        w.i64(self.epoch);
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: UnfenceBrokerRecordView) -> Self {
        view.into()
    }
}

impl UnfenceBrokerRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 8;
}
