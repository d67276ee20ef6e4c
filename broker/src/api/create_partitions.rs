//! CreatePartitions (37).

use std::collections::BTreeSet;

use super::{Answer, Context, Operation, Resource};
use crate::metadata::Refusal;
use crate::protocol::ErrorCode;
use crate::protocol::generated::create_partitions_request::CreatePartitionsTopicView;
use crate::protocol::generated::create_partitions_response::CreatePartitionsTopicResult;
use crate::protocol::generated::{
    CreatePartitionsRequest, CreatePartitionsRequestView, CreatePartitionsResponse,
};

/// How a topic is to grow.
#[derive(Clone)]
struct Growth {
    name: String,
    count: i32,
    assignments: Option<Vec<Vec<i32>>>,
}

pub(super) async fn handle(context: Context, request: CreatePartitionsRequestView<'_>) -> Answer {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for topic in request.topics.iter() {
        if !seen.insert(topic.name) {
            twice.insert(topic.name);
        }
    }
    let mut plans: Vec<(String, Result<Growth, Refusal>)> = Vec::new();
    let mut refused_twice = BTreeSet::new();
    for topic in request.topics.iter() {
        let plan = if twice.contains(topic.name) {
            if !refused_twice.insert(topic.name) {
                continue;
            }
            Err(Refusal::new(ErrorCode::InvalidRequest, "Duplicate topic name."))
        } else if !context.is_allowed(Operation::Alter, Resource::Topic(topic.name)) {
            Err(ErrorCode::TopicAuthorizationFailed.into())
        } else {
            Ok(read(&topic))
        };
        plans.push((topic.name.to_owned(), plan));
    }
    let validate_only = request.validate_only;
    let broker = context.broker.clone();
    context.answer::<CreatePartitionsRequest>(async move {
        let growths: Vec<Growth> = plans.iter().filter_map(|(_, plan)| plan.clone().ok()).collect();
        let grown = broker.on_controller(move |controller| async move {
            let mut grown = Vec::with_capacity(growths.len());
            for Growth { name, count, assignments } in growths {
                let assignments = assignments.as_deref();
                let outcome =
                    controller.create_partitions(&name, count, assignments, validate_only);
                grown.push(outcome.await);
            }
            grown
        });
        let mut grown = grown.await.unwrap_or_default().into_iter();
        let results = plans.into_iter().map(|(name, plan)| {
            let outcome = plan
                .and_then(|_| grown.next().unwrap_or_else(|| Err(ErrorCode::NotController.into())));
            let (error_code, error_message) = match outcome {
                Ok(()) => (0, None),
                Err(refusal) => (refusal.code.code(), Some(refusal.message)),
            };
            CreatePartitionsTopicResult { name, error_code, error_message }
        });
        CreatePartitionsResponse { results: results.collect(), ..Default::default() }
    })
}

fn read(topic: &CreatePartitionsTopicView<'_>) -> Growth {
    let assignments = topic.assignments.map(|assignments| {
        assignments.iter().map(|chosen| chosen.broker_ids.iter().collect()).collect()
    });
    Growth { name: topic.name.to_owned(), count: topic.count, assignments }
}
