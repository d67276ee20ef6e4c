//! The small files of a partition's directory as a damaged disk may hold them: offset, time and
//! transaction indexes, checkpoints, properties.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringlog_engine::epochs::LeaderEpochs;
use ringlog_engine::segment::{OffsetIndex, TimeIndex, checkpoint, properties, txn_index};
use ringlog_fuzz::{within, within_bound};

fuzz_target!(|data: &[u8]| {
    let Some((head, bytes)) = data.split_first_chunk::<16>() else { return };
    let (base, probe) = head.split_at(8);
    let number = |bytes: &[u8]| bytes.iter().fold(0i64, |n, b| n << 8 | i64::from(*b));
    indexes(bytes, number(base), number(probe));
    texts(bytes);
});

/// Indexes are looked at in place.
fn indexes(bytes: &[u8], base_offset: i64, probe: i64) {
    within_bound(bytes.len(), || {
        let index = OffsetIndex::new(bytes, base_offset);
        assert_eq!(index.iter().count(), index.len());
        assert!(index.bytes_below(probe) <= bytes.len());
        let found = index.lookup(probe);
        if index.check(u64::MAX).is_ok() && probe >= base_offset {
            assert!(found.offset <= probe || index.is_empty());
            assert!(index.iter().all(|entry| entry.offset > probe || entry.offset <= found.offset));
        }

        let index = TimeIndex::new(bytes, base_offset);
        assert_eq!(index.iter().count(), index.len());
        assert!(index.bytes_below(probe) <= bytes.len());
        let found = index.lookup(probe);
        if index.check().is_ok() {
            assert!(index.iter().all(|e| e.timestamp > probe || e.timestamp <= found.timestamp));
        }
    });
}

/// What is decoded as a whole takes some more in memory, for a struct and the growth of a vector.
fn texts(bytes: &[u8]) {
    let bound = bytes.len() * 16 + 4096;
    if let Ok(aborted) = within(bound, || txn_index::decode(bytes)) {
        let again: Vec<u8> = aborted.iter().flat_map(|entry| entry.encode()).collect();
        assert_eq!(txn_index::decode(&again).as_ref(), Ok(&aborted));
    }
    if let Ok(offsets) = within(bound, || checkpoint::decode_offsets(bytes)) {
        let lines = offsets.iter().map(|o| (o.topic.as_str(), o.partition, o.offset));
        let again = checkpoint::encode_offsets(lines);
        assert_eq!(checkpoint::decode_offsets(&again).as_ref(), Ok(&offsets));
    }
    if let Ok(epochs) = within(bound, || checkpoint::decode_epochs(bytes)) {
        let again = checkpoint::encode_epochs(epochs.iter().copied());
        assert_eq!(checkpoint::decode_epochs(&again).as_ref(), Ok(&epochs));
    }
    if let Ok(epochs) = within(bound, || LeaderEpochs::from_checkpoint(bytes)) {
        let again = LeaderEpochs::from_checkpoint(&epochs.to_checkpoint());
        assert!(again.is_ok_and(|again| again.iter().eq(epochs.iter())));
    }
    if let Ok(id) = within(bound, || properties::decode_partition_metadata(bytes)) {
        let again = properties::encode_partition_metadata(id);
        assert_eq!(properties::decode_partition_metadata(&again), Ok(id));
    }
    // Not compared: the text form of properties has more than one spelling of a value.
    let _ = within(bound, || properties::MetaProperties::decode(bytes));
}
