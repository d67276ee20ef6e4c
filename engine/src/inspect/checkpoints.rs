//! Snapshots, checkpoints and property files: small, and read whole.

use std::io;

use super::sink::{Value, Visit};
use super::source::Source;
use crate::segment::properties::{self, MetaProperties};
use crate::segment::{FormatError, checkpoint, id, snapshot};

/// Looks at a `.snapshot`.
pub(super) fn producers(source: &mut Source, visit: &mut Visit<'_>) -> io::Result<()> {
    const COLUMNS: &[&str] = &[
        "producer_id",
        "epoch",
        "last_sequence",
        "last_offset",
        "offset_delta",
        "timestamp",
        "coordinator_epoch",
        "txn_first_offset",
    ];
    let entries = read(source, "producer snapshot", COLUMNS, visit, snapshot::decode)?;
    for entry in entries.iter().flatten() {
        visit.row(&[
            Value::Int(entry.producer_id),
            Value::Int(i64::from(entry.epoch)),
            Value::Int(i64::from(entry.last_sequence)),
            Value::Int(entry.last_offset),
            Value::Int(i64::from(entry.offset_delta)),
            Value::Int(entry.timestamp),
            Value::Int(i64::from(entry.coordinator_epoch)),
            entry.txn_first_offset.map_or(Value::Absent, Value::Int),
        ])?;
    }
    visit.end(&[("producers", Value::Count(entries.map_or(0, |entries| entries.len()) as u64))])
}

/// Looks at a checkpoint of partitions' offsets.
pub(super) fn offsets(source: &mut Source, visit: &mut Visit<'_>) -> io::Result<()> {
    const COLUMNS: &[&str] = &["topic", "partition", "offset"];
    let lines = read(source, "offset checkpoint", COLUMNS, visit, checkpoint::decode_offsets)?;
    for line in lines.iter().flatten() {
        let partition = Value::Int(i64::from(line.partition));
        visit.row(&[Value::Text(&line.topic), partition, Value::Int(line.offset)])?;
    }
    visit.end(&[("partitions", Value::Count(lines.map_or(0, |lines| lines.len()) as u64))])
}

/// Looks at a `leader-epoch-checkpoint`.
pub(super) fn epochs(source: &mut Source, visit: &mut Visit<'_>) -> io::Result<()> {
    const COLUMNS: &[&str] = &["epoch", "start_offset"];
    let path = source.path().to_owned();
    let lines = read(source, "leader epoch checkpoint", COLUMNS, visit, checkpoint::decode_epochs)?;
    let lines = lines.unwrap_or_default();
    for line in &lines {
        visit.row(&[Value::Int(i64::from(line.epoch)), Value::Int(line.start_offset)])?;
    }
    for (first, second) in lines.iter().zip(lines.iter().skip(1)) {
        if second.epoch <= first.epoch || second.start_offset <= first.start_offset {
            let what = format!("epoch {} does not follow epoch {}", second.epoch, first.epoch);
            visit.fault(&path, None, what)?;
        }
    }
    visit.end(&[("epochs", Value::Count(lines.len() as u64))])
}

/// Looks at a `partition.metadata`.
pub(super) fn partition_metadata(source: &mut Source, visit: &mut Visit<'_>) -> io::Result<()> {
    let decode = properties::decode_partition_metadata;
    let topic_id = read(source, "partition metadata", &[], visit, decode)?.map(id::to_text);
    visit.end(&[("topic_id", topic_id.as_deref().map_or(Value::Absent, Value::Text))])
}

/// Looks at a `meta.properties`.
pub(super) fn meta_properties(source: &mut Source, visit: &mut Visit<'_>) -> io::Result<()> {
    let meta = read(source, "log directory properties", &[], visit, MetaProperties::decode)?;
    let Some(meta) = meta else { return visit.end(&[]) };
    let directory_id = meta.directory_id.map(id::to_text);
    visit.end(&[
        ("cluster_id", Value::Text(&meta.cluster_id)),
        ("node_id", Value::Int(i64::from(meta.node_id))),
        ("directory_id", directory_id.as_deref().map_or(Value::Absent, Value::Text)),
    ])
}

/// Looks at a checkpoint of our own, of the directory or of a journal.
pub(super) fn storage(source: &mut Source, visit: &mut Visit<'_>) -> io::Result<()> {
    const COLUMNS: &[&str] = &[
        "log_id",
        "name",
        "topic_id",
        "partition",
        "log_start_offset",
        "next_offset",
        "durable_segment",
        "durable_position",
        "segments",
        "producers",
        "epochs",
        "faulty_ranges",
        "cuts",
    ];
    let path = source.path().to_owned();
    visit.begin(&path, "storage checkpoint", COLUMNS, source.len())?;
    let facts = match crate::log::describe_checkpoint(source.whole()?) {
        Ok(facts) => facts,
        Err(what) => {
            visit.fault(&path, None, what)?;
            return visit.end(&[]);
        }
    };
    for log in &facts.logs {
        let topic_id = id::to_text(log.topic_id);
        visit.row(&[
            Value::Count(log.id.0),
            Value::Text(&log.name),
            Value::Text(&topic_id),
            Value::Int(i64::from(log.partition)),
            Value::Int(log.log_start_offset),
            Value::Int(log.next_offset),
            Value::Int(log.durable_segment),
            Value::Count(log.durable_position),
            Value::Count(log.segments as u64),
            Value::Count(log.producers as u64),
            Value::Count(log.epochs as u64),
            Value::Count(log.faulty_ranges as u64),
            Value::Count(u64::from(log.cuts)),
        ])?;
    }
    let (directory, journal) = (hex(facts.directory), hex(facts.journal));
    let mut totals = vec![
        ("logs", Value::Count(facts.logs.len() as u64)),
        ("generation", Value::Count(facts.generation)),
        ("directory", Value::Text(&directory)),
        ("deleted_logs", Value::Count(facts.deleted as u64)),
    ];
    // The directory's own checkpoint has no journal: what it would say of one means nothing.
    if facts.journal != [0; 16] {
        totals.extend([
            ("clean", Value::Flag(facts.clean)),
            ("journal_incarnation", Value::Text(&journal)),
            ("first_frame_needed", Value::Count(facts.floor)),
            ("last_frame_durable", Value::Count(facts.mark)),
        ]);
    }
    visit.end(&totals)
}

/// 32 digits.
pub(super) fn hex(id: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(id))
}

fn read<T>(
    source: &mut Source,
    kind: &'static str,
    columns: &'static [&'static str],
    visit: &mut Visit<'_>,
    decode: impl Fn(&[u8]) -> Result<T, FormatError>,
) -> io::Result<Option<T>> {
    let path = source.path().to_owned();
    visit.begin(&path, kind, columns, source.len())?;
    match decode(source.whole()?) {
        Ok(contents) => Ok(Some(contents)),
        Err(error) => {
            visit.fault(&path, None, error.to_string())?;
            Ok(None)
        }
    }
}
