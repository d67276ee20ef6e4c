//! Behaviour of the coordinator, one test each. The bench drives it the way a shard does: it appends
//! records to a log of its own, makes them durable when told to, and collects replies by token.

mod admin;
mod commit;
mod copy;
mod durability;
mod expiry;
mod join;
mod leave;
mod loading;
mod statics;
mod sync;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::protocol::generated::ConsumerProtocolSubscription;
use crate::protocol::{ErrorCode, Uuid, encode_versioned};

use super::*;

/// A coordinator with a log, a clock and a mailbox.
struct Bench {
    coordinator: Coordinator,
    now_ms: i64,
    /// How far the calendar is ahead of the clock.
    wall_ahead_ms: i64,
    next_token: u64,
    next_random: u64,
    /// Replies that were given and not looked at.
    replies: BTreeMap<ReplyTo, Reply>,
    answered: std::collections::BTreeSet<ReplyTo>,
    /// Durable records.
    log: Vec<GroupRecord>,
    /// Records on their way.
    in_flight: VecDeque<(AppendId, Vec<GroupRecord>)>,
    /// Whether appends are durable at once.
    instant: bool,
}

impl Bench {
    fn new() -> Self {
        Self::with(GroupConfig::default())
    }

    /// Without the initial delay: groups form as soon as a member joins.
    fn eager() -> Self {
        Self::with(GroupConfig { initial_rebalance_delay_ms: 0, ..GroupConfig::default() })
    }

    fn with(config: GroupConfig) -> Self {
        config.validate().unwrap();
        let mut bench = Self::loading(config);
        bench.finish_loading();
        bench
    }

    fn loading(config: GroupConfig) -> Self {
        Self {
            coordinator: Coordinator::new(config),
            now_ms: 1_000_000,
            wall_ahead_ms: 5_000_000,
            next_token: 0,
            next_random: 0,
            replies: BTreeMap::new(),
            answered: Default::default(),
            log: Vec::new(),
            in_flight: VecDeque::new(),
            instant: true,
        }
    }

    fn now(&self) -> Now {
        Now { clock_ms: self.now_ms, wall_ms: self.now_ms + self.wall_ahead_ms }
    }

    fn finish_loading(&mut self) {
        let step = self.coordinator.finish_loading(self.now());
        self.take(step);
    }

    /// Starts again from what is durable, through the bytes of the records.
    fn restarted(&self, config: GroupConfig) -> Self {
        let mut bench = Self::loading(config);
        bench.now_ms = self.now_ms;
        bench.next_random = self.next_random + (1 << 40);
        for record in &self.log {
            let (key, value) = encode_record(record).unwrap();
            let record = decode_record(&key, value.as_deref()).unwrap().unwrap();
            bench.coordinator.replay(bench.now(), record);
        }
        bench.log = self.log.clone();
        bench.finish_loading();
        bench
    }

    fn take(&mut self, step: Step) {
        for (to, reply) in step.replies {
            assert!(self.answered.insert(to), "{to:?} is answered twice");
            self.replies.insert(to, reply);
        }
        assert_eq!(step.append.is_some(), !step.records.is_empty());
        if let Some(id) = step.append {
            self.in_flight.push_back((id, step.records));
        }
        self.coordinator.check();
        if self.instant {
            while self.append_one() {}
        }
    }

    /// Makes the oldest append durable.
    fn append_one(&mut self) -> bool {
        let Some((id, records)) = self.in_flight.pop_front() else { return false };
        self.log.extend(records);
        let step = self.coordinator.appended(self.now(), id);
        self.take(step);
        true
    }

    /// Loses the oldest append.
    fn lose_one(&mut self, error: AppendError) {
        let (id, _) = self.in_flight.pop_front().expect("an append under way");
        let step = self.coordinator.append_failed(self.now(), id, error);
        self.take(step);
    }

    fn send(&mut self, request: Request) -> ReplyTo {
        self.next_token += 1;
        let to = ReplyTo(self.next_token);
        let step = self.coordinator.handle(self.now(), to, request);
        self.take(step);
        to
    }

    /// Lets time pass, firing what is due when it is due.
    fn advance(&mut self, ms: i64) {
        let until = self.now_ms + ms;
        while let Some(at) = self.coordinator.next_deadline().filter(|at| *at <= until) {
            self.now_ms = self.now_ms.max(at);
            let step = self.coordinator.tick(self.now());
            self.take(step);
        }
        self.now_ms = until;
    }

    fn is_answered(&self, to: ReplyTo) -> bool {
        self.answered.contains(&to)
    }

    fn reply(&mut self, to: ReplyTo) -> Reply {
        self.replies.remove(&to).unwrap_or_else(|| panic!("{to:?} has no answer"))
    }

    fn random(&mut self) -> [u8; 16] {
        self.next_random += 1;
        u128::from(self.next_random).to_be_bytes()
    }

    fn send_join(&mut self, join: JoinRequest) -> ReplyTo {
        let random = self.random();
        self.send(Request::Join(JoinRequest { random, ..join }))
    }

    fn joined(&mut self, to: ReplyTo) -> JoinReply {
        match self.reply(to) {
            Reply::Join(reply) => reply,
            other => panic!("not a join reply: {other:?}"),
        }
    }

    fn synced(&mut self, to: ReplyTo) -> SyncReply {
        match self.reply(to) {
            Reply::Sync(reply) => reply,
            other => panic!("not a sync reply: {other:?}"),
        }
    }

    fn send_sync(&mut self, member: &str, generation: i32, all: &[(&str, &str)]) -> ReplyTo {
        self.send(Request::Sync(sync(member, generation, all)))
    }

    fn heartbeat(&mut self, member: &str, generation: i32) -> ErrorCode {
        let to = self.send(Request::Heartbeat(HeartbeatRequest {
            group_id: "g".into(),
            generation,
            member_id: member.into(),
            instance_id: None,
        }));
        match self.reply(to) {
            Reply::Heartbeat(error) => error,
            other => panic!("not a heartbeat reply: {other:?}"),
        }
    }

    fn leave(&mut self, members: &[(&str, Option<&str>)]) -> LeaveReply {
        let members = members
            .iter()
            .map(|(member_id, instance_id)| LeaveMember {
                member_id: (*member_id).into(),
                instance_id: instance_id.map(Into::into),
                reason: None,
            })
            .collect();
        let to = self.send(Request::Leave(LeaveRequest { group_id: "g".into(), members }));
        match self.reply(to) {
            Reply::Leave(reply) => reply,
            other => panic!("not a leave reply: {other:?}"),
        }
    }

    fn send_commit(&mut self, member: &str, generation: i32, offset: i64) -> ReplyTo {
        self.send(Request::Commit(commit(member, generation, "t", 0, offset)))
    }

    fn committed(&mut self, to: ReplyTo) -> ErrorCode {
        match self.reply(to) {
            Reply::Commit(reply) => reply.topics[0].partitions[0].error,
            other => panic!("not a commit reply: {other:?}"),
        }
    }

    fn commit(&mut self, member: &str, generation: i32, offset: i64) -> ErrorCode {
        let to = self.send_commit(member, generation, offset);
        self.committed(to)
    }

    /// The offset of partition 0 of topic `t`.
    fn offset(&mut self) -> Option<i64> {
        let to = self.send(Request::Fetch(fetch("t", 0)));
        self.fetched(to)
    }

    fn fetched(&mut self, to: ReplyTo) -> Option<i64> {
        match self.reply(to) {
            Reply::Fetch(reply) => {
                assert_eq!(reply.error, ErrorCode::None);
                reply.topics[0].partitions[0].committed.as_ref().map(|c| c.offset)
            }
            other => panic!("not a fetch reply: {other:?}"),
        }
    }

    fn describe(&mut self) -> DescribedGroup {
        let to = self.send(Request::Describe(vec!["g".into()]));
        match self.reply(to) {
            Reply::Describe(mut groups) => groups.remove(0),
            other => panic!("not a describe reply: {other:?}"),
        }
    }

    fn state(&self) -> GroupState {
        self.coordinator.group_state("g").unwrap_or(GroupState::Dead)
    }

    /// A member of an eager group, joined and synced with the others that are given.
    fn stable_member(&mut self) -> (Arc<str>, i32) {
        let to = self.send_join(join(""));
        self.advance(i64::from(self.coordinator.config.initial_rebalance_delay_ms));
        let reply = self.joined(to);
        assert_eq!(reply.error, ErrorCode::None);
        let to = self.send_sync(&reply.member_id, reply.generation, &[(&reply.member_id, "all")]);
        assert_eq!(self.synced(to).error, ErrorCode::None);
        assert_eq!(self.state(), GroupState::Stable);
        (reply.member_id, reply.generation)
    }

    /// A stable group of two: the leader, the other, the generation.
    fn stable_pair(&mut self) -> (Arc<str>, Arc<str>, i32) {
        let (first, _) = self.stable_member();
        let second = self.send_join(join(""));
        let first = self.send_join(join(&first));
        let (first, second) = (self.joined(first), self.joined(second));
        let generation = first.generation;
        let (leader, other) = if first.leader == first.member_id {
            (first.member_id, second.member_id)
        } else {
            (second.member_id, first.member_id)
        };
        let follower = self.send_sync(&other, generation, &[]);
        let leads = self.send_sync(&leader, generation, &[(&leader, "a"), (&other, "b")]);
        assert_eq!(&*self.synced(leads).assignment, b"a");
        assert_eq!(&*self.synced(follower).assignment, b"b");
        (leader, other, generation)
    }
}

fn subscription(topics: &[&str]) -> Blob {
    let subscription = ConsumerProtocolSubscription {
        topics: topics.iter().map(|t| (*t).to_owned()).collect(),
        ..Default::default()
    };
    encode_versioned(&subscription, 1).unwrap().into()
}

fn protocol(name: &str) -> Protocol {
    Protocol { name: name.into(), metadata: subscription(&["s"]) }
}

/// A join of a dynamic member that need not know its id beforehand (version 3).
fn join(member: &str) -> JoinRequest {
    JoinRequest {
        group_id: "g".into(),
        member_id: member.into(),
        instance_id: None,
        client_id: "client".into(),
        client_host: "/127.0.0.1".into(),
        session_timeout_ms: 10_000,
        rebalance_timeout_ms: 60_000,
        protocol_type: "consumer".into(),
        protocols: vec![protocol("range")],
        reason: None,
        member_id_required: false,
        can_skip_assignment: false,
        random: [0; 16],
    }
}

fn static_join(instance: &str) -> JoinRequest {
    JoinRequest { instance_id: Some(instance.into()), can_skip_assignment: true, ..join("") }
}

fn sync(member: &str, generation: i32, all: &[(&str, &str)]) -> SyncRequest {
    SyncRequest {
        group_id: "g".into(),
        generation,
        member_id: member.into(),
        instance_id: None,
        protocol_type: None,
        protocol: None,
        assignments: all.iter().map(|(m, a)| ((*m).into(), a.as_bytes().into())).collect(),
    }
}

fn commit(
    member: &str,
    generation: i32,
    topic: &str,
    partition: i32,
    offset: i64,
) -> CommitRequest {
    CommitRequest {
        group_id: "g".into(),
        generation,
        member_id: member.into(),
        instance_id: None,
        retention_ms: -1,
        knows_group_id_not_found: true,
        topics: vec![CommitTopic {
            name: topic.into(),
            topic_id: Uuid::ZERO,
            partitions: vec![CommitPartition {
                partition,
                offset,
                leader_epoch: -1,
                metadata: None,
            }],
        }],
    }
}

fn fetch(topic: &str, partition: i32) -> FetchRequest {
    FetchRequest {
        group_id: "g".into(),
        topics: Some(vec![FetchTopic {
            name: topic.into(),
            topic_id: Uuid::ZERO,
            partitions: vec![partition],
        }]),
        require_stable: false,
    }
}
