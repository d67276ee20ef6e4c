//! Records that say who sent them: whoever reads one knows all of it.

use ringlog_engine::batch::{BatchBuilder, BatchIter, BatchView, Compression, NewRecord};

/// Timestamps count from here (ms since 1970), whatever the clocks say.
const EPOCH_MS: i64 = 1_700_000_000_000;

/// A record of the workload: the `n`th that `producer` has sent to one partition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RecordId {
    /// Who sent it.
    pub producer: u32,
    /// Counts that producer's records of the partition.
    pub n: u64,
}

/// What identifies a batch to be built.
#[derive(Clone, Copy, Debug)]
pub struct BatchPlan {
    /// Its first record.
    pub first: RecordId,
    /// Records in it.
    pub count: u32,
    /// Producer id, epoch and first sequence number of an idempotent producer.
    pub sequence: Option<(i64, i16, i32)>,
    /// How it is compressed.
    pub codec: Compression,
}

/// Builds a batch.
pub fn build(plan: &BatchPlan, place: &str) -> Vec<u8> {
    let mut builder = BatchBuilder::new(plan.codec);
    if let Some((id, epoch, sequence)) = plan.sequence {
        builder = builder.producer(id, epoch, sequence);
    }
    for n in (plan.first.n..).take(plan.count as usize) {
        let id = RecordId { n, ..plan.first };
        let value = value(id, place);
        builder.push(NewRecord {
            timestamp: timestamp(id),
            key: Some(&id.n.to_be_bytes()),
            value: Some(&value),
            headers: &[],
        });
    }
    builder.build().unwrap_or_else(|e| panic!("the workload cannot build a batch: {e}"))
}

/// Reads the batches of a fetch: each record's offset and identity.
///
/// # Panics
/// When a byte is not as it was sent.
pub fn read(bytes: &[u8], place: &str) -> Vec<(i64, RecordId)> {
    let mut records = Vec::new();
    let mut batches = BatchIter::new(bytes);
    for batch in &mut batches {
        let batch = match batch {
            Ok(batch) => batch,
            // A fetch may end inside a batch, as in Kafka.
            Err(_) => break,
        };
        assert_eq!(batch.crc(), batch.computed_crc(), "{place}: checksum of a fetched batch");
        read_batch(&batch, place, &mut records);
    }
    records
}

fn read_batch(batch: &BatchView<'_>, place: &str, into: &mut Vec<(i64, RecordId)>) {
    let at = batch.base_offset();
    let records = batch
        .records(1 << 20)
        .unwrap_or_else(|e| panic!("{place}: the batch at {at} cannot be unpacked: {e}"));
    for record in records.iter() {
        let record = record.unwrap_or_else(|e| {
            panic!("{place}: the batch at {at} has a record that is none: {e}")
        });
        let id = identity(record.value.unwrap_or_default())
            .unwrap_or_else(|| panic!("{place}: the record at {} is nobody's", record.offset));
        let offset = record.offset;
        assert_eq!(record.value, Some(&value(id, place)[..]), "{place}: value at {offset}");
        assert_eq!(record.key, Some(&id.n.to_be_bytes()[..]), "{place}: key at {offset}");
        assert_eq!(record.timestamp, timestamp(id), "{place}: timestamp at {offset}");
        into.push((offset, id));
    }
}

fn timestamp(id: RecordId) -> i64 {
    EPOCH_MS + (id.n % 1_000_000) as i64
}

/// Who and what number, then bytes that follow from both and from the partition.
fn value(id: RecordId, place: &str) -> Vec<u8> {
    let mut state = id.n ^ u64::from(id.producer) << 40;
    for byte in place.bytes() {
        state = mix(state ^ u64::from(byte));
    }
    let length = match state % 32 {
        0 => state >> 8 & 0xfff,
        1..=8 => state >> 8 & 0x3ff,
        _ => state >> 8 & 0x3f,
    };
    let mut bytes = Vec::with_capacity(12 + length as usize);
    bytes.extend_from_slice(&id.producer.to_be_bytes());
    bytes.extend_from_slice(&id.n.to_be_bytes());
    for at in 0..length.div_ceil(8) {
        bytes.extend_from_slice(&mix(state.wrapping_add(at)).to_le_bytes());
    }
    bytes
}

fn identity(value: &[u8]) -> Option<RecordId> {
    let (producer, rest) = value.split_first_chunk()?;
    let n = rest.first_chunk()?;
    Some(RecordId { producer: u32::from_be_bytes(*producer), n: u64::from_be_bytes(*n) })
}

/// SplitMix64's finalizer.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}
