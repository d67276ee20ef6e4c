//! Messages with their version in front: values of coordinator records, consumers' metadata.

use super::error::{DecodeError, EncodeError};
use super::message::Message;
use super::reader::Reader;
use super::writer::Writer;

/// The version (two bytes), then the message.
///
/// # Errors
/// When the version cannot express the message.
pub fn encode_versioned<M: Message>(message: &M, version: i16) -> Result<Vec<u8>, EncodeError> {
    let mut w = Writer::new();
    w.i16(version);
    message.encode(&mut w, version)?;
    w.into_bytes()
}

/// Reads the version and the message of that version, which takes up the rest.
///
/// # Errors
/// When the version is not known or the bytes are not such a message.
pub fn decode_versioned<M: Message>(bytes: &[u8]) -> Result<(i16, M::View<'_>), DecodeError> {
    let (version, rest) = split::<M>(bytes)?;
    Ok((version, M::decode(rest, version)?))
}

/// Reads the version and the message as consumers do with each other's metadata: a version newer
/// than the newest known one is read as that, and bytes behind the message are ignored. Kafka's
/// consumer protocol promises that new versions only add fields at the end.
///
/// # Errors
/// When the version is negative or the bytes do not begin with such a message.
pub fn decode_consumer_metadata<M: Message>(
    bytes: &[u8],
) -> Result<(i16, M::View<'_>), DecodeError> {
    let (version, rest) = split::<M>(bytes)?;
    let known = version.min(M::MAX_VERSION);
    Ok((version, M::decode_from(&mut Reader::new(rest), known)?))
}

fn split<M: Message>(bytes: &[u8]) -> Result<(i16, &[u8]), DecodeError> {
    let mut reader = Reader::new(bytes);
    let version = reader.i16().map_err(|error| DecodeError { message: M::NAME, ..error })?;
    Ok((version, reader.rest()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::DecodeErrorKind;
    use crate::protocol::generated::{ConsumerProtocolSubscription, OffsetCommitValue};

    #[test]
    fn a_stored_offset_is_byte_for_byte_kafkas() {
        let value = OffsetCommitValue {
            offset: 5,
            leader_epoch: 2,
            metadata: "m".to_owned(),
            commit_timestamp: 1,
            ..Default::default()
        };
        let bytes = encode_versioned(&value, 3).unwrap();
        let expected = [
            &[0, 3][..],
            &[0, 0, 0, 0, 0, 0, 0, 5],
            &[0, 0, 0, 2],
            &[0, 1, b'm'],
            &[0, 0, 0, 0, 0, 0, 0, 1],
        ];
        assert_eq!(bytes, expected.concat());
        let (version, view) = decode_versioned::<OffsetCommitValue>(&bytes).unwrap();
        assert_eq!((version, view.offset, view.metadata), (3, 5, "m"));
    }

    #[test]
    fn newer_consumer_metadata_is_read_as_the_newest_known() {
        let subscription = ConsumerProtocolSubscription {
            topics: vec!["t".to_owned()],
            rack_id: Some("r".to_owned()),
            ..Default::default()
        };
        let mut bytes = encode_versioned(&subscription, 3).unwrap();
        bytes[1] = 9;
        bytes.extend([1, 2, 3]);
        let (version, view) =
            decode_consumer_metadata::<ConsumerProtocolSubscription>(&bytes).unwrap();
        assert_eq!((version, view.rack_id), (9, Some("r")));
        assert_eq!(view.topics.first(), Some("t"));

        let error = decode_versioned::<ConsumerProtocolSubscription>(&bytes).unwrap_err();
        assert!(matches!(error.kind, DecodeErrorKind::UnsupportedVersion { .. }));
        assert!(decode_consumer_metadata::<ConsumerProtocolSubscription>(&[0]).is_err());
        assert!(decode_consumer_metadata::<ConsumerProtocolSubscription>(&[0xff; 2]).is_err());
    }
}
