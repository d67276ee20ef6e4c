//! Consumer groups.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{Message, Offset, TopicPartitionList};
use ringlog_tests::broker::Broker;
use ringlog_tests::clients::{PATIENCE, config};

use crate::{Target, unique};

const SETTINGS: &[&str] = &["num.partitions=4", "group.initial.rebalance.delay.ms=100"];

fn fill(bootstrap: &str, topic: &str, count: usize) {
    let producer: BaseProducer = config(bootstrap).create().expect("a producer");
    for n in 0..count {
        let (key, value) = (format!("key {n}"), format!("{n}"));
        producer
            .send(BaseRecord::to(topic).key(&key).payload(&value))
            .map_err(|(error, _)| error)
            .expect("room in the queue");
    }
    producer.flush(PATIENCE).expect("all acknowledged");
}

fn member(bootstrap: &str, group: &str) -> BaseConsumer {
    config(bootstrap)
        .set("group.id", group)
        .set("auto.offset.reset", "earliest")
        .set("enable.auto.commit", "false")
        .set("session.timeout.ms", "6000")
        .create()
        .expect("a consumer")
}

/// Polls all members until each holds a share of the four partitions.
fn settle(members: &[&BaseConsumer]) -> Vec<BTreeSet<i32>> {
    let began = Instant::now();
    loop {
        for member in members {
            drop(member.poll(Duration::from_millis(50)));
        }
        let shares: Vec<BTreeSet<i32>> = members
            .iter()
            .map(|member| {
                let list = member.assignment().expect("an assignment");
                list.elements().iter().map(|entry| entry.partition()).collect()
            })
            .collect();
        let all: BTreeSet<i32> = shares.iter().flatten().copied().collect();
        let held: usize = shares.iter().map(BTreeSet::len).sum();
        if shares.iter().all(|share| !share.is_empty()) && held == 4 && all.len() == 4 {
            return shares;
        }
        assert!(began.elapsed() < PATIENCE, "the group did not settle: {shares:?}");
    }
}

#[test]
fn two_members_share_the_partitions_and_one_takes_over() {
    let broker = Target::start(SETTINGS);
    let (topic, group) = (unique("shared"), unique("group"));
    fill(&broker.bootstrap(), &topic, 100);
    let (one, two) = (member(&broker.bootstrap(), &group), member(&broker.bootstrap(), &group));
    one.subscribe(&[&topic]).expect("subscribed");
    two.subscribe(&[&topic]).expect("subscribed");
    settle(&[&one, &two]);
    drop(two);
    assert_eq!(settle(&[&one])[0].len(), 4);
}

#[test]
fn committed_offsets_and_metadata_survive_kill_9() {
    let mut broker = Broker::start(SETTINGS).expect("a broker");
    fill(&broker.bootstrap(), "events", 10);
    let mut list = TopicPartitionList::new();
    for partition in 0..4 {
        list.add_partition_offset("events", partition, Offset::Offset(i64::from(partition) + 5))
            .expect("added");
    }
    let consumer = member(&broker.bootstrap(), "keeper");
    consumer.commit(&list, CommitMode::Sync).expect("committed");
    drop(consumer);
    broker.kill().expect("killed");
    broker.launch().expect("it starts again");
    let consumer = member(&broker.bootstrap(), "keeper");
    let mut asked = TopicPartitionList::new();
    asked.add_partition_range("events", 0, 3);
    let kept = consumer.committed_offsets(asked, PATIENCE).expect("offsets");
    for partition in 0..4 {
        let entry = kept.find_partition("events", partition).expect("an entry");
        assert_eq!(entry.offset(), Offset::Offset(i64::from(partition) + 5));
    }
}

#[test]
fn a_group_goes_on_where_it_stopped() {
    let mut broker = Broker::start(SETTINGS).expect("a broker");
    fill(&broker.bootstrap(), "log", 200);
    let mut seen = BTreeSet::new();
    for round in 0..2 {
        let consumer = member(&broker.bootstrap(), "readers");
        consumer.subscribe(&["log"]).expect("subscribed");
        let began = Instant::now();
        while seen.len() < 200 * (round + 1) {
            assert!(began.elapsed() < PATIENCE, "only {} records came", seen.len());
            if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) {
                let fresh = seen.insert((message.partition(), message.offset()));
                assert!(fresh, "record {}@{} came twice", message.partition(), message.offset());
            }
        }
        consumer.commit_consumer_state(CommitMode::Sync).expect("committed");
        drop(consumer);
        assert!(broker.stop().expect("it stops").success());
        broker.launch().expect("it starts again");
        fill(&broker.bootstrap(), "log", 200);
    }
}
