//! Files that Apache Kafka 4.3.1 wrote are read, and what we would write is the same bytes.
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::path::PathBuf;

use ringlog_engine::batch::{
    BatchIter, BatchLimits, BatchView, Compression, DECOMPRESSED_BYTES_MAX, validate,
};
use ringlog_engine::epochs::LeaderEpochs;
use ringlog_engine::log::{
    AppendOptions, AppendOrigin, LogConfig, Storage, StorageConfig, recover,
};
use ringlog_engine::producers::{MarkerKind, Producers};
use ringlog_engine::segment::names::SegmentFile;
use ringlog_engine::segment::properties::{self, MetaProperties};
use ringlog_engine::segment::{OffsetIndex, TimeIndex, checkpoint, snapshot, txn_index};
use ringlog_engine::sim::{SimConfig, World};

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn batches(log: &[u8]) -> Vec<BatchView<'_>> {
    BatchIter::new(log).collect::<Result<_, _>>().unwrap()
}

#[test]
fn the_java_producers_batches_are_read_in_every_codec() {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let log = fixture(&format!("{codec}.log"));
        let mut n = 0;
        for batch in batches(&log) {
            assert_eq!(batch.crc(), batch.computed_crc());
            assert_eq!(batch.compression(), Ok(Compression::from_name(codec).unwrap()));
            assert!(batch.has_producer());
            let records = batch.records(DECOMPRESSED_BYTES_MAX).unwrap();
            for record in records.iter() {
                let record = record.unwrap();
                assert_eq!(record.offset, n);
                let key = if n % 5 == 0 { String::new() } else { format!("key-{n}") };
                assert_eq!(record.key, Some(key.as_bytes()), "{codec} {n}");
                let value = format!("value {n} {}", "lorem ipsum dolor ".repeat(n as usize % 4));
                let value = value.as_bytes();
                assert_eq!(record.value, Some(value), "{codec} {n}");
                let headers: Vec<_> = record.headers().map(|h| (h.key, h.value)).collect();
                let first = if n % 3 == 0 { "x".to_owned() } else { format!("v{n}") };
                assert_eq!(headers[0], (&b"h1"[..], Some(first.as_bytes())));
                assert_eq!(headers.len(), if n % 3 == 0 { 1 } else { 2 });
                n += 1;
            }
        }
        assert_eq!(n, 40, "{codec}");
    }
}

#[test]
fn librdkafkas_batches_are_read_in_every_codec() {
    let log = fixture("rdkafka.log");
    let (mut records, mut codecs) = (0, Vec::new());
    for batch in batches(&log) {
        assert_eq!(batch.crc(), batch.computed_crc());
        codecs.push(batch.compression().unwrap().name());
        for record in batch.records(DECOMPRESSED_BYTES_MAX).unwrap().iter() {
            assert_eq!(record.unwrap().value.unwrap().len(), 100);
            records += 1;
        }
    }
    codecs.dedup();
    assert_eq!((records, codecs), (20, vec!["gzip", "snappy", "lz4", "zstd"]));
}

#[test]
fn a_producers_batch_is_valid_once_its_offset_is_taken_off() {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let mut log = fixture(&format!("{codec}.log"));
        let size = batches(&log)[0].size();
        log.truncate(size);
        ringlog_engine::batch::assign(&mut log, 0, -1);
        validate(&log, &BatchLimits { batch_bytes_max: 1 << 20 }).unwrap();
    }
}

/// What is on the disk when the batches of `log` were appended one by one and the storage was stopped.
fn written(log: &[u8], index_interval_bytes: u32) -> World {
    let mut world = World::new(1, SimConfig::calm());
    let batches: Vec<Vec<u8>> = batches(log).iter().map(|batch| batch.bytes().to_vec()).collect();
    world.block_on(0, move |io| async move {
        let (dir, config) = (PathBuf::from("/data"), StorageConfig::tiny());
        let recovered = recover(&io, &dir, &config).await.unwrap();
        let storage = Storage::start(io, dir, 0, config, recovered.logs).await.unwrap();
        let config = LogConfig { index_interval_bytes, ..LogConfig::default() };
        let log = storage.create_log("a-0", [1; 16], 0, config).await.unwrap();
        for batch in batches {
            let leader_epoch = BatchView::split_first(&batch).unwrap().0.leader_epoch();
            let origin = AppendOrigin::Replica;
            let how = AppendOptions { leader_epoch, origin, ..AppendOptions::default() };
            log.append(&batch, how).unwrap().durable.await.unwrap();
        }
        storage.shutdown().await.unwrap();
    });
    world
}

#[test]
fn a_log_as_we_write_it_is_kafkas() {
    for (dir, interval_bytes, end) in [("indexed-0", 300, 120), ("aborted-0", 4096, 48)] {
        let world =
            written(&fixture(&format!("{dir}/{}", SegmentFile::Log.name(0))), interval_bytes);
        let mut files = vec![
            SegmentFile::Log.name(0),
            SegmentFile::OffsetIndex.name(0),
            SegmentFile::TimeIndex.name(0),
            SegmentFile::Snapshot.name(end),
        ];
        if dir == "aborted-0" {
            files.push(SegmentFile::TxnIndex.name(0));
        }
        for name in files {
            let ours = world.disk(0, |disk| disk.contents(format!("/data/a-0/{name}")).unwrap());
            assert!(ours == fixture(&format!("{dir}/{name}")), "{dir}/{name}");
        }
    }
}

#[test]
fn indexes_of_a_rolled_log_follow_the_rules() {
    for base_offset in [0, 1025, 2049, 3075] {
        let file = |kind: SegmentFile| fixture(&format!("rolled-0/{}", kind.name(base_offset)));
        let bytes = file(SegmentFile::OffsetIndex);
        let index = OffsetIndex::new(&bytes, base_offset);
        assert_eq!(index.padding_bytes(), 0);
        index.check(1 << 20).unwrap();
        for entry in index.iter() {
            assert_eq!(index.lookup(entry.offset), entry);
            assert!(index.lookup(entry.offset - 1).offset < entry.offset);
        }
        let bytes = file(SegmentFile::TimeIndex);
        let times = TimeIndex::new(&bytes, base_offset);
        times.check().unwrap();
        assert!(times.len() * 12 == bytes.len() && !times.is_empty());
        for entry in times.iter() {
            assert_eq!(times.lookup(entry.timestamp), entry);
        }
    }
}

#[test]
fn our_snapshot_of_a_logs_producers_is_kafkas() {
    for (dir, end) in [("indexed-0", 120), ("aborted-0", 48)] {
        let log = fixture(&format!("{dir}/{}", SegmentFile::Log.name(0)));
        let mut producers = Producers::new(100);
        let mut completed = Vec::new();
        for batch in batches(&log) {
            completed.extend(producers.apply(&batch).unwrap());
        }
        let theirs = fixture(&format!("{dir}/{}", SegmentFile::Snapshot.name(end)));
        assert_eq!(snapshot::encode(&producers.to_snapshot()), theirs, "{dir}");
        let read = Producers::from_snapshot(&snapshot::decode(&theirs).unwrap(), 100);
        assert_eq!(snapshot::encode(&read.to_snapshot()), theirs, "{dir}");
        if dir == "aborted-0" {
            let theirs = fixture(&format!("{dir}/{}", SegmentFile::TxnIndex.name(0)));
            let aborted = txn_index::decode(&theirs).unwrap();
            assert_eq!(aborted[0].encode()[..], theirs);
            assert_eq!(completed[0].kind, MarkerKind::Abort);
            assert_eq!(completed[0].producer_id, aborted[0].producer_id);
            assert_eq!(completed[0].first_offset, aborted[0].first_offset);
            assert_eq!(completed[0].last_offset, aborted[0].last_offset);
        }
    }
    for offset in [1025, 2049, 3075, 3701] {
        let theirs = fixture(&format!("rolled-0/{}", SegmentFile::Snapshot.name(offset)));
        assert_eq!(snapshot::encode(&snapshot::decode(&theirs).unwrap()), theirs);
    }
}

#[test]
fn checkpoints_are_kafkas() {
    for name in ["recovery-point-offset-checkpoint", "replication-offset-checkpoint"] {
        let theirs = fixture(name);
        let lines = checkpoint::decode_offsets(&theirs).unwrap();
        assert!(lines.iter().any(|line| line.topic == "fix-zstd" && line.offset == 40));
        let each = lines.iter().map(|line| (line.topic.as_str(), line.partition, line.offset));
        assert_eq!(checkpoint::encode_offsets(each), theirs);
    }
    assert_eq!(checkpoint::decode_offsets(&fixture("log-start-offset-checkpoint")), Ok(vec![]));
    let theirs = fixture("indexed-0/leader-epoch-checkpoint");
    assert_eq!(LeaderEpochs::from_checkpoint(&theirs).unwrap().to_checkpoint(), theirs);
    let theirs = fixture("indexed-0/partition.metadata");
    let topic_id = properties::decode_partition_metadata(&theirs).unwrap();
    assert_eq!(properties::encode_partition_metadata(topic_id), theirs);
}

#[test]
fn a_directory_of_kafka_says_where_it_belongs() {
    let meta = MetaProperties::decode(&fixture("meta.properties")).unwrap();
    assert_eq!((meta.node_id, meta.cluster_id.len()), (1, 22));
    assert!(meta.directory_id.is_some());
    let theirs = String::from_utf8(fixture("kafka_cleanshutdown")).unwrap();
    let epoch = theirs.trim_end_matches('}').rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(properties::encode_clean_shutdown(epoch), theirs.as_bytes());
}
