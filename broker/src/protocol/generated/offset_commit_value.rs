// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `OffsetCommitValue`, versions 0-4, flexible from 4.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer};

/// `OffsetCommitValue`, to be encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct OffsetCommitValue {
    /// The offset that the consumer wants to store (for this partition).
    pub offset: i64,
    /// The leader epoch of the last consumed record. Versions 3+.
    pub leader_epoch: i32,
    /// Any metadata the client wants to keep.
    pub metadata: String,
    /// The time at which the commit was added to the log.
    pub commit_timestamp: i64,
    /// The time at which the offset will expire. Versions 1.
    pub expire_timestamp: i64,
    /// The topic id of the committed offset. Versions 4.
    pub topic_id: Uuid,
}

impl Default for OffsetCommitValue {
    fn default() -> Self {
        Self {
            offset: Default::default(),
            leader_epoch: -1,
            metadata: Default::default(),
            commit_timestamp: Default::default(),
            expire_timestamp: -1,
            topic_id: Default::default(),
        }
    }
}

/// A [`OffsetCommitValue`] in received bytes.
#[derive(Clone, Copy, Debug)]
pub struct OffsetCommitValueView<'a> {
    /// See [`OffsetCommitValue::offset`].
    pub offset: i64,
    /// See [`OffsetCommitValue::leader_epoch`].
    pub leader_epoch: i32,
    /// See [`OffsetCommitValue::metadata`].
    pub metadata: &'a str,
    /// See [`OffsetCommitValue::commit_timestamp`].
    pub commit_timestamp: i64,
    /// See [`OffsetCommitValue::expire_timestamp`].
    pub expire_timestamp: i64,
    /// See [`OffsetCommitValue::topic_id`].
    pub topic_id: Uuid,
}

impl Default for OffsetCommitValueView<'_> {
    fn default() -> Self {
        Self {
            offset: Default::default(),
            leader_epoch: -1,
            metadata: Default::default(),
            commit_timestamp: Default::default(),
            expire_timestamp: -1,
            topic_id: Default::default(),
        }
    }
}

impl<'a> View<'a> for OffsetCommitValueView<'a> {
    const LEAST: usize = 18;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.offset = r.i64()?;
        if f.version >= 3 {
            v.leader_epoch = r.i32()?;
        }
        v.metadata = r.string(f)?;
        v.commit_timestamp = r.i64()?;
        if f.version == 1 {
            v.expire_timestamp = r.i64()?;
        }

        if f.flexible {
            r.tagged_fields(|tag, r| {
                match tag {
                    0 if f.version >= 4 => {
                        v.topic_id = r.uuid()?;
                    }
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
        }
        Ok(v)
    }
}

impl From<OffsetCommitValueView<'_>> for OffsetCommitValue {
    fn from(v: OffsetCommitValueView<'_>) -> Self {
        Self {
            offset: v.offset,
            leader_epoch: v.leader_epoch,
            metadata: v.metadata.into(),
            commit_timestamp: v.commit_timestamp,
            expire_timestamp: v.expire_timestamp,
            topic_id: v.topic_id,
        }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for OffsetCommitValue {
    fn filled(g: &mut Fill, f: Format) -> Self {
        let mut m = Self::default();
        m.offset = g.i64();
        if f.version >= 3 {
            m.leader_epoch = g.i32();
        }
        m.metadata = g.string();
        m.commit_timestamp = g.i64();
        if f.version == 1 {
            m.expire_timestamp = g.i64();
        }
        if f.version >= 4 {
            m.topic_id = g.uuid();
        }
        m
    }
}

impl Message for OffsetCommitValue {
    const NAME: &'static str = "OffsetCommitValue";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 4;
    const FLEXIBLE_FROM: i16 = 4;

    type View<'a> = OffsetCommitValueView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.i64(self.offset);
        if f.version >= 3 {
            w.i32(self.leader_epoch);
        }
        w.string(&self.metadata, f)?;
        w.i64(self.commit_timestamp);
        if f.version == 1 {
            w.i64(self.expire_timestamp);
        }

        if f.flexible {
            w.uvarint(u32::from(f.version >= 4 && !self.topic_id.is_zero()));
            if f.version >= 4 && !self.topic_id.is_zero() {
                let tag = w.begin_tag(0);
                w.uuid(self.topic_id);
                w.end_tag(tag)?;
            }
        }
        Ok(())
    }

    fn from_view(view: OffsetCommitValueView<'_>) -> Self {
        view.into()
    }
}

impl OffsetCommitValue {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 1;
}
