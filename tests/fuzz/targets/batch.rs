//! Record batches: as they come from a producer, and with lengths and checksums put right so that
//! the fuzzer gets past them to the records.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringlog_engine::batch::{BatchIter, BatchLimits, BatchView, HEADER_BYTES, validate};
use ringlog_fuzz::{within, within_bound};

/// What the records of one batch may take when they are decompressed here.
const INFLATED_BYTES_MAX: usize = 1 << 20;

/// What a decoder takes for itself at most: two blocks of LZ4's legacy frames.
const DECODER_BYTES_MAX: usize = 16 << 20;

fuzz_target!(|data: &[u8]| {
    let limits = BatchLimits { batch_bytes_max: 1 << 20 };
    let _ = within_bound(data.len(), || validate(data, &limits));

    let mut mended = data.to_vec();
    mend(&mut mended);
    let valid = within_bound(mended.len(), || validate(&mended, &limits).is_ok());
    for batch in BatchIter::new(&mended) {
        let Ok(batch) = batch else { return };
        // The output doubles as it grows, and is copied when it does.
        within(INFLATED_BYTES_MAX * 4 + DECODER_BYTES_MAX, || {
            let Ok(records) = batch.records(INFLATED_BYTES_MAX) else { return };
            let mut count = 0;
            for record in records.iter() {
                let Ok(record) = record else { return };
                assert_eq!(record.headers().count(), record.header_count() as usize);
                count += 1;
            }
            assert!(!valid || count == batch.record_count());
        });
    }
});

/// Makes the last batch end with the bytes, and gives each batch the checksum of what it holds.
fn mend(bytes: &mut [u8]) {
    let mut rest = bytes;
    while rest.len() >= HEADER_BYTES {
        let length = rest.len() as i32 - 12;
        let announced = i32::from_be_bytes([rest[8], rest[9], rest[10], rest[11]]);
        if !(0..length).contains(&announced) {
            rest[8..12].copy_from_slice(&length.to_be_bytes());
        }
        rest[16] = 2;
        let Ok((batch, _)) = BatchView::split_first(rest) else { return };
        let (size, crc) = (batch.size(), batch.computed_crc());
        rest[17..21].copy_from_slice(&crc.to_be_bytes());
        rest = &mut rest[size..];
    }
}
