//! Producers: idempotent ones with several requests under way, plain ones with one.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use ringlog::protocol::ErrorCode;
use ringlog::protocol::generated::produce_request::{PartitionProduceData, TopicProduceData};
use ringlog::protocol::generated::{InitProducerIdRequest, ProduceRequest, ProduceResponse};
use ringlog_engine::arena::Slice;
use ringlog_engine::batch::Compression;
use ringlog_engine::io::Io;

use super::history::Kind;
use super::record::{BatchPlan, RecordId, build};
use super::stage::{Stage, below, chance, count, pause, pick};
use super::wire::{Broken, Wire};

/// Batches of a partition under way at most: what a log remembers of a producer.
const WINDOW: usize = 5;

/// A batch that is not acknowledged.
struct Pending {
    first: RecordId,
    count: u32,
    bytes: Vec<u8>,
    sent: bool,
}

/// A producer's way into one partition.
#[derive(Default)]
struct Lane {
    next: u64,
    sequence: i32,
    /// The log knows this producer.
    known: bool,
    pending: VecDeque<Pending>,
    /// Batches at the front of `pending` that are under way.
    in_flight: usize,
    /// A batch was refused: what is behind it is refused, too, and all are sent anew.
    stuck: bool,
}

struct Producer {
    io: Io,
    stage: Rc<Stage>,
    number: u32,
    kind: Kind,
    id: Option<(i64, i16)>,
    version: i16,
    lanes: BTreeMap<(usize, usize), Lane>,
    /// Partitions of the requests under way, oldest first.
    asked: VecDeque<Vec<(usize, usize)>>,
    pace: Duration,
}

/// Produces to all partitions until the run ends, and then until everything is acknowledged.
pub async fn produce(io: Io, stage: Rc<Stage>, number: u32, kind: Kind) {
    let lanes = stage.partitions().into_iter().map(|place| (place, Lane::default())).collect();
    let version = 9 + below(&io, 5) as i16;
    let pace = Duration::from_millis(4 + below(&io, 80));
    let (id, asked) = (None, VecDeque::new());
    let mut producer = Producer { io, stage, number, kind, id, version, lanes, asked, pace };
    while let Some(mut wire) = producer.stage.connect(&producer.io).await {
        producer.reset();
        match producer.work(&mut wire).await {
            Ok(()) => return,
            Err(Broken(_)) => pause(&producer.io, Duration::from_millis(50)).await,
        }
    }
}

impl Producer {
    /// Nothing is under way any more: the oldest that was not acknowledged goes first.
    fn reset(&mut self) {
        self.asked.clear();
        for lane in self.lanes.values_mut() {
            lane.in_flight = 0;
            lane.stuck = false;
        }
    }

    async fn work(&mut self, wire: &mut Wire) -> Result<(), Broken> {
        while self.kind == Kind::Idempotent && self.id.is_none() {
            let request = InitProducerIdRequest {
                transactional_id: None,
                producer_id: -1,
                producer_epoch: -1,
                ..Default::default()
            };
            let answer = wire.call(4, &request).await?;
            if answer.error_code == 0 {
                self.id = Some((answer.producer_id, answer.producer_epoch));
            } else {
                self.stage.excuse("InitProducerId", answer.error_code);
                pause(&self.io, Duration::from_millis(200)).await;
            }
            if self.stage.closing.get() {
                return Ok(());
            }
        }
        let depth = if self.kind == Kind::Plain { 1 } else { 1 + below(&self.io, 5) as usize };
        loop {
            if self.stage.closing.get() {
                return Ok(());
            }
            let stuck = self.lanes.values().any(|lane| lane.stuck);
            while !stuck && wire.in_flight() < depth && self.send(wire).await? {
                if chance(&self.io, 3) {
                    pause(&self.io, self.pace).await;
                }
            }
            if wire.in_flight() == 0 {
                if stuck {
                    pause(&self.io, Duration::from_millis(300)).await;
                    self.reset();
                    continue;
                }
                if self.stage.ending.get() && self.lanes.values().all(|l| l.pending.is_empty()) {
                    return Ok(());
                }
                pause(&self.io, self.pace).await;
                continue;
            }
            let answer = wire.answer::<ProduceRequest>(self.version).await?;
            self.take(answer);
        }
    }

    /// Sends a request with a batch for each of some partitions; nothing to send is possible.
    async fn send(&mut self, wire: &mut Wire) -> Result<bool, Broken> {
        let places: Vec<(usize, usize)> = self.lanes.keys().copied().collect();
        let mut topics: BTreeMap<usize, TopicProduceData> = BTreeMap::new();
        let mut chosen = Vec::new();
        for place in places {
            let ready =
                self.lanes.get(&place).is_some_and(|lane| lane.in_flight < lane.pending.len());
            if !ready && (chance(&self.io, 2) || !self.fill(place)) {
                continue;
            }
            let stage = self.stage.clone();
            let Some(lane) = self.lanes.get_mut(&place) else { continue };
            let Some(batch) = lane.pending.get_mut(lane.in_flight) else { continue };
            lane.in_flight += 1;
            let topic = &stage.topics[place.0];
            stage.partition(place).borrow_mut().sent(batch.first, batch.count, self.kind);
            if batch.sent {
                count(&stage.progress.resent);
            }
            batch.sent = true;
            let data = topics.entry(place.0).or_insert_with(|| TopicProduceData {
                name: topic.name.clone(),
                topic_id: topic.id.get().unwrap_or_default(),
                ..Default::default()
            });
            data.partition_data.push(PartitionProduceData {
                index: place.1 as i32,
                records: Some(vec![Slice::copy_from(&batch.bytes)]),
            });
            chosen.push(place);
        }
        if chosen.is_empty() {
            return Ok(false);
        }
        let topic_data = topics.into_values().collect();
        let request =
            ProduceRequest { transactional_id: None, acks: -1, timeout_ms: 5000, topic_data };
        self.asked.push_back(chosen);
        wire.ask(self.version, &request).await?;
        Ok(true)
    }

    /// Makes a new batch for a partition, if there may be one more.
    fn fill(&mut self, place: (usize, usize)) -> bool {
        let (io, name) = (&self.io, self.stage.partition(place).borrow().place.clone());
        let Some(lane) = self.lanes.get_mut(&place) else { return false };
        // A log takes any sequence number of a producer it does not know.
        let window = if self.kind == Kind::Plain || !lane.known { 1 } else { WINDOW };
        if self.stage.ending.get() || lane.pending.len() >= window {
            return false;
        }
        let first = RecordId { producer: self.number, n: lane.next };
        let count = 1 + below(io, 6) as u32;
        let codecs = [Compression::None, Compression::None, Compression::Lz4, Compression::Snappy];
        let sequence = self.id.map(|(id, epoch)| (id, epoch, lane.sequence));
        let plan = BatchPlan { first, count, sequence, codec: *pick(io, &codecs) };
        lane.next += u64::from(count);
        lane.sequence += count as i32;
        let bytes = build(&plan, &name);
        lane.pending.push_back(Pending { first, count, bytes, sent: false });
        true
    }

    /// Takes an answer to the oldest request.
    fn take(&mut self, answer: ProduceResponse) {
        let places = self.asked.pop_front().unwrap_or_default();
        let mut told = BTreeMap::new();
        for topic in &answer.responses {
            let number = self.stage.topics.iter().position(|known| {
                known.name == topic.name || known.id.get() == Some(topic.topic_id)
            });
            for partition in &topic.partition_responses {
                let index = usize::try_from(partition.index).unwrap_or(usize::MAX);
                told.insert((number.unwrap_or(usize::MAX), index), partition);
            }
        }
        for place in places {
            let history = self.stage.partition(place);
            let name = history.borrow().place.clone();
            let Some(partition) = told.get(&place) else {
                panic!("{name}: the answer to a produce request leaves it out: {answer:?}")
            };
            let Some(lane) = self.lanes.get_mut(&place) else { continue };
            match ErrorCode::from_code(partition.error_code) {
                Some(ErrorCode::None) => {
                    assert!(!lane.stuck, "{name}: accepted behind a batch that was refused");
                    lane.known = true;
                    let Some(batch) = lane.pending.pop_front() else { continue };
                    lane.in_flight -= 1;
                    let mut history = history.borrow_mut();
                    history.acked(batch.first, batch.count, partition.base_offset);
                    count(&self.stage.progress.acked);
                }
                // Behind one that was refused or left open, all are.
                Some(ErrorCode::OutOfOrderSequenceNumber) if lane.stuck => {}
                _ => {
                    let first = lane.pending.front().map(|batch| batch.first);
                    let why = partition.error_message.as_deref().unwrap_or_default();
                    let number = self.number;
                    let what = format!("{name}: producer {number} sends {first:?}: {why}");
                    self.stage.excuse(&what, partition.error_code);
                    lane.stuck = true;
                }
            }
        }
    }
}
