//! DeleteRecords (21): moves the log start; answered once that is durable.

use std::rc::Rc;

use super::scatter::{self, Place};
use super::{Answer, Context, Operation, Resource};
use crate::metadata::is_internal;
use crate::partition::Partition;
use crate::protocol::ErrorCode;
use crate::protocol::generated::delete_records_response::{
    DeleteRecordsPartitionResult, DeleteRecordsTopicResult,
};
use crate::protocol::generated::{
    DeleteRecordsRequest, DeleteRecordsRequestView, DeleteRecordsResponse,
};

pub(super) async fn handle(context: Context, request: DeleteRecordsRequestView<'_>) -> Answer {
    let broker = context.broker.clone();
    let image = broker.image();
    let mut topics: Vec<(String, Vec<i32>)> = Vec::new();
    let mut questions = Vec::new();
    for topic in request.topics.iter() {
        let allowed = context.is_allowed(Operation::Delete, Resource::Topic(topic.name));
        let mut numbers = Vec::with_capacity(topic.partitions.len());
        for part in topic.partitions.iter() {
            numbers.push(part.partition_index);
            questions.push(match Place::find(&image, topic.name, part.partition_index) {
                _ if !allowed => Err(ErrorCode::TopicAuthorizationFailed),
                Ok(_) if is_internal(topic.name) => Err(ErrorCode::InvalidTopicException),
                Ok(place) => Ok((place, part.offset)),
                Err(code) => Err(code),
            });
        }
        topics.push((topic.name.to_owned(), numbers));
    }
    context.answer::<DeleteRecordsRequest>(async move {
        let mut outcomes = scatter::ask(&broker, questions, delete).await.into_iter();
        let topics = topics.into_iter().map(|(name, numbers)| {
            let partitions = numbers.into_iter().zip(&mut outcomes).map(result);
            DeleteRecordsTopicResult { name, partitions: partitions.collect() }
        });
        DeleteRecordsResponse { topics: topics.collect(), ..Default::default() }
    })
}

fn result(
    (partition_index, outcome): (i32, Result<i64, ErrorCode>),
) -> DeleteRecordsPartitionResult {
    let (low_watermark, error_code) = match outcome {
        Ok(log_start_offset) => (log_start_offset, 0),
        Err(code) => (-1, code.code()),
    };
    DeleteRecordsPartitionResult { partition_index, low_watermark, error_code }
}

async fn delete(partition: Rc<Partition>, before: i64) -> Result<i64, ErrorCode> {
    partition.delete_records(before).await
}
