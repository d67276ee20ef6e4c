//! kill -9 under load, and a stop in order. Two hundred kills: `cargo run --release -p ringlog-tests --example torture`.

use std::fs;

use ringlog_tests::broker::Broker;
use ringlog_tests::clients::PATIENCE;
use ringlog_tests::torture::{Plan, run};

use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

#[test]
fn twenty_kills_lose_nothing() {
    let outcome = run(&Plan::default(), |_, _| ()).expect("nothing lost");
    assert!(outcome.commits > 0, "the group never committed");
}

#[test]
fn kills_between_rolled_segments_and_recycled_journals_lose_nothing() {
    let settings =
        ["log.segment.bytes=1048576", "ringlog.journal.file.bytes=4194304", "ringlog.cores=0,1"];
    let plan = Plan {
        kills: 8,
        seed: 7,
        settings: settings.iter().map(|s| (*s).to_owned()).collect(),
        ..Plan::default()
    };
    run(&plan, |_, _| ()).expect("nothing lost");
}

#[test]
fn a_stop_in_order_leaves_kafkas_files_and_a_start_takes_its_mark_away() {
    let mut broker = Broker::start(&["num.partitions=1", "node.id=7"]).expect("a broker");
    let config = ringlog_tests::clients::config(&broker.bootstrap());
    let producer: BaseProducer = config.create().expect("a producer");
    for _ in 0..3 {
        producer
            .send(BaseRecord::<(), str>::to("orders").payload("v").partition(0))
            .expect("queued");
    }
    producer.flush(PATIENCE).expect("acknowledged");
    assert!(!broker.data().join(".kafka_cleanshutdown").exists());
    assert!(broker.stop().expect("stopped").success());

    let read = |name: &str| fs::read_to_string(broker.data().join(name)).expect(name);
    let checkpoint = "0\n2\n__cluster_metadata 0 ";
    for name in ["recovery-point-offset-checkpoint", "replication-offset-checkpoint"] {
        let text = read(name);
        assert!(text.starts_with(checkpoint) && text.ends_with("\norders 0 3\n"), "{name}: {text}");
    }
    assert!(read("log-start-offset-checkpoint").ends_with("\norders 0 0\n"));
    let meta = read("meta.properties");
    assert!(meta.starts_with("version=1\ncluster.id=") && meta.contains("\nnode.id=7\n"), "{meta}");
    assert!(meta.contains("\ndirectory.id="), "{meta}");
    assert_eq!(read(".kafka_cleanshutdown"), r#"{"version":0,"brokerEpoch":-1}"#);

    broker.launch().expect("started again");
    assert!(!broker.data().join(".kafka_cleanshutdown").exists(), "it is not true any more");
    broker.kill().expect("killed");
    assert!(!broker.data().join(".kafka_cleanshutdown").exists());
}
