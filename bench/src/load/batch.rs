//! Batches made beforehand.

use std::time::{SystemTime, UNIX_EPOCH};

use ringlog_engine::batch::{BatchBuilder, Compression, HEADER_BYTES, NewRecord};

use super::stamp::{Clock, Stamp};
use crate::error::BenchError;

/// Bytes that a record takes beside its key and value, at the most.
const RECORD_OVERHEAD: usize = 16;
/// What half of each value is when batches are compressed.
const TEXT: &[u8] =
    b"ringlog bench writes the same words again and again so that codecs find them. ";

/// A batch that can be produced any number of times.
#[derive(Debug)]
pub struct Batch {
    /// As it goes over the wire.
    pub bytes: Vec<u8>,
    /// Records in it.
    pub records: u32,
    pub(super) stamp: Option<Stamp>,
}

/// Bytes that are random enough for no codec to make them shorter, the same in each run.
#[derive(Debug)]
pub(super) struct Noise(u64);

impl Noise {
    pub(super) fn new(seed: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ (seed << 17) ^ seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(word.get(..chunk.len()).unwrap_or_default());
        }
    }
}

/// What a batch is made of.
pub(super) struct Recipe<'a> {
    /// Bytes of the batch before it is compressed.
    pub(super) bytes: usize,
    pub(super) compression: Compression,
    /// When it is given, the batch can tell when it was to be sent.
    pub(super) clock: Option<&'a Clock>,
    /// The size of the next record's value.
    pub(super) size: &'a mut dyn FnMut() -> usize,
    /// Puts the next record's key there; false when records have none.
    pub(super) key: &'a mut dyn FnMut(&mut Vec<u8>) -> bool,
}

impl Batch {
    /// As many records with values of `record_bytes` as go into `batch_bytes`, one at least. The values are
    /// noise: nothing on the way makes them smaller.
    ///
    /// # Errors
    /// When the batch cannot be encoded.
    pub fn filled(record_bytes: usize, batch_bytes: usize) -> Result<Self, BenchError> {
        let recipe = Recipe {
            bytes: batch_bytes,
            compression: Compression::None,
            clock: None,
            size: &mut || record_bytes,
            key: &mut |_| false,
        };
        Self::make(recipe, &mut Noise::new(0))
    }

    pub(super) fn make(recipe: Recipe<'_>, noise: &mut Noise) -> Result<Self, BenchError> {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let timestamp = i64::try_from(wall.as_millis()).unwrap_or(i64::MAX);
        let mut builder = BatchBuilder::new(recipe.compression);
        let (mut value, mut key) = (Vec::new(), Vec::new());
        loop {
            key.clear();
            let keyed = (recipe.key)(&mut key);
            value.clear();
            value.resize((recipe.size)(), 0);
            let whole = builder.size() + value.len() + key.len() + RECORD_OVERHEAD;
            if builder.count() > 0 && whole > recipe.bytes {
                break;
            }
            noise.fill(&mut value);
            if recipe.compression != Compression::None {
                let half = value.len() / 2;
                for (byte, text) in value.iter_mut().skip(half).zip(TEXT.iter().cycle()) {
                    *byte = *text;
                }
            }
            let stamp = value.first_chunk_mut().filter(|_| builder.count() == 0);
            if let (Some(stamp), Some(clock)) = (stamp, recipe.clock) {
                *stamp = clock.blank();
            }
            let key = keyed.then_some(&key[..]);
            builder.push(NewRecord { timestamp, key, value: Some(&value), ..NewRecord::default() });
        }
        let records = u32::try_from(builder.count()).unwrap_or(0);
        let bytes = builder.build().map_err(|error| BenchError::Machine {
            what: "a batch".to_owned(),
            why: error.to_string(),
        })?;
        let stamp = recipe.clock.and_then(|clock| Stamp::of(&bytes, clock));
        Ok(Self { bytes, records, stamp })
    }

    /// Bytes from its beginning that differ each time it is sent.
    pub(super) fn head(&self) -> usize {
        self.stamp.as_ref().map_or(0, Stamp::end)
    }
}

/// Goes through the whole batches of what a fetch brought: `each` gets a batch and the records in it. Returns
/// the offset after the last.
pub(super) fn each(mut bytes: &[u8], mut each: impl FnMut(&[u8], u64)) -> Option<i64> {
    let mut next = None;
    let field = |bytes: &[u8], at: usize| -> Option<i32> {
        Some(i32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
    };
    while bytes.len() >= HEADER_BYTES {
        let (Some(length), Some(delta), Some(count)) =
            (field(bytes, 8), field(bytes, 23), field(bytes, 57))
        else {
            break;
        };
        let split = usize::try_from(length).ok().and_then(|l| bytes.split_at_checked(12 + l));
        let Some((batch, rest)) = split else { break };
        let base = bytes.first_chunk().map_or(0, |base| i64::from_be_bytes(*base));
        each(batch, u64::try_from(count).unwrap_or(0));
        next = Some(base.saturating_add(i64::from(delta)).saturating_add(1));
        bytes = rest;
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_engine::batch::BatchView;

    fn count(bytes: &[u8]) -> (u64, Option<i64>) {
        let mut records = 0;
        let next = each(bytes, |_, count| records += count);
        (records, next)
    }

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

    fn stamped(compression: Compression, value: usize, bytes: usize) -> (Batch, Clock) {
        let clock = Clock::start();
        let recipe = Recipe {
            bytes,
            compression,
            clock: Some(&clock),
            size: &mut || value,
            key: &mut |key| {
                key.extend(b"a key");
                true
            },
        };
        (Batch::make(recipe, &mut Noise::new(1)).unwrap(), clock)
    }

    #[test]
    fn a_batch_carries_a_time_and_its_checksum_stays_right() {
        use Compression::{Lz4, None, Snappy, Zstd};
        for codec in [None, Snappy, Lz4, Zstd] {
            for (value, bytes) in [(16, 0), (100, 0), (1000, 0), (1000, 16384), (1000, 1_000_000)] {
                let (mut batch, clock) = stamped(codec, value, bytes);
                let stamp =
                    batch.stamp.clone().unwrap_or_else(|| panic!("{codec:?} {value} {bytes}"));
                for nanos in [0, 1, 77_000_000_123, u64::MAX] {
                    let head = batch.head();
                    stamp.set(&mut batch.bytes[..head], nanos);
                    let (view, _) = BatchView::split_first(&batch.bytes).unwrap();
                    assert_eq!(view.crc(), view.computed_crc(), "{codec:?} {nanos}");
                    assert_eq!(clock.read(&batch.bytes), Some(nanos));
                }
            }
        }
    }

    #[test]
    fn a_batch_that_cannot_carry_a_time_has_none() {
        assert!(stamped(Compression::Gzip, 1000, 16384).0.stamp.is_none());
        assert!(stamped(Compression::None, 15, 1000).0.stamp.is_none());
        let (batch, _) = stamped(Compression::None, 100, 1000);
        assert_eq!(Clock::start().read(&batch.bytes), None, "of another run");
    }
}
