//! The cluster as a client sees it: brokers, leaders, coordinators.

use std::collections::BTreeMap;
use std::time::Duration;

use super::clock::Deadline;
use super::connection::Connection;
use super::error::ClientError;
use crate::protocol::generated::metadata_request::MetadataRequestTopic;
use crate::protocol::generated::{FindCoordinatorRequest, MetadataRequest, MetadataResponse};
use crate::protocol::{ErrorCode, Request, Uuid};

/// Pause before something that a broker refused for the moment is tried again.
const RETRY_PAUSE: Duration = Duration::from_millis(100);
/// Newest FindCoordinator that this client writes: later ones only add kinds of coordinators.
const FIND_COORDINATOR_MAX: i16 = 5;

/// How a client connects.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    /// Addresses to begin with, `HOST:PORT`.
    pub bootstrap: Vec<String>,
    /// Name by which brokers know this client.
    pub client_id: String,
    /// Time for a connection, and for an answer.
    pub request_timeout: Duration,
    /// Time for an operation, all its attempts together.
    pub operation_timeout: Duration,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            bootstrap: vec!["127.0.0.1:9092".to_owned()],
            client_id: "ringlog".to_owned(),
            request_timeout: Duration::from_secs(10),
            operation_timeout: Duration::from_secs(30),
        }
    }
}

/// A broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its number.
    pub id: i32,
    /// Where it is reached, `HOST:PORT`.
    pub address: String,
    /// Its rack.
    pub rack: Option<String>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its id; all zeros from a broker that has none.
    pub id: Uuid,
    /// Whether it is the cluster's own.
    pub internal: bool,
    /// Its partitions, by number.
    pub partitions: Vec<Partition>,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its number.
    pub index: i32,
    /// Its leader; -1 when it has none.
    pub leader: i32,
    /// The leader's epoch; -1 when the broker does not say.
    pub leader_epoch: i32,
    /// The brokers with a replica.
    pub replicas: Vec<i32>,
    /// Those in sync.
    pub in_sync: Vec<i32>,
}

/// A client of a cluster.
#[derive(Debug)]
pub struct Client {
    options: ClientOptions,
    nodes: BTreeMap<i32, Node>,
    controller: i32,
    cluster_id: Option<String>,
    topics: BTreeMap<String, Topic>,
    connections: BTreeMap<i32, Connection>,
    bootstrap: Option<Connection>,
}

impl Client {
    /// Connects to the first address that answers, and learns the brokers.
    ///
    /// # Errors
    /// When none answers.
    pub fn connect(options: ClientOptions) -> Result<Self, ClientError> {
        let mut client = Self {
            options,
            nodes: BTreeMap::new(),
            controller: -1,
            cluster_id: None,
            topics: BTreeMap::new(),
            connections: BTreeMap::new(),
            bootstrap: None,
        };
        client.metadata(Some(&[]), false)?;
        Ok(client)
    }

    /// How it connects.
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// The brokers, by number.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// The cluster's id.
    pub fn cluster_id(&self) -> Option<&str> {
        self.cluster_id.as_deref()
    }

    /// All topics, or those of these names; a missing one is an error.
    ///
    /// # Errors
    /// When the cluster cannot be asked, or does not know a topic.
    pub fn topics(&mut self, names: Option<&[String]>) -> Result<Vec<Topic>, ClientError> {
        let response = self.metadata(names, false)?;
        let mut topics = Vec::with_capacity(response.topics.len());
        for topic in response.topics {
            let name = topic.name.unwrap_or_default();
            if topic.error_code == ErrorCode::UnknownTopicOrPartition.code() {
                return Err(ClientError::NoTopic(name));
            }
            ClientError::check(topic.error_code, None, || format!("topic {name}"))?;
            if let Some(topic) = self.topics.get(&name) {
                topics.push(topic.clone());
            }
        }
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// A topic that records go to or come from, with a leader for each of its partitions. With
    /// `create` the broker creates it when it may (`auto.create.topics.enable`).
    ///
    /// # Errors
    /// When there is no such topic, or its leaders are not there in time.
    pub fn topic(&mut self, name: &str, create: bool) -> Result<Topic, ClientError> {
        let what = || format!("topic {name}");
        self.retry(what, |client| {
            let response = client.metadata(Some(&[name.to_owned()]), create)?;
            for topic in &response.topics {
                let code = topic.error_code;
                if create && code == ErrorCode::UnknownTopicOrPartition.code() {
                    // A broker answers so while it creates the topic.
                    let code = ErrorCode::LeaderNotAvailable.code();
                    ClientError::check(code, Some("the topic is not there yet".to_owned()), what)?;
                }
                if code == ErrorCode::UnknownTopicOrPartition.code() {
                    return Err(ClientError::NoTopic(name.to_owned()));
                }
                ClientError::check(code, None, what)?;
                for partition in &topic.partitions {
                    let what = || format!("{name}-{}", partition.partition_index);
                    ClientError::check(partition.error_code, None, what)?;
                }
            }
            client.topics.get(name).cloned().ok_or_else(|| ClientError::Refused {
                what: what(),
                code: ErrorCode::LeaderNotAvailable.code(),
                message: None,
            })
        })
    }

    /// The leader of a partition; asks the cluster when it is not known.
    ///
    /// # Errors
    /// When the partition does not exist or has no leader in time.
    pub fn leader(&mut self, topic: &str, partition: i32) -> Result<i32, ClientError> {
        let known = |client: &Self| {
            let topic = client.topics.get(topic)?;
            let partition = topic.partitions.iter().find(|p| p.index == partition)?;
            (partition.leader >= 0).then_some(partition.leader)
        };
        if let Some(leader) = known(self) {
            return Ok(leader);
        }
        self.topic(topic, false)?;
        known(self).ok_or_else(|| ClientError::Refused {
            what: format!("{topic}-{partition}"),
            code: ErrorCode::UnknownTopicOrPartition.code(),
            message: None,
        })
    }

    /// Forgets what is known of a topic: its leaders have moved.
    pub fn forget(&mut self, topic: &str) {
        self.topics.remove(topic);
    }

    /// The connection to a broker.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub fn broker(&mut self, id: i32) -> Result<&mut Connection, ClientError> {
        if !self.connections.contains_key(&id) {
            if !self.nodes.contains_key(&id) {
                self.metadata(Some(&[]), false)?;
            }
            let node = self.nodes.get(&id).ok_or_else(|| ClientError::Refused {
                what: format!("broker {id}"),
                code: ErrorCode::BrokerNotAvailable.code(),
                message: None,
            })?;
            let connection = self.open(&node.address.clone())?;
            self.connections.insert(id, connection);
        }
        match self.connections.get_mut(&id) {
            Some(connection) => Ok(connection),
            None => unreachable!("it was there or has just been put there"),
        }
    }

    /// Closes the connection to a broker: it is of no use after an error of the network.
    pub fn disconnect(&mut self, id: i32) {
        self.connections.remove(&id);
    }

    /// Asks one broker, which connection is opened anew when it broke.
    ///
    /// # Errors
    /// See [`Connection::call_up_to`].
    pub fn ask<M: Request>(
        &mut self,
        broker: i32,
        request: &M,
        max: i16,
        wait: Duration,
    ) -> Result<M::Response, ClientError> {
        let answer = self.broker(broker)?.call_up_to(request, max, wait);
        if answer.as_ref().is_err_and(ClientError::is_network) {
            self.disconnect(broker);
        }
        answer
    }

    /// Asks the controller, or whoever speaks for it.
    ///
    /// # Errors
    /// See [`Connection::call_up_to`].
    pub fn ask_controller<M: Request>(
        &mut self,
        request: &M,
        max: i16,
    ) -> Result<M::Response, ClientError> {
        let wait = self.options.operation_timeout;
        if !self.nodes.contains_key(&self.controller) {
            self.metadata(Some(&[]), false)?;
        }
        let any = self.nodes.keys().next().copied().unwrap_or(-1);
        let broker = if self.nodes.contains_key(&self.controller) { self.controller } else { any };
        self.ask(broker, request, max, wait)
    }

    /// The broker that coordinates a group.
    ///
    /// # Errors
    /// When there is none in time.
    pub fn coordinator(&mut self, group: &str) -> Result<i32, ClientError> {
        let what = || format!("the coordinator of group {group}");
        self.retry(what, |client| {
            let any = client.nodes.keys().next().copied().unwrap_or(-1);
            let wait = client.options.request_timeout;
            let version =
                client.broker(any)?.version::<FindCoordinatorRequest>(FIND_COORDINATOR_MAX)?;
            let request = if version >= 4 {
                let coordinator_keys = vec![group.to_owned()];
                FindCoordinatorRequest { coordinator_keys, ..Default::default() }
            } else {
                FindCoordinatorRequest { key: group.to_owned(), ..Default::default() }
            };
            let answer = client.ask(any, &request, version, wait)?;
            let (code, message, id, host, port) = match answer.coordinators.into_iter().next() {
                Some(found) => {
                    (found.error_code, found.error_message, found.node_id, found.host, found.port)
                }
                None => {
                    let code = answer.error_code;
                    (code, answer.error_message, answer.node_id, answer.host, answer.port)
                }
            };
            ClientError::check(code, message, what)?;
            let address = address(&host, port);
            client.nodes.entry(id).or_insert(Node { id, address, rack: None });
            Ok(id)
        })
    }

    /// Tries until it succeeds, fails for good, or the time for an operation is over.
    ///
    /// # Errors
    /// The failure, or [`ClientError::Timeout`] with the last one.
    pub fn retry<T>(
        &mut self,
        what: impl Fn() -> String,
        mut attempt: impl FnMut(&mut Self) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let timeout = self.options.operation_timeout;
        let deadline = Deadline::after(timeout);
        loop {
            match attempt(self) {
                // Nobody there at all is not worth waiting for: the address is wrong.
                Err(error @ ClientError::Unreachable { .. }) => return Err(error),
                Err(error) if error.is_retriable() => {
                    if deadline.is_over() {
                        let last = error.to_string();
                        return Err(ClientError::Timeout { what: what(), timeout, last });
                    }
                    deadline.pause(RETRY_PAUSE);
                }
                done => return done,
            }
        }
    }

    fn open(&self, address: &str) -> Result<Connection, ClientError> {
        Connection::open(address, &self.options.client_id, self.options.request_timeout)
    }

    /// Asks any broker for metadata and remembers it. `None` asks for all topics.
    fn metadata(
        &mut self,
        topics: Option<&[String]>,
        create: bool,
    ) -> Result<MetadataResponse, ClientError> {
        let request = MetadataRequest {
            topics: topics.map(|names| names.iter().map(|name| metadata_topic(name)).collect()),
            allow_auto_topic_creation: create,
            ..Default::default()
        };
        let response = self.ask_anyone(&request)?;
        ClientError::check(response.error_code, None, || "metadata".to_owned())?;
        self.learn(&response);
        Ok(response)
    }

    /// Asks a broker that is connected, or else the first one that can be reached.
    fn ask_anyone<M: Request>(&mut self, request: &M) -> Result<M::Response, ClientError> {
        let ids: Vec<i32> = self.connections.keys().copied().collect();
        for id in ids {
            if let Some(connection) = self.connections.get_mut(&id) {
                match connection.call(request) {
                    Err(error) if error.is_network() => self.disconnect(id),
                    done => return done,
                }
            }
        }
        if let Some(connection) = &mut self.bootstrap {
            match connection.call(request) {
                Err(error) if error.is_network() => self.bootstrap = None,
                done => return done,
            }
        }
        let mut addresses = self.options.bootstrap.clone();
        addresses.extend(self.nodes.values().map(|node| node.address.clone()));
        let mut last = ClientError::Address(self.options.bootstrap.join(","));
        for address in addresses {
            match self.open(&address) {
                Ok(connection) => return self.bootstrap.insert(connection).call(request),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn learn(&mut self, response: &MetadataResponse) {
        let nodes = response.brokers.iter().map(|broker| {
            let address = address(&broker.host, broker.port);
            (broker.node_id, Node { id: broker.node_id, address, rack: broker.rack.clone() })
        });
        let nodes: BTreeMap<i32, Node> = nodes.collect();
        let moved = |id: &i32, _: &mut Connection| self.nodes.get(id) == nodes.get(id);
        self.connections.retain(moved);
        self.nodes = nodes;
        self.controller = response.controller_id;
        self.cluster_id.clone_from(&response.cluster_id);
        for topic in &response.topics {
            let Some(name) = topic.name.clone() else { continue };
            if topic.error_code != 0 {
                self.topics.remove(&name);
                continue;
            }
            let partitions = topic.partitions.iter().map(|partition| Partition {
                index: partition.partition_index,
                leader: partition.leader_id,
                leader_epoch: partition.leader_epoch,
                replicas: partition.replica_nodes.clone(),
                in_sync: partition.isr_nodes.clone(),
            });
            let mut partitions: Vec<Partition> = partitions.collect();
            partitions.sort_by_key(|partition| partition.index);
            let topic = Topic {
                name: name.clone(),
                id: topic.topic_id,
                internal: topic.is_internal,
                partitions,
            };
            self.topics.insert(name, topic);
        }
    }
}

fn metadata_topic(name: &str) -> MetadataRequestTopic {
    MetadataRequestTopic { name: Some(name.to_owned()), ..Default::default() }
}

/// `HOST:PORT`.
fn address(host: &str, port: i32) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
