//! Producer state as a damaged disk may hold it: Kafka's snapshot file and our own image, as they are
//! and with the checksum put right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringlog_engine::producers::Producers;
use ringlog_engine::segment::snapshot;
use ringlog_fuzz::within;

/// Producers that may be kept.
const LIMIT: usize = 1000;

fuzz_target!(|data: &[u8]| {
    check(data);
    if let Some(body) = data.get(6..) {
        let crc = crc32c::crc32c(body).to_be_bytes();
        check(&[&[0, 1], &crc[..], body].concat());
    }
    // A producer without batches takes 31 bytes in the image and some two hundred in memory.
    let image = within(data.len() * 16 + 4096, || Producers::from_image(data, LIMIT));
    if let Ok((producers, _)) = image {
        let mut again = Vec::new();
        producers.to_image(&mut again);
        assert_eq!(Producers::from_image(&again, LIMIT), Ok((producers, &[][..])));
    }
});

fn check(bytes: &[u8]) {
    let Ok(entries) = within(bytes.len() * 4 + 4096, || snapshot::decode(bytes)) else { return };
    assert_eq!(snapshot::decode(&snapshot::encode(&entries)).as_ref(), Ok(&entries));
    Producers::from_snapshot(&entries, LIMIT);
}
