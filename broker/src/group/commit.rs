//! Committing, fetching and deleting offsets.

use std::sync::Arc;

use crate::protocol::{ErrorCode, Uuid};

use super::classic::Group;
use super::coordinator::Coordinator;
use super::model::{CommittedOffset, GroupRecord, GroupState, TopicPartition};
use super::reply::{
    CommitReply, CommitReplyTopic, DeleteOffsetsReply, FetchReply, FetchReplyTopic, FetchedOffset,
    PartitionError, Reply,
};
use super::request::{
    CommitPartition, CommitRequest, CommitTopic, DeleteOffsetsRequest, FetchRequest, FetchTopic,
    Request,
};
use super::step::{Draft, Now, Refusal, ReplyTo, Then};

impl Coordinator {
    /// OffsetCommit.
    pub(super) fn commit(
        &mut self,
        draft: &mut Draft,
        now: Now,
        to: ReplyTo,
        request: CommitRequest,
    ) {
        if let Err(error) = self.check_commit(draft, now, &request) {
            return draft.reply(to, Reply::Commit(request.refuse(error)));
        }
        let mut committed = Vec::new();
        let topics = request
            .topics
            .iter()
            .map(|topic| {
                let partitions = topic
                    .partitions
                    .iter()
                    .map(|p| {
                        let error = if self.is_too_large(p) {
                            ErrorCode::OffsetMetadataTooLarge
                        } else {
                            let at = TopicPartition {
                                topic: topic.name.clone(),
                                partition: p.partition,
                            };
                            committed.push((at, offset(&request, topic, p, now)));
                            ErrorCode::None
                        };
                        PartitionError { partition: p.partition, error }
                    })
                    .collect();
                CommitReplyTopic { name: topic.name.clone(), topic_id: topic.topic_id, partitions }
            })
            .collect();
        let group = request.group_id.clone();
        if !committed.is_empty() && !self.groups.contains_key(&group) {
            // An offset makes its group exist: a simple group has offsets and nothing else.
            let mut made = Group::new(group.clone(), now.wall_ms);
            made.created_by = Some(draft.id);
            self.groups.insert(group.clone(), made);
            draft.then.push(Then::Created { group: group.clone() });
        }
        let mut all = Vec::with_capacity(committed.len());
        for (at, value) in committed {
            self.offsets.stage(&group, &at, Some(value.clone()), draft.id);
            draft.records.push(GroupRecord::Offset {
                group: group.clone(),
                at: at.clone(),
                value: Some(value),
            });
            all.push(at);
        }
        draft.then.push(Then::Offsets { group, at: all });
        draft.then.push(Then::Answer {
            to,
            reply: Reply::Commit(CommitReply { topics }),
            refusal: Refusal::Request(Box::new(Request::Commit(request))),
        });
    }

    fn check_commit(
        &mut self,
        draft: &mut Draft,
        now: Now,
        request: &CommitRequest,
    ) -> Result<(), ErrorCode> {
        let full = self.groups.len() >= self.config.max_groups;
        let Some((group, mut cx)) = self.group(draft, now, &request.group_id) else {
            return match request.generation {
                // A client that stores offsets and uses no group management.
                ..0 if full => Err(ErrorCode::CoordinatorNotAvailable),
                ..0 => Ok(()),
                _ if request.knows_group_id_not_found => Err(ErrorCode::GroupIdNotFound),
                _ => Err(ErrorCode::IllegalGeneration),
            };
        };
        group.check_commit(request)?;
        if matches!(group.state, GroupState::Stable | GroupState::PreparingRebalance) {
            group.renew_session(&mut cx, &request.member_id);
        }
        Ok(())
    }

    fn is_too_large(&self, partition: &CommitPartition) -> bool {
        let text = partition.metadata.as_deref().unwrap_or_default();
        // No text has more UTF-16 units than bytes.
        text.len() > self.config.max_offset_metadata
            && text.encode_utf16().count() > self.config.max_offset_metadata
    }

    /// OffsetFetch, from durable state.
    pub(super) fn answer_fetch(&self, draft: &mut Draft, to: ReplyTo, request: &FetchRequest) {
        let group_id = &request.group_id;
        let visible = self.is_visible(group_id);
        let topics = match &request.topics {
            Some(topics) => {
                topics.iter().map(|topic| self.fetch_topic(group_id, topic, visible)).collect()
            }
            None if visible => self.fetch_all(group_id),
            None => Vec::new(),
        };
        let reply = FetchReply { group_id: group_id.clone(), error: ErrorCode::None, topics };
        draft.reply(to, Reply::Fetch(reply));
    }

    fn fetch_topic(&self, group_id: &str, topic: &FetchTopic, visible: bool) -> FetchReplyTopic {
        // An offset of a topic that was deleted and made anew is not one of this topic.
        let is_other =
            |id: Uuid| !id.is_zero() && !topic.topic_id.is_zero() && id != topic.topic_id;
        let fetch = |partition: &i32| {
            let committed = self.offsets.durable(group_id, &topic.name, *partition);
            FetchedOffset {
                partition: *partition,
                error: ErrorCode::None,
                committed: committed.filter(|o| visible && !is_other(o.topic_id)).cloned(),
            }
        };
        FetchReplyTopic {
            name: topic.name.clone(),
            topic_id: topic.topic_id,
            partitions: topic.partitions.iter().map(fetch).collect(),
        }
    }

    fn fetch_all(&self, group_id: &str) -> Vec<FetchReplyTopic> {
        let mut topics: Vec<FetchReplyTopic> = Vec::new();
        for (name, partition, committed) in self.offsets.durable_of(group_id) {
            let fetched = FetchedOffset {
                partition,
                error: ErrorCode::None,
                committed: Some(committed.clone()),
            };
            match topics.last_mut() {
                Some(topic) if topic.name == *name => topic.partitions.push(fetched),
                _ => topics.push(FetchReplyTopic {
                    name: name.clone(),
                    topic_id: committed.topic_id,
                    partitions: vec![fetched],
                }),
            }
        }
        topics
    }

    /// OffsetDelete.
    pub(super) fn delete_offsets(
        &mut self,
        draft: &mut Draft,
        to: ReplyTo,
        request: DeleteOffsetsRequest,
    ) {
        let checked = match self.groups.get(&request.group_id) {
            _ if request.group_id.is_empty() => Err(ErrorCode::InvalidGroupId),
            None => Err(ErrorCode::GroupIdNotFound),
            // Only of consumers is it known what they are subscribed to.
            Some(group) if !group.is(GroupState::Empty) && !group.uses_consumer_protocol() => {
                Err(ErrorCode::NonEmptyGroup)
            }
            Some(group) => Ok(group),
        };
        let group = match checked {
            Ok(group) => group,
            Err(error) => {
                return draft.reply(to, Reply::DeleteOffsets(DeleteOffsetsReply::error(error)));
            }
        };
        let mut deleted = Vec::new();
        let mut topics = Vec::with_capacity(request.topics.len());
        for topic in &request.topics {
            let subscribed = group.is_subscribed_to(&topic.name);
            let error =
                if subscribed { ErrorCode::GroupSubscribedToTopic } else { ErrorCode::None };
            let mut results = Vec::with_capacity(topic.partitions.len());
            for partition in &topic.partitions {
                results.push(PartitionError { partition: *partition, error });
                let known = || self.offsets.has_latest(&request.group_id, &topic.name, *partition);
                if !subscribed && known() {
                    let topic = topic.name.clone();
                    deleted.push(TopicPartition { topic, partition: *partition });
                }
            }
            topics.push((topic.name.clone(), results));
        }
        let group = request.group_id.clone();
        self.remove_offsets(draft, &group, deleted);
        draft.then.push(Then::Answer {
            to,
            reply: Reply::DeleteOffsets(DeleteOffsetsReply { error: ErrorCode::None, topics }),
            refusal: Refusal::Request(Box::new(Request::DeleteOffsets(request))),
        });
    }

    /// Writes a tombstone for each of these offsets.
    pub(super) fn remove_offsets(
        &mut self,
        draft: &mut Draft,
        group: &Arc<str>,
        all: Vec<TopicPartition>,
    ) {
        if all.is_empty() {
            return;
        }
        for at in &all {
            self.offsets.stage(group, at, None, draft.id);
            draft.records.push(GroupRecord::Offset {
                group: group.clone(),
                at: at.clone(),
                value: None,
            });
        }
        draft.then.push(Then::Removed { group: group.clone(), at: all });
    }
}

impl Group {
    /// Whether a client may commit offsets to this group.
    fn check_commit(&self, request: &CommitRequest) -> Result<(), ErrorCode> {
        if request.generation < 0 && self.is(GroupState::Empty) {
            return Ok(());
        }
        if request.generation >= 0 || !request.member_id.is_empty() || request.instance_id.is_some()
        {
            self.check_member(&request.member_id, request.instance_id.as_deref())?;
            if request.generation != self.generation {
                return Err(ErrorCode::IllegalGeneration);
            }
        } else if !self.is(GroupState::Empty) {
            return Err(ErrorCode::UnknownMemberId);
        }
        // The member knows the generation, but what it commits may soon be another's.
        if self.is(GroupState::CompletingRebalance) {
            return Err(ErrorCode::RebalanceInProgress);
        }
        Ok(())
    }
}

fn offset(
    request: &CommitRequest,
    topic: &CommitTopic,
    partition: &CommitPartition,
    now: Now,
) -> CommittedOffset {
    let expires = request.retention_ms != -1;
    CommittedOffset {
        offset: partition.offset,
        leader_epoch: partition.leader_epoch,
        metadata: partition.metadata.clone().unwrap_or_default(),
        commit_timestamp_ms: now.wall_ms,
        expire_timestamp_ms: expires.then(|| now.wall_ms.saturating_add(request.retention_ms)),
        topic_id: topic.topic_id,
    }
}
