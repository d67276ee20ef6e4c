//! A small blocking Kafka client: what the command line needs, against any broker.
//!
//! [`Client`] knows the cluster: who leads a partition, who coordinates a group, which versions each
//! broker speaks. [`Producer`], [`Consumer`] and [`Member`] are built on it. Nothing here runs on a
//! shard, nothing here is used by the broker.

mod admin;
mod clock;
mod cluster;
mod connection;
mod consumer;
mod error;
mod groups;
mod member;
mod producer;

pub use admin::{NewTopic, TopicSetting};
pub use clock::{Deadline, wall_ms};
pub use cluster::{Client, ClientOptions, Node, Partition, Topic};
pub use connection::Connection;
pub use consumer::{Consumer, ConsumerOptions, FetchedRecord, Start};
pub use error::ClientError;
pub use groups::{GroupDescription, GroupEntry, GroupMember, GroupOffset};
pub use member::Member;
pub use producer::{Acks, OwnedRecord, Partitioning, Producer, ProducerOptions};

/// A topic and a partition of it.
pub type TopicPartition = (String, i32);
