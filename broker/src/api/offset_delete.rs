//! OffsetDelete (47).

use std::collections::BTreeMap;

use super::{Answer, Context, Operation, Resource};
use crate::group::{self, DeleteOffsetsRequest, PartitionError, Reply, Request, TopicPartitions};
use crate::protocol::ErrorCode;
use crate::protocol::generated::offset_delete_response::{
    OffsetDeleteResponsePartition, OffsetDeleteResponseTopic,
};
use crate::protocol::generated::{
    OffsetDeleteRequest, OffsetDeleteRequestView, OffsetDeleteResponse,
};

pub(super) async fn handle(context: Context, request: OffsetDeleteRequestView<'_>) -> Answer {
    if !context.is_allowed(Operation::Delete, Resource::Group(request.group_id)) {
        let error_code = ErrorCode::GroupAuthorizationFailed.code();
        let refusal = OffsetDeleteResponse { error_code, ..Default::default() };
        return context.answer_now::<OffsetDeleteRequest>(&refusal);
    }
    let image = context.broker.image();
    let mut topics = Vec::new();
    let mut results = Vec::new();
    for topic in request.topics.iter() {
        let all: Vec<i32> = topic.partitions.iter().map(|p| p.partition_index).collect();
        let found = image.topic(topic.name);
        let error = if !context.is_allowed(Operation::Read, Resource::Topic(topic.name)) {
            Some(ErrorCode::TopicAuthorizationFailed)
        } else if found.is_none() {
            Some(ErrorCode::UnknownTopicOrPartition)
        } else {
            None
        };
        let count = found.map_or(0, |found| found.partitions.len());
        let exists = |partition: &i32| usize::try_from(*partition).is_ok_and(|p| p < count);
        let (known, unknown): (Vec<i32>, Vec<i32>) =
            all.into_iter().partition(|partition| error.is_none() && exists(partition));
        if !unknown.is_empty() {
            let error = error.unwrap_or(ErrorCode::UnknownTopicOrPartition);
            let errors = unknown.into_iter().map(|partition| PartitionError { partition, error });
            results.push((topic.name.into(), errors.collect()));
        }
        if !known.is_empty() {
            topics.push(TopicPartitions { name: topic.name.into(), partitions: known });
        }
    }
    let broker = context.broker.clone();
    let delete = DeleteOffsetsRequest { group_id: request.group_id.into(), topics };
    context.answer::<OffsetDeleteRequest>(async move {
        let mut error = ErrorCode::None;
        // As in Kafka, a request that is left without topics is not checked any further.
        if !delete.topics.is_empty() {
            let group_id = delete.group_id.clone();
            match group::ask(&broker, &group_id, Request::DeleteOffsets(delete)).await {
                Reply::DeleteOffsets(reply) => {
                    error = reply.error;
                    results.extend(reply.topics);
                }
                _ => error = ErrorCode::UnknownServerError,
            }
        }
        if error != ErrorCode::None {
            results.clear();
        }
        respond(error, results)
    })
}

fn respond(
    error: ErrorCode,
    results: Vec<(std::sync::Arc<str>, Vec<PartitionError>)>,
) -> OffsetDeleteResponse {
    let mut topics: Vec<OffsetDeleteResponseTopic> = Vec::new();
    let mut places: BTreeMap<std::sync::Arc<str>, usize> = BTreeMap::new();
    for (name, partitions) in results {
        let partitions = partitions.into_iter().map(|result| OffsetDeleteResponsePartition {
            partition_index: result.partition,
            error_code: result.error.code(),
        });
        let place = *places.entry(name.clone()).or_insert(topics.len());
        match topics.get_mut(place) {
            Some(topic) => topic.partitions.extend(partitions),
            None => topics.push(OffsetDeleteResponseTopic {
                name: name.to_string(),
                partitions: partitions.collect(),
            }),
        }
    }
    OffsetDeleteResponse { error_code: error.code(), topics, ..Default::default() }
}
