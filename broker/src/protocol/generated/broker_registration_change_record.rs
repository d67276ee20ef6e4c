// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `BrokerRegistrationChangeRecord`, versions 0-3, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{
    Array, DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer,
};

/// `BrokerRegistrationChangeRecord`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrokerRegistrationChangeRecord {
    /// The broker id.
    pub broker_id: i32,
    /// The broker epoch assigned by the controller.
    pub broker_epoch: i64,
    /// -1 if the broker has been unfenced, 0 if no change, 1 if the broker has been fenced.
    pub fenced: i8,
    /// 0 if no change, 1 if the broker is in controlled shutdown. Versions 1+.
    pub in_controlled_shutdown: i8,
    /// Log directories configured in this broker which are available. Versions 2+.
    pub log_dirs: Vec<Uuid>,
    /// Log directories that are cordoned or null if no change. Versions 3.
    pub cordoned_log_dirs: Option<Vec<Uuid>>,
}

/// A [`BrokerRegistrationChangeRecord`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrokerRegistrationChangeRecordView<'a> {
    /// See [`BrokerRegistrationChangeRecord::broker_id`].
    pub broker_id: i32,
    /// See [`BrokerRegistrationChangeRecord::broker_epoch`].
    pub broker_epoch: i64,
    /// See [`BrokerRegistrationChangeRecord::fenced`].
    pub fenced: i8,
    /// See [`BrokerRegistrationChangeRecord::in_controlled_shutdown`].
    pub in_controlled_shutdown: i8,
    /// See [`BrokerRegistrationChangeRecord::log_dirs`].
    pub log_dirs: Array<'a, Uuid>,
    /// See [`BrokerRegistrationChangeRecord::cordoned_log_dirs`].
    pub cordoned_log_dirs: Option<Array<'a, Uuid>>,
}

impl<'a> View<'a> for BrokerRegistrationChangeRecordView<'a> {
    const LEAST: usize = 13;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.broker_id = r.i32()?;
        v.broker_epoch = r.i64()?;

        r.tagged_fields(|tag, r| {
            match tag {
                0 => {
                    v.fenced = r.i8()?;
                }
                1 if f.version >= 1 => {
                    v.in_controlled_shutdown = r.i8()?;
                }
                2 if f.version >= 2 => {
                    v.log_dirs = Array::read(r, f)?;
                }
                3 if f.version >= 3 => {
                    v.cordoned_log_dirs = Array::read_nullable(r, f)?;
                }
                _ => return Ok(false),
            }
            Ok(true)
        })?;
        Ok(v)
    }
}

impl From<BrokerRegistrationChangeRecordView<'_>> for BrokerRegistrationChangeRecord {
    fn from(v: BrokerRegistrationChangeRecordView<'_>) -> Self {
        Self {
            broker_id: v.broker_id,
            broker_epoch: v.broker_epoch,
            fenced: v.fenced,
            in_controlled_shutdown: v.in_controlled_shutdown,
            log_dirs: v.log_dirs.iter().collect(),
            cordoned_log_dirs: v.cordoned_log_dirs.map(|x| x.iter().collect()),
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for BrokerRegistrationChangeRecord {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.broker_id = g.i32();
        m.broker_epoch = g.i64();
        m.fenced = g.i8();
        if f.version >= 1 {
            m.in_controlled_shutdown = g.i8();
        }
        if f.version >= 2 {
            m.log_dirs = g.array(|g| g.uuid());
        }
        if f.version >= 3 {
            m.cordoned_log_dirs = if g.null() { None } else { Some(g.array(|g| g.uuid())) };
        }
        m
    }
}

impl Message for BrokerRegistrationChangeRecord {
    const NAME: &'static str = "BrokerRegistrationChangeRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 3;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = BrokerRegistrationChangeRecordView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i32(self.broker_id);
        w.i64(self.broker_epoch);

        if f.version <= 0 && self.in_controlled_shutdown != 0 {
            return Err(EncodeError::FieldNotInVersion {
                field: "BrokerRegistrationChangeRecord.in_controlled_shutdown",
                version: f.version,
            });
        }
        if f.version <= 1 && !self.log_dirs.is_empty() {
            return Err(EncodeError::FieldNotInVersion {
                field: "BrokerRegistrationChangeRecord.log_dirs",
                version: f.version,
            });
        }
        if f.version <= 2 && self.cordoned_log_dirs.is_some() {
            return Err(EncodeError::FieldNotInVersion {
                field: "BrokerRegistrationChangeRecord.cordoned_log_dirs",
                version: f.version,
            });
        }
        w.uvarint(
            u32::from(self.fenced != 0)
                + u32::from(f.version >= 1 && self.in_controlled_shutdown != 0)
                + u32::from(f.version >= 2 && !self.log_dirs.is_empty())
                + u32::from(f.version >= 3 && self.cordoned_log_dirs.is_some()),
        );
        if self.fenced != 0 {
            let tag = w.begin_tag(0);
            w.i8(self.fenced);
            w.end_tag(tag)?;
        }
        if f.version >= 1 && self.in_controlled_shutdown != 0 {
            let tag = w.begin_tag(1);
            w.i8(self.in_controlled_shutdown);
            w.end_tag(tag)?;
        }
        if f.version >= 2 && !self.log_dirs.is_empty() {
            let tag = w.begin_tag(2);
            w.count(self.log_dirs.len(), f)?;
            for value in &self.log_dirs {
                w.uuid(*value);
            }
            w.end_tag(tag)?;
        }
        if f.version >= 3 && self.cordoned_log_dirs.is_some() {
            let tag = w.begin_tag(3);
            match &self.cordoned_log_dirs {
                Some(values) => {
                    w.count(values.len(), f)?;
                    for value in values {
                        w.uuid(*value);
                    }
                }
                None => w.null(f),
            }
            w.end_tag(tag)?;
        }
        Ok(())
    }

    fn from_view(view: BrokerRegistrationChangeRecordView<'_>) -> Self {
        view.into()
    }
}

impl BrokerRegistrationChangeRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 17;
}
