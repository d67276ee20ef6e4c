//! Topics and their settings.

use std::collections::BTreeMap;

use super::TopicPartition;
use super::cluster::Client;
use super::error::ClientError;
use crate::protocol::ErrorCode;
use crate::protocol::generated::create_partitions_request::CreatePartitionsTopic;
use crate::protocol::generated::create_topics_request::{CreatableTopic, CreatableTopicConfig};
use crate::protocol::generated::delete_topics_request::DeleteTopicState;
use crate::protocol::generated::describe_configs_request::DescribeConfigsResource;
use crate::protocol::generated::incremental_alter_configs_request::{
    AlterConfigsResource, AlterableConfig,
};
use crate::protocol::generated::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use crate::protocol::generated::{
    CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest, DescribeConfigsRequest,
    IncrementalAlterConfigsRequest, ListOffsetsRequest,
};

/// Kind of resource in DescribeConfigs: a topic.
const TOPIC: i8 = 2;
/// Newest ListOffsets that this client writes.
const LIST_OFFSETS_MAX: i16 = 7;

/// A topic to create.
#[derive(Clone, Debug, Default)]
pub struct NewTopic {
    /// Its name.
    pub name: String,
    /// Number of partitions; the broker's `num.partitions` when not given.
    pub partitions: Option<i32>,
    /// Number of replicas; the broker's `default.replication.factor` when not given.
    pub replicas: Option<i16>,
    /// Its settings.
    pub settings: Vec<(String, String)>,
}

/// A setting of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSetting {
    /// Its name.
    pub name: String,
    /// Its value; `None` when it is secret.
    pub value: Option<String>,
    /// Whether it was set for the topic, rather than for the broker or not at all.
    pub own: bool,
}

impl Client {
    /// Creates a topic; with `validate_only` the broker only says whether it would.
    ///
    /// # Errors
    /// When it exists, or the broker refuses it.
    pub fn create_topic(&mut self, new: &NewTopic, validate_only: bool) -> Result<(), ClientError> {
        let configs = new.settings.iter().map(|(name, value)| CreatableTopicConfig {
            name: name.clone(),
            value: Some(value.clone()),
        });
        let topic = CreatableTopic {
            name: new.name.clone(),
            num_partitions: new.partitions.unwrap_or(-1),
            replication_factor: new.replicas.unwrap_or(-1),
            configs: configs.collect(),
            ..Default::default()
        };
        let request = CreateTopicsRequest {
            topics: vec![topic],
            timeout_ms: self.timeout_ms(),
            validate_only,
        };
        let answer = self.ask_controller(&request, i16::MAX)?;
        for result in answer.topics {
            let what = || format!("topic {}", result.name);
            ClientError::check(result.error_code, result.error_message.clone(), what)?;
        }
        Ok(())
    }

    /// Deletes a topic.
    ///
    /// # Errors
    /// When there is none, or the broker refuses.
    pub fn delete_topic(&mut self, name: &str) -> Result<(), ClientError> {
        let timeout_ms = self.timeout_ms();
        // Up to version 5 topics are named in another field.
        let by_state = DeleteTopicsRequest {
            topics: vec![DeleteTopicState { name: Some(name.to_owned()), ..Default::default() }],
            timeout_ms,
            ..Default::default()
        };
        let by_name = DeleteTopicsRequest {
            topic_names: vec![name.to_owned()],
            timeout_ms,
            ..Default::default()
        };
        let answer = match self.ask_controller(&by_state, i16::MAX) {
            Err(ClientError::Encode(_)) => self.ask_controller(&by_name, 5)?,
            answer => answer?,
        };
        for result in answer.responses {
            if result.error_code == ErrorCode::UnknownTopicOrPartition.code() {
                return Err(ClientError::NoTopic(name.to_owned()));
            }
            let what = || format!("topic {name}");
            ClientError::check(result.error_code, result.error_message.clone(), what)?;
        }
        self.forget(name);
        Ok(())
    }

    /// Gives a topic more partitions: `count` in all.
    ///
    /// # Errors
    /// When there is none, or it has that many already.
    pub fn create_partitions(&mut self, name: &str, count: i32) -> Result<(), ClientError> {
        let topic = CreatePartitionsTopic { name: name.to_owned(), count, assignments: None };
        let request = CreatePartitionsRequest {
            topics: vec![topic],
            timeout_ms: self.timeout_ms(),
            validate_only: false,
        };
        for result in self.ask_controller(&request, i16::MAX)?.results {
            let what = || format!("topic {name}");
            ClientError::check(result.error_code, result.error_message.clone(), what)?;
        }
        self.forget(name);
        Ok(())
    }

    /// The settings of a topic, sorted by name.
    ///
    /// # Errors
    /// When there is no such topic.
    pub fn topic_settings(&mut self, name: &str) -> Result<Vec<TopicSetting>, ClientError> {
        // Number of the source that is the topic itself (KIP-226).
        const OWN: i8 = 1;
        let resource = DescribeConfigsResource {
            resource_type: TOPIC,
            resource_name: name.to_owned(),
            configuration_keys: None,
        };
        let request = DescribeConfigsRequest { resources: vec![resource], ..Default::default() };
        let mut settings = Vec::new();
        for result in self.ask_controller(&request, i16::MAX)?.results {
            let what = || format!("topic {name}");
            ClientError::check(result.error_code, result.error_message.clone(), what)?;
            settings.extend(result.configs.into_iter().map(|config| TopicSetting {
                name: config.name,
                value: config.value,
                own: config.config_source == OWN,
            }));
        }
        settings.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(settings)
    }

    /// Changes settings of a topic: `None` takes the topic's own value away.
    ///
    /// # Errors
    /// When there is no such topic, or the broker refuses a value.
    pub fn alter_topic(
        &mut self,
        name: &str,
        changes: &[(String, Option<String>)],
    ) -> Result<(), ClientError> {
        const SET: i8 = 0;
        const DELETE: i8 = 1;
        let configs = changes.iter().map(|(name, value)| AlterableConfig {
            name: name.clone(),
            config_operation: if value.is_some() { SET } else { DELETE },
            value: value.clone(),
        });
        let resource = AlterConfigsResource {
            resource_type: TOPIC,
            resource_name: name.to_owned(),
            configs: configs.collect(),
        };
        let request =
            IncrementalAlterConfigsRequest { resources: vec![resource], validate_only: false };
        for result in self.ask_controller(&request, i16::MAX)?.responses {
            let what = || format!("topic {name}");
            ClientError::check(result.error_code, result.error_message.clone(), what)?;
        }
        Ok(())
    }

    /// Offsets of partitions at a time: of the first record of this time or later, -1 when there is
    /// none; -1 asks for the end, -2 for the beginning.
    ///
    /// # Errors
    /// When a partition cannot be asked in time.
    pub fn list_offsets(
        &mut self,
        partitions: &[TopicPartition],
        time: i64,
        committed: bool,
    ) -> Result<BTreeMap<TopicPartition, i64>, ClientError> {
        let mut found: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        self.retry(
            || "looking up offsets".to_owned(),
            |client| {
                let missing = partitions.iter().filter(|partition| !found.contains_key(partition));
                let mut by_leader: BTreeMap<i32, Vec<TopicPartition>> = BTreeMap::new();
                for partition in missing.cloned().collect::<Vec<_>>() {
                    let leader = client.leader(&partition.0, partition.1)?;
                    by_leader.entry(leader).or_default().push(partition);
                }
                for (leader, partitions) in by_leader {
                    client.list_offsets_of(leader, &partitions, time, committed, &mut found)?;
                }
                Ok(())
            },
        )?;
        Ok(found)
    }

    fn list_offsets_of(
        &mut self,
        leader: i32,
        partitions: &[TopicPartition],
        time: i64,
        committed: bool,
        found: &mut BTreeMap<TopicPartition, i64>,
    ) -> Result<(), ClientError> {
        let mut topics: BTreeMap<&str, Vec<ListOffsetsPartition>> = BTreeMap::new();
        for (topic, partition) in partitions {
            topics.entry(topic).or_default().push(ListOffsetsPartition {
                partition_index: *partition,
                timestamp: time,
                ..Default::default()
            });
        }
        let topics = topics
            .into_iter()
            .map(|(name, partitions)| ListOffsetsTopic { name: name.to_owned(), partitions });
        let request = ListOffsetsRequest {
            replica_id: -1,
            isolation_level: i8::from(committed),
            topics: topics.collect(),
            ..Default::default()
        };
        let wait = self.options().request_timeout;
        for topic in self.ask(leader, &request, LIST_OFFSETS_MAX, wait)?.topics {
            for partition in topic.partitions {
                let what = || format!("{}-{}", topic.name, partition.partition_index);
                let checked = ClientError::check(partition.error_code, None, what);
                if checked.as_ref().is_err_and(ClientError::is_retriable) {
                    self.forget(&topic.name);
                }
                checked?;
                found.insert((topic.name.clone(), partition.partition_index), partition.offset);
            }
        }
        Ok(())
    }

    pub(super) fn timeout_ms(&self) -> i32 {
        i32::try_from(self.options().operation_timeout.as_millis()).unwrap_or(i32::MAX)
    }
}
