//! Removing what nobody needs any more: expired offsets (KIP-211), empty groups, offsets of deleted
//! topics. A sweep goes over all groups in small steps, so that no turn of the loop takes long.

use std::ops::Bound;
use std::sync::Arc;

use super::classic::Group;
use super::coordinator::Coordinator;
use super::model::{CommittedOffset, GroupState, TopicPartition};
use super::step::{AppendId, Draft, Now};

/// Groups that one step looks at.
const GROUPS_PER_STEP: usize = 1_000;

/// A walk over all groups.
#[derive(Debug)]
pub(super) struct Sweep {
    kind: Kind,
    /// The groups up to this one are done.
    done: Option<Arc<str>>,
}

#[derive(Debug)]
enum Kind {
    /// Offsets past their retention, and groups that are left with nothing.
    Expired,
    /// Offsets of partitions that are gone. Offsets committed from `before` on belong to a topic
    /// that was made anew under the name.
    Deleted { topic: Arc<str>, before: AppendId },
}

impl Sweep {
    pub(super) fn expired() -> Self {
        Self { kind: Kind::Expired, done: None }
    }
}

impl Coordinator {
    /// A topic was deleted: its offsets are removed from all groups, in the next ticks.
    pub fn topic_deleted(&mut self, topic: &str) {
        let before = self.draft().id;
        let kind = Kind::Deleted { topic: topic.into(), before };
        self.sweeps.push_back(Sweep { kind, done: None });
    }

    /// One step of the sweep that is under way.
    pub(super) fn sweep(&mut self, draft: &mut Draft, now: Now) {
        let Some(mut sweep) = self.sweeps.pop_front() else { return };
        for _ in 0..GROUPS_PER_STEP {
            let after = match &sweep.done {
                Some(done) => Bound::Excluded(done.clone()),
                None => Bound::Unbounded,
            };
            let next = self.groups.range((after, Bound::Unbounded)).next();
            let Some(group) = next.map(|(id, _)| id.clone()) else { return };
            let room = self.config.sweep_records.saturating_sub(draft.records.len());
            let whole = match &sweep.kind {
                Kind::Expired => self.expire(draft, now, &group, room),
                Kind::Deleted { topic, before } => {
                    self.forget_topic(draft, &group, topic, *before, room)
                }
            };
            if !whole {
                break;
            }
            sweep.done = Some(group);
        }
        self.sweeps.push_front(sweep);
    }

    /// Removes what has expired of a group, `room` offsets at most; false if there is more.
    fn expire(&mut self, draft: &mut Draft, now: Now, group_id: &Arc<str>, room: usize) -> bool {
        let Some(group) = self.groups.get(group_id) else { return true };
        let mut expired = Vec::new();
        let (mut all, mut more) = (true, false);
        for (topic, partition, offset, _) in self.offsets.latest_of(group_id) {
            let retention_ms = self.config.offsets_retention_ms;
            if !group.is_subscribed_to(topic)
                && group.has_expired(offset, now.wall_ms, retention_ms)
            {
                if expired.len() >= room {
                    more = true;
                    break;
                }
                expired.push(TopicPartition { topic: topic.clone(), partition });
            } else {
                all = false;
            }
        }
        let idle = group.is(GroupState::Empty) && group.pending_members.is_empty();
        self.remove_offsets(draft, group_id, expired);
        if more {
            return false;
        }
        if all && idle {
            if draft.records.len() >= self.config.sweep_records {
                return false;
            }
            self.delete_group(draft, now, group_id);
        }
        true
    }

    fn forget_topic(
        &mut self,
        draft: &mut Draft,
        group_id: &Arc<str>,
        topic: &Arc<str>,
        before: AppendId,
        room: usize,
    ) -> bool {
        let old = |(partition, from): (i32, AppendId)| {
            let at = TopicPartition { topic: topic.clone(), partition };
            (from < before).then_some(at)
        };
        let mut gone: Vec<TopicPartition> =
            self.offsets.latest_of_topic(group_id, topic).filter_map(old).take(room + 1).collect();
        let whole = gone.len() <= room;
        gone.truncate(room);
        self.remove_offsets(draft, group_id, gone);
        whole
    }
}

impl Group {
    /// Whether an offset of a topic that the group does not subscribe to is past its retention.
    fn has_expired(&self, offset: &CommittedOffset, wall_ms: i64, retention_ms: i64) -> bool {
        let since_ms = match (&self.protocol_type, self.state) {
            // Offsets stored without group management.
            (None, _) => offset.commit_timestamp_ms,
            // The retention of an empty group begins when its last member left.
            (Some(_), GroupState::Empty) => {
                self.state_timestamp_ms.unwrap_or(offset.commit_timestamp_ms)
            }
            (Some(_), GroupState::Stable)
                if self.uses_consumer_protocol() && self.subscribed_topics.is_some() =>
            {
                offset.commit_timestamp_ms
            }
            _ => return false,
        };
        match offset.expire_timestamp_ms {
            Some(expire_ms) => wall_ms >= expire_ms,
            None => wall_ms.saturating_sub(since_ms) >= retention_ms,
        }
    }
}
