//! What is found, and that damage neither stops the look nor hides what is behind it.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::batch::{BatchBuilder, Compression, NewRecord};
use crate::checksums::{ChunkOwner, ChunkSums};
use crate::crc32c;
use crate::segment::names::SegmentFile;

/// Keeps what it is given.
#[derive(Default)]
struct Kept {
    kinds: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    faults: Vec<(Option<u64>, Option<u64>, String)>,
    facts: Vec<(&'static str, String)>,
}

impl Kept {
    fn fact(&self, name: &str) -> &str {
        self.facts.iter().find(|(each, _)| *each == name).map_or("", |(_, value)| value)
    }
}

impl Sink for Kept {
    fn begin(
        &mut self,
        _: &Path,
        kind: &'static str,
        _: &'static [&'static str],
    ) -> io::Result<()> {
        self.kinds.push(kind);
        Ok(())
    }
    fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        self.rows.push(values.iter().map(|value| format!("{value:?}")).collect());
        Ok(())
    }
    fn fault(&mut self, fault: &Fault<'_>) -> io::Result<()> {
        self.faults.push((fault.position, fault.bytes, fault.what.clone()));
        Ok(())
    }
    fn end(&mut self, facts: &[(&'static str, Value<'_>)]) -> io::Result<()> {
        self.facts.extend(facts.iter().map(|(name, value)| (*name, format!("{value:?}"))));
        Ok(())
    }
}

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn look(path: &Path, options: Options) -> (Totals, Kept) {
    let mut kept = Kept::default();
    let totals = inspect(path, &options, &mut kept).unwrap();
    (totals, kept)
}

fn look_at_log(bytes: &[u8]) -> Kept {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(SegmentFile::Log.name(0));
    fs::write(&path, bytes).unwrap();
    let (_, kept) = look(&path, Options::default());
    assert_eq!(fs::read(&path).unwrap(), bytes, "nothing is written");
    kept
}

/// Batches of two records, and where each begins.
fn log(batches: i64) -> (Vec<u8>, Vec<usize>) {
    let (mut log, mut starts) = (Vec::new(), Vec::new());
    for n in 0..batches {
        let mut builder = BatchBuilder::new(Compression::None).base_offset(n * 2);
        for _ in 0..2 {
            let value = [n as u8; 30];
            builder.push(NewRecord {
                timestamp: 1000 + n,
                value: Some(&value),
                ..NewRecord::default()
            });
        }
        starts.push(log.len());
        log.extend(builder.build().unwrap());
    }
    starts.push(log.len());
    (log, starts)
}

#[test]
fn kafkas_files_are_without_fault() {
    for dir in ["indexed-0", "aborted-0", "rolled-0"] {
        let (totals, kept) = look(&fixtures().join(dir), Options::default());
        assert_eq!(kept.faults, [], "{dir}");
        assert!(totals.files > 4 && totals.bytes > 0);
    }
    let (_, kept) = look(&fixtures(), Options::default());
    assert_eq!(kept.faults, []);
    for kind in [
        "segment",
        "offset index",
        "time index",
        "transaction index",
        "producer snapshot",
        "leader epoch checkpoint",
        "offset checkpoint",
        "partition metadata",
        "log directory properties",
    ] {
        assert!(kept.kinds.contains(&kind), "{kind}");
    }
}

#[test]
fn records_are_shown_in_every_codec() {
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        let options = Options { records: true, ..Options::default() };
        let (totals, kept) = look(&fixtures().join(format!("{codec}.log")), options);
        assert_eq!((kept.rows.len(), totals.faults), (40, 0), "{codec}");
    }
    let options = Options { records: true, rows_max: 7, ..Options::default() };
    let (_, kept) = look(&fixtures().join("zstd.log"), options);
    assert_eq!(kept.rows.len(), 7);
}

#[test]
fn space_that_was_allocated_ahead_is_no_fault() {
    let (mut bytes, starts) = log(3);
    bytes.resize(20_000, 0);
    let kept = look_at_log(&bytes);
    assert_eq!(kept.faults, []);
    assert_eq!(kept.fact("log_bytes"), format!("Count({})", starts[3]));
    assert_eq!(kept.fact("next_offset"), "Int(6)");
}

#[test]
fn damage_in_the_middle_is_measured_and_what_follows_is_shown() {
    let (good, starts) = log(6);
    for at in starts[2]..starts[3] {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        let kept = look_at_log(&bad);
        let in_batch = at - starts[2];
        // Leader epoch and the low bytes of the offset are beyond what a batch itself can tell.
        if (12..16).contains(&in_batch) || in_batch < 8 && kept.faults.is_empty() {
            continue;
        }
        let (position, length, _) = &kept.faults[0];
        let from = position.unwrap() as usize;
        assert!(from == starts[2] || in_batch < 8, "byte {at}: {:?}", kept.faults);
        if in_batch >= 16 {
            assert_eq!(length.unwrap() as usize, starts[3] - starts[2], "byte {at}");
            assert_eq!(kept.fact("batches"), "Count(5)");
        }
        assert!(kept.rows.len() >= 5);
    }
}

#[test]
fn a_hole_of_zeros_and_a_cut_end_are_faults() {
    let (mut bytes, starts) = log(6);
    bytes[starts[1]..starts[4]].fill(0);
    bytes.truncate(starts[6] - 5);
    let kept = look_at_log(&bytes);
    assert_eq!(kept.fact("batches"), "Count(2)");
    let places: Vec<_> = kept.faults.iter().map(|(at, length, _)| (*at, *length)).collect();
    let hole = (Some(starts[1] as u64), Some((starts[4] - starts[1]) as u64));
    let cut = (Some(starts[5] as u64), Some((starts[6] - 5 - starts[5]) as u64));
    assert_eq!(places, [hole, cut]);
}

#[test]
fn an_older_batch_in_the_place_of_a_newer_one_is_noticed() {
    let (mut bytes, starts) = log(4);
    let size = starts[1];
    let first = bytes[..size].to_vec();
    bytes[starts[2]..starts[3]].copy_from_slice(&first);
    let kept = look_at_log(&bytes);
    assert_eq!(kept.faults.len(), 1);
    assert!(kept.faults[0].2.contains("its offset is 0 where 4"), "{:?}", kept.faults);
}

#[test]
fn what_belongs_to_a_log_is_compared_with_it() {
    let (bytes, starts) = log(50);
    let dir = tempfile::tempdir().unwrap();
    let write = |kind: SegmentFile, bytes: &[u8]| {
        fs::write(dir.path().join(kind.name(0)), bytes).unwrap();
    };
    // An entry for each tenth batch: its last offset and position; its time and last offset.
    let (mut offsets, mut times) = (Vec::new(), Vec::new());
    for start in starts[..50].iter().step_by(10).skip(1) {
        let (batch, _) = crate::batch::BatchView::split_first(&bytes[*start..]).unwrap();
        let last = batch.last_offset() as u32;
        offsets.extend([last.to_be_bytes(), (*start as u32).to_be_bytes()].concat());
        times.extend([&batch.max_timestamp().to_be_bytes()[..], &last.to_be_bytes()].concat());
    }
    let mut sums = ChunkSums::new(ChunkOwner { log_id: 42, base_offset: 0 });
    sums.push(&bytes);
    write(SegmentFile::Log, &bytes);
    write(SegmentFile::OffsetIndex, &offsets);
    write(SegmentFile::TimeIndex, &times);
    write(SegmentFile::Chunks, &sums.encode());
    let (totals, kept) = look(dir.path(), Options::default());
    assert_eq!(kept.faults, []);
    assert_eq!(totals.files, 4);
    assert_eq!(kept.fact("log_id"), "Count(42)");
    assert_eq!(kept.fact("verified_bytes"), format!("Count({})", bytes.len()));

    // An index of something else.
    let mut other = offsets.clone();
    other[7] ^= 1;
    write(SegmentFile::OffsetIndex, &other);
    let (_, kept) = look(dir.path(), Options::default());
    assert!(kept.faults[0].2.contains("no batch begins"), "{:?}", kept.faults);
    write(SegmentFile::OffsetIndex, &offsets);

    // The leader epoch of a batch, which its own checksum does not cover.
    let mut changed = bytes.clone();
    changed[starts[7] + 13] ^= 1;
    write(SegmentFile::Log, &changed);
    let (_, kept) = look(dir.path(), Options::default());
    assert_eq!(kept.faults.len(), 1);
    assert!(kept.faults[0].2.contains("chunk 0"), "{:?}", kept.faults);

    // A single index finds its log beside it.
    let (_, kept) = look(&dir.path().join(SegmentFile::OffsetIndex.name(0)), Options::default());
    assert_eq!(kept.kinds, ["offset index"]);
    assert_eq!(kept.faults, []);
}

#[test]
fn a_file_of_no_known_name_is_refused_by_itself_and_passed_over_in_a_directory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notes.txt");
    fs::write(&path, "hello").unwrap();
    let mut kept = Kept::default();
    assert!(inspect(&path, &Options::default(), &mut kept).is_err());
    assert!(inspect(&dir.path().join("missing"), &Options::default(), &mut kept).is_err());
    let (totals, _) = look(dir.path(), Options::default());
    assert_eq!(totals, Totals::default());
}

#[test]
fn text_and_json_say_what_was_found() {
    let path = fixtures().join("aborted-0");
    let mut text = Vec::new();
    inspect(&path, &Options::default(), &mut TextSink::new(&mut text)).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("00000000000000000000.log (segment)"));
    assert!(text.contains("faults 0"));
    let mut json = Vec::new();
    inspect(&path, &Options::default(), &mut JsonSink::new(&mut json)).unwrap();
    let json = String::from_utf8(json).unwrap();
    let txn = "\"kind\":\"transaction index\",\"row\":{\"producer_id\":1001,\"first_offset\":0,\
               \"last_offset\":47,\"last_stable_offset\":48}}";
    assert!(json.contains(txn), "{json}");
    assert!(json.lines().all(|line| line.starts_with('{') && line.ends_with('}')));
}

#[test]
fn json_escapes_what_it_must() {
    let mut json = Vec::new();
    let mut sink = JsonSink::new(&mut json);
    sink.begin(Path::new("a\"b"), "kind", &["c", "d"]).unwrap();
    sink.row(&[Value::Bytes(b"\\\n\x01"), Value::Bytes(&[0xff, 0])]).unwrap();
    sink.end(&[]).unwrap();
    let expected = concat!(
        r#"{"file":"a\"b","kind":"kind","row":{"c":"\\\n\u0001","d":{"hex":"ff00"}}}"#,
        "\n",
        r#"{"file":"a\"b","kind":"kind","summary":{}}"#,
        "\n"
    );
    assert_eq!(String::from_utf8(json).unwrap(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_damage_is_survived(
        name in prop::sample::select(vec![
            "00000000000000000000.log", "00000000000000000000.index",
            "00000000000000000000.timeindex", "00000000000000000000.txnindex",
            "00000000000000000000.chunks", "00000000000000000048.snapshot",
            "00000000.journal", "ringlog.checkpoint", "checkpoint", "meta.properties",
            "leader-epoch-checkpoint", "partition.metadata", "recovery-point-offset-checkpoint",
        ]),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
        noise in proptest::collection::vec(any::<u8>(), 0..300),
        cut: prop::sample::Index,
        records: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut bytes = fs::read(fixtures().join("aborted-0").join(name)).unwrap_or_default();
        bytes.extend(noise);
        for (at, value) in damage {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        if name.ends_with("journal") {
            bytes.splice(..0, *b"RLogJrnl\x01\0");
        }
        fs::write(dir.path().join(name), &bytes).unwrap();
        let options = Options { records, ..Options::default() };
        let (totals, _) = look(dir.path(), options);
        prop_assert_eq!(totals.files, 1);
    }
}

/// A journal's frame of one entry.
fn frame(sequence: u64, incarnation: [u8; 16], body: &[u8]) -> Vec<u8> {
    frame_of(crate::journal::frame::Kind::Append, sequence, incarnation, body)
}

fn frame_of(
    kind: crate::journal::frame::Kind,
    sequence: u64,
    incarnation: [u8; 16],
    body: &[u8],
) -> Vec<u8> {
    use crate::journal::frame::{Entry, FrameHeader};
    let entry = Entry {
        log: crate::log::LogId(3),
        kind,
        leader_epoch: 1,
        segment: 0,
        position: 0,
        base_offset: 10,
        last_offset: 19,
        length: body.len() as u32,
        crc: crc32c::checksum(body),
        cuts: 3,
    };
    let header = FrameHeader {
        incarnation,
        sequence,
        mark: sequence - 1,
        journal: 0,
        entries: 1,
        body: body.len() as u32,
    };
    let mut out = Vec::new();
    header.encode(&[entry], &mut out);
    out.extend_from_slice(body);
    out.resize(header.frame_bytes(), 0);
    out
}

#[test]
fn frames_of_a_journal_are_shown_and_damaged_ones_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("00000000.journal");
    let frames = [frame(1, [1; 16], &[7; 5000]), frame(2, [1; 16], b"x"), frame(9, [2; 16], b"y")];
    let mut bytes = frames.concat();
    bytes.resize(bytes.len() + 8192, 0);
    fs::write(&path, &bytes).unwrap();
    let (_, kept) = look(&path, Options::default());
    assert_eq!(kept.faults, []);
    assert_eq!(kept.rows.len(), 3);
    assert_eq!(kept.fact("incarnations"), "Count(2)");
    assert_eq!(kept.fact("blocks_of_zeros"), "Count(2)");
    assert_eq!(kept.fact("last_sequence"), "Count(9)");

    // The bytes of one entry, and the table of another.
    bytes[4096 + 10] ^= 1;
    bytes[frames[0].len() + 70] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let (_, kept) = look(&path, Options::default());
    assert_eq!(kept.faults.len(), 2, "{:?}", kept.faults);
    assert!(kept.faults[0].2.contains("entry 0 of frame 1 (log 3, offsets 10 to 19)"));
    assert!(kept.faults[1].2.contains("frame 2 has a damaged table"));
    assert_eq!(kept.fact("frames_damaged"), "Count(2)");
    assert_eq!(kept.rows.len(), 2);

    let cut = frame_of(crate::journal::frame::Kind::Truncate, 1, [1; 16], &[0; 48]);
    fs::write(&path, cut).unwrap();
    let (_, kept) = look(&path, Options::default());
    assert_eq!(kept.faults, []);
    assert!(kept.rows[0].concat().contains("Truncate"), "{:?}", kept.rows[0]);
}
