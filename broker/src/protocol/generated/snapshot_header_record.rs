// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `SnapshotHeaderRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, View, Writer};

/// `SnapshotHeaderRecord`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SnapshotHeaderRecord {
    /// The version of the snapshot header record.
    pub version: i16,
    /// The append time of the last record from the log contained in this snapshot.
    pub last_contained_log_timestamp: i64,
}

/// A [`SnapshotHeaderRecord`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SnapshotHeaderRecordView {
    /// See [`SnapshotHeaderRecord::version`].
    pub version: i16,
    /// See [`SnapshotHeaderRecord::last_contained_log_timestamp`].
    pub last_contained_log_timestamp: i64,
}

impl<'a> View<'a> for SnapshotHeaderRecordView {
    const LEAST: usize = 11;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.version = r.i16()?;
        v.last_contained_log_timestamp = r.i64()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<SnapshotHeaderRecordView> for SnapshotHeaderRecord {
    fn from(v: SnapshotHeaderRecordView) -> Self {
        Self { version: v.version, last_contained_log_timestamp: v.last_contained_log_timestamp }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for SnapshotHeaderRecord {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.version = g.i16();
        m.last_contained_log_timestamp = g.i64();
        m
    }
}

impl Message for SnapshotHeaderRecord {
    const NAME: &'static str = "SnapshotHeaderRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = SnapshotHeaderRecordView;

    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.i16(self.version);
        w.i64(self.last_contained_log_timestamp);
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: SnapshotHeaderRecordView) -> Self {
        view.into()
    }
}
