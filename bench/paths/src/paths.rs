//! The hot paths: each once, for instructions and for seconds.

use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::rc::Rc;

use ringlog::protocol::generated::fetch_request::{FetchPartition, FetchTopic};
use ringlog::protocol::generated::fetch_response::{FetchableTopicResponse, PartitionData};
use ringlog::protocol::generated::produce_request::{PartitionProduceData, TopicProduceData};
use ringlog::protocol::generated::produce_response::{
    PartitionProduceResponse, TopicProduceResponse,
};
use ringlog::protocol::generated::{FetchRequest, FetchResponse, ProduceRequest, ProduceResponse};
use ringlog::protocol::{IncomingRequest, Request, encode_request, encode_response};
use ringlog_engine::arena::Slice;
use ringlog_engine::batch::{BatchBuilder, BatchLimits, BatchView, NewRecord, validate};
use ringlog_engine::exec::TURN_TASKS;
use ringlog_engine::io::ShardId;
use ringlog_engine::segment::offset_index::{OffsetEntry, OffsetIndex};
use ringlog_engine::segment::time_index::{TimeEntry, TimeIndex};
use ringlog_engine::shard::Mesh;

use crate::machine::WALL_MS;
use crate::node::{Node, Shard};

pub(crate) const TOPIC: &str = "measurements";
/// Versions that librdkafka asks for, which name the topic.
pub(crate) const PRODUCE_VERSION: i16 = 10;
pub(crate) const FETCH_VERSION: i16 = 12;

const KIB: usize = 1 << 10;
const MB: usize = 1_000_000;

/// Entries of the indexes that are looked at: those of 64 KiB of an offset index, which a read takes whole.
const INDEX_ENTRIES: usize = 64 * KIB / 8;

/// Something that is done for each request, batch or task.
#[derive(Debug)]
pub struct Path {
    /// What it is called on the command line and in `bench/instructions.tsv`.
    pub name: &'static str,
    /// What is done, in words.
    pub what: &'static str,
    /// Bytes of records that it goes over.
    pub bytes: usize,
    /// How often it is done to be counted: more often does not change the count of one.
    pub times: u64,
    /// Prepares it and returns what does it once.
    pub prepare: fn() -> Box<dyn FnMut()>,
}

/// All of them.
pub const PATHS: &[Path] = &[
    Path {
        name: "nothing",
        what: "repeating, which is taken off the instructions of all others",
        bytes: 0,
        times: 1000,
        prepare: || Box::new(|| {}),
    },
    Path {
        name: "validate-1k",
        what: "validation of a batch of one record of 1 KiB",
        bytes: KIB,
        times: 1000,
        prepare: || validation(1, KIB),
    },
    Path {
        name: "validate-1m",
        what: "validation of a batch of 1 MB, records of 1,000 bytes",
        bytes: MB,
        times: 10,
        prepare: || validation(980, 1000),
    },
    Path {
        name: "crc-64k",
        what: "CRC-32C of a batch of 64 KiB",
        bytes: 64 * KIB,
        times: 100,
        prepare: checksum,
    },
    Path {
        name: "produce-codec",
        what: "decoding a Produce request, encoding its answer",
        bytes: 0,
        times: 1000,
        prepare: produce_codec,
    },
    Path {
        name: "fetch-codec",
        what: "decoding a Fetch request, encoding its answer",
        bytes: 0,
        times: 1000,
        prepare: fetch_codec,
    },
    Path {
        name: "offset-lookup",
        what: "an offset in an index of 64 KiB",
        bytes: 0,
        times: 8000,
        prepare: offset_lookup,
    },
    Path {
        name: "time-lookup",
        what: "a timestamp in an index of 96 KiB",
        bytes: 0,
        times: 8000,
        prepare: time_lookup,
    },
    Path {
        name: "task",
        what: "a task: spawned, polled, woken, polled, ended",
        bytes: 0,
        times: 1000,
        prepare: task,
    },
    Path {
        name: "hop",
        what: "work sent to another shard, its result brought back",
        bytes: 0,
        times: 1000,
        prepare: hop,
    },
    Path {
        name: "produce-1k",
        what: "the broker: a Produce request of one record of 1 KiB, from socket to socket",
        bytes: KIB,
        times: 500,
        prepare: || Box::new(Node::start().producing(&batch(1, KIB))),
    },
    Path {
        name: "produce-1m",
        what: "the broker: a Produce request of a batch of 1 MB",
        bytes: MB,
        times: 20,
        prepare: || Box::new(Node::start().producing(&batch(980, 1000))),
    },
    Path {
        name: "fetch-1k",
        what: "the broker: a Fetch request that finds one record of 1 KiB in the tail",
        bytes: KIB,
        times: 500,
        prepare: || Box::new(Node::start().fetching(&batch(1, KIB))),
    },
    Path {
        name: "fetch-1m",
        what: "the broker: a Fetch request that finds a batch of 1 MB in the tail",
        bytes: MB,
        times: 100,
        prepare: || Box::new(Node::start().fetching(&batch(980, 1000))),
    },
];

/// A batch of `records` with values of noise, the same each time.
pub(crate) fn batch(records: usize, value_bytes: usize) -> Vec<u8> {
    let mut builder = BatchBuilder::default();
    let mut noise = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..records {
        let value: Vec<u8> = (0..value_bytes)
            .map(|_| {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                (noise >> 32) as u8
            })
            .collect();
        let record = NewRecord { timestamp: WALL_MS, value: Some(&value), ..NewRecord::default() };
        builder.push(record);
    }
    builder.build().expect("it is small")
}

/// A request as it is sent, its length in front.
pub(crate) fn frame<M: Request>(version: i16, request: &M) -> Slice {
    let pieces = encode_request(version, 1, Some("rdkafka"), request).expect("it can be encoded");
    let bytes: Vec<u8> = pieces.iter().flat_map(|piece| piece.to_vec()).collect();
    Slice::copy_from(&bytes)
}

pub(crate) fn produce_request(batch: &[u8]) -> ProduceRequest {
    let records = Some(vec![Slice::copy_from(batch)]);
    ProduceRequest {
        acks: -1,
        timeout_ms: 30_000,
        topic_data: vec![TopicProduceData {
            name: TOPIC.to_owned(),
            partition_data: vec![PartitionProduceData { index: 0, records }],
            ..TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

pub(crate) fn fetch_request() -> FetchRequest {
    FetchRequest {
        max_wait_ms: 500,
        min_bytes: 1,
        max_bytes: 50 << 20,
        session_epoch: -1,
        topics: vec![FetchTopic {
            topic: TOPIC.to_owned(),
            partitions: vec![FetchPartition {
                current_leader_epoch: -1,
                partition_max_bytes: 2 << 20,
                ..FetchPartition::default()
            }],
            ..FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}

fn validation(records: usize, value_bytes: usize) -> Box<dyn FnMut()> {
    let batch = batch(records, value_bytes);
    let limits = BatchLimits { batch_bytes_max: 2 << 20 };
    Box::new(move || {
        let valid = validate(black_box(&batch), &limits).expect("it is valid");
        assert_eq!(valid.records, records as i64);
    })
}

fn checksum() -> Box<dyn FnMut()> {
    let batch = batch(1, 64 * KIB);
    Box::new(move || {
        let (view, _) = BatchView::split_first(black_box(&batch)).expect("it is whole");
        assert_eq!(view.computed_crc(), view.crc());
    })
}

fn produce_codec() -> Box<dyn FnMut()> {
    let request = frame(PRODUCE_VERSION, &produce_request(&batch(1, KIB)));
    let answer = PartitionProduceResponse { base_offset: 7, ..PartitionProduceResponse::default() };
    let answer = ProduceResponse {
        responses: vec![TopicProduceResponse {
            name: TOPIC.to_owned(),
            partition_responses: vec![answer],
            ..TopicProduceResponse::default()
        }],
        ..ProduceResponse::default()
    };
    Box::new(move || {
        let request = IncomingRequest::parse(black_box(&request[4..])).expect("a request");
        let view = request.decode::<ProduceRequest>().expect("it can be read");
        let topics = view.topic_data.iter();
        let bytes = |records: Option<&[u8]>| records.map_or(0, <[u8]>::len);
        let parts = topics.flat_map(|topic| topic.partition_data.iter());
        assert!(parts.map(|part| bytes(part.records)).sum::<usize>() > KIB);
        black_box(encode_response::<ProduceRequest>(PRODUCE_VERSION, 1, black_box(&answer)))
            .expect("it can be encoded");
    })
}

fn fetch_codec() -> Box<dyn FnMut()> {
    let request = frame(FETCH_VERSION, &fetch_request());
    let records = Slice::copy_from(&batch(1, KIB));
    let part = PartitionData {
        high_watermark: 1,
        last_stable_offset: 1,
        aborted_transactions: None,
        preferred_read_replica: -1,
        records: Some(vec![records]),
        ..PartitionData::default()
    };
    let answer = FetchResponse {
        responses: vec![FetchableTopicResponse {
            topic: TOPIC.to_owned(),
            partitions: vec![part],
            ..FetchableTopicResponse::default()
        }],
        ..FetchResponse::default()
    };
    Box::new(move || {
        let request = IncomingRequest::parse(black_box(&request[4..])).expect("a request");
        let view = request.decode::<FetchRequest>().expect("it can be read");
        let parts = view.topics.iter().flat_map(|topic| topic.partitions.iter());
        assert_eq!(parts.map(|part| part.fetch_offset).sum::<i64>(), 0);
        black_box(encode_response::<FetchRequest>(FETCH_VERSION, 1, black_box(&answer)))
            .expect("it can be encoded");
    })
}

/// Entries that are looked up one after the other, in an order of which no step tells the next.
fn scattered() -> impl Iterator<Item = i64> {
    (1..).map(|n: i64| n * 2_654_435_761 % INDEX_ENTRIES as i64)
}

fn offset_lookup() -> Box<dyn FnMut()> {
    let entries =
        (0..INDEX_ENTRIES).map(|n| OffsetEntry { offset: 4 * n as i64, position: n as u32 });
    let encoded = entries.map(|entry| entry.encode(0).expect("it is near"));
    let bytes: Vec<u8> = encoded.flatten().collect();
    let mut wanted = scattered();
    Box::new(move || {
        let entry = wanted.next().unwrap_or(0);
        let index = OffsetIndex::new(black_box(&bytes), 0);
        assert_eq!(i64::from(index.lookup(4 * entry + 3).position), entry);
    })
}

fn time_lookup() -> Box<dyn FnMut()> {
    let at = |n: i64| WALL_MS + 10 * n;
    let entries = (0..INDEX_ENTRIES as i64).map(|n| TimeEntry { timestamp: at(n), offset: n });
    let encoded = entries.map(|entry| entry.encode(0).expect("it is near"));
    let bytes: Vec<u8> = encoded.flatten().collect();
    let mut wanted = scattered();
    Box::new(move || {
        let entry = wanted.next().unwrap_or(0);
        let index = TimeIndex::new(black_box(&bytes), 0);
        assert_eq!(index.lookup(at(entry) + 5).offset, entry);
    })
}

fn task() -> Box<dyn FnMut()> {
    let shard = Shard::new(0, &Rc::new(RefCell::new(vec![false])));
    let io = shard.io();
    Box::new(move || {
        let inside = io.clone();
        let task = io.spawn(async move { inside.yield_now().await });
        shard.core().run_ready(TURN_TASKS, |_| 0);
        assert!(task.is_finished());
    })
}

fn hop() -> Box<dyn FnMut()> {
    let bells = Rc::new(RefCell::new(vec![false; 2]));
    let mut shards = [Shard::new(0, &bells), Shard::new(1, &bells)];
    let done = Rc::new(Cell::new(0_u64));
    for (shard, place) in shards.iter().zip(Mesh::<()>::new(2).into_places()) {
        let seat = place.seat(shard.io());
        seat.open(Rc::new(()));
        if seat.shard() == ShardId(0) {
            let done = done.clone();
            let asking = seat.clone();
            shard.io().spawn(async move {
                while asking.submit_to(ShardId(1), |_| async {}).await.is_ok() {
                    done.set(done.get() + 1);
                }
            });
        }
    }
    Box::new(move || {
        let before = done.get();
        while done.get() == before {
            for shard in &mut shards {
                shard.turn();
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::PATHS;

    #[test]
    fn every_path_can_be_repeated_and_has_a_name_of_its_own() {
        for (at, path) in PATHS.iter().enumerate() {
            let mut once = (path.prepare)();
            once();
            once();
            assert!(PATHS[..at].iter().all(|other| other.name != path.name), "{}", path.name);
        }
    }
}
