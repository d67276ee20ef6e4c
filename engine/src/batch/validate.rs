//! Whether a client's record set may enter a log.

use super::{BatchError, BatchIter, BatchView, Compression, NO_PRODUCER, NO_TIMESTAMP};

/// Attribute bits that a producer may set: codec, timestamp type and transactional. Kafka, too,
/// overlooks a timestamp type that a client has set and sets its own.
const CLIENT_ATTRIBUTES: i16 = 0x1f;

/// What a log allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchLimits {
    /// Largest batch in bytes (`max.message.bytes`).
    pub batch_bytes_max: usize,
}

/// What a valid record set holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BatchSet {
    /// Batches.
    pub batches: u32,
    /// Records, and so offsets.
    pub records: i64,
    /// Largest timestamp (ms since 1970), or -1.
    pub max_timestamp: i64,
    /// Smallest base timestamp (ms since 1970), or -1.
    pub min_timestamp: i64,
    /// Whether a batch is compressed with Zstandard, which Produce allows from version 7.
    pub zstd: bool,
    /// Whether a batch is part of a transaction.
    pub transactional: bool,
    /// Producer id of the first batch, or -1.
    pub producer_id: i64,
}

/// Checks a record set that came from a client: whole batches of version 2 with the right
/// checksums, counts that agree, and nothing that only brokers may write. Records of batches that
/// are not compressed are walked, so that no consumer meets one it cannot read; compressed ones are
/// taken as they are.
///
/// # Errors
/// The first thing that is wrong.
pub fn validate(set: &[u8], limits: &BatchLimits) -> Result<BatchSet, BatchError> {
    let mut sum = BatchSet {
        batches: 0,
        records: 0,
        max_timestamp: NO_TIMESTAMP,
        min_timestamp: i64::MAX,
        zstd: false,
        transactional: false,
        producer_id: NO_PRODUCER,
    };
    for batch in BatchIter::new(set) {
        let batch = batch?;
        check(&batch, limits)?;
        if sum.batches == 0 {
            sum.producer_id = batch.producer_id();
        } else if batch.has_producer() || sum.producer_id != NO_PRODUCER {
            return Err(BatchError::SeveralBatches);
        }
        sum.batches += 1;
        sum.records += i64::from(batch.record_count());
        sum.max_timestamp = sum.max_timestamp.max(batch.max_timestamp());
        sum.min_timestamp = sum.min_timestamp.min(batch.base_timestamp());
        sum.zstd |= batch.compression()? == Compression::Zstd;
        sum.transactional |= batch.is_transactional();
    }
    if sum.batches == 0 {
        return Err(BatchError::Empty);
    }
    Ok(sum)
}

fn check(batch: &BatchView<'_>, limits: &BatchLimits) -> Result<(), BatchError> {
    if batch.size() > limits.batch_bytes_max {
        let limit = limits.batch_bytes_max;
        return Err(BatchError::TooLarge { size: batch.size(), limit });
    }
    let (carried, computed) = (batch.crc(), batch.computed_crc());
    if carried != computed {
        return Err(BatchError::Checksum { carried, computed });
    }
    if batch.attributes() & !CLIENT_ATTRIBUTES != 0 {
        return Err(BatchError::Attributes(batch.attributes()));
    }
    let codec = batch.compression()?;
    let (count, last_offset_delta) = (batch.record_count(), batch.last_offset_delta());
    if count < 1 || last_offset_delta != count - 1 {
        return Err(BatchError::Count { count, last_offset_delta });
    }
    // As Kafka has it (`UnifiedLog`): a client that sends another one is confused.
    if batch.base_offset() != 0 {
        return Err(BatchError::BaseOffset(batch.base_offset()));
    }
    for timestamp in [batch.base_timestamp(), batch.max_timestamp()] {
        if timestamp < NO_TIMESTAMP {
            return Err(BatchError::Timestamp(timestamp));
        }
    }
    let (id, epoch, sequence) =
        (batch.producer_id(), batch.producer_epoch(), batch.base_sequence());
    let together = match id {
        NO_PRODUCER => !batch.is_transactional(),
        _ => id >= 0 && epoch >= 0 && sequence >= 0,
    };
    if !together {
        return Err(BatchError::Producer { id, epoch, sequence });
    }
    if codec == Compression::None {
        walk(batch)?;
    }
    Ok(())
}

/// Offsets inside a batch count up from its base without a gap.
fn walk(batch: &BatchView<'_>) -> Result<(), BatchError> {
    let records = batch.records(0)?;
    let mut index = 0;
    for record in records.iter() {
        if record?.offset != batch.base_offset().wrapping_add(i64::from(index)) {
            return Err(BatchError::Record { index, what: "its offset does not count up" });
        }
        index += 1;
    }
    if index != batch.record_count() {
        return Err(BatchError::Record { index, what: "it is missing" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{BatchBuilder, NewRecord, assign, set_log_append_time};
    use super::*;

    const LIMITS: BatchLimits = BatchLimits { batch_bytes_max: 1000 };

    fn batch(records: usize) -> Vec<u8> {
        let mut builder = BatchBuilder::default();
        for n in 0..records {
            builder.push(NewRecord {
                timestamp: 100 + n as i64,
                value: Some(b"value"),
                ..NewRecord::default()
            });
        }
        builder.build().unwrap()
    }

    #[test]
    fn a_set_of_two_batches_is_summed_up() {
        let set = [batch(2), batch(3)].concat();
        let sum = validate(&set, &LIMITS).unwrap();
        assert_eq!((sum.batches, sum.records), (2, 5));
        assert_eq!((sum.min_timestamp, sum.max_timestamp), (100, 102));
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let good = batch(2);
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            // The leader epoch is outside the checksum: the leader sets it.
            let free = (12..16).contains(&(bit / 8));
            assert_eq!(validate(&bad, &LIMITS).is_ok(), free, "bit {bit}");
        }
    }

    #[test]
    fn every_cut_is_seen() {
        let good = batch(2);
        for length in 1..good.len() {
            assert!(validate(&good[..length], &LIMITS).is_err(), "cut to {length}");
        }
        assert_eq!(validate(&[], &LIMITS), Err(BatchError::Empty));
    }

    #[test]
    fn what_the_leader_sets_keeps_a_batch_valid() {
        let mut set = batch(1);
        assign(&mut set, 1 << 40, 7);
        set_log_append_time(&mut set, 5000);
        let (view, _) = BatchView::split_first(&set).unwrap();
        assert_eq!((view.base_offset(), view.leader_epoch()), (1 << 40, 7));
        assert_eq!(view.max_timestamp(), 5000);
        let records = view.records(0).unwrap();
        assert_eq!(records.iter().next().unwrap().unwrap().timestamp, 5000);
        assert_eq!(validate(&set, &LIMITS), Err(BatchError::BaseOffset(1 << 40)));
        assign(&mut set, 0, 7);
        assert!(validate(&set, &LIMITS).is_ok());
    }

    #[test]
    fn limits_and_rights_are_kept() {
        assert!(matches!(validate(&batch(100), &LIMITS), Err(BatchError::TooLarge { .. })));
        let mut control = BatchBuilder::default().control();
        control.push(NewRecord::default());
        let verdict = validate(&control.build().unwrap(), &LIMITS);
        assert!(matches!(verdict, Err(BatchError::Attributes(_))));
        let mut lost = BatchBuilder::default().producer(5, -1, 0);
        lost.push(NewRecord::default());
        let verdict = validate(&lost.build().unwrap(), &LIMITS);
        assert!(matches!(verdict, Err(BatchError::Producer { .. })));
        let mut twice = BatchBuilder::default().producer(5, 0, 0);
        twice.push(NewRecord::default());
        let one = twice.build().unwrap();
        let verdict = validate(&[one.clone(), one].concat(), &LIMITS);
        assert_eq!(verdict, Err(BatchError::SeveralBatches));
    }
}
