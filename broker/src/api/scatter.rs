//! Questions about many partitions: each is asked on the shard of its partition.

use std::collections::BTreeMap;
use std::future::Future;
use std::rc::Rc;

use ringlog_engine::io::ShardId;

use crate::metadata::Image;
use crate::partition::Partition;
use crate::protocol::{ErrorCode, Uuid};
use crate::server::Broker;

/// Where a partition is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    shard: ShardId,
    topic: Uuid,
    partition: i32,
}

impl Place {
    /// Where partition `number` of the topic is.
    ///
    /// # Errors
    /// `UNKNOWN_TOPIC_OR_PARTITION` when there is no such partition.
    pub(super) fn find(image: &Image, topic: &str, number: i32) -> Result<Self, ErrorCode> {
        let found = image.partition(topic, number);
        let (topic, partition) = found.ok_or(ErrorCode::UnknownTopicOrPartition)?;
        Ok(Self { shard: partition.shard, topic: topic.id, partition: number })
    }
}

/// The questions for one shard.
struct Share<Q> {
    /// Where each stands among all.
    order: Vec<usize>,
    questions: Vec<(Place, Q)>,
}

impl<Q> Share<Q> {
    fn none() -> Self {
        Self { order: Vec::new(), questions: Vec::new() }
    }
}

/// Asks every question that has a place, all of them at the same time, and returns the answers in
/// the order of the questions. `work` runs on the partition's shard.
pub(super) async fn ask<Q, R, W, F>(
    broker: &Rc<Broker>,
    questions: Vec<Result<(Place, Q), ErrorCode>>,
    work: W,
) -> Vec<Result<R, ErrorCode>>
where
    Q: Send + 'static,
    R: Send + 'static,
    W: Fn(Rc<Partition>, Q) -> F + Clone + Send + 'static,
    F: Future<Output = Result<R, ErrorCode>> + 'static,
{
    let mut answers: Vec<Result<R, ErrorCode>> = Vec::with_capacity(questions.len());
    let mut by_shard: BTreeMap<ShardId, Share<Q>> = BTreeMap::new();
    for (at, question) in questions.into_iter().enumerate() {
        match question {
            Ok((place, question)) => {
                let share = by_shard.entry(place.shard).or_insert_with(Share::none);
                share.order.push(at);
                share.questions.push((place, question));
                // Stands until the shard has answered, and for good when it has stopped.
                answers.push(Err(ErrorCode::NotLeaderOrFollower));
            }
            Err(code) => answers.push(Err(code)),
        }
    }
    let shards: Vec<_> = by_shard
        .into_iter()
        .map(|(shard, Share { order, questions })| {
            let (broker, work) = (broker.clone(), work.clone());
            let asked = broker.clone().io.spawn(async move {
                let job = move |broker: Rc<Broker>| async move {
                    ask_here(&broker, questions, work).await
                };
                broker.seat.submit_to(shard, job).await
            });
            (order, asked)
        })
        .collect();
    for (order, asked) in shards {
        let Ok(Ok(found)) = asked.await else { continue };
        for (at, answer) in order.into_iter().zip(found) {
            if let Some(slot) = answers.get_mut(at) {
                *slot = answer;
            }
        }
    }
    answers
}

async fn ask_here<Q, R, W, F>(
    broker: &Rc<Broker>,
    questions: Vec<(Place, Q)>,
    work: W,
) -> Vec<Result<R, ErrorCode>>
where
    Q: 'static,
    R: 'static,
    W: Fn(Rc<Partition>, Q) -> F,
    F: Future<Output = Result<R, ErrorCode>> + 'static,
{
    let asked: Vec<_> = questions
        .into_iter()
        .map(|(place, question)| {
            let partition = broker.partition(place.topic, place.partition);
            partition
                .map(|partition| broker.io.spawn(work(partition, question)))
                .ok_or_else(|| broker.absent())
        })
        .collect();
    let mut answers = Vec::with_capacity(asked.len());
    for task in asked {
        answers.push(match task {
            Ok(task) => task.await.unwrap_or(Err(ErrorCode::NotLeaderOrFollower)),
            Err(code) => Err(code),
        });
    }
    answers
}
