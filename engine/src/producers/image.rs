//! Our own image of the producers, with the whole window of batches, for checkpoints.
//!
//! Kafka's snapshot file keeps one batch of each producer, so a producer that sends an older one
//! again after a restart would get an error instead of its offset.

use super::entry::{BATCHES_KEPT, KnownBatch, Producer};
use super::state::Producers;

/// Version of the image's format.
pub const IMAGE_VERSION: u8 = 1;

/// Bytes of a producer without batches.
const PRODUCER_BYTES: usize = 8 + 2 + 4 + 8 + 8 + 1;
/// Bytes of a batch.
const BATCH_BYTES: usize = 4 + 8 + 4 + 8;

/// Why an image cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("producer image, byte {position}: {what}")]
pub struct ImageError {
    /// Byte at which reading ended.
    pub position: usize,
    /// What is wrong.
    pub what: &'static str,
}

impl Producers {
    /// Appends the image: version (u8), number of producers (u32), then for each, in the order of
    /// ids: id (i64), epoch (i16), coordinator epoch (i32), last timestamp (i64), first offset of
    /// the open transaction (i64, -1 for none), number of batches (u8), and for each of these,
    /// oldest first: last sequence (i32), last offset (i64), offset delta (i32), timestamp (i64).
    /// Big-endian. Whoever stores it adds a checksum.
    pub fn to_image(&self, out: &mut Vec<u8>) {
        out.push(IMAGE_VERSION);
        out.extend_from_slice(&(self.len() as u32).to_be_bytes());
        for (id, producer) in self.iter() {
            out.extend_from_slice(&id.to_be_bytes());
            out.extend_from_slice(&producer.epoch.to_be_bytes());
            out.extend_from_slice(&producer.coordinator_epoch.to_be_bytes());
            out.extend_from_slice(&producer.last_timestamp.to_be_bytes());
            out.extend_from_slice(&producer.txn_first_offset.unwrap_or(-1).to_be_bytes());
            out.push(producer.batches().len() as u8);
            for batch in producer.batches() {
                out.extend_from_slice(&batch.last_sequence.to_be_bytes());
                out.extend_from_slice(&batch.last_offset.to_be_bytes());
                out.extend_from_slice(&batch.offset_delta.to_be_bytes());
                out.extend_from_slice(&batch.timestamp.to_be_bytes());
            }
        }
    }

    /// Reads an image at the start of `bytes`, and gives the bytes behind it. Beyond the limit, the
    /// oldest producers are forgotten.
    ///
    /// # Errors
    /// [`ImageError`].
    pub fn from_image(bytes: &[u8], limit: usize) -> Result<(Self, &[u8]), ImageError> {
        let mut rest = bytes;
        let bad = |rest: &[u8], what| ImageError { position: bytes.len() - rest.len(), what };
        let head = take::<5>(&mut rest).ok_or(bad(rest, "it is cut short"))?;
        let [version, count @ ..] = head;
        if version != IMAGE_VERSION {
            return Err(bad(bytes, "its version is not known"));
        }
        let count = u32::from_be_bytes(count);
        let mut all = Self::new(limit);
        let mut last = None;
        for _ in 0..count {
            let (id, producer) = read(&mut rest).map_err(|what| bad(rest, what))?;
            if last.replace(id).is_some_and(|last| id <= last) {
                return Err(bad(rest, "its producers are not in the order of ids"));
            }
            if producer.txn_first_offset.is_some_and(|offset| all.has_open_at(offset)) {
                return Err(bad(rest, "two open transactions begin at the same offset"));
            }
            all.put(id, producer);
        }
        Ok((all, rest))
    }
}

fn read(rest: &mut &[u8]) -> Result<(i64, Producer), &'static str> {
    const CUT: &str = "it is cut short";
    let mut head = &take::<PRODUCER_BYTES>(rest).ok_or(CUT)?[..];
    let mut producer = Producer::unknown();
    let id = i64::from_be_bytes(take(&mut head).ok_or(CUT)?);
    producer.set_epoch(i16::from_be_bytes(take(&mut head).ok_or(CUT)?));
    producer.coordinator_epoch = i32::from_be_bytes(take(&mut head).ok_or(CUT)?);
    producer.last_timestamp = i64::from_be_bytes(take(&mut head).ok_or(CUT)?);
    let txn = i64::from_be_bytes(take(&mut head).ok_or(CUT)?);
    producer.txn_first_offset = (txn >= 0).then_some(txn);
    let [batches] = take(&mut head).ok_or(CUT)?;
    if usize::from(batches) > BATCHES_KEPT {
        return Err("a producer has more than five batches");
    }
    for _ in 0..batches {
        let mut batch = &take::<BATCH_BYTES>(rest).ok_or(CUT)?[..];
        producer.push(KnownBatch {
            last_sequence: i32::from_be_bytes(take(&mut batch).ok_or(CUT)?),
            last_offset: i64::from_be_bytes(take(&mut batch).ok_or(CUT)?),
            offset_delta: i32::from_be_bytes(take(&mut batch).ok_or(CUT)?),
            timestamp: i64::from_be_bytes(take(&mut batch).ok_or(CUT)?),
        });
    }
    Ok((id, producer))
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}
