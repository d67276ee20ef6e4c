//! DescribeGroups, ListGroups, DeleteGroups.

use std::sync::Arc;

use crate::protocol::ErrorCode;

use super::coordinator::{Coordinator, context};
use super::model::{GroupRecord, GroupState, TopicPartition};
use super::reply::{DeletedGroup, DescribedGroup, ListReply, ListedGroup, Reply};
use super::request::{ListRequest, Request};
use super::step::{Draft, Now, Refusal, ReplyTo, Then};

impl Coordinator {
    /// DescribeGroups.
    pub(super) fn describe(&self, draft: &mut Draft, to: ReplyTo, groups: Vec<Arc<str>>) {
        let describe = |id: &Arc<str>| match self.visible(id) {
            Some(group) => group.describe(),
            None => DescribedGroup::error(id, ErrorCode::GroupIdNotFound),
        };
        draft.reply(to, Reply::Describe(groups.iter().map(describe).collect()));
    }

    /// ListGroups.
    pub(super) fn list(&self, draft: &mut Draft, to: ReplyTo, request: &ListRequest) {
        let matches = |filter: &[String], name: &str| {
            filter.is_empty() || filter.iter().any(|f| f.trim().eq_ignore_ascii_case(name))
        };
        let groups = self
            .groups
            .values()
            .filter(|group| {
                group.created_by.is_none()
                    && matches(&request.states, group.state.name())
                    && matches(&request.types, "classic")
            })
            .map(|group| ListedGroup {
                group_id: group.id.clone(),
                protocol_type: group.protocol_type.clone().unwrap_or_default(),
                state: group.state,
            })
            .collect();
        draft.reply(to, Reply::List(ListReply { error: ErrorCode::None, groups }));
    }

    /// DeleteGroups.
    pub(super) fn delete_groups(
        &mut self,
        draft: &mut Draft,
        now: Now,
        to: ReplyTo,
        groups: Vec<Arc<str>>,
    ) {
        let mut results = Vec::with_capacity(groups.len());
        for group_id in &groups {
            let error = match self.groups.get(group_id).map(|group| group.state) {
                None | Some(GroupState::Dead) => ErrorCode::GroupIdNotFound,
                Some(GroupState::Empty) => {
                    self.delete_group(draft, now, group_id);
                    ErrorCode::None
                }
                Some(_) => ErrorCode::NonEmptyGroup,
            };
            results.push(DeletedGroup { group_id: group_id.clone(), error });
        }
        draft.then.push(Then::Answer {
            to,
            reply: Reply::DeleteGroups(results),
            refusal: Refusal::Request(Box::new(Request::DeleteGroups(groups))),
        });
    }

    /// Removes an empty group and its offsets.
    pub(super) fn delete_group(&mut self, draft: &mut Draft, now: Now, group_id: &Arc<str>) {
        let all = self
            .offsets
            .latest_of(group_id)
            .map(|(topic, partition, ..)| TopicPartition { topic: topic.clone(), partition })
            .collect();
        self.remove_offsets(draft, group_id, all);
        draft.records.push(GroupRecord::Group { group: group_id.clone(), value: None });
        draft.then.push(Then::Deleted { group: group_id.clone() });
        if let Some(mut group) = self.groups.remove(group_id) {
            let mut cx = context(&self.config, &mut self.timers, draft, now);
            group.dissolve(&mut cx, ErrorCode::CoordinatorNotAvailable);
            // Until its removal is durable it is there to be read, unless nobody has seen it yet.
            if group.created_by.is_none() {
                self.deleting.insert((group_id.clone(), draft.id), group);
            }
        }
    }
}
