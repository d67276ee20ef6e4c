//! Fetch (1): whole batches where they lie; waits for records when there are too few.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use ringlog_engine::exec::JoinHandle;
use ringlog_engine::io::ShardId;

use super::{Answer, Context, Operation, Resource};
use crate::metadata::Image;
use crate::partition::{PartitionRead, SessionFetch, SessionPartition, TopicRef};
use crate::protocol::generated::fetch_response::{FetchableTopicResponse, PartitionData};
use crate::protocol::generated::{FetchRequest, FetchRequestView, FetchResponse};
use crate::protocol::{ErrorCode, Uuid};
use crate::server::Broker;

/// Longest wait that a client can ask for, in ms: the longest it may take to notice that the node
/// stops.
const WAIT_MS_MAX: i32 = 60_000;

/// A partition to be read, with its place among those of the request.
#[derive(Clone, Copy)]
struct Want {
    place: usize,
    topic: Uuid,
    partition: i32,
    offset: i64,
    max_bytes: usize,
    epoch: i32,
}

/// The limits of one fetch.
#[derive(Clone, Copy)]
struct Limits {
    min_bytes: usize,
    max_bytes: usize,
    committed_only: bool,
    /// By the shard's clock, in ns.
    deadline: u64,
}

pub(super) async fn handle(context: Context, request: FetchRequestView<'_>) -> Answer {
    let broker = context.broker.clone();
    let by_id = context.version >= 13;
    let topic_ref = |name: &str, id: Uuid| {
        if by_id { TopicRef::Id(id) } else { TopicRef::Name(name.to_owned()) }
    };
    let mut asked = Vec::new();
    for topic in request.topics.iter() {
        for part in topic.partitions.iter() {
            asked.push(SessionPartition {
                topic: topic_ref(topic.topic, topic.topic_id),
                partition: part.partition,
                fetch_offset: part.fetch_offset,
                max_bytes: part.partition_max_bytes,
                current_leader_epoch: part.current_leader_epoch,
                last_fetched_epoch: part.last_fetched_epoch,
                told: None,
            });
        }
    }
    let mut forgotten = Vec::new();
    for topic in request.forgotten_topics_data.iter() {
        for partition in topic.partitions.iter() {
            forgotten.push((topic_ref(topic.topic, topic.topic_id), partition));
        }
    }
    let (id, epoch) = match context.version {
        ..7 => (0, -1),
        _ => (request.session_id, request.session_epoch),
    };
    let fetch = match broker.sessions.begin(id, epoch, asked, &forgotten, broker.io.now()) {
        Ok(fetch) => fetch,
        Err(error) => {
            let response = FetchResponse { error_code: error.code(), ..Default::default() };
            return context.answer_now::<FetchRequest>(&response);
        }
    };
    let wait = u64::try_from(request.max_wait_ms.clamp(0, WAIT_MS_MAX)).unwrap_or(0);
    let limits = Limits {
        min_bytes: usize::try_from(request.min_bytes).unwrap_or(0),
        max_bytes: usize::try_from(request.max_bytes)
            .unwrap_or(0)
            .min(broker.settings.fetch_bytes_max),
        committed_only: request.isolation_level == 1,
        deadline: broker.io.now() + wait * 1_000_000,
    };
    let shared = Rc::new(context);
    let later = shared.clone();
    shared.answer::<FetchRequest>(async move { answer(&later, fetch, limits).await })
}

async fn answer(context: &Context, fetch: SessionFetch, limits: Limits) -> FetchResponse {
    let broker = &context.broker;
    let image = broker.image();
    let (wants, mut reads) = resolve(context, &image, &fetch);
    let mut waiting: Vec<(ShardId, JoinHandle<()>)> = Vec::new();
    loop {
        // Whoever watches began before the read, so nothing is missed between the two.
        for (shard, wants) in &wants {
            if !waiting.iter().any(|(watched, _)| watched == shard) {
                waiting.push((*shard, watch(broker, *shard, wants.clone(), limits.deadline)));
            }
        }
        let failed = read_all(broker, &wants, limits, &mut reads).await;
        let bytes: usize = reads.iter().map(|read| read.bytes).sum();
        let late = broker.io.now() >= limits.deadline || broker.is_stopping();
        if failed || late || bytes >= limits.min_bytes || wants.is_empty() {
            break;
        }
        first(&mut waiting).await;
    }
    drop(waiting);
    cut(&mut reads, limits.max_bytes);
    respond(context, &image, &fetch, reads)
}

/// Finds the shards of the partitions; what cannot be read is answered at once.
fn resolve(
    context: &Context,
    image: &Image,
    fetch: &SessionFetch,
) -> (BTreeMap<ShardId, Vec<Want>>, Vec<PartitionRead>) {
    let mut wants: BTreeMap<ShardId, Vec<Want>> = BTreeMap::new();
    let mut reads = Vec::with_capacity(fetch.partitions.len());
    for (place, asked) in fetch.partitions.iter().enumerate() {
        let (topic, unknown) = match &asked.topic {
            TopicRef::Name(name) => (image.topic(name), ErrorCode::UnknownTopicOrPartition),
            TopicRef::Id(id) => (image.topic_by_id(*id), ErrorCode::UnknownTopicId),
        };
        let Some(topic) = topic else {
            reads.push(PartitionRead::failed(unknown));
            continue;
        };
        if !context.is_allowed(Operation::Read, Resource::Topic(&topic.name)) {
            reads.push(PartitionRead::failed(ErrorCode::TopicAuthorizationFailed));
            continue;
        }
        let index = usize::try_from(asked.partition).unwrap_or(usize::MAX);
        let Some(partition) = topic.partitions.get(index) else {
            reads.push(PartitionRead::failed(ErrorCode::UnknownTopicOrPartition));
            continue;
        };
        reads.push(PartitionRead::default());
        wants.entry(partition.shard).or_default().push(Want {
            place,
            topic: topic.id,
            partition: asked.partition,
            offset: asked.fetch_offset,
            max_bytes: usize::try_from(asked.max_bytes).unwrap_or(0),
            epoch: asked.current_leader_epoch,
        });
    }
    (wants, reads)
}

/// Reads all partitions once. Returns whether any of them has an error to be told at once.
async fn read_all(
    broker: &Rc<Broker>,
    wants: &BTreeMap<ShardId, Vec<Want>>,
    limits: Limits,
    reads: &mut [PartitionRead],
) -> bool {
    let mut parts = Vec::new();
    for (shard, wants) in wants {
        let (shard, wants) = (*shard, wants.clone());
        let places: Vec<usize> = wants.iter().map(|want| want.place).collect();
        let here = broker.clone();
        let part = broker.io.spawn(async move {
            let job =
                move |broker: Rc<Broker>| async move { read_here(&broker, &wants, limits).await };
            here.seat.submit_to(shard, job).await
        });
        parts.push((places, part));
    }
    for (places, part) in parts {
        match part.await {
            Ok(Ok(found)) => {
                for (place, read) in found {
                    if let Some(slot) = reads.get_mut(place) {
                        *slot = read;
                    }
                }
            }
            _ => {
                for place in places {
                    if let Some(slot) = reads.get_mut(place) {
                        *slot = PartitionRead::failed(ErrorCode::NotLeaderOrFollower);
                    }
                }
            }
        }
    }
    reads.iter().any(|read| read.error != ErrorCode::None)
}

async fn read_here(
    broker: &Rc<Broker>,
    wants: &[Want],
    limits: Limits,
) -> Vec<(usize, PartitionRead)> {
    let mut left = limits.max_bytes;
    let mut any = false;
    let mut found = Vec::with_capacity(wants.len());
    for want in wants {
        let Some(partition) = broker.partition(want.topic, want.partition) else {
            found.push((want.place, PartitionRead::failed(broker.absent())));
            continue;
        };
        if let Err(code) = partition.check_epoch(want.epoch) {
            found.push((want.place, PartitionRead::failed(code)));
            continue;
        }
        // The first batch goes out whatever its size, or its reader would never get past it.
        let read = partition
            .read(want.offset, want.max_bytes.min(left), limits.committed_only, !any)
            .await;
        any |= read.bytes > 0;
        left = left.saturating_sub(read.bytes);
        found.push((want.place, read));
    }
    found
}

/// Completes when any of the partitions on `shard` has moved, or at the deadline.
fn watch(broker: &Rc<Broker>, shard: ShardId, wants: Vec<Want>, deadline: u64) -> JoinHandle<()> {
    let here = broker.clone();
    broker.io.spawn(async move {
        let job = move |broker: Rc<Broker>| async move {
            let partitions: Vec<_> = wants
                .iter()
                .filter_map(|want| broker.partition(want.topic, want.partition))
                .collect();
            let mut moved: Vec<Pin<Box<dyn Future<Output = ()> + '_>>> = partitions
                .iter()
                .map(|partition| Box::pin(partition.log().durable_moved()) as _)
                .collect();
            moved.push(Box::pin(broker.stopping.notified()));
            let any = std::future::poll_fn(|cx| {
                if moved.iter_mut().any(|one| one.as_mut().poll(cx).is_ready()) {
                    return Poll::Ready(());
                }
                Poll::Pending
            });
            // A wait that nobody awaits any more ends here too.
            broker.io.timeout_at(deadline, any).await.unwrap_or_default();
        };
        if here.seat.submit_to(shard, job).await.is_err() {
            here.io.sleep(Duration::from_millis(1)).await;
        }
    })
}

/// Waits for the first of `waiting`, and takes it off.
async fn first(waiting: &mut Vec<(ShardId, JoinHandle<()>)>) {
    let done = std::future::poll_fn(|cx| {
        for (at, (_, wait)) in waiting.iter_mut().enumerate() {
            if Pin::new(wait).poll(cx).is_ready() {
                return Poll::Ready(at);
            }
        }
        Poll::Pending
    });
    let at = done.await;
    waiting.swap_remove(at);
}

/// Shards read side by side, each up to the limit: what is beyond it for all of them together
/// waits for the next fetch.
fn cut(reads: &mut [PartitionRead], max_bytes: usize) {
    let mut total = 0;
    for read in reads {
        if total > 0 && total + read.bytes > max_bytes {
            read.pieces.clear();
            read.bytes = 0;
        }
        total += read.bytes;
    }
}

fn respond(
    context: &Context,
    image: &Image,
    fetch: &SessionFetch,
    reads: Vec<PartitionRead>,
) -> FetchResponse {
    let sessions = &context.broker.sessions;
    let mut responses: Vec<FetchableTopicResponse> = Vec::new();
    let mut places: BTreeMap<&TopicRef, usize> = BTreeMap::new();
    for (asked, read) in fetch.partitions.iter().zip(reads) {
        let failed = read.error != ErrorCode::None;
        let news = (read.high_watermark, read.log_start_offset);
        if !sessions.tell(fetch, asked, news, read.bytes > 0, failed) {
            continue;
        }
        let data = PartitionData {
            partition_index: asked.partition,
            error_code: read.error.code(),
            high_watermark: read.high_watermark,
            last_stable_offset: read.last_stable_offset,
            log_start_offset: read.log_start_offset,
            // Null without transactions to leave out, as Kafka has it.
            aborted_transactions: None,
            preferred_read_replica: -1,
            records: Some(read.pieces),
            ..Default::default()
        };
        let place = *places.entry(&asked.topic).or_insert_with(|| {
            let (topic, topic_id) = match &asked.topic {
                TopicRef::Name(name) => (name.clone(), Uuid::ZERO),
                TopicRef::Id(id) => {
                    let name = image.topic_by_id(*id).map(|topic| topic.name.clone());
                    (name.unwrap_or_default(), *id)
                }
            };
            responses.push(FetchableTopicResponse { topic, topic_id, ..Default::default() });
            responses.len() - 1
        });
        if let Some(topic) = responses.get_mut(place) {
            topic.partitions.push(data);
        }
    }
    FetchResponse { session_id: fetch.id, responses, ..Default::default() }
}
