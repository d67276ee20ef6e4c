//! Loads under way: connections that produce and consume, the batches they send, and what is measured.
//!
//! `start` makes everything that a [`Scenario`] needs before the first request; the threads then allocate
//! nothing. `driver` serves many connections with one thread; `producer` and `consumer` are what a
//! connection does; `pool`, `batch`, `keys` and `stamp` are the batches; `gauge` is what others may look at.
//! Nothing here knows how a run is shown or reported.

mod batch;
mod consumer;
mod discard;
mod driver;
mod gauge;
mod inbox;
mod keys;
mod pool;
mod producer;
mod stamp;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub use batch::Batch;
use consumer::{Consumer, Span};
use driver::{Session, drive};
use gauge::Gauge;
pub(crate) use gauge::{End, Gauges, Totals, histogram};
use inbox::Inbox;
use pool::Pool;
use producer::{Outgoing, Pace, Producer, Turns, Window};
use stamp::Clock;

use crate::error::BenchError;
use crate::scenario::{ConsumerLoad, ProducerLoad, STAMP_BYTES, Scenario, Start, Topic};
use crate::wire::cluster::{self, Leaders};
use crate::wire::{Connection, Identity, identity};

/// Bytes of a producer's inbox: some hundred acknowledgements.
const INBOX_BYTES: usize = 16 << 10;

/// Who is to take the load.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// A cluster, by some of its brokers.
    Cluster(Vec<String>),
    /// A server in this process that discards what is produced.
    Discard,
}

/// A scenario under way.
pub(crate) struct Run {
    pub(crate) end: Arc<End>,
    /// Of each load, first those that produce, then those that consume.
    pub(crate) loads: Vec<Gauges>,
    pub(crate) broker: Option<Identity>,
    /// Partitions that the topic has, which may have been there before.
    pub(crate) partitions: u32,
    /// When it is to be measured from.
    pub(crate) measured_from: Instant,
    threads: Vec<JoinHandle<()>>,
}

/// Connects all loads of a scenario, makes their batches and lets them go.
///
/// # Errors
/// [`BenchError`] when the broker or the topic is not to be had, or a load cannot be made.
pub(crate) fn start(scenario: &Scenario, target: &Target) -> Result<Run, BenchError> {
    let producing = scenario.produce.iter().map(|load| load.connections);
    let consuming = scenario.consume.iter().map(|load| load.connections);
    allow_files(producing.chain(consuming).fold(0, u32::saturating_add));
    let clock = Clock::start();
    let topic = &scenario.topic;
    let (leaders, broker) = find(scenario, target)?;
    let stamped = (!scenario.consume.is_empty() && scenario.is_end_to_end()).then_some(&clock);
    let mut producing = Vec::new();
    for load in &scenario.produce {
        let pool = Arc::new(Pool::make(load, leaders.len(), stamped)?);
        if stamped.is_some() && !pool.is_stamped() {
            check_stamp(load)?;
        }
        producing.push(pool);
    }
    let mut consuming = Vec::new();
    for load in &scenario.consume {
        consuming.push(spans(topic, load, &leaders)?);
    }
    let mut producers: Vec<Sessions<Producer>> = Vec::new();
    for (load, pool) in scenario.produce.iter().zip(producing) {
        producers.push(produce(topic, load, &leaders, &pool, clock)?);
    }
    let mut consumers: Vec<Sessions<Consumer>> = Vec::new();
    for (load, reading) in scenario.consume.iter().zip(consuming) {
        let clock = (scenario.is_end_to_end() && load.start != Start::Repeat).then_some(clock);
        consumers.push(consume(topic, load, reading, clock)?);
    }
    // Thousands of connections take a while: no batch is due before all of them are there.
    let began = Instant::now();
    let measured_from = began + Duration::from_secs(scenario.warmup_seconds.into());
    let (end, loads, threads) = (Arc::default(), Vec::new(), Vec::new());
    let partitions = u32::try_from(leaders.len()).unwrap_or(u32::MAX);
    let mut run = Run { end, loads, broker, partitions, measured_from, threads };
    for sessions in producers {
        run.launch(sessions, began);
    }
    for (load, sessions) in scenario.consume.iter().zip(consumers) {
        let begin = match load.after_seconds {
            0 => began,
            seconds => measured_from + Duration::from_secs(seconds.into()),
        };
        run.launch(sessions, begin);
    }
    Ok(run)
}

/// Where the partitions are, and who said so.
fn find(scenario: &Scenario, target: &Target) -> Result<(Leaders, Option<Identity>), BenchError> {
    let topic = &scenario.topic;
    match target {
        Target::Discard => {
            let address = discard::start(&topic.name)?;
            let partitions = 0..i32::try_from(topic.partitions).unwrap_or(i32::MAX);
            Ok((partitions.map(|partition| (partition, address.clone())).collect(), None))
        }
        Target::Cluster(bootstrap) => {
            let mut connection = cluster::connect(bootstrap)?;
            // A broker that does not answer it closes the connection: it may go on without.
            let broker = identity(&mut connection).ok();
            if broker.is_none() {
                connection = cluster::connect(bootstrap)?;
            }
            let leaders = if scenario.produce.is_empty() {
                cluster::leaders(&mut connection, &topic.name)?
            } else {
                cluster::ensure_topic(&mut connection, topic)?
            };
            Ok((leaders, broker))
        }
    }
}

/// Threads of a load for each core. Where the broker or others compete for the cores, a few threads
/// get their share, and one that is held up holds up few connections.
const THREADS_PER_CORE: usize = 4;

/// One gauge for each thread that a load of so many connections has.
fn crews(connections: usize) -> Vec<Arc<Gauge>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (0..connections.clamp(1, cores * THREADS_PER_CORE)).map(|_| Gauge::new()).collect()
}

/// The connections of a load, each with the gauge of its thread.
type Sessions<S> = Vec<(S, Arc<Gauge>)>;

fn produce(
    topic: &Topic,
    load: &ProducerLoad,
    leaders: &Leaders,
    pool: &Arc<Pool>,
    clock: Clock,
) -> Result<Sessions<Producer>, BenchError> {
    let shares = match load.keys {
        None => cluster::share(leaders, load.connections as usize),
        Some(_) => cluster::share_whole(leaders, load.connections as usize),
    };
    let crews = crews(shares.len());
    let mut sessions = Vec::with_capacity(shares.len());
    let count = shares.len() as f64;
    for (number, (address, mut partitions)) in shares.into_iter().enumerate() {
        partitions.retain(|partition| pool.serves(*partition));
        if partitions.is_empty() {
            // None of the keys is of its partitions.
            continue;
        }
        let Some(gauge) = crews.get(number % crews.len()) else { continue };
        // Its first batch is due a part of its interval later than that of the connection before it.
        let pace = load.rate.map(|rate| {
            let records = pool.get(partitions[0], 0).map_or(1, |batch| batch.records);
            Pace::new(rate / count, f64::from(records) / rate * number as f64)
        });
        let session = Producer {
            stream: Connection::open(&address)?.into_stream()?,
            address,
            pool: pool.clone(),
            clock,
            gauge: gauge.clone(),
            pace,
            turns: Turns::new(partitions, number),
            window: Window::new(load.in_flight),
            outgoing: Outgoing::new(&topic.name, load.acks.code(), pool.head_max()),
            inbox: Inbox::new(INBOX_BYTES),
        };
        sessions.push((session, gauge.clone()));
    }
    Ok(sessions)
}

/// Where each connection of a consuming load is to read.
type Reading = Vec<(String, Vec<Span>)>;

fn spans(topic: &Topic, load: &ConsumerLoad, leaders: &Leaders) -> Result<Reading, BenchError> {
    let mut connections = load.connections as usize;
    if load.start != Start::Repeat {
        // A partition is read once.
        connections = connections.min(leaders.len());
    }
    let mut reading = Vec::new();
    for (address, partitions) in cluster::share(leaders, connections) {
        let mut connection = Connection::open(&address)?;
        let first = cluster::offsets(&mut connection, &topic.name, &partitions, -2)?;
        let last = cluster::offsets(&mut connection, &topic.name, &partitions, -1)?;
        let span = |(partition, first): (i32, i64)| {
            let known = last.get(&partition).copied().unwrap_or(first);
            let end = (load.start == Start::Repeat).then_some(known);
            let next = if load.start == Start::Tail { known } else { first };
            // What is read again and again must not be empty.
            (end != Some(first)).then_some(Span { partition, first, next, end, known })
        };
        let spans: Vec<Span> = first.into_iter().filter_map(span).collect();
        if !spans.is_empty() {
            reading.push((address, spans));
        }
    }
    if reading.is_empty() {
        let topic = &topic.name;
        let why = format!("topic {topic} is empty: fill it with ringlog bench produce -t {topic}");
        return Err(BenchError::Usage(why));
    }
    Ok(reading)
}

fn consume(
    topic: &Topic,
    load: &ConsumerLoad,
    reading: Reading,
    clock: Option<Clock>,
) -> Result<Sessions<Consumer>, BenchError> {
    let crews = crews(reading.len());
    let mut sessions = Vec::with_capacity(reading.len());
    for (number, (address, spans)) in reading.into_iter().enumerate() {
        let Some(gauge) = crews.get(number % crews.len()) else { continue };
        let stream = Connection::open(&address)?.into_stream()?;
        let place = consumer::Place { stream, address, spans };
        let most = load.fetch_bytes.most();
        let session = Consumer::new(place, &topic.name, most, clock, gauge.clone());
        sessions.push((session, gauge.clone()));
    }
    Ok(sessions)
}

/// Values that are too small, and gzip, leave no place for a time.
fn check_stamp(load: &ProducerLoad) -> Result<(), BenchError> {
    if load.record_bytes.least() < STAMP_BYTES {
        return Err(BenchError::Usage(format!(
            "{}: end-to-end latency needs values of {STAMP_BYTES} bytes at least, to carry the time",
            load.name
        )));
    }
    Err(BenchError::Usage(format!(
        "{}: batches compressed with {} cannot carry the time that end-to-end latency needs:          use none, lz4, snappy or zstd",
        load.name,
        load.compression.compression().name()
    )))
}

/// Raises the limit of open files as far as it may be, when so many connections need it.
fn allow_files(connections: u32) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::from(connections) * 2 + 100;
    if limit.current.is_some_and(|current| current < wanted) {
        // When it may not be raised a connection will say what is missing.
        let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
        setrlimit(Resource::Nofile, raised).unwrap_or_default();
    }
}

impl Run {
    /// Lets the connections of a load go, each on the thread of its gauge. They begin at `begin`.
    fn launch<S: Session>(&mut self, sessions: Sessions<S>, begin: Instant) {
        let mut threads: Vec<(Arc<Gauge>, Vec<S>)> = Vec::new();
        for (mut session, gauge) in sessions {
            session.begin(begin);
            match threads.iter_mut().find(|(known, _)| Arc::ptr_eq(known, &gauge)) {
                Some((_, sessions)) => sessions.push(session),
                None => threads.push((gauge, vec![session])),
            }
        }
        self.loads.push(Gauges::new(threads.iter().map(|(gauge, _)| gauge.clone()).collect()));
        for (_, sessions) in threads {
            let end = self.end.clone();
            self.threads.push(std::thread::spawn(move || drive(sessions, &end)));
        }
    }

    /// Ends all threads.
    pub(crate) fn finish(&mut self) {
        self.end.call();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                let what = "a thread of the load".to_owned();
                self.end.fail(BenchError::Machine { what, why: "it panicked".to_owned() });
            }
        }
    }
}
