//! The coordinator of one partition of `__consumer_offsets`: dispatch, appends, timers.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::protocol::ErrorCode;

use super::classic::Group;
use super::config::GroupConfig;
use super::model::{GroupRecord, GroupState};
use super::offsets::Offsets;
use super::rebalance::Context;
use super::reply::{JoinReply, LeaveReply, LeftMember, Reply, SyncReply};
use super::request::{
    FetchRequest, HeartbeatRequest, JoinRequest, LeaveRequest, Request, SyncRequest,
};
use super::snapshot::{Copying, StoredGroups};
use super::step::{AppendError, AppendId, Draft, Now, Refusal, ReplyTo, Step, Then};
use super::sweep::Sweep;
use super::timers::{TimerKey, Timers};

/// Whether the coordinator answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The log is being read.
    Loading,
    /// It leads.
    Active,
    /// It does not lead any more.
    Resigned,
}

/// The coordinator of the groups of one partition of `__consumer_offsets`.
///
/// It starts out loading: [`Coordinator::replay`] every record of the partition, then
/// [`Coordinator::finish_loading`]. From then on [`Coordinator::handle`] requests, call
/// [`Coordinator::tick`] at [`Coordinator::next_deadline`], and report what became of each append.
#[derive(Debug)]
pub struct Coordinator {
    pub(super) config: GroupConfig,
    pub(super) phase: Phase,
    pub(super) groups: BTreeMap<Arc<str>, Group>,
    /// Groups whose removal is being appended: still there for those who read.
    pub(super) deleting: BTreeMap<(Arc<str>, AppendId), Group>,
    pub(super) offsets: Offsets,
    /// Records of groups, as they are in the log. What `groups` has may be ahead of them.
    pub(super) stored: StoredGroups,
    /// The copy of the live state that is being made.
    pub(super) copying: Option<Copying>,
    pub(super) timers: Timers,
    pub(super) sweeps: VecDeque<Sweep>,
    /// What follows the appends under way. No longer than the requests and deadlines under way.
    appends: BTreeMap<AppendId, Vec<Then>>,
    next_append: AppendId,
    /// Reads that wait for appends up to an id.
    stable_reads: VecDeque<(AppendId, ReplyTo, FetchRequest)>,
}

impl Coordinator {
    /// A coordinator that has read nothing yet.
    pub fn new(config: GroupConfig) -> Self {
        Self {
            config,
            phase: Phase::Loading,
            groups: BTreeMap::new(),
            deleting: BTreeMap::new(),
            offsets: Offsets::default(),
            stored: StoredGroups::default(),
            copying: None,
            timers: Timers::default(),
            sweeps: VecDeque::new(),
            appends: BTreeMap::new(),
            next_append: AppendId(1),
            stable_reads: VecDeque::new(),
        }
    }

    /// Its settings.
    pub fn config(&self) -> &GroupConfig {
        &self.config
    }

    /// Whether loading is done and the coordinator has not resigned.
    pub fn is_active(&self) -> bool {
        self.phase == Phase::Active
    }

    /// Whether it has resigned.
    pub fn has_resigned(&self) -> bool {
        self.phase == Phase::Resigned
    }

    /// Number of groups.
    pub fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// State of a group, if it exists.
    pub fn group_state(&self, group_id: &str) -> Option<GroupState> {
        self.groups.get(group_id).map(|group| group.state)
    }

    /// Handles a request. `to` is answered exactly once, in this step or a later one.
    pub fn handle(&mut self, now: Now, to: ReplyTo, request: Request) -> Step {
        let mut draft = self.draft();
        let refusal = match self.phase {
            Phase::Loading => Some(ErrorCode::CoordinatorLoadInProgress),
            Phase::Resigned => Some(ErrorCode::NotCoordinator),
            Phase::Active => None,
        };
        if let Some(error) = refusal {
            draft.reply(to, request.refuse(error));
            return self.finish(draft);
        }
        match request {
            Request::Join(request) => self.join(&mut draft, now, to, request),
            Request::Sync(request) => self.sync(&mut draft, now, to, request),
            Request::Heartbeat(request) => self.heartbeat(&mut draft, now, to, &request),
            Request::Leave(request) => self.leave(&mut draft, now, to, request),
            Request::Commit(request) => self.commit(&mut draft, now, to, request),
            Request::Fetch(request) => self.fetch(&mut draft, to, request),
            Request::DeleteOffsets(request) => self.delete_offsets(&mut draft, to, request),
            Request::Describe(groups) => self.describe(&mut draft, to, groups),
            Request::List(request) => self.list(&mut draft, to, &request),
            Request::DeleteGroups(groups) => self.delete_groups(&mut draft, now, to, groups),
        }
        self.finish(draft)
    }

    /// When [`Coordinator::tick`] should be called next, by the clock of [`Now`]. May be in the
    /// past: then at once.
    pub fn next_deadline(&self) -> Option<i64> {
        if self.phase != Phase::Active {
            return None;
        }
        if self.sweeps.is_empty() { self.timers.next() } else { Some(i64::MIN) }
    }

    /// Does what is due. One call does a bounded amount of work: call again while
    /// [`Coordinator::next_deadline`] is not in the future.
    pub fn tick(&mut self, now: Now) -> Step {
        let mut draft = self.draft();
        if self.phase == Phase::Active {
            self.sweep(&mut draft, now);
            while draft.records.len() < self.config.sweep_records {
                let Some(key) = self.timers.pop(now.clock_ms) else { break };
                self.fire(&mut draft, now, key);
            }
        }
        self.finish(draft)
    }

    /// The records of a step are durable.
    pub fn appended(&mut self, now: Now, id: AppendId) -> Step {
        self.settle(now, id, None)
    }

    /// The records of a step are lost, for good: they are not in the log and will not be.
    pub fn append_failed(&mut self, now: Now, id: AppendId, error: AppendError) -> Step {
        self.settle(now, id, Some(error))
    }

    /// Gives up: the partition has another leader, or none. Everything that waits is told
    /// NOT_COORDINATOR, appends under way included, and the state is dropped.
    pub fn resign(&mut self) -> Step {
        let error = ErrorCode::NotCoordinator;
        let mut draft = self.draft();
        for then in std::mem::take(&mut self.appends).into_values().flatten() {
            if let Then::Answer { to, reply, refusal } = then {
                draft.reply(to, refusal.reply(reply, error));
            }
        }
        for (_, to, request) in std::mem::take(&mut self.stable_reads) {
            draft.reply(to, Request::Fetch(request).refuse(error));
        }
        for (_, mut group) in std::mem::take(&mut self.groups) {
            let mut cx = context(&self.config, &mut self.timers, &mut draft, Now::default());
            group.dissolve(&mut cx, error);
        }
        let fresh = Self::new(self.config.clone());
        *self = Self { phase: Phase::Resigned, next_append: self.next_append, ..fresh };
        self.finish(draft)
    }

    pub(super) fn draft(&self) -> Draft {
        Draft::new(self.next_append)
    }

    /// Ends a step: with records it gets its id and what follows is kept, without it happens now.
    pub(super) fn finish(&mut self, mut draft: Draft) -> Step {
        let append = if draft.records.is_empty() {
            for then in draft.then {
                if let Then::Answer { to, reply, .. } = then {
                    draft.replies.push((to, reply));
                }
            }
            None
        } else {
            let groups = self.stored.stage(&draft.records, draft.id);
            if !groups.is_empty() {
                draft.then.push(Then::Logged { groups });
            }
            Some(self.append(draft.then))
        };
        Step { append, records: draft.records, replies: draft.replies }
    }

    /// Gives the next append its id, and keeps what follows it.
    pub(super) fn append(&mut self, then: Vec<Then>) -> AppendId {
        let id = self.next_append;
        self.appends.insert(id, then);
        self.next_append = AppendId(id.0 + 1);
        id
    }

    /// The oldest append under way, or the next one when there is none.
    pub(super) fn oldest_append(&self) -> AppendId {
        self.appends.first_key_value().map_or(self.next_append, |(id, _)| *id)
    }

    fn settle(&mut self, now: Now, id: AppendId, lost: Option<AppendError>) -> Step {
        let mut draft = self.draft();
        // After a resignation nothing is known of earlier appends, and everybody was answered.
        let Some(then) = self.appends.remove(&id) else { return self.finish(draft) };
        let error = lost.map(AppendError::for_client);
        if let Some(error) = lost {
            tracing::warn!(?error, "records of the group coordinator could not be appended");
        }
        for then in then {
            self.follow(&mut draft, now, id, then, error);
        }
        let oldest = self.oldest_append();
        while self.stable_reads.front().is_some_and(|(until, ..)| *until < oldest) {
            if let Some((_, to, request)) = self.stable_reads.pop_front() {
                self.answer_fetch(&mut draft, to, &request);
            }
        }
        self.finish(draft)
    }

    fn follow(
        &mut self,
        draft: &mut Draft,
        now: Now,
        id: AppendId,
        then: Then,
        error: Option<ErrorCode>,
    ) {
        match then {
            Then::Answer { to, reply, refusal } => {
                let reply = match error {
                    Some(error) => refusal.reply(reply, error),
                    None => reply,
                };
                draft.reply(to, reply);
            }
            Then::Offsets { group, at } => {
                for at in &at {
                    self.offsets.settle(&group, at, id, error.is_none());
                }
                if error.is_none() {
                    // A group that was removed while this commit was under way is back with it.
                    let made = self.groups.entry(group.clone());
                    made.or_insert_with(|| Group::new(group, now.wall_ms)).created_by = None;
                }
            }
            Then::Removed { group, at } => {
                for at in &at {
                    self.offsets.settle(&group, at, id, error.is_none());
                }
            }
            Then::Logged { groups } => {
                for group in &groups {
                    self.stored.settle(group, id, error.is_none());
                }
            }
            Then::Copied => self.copied(id, error.is_some()),
            Then::Created { group } => self.created(draft, now, id, &group, error),
            Then::Deleted { group } => {
                let deleted = self.deleting.remove(&(group.clone(), id));
                if let Some(deleted) = deleted
                    && error.is_some()
                {
                    self.groups.entry(group).or_insert(deleted);
                }
            }
            Then::Stored { group } => {
                if error.is_none()
                    && let Some(group) = self.groups.get_mut(&group)
                {
                    group.created_by = None;
                }
            }
            Then::Assigned { group, generation, assignments } => {
                let Some((group, mut cx)) = self.group(draft, now, &group) else { return };
                if error.is_none() {
                    group.created_by = None;
                }
                group.assigned(&mut cx, generation, assignments, error);
            }
            Then::Replaced(done) => {
                let Some((group, mut cx)) = self.group(draft, now, &done.group) else { return };
                group.static_member_replaced(&mut cx, *done, error);
            }
        }
    }

    fn created(
        &mut self,
        draft: &mut Draft,
        now: Now,
        id: AppendId,
        group_id: &Arc<str>,
        error: Option<ErrorCode>,
    ) {
        let Some((group, mut cx)) = self.group(draft, now, group_id) else { return };
        if group.created_by != Some(id) {
            return;
        }
        match error {
            None => group.created_by = None,
            Some(error) => {
                group.dissolve(&mut cx, error);
                self.groups.remove(group_id);
            }
        }
    }

    fn fire(&mut self, draft: &mut Draft, now: Now, key: TimerKey) {
        match key {
            TimerKey::Session { group, member } => {
                if let Some((group, mut cx)) = self.group(draft, now, &group) {
                    group.session_over(&mut cx, &member);
                }
            }
            TimerKey::Join { group } => {
                if let Some((group, mut cx)) = self.group(draft, now, &group) {
                    group.join_over(&mut cx);
                }
            }
            TimerKey::Sync { group } => {
                if let Some((group, mut cx)) = self.group(draft, now, &group) {
                    group.sync_over(&mut cx);
                }
            }
            TimerKey::Expire => {
                self.sweeps.push_back(Sweep::expired());
                let next = now.clock_ms.saturating_add(self.config.retention_check_interval_ms);
                self.timers.arm(TimerKey::Expire, next);
            }
        }
    }

    /// A group, and what its functions need.
    pub(super) fn group<'a>(
        &'a mut self,
        draft: &'a mut Draft,
        now: Now,
        group_id: &str,
    ) -> Option<(&'a mut Group, Context<'a>)> {
        let group = self.groups.get_mut(group_id)?;
        Some((group, context(&self.config, &mut self.timers, draft, now)))
    }

    /// Whether clients can see a group: a record of it is durable and none of its removal.
    pub(super) fn is_visible(&self, group_id: &str) -> bool {
        self.visible(group_id).is_some()
    }

    /// A group as clients see it.
    pub(super) fn visible(&self, group_id: &str) -> Option<&Group> {
        let durable = self.groups.get(group_id).filter(|group| group.created_by.is_none());
        durable.or_else(|| {
            let from = (Arc::from(group_id), AppendId(0));
            let (_, group) =
                self.deleting.range(from..).next().filter(|((id, _), _)| &**id == group_id)?;
            Some(group)
        })
    }

    fn join(&mut self, draft: &mut Draft, now: Now, to: ReplyTo, request: JoinRequest) {
        let refuse = |draft: &mut Draft, error| {
            draft.reply(to, Reply::Join(JoinReply::error(&request.member_id, error)));
        };
        if request.group_id.is_empty() {
            return refuse(draft, ErrorCode::InvalidGroupId);
        }
        let timeouts = self.config.min_session_timeout_ms..=self.config.max_session_timeout_ms;
        if !timeouts.contains(&request.session_timeout_ms) {
            return refuse(draft, ErrorCode::InvalidSessionTimeout);
        }
        if let Some((group, mut cx)) = self.group(draft, now, &request.group_id) {
            return group.join(&mut cx, to, request);
        }
        if !request.member_id.is_empty() {
            return refuse(draft, ErrorCode::UnknownMemberId);
        }
        if self.groups.len() >= self.config.max_groups {
            return refuse(draft, ErrorCode::CoordinatorNotAvailable);
        }
        let id = request.group_id.clone();
        let mut group = Group::new(id.clone(), now.wall_ms);
        let empty = group.stored(|_| Default::default());
        let mut cx = context(&self.config, &mut self.timers, draft, now);
        group.join(&mut cx, to, request);
        // A join that was refused makes no group. (In Kafka it does, until the next clean-up.)
        if !group.members.is_empty() || !group.pending_members.is_empty() {
            group.created_by = Some(draft.id);
            draft.records.push(GroupRecord::Group { group: id.clone(), value: Some(empty) });
            draft.then.push(Then::Created { group: id.clone() });
            self.groups.insert(id, group);
        }
    }

    fn sync(&mut self, draft: &mut Draft, now: Now, to: ReplyTo, request: SyncRequest) {
        if request.group_id.is_empty() {
            return draft.reply(to, Reply::Sync(SyncReply::error(ErrorCode::InvalidGroupId)));
        }
        match self.group(draft, now, &request.group_id) {
            Some((group, mut cx)) => group.sync(&mut cx, to, request),
            None => draft.reply(to, Reply::Sync(SyncReply::error(ErrorCode::UnknownMemberId))),
        }
    }

    fn heartbeat(&mut self, draft: &mut Draft, now: Now, to: ReplyTo, request: &HeartbeatRequest) {
        let error = if request.group_id.is_empty() {
            ErrorCode::InvalidGroupId
        } else {
            match self.group(draft, now, &request.group_id) {
                Some((group, mut cx)) => group.heartbeat(&mut cx, request),
                None => ErrorCode::UnknownMemberId,
            }
        };
        draft.reply(to, Reply::Heartbeat(error));
    }

    fn leave(&mut self, draft: &mut Draft, now: Now, to: ReplyTo, request: LeaveRequest) {
        let reply = if request.group_id.is_empty() {
            LeaveReply::error(ErrorCode::InvalidGroupId)
        } else {
            match self.group(draft, now, &request.group_id) {
                Some((group, mut cx)) => group.leave(&mut cx, request.members),
                None => {
                    let unknown = |member: super::request::LeaveMember| LeftMember {
                        member_id: member.member_id,
                        instance_id: member.instance_id,
                        error: ErrorCode::UnknownMemberId,
                    };
                    let members = request.members.into_iter().map(unknown).collect();
                    LeaveReply { error: ErrorCode::None, members }
                }
            }
        };
        // If the group is empty now, that is stored before the last member is told.
        draft.then.push(Then::Answer { to, reply: Reply::Leave(reply), refusal: Refusal::Leave });
    }

    /// OffsetFetch.
    fn fetch(&mut self, draft: &mut Draft, to: ReplyTo, request: FetchRequest) {
        match self.appends.last_key_value() {
            Some((last, _)) if request.require_stable => {
                self.stable_reads.push_back((*last, to, request));
            }
            _ => self.answer_fetch(draft, to, &request),
        }
    }
}

/// What the functions of a group need. Not a method, so that a group can be borrowed beside it.
pub(super) fn context<'a>(
    config: &'a GroupConfig,
    timers: &'a mut Timers,
    draft: &'a mut Draft,
    now: Now,
) -> Context<'a> {
    Context { now, config, timers, draft }
}

impl Refusal {
    /// The reply in place of `reply` when its records are lost.
    fn reply(self, reply: Reply, error: ErrorCode) -> Reply {
        match (self, reply) {
            (Self::Request(request), _) => request.refuse(error),
            (Self::Leave, _) => Reply::Leave(LeaveReply::error(error)),
        }
    }
}

#[cfg(test)]
impl Coordinator {
    /// Panics when something is inconsistent.
    pub(super) fn check(&self) {
        for (id, group) in &self.groups {
            assert_eq!(*id, group.id);
            group.check();
        }
        let expected: usize = self
            .groups
            .values()
            .map(|group| group.members.len() + group.pending_members.len() + 2)
            .sum();
        assert!(self.timers.len() <= expected + 1, "no deadline outlives what it is about");
    }

    /// Whether nothing waits for an append.
    pub(super) fn is_settled(&self) -> bool {
        self.appends.is_empty() && self.stable_reads.is_empty() && self.deleting.is_empty()
    }
}
