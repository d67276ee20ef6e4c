//! What is read back from logs: keys of coordinator records, versioned values, metadata records, and
//! what consumers put into their group's metadata.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringlog::protocol::generated::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, GroupMetadataValue,
    LegacyOffsetCommitValue, OffsetCommitValue,
};
use ringlog::protocol::{
    CoordinatorKey, MetadataRecord, decode_consumer_metadata, decode_versioned,
};
use ringlog_fuzz::{walk, within, within_bound};

fuzz_target!(|data: &[u8]| {
    within_bound(data.len(), || {
        walk(&CoordinatorKey::decode(data));
        walk(&decode_versioned::<OffsetCommitValue>(data));
        walk(&decode_versioned::<LegacyOffsetCommitValue>(data));
        walk(&decode_versioned::<GroupMetadataValue>(data));
        walk(&decode_consumer_metadata::<ConsumerProtocolSubscription>(data));
        walk(&decode_consumer_metadata::<ConsumerProtocolAssignment>(data));
    });
    // A copy that the broker keeps is larger than its bytes: a struct for each handful of them.
    let record = within(data.len() * 64 + 4096, || MetadataRecord::decode(data));
    if let Ok(record) = record {
        let bytes = record.encode().expect("a decoded record can be encoded");
        assert_eq!(MetadataRecord::decode(&bytes).as_ref(), Ok(&record));
    }
});
