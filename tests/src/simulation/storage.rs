//! The storage simulation: producers, readers and an administrator on a few logs, in a world whose
//! disk fails and whose node crashes again and again; after each restart the whole log is compared
//! with what was promised.

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use ringlog_engine::batch::BatchIter;
use ringlog_engine::log::{Recovered, Storage, StorageConfig, recover};
use ringlog_engine::sim::{Rng, SimConfig, World};

use super::actors::{self, Faults, Flip, Progress, Stage};
use super::model::{Life, LogModel};
use super::{Outcome, Plan, follower};

const DIR: &str = "/data";

/// Time within which a disk without faults must let everything go on.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs one seed. Panics when a promise is broken.
pub fn run(plan: &Plan) -> Outcome {
    let seed = plan.seed;
    let mut dice = Rng::new(seed ^ 0x0073_746f_7261_6765);
    let mut config = SimConfig::swarm(seed).with_shards(dice.between(1, 3) as u16);
    config.arena_bytes = 8 << 20;
    config.replay = plan.replay.clone();
    config.trace_events = plan.trace_events;
    let mut faults = Faults::default();
    if dice.chance(0.3) {
        config = config.with_disk_faults(seed);
        faults.errors = true;
    }
    if dice.chance(0.15) {
        config.disk.capacity = dice.between(3 << 20, 8 << 20);
        faults.full = true;
    }
    if dice.chance(0.15) {
        faults.lying = true;
        config.disk.bit_rot = 0.002;
        config.disk.misdirected = if dice.chance(0.3) { 0.001 } else { 0.0 };
        config.disk.lost_write = if dice.chance(0.3) { 0.001 } else { 0.0 };
        config.disk.latent_error = if dice.chance(0.3) { 0.001 } else { 0.0 };
        config.disk.stale_read = if dice.chance(0.3) { 0.001 } else { 0.0 };
    }
    faults.flips = !faults.lying && Rng::new(seed ^ 0x666c_6970).chance(0.1);
    let rounds = dice.between(2, 6);
    config.about = format!("storage with {faults:?}, {} shards, {rounds} rounds", config.shards);
    let mut run = Run {
        calm: config.clone().without_faults(),
        world: World::new(seed, config.clone()),
        config,
        dice,
        faults,
        models: Rc::default(),
        progress: Rc::default(),
        names: Vec::new(),
        flips: Rc::default(),
        followed: Rng::new(seed ^ 0x6375_7473).chance(0.5),
        gave_up: false,
    };
    // Some operators make the directory, some leave it to the storage.
    if run.dice.chance(0.5) {
        run.world.disk(0, |disk| disk.make_dirs(DIR).unwrap_or_else(|e| panic!("{DIR}: {e}")));
    }
    let logs = run.dice.between(1, 5);
    run.names = (0..logs).map(|n| format!("log-{n}")).collect();
    for _ in 0..rounds {
        run.round();
        if run.gave_up {
            break;
        }
    }
    if !run.gave_up {
        run.finish();
    }
    let progress = &run.progress;
    Outcome {
        hash: run.world.trace_hash(),
        events: run.world.trace_count(),
        simulated_ms: run.world.now() / 1_000_000,
        acked: progress.acked.get(),
        read: progress.read.get(),
        restarts: progress.restarts.get(),
        detail: format!(
            "{} trimmed, {} cut, {} deleted, {} deduplicated{}",
            progress.trimmed.get(),
            progress.cut.get(),
            progress.deleted.get(),
            progress.deduplicated.get(),
            if run.gave_up { ", gave up on a damaged disk" } else { "" }
        ),
    }
}

struct Run {
    world: World,
    config: SimConfig,
    calm: SimConfig,
    dice: Rng,
    faults: Faults,
    models: Rc<RefCell<Vec<Rc<LogModel>>>>,
    progress: Rc<Progress>,
    names: Vec<String>,
    flips: Rc<RefCell<Vec<Flip>>>,
    /// Some logs are cut from the end.
    followed: bool,
    /// The disk has lied so much that the storage refuses to open it.
    gave_up: bool,
}

/// What comes of an attempt to open the storage.
enum Opened {
    Stages(Vec<Rc<Stage>>),
    Crashed,
    Failed(String),
}

impl Run {
    /// One life of the node: start, work, end.
    fn round(&mut self) {
        let impatient = self.dice.chance(0.3);
        let limit =
            if impatient { Duration::from_micros(self.dice.between(10, 20_000)) } else { PATIENCE };
        match self.open(limit) {
            Opened::Stages(stages) => self.work(stages),
            Opened::Crashed => self.end_of_life(),
            Opened::Failed(why) => {
                assert!(self.faults.errors || self.faults.full || self.faults.lying, "{why}");
                if self.faults.lying && !self.faults.errors {
                    self.gave_up = true;
                }
                self.end_of_life();
            }
        }
    }

    /// Starts the storage, with as many journals as the dice say.
    fn open(&mut self, limit: Duration) -> Opened {
        if !self.world.is_up(0) {
            if self.faults.flips {
                self.flip();
            }
            self.world.restart(0);
            self.progress.restarts.set(self.progress.restarts.get() + 1);
        }
        let storage = self.storage_config();
        let result: Rc<RefCell<Option<Result<Recovered, String>>>> = Rc::default();
        let (report, config) = (result.clone(), storage.clone());
        let mut handle = self.world.node(0).spawn(move |io| async move {
            let recovered = recover(&io, Path::new(DIR), &config).await;
            *report.borrow_mut() = Some(recovered.map_err(|e| e.to_string()));
        });
        if !self.world.run_until(limit, |_| handle.is_finished()) {
            assert!(limit < PATIENCE, "recovery takes more than {limit:?}");
            return Opened::Crashed;
        }
        handle.take();
        let recovered = match result.take() {
            Some(Ok(recovered)) => recovered,
            Some(Err(why)) => return Opened::Failed(why),
            None => return Opened::Crashed,
        };
        self.compare(&recovered);
        self.start(recovered, storage, limit)
    }

    /// Flips a bit in the header of a batch in some segment, mostly one that the batch's own checksum
    /// leaves out.
    fn flip(&mut self) {
        let paths = self.world.disk(0, |disk| disk.paths());
        let segments: Vec<String> =
            paths.into_iter().filter(|path| path.ends_with(".log")).collect();
        if segments.is_empty() {
            return;
        }
        let path = &segments[self.dice.index(segments.len())];
        let bytes = self.world.disk(0, |disk| disk.contents(path).unwrap_or_default());
        let mut starts: Vec<u64> = Vec::new();
        let mut end = 0;
        for batch in BatchIter::new(&bytes).map_while(Result::ok) {
            starts.push(end);
            end += batch.size() as u64;
        }
        if starts.is_empty() {
            return;
        }
        // Base offset, leader epoch, checksum, number of records; sometimes length and magic.
        let byte = if self.dice.chance(0.1) {
            self.dice.between(8, 11)
        } else {
            [0, 4, 6, 7, 12, 14, 15, 16, 17, 20, 23, 26][self.dice.index(12)]
        };
        let position = starts[self.dice.index(starts.len())] + byte;
        let bit = self.dice.below(8) as u8;
        let flipped = self.world.disk(0, |disk| disk.flip_bit(path, position, bit));
        assert!(flipped.is_ok(), "{path}: {flipped:?}");
        let astray = matches!(byte, 8..=11 | 16);
        self.flips.borrow_mut().push(Flip { path: path.into(), position, astray });
    }

    fn storage_config(&mut self) -> StorageConfig {
        let mut storage = StorageConfig::tiny();
        if self.dice.chance(0.3) {
            storage.journal_in_flight = self.dice.between(1, 4) as usize;
            storage.journal_gather_bytes = 4096 << self.dice.between(0, 3);
        }
        if self.dice.chance(0.3) {
            storage.journal_file_bytes = 64 << 10;
        }
        if self.faults.full {
            storage.reserve_bytes = 512 << 10;
        }
        storage
    }

    /// Compares the logs that were found with those that were promised.
    fn compare(&self, recovered: &Recovered) {
        let models = self.models.borrow();
        for model in models.iter() {
            let found = recovered.logs.iter().find(|log| log.topic_id() == model.topic_id);
            match found {
                Some(log) => {
                    assert_eq!(log.dir_name(), model.name, "name of a recovered log");
                    assert!(
                        model.life.get() != Life::Deleted,
                        "{}: it was deleted and is there again",
                        model.name
                    );
                    if !self.faults.lying {
                        assert!(log.faulty().is_empty(), "{}: faulty", model.name);
                    }
                    model.found(log.log_start_offset(), log.log_end_offset());
                    // A creation or deletion that was never confirmed is decided now.
                    model.life.set(Life::Created);
                }
                None => {
                    assert!(
                        !model.must_exist() || self.faults.lying,
                        "{}: it was created and is gone",
                        model.name
                    );
                    model.life.set(Life::Deleted);
                }
            }
        }
        for log in &recovered.logs {
            let known = models.iter().any(|model| model.topic_id == log.topic_id());
            assert!(known, "{}: a log that was never created", log.dir_name());
        }
    }

    /// Spreads the recovered logs over some shards and starts the storage of each.
    fn start(&mut self, recovered: Recovered, config: StorageConfig, limit: Duration) -> Opened {
        let shards = self.dice.between(1, u64::from(self.config.shards)) as u16;
        let mut parts: Vec<Vec<_>> = (0..shards).map(|_| Vec::new()).collect();
        for log in recovered.logs {
            parts[self.dice.index(shards as usize)].push(log);
        }
        let mut stages = Vec::new();
        for (shard, logs) in parts.into_iter().enumerate() {
            let config = config.clone();
            let shard = shard as u16;
            let io = self.world.node(0).shard(shard).io();
            let mut handle = self.world.node(0).shard(shard).spawn(move |io| async move {
                Storage::start(io, PathBuf::from(DIR), shard, config, logs).await
            });
            if !self.world.run_until(limit, |_| handle.is_finished()) {
                assert!(limit < PATIENCE, "the start takes more than {limit:?}");
                return Opened::Crashed;
            }
            let storage = match handle.take() {
                Some(Ok(storage)) => storage,
                Some(Err(e)) => return Opened::Failed(e.to_string()),
                None => return Opened::Crashed,
            };
            let (followed, logs) = {
                let models = self.models.borrow();
                let model = |id| models.iter().find(|model| model.topic_id == id).cloned();
                storage
                    .logs()
                    .into_iter()
                    .filter_map(|log| Some((model(log.topic_id())?, log)))
                    .map(|(model, log)| (log, model))
                    .partition(|(_, model): &(_, Rc<LogModel>)| model.followed)
            };
            stages.push(Rc::new(Stage {
                io,
                storage,
                logs: RefCell::new(logs),
                followed: RefCell::new(followed),
                models: self.models.clone(),
                faults: self.faults,
                progress: self.progress.clone(),
                flips: self.flips.clone(),
                closing: Cell::new(false),
            }));
        }
        Opened::Stages(stages)
    }

    /// Lets the actors work for a while, then ends the node's life in some way.
    fn work(&mut self, stages: Vec<Rc<Stage>>) {
        if !self.check_all(&stages) {
            return self.end_of_life();
        }
        for (n, stage) in stages.iter().enumerate() {
            let io = &stage.io;
            let followed = stage.followed.borrow();
            for (log, _) in stage.logs.borrow().iter().chain(followed.iter()) {
                log.set_config(actors::log_config(io));
            }
            drop(followed);
            let mine: Vec<String> =
                self.names.iter().skip(n).step_by(stages.len()).cloned().collect();
            let taken: Vec<String> = stages
                .iter()
                .flat_map(|s| {
                    s.logs.borrow().iter().map(|(_, m)| m.name.clone()).collect::<Vec<_>>()
                })
                .collect();
            let mine = mine.into_iter().filter(|name| !taken.contains(name)).collect();
            let resent = io.spawn(actors::resend(stage.clone()));
            let (stage, producers) = (stage.clone(), self.dice.between(1, 4) as i64);
            let shard_base = 100 * (n as i64 + 1);
            let life = self.progress.restarts.get() as i64 * 1000;
            let followed = self.followed;
            stage.io.clone().spawn(async move {
                if resent.await != Ok(true) {
                    return;
                }
                let io = stage.io.clone();
                io.spawn(actors::administer(stage.clone(), mine));
                for producer in 0..producers {
                    io.spawn(actors::produce(stage.clone(), life + shard_base + producer));
                }
                io.spawn(actors::consume(stage.clone()));
                io.spawn(actors::consume(stage.clone()));
                if followed {
                    io.spawn(follower::follow(stage.clone(), format!("cut-{life}-{n}")));
                    io.spawn(follower::watch(stage));
                }
            });
        }
        let time = match self.dice.below(3) {
            0 => Duration::from_micros(self.dice.between(100, 30_000)),
            1 => Duration::from_millis(self.dice.between(10, 300)),
            _ => Duration::from_millis(self.dice.between(200, 2000)),
        };
        self.world.run_for(time);
        if self.dice.chance(0.25) {
            self.shut_down(&stages, false);
        }
        drop(stages);
        self.end_of_life();
    }

    /// Reads every log from its start to its end, when the disk is not one that fails.
    fn check_all(&mut self, stages: &[Rc<Stage>]) -> bool {
        for stage in stages {
            let mine = stage.clone();
            let check = stage.io.spawn(async move {
                let mut logs = mine.logs.borrow().clone();
                logs.extend(mine.followed.borrow().iter().cloned());
                for (log, model) in logs {
                    assert_eq!(log.log_end_offset(), log.durable_end_offset(), "after recovery");
                    let end = log.log_end_offset();
                    model.check_epochs(|epoch| log.end_offset_for_epoch(epoch), end);
                    if !actors::read_all(&mine, &log, &model).await {
                        return false;
                    }
                }
                true
            });
            let done = self.world.run_until(PATIENCE, |_| check.is_finished());
            assert!(done, "reading the logs after a restart takes more than {PATIENCE:?}");
        }
        true
    }

    /// Stops the storage in order.
    fn shut_down(&mut self, stages: &[Rc<Stage>], must: bool) {
        for stage in stages {
            stage.closing.set(true);
        }
        for stage in stages {
            let storage = stage.storage.clone();
            let mut done = stage.io.spawn(async move { storage.shutdown().await });
            let ended = self.world.run_until(PATIENCE, |_| done.is_finished());
            assert!(ended, "shutting down takes more than {PATIENCE:?}");
            if let Some(Err(e)) = done.take() {
                let excused = self.faults.errors || self.faults.full || self.faults.lying;
                assert!(excused && !must, "shutting down: {e}");
            }
        }
    }

    fn end_of_life(&mut self) {
        match self.dice.below(4) {
            0 => self.world.kill(0),
            // A crash may tear the file of checksums; two faults at once are another matter.
            _ if self.faults.flips => self.world.kill(0),
            _ => self.world.crash(0),
        }
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
        let Faults { lying, flips, .. } = self.faults;
        self.faults = Faults { lying, flips, ..Faults::default() };
        let stages = match self.open(PATIENCE) {
            Opened::Stages(stages) => stages,
            Opened::Failed(why) if lying => {
                let _ = why;
                self.gave_up = true;
                return;
            }
            Opened::Failed(why) => panic!("without faults the storage does not open: {why}"),
            Opened::Crashed => panic!("without faults the storage does not open in time"),
        };
        self.check_all(&stages);
        let before = self.progress.acked.get();
        let mut resent = Vec::new();
        for stage in &stages {
            resent.push(stage.io.spawn(actors::resend(stage.clone())));
        }
        for handle in resent {
            let done = self.world.run_until(PATIENCE, |_| handle.is_finished());
            assert!(done, "without faults appends take more than {PATIENCE:?}");
        }
        for (n, stage) in stages.iter().enumerate() {
            let io = &stage.io;
            io.spawn(actors::administer(stage.clone(), vec![format!("last-{n}")]));
            io.spawn(actors::produce(stage.clone(), 1_000_001 + 3 * n as i64));
        }
        self.world.run_for(Duration::from_secs(2));
        let acked = self.progress.acked.get();
        assert!(acked > before, "without faults nothing was acknowledged in two seconds");
        self.shut_down(&stages, true);
        drop(stages);
        self.world.run_for(Duration::from_secs(5));
        self.world.finish();
        // A clean stop must be a clean start.
        self.world.restart(0);
        let found = match self.open(PATIENCE) {
            Opened::Stages(stages) => self.check_all(&stages),
            Opened::Failed(why) => panic!("after a clean stop: {why}"),
            Opened::Crashed => false,
        };
        assert!(found || lying, "after a clean stop the logs cannot be read");
    }
}
