//! DescribeProducers (61): what a partition knows of its idempotent producers (KIP-664).

use std::collections::BTreeSet;
use std::rc::Rc;

use super::scatter::{self, Place};
use super::{Answer, Context, Operation, Resource};
use crate::partition::Partition;
use crate::protocol::ErrorCode;
use crate::protocol::generated::describe_producers_response::{
    PartitionResponse, ProducerState, TopicResponse,
};
use crate::protocol::generated::{
    DescribeProducersRequest, DescribeProducersRequestView, DescribeProducersResponse,
};

pub(super) async fn handle(context: Context, request: DescribeProducersRequestView<'_>) -> Answer {
    let broker = context.broker.clone();
    let image = broker.image();
    let mut topics: Vec<(String, Vec<i32>)> = Vec::new();
    let mut questions = Vec::new();
    // Each is described once, so that a small request does not make for a large answer.
    let mut seen = BTreeSet::new();
    for topic in request.topics.iter() {
        let allowed = context.is_allowed(Operation::Read, Resource::Topic(topic.name));
        let numbers: Vec<i32> = topic
            .partition_indexes
            .iter()
            .filter(|number| seen.insert((topic.name, *number)))
            .collect();
        for number in numbers.iter().copied() {
            questions.push(match Place::find(&image, topic.name, number) {
                _ if !allowed => Err(ErrorCode::TopicAuthorizationFailed),
                Ok(place) => Ok((place, ())),
                Err(code) => Err(code),
            });
        }
        topics.push((topic.name.to_owned(), numbers));
    }
    context.answer::<DescribeProducersRequest>(async move {
        let mut outcomes = scatter::ask(&broker, questions, describe).await.into_iter();
        let topics = topics.into_iter().map(|(name, numbers)| {
            let partitions =
                numbers.into_iter().zip(&mut outcomes).map(|(partition_index, outcome)| {
                    let mut response = PartitionResponse { partition_index, ..Default::default() };
                    match outcome {
                        Ok(producers) => response.active_producers = producers,
                        Err(code) => response.error_code = code.code(),
                    }
                    response
                });
            TopicResponse { name, partitions: partitions.collect() }
        });
        DescribeProducersResponse { topics: topics.collect(), ..Default::default() }
    })
}

async fn describe(partition: Rc<Partition>, _: ()) -> Result<Vec<ProducerState>, ErrorCode> {
    let states = partition.log().with_producers(|producers| {
        let state =
            |(producer_id, producer): (i64, &ringlog_engine::producers::Producer)| ProducerState {
                producer_id,
                producer_epoch: i32::from(producer.epoch()),
                last_sequence: producer.last_sequence(),
                last_timestamp: producer.last_timestamp(),
                coordinator_epoch: producer.coordinator_epoch(),
                current_txn_start_offset: producer.txn_first_offset().unwrap_or(-1),
            };
        producers.iter().map(state).collect()
    });
    Ok(states)
}
