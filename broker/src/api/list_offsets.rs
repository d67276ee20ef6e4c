//! ListOffsets (2): offsets by time, and the ends of a partition.

use std::collections::BTreeMap;
use std::rc::Rc;

use ringlog_engine::io::ShardId;
use ringlog_engine::log::ReadError;

use super::{Answer, Context, Operation, Resource};
use crate::partition::Partition;
use crate::protocol::generated::list_offsets_response::{
    ListOffsetsPartitionResponse, ListOffsetsTopicResponse,
};
use crate::protocol::generated::{ListOffsetsRequest, ListOffsetsRequestView, ListOffsetsResponse};
use crate::protocol::{ErrorCode, Uuid};
use crate::server::Broker;

const LATEST: i64 = -1;
const EARLIEST: i64 = -2;
const MAX_TIMESTAMP: i64 = -3;
const EARLIEST_LOCAL: i64 = -4;
const LATEST_TIERED: i64 = -5;
const EARLIEST_PENDING_UPLOAD: i64 = -6;

/// What is asked of one partition.
#[derive(Clone, Copy)]
struct Question {
    topic: Uuid,
    partition: i32,
    shard: ShardId,
    timestamp: i64,
    current_leader_epoch: i32,
    committed_only: bool,
}

/// The partitions of a topic, each with its question or why it is not asked.
type Questions = Vec<(i32, Result<Question, ErrorCode>)>;

/// Timestamp, offset and leader epoch.
type Found = Result<(i64, i64, i32), ErrorCode>;

pub(super) async fn handle(context: Context, request: ListOffsetsRequestView<'_>) -> Answer {
    let broker = context.broker.clone();
    let image = broker.image();
    let committed_only = request.isolation_level == 1;
    // A partition that is named twice is refused once, as in Kafka: an answer is not to outgrow its
    // request, nor the work.
    let mut named: BTreeMap<(&str, i32), u32> = BTreeMap::new();
    for topic in request.topics.iter() {
        for part in topic.partitions.iter() {
            *named.entry((topic.name, part.partition_index)).or_default() += 1;
        }
    }
    let mut topics: Vec<(String, Questions)> = Vec::new();
    for asked in request.topics.iter() {
        let topic = image.topic(asked.name);
        let allowed = context.is_allowed(Operation::Describe, Resource::Topic(asked.name));
        let partitions = asked.partitions.iter().filter_map(|part| {
            let times = named.remove(&(asked.name, part.partition_index))?;
            let index = usize::try_from(part.partition_index).unwrap_or(usize::MAX);
            let found = topic.and_then(|topic| Some((topic, topic.partitions.get(index)?)));
            let question = match found {
                _ if !allowed => Err(ErrorCode::TopicAuthorizationFailed),
                _ if times > 1 => Err(ErrorCode::InvalidRequest),
                None => Err(ErrorCode::UnknownTopicOrPartition),
                Some((topic, partition)) => Ok(Question {
                    topic: topic.id,
                    partition: part.partition_index,
                    shard: partition.shard,
                    timestamp: part.timestamp,
                    current_leader_epoch: part.current_leader_epoch,
                    committed_only,
                }),
            };
            Some((part.partition_index, question))
        });
        let partitions: Questions = partitions.collect();
        if !partitions.is_empty() || asked.partitions.is_empty() {
            topics.push((asked.name.to_owned(), partitions));
        }
    }
    // Versions before KIP-320 have no epochs.
    let knows_epochs = context.version >= 4;
    context.answer::<ListOffsetsRequest>(async move {
        let mut responses = Vec::new();
        for (name, partitions) in topics {
            let mut answers = Vec::new();
            for (partition_index, question) in partitions {
                let found = match question {
                    Ok(question) => ask(&broker, question).await,
                    Err(code) => Err(code),
                };
                answers.push(match found {
                    Ok((timestamp, offset, leader_epoch)) => ListOffsetsPartitionResponse {
                        partition_index,
                        timestamp,
                        offset,
                        leader_epoch: if knows_epochs { leader_epoch } else { -1 },
                        ..Default::default()
                    },
                    Err(code) => ListOffsetsPartitionResponse {
                        partition_index,
                        error_code: code.code(),
                        timestamp: -1,
                        offset: -1,
                        leader_epoch: -1,
                    },
                });
            }
            responses.push(ListOffsetsTopicResponse { name, partitions: answers });
        }
        ListOffsetsResponse { topics: responses, ..Default::default() }
    })
}

async fn ask(broker: &Rc<Broker>, question: Question) -> Found {
    let job = move |broker: Rc<Broker>| async move {
        match broker.partition(question.topic, question.partition) {
            Some(partition) => find(&partition, question).await,
            None => Err(broker.absent()),
        }
    };
    broker.seat.submit_to(question.shard, job).await.unwrap_or(Err(ErrorCode::NotLeaderOrFollower))
}

async fn find(partition: &Partition, question: Question) -> Found {
    partition.check_epoch(question.current_leader_epoch)?;
    let log = partition.log();
    let epoch = partition.leader_epoch();
    let end = if question.committed_only {
        partition.last_stable_offset()
    } else {
        partition.high_watermark()
    };
    // A log without records begins with the leadership of now.
    let epoch_at = |offset: i64| log.epoch_at(offset).unwrap_or(epoch);
    let none = (-1, -1, -1);
    let storage = |error: ReadError| {
        tracing::error!(topic = partition.topic(), partition = partition.number(), %error, "search failed");
        match error {
            ReadError::Faulty { .. } => ErrorCode::CorruptMessage,
            _ => ErrorCode::KafkaStorageError,
        }
    };
    match question.timestamp {
        LATEST => Ok((-1, end, epoch)),
        EARLIEST | EARLIEST_LOCAL => {
            let start = log.log_start_offset();
            Ok((-1, start, epoch_at(start)))
        }
        // Nothing is tiered.
        LATEST_TIERED | EARLIEST_PENDING_UPLOAD => Ok(none),
        MAX_TIMESTAMP => {
            let found = log.max_timestamp().await.map_err(storage)?;
            Ok(found.map_or(none, |(timestamp, offset)| (timestamp, offset, epoch_at(offset))))
        }
        timestamp => {
            let found = log.offset_for_timestamp(timestamp).await.map_err(storage)?;
            let committed = found.filter(|(_, offset)| *offset < end);
            Ok(committed.map_or(none, |(timestamp, offset)| (timestamp, offset, epoch_at(offset))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::generated::list_offsets_request::{
        ListOffsetsPartition, ListOffsetsTopic,
    };
    use crate::server::testing::TestNode;
    use ringlog_engine::batch::{BatchBuilder, NewRecord};
    use ringlog_engine::log::AppendOptions;

    #[test]
    fn a_record_is_told_with_the_epoch_it_was_written_in() {
        let mut node = TestNode::start(1, |_| {});
        node.create_topic("t", 1);
        let ask = |node: &mut TestNode, timestamp| {
            let partition =
                ListOffsetsPartition { partition_index: 0, timestamp, current_leader_epoch: -1 };
            let topic = ListOffsetsTopic { name: "t".into(), partitions: vec![partition] };
            let request =
                ListOffsetsRequest { replica_id: -1, topics: vec![topic], ..Default::default() };
            let answer = node.call(7, &request);
            let part = &answer.topics[0].partitions[0];
            (part.timestamp, part.offset, part.leader_epoch)
        };
        assert_eq!(ask(&mut node, EARLIEST), (-1, 0, 0));
        let broker = node.broker(0);
        let appended = node.world.block_on(0, |_| async move {
            let log = broker.partitions().remove(0).log().clone();
            // As if this node had led before: twice one record in each of two epochs.
            for (leader_epoch, timestamp) in [(3, 100), (3, 200), (5, 300), (5, 400)] {
                let mut builder = BatchBuilder::default();
                let record = NewRecord { timestamp, value: Some(b"v"), ..NewRecord::default() };
                builder.push(record);
                let how = AppendOptions { leader_epoch, ..AppendOptions::default() };
                let appended = log.append(&builder.build().unwrap(), how).unwrap();
                appended.durable.await.unwrap();
            }
            true
        });
        assert!(appended);
        assert_eq!(ask(&mut node, EARLIEST), (-1, 0, 3));
        assert_eq!(ask(&mut node, EARLIEST_LOCAL), (-1, 0, 3));
        assert_eq!(ask(&mut node, 150), (200, 1, 3));
        assert_eq!(ask(&mut node, 201), (300, 2, 5));
        assert_eq!(ask(&mut node, 401), (-1, -1, -1));
        assert_eq!(ask(&mut node, MAX_TIMESTAMP), (400, 3, 5));
        // The end is told with the leadership of now.
        assert_eq!(ask(&mut node, LATEST), (-1, 4, 0));
    }

    #[test]
    fn a_partition_that_is_named_twice_is_refused_once() {
        let mut node = TestNode::start(1, |_| {});
        node.create_topic("t", 2);
        let partition = |partition_index| ListOffsetsPartition {
            partition_index,
            timestamp: LATEST,
            current_leader_epoch: -1,
        };
        let topic = |partitions: &[i32]| ListOffsetsTopic {
            name: "t".into(),
            partitions: partitions.iter().copied().map(partition).collect(),
        };
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![topic(&[0, 1, 0]), topic(&[0, 7])],
            ..Default::default()
        };
        let answer = node.call(7, &request);
        let answers = answer.topics.iter().flat_map(|topic| &topic.partitions);
        let told: Vec<_> = answers.map(|part| (part.partition_index, part.error_code)).collect();
        let refused = ErrorCode::InvalidRequest.code();
        assert_eq!(told, [(0, refused), (1, 0), (7, ErrorCode::UnknownTopicOrPartition.code())]);
    }
}
