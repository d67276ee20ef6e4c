//! How a shard starts, serves and stops.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use ringlog_engine::exec::Canceled;
use ringlog_engine::io::{Listener, ShardId};
use ringlog_engine::log::{
    LogConfig, RecoveredLog, RecoveryError, RecoveryReport, Storage, StorageError, claim_directory,
    directory_owner, recover, seal_directory,
};
use ringlog_engine::segment::properties::MetaProperties;
use ringlog_engine::shard::Seat;

use super::broker::CONTROLLER_SHARD;
use super::connection::{self, Past};
use super::upkeep;
use super::{Broker, Settings, TopicSettings};
use crate::metadata::{
    Controller, Image, LocalSource, METADATA_DIR, MetadataSource, NodeInfo, SourceError,
};
use crate::partition::Partition;
use crate::protocol::{MetadataRecord, Uuid};

/// Why a node does not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BootError {
    /// Its log directory cannot be opened.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// Its storage cannot be started: what the storage says.
    #[error("{0}")]
    Storage(String),
    /// Its metadata cannot be read.
    #[error(transparent)]
    Metadata(#[from] SourceError),
    /// It cannot listen.
    #[error(
        "cannot listen on {address}: {error}; choose another with --listen HOST:PORT, or stop what uses it"
    )]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// Its log directory belongs to another node.
    #[error(
        "the data directory {dir} belongs to node.id {stored}, and this node has node.id {given}; start \
         it with --set node.id={stored}, or choose another directory with --data-dir"
    )]
    OtherNode {
        /// Which directory.
        dir: String,
        /// The node that its `meta.properties` names.
        stored: i32,
        /// The node that was to serve.
        given: i32,
    },
    /// Another shard could not start.
    #[error("another shard of the node did not start")]
    OtherShard(#[from] Canceled),
}

impl From<StorageError> for BootError {
    fn from(error: StorageError) -> Self {
        // Storage errors stay on their shard; this one travels to the process.
        Self::Storage(error.to_string())
    }
}

/// What a node says once it serves.
#[derive(Clone, Debug)]
pub struct Started {
    /// The addresses it listens on.
    pub addresses: Vec<SocketAddr>,
    /// What recovery found.
    pub recovery: RecoveryReport,
    /// `cluster.id`.
    pub cluster_id: String,
    /// Topics it has.
    pub topics: usize,
    /// Partition logs it has.
    pub partitions: usize,
}

/// How a shard ended.
pub type ShardOutcome = Result<(), BootError>;

/// Runs one shard of a node until `stop` completes. Shard 0 opens the log directory and starts the
/// others; `started` is called there once all of them serve.
///
/// # Errors
/// [`BootError`] when the node cannot serve.
pub async fn serve_shard(
    seat: Seat<Broker>,
    settings: Arc<Settings>,
    stop: impl Future<Output = ()> + 'static,
    started: impl FnOnce(&Started) + 'static,
) -> ShardOutcome {
    let broker = Broker::new(seat.clone(), settings);
    seat.open(broker.clone());
    if seat.shard() != CONTROLLER_SHARD {
        // Shard 0 does the rest by messages, up to the order to stop.
        stopped(&broker).await;
        return Ok(());
    }
    let outcome = async {
        let summary = start_node(&broker).await?;
        started(&summary);
        stop.await;
        Ok(())
    };
    let outcome: Result<(), BootError> = outcome.await;
    let mut in_order = true;
    for shard in (1..seat.shards()).map(ShardId) {
        let closing = seat.submit_to(shard, |broker| async move { close_shard(&broker).await });
        in_order &= closing.await.unwrap_or(false);
    }
    in_order &= close_shard(&broker).await;
    for shard in (1..seat.shards()).map(ShardId) {
        // From here on nobody asks that shard for anything.
        let leaving = seat.submit_to(shard, |broker| async move { broker.leave() });
        leaving.await.unwrap_or_default();
    }
    outcome?;
    if in_order {
        seal(&broker).await;
    }
    Ok(())
}

/// Writes Kafka's own files of a directory that was closed in order.
async fn seal(broker: &Broker) {
    let dir = &broker.settings.data_dir;
    if let Err(error) = seal_directory(&broker.io, dir).await {
        // Nothing of ours needs them.
        let dir = dir.display();
        tracing::warn!(%dir, %error, "Kafka's files of a clean stop are not complete");
    }
}

async fn stopped(broker: &Broker) {
    while !broker.has_left() {
        broker.leaving.notified().await;
    }
    // The answer to the order is on its way back.
    broker.io.sleep(std::time::Duration::from_millis(5)).await;
}

async fn start_node(broker: &Rc<Broker>) -> Result<Started, BootError> {
    let (io, settings, seat) = (&broker.io, &broker.settings, &broker.seat);
    let owner = directory_owner(io, &settings.data_dir).await?;
    check_owner(settings, owner.as_ref().map(|owner| owner.node_id))?;
    let recovered = recover(io, &settings.data_dir, &settings.storage).await?;
    let cluster_id = Uuid(recovered.incarnation).to_string();
    let mut by_shard: Vec<Vec<RecoveredLog>> = (0..seat.shards()).map(|_| Vec::new()).collect();
    let mut placed = BTreeMap::new();
    let mut partitions = 0;
    for log in recovered.logs {
        // Any shard can own any log: they are dealt out anew at each start. Metadata stays here.
        let shard = if log.dir_name() == METADATA_DIR { 0 } else { partitions % by_shard.len() };
        partitions += usize::from(log.dir_name() != METADATA_DIR);
        let shard_id = ShardId(u16::try_from(shard).unwrap_or(0));
        placed.insert((Uuid(log.topic_id()), log.partition()), shard_id);
        if let Some(logs) = by_shard.get_mut(shard) {
            logs.push(log);
        }
    }
    let own = by_shard.remove(0);
    start_storage(broker, own).await?;
    for (shard, logs) in (1..).map(ShardId).zip(by_shard) {
        let starting = seat.submit_to(shard, |broker| async move {
            start_storage(&broker, logs).await.map_err(|error| {
                tracing::error!(shard = broker.seat.shard().0, %error, "shard not started");
                Canceled
            })
        });
        starting.await??;
    }

    let source = open_metadata(broker).await?;
    let listeners = listen(broker, &settings.listen).await?;
    let addresses: Vec<SocketAddr> = listeners.iter().map(Listener::address).collect();
    let node = node_info(settings, &addresses);
    let mut image = Image::new(cluster_id.clone(), node, seat.shards()).with_placed(placed);
    let records = source.replay().await?;
    if owner.is_none() {
        check_records(settings, &records)?;
        let owner = MetaProperties {
            cluster_id: cluster_id.clone(),
            node_id: settings.node_id,
            directory_id: Some(recovered.incarnation),
        };
        claim_directory(io, &settings.data_dir, &owner).await?;
    }
    for (offset, record) in records {
        image.apply(&record);
        image.offset = offset;
    }
    let image = Arc::new(image);
    for shard in (0..seat.shards()).map(ShardId) {
        let image = image.clone();
        seat.submit_to(shard, |broker| async move { take_over(&broker, &image).await }).await?;
    }

    let publisher = seat.clone();
    let publish = Box::new(move |image: Arc<Image>| {
        let seat = publisher.clone();
        Box::pin(async move { publish(&seat, image).await })
            as crate::metadata::LocalFuture<'static, ()>
    });
    publish(image.clone()).await;
    let given = (settings.config.clone(), settings.batch_limit());
    let controller = Controller::new(io.clone(), source, image.clone(), publish, given);
    broker.set_controller(Rc::new(controller));
    accept_all(broker, listeners);
    upkeep::start(broker);
    for shard in (1..seat.shards()).map(ShardId) {
        let addresses = addresses.clone();
        let listening = seat.submit_to(shard, |broker| async move {
            let listeners = listen(&broker, &addresses).await.map_err(|_| Canceled)?;
            accept_all(&broker, listeners);
            upkeep::start(&broker);
            Ok::<(), Canceled>(())
        });
        listening.await??;
    }
    let topics = image.topics().count();
    Ok(Started { addresses, recovery: recovered.report, cluster_id, topics, partitions })
}

/// Refuses another node's directory: every partition in it would name that one as its leader.
fn check_owner(settings: &Settings, owner: Option<i32>) -> Result<(), BootError> {
    let given = settings.node_id;
    match owner {
        Some(stored) if stored != given => {
            Err(BootError::OtherNode { dir: settings.absolute_data_dir(), stored, given })
        }
        _ => Ok(()),
    }
}

/// The same for a directory that says nothing of its owner: its metadata do.
fn check_records(settings: &Settings, records: &[(i64, MetadataRecord)]) -> Result<(), BootError> {
    let owner = |record: &MetadataRecord| match record {
        MetadataRecord::RegisterBroker(broker) => Some(broker.broker_id),
        MetadataRecord::ProducerIds(ids) => Some(ids.broker_id),
        MetadataRecord::Partition(partition) => Some(partition.leader),
        _ => None,
    };
    check_owner(settings, records.iter().find_map(|(_, record)| owner(record)))
}

fn node_info(settings: &Settings, addresses: &[SocketAddr]) -> NodeInfo {
    let (host, port) = settings.advertise.clone();
    let bound = addresses.first().map_or(0, SocketAddr::port);
    let port = if port == 0 { bound } else { port };
    NodeInfo { id: settings.node_id, host, port, rack: settings.rack.clone() }
}

async fn start_storage(broker: &Rc<Broker>, logs: Vec<RecoveredLog>) -> Result<(), StorageError> {
    let (io, settings) = (&broker.io, &broker.settings);
    let dir = settings.data_dir.clone();
    let config = settings.storage.clone();
    let storage = Storage::start(io.clone(), dir, io.shard().0, config, logs).await?;
    let failure = storage.failure();
    broker.set_storage(storage);
    let broker = broker.clone();
    io.spawn(async move {
        let stopping = broker.stopping.notified();
        if let Some(failure) = either(failure, stopping).await {
            take_offline(&broker, &failure).await;
        }
    });
    Ok(())
}

/// The directory is one device: when a shard cannot write it, no shard goes on.
async fn take_offline(broker: &Broker, failure: &StorageError) {
    // Of what a shard tells the others, nothing comes back here.
    let StorageError::Failed { why, .. } = failure else { return };
    for shard in (0..broker.seat.shards()).map(ShardId).filter(|s| *s != broker.seat.shard()) {
        let why = why.to_string();
        let telling = broker.seat.submit_to(shard, |broker| async move {
            if let Some(storage) = broker.storage() {
                storage.take_offline(&why);
            }
        });
        // A shard that is gone writes nothing.
        telling.await.unwrap_or_default();
    }
}

/// The metadata log, created when the node starts for the first time.
async fn open_metadata(broker: &Broker) -> Result<Rc<dyn MetadataSource>, BootError> {
    let storage = broker.storage().ok_or(Canceled)?;
    let log = match storage.logs().into_iter().find(|log| log.dir_name() == METADATA_DIR) {
        Some(log) => log,
        None => {
            let config = LogConfig { delete_old_segments: false, ..LogConfig::default() };
            storage.create_log(METADATA_DIR, Uuid::METADATA_TOPIC.0, 0, config).await?
        }
    };
    Ok(Rc::new(LocalSource::new(broker.io.clone(), log)))
}

/// Every shard works by `image` when this completes. None does before all have the logs it asks
/// for: a client that is told of a partition by one shard finds it on another.
async fn publish(seat: &Seat<Broker>, image: Arc<Image>) {
    let prepared = image.clone();
    on_all(seat, move |broker| {
        let image = prepared.clone();
        async move { broker.prepare(&image).await }
    })
    .await;
    on_all(seat, move |broker| {
        let image = image.clone();
        async move { broker.install(image).await }
    })
    .await;
}

/// Does `work` on every shard, side by side.
async fn on_all<W, F>(seat: &Seat<Broker>, work: W)
where
    W: Fn(Rc<Broker>) -> F + Clone + Send + 'static,
    F: Future<Output = ()> + 'static,
{
    let tasks: Vec<_> = (0..seat.shards())
        .map(ShardId)
        .map(|shard| {
            let (seat, work) = (seat.clone(), work.clone());
            seat.io().clone().spawn(async move { seat.submit_to(shard, work).await })
        })
        .collect();
    for task in tasks {
        // A shard that is gone has nothing to do.
        task.await.unwrap_or(Err(Canceled)).unwrap_or_default();
    }
}

async fn listen(broker: &Broker, addresses: &[SocketAddr]) -> Result<Vec<Listener>, BootError> {
    let mut listeners: Vec<Listener> = Vec::new();
    for address in addresses {
        // All addresses of a name share the port that the first one was given.
        let mut address = *address;
        if let (0, Some(first)) = (address.port(), listeners.first()) {
            address.set_port(first.address().port());
        }
        match broker.io.listen(address).await {
            Ok(listener) => listeners.push(listener),
            Err(error) => return Err(BootError::Listen { address, error }),
        }
    }
    Ok(listeners)
}

fn accept_all(broker: &Rc<Broker>, listeners: Vec<Listener>) {
    for listener in listeners {
        let broker = broker.clone();
        broker.clone().io.spawn(async move { accept(&broker, &listener).await });
    }
}

async fn accept(broker: &Rc<Broker>, listener: &Listener) {
    while !broker.is_stopping() {
        let stopping = broker.stopping.notified();
        let next = either(listener.accept(), stopping).await;
        let socket = match next {
            None => return,
            Some(Ok(socket)) => socket,
            Some(Err(error)) => {
                tracing::warn!(%error, "connection not accepted");
                broker.io.sleep(std::time::Duration::from_millis(100)).await;
                continue;
            }
        };
        let config = broker.config();
        let limit = |limit: i32| usize::try_from(limit).unwrap_or(0);
        let place = broker.connections.enter(
            socket.peer().ip(),
            limit(config.max_connections),
            limit(config.max_connections_per_ip),
        );
        match place {
            Ok(place) => {
                broker.io.spawn(connection::serve(broker.clone(), socket, place, Past::default()));
            }
            Err(limit) => {
                tracing::warn!(peer = %socket.peer(), limit, "connection refused: the limit is reached");
            }
        }
    }
}

/// The outcome of `work`, or nothing when `end` completes first.
pub(super) async fn either<T>(
    work: impl Future<Output = T>,
    end: impl Future<Output = ()>,
) -> Option<T> {
    let (mut work, mut end) = (std::pin::pin!(work), std::pin::pin!(end));
    std::future::poll_fn(|cx| {
        if let std::task::Poll::Ready(out) = work.as_mut().poll(cx) {
            return std::task::Poll::Ready(Some(out));
        }
        end.as_mut().poll(cx).map(|()| None)
    })
    .await
}

/// Makes partitions of the logs of this shard, and removes logs whose topics left the metadata
/// before their directories were removed.
async fn take_over(broker: &Rc<Broker>, image: &Image) {
    let Some(storage) = broker.storage() else { return };
    broker.configure(image);
    for log in storage.logs() {
        if log.dir_name() == METADATA_DIR {
            continue;
        }
        let Some(topic) = image.topic_by_id(Uuid(log.topic_id())) else {
            broker.delete_log(log).await;
            continue;
        };
        let settings = TopicSettings::resolve(&broker.config(), &topic.configs);
        let number = log.partition();
        broker.adopt(Partition::new(topic, number, log, settings));
    }
}

/// Stops serving on a shard: no new connections or requests, open ones finish, everything is
/// written out. Returns whether all was.
async fn close_shard(broker: &Rc<Broker>) -> bool {
    broker.stop();
    // Members that wait for each other would keep their connections waiting.
    broker.groups.resign();
    let deadline = broker.io.now() + broker.settings.stop_timeout.as_nanos() as u64;
    while broker.connections.count() > 0 && broker.io.now() < deadline {
        broker.io.sleep(std::time::Duration::from_millis(5)).await;
    }
    let Some(storage) = broker.storage() else { return false };
    let closed = storage.shutdown().await;
    if let Err(error) = &closed {
        tracing::error!(shard = broker.seat.shard().0, %error, "not closed cleanly: the next start recovers");
    }
    closed.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::generated::{PartitionRecord, ProducerIdsRecord, RegisterBrokerRecord};

    fn refused(given: i32, record: MetadataRecord) -> Option<String> {
        let settings = Settings { node_id: given, data_dir: "/d".into(), ..Settings::default() };
        check_records(&settings, &[(0, record)]).err().map(|error| error.to_string())
    }

    #[test]
    fn what_another_node_wrote_is_refused_whatever_record_names_it() {
        let registered = RegisterBrokerRecord { broker_id: 1, ..Default::default() };
        let partition = PartitionRecord { leader: 1, ..Default::default() };
        let ids = ProducerIdsRecord { broker_id: 1, ..Default::default() };
        let records: [MetadataRecord; 3] = [registered.into(), partition.into(), ids.into()];
        for record in records {
            assert_eq!(refused(1, record.clone()), None);
            let said = refused(2, record).unwrap();
            assert!(said.contains("/d belongs to node.id 1") && !said.contains('\n'), "{said}");
            assert!(said.contains("has node.id 2") && said.contains("--set node.id=1"), "{said}");
        }
    }
}
