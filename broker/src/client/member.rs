//! A member of a consumer group, by the classic protocol: join, sync, heartbeat, commit, leave.

use std::collections::BTreeMap;
use std::time::Duration;

use super::TopicPartition;
use super::clock::Deadline;
use super::cluster::{Client, Topic};
use super::error::ClientError;
use super::groups::assigned;
use crate::protocol::generated::consumer_protocol_assignment::TopicPartition as Assigned;
use crate::protocol::generated::join_group_request::JoinGroupRequestProtocol;
use crate::protocol::generated::join_group_response::JoinGroupResponseMember;
use crate::protocol::generated::leave_group_request::MemberIdentity;
use crate::protocol::generated::offset_commit_request::{
    OffsetCommitRequestPartition, OffsetCommitRequestTopic,
};
use crate::protocol::generated::sync_group_request::SyncGroupRequestAssignment;
use crate::protocol::generated::{
    ConsumerProtocolAssignment, ConsumerProtocolSubscription, HeartbeatRequest, JoinGroupRequest,
    JoinGroupResponse, LeaveGroupRequest, OffsetCommitRequest, SyncGroupRequest,
};
use crate::protocol::{ErrorCode, decode_consumer_metadata, encode_versioned};

/// Newest OffsetCommit that names topics; later ones have ids.
const OFFSET_COMMIT_MAX: i16 = 9;
/// How partitions are assigned: the one that every client has by default.
const ASSIGNOR: &str = "range";
const PROTOCOL: &str = "consumer";

/// A member of a group.
#[derive(Debug)]
pub struct Member {
    group: String,
    topics: Vec<String>,
    session_timeout: Duration,
    id: String,
    generation: i32,
    assignment: Vec<TopicPartition>,
    next_heartbeat: Deadline,
}

impl Member {
    /// Joins a group that reads these topics, and waits for its partitions.
    ///
    /// # Errors
    /// When the group does not let it in, or not in time.
    pub fn join(
        client: &mut Client,
        group: &str,
        topics: &[String],
        session_timeout: Duration,
    ) -> Result<Self, ClientError> {
        let mut member = Self {
            group: group.to_owned(),
            topics: topics.to_vec(),
            session_timeout,
            id: String::new(),
            generation: -1,
            assignment: Vec::new(),
            next_heartbeat: Deadline::after(Duration::ZERO),
        };
        member.rejoin(client)?;
        Ok(member)
    }

    /// The partitions that are this member's.
    pub fn assignment(&self) -> &[TopicPartition] {
        &self.assignment
    }

    /// Tells the group, when it is time to, that this member is alive. `true` when the partitions
    /// may have changed: commit what was read, then [`Member::rejoin`].
    ///
    /// # Errors
    /// When the coordinator cannot be asked.
    pub fn heartbeat(&mut self, client: &mut Client) -> Result<bool, ClientError> {
        if !self.next_heartbeat.is_over() {
            return Ok(false);
        }
        self.next_heartbeat = Deadline::after(self.session_timeout / 10);
        let request = HeartbeatRequest {
            group_id: self.group.clone(),
            generation_id: self.generation,
            member_id: self.id.clone(),
            group_instance_id: None,
        };
        let coordinator = client.coordinator(&self.group)?;
        let wait = client.options().request_timeout;
        let code = client.ask(coordinator, &request, i16::MAX, wait)?.error_code;
        match ErrorCode::from_code(code) {
            Some(ErrorCode::None) => Ok(false),
            Some(
                ErrorCode::RebalanceInProgress
                | ErrorCode::IllegalGeneration
                | ErrorCode::UnknownMemberId,
            ) => Ok(true),
            // The group moves to another coordinator: the next heartbeat finds it.
            Some(known) if known.is_retriable() => Ok(false),
            _ => ClientError::check(code, None, || self.what()).map(|()| false),
        }
    }

    /// Joins again, after [`Member::heartbeat`] asked for it.
    ///
    /// # Errors
    /// As [`Member::join`].
    pub fn rejoin(&mut self, client: &mut Client) -> Result<(), ClientError> {
        let group = self.group.clone();
        client.retry(
            || format!("joining group {group}"),
            |client| {
                let coordinator = client.coordinator(&self.group)?;
                let joined = self.ask_to_join(client, coordinator)?;
                self.id.clone_from(&joined.member_id);
                self.generation = joined.generation_id;
                let assignments = if joined.leader == joined.member_id && !joined.skip_assignment {
                    self.assign(client, &joined.members)?
                } else {
                    Vec::new()
                };
                let request = SyncGroupRequest {
                    group_id: self.group.clone(),
                    generation_id: self.generation,
                    member_id: self.id.clone(),
                    group_instance_id: None,
                    protocol_type: None,
                    protocol_name: None,
                    assignments,
                };
                let wait = self.rebalance_wait(client);
                // Version 5 wants the protocol's names said again; version 4 does not.
                let answer = client.ask(coordinator, &request, 4, wait)?;
                self.accept(answer.error_code)?;
                self.assignment = assigned(&answer.assignment);
                self.next_heartbeat = Deadline::after(self.session_timeout / 10);
                Ok(())
            },
        )
    }

    /// Commits offsets of next records.
    ///
    /// # Errors
    /// When the group does not take them: it may have gone on without this member.
    pub fn commit(
        &self,
        client: &mut Client,
        offsets: &BTreeMap<TopicPartition, i64>,
    ) -> Result<(), ClientError> {
        if offsets.is_empty() {
            return Ok(());
        }
        let mut topics: BTreeMap<&str, Vec<OffsetCommitRequestPartition>> = BTreeMap::new();
        for ((topic, partition), offset) in offsets {
            topics.entry(topic).or_default().push(OffsetCommitRequestPartition {
                partition_index: *partition,
                committed_offset: *offset,
                committed_metadata: Some(String::new()),
                ..Default::default()
            });
        }
        let topics = topics.into_iter().map(|(name, partitions)| OffsetCommitRequestTopic {
            name: name.to_owned(),
            partitions,
            ..Default::default()
        });
        let request = OffsetCommitRequest {
            group_id: self.group.clone(),
            generation_id_or_member_epoch: self.generation,
            member_id: self.id.clone(),
            topics: topics.collect(),
            ..Default::default()
        };
        let what = || format!("committing offsets of group {}", self.group);
        client.retry(what, |client| {
            let coordinator = client.coordinator(&self.group)?;
            let wait = client.options().request_timeout;
            let answer = client.ask(coordinator, &request, OFFSET_COMMIT_MAX, wait)?;
            let partitions = answer.topics.into_iter().flat_map(|topic| topic.partitions);
            for partition in partitions {
                let rebalance = ErrorCode::RebalanceInProgress.code();
                let checked = ClientError::check(partition.error_code, None, what);
                if partition.error_code == rebalance {
                    // Retrying does not help before this member has joined again; what was read is
                    // read again then, which at-least-once allows.
                    return Ok(());
                }
                checked?;
            }
            Ok(())
        })
    }

    /// Leaves the group, so that the others need not wait for the session to time out.
    ///
    /// # Errors
    /// When the coordinator cannot be asked.
    pub fn leave(self, client: &mut Client) -> Result<(), ClientError> {
        let coordinator = client.coordinator(&self.group)?;
        let wait = client.options().request_timeout;
        let version = client.broker(coordinator)?.version::<LeaveGroupRequest>(i16::MAX)?;
        let mut request = LeaveGroupRequest { group_id: self.group.clone(), ..Default::default() };
        if version >= 3 {
            let member = MemberIdentity { member_id: self.id.clone(), ..Default::default() };
            request.members.push(member);
        } else {
            request.member_id = self.id.clone();
        }
        let answer = client.ask(coordinator, &request, version, wait)?;
        ClientError::check(answer.error_code, None, || self.what())
    }

    fn ask_to_join(
        &mut self,
        client: &mut Client,
        coordinator: i32,
    ) -> Result<JoinGroupResponse, ClientError> {
        let subscription =
            ConsumerProtocolSubscription { topics: self.topics.clone(), ..Default::default() };
        let protocol = JoinGroupRequestProtocol {
            name: ASSIGNOR.to_owned(),
            metadata: encode_versioned(&subscription, 0)?,
        };
        let ms = |time: Duration| i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
        let mut request = JoinGroupRequest {
            group_id: self.group.clone(),
            session_timeout_ms: ms(self.session_timeout),
            rebalance_timeout_ms: ms(client.options().operation_timeout),
            member_id: self.id.clone(),
            protocol_type: PROTOCOL.to_owned(),
            protocols: vec![protocol],
            ..Default::default()
        };
        let wait = self.rebalance_wait(client);
        let mut answer = client.ask(coordinator, &request, 7, wait)?;
        if answer.error_code == ErrorCode::MemberIdRequired.code() {
            // KIP-394: the broker gives a new member its id first.
            request.member_id.clone_from(&answer.member_id);
            self.id.clone_from(&answer.member_id);
            answer = client.ask(coordinator, &request, 7, wait)?;
        }
        self.accept(answer.error_code)?;
        Ok(answer)
    }

    /// Checks the code of a join or sync. What ends with a new attempt is made retriable.
    fn accept(&mut self, code: i16) -> Result<(), ClientError> {
        let again = match ErrorCode::from_code(code) {
            Some(ErrorCode::UnknownMemberId | ErrorCode::IllegalGeneration) => {
                self.id.clear();
                self.generation = -1;
                true
            }
            Some(ErrorCode::RebalanceInProgress) => true,
            _ => false,
        };
        let code = if again { ErrorCode::CoordinatorLoadInProgress.code() } else { code };
        let message = again.then(|| "the group is rebalancing".to_owned());
        ClientError::check(code, message, || self.what())
    }

    /// Each topic's partitions in ranges, one a member, as Kafka's RangeAssignor.
    fn assign(
        &self,
        client: &mut Client,
        members: &[JoinGroupResponseMember],
    ) -> Result<Vec<SyncGroupRequestAssignment>, ClientError> {
        let mut subscribers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for member in members {
            let read = decode_consumer_metadata::<ConsumerProtocolSubscription>(&member.metadata);
            let Ok((_, view)) = read else { continue };
            for topic in ConsumerProtocolSubscription::from(view).topics {
                subscribers.entry(topic).or_default().push(&member.member_id);
            }
        }
        let mut assignments: BTreeMap<&str, Vec<Assigned>> =
            members.iter().map(|member| (member.member_id.as_str(), Vec::new())).collect();
        for (topic, mut members) in subscribers {
            let known = match client.topic(&topic, false) {
                Ok(known) => known,
                // Another member's topic may not exist yet; that must not stop the group.
                Err(ClientError::NoTopic(_)) => continue,
                Err(error) => return Err(error),
            };
            members.sort_unstable();
            for (member, partitions) in ranges(&known, &members) {
                if let Some(assignment) = assignments.get_mut(member) {
                    assignment.push(Assigned { topic: topic.clone(), partitions });
                }
            }
        }
        let encoded = assignments.into_iter().map(|(member, assigned_partitions)| {
            let assignment =
                ConsumerProtocolAssignment { assigned_partitions, ..Default::default() };
            Ok(SyncGroupRequestAssignment {
                member_id: member.to_owned(),
                assignment: encode_versioned(&assignment, 0)?,
            })
        });
        encoded.collect()
    }

    /// A join or sync is answered when every member has come, or the rebalance has timed out.
    fn rebalance_wait(&self, client: &Client) -> Duration {
        client.options().operation_timeout.saturating_add(client.options().request_timeout)
    }

    fn what(&self) -> String {
        format!("group {}", self.group)
    }
}

/// The first members get one partition more when they do not come out even.
fn ranges<'a>(topic: &Topic, members: &[&'a str]) -> Vec<(&'a str, Vec<i32>)> {
    let mut left: &[_] = &topic.partitions;
    let mut ranges = Vec::with_capacity(members.len());
    for (at, member) in members.iter().enumerate() {
        let share = left.len().div_ceil(members.len() - at);
        let (mine, rest) = left.split_at(share);
        left = rest;
        if !mine.is_empty() {
            ranges.push((*member, mine.iter().map(|partition| partition.index).collect()));
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Partition;
    use crate::protocol::Uuid;

    fn topic(partitions: i32) -> Topic {
        let partition = |index| Partition {
            index,
            leader: 1,
            leader_epoch: 0,
            replicas: vec![1],
            in_sync: vec![1],
        };
        Topic {
            name: "t".into(),
            id: Uuid::ZERO,
            internal: false,
            partitions: (0..partitions).map(partition).collect(),
        }
    }

    #[test]
    fn ranges_differ_by_one_at_most_and_cover_everything() {
        assert_eq!(ranges(&topic(5), &["a", "b"]), [("a", vec![0, 1, 2]), ("b", vec![3, 4])]);
        assert_eq!(ranges(&topic(1), &["a", "b"]), [("a", vec![0])]);
        assert_eq!(
            ranges(&topic(4), &["a", "b", "c"]),
            [("a", vec![0, 1]), ("b", vec![2]), ("c", vec![3])]
        );
    }
}
