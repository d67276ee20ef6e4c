//! Batches made beforehand.

use std::time::{SystemTime, UNIX_EPOCH};

use ringlog_engine::batch::{BatchBuilder, Compression, NewRecord};

use crate::error::BenchError;

/// Bytes that a record takes beside its value, at the most.
const RECORD_OVERHEAD: usize = 16;
const BATCH_HEADER: usize = 61;

/// A batch that can be produced any number of times.
#[derive(Debug)]
pub struct Batch {
    /// As it goes over the wire.
    pub bytes: Vec<u8>,
    /// Records in it.
    pub records: u32,
}

impl Batch {
    /// As many records with values of `record_bytes` as go into `batch_bytes`, one at least. The values are
    /// noise: nothing on the way makes them smaller.
    ///
    /// # Errors
    /// When the batch cannot be encoded.
    pub fn filled(record_bytes: usize, batch_bytes: usize) -> Result<Self, BenchError> {
        let room = batch_bytes.saturating_sub(BATCH_HEADER);
        let records = (room / (record_bytes + RECORD_OVERHEAD)).max(1);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let timestamp = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        let mut builder = BatchBuilder::new(Compression::None);
        let mut noise = 0x9e37_79b9_7f4a_7c15_u64;
        let mut value = vec![0; record_bytes];
        for _ in 0..records {
            for byte in &mut value {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                *byte = (noise >> 32) as u8;
            }
            builder.push(NewRecord { timestamp, value: Some(&value), ..NewRecord::default() });
        }
        let bytes = builder.build().map_err(|error| BenchError::Machine {
            what: "a batch".to_owned(),
            why: error.to_string(),
        })?;
        Ok(Self { bytes, records: u32::try_from(records).unwrap_or(u32::MAX) })
    }
}

/// The records in what a fetch brought, and the offset after the last whole batch.
pub(crate) fn count(mut bytes: &[u8]) -> (u64, Option<i64>) {
    let (mut records, mut next) = (0, None);
    let field = |bytes: &[u8], at: usize| -> Option<i32> {
        Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    while bytes.len() >= BATCH_HEADER {
        let (Some(length), Some(delta), Some(count)) =
            (field(bytes, 8), field(bytes, 23), field(bytes, 57))
        else {
            break;
        };
        let Some(rest) = usize::try_from(length).ok().and_then(|l| bytes.get(12 + l..)) else {
            break;
        };
        let base = bytes.first_chunk().map_or(0, |base| i64::from_be_bytes(*base));
        records += u64::try_from(count).unwrap_or(0);
        next = Some(base + i64::from(delta) + 1);
        bytes = rest;
    }
    (records, next)
}

#[cfg(test)]
mod tests {
    use super::{Batch, count};

    #[test]
    fn a_batch_is_full_and_counts_its_records() {
        let batch = Batch::filled(1000, 1_000_000).unwrap();
        assert!((980_000..=1_000_000).contains(&batch.bytes.len()), "{}", batch.bytes.len());
        assert_eq!(count(&batch.bytes), (u64::from(batch.records), Some(batch.records.into())));
    }

    #[test]
    fn a_large_record_makes_a_batch_of_its_own() {
        assert_eq!(Batch::filled(5000, 1000).unwrap().records, 1);
    }

    #[test]
    fn a_batch_cut_short_is_not_counted() {
        let batch = Batch::filled(10, 100).unwrap();
        let cut = &batch.bytes[..batch.bytes.len() - 1];
        assert_eq!(count(cut), (0, None));
    }
}
