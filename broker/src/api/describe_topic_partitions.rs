//! DescribeTopicPartitions (75): topics and partitions page by page (KIP-966).

use std::collections::BTreeSet;

use super::metadata::TOPIC_OPERATIONS;
use super::{Answer, Context, Operation, Resource};
use crate::metadata::{Image, TopicImage, check_topic_name, is_internal};
use crate::protocol::generated::describe_topic_partitions_response::{
    Cursor, DescribeTopicPartitionsResponsePartition, DescribeTopicPartitionsResponseTopic,
};
use crate::protocol::generated::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsRequestView,
    DescribeTopicPartitionsResponse,
};
use crate::protocol::{ErrorCode, Uuid};

/// Most partitions in one answer (`max.request.partition.size.limit` of Kafka).
const PARTITIONS_MAX: i32 = 2000;

pub(super) async fn handle(
    context: Context,
    request: DescribeTopicPartitionsRequestView<'_>,
) -> Answer {
    let image = context.broker.image();
    let response = describe(&image, &request, |topic| {
        context.is_allowed(Operation::Describe, Resource::Topic(topic))
    });
    let response = response.unwrap_or_else(|code| {
        // A topic that is named often is told of once, here as below.
        let names: BTreeSet<&str> = request.topics.iter().map(|topic| topic.name).collect();
        let topics = names.into_iter().map(|name| failed(name, code, Uuid::ZERO)).collect();
        DescribeTopicPartitionsResponse { topics, ..Default::default() }
    });
    context.answer_now::<DescribeTopicPartitionsRequest>(&response)
}

fn describe(
    image: &Image,
    request: &DescribeTopicPartitionsRequestView<'_>,
    is_allowed: impl Fn(&str) -> bool,
) -> Result<DescribeTopicPartitionsResponse, ErrorCode> {
    let all = request.topics.is_empty();
    let (first, first_partition) =
        request.cursor.map_or(("", 0), |cursor| (cursor.topic_name, cursor.partition_index));
    let names: BTreeSet<&str> = if all {
        image.topics().map(|topic| topic.name.as_str()).filter(|name| *name >= first).collect()
    } else {
        request.topics.iter().map(|topic| topic.name).filter(|name| *name >= first).collect()
    };
    let cursor_is_asked_for = all || request.cursor.is_none() || names.contains(first);
    let Some(first_partition) =
        usize::try_from(first_partition).ok().filter(|_| cursor_is_asked_for)
    else {
        return Err(ErrorCode::InvalidRequest);
    };
    let limit = request.response_partition_limit.clamp(1, PARTITIONS_MAX);
    let mut left = usize::try_from(limit).unwrap_or(1);
    let mut response = DescribeTopicPartitionsResponse::default();
    for name in names {
        let topic = image.topic(name).filter(|_| is_allowed(name));
        let Some(topic) = topic else {
            if !all {
                let code = match check_topic_name(name) {
                    _ if !is_allowed(name) => ErrorCode::TopicAuthorizationFailed,
                    Ok(()) => ErrorCode::UnknownTopicOrPartition,
                    Err(_) => ErrorCode::InvalidTopicException,
                };
                response.topics.push(failed(name, code, Uuid::ZERO));
            }
            continue;
        };
        let start = if name == first { first_partition } else { 0 };
        if left == 0 {
            response.next_cursor = Some(cursor(name, start));
            break;
        }
        let end = topic.partitions.len().min(start.saturating_add(left));
        response.topics.push(page(topic, start..end));
        left -= end.saturating_sub(start);
        if end < topic.partitions.len() {
            response.next_cursor = Some(cursor(name, end));
            break;
        }
    }
    Ok(response)
}

fn cursor(topic: &str, partition: usize) -> Cursor {
    let partition_index = i32::try_from(partition).unwrap_or(i32::MAX);
    Cursor { topic_name: topic.to_owned(), partition_index }
}

fn page(topic: &TopicImage, range: std::ops::Range<usize>) -> DescribeTopicPartitionsResponseTopic {
    let images = topic.partitions.get(range.clone()).unwrap_or_default();
    let partitions =
        range.zip(images).map(|(number, image)| DescribeTopicPartitionsResponsePartition {
            partition_index: i32::try_from(number).unwrap_or(i32::MAX),
            leader_id: image.leader,
            leader_epoch: image.leader_epoch,
            replica_nodes: image.replicas.clone(),
            isr_nodes: image.isr.clone(),
            eligible_leader_replicas: Some(Vec::new()),
            last_known_elr: Some(Vec::new()),
            ..Default::default()
        });
    DescribeTopicPartitionsResponseTopic {
        name: Some(topic.name.clone()),
        topic_id: topic.id,
        is_internal: is_internal(&topic.name),
        partitions: partitions.collect(),
        topic_authorized_operations: TOPIC_OPERATIONS,
        ..Default::default()
    }
}

fn failed(name: &str, code: ErrorCode, topic_id: Uuid) -> DescribeTopicPartitionsResponseTopic {
    DescribeTopicPartitionsResponseTopic {
        error_code: code.code(),
        name: Some(name.to_owned()),
        topic_id,
        is_internal: is_internal(name),
        topic_authorized_operations: i32::MIN,
        ..Default::default()
    }
}
