// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `ProducerIdsRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `ProducerIdsRecord`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct ProducerIdsRecord {
    /// The ID of the requesting broker.
    pub broker_id: i32,
    /// The epoch of the requesting broker.
    pub broker_epoch: i64,
    /// The next producerId that will be assigned (i.e. the first producerId in the next assigned
    /// block).
    pub next_producer_id: i64,
}

impl Default for ProducerIdsRecord {
    fn default() -> Self {
        Self {
            broker_id: Default::default(),
            broker_epoch: -1,
            next_producer_id: Default::default(),
        }
    }
}

/// A [`ProducerIdsRecord`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct ProducerIdsRecordView {
    /// See [`ProducerIdsRecord::broker_id`].
    pub broker_id: i32,
    /// See [`ProducerIdsRecord::broker_epoch`].
    pub broker_epoch: i64,
    /// See [`ProducerIdsRecord::next_producer_id`].
    pub next_producer_id: i64,
}

impl Default for ProducerIdsRecordView {
    fn default() -> Self {
        Self {
            broker_id: Default::default(),
            broker_epoch: -1,
            next_producer_id: Default::default(),
        }
    }
}

impl<'a> View<'a> for ProducerIdsRecordView {
    const LEAST: usize = 21;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.broker_id = r.i32()?;
        v.broker_epoch = r.i64()?;
        v.next_producer_id = r.i64()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<ProducerIdsRecordView> for ProducerIdsRecord {
    fn from(v: ProducerIdsRecordView) -> Self {
        Self {
            broker_id: v.broker_id,
            broker_epoch: v.broker_epoch,
            next_producer_id: v.next_producer_id,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for ProducerIdsRecord {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.broker_id = g.i32();
        m.broker_epoch = g.i64();
        m.next_producer_id = g.i64();
        m
    }
}

impl Message for ProducerIdsRecord {
    const NAME: &'static str = "ProducerIdsRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = ProducerIdsRecordView;

    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i32(self.broker_id);
        w.i64(self.broker_epoch);
        w.i64(self.next_producer_id);
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: ProducerIdsRecordView) -> Self {
        view.into()
    }
}

impl ProducerIdsRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 15;
}
