//! A segment's batches, and whatever is between them.

use std::io;

use super::sink::{Value, Visit};
use super::source::{SECTOR_BYTES, Source};
use crate::batch::{BatchView, HEADER_BYTES, LOG_OVERHEAD_BYTES, NO_PRODUCER, TimestampType};
use crate::crc32c;

/// Summed up for checks across files.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Offset behind the last good batch.
    pub(super) next_offset: Option<i64>,
    /// End of the last good batch, in bytes.
    pub(super) log_bytes: u64,
}

const BATCHES: &[&str] = &[
    "position",
    "base_offset",
    "last_offset",
    "records",
    "bytes",
    "codec",
    "crc_ok",
    "epoch",
    "time_type",
    "max_timestamp",
    "producer_id",
    "producer_epoch",
    "base_sequence",
    "transactional",
    "control",
];

const RECORDS: &[&str] =
    &["position", "offset", "timestamp", "key", "value", "headers", "codec", "control"];

/// Read at once while a checksum is computed.
const PIECE_BYTES: usize = 256 << 10;

/// Checksums that a search for the next batch may compute, in bytes for each byte of the file: data
/// made to look like headers must not make it quadratic.
const SEARCH_EFFORT: u64 = 8;

/// Looks at a `.log` that should begin with offset `base_offset` or later.
pub(super) fn visit(
    source: &mut Source,
    base_offset: Option<i64>,
    visit: &mut Visit<'_>,
) -> io::Result<Seen> {
    let columns = if visit.options.records { RECORDS } else { BATCHES };
    visit.begin(source.path(), "segment", columns, source.len())?;
    let mut scan = Scan {
        source,
        visit,
        floor: base_offset.unwrap_or(0),
        at: 0,
        effort: 0,
        sums: Sums::default(),
    };
    scan.run()?;
    let sums = scan.sums;
    let (end, floor) = (sums.log_bytes, scan.floor);
    let len = scan.source.len();
    let first = sums.first_offset.map_or(Value::Absent, Value::Int);
    let next = sums.first_offset.map_or(Value::Absent, |_| Value::Int(floor));
    visit.end(&[
        ("batches", Value::Count(sums.batches)),
        ("records", Value::Count(sums.records)),
        ("first_offset", first),
        ("next_offset", next),
        ("max_timestamp", sums.max_timestamp.map_or(Value::Absent, Value::Int)),
        ("log_bytes", Value::Count(end)),
        ("file_bytes", Value::Count(len)),
        ("zero_bytes_behind", Value::Count(sums.zeros_behind)),
    ])?;
    Ok(Seen { next_offset: sums.first_offset.map(|_| floor), log_bytes: end })
}

#[derive(Clone, Copy, Default)]
struct Sums {
    batches: u64,
    records: u64,
    first_offset: Option<i64>,
    max_timestamp: Option<i64>,
    log_bytes: u64,
    zeros_behind: u64,
}

struct Scan<'s, 'v, 'a> {
    source: &'s mut Source,
    visit: &'v mut Visit<'a>,
    /// The next offset is not below this.
    floor: i64,
    at: u64,
    effort: u64,
    sums: Sums,
}

/// What stands at a position.
enum Here {
    /// A batch with a checksum that is right.
    Good(Box<[u8; HEADER_BYTES]>, u64),
    /// A batch of the right length with wrong bytes.
    Wrong(Box<[u8; HEADER_BYTES]>, u64, String),
    /// A batch as it was once written, which should not be here or not with these offsets.
    Misfit(Box<[u8; HEADER_BYTES]>, u64, String),
    /// No batch.
    Nothing(String),
}

impl Scan<'_, '_, '_> {
    fn run(&mut self) -> io::Result<()> {
        while self.at < self.source.len() {
            let zeros = self.zeros_from(self.at);
            if self.at + zeros == self.source.len() {
                // Space that was allocated ahead.
                self.sums.zeros_behind = zeros;
                break;
            }
            match self.look(self.at, self.floor) {
                Here::Good(header, size) => self.take(&header, size)?,
                Here::Wrong(header, size, what) => {
                    self.show(&header, size, false)?;
                    self.damage(&what)?;
                }
                Here::Misfit(header, size, what) => {
                    self.show(&header, size, true)?;
                    let place = Some((self.at, size));
                    self.visit.fault(self.source.path(), place, what)?;
                    self.at += size;
                }
                Here::Nothing(what) => self.damage(&what)?,
            }
        }
        Ok(())
    }

    /// A good batch.
    fn take(&mut self, header: &[u8; HEADER_BYTES], size: u64) -> io::Result<()> {
        self.show(header, size, true)?;
        let Some(batch) = Header::of(header) else { return Ok(()) };
        self.sums.batches += 1;
        self.sums.records += u64::try_from(batch.count).unwrap_or(0);
        self.sums.first_offset.get_or_insert(batch.base_offset);
        self.sums.max_timestamp = self.sums.max_timestamp.max(Some(batch.max_timestamp));
        self.floor = batch.last_offset.saturating_add(1);
        self.at += size;
        self.sums.log_bytes = self.at;
        Ok(())
    }

    /// Reports what is wrong at the position, and goes on at the next good batch.
    fn damage(&mut self, what: &str) -> io::Result<()> {
        let start = self.at;
        let next = self.search(start + 1);
        self.at = next.unwrap_or(self.source.len());
        let behind = match next {
            Some(at) => format!("{what}; batches go on at {at}"),
            None => format!("{what}; no batch follows"),
        };
        let place = Some((start, self.at - start));
        self.visit.fault(self.source.path(), place, behind)
    }

    /// Position of the next good batch.
    fn search(&mut self, mut at: u64) -> Option<u64> {
        let effort_max = self.source.len().saturating_mul(SEARCH_EFFORT);
        while at + HEADER_BYTES as u64 <= self.source.len() {
            let Ok(window) = self.source.get(at, PIECE_BYTES) else {
                at = (at / SECTOR_BYTES + 1) * SECTOR_BYTES;
                continue;
            };
            let (length, found) = (window.len() as u64, plausible(window));
            let Some(skip) = found else {
                at += length.saturating_sub(HEADER_BYTES as u64 - 1).max(1);
                continue;
            };
            at += skip as u64;
            if let Here::Good(..) = self.look(at, self.floor) {
                return Some(at);
            }
            if self.effort > effort_max {
                return None;
            }
            at += 1;
        }
        None
    }

    fn look(&mut self, at: u64, floor: i64) -> Here {
        let header = match self.source.get(at, HEADER_BYTES) {
            Ok(bytes) => bytes.first_chunk::<HEADER_BYTES>().copied().map(Box::new),
            Err(error) => return Here::Nothing(format!("it cannot be read: {error}")),
        };
        let there = self.source.len() - at;
        let Some(header) = header else {
            return Here::Nothing(format!("{there} bytes are less than a batch's header"));
        };
        let size = match BatchView::size_of(&header) {
            Ok(size) => size as u64,
            Err(error) => return Here::Nothing(error.to_string()),
        };
        if size > there {
            return Here::Nothing(format!("a batch of {size} bytes has only {there}"));
        }
        let Some(fields) = Header::of(&header) else {
            return Here::Nothing("it is no batch".to_owned());
        };
        self.effort += size;
        match self.crc(at, size) {
            Err(error) => return Here::Wrong(header, size, format!("it cannot be read: {error}")),
            Ok(computed) if computed != fields.crc => {
                let carried = fields.crc;
                let what = format!(
                    "the batch carries checksum {carried:08x}, its bytes have {computed:08x}"
                );
                return Here::Wrong(header, size, what);
            }
            Ok(_) => {}
        }
        let (first, last) = (fields.base_offset, fields.last_offset);
        if first < floor {
            let what = format!("its offset is {first} where {floor} or more has to come");
            return Here::Misfit(header, size, what);
        }
        let span = last.saturating_sub(first).saturating_add(1);
        if fields.count < 0 || last < first || i64::from(fields.count) > span {
            let what = format!("{} records cannot have offsets {first} to {last}", fields.count);
            return Here::Misfit(header, size, what);
        }
        // No checksum covers the offset: when the next batch fits and this one is beyond it, it is
        // this one that is wrong.
        let next = batch_at(self.source, at + size).map(|(next, _)| next);
        if let Some(next) = next.filter(|next| (floor..=first).contains(next)) {
            let what = format!("its offset is {first} between {floor} and {next}");
            return Here::Misfit(header, size, what);
        }
        Here::Good(header, size)
    }

    fn crc(&mut self, at: u64, size: u64) -> io::Result<u32> {
        const COVERED_FROM: u64 = 21;
        let (mut from, end, mut crc) = (at + COVERED_FROM, at + size, 0);
        while from < end {
            let length = usize::try_from(end - from).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
            let bytes = self.source.get(from, length)?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            crc = crc32c::append(crc, bytes);
            from += bytes.len() as u64;
        }
        Ok(crc)
    }

    /// Zeros from a position on, up to the first byte that is none.
    fn zeros_from(&mut self, at: u64) -> u64 {
        let mut zeros = 0;
        while let Ok(bytes) = self.source.get(at + zeros, PIECE_BYTES) {
            let run = bytes.iter().take_while(|byte| **byte == 0).count();
            zeros += run as u64;
            if run < bytes.len() || bytes.is_empty() {
                break;
            }
        }
        zeros
    }

    fn show(&mut self, header: &[u8; HEADER_BYTES], size: u64, good: bool) -> io::Result<()> {
        if !self.visit.wants_rows() {
            return Ok(());
        }
        if self.visit.options.records {
            return if good { self.show_records(size) } else { Ok(()) };
        }
        let Some(batch) = Header::of(header) else { return Ok(()) };
        let producer = batch.producer_id > NO_PRODUCER;
        let of_producer = |value: i64| if producer { Value::Int(value) } else { Value::Absent };
        self.visit.row(&[
            Value::Count(self.at),
            Value::Int(batch.base_offset),
            Value::Int(batch.last_offset),
            Value::Int(i64::from(batch.count)),
            Value::Count(size),
            Value::Text(batch.codec),
            Value::Flag(good),
            Value::Int(i64::from(batch.epoch)),
            Value::Text(if batch.log_append { "LogAppendTime" } else { "CreateTime" }),
            Value::Int(batch.max_timestamp),
            of_producer(batch.producer_id),
            of_producer(i64::from(batch.producer_epoch)),
            of_producer(i64::from(batch.base_sequence)),
            Value::Flag(batch.transactional),
            Value::Flag(batch.control),
        ])
    }

    fn show_records(&mut self, size: u64) -> io::Result<()> {
        let (at, options) = (self.at, self.visit.options);
        let path = self.source.path().to_owned();
        let place = Some((at, size));
        if size > options.plain_bytes_max as u64 {
            let what = format!("a batch of {size} bytes is too large to show its records");
            return self.visit.fault(&path, place, what);
        }
        let bytes = self.source.get(at, size as usize)?;
        let Ok((batch, _)) = BatchView::split_first(bytes) else { return Ok(()) };
        let codec = batch.compression().map_or("unknown", |codec| codec.name());
        let records = match batch.records(options.plain_bytes_max) {
            Ok(records) => records,
            Err(error) => return self.visit.fault(&path, place, error.to_string()),
        };
        // Copies, since the rows borrow nothing of the source.
        let part = |bytes: Option<&[u8]>| {
            bytes.map(|bytes| bytes.get(..options.value_bytes_max).unwrap_or(bytes).to_vec())
        };
        for record in records.iter() {
            let record = match record {
                Ok(record) => record,
                Err(error) => return self.visit.fault(&path, place, error.to_string()),
            };
            let (key, value) = (part(record.key), part(record.value));
            self.visit.row(&[
                Value::Count(at),
                Value::Int(record.offset),
                Value::Int(record.timestamp),
                bytes_cell(&key),
                bytes_cell(&value),
                Value::Count(u64::from(record.header_count())),
                Value::Text(codec),
                Value::Flag(batch.is_control()),
            ])?;
        }
        Ok(())
    }
}

fn bytes_cell(bytes: &Option<Vec<u8>>) -> Value<'_> {
    bytes.as_deref().map_or(Value::Absent, Value::Bytes)
}

/// Where in a window the next header may begin: magic and a length that can be.
fn plausible(window: &[u8]) -> Option<usize> {
    window.windows(HEADER_BYTES).position(|head| {
        head.first_chunk::<HEADER_BYTES>().is_some_and(|head| {
            BatchView::size_of(head).is_ok() && Header::of(head).is_some_and(|h| h.is_possible())
        })
    })
}

/// Fields of a header whose batch may not be whole.
struct Header {
    base_offset: i64,
    last_offset: i64,
    count: i32,
    crc: u32,
    epoch: i32,
    codec: &'static str,
    log_append: bool,
    transactional: bool,
    control: bool,
    max_timestamp: i64,
    producer_id: i64,
    producer_epoch: i16,
    base_sequence: i32,
}

impl Header {
    fn of(header: &[u8; HEADER_BYTES]) -> Option<Self> {
        // A batch without records has just these bytes: so its view gives the fields of any.
        let mut alone = *header;
        let length = (HEADER_BYTES - LOG_OVERHEAD_BYTES) as i32;
        alone[8..12].copy_from_slice(&length.to_be_bytes());
        let (batch, _) = BatchView::split_first(&alone).ok()?;
        Some(Self {
            base_offset: batch.base_offset(),
            last_offset: batch.last_offset(),
            count: batch.record_count(),
            crc: batch.crc(),
            epoch: batch.leader_epoch(),
            codec: batch.compression().map_or("unknown", |codec| codec.name()),
            log_append: batch.timestamp_type() == TimestampType::LogAppend,
            transactional: batch.is_transactional(),
            control: batch.is_control(),
            max_timestamp: batch.max_timestamp(),
            producer_id: batch.producer_id(),
            producer_epoch: batch.producer_epoch(),
            base_sequence: batch.base_sequence(),
        })
    }

    fn is_possible(&self) -> bool {
        self.base_offset >= 0
            && self.last_offset >= self.base_offset
            && self.count >= 0
            && self.codec != "unknown"
    }
}

/// First and last offset of the batch that begins at a position, for checks of indexes. `None`: no batch begins there.
pub(super) fn batch_at(source: &mut Source, at: u64) -> Option<(i64, i64)> {
    let header = source.get(at, HEADER_BYTES).ok()?.first_chunk::<HEADER_BYTES>().copied()?;
    BatchView::size_of(&header).ok()?;
    let header = Header::of(&header)?;
    Some((header.base_offset, header.last_offset))
}
