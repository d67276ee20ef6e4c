//! Properties of batches as a whole.

use proptest::prelude::*;

use super::*;

type Bytes = Option<Vec<u8>>;

#[derive(Clone, PartialEq, Debug)]
struct Made {
    timestamp: i64,
    key: Bytes,
    value: Bytes,
    headers: Vec<(Vec<u8>, Bytes)>,
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..40)
}

fn maybe() -> impl Strategy<Value = Bytes> {
    proptest::option::of(bytes())
}

fn made() -> impl Strategy<Value = Made> {
    let headers = proptest::collection::vec((bytes(), maybe()), 0..3);
    (0..i64::MAX, maybe(), maybe(), headers).prop_map(|(timestamp, key, value, headers)| Made {
        timestamp,
        key,
        value,
        headers,
    })
}

fn codec() -> impl Strategy<Value = Compression> {
    prop::sample::select(vec![
        Compression::None,
        Compression::Gzip,
        Compression::Snappy,
        Compression::Lz4,
        Compression::Zstd,
    ])
}

fn build(codec: Compression, records: &[Made]) -> Vec<u8> {
    let mut builder = BatchBuilder::new(codec);
    for made in records {
        let headers: Vec<_> =
            made.headers.iter().map(|(key, value)| (&key[..], value.as_deref())).collect();
        builder.push(NewRecord {
            timestamp: made.timestamp,
            key: made.key.as_deref(),
            value: made.value.as_deref(),
            headers: &headers,
        });
    }
    builder.build().unwrap()
}

fn read(batch: &BatchView<'_>) -> Result<Vec<Made>, BatchError> {
    let records = batch.records(1 << 20)?;
    let made = |record: Record<'_>| Made {
        timestamp: record.timestamp,
        key: record.key.map(<[u8]>::to_vec),
        value: record.value.map(<[u8]>::to_vec),
        headers: record
            .headers()
            .map(|header| (header.key.to_vec(), header.value.map(<[u8]>::to_vec)))
            .collect(),
    };
    records.iter().map(|record| record.map(made)).collect()
}

fn visit(set: &[u8]) {
    let _ = validate(set, &BatchLimits { batch_bytes_max: 1 << 20 });
    for batch in BatchIter::new(set).map_while(Result::ok) {
        let _ = (read(&batch), batch.last_offset(), batch.last_sequence(), batch.next_offset());
    }
}

proptest! {
    #[test]
    fn records_come_back(
        codec in codec(),
        records in proptest::collection::vec(made(), 1..12),
        offset in 0..i64::MAX / 2,
    ) {
        let mut bytes = build(codec, &records);
        let sum = validate(&bytes, &BatchLimits { batch_bytes_max: bytes.len() }).unwrap();
        prop_assert_eq!(sum.records, records.len() as i64);
        assign(&mut bytes, offset, 3);
        let (batch, rest) = BatchView::split_first(&bytes).unwrap();
        prop_assert!(rest.is_empty());
        prop_assert_eq!(read(&batch).unwrap(), records.clone());
        prop_assert_eq!(batch.next_offset(), offset + records.len() as i64);
        let largest = records.iter().map(|made| made.timestamp).max();
        prop_assert_eq!(Some(batch.max_timestamp()), largest);
    }

    #[test]
    fn damage_behind_a_right_checksum_is_an_error_and_no_panic(
        codec in codec(),
        records in proptest::collection::vec(made(), 1..6),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut: Option<prop::sample::Index>,
    ) {
        let mut bytes = build(codec, &records);
        for (at, value) in damage {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(HEADER_BYTES + cut.index(bytes.len() - HEADER_BYTES + 1));
        }
        // What a hostile client can do: any bytes with a length and checksum that are right.
        let length = (bytes.len() - LOG_OVERHEAD_BYTES) as i32;
        bytes[8..12].copy_from_slice(&length.to_be_bytes());
        bytes[16] = 2;
        view::seal(&mut bytes);
        visit(&bytes);
    }

    #[test]
    fn any_bytes_are_a_set_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        visit(&bytes);
        for codec in ["gzip", "snappy", "lz4", "zstd"] {
            let codec = Compression::from_name(codec).unwrap();
            if let Ok(plain) = codec.decompress(&bytes, 1000) {
                prop_assert!(plain.len() <= 1000);
            }
        }
    }
}
