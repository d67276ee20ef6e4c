//! The picture of the cluster that every shard holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use ringlog_engine::io::ShardId;

use crate::config::BrokerConfig;
use crate::protocol::{MetadataRecord, Uuid};

/// Resource type of a topic's configuration.
pub const TOPIC_RESOURCE: i8 = 2;
/// Resource type of a broker's configuration; the empty name is the default of all brokers.
pub const BROKER_RESOURCE: i8 = 4;

/// A broker as clients see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeInfo {
    /// `node.id`.
    pub id: i32,
    /// Host that clients connect to.
    pub host: String,
    /// Port that clients connect to.
    pub port: u16,
    /// `broker.rack`.
    pub rack: Option<String>,
}

/// A partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionImage {
    /// Brokers that hold it.
    pub replicas: Vec<i32>,
    /// Those of them that are in sync.
    pub isr: Vec<i32>,
    /// The broker that leads it.
    pub leader: i32,
    /// Counts its leaderships.
    pub leader_epoch: i32,
    /// Counts its changes.
    pub partition_epoch: i32,
    /// The shard of this node that holds its log. Known to this node only: no record says it.
    pub shard: ShardId,
}

/// A topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicImage {
    /// Its name.
    pub name: String,
    /// Its id, never given to another topic.
    pub id: Uuid,
    /// Its partitions, by number.
    pub partitions: Vec<PartitionImage>,
    /// Its own configuration, by key.
    pub configs: BTreeMap<String, String>,
}

/// All of the metadata at one moment. Clones share the topics.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// Offset of the last record applied, -1 for none.
    pub offset: i64,
    /// This node.
    pub node: NodeInfo,
    /// `cluster.id`.
    pub cluster_id: String,
    topics: BTreeMap<String, Arc<TopicImage>>,
    names: BTreeMap<Uuid, String>,
    /// Dynamic configuration of brokers, by name; the empty name is the default.
    broker_configs: BTreeMap<String, BTreeMap<String, String>>,
    /// First producer id that was not given out.
    pub next_producer_id: i64,
    shards: u16,
    /// Partitions given to each shard so far.
    load: Vec<u64>,
    /// Where logs are that were there before.
    placed: Arc<BTreeMap<(Uuid, i32), ShardId>>,
}

impl Image {
    /// An empty cluster of this one node with `shards` shards.
    pub fn new(cluster_id: String, node: NodeInfo, shards: u16) -> Self {
        Self {
            offset: -1,
            node,
            cluster_id,
            shards,
            load: vec![0; usize::from(shards)],
            ..Self::default()
        }
    }

    /// The same with the shards of logs that are there already.
    #[must_use]
    pub fn with_placed(mut self, placed: BTreeMap<(Uuid, i32), ShardId>) -> Self {
        self.placed = Arc::new(placed);
        self
    }

    /// The topics, by name.
    pub fn topics(&self) -> impl Iterator<Item = &Arc<TopicImage>> {
        self.topics.values()
    }

    /// A topic by its name.
    pub fn topic(&self, name: &str) -> Option<&Arc<TopicImage>> {
        self.topics.get(name)
    }

    /// A topic by its id.
    pub fn topic_by_id(&self, id: Uuid) -> Option<&Arc<TopicImage>> {
        self.topics.get(self.names.get(&id)?)
    }

    /// A partition by its topic's name and its number.
    pub fn partition(&self, name: &str, number: i32) -> Option<(&TopicImage, &PartitionImage)> {
        let topic = self.topic(name)?;
        Some((topic, topic.partitions.get(usize::try_from(number).ok()?)?))
    }

    /// The dynamic configuration of broker `name`; the empty name is that of all.
    pub fn broker_config(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        self.broker_configs.get(name)
    }

    /// The settings in force on this node: `given` at the start, and over them the dynamic ones. A
    /// dynamic one that does not go with what was given is passed over, and with it all of them.
    pub fn effective_config(&self, given: &BrokerConfig) -> BrokerConfig {
        let none = BTreeMap::new();
        let of = |name: &str| self.broker_configs.get(name).unwrap_or(&none);
        given.with_dynamic(of(""), of(&self.node.id.to_string())).unwrap_or_else(|error| {
            tracing::warn!(%error, "dynamic settings are passed over");
            given.clone()
        })
    }

    /// Whether the dynamic settings of brokers are the same in both.
    pub fn has_same_broker_configs(&self, other: &Self) -> bool {
        self.broker_configs == other.broker_configs
    }

    /// The shard that has the partition's log, else the one with the fewest partitions.
    fn place(&mut self, topic: Uuid, partition: i32) -> ShardId {
        let least = self.load.iter().enumerate().min_by_key(|(_, load)| **load);
        let shard = match self.placed.get(&(topic, partition)) {
            Some(shard) => usize::from(shard.0),
            None => least.map_or(0, |(shard, _)| shard),
        };
        if let Some(load) = self.load.get_mut(shard) {
            *load += 1;
        }
        ShardId(u16::try_from(shard).unwrap_or(0).min(self.shards.saturating_sub(1)))
    }

    /// Applies a committed record. Records that concern nothing known are passed over, as Kafka's
    /// own image does for what it does not track.
    pub fn apply(&mut self, record: &MetadataRecord) {
        match record {
            MetadataRecord::Topic(topic) => {
                let image = TopicImage {
                    name: topic.name.clone(),
                    id: topic.topic_id,
                    ..TopicImage::default()
                };
                self.names.insert(topic.topic_id, topic.name.clone());
                self.topics.insert(topic.name.clone(), Arc::new(image));
            }
            MetadataRecord::Partition(partition) => {
                if !self.names.contains_key(&partition.topic_id) {
                    return;
                }
                let shard = self.place(partition.topic_id, partition.partition_id);
                let Some(topic) = self.topic_mut(partition.topic_id) else { return };
                let image = PartitionImage {
                    replicas: partition.replicas.clone(),
                    isr: partition.isr.clone(),
                    leader: partition.leader,
                    leader_epoch: partition.leader_epoch,
                    partition_epoch: partition.partition_epoch,
                    shard,
                };
                let at = usize::try_from(partition.partition_id).unwrap_or(usize::MAX);
                match topic.partitions.get_mut(at) {
                    Some(old) => *old = PartitionImage { shard: old.shard, ..image },
                    None => topic.partitions.push(image),
                }
            }
            MetadataRecord::RemoveTopic(removed) => {
                if let Some(name) = self.names.remove(&removed.topic_id)
                    && let Some(topic) = self.topics.remove(&name)
                {
                    for partition in &topic.partitions {
                        if let Some(load) = self.load.get_mut(usize::from(partition.shard.0)) {
                            *load = load.saturating_sub(1);
                        }
                    }
                }
            }
            MetadataRecord::Config(config) => {
                let configs = match config.resource_type {
                    TOPIC_RESOURCE => {
                        let Some(topic) = self.topics.get_mut(&config.resource_name) else {
                            return;
                        };
                        &mut Arc::make_mut(topic).configs
                    }
                    BROKER_RESOURCE => {
                        self.broker_configs.entry(config.resource_name.clone()).or_default()
                    }
                    _ => return,
                };
                match &config.value {
                    Some(value) => configs.insert(config.name.clone(), value.clone()),
                    None => configs.remove(&config.name),
                };
            }
            MetadataRecord::ProducerIds(ids) => self.next_producer_id = ids.next_producer_id,
            _ => {}
        }
    }

    fn topic_mut(&mut self, id: Uuid) -> Option<&mut TopicImage> {
        self.topics.get_mut(self.names.get(&id)?).map(Arc::make_mut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::generated::{
        ConfigRecord, PartitionRecord, RemoveTopicRecord, TopicRecord,
    };

    fn image() -> Image {
        let mut image = Image::new("cluster".into(), NodeInfo::default(), 2);
        let id = Uuid([7; 16]);
        image.apply(&TopicRecord { name: "t".into(), topic_id: id }.into());
        for partition_id in 0..4 {
            let record = PartitionRecord { partition_id, topic_id: id, ..Default::default() };
            image.apply(&record.into());
        }
        image
    }

    #[test]
    fn partitions_spread_over_the_shards() {
        let image = image();
        let shards: Vec<u16> =
            image.topic("t").unwrap().partitions.iter().map(|p| p.shard.0).collect();
        assert_eq!(shards, [0, 1, 0, 1]);
    }

    #[test]
    fn a_removed_topic_is_gone_under_both_names() {
        let mut image = image();
        image.apply(&RemoveTopicRecord { topic_id: Uuid([7; 16]) }.into());
        assert!(image.topic("t").is_none() && image.topic_by_id(Uuid([7; 16])).is_none());
    }

    #[test]
    fn a_configuration_is_set_and_taken_back() {
        let mut image = image();
        let record = |value: Option<&str>| ConfigRecord {
            resource_type: TOPIC_RESOURCE,
            resource_name: "t".into(),
            name: "retention.ms".into(),
            value: value.map(Into::into),
        };
        image.apply(&record(Some("5")).into());
        assert_eq!(image.topic("t").unwrap().configs["retention.ms"], "5");
        image.apply(&record(None).into());
        assert!(image.topic("t").unwrap().configs.is_empty());
    }

    #[test]
    fn an_older_image_is_not_changed_by_a_newer_one() {
        let old = image();
        let mut new = old.clone();
        new.apply(&RemoveTopicRecord { topic_id: Uuid([7; 16]) }.into());
        assert_eq!(old.topic("t").unwrap().partitions.len(), 4);
    }
}
