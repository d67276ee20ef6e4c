// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `RemoveTopicRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer};

/// `RemoveTopicRecord`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RemoveTopicRecord {
    /// The topic to remove. All associated partitions will be removed as well.
    pub topic_id: Uuid,
}

/// A [`RemoveTopicRecord`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct RemoveTopicRecordView {
    /// See [`RemoveTopicRecord::topic_id`].
    pub topic_id: Uuid,
}

impl<'a> View<'a> for RemoveTopicRecordView {
    const LEAST: usize = 17;

    fn read(r: &mut Reader<'a>, _f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.topic_id = r.uuid()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<RemoveTopicRecordView> for RemoveTopicRecord {
    fn from(v: RemoveTopicRecordView) -> Self {
        Self { topic_id: v.topic_id }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for RemoveTopicRecord {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.topic_id = g.uuid();
        m
    }
}

impl Message for RemoveTopicRecord {
    const NAME: &'static str = "RemoveTopicRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = RemoveTopicRecordView;

    fn write(&self, w: &mut Writer, _f: Format) -> Result<(), EncodeError> {
        w.uuid(self.topic_id);
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: RemoveTopicRecordView) -> Self {
        view.into()
    }
}

impl RemoveTopicRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 9;
}
