//! Keys of the records in `__consumer_offsets`. The values are [`super::encode_versioned`] messages.

use super::error::{DecodeError, EncodeError};
use super::generated::{
    GroupMetadataKey, GroupMetadataKeyView, LegacyOffsetCommitKey, OffsetCommitKey,
    OffsetCommitKeyView,
};
use super::message::Message;
use super::reader::Reader;
use super::writer::Writer;

/// Which state a record of `__consumer_offsets` is about: two bytes for the type, then the key itself,
/// which always has version 0.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CoordinatorKey<'a> {
    /// A committed offset; the value is an `OffsetCommitValue`.
    Offset(OffsetCommitKeyView<'a>),
    /// A group of the classic protocol; the value is a `GroupMetadataValue`.
    Group(GroupMetadataKeyView<'a>),
    /// A type that this broker does not write: to be kept and passed over.
    Other(i16),
}

impl<'a> CoordinatorKey<'a> {
    /// Reads the key of a record.
    ///
    /// # Errors
    /// When the bytes of a known type are not such a key.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(bytes);
        let kind = reader.i16()?;
        let rest = reader.rest();
        Ok(match kind {
            // Type 0 is the same key as type 1, written by Kafka before version 0.9.
            LegacyOffsetCommitKey::RECORD_TYPE | OffsetCommitKey::RECORD_TYPE => {
                Self::Offset(OffsetCommitKey::decode(rest, 0)?)
            }
            GroupMetadataKey::RECORD_TYPE => Self::Group(GroupMetadataKey::decode(rest, 0)?),
            other => Self::Other(other),
        })
    }
}

impl OffsetCommitKey {
    /// The key of a record: type, group, topic, partition.
    ///
    /// # Errors
    /// When a name is longer than 32767 bytes.
    pub fn record_key(&self) -> Result<Vec<u8>, EncodeError> {
        record_key(Self::RECORD_TYPE, self)
    }
}

impl GroupMetadataKey {
    /// The key of a record: type, group.
    ///
    /// # Errors
    /// When the name is longer than 32767 bytes.
    pub fn record_key(&self) -> Result<Vec<u8>, EncodeError> {
        record_key(Self::RECORD_TYPE, self)
    }
}

fn record_key<M: Message>(kind: i16, key: &M) -> Result<Vec<u8>, EncodeError> {
    let mut w = Writer::new();
    w.i16(kind);
    key.encode(&mut w, 0)?;
    w.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_byte_for_byte_kafkas() {
        let key = OffsetCommitKey { group: "g".to_owned(), topic: "top".to_owned(), partition: 7 };
        let bytes = key.record_key().unwrap();
        assert_eq!(bytes, b"\x00\x01\x00\x01g\x00\x03top\x00\x00\x00\x07");
        let CoordinatorKey::Offset(view) = CoordinatorKey::decode(&bytes).unwrap() else {
            panic!("not an offset key")
        };
        assert_eq!((view.group, view.topic, view.partition), ("g", "top", 7));

        let bytes = GroupMetadataKey { group: "g".to_owned() }.record_key().unwrap();
        assert_eq!(bytes, b"\x00\x02\x00\x01g");
    }

    #[test]
    fn types_of_other_brokers_are_passed_over() {
        assert!(matches!(CoordinatorKey::decode(&[0, 3, 1, 2]), Ok(CoordinatorKey::Other(3))));
        assert!(CoordinatorKey::decode(&[0]).is_err());
        assert!(CoordinatorKey::decode(&[0, 2, 0, 9, 1]).is_err());
    }
}
