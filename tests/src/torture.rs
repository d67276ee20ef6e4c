//! kill -9 under load, again and again, and a judgement at the end.
//!
//! Idempotent producers with `acks=all` write marked records to every partition while a group
//! commits what it has read. The broker is killed at a random moment and started again, many times.
//! Then everything is read back and held against the ledger.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{Message, Offset, TopicPartitionList};

use crate::broker::{Broker, BrokerError};
use crate::clients::{self, PATIENCE};
use crate::ledger::{Breach, Ledger, Mark};

/// What is done to the broker.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How often it is killed.
    pub kills: u32,
    /// Shortest and longest time between a start and the next kill.
    pub life_ms: (u64, u64),
    /// Producers, each with a client of its own.
    pub producers: u32,
    /// Partitions of the topic.
    pub partitions: i32,
    /// Broker settings.
    pub settings: Vec<String>,
    /// Seed of the kill times.
    pub seed: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            kills: 20,
            life_ms: (100, 900),
            producers: 3,
            partitions: 4,
            settings: Vec::new(),
            seed: 1,
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Records acknowledged.
    pub acknowledged: usize,
    /// Records read back.
    pub read: u64,
    /// Commits of group offsets acknowledged.
    pub commits: u64,
    /// Times from start to serving, sorted.
    pub restarts: Vec<Duration>,
}

/// Why a torture failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The broker did not start or stop as it should.
    #[error(transparent)]
    Broker(#[from] BrokerError),
    /// A client could not do its work.
    #[error("client: {0}")]
    Client(#[from] KafkaError),
    /// A record was lost, moved, doubled or reordered.
    #[error(transparent)]
    Breach(#[from] Breach),
    /// A producer got an error that no crash of a broker may cause.
    #[error("a producer was told {0}")]
    Refused(KafkaError),
    /// A committed group offset went back.
    #[error("partition {partition}: group offset {acknowledged} was acknowledged, {found} is kept")]
    GroupOffset {
        /// Where.
        partition: i32,
        /// Acknowledged by the broker.
        acknowledged: i64,
        /// Read back.
        found: i64,
    },
    /// The load made no progress.
    #[error("only {0} records were acknowledged: the load did not run")]
    Idle(usize),
}

const TOPIC: &str = "torture";
const GROUP: &str = "torture-group";

/// Runs the plan on a fresh broker.
///
/// # Errors
/// The first thing that is not as promised.
pub fn run(plan: &Plan, mut progress: impl FnMut(u32, Duration)) -> Result<Outcome, Failure> {
    let mut settings: Vec<&str> = plan.settings.iter().map(String::as_str).collect();
    let partitions = format!("num.partitions={}", plan.partitions);
    settings.extend([partitions.as_str(), "group.initial.rebalance.delay.ms=0"]);
    let mut broker = Broker::start(&settings)?;
    let shared = Arc::new(Shared::default());
    let mut restarts = Vec::new();

    let bootstrap = broker.bootstrap();
    let producing: Vec<_> = (0..plan.producers)
        .map(|number| {
            let (shared, bootstrap) = (shared.clone(), bootstrap.clone());
            let partitions = plan.partitions;
            std::thread::spawn(move || produce(number, &bootstrap, partitions, &shared))
        })
        .collect();
    let committing = {
        let (shared, bootstrap) = (shared.clone(), bootstrap.clone());
        std::thread::spawn(move || commit(&bootstrap, &shared))
    };
    let checker: BaseConsumer = clients::config(&bootstrap).set("group.id", GROUP).create()?;
    let mut dice = plan.seed | 1;
    for kill in 0..plan.kills {
        // A multiplicative generator is enough to spread kill times.
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (least, most) = plan.life_ms;
        // Every fourth life is long: a group needs seconds to find its coordinator again.
        let most = if kill % 4 == 0 { most.saturating_mul(4) } else { most };
        let life = least + (dice >> 33) % (most - least + 1);
        if kill == 0 {
            shared.await_first_commit();
        }
        std::thread::sleep(Duration::from_millis(life));
        // Without a broker the threads may wait for ever: on an error they are left to themselves.
        broker.kill()?;
        let took = broker.launch()?;
        restarts.push(took);
        check_commits(&checker, &shared)?;
        progress(kill + 1, took);
    }
    shared.stop.store(true, Ordering::Relaxed);
    for thread in producing {
        thread.join().unwrap_or(Err(Failure::Idle(0)))?;
    }
    committing.join().unwrap_or(Err(Failure::Idle(0)))?;

    let mut read: BTreeMap<i32, Vec<(i64, Mark)>> = BTreeMap::new();
    let count = clients::read_all(&bootstrap, TOPIC, plan.partitions, |message| {
        if let Some(mark) = message.payload().and_then(Mark::parse) {
            read.entry(message.partition()).or_default().push((message.offset(), mark));
        }
    })?;
    let ledger = shared.ledger.lock().unwrap_or_else(PoisonError::into_inner);
    for partition in 0..plan.partitions {
        ledger.judge(partition, read.get(&partition).map_or(&[][..], Vec::as_slice))?;
    }
    if ledger.len() < plan.kills as usize {
        return Err(Failure::Idle(ledger.len()));
    }
    check_commits(&checker, &shared)?;
    restarts.sort();
    let commits = shared.commits.load(Ordering::Relaxed);
    Ok(Outcome { acknowledged: ledger.len(), read: count, commits, restarts })
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    ledger: Mutex<Ledger>,
    /// Group offsets whose commit was acknowledged.
    committed: Mutex<BTreeMap<i32, i64>>,
    commits: AtomicU64,
}

impl Shared {
    /// Waits until the group has committed once: before that there is nothing of it to lose. A group
    /// that never does is found at the end.
    fn await_first_commit(&self) {
        let began = Instant::now();
        while self.commits.load(Ordering::Relaxed) == 0 && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

struct Reports {
    shared: Arc<Shared>,
    refused: Arc<Mutex<Option<KafkaError>>>,
}

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = Box<Mark>;

    fn delivery(&self, report: &DeliveryResult<'_>, mark: Box<Mark>) {
        match report {
            Ok(message) => {
                let mut ledger = self.shared.ledger.lock().unwrap_or_else(PoisonError::into_inner);
                ledger.acknowledge(message.partition(), *mark, message.offset());
            }
            Err((error, _)) => {
                let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
                refused.get_or_insert(error.clone());
            }
        }
    }
}

fn produce(
    number: u32,
    bootstrap: &str,
    partitions: i32,
    shared: &Arc<Shared>,
) -> Result<(), Failure> {
    let refused = Arc::new(Mutex::new(None));
    let reports = Reports { shared: shared.clone(), refused: refused.clone() };
    let mut config: ClientConfig = clients::config(bootstrap);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "1")
        .set("batch.num.messages", "50")
        .set("queue.buffering.max.messages", "2000")
        .set("message.timeout.ms", "120000")
        .set("compression.type", ["none", "lz4", "zstd", "snappy"][number as usize % 4]);
    let producer: ThreadedProducer<Reports> = config.create_with_context(reports)?;
    let padding = "x".repeat(100);
    let mut sequence = 0;
    while !shared.stop.load(Ordering::Relaxed) {
        for partition in 0..partitions {
            let mark = Mark { producer: number, sequence };
            let value = format!("{mark} {padding}");
            let mut record = BaseRecord::with_opaque_to(TOPIC, Box::new(mark))
                .partition(partition)
                .key("k")
                .payload(&value);
            loop {
                match producer.send(record) {
                    Ok(()) => break,
                    Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                        record = back;
                        std::thread::sleep(Duration::from_millis(1));
                    }
                    // The topic comes into being with the first request for its metadata.
                    Err((
                        KafkaError::MessageProduction(
                            RDKafkaErrorCode::UnknownPartition | RDKafkaErrorCode::UnknownTopic,
                        ),
                        back,
                    )) => {
                        record = back;
                        std::thread::sleep(Duration::from_millis(20));
                    }
                    Err((error, _)) => return Err(Failure::Refused(error)),
                }
            }
        }
        sequence += 1;
    }
    producer.flush(Duration::from_secs(150))?;
    let refused = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
    refused.map_or(Ok(()), |error| Err(Failure::Refused(error)))
}

/// Reads in a group and commits by hand; a commit that is answered without an error is a promise.
fn commit(bootstrap: &str, shared: &Shared) -> Result<(), Failure> {
    let consumer: BaseConsumer = clients::config(bootstrap)
        .set("group.id", GROUP)
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("session.timeout.ms", "6000")
        .set("topic.metadata.refresh.interval.ms", "500")
        .set("allow.auto.create.topics", "true")
        .create()?;
    consumer.subscribe(&[TOPIC])?;
    let mut last = Instant::now();
    let mut unread: BTreeMap<i32, i64> = BTreeMap::new();
    while !shared.stop.load(Ordering::Relaxed) {
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(50)) {
            unread.insert(message.partition(), message.offset() + 1);
        }
        if last.elapsed() < Duration::from_millis(20) || unread.is_empty() {
            continue;
        }
        last = Instant::now();
        let mut list = TopicPartitionList::new();
        for (&partition, &offset) in &unread {
            list.add_partition_offset(TOPIC, partition, Offset::Offset(offset))?;
        }
        if consumer.commit(&list, CommitMode::Sync).is_ok() {
            shared.commits.fetch_add(1, Ordering::Relaxed);
            let mut committed = shared.committed.lock().unwrap_or_else(PoisonError::into_inner);
            for (partition, found) in std::mem::take(&mut unread) {
                // A group goes on where it was: it can only have been told less than it committed.
                match committed.insert(partition, found) {
                    Some(acknowledged) if acknowledged > found => {
                        return Err(Failure::GroupOffset { partition, acknowledged, found });
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// Compares the group's offsets with those whose commit was acknowledged before now.
fn check_commits(consumer: &BaseConsumer, shared: &Shared) -> Result<(), Failure> {
    let committed = shared.committed.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut list = TopicPartitionList::new();
    for &partition in committed.keys() {
        list.add_partition(TOPIC, partition);
    }
    if committed.is_empty() {
        return Ok(());
    }
    let kept = consumer.committed_offsets(list, PATIENCE)?;
    for (partition, acknowledged) in committed {
        let found = match kept.find_partition(TOPIC, partition).map(|entry| entry.offset()) {
            Some(Offset::Offset(found)) => found,
            _ => -1,
        };
        // A later commit may be kept although its answer was lost.
        if found < acknowledged {
            return Err(Failure::GroupOffset { partition, acknowledged, found });
        }
    }
    Ok(())
}
