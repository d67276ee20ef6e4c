//! Fetch sessions (KIP-227): a client names its partitions once, and afterwards only what changes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use crate::protocol::{ErrorCode, Uuid};

/// A session that was not used for so long gives way to a new one when all places are taken
/// (`min.incremental.fetch.session.eviction.ms`).
const EVICTION_NS: u64 = 120_000_000_000;

/// Epoch of a fetch that begins a session.
const INITIAL: i32 = 0;
/// Epoch of a fetch that wants or keeps no session.
const FINAL: i32 = -1;

/// How a fetch names a topic: by id from version 13 on, by name before.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum TopicRef {
    /// By name.
    Name(String),
    /// By id.
    Id(Uuid),
}

/// A partition that is fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionPartition {
    /// Its topic.
    pub topic: TopicRef,
    /// Its number.
    pub partition: i32,
    /// Offset to fetch from.
    pub fetch_offset: i64,
    /// Most bytes of it.
    pub max_bytes: i32,
    /// The leader epoch the client believes in, or -1.
    pub current_leader_epoch: i32,
    /// Epoch of the last batch a follower has, or -1.
    pub last_fetched_epoch: i32,
    /// Last answer: high watermark and log start offset; nothing before the first.
    pub told: Option<(i64, i64)>,
}

/// Why a fetch cannot go on with its session. The client begins a new one.
pub type SessionError = ErrorCode;

/// What one fetch is about.
#[derive(Clone, Debug)]
pub struct SessionFetch {
    /// Session id for the answer: 0 without a session.
    pub id: i32,
    /// Whether only changes are told.
    pub incremental: bool,
    /// The partitions, those served longest ago first.
    pub partitions: Vec<SessionPartition>,
}

/// The fetch sessions of a shard.
///
/// Kafka bounds their number alone (`FetchSessionCache`); here their partitions are, too, since those
/// are what takes memory.
pub struct FetchSessions {
    limit: usize,
    partitions_max: usize,
    /// Partitions of all sessions.
    partitions: Cell<usize>,
    next: Cell<i32>,
    sessions: RefCell<BTreeMap<i32, Session>>,
}

struct Session {
    /// The epoch that the next fetch must have.
    epoch: i32,
    used_at: u64,
    next_turn: u64,
    /// By turn: partitions that got records go to the end of the line.
    line: BTreeMap<u64, SessionPartition>,
    turns: BTreeMap<(TopicRef, i32), u64>,
}

impl FetchSessions {
    /// Room for `limit` sessions, and for `partitions_max` partitions in all of them.
    pub fn new(limit: usize, partitions_max: usize) -> Self {
        let (partitions, next) = (Cell::new(0), Cell::new(1));
        Self { limit, partitions_max, partitions, next, sessions: RefCell::default() }
    }

    /// Sessions now.
    pub fn count(&self) -> usize {
        self.sessions.borrow().len()
    }

    /// Partitions of all sessions now.
    pub fn partitions(&self) -> usize {
        self.partitions.get()
    }

    /// Decides what a fetch is about. `asked` are the partitions in the request, `forgotten` those
    /// that the session is to drop, `now` the time in ns.
    ///
    /// # Errors
    /// `FETCH_SESSION_ID_NOT_FOUND` and `INVALID_FETCH_SESSION_EPOCH`.
    pub fn begin(
        &self,
        id: i32,
        epoch: i32,
        asked: Vec<SessionPartition>,
        forgotten: &[(TopicRef, i32)],
        now: u64,
    ) -> Result<SessionFetch, SessionError> {
        match epoch {
            FINAL => {
                self.end(id);
                Ok(SessionFetch { id: 0, incremental: false, partitions: distinct(asked) })
            }
            INITIAL => {
                self.end(id);
                let asked = distinct(asked);
                let id = self.create(&asked, now);
                Ok(SessionFetch { id, incremental: false, partitions: asked })
            }
            _ => self.go_on(id, epoch, asked, forgotten, now),
        }
    }

    fn go_on(
        &self,
        id: i32,
        epoch: i32,
        asked: Vec<SessionPartition>,
        forgotten: &[(TopicRef, i32)],
        now: u64,
    ) -> Result<SessionFetch, SessionError> {
        let mut sessions = self.sessions.borrow_mut();
        let session = sessions.get_mut(&id).ok_or(ErrorCode::FetchSessionIdNotFound)?;
        if session.epoch != epoch {
            return Err(ErrorCode::InvalidFetchSessionEpoch);
        }
        let others = self.partitions.get() - session.line.len();
        session.epoch = next_epoch(epoch);
        session.used_at = now;
        for key in forgotten {
            if let Some(turn) = session.turns.remove(key) {
                session.line.remove(&turn);
            }
        }
        for partition in asked {
            session.put(partition);
        }
        let total = others + session.line.len();
        self.partitions.set(total);
        let partitions = session.line.values().cloned().collect();
        drop(sessions);
        if total > self.partitions_max && !self.make_room(0, 0, id, now) {
            // The client begins anew, and is told then that there is no room for a session.
            self.end(id);
            return Err(ErrorCode::FetchSessionIdNotFound);
        }
        Ok(SessionFetch { id, incremental: true, partitions })
    }

    fn end(&self, id: i32) {
        if let Some(session) = self.sessions.borrow_mut().remove(&id) {
            self.partitions.set(self.partitions.get() - session.line.len());
        }
    }

    /// Ends sessions but `keep` that were not used for long until there is room for `sessions` more with
    /// `partitions` in them; returns whether there is.
    fn make_room(&self, sessions: usize, partitions: usize, keep: i32, now: u64) -> bool {
        loop {
            if self.count() + sessions <= self.limit
                && self.partitions.get() + partitions <= self.partitions_max
            {
                return true;
            }
            let oldest = {
                let sessions = self.sessions.borrow();
                let others = sessions.iter().filter(|(id, _)| **id != keep);
                let oldest = others.min_by_key(|(_, session)| session.used_at);
                oldest.map(|(id, session)| (*id, session.used_at))
            };
            match oldest {
                Some((id, used_at)) if now.saturating_sub(used_at) >= EVICTION_NS => self.end(id),
                _ => return false,
            }
        }
    }

    /// Notes what is told about a partition, and says whether it must be told: always in a full
    /// answer, else only records, errors and offsets that have moved.
    pub fn tell(
        &self,
        fetch: &SessionFetch,
        partition: &SessionPartition,
        news: (i64, i64),
        has_records: bool,
        failed: bool,
    ) -> bool {
        let mut sessions = self.sessions.borrow_mut();
        let Some(session) = sessions.get_mut(&fetch.id) else { return true };
        let key = (partition.topic.clone(), partition.partition);
        let Some(turn) = session.turns.get(&key).copied() else { return true };
        let Some(entry) = session.line.get_mut(&turn) else { return true };
        let changed = entry.told != Some(news) || has_records || failed;
        // After an error the client must be told of the recovery too.
        entry.told = (!failed).then_some(news);
        if has_records && let Some(entry) = session.line.remove(&turn) {
            let last = session.next_turn;
            session.next_turn += 1;
            session.turns.insert(key, last);
            session.line.insert(last, entry);
        }
        changed || !fetch.incremental
    }

    fn create(&self, partitions: &[SessionPartition], now: u64) -> i32 {
        // Without room the client goes on with full fetches.
        if partitions.is_empty() || !self.make_room(1, partitions.len(), 0, now) {
            return 0;
        }
        let mut sessions = self.sessions.borrow_mut();
        let id = loop {
            let id = self.next.get();
            self.next.set(if id == i32::MAX { 1 } else { id + 1 });
            if !sessions.contains_key(&id) {
                break id;
            }
        };
        let mut session = Session {
            epoch: 1,
            used_at: now,
            next_turn: 0,
            line: BTreeMap::new(),
            turns: BTreeMap::new(),
        };
        for partition in partitions {
            session.put(partition.clone());
        }
        self.partitions.set(self.partitions.get() + session.line.len());
        sessions.insert(id, session);
        id
    }
}

impl Session {
    fn put(&mut self, partition: SessionPartition) {
        let key = (partition.topic.clone(), partition.partition);
        match self.turns.get(&key).and_then(|turn| self.line.get_mut(turn)) {
            Some(old) => *old = SessionPartition { told: old.told, ..partition },
            None => {
                self.turns.insert(key, self.next_turn);
                self.line.insert(self.next_turn, partition);
                self.next_turn += 1;
            }
        }
    }
}

/// Each partition once, where it was named first, as it was named last: Kafka reads a request so.
fn distinct(asked: Vec<SessionPartition>) -> Vec<SessionPartition> {
    let mut places = BTreeMap::new();
    let mut all: Vec<SessionPartition> = Vec::with_capacity(asked.len());
    for partition in asked {
        let key = (partition.topic.clone(), partition.partition);
        match places.get(&key).and_then(|place: &usize| all.get_mut(*place)) {
            Some(named) => *named = partition,
            None => {
                places.insert(key, all.len());
                all.push(partition);
            }
        }
    }
    all
}

fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(number: i32) -> SessionPartition {
        SessionPartition {
            topic: TopicRef::Name("t".into()),
            partition: number,
            fetch_offset: 0,
            max_bytes: 100,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
            told: None,
        }
    }

    fn numbers(fetch: &SessionFetch) -> Vec<i32> {
        fetch.partitions.iter().map(|p| p.partition).collect()
    }

    #[test]
    fn a_session_remembers_its_partitions() {
        let sessions = FetchSessions::new(2, 10);
        let first = sessions.begin(0, 0, vec![partition(0), partition(1)], &[], 0).unwrap();
        assert!(first.id != 0 && !first.incremental);
        let again = sessions.begin(first.id, 1, vec![partition(2)], &[], 0).unwrap();
        assert_eq!(numbers(&again), [0, 1, 2]);
        let key = (TopicRef::Name("t".into()), 1);
        let less = sessions.begin(first.id, 2, vec![], &[key], 0).unwrap();
        assert_eq!(numbers(&less), [0, 2]);
    }

    #[test]
    fn wrong_epochs_and_ids_are_refused() {
        let sessions = FetchSessions::new(2, 10);
        let id = sessions.begin(0, 0, vec![partition(0)], &[], 0).unwrap().id;
        let wrong = sessions.begin(id, 2, vec![], &[], 0).unwrap_err();
        assert_eq!(wrong, ErrorCode::InvalidFetchSessionEpoch);
        let unknown = sessions.begin(id + 1, 1, vec![], &[], 0).unwrap_err();
        assert_eq!(unknown, ErrorCode::FetchSessionIdNotFound);
        sessions.begin(id, -1, vec![partition(0)], &[], 0).unwrap();
        assert_eq!(sessions.count(), 0);
    }

    #[test]
    fn only_changes_are_told() {
        let sessions = FetchSessions::new(2, 10);
        let full = sessions.begin(0, 0, vec![partition(0)], &[], 0).unwrap();
        assert!(sessions.tell(&full, &full.partitions[0], (5, 0), false, false));
        let next = sessions.begin(full.id, 1, vec![], &[], 0).unwrap();
        assert!(!sessions.tell(&next, &next.partitions[0], (5, 0), false, false));
        assert!(sessions.tell(&next, &next.partitions[0], (6, 0), false, false));
        assert!(sessions.tell(&next, &next.partitions[0], (6, 0), true, false));
        assert!(sessions.tell(&next, &next.partitions[0], (6, 0), false, true));
        assert!(sessions.tell(&next, &next.partitions[0], (6, 0), false, false));
    }

    #[test]
    fn partitions_that_got_records_go_to_the_end_of_the_line() {
        let sessions = FetchSessions::new(2, 10);
        let asked = vec![partition(0), partition(1), partition(2)];
        let full = sessions.begin(0, 0, asked, &[], 0).unwrap();
        sessions.tell(&full, &full.partitions[0], (5, 0), true, false);
        let next = sessions.begin(full.id, 1, vec![], &[], 0).unwrap();
        assert_eq!(numbers(&next), [1, 2, 0]);
    }

    #[test]
    fn places_are_limited_and_idle_sessions_give_way() {
        let sessions = FetchSessions::new(1, 10);
        let id = sessions.begin(0, 0, vec![partition(0)], &[], 0).unwrap().id;
        assert_eq!(sessions.begin(0, 0, vec![partition(0)], &[], 1).unwrap().id, 0);
        let later = sessions.begin(0, 0, vec![partition(0)], &[], EVICTION_NS).unwrap().id;
        assert!(later != 0 && later != id);
        assert_eq!(sessions.count(), 1);
    }

    #[test]
    fn partitions_of_all_sessions_are_limited() {
        let sessions = FetchSessions::new(10, 5);
        let three = vec![partition(0), partition(1), partition(2)];
        let first = sessions.begin(0, 0, three.clone(), &[], 0).unwrap().id;
        assert!(first != 0);
        assert_eq!(sessions.begin(0, 0, three.clone(), &[], 1).unwrap().id, 0, "no room");
        let two = three[..2].to_vec();
        let second = sessions.begin(0, 0, two, &[], 1).unwrap().id;
        assert!(second != 0);
        assert_eq!(sessions.partitions(), 5);
        // A session that grows beyond what there is ends: the client begins anew.
        let grown = sessions.begin(second, 1, vec![partition(7)], &[], 1).unwrap_err();
        assert_eq!(grown, ErrorCode::FetchSessionIdNotFound);
        assert_eq!((sessions.count(), sessions.partitions()), (1, 3));
        // What is forgotten is room again, and idle sessions give way.
        let key = (TopicRef::Name("t".into()), 1);
        sessions.begin(first, 1, vec![], &[key], 2).unwrap();
        assert_eq!(sessions.partitions(), 2);
        let later = sessions.begin(0, 0, (0..5).map(partition).collect(), &[], EVICTION_NS + 2);
        assert!(later.unwrap().id != 0);
        assert_eq!((sessions.count(), sessions.partitions()), (1, 5));
    }

    #[test]
    fn a_partition_that_is_named_often_counts_once_as_named_last() {
        let sessions = FetchSessions::new(2, 2);
        let last = SessionPartition { fetch_offset: 9, ..partition(0) };
        let asked = vec![partition(0), partition(1), last.clone()];
        for epoch in [0, -1] {
            let fetch = sessions.begin(0, epoch, asked.clone(), &[], 0).unwrap();
            assert_eq!(fetch.partitions, [last.clone(), partition(1)]);
        }
        assert_eq!(sessions.partitions(), 2);
    }
}
