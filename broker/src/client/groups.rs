//! Consumer groups, seen from outside.

use std::collections::BTreeMap;

use super::TopicPartition;
use super::cluster::Client;
use super::error::ClientError;
use crate::protocol::decode_consumer_metadata;
use crate::protocol::generated::offset_fetch_request::OffsetFetchRequestGroup;
use crate::protocol::generated::{
    ConsumerProtocolAssignment, DeleteGroupsRequest, DescribeGroupsRequest, ListGroupsRequest,
    OffsetFetchRequest,
};

/// Newest OffsetFetch that names topics; later ones have ids.
const OFFSET_FETCH_MAX: i16 = 9;

/// A group in a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupEntry {
    /// Its name.
    pub id: String,
    /// Its state; empty from a broker that does not say.
    pub state: String,
    /// Kind of its protocol: `consumer` for consumers.
    pub protocol_type: String,
    /// Kind of group: `Classic`, `Consumer`, ...; empty from a broker that does not say.
    pub kind: String,
}

/// A group and its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupDescription {
    /// Its name.
    pub id: String,
    /// Its state; `Dead` when there is no such group.
    pub state: String,
    /// How partitions are assigned.
    pub assignor: String,
    /// Who coordinates it.
    pub coordinator: i32,
    /// Its members.
    pub members: Vec<GroupMember>,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupMember {
    /// Its id in the group.
    pub id: String,
    /// Name of its client.
    pub client_id: String,
    /// Where it connects from.
    pub host: String,
    /// The partitions it has.
    pub partitions: Vec<TopicPartition>,
}

/// An offset a group has committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupOffset {
    /// The topic and partition.
    pub partition: TopicPartition,
    /// The committed offset: of the next record to read.
    pub offset: i64,
    /// What the consumer stored beside it.
    pub metadata: String,
}

impl Client {
    /// All groups, from every broker.
    ///
    /// # Errors
    /// When a broker cannot be asked.
    pub fn groups(&mut self) -> Result<Vec<GroupEntry>, ClientError> {
        let brokers: Vec<i32> = self.nodes().map(|node| node.id).collect();
        let wait = self.options().request_timeout;
        let mut groups = Vec::new();
        for broker in brokers {
            let answer = self.retry(
                || format!("the groups of broker {broker}"),
                |client| {
                    let request = ListGroupsRequest::default();
                    let answer = client.ask(broker, &request, i16::MAX, wait)?;
                    let what = || format!("the groups of broker {broker}");
                    ClientError::check(answer.error_code, None, what)?;
                    Ok(answer)
                },
            )?;
            groups.extend(answer.groups.into_iter().map(|group| GroupEntry {
                id: group.group_id,
                state: group.group_state,
                protocol_type: group.protocol_type,
                kind: group.group_type,
            }));
        }
        groups.sort();
        Ok(groups)
    }

    /// A group and its members.
    ///
    /// # Errors
    /// When the coordinator cannot be asked.
    pub fn group(&mut self, id: &str) -> Result<GroupDescription, ClientError> {
        let what = || format!("group {id}");
        self.retry(what, |client| {
            let coordinator = client.coordinator(id)?;
            let wait = client.options().request_timeout;
            let request =
                DescribeGroupsRequest { groups: vec![id.to_owned()], ..Default::default() };
            let answer = client.ask(coordinator, &request, i16::MAX, wait)?;
            let group = answer.groups.into_iter().next().unwrap_or_default();
            ClientError::check(group.error_code, group.error_message.clone(), what)?;
            let members = group.members.into_iter().map(|member| GroupMember {
                id: member.member_id,
                client_id: member.client_id,
                host: member.client_host,
                partitions: assigned(&member.member_assignment),
            });
            Ok(GroupDescription {
                id: group.group_id,
                state: group.group_state,
                assignor: group.protocol_data,
                coordinator,
                members: members.collect(),
            })
        })
    }

    /// The offsets that a group has committed, sorted.
    ///
    /// # Errors
    /// When the coordinator cannot be asked.
    pub fn group_offsets(&mut self, id: &str) -> Result<Vec<GroupOffset>, ClientError> {
        let what = || format!("the offsets of group {id}");
        self.retry(what, |client| {
            let coordinator = client.coordinator(id)?;
            let wait = client.options().request_timeout;
            let version =
                client.broker(coordinator)?.version::<OffsetFetchRequest>(OFFSET_FETCH_MAX)?;
            let mut offsets = Vec::new();
            let mut add = |topic: &str, partition: i32, offset: i64, metadata: Option<String>| {
                if offset >= 0 {
                    let partition = (topic.to_owned(), partition);
                    let metadata = metadata.unwrap_or_default();
                    offsets.push(GroupOffset { partition, offset, metadata });
                }
            };
            if version >= 8 {
                let group =
                    OffsetFetchRequestGroup { group_id: id.to_owned(), ..Default::default() };
                let group = OffsetFetchRequestGroup { topics: None, ..group };
                let request = OffsetFetchRequest { groups: vec![group], ..Default::default() };
                for group in client.ask(coordinator, &request, version, wait)?.groups {
                    ClientError::check(group.error_code, None, what)?;
                    for topic in group.topics {
                        for p in topic.partitions {
                            ClientError::check(p.error_code, None, what)?;
                            add(&topic.name, p.partition_index, p.committed_offset, p.metadata);
                        }
                    }
                }
            } else {
                let request = OffsetFetchRequest {
                    group_id: id.to_owned(),
                    topics: None,
                    ..Default::default()
                };
                let answer = client.ask(coordinator, &request, version, wait)?;
                ClientError::check(answer.error_code, None, what)?;
                for topic in answer.topics {
                    for p in topic.partitions {
                        ClientError::check(p.error_code, None, what)?;
                        add(&topic.name, p.partition_index, p.committed_offset, p.metadata);
                    }
                }
            }
            offsets.sort_by(|a, b| a.partition.cmp(&b.partition));
            Ok(offsets)
        })
    }

    /// Deletes a group that has no members, with its offsets.
    ///
    /// # Errors
    /// When it has members, or does not exist.
    pub fn delete_group(&mut self, id: &str) -> Result<(), ClientError> {
        let what = || format!("group {id}");
        self.retry(what, |client| {
            let coordinator = client.coordinator(id)?;
            let wait = client.options().request_timeout;
            let request = DeleteGroupsRequest { groups_names: vec![id.to_owned()] };
            for result in client.ask(coordinator, &request, i16::MAX, wait)?.results {
                ClientError::check(result.error_code, None, what)?;
            }
            Ok(())
        })
    }
}

/// The partitions of an assignment; none when it is not one of consumers.
pub(super) fn assigned(assignment: &[u8]) -> Vec<TopicPartition> {
    let mut partitions = BTreeMap::new();
    if let Ok((_, view)) = decode_consumer_metadata::<ConsumerProtocolAssignment>(assignment) {
        let assignment = ConsumerProtocolAssignment::from(view);
        for topic in assignment.assigned_partitions {
            for partition in topic.partitions {
                partitions.insert((topic.topic.clone(), partition), ());
            }
        }
    }
    partitions.into_keys().collect()
}
