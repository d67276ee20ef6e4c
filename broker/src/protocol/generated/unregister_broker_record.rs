// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `UnregisterBrokerRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `UnregisterBrokerRecord`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnregisterBrokerRecord {
    /// The broker id.
    pub broker_id: i32,
    /// The broker epoch.
    pub broker_epoch: i64,
}

/// A [`UnregisterBrokerRecord`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnregisterBrokerRecordView {
    /// See [`UnregisterBrokerRecord::broker_id`].
    pub broker_id: i32,
    /// See [`UnregisterBrokerRecord::broker_epoch`].
    pub broker_epoch: i64,
}

impl<'a> View<'a> for UnregisterBrokerRecordView {
    const LEAST: usize = 13;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.broker_id = r.i32()?;
        v.broker_epoch = r.i64()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<UnregisterBrokerRecordView> for UnregisterBrokerRecord {
    fn from(v: UnregisterBrokerRecordView) -> Self {
        Self { broker_id: v.broker_id, broker_epoch: v.broker_epoch }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for UnregisterBrokerRecord {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.broker_id = g.i32();
        m.broker_epoch = g.i64();
        m
    }
}

impl Message for UnregisterBrokerRecord {
    const NAME: &'static str = "UnregisterBrokerRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = UnregisterBrokerRecordView;

    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i32(self.broker_id);
        w.i64(self.broker_epoch);
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: UnregisterBrokerRecordView) -> Self {
        view.into()
    }
}

impl UnregisterBrokerRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 1;
}
