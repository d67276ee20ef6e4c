//! The metadata log of a single node: a partition log like any other.

use std::rc::Rc;

use ringlog_engine::batch::{BatchBuilder, BatchIter, DECOMPRESSED_BYTES_MAX, NewRecord};
use ringlog_engine::io::Io;
use ringlog_engine::log::{AppendOptions, AppendOrigin, PartitionLog};

use super::source::{LocalFuture, MetadataSource, SourceError};
use crate::protocol::MetadataRecord;

/// Directory of the metadata log, as Kafka names it.
pub const METADATA_DIR: &str = "__cluster_metadata-0";

/// Bytes of metadata read at a time when a node starts.
const REPLAY_BYTES: usize = 1 << 20;

/// A [`MetadataSource`] in a partition log of this node. Each commit is one record batch, so it is
/// there whole or not at all.
pub struct LocalSource {
    io: Io,
    log: Rc<PartitionLog>,
}

impl LocalSource {
    /// The records in `log`.
    pub fn new(io: Io, log: Rc<PartitionLog>) -> Self {
        Self { io, log }
    }

    async fn append(&self, records: Vec<MetadataRecord>) -> Result<i64, SourceError> {
        let failed = |error: &dyn std::fmt::Display| SourceError::Write(error.to_string());
        let mut builder = BatchBuilder::default();
        let timestamp = self.io.wall_ms();
        for record in &records {
            let value = record.encode().map_err(|error| failed(&error))?;
            builder.push(NewRecord { timestamp, value: Some(&value), ..NewRecord::default() });
        }
        let batch = builder.build().map_err(|error| failed(&error))?;
        let how = AppendOptions {
            leader_epoch: 0,
            log_append_time_ms: None,
            origin: AppendOrigin::Coordinator,
            // Also what frees space is a record here: a topic's deletion, a shorter retention.
            within_reserve: true,
        };
        let appended = loop {
            match self.log.append(&batch, how) {
                Ok(appended) => break appended,
                Err(error) if error.is_back_pressure() => self.log.room().await,
                Err(error) => return Err(failed(&error)),
            }
        };
        let last = appended.last_offset;
        appended.durable.await.map_err(|error| failed(&error))?;
        Ok(last)
    }

    async fn read(&self) -> Result<Vec<(i64, MetadataRecord)>, SourceError> {
        let failed = |error: &dyn std::fmt::Display| SourceError::Read(error.to_string());
        let mut records = Vec::new();
        let end = self.log.durable_end_offset();
        let mut offset = self.log.log_start_offset();
        while offset < end {
            let read = self.log.read(offset, REPLAY_BYTES, end, true).await;
            let read = read.map_err(|error| failed(&error))?;
            let bytes: Vec<u8> =
                read.pieces.iter().flat_map(|piece| piece.iter().copied()).collect();
            let before = offset;
            for batch in BatchIter::new(&bytes) {
                let batch = batch.map_err(|error| failed(&error))?;
                let inner =
                    batch.records(DECOMPRESSED_BYTES_MAX).map_err(|error| failed(&error))?;
                for record in inner.iter() {
                    let record = record.map_err(|error| failed(&error))?;
                    let value = record.value.ok_or_else(|| failed(&"a record without a value"))?;
                    let decoded = MetadataRecord::decode(value).map_err(|error| failed(&error))?;
                    records.push((record.offset, decoded));
                }
                offset = batch.next_offset();
            }
            if offset == before {
                return Err(failed(&format!("nothing comes at offset {offset} of {end}")));
            }
        }
        Ok(records)
    }
}

impl MetadataSource for LocalSource {
    fn commit(&self, records: Vec<MetadataRecord>) -> LocalFuture<'_, Result<i64, SourceError>> {
        Box::pin(self.append(records))
    }

    fn check_space(&self) -> Result<(), SourceError> {
        self.log.health().map_err(|error| SourceError::Refused(error.to_string()))
    }

    fn replay(&self) -> LocalFuture<'_, Result<Vec<(i64, MetadataRecord)>, SourceError>> {
        Box::pin(self.read())
    }
}
