//! The broker simulation: the whole node behind a failing network, on a failing disk, crashing
//! again and again, with producers, consumers and a consumer group that speak the real protocol.
//!
//! [`history`] judges what the clients were told. The node's own tasks know nothing of this.

pub mod admin;
pub mod consumer;
pub mod history;
pub mod member;
pub mod offsets;
pub mod producer;
pub mod record;
pub mod stage;
pub mod wire;

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ringlog::config::BrokerConfig;
use ringlog::server::{Broker, Settings, ShardOutcome, serve_shard};
use ringlog_engine::exec::{JoinHandle, Notify};
use ringlog_engine::log::StorageConfig;
use ringlog_engine::shard::Mesh;
use ringlog_engine::sim::{Rng, SimConfig, World};

use self::history::Kind;
use self::stage::{Stage, count};
use super::actors::Faults;
use super::{Outcome, Plan};

/// Where the broker listens.
const PORT: u16 = 9092;

/// Time within which a world without faults must let everything go on.
const PATIENCE: Duration = Duration::from_secs(180);

/// Nodes that clients run on.
const CLIENT_NODES: usize = 3;

/// Runs one seed. Panics when a promise is broken.
pub fn run(plan: &Plan) -> Outcome {
    let mut run = Run::new(plan);
    run.begin();
    for _ in 0..run.rounds {
        run.round();
    }
    run.finish();
    let progress = &run.stage.progress;
    Outcome {
        hash: run.world.trace_hash(),
        events: run.world.trace_count(),
        simulated_ms: run.world.now() / 1_000_000,
        acked: progress.acked.get(),
        read: progress.fetched.get(),
        restarts: progress.restarts.get(),
        detail: format!(
            "{} batches sent again, {} commits, {} joins, {} log starts moved, {} partitions audited, \
             {} records of coordinators gone",
            progress.resent.get(),
            progress.committed.get(),
            progress.joined.get(),
            progress.trimmed.get(),
            progress.audited.get(),
            run.stage.coordinator_starts.borrow().values().sum::<i64>()
        ),
    }
}

struct Run {
    world: World,
    calm: SimConfig,
    dice: Rng,
    /// Of its own, so that what it decides does not change what the other decides.
    moments: Rng,
    /// Another of its own: when links between the node and its clients are cut.
    cuts: Rng,
    stage: Rc<Stage>,
    rounds: u64,
    shards: u16,
    /// The shards of the node in this life.
    node: Vec<JoinHandle<ShardOutcome>>,
    stop: Rc<Notify>,
    /// The topics are there.
    ready: Rc<Cell<bool>>,
    producers: Vec<JoinHandle<()>>,
}

impl Run {
    fn new(plan: &Plan) -> Self {
        let seed = plan.seed;
        let mut dice = Rng::new(seed ^ 0x6272_6f6b_6572);
        let moments = Rng::new(seed ^ 0x6d6f_6d65_6e74);
        let cuts = Rng::new(seed ^ 0x6375_7473);
        let shards = dice.between(1, 3) as u16;
        let mut config = SimConfig::swarm(seed).with_nodes(1 + CLIENT_NODES).with_shards(shards);
        config.arena_bytes = 8 << 20;
        config.replay = plan.replay.clone();
        config.trace_events = plan.trace_events;
        let mut faults = Faults::default();
        if dice.chance(0.25) {
            config = config.with_disk_faults(seed);
            faults.errors = true;
        }
        if dice.chance(0.15) {
            config.disk.capacity = dice.between(5 << 20, 12 << 20);
            faults.full = true;
        }
        let rounds = dice.between(1, 4);
        config.about = format!("broker with {faults:?}, {shards} shards, {rounds} rounds");
        let world = World::new(seed, config.clone());
        let topics: Vec<usize> =
            (0..dice.between(1, 2)).map(|_| dice.between(1, 3) as usize).collect();
        let stage = Stage::new(SocketAddr::new(world.ip(0), PORT), &topics, faults);
        let calm = config.without_faults();
        let (node, stop, ready, producers) = Default::default();
        Self {
            world,
            calm,
            dice,
            moments,
            cuts,
            stage,
            rounds,
            shards,
            node,
            stop,
            ready,
            producers,
        }
    }

    /// Sends the clients out: they live through all that happens to the node.
    fn begin(&mut self) {
        let stage = self.stage.clone();
        let set = self.ready.clone();
        let told = set.clone();
        self.world.node(1).spawn(move |io| async move {
            admin::set_up(&io, &stage).await;
            told.set(true);
            admin::administer(io, stage).await;
        });
        let producers = self.dice.between(1, 3) as u32;
        for number in 0..producers {
            let kind = if self.dice.chance(0.7) { Kind::Idempotent } else { Kind::Plain };
            let (stage, set) = (self.stage.clone(), set.clone());
            let node = 1 + number as usize % CLIENT_NODES;
            let handle = self.world.node(node).spawn(move |io| async move {
                wait_for(&io, &stage, &set).await;
                producer::produce(io, stage, number, kind).await;
            });
            self.producers.push(handle);
        }
        for n in 0..self.dice.between(1, 2) as usize {
            let (stage, set) = (self.stage.clone(), set.clone());
            self.world.node(1 + n).spawn(move |io| async move {
                wait_for(&io, &stage, &set).await;
                consumer::consume(io, stage).await;
            });
        }
        let (stage, ready) = (self.stage.clone(), set.clone());
        self.world.node(2).spawn(move |io| async move {
            wait_for(&io, &stage, &ready).await;
            offsets::watch(io, stage).await;
        });
        for n in 0..self.dice.between(1, 3) as usize {
            let (stage, set) = (self.stage.clone(), set.clone());
            self.world.node(1 + n % CLIENT_NODES).spawn(move |io| async move {
                wait_for(&io, &stage, &set).await;
                member::participate(io, stage).await;
            });
        }
    }

    /// Starts the node, with as many shards as the dice say.
    fn start(&mut self) {
        if !self.world.is_up(0) {
            self.world.restart(0);
            count(&self.stage.progress.restarts);
        }
        let shards = self.dice.between(1, u64::from(self.shards)) as u16;
        let settings = Arc::new(self.settings());
        self.stop = Rc::default();
        self.node.clear();
        for place in Mesh::<Broker>::new(shards).into_places() {
            let node = self.world.node(0).shard(place.shard().0);
            let seat = place.seat(node.io());
            let (settings, stop) = (settings.clone(), self.stop.clone());
            let stop = async move { stop.notified().await };
            self.node.push(node.spawn(move |_| async move {
                let outcome = serve_shard(seat.clone(), settings, stop, |_| {}).await;
                seat.close();
                outcome
            }));
        }
    }

    fn settings(&mut self) -> Settings {
        let mut storage = StorageConfig::tiny();
        if self.dice.chance(0.3) {
            storage.journal_in_flight = self.dice.between(1, 4) as usize;
            storage.journal_gather_bytes = 4096 << self.dice.between(0, 3);
        }
        if self.dice.chance(0.3) {
            storage.journal_file_bytes = 64 << 10;
        }
        if self.stage.faults.get().full {
            storage.reserve_bytes = 512 << 10;
        }
        // Segments may not be small, but their indexes may, and roll them when full.
        let index_bytes = [80, 400, 10 << 20][self.dice.index(3)].to_string();
        let index_interval = ["256", "4096"][self.dice.index(2)];
        let config = BrokerConfig::from_pairs([
            ("log.index.size.max.bytes", index_bytes.as_str()),
            ("log.index.interval.bytes", index_interval),
            ("log.retention.ms", "-1"),
            // Clocks jump here, the timestamps of the workload do not.
            ("log.message.timestamp.after.max.ms", "9223372036854775807"),
        ]);
        let config = config.unwrap_or_else(|e| panic!("settings of the simulated broker: {e}"));
        let mut settings = Settings {
            data_dir: "/data".into(),
            listen: vec![SocketAddr::new([0, 0, 0, 0].into(), PORT)],
            advertise: (self.world.ip(0).to_string(), PORT),
            storage,
            config,
            offsets_partitions: offsets::COORDINATORS,
            frame_timeout: Duration::from_secs(10),
            stop_timeout: Duration::from_secs(3),
            ..Settings::default()
        };
        settings.groups.initial_rebalance_delay_ms = 100;
        settings.groups.min_session_timeout_ms = 100;
        // Most logs of coordinators are made shorter after a few commits, some after many.
        settings.groups.log_bytes_min = [300, 300, 2000, 8 << 20][self.moments.index(4)];
        settings.groups.log_live_ratio = self.moments.between(2, 3);
        settings.direct_receive_bytes = [1, 100, 128 << 10][self.moments.index(3)];
        settings.move_after_requests = [0, 1, 2, 4][self.moments.index(4)];
        settings
    }

    /// One life of the node.
    fn round(&mut self) {
        self.start();
        let time = match self.dice.below(4) {
            0 => Duration::from_micros(self.dice.between(100, 30_000)),
            1 | 2 => Duration::from_millis(self.dice.between(20, 600)),
            _ => Duration::from_millis(self.dice.between(400, 2500)),
        };
        self.run_partitioned(time);
        // Whether a promise holds is found out best right after it was given.
        if self.moments.chance(0.5) {
            let stage = self.stage.clone();
            let before = stage.progress.committed.get();
            let promised = move |_: &World| stage.progress.committed.get() > before;
            self.world.run_until(Duration::from_millis(300), promised);
        }
        self.check_node();
        if self.dice.chance(0.2) {
            self.shut_down(false);
        } else if self.dice.chance(0.25) {
            self.world.kill(0);
        } else {
            self.world.crash(0);
        }
        // Clients meet nobody for a while.
        let time = Duration::from_millis(self.dice.between(0, 300));
        self.world.run_for(time);
    }

    /// Lets time go by, during some of which some clients may be cut off, in one direction or in both.
    fn run_partitioned(&mut self, time: Duration) {
        if !self.cuts.chance(0.3) {
            return self.world.run_for(time);
        }
        let mut part =
            |most: Duration| Duration::from_nanos(self.cuts.between(0, most.as_nanos() as u64));
        let before = part(time);
        let during = part(time - before);
        self.world.run_for(before);
        for client in 1..=CLIENT_NODES {
            match self.cuts.below(4) {
                0 => self.world.cut(client, 0),
                1 => self.world.cut(0, client),
                2 => self.world.partition(&[0], &[client]),
                _ => {}
            }
        }
        self.world.run_for(during);
        self.world.heal();
        self.world.run_for(time - before - during);
    }

    /// Whether the shards of the node run; one that has ended says why.
    fn check_node(&mut self) -> bool {
        let faults = self.stage.faults.get();
        let mut running = true;
        for shard in &mut self.node {
            if shard.is_finished() {
                running = false;
                let outcome = shard.take();
                if let Some(Err(error)) = outcome {
                    assert!(faults.errors || faults.full, "the broker does not serve: {error}");
                }
            }
        }
        running
    }

    /// Stops the node in order.
    fn shut_down(&mut self, must: bool) {
        self.stop.notify();
        let node = &self.node;
        let ended =
            self.world.run_until(PATIENCE, |_| node.iter().all(|shard| shard.is_finished()));
        assert!(ended, "the broker does not stop within {PATIENCE:?}");
        for shard in &mut self.node {
            if let Some(Err(error)) = shard.take() {
                let faults = self.stage.faults.get();
                assert!(!must && (faults.errors || faults.full), "stopping: {error}");
            }
        }
        self.world.stop(0);
    }

    /// The faults stop: everything must go on, nothing may be missing, nothing may leak.
    fn finish(&mut self) {
        let calm = self.calm.clone();
        self.world.configure(|config| {
            config.disk = calm.disk.clone();
            config.disk.capacity = 1 << 40;
            config.net = calm.net.clone();
            config.clock = calm.clock.clone();
        });
        self.start();
        let ready = self.ready.clone();
        let created = self.world.run_until(PATIENCE, |_| ready.get());
        assert!(created, "without faults topics cannot be created");
        self.audit("after the last crash");
        let before = self.stage.progress.acked.get();
        let stage = self.stage.clone();
        let moved =
            self.world.run_until(PATIENCE, move |_| stage.progress.acked.get() > before + 10);
        assert!(moved, "without faults nothing is acknowledged");
        self.stage.ending.set(true);
        for producer in std::mem::take(&mut self.producers) {
            self.join(producer, "a producer cannot finish");
        }
        self.audit("when all is acknowledged");
        let stage = self.stage.clone();
        let drained = self.world.run_until(PATIENCE, move |_| {
            stage.partitions().iter().all(|place| {
                let end = stage.partition(*place).borrow().end();
                let commits = stage.commits.borrow();
                end == 0 || commits.get(place).is_some_and(|commit| commit.furthest() == end)
            })
        });
        assert!(drained, "without faults the group does not come to the end");
        self.shut_down(true);
        // A clean stop must be a clean start.
        self.start();
        self.audit("after a clean stop");
        self.stage.closing.set(true);
        self.world.run_for(Duration::from_secs(2));
        self.shut_down(true);
        self.world.run_for(Duration::from_secs(20));
        self.world.finish();
    }

    fn audit(&mut self, when: &str) {
        let stage = self.stage.clone();
        let audit = self.world.node(1).spawn(move |io| consumer::audit(io, stage));
        let whole = self.join(audit, "an audit does not end");
        assert!(whole, "the audit {when} did not come to its end");
        assert!(self.check_node(), "the broker has stopped by itself");
    }

    fn join<T: 'static>(&mut self, mut handle: JoinHandle<T>, what: &str) -> T {
        let ended = self.world.run_until(PATIENCE, |_| handle.is_finished());
        assert!(ended, "without faults {what}");
        handle.take().unwrap_or_else(|| panic!("{what}: it is gone"))
    }
}

/// Waits until the topics are there.
async fn wait_for(io: &ringlog_engine::io::Io, stage: &Stage, ready: &Cell<bool>) {
    while !ready.get() && !stage.closing.get() {
        io.sleep(Duration::from_millis(20)).await;
    }
}
