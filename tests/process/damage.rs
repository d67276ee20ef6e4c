//! Bytes that changed on the device while the broker was down: refused, named, and read around.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rdkafka::consumer::Consumer;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::{Message, Offset};
use ringlog_tests::broker::Broker;
use ringlog_tests::clients::{PATIENCE, config, reader};

const RECORDS: i64 = 100;

/// Produces records one by one, so that each is a batch; returns their values.
fn produce(bootstrap: &str, topic: &str) -> Vec<String> {
    let producer: ThreadedProducer<DefaultProducerContext> =
        config(bootstrap).set("batch.num.messages", "1").create().expect("a producer");
    let values: Vec<String> = (0..RECORDS).map(|n| format!("{n:03}").repeat(300)).collect();
    for value in &values {
        let record = BaseRecord::<(), str>::to(topic).payload(value).partition(0);
        producer.send(record).map_err(|(error, _)| error).expect("queued");
    }
    producer.flush(PATIENCE).expect("acknowledged");
    values
}

/// Flips a bit in the middle of a value.
fn damage(segment: &PathBuf, value: &str) {
    let mut bytes = fs::read(segment).expect("the segment");
    let at = bytes.windows(value.len()).position(|window| window == value.as_bytes());
    bytes[at.expect("the value is there") + value.len() / 2] ^= 4;
    fs::write(segment, bytes).expect("written");
}

#[test]
fn a_damaged_batch_is_told_to_the_consumer_who_reads_on_behind_it() {
    let mut broker = Broker::start(&["num.partitions=1"]).expect("a broker");
    let topic = "damaged";
    let values = produce(&broker.bootstrap(), topic);
    broker.stop().expect("stopped");
    let segment = broker.data().join("damaged-0/00000000000000000000.log");
    for n in [40, 70] {
        damage(&segment, &values[n]);
    }
    broker.launch().expect("started again");

    let consumer = reader(&broker.bootstrap(), topic, 1).expect("a consumer");
    let (mut next, mut told, since) = (0, Vec::new(), Instant::now());
    while next < RECORDS {
        assert!(since.elapsed() < PATIENCE, "at {next}, told of {told:?}");
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                assert_eq!(message.offset(), next);
                assert_eq!(message.payload(), Some(values[next as usize].as_bytes()));
                next += 1;
            }
            Some(Err(KafkaError::MessageConsumption(RDKafkaErrorCode::InvalidMessage))) => {
                told.push(next);
                next += 1;
                consumer.seek(topic, 0, Offset::Offset(next), PATIENCE).expect("sought");
            }
            Some(Err(error)) => panic!("at {next}: {error}"),
            None => {}
        }
    }
    assert_eq!(told, [40, 70]);
    let log = broker.log();
    let named = log.lines().filter(|line| line.contains("segment is damaged"));
    assert_eq!(named.count(), 2, "each place is named once:\n{log}");
}
