//! Sending records: batches, partitions, retries without duplicates.

use std::collections::BTreeMap;
use std::time::Duration;

use ringlog_engine::arena::Slice;
use ringlog_engine::batch::{BatchBuilder, Compression, NewRecord};

use super::clock::Deadline;
use super::cluster::Client;
use super::error::ClientError;
use crate::protocol::ErrorCode;
use crate::protocol::generated::produce_request::{PartitionProduceData, TopicProduceData};
use crate::protocol::generated::{InitProducerIdRequest, ProduceRequest};

/// Newest Produce that names topics; later ones have ids, which not every broker knows.
const PRODUCE_MAX: i16 = 12;
/// Pause before a batch that was refused for the moment is sent again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// When a record counts as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acks {
    /// At once; nothing is known of its fate.
    None,
    /// When the leader has it.
    Leader,
    /// When every in-sync replica has it.
    All,
}

impl Acks {
    fn code(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Leader => 1,
            Self::All => -1,
        }
    }
}

/// Which partition a record goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Partitioning {
    /// That of its key, as Kafka's Java producer has it; without a key one after another, a batch
    /// each.
    ByKey,
    /// This one.
    Fixed(i32),
}

/// How a producer sends.
#[derive(Clone, Debug)]
pub struct ProducerOptions {
    /// When a record counts as sent.
    pub acks: Acks,
    /// How batches are compressed.
    pub compression: Compression,
    /// Bytes of records, before compression, at which a batch is sent.
    pub batch_bytes: usize,
    /// Which partition a record goes to.
    pub partitioning: Partitioning,
    /// Whether a batch that is sent twice is kept once (KIP-98); only with [`Acks::All`].
    pub idempotent: bool,
}

impl Default for ProducerOptions {
    fn default() -> Self {
        Self {
            acks: Acks::All,
            compression: Compression::None,
            batch_bytes: 512 << 10,
            partitioning: Partitioning::ByKey,
            idempotent: true,
        }
    }
}

/// A record to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnedRecord {
    /// Its time (ms since 1970).
    pub timestamp: i64,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Its headers.
    pub headers: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// Sends records to one topic. Records wait in memory until their batch is full or
/// [`Producer::flush`] is called.
#[derive(Debug)]
pub struct Producer {
    topic: String,
    partitions: Vec<i32>,
    options: ProducerOptions,
    identity: Option<(i64, i16)>,
    sequences: BTreeMap<i32, i32>,
    open: BTreeMap<i32, BatchBuilder>,
    sticky: usize,
    delivered: u64,
}

impl Producer {
    /// A producer to a topic, which is created when it does not exist and the broker may.
    ///
    /// # Errors
    /// When there is no such topic or partition.
    pub fn new(
        client: &mut Client,
        topic: &str,
        options: ProducerOptions,
    ) -> Result<Self, ClientError> {
        let known = client.topic(topic, true)?;
        let partitions: Vec<i32> = known.partitions.iter().map(|p| p.index).collect();
        if let Partitioning::Fixed(partition) = options.partitioning
            && !partitions.contains(&partition)
        {
            let code = ErrorCode::UnknownTopicOrPartition.code();
            let message = Some(format!("the topic has {} partitions, from 0", partitions.len()));
            let what = format!("{topic}-{partition}");
            return Err(ClientError::Refused { what, code, message });
        }
        let idempotent = options.idempotent && options.acks == Acks::All;
        let identity = if idempotent { Some(identity(client)?) } else { None };
        Ok(Self {
            topic: topic.to_owned(),
            partitions,
            options,
            identity,
            sequences: BTreeMap::new(),
            open: BTreeMap::new(),
            sticky: 0,
            delivered: 0,
        })
    }

    /// Records that were sent and, with acks, acknowledged.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Adds a record, and sends all batches when its own is full.
    ///
    /// # Errors
    /// What [`Producer::flush`] says.
    pub fn send(&mut self, client: &mut Client, record: &OwnedRecord) -> Result<(), ClientError> {
        let partition = self.partition(record.key.as_deref());
        let headers: Vec<(&[u8], Option<&[u8]>)> = record
            .headers
            .iter()
            .map(|(name, value)| (name.as_slice(), value.as_deref()))
            .collect();
        let compression = self.options.compression;
        let batch = self.open.entry(partition).or_insert_with(|| BatchBuilder::new(compression));
        let bytes =
            record.key.as_ref().map_or(0, Vec::len) + record.value.as_ref().map_or(0, Vec::len);
        let full =
            batch.count() > 0 && batch.size().saturating_add(bytes) > self.options.batch_bytes;
        if full {
            self.flush(client)?;
        }
        let batch = self.open.entry(partition).or_insert_with(|| BatchBuilder::new(compression));
        batch.push(NewRecord {
            timestamp: record.timestamp,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
        });
        if batch.size() >= self.options.batch_bytes { self.flush(client) } else { Ok(()) }
    }

    /// Sends what waits and, with acks, waits for the answers.
    ///
    /// # Errors
    /// When a batch was refused for good, or not taken in time. What was sent before stays sent.
    pub fn flush(&mut self, client: &mut Client) -> Result<(), ClientError> {
        let mut ready: BTreeMap<i32, (Slice, i32)> = BTreeMap::new();
        for (partition, mut batch) in std::mem::take(&mut self.open) {
            let count = batch.count();
            if count == 0 {
                continue;
            }
            if let Some((id, epoch)) = self.identity {
                let sequence = self.sequences.entry(partition).or_insert(0);
                batch = batch.producer(id, epoch, *sequence);
                // Sequences wrap from 2^31-1 to 0.
                *sequence = sequence.wrapping_add(count) & i32::MAX;
            }
            let bytes = batch.build().map_err(|error| ClientError::Records {
                topic: self.topic.clone(),
                partition,
                why: format!("the batch cannot be made: {error}"),
            })?;
            ready.insert(partition, (Slice::copy_from(&bytes), count));
        }
        self.sticky = self.sticky.wrapping_add(1);
        let timeout = client.options().operation_timeout;
        let deadline = Deadline::after(timeout);
        let mut last = String::new();
        while !ready.is_empty() {
            if !last.is_empty() {
                if deadline.is_over() {
                    let what = format!("sending to {}", self.topic);
                    return Err(ClientError::Timeout { what, timeout, last });
                }
                deadline.pause(RETRY_PAUSE);
            }
            match self.round(client, &mut ready) {
                Ok(None) => {}
                Ok(Some(trouble)) => last = trouble,
                Err(error) if error.is_retriable() => {
                    client.forget(&self.topic);
                    last = error.to_string();
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Sends every batch once; what was taken leaves `ready`. The text is why something was not.
    fn round(
        &mut self,
        client: &mut Client,
        ready: &mut BTreeMap<i32, (Slice, i32)>,
    ) -> Result<Option<String>, ClientError> {
        let mut by_leader: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for partition in ready.keys() {
            by_leader.entry(client.leader(&self.topic, *partition)?).or_default().push(*partition);
        }
        let mut trouble = None;
        for (leader, partitions) in by_leader {
            let partition_data = partitions.iter().filter_map(|index| {
                let (batch, _) = ready.get(index)?;
                Some(PartitionProduceData { index: *index, records: Some(vec![batch.clone()]) })
            });
            let topic_data = TopicProduceData {
                name: self.topic.clone(),
                partition_data: partition_data.collect(),
                ..Default::default()
            };
            let timeout = client.options().operation_timeout;
            let request = ProduceRequest {
                acks: self.options.acks.code(),
                timeout_ms: i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX),
                topic_data: vec![topic_data],
                ..Default::default()
            };
            if self.options.acks == Acks::None {
                client.broker(leader)?.send_only(&request, PRODUCE_MAX)?;
                for partition in partitions {
                    self.taken(ready, partition);
                }
                continue;
            }
            // The broker itself gives up after `timeout`.
            let wait = timeout.saturating_add(Duration::from_secs(1));
            let answer = client.ask(leader, &request, PRODUCE_MAX, wait)?;
            for topic in answer.responses {
                for partition in topic.partition_responses {
                    let code = partition.error_code;
                    let what = || format!("{}-{}", self.topic, partition.index);
                    let message = partition.error_message.clone();
                    match ClientError::check(code, message, what) {
                        Ok(()) => self.taken(ready, partition.index),
                        // The first answer was lost, the batch was not.
                        Err(_) if code == ErrorCode::DuplicateSequenceNumber.code() => {
                            self.taken(ready, partition.index);
                        }
                        Err(error) if error.is_retriable() => {
                            client.forget(&self.topic);
                            trouble = Some(error.to_string());
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
        }
        if !ready.is_empty() && trouble.is_none() {
            trouble = Some("the broker left a partition out of its answer".to_owned());
        }
        Ok(trouble)
    }

    fn taken(&mut self, ready: &mut BTreeMap<i32, (Slice, i32)>, partition: i32) {
        if let Some((_, count)) = ready.remove(&partition) {
            self.delivered += u64::try_from(count).unwrap_or(0);
        }
    }

    fn partition(&self, key: Option<&[u8]>) -> i32 {
        let at = match (self.options.partitioning, key) {
            (Partitioning::Fixed(partition), _) => return partition,
            (Partitioning::ByKey, Some(key)) => (murmur2(key) & 0x7fff_ffff) as usize,
            (Partitioning::ByKey, None) => self.sticky,
        };
        let index = at.checked_rem(self.partitions.len()).unwrap_or(0);
        self.partitions.get(index).copied().unwrap_or(0)
    }
}

/// What an idempotent producer is known by: id and epoch.
fn identity(client: &mut Client) -> Result<(i64, i16), ClientError> {
    let what = || "a producer id".to_owned();
    client.retry(what, |client| {
        let request = InitProducerIdRequest { transactional_id: None, ..Default::default() };
        let broker = client.nodes().next().map_or(-1, |node| node.id);
        let wait = client.options().request_timeout;
        let answer = client.ask(broker, &request, i16::MAX, wait)?;
        ClientError::check(answer.error_code, None, what)?;
        Ok((answer.producer_id, answer.producer_epoch))
    })
}

/// The hash by which Kafka's Java producer chooses the partition of a key: `Utils.murmur2`.
fn murmur2(key: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ u32::try_from(key.len()).unwrap_or(u32::MAX);
    let mut chunks = key.chunks_exact(4);
    for chunk in &mut chunks {
        let mut k = chunk.iter().rev().fold(0, |k, byte| (k << 8) | u32::from(*byte));
        k = k.wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        hash ^= rest.iter().rev().fold(0, |k, byte| (k << 8) | u32::from(*byte));
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::murmur2;

    // From Kafka's UtilsTest.
    #[test]
    fn keys_hash_as_in_kafkas_java_producer() {
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()) as i32, hash, "{key}");
        }
    }
}
