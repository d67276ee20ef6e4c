//! OffsetFetch (9): durable offsets of one group or, from version 8 on, of several.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Answer, Context, Operation, Resource};
use crate::group::{self, FetchReply, FetchRequest, FetchTopic, FetchedOffset, Reply, Request};
use crate::metadata::Image;
use crate::protocol::generated::offset_fetch_response::{
    OffsetFetchResponseGroup, OffsetFetchResponsePartition, OffsetFetchResponsePartitions,
    OffsetFetchResponseTopic, OffsetFetchResponseTopics,
};
use crate::protocol::generated::{OffsetFetchRequest, OffsetFetchRequestView, OffsetFetchResponse};
use crate::protocol::{ErrorCode, Uuid};

/// First version with several groups.
const GROUPS_FROM: i16 = 8;
/// First version that names topics by id.
const TOPIC_IDS_FROM: i16 = 10;
/// First version with an error for the whole group.
const GROUP_ERROR_FROM: i16 = 2;

/// One group's part of a request.
struct Asked {
    group_id: Arc<str>,
    /// What the coordinator is asked.
    fetch: Result<FetchRequest, ErrorCode>,
    /// Topics that are refused here: name, id, partitions, error.
    refused: Vec<(FetchTopic, ErrorCode)>,
}

pub(super) async fn handle(context: Context, request: OffsetFetchRequestView<'_>) -> Answer {
    let stable = request.require_stable;
    let asked: Vec<Asked> = if context.version >= GROUPS_FROM {
        let group = |group: crate::protocol::generated::offset_fetch_request::OffsetFetchRequestGroupView<'_>| {
            let topics = group.topics.map(|topics| {
                topics
                    .iter()
                    .map(|topic| FetchTopic {
                        name: topic.name.into(),
                        topic_id: topic.topic_id,
                        partitions: topic.partition_indexes.iter().collect(),
                    })
                    .collect()
            });
            ask_for(&context, group.group_id, topics, stable)
        };
        // Each is answered once, so that a small request does not make for a large answer.
        let mut seen = BTreeSet::new();
        request.groups.iter().filter(|group| seen.insert(group.group_id)).map(group).collect()
    } else {
        let topics = request.topics.map(|topics| {
            topics
                .iter()
                .map(|topic| FetchTopic {
                    name: topic.name.into(),
                    topic_id: Uuid::ZERO,
                    partitions: topic.partition_indexes.iter().collect(),
                })
                .collect()
        });
        vec![ask_for(&context, request.group_id, topics, stable)]
    };
    let (broker, version) = (context.broker.clone(), context.version);
    context.answer::<OffsetFetchRequest>(async move {
        let mut replies = Vec::with_capacity(asked.len());
        for part in asked {
            let wanted = part.fetch.as_ref().ok().and_then(|fetch| fetch.topics.clone());
            let mut reply = match part.fetch {
                Ok(fetch) => {
                    match group::ask(&broker, &part.group_id, Request::Fetch(fetch)).await {
                        Reply::Fetch(reply) => reply,
                        _ => failed(&part.group_id, ErrorCode::UnknownServerError),
                    }
                }
                Err(error) => failed(&part.group_id, error),
            };
            if reply.error == ErrorCode::None {
                reply
                    .topics
                    .extend(part.refused.iter().map(|(topic, error)| refuse(topic, *error)));
            } else if version < GROUP_ERROR_FROM {
                // Without a field for it the error is told for every partition.
                let error = reply.error;
                reply.topics = wanted.iter().flatten().map(|topic| refuse(topic, error)).collect();
            }
            if version >= TOPIC_IDS_FROM {
                name_by_id(&mut reply, &broker.image());
            }
            replies.push(reply);
        }
        respond(replies, version)
    })
}

fn ask_for(
    context: &Context,
    group_id: &str,
    topics: Option<Vec<FetchTopic>>,
    require_stable: bool,
) -> Asked {
    let group_id: Arc<str> = group_id.into();
    let mut refused = Vec::new();
    if !context.is_allowed(Operation::Describe, Resource::Group(&group_id)) {
        let fetch = Err(ErrorCode::GroupAuthorizationFailed);
        return Asked { group_id, fetch, refused };
    }
    let image = context.broker.image();
    let topics = topics.map(|topics| {
        let mut known = Vec::with_capacity(topics.len());
        // A partition is told once, however often it is named: with its metadata it is a thousand times
        // as long as its number. (Kafka tells it each time.)
        let mut named = BTreeSet::new();
        for mut topic in topics {
            let (name, id) = (topic.name.clone(), topic.topic_id);
            let before = topic.partitions.len();
            topic.partitions.retain(|number| named.insert((name.clone(), id, *number)));
            if topic.partitions.is_empty() && before > 0 {
                continue;
            }
            if context.version >= TOPIC_IDS_FROM {
                match image.topic_by_id(topic.topic_id) {
                    Some(found) => topic.name = found.name.as_str().into(),
                    None => {
                        refused.push((topic, ErrorCode::UnknownTopicId));
                        continue;
                    }
                }
            }
            if context.is_allowed(Operation::Describe, Resource::Topic(&topic.name)) {
                known.push(topic);
            } else {
                refused.push((topic, ErrorCode::TopicAuthorizationFailed));
            }
        }
        known
    });
    let fetch = FetchRequest { group_id: group_id.clone(), topics, require_stable };
    Asked { group_id, fetch: Ok(fetch), refused }
}

fn failed(group_id: &Arc<str>, error: ErrorCode) -> FetchReply {
    FetchReply { group_id: group_id.clone(), error, topics: Vec::new() }
}

fn refuse(topic: &FetchTopic, error: ErrorCode) -> group::FetchReplyTopic {
    let partitions = topic
        .partitions
        .iter()
        .map(|partition| FetchedOffset { partition: *partition, error, committed: None })
        .collect();
    group::FetchReplyTopic { name: topic.name.clone(), topic_id: topic.topic_id, partitions }
}

/// When all topics were asked for, their ids are those of today; a topic that is gone has none and
/// is left out.
fn name_by_id(reply: &mut FetchReply, image: &Image) {
    reply.topics.retain_mut(|topic| {
        if topic.topic_id.is_zero() {
            topic.topic_id = image.topic(&topic.name).map_or(Uuid::ZERO, |found| found.id);
        }
        !topic.topic_id.is_zero()
    });
}

fn respond(replies: Vec<FetchReply>, version: i16) -> OffsetFetchResponse {
    if version >= GROUPS_FROM {
        let groups = replies.into_iter().map(group).collect();
        return OffsetFetchResponse { groups, ..Default::default() };
    }
    let Some(reply) = replies.into_iter().next() else { return OffsetFetchResponse::default() };
    let topics = reply.topics.into_iter().map(|topic| OffsetFetchResponseTopic {
        name: topic.name.to_string(),
        partitions: topic
            .partitions
            .into_iter()
            .map(|fetched| {
                let error_code = fetched.error.code();
                let (offset, leader_epoch, metadata) = fields(fetched);
                OffsetFetchResponsePartition {
                    partition_index: offset.0,
                    committed_offset: offset.1,
                    committed_leader_epoch: leader_epoch,
                    metadata,
                    error_code,
                }
            })
            .collect(),
    });
    OffsetFetchResponse {
        topics: topics.collect(),
        error_code: reply.error.code(),
        ..Default::default()
    }
}

fn group(reply: FetchReply) -> OffsetFetchResponseGroup {
    let topics = reply.topics.into_iter().map(|topic| OffsetFetchResponseTopics {
        name: topic.name.to_string(),
        topic_id: topic.topic_id,
        partitions: topic
            .partitions
            .into_iter()
            .map(|fetched| {
                let error_code = fetched.error.code();
                let (offset, leader_epoch, metadata) = fields(fetched);
                OffsetFetchResponsePartitions {
                    partition_index: offset.0,
                    committed_offset: offset.1,
                    committed_leader_epoch: leader_epoch,
                    metadata,
                    error_code,
                }
            })
            .collect(),
    });
    OffsetFetchResponseGroup {
        group_id: reply.group_id.to_string(),
        topics: topics.collect(),
        error_code: reply.error.code(),
    }
}

/// Partition and offset, leader epoch, metadata.
fn fields(fetched: FetchedOffset) -> ((i32, i64), i32, Option<String>) {
    match fetched.committed {
        Some(committed) => {
            let metadata = Some(committed.metadata.to_string());
            ((fetched.partition, committed.offset), committed.leader_epoch, metadata)
        }
        None => ((fetched.partition, -1), -1, Some(String::new())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::generated::offset_fetch_request::{
        OffsetFetchRequestGroup, OffsetFetchRequestTopic, OffsetFetchRequestTopics,
    };
    use crate::server::testing::TestNode;

    #[test]
    fn a_partition_or_group_that_is_named_often_is_told_once() {
        let mut node = TestNode::start(1, |settings| settings.offsets_partitions = 1);
        node.create_topic("t", 2);
        node.find_coordinator();
        assert_eq!(node.commit("g", 5), 0);
        let topic = |partitions: &[i32]| OffsetFetchRequestTopic {
            name: "t".into(),
            partition_indexes: partitions.to_vec(),
        };
        let request = OffsetFetchRequest {
            group_id: "g".into(),
            topics: Some(vec![topic(&[0, 0, 1]), topic(&[0]), topic(&[1, 2])]),
            ..Default::default()
        };
        let answer = node.call(7, &request);
        let told: Vec<Vec<(i32, i64)>> = answer
            .topics
            .iter()
            .map(|t| t.partitions.iter().map(|p| (p.partition_index, p.committed_offset)).collect())
            .collect();
        assert_eq!(told, [vec![(0, 5), (1, -1)], vec![(2, -1)]]);
        let topics = vec![OffsetFetchRequestTopics {
            name: "t".into(),
            partition_indexes: vec![0; 9],
            ..Default::default()
        }];
        let group = OffsetFetchRequestGroup {
            group_id: "g".into(),
            topics: Some(topics),
            ..Default::default()
        };
        let request = OffsetFetchRequest { groups: vec![group; 9], ..Default::default() };
        let answer = node.call(8, &request);
        assert_eq!(answer.groups.len(), 1);
        assert_eq!(answer.groups[0].topics[0].partitions.len(), 1);
    }
}
