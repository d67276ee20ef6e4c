//! Reading records: positions, fetches, what transactions hide.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::Duration;

use ringlog_engine::batch::{BatchIter, BatchView, DECOMPRESSED_BYTES_MAX, Record, TimestampType};

use super::TopicPartition;
use super::clock::Deadline;
use super::cluster::Client;
use super::error::ClientError;
use crate::protocol::ErrorCode;
use crate::protocol::generated::FetchRequest;
use crate::protocol::generated::fetch_request::{FetchPartition, FetchTopic};
use crate::protocol::generated::fetch_response::PartitionData;

/// Newest Fetch that names topics; later ones have ids, which not every broker knows.
const FETCH_MAX: i16 = 12;
/// Pause after a fetch that was refused for the moment.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// Where reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the oldest record there is.
    Beginning,
    /// Behind the newest record.
    End,
    /// At this offset.
    Offset(i64),
    /// So many records before the end.
    BeforeEnd(i64),
    /// At the first record of this time (ms since 1970) or later.
    Timestamp(i64),
}

/// How a consumer reads.
#[derive(Clone, Debug)]
pub struct ConsumerOptions {
    /// Bytes a fetch asks for, over all partitions.
    pub fetch_bytes: i32,
    /// Bytes a fetch asks for of one partition.
    pub partition_bytes: i32,
    /// Whether records of open and aborted transactions are left out.
    pub read_committed: bool,
    /// Where to go on when the offset is not there any more.
    pub out_of_range: Option<Start>,
}

impl Default for ConsumerOptions {
    fn default() -> Self {
        Self {
            fetch_bytes: 16 << 20,
            partition_bytes: 1 << 20,
            read_committed: true,
            out_of_range: Some(Start::Beginning),
        }
    }
}

/// A record, where it lies in the answer.
#[derive(Clone, Copy, Debug)]
pub struct FetchedRecord<'a> {
    /// Its topic.
    pub topic: &'a str,
    /// Its partition.
    pub partition: i32,
    /// Who set its time.
    pub timestamp_type: TimestampType,
    /// The record.
    pub record: Record<'a>,
}

#[derive(Clone, Copy, Debug)]
struct Position {
    /// Offset of the next record.
    offset: i64,
    /// End of what can be read, as of the last answer.
    end: Option<i64>,
}

/// Reads partitions from positions of its own.
#[derive(Debug)]
pub struct Consumer {
    options: ConsumerOptions,
    positions: BTreeMap<TopicPartition, Position>,
}

impl Consumer {
    /// A consumer of nothing yet.
    pub fn new(options: ConsumerOptions) -> Self {
        Self { options, positions: BTreeMap::new() }
    }

    /// Reads these partitions from now on, and no others.
    ///
    /// # Errors
    /// When an offset cannot be found out.
    pub fn assign(
        &mut self,
        client: &mut Client,
        starts: &[(TopicPartition, Start)],
    ) -> Result<(), ClientError> {
        self.positions.clear();
        for (offset, (partition, _)) in self.resolve(client, starts)?.into_iter().zip(starts) {
            self.positions.insert(partition.clone(), Position { offset, end: None });
        }
        Ok(())
    }

    /// Offsets of the next records.
    pub fn positions(&self) -> BTreeMap<TopicPartition, i64> {
        self.positions.iter().map(|(partition, p)| (partition.clone(), p.offset)).collect()
    }

    /// Whether every partition was read to where its end was when it was asked last.
    pub fn is_at_end(&self) -> bool {
        self.positions.values().all(|p| p.end.is_some_and(|end| p.offset >= end))
    }

    /// Asks every leader once, waiting up to `wait` for records in all, and shows each record to
    /// `visit` until it breaks off. A record that was shown is not shown again.
    ///
    /// # Errors
    /// When a partition cannot be read for good, or an offset is not there and there is no
    /// [`ConsumerOptions::out_of_range`].
    pub fn poll(
        &mut self,
        client: &mut Client,
        wait: Duration,
        mut visit: impl FnMut(FetchedRecord<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ClientError> {
        let mut by_leader: BTreeMap<i32, Vec<TopicPartition>> = BTreeMap::new();
        for partition in self.positions.keys() {
            let leader = client.leader(&partition.0, partition.1)?;
            by_leader.entry(leader).or_default().push(partition.clone());
        }
        let leaders = u32::try_from(by_leader.len().max(1)).unwrap_or(u32::MAX);
        for (leader, partitions) in by_leader {
            let request = self.request(&partitions, wait / leaders);
            let patience = wait.saturating_add(client.options().request_timeout);
            let answer = match client.ask(leader, &request, FETCH_MAX, patience) {
                Ok(answer) => answer,
                Err(error) if error.is_retriable() => {
                    self.moved(client, &partitions, &error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            ClientError::check(answer.error_code, None, || "fetch".to_owned())?;
            for topic in answer.responses {
                for data in topic.partitions {
                    let partition = (topic.topic.clone(), data.partition_index);
                    if self.refused(client, &partition, &data)? {
                        continue;
                    }
                    if self.show(&partition, &data, &mut visit)?.is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn request(&self, partitions: &[TopicPartition], wait: Duration) -> FetchRequest {
        let mut topics: BTreeMap<&str, Vec<FetchPartition>> = BTreeMap::new();
        for partition in partitions {
            let Some(position) = self.positions.get(partition) else { continue };
            topics.entry(&partition.0).or_default().push(FetchPartition {
                partition: partition.1,
                fetch_offset: position.offset,
                partition_max_bytes: self.options.partition_bytes,
                ..Default::default()
            });
        }
        let topics = topics.into_iter().map(|(topic, partitions)| FetchTopic {
            topic: topic.to_owned(),
            partitions,
            ..Default::default()
        });
        FetchRequest {
            max_wait_ms: i32::try_from(wait.as_millis()).unwrap_or(i32::MAX),
            min_bytes: 1,
            max_bytes: self.options.fetch_bytes,
            isolation_level: i8::from(self.options.read_committed),
            // No fetch session: each request says everything (KIP-227).
            session_id: 0,
            session_epoch: -1,
            topics: topics.collect(),
            ..Default::default()
        }
    }

    /// Deals with a partition's error; whether there was one.
    fn refused(
        &mut self,
        client: &mut Client,
        partition: &TopicPartition,
        data: &PartitionData,
    ) -> Result<bool, ClientError> {
        let what = || format!("{}-{}", partition.0, partition.1);
        let Err(error) = ClientError::check(data.error_code, None, what) else { return Ok(false) };
        match self.options.out_of_range {
            Some(start) if data.error_code == ErrorCode::OffsetOutOfRange.code() => {
                let found = self.resolve(client, &[(partition.clone(), start)])?;
                if let (Some(offset), Some(position)) =
                    (found.first(), self.positions.get_mut(partition))
                {
                    *position = Position { offset: *offset, end: None };
                }
            }
            _ if error.is_retriable() => {
                self.moved(client, std::slice::from_ref(partition), &error);
            }
            _ => return Err(error),
        }
        Ok(true)
    }

    /// Leaders have moved, or a broker is away for the moment.
    fn moved(&self, client: &mut Client, partitions: &[TopicPartition], error: &ClientError) {
        tracing::debug!(%error, "fetching again");
        for (topic, _) in partitions {
            client.forget(topic);
        }
        Deadline::after(RETRY_PAUSE).pause(RETRY_PAUSE);
    }

    fn show(
        &mut self,
        partition: &TopicPartition,
        data: &PartitionData,
        visit: &mut impl FnMut(FetchedRecord<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, ClientError> {
        let Some(position) = self.positions.get_mut(partition) else {
            return Ok(ControlFlow::Continue(()));
        };
        let end =
            if self.options.read_committed { data.last_stable_offset } else { data.high_watermark };
        position.end = Some(end);
        let pieces = data.records.as_deref().unwrap_or_default();
        let bytes: Vec<u8>;
        let set: &[u8] = match pieces {
            [] => return Ok(ControlFlow::Continue(())),
            [one] => one,
            many => {
                bytes = many.iter().flat_map(|piece| piece.iter().copied()).collect();
                &bytes
            }
        };
        let wrong = |why: String| ClientError::Records {
            topic: partition.0.clone(),
            partition: partition.1,
            why,
        };
        let mut hidden = Hidden::new(data);
        for batch in BatchIter::new(set) {
            // The last batch may be cut off: the next fetch begins with it.
            let Ok(batch) = batch else { break };
            if batch.crc() != batch.computed_crc() {
                let offset = batch.base_offset();
                return Err(wrong(format!("the batch at offset {offset} has a wrong checksum")));
            }
            if !hidden.hides(&batch) && batch.next_offset() > position.offset {
                let records = batch.records(DECOMPRESSED_BYTES_MAX);
                let records = records.map_err(|error| wrong(error.to_string()))?;
                for record in records.iter() {
                    let record = record.map_err(|error| wrong(error.to_string()))?;
                    if record.offset < position.offset {
                        continue;
                    }
                    position.offset = record.offset.saturating_add(1);
                    let shown = FetchedRecord {
                        topic: &partition.0,
                        partition: partition.1,
                        timestamp_type: batch.timestamp_type(),
                        record,
                    };
                    if visit(shown).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
            }
            // Compaction and control records leave gaps: the batch says where it ends.
            position.offset = position.offset.max(batch.next_offset());
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The offsets that starts stand for.
    fn resolve(
        &self,
        client: &mut Client,
        starts: &[(TopicPartition, Start)],
    ) -> Result<Vec<i64>, ClientError> {
        let mut asked: BTreeMap<i64, Vec<TopicPartition>> = BTreeMap::new();
        let question = |start: Start| match start {
            Start::Beginning => Some(client_time::EARLIEST),
            Start::End | Start::BeforeEnd(_) => Some(client_time::LATEST),
            Start::Timestamp(time) => Some(time),
            Start::Offset(_) => None,
        };
        for (partition, start) in starts {
            if let Some(time) = question(*start) {
                asked.entry(time).or_default().push(partition.clone());
            }
            if matches!(start, Start::BeforeEnd(_)) {
                asked.entry(client_time::EARLIEST).or_default().push(partition.clone());
            }
            if matches!(start, Start::Timestamp(_)) {
                asked.entry(client_time::LATEST).or_default().push(partition.clone());
            }
        }
        let mut found = BTreeMap::new();
        for (time, partitions) in asked {
            let answer = client.list_offsets(&partitions, time, self.options.read_committed)?;
            found.extend(answer.into_iter().map(|(partition, offset)| ((partition, time), offset)));
        }
        let at = |partition: &TopicPartition, time: i64| {
            found.get(&(partition.clone(), time)).copied().unwrap_or(-1)
        };
        let offsets = starts.iter().map(|(partition, start)| match *start {
            Start::Offset(offset) => offset,
            Start::BeforeEnd(count) => at(partition, client_time::LATEST)
                .saturating_sub(count)
                .max(at(partition, client_time::EARLIEST)),
            Start::Timestamp(time) => match at(partition, time) {
                // No record is as late as that.
                -1 => at(partition, client_time::LATEST),
                offset => offset,
            },
            Start::Beginning => at(partition, client_time::EARLIEST),
            Start::End => at(partition, client_time::LATEST),
        });
        Ok(offsets.collect())
    }
}

/// Times that mean an end of the log to ListOffsets.
pub(super) mod client_time {
    pub(crate) const LATEST: i64 = -1;
    pub(crate) const EARLIEST: i64 = -2;
}

/// What a consumer of committed records does not see: control records and aborted transactions.
struct Hidden {
    /// Aborted transactions that are still to come: first offset, producer.
    to_come: BTreeSet<(i64, i64)>,
    /// Producers whose aborted transaction is open at this point.
    open: BTreeSet<i64>,
}

impl Hidden {
    fn new(data: &PartitionData) -> Self {
        let aborted = data.aborted_transactions.iter().flatten();
        let to_come = aborted.map(|aborted| (aborted.first_offset, aborted.producer_id)).collect();
        Self { to_come, open: BTreeSet::new() }
    }

    fn hides(&mut self, batch: &BatchView<'_>) -> bool {
        while let Some((offset, producer)) = self.to_come.first().copied()
            && offset <= batch.last_offset()
        {
            self.to_come.pop_first();
            self.open.insert(producer);
        }
        if batch.is_control() {
            // Commit or abort: the transaction is over.
            self.open.remove(&batch.producer_id());
            return true;
        }
        batch.is_transactional() && self.open.contains(&batch.producer_id())
    }
}
