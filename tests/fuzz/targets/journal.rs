//! Journal frames as a damaged disk may hold them: as they are, and with the checksum put right so
//! that the fuzzer gets past it to the table.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringlog_engine::journal::frame::{ENTRIES_MAX, ENTRY_BYTES, FrameHeader, HEADER_BYTES};
use ringlog_fuzz::within;

fuzz_target!(|data: &[u8]| {
    check(data);
    let mut mended = data.to_vec();
    if mend(&mut mended) {
        check(&mended);
    }
});

fn check(bytes: &[u8]) {
    // A row of the table is as large in memory as on disk; the table doubles as it grows, and is
    // copied when it does.
    let limit = bytes.len().min(HEADER_BYTES + ENTRIES_MAX * ENTRY_BYTES) * 4 + 4096;
    let Some((header, table)) = within(limit, || FrameHeader::decode(bytes)) else { return };
    assert_eq!(FrameHeader::peek(bytes), Some(header));
    assert_eq!(table.len(), header.entries as usize);
    assert!(header.head_bytes() <= bytes.len() && header.frame_bytes() >= header.head_bytes());

    let mut again = Vec::new();
    header.encode(&table, &mut again);
    assert_eq!(FrameHeader::decode(&again), Some((header, table)));
}

/// Makes the number of rows fit the bytes and gives the head its checksum.
fn mend(bytes: &mut [u8]) -> bool {
    let Some(rows) = bytes.len().checked_sub(HEADER_BYTES).map(|n| n / ENTRY_BYTES) else {
        return false;
    };
    let mut entries = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]);
    if entries as usize > rows {
        entries = rows as u32;
        bytes[12..16].copy_from_slice(&entries.to_le_bytes());
    }
    let head = HEADER_BYTES + entries as usize * ENTRY_BYTES;
    let crc = crc32c::crc32c_append(
        crc32c::crc32c(&bytes[..HEADER_BYTES - 4]),
        &bytes[HEADER_BYTES..head],
    );
    bytes[HEADER_BYTES - 4..HEADER_BYTES].copy_from_slice(&crc.to_le_bytes());
    true
}
