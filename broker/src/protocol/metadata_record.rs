//! The cluster's metadata records in the frame that Kafka's metadata log gives them.

use super::error::{DecodeError, DecodeErrorKind, EncodeError};
use super::generated::*;
use super::message::Message;
use super::reader::Reader;
use super::writer::Writer;

/// The only version of the frame so far.
const FRAME_VERSION: u32 = 1;

macro_rules! metadata_records {
    ($($kind:ident $record:ident,)*) => {
        /// A record of the cluster's metadata. Stored as an unsigned varint each for the version of
        /// this frame (1), the type and the version of the record, then the record.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum MetadataRecord {
            $(
                #[doc = concat!("See [`", stringify!($record), "`].")]
                $kind($record),
            )*
        }

        $(
            impl From<$record> for MetadataRecord {
                fn from(record: $record) -> Self {
                    Self::$kind(record)
                }
            }
        )*

        impl MetadataRecord {
            /// Kafka's name of the record.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $record::NAME,)*
                }
            }

            /// The framed record, in its newest version.
            ///
            /// # Errors
            /// When a string or array is too long.
            pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
                let mut w = Writer::new();
                match self {
                    $(Self::$kind(record) => {
                        frame(&mut w, $record::RECORD_TYPE, $record::MAX_VERSION);
                        record.encode(&mut w, $record::MAX_VERSION)?;
                    })*
                }
                w.into_bytes()
            }

            /// Reads a framed record that takes up all of `bytes`, in any version.
            ///
            /// # Errors
            /// When the frame, the type or the version is not known, or the bytes are no such record.
            pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
                let mut reader = Reader::new(bytes);
                let (kind, version) = unframe(&mut reader)
                    .map_err(|error| DecodeError { message: "metadata record", ..error })?;
                let rest = reader.rest();
                match kind {
                    $($record::RECORD_TYPE => {
                        Ok(Self::$kind($record::from_view($record::decode(rest, version)?)))
                    })*
                    other => {
                        let kind = DecodeErrorKind::UnknownRecord { id: i32::from(other) };
                        let error = reader.error(kind);
                        Err(DecodeError { message: "metadata record", version, ..error })
                    }
                }
            }
        }
    };
}

metadata_records! {
    RegisterBroker RegisterBrokerRecord,
    UnregisterBroker UnregisterBrokerRecord,
    Topic TopicRecord,
    Partition PartitionRecord,
    Config ConfigRecord,
    PartitionChange PartitionChangeRecord,
    FenceBroker FenceBrokerRecord,
    UnfenceBroker UnfenceBrokerRecord,
    RemoveTopic RemoveTopicRecord,
    FeatureLevel FeatureLevelRecord,
    ProducerIds ProducerIdsRecord,
    BrokerRegistrationChange BrokerRegistrationChangeRecord,
    NoOp NoOpRecord,
}

fn frame(w: &mut Writer, kind: i16, version: i16) {
    w.uvarint(FRAME_VERSION);
    // Types and versions are never negative.
    w.uvarint(u32::from(kind.unsigned_abs()));
    w.uvarint(u32::from(version.unsigned_abs()));
}

fn unframe(reader: &mut Reader<'_>) -> Result<(i16, i16), DecodeError> {
    let version = reader.uvarint()?;
    if version != FRAME_VERSION {
        return Err(reader.error(DecodeErrorKind::UnknownFrame { version }));
    }
    let (kind, version) = (reader.uvarint()?, reader.uvarint()?);
    let short = |value: u32| {
        let id = i32::try_from(value).unwrap_or(i32::MAX);
        i16::try_from(value).map_err(|_| reader.error(DecodeErrorKind::UnknownRecord { id }))
    };
    Ok((short(kind)?, short(version)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Uuid;

    #[test]
    fn records_are_framed_as_in_kafkas_metadata_log() {
        let topic = TopicRecord { name: "foo".to_owned(), topic_id: Uuid([9; 16]) };
        let record = MetadataRecord::from(topic);
        let bytes = record.encode().unwrap();
        // Frame version 1, type 2, version 0; compact string; id; no tagged fields.
        let expected = [&[1, 2, 0][..], b"\x04foo", &[9; 16], &[0]].concat();
        assert_eq!(bytes, expected);
        assert_eq!(MetadataRecord::decode(&bytes), Ok(record));
    }

    #[test]
    fn unknown_frames_types_and_versions_are_named() {
        let kind = |bytes: &[u8]| MetadataRecord::decode(bytes).unwrap_err().kind;
        assert_eq!(kind(&[2, 2, 0]), DecodeErrorKind::UnknownFrame { version: 2 });
        assert_eq!(kind(&[1, 99, 0]), DecodeErrorKind::UnknownRecord { id: 99 });
        assert_eq!(
            kind(&[1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]),
            DecodeErrorKind::UnknownRecord { id: i32::MAX }
        );
        assert_eq!(kind(&[1, 2, 7]), DecodeErrorKind::UnsupportedVersion { min: 0, max: 0 });
        assert!(MetadataRecord::decode(&[]).is_err());
    }
}
