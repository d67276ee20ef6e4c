//! A classic group: its members and their counts, without timers, replies or records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::member::Member;
use super::model::{Blob, GroupMetadata, GroupState, Protocol};
use super::reply::{DescribedGroup, JoinedMember};
use super::step::{AppendId, ReplyTo};
use super::subscription::{self, CONSUMER};
use crate::protocol::ErrorCode;

/// A classic group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub id: Arc<str>,
    pub state: GroupState,
    pub previous_state: GroupState,
    /// When the state was entered; `None` if a record of an old version did not say.
    pub state_timestamp_ms: Option<i64>,
    pub protocol_type: Option<Arc<str>>,
    pub protocol: Option<Arc<str>>,
    pub generation: i32,
    pub leader: Option<Arc<str>>,
    pub members: BTreeMap<Arc<str>, Member>,
    /// Member ids by instance id.
    pub static_members: BTreeMap<Arc<str>, Arc<str>>,
    /// Ids given out whose owners have not come back with them.
    pub pending_members: BTreeSet<Arc<str>>,
    /// Members that owe a SyncGroup in this generation.
    pub pending_sync: BTreeSet<Arc<str>>,
    /// Topics of all members together; `None` when they cannot be known.
    pub subscribed_topics: Option<BTreeSet<Arc<str>>>,
    /// Whether the initial rebalance delay is to be extended.
    pub new_member_added: bool,
    /// What the initial rebalance delay is and how much it may be extended, in milliseconds;
    /// `None` outside an initial rebalance.
    pub initial_delay: Option<(i32, i32)>,
    /// The generation whose assignment is being stored.
    pub storing_assignment: Option<i32>,
    /// The append that makes the group exist; `None` once a record of it is durable.
    pub created_by: Option<AppendId>,
    awaiting_join: usize,
    /// How many members support each protocol; never zero.
    support: BTreeMap<Arc<str>, usize>,
    bytes: usize,
}

impl Group {
    pub(super) fn new(id: Arc<str>, wall_ms: i64) -> Self {
        Self {
            id,
            state: GroupState::Empty,
            previous_state: GroupState::Dead,
            state_timestamp_ms: Some(wall_ms),
            protocol_type: None,
            protocol: None,
            generation: 0,
            leader: None,
            members: BTreeMap::new(),
            static_members: BTreeMap::new(),
            pending_members: BTreeSet::new(),
            pending_sync: BTreeSet::new(),
            subscribed_topics: None,
            new_member_added: false,
            initial_delay: None,
            storing_assignment: None,
            created_by: None,
            awaiting_join: 0,
            support: BTreeMap::new(),
            bytes: 0,
        }
    }

    pub(super) fn is(&self, state: GroupState) -> bool {
        self.state == state
    }

    pub(super) fn is_leader(&self, member_id: &str) -> bool {
        self.leader.as_deref() == Some(member_id)
    }

    /// Members that wait for the join phase to end.
    pub(super) fn awaiting_join(&self) -> usize {
        self.awaiting_join
    }

    /// Bytes of metadata and assignments.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn all_joined(&self) -> bool {
        self.members.len() == self.awaiting_join && self.pending_members.is_empty()
    }

    /// The longest rebalance timeout of the members.
    pub(super) fn rebalance_timeout_ms(&self) -> i32 {
        self.members.values().map(|m| m.rebalance_timeout_ms).max().unwrap_or(0).max(0)
    }

    pub(super) fn enter(&mut self, state: GroupState, wall_ms: i64) {
        self.previous_state = self.state;
        self.state = state;
        self.state_timestamp_ms = Some(wall_ms);
    }

    /// Whether a member with these protocols can be in this group.
    pub(super) fn supports(&self, protocol_type: &str, protocols: &[Protocol]) -> bool {
        if self.is(GroupState::Empty) {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let all = self.members.len();
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols.iter().any(|p| self.support.get(&p.name).copied().unwrap_or(0) == all)
    }

    /// Adds a member, whose protocols are known to be supported.
    pub(super) fn add(&mut self, member: Member, protocol_type: &Arc<str>) {
        if self.members.is_empty() {
            self.protocol_type = Some(protocol_type.clone());
        }
        if self.leader.is_none() {
            self.leader = Some(member.id.clone());
        }
        if let Some(instance_id) = &member.instance_id {
            self.static_members.insert(instance_id.clone(), member.id.clone());
        }
        self.pending_members.remove(&member.id);
        self.count(&member);
        self.members.insert(member.id.clone(), member);
    }

    /// Removes a member or a pending member. Requests that it has parked are the caller's to answer.
    pub(super) fn remove(&mut self, member_id: &str) -> Option<Member> {
        let removed = self.members.remove(member_id);
        if let Some(member) = &removed {
            self.uncount(member);
            if let Some(instance_id) = &member.instance_id
                && self.static_members.get(instance_id) == Some(&member.id)
            {
                self.static_members.remove(instance_id);
            }
        }
        if self.is_leader(member_id) {
            self.leader = self.members.keys().next().cloned();
        }
        self.pending_members.remove(member_id);
        self.pending_sync.remove(member_id);
        removed
    }

    /// Puts `member` in the place of the static member `old_id`, leadership included.
    pub(super) fn replace(&mut self, old_id: &str, member: Member) -> Option<Member> {
        let old = self.members.remove(old_id)?;
        self.uncount(&old);
        if self.is_leader(old_id) {
            self.leader = Some(member.id.clone());
        }
        if self.pending_sync.remove(old_id) {
            self.pending_sync.insert(member.id.clone());
        }
        if let Some(instance_id) = &member.instance_id {
            self.static_members.insert(instance_id.clone(), member.id.clone());
        }
        self.count(&member);
        self.members.insert(member.id.clone(), member);
        Some(old)
    }

    /// Changes a member. All counts stay right.
    pub(super) fn update<T>(
        &mut self,
        member_id: &str,
        change: impl FnOnce(&mut Member) -> T,
    ) -> Option<T> {
        let mut member = self.members.remove(member_id)?;
        self.uncount(&member);
        let result = change(&mut member);
        self.count(&member);
        self.members.insert(member.id.clone(), member);
        Some(result)
    }

    /// Takes the parked JoinGroup of a member.
    pub(super) fn take_join(&mut self, member_id: &str) -> Option<ReplyTo> {
        let to = self.members.get_mut(member_id)?.awaiting_join.take()?;
        self.awaiting_join -= 1;
        Some(to)
    }

    /// Takes the parked SyncGroup of a member.
    pub(super) fn take_sync(&mut self, member_id: &str) -> Option<ReplyTo> {
        self.members.get_mut(member_id)?.awaiting_sync.take()
    }

    pub(super) fn set_assignment(&mut self, member_id: &str, assignment: Blob) {
        if let Some(member) = self.members.get_mut(member_id) {
            self.bytes = self.bytes + assignment.len() - member.assignment.len();
            member.assignment = assignment;
        }
    }

    fn count(&mut self, member: &Member) {
        for protocol in &member.protocols {
            *self.support.entry(protocol.name.clone()).or_default() += 1;
        }
        self.awaiting_join += usize::from(member.awaiting_join.is_some());
        self.bytes += member.bytes();
    }

    fn uncount(&mut self, member: &Member) {
        for protocol in &member.protocols {
            if let Some(count) = self.support.get_mut(&protocol.name) {
                *count -= 1;
                if *count == 0 {
                    self.support.remove(&protocol.name);
                }
            }
        }
        self.awaiting_join -= usize::from(member.awaiting_join.is_some());
        self.bytes -= member.bytes();
    }

    /// Checks that a member may speak for itself in this group.
    pub(super) fn check_member(
        &self,
        member_id: &str,
        instance_id: Option<&str>,
    ) -> Result<(), ErrorCode> {
        if let Some(instance_id) = instance_id {
            match self.static_members.get(instance_id) {
                None => return Err(ErrorCode::UnknownMemberId),
                Some(existing) if &**existing != member_id => {
                    return Err(ErrorCode::FencedInstanceId);
                }
                Some(_) => {}
            }
        }
        if self.members.contains_key(member_id) { Ok(()) } else { Err(ErrorCode::UnknownMemberId) }
    }

    /// The protocol that all members support and most prefer. Where votes are equal the first by
    /// name wins; Kafka leaves that to the order of a hash map.
    pub(super) fn elect_protocol(&self) -> Option<Arc<str>> {
        let all = self.members.len();
        let candidates: BTreeSet<&Arc<str>> =
            self.support.iter().filter(|(_, count)| **count == all).map(|(name, _)| name).collect();
        let mut votes: BTreeMap<&Arc<str>, usize> = BTreeMap::new();
        for name in self.members.values().filter_map(|member| member.vote(&candidates)) {
            *votes.entry(name).or_default() += 1;
        }
        let most = votes.values().copied().max()?;
        votes.into_iter().find(|(_, count)| *count == most).map(|(name, _)| name.clone())
    }

    /// Sees to it that the leader is one of those that wait for the join phase to end; false when
    /// nobody does.
    pub(super) fn elect_leader(&mut self) -> bool {
        let waits = |member: &&Member| member.awaiting_join.is_some();
        let leader = self.leader.as_ref().and_then(|id| self.members.get(id));
        if leader.as_ref().is_some_and(waits) {
            return true;
        }
        let Some(next) = self.members.values().find(waits).map(|m| m.id.clone()) else {
            return false;
        };
        tracing::info!(
            group = %self.id, old = ?self.leader, new = %next,
            "the leader did not rejoin in time, another member leads"
        );
        self.leader = Some(next);
        true
    }

    /// Starts the next generation with the members there are.
    pub(super) fn next_generation(&mut self, wall_ms: i64) {
        self.generation = self.generation.checked_add(1).unwrap_or(0);
        self.protocol = self.elect_protocol();
        self.subscribed_topics = self.read_subscribed_topics();
        self.pending_sync.clear();
        self.initial_delay = None;
        self.storing_assignment = None;
        let state = if self.members.is_empty() {
            GroupState::Empty
        } else {
            GroupState::CompletingRebalance
        };
        self.enter(state, wall_ms);
    }

    /// The topics that the members subscribe to, if they are consumers that say so.
    pub(super) fn read_subscribed_topics(&self) -> Option<BTreeSet<Arc<str>>> {
        if !self.uses_consumer_protocol() {
            return None;
        }
        let mut topics = BTreeSet::new();
        if self.members.is_empty() {
            return Some(topics);
        }
        let protocol = self.protocol.as_deref()?;
        for member in self.members.values() {
            let metadata = member.metadata(protocol)?;
            if let Err(error) = subscription::read_topics(metadata, &mut topics) {
                tracing::warn!(
                    group = %self.id, member = %member.id, %error,
                    "subscription cannot be read: offsets of this group do not expire while it lives"
                );
                return None;
            }
        }
        Some(topics)
    }

    pub(super) fn uses_consumer_protocol(&self) -> bool {
        self.protocol_type.as_deref() == Some(CONSUMER)
    }

    /// Whether offsets of a topic are protected by a subscription.
    pub(super) fn is_subscribed_to(&self, topic: &str) -> bool {
        match &self.subscribed_topics {
            Some(topics) => topics.contains(topic),
            None => self.uses_consumer_protocol(),
        }
    }

    /// All members, for the leader.
    pub(super) fn joined_members(&self) -> Vec<JoinedMember> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        self.members.values().map(|member| member.joined(protocol)).collect()
    }

    pub(super) fn describe(&self) -> DescribedGroup {
        let stable = self.is(GroupState::Stable);
        let protocol = self.protocol.as_deref().filter(|_| stable);
        DescribedGroup {
            group_id: self.id.clone(),
            error: ErrorCode::None,
            state: Some(self.state),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            protocol: protocol.unwrap_or_default().into(),
            members: self.members.values().map(|member| member.described(protocol)).collect(),
        }
    }

    /// The group as it is stored, with these assignments.
    pub(super) fn stored(&self, assignment: impl Fn(&Member) -> Blob) -> GroupMetadata {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        GroupMetadata {
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            state_timestamp_ms: self.state_timestamp_ms.unwrap_or(-1),
            members: self.members.values().map(|m| m.stored(protocol, assignment(m))).collect(),
        }
    }
}

#[cfg(test)]
impl Group {
    /// Panics when a count is wrong.
    pub(super) fn check(&self) {
        let waiting = self.members.values().filter(|m| m.awaiting_join.is_some()).count();
        assert_eq!(self.awaiting_join, waiting, "members that wait to join");
        assert_eq!(self.bytes, self.members.values().map(Member::bytes).sum::<usize>());
        for (instance_id, member_id) in &self.static_members {
            let member = self.members.get(member_id).expect("static members are members");
            assert_eq!(member.instance_id.as_ref(), Some(instance_id));
        }
        if let Some(leader) = &self.leader {
            assert!(self.members.contains_key(leader), "the leader is a member");
        }
        assert_eq!(self.leader.is_none(), self.members.is_empty());
        assert!(self.pending_members.iter().all(|id| !self.members.contains_key(id)));
        assert!(self.pending_sync.iter().all(|id| self.members.contains_key(id)));
        match self.state {
            GroupState::Empty => assert!(self.members.is_empty()),
            GroupState::PreparingRebalance => {
                assert!(self.members.values().all(|m| m.awaiting_sync.is_none()));
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                assert!(self.protocol.is_some());
            }
            GroupState::Dead => panic!("groups are removed, not dead"),
        }
    }
}
