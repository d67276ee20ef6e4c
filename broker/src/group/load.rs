//! Loading the state from the records of the partition.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::classic::Group;
use super::coordinator::{Coordinator, Phase, context};
use super::member::Member;
use super::model::{GroupMetadata, GroupRecord, GroupState, Protocol};
use super::step::{Now, Step};
use super::timers::TimerKey;

impl Coordinator {
    /// Takes in a record of the log. In the order of offsets, before [`Coordinator::finish_loading`].
    pub fn replay(&mut self, now: Now, record: GroupRecord) {
        match record {
            GroupRecord::Offset { group, at, value } => {
                if value.is_some() {
                    let made = self.groups.entry(group.clone());
                    made.or_insert_with(|| Group::new(group.clone(), now.wall_ms));
                }
                self.offsets.load(&group, at, value);
            }
            GroupRecord::Group { group, value: None } => {
                self.groups.remove(&group);
                self.stored.load(&group, None);
            }
            GroupRecord::Group { group, value: Some(stored) } => {
                self.stored.load(&group, Some(stored.clone()));
                self.groups.insert(group.clone(), restore(group, stored));
            }
        }
    }

    /// All records are read: the coordinator answers from now on. The sessions of all members begin.
    /// One that has resigned meanwhile stays so.
    pub fn finish_loading(&mut self, now: Now) -> Step {
        let mut draft = self.draft();
        if self.phase != Phase::Loading {
            return self.finish(draft);
        }
        self.phase = Phase::Active;
        for group in self.groups.values_mut() {
            let mut cx = context(&self.config, &mut self.timers, &mut draft, now);
            for member_id in group.members.keys() {
                group.renew_session(&mut cx, member_id);
            }
            if group.members.len() > self.config.max_members {
                group.prepare(&mut cx, "the group is larger than group.max.size", None);
            }
        }
        let next = now.clock_ms.saturating_add(self.config.retention_check_interval_ms);
        self.timers.arm(TimerKey::Expire, next);
        self.finish(draft)
    }
}

/// A group as its record says. A record that contradicts itself (two members under one instance id,
/// a leader that is no member) is taken as far as it makes sense.
fn restore(id: Arc<str>, stored: GroupMetadata) -> Group {
    let mut group = Group::new(id, 0);
    let has_members = !stored.members.is_empty();
    group.state = if has_members { GroupState::Stable } else { GroupState::Empty };
    group.state_timestamp_ms = Some(stored.state_timestamp_ms).filter(|at| *at != -1);
    group.generation = stored.generation;
    group.protocol = stored.protocol;
    let protocol = group.protocol.clone().unwrap_or_default();
    let mut seen = BTreeSet::new();
    for member in stored.members {
        let repeated = group.members.contains_key(&member.member_id)
            || member.instance_id.clone().is_some_and(|id| !seen.insert(id));
        if repeated {
            tracing::warn!(
                group = %group.id, member = %member.member_id,
                "a stored group names a member twice, the first counts"
            );
            continue;
        }
        let loaded = Member {
            id: member.member_id,
            instance_id: member.instance_id,
            client_id: member.client_id,
            client_host: member.client_host,
            rebalance_timeout_ms: match member.rebalance_timeout_ms {
                -1 => member.session_timeout_ms,
                timeout_ms => timeout_ms,
            },
            session_timeout_ms: member.session_timeout_ms,
            protocols: vec![Protocol { name: protocol.clone(), metadata: member.subscription }],
            assignment: member.assignment,
            awaiting_join: None,
            awaiting_sync: None,
            is_new: false,
        };
        group.add(loaded, &stored.protocol_type);
    }
    group.protocol_type = Some(stored.protocol_type).filter(|name| !name.is_empty());
    if has_members {
        group.protocol = Some(protocol);
    }
    if let Some(leader) = stored.leader.filter(|leader| group.members.contains_key(leader)) {
        group.leader = Some(leader);
    }
    group.subscribed_topics = group.read_subscribed_topics();
    group
}
