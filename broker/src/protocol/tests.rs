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
