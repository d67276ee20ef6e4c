//! Who creates the topics and moves log starts.

use std::rc::Rc;
use std::time::Duration;

use ringlog::protocol::generated::create_topics_request::CreatableTopic;
use ringlog::protocol::generated::delete_records_request::{
    DeleteRecordsPartition, DeleteRecordsTopic,
};
use ringlog::protocol::generated::metadata_request::MetadataRequestTopic;
use ringlog::protocol::generated::{CreateTopicsRequest, DeleteRecordsRequest, MetadataRequest};
use ringlog::protocol::{ErrorCode, Uuid};
use ringlog_engine::io::Io;

use super::stage::{Stage, below, count, pause, pick};
use super::wire::{Broken, Wire};

/// Creates the topics and learns their ids; returns when that is done.
pub async fn set_up(io: &Io, stage: &Stage) {
    while let Some(mut wire) = stage.connect(io).await {
        match create(io, stage, &mut wire).await {
            Ok(true) => return,
            _ => pause(io, Duration::from_millis(100)).await,
        }
    }
}

async fn create(io: &Io, stage: &Stage, wire: &mut Wire) -> Result<bool, Broken> {
    let topics = stage.topics.iter().map(|topic| CreatableTopic {
        name: topic.name.clone(),
        num_partitions: topic.partitions.len() as i32,
        replication_factor: 1,
        ..Default::default()
    });
    let request =
        CreateTopicsRequest { topics: topics.collect(), timeout_ms: 5000, ..Default::default() };
    let answer = wire.call(5 + below(io, 3) as i16, &request).await?;
    for topic in &answer.topics {
        match ErrorCode::from_code(topic.error_code) {
            Some(ErrorCode::None | ErrorCode::TopicAlreadyExists) => {}
            _ => {
                stage.excuse("CreateTopics", topic.error_code);
                return Ok(false);
            }
        }
    }
    look(stage, wire).await
}

/// Compares the topics' ids with those told before. Returns whether all are there.
async fn look(stage: &Stage, wire: &mut Wire) -> Result<bool, Broken> {
    let topics = stage
        .topics
        .iter()
        .map(|topic| MetadataRequestTopic { name: Some(topic.name.clone()), ..Default::default() });
    let request = MetadataRequest {
        topics: Some(topics.collect()),
        allow_auto_topic_creation: false,
        ..Default::default()
    };
    let answer = wire.call(12, &request).await?;
    for topic in answer.topics {
        let known = stage.topics.iter().find(|known| Some(&known.name) == topic.name.as_ref());
        let Some(known) = known else { panic!("metadata of {:?}", topic.name) };
        let before = known.id.get();
        match ErrorCode::from_code(topic.error_code) {
            Some(ErrorCode::None) => {}
            Some(ErrorCode::UnknownTopicOrPartition) if before.is_none() => return Ok(false),
            error => panic!("{}: it was created, and now {error:?}", known.name),
        }
        assert!(
            before.is_none_or(|before: Uuid| before == topic.topic_id),
            "{}: its id was {before:?} and is {:?}",
            known.name,
            topic.topic_id
        );
        assert_eq!(topic.partitions.len(), known.partitions.len(), "{}: partitions", known.name);
        known.id.set(Some(topic.topic_id));
    }
    Ok(true)
}

/// Deletes records now and then, until the run ends.
pub async fn administer(io: Io, stage: Rc<Stage>) {
    while let Some(mut wire) = stage.connect(&io).await {
        while !stage.closing.get() {
            pause(&io, Duration::from_millis(800)).await;
            if stage.ending.get() {
                continue;
            }
            let places = stage.partitions();
            let done = match below(&io, 3) {
                0 => look(&stage, &mut wire).await.map(|_| ()),
                _ => delete_records(&io, &stage, &mut wire, *pick(&io, &places)).await,
            };
            if done.is_err() {
                break;
            }
        }
    }
}

async fn delete_records(
    io: &Io,
    stage: &Stage,
    wire: &mut Wire,
    place: (usize, usize),
) -> Result<(), Broken> {
    let (before, floor) = {
        let mut history = stage.partition(place).borrow_mut();
        let (start, end) = (history.start(), history.end());
        let before = start + below(io, (end - start) as u64 / 2 + 1) as i64;
        history.start_wanted(before);
        (before, start)
    };
    let partition = DeleteRecordsPartition { partition_index: place.1 as i32, offset: before };
    let name = stage.topics[place.0].name.clone();
    let request = DeleteRecordsRequest {
        topics: vec![DeleteRecordsTopic { name, partitions: vec![partition] }],
        timeout_ms: 5000,
    };
    let answer = wire.call(2, &request).await?;
    let told = answer.topics.first().and_then(|topic| topic.partitions.first());
    let mut history = stage.partition(place).borrow_mut();
    let Some(told) = told else { panic!("{}: left out of {answer:?}", history.place) };
    if told.error_code != 0 {
        stage.excuse(&format!("{}: DeleteRecords", history.place), told.error_code);
        return Ok(());
    }
    assert!(told.low_watermark >= before, "{}: {told:?}, asked for {before}", history.place);
    history.start_told(told.low_watermark, floor);
    count(&stage.progress.trimmed);
    Ok(())
}
