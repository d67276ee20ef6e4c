//! What storage has promised, and whether what is found keeps to it.
//!
//! The model knows every append by its bytes. It is told of promises (an append became durable, a
//! log start moved, a log was created) when they are made, and asked about everything that is seen:
//! offsets given out, bytes read, logs found after a restart. A broken promise panics with the log
//! and offset, and the world then prints the trace and the seed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use ringlog_engine::batch::{BatchIter, assign, set_log_append_time};
use ringlog_engine::log::{AppendOptions, Appended};

/// A batch that was appended.
#[derive(Clone)]
pub struct Batch {
    /// Offset of its last record.
    pub last: i64,
    /// As it must be read.
    pub bytes: Rc<[u8]>,
    /// Producer id and first sequence number, of an idempotent producer.
    pub producer: Option<(i64, i32)>,
}

/// What a producer sends: the bytes before offsets are assigned.
#[derive(Clone)]
pub struct Sent {
    /// First sequence number.
    pub sequence: i32,
    /// Records.
    pub records: i32,
    /// The batch.
    pub bytes: Rc<[u8]>,
}

/// An idempotent producer of one log: what it sent and was not yet told to be durable, oldest
/// first, and the last few that were.
#[derive(Default)]
pub struct Producer {
    /// Sequence number of the next new batch.
    pub next: i32,
    /// Not acknowledged; [`WINDOW`] at most.
    pub pending: Vec<Sent>,
    /// The last [`WINDOW`] that were appended: sent again, they are duplicates.
    pub recent: Vec<Sent>,
}

/// Batches of a producer that a log remembers, and that a producer may have in flight (KAFKA-5494).
pub const WINDOW: usize = 5;

/// The life of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    /// Its creation was begun and never confirmed.
    Creating,
    /// It exists.
    Created,
    /// Its deletion was begun and never confirmed.
    Deleting,
    /// It must never be seen again.
    Deleted,
}

/// What is known of a log start.
#[derive(Clone, Copy, Default, Debug)]
pub struct Start {
    /// Promised to be durable.
    pub promised: i64,
    /// Seen in this life of the node.
    pub seen: i64,
    /// The furthest that was asked for.
    pub asked: i64,
}

/// One log as promised.
pub struct LogModel {
    /// Directory name.
    pub name: String,
    /// Topic id: tells a log from its successors of the same name.
    pub topic_id: [u8; 16],
    /// Whether it exists.
    pub life: Cell<Life>,
    /// Batches by base offset.
    pub batches: RefCell<BTreeMap<i64, Batch>>,
    /// Offset below which everything was promised to be durable.
    pub promised: Cell<i64>,
    /// Log start.
    pub start: Cell<Start>,
    /// Its idempotent producers by id.
    pub producers: RefCell<BTreeMap<i64, Producer>>,
    /// Whether the disk lies: what it holds may be damaged, so that records may be missing or
    /// refused, but never wrong.
    pub lying: Cell<bool>,
    /// Whether it is a log that is cut from the end.
    pub followed: bool,
    /// Where it will end when a cut is done that was begun.
    pub cutting: Cell<Option<i64>>,
    /// How often it was cut: the leader's epoch.
    pub cuts: Cell<i32>,
}

impl LogModel {
    /// A log whose creation has begun.
    pub fn new(name: &str, topic_id: [u8; 16]) -> Self {
        Self {
            name: name.into(),
            topic_id,
            life: Cell::new(Life::Creating),
            batches: RefCell::default(),
            promised: Cell::new(0),
            start: Cell::default(),
            producers: RefCell::default(),
            lying: Cell::new(false),
            followed: false,
            cutting: Cell::new(None),
            cuts: Cell::new(0),
        }
    }

    /// A log that is to be cut from the end, whose creation has begun.
    pub fn followed(name: &str, topic_id: [u8; 16]) -> Self {
        Self { followed: true, ..Self::new(name, topic_id) }
    }

    /// A cut at `offset` was begun; nothing is appended until it is over.
    pub fn cut_begun(&self, offset: i64) {
        let batches = self.batches.borrow();
        let inside = batches.range(..offset).next_back().filter(|(_, batch)| batch.last >= offset);
        let end = inside.map_or(offset, |(base, _)| *base);
        self.cutting.set(Some(end));
    }

    /// The cut is done, and durable: the log ends at `end`, and at `durable` on the medium.
    pub fn cut_done(&self, end: i64, durable: i64) {
        let (name, expected) = (&self.name, self.cutting.take());
        let expected = expected.map(|expected| expected.max(self.start.get().seen));
        assert!(
            expected == Some(end) || self.lying.get(),
            "{name}: cut to {end}, which should be {expected:?}"
        );
        let gone = self.cut_off(end);
        assert!(
            gone.is_empty() || durable == end,
            "{name}: cut to {end}, of which {durable} are durable"
        );
        self.promised.set(self.promised.get().min(end));
        self.cuts.set(self.cuts.get() + 1);
    }

    /// Takes batches off the end, the one included that the log start lies in.
    fn cut_off(&self, end: i64) -> BTreeMap<i64, Batch> {
        let mut batches = self.batches.borrow_mut();
        let inside = batches.range(..end).next_back().filter(|(_, batch)| batch.last >= end);
        let first = inside.map_or(end, |(base, _)| *base);
        batches.split_off(&first)
    }

    /// The cut was not begun: the log still ends at `end`.
    pub fn cut_refused(&self, end: i64) {
        self.cutting.set(None);
        assert_eq!(end, self.end(), "{}: a cut was refused", self.name);
    }

    /// Compares the leader epochs that a log of which `end` is the end knows with those of its batches.
    pub fn check_epochs(&self, known: impl Fn(i32) -> Option<(i32, i64)>, end: i64) {
        if !self.followed || self.lying.get() {
            return;
        }
        let batches = self.batches.borrow();
        let start = self.start.get().seen;
        let mut batches = batches.range(start..).map(|(base, batch)| {
            let epoch = BatchIter::new(&batch.bytes).next().and_then(Result::ok);
            (*base, epoch.map_or(-1, |batch| batch.leader_epoch()))
        });
        let Some((_, mut epoch)) = batches.next() else { return };
        for (base, next) in batches.chain([(end, i32::MAX)]) {
            if next != epoch {
                assert_eq!(known(epoch), Some((epoch, base)), "{}: end of an epoch", self.name);
                epoch = next;
            }
        }
    }

    /// Whether it must be found after a restart.
    pub fn must_exist(&self) -> bool {
        self.life.get() == Life::Created
    }

    /// An append was accepted.
    pub fn accepted(
        &self,
        sent: &[u8],
        how: AppendOptions,
        appended: &Appended,
        producer: Option<(i64, i32)>,
    ) {
        let name = &self.name;
        let mut batches = self.batches.borrow_mut();
        if let Some(producer) = producer {
            let before = batches.iter().find(|(_, batch)| batch.producer == Some(producer));
            match (before, appended.duplicate) {
                (Some((base, batch)), true) => {
                    let got = (appended.base_offset, appended.last_offset);
                    assert_eq!(got, (*base, batch.last), "{name}: duplicate {producer:?}");
                    return;
                }
                (Some((base, _)), false) => {
                    panic!(
                        "{name}: {producer:?} is at offset {base} and was appended again at {}",
                        appended.base_offset
                    )
                }
                (None, true) => {
                    panic!("{name}: {producer:?} is called a duplicate and was never appended")
                }
                (None, false) => {}
            }
        }
        let end =
            batches.last_key_value().map_or(self.start.get().seen, |(_, batch)| batch.last + 1);
        assert!(
            appended.base_offset >= end,
            "{name}: offset {} was given out before, the end is {end}",
            appended.base_offset
        );
        let mut base = appended.base_offset;
        for batch in BatchIter::new(sent) {
            let Ok(batch) = batch else { panic!("{name}: the workload sent a damaged batch") };
            let mut bytes = batch.bytes().to_vec();
            assign(&mut bytes, base, how.leader_epoch);
            if let Some(time) = how.log_append_time_ms {
                set_log_append_time(&mut bytes, time);
            }
            let last = base + i64::from(batch.last_offset_delta());
            batches.insert(base, Batch { last, bytes: bytes.into(), producer });
            base = last + 1;
        }
        assert_eq!(base, appended.last_offset + 1, "{name}: last offset of an append");
    }

    /// A producer's batch was appended and was no duplicate.
    pub fn remember(&self, producer_id: i64, sent: &Sent) {
        if let Some(producer) = self.producers.borrow_mut().get_mut(&producer_id) {
            producer.recent.push(sent.clone());
            if producer.recent.len() > WINDOW {
                producer.recent.remove(0);
            }
        }
    }

    /// Everything below `end` was promised to be durable.
    pub fn promise(&self, end: i64) {
        let known = self.end();
        assert!(end <= known, "{}: durable up to {end}, appended up to {known}", self.name);
        self.promised.set(self.promised.get().max(end));
    }

    /// End of what was appended.
    pub fn end(&self) -> i64 {
        let batches = self.batches.borrow();
        let end = batches.last_key_value().map_or(0, |(_, batch)| batch.last + 1);
        end.max(self.start.get().seen)
    }

    /// A move of the log start to `start` was begun.
    pub fn start_asked(&self, start: i64) {
        let mut known = self.start.get();
        known.asked = known.asked.max(start);
        self.start.set(known);
    }

    /// The log start was seen.
    pub fn start_seen(&self, start: i64) {
        let known = self.start.get();
        let name = &self.name;
        assert!(start >= known.seen, "{name}: log start went back from {} to {start}", known.seen);
        assert!(
            start <= known.asked,
            "{name}: log start {start} is beyond {}, which was the furthest asked for",
            known.asked
        );
        self.start.set(Start { seen: start, ..known });
    }

    /// A log start was promised to be durable.
    pub fn start_promised(&self, start: i64) {
        self.start_seen(start);
        let known = self.start.get();
        self.start.set(Start { promised: known.promised.max(start), ..known });
    }

    /// Bytes were read from `offset` on; each batch must be the one appended there, and the first
    /// must hold `offset`, unless the log start has passed it. Returns the offset behind the last.
    pub fn read(&self, offset: i64, bytes: &[u8], start: i64) -> i64 {
        let name = &self.name;
        let batches = self.batches.borrow();
        let mut next: Option<i64> = None;
        for batch in BatchIter::new(bytes) {
            let batch = batch
                .unwrap_or_else(|e| panic!("{name}: read at {offset} brought a bad batch: {e}"));
            let base = batch.base_offset();
            let Some(known) = batches.get(&base) else {
                panic!("{name}: read at {offset} brought a batch at {base} that was never there")
            };
            if known.bytes[..] != *batch.bytes() {
                let differs = known.bytes.iter().zip(batch.bytes()).position(|(a, b)| a != b);
                let (was, is) = (known.bytes.len(), batch.size());
                panic!(
                    "{name}: batch at {base} has changed from byte {differs:?} on: {was} bytes, now {is}"
                )
            }
            match next {
                None => assert!(
                    known.last >= offset
                        && (base <= offset || self.between(offset.max(start), base)),
                    "{name}: read at {offset} brought {base}..={}",
                    known.last
                ),
                Some(next) => assert!(
                    base == next || self.between(next.max(start), base),
                    "{name}: read at {offset} has {base} where {next} belongs"
                ),
            }
            next = Some(known.last + 1);
        }
        next.unwrap_or(offset)
    }

    /// Whether no batch lies between two offsets.
    fn between(&self, from: i64, to: i64) -> bool {
        from >= to || self.batches.borrow().range(from..to).next().is_none()
    }

    /// The log was found after a restart, with these offsets.
    pub fn found(&self, start: i64, end: i64) {
        let (name, promised) = (&self.name, self.promised.get());
        let was = self.start.get();
        // A cut is done or not; nothing came behind it.
        let cut = self.cutting.take().is_some_and(|to| to.max(was.seen) == end);
        let promised = if cut { promised.min(end) } else { promised };
        if cut {
            self.cut_off(end);
        }
        if !self.lying.get() {
            assert!(
                start >= was.promised.max(was.seen),
                "{name}: log start {} was told and is {start} after a restart",
                was.promised.max(was.seen)
            );
            assert!(
                end >= promised,
                "{name}: {promised} records were promised and the log ends at {end}"
            );
        }
        let mut batches = self.batches.borrow_mut();
        // What lies behind the end was never acknowledged; its offsets are free again.
        let lost = batches.split_off(&end);
        if let Some((base, batch)) = batches.last_key_value() {
            assert!(
                batch.last < end,
                "{name}: the log ends at {end}, inside the batch {base}..={}",
                batch.last
            );
        }
        let known = batches.last_key_value().map_or(0, |(_, batch)| batch.last + 1);
        assert!(
            end <= known.max(start),
            "{name}: the log ends at {end}, only {known} records were ever appended"
        );
        drop(batches);
        for (id, producer) in self.producers.borrow_mut().iter_mut() {
            let is_lost = |sent: &Sent| {
                lost.values().any(|batch| batch.producer == Some((*id, sent.sequence)))
            };
            producer.recent.retain(|sent| !is_lost(sent));
        }
        // What was found is durable from now on: it was visible to readers.
        self.promised.set(end);
        assert!(start <= was.asked, "{name}: log start {start} was never asked for");
        self.start.set(Start { promised: start, seen: start, asked: start });
    }
}
