//! From any shard to the coordinator of a group.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::reply::Reply;
use super::request::Request;
use super::{partition_for, service};
use crate::metadata::{NewTopic, OFFSETS_TOPIC, TopicImage};
use crate::protocol::ErrorCode;
use crate::server::{Broker, Settings};

/// Number of the partition that coordinates a group, when there are any.
pub(crate) fn coordinator_partition(broker: &Broker, group_id: &str) -> Option<i32> {
    let image = broker.image();
    let topic = image.topic(OFFSETS_TOPIC)?;
    let count = i32::try_from(topic.partitions.len()).ok().filter(|count| *count > 0)?;
    Some(partition_for(group_id, count))
}

/// Asks the coordinator of a group. The request may name other groups of the same partition.
pub(crate) async fn ask(broker: &Rc<Broker>, group_id: &str, request: Request) -> Reply {
    match coordinator_partition(broker, group_id) {
        Some(partition) => ask_partition(broker, partition, request).await,
        // Before the first group there is no coordinator to be found.
        None => request.refuse(ErrorCode::CoordinatorNotAvailable),
    }
}

/// Asks the coordinator of a partition of `__consumer_offsets`.
pub(crate) async fn ask_partition(broker: &Rc<Broker>, partition: i32, request: Request) -> Reply {
    let image = broker.image();
    let index = usize::try_from(partition).unwrap_or(usize::MAX);
    let found = image.topic(OFFSETS_TOPIC).and_then(|topic| topic.partitions.get(index));
    let refusal = request.refuse(ErrorCode::NotCoordinator);
    let Some(shard) = found.map(|partition| partition.shard) else { return refusal };
    let asking = broker.seat.submit_to(shard, move |broker| async move {
        let answer: service::Asked = broker.groups.ask(partition, request).await;
        answer
    });
    // A shard that has stopped coordinates nothing.
    asking.await.ok().flatten().unwrap_or(refusal)
}

/// Sees to it that there is a coordinator for every group, as Kafka does when one is first looked
/// for.
///
/// # Errors
/// COORDINATOR_NOT_AVAILABLE when the topic cannot be created now.
pub(crate) async fn ensure_coordinators(broker: &Rc<Broker>) -> Result<(), ErrorCode> {
    let exists = |broker: &Broker| broker.image().topic(OFFSETS_TOPIC).is_some_and(has_partitions);
    if exists(broker) {
        return Ok(());
    }
    let topic = offsets_topic(&broker.settings);
    let created = broker
        .on_controller(move |controller| async move {
            controller.create_topics(&[topic], false).await.pop()
        })
        .await;
    match created {
        Ok(Some(Err(refusal))) if refusal.code != ErrorCode::TopicAlreadyExists => {
            tracing::warn!(error = %refusal.message, "{OFFSETS_TOPIC} not created");
        }
        Ok(_) => {}
        Err(_) => tracing::warn!("{OFFSETS_TOPIC} not created: the controller has stopped"),
    }
    if exists(broker) { Ok(()) } else { Err(ErrorCode::CoordinatorNotAvailable) }
}

fn has_partitions(topic: &std::sync::Arc<TopicImage>) -> bool {
    !topic.partitions.is_empty()
}

/// `__consumer_offsets` as it is created. Its records are never deleted by age; the coordinators keep
/// their logs short themselves (`trim`).
pub(crate) fn offsets_topic(settings: &Settings) -> NewTopic {
    let configs = [
        ("cleanup.policy", "compact".to_owned()),
        ("compression.type", "producer".to_owned()),
        ("segment.bytes", settings.offsets_segment_bytes.to_string()),
    ];
    NewTopic {
        name: OFFSETS_TOPIC.to_owned(),
        partitions: settings.offsets_partitions,
        replication_factor: -1,
        assignments: Vec::new(),
        configs: BTreeMap::from(configs.map(|(key, value)| (key.to_owned(), value))),
    }
}
