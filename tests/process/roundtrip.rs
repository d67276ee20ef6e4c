//! What is produced is consumed, byte for byte.

use std::time::Duration;

use rdkafka::Message;
use rdkafka::message::{Header, Headers, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use ringlog_tests::broker::Broker;
use ringlog_tests::clients::{PATIENCE, config, read_all};

use crate::{Target, unique};

type Headed = Vec<(String, Option<Vec<u8>>)>;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Record {
    key: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
    headers: Headed,
}

/// Keys, headers, null and empty values, and a value of one MiB.
fn records() -> Vec<Record> {
    let plain = |value: &[u8]| Record { key: None, value: Some(value.into()), headers: vec![] };
    let mut large = vec![0; 1 << 20];
    let mut state = 1_u32;
    for byte in &mut large {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8;
    }
    vec![
        plain(b"plain"),
        Record { key: Some(b"key".into()), ..plain(b"value") },
        Record { key: Some(b"tombstone".into()), value: None, headers: vec![] },
        Record { key: Some(vec![]), ..plain(b"") },
        Record {
            key: Some(vec![0, 255, 10]),
            value: Some(vec![0; 1000]),
            headers: vec![
                ("trace".into(), Some(b"abc".into())),
                ("trace".into(), None),
                ("empty".into(), Some(vec![])),
            ],
        },
        plain(&large),
    ]
}

fn send(bootstrap: &str, topic: &str, codec: &str, idempotent: bool, records: &[Record]) {
    let producer: BaseProducer = config(bootstrap)
        .set("compression.type", codec)
        .set("enable.idempotence", if idempotent { "true" } else { "false" })
        .set("message.max.bytes", "4000000")
        .set("acks", "all")
        .create()
        .expect("a producer");
    for record in records {
        let mut out = BaseRecord::<[u8], [u8]>::to(topic).partition(0);
        out.key = record.key.as_deref();
        out.payload = record.value.as_deref();
        if !record.headers.is_empty() {
            let headers = record.headers.iter().fold(OwnedHeaders::new(), |all, (key, value)| {
                all.insert(Header { key, value: value.as_deref() })
            });
            out = out.headers(headers);
        }
        producer.send(out).map_err(|(error, _)| error).expect("room in the queue");
        producer.poll(Duration::ZERO);
    }
    producer.flush(PATIENCE).expect("all acknowledged");
}

fn receive(bootstrap: &str, topic: &str) -> Vec<Record> {
    let mut got = Vec::new();
    read_all(bootstrap, topic, 1, |message| {
        let headers = message.headers().map_or(vec![], |headers| {
            headers.iter().map(|h| (h.key.to_owned(), h.value.map(<[u8]>::to_vec))).collect()
        });
        got.push(Record {
            key: message.key().map(<[u8]>::to_vec),
            value: message.payload().map(<[u8]>::to_vec),
            headers,
        });
    })
    .expect("all read");
    got
}

const SETTINGS: &[&str] = &["num.partitions=1", "message.max.bytes=4000000"];

#[test]
fn every_codec_keeps_keys_headers_nulls_and_large_values() {
    let broker = Target::start(SETTINGS);
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let topic = unique(codec);
        send(&broker.bootstrap(), &topic, codec, codec == "lz4", &records());
        assert_eq!(receive(&broker.bootstrap(), &topic), records(), "codec {codec}");
    }
}

#[test]
fn records_survive_a_clean_restart() {
    let mut broker = Broker::start(SETTINGS).expect("a broker");
    send(&broker.bootstrap(), "kept", "zstd", true, &records());
    assert!(broker.stop().expect("it stops").success());
    broker.launch().expect("it starts again");
    assert_eq!(receive(&broker.bootstrap(), "kept"), records());
    send(&broker.bootstrap(), "kept", "none", true, &records());
    assert_eq!(receive(&broker.bootstrap(), "kept").len(), 2 * records().len());
}

#[test]
fn records_survive_kill_9() {
    let mut broker = Broker::start(SETTINGS).expect("a broker");
    send(&broker.bootstrap(), "kept", "none", false, &records());
    broker.kill().expect("killed");
    broker.launch().expect("it starts again");
    assert_eq!(receive(&broker.bootstrap(), "kept"), records());
}

#[test]
fn small_segments_roll_and_are_read_back() {
    let mut broker =
        Broker::start(&["num.partitions=1", "log.segment.bytes=1048576"]).expect("a broker");
    let many: Vec<Record> = (0..4000)
        .map(|n| Record {
            key: Some(format!("{n}").into()),
            value: Some(vec![(n % 251) as u8; 2000]),
            headers: vec![],
        })
        .collect();
    send(&broker.bootstrap(), "rolled", "none", true, &many);
    assert_eq!(receive(&broker.bootstrap(), "rolled"), many);
    broker.kill().expect("killed");
    broker.launch().expect("it starts again");
    assert_eq!(receive(&broker.bootstrap(), "rolled"), many);
    assert!(broker.stop().expect("it stops").success());
    broker.launch().expect("it starts again");
    assert_eq!(receive(&broker.bootstrap(), "rolled"), many);
}

#[test]
fn segments_roll_by_the_age_of_their_first_record() {
    let mut broker = Broker::start(&["num.partitions=1", "log.roll.ms=60000"]).expect("a broker");
    let producer: BaseProducer =
        config(&broker.bootstrap()).set("acks", "all").create().expect("a producer");
    let since = std::time::UNIX_EPOCH.elapsed().expect("a clock after 1970");
    let now = i64::try_from(since.as_millis()).expect("milliseconds");
    // A minute after the first of a segment belongs to it, anything later does not.
    for age in [200_000, 170_000, 140_000, 139_999, 100_000, 79_000] {
        let record = BaseRecord::<(), str>::to("aged").payload("value").timestamp(now - age);
        producer.send(record).map_err(|(error, _)| error).expect("room in the queue");
        // Each in a batch of its own.
        producer.flush(PATIENCE).expect("acknowledged");
    }
    assert!(broker.stop().expect("it stops").success());
    let files = std::fs::read_dir(broker.data().join("aged-0")).expect("a directory");
    let names = files.map(|file| file.expect("a file").file_name().into_string().expect("text"));
    let bases = names.filter_map(|name| name.strip_suffix(".log")?.parse().ok());
    let mut bases: Vec<u64> = bases.collect();
    bases.sort_unstable();
    assert_eq!(bases, [0, 3, 5]);
}
