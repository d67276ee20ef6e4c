//! A journal's files: every frame that is whole, of whichever incarnation, and what is damaged.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::checkpoints::hex;
use super::sink::{Value, Visit};
use super::source::Source;
use crate::arena::BLOCK_BYTES;
use crate::crc32c;
use crate::journal::frame::{Entry, FrameHeader, MAGIC};

const COLUMNS: &[&str] = &[
    "position",
    "sequence",
    "durable_mark",
    "incarnation",
    "entry",
    "kind",
    "log_id",
    "epoch",
    "segment",
    "segment_position",
    "base_offset",
    "last_offset",
    "cuts",
    "bytes",
    "crc_ok",
];

/// What a journal's checkpoint says of its frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct Live {
    /// Frames of another incarnation are left over from earlier use of the file.
    pub(super) incarnation: [u8; 16],
    /// Frames before this one are not needed.
    pub(super) floor: u64,
    /// Frames up to this one were acknowledged.
    pub(super) mark: u64,
}

/// Reads the checkpoint beside a journal file.
pub(super) fn live(dir: &Path) -> Option<Live> {
    let mut source = Source::open(&dir.join("checkpoint")).ok()?;
    let facts = crate::log::describe_checkpoint(source.whole().ok()?).ok()?;
    Some(Live { incarnation: facts.journal, floor: facts.floor, mark: facts.mark })
}

#[derive(Default)]
struct Sums {
    frames: u64,
    needed: u64,
    entries: u64,
    damaged_frames: u64,
    zero_blocks: u64,
    foreign_blocks: u64,
    by_incarnation: BTreeMap<[u8; 16], (u64, u64)>,
}

/// Looks at a file of a journal.
pub(super) fn visit(
    source: &mut Source,
    live: Option<Live>,
    visit: &mut Visit<'_>,
) -> io::Result<()> {
    let path = source.path().to_owned();
    visit.begin(&path, "journal", COLUMNS, source.len())?;
    let mut sums = Sums::default();
    let mut at = 0;
    while at < source.len() {
        at += block(source, at, live, &mut sums, visit)?;
    }
    let newest = sums.by_incarnation.iter().max_by_key(|(_, (_, last))| *last);
    let incarnation = live.map(|live| live.incarnation).or(newest.map(|(id, _)| *id));
    let incarnation_text = incarnation.map(hex);
    let range = incarnation.and_then(|id| sums.by_incarnation.get(&id)).copied();
    visit.end(&[
        ("frames", Value::Count(sums.frames)),
        ("entries", Value::Count(sums.entries)),
        ("incarnations", Value::Count(sums.by_incarnation.len() as u64)),
        ("incarnation", incarnation_text.as_deref().map_or(Value::Absent, Value::Text)),
        ("first_sequence", range.map_or(Value::Absent, |(first, _)| Value::Count(first))),
        ("last_sequence", range.map_or(Value::Absent, |(_, last)| Value::Count(last))),
        ("frames_needed", live.map_or(Value::Absent, |_| Value::Count(sums.needed))),
        ("frames_damaged", Value::Count(sums.damaged_frames)),
        ("blocks_of_zeros", Value::Count(sums.zero_blocks)),
        ("blocks_between_frames", Value::Count(sums.foreign_blocks)),
    ])
}

/// Looks at what begins at a block, and gives how far it reaches.
fn block(
    source: &mut Source,
    at: u64,
    live: Option<Live>,
    sums: &mut Sums,
    visit: &mut Visit<'_>,
) -> io::Result<u64> {
    const BLOCK: u64 = BLOCK_BYTES as u64;
    let path = source.path().to_owned();
    let place = Some((at, BLOCK));
    let head = match source.get(at, BLOCK_BYTES) {
        Ok(head) => head,
        Err(error) => {
            visit.fault(&path, place, format!("it cannot be read: {error}"))?;
            return Ok(BLOCK);
        }
    };
    if head.iter().all(|byte| *byte == 0) {
        sums.zero_blocks += 1;
        return Ok(BLOCK);
    }
    if !head.starts_with(&MAGIC) {
        // The inside of a frame that another has overwritten in part.
        sums.foreign_blocks += 1;
        return Ok(BLOCK);
    }
    let peeked = FrameHeader::peek(head);
    let decoded = match peeked {
        // At most 4096 rows of 64 bytes.
        Some(peeked) => source.get(at, peeked.head_bytes()).ok().and_then(FrameHeader::decode),
        None => None,
    };
    let Some((header, table)) = decoded else {
        sums.damaged_frames += 1;
        let what = match peeked {
            Some(header) => format!("frame {} has a damaged table", header.sequence),
            None => "a frame begins, and its header is damaged or of another version".to_owned(),
        };
        visit.fault(&path, place, what)?;
        return Ok(BLOCK);
    };
    frame(source, at, &header, &table, live, sums, visit)
}

fn frame(
    source: &mut Source,
    at: u64,
    header: &FrameHeader,
    table: &[Entry],
    live: Option<Live>,
    sums: &mut Sums,
    visit: &mut Visit<'_>,
) -> io::Result<u64> {
    let path = source.path().to_owned();
    sums.frames += 1;
    sums.entries += table.len() as u64;
    let range = sums.by_incarnation.entry(header.incarnation).or_insert((u64::MAX, 0));
    *range = (range.0.min(header.sequence), range.1.max(header.sequence));
    let current = live.is_none_or(|live| live.incarnation == header.incarnation);
    let needed = current && live.is_none_or(|live| header.sequence >= live.floor);
    sums.needed += u64::from(needed);
    let incarnation = hex(header.incarnation);
    let incarnation = incarnation.get(..8).unwrap_or_default();
    let frame_cells = [
        Value::Count(at),
        Value::Count(header.sequence),
        Value::Count(header.mark),
        Value::Text(incarnation),
    ];
    if table.is_empty() {
        let cells: Vec<_> = frame_cells.into_iter().chain([Value::Absent; 11]).collect();
        visit.row(&cells)?;
    }
    let mut position = at + header.head_bytes() as u64;
    let mut whole = true;
    for (number, entry) in (0..).zip(table) {
        let good = entry_is_whole(source, position, entry);
        whole &= good;
        let kind = format!("{:?}", entry.kind);
        let cells: Vec<_> = frame_cells
            .into_iter()
            .chain([
                Value::Count(number),
                Value::Text(&kind),
                Value::Count(entry.log.0),
                Value::Int(i64::from(entry.leader_epoch)),
                Value::Int(entry.segment),
                Value::Count(entry.position),
                Value::Int(entry.base_offset),
                Value::Int(entry.last_offset),
                Value::Count(u64::from(entry.cuts)),
                Value::Count(u64::from(entry.length)),
                Value::Flag(good),
            ])
            .collect();
        visit.row(&cells)?;
        // A frame that is not needed may be overwritten by later ones.
        if !good && needed {
            let durable = live.is_some_and(|live| header.sequence <= live.mark);
            let what = format!(
                "entry {number} of frame {} (log {}, offsets {} to {}) is {}",
                header.sequence,
                entry.log.0,
                entry.base_offset,
                entry.last_offset,
                if durable { "damaged, and was acknowledged" } else { "torn or damaged" }
            );
            visit.fault(&path, Some((position, u64::from(entry.length))), what)?;
        }
        position += u64::from(entry.length);
    }
    sums.damaged_frames += u64::from(!whole);
    // What is inside a whole frame is not looked at: records may hold anything.
    Ok(if whole { header.frame_bytes() as u64 } else { BLOCK_BYTES as u64 })
}

fn entry_is_whole(source: &mut Source, at: u64, entry: &Entry) -> bool {
    if at.saturating_add(u64::from(entry.length)) > source.len() {
        return false;
    }
    source.get(at, entry.length as usize).is_ok_and(|bytes| crc32c::checksum(bytes) == entry.crc)
}
