//! Writes a corpus to start from: instances of every message, so that the fuzzer does not have to
//! find out what they look like.
#![forbid(unsafe_code)]

use std::fs;
use std::io;
use std::path::Path;

use ringlog::protocol::fill::{Fill, Filled};
use ringlog::protocol::{Message, MetadataRecord, Request, Writer, encode_request, generated};
use ringlog_engine::batch::{BatchBuilder, Compression, NewRecord};
use ringlog_engine::journal::frame::{Entry, FrameHeader, Kind};
use ringlog_engine::log::LogId;
use ringlog_engine::producers::Producers;
use ringlog_engine::segment::checkpoint::{self, EpochStart};
use ringlog_engine::segment::properties;
use ringlog_engine::segment::snapshot::{self, SnapshotEntry};

const TARGETS: [&str; 9] = [
    "request",
    "response",
    "stored",
    "batch",
    "journal",
    "producers",
    "index",
    "segment",
    "recovery",
];

fn main() -> io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in TARGETS {
        fs::create_dir_all(corpus.join(target))?;
    }
    let mut index = 0;
    macro_rules! messages {
        ($($name:ident,)*) => { $(message::<generated::$name>(&corpus, &mut index)?;)* };
    }
    ringlog::for_each_message!(messages);
    macro_rules! requests {
        ($corpus:ident, $($name:ident,)*) => { $(request::<generated::$name>(&$corpus)?;)* };
    }
    ringlog::for_each_request!(requests, corpus);
    metadata_records(&corpus)?;
    batches(&corpus)?;
    journal_frame(&corpus)?;
    producers(&corpus)?;
    damage_and_indexes(&corpus)
}

fn message<M: Message + Filled>(corpus: &Path, index: &mut u8) -> io::Result<()> {
    for version in M::MIN_VERSION..=M::MAX_VERSION {
        let message = M::filled(&mut Fill::new(3), M::format(version));
        let body = bytes(&message, version)?;
        let name = format!("{}-{version}", M::NAME);
        let head = [*index, version as u8];
        fs::write(corpus.join("response").join(&name), [&head[..], &body].concat())?;
        let versioned = [&version.to_be_bytes()[..], &body].concat();
        if M::NAME.ends_with("Value") || M::NAME.starts_with("ConsumerProtocol") {
            fs::write(corpus.join("stored").join(&name), versioned)?;
        }
    }
    *index += 1;
    Ok(())
}

fn request<M: Request + Filled>(corpus: &Path) -> io::Result<()> {
    for version in M::MIN_VERSION..=M::MAX_VERSION {
        let request = M::filled(&mut Fill::new(3), M::format(version));
        let pieces = encode_request(version, 1, Some("c"), &request).map_err(io::Error::other)?;
        let frame: Vec<u8> = pieces.iter().flat_map(|piece| piece.iter().copied()).collect();
        fs::write(corpus.join("request").join(format!("{}-{version}", M::NAME)), frame)?;
    }
    Ok(())
}

fn bytes<M: Message>(message: &M, version: i16) -> io::Result<Vec<u8>> {
    let mut w = Writer::new();
    message.encode(&mut w, version).and_then(|()| w.into_bytes()).map_err(io::Error::other)
}

fn metadata_records(corpus: &Path) -> io::Result<()> {
    use generated::*;
    let format = |version| PartitionRecord::format(version);
    let g = &mut Fill::new(3);
    let records: [MetadataRecord; 5] = [
        RegisterBrokerRecord::filled(g, format(4)).into(),
        TopicRecord::filled(g, format(0)).into(),
        PartitionRecord::filled(g, format(2)).into(),
        PartitionChangeRecord::filled(g, format(2)).into(),
        ConfigRecord::filled(g, format(0)).into(),
    ];
    for record in records {
        let bytes = record.encode().map_err(io::Error::other)?;
        fs::write(corpus.join("stored").join(record.name()), bytes)?;
    }
    Ok(())
}

fn batches(corpus: &Path) -> io::Result<()> {
    for name in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let codec = Compression::from_name(name).unwrap_or_default();
        let mut builder = BatchBuilder::new(codec);
        builder.push(NewRecord { value: Some(b"value value value"), ..NewRecord::default() });
        builder.push(NewRecord { key: Some(b"key"), ..NewRecord::default() });
        fs::write(corpus.join("batch").join(name), builder.build()?)?;
    }
    Ok(())
}

fn journal_frame(corpus: &Path) -> io::Result<()> {
    let entry = |kind| Entry {
        log: LogId(7),
        kind,
        leader_epoch: 3,
        segment: 100,
        position: 4096,
        base_offset: 120,
        last_offset: 129,
        length: 5,
        crc: 9,
        cuts: 2,
    };
    let kinds = [Kind::Append, Kind::Part, Kind::Tail, Kind::Truncate, Kind::Create];
    let table = kinds.map(entry);
    let header = FrameHeader {
        incarnation: [5; 16],
        sequence: 9,
        mark: 8,
        journal: 1,
        entries: table.len() as u32,
        body: 5 * table.len() as u32,
    };
    let mut bytes = Vec::new();
    header.encode(&table, &mut bytes);
    fs::write(corpus.join("journal").join("frame"), bytes)
}

fn producers(corpus: &Path) -> io::Result<()> {
    let entry = SnapshotEntry {
        producer_id: 4,
        epoch: 1,
        last_sequence: 10,
        last_offset: 100,
        offset_delta: 3,
        timestamp: 1,
        coordinator_epoch: -1,
        txn_first_offset: None,
    };
    let other = SnapshotEntry { producer_id: 5, txn_first_offset: Some(90), ..entry.clone() };
    let entries = [entry, other];
    let folder = corpus.join("producers");
    fs::write(folder.join("snapshot"), snapshot::encode(&entries))?;
    let mut image = Vec::new();
    Producers::from_snapshot(&entries, 10).to_image(&mut image);
    fs::write(folder.join("image"), image)
}

fn damage_and_indexes(corpus: &Path) -> io::Result<()> {
    // Changes of a directory: file, action, position, number of bytes, bytes.
    let changes: [(&str, &[u8]); 4] = [
        ("flip", &[0, 3, 0, 20, 0, 1, 0x55]),
        ("mended", &[1, 2, 0, 0, 90, 2, 9, 9]),
        ("short", &[2, 0, 0, 1, 0, 0]),
        ("gone", &[3, 1, 0, 0, 0, 0]),
    ];
    for (name, bytes) in changes {
        fs::write(corpus.join("segment").join(name), bytes)?;
        fs::write(corpus.join("recovery").join(name), bytes)?;
    }
    // Four batches of one record: their last offsets and positions; their times and last offsets.
    let (mut offset_index, mut time_index) = (Vec::new(), Vec::new());
    for n in 1..4u32 {
        offset_index.extend([n.to_be_bytes(), (n * 70).to_be_bytes()].concat());
        let time = 1000 + i64::from(n);
        time_index.extend([&time.to_be_bytes()[..], &n.to_be_bytes()].concat());
    }

    // The target takes a base offset and an offset to look for from the front.
    let head = [100i64.to_be_bytes(), 102i64.to_be_bytes()].concat();
    let epochs =
        [EpochStart { epoch: 0, start_offset: 0 }, EpochStart { epoch: 2, start_offset: 9 }];
    let files: [(&str, &[u8]); 6] = [
        ("offset-index", &offset_index),
        ("time-index", &time_index),
        ("offsets", &checkpoint::encode_offsets([("t", 0, 5), ("u", 1, 9)].into_iter())),
        ("epochs", &checkpoint::encode_epochs(epochs.into_iter())),
        ("partition-metadata", &properties::encode_partition_metadata([7; 16])),
        ("meta-properties", b"version=1\nnode.id=1\ncluster.id=c\n"),
    ];
    for (name, bytes) in files {
        fs::write(corpus.join("index").join(name), [&head, bytes].concat())?;
    }
    Ok(())
}
