//! What the members of a group of protocol type `consumer` subscribe to.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::protocol::generated::ConsumerProtocolSubscription;
use crate::protocol::{DecodeError, Message, Reader};

/// The protocol type whose metadata the coordinator can read.
pub(super) const CONSUMER: &str = "consumer";

/// Reads the topics out of a member's metadata. Every version of the consumer protocol begins with
/// the fields of version 0, so that is how it is read, whatever the version says.
pub(super) fn read_topics(
    metadata: &[u8],
    topics: &mut BTreeSet<Arc<str>>,
) -> Result<(), DecodeError> {
    let mut reader = Reader::new(metadata);
    reader.i16()?;
    let view = ConsumerProtocolSubscription::decode_from(&mut reader, 0)?;
    topics.extend(view.topics.iter().map(Arc::from));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::encode_versioned;

    #[test]
    fn topics_are_read_from_every_version() {
        for version in 0..=3 {
            let subscription = ConsumerProtocolSubscription {
                topics: vec!["b".to_owned(), "a".to_owned()],
                ..Default::default()
            };
            let bytes = encode_versioned(&subscription, version).unwrap();
            let mut topics = BTreeSet::new();
            read_topics(&bytes, &mut topics).unwrap();
            assert_eq!(topics.iter().map(|t| &**t).collect::<Vec<_>>(), ["a", "b"]);
        }
    }

    #[test]
    fn other_bytes_are_an_error() {
        assert!(read_topics(&[], &mut BTreeSet::new()).is_err());
        assert!(read_topics(&[0, 0, 0x7f, 0xff, 0xff, 0xff], &mut BTreeSet::new()).is_err());
    }
}
