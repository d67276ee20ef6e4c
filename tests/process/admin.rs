//! Administration: topics, partitions, settings, records deleted by order and by retention.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use rdkafka::admin::{
    AdminOptions, AlterConfig, ConfigResource, ConfigSource, NewPartitions, NewTopic,
    ResourceSpecifier, TopicReplication, TopicResult,
};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer, ProducerContext};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientContext, Message, Offset, TopicPartitionList};
use ringlog_tests::broker::Broker;
use ringlog_tests::clients::{PATIENCE, admin, config, read_all};

use crate::{Target, unique};

const SETTINGS: &[&str] = &["log.retention.check.interval.ms=100"];

/// Drives a future of librdkafka's, which is woken by its own thread.
fn wait<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::park(),
        }
    }
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(PATIENCE)).operation_timeout(Some(PATIENCE))
}

fn code(result: &TopicResult) -> Option<RDKafkaErrorCode> {
    result.as_ref().err().map(|(_, code)| *code)
}

fn create(bootstrap: &str, topics: &[NewTopic<'_>]) -> Vec<TopicResult> {
    let admin = admin(bootstrap).expect("an admin client");
    wait(admin.create_topics(topics, &options())).expect("answers")
}

fn one(name: &str, partitions: i32) -> NewTopic<'_> {
    NewTopic::new(name, partitions, TopicReplication::Fixed(1))
}

fn describe(bootstrap: &str, what: &ResourceSpecifier<'_>) -> ConfigResource {
    let admin = admin(bootstrap).expect("an admin client");
    let mut found = wait(admin.describe_configs([what], &options())).expect("an answer");
    found.remove(0).expect("a configuration")
}

/// Sets these and takes back all others. The crate does not hand on why a topic was refused.
fn alter(bootstrap: &str, topic: &str, settings: &[(&str, &str)]) {
    let admin = admin(bootstrap).expect("an admin client");
    let wish = AlterConfig::new(ResourceSpecifier::Topic(topic));
    let wish = settings.iter().fold(wish, |wish, (key, value)| wish.set(key, value));
    wait(admin.alter_configs([&wish], &options())).expect("an answer");
}

/// A producer that remembers the error of its last record.
#[derive(Default, Clone)]
struct LastError(Arc<std::sync::Mutex<Option<KafkaError>>>);

impl ClientContext for LastError {}

impl ProducerContext for LastError {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, _: ()) {
        *self.0.lock().expect("a lock") = result.as_ref().err().map(|(error, _)| error.clone());
    }
}

/// Sends records, all with the same timestamp when one is given, and returns the last one's error.
fn send_all(
    bootstrap: &str,
    topic: &str,
    records: usize,
    bytes: usize,
    timestamp: Option<i64>,
) -> Option<RDKafkaErrorCode> {
    let last = LastError::default();
    let producer: BaseProducer<LastError> = config(bootstrap)
        // What may pass by itself is told at once.
        .set("retries", "0")
        .create_with_context(last.clone())
        .expect("a producer");
    let value = vec![7; bytes];
    for _ in 0..records {
        let mut record = BaseRecord::<(), _>::to(topic).partition(0).payload(&value);
        record.timestamp = timestamp;
        producer.send(record).map_err(|(error, _)| error).expect("room in the queue");
    }
    producer.flush(PATIENCE).expect("all answered");
    let error = last.0.lock().expect("a lock").take();
    error.and_then(|error| error.rdkafka_error_code())
}

fn send(bootstrap: &str, topic: &str, records: usize, bytes: usize) -> Option<RDKafkaErrorCode> {
    send_all(bootstrap, topic, records, bytes, None)
}

/// Sends a record with a timestamp to the topic `t`.
fn send_at(bootstrap: &str, timestamp: i64) -> Option<RDKafkaErrorCode> {
    send_all(bootstrap, "t", 1, 10, Some(timestamp))
}

/// First and last offset of a partition.
fn watermarks(bootstrap: &str, topic: &str) -> (i64, i64) {
    let consumer: BaseConsumer = config(bootstrap).create().expect("a consumer");
    consumer.fetch_watermarks(topic, 0, PATIENCE).expect("offsets")
}

/// Segments of a partition that have files.
fn segments(broker: &Broker, topic: &str) -> Vec<i64> {
    let dir = broker.data().join(format!("{topic}-0"));
    let names = std::fs::read_dir(dir).expect("the partition's directory");
    let base = |name: std::ffi::OsString| {
        name.to_str().and_then(|name| name.strip_suffix(".log")?.parse().ok())
    };
    let mut bases: Vec<i64> = names.filter_map(|entry| base(entry.ok()?.file_name())).collect();
    bases.sort_unstable();
    bases
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "{what}: not in {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn topics_are_created_grown_and_deleted() {
    let broker = Target::start(SETTINGS);
    let bootstrap = broker.bootstrap();
    let (topic, bad) = (unique("made"), unique("bad"));
    let wish = [one(&topic, 3), one(&bad, 1).set("bogus.key", "1")];
    let made = create(&bootstrap, &wish);
    let codes: BTreeMap<&str, _> = made
        .iter()
        .map(|result| match result {
            Ok(name) => (name.as_str(), None),
            Err((name, code)) => (name.as_str(), Some(*code)),
        })
        .collect();
    let invalid = Some(RDKafkaErrorCode::InvalidConfig);
    assert_eq!(codes, BTreeMap::from([(topic.as_str(), None), (bad.as_str(), invalid)]));
    let again = create(&bootstrap, &[one(&topic, 1)]);
    assert_eq!(code(&again[0]), Some(RDKafkaErrorCode::TopicAlreadyExists));

    let client = admin(&bootstrap).expect("an admin client");
    let partitions = || {
        let metadata = client.inner().fetch_metadata(Some(&topic), PATIENCE).expect("metadata");
        metadata.topics()[0].partitions().len()
    };
    assert_eq!(partitions(), 3);
    for (count, refused) in [(5, None), (2, Some(RDKafkaErrorCode::InvalidPartitions))] {
        let grown = [NewPartitions::new(&topic, count)];
        let grown = wait(client.create_partitions(&grown, &options())).expect("an answer");
        assert_eq!(code(&grown[0]), refused);
    }
    assert_eq!(partitions(), 5);

    let gone = wait(client.delete_topics(&[&topic], &options())).expect("an answer");
    assert_eq!(code(&gone[0]), None);
    let gone = wait(client.delete_topics(&[&topic], &options())).expect("an answer");
    assert_eq!(code(&gone[0]), Some(RDKafkaErrorCode::UnknownTopicOrPartition));
}

#[test]
fn what_is_not_followed_is_refused() {
    let broker = Broker::start(SETTINGS).expect("a broker");
    for (key, value) in [("cleanup.policy", "compact"), ("compression.type", "gzip")] {
        let refused = create(&broker.bootstrap(), &[one("t", 1).set(key, value)]);
        assert_eq!(code(&refused[0]), Some(RDKafkaErrorCode::InvalidConfig), "{key}={value}");
    }
    create(&broker.bootstrap(), &[one("t", 1)]).remove(0).expect("created");
    let both = [("cleanup.policy", "compact"), ("retention.ms", "7")];
    alter(&broker.bootstrap(), "t", &both);
    let found = describe(&broker.bootstrap(), &ResourceSpecifier::Topic("t"));
    for name in ["cleanup.policy", "retention.ms"] {
        assert_eq!(found.get(name).expect("a setting").source, ConfigSource::Default, "{name}");
    }
}

#[test]
fn settings_are_described_with_where_they_come_from() {
    let broker =
        Broker::start(&["message.max.bytes=7000", "log.segment.bytes=2000000"]).expect("a broker");
    let bootstrap = broker.bootstrap();
    let topic = one("t", 1).set("max.message.bytes", "5000").set("retention.ms", "60000");
    create(&bootstrap, &[topic]).remove(0).expect("created");
    let found = describe(&bootstrap, &ResourceSpecifier::Topic("t"));
    let shown = |name: &str| {
        let entry = found.get(name).expect("a setting");
        (entry.value.as_deref(), &entry.source, entry.is_read_only)
    };
    use ConfigSource::{Default, DynamicTopic, StaticBroker};
    assert_eq!(shown("max.message.bytes"), (Some("5000"), &DynamicTopic, false));
    assert_eq!(shown("retention.ms"), (Some("60000"), &DynamicTopic, false));
    assert_eq!(shown("segment.bytes"), (Some("2000000"), &StaticBroker, false));
    assert_eq!(shown("retention.bytes"), (Some("-1"), &Default, false));

    let node = describe(&bootstrap, &ResourceSpecifier::Broker(1));
    let node_id = node.get("node.id").expect("a setting");
    assert!(node_id.is_read_only && node_id.value.as_deref() == Some("1"));
    let limit = node.get("message.max.bytes").expect("a setting");
    assert!(!limit.is_read_only && limit.value.as_deref() == Some("7000"));
}

#[test]
fn altered_settings_hold_at_once_and_after_kill_9() {
    let mut broker = Broker::start(SETTINGS).expect("a broker");
    let bootstrap = broker.bootstrap();
    let topic = one("t", 1).set("retention.ms", "60000000");
    create(&bootstrap, &[topic]).remove(0).expect("created");
    assert_eq!(send(&bootstrap, "t", 1, 3000), None);
    let changes = [("max.message.bytes", "2000"), ("message.timestamp.type", "LogAppendTime")];
    alter(&bootstrap, "t", &changes);
    for restarted in [false, true] {
        if restarted {
            broker.kill().expect("killed");
            broker.launch().expect("it starts again");
        }
        let refused = Some(RDKafkaErrorCode::MessageSizeTooLarge);
        assert_eq!(send(&bootstrap, "t", 1, 3000), refused);
        assert_eq!(send(&bootstrap, "t", 1, 1000), None);
        let found = describe(&bootstrap, &ResourceSpecifier::Topic("t"));
        assert_eq!(found.get("max.message.bytes").expect("one").value.as_deref(), Some("2000"));
        // Setting all of them takes back what is not among them.
        let retention = found.get("retention.ms").expect("one");
        assert_eq!(retention.value.as_deref(), Some("604800000"));
        assert_eq!(retention.source, ConfigSource::Default);
    }
    let mut kinds = Vec::new();
    read_all(&bootstrap, "t", 1, |message| {
        kinds.push(matches!(message.timestamp(), rdkafka::Timestamp::LogAppendTime(_)));
    })
    .expect("records");
    assert_eq!(kinds, [false, true, true]);
}

#[test]
fn limits_of_timestamps_and_replicas_hold_at_once() {
    let broker = Broker::start(SETTINGS).expect("a broker");
    let bootstrap = broker.bootstrap();
    create(&bootstrap, &[one("t", 1)]).remove(0).expect("created");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = i64::try_from(now.expect("after 1970").as_millis()).expect("a time");
    let (past, future) = (now - 100_000_000, now + 1_000_000);
    let invalid = Some(RDKafkaErrorCode::InvalidTimestamp);
    assert_eq!(send_at(&bootstrap, past), None);
    assert_eq!(send_at(&bootstrap, future), None);
    alter(&bootstrap, "t", &[("message.timestamp.before.max.ms", "50000000")]);
    assert_eq!((send_at(&bootstrap, past), send_at(&bootstrap, future)), (invalid, None));
    alter(&bootstrap, "t", &[("message.timestamp.after.max.ms", "500000")]);
    assert_eq!((send_at(&bootstrap, past), send_at(&bootstrap, future)), (None, invalid));
    // One node has one replica: more are never in sync.
    alter(&bootstrap, "t", &[("min.insync.replicas", "2")]);
    assert_eq!(send_at(&bootstrap, now), Some(RDKafkaErrorCode::NotEnoughReplicas));
    alter(&bootstrap, "t", &[]);
    assert_eq!(send_at(&bootstrap, now), None);
    assert_eq!(watermarks(&bootstrap, "t"), (0, 5));
}

#[test]
fn deleted_records_stay_deleted() {
    let mut broker = Broker::start(SETTINGS).expect("a broker");
    let bootstrap = broker.bootstrap();
    create(&bootstrap, &[one("t", 1)]).remove(0).expect("created");
    assert_eq!(send(&bootstrap, "t", 100, 10), None);
    let client = admin(&bootstrap).expect("an admin client");
    let delete = |before: Offset| {
        let mut list = TopicPartitionList::new();
        list.add_partition_offset("t", 0, before).expect("added");
        let done = wait(client.delete_records(&list, &options())).expect("an answer");
        let entry = done.find_partition("t", 0).expect("an entry");
        entry.error().map(|()| entry.offset()).map_err(|error| error.rdkafka_error_code())
    };
    assert_eq!(delete(Offset::Offset(60)), Ok(Offset::Offset(60)));
    assert_eq!(delete(Offset::Offset(101)), Err(Some(RDKafkaErrorCode::OffsetOutOfRange)));
    broker.kill().expect("killed");
    broker.launch().expect("it starts again");
    assert_eq!(watermarks(&bootstrap, "t"), (60, 100));
    let mut offsets = Vec::new();
    read_all(&bootstrap, "t", 1, |message| offsets.push(message.offset())).expect("records");
    assert_eq!(offsets, (60..100).collect::<Vec<i64>>());
    assert_eq!(delete(Offset::End), Ok(Offset::Offset(100)));
    assert_eq!(watermarks(&bootstrap, "t"), (100, 100));
}

#[test]
fn retention_by_size_deletes_segments() {
    let mut broker = Broker::start(SETTINGS).expect("a broker");
    let bootstrap = broker.bootstrap();
    let topic = one("t", 1).set("segment.bytes", "1048576");
    create(&bootstrap, &[topic]).remove(0).expect("created");
    assert_eq!(send(&bootstrap, "t", 6000, 1000), None);
    assert_eq!(watermarks(&bootstrap, "t"), (0, 6000));
    let limit = [("segment.bytes", "1048576"), ("retention.bytes", "2097152")];
    alter(&bootstrap, "t", &limit);
    until("the log start moves", || watermarks(&bootstrap, "t").0 > 0);
    let (earliest, latest) = watermarks(&bootstrap, "t");
    assert_eq!(latest, 6000);
    until("the files are removed", || segments(&broker, "t").first() == Some(&earliest));
    let bytes: u64 = segments(&broker, "t")
        .iter()
        .map(|base| broker.data().join(format!("t-0/{base:020}.log")))
        .map(|path| std::fs::metadata(path).map_or(0, |file| file.len()))
        .sum();
    assert!(bytes < 4 << 20, "{bytes} bytes are left of 6 MB");

    broker.kill().expect("killed");
    broker.launch().expect("it starts again");
    assert_eq!(watermarks(&bootstrap, "t"), (earliest, 6000));
    let mut first = None;
    let read = read_all(&bootstrap, "t", 1, |message| {
        first.get_or_insert(message.offset());
    });
    assert_eq!(read.expect("records"), u64::try_from(6000 - earliest).expect("a count"));
    assert_eq!(first, Some(earliest));
}

#[test]
fn retention_by_time_empties_a_log() {
    let broker = Broker::start(SETTINGS).expect("a broker");
    let bootstrap = broker.bootstrap();
    create(&bootstrap, &[one("t", 1)]).remove(0).expect("created");
    assert_eq!(send(&bootstrap, "t", 100, 100), None);
    alter(&bootstrap, "t", &[("retention.ms", "1")]);
    until("all records are deleted", || watermarks(&bootstrap, "t") == (100, 100));
    alter(&bootstrap, "t", &[]);
    assert_eq!(send(&bootstrap, "t", 1, 100), None);
    assert_eq!(watermarks(&bootstrap, "t"), (100, 101));
}
