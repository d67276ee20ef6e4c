// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! `TopicRecord`, versions 0, flexible from 0.

#[cfg(any(test, feature = "fill"))]
use crate::protocol::fill::{Fill, Filled};
use crate::protocol::{DecodeError, EncodeError, Format, Message, Reader, Uuid, View, Writer};

/// `TopicRecord`, to be encoded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicRecord {
    /// The topic name.
    pub name: String,
    /// The unique ID of this topic.
    pub topic_id: Uuid,
}

/// A [`TopicRecord`] in received bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct TopicRecordView<'a> {
    /// See [`TopicRecord::name`].
    pub name: &'a str,
    /// See [`TopicRecord::topic_id`].
    pub topic_id: Uuid,
}

impl<'a> View<'a> for TopicRecordView<'a> {
    const LEAST: usize = 18;

    fn read(r: &mut Reader<'a>, f: Format) -> Result<Self, DecodeError> {
        let mut v = Self::default();
        v.name = r.string(f)?;
        v.topic_id = r.uuid()?;
        r.tagged_fields(|_, _| Ok(false))?;
        Ok(v)
    }
}

impl From<TopicRecordView<'_>> for TopicRecord {
    fn from(v: TopicRecordView<'_>) -> Self {
        Self { name: v.name.into(), topic_id: v.topic_id }
    }
}

#[cfg(any(test, feature = "fill"))]
impl Filled for TopicRecord {
    fn filled(g: &mut Fill, _f: Format) -> Self {
        let mut m = Self::default();
        m.name = g.string();
        m.topic_id = g.uuid();
        m
    }
}

impl Message for TopicRecord {
    const NAME: &'static str = "TopicRecord";
    const MIN_VERSION: i16 = 0;
    const MAX_VERSION: i16 = 0;
    const FLEXIBLE_FROM: i16 = 0;

    type View<'a> = TopicRecordView<'a>;

    fn write(&self, w: &mut Writer, f: Format) -> Result<(), EncodeError> {
        w.string(&self.name, f)?;
        w.uuid(self.topic_id);
        w.uvarint(0);
        Ok(())
    }

    fn from_view(view: TopicRecordView<'_>) -> Self {
        view.into()
    }
}

impl TopicRecord {
    /// The number that tells this kind of record from others.
    pub const RECORD_TYPE: i16 = 2;
}
