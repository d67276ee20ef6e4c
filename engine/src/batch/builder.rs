//! Making batches.

use super::record::put_varlong;
use super::view::HeaderFields;
use super::{Compression, HEADER_BYTES, NO_PRODUCER, NO_SEQUENCE, NO_TIMESTAMP};

/// A record to be added.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewRecord<'a> {
    /// Its time (ms since 1970).
    pub timestamp: i64,
    /// Its key.
    pub key: Option<&'a [u8]>,
    /// Its value.
    pub value: Option<&'a [u8]>,
    /// Its headers.
    pub headers: &'a [(&'a [u8], Option<&'a [u8]>)],
}

/// Gathers records and encodes them as one batch.
#[derive(Clone, Debug)]
pub struct BatchBuilder {
    compression: Compression,
    base_offset: i64,
    leader_epoch: i32,
    producer: (i64, i16, i32),
    transactional: bool,
    control: bool,
    records: Vec<u8>,
    scratch: Vec<u8>,
    count: i32,
    base_timestamp: i64,
    max_timestamp: i64,
}

impl Default for BatchBuilder {
    fn default() -> Self {
        Self::new(Compression::None)
    }
}

impl BatchBuilder {
    /// An empty batch.
    pub fn new(compression: Compression) -> Self {
        Self {
            compression,
            base_offset: 0,
            leader_epoch: -1,
            producer: (NO_PRODUCER, -1, NO_SEQUENCE),
            transactional: false,
            control: false,
            records: Vec::new(),
            scratch: Vec::new(),
            count: 0,
            base_timestamp: NO_TIMESTAMP,
            max_timestamp: NO_TIMESTAMP,
        }
    }

    /// Sets the offset of the first record; a broker sets it anew.
    #[must_use]
    pub fn base_offset(mut self, offset: i64) -> Self {
        self.base_offset = offset;
        self
    }

    /// Sets the leader epoch; a broker sets it anew.
    #[must_use]
    pub fn leader_epoch(mut self, epoch: i32) -> Self {
        self.leader_epoch = epoch;
        self
    }

    /// Makes it a batch of an idempotent producer.
    #[must_use]
    pub fn producer(mut self, id: i64, epoch: i16, base_sequence: i32) -> Self {
        self.producer = (id, epoch, base_sequence);
        self
    }

    /// Makes it part of a transaction.
    #[must_use]
    pub fn transactional(mut self) -> Self {
        self.transactional = true;
        self
    }

    /// Makes it a batch of control records.
    #[must_use]
    pub fn control(mut self) -> Self {
        self.control = true;
        self
    }

    /// Adds a record.
    pub fn push(&mut self, record: NewRecord<'_>) -> &mut Self {
        if self.count == 0 {
            self.base_timestamp = record.timestamp;
        }
        self.max_timestamp = self.max_timestamp.max(record.timestamp);
        self.scratch.clear();
        self.scratch.push(0);
        let delta = record.timestamp.wrapping_sub(self.base_timestamp);
        put_varlong(&mut self.scratch, delta);
        put_varlong(&mut self.scratch, i64::from(self.count));
        put_field(&mut self.scratch, record.key);
        put_field(&mut self.scratch, record.value);
        put_varlong(&mut self.scratch, record.headers.len() as i64);
        for (key, value) in record.headers {
            put_field(&mut self.scratch, Some(key));
            put_field(&mut self.scratch, *value);
        }
        put_varlong(&mut self.records, self.scratch.len() as i64);
        self.records.extend_from_slice(&self.scratch);
        self.count += 1;
        self
    }

    /// Records so far.
    pub fn count(&self) -> i32 {
        self.count
    }

    /// Bytes so far, before compression.
    pub fn size(&self) -> usize {
        HEADER_BYTES + self.records.len()
    }

    /// The batch. Starts anew with no records.
    ///
    /// # Errors
    /// What a compressor says; `InvalidInput` when the batch has no records or is beyond 2 GiB.
    pub fn build(&mut self) -> std::io::Result<Vec<u8>> {
        let invalid = |what| std::io::Error::new(std::io::ErrorKind::InvalidInput, what);
        if self.count == 0 {
            return Err(invalid("a batch needs a record"));
        }
        let payload = self.compression.compress(&self.records)?;
        let length = i32::try_from(payload.len() + HEADER_BYTES - super::LOG_OVERHEAD_BYTES)
            .map_err(|_| invalid("a batch is limited to 2 GiB"))?;
        let mut batch = vec![0; HEADER_BYTES];
        batch.extend_from_slice(&payload);
        let (producer_id, producer_epoch, base_sequence) = self.producer;
        let header = HeaderFields {
            attributes: HeaderFields::attributes(
                self.compression,
                self.transactional,
                self.control,
            ),
            base_offset: self.base_offset,
            leader_epoch: self.leader_epoch,
            base_timestamp: self.base_timestamp,
            max_timestamp: self.max_timestamp,
            producer_id,
            producer_epoch,
            base_sequence,
            record_count: self.count,
        };
        header.write(&mut batch, length);
        self.records.clear();
        self.count = 0;
        self.base_timestamp = NO_TIMESTAMP;
        self.max_timestamp = NO_TIMESTAMP;
        Ok(batch)
    }
}

fn put_field(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        None => put_varlong(out, -1),
        Some(bytes) => {
            put_varlong(out, bytes.len() as i64);
            out.extend_from_slice(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BatchView, DECOMPRESSED_BYTES_MAX};
    use super::*;

    #[test]
    fn records_come_back_in_every_codec() {
        for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
            let codec = Compression::from_name(codec).unwrap();
            let mut builder = BatchBuilder::new(codec).base_offset(40);
            builder.push(NewRecord { timestamp: 7, key: Some(b"k"), ..NewRecord::default() });
            builder.push(NewRecord {
                timestamp: 5,
                value: Some(b""),
                headers: &[(b"a", None), (b"b", Some(b"x"))],
                ..NewRecord::default()
            });
            let bytes = builder.build().unwrap();
            let (batch, rest) = BatchView::split_first(&bytes).unwrap();
            assert!(rest.is_empty());
            assert_eq!(batch.crc(), batch.computed_crc());
            assert_eq!((batch.base_offset(), batch.last_offset()), (40, 41));
            assert_eq!((batch.base_timestamp(), batch.max_timestamp()), (7, 7));
            let records = batch.records(DECOMPRESSED_BYTES_MAX).unwrap();
            let records: Vec<_> = records
                .iter()
                .map(Result::unwrap)
                .map(|r| {
                    let headers: Vec<_> = r
                        .headers()
                        .map(|h| (h.key.to_vec(), h.value.map(<[u8]>::to_vec)))
                        .collect();
                    (
                        r.offset,
                        r.timestamp,
                        r.key.map(<[u8]>::to_vec),
                        r.value.map(<[u8]>::to_vec),
                        headers,
                    )
                })
                .collect();
            assert_eq!(records[0], (40, 7, Some(b"k".to_vec()), None, vec![]));
            let headers = vec![(b"a".to_vec(), None), (b"b".to_vec(), Some(b"x".to_vec()))];
            assert_eq!(records[1], (41, 5, None, Some(vec![]), headers));
        }
    }
}
