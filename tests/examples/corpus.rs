//! Real text through the broker: every line of the text files under some folders, one record each,
//! read by two consumer groups, across a clean restart and a kill -9. Ends with the checksum of each
//! partition on all three sides.
//!
//! `cargo run --release -p ringlog-tests --example corpus -- [MIB] [FOLDER...]`
#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::Message;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use ringlog_tests::broker::Broker;
use ringlog_tests::clients::config;

type Error = Box<dyn std::error::Error + Send + Sync>;

const TOPIC: &str = "corpus";
const PARTITIONS: i32 = 4;

/// Count, bytes and running checksum of a partition's records in offset order.
#[derive(Default)]
struct Sum {
    records: u64,
    bytes: u64,
    hash: DefaultHasher,
}

impl Sum {
    fn add(&mut self, value: &[u8]) {
        self.records += 1;
        self.bytes += value.len() as u64;
        self.hash.write_usize(value.len());
        self.hash.write(value);
    }

    fn show(&self) -> (u64, u64, u64) {
        (self.records, self.bytes, self.hash.finish())
    }
}

#[derive(Default)]
struct Sent {
    sums: Mutex<BTreeMap<i32, Sum>>,
    failed: Mutex<Option<KafkaError>>,
}

struct Reports(Arc<Sent>);

impl ClientContext for Reports {}

impl ProducerContext for Reports {
    type DeliveryOpaque = ();

    fn delivery(&self, report: &DeliveryResult<'_>, (): ()) {
        match report {
            Ok(message) => {
                let mut sums = self.0.sums.lock().unwrap_or_else(PoisonError::into_inner);
                sums.entry(message.partition()).or_default().add(message.payload().unwrap_or(b""));
            }
            Err((error, _)) => {
                let mut failed = self.0.failed.lock().unwrap_or_else(PoisonError::into_inner);
                failed.get_or_insert(error.clone());
            }
        }
    }
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let Ok(mib) = words.next().map_or(Ok(1024), |word| word.parse::<u64>()) else {
        eprintln!("usage: corpus [MIB] [FOLDER...]");
        return ExitCode::from(2);
    };
    let mut folders: Vec<PathBuf> = words.map(PathBuf::from).collect();
    if folders.is_empty() {
        folders.push("/usr".into());
        folders.extend(std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    }
    match run(mib << 20, &folders) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("checksums differ");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(limit: u64, folders: &[PathBuf]) -> Result<bool, Error> {
    let partitions = format!("num.partitions={PARTITIONS}");
    let mut broker = Broker::start(&[&partitions, "group.initial.rebalance.delay.ms=0"])?;
    let bootstrap = broker.bootstrap();
    let done = AtomicBool::new(false);
    let produced = AtomicU64::new(0);
    let sent = Arc::new(Sent::default());
    let began = Instant::now();
    let groups = std::thread::scope(|scope| {
        let readers: Vec<_> = ["blue", "green"]
            .map(|group| {
                let (bootstrap, done, sent) = (&bootstrap, &done, &sent);
                scope.spawn(move || consume(bootstrap, group, done, sent))
            })
            .into();
        let writer = scope.spawn(|| produce(&bootstrap, folders, limit, &sent, &produced));
        // One clean restart after a third, one kill -9 after two thirds.
        for (share, clean) in [(limit / 3, true), (limit / 3 * 2, false)] {
            while produced.load(Ordering::Relaxed) < share && !writer.is_finished() {
                std::thread::sleep(Duration::from_millis(20));
            }
            if clean {
                broker.stop()?;
            } else {
                broker.kill()?;
            }
            let took = broker.launch()?;
            eprintln!(
                "{} restart: serving after {took:?}",
                if clean { "clean" } else { "kill -9" }
            );
        }
        let written = writer.join().map_err(|_| io::Error::other("the writer panicked"))?;
        done.store(true, Ordering::Relaxed);
        written?;
        eprintln!("all acknowledged after {:?}", began.elapsed());
        readers
            .into_iter()
            .map(|reader| reader.join().map_err(|_| io::Error::other("a reader panicked"))?)
            .collect::<Result<Vec<_>, Error>>()
    })?;
    let sums = sent.sums.lock().unwrap_or_else(PoisonError::into_inner);
    let mut equal = true;
    println!("partition  side      records        bytes  checksum");
    for (partition, sum) in sums.iter() {
        let (records, bytes, hash) = sum.show();
        println!("{partition:9}  produced  {records:7} {bytes:12}  {hash:016x}");
        for (name, group) in ["blue", "green"].iter().zip(&groups) {
            let (records, bytes, hash) = group.get(partition).map(Sum::show).unwrap_or_default();
            println!("{partition:9}  {name:8}  {records:7} {bytes:12}  {hash:016x}");
            equal &= sum.show() == (records, bytes, hash);
        }
    }
    println!("{} in {:?}", if equal { "equal" } else { "NOT EQUAL" }, began.elapsed());
    Ok(equal)
}

fn produce(
    bootstrap: &str,
    folders: &[PathBuf],
    limit: u64,
    sent: &Arc<Sent>,
    produced: &AtomicU64,
) -> Result<(), Error> {
    let producer: ThreadedProducer<Reports> = config(bootstrap)
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("linger.ms", "5")
        .set("compression.type", "lz4")
        .set("message.max.bytes", "1000000")
        .set("message.timeout.ms", "120000")
        .create_with_context(Reports(sent.clone()))?;
    let mut bytes = 0;
    let mut send = |file: &Path, line: &[u8]| {
        let key = file.as_os_str().as_encoded_bytes();
        let mut record = BaseRecord::to(TOPIC).key(key).payload(line);
        loop {
            match producer.send(record) {
                Ok(()) => break,
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err((error, _)) => return Err(error),
            }
        }
        bytes += line.len() as u64;
        produced.store(bytes, Ordering::Relaxed);
        Ok(bytes < limit)
    };
    for folder in folders {
        if !walk(folder, &mut send)? {
            break;
        }
    }
    producer.flush(Duration::from_secs(150))?;
    let failed = sent.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
    failed.map_or(Ok(()), |error| Err(error.into()))
}

/// Sends every line of every text file below `folder`; stops when `send` says so.
fn walk(
    folder: &Path,
    send: &mut impl FnMut(&Path, &[u8]) -> Result<bool, KafkaError>,
) -> Result<bool, KafkaError> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(true) };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let Ok(about) = path.symlink_metadata() else { continue };
        if about.is_dir() {
            if !walk(&path, send)? {
                return Ok(false);
            }
        } else if about.is_file() && about.len() < 64 << 20 {
            let Ok(text) = std::fs::read(&path) else { continue };
            if text.iter().take(8192).any(|&byte| byte == 0) {
                continue;
            }
            for line in text.split(|&byte| byte == b'\n').filter(|line| line.len() < 900_000) {
                if !send(&path, line)? {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

type Sums = BTreeMap<i32, Sum>;

/// Reads as a member of `group` until it has all that was acknowledged.
fn consume(bootstrap: &str, group: &str, done: &AtomicBool, sent: &Sent) -> Result<Sums, Error> {
    let consumer: BaseConsumer = config(bootstrap)
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("session.timeout.ms", "6000")
        .set("topic.metadata.refresh.interval.ms", "1000")
        .set("check.crcs", "true")
        .create()?;
    consumer.subscribe(&[TOPIC])?;
    let mut sums: Sums = BTreeMap::new();
    let mut next: BTreeMap<i32, i64> = BTreeMap::new();
    let mut committed = Instant::now();
    let mut news = Instant::now();
    loop {
        if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) {
            news = Instant::now();
            let expected = next.entry(message.partition()).or_default();
            // After a restart the group goes on from its last commit: what was seen comes again.
            if message.offset() > *expected {
                let text = format!("{group}: offset {} after {expected}", message.offset());
                return Err(io::Error::other(text).into());
            }
            if message.offset() == *expected {
                *expected += 1;
                let sum = sums.entry(message.partition()).or_default();
                sum.add(message.payload().unwrap_or(b""));
            }
        } else if done.load(Ordering::Relaxed) {
            let total = |sums: &Sums| sums.values().map(|sum| sum.records).sum::<u64>();
            let all = total(&sent.sums.lock().unwrap_or_else(PoisonError::into_inner));
            if total(&sums) >= all {
                consumer.commit_consumer_state(CommitMode::Sync)?;
                return Ok(sums);
            }
            if news.elapsed() > Duration::from_secs(60) {
                let text = format!("{group}: {} of {all} records came", total(&sums));
                return Err(io::Error::other(text).into());
            }
        }
        if committed.elapsed() > Duration::from_millis(500) {
            committed = Instant::now();
            // A commit may fail while the broker is down; the next one covers it.
            consumer.commit_consumer_state(CommitMode::Async).unwrap_or_default();
        }
    }
}
