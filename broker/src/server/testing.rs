//! A simulated node for tests of what needs a whole one, asked without a network.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ringlog_engine::arena::Slice;
use ringlog_engine::exec::{JoinHandle, Notify};
use ringlog_engine::io::ShardId;
use ringlog_engine::log::StorageConfig;
use ringlog_engine::shard::{Mesh, Seat};
use ringlog_engine::sim::{SimConfig, World};

use super::{Affinity, Broker, Connection, Settings, ShardOutcome, serve_shard};
use crate::api;
use crate::metadata::NewTopic;
use crate::protocol::generated::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use crate::protocol::generated::offset_fetch_request::OffsetFetchRequestTopic;
use crate::protocol::generated::{FindCoordinatorRequest, OffsetCommitRequest, OffsetFetchRequest};
use crate::protocol::{Message, Request, decode_response, encode_request, frame};

/// Simulated time within which a node without faults does anything.
const PATIENCE: Duration = Duration::from_secs(120);

/// One life of a node.
pub(crate) struct TestNode {
    pub(crate) world: World,
    settings: Arc<Settings>,
    seats: Vec<Seat<Broker>>,
    ended: Vec<JoinHandle<ShardOutcome>>,
    stop: Rc<Notify>,
}

impl TestNode {
    /// A node that serves, on a disk without faults.
    pub(crate) fn start(shards: u16, change: impl FnOnce(&mut Settings)) -> Self {
        let world = World::new(7, SimConfig::calm().with_shards(shards));
        let mut settings = Settings {
            data_dir: "/data".into(),
            listen: vec![SocketAddr::new([0, 0, 0, 0].into(), 9092)],
            storage: StorageConfig::tiny(),
            stop_timeout: Duration::from_secs(3),
            ..Settings::default()
        };
        change(&mut settings);
        let settings = Arc::new(settings);
        let stop = Rc::default();
        let mut node = Self { world, settings, seats: Vec::new(), ended: Vec::new(), stop };
        node.serve(shards);
        node
    }

    /// Kills the node, and starts it again.
    pub(crate) fn crash(&mut self) {
        let shards = self.seats.len() as u16;
        self.seats.clear();
        self.ended.clear();
        self.world.crash(0);
        self.world.restart(0);
        self.serve(shards);
    }

    /// Stops the node in order.
    pub(crate) fn stop(&mut self) {
        self.stop.notify();
        let ended = &self.ended;
        let all = self.world.run_until(PATIENCE, |_| ended.iter().all(JoinHandle::is_finished));
        assert!(all, "it stops");
    }

    fn serve(&mut self, shards: u16) {
        let serving = Rc::new(Cell::new(false));
        self.stop = Rc::default();
        for place in Mesh::<Broker>::new(shards).into_places() {
            let node = self.world.node(0).shard(place.shard().0);
            let seat = place.seat(node.io());
            self.seats.push(seat.clone());
            let (settings, stop) = (self.settings.clone(), self.stop.clone());
            let told = serving.clone();
            self.ended.push(node.spawn(move |_| async move {
                let stop = async move { stop.notified().await };
                let outcome =
                    serve_shard(seat.clone(), settings, stop, move |_| told.set(true)).await;
                seat.close();
                outcome
            }));
        }
        assert!(self.world.run_until(PATIENCE, |_| serving.get()), "it serves");
    }

    /// What a shard has.
    pub(crate) fn broker(&self, shard: u16) -> Rc<Broker> {
        self.seats[usize::from(shard)].context().expect("it serves")
    }

    /// Tasks of all shards.
    pub(crate) fn tasks(&self) -> usize {
        (0..self.seats.len()).map(|shard| self.world.node(0).shard(shard as u16).tasks()).sum()
    }

    /// Creates a topic.
    pub(crate) fn create_topic(&mut self, name: &str, partitions: i32) {
        let topic = NewTopic {
            name: name.to_owned(),
            partitions,
            replication_factor: -1,
            assignments: Vec::new(),
            configs: Default::default(),
        };
        let broker = self.broker(0);
        let created = self.world.block_on(0, |_| async move {
            broker
                .on_controller(|controller| async move {
                    controller
                        .create_topics(&[topic], false)
                        .await
                        .pop()
                        .expect("an outcome")
                        .is_ok()
                })
                .await
        });
        assert_eq!(created, Ok(true), "{name} is created");
    }

    /// Begins a request, as from a connection of shard 0.
    pub(crate) fn ask<M: Request + 'static>(
        &self,
        version: i16,
        request: &M,
    ) -> JoinHandle<M::Response> {
        let asked = self.send(version, request);
        self.world.node(0).spawn(|_| async move {
            let bytes = asked.await.expect("it is asked").expect("it is not refused");
            let answered = decode_response::<M>(&bytes[frame::LENGTH_BYTES..], version);
            <M::Response as Message>::from_view(answered.expect("it can be decoded").1)
        })
    }

    /// Begins a request; its answer in bytes, or why it ends its connection.
    pub(crate) fn send<M: Request + 'static>(
        &self,
        version: i16,
        request: &M,
    ) -> JoinHandle<Result<Vec<u8>, api::Rejection>> {
        let asked = self.reply(version, request);
        self.world.node(0).spawn(|_| async move {
            match asked.await.expect("it is asked")? {
                api::Reply::Response(pieces) => {
                    Ok(pieces.iter().flat_map(|piece| piece.to_vec()).collect())
                }
                other => panic!("{other:?}"),
            }
        })
    }

    /// Begins a request; what becomes of it.
    pub(crate) fn reply<M: Request + 'static>(
        &self,
        version: i16,
        request: &M,
    ) -> JoinHandle<Result<api::Reply, api::Rejection>> {
        let broker = self.broker(0);
        let asked = encode_request(version, 1, Some("test"), request).expect("it can be encoded");
        let asked: Vec<u8> = asked.iter().flat_map(|piece| piece.to_vec()).collect();
        self.world.node(0).spawn(|_| async move {
            let connection = Rc::new(Connection {
                peer: SocketAddr::new([10, 0, 0, 9].into(), 999),
                listener: "PLAINTEXT",
                principal: "User:ANONYMOUS",
                affinity: Affinity::new(broker.seat.shard(), 0, 0),
            });
            let body = Slice::copy_from(&asked[frame::LENGTH_BYTES..]);
            let answer = api::handle(&broker, &connection, body).await?;
            Ok(answer.await)
        })
    }

    /// Asks and waits for the answer.
    pub(crate) fn call<M: Request + 'static>(&mut self, version: i16, request: &M) -> M::Response {
        let asked = self.ask(version, request);
        self.world.join(asked)
    }

    /// Appends a batch of one record to a partition and waits until it is durable.
    pub(crate) fn write(&mut self, topic: &str, partition: i32, value: &[u8]) {
        let image = self.broker(0).image();
        let (topic, place) = image.partition(topic, partition).expect("it is there");
        let (id, ShardId(shard)) = (topic.id, place.shard);
        let broker = self.broker(shard);
        let mut builder = ringlog_engine::batch::BatchBuilder::default();
        builder.push(ringlog_engine::batch::NewRecord { value: Some(value), ..Default::default() });
        let batch = builder.build().expect("it is small");
        let task = self.world.node(0).shard(shard).spawn(|io| async move {
            let partition = broker.partition(id, partition).expect("it is here");
            partition.write(&io, &batch).await.is_ok()
        });
        assert!(self.world.join(task), "it is durable");
    }

    /// Has `__consumer_offsets` created.
    pub(crate) fn find_coordinator(&mut self) {
        let request = FindCoordinatorRequest { key: "g".into(), ..Default::default() };
        assert_eq!(self.call(3, &request).error_code, 0);
    }

    /// Commits an offset of partition 0 of topic `t` for a group without members; the error.
    pub(crate) fn commit(&mut self, group: &str, offset: i64) -> i16 {
        let partition =
            OffsetCommitRequestPartition { committed_offset: offset, ..Default::default() };
        let request = OffsetCommitRequest {
            group_id: group.into(),
            topics: vec![OffsetCommitRequestTopic {
                name: "t".into(),
                partitions: vec![partition],
                ..Default::default()
            }],
            ..Default::default()
        };
        self.call(7, &request).topics[0].partitions[0].error_code
    }

    /// The offset of partition 0 of topic `t` that a group has committed, once its coordinator has
    /// loaded.
    pub(crate) fn committed(&mut self, group: &str) -> i64 {
        let topic = OffsetFetchRequestTopic { name: "t".into(), partition_indexes: vec![0] };
        let request = OffsetFetchRequest {
            group_id: group.into(),
            topics: Some(vec![topic]),
            ..Default::default()
        };
        for _ in 0..100 {
            let answer = self.call(7, &request);
            if answer.error_code == 0 {
                return answer.topics[0].partitions[0].committed_offset;
            }
            self.world.run_for(Duration::from_millis(100));
        }
        panic!("the coordinator does not load");
    }
}
