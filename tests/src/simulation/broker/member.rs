//! Members of a consumer group: they join, share the partitions, read on from what is committed,
//! and commit how far they have come.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use ringlog::protocol::generated::join_group_request::JoinGroupRequestProtocol;
use ringlog::protocol::generated::leave_group_request::MemberIdentity;
use ringlog::protocol::generated::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use ringlog::protocol::generated::sync_group_request::SyncGroupRequestAssignment;
use ringlog::protocol::generated::{
    ConsumerProtocolSubscription, FindCoordinatorRequest, HeartbeatRequest, JoinGroupRequest,
    LeaveGroupRequest, OffsetCommitRequest, SyncGroupRequest,
};
use ringlog::protocol::{ErrorCode, encode_versioned};
use ringlog_engine::io::Io;

use super::consumer::{Fetched, Want, fetch};
use super::offsets::fetch_offsets;
use super::stage::{GROUP, Stage, below, chance, count, pause};
use super::wire::{Broken, Wire};

/// Partitions by topic and number.
type Places = Vec<(usize, usize)>;

/// Session timeout of the members, in milliseconds.
const SESSION_MS: i32 = 1500;

/// Why a generation is over.
enum Over {
    /// The connection broke.
    Broken,
    /// The group begins a new one.
    Rejoin,
}

impl From<Broken> for Over {
    fn from(_: Broken) -> Self {
        Self::Broken
    }
}

struct Member {
    io: Io,
    stage: Rc<Stage>,
    id: String,
    generation: i32,
}

/// A member of the group until the run closes.
pub async fn participate(io: Io, stage: Rc<Stage>) {
    let mut member = Member { io, stage, id: String::new(), generation: -1 };
    while let Some(mut wire) = member.stage.connect(&member.io).await {
        loop {
            match member.generation(&mut wire).await {
                Ok(()) => return,
                Err(Over::Rejoin) => pause(&member.io, Duration::from_millis(60)).await,
                Err(Over::Broken) => break,
            }
        }
        // Some come back as who they were, some as somebody new.
        if chance(&member.io, 4) {
            member.id = String::new();
        }
        pause(&member.io, Duration::from_millis(100)).await;
    }
}

impl Member {
    /// One generation of the group, from joining to its end.
    async fn generation(&mut self, wire: &mut Wire) -> Result<(), Over> {
        self.find(wire).await?;
        let places = self.join(wire).await?;
        count(&self.stage.progress.joined);
        let mut positions = self.fetch_offsets(wire, &places).await?;
        let mut committed = positions.clone();
        let mut beat = 0;
        while !self.stage.closing.get() {
            if self.io.now() >= beat {
                self.beat(wire).await?;
                beat = self.io.now() + 250_000_000;
            }
            if !positions.is_empty() {
                let want = Want { wait_ms: 50, ..Want::any(&self.io) };
                self.read(wire, want, &mut positions).await?;
            }
            let behind = positions.iter().any(|(place, at)| committed.get(place) != Some(at));
            if behind && chance(&self.io, 3) {
                self.commit(wire, &positions, &mut committed).await?;
            }
            pause(&self.io, Duration::from_millis(30)).await;
            if chance(&self.io, 60) && !self.stage.ending.get() {
                return self.go(wire).await;
            }
        }
        Ok(())
    }

    /// Reacts to an error of the coordinator.
    fn react(&mut self, what: &str, code: i16) -> Result<(), Over> {
        match ErrorCode::from_code(code) {
            Some(ErrorCode::None) => return Ok(()),
            Some(ErrorCode::RebalanceInProgress | ErrorCode::IllegalGeneration) => {}
            Some(ErrorCode::UnknownMemberId) => self.id = String::new(),
            _ => self.stage.excuse(what, code),
        }
        Err(Over::Rejoin)
    }

    async fn find(&mut self, wire: &mut Wire) -> Result<(), Over> {
        let version = 4 + below(&self.io, 3) as i16;
        let request =
            FindCoordinatorRequest { coordinator_keys: vec![GROUP.into()], ..Default::default() };
        let answer = wire.call(version, &request).await?;
        let Some(found) = answer.coordinators.first() else { panic!("no coordinator: {answer:?}") };
        self.react("FindCoordinator", found.error_code)
    }

    async fn join(&mut self, wire: &mut Wire) -> Result<Places, Over> {
        let topics = self.stage.topics.iter().map(|topic| topic.name.clone()).collect();
        let subscription = ConsumerProtocolSubscription { topics, ..Default::default() };
        let metadata = encode_versioned(&subscription, 1)
            .unwrap_or_else(|e| panic!("a subscription that cannot be: {e}"));
        let request = JoinGroupRequest {
            group_id: GROUP.into(),
            session_timeout_ms: SESSION_MS,
            rebalance_timeout_ms: 1000,
            member_id: self.id.clone(),
            protocol_type: "consumer".into(),
            protocols: vec![JoinGroupRequestProtocol { name: "dealt".into(), metadata }],
            ..Default::default()
        };
        let answer = wire.call(5 + below(&self.io, 5) as i16, &request).await?;
        if answer.error_code == ErrorCode::MemberIdRequired.code() {
            self.id = answer.member_id;
            return Err(Over::Rejoin);
        }
        self.react("JoinGroup", answer.error_code)?;
        (self.id, self.generation) = (answer.member_id.clone(), answer.generation_id);
        let mut assignments = Vec::new();
        if answer.leader == self.id {
            let all = self.stage.partitions();
            for (n, member) in answer.members.iter().enumerate() {
                let dealt = all.iter().skip(n).step_by(answer.members.len());
                let assignment = dealt.flat_map(|(t, p)| [*t as u8, *p as u8]).collect();
                let member_id = member.member_id.clone();
                assignments.push(SyncGroupRequestAssignment { member_id, assignment });
            }
        }
        let request = SyncGroupRequest {
            group_id: GROUP.into(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            protocol_type: Some("consumer".into()),
            protocol_name: Some("dealt".into()),
            assignments,
            ..Default::default()
        };
        let answer = wire.call(5, &request).await?;
        self.react("SyncGroup", answer.error_code)?;
        let (pairs, _) = answer.assignment.as_chunks::<2>();
        Ok(pairs.iter().map(|[t, p]| (usize::from(*t), usize::from(*p))).collect())
    }

    /// How far the group has come in these partitions; at the start where nothing is committed.
    async fn fetch_offsets(
        &mut self,
        wire: &mut Wire,
        places: &Places,
    ) -> Result<BTreeMap<(usize, usize), i64>, Over> {
        match fetch_offsets(&self.io, &self.stage, wire, places).await? {
            Ok(positions) => {
                Ok(positions.into_iter().map(|(place, offset)| (place, offset.max(0))).collect())
            }
            Err(code) => self.react("OffsetFetch", code).map(|()| BTreeMap::new()),
        }
    }

    async fn beat(&mut self, wire: &mut Wire) -> Result<(), Over> {
        let request = HeartbeatRequest {
            group_id: GROUP.into(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            ..Default::default()
        };
        let answer = wire.call(4, &request).await?;
        self.react("Heartbeat", answer.error_code)
    }

    async fn read(
        &mut self,
        wire: &mut Wire,
        want: Want,
        positions: &mut BTreeMap<(usize, usize), i64>,
    ) -> Result<(), Over> {
        for (place, fetched) in fetch(&self.stage, wire, want, positions).await? {
            match fetched {
                Fetched::Records(records, _) => {
                    if let Some((last, _)) = records.last() {
                        positions.insert(place, last + 1);
                    }
                }
                Fetched::Gone => {
                    let start = self.stage.partition(place).borrow().start_asked();
                    positions.insert(place, start);
                }
                Fetched::Nothing => {}
            }
        }
        Ok(())
    }

    async fn commit(
        &mut self,
        wire: &mut Wire,
        positions: &BTreeMap<(usize, usize), i64>,
        committed: &mut BTreeMap<(usize, usize), i64>,
    ) -> Result<(), Over> {
        let version = 8 + below(&self.io, 3) as i16;
        let mut topics: BTreeMap<usize, OffsetCommitRequestTopic> = BTreeMap::new();
        let mut numbers = BTreeMap::new();
        let now = self.stage.tick();
        for (place, at) in positions {
            if committed.get(place) == Some(at) {
                continue;
            }
            let topic = topics.entry(place.0).or_default();
            topic.name = self.stage.topics[place.0].name.clone();
            topic.topic_id = self.stage.topics[place.0].id.get().unwrap_or_default();
            topic.partitions.push(OffsetCommitRequestPartition {
                partition_index: place.1 as i32,
                committed_offset: *at,
                ..Default::default()
            });
            let mut commits = self.stage.commits.borrow_mut();
            numbers.insert(*place, commits.entry(*place).or_default().asked(*at, now));
        }
        let request = OffsetCommitRequest {
            group_id: GROUP.into(),
            generation_id_or_member_epoch: self.generation,
            member_id: self.id.clone(),
            topics: topics.into_values().collect(),
            ..Default::default()
        };
        let answer = wire.call(version, &request).await?;
        let now = self.stage.tick();
        let mut outcome = Ok(());
        for topic in &answer.topics {
            let number = self.stage.topics.iter().position(|known| {
                known.name == topic.name || known.id.get() == Some(topic.topic_id)
            });
            let Some(t) = number else { panic!("a commit to {}", topic.name) };
            for partition in &topic.partitions {
                let place = (t, partition.partition_index as usize);
                let number = numbers.remove(&place).unwrap_or(usize::MAX);
                {
                    let mut commits = self.stage.commits.borrow_mut();
                    let register = commits.entry(place).or_default();
                    match ErrorCode::from_code(partition.error_code) {
                        Some(ErrorCode::None) => {
                            register.acked(number, now);
                            committed.insert(place, positions[&place]);
                            count(&self.stage.progress.committed);
                        }
                        Some(
                            ErrorCode::IllegalGeneration
                            | ErrorCode::UnknownMemberId
                            | ErrorCode::RebalanceInProgress,
                        ) => register.refused(number),
                        _ => {}
                    }
                }
                if let Err(over) = self.react("OffsetCommit", partition.error_code) {
                    outcome = Err(over);
                }
            }
        }
        assert!(numbers.is_empty(), "an answer to a commit leaves partitions out: {answer:?}");
        outcome
    }

    /// Leaves the group in order, or just stops.
    async fn go(&mut self, wire: &mut Wire) -> Result<(), Over> {
        if chance(&self.io, 2) {
            let member = MemberIdentity { member_id: self.id.clone(), ..Default::default() };
            let request = LeaveGroupRequest {
                group_id: GROUP.into(),
                members: vec![member],
                ..Default::default()
            };
            let answer = wire.call(5, &request).await?;
            self.react("LeaveGroup", answer.error_code)?;
        }
        self.id = String::new();
        pause(&self.io, Duration::from_millis(500)).await;
        Err(Over::Rejoin)
    }
}
