//! Every generated message, at every version: what is encoded is decoded again, and nothing else is.

use super::fill::{Fill, Filled};
use super::*;

fn bytes_of<M: Message>(message: &M, version: i16) -> Vec<u8> {
    let mut w = Writer::new();
    match message.encode(&mut w, version).and_then(|()| w.into_bytes()) {
        Ok(bytes) => bytes,
        Err(error) => panic!("{} version {version}: {error}\n{message:?}", M::NAME),
    }
}

fn decoded<M: Message>(bytes: &[u8], version: i16) -> M {
    match M::decode(bytes, version) {
        Ok(view) => M::from_view(view),
        Err(error) => panic!("{error}\n{bytes:?}"),
    }
}

fn random_messages_round_trip<M: Message + Filled>() {
    for version in M::MIN_VERSION..=M::MAX_VERSION {
        for seed in 0..40 {
            let message = M::filled(&mut Fill::new(seed), M::format(version));
            let bytes = bytes_of(&message, version);
            let again: M = decoded(&bytes, version);
            assert_eq!(again, message, "{} version {version} seed {seed}", M::NAME);
            assert_eq!(bytes_of(&again, version), bytes);
        }
    }
}

fn cut_and_extended_messages_are_refused<M: Message + Filled>() {
    for version in M::MIN_VERSION..=M::MAX_VERSION {
        let message = M::filled(&mut Fill::new(7), M::format(version));
        let mut bytes = bytes_of(&message, version);
        for end in 0..bytes.len() {
            let cut = M::decode(&bytes[..end], version);
            assert!(cut.is_err(), "{} version {version}: {end} of {}", M::NAME, bytes.len());
        }
        bytes.push(0);
        assert!(M::decode(&bytes, version).is_err(), "{} version {version}", M::NAME);
    }
}

fn random_bytes_are_survived<M: Message + Filled>() {
    use std::io::Write;
    for version in M::MIN_VERSION..=M::MAX_VERSION {
        for seed in 0..40u64 {
            let mut g = Fill::new(seed);
            let mut bytes = bytes_of(&M::filled(&mut g, M::format(version)), version);
            for _ in 0..1 + seed % 3 {
                if let Some(at) = (g.u32() as usize).checked_rem(bytes.len()) {
                    bytes[at] = g.i8() as u8;
                }
            }
            if let Ok(view) = M::decode(&bytes, version) {
                write!(std::io::sink(), "{view:?}").expect("a sink takes everything");
                let copy = M::from_view(view);
                // Unknown tagged fields are dropped, so the bytes may differ; the message may not.
                let again: M = decoded(&bytes_of(&copy, version), version);
                assert!(again == copy || format!("{again:?}") == format!("{copy:?}"));
            }
        }
    }
}

fn versions_outside_the_range_are_refused<M: Message + Filled>() {
    for version in [M::MIN_VERSION - 1, M::MAX_VERSION + 1, i16::MIN, i16::MAX] {
        let encoded = M::default().encode(&mut Writer::new(), version);
        assert!(matches!(encoded, Err(EncodeError::UnsupportedVersion { .. })), "{}", M::NAME);
        let decoded = M::decode(&[], version).map(|_| ()).map_err(|error| error.kind);
        assert!(matches!(decoded, Err(DecodeErrorKind::UnsupportedVersion { .. })), "{}", M::NAME);
    }
}

macro_rules! every_message {
    ($($name:ident,)*) => {
        #[test]
        fn every_message_round_trips() {
            $(random_messages_round_trip::<generated::$name>();)*
        }

        #[test]
        fn every_message_cut_or_extended_is_refused() {
            $(cut_and_extended_messages_are_refused::<generated::$name>();)*
        }

        #[test]
        fn every_message_survives_damaged_bytes() {
            $(random_bytes_are_survived::<generated::$name>();)*
        }

        #[test]
        fn every_message_refuses_versions_it_does_not_have() {
            $(versions_outside_the_range_are_refused::<generated::$name>();)*
        }
    };
}

crate::for_each_message!(every_message);

/// The rules of Kafka's generator for fields that a version does not have.
mod versions_and_defaults {
    use super::*;
    use crate::protocol::generated::fetch_request::ReplicaState;
    use crate::protocol::generated::fetch_response::{FetchableTopicResponse, PartitionData};
    use crate::protocol::generated::metadata_request::MetadataRequestTopic;
    use crate::protocol::generated::*;

    fn encoded<M: Message>(message: &M, version: i16) -> Result<Vec<u8>, EncodeError> {
        let mut w = Writer::new();
        message.encode(&mut w, version)?;
        w.into_bytes()
    }

    #[test]
    fn a_field_that_matters_is_not_left_out_silently() {
        let replica_state = ReplicaState { replica_id: 1, replica_epoch: 2 };
        let request = FetchRequest { replica_state, ..Default::default() };
        assert!(encoded(&request, 15).is_ok());
        let refused =
            EncodeError::FieldNotInVersion { field: "FetchRequest.replica_state", version: 14 };
        assert_eq!(encoded(&request, 14), Err(refused));
    }

    #[test]
    fn an_ignorable_field_is_left_out_of_versions_that_lack_it() {
        let request = FetchRequest { rack_id: "r".to_owned(), ..Default::default() };
        assert_eq!(encoded(&request, 10), encoded(&FetchRequest::default(), 10));
        assert_ne!(encoded(&request, 11), encoded(&FetchRequest::default(), 11));
    }

    #[test]
    fn null_is_sent_only_where_the_version_allows_it() {
        let all_topics = MetadataRequest { topics: None, ..Default::default() };
        let refused = EncodeError::NullNotInVersion { field: "MetadataRequest.topics", version: 0 };
        assert_eq!(encoded(&all_topics, 0), Err(refused));
        assert_eq!(encoded(&all_topics, 1).as_deref(), Ok(&[0xff; 4][..]));
        let error = MetadataRequest::decode(&[0xff; 4], 0).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::UnexpectedNull);

        let nameless = MetadataRequestTopic { name: None, ..Default::default() };
        let by_id = MetadataRequest { topics: Some(vec![nameless]), ..Default::default() };
        assert!(encoded(&by_id, 9).is_err() && encoded(&by_id, 10).is_ok());
    }

    #[test]
    fn tagged_fields_are_sent_when_they_say_something() {
        let plain = encoded(&FetchRequest::default(), 12).unwrap();
        assert_eq!(plain.last(), Some(&0));
        let cluster_id = Some("c".to_owned());
        let tagged = encoded(&FetchRequest { cluster_id, ..Default::default() }, 12).unwrap();
        let (same, tags) = tagged.split_at(plain.len() - 1);
        assert_eq!((same, tags), (&plain[..plain.len() - 1], &[1, 0, 2, 2, b'c'][..]));
    }

    #[test]
    fn unknown_tagged_fields_are_passed_over() {
        let mut bytes = encoded(&ListGroupsRequest::default(), 5).unwrap();
        assert_eq!(bytes.pop(), Some(0));
        bytes.extend([2, 7, 1, 0xff, 9, 0]);
        let view = ListGroupsRequest::decode(&bytes, 5).unwrap();
        assert_eq!(ListGroupsRequest::from(view), ListGroupsRequest::default());
    }

    #[test]
    fn an_unstable_version_is_not_among_the_versions() {
        assert_eq!(InitProducerIdRequest::MAX_VERSION, 5);
        assert_eq!(InitProducerIdResponse::MAX_VERSION, 5);
        assert_eq!(ApiKey::InitProducerId.versions(), (0, 5));
        assert_eq!(ApiKey::ListOffsets.versions(), (1, 11));
    }

    #[test]
    fn absent_fields_have_kafkas_defaults() {
        let empty = encoded(&FetchRequest::default(), 4).unwrap();
        let view = FetchRequest::decode(&empty, 4).unwrap();
        assert_eq!((view.session_epoch, view.rack_id, view.replica_id), (-1, "", -1));
        assert_eq!(PartitionData::default().preferred_read_replica, -1);
        assert_eq!(DescribeTopicPartitionsRequest::default().response_partition_limit, 2000);
    }

    #[test]
    fn fetched_records_are_sent_from_where_they_are() {
        let records = ringlog_engine::arena::Slice::copy_from(&[7; 5000]);
        let partition =
            PartitionData { records: Some(vec![records.clone()]), ..Default::default() };
        let topic = FetchableTopicResponse { partitions: vec![partition], ..Default::default() };
        let response = FetchResponse { responses: vec![topic], ..Default::default() };
        for version in FetchResponse::MIN_VERSION..=FetchResponse::MAX_VERSION {
            let pieces = encode_response::<FetchRequest>(version, 1, &response).unwrap();
            let sent: Vec<_> = pieces.iter().filter(|p| p.as_ptr() == records.as_ptr()).collect();
            assert_eq!(sent.len(), 1, "version {version}");
            let length: usize = pieces.iter().map(|piece| piece.len()).sum();
            assert_eq!(&pieces[0][..4], u32::to_be_bytes(length as u32 - 4));
        }
    }
}
