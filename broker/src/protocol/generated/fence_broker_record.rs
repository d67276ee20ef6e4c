// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `FenceBrokerRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `FenceBrokerRecord`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FenceBrokerRecord {
    /// The broker ID to fence. It will be removed from all ISRs.
    pub id: i32,
    /// The epoch of the broker to fence.
    pub epoch: i64,
}

/// A [`FenceBrokerRecord`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct FenceBrokerRecordView {
    /// See [`FenceBrokerRecord::id`].
    pub id: i32,
    /// See [`FenceBrokerRecord::epoch`].
    pub epoch: i64,
}

impl<'a> View<'a> for FenceBrokerRecordView {
    const LEAST: usize = 13;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.id = r.i32()?;
        v.epoch = r.i64()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<FenceBrokerRecordView> for FenceBrokerRecord {
    fn from(v: FenceBrokerRecordView) -> Self {
        Self { id: v.id, epoch: v.epoch }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for FenceBrokerRecord {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.id = g.i32();
        m.epoch = g.i64();
        m
    }
}

impl Message for FenceBrokerRecord {
    const NAME: &'static str = "FenceBrokerRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = FenceBrokerRecordView;

    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i32(self.id);
        w.i64(self.epoch);
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: FenceBrokerRecordView) -> Self {
        view.into()
    }
}

impl FenceBrokerRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 7;
}
