//! Who decides what the metadata becomes.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use ringlog_engine::io::Io;

use super::configs::{check_topic_configs, config_record, invalid_config};
use super::image::TOPIC_RESOURCE;
use super::names::{check_topic_name, collides, is_internal};
use super::source::LocalFuture;
use super::{Image, MetadataSource, SourceError, TopicImage};
use crate::config::{BatchLimit, BrokerConfig, ConfigEntry, describe_topic};
use crate::gate::Gate;
use crate::protocol::generated::{
    PartitionRecord, ProducerIdsRecord, RemoveTopicRecord, TopicRecord,
};
use crate::protocol::{ErrorCode, MetadataRecord, Uuid};

/// Producer ids taken from the metadata log at a time, as Kafka does.
const PRODUCER_ID_BLOCK: i64 = 1000;

/// Most partitions of one topic: what a request of a few bytes may make a node create.
const PARTITIONS_MAX: i32 = 100_000;

/// Most partitions that one request may create, Kafka's own limit
/// (`QuorumController.MAX_RECORDS_PER_USER_OP`).
const PARTITIONS_PER_REQUEST: i32 = 10_000;

/// Why a change is refused: an error for the client and what to tell its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The error.
    pub code: ErrorCode,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self::new(code, code.message())
    }
}

impl From<SourceError> for Refusal {
    fn from(error: SourceError) -> Self {
        let code = match error {
            SourceError::Refused(_) => ErrorCode::KafkaStorageError,
            // What was written may yet turn out to be there: the client may ask again.
            _ => ErrorCode::CoordinatorNotAvailable,
        };
        Self::new(code, error.to_string())
    }
}

/// A topic to be created.
#[derive(Clone, Debug, Default)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Number of partitions, -1 for the default; must be -1 with assignments.
    pub partitions: i32,
    /// Replicas of each, -1 for the default; must be -1 with assignments.
    pub replication_factor: i16,
    /// Brokers of each partition, by partition, when the client chooses them.
    pub assignments: Vec<(i32, Vec<i32>)>,
    /// Its own configuration.
    pub configs: BTreeMap<String, String>,
}

/// A topic that was, or would be, created.
#[derive(Clone, Debug)]
pub struct NewTopicOutcome {
    /// Its id; zero when it was only validated.
    pub id: Uuid,
    /// Its partitions.
    pub partitions: i32,
    /// Replicas of each.
    pub replication_factor: i16,
    /// All its settings.
    pub configs: Vec<ConfigEntry>,
}

/// How a request names a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicKey {
    /// By name.
    Name(String),
    /// By id.
    Id(Uuid),
}

/// What the metadata is published with: completes when every shard works by the new image.
pub type Publish = Box<dyn Fn(Arc<Image>) -> LocalFuture<'static, ()>>;

/// The only writer of metadata. Changes are decided one after the other.
pub struct Controller {
    io: Io,
    source: Rc<dyn MetadataSource>,
    image: RefCell<Arc<Image>>,
    publish: Publish,
    pub(super) gate: Gate,
    /// Settings of the start.
    config: BrokerConfig,
    /// What batches it can take.
    pub(super) batch_limit: BatchLimit,
    /// Producer ids taken from the log and not yet given out.
    producer_ids: RefCell<std::ops::Range<i64>>,
}

impl Controller {
    /// A controller that goes on from `image`, which is all that `source` has committed; the node was
    /// given its settings and its limit at the start.
    pub fn new(
        io: Io,
        source: Rc<dyn MetadataSource>,
        image: Arc<Image>,
        publish: Publish,
        (config, batch_limit): (BrokerConfig, BatchLimit),
    ) -> Self {
        Self {
            io,
            source,
            image: RefCell::new(image),
            publish,
            gate: Gate::default(),
            config,
            batch_limit,
            producer_ids: RefCell::new(0..0),
        }
    }

    /// The newest image.
    pub fn image(&self) -> Arc<Image> {
        self.image.borrow().clone()
    }

    /// The settings in force.
    pub(super) fn config(&self) -> BrokerConfig {
        self.image.borrow().effective_config(&self.config)
    }

    /// The settings of the start.
    pub(super) fn given(&self) -> &BrokerConfig {
        &self.config
    }

    /// Commits `records`, applies them, and waits until every shard works by them.
    pub(super) async fn change(&self, records: Vec<MetadataRecord>) -> Result<(), Refusal> {
        if records.is_empty() {
            return Ok(());
        }
        let mut image = Image::clone(&self.image());
        for record in &records {
            image.apply(record);
        }
        image.offset = self.source.commit(records).await?;
        let image = Arc::new(image);
        *self.image.borrow_mut() = image.clone();
        (self.publish)(image).await;
        Ok(())
    }

    /// Has every shard work by the newest image, also those that could not before.
    pub async fn publish_again(&self) {
        let _turn = self.gate.enter().await;
        (self.publish)(self.image()).await;
    }

    /// Creates topics, or only says whether they could be created. One refused topic does not keep
    /// the others from being created.
    pub async fn create_topics(
        &self,
        topics: &[NewTopic],
        validate_only: bool,
    ) -> Vec<Result<NewTopicOutcome, Refusal>> {
        let _turn = self.gate.enter().await;
        let image = self.image();
        let config = self.config();
        let mut records = Vec::new();
        let mut budget = PARTITIONS_PER_REQUEST;
        // Topics of this request are not in the image yet: names, by what they collide in.
        let mut planned: BTreeMap<String, &str> = BTreeMap::new();
        let mut outcomes: Vec<_> = topics
            .iter()
            .map(|topic| {
                let plain = topic.name.replace('.', "_");
                match planned.get(&plain) {
                    Some(&other) if other == topic.name => {
                        let message = format!("Topic '{other}' already exists.");
                        return Err(Refusal::new(ErrorCode::TopicAlreadyExists, message));
                    }
                    Some(other) => {
                        let name = &topic.name;
                        let message =
                            format!("Topic '{name}' collides with existing topic: {other}");
                        return Err(Refusal::new(ErrorCode::InvalidTopicException, message));
                    }
                    None => {}
                }
                let (outcome, mut made) = self.plan_topic(&image, &config, topic, &mut budget)?;
                self.source.check_space()?;
                if validate_only {
                    return Ok(NewTopicOutcome { id: Uuid::ZERO, ..outcome });
                }
                records.append(&mut made);
                planned.insert(plain, &topic.name);
                Ok(outcome)
            })
            .collect();
        if let Err(refusal) = self.change(records).await {
            for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
                *outcome = Err(refusal.clone());
            }
        }
        outcomes
    }

    fn plan_topic(
        &self,
        image: &Image,
        config: &BrokerConfig,
        topic: &NewTopic,
        budget: &mut i32,
    ) -> Result<(NewTopicOutcome, Vec<MetadataRecord>), Refusal> {
        let name = &topic.name;
        check_topic_name(name)
            .map_err(|message| Refusal::new(ErrorCode::InvalidTopicException, message))?;
        if image.topic(name).is_some() {
            let message = format!("Topic '{name}' already exists.");
            return Err(Refusal::new(ErrorCode::TopicAlreadyExists, message));
        }
        if let Some(other) = image.topics().find(|other| collides(&other.name, name)) {
            let message = format!("Topic '{name}' collides with existing topic: {}", other.name);
            return Err(Refusal::new(ErrorCode::InvalidTopicException, message));
        }
        check_topic_configs(config, name, &topic.configs)?;
        self.batch_limit.check_topic(&topic.configs).map_err(invalid_config)?;
        let configs = describe_topic(config, &topic.configs)
            .map_err(|error| Refusal::new(ErrorCode::InvalidConfig, error.to_string()))?;
        let node = image.node.id;
        let (partitions, replication_factor) = if topic.assignments.is_empty() {
            self.counts(topic)?
        } else {
            check_assignments(topic, 0, node)?
        };
        *budget = budget.saturating_sub(partitions.min(PARTITIONS_MAX));
        if partitions > PARTITIONS_MAX || *budget < 0 {
            let message = format!(
                "Excessively large number of partitions per request: at most \
                 {PARTITIONS_PER_REQUEST} can be created at once"
            );
            return Err(Refusal::new(ErrorCode::PolicyViolation, message));
        }
        let id = self.new_topic_id();
        let mut records: Vec<MetadataRecord> =
            vec![TopicRecord { name: name.clone(), topic_id: id }.into()];
        records.extend(
            topic
                .configs
                .iter()
                .map(|(key, value)| config_record(TOPIC_RESOURCE, name, key, Some(value))),
        );
        records.extend((0..partitions).map(|partition| new_partition(id, partition, node)));
        Ok((NewTopicOutcome { id, partitions, replication_factor, configs }, records))
    }

    fn counts(&self, topic: &NewTopic) -> Result<(i32, i16), Refusal> {
        let replicas = match topic.replication_factor {
            -1 | 1 => 1,
            factor if factor < 1 => {
                let message =
                    "Replication factor must be larger than 0, or -1 to use the default value.";
                return Err(Refusal::new(ErrorCode::InvalidReplicationFactor, message));
            }
            factor => {
                let message = format!(
                    "Unable to replicate the partition {factor} time(s): The target replication factor \
                     of {factor} cannot be reached because only 1 broker(s) are registered."
                );
                return Err(Refusal::new(ErrorCode::InvalidReplicationFactor, message));
            }
        };
        match topic.partitions {
            -1 => Ok((self.config.num_partitions, replicas)),
            count if count < 1 => {
                let message = "Number of partitions was set to an invalid non-positive value.";
                Err(Refusal::new(ErrorCode::InvalidPartitions, message))
            }
            count => Ok((count, replicas)),
        }
    }

    fn new_topic_id(&self) -> Uuid {
        loop {
            let id = Uuid::from_random(self.io.random_uuid());
            if !id.is_reserved() {
                return id;
            }
        }
    }

    /// Removes topics.
    pub async fn delete_topics(&self, keys: &[TopicKey]) -> Vec<Result<Arc<TopicImage>, Refusal>> {
        let _turn = self.gate.enter().await;
        let image = self.image();
        let mut seen = BTreeSet::new();
        let mut outcomes: Vec<Result<Arc<TopicImage>, Refusal>> = keys
            .iter()
            .map(|key| {
                let topic = find(&image, key)?;
                if is_internal(&topic.name) {
                    let message = format!("Topic '{}' is internal.", topic.name);
                    return Err(Refusal::new(ErrorCode::InvalidTopicException, message));
                }
                if !seen.insert(topic.id) {
                    return Err(Refusal::new(ErrorCode::InvalidRequest, "Duplicate topic id."));
                }
                Ok(topic)
            })
            .collect();
        let gone = outcomes.iter().flatten();
        let records = gone.map(|topic| RemoveTopicRecord { topic_id: topic.id }.into()).collect();
        if let Err(refusal) = self.change(records).await {
            for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
                *outcome = Err(refusal.clone());
            }
        }
        outcomes
    }

    /// Grows a topic to `count` partitions, or only says whether it could be grown. With
    /// `assignments`, they name the brokers of each new partition in order.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn create_partitions(
        &self,
        name: &str,
        count: i32,
        assignments: Option<&[Vec<i32>]>,
        validate_only: bool,
    ) -> Result<(), Refusal> {
        let _turn = self.gate.enter().await;
        let image = self.image();
        let topic = find(&image, &TopicKey::Name(name.to_owned()))?;
        let old = i32::try_from(topic.partitions.len()).unwrap_or(i32::MAX);
        let invalid = |message: String| Refusal::new(ErrorCode::InvalidPartitions, message);
        if count == old {
            return Err(invalid(format!("Topic already has {old} partition(s).")));
        }
        if count < old {
            return Err(invalid(format!(
                "The topic {name} currently has {old} partition(s); {count} would not be an increase."
            )));
        }
        if count - old > PARTITIONS_PER_REQUEST || count > PARTITIONS_MAX {
            return Err(invalid(format!(
                "{} partitions cannot be added at once: the limit is {PARTITIONS_PER_REQUEST}",
                count - old
            )));
        }
        if let Some(assignments) = assignments {
            if i32::try_from(assignments.len()) != Ok(count - old) {
                let message = format!(
                    "Attempted to add {} additional partition(s), but only {} assignment(s) were specified.",
                    count - old,
                    assignments.len()
                );
                return Err(Refusal::new(ErrorCode::InvalidReplicaAssignment, message));
            }
            for replicas in assignments {
                check_replicas(replicas, image.node.id)?;
            }
        }
        self.source.check_space()?;
        if validate_only {
            return Ok(());
        }
        let node = image.node.id;
        self.change((old..count).map(|n| new_partition(topic.id, n, node)).collect()).await
    }

    /// A producer id that was never given out before.
    ///
    /// # Errors
    /// When no block of them can be taken from the log.
    pub async fn next_producer_id(&self) -> Result<i64, Refusal> {
        let _turn = self.gate.enter().await;
        if self.producer_ids.borrow().is_empty() {
            let image = self.image();
            let first = image.next_producer_id;
            let next_producer_id = first + PRODUCER_ID_BLOCK;
            let record =
                ProducerIdsRecord { broker_id: image.node.id, broker_epoch: 0, next_producer_id };
            self.change(vec![record.into()]).await?;
            *self.producer_ids.borrow_mut() = first..next_producer_id;
        }
        let id = self.producer_ids.borrow_mut().next();
        id.ok_or_else(|| ErrorCode::CoordinatorNotAvailable.into())
    }
}

fn find(image: &Image, key: &TopicKey) -> Result<Arc<TopicImage>, Refusal> {
    let (found, code) = match key {
        TopicKey::Name(name) => (image.topic(name), ErrorCode::UnknownTopicOrPartition),
        TopicKey::Id(id) => (image.topic_by_id(*id), ErrorCode::UnknownTopicId),
    };
    found.cloned().ok_or_else(|| code.into())
}

fn check_assignments(topic: &NewTopic, first: i32, node: i32) -> Result<(i32, i16), Refusal> {
    let invalid = |message: String| Refusal::new(ErrorCode::InvalidReplicaAssignment, message);
    if topic.partitions != -1 || topic.replication_factor != -1 {
        let message = "A manual partition assignment was specified, but numPartitions or replicationFactor was not set to -1.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, message));
    }
    let by_partition: BTreeMap<i32, &Vec<i32>> =
        topic.assignments.iter().map(|(partition, replicas)| (*partition, replicas)).collect();
    if by_partition.len() != topic.assignments.len() {
        return Err(invalid("Found multiple manual partition assignments for a partition.".into()));
    }
    for (expected, (partition, replicas)) in (first..).zip(&by_partition) {
        if *partition != expected {
            return Err(invalid(
                "partitions should be a consecutive 0-based integer sequence".into(),
            ));
        }
        check_replicas(replicas, node)?;
    }
    Ok((i32::try_from(by_partition.len()).unwrap_or(i32::MAX), 1))
}

fn check_replicas(replicas: &[i32], node: i32) -> Result<(), Refusal> {
    let invalid = |message: String| Refusal::new(ErrorCode::InvalidReplicaAssignment, message);
    match replicas {
        [] => {
            Err(invalid("The manual partition assignment includes an empty replica list.".into()))
        }
        [one] if *one == node => Ok(()),
        _ => {
            let stranger = replicas.iter().find(|id| **id != node);
            Err(invalid(match stranger {
                Some(id) => format!(
                    "The manual partition assignment includes broker {id}, but no such broker is registered."
                ),
                None => format!(
                    "The manual partition assignment includes the broker {node} more than once."
                ),
            }))
        }
    }
}

fn new_partition(topic_id: Uuid, partition_id: i32, node: i32) -> MetadataRecord {
    PartitionRecord {
        partition_id,
        topic_id,
        replicas: vec![node],
        isr: vec![node],
        leader: node,
        leader_epoch: 0,
        partition_epoch: 0,
        ..Default::default()
    }
    .into()
}
