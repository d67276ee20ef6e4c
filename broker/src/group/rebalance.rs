//! How a group goes from one generation to the next: the join phase, the sync phase, timeouts.
//!
//! Every function here changes one group, arms deadlines and drafts replies and records; it never
//! waits. The names and the order of checks follow Kafka's `GroupMetadataManager`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::protocol::ErrorCode;

use super::classic::Group;
use super::config::GroupConfig;
use super::member::{Member, distinct, protocol_bytes};
use super::model::{Blob, GroupRecord, GroupState};
use super::reply::{JoinReply, LeaveReply, LeftMember, Reply, SyncReply};
use super::request::{HeartbeatRequest, JoinRequest, LeaveMember, SyncRequest};
use super::step::{Draft, Now, Replaced, ReplyTo, Then};
use super::timers::{TimerKey, Timers};

/// What a change of a group may use beside the group.
pub(super) struct Context<'a> {
    pub now: Now,
    pub config: &'a GroupConfig,
    pub timers: &'a mut Timers,
    pub draft: &'a mut Draft,
}

impl Context<'_> {
    fn join(&mut self, to: ReplyTo, reply: JoinReply) {
        self.draft.reply(to, Reply::Join(reply));
    }

    fn sync(&mut self, to: ReplyTo, reply: SyncReply) {
        self.draft.reply(to, Reply::Sync(reply));
    }

    fn arm(&mut self, key: TimerKey, after_ms: i32) {
        self.timers.arm(key, self.now.clock_ms.saturating_add(i64::from(after_ms.max(0))));
    }
}

impl Group {
    /// JoinGroup.
    pub(super) fn join(&mut self, cx: &mut Context<'_>, to: ReplyTo, mut request: JoinRequest) {
        request.protocols = distinct(std::mem::take(&mut request.protocols));
        let unknown = request.member_id.is_empty();
        if !self.accepts(&request.member_id, cx.config.max_members)
            || !self.fits(&request, cx.config.max_group_bytes)
        {
            self.expel(cx, &request.member_id, ErrorCode::GroupMaxSizeReached);
            cx.join(to, JoinReply::error("", ErrorCode::GroupMaxSizeReached));
        } else if !self.supports(&request.protocol_type, &request.protocols) {
            cx.join(to, JoinReply::error(&request.member_id, ErrorCode::InconsistentGroupProtocol));
        } else if unknown {
            self.join_new(cx, to, request);
        } else {
            self.join_known(cx, to, request);
        }
    }

    /// Whether there is room for a member.
    fn accepts(&self, member_id: &str, max_members: usize) -> bool {
        match self.state {
            GroupState::Empty | GroupState::Dead => true,
            // Those that wait are counted, not those that are members: if the limit was lowered, the
            // last to rejoin are left out.
            GroupState::PreparingRebalance => {
                self.members.get(member_id).is_some_and(|m| m.awaiting_join.is_some())
                    || self.awaiting_join() < max_members
            }
            GroupState::CompletingRebalance | GroupState::Stable => {
                self.members.contains_key(member_id) || self.members.len() < max_members
            }
        }
    }

    fn fits(&self, request: &JoinRequest, max_bytes: usize) -> bool {
        let old = self.members.get(&request.member_id).map_or(0, Member::bytes);
        (self.bytes() - old).saturating_add(protocol_bytes(&request.protocols)) <= max_bytes
    }

    fn join_new(&mut self, cx: &mut Context<'_>, to: ReplyTo, request: JoinRequest) {
        let name = request.instance_id.as_ref().unwrap_or(&request.client_id);
        let new_id: Arc<str> = format!("{name}-{}", uuid_text(request.random)).into();
        if let Some(instance_id) = &request.instance_id {
            if let Some(old_id) = self.static_members.get(instance_id).cloned() {
                tracing::info!(
                    group = %self.id, instance = %instance_id, old = %old_id, new = %new_id,
                    "a static member came back, its old member id is replaced"
                );
                self.replace_static(cx, to, request, &old_id, new_id);
            } else {
                self.add_member(cx, to, request, new_id);
            }
        } else if request.member_id_required {
            if self.pending_members.len() >= cx.config.max_pending_members {
                cx.join(to, JoinReply::error("", ErrorCode::GroupMaxSizeReached));
                return;
            }
            let key = TimerKey::Session { group: self.id.clone(), member: new_id.clone() };
            cx.arm(key, request.session_timeout_ms);
            cx.join(to, JoinReply::error(&new_id, ErrorCode::MemberIdRequired));
            self.pending_members.insert(new_id);
        } else {
            self.add_member(cx, to, request, new_id);
        }
    }

    fn join_known(&mut self, cx: &mut Context<'_>, to: ReplyTo, request: JoinRequest) {
        let member_id = request.member_id.clone();
        if self.pending_members.contains(&member_id) {
            if request.instance_id.is_some() {
                // Ids are only given out to dynamic members. Kafka fails an assertion here.
                cx.join(to, JoinReply::error(&member_id, ErrorCode::UnknownServerError));
                return;
            }
            self.add_member(cx, to, request, member_id);
            return;
        }
        if let Err(error) = self.check_member(&member_id, request.instance_id.as_deref()) {
            cx.join(to, JoinReply::error(&member_id, error));
            return;
        }
        let same = self.members.get(&member_id).is_some_and(|m| m.protocols == request.protocols);
        let rejoins = match self.state {
            GroupState::PreparingRebalance => true,
            // With the same metadata it did not receive the answer to its first join.
            GroupState::CompletingRebalance => !same,
            // The leader rejoins to have partitions assigned anew.
            GroupState::Stable => self.is_leader(&member_id) || !same,
            GroupState::Empty | GroupState::Dead => {
                cx.join(to, JoinReply::error(&member_id, ErrorCode::UnknownMemberId));
                return;
            }
        };
        if rejoins {
            self.update_member(cx, to, &request);
            self.rebalance(cx, "a member rejoins", request.reason.as_deref());
        } else {
            let all = self.is(GroupState::CompletingRebalance) && self.is_leader(&member_id);
            let members = if all { self.joined_members() } else { Vec::new() };
            let reply = JoinReply { members, ..self.join_reply(&member_id) };
            cx.join(to, reply);
        }
    }

    /// A member of this generation is told of it; the leader needs the members too.
    fn join_reply(&self, member_id: &Arc<str>) -> JoinReply {
        JoinReply {
            error: ErrorCode::None,
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            skip_assignment: false,
            member_id: member_id.clone(),
            members: Vec::new(),
        }
    }

    fn add_member(
        &mut self,
        cx: &mut Context<'_>,
        to: ReplyTo,
        request: JoinRequest,
        id: Arc<str>,
    ) {
        if self.is(GroupState::PreparingRebalance) && self.initial_delay.is_some() {
            self.new_member_added = true;
        }
        // A new member cannot send heartbeats while its join waits, and a client that gave up
        // joins again as another: so its waiting is bounded.
        let key = TimerKey::Session { group: self.id.clone(), member: id.clone() };
        cx.arm(key, cx.config.new_member_join_timeout_ms);
        let member = Member {
            id,
            instance_id: request.instance_id,
            client_id: request.client_id,
            client_host: request.client_host,
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            session_timeout_ms: request.session_timeout_ms,
            protocols: request.protocols,
            assignment: Blob::from([]),
            awaiting_join: Some(to),
            awaiting_sync: None,
            is_new: true,
        };
        self.add(member, &request.protocol_type);
        self.rebalance(cx, "a new member joins", request.reason.as_deref());
    }

    fn update_member(&mut self, cx: &mut Context<'_>, to: ReplyTo, request: &JoinRequest) {
        let superseded = self.update(&request.member_id, |member| {
            member.protocols = request.protocols.clone();
            member.rebalance_timeout_ms = request.rebalance_timeout_ms;
            member.session_timeout_ms = request.session_timeout_ms;
            member.awaiting_join.replace(to)
        });
        // Kafka never answers a join that the same member has overtaken; its client is told here.
        if let Some(old) = superseded.flatten() {
            cx.join(old, JoinReply::error(&request.member_id, ErrorCode::RebalanceInProgress));
        }
    }

    fn replace_static(
        &mut self,
        cx: &mut Context<'_>,
        to: ReplyTo,
        request: JoinRequest,
        old_id: &Arc<str>,
        new_id: Arc<str>,
    ) {
        let leader = self.leader.clone().unwrap_or_default();
        if let Some(parked) = self.take_join(old_id) {
            cx.join(parked, JoinReply::error(old_id, ErrorCode::FencedInstanceId));
        }
        if let Some(parked) = self.take_sync(old_id) {
            cx.sync(parked, SyncReply::error(ErrorCode::FencedInstanceId));
        }
        let Some(old) = self.members.get(old_id).cloned() else { return };
        let instance_id = old.instance_id.clone().unwrap_or_default();
        let new = Member {
            id: new_id.clone(),
            rebalance_timeout_ms: request.rebalance_timeout_ms,
            session_timeout_ms: request.session_timeout_ms,
            protocols: request.protocols,
            awaiting_join: Some(to),
            is_new: false,
            ..old.clone()
        };
        self.replace(old_id, new);
        cx.timers.cancel(&TimerKey::Session { group: self.id.clone(), member: old_id.clone() });
        self.renew_session(cx, &new_id);

        match self.state {
            // The members and their choice of protocol are the same: no rebalance, but the new id
            // must be stored before it is used.
            GroupState::Stable if self.protocol == self.elect_protocol() => {
                let stored = self.stored(|member| member.assignment.clone());
                cx.draft
                    .records
                    .push(GroupRecord::Group { group: self.id.clone(), value: Some(stored) });
                cx.draft.then.push(Then::Replaced(Box::new(Replaced {
                    group: self.id.clone(),
                    instance_id,
                    old_id: old_id.clone(),
                    new_id,
                    to,
                    can_skip_assignment: request.can_skip_assignment,
                    leader,
                    old,
                })));
            }
            GroupState::Stable => {
                self.rebalance(cx, "a static member changed protocols", request.reason.as_deref());
            }
            // The leader may be assigning to the old id: start again.
            GroupState::CompletingRebalance => {
                self.prepare(cx, "a static member came back", request.reason.as_deref());
            }
            _ => self.complete_if_all_joined(cx),
        }
    }

    /// The new id of a static member is durable, or lost.
    pub(super) fn static_member_replaced(
        &mut self,
        cx: &mut Context<'_>,
        done: Replaced,
        error: Option<ErrorCode>,
    ) {
        // If a rebalance has begun meanwhile, it answers the join.
        let waits =
            self.members.get(&done.new_id).is_some_and(|m| m.awaiting_join == Some(done.to));
        if !waits || !self.is(GroupState::Stable) {
            return;
        }
        self.take_join(&done.new_id);
        let mut reply = self.join_reply(&done.new_id);
        if let Some(error) = error {
            tracing::warn!(
                group = %self.id, instance = %done.instance_id, %error,
                "the new member id of a static member could not be stored, the old one is back"
            );
            self.replace(&done.new_id, done.old);
            let group = self.id.clone();
            cx.timers.cancel(&TimerKey::Session { group, member: done.new_id });
            self.renew_session(cx, &done.old_id);
            reply.error = error;
            reply.member_id = "".into();
            reply.leader = done.leader;
        } else if done.can_skip_assignment {
            if self.is_leader(&done.new_id) {
                reply.skip_assignment = true;
                reply.members = self.joined_members();
            }
        } else {
            // An old client that reads its own id as the leader's would assign: it is told the
            // leader's former id instead.
            reply.leader = done.leader;
        }
        cx.join(done.to, reply);
    }

    /// SyncGroup.
    pub(super) fn sync(&mut self, cx: &mut Context<'_>, to: ReplyTo, request: SyncRequest) {
        if let Err(error) = self.check_sync(&request) {
            cx.sync(to, SyncReply::error(error));
            return;
        }
        self.pending_sync.remove(&request.member_id);
        if self.pending_sync.is_empty() {
            cx.timers.cancel(&TimerKey::Sync { group: self.id.clone() });
        }
        let Some(member) = self.members.get_mut(&request.member_id) else { return };
        if self.state == GroupState::Stable {
            let reply = SyncReply {
                error: ErrorCode::None,
                protocol_type: self.protocol_type.clone(),
                protocol: self.protocol.clone(),
                assignment: member.assignment.clone(),
            };
            cx.sync(to, reply);
            return;
        }
        if let Some(superseded) = member.awaiting_sync.replace(to) {
            cx.sync(superseded, SyncReply::error(ErrorCode::RebalanceInProgress));
        }
        // A second try of the leader's waits for the first to be stored.
        if self.is_leader(&request.member_id) && self.storing_assignment != Some(self.generation) {
            self.store_assignment(cx, request.assignments);
        }
    }

    fn check_sync(&self, request: &SyncRequest) -> Result<(), ErrorCode> {
        let differs = |asked: &Option<Arc<str>>, have: &Option<Arc<str>>| matches!((asked, have), (Some(asked), Some(have)) if asked != have);
        self.check_member(&request.member_id, request.instance_id.as_deref())?;
        if request.generation != self.generation {
            Err(ErrorCode::IllegalGeneration)
        } else if differs(&request.protocol_type, &self.protocol_type)
            || differs(&request.protocol, &self.protocol)
        {
            Err(ErrorCode::InconsistentGroupProtocol)
        } else if self.is(GroupState::PreparingRebalance) {
            Err(ErrorCode::RebalanceInProgress)
        } else {
            Ok(())
        }
    }

    fn store_assignment(&mut self, cx: &mut Context<'_>, given: Vec<(Arc<str>, Blob)>) {
        let mut given: BTreeMap<Arc<str>, Blob> = given.into_iter().collect();
        // Members that the leader forgot get nothing; assignments to strangers are dropped.
        let assignments: BTreeMap<Arc<str>, Blob> = self
            .members
            .keys()
            .map(|id| (id.clone(), given.remove(id).unwrap_or_default()))
            .collect();
        let stored = self.stored(|member| assignments.get(&member.id).cloned().unwrap_or_default());
        self.storing_assignment = Some(self.generation);
        cx.draft.records.push(GroupRecord::Group { group: self.id.clone(), value: Some(stored) });
        cx.draft.then.push(Then::Assigned {
            group: self.id.clone(),
            generation: self.generation,
            assignments,
        });
    }

    /// The assignment of a generation is durable, or lost.
    pub(super) fn assigned(
        &mut self,
        cx: &mut Context<'_>,
        generation: i32,
        assignments: BTreeMap<Arc<str>, Blob>,
        error: Option<ErrorCode>,
    ) {
        if !self.is(GroupState::CompletingRebalance) || self.generation != generation {
            return;
        }
        self.storing_assignment = None;
        if let Some(error) = error {
            self.drop_assignments(cx, error);
            self.rebalance(cx, "the assignment could not be stored", None);
            return;
        }
        for (member_id, assignment) in assignments {
            self.set_assignment(&member_id, assignment);
        }
        self.enter(GroupState::Stable, cx.now.wall_ms);
        let ids: Vec<Arc<str>> = self.members.keys().cloned().collect();
        for id in ids {
            let Some(to) = self.take_sync(&id) else { continue };
            let assignment = self.members.get(&id).map(|m| m.assignment.clone());
            let reply = SyncReply {
                error: ErrorCode::None,
                protocol_type: self.protocol_type.clone(),
                protocol: self.protocol.clone(),
                assignment: assignment.unwrap_or_default(),
            };
            cx.sync(to, reply);
            self.renew_session(cx, &id);
        }
    }

    /// Heartbeat.
    pub(super) fn heartbeat(
        &mut self,
        cx: &mut Context<'_>,
        request: &HeartbeatRequest,
    ) -> ErrorCode {
        if let Err(error) = self.check_member(&request.member_id, request.instance_id.as_deref()) {
            return error;
        }
        if request.generation != self.generation {
            return ErrorCode::IllegalGeneration;
        }
        self.renew_session(cx, &request.member_id);
        match self.state {
            GroupState::PreparingRebalance => ErrorCode::RebalanceInProgress,
            _ => ErrorCode::None,
        }
    }

    /// LeaveGroup.
    pub(super) fn leave(&mut self, cx: &mut Context<'_>, members: Vec<LeaveMember>) -> LeaveReply {
        let mut left = Vec::with_capacity(members.len());
        for member in members {
            let error = self.leave_one(cx, &member).err().unwrap_or_default();
            left.push(LeftMember {
                member_id: member.member_id,
                instance_id: member.instance_id,
                error,
            });
        }
        if left.iter().any(|member| member.error == ErrorCode::None) {
            match self.state {
                GroupState::Stable | GroupState::CompletingRebalance => {
                    self.rebalance(cx, "members left", None);
                }
                GroupState::PreparingRebalance => self.complete_if_all_joined(cx),
                GroupState::Empty | GroupState::Dead => {}
            }
        }
        LeaveReply { error: ErrorCode::None, members: left }
    }

    fn leave_one(&mut self, cx: &mut Context<'_>, leaving: &LeaveMember) -> Result<(), ErrorCode> {
        let instance_id = leaving.instance_id.as_deref();
        let member_id = if leaving.member_id.is_empty() {
            instance_id
                .and_then(|id| self.static_members.get(id))
                .cloned()
                .ok_or(ErrorCode::UnknownMemberId)?
        } else {
            if !self.pending_members.contains(&leaving.member_id) {
                self.check_member(&leaving.member_id, instance_id)?;
            }
            leaving.member_id.clone()
        };
        tracing::info!(
            group = %self.id, member = %member_id,
            reason = leaving.reason.as_deref().unwrap_or("not provided"),
            "a member leaves"
        );
        self.expel(cx, &member_id, ErrorCode::UnknownMemberId);
        Ok(())
    }

    /// The session of a member ran out.
    pub(super) fn session_over(&mut self, cx: &mut Context<'_>, member_id: &Arc<str>) {
        if self.pending_members.contains(member_id) {
            self.pending_members.remove(member_id);
            tracing::info!(group = %self.id, member = %member_id, "a pending member did not return");
        } else if self.members.get(member_id).is_some_and(|member| !member.is_excused()) {
            tracing::info!(group = %self.id, member = %member_id, "a member's session ran out");
            self.expel(cx, member_id, ErrorCode::UnknownMemberId);
            if matches!(self.state, GroupState::Stable | GroupState::CompletingRebalance) {
                self.rebalance(cx, "a session ran out", None);
                return;
            }
        } else {
            return;
        }
        if self.is(GroupState::PreparingRebalance) && self.all_joined() {
            self.complete_join(cx);
        }
    }

    /// The time for joining is up.
    pub(super) fn join_over(&mut self, cx: &mut Context<'_>) {
        if !self.is(GroupState::PreparingRebalance) {
            return;
        }
        match self.initial_delay {
            Some((delay_ms, remaining_ms)) if self.new_member_added && remaining_ms != 0 => {
                self.new_member_added = false;
                let next_ms = cx.config.initial_rebalance_delay_ms.min(remaining_ms);
                self.initial_delay = Some((next_ms, (remaining_ms - delay_ms).max(0)));
                cx.arm(TimerKey::Join { group: self.id.clone() }, next_ms);
            }
            _ => self.complete_join(cx),
        }
    }

    /// The time for syncing is up.
    pub(super) fn sync_over(&mut self, cx: &mut Context<'_>) {
        let due = matches!(self.state, GroupState::CompletingRebalance | GroupState::Stable);
        if !due || self.pending_sync.is_empty() {
            return;
        }
        for member_id in std::mem::take(&mut self.pending_sync) {
            self.expel(cx, &member_id, ErrorCode::UnknownMemberId);
        }
        self.prepare(cx, "members did not sync in time", None);
    }

    /// Removes a member, its deadline, and whatever it waits for.
    fn expel(&mut self, cx: &mut Context<'_>, member_id: &Arc<str>, error: ErrorCode) {
        cx.timers.cancel(&TimerKey::Session { group: self.id.clone(), member: member_id.clone() });
        let Some(member) = self.remove(member_id) else { return };
        if let Some(to) = member.awaiting_join {
            cx.join(to, JoinReply::error("", error));
        }
        if let Some(to) = member.awaiting_sync {
            cx.sync(to, SyncReply::error(error));
        }
    }

    /// Begins a rebalance, or goes on with the one that has begun.
    fn rebalance(&mut self, cx: &mut Context<'_>, why: &str, client_reason: Option<&str>) {
        if self.is(GroupState::PreparingRebalance) {
            self.complete_if_all_joined(cx);
        } else {
            self.prepare(cx, why, client_reason);
        }
    }

    /// Begins a rebalance.
    pub(super) fn prepare(&mut self, cx: &mut Context<'_>, why: &str, client: Option<&str>) {
        if self.is(GroupState::CompletingRebalance) {
            self.drop_assignments(cx, ErrorCode::RebalanceInProgress);
        }
        self.pending_sync.clear();
        cx.timers.cancel(&TimerKey::Sync { group: self.id.clone() });
        let initial = self.is(GroupState::Empty);
        tracing::info!(
            group = %self.id, generation = self.generation, state = %self.state,
            reason = why, client_reason = client.unwrap_or("not provided"),
            "preparing to rebalance"
        );
        self.enter(GroupState::PreparingRebalance, cx.now.wall_ms);
        if initial {
            // Its first member is rarely its last: give the others time to come.
            let delay_ms = cx.config.initial_rebalance_delay_ms;
            let remaining_ms = self.rebalance_timeout_ms().saturating_sub(delay_ms).max(0);
            self.initial_delay = Some((delay_ms, remaining_ms));
            self.new_member_added = false;
            cx.arm(TimerKey::Join { group: self.id.clone() }, delay_ms);
        } else if self.all_joined() {
            self.complete_join(cx);
        } else {
            cx.arm(TimerKey::Join { group: self.id.clone() }, self.rebalance_timeout_ms());
        }
    }

    /// Ends the join phase if nobody is missing, unless it is the first, which lasts its time.
    fn complete_if_all_joined(&mut self, cx: &mut Context<'_>) {
        if self.is(GroupState::PreparingRebalance)
            && self.previous_state != GroupState::Empty
            && self.all_joined()
        {
            self.complete_join(cx);
        }
    }

    /// Ends the join phase.
    fn complete_join(&mut self, cx: &mut Context<'_>) {
        cx.timers.cancel(&TimerKey::Join { group: self.id.clone() });
        self.initial_delay = None;
        let missing = |m: &&Member| m.awaiting_join.is_none() && m.instance_id.is_none();
        let missing: Vec<Arc<str>> =
            self.members.values().filter(missing).map(|m| m.id.clone()).collect();
        for member_id in &missing {
            self.expel(cx, member_id, ErrorCode::UnknownMemberId);
        }
        if !missing.is_empty() {
            tracing::info!(group = %self.id, ?missing, "members did not rejoin and are removed");
        }
        if !self.elect_leader() && !self.members.is_empty() {
            // Only static members are left and none has come back: their sessions decide.
            cx.arm(TimerKey::Join { group: self.id.clone() }, self.rebalance_timeout_ms());
            return;
        }
        self.next_generation(cx.now.wall_ms);
        tracing::info!(
            group = %self.id, generation = self.generation, members = self.members.len(),
            "a new generation"
        );
        if self.is(GroupState::Empty) {
            let stored = self.stored(|_| Blob::from([]));
            cx.draft
                .records
                .push(GroupRecord::Group { group: self.id.clone(), value: Some(stored) });
            cx.draft.then.push(Then::Stored { group: self.id.clone() });
            return;
        }
        let ids: Vec<Arc<str>> = self.members.keys().cloned().collect();
        for id in ids {
            if let Some(to) = self.take_join(&id) {
                let mut reply = self.join_reply(&id);
                if self.is_leader(&id) {
                    reply.members = self.joined_members();
                }
                cx.join(to, reply);
            }
            if let Some(member) = self.members.get_mut(&id) {
                member.is_new = false;
            }
            self.renew_session(cx, &id);
            self.pending_sync.insert(id);
        }
        cx.arm(TimerKey::Sync { group: self.id.clone() }, self.rebalance_timeout_ms());
    }

    /// Forgets all assignments and tells those that wait for one why.
    fn drop_assignments(&mut self, cx: &mut Context<'_>, error: ErrorCode) {
        let ids: Vec<Arc<str>> = self.members.keys().cloned().collect();
        for id in ids {
            self.set_assignment(&id, Blob::from([]));
            if let Some(to) = self.take_sync(&id) {
                cx.sync(to, SyncReply::error(error));
                self.renew_session(cx, &id);
            }
        }
    }

    /// A member was heard of.
    pub(super) fn renew_session(&self, cx: &mut Context<'_>, member_id: &Arc<str>) {
        let Some(member) = self.members.get(member_id) else { return };
        let key = TimerKey::Session { group: self.id.clone(), member: member.id.clone() };
        cx.arm(key, member.session_timeout_ms);
    }

    /// Answers everything that waits in this group, and cancels its deadlines: the group goes away.
    pub(super) fn dissolve(&mut self, cx: &mut Context<'_>, error: ErrorCode) {
        let ids: Vec<Arc<str>> = self.members.keys().cloned().collect();
        for id in ids {
            if let Some(to) = self.take_join(&id) {
                cx.join(to, JoinReply::error(&id, error));
            }
            if let Some(to) = self.take_sync(&id) {
                cx.sync(to, SyncReply::error(error));
            }
            cx.timers.cancel(&TimerKey::Session { group: self.id.clone(), member: id });
        }
        for id in std::mem::take(&mut self.pending_members) {
            cx.timers.cancel(&TimerKey::Session { group: self.id.clone(), member: id });
        }
        cx.timers.cancel(&TimerKey::Join { group: self.id.clone() });
        cx.timers.cancel(&TimerKey::Sync { group: self.id.clone() });
    }
}

/// The text of a random (version 4) UUID, as Java prints it.
fn uuid_text(random: [u8; 16]) -> String {
    let bits = u128::from_be_bytes(crate::protocol::Uuid::from_random(random).0);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        bits >> 96,
        (bits >> 80) & 0xffff,
        (bits >> 64) & 0xffff,
        (bits >> 48) & 0xffff,
        bits & 0xffff_ffff_ffff,
    )
}
