//! CreateTopics (19).

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Context, Operation, Resource};
use crate::config::ConfigEntry;
use crate::metadata::{NewTopic, Refusal};
use crate::protocol::ErrorCode;
use crate::protocol::generated::create_topics_request::CreatableTopicView;
use crate::protocol::generated::create_topics_response::{
    CreatableTopicConfigs, CreatableTopicResult,
};
use crate::protocol::generated::{
    CreateTopicsRequest, CreateTopicsRequestView, CreateTopicsResponse,
};

pub(super) async fn handle(context: Context, request: CreateTopicsRequestView<'_>) -> Answer {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for topic in request.topics.iter() {
        if !seen.insert(topic.name) {
            twice.insert(topic.name.to_owned());
        }
    }
    let allowed = context.is_allowed(Operation::Create, Resource::Cluster);
    let mut plans: Vec<(String, Result<NewTopic, Refusal>)> = Vec::new();
    for topic in request.topics.iter() {
        let plan = if twice.contains(topic.name) {
            if plans.iter().any(|(name, _)| name == topic.name) {
                continue;
            }
            Err(Refusal::new(ErrorCode::InvalidRequest, "Duplicate topic name."))
        } else if !allowed && !context.is_allowed(Operation::Create, Resource::Topic(topic.name)) {
            Err(Refusal::new(ErrorCode::TopicAuthorizationFailed, "Authorization failed."))
        } else {
            read(&topic)
        };
        plans.push((topic.name.to_owned(), plan));
    }
    let validate_only = request.validate_only;
    let broker = context.broker.clone();
    context.answer::<CreateTopicsRequest>(async move {
        let topics: Vec<NewTopic> =
            plans.iter().filter_map(|(_, plan)| plan.clone().ok()).collect();
        let created = broker
            .on_controller(move |controller| async move {
                controller.create_topics(&topics, validate_only).await
            })
            .await
            .unwrap_or_default();
        let mut created = created.into_iter();
        let topics = plans.into_iter().map(|(name, plan)| {
            let outcome = plan.and_then(|_| {
                created.next().unwrap_or_else(|| Err(ErrorCode::NotController.into()))
            });
            match outcome {
                Ok(outcome) => CreatableTopicResult {
                    name,
                    topic_id: outcome.id,
                    num_partitions: outcome.partitions,
                    replication_factor: outcome.replication_factor,
                    configs: Some(outcome.configs.into_iter().map(shown).collect()),
                    ..Default::default()
                },
                Err(refusal) => CreatableTopicResult {
                    name,
                    error_code: refusal.code.code(),
                    error_message: Some(refusal.message),
                    ..Default::default()
                },
            }
        });
        CreateTopicsResponse { topics: topics.collect(), ..Default::default() }
    })
}

fn shown(entry: ConfigEntry) -> CreatableTopicConfigs {
    CreatableTopicConfigs {
        name: entry.name.to_owned(),
        value: entry.value,
        read_only: entry.read_only,
        config_source: entry.source.code(),
        is_sensitive: entry.sensitive,
    }
}

fn read(topic: &CreatableTopicView<'_>) -> Result<NewTopic, Refusal> {
    let mut configs = BTreeMap::new();
    for config in topic.configs.iter() {
        let Some(value) = config.value else {
            let message = format!("Null value not supported for topic configs: {}", config.name);
            return Err(Refusal::new(ErrorCode::InvalidConfig, message));
        };
        configs.insert(config.name.to_owned(), value.to_owned());
    }
    Ok(NewTopic {
        name: topic.name.to_owned(),
        partitions: topic.num_partitions,
        replication_factor: topic.replication_factor,
        assignments: topic
            .assignments
            .iter()
            .map(|chosen| (chosen.partition_index, chosen.broker_ids.iter().collect()))
            .collect(),
        configs,
    })
}
