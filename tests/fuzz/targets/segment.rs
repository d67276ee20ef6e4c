//! A segment's bytes, indexed batch by batch as recovery and inspection do, and the indexes used.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringlog_engine::batch::BatchIter;
use ringlog_engine::segment::IndexAppender;
use ringlog_fuzz::within;

fuzz_target!(|data: &[u8]| {
    // An entry in each index for a batch of at least 61 bytes; vectors double and are copied.
    within(data.len() * 2 + 4096, || {
        let first = BatchIter::new(data).next().and_then(Result::ok);
        let base_offset = first.map_or(0, |batch| batch.base_offset());
        let mut appender = IndexAppender::new(base_offset, 1);
        let mut position = 0u32;
        for batch in BatchIter::new(data) {
            let Ok(batch) = batch else { break };
            appender.append(&batch, position);
            position += batch.size() as u32;
        }
        appender.close();
        let offsets = appender.offset_index();
        assert!(offsets.iter().all(|entry| entry.position < position));
        for entry in offsets.iter() {
            let at = data.get(entry.position as usize..).unwrap_or_default();
            assert!(BatchIter::new(at).next().is_some_and(|batch| batch.is_ok()));
        }
        let resumed =
            IndexAppender::resume(base_offset, 1, appender.offset_bytes(), appender.time_bytes());
        assert!(resumed.offset_index().len() <= offsets.len());
    });
});
