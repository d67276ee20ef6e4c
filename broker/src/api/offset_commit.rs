//! OffsetCommit (8): answered once the offsets are durable.

use super::{Answer, Context, Operation, Resource};
use crate::group::{
    self, CommitPartition, CommitReplyTopic, CommitRequest, CommitTopic, PartitionError, Reply,
    Request,
};
use crate::protocol::ErrorCode;
use crate::protocol::generated::offset_commit_request::OffsetCommitRequestTopicView;
use crate::protocol::generated::offset_commit_response::{
    OffsetCommitResponsePartition, OffsetCommitResponseTopic,
};
use crate::protocol::generated::{
    OffsetCommitRequest, OffsetCommitRequestView, OffsetCommitResponse,
};

/// First version that names topics by id.
const TOPIC_IDS_FROM: i16 = 10;
/// First version whose clients know GROUP_ID_NOT_FOUND.
const GROUP_ID_NOT_FOUND_FROM: i16 = 9;

/// Where a topic's results come from.
enum Outcome {
    /// No partition of it was sent to the coordinator.
    Refused(CommitReplyTopic),
    /// Those that exist were; the others are refused.
    Asked { missing: Vec<PartitionError> },
}

pub(super) async fn handle(context: Context, request: OffsetCommitRequestView<'_>) -> Answer {
    let allowed = context.is_allowed(Operation::Read, Resource::Group(request.group_id));
    let mut topics = Vec::new();
    let mut outcomes = Vec::new();
    for topic in request.topics.iter() {
        let checked = if allowed {
            check(&context, &topic)
        } else {
            Err(ErrorCode::GroupAuthorizationFailed)
        };
        match checked {
            Err(error) => outcomes.push(Outcome::Refused(refuse(&topic, error))),
            Ok((commit, missing)) if commit.partitions.is_empty() => {
                let refused = CommitReplyTopic {
                    name: commit.name,
                    topic_id: commit.topic_id,
                    partitions: missing,
                };
                outcomes.push(Outcome::Refused(refused));
            }
            Ok((commit, missing)) => {
                topics.push(commit);
                outcomes.push(Outcome::Asked { missing });
            }
        }
    }
    let broker = context.broker.clone();
    let commit = CommitRequest {
        group_id: request.group_id.into(),
        generation: request.generation_id_or_member_epoch,
        member_id: request.member_id.into(),
        instance_id: request.group_instance_id.map(Into::into),
        retention_ms: request.retention_time_ms,
        knows_group_id_not_found: context.version >= GROUP_ID_NOT_FOUND_FROM,
        topics,
    };
    context.answer::<OffsetCommitRequest>(async move {
        // As in Kafka, a request that is left without topics is not checked any further.
        let answered = if commit.topics.is_empty() {
            Vec::new()
        } else {
            match group::ask(&broker, &commit.group_id.clone(), Request::Commit(commit)).await {
                Reply::Commit(reply) => reply.topics,
                _ => Vec::new(),
            }
        };
        respond(outcomes, answered)
    })
}

/// The part of a topic that exists, to be committed, and the partitions that do not.
fn check(
    context: &Context,
    topic: &OffsetCommitRequestTopicView<'_>,
) -> Result<(CommitTopic, Vec<PartitionError>), ErrorCode> {
    let image = context.broker.image();
    let (found, unknown) = if context.version >= TOPIC_IDS_FROM {
        (image.topic_by_id(topic.topic_id), ErrorCode::UnknownTopicId)
    } else {
        (image.topic(topic.name), ErrorCode::UnknownTopicOrPartition)
    };
    let name = found.map_or(topic.name, |found| &found.name);
    if !context.is_allowed(Operation::Read, Resource::Topic(name)) {
        return Err(ErrorCode::TopicAuthorizationFailed);
    }
    let found = found.ok_or(unknown)?;
    let exists = |partition: i32| {
        usize::try_from(partition).is_ok_and(|number| number < found.partitions.len())
    };
    let mut commit = CommitTopic { name: name.into(), topic_id: found.id, partitions: Vec::new() };
    let mut missing = Vec::new();
    for partition in topic.partitions.iter() {
        if exists(partition.partition_index) {
            commit.partitions.push(CommitPartition {
                partition: partition.partition_index,
                offset: partition.committed_offset,
                leader_epoch: partition.committed_leader_epoch,
                metadata: partition.committed_metadata.map(Into::into),
            });
        } else {
            let error = ErrorCode::UnknownTopicOrPartition;
            missing.push(PartitionError { partition: partition.partition_index, error });
        }
    }
    Ok((commit, missing))
}

fn refuse(topic: &OffsetCommitRequestTopicView<'_>, error: ErrorCode) -> CommitReplyTopic {
    let partitions = topic
        .partitions
        .iter()
        .map(|partition| PartitionError { partition: partition.partition_index, error })
        .collect();
    CommitReplyTopic { name: topic.name.into(), topic_id: topic.topic_id, partitions }
}

fn respond(outcomes: Vec<Outcome>, answered: Vec<CommitReplyTopic>) -> OffsetCommitResponse {
    let mut answered = answered.into_iter();
    let topics = outcomes.into_iter().filter_map(|outcome| match outcome {
        Outcome::Refused(topic) => Some(topic),
        Outcome::Asked { mut missing } => {
            let mut topic = answered.next()?;
            topic.partitions.append(&mut missing);
            Some(topic)
        }
    });
    let topics = topics.map(|topic| OffsetCommitResponseTopic {
        name: topic.name.to_string(),
        topic_id: topic.topic_id,
        partitions: topic
            .partitions
            .into_iter()
            .map(|result| OffsetCommitResponsePartition {
                partition_index: result.partition,
                error_code: result.error.code(),
            })
            .collect(),
    });
    OffsetCommitResponse { topics: topics.collect(), ..Default::default() }
}
