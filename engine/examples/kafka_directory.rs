//! Writes partition directories as a stopped broker leaves them, for Kafka's own tools to read:
//!
//! ```text
//! cargo run -p ringlog-engine --example kafka_directory -- /tmp/written
//! kafka-dump-log --deep-iteration --print-data-log --files /tmp/written/orders-0/00000000000000000000.log
//! ```

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use ringlog_engine::batch::{BatchBuilder, BatchView, Compression, NewRecord, set_log_append_time};
use ringlog_engine::checksums::{ChunkOwner, ChunkSums};
use ringlog_engine::epochs::LeaderEpochs;
use ringlog_engine::producers::{EndTxnMarker, MarkerKind, Producers};
use ringlog_engine::segment::names::{self, SegmentFile};
use ringlog_engine::segment::properties::{self, MetaProperties};
use ringlog_engine::segment::txn_index::AbortedTxn;
use ringlog_engine::segment::{IndexAppender, checkpoint, snapshot};

const SEGMENT_BYTES: usize = 256 << 10;
const INDEX_INTERVAL_BYTES: u32 = 4096;
const PRODUCER: i64 = 4000;
const CODECS: [&str; 5] = ["none", "gzip", "snappy", "lz4", "zstd"];

fn main() -> io::Result<()> {
    let Some(target) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("usage: kafka_directory DIRECTORY"));
    };
    let mut ends = Vec::new();
    for topic in ["orders", "stamped"] {
        let dir = target.join(names::partition_dir(topic, 0));
        fs::create_dir_all(&dir)?;
        ends.push((topic, 0, write_partition(&dir, topic == "stamped")?));
    }
    let lines = || ends.iter().copied();
    fs::write(target.join(names::RECOVERY_POINT_CHECKPOINT), checkpoint::encode_offsets(lines()))?;
    fs::write(target.join(names::HIGH_WATERMARK_CHECKPOINT), checkpoint::encode_offsets(lines()))?;
    fs::write(
        target.join(names::LOG_START_CHECKPOINT),
        checkpoint::encode_offsets([].into_iter()),
    )?;
    fs::write(target.join(names::CLEAN_SHUTDOWN), properties::encode_clean_shutdown(-1))?;
    let meta = MetaProperties {
        cluster_id: "MkU3OEVBNTcwNTJENDM2Qg".to_owned(),
        node_id: 1,
        directory_id: Some([0x5a; 16]),
    };
    fs::write(target.join(names::META_PROPERTIES), meta.encode())
}

/// One partition of several segments: every codec, nulls, headers, a committed and an aborted
/// transaction, two leader epochs.
fn write_partition(dir: &Path, log_append_time: bool) -> io::Result<i64> {
    let mut partition = Partition::new(dir, log_append_time);
    for n in 0..400 {
        let codec = CODECS.get(n as usize % CODECS.len()).copied().unwrap_or("none");
        let compression = Compression::from_name(codec).unwrap_or_default();
        let mut builder =
            BatchBuilder::new(compression).leader_epoch(n / 200).producer(PRODUCER, 0, n * 10);
        for record in 0..10 {
            let (key, value) = (format!("key-{record}"), format!("{codec} {n} ").repeat(40));
            builder.push(NewRecord {
                timestamp: 1_700_000_000_000 + i64::from(n * 13 % 97) + i64::from(record),
                key: (record % 3 != 0).then_some(key.as_bytes()),
                value: (record % 4 != 0).then_some(value.as_bytes()),
                headers: &[(b"codec", Some(codec.as_bytes())), (b"null", None)],
            });
        }
        partition.append(builder)?;
    }
    for (n, kind) in [MarkerKind::Commit, MarkerKind::Abort].into_iter().enumerate() {
        let sequence = n as i32 * 3;
        let id = PRODUCER + 1;
        let mut data = BatchBuilder::new(Compression::Zstd)
            .leader_epoch(1)
            .producer(id, 2, sequence)
            .transactional();
        for _ in 0..3 {
            data.push(NewRecord { timestamp: 1_700_000_001_000, ..NewRecord::default() });
        }
        partition.append(data)?;
        let (key, value) = EndTxnMarker { kind, coordinator_epoch: 5 }.encode();
        let mut marker = BatchBuilder::new(Compression::None)
            .leader_epoch(1)
            .producer(id, 2, -1)
            .transactional()
            .control();
        marker.push(NewRecord {
            timestamp: 1_700_000_002_000,
            key: Some(&key),
            value: Some(&value),
            headers: &[],
        });
        partition.append(marker)?;
    }
    partition.close()
}

struct Partition<'a> {
    dir: &'a Path,
    log_append_time: bool,
    offset: i64,
    log: Vec<u8>,
    indexes: IndexAppender,
    producers: Producers,
    epochs: LeaderEpochs,
    aborted: Vec<u8>,
}

impl<'a> Partition<'a> {
    fn new(dir: &'a Path, log_append_time: bool) -> Self {
        Self {
            dir,
            log_append_time,
            offset: 0,
            log: Vec::new(),
            indexes: IndexAppender::new(0, INDEX_INTERVAL_BYTES),
            producers: Producers::new(100),
            epochs: LeaderEpochs::new(),
            aborted: Vec::new(),
        }
    }

    fn append(&mut self, builder: BatchBuilder) -> io::Result<()> {
        let mut bytes = builder.base_offset(self.offset).build()?;
        if self.log_append_time {
            set_log_append_time(&mut bytes, 1_800_000_000_000 + self.offset);
        }
        let (batch, _) = BatchView::split_first(&bytes).map_err(io::Error::other)?;
        if self.log.len() + bytes.len() > SEGMENT_BYTES {
            self.write_segment()?;
            let producers = snapshot::encode(&self.producers.to_snapshot());
            self.write(SegmentFile::Snapshot, self.offset, &producers)?;
            self.indexes = IndexAppender::new(self.offset, INDEX_INTERVAL_BYTES);
            self.log.clear();
        }
        self.indexes.append(&batch, self.log.len() as u32);
        self.epochs.assign(batch.leader_epoch(), batch.base_offset());
        if let Some(done) = self.producers.apply(&batch).map_err(io::Error::other)?
            && done.kind == MarkerKind::Abort
        {
            let txn = AbortedTxn {
                producer_id: done.producer_id,
                first_offset: done.first_offset,
                last_offset: done.last_offset,
                last_stable_offset: done.last_offset + 1,
            };
            self.aborted.extend_from_slice(&txn.encode());
        }
        self.offset = batch.next_offset();
        self.log.extend_from_slice(&bytes);
        Ok(())
    }

    fn close(mut self) -> io::Result<i64> {
        self.write_segment()?;
        let producers = snapshot::encode(&self.producers.to_snapshot());
        self.write(SegmentFile::Snapshot, self.offset, &producers)?;
        fs::write(self.dir.join(names::LEADER_EPOCH_CHECKPOINT), self.epochs.to_checkpoint())?;
        let metadata = properties::encode_partition_metadata([0x3c; 16]);
        fs::write(self.dir.join(names::PARTITION_METADATA), metadata)?;
        Ok(self.offset)
    }

    fn write_segment(&mut self) -> io::Result<()> {
        self.indexes.close();
        let base = self.indexes.base_offset();
        self.write(SegmentFile::Log, base, &self.log)?;
        self.write(SegmentFile::OffsetIndex, base, self.indexes.offset_bytes())?;
        self.write(SegmentFile::TimeIndex, base, self.indexes.time_bytes())?;
        if !self.aborted.is_empty() {
            self.write(SegmentFile::TxnIndex, base, &self.aborted)?;
        }
        let mut chunks = ChunkSums::new(ChunkOwner { log_id: 1, base_offset: base });
        chunks.push(&self.log);
        self.write(SegmentFile::Chunks, base, &chunks.encode())
    }

    fn write(&self, kind: SegmentFile, offset: i64, bytes: &[u8]) -> io::Result<()> {
        fs::write(self.dir.join(kind.name(offset)), bytes)
    }
}
