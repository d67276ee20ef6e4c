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
use crate::partition::{PartitionRead, SessionFetch, SessionPartition, TopicRef, WatchKey};
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

impl Limits {
    /// What each of `shards` may read.
    fn share(&self, shards: usize) -> usize {
        self.max_bytes / shards.max(1)
    }

    /// What ends the wait for more: what was asked for, unless one shard alone could not give it. A shard
    /// that has more than its share gives at least half of it, whatever the size of its batches.
    fn enough_bytes(&self, shards: usize) -> usize {
        self.min_bytes.min(self.share(shards) / 2)
    }
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
    if id != 0 || epoch != -1 {
        // Its session is on this shard.
        context.connection.affinity.stay();
    }
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
            .min(usize::try_from(broker.config().fetch_max_bytes).unwrap_or(0)),
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
    // Most fetches find enough at once and watch nothing.
    let mut waits = false;
    let mut watches: Vec<ShardWatch> = Vec::new();
    loop {
        // A watch begins before the read that it is to complete, so nothing is missed between.
        for (shard, wants) in wants.iter().filter(|_| waits) {
            if !watches.iter().any(|watch| watch.shard == *shard) {
                watches.push(ShardWatch::begin(broker, *shard, wants.clone(), limits.deadline));
            }
        }
        let failed = read_all(broker, &wants, limits, &mut reads).await;
        let bytes: usize = reads.iter().map(|read| read.bytes).sum();
        let late = broker.io.now() >= limits.deadline || broker.is_stopping();
        if failed || late || bytes >= limits.enough_bytes(wants.len()) || wants.is_empty() {
            break;
        }
        if waits {
            first(&mut watches).await;
        }
        waits = true;
    }
    drop(watches);
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
    // Each shard has its share of the limit: what is read and does not fit into the answer would be
    // read again.
    let limits = Limits { max_bytes: limits.share(wants.len()), ..limits };
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

/// A wait for the partitions of one shard. It ends with its fetch: dropped, it ends on that shard
/// too.
struct ShardWatch {
    broker: Rc<Broker>,
    shard: ShardId,
    key: WatchKey,
    done: JoinHandle<()>,
}

impl ShardWatch {
    /// Completes when any of the partitions has moved, or at the deadline. It is on its way to the
    /// shard when this returns.
    fn begin(broker: &Rc<Broker>, shard: ShardId, wants: Vec<Want>, deadline: u64) -> Self {
        let key = broker.watches.name(broker.seat.shard());
        let here = broker.clone();
        let done = broker.io.start(async move {
            let job = move |broker: Rc<Broker>| async move {
                watch(&broker, key, &wants, deadline).await
            };
            if here.seat.submit_to(shard, job).await.is_err() {
                here.io.sleep(Duration::from_millis(1)).await;
            }
        });
        Self { broker: broker.clone(), shard, key, done }
    }
}

impl Drop for ShardWatch {
    fn drop(&mut self) {
        if self.done.is_finished() {
            return;
        }
        let (here, shard, key) = (self.broker.clone(), self.shard, self.key);
        // It goes the way of the watch and comes after it.
        self.broker.io.start(async move {
            let ending = here.seat.submit_to(shard, move |broker| async move {
                broker.watches.end(key);
            });
            // A shard that is gone watches nothing.
            ending.await.unwrap_or_default();
        });
    }
}

/// Waits until one of the partitions has moved, the fetch has ended, the node stops or the deadline
/// has come.
async fn watch(broker: &Broker, key: WatchKey, wants: &[Want], deadline: u64) {
    let place = broker.watches.begin(key);
    let partitions: Vec<_> =
        wants.iter().filter_map(|want| broker.partition(want.topic, want.partition)).collect();
    let mut moved: Vec<Pin<Box<dyn Future<Output = ()> + '_>>> =
        partitions.iter().map(|partition| Box::pin(partition.log().durable_moved()) as _).collect();
    moved.push(Box::pin(broker.stopping.notified()));
    moved.push(Box::pin(place.ended()));
    let any = std::future::poll_fn(|cx| {
        if moved.iter_mut().any(|one| one.as_mut().poll(cx).is_ready()) {
            return Poll::Ready(());
        }
        Poll::Pending
    });
    broker.io.timeout_at(deadline, any).await.unwrap_or_default();
}

/// Waits for the first of `watches`, and takes it off.
async fn first(watches: &mut Vec<ShardWatch>) {
    let done = std::future::poll_fn(|cx| {
        for (at, watch) in watches.iter_mut().enumerate() {
            if Pin::new(&mut watch.done).poll(cx).is_ready() {
                return Poll::Ready(at);
            }
        }
        Poll::Pending
    });
    let at = done.await;
    watches.swap_remove(at);
}

/// The first batch of each shard was read whatever its size: what is beyond the limit for all of them
/// together waits for the next fetch.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::generated::fetch_request::{FetchPartition, FetchTopic};
    use crate::server::testing::TestNode;

    const VERSION: i16 = 12;

    /// A fetch of two partitions, which are on two shards, from `offset` on.
    fn request(offset: i64, wait: Duration) -> FetchRequest {
        let partition = |partition| FetchPartition {
            partition,
            fetch_offset: offset,
            partition_max_bytes: 1 << 20,
            current_leader_epoch: -1,
            ..Default::default()
        };
        FetchRequest {
            max_wait_ms: wait.as_millis() as i32,
            min_bytes: 1,
            max_bytes: 1 << 20,
            session_epoch: -1,
            topics: vec![FetchTopic {
                topic: "t".into(),
                partitions: vec![partition(0), partition(1)],
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    fn watches(node: &TestNode) -> usize {
        (0..2).map(|shard| node.broker(shard).watches.count()).sum()
    }

    fn bytes(response: &FetchResponse) -> usize {
        let partitions = response.responses.iter().flat_map(|topic| &topic.partitions);
        partitions.flat_map(|partition| &partition.records).flatten().map(|s| s.len()).sum()
    }

    fn node() -> TestNode {
        let mut node = TestNode::start(2, |_| {});
        node.create_topic("t", 2);
        let shards: Vec<ShardId> =
            node.broker(0).image().topic("t").unwrap().partitions.iter().map(|p| p.shard).collect();
        assert_ne!(shards[0], shards[1], "the partitions are on two shards");
        node
    }

    #[test]
    fn a_thousand_fetches_that_found_nothing_leave_no_task_and_no_watch() {
        let mut node = node();
        let before = node.tasks();
        for _ in 0..1000 {
            let found = node.call(VERSION, &request(0, Duration::from_millis(2)));
            assert_eq!(bytes(&found), 0);
        }
        node.world.run_for(Duration::from_millis(1));
        assert_eq!((watches(&node), node.tasks()), (0, before));
    }

    #[test]
    fn a_fetch_that_ends_with_records_of_one_shard_watches_the_other_no_more() {
        let mut node = node();
        let before = node.tasks();
        for n in 0..100 {
            let fetch = node.ask(VERSION, &request(n, Duration::from_secs(60)));
            node.world.run_for(Duration::from_millis(5));
            assert_eq!(watches(&node), 2, "it waits on both shards");
            let began = node.world.now();
            node.write("t", 0, b"a");
            assert!(bytes(&node.world.join(fetch)) > 0);
            assert!(node.world.now() - began < 1_000_000_000, "it is woken, not late");
            // So that both partitions end at the same offset.
            node.write("t", 1, b"b");
        }
        node.world.run_for(Duration::from_millis(5));
        assert_eq!((watches(&node), node.tasks()), (0, before));
    }

    #[test]
    fn a_fetch_does_not_wait_for_more_than_one_shard_may_give() {
        let mut node = node();
        for _ in 0..40 {
            node.write("t", 0, &[7; 1000]);
        }
        let wanted = FetchRequest {
            min_bytes: 16 << 10,
            max_bytes: 16 << 10,
            ..request(0, Duration::from_secs(60))
        };
        let began = node.world.now();
        let found = bytes(&node.call(VERSION, &wanted));
        assert!(found > 4 << 10 && found <= 16 << 10, "{found} bytes");
        assert!(node.world.now() - began < 1_000_000_000, "it is answered at once");
    }

    #[test]
    fn a_fetch_that_finds_enough_at_once_watches_nothing() {
        let mut node = node();
        node.write("t", 0, b"a");
        let named = node.broker(0).watches.name(ShardId(0));
        assert!(bytes(&node.call(VERSION, &request(0, Duration::from_secs(60)))) > 0);
        let next = node.broker(0).watches.name(ShardId(0));
        assert_eq!(format!("{next:?}"), format!("{named:?}").replace("number: 0", "number: 1"));
    }
}
