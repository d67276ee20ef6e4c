//! The record in a control batch that ends a transaction.

use super::ProducerError;
use crate::batch::BatchView;

/// Whether a transaction was committed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarkerKind {
    /// Its records are to be skipped.
    Abort,
    /// Its records count.
    Commit,
}

/// The end of a transaction (`EndTxnMarker.json`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EndTxnMarker {
    /// How it ended.
    pub kind: MarkerKind,
    /// Epoch of the coordinator that ended it.
    pub coordinator_epoch: i32,
}

impl EndTxnMarker {
    /// Reads the marker in a control batch. `None`: the batch is empty, since compaction has
    /// removed the whole transaction, or holds a control record that is no end of a transaction.
    ///
    /// # Errors
    /// [`ProducerError::Marker`].
    pub fn read(batch: &BatchView<'_>) -> Result<Option<(Self, i64)>, ProducerError> {
        let malformed = |what| ProducerError::Marker { producer_id: batch.producer_id(), what };
        // Control batches are never compressed.
        let records = batch.records(0).map_err(|_| malformed("it is compressed"))?;
        let Some(record) = records.iter().next() else { return Ok(None) };
        let record = record.map_err(|_| malformed("its record does not follow the format"))?;
        let key = record.key.and_then(|key| key.first_chunk::<4>());
        let Some([_, _, kind_high, kind_low]) = key else {
            return Err(malformed("its key is shorter than version and type"));
        };
        let kind = match i16::from_be_bytes([*kind_high, *kind_low]) {
            0 => MarkerKind::Abort,
            1 => MarkerKind::Commit,
            _ => return Ok(None),
        };
        let value = record.value.and_then(|value| value.first_chunk::<6>());
        let Some([_, _, a, b, c, d]) = value else {
            return Err(malformed("its value is shorter than version and coordinator epoch"));
        };
        let coordinator_epoch = i32::from_be_bytes([*a, *b, *c, *d]);
        Ok(Some((Self { kind, coordinator_epoch }, record.timestamp)))
    }

    /// Key and value of the marker's record, both version 0.
    pub fn encode(&self) -> ([u8; 4], [u8; 6]) {
        let kind = match self.kind {
            MarkerKind::Abort => 0,
            MarkerKind::Commit => 1,
        };
        let [a, b, c, d] = self.coordinator_epoch.to_be_bytes();
        ([0, 0, 0, kind], [0, 0, a, b, c, d])
    }
}
