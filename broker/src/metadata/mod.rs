//! What the cluster is: topics, partitions, configurations, brokers.
//!
//! [`Image`] is an immutable picture built by applying records of Kafka's own kinds; every shard
//! holds the newest one and nobody reads it through a lock. The records come from a
//! [`MetadataSource`]; on a single node that is a partition log ([`LocalSource`]). [`Controller`]
//! decides what may be written, on one shard. Nothing here knows sockets or requests.

mod configs;
mod controller;
mod image;
mod local;
mod names;
mod source;

pub use configs::{ConfigChange, ConfigChanges, ConfigTarget};
pub use controller::{Controller, NewTopic, NewTopicOutcome, Publish, Refusal, TopicKey};
pub use image::{BROKER_RESOURCE, Image, NodeInfo, PartitionImage, TOPIC_RESOURCE, TopicImage};
pub use local::{LocalSource, METADATA_DIR};
pub use names::{INTERNAL_TOPICS, OFFSETS_TOPIC, check_topic_name, collides, is_internal};
pub use source::{LocalFuture, MetadataSource, SourceError};
