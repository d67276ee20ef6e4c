//! What a shard of the node holds.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

use ringlog_engine::exec::{Canceled, Notify};
use ringlog_engine::io::{Io, ShardId};
use ringlog_engine::log::{PartitionLog, Storage, StorageError};
use ringlog_engine::shard::Seat;

use super::{ConnectionLimits, RequestMemory, Settings, TopicSettings};
use crate::config::BrokerConfig;
use crate::group::GroupService;
use crate::metadata::{Controller, Image, OFFSETS_TOPIC, TopicImage};
use crate::partition::{FetchSessions, Partition, Watches};
use crate::protocol::{ErrorCode, Uuid};

/// The shard that decides about metadata.
pub(super) const CONTROLLER_SHARD: ShardId = ShardId(0);

/// One shard's part of a node: its partitions, its picture of the cluster, its way to the others.
pub struct Broker {
    /// The way to the world.
    pub io: Io,
    /// The way to the other shards.
    pub seat: Seat<Broker>,
    /// What the node is set to.
    pub settings: Arc<Settings>,
    /// Connections of this shard.
    pub connections: Rc<ConnectionLimits>,
    /// Memory of requests of this shard.
    pub requests: Rc<RequestMemory>,
    /// Fetch sessions of connections of this shard.
    pub sessions: FetchSessions,
    /// Fetches that wait for partitions of this shard.
    pub watches: Watches,
    /// Coordinators of the groups whose partitions of `__consumer_offsets` are on this shard.
    pub groups: GroupService,
    /// Signals that the node is to stop.
    pub stopping: Notify,
    /// Signals that this shard may end.
    pub leaving: Notify,
    stop: Cell<bool>,
    left: Cell<bool>,
    storage: OnceCell<Storage>,
    controller: OnceCell<Rc<Controller>>,
    config: RefCell<Arc<BrokerConfig>>,
    image: RefCell<Arc<Image>>,
    partitions: RefCell<BTreeMap<(Uuid, i32), Rc<Partition>>>,
    /// Topics of which a log could not be created on this shard.
    incomplete: RefCell<BTreeSet<Uuid>>,
    /// Logs of topics that are gone which could not be deleted.
    undeleted: RefCell<Vec<Rc<PartitionLog>>>,
}

impl Broker {
    /// A shard that holds nothing yet.
    pub fn new(seat: Seat<Self>, settings: Arc<Settings>) -> Rc<Self> {
        let io = seat.io().clone();
        let connections = Rc::new(ConnectionLimits::new(settings.connections.clone()));
        let share = |limit: usize| limit.div_ceil(usize::from(seat.shards()).max(1));
        let sessions = FetchSessions::new(
            share(settings.fetch_sessions_max),
            share(settings.fetch_session_partitions_max),
        );
        let groups = GroupService::new(io.clone(), settings.groups.clone());
        let config = RefCell::new(Arc::new(settings.config.clone()));
        let requests = Rc::new(RequestMemory::new(settings.requests_bytes_max));
        Rc::new(Self {
            io,
            seat,
            settings,
            connections,
            requests,
            sessions,
            watches: Watches::default(),
            groups,
            stopping: Notify::default(),
            leaving: Notify::default(),
            stop: Cell::new(false),
            left: Cell::new(false),
            storage: OnceCell::new(),
            controller: OnceCell::new(),
            config,
            image: RefCell::default(),
            partitions: RefCell::default(),
            incomplete: RefCell::default(),
            undeleted: RefCell::default(),
        })
    }

    /// The settings in force: those of the start, and over them what AlterConfigs has set.
    pub fn config(&self) -> Arc<BrokerConfig> {
        self.config.borrow().clone()
    }

    /// Takes over the dynamic settings of a picture.
    pub(super) fn configure(&self, image: &Image) {
        *self.config.borrow_mut() = Arc::new(image.effective_config(&self.settings.config));
    }

    /// The newest picture of the cluster that this shard has.
    pub fn image(&self) -> Arc<Image> {
        self.image.borrow().clone()
    }

    /// This shard's storage.
    pub fn storage(&self) -> Option<&Storage> {
        self.storage.get()
    }

    pub(super) fn set_storage(&self, storage: Storage) {
        let fresh = self.storage.set(storage).is_ok();
        assert!(fresh, "a shard's storage is started once");
    }

    /// The controller, on the shard that has it.
    pub fn controller(&self) -> Option<&Rc<Controller>> {
        self.controller.get()
    }

    pub(super) fn set_controller(&self, controller: Rc<Controller>) {
        let fresh = self.controller.set(controller).is_ok();
        assert!(fresh, "the controller is started once");
    }

    /// Runs `work` with the controller, on its shard.
    ///
    /// # Errors
    /// When that shard has stopped or has not yet started its controller.
    pub async fn on_controller<R, W, F>(&self, work: W) -> Result<R, Canceled>
    where
        R: Send + 'static,
        W: FnOnce(Rc<Controller>) -> F + Send + 'static,
        F: Future<Output = R> + 'static,
    {
        let job = move |broker: Rc<Self>| async move {
            match broker.controller() {
                Some(controller) => Some(work(controller.clone()).await),
                None => None,
            }
        };
        self.seat.submit_to(CONTROLLER_SHARD, job).await?.ok_or(Canceled)
    }

    /// A partition whose log is on this shard.
    pub fn partition(&self, topic: Uuid, partition: i32) -> Option<Rc<Partition>> {
        self.partitions.borrow().get(&(topic, partition)).cloned()
    }

    /// All partitions whose logs are on this shard.
    pub fn partitions(&self) -> Vec<Rc<Partition>> {
        self.partitions.borrow().values().cloned().collect()
    }

    pub(super) fn adopt(&self, partition: Rc<Partition>) {
        let key = (partition.topic_id(), partition.number());
        self.partitions.borrow_mut().insert(key, partition.clone());
        if partition.topic() == OFFSETS_TOPIC {
            self.groups.adopt(partition);
        }
    }

    /// Gets ready for a newer picture: creates the logs it asks for on this shard and hands on
    /// changed settings. All shards do so before any of them works by the picture.
    pub async fn prepare(&self, image: &Image) {
        let old = self.image();
        let reconfigured = !old.has_same_broker_configs(image);
        if reconfigured {
            self.configure(image);
        }
        for topic in image.topics() {
            // Unchanged topics are shared between pictures.
            let known = old.topic(&topic.name).is_some_and(|before| Arc::ptr_eq(before, topic));
            let complete = !self.incomplete.borrow().contains(&topic.id);
            if !known || reconfigured || !complete {
                self.prepare_topic(topic).await;
            }
        }
    }

    /// Takes over a newer picture and removes the logs that it no longer has. Completes when that
    /// is done.
    pub async fn install(&self, image: Arc<Image>) {
        let old = self.image.replace(image.clone());
        self.incomplete.borrow_mut().retain(|topic| image.topic_by_id(*topic).is_some());
        for topic in old.topics().filter(|topic| image.topic_by_id(topic.id).is_none()) {
            self.groups.topic_deleted(&topic.name);
        }
        let gone: Vec<_> = self
            .partitions
            .borrow()
            .iter()
            .filter(|((topic, _), _)| image.topic_by_id(*topic).is_none())
            .map(|(key, partition)| (*key, partition.clone()))
            .collect();
        for (key, partition) in gone {
            self.partitions.borrow_mut().remove(&key);
            partition.retire();
            self.delete_log(partition.log().clone()).await;
        }
    }

    /// Deletes a log whose topic is gone; upkeep tries again when that fails.
    pub(super) async fn delete_log(&self, log: Rc<PartitionLog>) {
        if let Err(error) = self.try_delete(&log).await {
            tracing::error!(log = log.dir_name(), %error, "log not deleted; tried again until it is");
            self.undeleted.borrow_mut().push(log);
        }
    }

    /// Tries again to delete the logs that could not be deleted.
    pub(super) async fn delete_logs(&self) {
        for log in self.undeleted.take() {
            match self.try_delete(&log).await {
                Ok(()) => tracing::info!(log = log.dir_name(), "log deleted at last"),
                Err(_) => self.undeleted.borrow_mut().push(log),
            }
        }
    }

    async fn try_delete(&self, log: &Rc<PartitionLog>) -> Result<(), StorageError> {
        let Some(storage) = self.storage() else { return Ok(()) };
        match storage.delete_log(log).await {
            Err(StorageError::Deleted { .. }) => Ok(()),
            done => done,
        }
    }

    async fn prepare_topic(&self, topic: &Arc<TopicImage>) {
        let settings = TopicSettings::resolve(&self.config(), &topic.configs);
        let mut failed: Option<(usize, StorageError)> = None;
        for (number, image) in (0..).zip(&topic.partitions) {
            if image.shard != self.seat.shard() {
                continue;
            }
            if let Some(partition) = self.partition(topic.id, number) {
                partition.configure(settings.clone());
                continue;
            }
            let Some(storage) = self.storage() else { continue };
            let name = format!("{}-{number}", topic.name);
            match storage.create_log(&name, topic.id.0, number, settings.log.clone()).await {
                Ok(log) => self.adopt(Partition::new(topic, number, log, settings.clone())),
                // Requests for it are told that the storage failed, until a later try succeeds.
                Err(error) => {
                    let (logs, first) = failed.take().unwrap_or((0, error));
                    failed = Some((logs + 1, first));
                }
            }
        }
        let Some((logs, error)) = failed else {
            self.incomplete.borrow_mut().remove(&topic.id);
            return;
        };
        if self.incomplete.borrow_mut().insert(topic.id) {
            tracing::error!(topic = topic.name, logs, %error, "logs not created; tried again until they are");
        }
    }

    /// Whether a log that the picture asks for could not be created on this shard.
    pub fn lacks_logs(&self) -> bool {
        !self.incomplete.borrow().is_empty()
    }

    /// The answer about a partition that is in the picture and not on this shard: its log could not
    /// be created, because its storage failed or because the node stops.
    pub fn absent(&self) -> ErrorCode {
        if self.is_stopping() {
            ErrorCode::NotLeaderOrFollower
        } else {
            ErrorCode::KafkaStorageError
        }
    }

    /// Whether the node is stopping.
    pub fn is_stopping(&self) -> bool {
        self.stop.get()
    }

    /// Tells every task of this shard that the node stops.
    pub fn stop(&self) {
        self.stop.set(true);
        self.stopping.notify();
    }

    /// Lets this shard end: nobody asks it for anything any more.
    pub fn leave(&self) {
        self.left.set(true);
        self.leaving.notify();
    }

    /// Whether it may end.
    pub fn has_left(&self) -> bool {
        self.left.get()
    }
}
