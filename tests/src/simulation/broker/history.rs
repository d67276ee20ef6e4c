//! What clients were told, and whether it can all be true.
//!
//! The simulation has one thread, so events have an order: what was answered before another question
//! was asked must show in that question's answer. After Jepsen's Kafka workload, the anomalies
//! looked for are: lost write, inconsistent offset, duplicate, reordering, unseen record, a high
//! watermark or log start that goes back, a committed offset that goes back.

use std::collections::BTreeMap;

use super::record::RecordId;

/// A producer's kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Records are there once and in order.
    Idempotent,
    /// Records may be there as often as they were sent.
    Plain,
}

/// What is known of one record.
#[derive(Clone, Default, Debug)]
struct Known {
    /// Times it was sent.
    attempts: u32,
    /// It was acknowledged.
    acked: bool,
    /// Offsets at which it was seen.
    offsets: Vec<i64>,
}

/// What clients were told of one partition.
pub struct PartitionHistory {
    /// Topic and partition, for messages and for the contents of records.
    pub place: String,
    kinds: BTreeMap<u32, Kind>,
    records: BTreeMap<RecordId, Known>,
    /// Records by offset, from acknowledgements and fetches.
    seen: BTreeMap<i64, RecordId>,
    /// Everything below was told to be durable: acknowledged, or shown by a high watermark.
    end: i64,
    /// The furthest log start that was told, and that was asked for.
    start: i64,
    start_asked: i64,
}

impl PartitionHistory {
    /// A partition nobody has used.
    pub fn new(place: String) -> Self {
        Self {
            place,
            kinds: BTreeMap::new(),
            records: BTreeMap::new(),
            seen: BTreeMap::new(),
            end: 0,
            start: 0,
            start_asked: 0,
        }
    }

    /// Offset below which everything was told to be durable.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// The furthest log start that was told.
    pub fn start(&self) -> i64 {
        self.start
    }

    /// The furthest log start that was asked for.
    pub fn start_asked(&self) -> i64 {
        self.start_asked
    }

    /// Records from `first` on are being sent.
    pub fn sent(&mut self, first: RecordId, count: u32, kind: Kind) {
        self.kinds.insert(first.producer, kind);
        for n in (first.n..).take(count as usize) {
            self.records.entry(RecordId { n, ..first }).or_default().attempts += 1;
        }
    }

    /// Records from `first` on were acknowledged, the first at offset `base`; nothing is known of
    /// the offset when it is -1.
    pub fn acked(&mut self, first: RecordId, count: u32, base: i64) {
        for (at, n) in (0..i64::from(count)).zip(first.n..) {
            let id = RecordId { n, ..first };
            if base >= 0 {
                self.at(base + at, id);
            }
            if let Some(known) = self.records.get_mut(&id) {
                known.acked = true;
            }
        }
        if base >= 0 {
            self.end = self.end.max(base + i64::from(count));
        }
    }

    /// A record is at an offset: it was acknowledged there or fetched from there.
    pub fn at(&mut self, offset: i64, id: RecordId) {
        let place = &self.place;
        match self.seen.insert(offset, id) {
            Some(other) if other == id => return,
            Some(other) => panic!("{place}: offset {offset} held {other:?} and now holds {id:?}"),
            None => {}
        }
        let Some(known) = self.records.get_mut(&id) else {
            panic!("{place}: offset {offset} holds {id:?}, which was never sent");
        };
        known.offsets.push(offset);
        let (times, attempts) = (known.offsets.len() as u32, known.attempts);
        if self.kinds.get(&id.producer) == Some(&Kind::Plain) {
            assert!(times <= attempts, "{place}: {id:?} was sent {attempts} times: {known:?}");
            return;
        }
        assert!(times == 1, "{place}: {id:?} of an idempotent producer is there twice: {known:?}");
        let placed = |range: &mut dyn Iterator<Item = (&RecordId, &Known)>| {
            let mut placed = range
                .take_while(|(other, _)| other.producer == id.producer)
                .map(|(id, known)| (*id, known.offsets.first().copied()));
            placed.find_map(|(id, offset)| Some((id, offset?)))
        };
        let before = placed(&mut self.records.range(..id).rev());
        let next = RecordId { n: id.n + 1, ..id };
        let after = placed(&mut self.records.range(next..));
        if let Some((other, at)) = before {
            assert!(at < offset, "{place}: {id:?} at {offset} lies before {other:?} at {at}");
        }
        if let Some((other, at)) = after {
            assert!(at > offset, "{place}: {id:?} at {offset} lies behind {other:?} at {at}");
        }
    }

    /// A high watermark was told in an answer; `floor` is [`PartitionHistory::end`] as it was when
    /// the question was asked.
    pub fn watermark(&mut self, told: i64, floor: i64) {
        let place = &self.place;
        assert!(told >= floor, "{place}: the high watermark {floor} went back to {told}");
        self.end = self.end.max(told);
    }

    /// A log start was told; `floor` is [`PartitionHistory::start`] as it was when asked.
    pub fn start_told(&mut self, told: i64, floor: i64) {
        let (place, asked) = (&self.place, self.start_asked);
        assert!(told >= floor, "{place}: the log start {floor} went back to {told}");
        assert!(told <= asked, "{place}: the log starts at {told}, asked for was at most {asked}");
        self.start = self.start.max(told);
    }

    /// A deletion of the records below `before` is being asked for.
    pub fn start_wanted(&mut self, before: i64) {
        self.start_asked = self.start_asked.max(before);
    }

    /// The whole partition was read, from `start` (as told) to `end` (the high watermark): every
    /// record that is there is known, and whatever was promised must be among them.
    pub fn audit(&mut self, start: i64, end: i64, found: &BTreeMap<i64, RecordId>) {
        let place = &self.place;
        let gap = (start..end).find(|offset| !found.contains_key(offset));
        assert!(gap.is_none(), "{place}: nothing at {gap:?}, the log holds {start}..{end}");
        let gone = self.seen.range(start..end).find(|(offset, _)| !found.contains_key(*offset));
        assert!(gone.is_none(), "{place}: {gone:?} was seen and is gone");
        for (id, known) in self.records.iter().filter(|(_, known)| known.acked) {
            // One without an offset may lie below the log start.
            let there = !known.offsets.is_empty();
            assert!(there || start > 0, "{place}: {id:?} was acknowledged and is lost");
        }
        self.check_order();
    }

    /// Of a plain producer, which has one batch under way at a time, first copies lie in order.
    fn check_order(&self) {
        let mut last: Option<(RecordId, i64)> = None;
        for (id, known) in self.records.iter().filter(|(_, known)| known.acked) {
            let Some(first) = known.offsets.iter().min() else { continue };
            if let Some((other, at)) = last.filter(|(other, _)| other.producer == id.producer) {
                let place = &self.place;
                assert!(at < *first, "{place}: {id:?} at {first} lies before {other:?} at {at}");
            }
            last = Some((*id, *first));
        }
    }
}

/// One commit of an offset.
#[derive(Clone, Copy, Debug)]
struct Commit {
    offset: i64,
    asked: u64,
    /// When it was answered with success, or seen by a fetch.
    done: Option<u64>,
}

/// The committed offset of one partition in one group: a register.
#[derive(Default)]
pub struct Register {
    commits: Vec<Commit>,
}

impl Register {
    /// A commit is being asked for at `now`; returns its number.
    pub fn asked(&mut self, offset: i64, now: u64) -> usize {
        self.commits.push(Commit { offset, asked: now, done: None });
        self.commits.len() - 1
    }

    /// Commit number `n` was acknowledged at `now`.
    pub fn acked(&mut self, n: usize, now: u64) {
        if let Some(commit) = self.commits.get_mut(n) {
            commit.done.get_or_insert(now);
        }
    }

    /// Commit number `n` was refused: it must never be seen.
    pub fn refused(&mut self, n: usize) {
        if let Some(commit) = self.commits.get_mut(n) {
            commit.offset = i64::MIN;
        }
    }

    /// The largest offset that was acknowledged.
    pub fn furthest(&self) -> i64 {
        let done = self.commits.iter().filter(|commit| commit.done.is_some());
        done.map(|commit| commit.offset).max().unwrap_or(-1)
    }

    /// A fetch that was asked for at `asked` brought `offset` at `now`; -1 stands for nothing.
    ///
    /// # Panics
    /// When no commit of that offset can have been the last one.
    pub fn fetched(&mut self, offset: i64, asked: u64, now: u64, place: &str) {
        let over = |commit: &Commit| {
            // A commit that began after this one had ended, and had ended before the fetch began.
            self.commits.iter().any(|other| {
                commit.done.is_some_and(|done| other.asked > done)
                    && other.done.is_some_and(|done| done < asked)
            })
        };
        if offset < 0 {
            let lost = self.commits.iter().find(|c| c.done.is_some_and(|done| done < asked));
            assert!(lost.is_none(), "{place}: {lost:?} was acknowledged and is gone");
            return;
        }
        let candidates = self.commits.iter().enumerate().filter(|(_, c)| c.offset == offset);
        let valid: Vec<usize> = candidates.filter(|(_, c)| !over(c)).map(|(n, _)| n).collect();
        let Some(first) = valid.first().copied() else {
            let last = self.commits.iter().rfind(|commit| commit.done.is_some());
            panic!("{place}: the committed offset is {offset}, it was {last:?} before");
        };
        // Shown once, it must last.
        if valid.len() == 1 {
            self.acked(first, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn id(n: u64) -> RecordId {
        RecordId { producer: 1, n }
    }

    /// A name, whether the history is good, and the history.
    type Case = (&'static str, bool, Box<dyn FnOnce()>);

    fn partition(kind: Kind) -> PartitionHistory {
        let mut history = PartitionHistory::new("t-0".into());
        history.sent(id(0), 4, kind);
        history
    }

    /// Whether the checker finds nothing wrong with a history.
    fn passes(history: impl FnOnce()) -> bool {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let passes = catch_unwind(AssertUnwindSafe(history)).is_ok();
        std::panic::set_hook(hook);
        passes
    }

    #[test]
    fn histories_of_known_verdict_are_judged_so() {
        let found = |ids: &[u64]| (0..).zip(ids.iter().map(|n| id(*n))).collect();
        let verdicts: Vec<Case> = vec![
            (
                "acknowledged and there",
                true,
                Box::new(move || {
                    let mut h = partition(Kind::Idempotent);
                    h.acked(id(0), 2, 0);
                    h.at(1, id(1));
                    h.watermark(2, 2);
                    h.audit(0, 2, &found(&[0, 1]));
                }),
            ),
            (
                "lost write",
                false,
                Box::new(move || {
                    let mut h = partition(Kind::Idempotent);
                    h.acked(id(0), 2, -1);
                    h.at(0, id(0));
                    h.audit(0, 1, &found(&[0]));
                }),
            ),
            (
                "seen and gone",
                false,
                Box::new(move || {
                    let mut h = partition(Kind::Idempotent);
                    h.at(0, id(0));
                    h.watermark(1, 0);
                    h.watermark(0, h.end());
                }),
            ),
            (
                "a gap",
                false,
                Box::new(|| {
                    let mut h = partition(Kind::Idempotent);
                    h.at(0, id(0));
                    h.at(2, id(1));
                    h.audit(0, 3, &[(0, id(0)), (2, id(1))].into());
                }),
            ),
            (
                "inconsistent offset",
                false,
                Box::new(|| {
                    let mut h = partition(Kind::Idempotent);
                    h.at(0, id(0));
                    h.at(0, id(1));
                }),
            ),
            (
                "duplicate of an idempotent producer",
                false,
                Box::new(|| {
                    let mut h = partition(Kind::Idempotent);
                    h.at(0, id(0));
                    h.at(1, id(0));
                }),
            ),
            (
                "duplicate of a plain producer that sent twice",
                true,
                Box::new(|| {
                    let mut h = partition(Kind::Plain);
                    h.sent(id(0), 1, Kind::Plain);
                    h.at(0, id(0));
                    h.at(1, id(0));
                }),
            ),
            (
                "more copies than were sent",
                false,
                Box::new(|| {
                    let mut h = partition(Kind::Plain);
                    h.at(0, id(0));
                    h.at(1, id(0));
                }),
            ),
            (
                "reordered",
                false,
                Box::new(|| {
                    let mut h = partition(Kind::Idempotent);
                    h.at(3, id(0));
                    h.at(1, id(2));
                }),
            ),
            (
                "reordered, plain",
                false,
                Box::new(|| {
                    let mut h = partition(Kind::Plain);
                    h.acked(id(1), 1, 0);
                    h.acked(id(0), 1, 1);
                    h.audit(0, 2, &[(0, id(1)), (1, id(0))].into());
                }),
            ),
            ("never sent", false, Box::new(|| partition(Kind::Plain).at(0, id(9)))),
            (
                "log start goes back",
                false,
                Box::new(|| {
                    let mut h = partition(Kind::Plain);
                    h.start_wanted(5);
                    h.start_told(5, 0);
                    h.start_told(4, h.start());
                }),
            ),
        ];
        for (name, good, history) in verdicts {
            assert_eq!(passes(history), good, "{name}");
        }
    }

    #[test]
    fn committed_offsets_are_a_register() {
        let run = |steps: fn(&mut Register)| passes(|| steps(&mut Register::default()));
        assert!(run(|r| {
            let first = r.asked(5, 1);
            r.acked(first, 2);
            r.asked(9, 3);
            // The second commit is open: either may be seen.
            r.fetched(5, 4, 5, "g");
            r.fetched(9, 6, 7, "g");
        }));
        assert!(!run(|r| {
            let first = r.asked(5, 1);
            r.acked(first, 2);
            r.fetched(-1, 3, 4, "g");
        }));
        assert!(!run(|r| {
            let (first, second) = (r.asked(5, 1), r.asked(9, 3));
            r.acked(first, 2);
            r.acked(second, 4);
            r.fetched(5, 5, 6, "g");
        }));
        assert!(!run(|r| {
            let first = r.asked(5, 1);
            r.acked(first, 2);
            r.asked(9, 3);
            r.fetched(9, 4, 5, "g");
            // Seen by a fetch, it must not go away.
            r.fetched(5, 6, 7, "g");
        }));
        assert!(!run(|r| r.fetched(5, 1, 2, "g")));
    }
}
