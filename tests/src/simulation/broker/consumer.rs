//! Consumers without a group: they read anywhere, follow the end, and audit whole partitions.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use ringlog::protocol::ErrorCode;
use ringlog::protocol::generated::fetch_request::{FetchPartition, FetchTopic};
use ringlog::protocol::generated::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ringlog::protocol::generated::{FetchRequest, ListOffsetsRequest};
use ringlog_engine::io::Io;

use super::record::{RecordId, read};
use super::stage::{Stage, below, chance, count, pause, pick};
use super::wire::{Broken, Wire};

/// How one fetch is made.
#[derive(Clone, Copy, Debug)]
pub struct Want {
    /// Version of the request.
    pub version: i16,
    /// Largest answer.
    pub max_bytes: i32,
    /// How long the broker may wait for records.
    pub wait_ms: i32,
}

impl Want {
    /// Any way at all.
    pub fn any(io: &Io) -> Self {
        Self {
            version: 12 + below(io, 7) as i16,
            max_bytes: 1 << (7 + below(io, 11)),
            wait_ms: *pick(io, &[0, 5, 100, 500]),
        }
    }
}

/// What a fetch of one partition brought.
#[derive(Debug)]
pub enum Fetched {
    /// Records from the offset on, and the high watermark.
    Records(Vec<(i64, RecordId)>, i64),
    /// The offset is gone: the log starts later.
    Gone,
    /// Nothing this time.
    Nothing,
}

/// Fetches from several partitions at once, and checks whatever comes.
///
/// # Errors
/// When the connection breaks.
pub async fn fetch(
    stage: &Stage,
    wire: &mut Wire,
    want: Want,
    offsets: &BTreeMap<(usize, usize), i64>,
) -> Result<BTreeMap<(usize, usize), Fetched>, Broken> {
    let mut floors = BTreeMap::new();
    let mut topics: BTreeMap<usize, FetchTopic> = BTreeMap::new();
    for (place, offset) in offsets {
        let history = stage.partition(*place).borrow();
        floors.insert(*place, (history.end(), history.start()));
        let topic = &stage.topics[place.0];
        let topic = topics.entry(place.0).or_insert_with(|| FetchTopic {
            topic: topic.name.clone(),
            topic_id: topic.id.get().unwrap_or_default(),
            ..Default::default()
        });
        topic.partitions.push(FetchPartition {
            partition: place.1 as i32,
            fetch_offset: *offset,
            partition_max_bytes: want.max_bytes,
            ..Default::default()
        });
    }
    let request = FetchRequest {
        max_wait_ms: want.wait_ms,
        min_bytes: 1,
        max_bytes: want.max_bytes,
        topics: topics.into_values().collect(),
        ..Default::default()
    };
    let answer = wire.call(want.version, &request).await?;
    assert_eq!(answer.error_code, 0, "a fetch without a session");
    let mut brought = BTreeMap::new();
    for topic in answer.responses {
        let number = stage
            .topics
            .iter()
            .position(|known| known.name == topic.topic || known.id.get() == Some(topic.topic_id));
        let Some(number) = number else { panic!("a fetch brought {}", topic.topic) };
        for data in topic.partitions {
            let place = (number, data.partition_index as usize);
            let Some((end, start)) = floors.get(&place).copied() else {
                panic!("a fetch brought partition {place:?}, which it did not ask for")
            };
            let offset = offsets[&place];
            let mut history = stage.partition(place).borrow_mut();
            let name = history.place.clone();
            let fetched = match ErrorCode::from_code(data.error_code) {
                Some(ErrorCode::None) => {
                    history.watermark(data.high_watermark, end);
                    history.start_told(data.log_start_offset, start);
                    let bytes: Vec<u8> = data
                        .records
                        .iter()
                        .flatten()
                        .flat_map(|piece| piece.iter().copied())
                        .collect();
                    let records = read(&bytes, &name);
                    let mut next = None;
                    for (at, id) in &records {
                        let limit = data.high_watermark;
                        assert!(*at < limit, "{name}: {at} was sent, the watermark is {limit}");
                        assert!(
                            next.is_none_or(|next| *at == next),
                            "{name}: a fetch has {at} where {next:?} belongs"
                        );
                        next = Some(*at + 1);
                        history.at(*at, *id);
                        count(&stage.progress.fetched);
                    }
                    if let Some((first, _)) = records.first() {
                        assert!(
                            *first <= offset,
                            "{name}: a fetch from {offset} on begins at {first}"
                        );
                    }
                    assert!(
                        next.is_none_or(|next| next > offset),
                        "{name}: a fetch from {offset} on ends before it"
                    );
                    let records: Vec<_> =
                        records.into_iter().filter(|(at, _)| *at >= offset).collect();
                    Fetched::Records(records, data.high_watermark)
                }
                Some(ErrorCode::OffsetOutOfRange) => {
                    let asked = history.start_asked();
                    assert!(
                        offset < asked,
                        "{name}: offset {offset} is out of range: the log was to start at {asked} \
                         and to end at {end} at least"
                    );
                    Fetched::Gone
                }
                _ => {
                    stage.excuse(&format!("{name}: fetch at {offset}"), data.error_code);
                    Fetched::Nothing
                }
            };
            brought.insert(place, fetched);
        }
    }
    Ok(brought)
}

/// Reads at random places and follows the ends until the run closes.
pub async fn consume(io: Io, stage: Rc<Stage>) {
    while let Some(mut wire) = stage.connect(&io).await {
        while !stage.closing.get() {
            if wander(&io, &stage, &mut wire).await.is_err() {
                pause(&io, Duration::from_millis(80)).await;
                break;
            }
        }
    }
}

async fn wander(io: &Io, stage: &Stage, wire: &mut Wire) -> Result<(), Broken> {
    let mut offsets = BTreeMap::new();
    for place in stage.partitions() {
        if chance(io, 2) {
            let history = stage.partition(place).borrow();
            let (start, end) = (history.start(), history.end());
            let offset = match below(io, 3) {
                0 => end,
                1 => start,
                _ => start + below(io, (end - start).max(1) as u64) as i64,
            };
            offsets.insert(place, offset);
        }
    }
    if offsets.is_empty() {
        pause(io, Duration::from_millis(20)).await;
        return Ok(());
    }
    let want = Want::any(io);
    for _ in 0..1 + below(io, 6) {
        if stage.closing.get() {
            return Ok(());
        }
        let brought = fetch(stage, wire, want, &offsets).await?;
        for (place, fetched) in brought {
            match fetched {
                Fetched::Records(records, _) => {
                    if let Some((last, _)) = records.last() {
                        offsets.insert(place, last + 1);
                    }
                }
                Fetched::Gone => {
                    offsets.insert(place, stage.partition(place).borrow().start_asked());
                }
                Fetched::Nothing => {}
            }
        }
        pause(io, Duration::from_millis(40)).await;
    }
    if chance(io, 4) {
        let places: Vec<(usize, usize)> = offsets.keys().copied().collect();
        list_offsets(stage, wire, *pick(io, &places)).await?;
    }
    Ok(())
}

/// Asks for the log start and the high watermark; nothing when the broker cannot tell now.
///
/// # Errors
/// When the connection breaks.
pub async fn list_offsets(
    stage: &Stage,
    wire: &mut Wire,
    place: (usize, usize),
) -> Result<Option<(i64, i64)>, Broken> {
    let mut told = [0; 2];
    for (at, timestamp) in [(0, -2), (1, -1)] {
        let (end, start, name) = {
            let history = stage.partition(place).borrow();
            (history.end(), history.start(), history.place.clone())
        };
        let partition = ListOffsetsPartition {
            partition_index: place.1 as i32,
            timestamp,
            ..Default::default()
        };
        let name_of = stage.topics[place.0].name.clone();
        let request = ListOffsetsRequest {
            replica_id: -1,
            topics: vec![ListOffsetsTopic { name: name_of, partitions: vec![partition] }],
            ..Default::default()
        };
        let answer = wire.call(7, &request).await?;
        let partition = answer.topics.first().and_then(|topic| topic.partitions.first());
        let Some(partition) = partition else { panic!("{name}: left out of {answer:?}") };
        if partition.error_code != 0 {
            stage.excuse(&format!("{name}: ListOffsets"), partition.error_code);
            return Ok(None);
        }
        let mut history = stage.partition(place).borrow_mut();
        match timestamp {
            -2 => history.start_told(partition.offset, start),
            _ => history.watermark(partition.offset, end),
        }
        told[at] = partition.offset;
    }
    Ok(Some((told[0], told[1])))
}

/// Reads every partition from its start to its high watermark and compares it with all that was
/// ever told. Returns whether it came to the end.
pub async fn audit(io: Io, stage: Rc<Stage>) -> bool {
    let mut left = stage.partitions();
    while let Some(mut wire) = stage.connect(&io).await {
        while let Some(place) = left.last().copied() {
            match audit_one(&io, &stage, &mut wire, place).await {
                Ok(true) => _ = left.pop(),
                Ok(false) => pause(&io, Duration::from_millis(100)).await,
                Err(Broken(_)) => {
                    pause(&io, Duration::from_millis(80)).await;
                    break;
                }
            }
            if stage.closing.get() {
                return false;
            }
        }
        if left.is_empty() {
            return true;
        }
    }
    false
}

async fn audit_one(
    io: &Io,
    stage: &Stage,
    wire: &mut Wire,
    place: (usize, usize),
) -> Result<bool, Broken> {
    let Some((start, end)) = list_offsets(stage, wire, place).await? else { return Ok(false) };
    let (mut next, mut found) = (start, BTreeMap::new());
    let want = Want { max_bytes: 256 << 10, ..Want::any(io) };
    let mut idle = 0;
    while next < end {
        let mut brought = fetch(stage, wire, want, &[(place, next)].into()).await?;
        match brought.remove(&place) {
            Some(Fetched::Records(records, _)) => {
                idle = if records.is_empty() { idle + 1 } else { 0 };
                if let Some((last, _)) = records.last() {
                    next = last + 1;
                }
                found.extend(records);
            }
            Some(Fetched::Gone) => return Ok(false),
            _ => idle += 1,
        }
        if idle > 0 {
            pause(io, Duration::from_millis(50)).await;
        }
        if idle > 200 || stage.closing.get() {
            let name = stage.partition(place).borrow().place.clone();
            assert!(idle < 200 || damaged(stage), "{name}: nothing can be read at {next} of {end}");
            return Ok(false);
        }
    }
    let mut history = stage.partition(place).borrow_mut();
    // What was to be deleted meanwhile may be there or not.
    let start = history.start_asked().max(start).min(end);
    history.audit(start, end, &found);
    count(&stage.progress.audited);
    Ok(true)
}

fn damaged(stage: &Stage) -> bool {
    let faults = stage.faults.get();
    faults.errors || faults.full || faults.lying
}
