//! Changes of configurations: checked as Kafka checks them, written as ConfigRecords.

use std::collections::{BTreeMap, BTreeSet};

use super::controller::{Controller, Refusal};
use super::image::{BROKER_RESOURCE, Image, TOPIC_RESOURCE};
use super::names::is_internal;
use crate::config::{BrokerConfig, ConfigError, Kind, Setting, TopicConfig};
use crate::protocol::generated::ConfigRecord;
use crate::protocol::{ErrorCode, MetadataRecord};

/// Longest value of a setting in bytes, as in Kafka: longer ones do not fit old versions of the
/// protocol.
const VALUE_BYTES_MAX: usize = 32_767;

/// Whose configuration it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigTarget {
    /// A topic's, by name.
    Topic(String),
    /// That of all brokers.
    AllBrokers,
    /// That of this node.
    ThisBroker,
}

impl ConfigTarget {
    /// The target that a request names; `node` is this node's id.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for resources that have no configuration here.
    pub fn parse(resource_type: i8, name: &str, node: i32) -> Result<Self, Refusal> {
        let invalid = |message: String| Err(Refusal::new(ErrorCode::InvalidRequest, message));
        match (resource_type, name) {
            (TOPIC_RESOURCE, _) => Ok(Self::Topic(name.to_owned())),
            (BROKER_RESOURCE, "") => Ok(Self::AllBrokers),
            (BROKER_RESOURCE, _) => match name.parse::<i32>() {
                Ok(id) if id == node => Ok(Self::ThisBroker),
                Ok(_) => invalid(format!(
                    "Unexpected broker id, expected {node} or empty string, but received {name}"
                )),
                Err(_) => invalid(format!("Node id must be an integer, but it is: {name}")),
            },
            (8, _) => invalid("Levels of single loggers cannot be seen or changed".to_owned()),
            (16 | 32, _) => invalid("Client metrics and groups have no settings here".to_owned()),
            _ => invalid(format!("Unknown resource type {resource_type}")),
        }
    }

    fn resource(&self, image: &Image) -> (i8, String) {
        match self {
            Self::Topic(name) => (TOPIC_RESOURCE, name.clone()),
            Self::AllBrokers => (BROKER_RESOURCE, String::new()),
            Self::ThisBroker => (BROKER_RESOURCE, image.node.id.to_string()),
        }
    }

    fn setting(&self, name: &str) -> Option<&'static Setting> {
        match self {
            Self::Topic(_) => TopicConfig::setting(name),
            _ => BrokerConfig::setting(name),
        }
    }
}

/// What becomes of one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChange {
    /// It has this value.
    Set(String),
    /// It is taken back: what is behind it holds again.
    Delete,
    /// A list gets these elements too.
    Append(String),
    /// A list loses these elements.
    Subtract(String),
}

impl ConfigChange {
    /// The change that IncrementalAlterConfigs has a number for.
    ///
    /// # Errors
    /// `INVALID_REQUEST` for another number, and where a value is needed and missing.
    pub fn parse(operation: i8, name: &str, value: Option<&str>) -> Result<Self, Refusal> {
        let invalid = |message: String| Refusal::new(ErrorCode::InvalidRequest, message);
        let value = value.map(str::to_owned);
        let needed = || invalid(format!("Null value not supported for : {name}"));
        match operation {
            0 => value.map(Self::Set).ok_or_else(needed),
            1 => Ok(Self::Delete),
            2 => value.map(Self::Append).ok_or_else(needed),
            3 => value.map(Self::Subtract).ok_or_else(needed),
            _ => Err(invalid(format!("Unknown operation type {operation} for the key {name}"))),
        }
    }
}

/// What becomes of the configuration of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigChanges {
    /// These settings change, the others stay.
    Some(Vec<(String, ConfigChange)>),
    /// These are all there are.
    All(BTreeMap<String, String>),
}

impl ConfigChanges {
    /// The configuration after the change.
    fn apply(
        &self,
        target: &ConfigTarget,
        old: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, Refusal> {
        let changes = match self {
            Self::All(new) => return Ok(new.clone()),
            Self::Some(changes) => changes,
        };
        let mut new = old.clone();
        let mut seen = BTreeSet::new();
        for (name, change) in changes {
            if !seen.insert(name) {
                let message = format!("Error due to duplicate config keys: {name}");
                return Err(Refusal::new(ErrorCode::InvalidRequest, message));
            }
            let value = match change {
                ConfigChange::Set(value) => value.clone(),
                ConfigChange::Delete => {
                    new.remove(name);
                    continue;
                }
                ConfigChange::Append(more) => {
                    let mut list = list(target, "APPEND", name, old)?;
                    for element in elements(more) {
                        if !list.contains(&element) {
                            list.push(element);
                        }
                    }
                    list.join(",")
                }
                ConfigChange::Subtract(less) => {
                    let mut list = list(target, "SUBTRACT", name, old)?;
                    list.retain(|element| !elements(less).any(|gone| gone == *element));
                    list.join(",")
                }
            };
            new.insert(name.clone(), value);
        }
        Ok(new)
    }
}

fn elements(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|element| !element.is_empty())
}

/// The elements of a setting that is a list, of the default when it is not set.
fn list<'a>(
    target: &ConfigTarget,
    operation: &str,
    name: &str,
    old: &'a BTreeMap<String, String>,
) -> Result<Vec<&'a str>, Refusal> {
    match target.setting(name) {
        Some(setting) if setting.kind == Kind::List => {
            let text = old.get(name).map(String::as_str).or(setting.default);
            Ok(elements(text.unwrap_or_default()).collect())
        }
        _ => {
            let message = format!("Can't {operation} to key {name} because its type is not LIST.");
            Err(Refusal::new(ErrorCode::InvalidConfig, message))
        }
    }
}

impl Controller {
    /// Changes the configuration of a resource, or only says whether it could be changed. All of it
    /// is changed or nothing. When this completes, every shard works by it.
    ///
    /// # Errors
    /// Why it cannot: `UNKNOWN_TOPIC_OR_PARTITION`, `INVALID_CONFIG`, and for brokers
    /// `INVALID_REQUEST`, as in Kafka.
    pub async fn alter_configs(
        &self,
        target: &ConfigTarget,
        changes: &ConfigChanges,
        validate_only: bool,
    ) -> Result<(), Refusal> {
        let _turn = self.gate.enter().await;
        let image = self.image();
        let (resource_type, resource) = target.resource(&image);
        let none = BTreeMap::new();
        let old = match target {
            ConfigTarget::Topic(name) => {
                let missing = || {
                    let message = format!("The topic '{name}' does not exist.");
                    Refusal::new(ErrorCode::UnknownTopicOrPartition, message)
                };
                &image.topic(name).ok_or_else(missing)?.configs
            }
            _ => image.broker_config(&resource).unwrap_or(&none),
        };
        let new = changes.apply(target, old)?;
        if new.iter().any(|(_, value)| value.len() > VALUE_BYTES_MAX) {
            let message = format!("A value is longer than {VALUE_BYTES_MAX} bytes");
            return Err(Refusal::new(ErrorCode::InvalidConfig, message));
        }
        let differs = |(name, value): &(&String, &String)| old.get(*name) != Some(*value);
        let changed: BTreeMap<String, String> =
            new.iter().filter(differs).map(|(name, value)| (name.clone(), value.clone())).collect();
        match target {
            ConfigTarget::Topic(name) => {
                check_topic_configs(&self.config(), name, &new)?;
                // What was set before stays, though the node may have less memory now.
                self.batch_limit.check_topic(&changed).map_err(invalid_config)?;
            }
            ConfigTarget::AllBrokers => {
                let own = image.broker_config(&image.node.id.to_string()).unwrap_or(&none);
                check_broker_configs(self.given(), &new, own)?;
            }
            ConfigTarget::ThisBroker => {
                let all = image.broker_config("").unwrap_or(&none);
                check_broker_configs(self.given(), all, &new)?;
            }
        }
        if !matches!(target, ConfigTarget::Topic(_)) {
            self.batch_limit.check_dynamic(&changed).map_err(invalid_config)?;
        }
        if validate_only {
            return Ok(());
        }
        let gone = old.keys().filter(|name| !new.contains_key(*name)).map(|name| (name, None));
        let set = changed.iter().map(|(name, value)| (name, Some(value.as_str())));
        let record = |(name, value): (&String, Option<&str>)| {
            config_record(resource_type, &resource, name, value)
        };
        let records = gone.chain(set).map(record).collect();
        self.change(records).await
    }
}

/// Checks the settings that a topic is to have of its own. Internal topics may have what clients may
/// not ask for.
///
/// # Errors
/// `INVALID_CONFIG` with the first thing that is wrong.
pub(super) fn check_topic_configs(
    broker: &BrokerConfig,
    topic: &str,
    configs: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let checked = match is_internal(topic) {
        true => TopicConfig::resolve(broker, configs),
        false => TopicConfig::validate(broker, configs),
    };
    checked.map(drop).map_err(|error| invalid_config(error.to_string()))
}

pub(super) fn invalid_config(message: String) -> Refusal {
    Refusal::new(ErrorCode::InvalidConfig, message)
}

fn check_broker_configs(
    given: &BrokerConfig,
    all_brokers: &BTreeMap<String, String>,
    this_broker: &BTreeMap<String, String>,
) -> Result<(), Refusal> {
    let Err(error) = given.with_dynamic(all_brokers, this_broker) else { return Ok(()) };
    let refusal = match error {
        ConfigError::Unknown { .. } | ConfigError::Unsupported { .. } => {
            Refusal::new(ErrorCode::InvalidConfig, error.to_string())
        }
        // Kafka has no better code for these, see KAFKA-13609.
        ConfigError::Value { error, .. } => {
            Refusal::new(ErrorCode::InvalidRequest, error.to_string())
        }
        error => Refusal::new(ErrorCode::InvalidRequest, error.to_string()),
    };
    Err(refusal)
}

/// The record of one setting; without a value it is taken back.
pub(super) fn config_record(
    resource_type: i8,
    resource_name: &str,
    name: &str,
    value: Option<&str>,
) -> MetadataRecord {
    ConfigRecord {
        resource_type,
        resource_name: resource_name.to_owned(),
        name: name.to_owned(),
        value: value.map(str::to_owned),
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    fn topic() -> ConfigTarget {
        ConfigTarget::Topic("t".into())
    }

    fn some(changes: &[(&str, ConfigChange)]) -> ConfigChanges {
        ConfigChanges::Some(changes.iter().map(|(k, c)| ((*k).to_owned(), c.clone())).collect())
    }

    #[test]
    fn some_settings_change_and_the_others_stay() {
        let changes = some(&[("a", ConfigChange::Set("2".into())), ("b", ConfigChange::Delete)]);
        let new = changes.apply(&topic(), &map(&[("a", "1"), ("b", "1"), ("c", "1")])).unwrap();
        assert_eq!(new, map(&[("a", "2"), ("c", "1")]));
    }

    #[test]
    fn lists_grow_and_shrink_from_their_default() {
        let policy = "cleanup.policy";
        let append = some(&[(policy, ConfigChange::Append("compact,delete".into()))]);
        let grown = append.apply(&topic(), &map(&[])).unwrap();
        assert_eq!(grown, map(&[(policy, "delete,compact")]));
        let subtract = some(&[(policy, ConfigChange::Subtract("delete".into()))]);
        assert_eq!(subtract.apply(&topic(), &grown).unwrap(), map(&[(policy, "compact")]));
        let number = some(&[("retention.ms", ConfigChange::Append("5".into()))]);
        let refusal = number.apply(&topic(), &map(&[])).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidConfig);
    }

    #[test]
    fn a_setting_changes_once_in_a_request() {
        let twice = some(&[("a", ConfigChange::Delete), ("a", ConfigChange::Set("1".into()))]);
        let refusal = twice.apply(&topic(), &map(&[])).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidRequest);
    }

    #[test]
    fn what_is_not_followed_is_refused_except_for_internal_topics() {
        let compact = map(&[("cleanup.policy", "compact")]);
        let broker = BrokerConfig::default();
        let refusal = check_topic_configs(&broker, "t", &compact).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidConfig);
        assert!(refusal.message.contains("compaction is not implemented"), "{}", refusal.message);
        check_topic_configs(&broker, "__consumer_offsets", &compact).unwrap();
    }

    #[test]
    fn a_batch_that_does_not_fit_is_refused_for_topics_and_brokers() {
        let mut node = crate::server::testing::TestNode::start(1, |_| {});
        node.create_topic("t", 1);
        let most = node.broker(0).settings.batch_limit().bytes;
        let mut alter = |target: ConfigTarget, name: &str, bytes: usize| {
            let broker = node.broker(0);
            let changes = some(&[(name, ConfigChange::Set(bytes.to_string()))]);
            let altered = node.world.block_on(0, |_| async move {
                let job = |controller: std::rc::Rc<Controller>| async move {
                    controller.alter_configs(&target, &changes, false).await
                };
                broker.on_controller(job).await
            });
            altered.unwrap().map_err(|refusal| (refusal.code, refusal.message))
        };
        for (target, name) in [
            (topic(), "max.message.bytes"),
            (ConfigTarget::AllBrokers, "message.max.bytes"),
            (ConfigTarget::ThisBroker, "message.max.bytes"),
        ] {
            let (code, why) = alter(target.clone(), name, most + 1).unwrap_err();
            assert_eq!(code, ErrorCode::InvalidConfig);
            assert!(why.contains(&format!("lower {name} to {most}")), "{why}");
            alter(target, name, most).unwrap();
        }
    }

    #[test]
    fn only_this_node_and_all_nodes_are_brokers() {
        assert_eq!(ConfigTarget::parse(4, "7", 7).unwrap(), ConfigTarget::ThisBroker);
        assert_eq!(ConfigTarget::parse(4, "", 7).unwrap(), ConfigTarget::AllBrokers);
        for (kind, name) in [(4, "8"), (4, "x"), (8, "7"), (99, "t")] {
            let refusal = ConfigTarget::parse(kind, name, 7).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::InvalidRequest);
        }
    }
}
