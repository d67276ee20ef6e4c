//! OffsetForLeaderEpoch (23): where the records of a leader epoch end (KIP-101, KIP-320).

use std::rc::Rc;

use super::scatter::{self, Place};
use super::{Answer, Context, Operation, Resource};
use crate::partition::Partition;
use crate::protocol::ErrorCode;
use crate::protocol::generated::offset_for_leader_epoch_response::{
    EpochEndOffset, OffsetForLeaderTopicResult,
};
use crate::protocol::generated::{
    OffsetForLeaderEpochRequest, OffsetForLeaderEpochRequestView, OffsetForLeaderEpochResponse,
};

/// What is asked of a partition.
struct Question {
    /// The leader epoch the client believes in, or -1.
    current: i32,
    /// The epoch whose end is asked for.
    epoch: i32,
}

pub(super) async fn handle(
    context: Context,
    request: OffsetForLeaderEpochRequestView<'_>,
) -> Answer {
    let broker = context.broker.clone();
    let image = broker.image();
    let mut topics: Vec<(String, Vec<i32>)> = Vec::new();
    let mut questions = Vec::new();
    for topic in request.topics.iter() {
        let allowed = context.is_allowed(Operation::Describe, Resource::Topic(topic.topic));
        let mut numbers = Vec::with_capacity(topic.partitions.len());
        for part in topic.partitions.iter() {
            numbers.push(part.partition);
            let question =
                Question { current: part.current_leader_epoch, epoch: part.leader_epoch };
            questions.push(match Place::find(&image, topic.topic, part.partition) {
                _ if !allowed => Err(ErrorCode::TopicAuthorizationFailed),
                Ok(place) => Ok((place, question)),
                Err(code) => Err(code),
            });
        }
        topics.push((topic.topic.to_owned(), numbers));
    }
    context.answer::<OffsetForLeaderEpochRequest>(async move {
        let mut outcomes = scatter::ask(&broker, questions, find).await.into_iter();
        let topics = topics.into_iter().map(|(topic, numbers)| {
            let partitions = numbers.into_iter().zip(&mut outcomes).map(|(partition, outcome)| {
                let (error_code, (leader_epoch, end_offset)) = match outcome {
                    Ok(found) => (0, found),
                    Err(code) => (code.code(), (-1, -1)),
                };
                EpochEndOffset { error_code, partition, leader_epoch, end_offset }
            });
            OffsetForLeaderTopicResult { topic, partitions: partitions.collect() }
        });
        OffsetForLeaderEpochResponse { topics: topics.collect(), ..Default::default() }
    })
}

async fn find(partition: Rc<Partition>, question: Question) -> Result<(i32, i64), ErrorCode> {
    partition.check_epoch(question.current)?;
    Ok(partition.end_of_epoch(question.epoch).unwrap_or((-1, -1)))
}
