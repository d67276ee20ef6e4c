//! Produce (0): records to the shards that hold their partitions, answered once they are durable.

use std::collections::BTreeMap;
use std::rc::Rc;

use ringlog_engine::arena::Slice;
use ringlog_engine::exec::JoinHandle;
use ringlog_engine::io::ShardId;

use super::{Answer, Context, Operation, Rejection, Reply, Resource};
use crate::partition::{AppendFailure, AppendReceipt, ProduceTerms};
use crate::protocol::generated::produce_response::{
    PartitionProduceResponse, TopicProduceResponse,
};
use crate::protocol::generated::{ProduceRequest, ProduceRequestView, ProduceResponse};
use crate::protocol::{ErrorCode, Uuid};
use crate::server::Broker;

/// Most partitions of one request. An entry without records takes a few bytes on the wire and hundreds
/// here, and this request may be the largest of all.
const PARTITIONS_MAX: usize = 50_000;

type Outcome = Result<AppendReceipt, AppendFailure>;

/// One partition's part of a request, on its way to the partition's shard.
struct Part {
    /// Its place in the answer.
    place: usize,
    topic: Uuid,
    partition: i32,
    records: Slice,
}

/// Places and numbers of a topic's partitions.
type Places = Vec<(usize, i32)>;

/// The topics of an answer in the request's order, their partitions by place.
struct Skeleton {
    topics: Vec<(String, Uuid, Places)>,
}

pub(super) async fn handle(
    context: Context,
    request: ProduceRequestView<'_>,
) -> Result<Answer, Rejection> {
    let entries = request.topic_data.iter().map(|data| data.partition_data.len().max(1));
    let partitions = entries.fold(0_usize, usize::saturating_add);
    if partitions > PARTITIONS_MAX {
        return Err(Rejection::TooManyPartitions { partitions, most: PARTITIONS_MAX });
    }
    let broker = context.broker.clone();
    let image = broker.image();
    let acks = request.acks;
    let terms = ProduceTerms { acks, version: context.version };
    let mut skeleton = Skeleton { topics: Vec::new() };
    let mut outcomes: Vec<Option<Outcome>> = Vec::new();
    let mut by_shard: BTreeMap<ShardId, Vec<Part>> = BTreeMap::new();
    for data in request.topic_data.iter() {
        let topic = if context.version >= 13 {
            image.topic_by_id(data.topic_id)
        } else {
            image.topic(data.name)
        };
        let mut partitions = Vec::new();
        for part in data.partition_data.iter() {
            let place = outcomes.len();
            partitions.push((place, part.index));
            let unknown = if context.version >= 13 && topic.is_none() {
                ErrorCode::UnknownTopicId
            } else {
                ErrorCode::UnknownTopicOrPartition
            };
            let index = usize::try_from(part.index).unwrap_or(usize::MAX);
            let found = topic.and_then(|topic| Some((topic, topic.partitions.get(index)?)));
            let refused = match found {
                _ if !(-1..=1).contains(&acks) => Some(ErrorCode::InvalidRequiredAcks),
                _ if request.transactional_id.is_some() => {
                    Some(ErrorCode::TransactionalIdAuthorizationFailed)
                }
                None => Some(unknown),
                Some((topic, _))
                    if !context.is_allowed(Operation::Write, Resource::Topic(&topic.name)) =>
                {
                    Some(ErrorCode::TopicAuthorizationFailed)
                }
                // Brokers write their own topics.
                Some((topic, _)) if crate::metadata::is_internal(&topic.name) => {
                    Some(ErrorCode::InvalidTopicException)
                }
                Some(_) => None,
            };
            outcomes.push(refused.map(|code| Err(code.into())));
            if let (None, Some((topic, partition))) = (refused, found) {
                by_shard.entry(partition.shard).or_default().push(Part {
                    place,
                    topic: topic.id,
                    partition: part.index,
                    records: context.keep(part.records.unwrap_or_default()),
                });
            }
        }
        skeleton.topics.push((data.name.to_owned(), data.topic_id, partitions));
    }
    context.connection.affinity.note(by_shard.keys());
    // Started here and now: appends of one connection stay in order.
    let waits: Vec<JoinHandle<Vec<(usize, Outcome)>>> = by_shard
        .into_iter()
        .map(|(shard, parts)| {
            let broker = broker.clone();
            broker.clone().io.start(async move { append_on(&broker, shard, parts, terms).await })
        })
        .collect();
    let produced = async move {
        for wait in waits {
            for (place, outcome) in wait.await.unwrap_or_default() {
                if let Some(slot) = outcomes.get_mut(place) {
                    *slot = Some(outcome);
                }
            }
        }
        respond(skeleton, outcomes)
    };
    if acks != 0 {
        return Ok(context.answer::<ProduceRequest>(produced));
    }
    // Nobody waits for an answer, but the appends are to be done before the connection goes on. When
    // one is refused it does not go on: the producer is to look for the leaders again, as in Kafka.
    Ok(Box::pin(async move { refusal(&produced.await).map_or(Reply::Nothing, Reply::Close) }))
}

/// The first partition of an answer that was refused, and why.
fn refusal(response: &ProduceResponse) -> Option<String> {
    response.responses.iter().find_map(|topic| {
        let refused = topic.partition_responses.iter().find(|part| part.error_code != 0)?;
        let code =
            ErrorCode::from_code(refused.error_code).unwrap_or(ErrorCode::UnknownServerError);
        let (name, id, number) = (&topic.name, topic.topic_id, refused.index);
        let topic = if name.is_empty() { id.to_string() } else { name.clone() };
        Some(format!("records of {topic}-{number} with acks=0 are refused: {}", code.name()))
    })
}

async fn append_on(
    broker: &Rc<Broker>,
    shard: ShardId,
    parts: Vec<Part>,
    terms: ProduceTerms,
) -> Vec<(usize, Outcome)> {
    let places: Vec<usize> = parts.iter().map(|part| part.place).collect();
    let job = move |broker: Rc<Broker>| async move { append_all(&broker, parts, terms).await };
    match broker.seat.submit_to(shard, job).await {
        Ok(outcomes) => outcomes,
        // The shard stopped with the records on their way: whether they are there is open.
        Err(_) => places
            .into_iter()
            .map(|place| (place, Err(ErrorCode::NotLeaderOrFollower.into())))
            .collect(),
    }
}

/// Appends all parts on their own shard; they share the journal's next frames.
async fn append_all(
    broker: &Rc<Broker>,
    parts: Vec<Part>,
    terms: ProduceTerms,
) -> Vec<(usize, Outcome)> {
    let mut waits = Vec::new();
    for part in parts {
        let partition = broker.partition(part.topic, part.partition);
        let (io, absent) = (broker.io.clone(), broker.absent());
        let place = part.place;
        let wait = broker.io.start(async move {
            match partition {
                Some(partition) => partition.produce(&io, &part.records, terms).await,
                None => Err(absent.into()),
            }
        });
        waits.push((place, wait));
    }
    let mut outcomes = Vec::new();
    for (place, wait) in waits {
        let outcome = wait.await.unwrap_or_else(|_| Err(ErrorCode::NotLeaderOrFollower.into()));
        outcomes.push((place, outcome));
    }
    outcomes
}

fn respond(skeleton: Skeleton, mut outcomes: Vec<Option<Outcome>>) -> ProduceResponse {
    let mut outcome = |place: usize| {
        let open = || Err(ErrorCode::NotLeaderOrFollower.into());
        outcomes.get_mut(place).and_then(Option::take).unwrap_or_else(open)
    };
    let responses = skeleton.topics.into_iter().map(|(name, topic_id, partitions)| {
        let partition_responses =
            partitions.into_iter().map(|(place, index)| match outcome(place) {
                Ok(receipt) => PartitionProduceResponse {
                    index,
                    base_offset: receipt.base_offset,
                    log_append_time_ms: receipt.log_append_time_ms,
                    log_start_offset: receipt.log_start_offset,
                    ..Default::default()
                },
                Err(failure) => PartitionProduceResponse {
                    index,
                    error_code: failure.code.code(),
                    base_offset: -1,
                    log_append_time_ms: -1,
                    log_start_offset: failure.log_start_offset,
                    error_message: failure.message,
                    ..Default::default()
                },
            });
        let partition_responses = partition_responses.collect();
        TopicProduceResponse { name, topic_id, partition_responses }
    });
    ProduceResponse { responses: responses.collect(), ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::generated::produce_request::{PartitionProduceData, TopicProduceData};
    use crate::server::testing::TestNode;
    use ringlog_engine::batch::{BatchBuilder, Compression, NewRecord};

    fn produce(acks: i16, topic: &str, compression: Compression) -> ProduceRequest {
        let mut builder = BatchBuilder::new(compression);
        builder.push(NewRecord { value: Some(b"value"), ..NewRecord::default() });
        let records = builder.build().expect("it is small");
        let partition =
            PartitionProduceData { index: 0, records: Some(vec![Slice::copy_from(&records)]) };
        ProduceRequest {
            acks,
            timeout_ms: 1000,
            topic_data: vec![TopicProduceData {
                name: topic.into(),
                partition_data: vec![partition],
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    #[test]
    fn zstandard_is_refused_before_version_7() {
        let mut node = TestNode::start(1, |_| {});
        node.create_topic("t", 1);
        let mut error = |version, compression| {
            let answer = node.call(version, &produce(-1, "t", compression));
            let part = &answer.responses[0].partition_responses[0];
            (part.error_code, part.base_offset)
        };
        let refused = (ErrorCode::UnsupportedCompressionType.code(), -1);
        assert_eq!(error(3, Compression::Zstd), refused);
        assert_eq!(error(6, Compression::Zstd), refused);
        assert_eq!(error(6, Compression::Lz4), (0, 0));
        assert_eq!(error(7, Compression::Zstd), (0, 1));
    }

    #[test]
    fn without_acks_a_refusal_ends_the_connection_and_success_is_silent() {
        let mut node = TestNode::start(2, |_| {});
        node.create_topic("t", 1);
        let reply = |node: &mut TestNode, topic: &str| {
            let asked = node.reply(9, &produce(0, topic, Compression::None));
            node.world.join(asked).expect("it is no rejection")
        };
        assert!(matches!(reply(&mut node, "t"), Reply::Nothing));
        let Reply::Close(why) = reply(&mut node, "none") else { panic!("it goes on") };
        assert!(why.contains("none-0") && why.contains("UNKNOWN_TOPIC_OR_PARTITION"), "{why}");
    }

    #[test]
    fn a_request_of_more_partitions_than_anybody_has_ends_its_connection() {
        let mut node = TestNode::start(1, |_| {});
        let request = |partitions: usize| ProduceRequest {
            acks: -1,
            timeout_ms: 1000,
            topic_data: vec![TopicProduceData {
                name: "t".into(),
                partition_data: vec![PartitionProduceData::default(); partitions],
                ..Default::default()
            }],
            ..Default::default()
        };
        let refused = node.send(9, &request(PARTITIONS_MAX + 1));
        let refused = node.world.join(refused);
        assert!(matches!(refused, Err(Rejection::TooManyPartitions { .. })), "{refused:?}");
        let answer = node.call(9, &request(PARTITIONS_MAX));
        assert_eq!(answer.responses[0].partition_responses.len(), PARTITIONS_MAX);
    }
}
