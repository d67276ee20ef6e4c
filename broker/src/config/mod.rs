//! Settings: what a broker and its topics can be told, under Kafka's own names.
//!
//! Two tables declare everything once: [`BrokerConfig`] holds the broker's settings, [`TopicConfig`]
//! those of a topic. From them come parsing, validation, what DescribeConfigs answers, and
//! docs/configuration.md. [`load`] reads files, environment and flags, in this order of precedence.
//!
//! Nothing here knows of sockets, requests or logs, and no other module parses a setting.

mod batch_limit;
mod broker;
mod describe;
mod document;
mod environment;
mod error;
mod kafka_keys;
mod listener;
mod load;
mod properties;
mod setting;
mod suggest;
mod toml_file;
mod topic;
mod value;

pub use batch_limit::BatchLimit;
pub use broker::BrokerConfig;
pub use describe::{ConfigEntry, ConfigSource, ConfigSynonym, describe_broker, describe_topic};
pub use document::markdown;
pub use error::{ConfigError, Origin, TopicConfigError, ValueError};
pub use listener::{Listener, ListenerError, SecurityProtocol};
pub use load::{Loaded, Sources, load};
pub use setting::{Limit, Setting, Support, UpdateMode};
pub use topic::TopicConfig;
pub use value::{
    CleanupPolicies, CleanupPolicy, CompressionType, FromText, Kind, LogFormat, TimestampType,
};
