//! The coordinators of a shard at work: one for each partition of `__consumer_offsets` that lies
//! here. Appending, keeping time and delivering answers happen here and only here; what is answered is
//! decided in [`Coordinator`].

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use ringlog_engine::batch::{BatchBuilder, NewRecord};
use ringlog_engine::exec::{Notify, OneshotSender, oneshot};
use ringlog_engine::io::Io;
use ringlog_engine::log::Appended;
use ringlog_engine::mutants::{self, Mutant};

use super::GroupConfig;
use super::coordinator::Coordinator;
use super::model::GroupRecord;
use super::records::encode_record;
use super::reply::Reply;
use super::request::Request;
use super::step::{AppendError, AppendId, Now, ReplyTo, Step};
use super::trim::LogSize;
use crate::partition::Partition;
use crate::protocol::ErrorCode;

pub(super) const NANOS_PER_MS: u64 = 1_000_000;

/// The answer of a coordinator; nothing when the partition is not coordinated here.
pub(super) type Asked = Option<Reply>;

/// The coordinators of a shard, by partition of `__consumer_offsets`.
pub struct GroupService {
    io: Io,
    config: GroupConfig,
    desks: RefCell<BTreeMap<i32, Rc<Desk>>>,
}

impl GroupService {
    /// A service without partitions.
    pub fn new(io: Io, config: GroupConfig) -> Self {
        Self { io, config, desks: RefCell::default() }
    }

    /// Takes over the coordination of a partition's groups. An empty partition is ready at once,
    /// another one when it is read.
    pub fn adopt(&self, partition: Rc<Partition>) {
        let desk = Rc::new(Desk {
            io: self.io.clone(),
            coordinator: RefCell::new(Coordinator::new(self.config.clone())),
            waiting: RefCell::default(),
            next_token: Cell::new(0),
            outgoing: RefCell::default(),
            is_writing: Cell::new(false),
            sent: RefCell::default(),
            is_settling: Cell::new(false),
            wake: Notify::default(),
            alarm: Cell::new(None),
            settled: Notify::default(),
            size: LogSize::default(),
            partition,
        });
        let number = desk.partition.number();
        let old = self.desks.borrow_mut().insert(number, desk.clone());
        assert!(old.is_none(), "a partition is adopted once");
        if desk.partition.log().log_end_offset() == desk.partition.log().log_start_offset() {
            desk.size.begin(0, &self.config);
            desk.open();
        } else {
            self.io.spawn(async move { desk.load().await });
        }
    }

    /// Asks the coordinator of a partition.
    pub(crate) async fn ask(&self, partition: i32, request: Request) -> Asked {
        let desk = self.desks.borrow().get(&partition).cloned()?;
        let (sender, answer) = oneshot();
        desk.handle(request, sender);
        answer.await.ok()
    }

    /// The partitions that are coordinated here.
    pub fn partitions(&self) -> Vec<i32> {
        self.desks.borrow().keys().copied().collect()
    }

    /// A topic was deleted: its offsets go.
    pub fn topic_deleted(&self, topic: &str) {
        let desks: Vec<Rc<Desk>> = self.desks.borrow().values().cloned().collect();
        for desk in desks {
            desk.coordinator.borrow_mut().topic_deleted(topic);
            desk.set_alarm();
        }
    }

    /// Ends coordination: everybody who waits is told to look for another coordinator.
    pub fn resign(&self) {
        let desks: Vec<Rc<Desk>> = self.desks.borrow().values().cloned().collect();
        for desk in desks {
            desk.resign();
        }
    }
}

/// One coordinator, its partition and those who wait for it.
pub(super) struct Desk {
    pub(super) io: Io,
    pub(super) partition: Rc<Partition>,
    pub(super) coordinator: RefCell<Coordinator>,
    waiting: RefCell<BTreeMap<ReplyTo, OneshotSender<Reply>>>,
    next_token: Cell<u64>,
    /// Records to be appended, in this order.
    outgoing: RefCell<VecDeque<(AppendId, Vec<GroupRecord>)>>,
    is_writing: Cell<bool>,
    /// Appends that are on their way to the medium, in this order.
    sent: RefCell<VecDeque<(AppendId, Appended)>>,
    is_settling: Cell<bool>,
    /// Signals that the next deadline has moved.
    wake: Notify,
    /// What the keeper of time waits for.
    alarm: Cell<Option<i64>>,
    /// Signals that an append became durable or was lost, or that the coordinator has resigned.
    pub(super) settled: Notify,
    /// How long the log is, and when it is too long.
    pub(super) size: LogSize,
}

impl Desk {
    pub(super) fn now(&self) -> Now {
        let clock_ms = i64::try_from(self.io.now() / NANOS_PER_MS).unwrap_or(i64::MAX);
        Now { clock_ms, wall_ms: self.io.wall_ms() }
    }

    fn handle(self: &Rc<Self>, request: Request, sender: OneshotSender<Reply>) {
        let to = ReplyTo(self.next_token.get());
        self.next_token.set(to.0 + 1);
        self.waiting.borrow_mut().insert(to, sender);
        let step = self.coordinator.borrow_mut().handle(self.now(), to, request);
        self.perform(step);
    }

    /// Delivers the replies of a step and queues its records.
    pub(super) fn perform(self: &Rc<Self>, step: Step) {
        for (to, reply) in step.replies {
            // A client that is gone does not wait any more.
            if let Some(sender) = self.waiting.borrow_mut().remove(&to) {
                sender.send(reply);
            }
        }
        if let Some(id) = step.append {
            self.outgoing.borrow_mut().push_back((id, step.records));
            if !self.is_writing.replace(true) {
                let desk = self.clone();
                self.io.spawn(async move { desk.write().await });
            }
        }
        self.set_alarm();
    }

    /// Hands queued records to the log, one batch for each step, in order.
    async fn write(self: Rc<Self>) {
        loop {
            let next = self.outgoing.borrow_mut().pop_front();
            let Some((id, records)) = next else { break };
            let queued = match self.batch(&records) {
                Ok(batch) => match self.partition.queue(&self.io, &batch).await {
                    Ok(appended) => Ok((appended, batch.len())),
                    Err(failure) => Err(match failure.code {
                        ErrorCode::RecordListTooLarge => AppendError::TooLarge,
                        ErrorCode::UnknownTopicOrPartition => AppendError::NotAvailable,
                        _ => AppendError::NotLeader,
                    }),
                },
                Err(error) => Err(error),
            };
            match queued {
                Ok((appended, bytes)) => {
                    self.size.grow(bytes);
                    self.sent.borrow_mut().push_back((id, appended));
                    if !self.is_settling.replace(true) {
                        let desk = self.clone();
                        self.io.spawn(async move { desk.settle().await });
                    }
                }
                Err(error) => {
                    let now = self.now();
                    let step = self.coordinator.borrow_mut().append_failed(now, id, error);
                    self.perform(step);
                    self.settled.notify();
                }
            }
        }
        self.is_writing.set(false);
    }

    fn batch(&self, records: &[GroupRecord]) -> Result<Vec<u8>, AppendError> {
        let mut builder = BatchBuilder::default();
        let timestamp = self.io.wall_ms();
        for record in records {
            // Names came over the wire or from the log, where they are as short.
            let (key, value) = encode_record(record).map_err(|_| AppendError::TooLarge)?;
            builder.push(NewRecord {
                timestamp,
                key: Some(&key),
                value: value.as_deref(),
                ..NewRecord::default()
            });
        }
        let batch = builder.build().map_err(|_| AppendError::TooLarge)?;
        let limit = self.partition.settings().batch_bytes_max;
        if batch.len() > limit {
            tracing::warn!(
                partition = self.partition.number(),
                bytes = batch.len(),
                limit,
                "records of a group are larger than a batch may be: raise max.message.bytes of \
                 __consumer_offsets"
            );
            return Err(AppendError::TooLarge);
        }
        Ok(batch)
    }

    /// Waits for appends to be durable, in order.
    async fn settle(self: Rc<Self>) {
        loop {
            let next = self.sent.borrow_mut().pop_front();
            let Some((id, appended)) = next else { break };
            let early = mutants::is(Mutant::AckOffsetBeforeDurable);
            match if early { Ok(()) } else { appended.durable.await } {
                Ok(()) => {
                    let step = self.coordinator.borrow_mut().appended(self.now(), id);
                    self.perform(step);
                    self.settled.notify();
                    self.trim_if_long();
                }
                Err(error) => {
                    // Whether the records are in the log is open until it is read again, which the
                    // failed directory does not allow.
                    tracing::error!(
                        partition = self.partition.number(), %error,
                        "the log of a group coordinator failed: it resigns"
                    );
                    self.resign();
                }
            }
        }
        self.is_settling.set(false);
    }

    pub(super) fn resign(self: &Rc<Self>) {
        let step = self.coordinator.borrow_mut().resign();
        self.perform(step);
        self.wake.notify();
        self.settled.notify();
    }

    pub(super) fn open(self: &Rc<Self>) {
        let step = self.coordinator.borrow_mut().finish_loading(self.now());
        self.perform(step);
        let desk = self.clone();
        self.io.spawn(async move { desk.keep_time().await });
    }

    /// Wakes the keeper of time if the next deadline is before what it waits for.
    fn set_alarm(&self) {
        let next = self.coordinator.borrow().next_deadline();
        if next.is_some_and(|next| self.alarm.get().is_none_or(|alarm| next < alarm)) {
            self.wake.notify();
        }
    }

    /// Calls the coordinator at its deadlines, until it resigns.
    async fn keep_time(self: Rc<Self>) {
        loop {
            let woken = self.wake.notified();
            let next = {
                let coordinator = self.coordinator.borrow();
                if !coordinator.is_active() {
                    return;
                }
                coordinator.next_deadline()
            };
            self.alarm.set(next);
            let now = self.now();
            match next {
                None => woken.await,
                Some(at_ms) if at_ms <= now.clock_ms => {
                    let step = self.coordinator.borrow_mut().tick(now);
                    self.perform(step);
                    self.io.yield_now().await;
                }
                Some(at_ms) => {
                    let at = u64::try_from(at_ms).unwrap_or(0).saturating_mul(NANOS_PER_MS);
                    self.io.timeout_at(at, woken).await.unwrap_or_default();
                }
            }
        }
    }
}
