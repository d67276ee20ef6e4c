//! `.snapshot`: the producers of a partition at an offset, which is in the file's name.
//!
//! Kafka's `ProducerStateManager` and `ProducerSnapshot.json`, version 1.

use super::FormatError;
use crate::crc32c;

/// The one version there is.
const VERSION: i16 = 1;
/// Bytes in front of the entries' count: version and checksum.
const CRC_END: usize = 6;
const ENTRY_BYTES: usize = 46;

/// One producer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SnapshotEntry {
    /// Producer id.
    pub producer_id: i64,
    /// Its epoch.
    pub epoch: i16,
    /// Sequence number of its last record; -1 when only a marker is known.
    pub last_sequence: i32,
    /// Offset of its last record; -1 when only a marker is known.
    pub last_offset: i64,
    /// Last offset less first offset of its last batch.
    pub offset_delta: i32,
    /// Timestamp of its last batch or marker (ms since 1970).
    pub timestamp: i64,
    /// Epoch of the coordinator that ended its last transaction; -1 before the first.
    pub coordinator_epoch: i32,
    /// First offset of its open transaction.
    pub txn_first_offset: Option<i64>,
}

/// The file's bytes.
pub fn encode(entries: &[SnapshotEntry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(CRC_END + 4 + entries.len() * ENTRY_BYTES);
    out.extend_from_slice(&VERSION.to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&(entries.len() as u32).to_be_bytes());
    for entry in entries {
        out.extend_from_slice(&entry.producer_id.to_be_bytes());
        out.extend_from_slice(&entry.epoch.to_be_bytes());
        out.extend_from_slice(&entry.last_sequence.to_be_bytes());
        out.extend_from_slice(&entry.last_offset.to_be_bytes());
        out.extend_from_slice(&entry.offset_delta.to_be_bytes());
        out.extend_from_slice(&entry.timestamp.to_be_bytes());
        out.extend_from_slice(&entry.coordinator_epoch.to_be_bytes());
        out.extend_from_slice(&entry.txn_first_offset.unwrap_or(-1).to_be_bytes());
    }
    let crc = crc32c::checksum(&out[CRC_END..]);
    out[2..CRC_END].copy_from_slice(&crc.to_be_bytes());
    out
}

/// Reads a file.
///
/// # Errors
/// [`FormatError`] for another version, a wrong checksum, or a wrong length.
pub fn decode(bytes: &[u8]) -> Result<Vec<SnapshotEntry>, FormatError> {
    let short = || FormatError::Length { have: bytes.len(), need: CRC_END + 4 };
    let (version, rest) = bytes.split_first_chunk().ok_or_else(short)?;
    let version = i16::from_be_bytes(*version);
    if version != VERSION {
        return Err(FormatError::Version { found: i64::from(version), known: i64::from(VERSION) });
    }
    let (stored, body) = rest.split_first_chunk().ok_or_else(short)?;
    let (stored, computed) = (u32::from_be_bytes(*stored), crc32c::checksum(body));
    if stored != computed {
        return Err(FormatError::Checksum { stored, computed });
    }
    let (count, entries) = body.split_first_chunk().ok_or_else(short)?;
    let count = u32::from_be_bytes(*count) as usize;
    let (entries, rest) = entries.as_chunks::<ENTRY_BYTES>();
    if !rest.is_empty() || entries.len() != count {
        let need = count.saturating_mul(ENTRY_BYTES).saturating_add(CRC_END + 4);
        return Err(FormatError::Length { have: bytes.len(), need });
    }
    Ok(entries.iter().map(entry).collect())
}

fn entry(bytes: &[u8; ENTRY_BYTES]) -> SnapshotEntry {
    let txn_first_offset = i64::from_be_bytes(field(bytes, 38));
    SnapshotEntry {
        producer_id: i64::from_be_bytes(field(bytes, 0)),
        epoch: i16::from_be_bytes(field(bytes, 8)),
        last_sequence: i32::from_be_bytes(field(bytes, 10)),
        last_offset: i64::from_be_bytes(field(bytes, 14)),
        offset_delta: i32::from_be_bytes(field(bytes, 22)),
        timestamp: i64::from_be_bytes(field(bytes, 26)),
        coordinator_epoch: i32::from_be_bytes(field(bytes, 34)),
        txn_first_offset: (txn_first_offset >= 0).then_some(txn_first_offset),
    }
}

/// `at` is one of the constants above, within the entry.
fn field<const N: usize>(entry: &[u8; ENTRY_BYTES], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&entry[at..at + N]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_entry() -> impl Strategy<Value = SnapshotEntry> {
        let numbers = (any::<i64>(), any::<i16>(), any::<i32>(), any::<i64>(), any::<i32>());
        let rest = (any::<i64>(), any::<i32>(), proptest::option::of(0..i64::MAX));
        (numbers, rest).prop_map(|(a, b)| SnapshotEntry {
            producer_id: a.0,
            epoch: a.1,
            last_sequence: a.2,
            last_offset: a.3,
            offset_delta: a.4,
            timestamp: b.0,
            coordinator_epoch: b.1,
            txn_first_offset: b.2,
        })
    }

    proptest! {
        #[test]
        fn entries_come_back(entries in proptest::collection::vec(any_entry(), 0..8)) {
            prop_assert_eq!(decode(&encode(&entries)), Ok(entries));
        }

        #[test]
        fn garbage_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(decode(&bytes).is_err());
        }

        #[test]
        fn every_flip_and_cut_is_seen(
            entries in proptest::collection::vec(any_entry(), 1..4),
            at: prop::sample::Index,
            bit in 0..8_u8,
        ) {
            let good = encode(&entries);
            let at = at.index(good.len());
            prop_assert!(decode(&good[..at]).is_err());
            let mut bad = good;
            bad[at] ^= 1 << bit;
            prop_assert!(decode(&bad).is_err());
        }
    }
}
