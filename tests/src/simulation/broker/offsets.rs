//! Who looks at committed offsets, with the group and from outside.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use ringlog::protocol::generated::list_offsets_request::{ListOffsetsPartition, ListOffsetsTopic};
use ringlog::protocol::generated::offset_fetch_request::{
    OffsetFetchRequestGroup, OffsetFetchRequestTopics,
};
use ringlog::protocol::generated::{ListOffsetsRequest, OffsetFetchRequest};
use ringlog_engine::io::Io;

use super::stage::{GROUP, Stage, below, pause};
use super::wire::{Broken, Wire};

/// Partitions of `__consumer_offsets`.
pub const COORDINATORS: i32 = 2;

/// Asks how far the group has come in these partitions, and compares it with all that was told
/// before; nothing committed is -1. An error of the coordinator is returned as its code.
pub async fn fetch_offsets(
    io: &Io,
    stage: &Stage,
    wire: &mut Wire,
    places: &[(usize, usize)],
) -> Result<Result<BTreeMap<(usize, usize), i64>, i16>, Broken> {
    let mut topics: BTreeMap<usize, OffsetFetchRequestTopics> = BTreeMap::new();
    for (t, p) in places {
        let name = stage.topics[*t].name.clone();
        let topic = topics.entry(*t).or_default();
        topic.name = name;
        topic.partition_indexes.push(*p as i32);
    }
    let group = OffsetFetchRequestGroup {
        group_id: GROUP.into(),
        topics: Some(topics.into_values().collect()),
        ..Default::default()
    };
    let request = OffsetFetchRequest { groups: vec![group], ..Default::default() };
    let asked = stage.tick();
    let answer = wire.call(8 + below(io, 2) as i16, &request).await?;
    let Some(group) = answer.groups.first() else { panic!("no group: {answer:?}") };
    if group.error_code != 0 {
        return Ok(Err(group.error_code));
    }
    let mut positions = BTreeMap::new();
    let now = stage.tick();
    for topic in &group.topics {
        let number = stage.topics.iter().position(|known| known.name == topic.name);
        let Some(number) = number else { panic!("offsets of {}", topic.name) };
        for partition in &topic.partitions {
            if partition.error_code != 0 {
                return Ok(Err(partition.error_code));
            }
            let place = (number, partition.partition_index as usize);
            let offset = partition.committed_offset;
            let name = format!("{GROUP}: {}", stage.partition(place).borrow().place);
            let mut commits = stage.commits.borrow_mut();
            commits.entry(place).or_default().fetched(offset, asked, now, &name);
            positions.insert(place, offset);
        }
    }
    assert_eq!(positions.len(), places.len(), "OffsetFetch leaves partitions out");
    Ok(Ok(positions))
}

/// Looks at the group's offsets again and again, as lag monitors do, until the run ends.
pub async fn watch(io: Io, stage: Rc<Stage>) {
    let places = stage.partitions();
    while let Some(mut wire) = stage.connect(&io).await {
        while !stage.closing.get() {
            pause(&io, Duration::from_millis(150)).await;
            match fetch_offsets(&io, &stage, &mut wire, &places).await {
                Ok(Ok(_)) => {}
                Ok(Err(code)) => stage.excuse("OffsetFetch", code),
                Err(_) => break,
            }
            if look_at_coordinators(&stage, &mut wire).await.is_err() {
                break;
            }
        }
    }
}

/// Notes how much of the coordinators' logs is gone.
async fn look_at_coordinators(stage: &Stage, wire: &mut Wire) -> Result<(), Broken> {
    const EARLIEST: i64 = -2;
    let partition = |partition_index| ListOffsetsPartition {
        partition_index,
        timestamp: EARLIEST,
        ..Default::default()
    };
    let request = ListOffsetsRequest {
        replica_id: -1,
        topics: vec![ListOffsetsTopic {
            name: "__consumer_offsets".into(),
            partitions: (0..COORDINATORS).map(partition).collect(),
        }],
        ..Default::default()
    };
    let answer = wire.call(7, &request).await?;
    for partition in answer.topics.iter().flat_map(|topic| &topic.partitions) {
        // Before the first group there is no such topic.
        if partition.error_code != 0 {
            continue;
        }
        let mut starts = stage.coordinator_starts.borrow_mut();
        let before = starts.entry(partition.partition_index).or_default();
        assert!(
            *before <= partition.offset,
            "the log start of a coordinator went back from {before} to {}",
            partition.offset
        );
        *before = partition.offset;
    }
    Ok(())
}
