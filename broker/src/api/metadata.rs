//! Metadata (3): brokers, topics, partitions; creates topics that a producer asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::{Answer, Context, Operation, Resource};
use crate::group::offsets_topic;
use crate::metadata::{
    Image, NewTopic, OFFSETS_TOPIC, TopicImage, TopicKey, check_topic_name, is_internal,
};
use crate::protocol::generated::metadata_response::{
    MetadataResponseBroker, MetadataResponsePartition, MetadataResponseTopic,
};
use crate::protocol::generated::{MetadataRequest, MetadataRequestView, MetadataResponse};
use crate::protocol::{ErrorCode, Uuid};
use crate::server::Broker;

/// What a client may do is not told unless it asks.
pub(super) const NOT_ASKED: i32 = i32::MIN;

/// Bits of what may be done to a topic (KIP-430): read, write, create, delete, alter, describe,
/// describe and alter configs.
pub(super) const TOPIC_OPERATIONS: i32 = 0b1101_1111_1000;

/// The same of the cluster: create, alter, describe, cluster action, describe and alter configs,
/// idempotent write.
pub(super) const CLUSTER_OPERATIONS: i32 = 0b1_1111_1010_0000;

pub(super) async fn handle(context: Context, request: MetadataRequestView<'_>) -> Answer {
    let wanted: Option<Vec<TopicKey>> = request.topics.map(|topics| {
        // Clients that ask by id send an empty name or none.
        let keys = topics.iter().map(|topic| match topic.name {
            Some(name) if topic.topic_id == Uuid::ZERO => TopicKey::Name(name.to_owned()),
            _ => TopicKey::Id(topic.topic_id),
        });
        // Each is told once, as in Kafka: an answer is not to outgrow its request.
        let mut seen = BTreeSet::new();
        keys.filter(|key| seen.insert(key.clone())).collect()
    });
    // In version 0 an empty list means all topics.
    let wanted = wanted.filter(|keys| context.version > 0 || !keys.is_empty());
    let may_create = context.version < 4 || request.allow_auto_topic_creation;
    let operations = (
        request.include_cluster_authorized_operations,
        request.include_topic_authorized_operations,
    );
    let broker = context.broker.clone();
    let allowed = context.is_allowed(Operation::Create, Resource::Cluster);
    context.answer::<MetadataRequest>(async move {
        let image = match &wanted {
            Some(keys) if may_create && allowed && broker.config().auto_create_topics_enable => {
                create_missing(&broker, keys).await
            }
            _ => broker.image(),
        };
        let mut response = describe(&image, wanted.as_deref());
        if operations.0 {
            response.cluster_authorized_operations = CLUSTER_OPERATIONS;
        }
        if operations.1 {
            for topic in response.topics.iter_mut().filter(|topic| topic.error_code == 0) {
                topic.topic_authorized_operations = TOPIC_OPERATIONS;
            }
        }
        response
    })
}

/// Creates the topics that are asked for by a legal name and do not exist.
async fn create_missing(broker: &Rc<Broker>, keys: &[TopicKey]) -> Arc<Image> {
    let image = broker.image();
    let missing: Vec<NewTopic> = keys
        .iter()
        .filter_map(|key| match key {
            TopicKey::Name(name) => Some(name),
            TopicKey::Id(_) => None,
        })
        .filter(|name| image.topic(name).is_none() && check_topic_name(name).is_ok())
        .map(|name| auto_topic(broker, name))
        .collect();
    if missing.is_empty() {
        return image;
    }
    let created = broker.on_controller(|controller| async move {
        controller.create_topics(&missing, false).await.len()
    });
    if created.await.is_err() {
        tracing::warn!("topics not created: the controller has stopped");
    }
    broker.image()
}

/// A topic as it is created when somebody asks for it.
pub(super) fn auto_topic(broker: &Broker, name: &str) -> NewTopic {
    if name == OFFSETS_TOPIC {
        return offsets_topic(&broker.settings);
    }
    NewTopic {
        name: name.to_owned(),
        partitions: -1,
        replication_factor: -1,
        assignments: Vec::new(),
        configs: BTreeMap::new(),
    }
}

fn describe(image: &Image, wanted: Option<&[TopicKey]>) -> MetadataResponse {
    let topics = match wanted {
        None => image.topics().map(|topic| found(topic)).collect(),
        Some(keys) => keys.iter().map(|key| answer(image, key)).collect(),
    };
    let node = MetadataResponseBroker {
        node_id: image.node.id,
        host: image.node.host.clone(),
        port: i32::from(image.node.port),
        rack: image.node.rack.clone(),
    };
    MetadataResponse {
        brokers: vec![node],
        cluster_id: Some(image.cluster_id.clone()),
        controller_id: image.node.id,
        topics,
        cluster_authorized_operations: NOT_ASKED,
        ..Default::default()
    }
}

fn answer(image: &Image, key: &TopicKey) -> MetadataResponseTopic {
    let missing = |error: ErrorCode, name: Option<String>, topic_id: Uuid| MetadataResponseTopic {
        error_code: error.code(),
        name,
        topic_id,
        topic_authorized_operations: NOT_ASKED,
        ..Default::default()
    };
    match key {
        TopicKey::Name(name) => match image.topic(name) {
            Some(topic) => found(topic),
            None if check_topic_name(name).is_err() => {
                missing(ErrorCode::InvalidTopicException, Some(name.clone()), Uuid::ZERO)
            }
            None => missing(ErrorCode::UnknownTopicOrPartition, Some(name.clone()), Uuid::ZERO),
        },
        TopicKey::Id(id) => match image.topic_by_id(*id) {
            Some(topic) => found(topic),
            None => missing(ErrorCode::UnknownTopicId, None, *id),
        },
    }
}

fn found(topic: &TopicImage) -> MetadataResponseTopic {
    let partitions =
        (0..).zip(&topic.partitions).map(|(partition_index, image)| MetadataResponsePartition {
            partition_index,
            leader_id: image.leader,
            leader_epoch: image.leader_epoch,
            replica_nodes: image.replicas.clone(),
            isr_nodes: image.isr.clone(),
            ..Default::default()
        });
    MetadataResponseTopic {
        name: Some(topic.name.clone()),
        topic_id: topic.id,
        is_internal: is_internal(&topic.name),
        partitions: partitions.collect(),
        topic_authorized_operations: NOT_ASKED,
        ..Default::default()
    }
}
