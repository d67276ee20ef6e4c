//! Indexes, transaction indexes and chunk checksums of a segment, compared with its log if that is
//! there.

use std::io;

use super::segment::{Seen, batch_at};
use super::sink::{Value, Visit};
use super::source::Source;
use crate::checksums::{CHUNK_BYTES, ChunkOwner, ChunkSums, PAGE_BYTES};
use crate::segment::{OffsetIndex, TimeIndex, offset_index, time_index, txn_index};

/// The log that an index belongs to, and what was seen in it.
pub(super) type Log<'a> = Option<(&'a mut Source, Seen)>;

/// Looks at an `.index`.
pub(super) fn offsets(
    source: &mut Source,
    base_offset: i64,
    log: Log<'_>,
    visit: &mut Visit<'_>,
) -> io::Result<()> {
    const COLUMNS: &[&str] = &["entry", "offset", "position"];
    let path = source.path().to_owned();
    visit.begin(&path, "offset index", COLUMNS, source.len())?;
    let bytes = source.whole()?;
    let index = OffsetIndex::new(bytes, base_offset);
    for (number, entry) in (0..).zip(index.iter()) {
        let position = Value::Count(u64::from(entry.position));
        visit.row(&[Value::Count(number), Value::Int(entry.offset), position])?;
    }
    let log_bytes = log.as_ref().map_or(u64::MAX, |(_, seen)| seen.log_bytes);
    if let Err(error) = index.check(log_bytes) {
        visit.fault(&path, None, error.to_string())?;
    }
    if let Some((log, seen)) = log {
        for (number, entry) in (0..).zip(index.iter()) {
            let position = u64::from(entry.position);
            let found = batch_at(log, position).filter(|_| position < seen.log_bytes);
            let what = match found {
                Some((_, last)) if last == entry.offset => continue,
                Some((_, last)) => format!(
                    "entry {number} says that the batch at {position} ends with offset {}, and it \
                     ends with {last}",
                    entry.offset
                ),
                None => format!("entry {number} points to {position}, where no batch begins"),
            };
            let place = number * offset_index::ENTRY_BYTES as u64;
            visit.fault(&path, Some((place, offset_index::ENTRY_BYTES as u64)), what)?;
        }
    }
    visit.end(&[
        ("entries", Value::Count(index.len() as u64)),
        ("last_offset", index.last().map_or(Value::Absent, |entry| Value::Int(entry.offset))),
        ("zero_bytes_behind", Value::Count(index.padding_bytes() as u64)),
    ])
}

/// Looks at a `.timeindex`.
pub(super) fn times(
    source: &mut Source,
    base_offset: i64,
    log: Log<'_>,
    visit: &mut Visit<'_>,
) -> io::Result<()> {
    const COLUMNS: &[&str] = &["entry", "timestamp", "offset"];
    let path = source.path().to_owned();
    visit.begin(&path, "time index", COLUMNS, source.len())?;
    let bytes = source.whole()?;
    let index = TimeIndex::new(bytes, base_offset);
    for (number, entry) in (0..).zip(index.iter()) {
        visit.row(&[
            Value::Count(number),
            Value::Int(entry.timestamp),
            Value::Int(entry.offset),
        ])?;
    }
    if let Err(error) = index.check() {
        visit.fault(&path, None, error.to_string())?;
    }
    let end = log.and_then(|(_, seen)| seen.next_offset);
    let beyond = index.iter().position(|entry| end.is_some_and(|end| entry.offset >= end));
    if let Some(number) = beyond {
        let place = (number * time_index::ENTRY_BYTES) as u64;
        let what = format!("entry {number} and those behind it are beyond the end of the log");
        visit.fault(&path, Some((place, time_index::ENTRY_BYTES as u64)), what)?;
    }
    let largest = index.last().map_or(Value::Absent, |entry| Value::Int(entry.timestamp));
    visit.end(&[
        ("entries", Value::Count(index.len() as u64)),
        ("largest_timestamp", largest),
        ("zero_bytes_behind", Value::Count(index.padding_bytes() as u64)),
    ])
}

/// Looks at a `.txnindex`.
pub(super) fn transactions(source: &mut Source, visit: &mut Visit<'_>) -> io::Result<()> {
    const COLUMNS: &[&str] = &["producer_id", "first_offset", "last_offset", "last_stable_offset"];
    let path = source.path().to_owned();
    visit.begin(&path, "transaction index", COLUMNS, source.len())?;
    let txns = txn_index::decode(source.whole()?);
    let txns = match txns {
        Ok(txns) => txns,
        Err(error) => {
            visit.fault(&path, None, error.to_string())?;
            Vec::new()
        }
    };
    for txn in &txns {
        let cells = [txn.producer_id, txn.first_offset, txn.last_offset, txn.last_stable_offset];
        visit.row(&cells.map(Value::Int))?;
    }
    visit.end(&[("aborted", Value::Count(txns.len() as u64))])
}

/// Looks at a `.chunks` file, and verifies the log's chunks by it.
pub(super) fn chunks(
    source: &mut Source,
    base_offset: i64,
    log: Log<'_>,
    visit: &mut Visit<'_>,
) -> io::Result<()> {
    const COLUMNS: &[&str] = &["page", "state"];
    let path = source.path().to_owned();
    visit.begin(&path, "chunk checksums", COLUMNS, source.len())?;
    let bytes = source.whole()?;
    // The log's id is not in its name: whoever the first readable page belongs to is believed, as
    // far as the segment is the right one.
    let log_id = bytes.chunks(PAGE_BYTES).find_map(ChunkSums::peek_log_id).unwrap_or_default();
    let loaded = ChunkSums::decode(ChunkOwner { log_id, base_offset }, bytes);
    let pages = bytes.len().div_ceil(PAGE_BYTES);
    for page in 0..pages as u32 {
        let fault = loaded.faults.iter().find(|(number, _)| *number == page);
        let state = fault.map_or("good".to_owned(), |(_, fault)| fault.to_string());
        visit.row(&[Value::Count(u64::from(page)), Value::Text(&state)])?;
        if let Some((_, fault)) = fault {
            let place = (u64::from(page) * PAGE_BYTES as u64, PAGE_BYTES as u64);
            visit.fault(&path, Some(place), format!("page {page}: {fault}"))?;
        }
    }
    let mut verified = 0;
    if let Some((log, _)) = log {
        let mut at = 0;
        while at < loaded.sums.covered_bytes().min(log.len()) {
            let log_path = log.path().to_owned();
            match log.get(at, CHUNK_BYTES) {
                Ok(bytes) => match loaded.sums.verify(at, bytes) {
                    Ok(bytes) => verified += bytes as u64,
                    Err(error) => {
                        let place = (error.position, u64::from(error.bytes));
                        visit.fault(&log_path, Some(place), error.to_string())?;
                    }
                },
                Err(error) => {
                    let what = format!("it cannot be read: {error}");
                    visit.fault(&log_path, Some((at, CHUNK_BYTES as u64)), what)?;
                }
            }
            at += CHUNK_BYTES as u64;
        }
    }
    visit.end(&[
        ("log_id", Value::Count(log_id)),
        ("chunks", Value::Count(loaded.sums.len() as u64)),
        ("covered_bytes", Value::Count(loaded.sums.covered_bytes())),
        ("verified_bytes", Value::Count(verified)),
    ])
}
