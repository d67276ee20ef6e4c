//! DescribeGroups (15): classic groups and their members.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::{Answer, Context, Operation, Resource};
use crate::group::{self, Reply, Request};
use crate::protocol::ErrorCode;
use crate::protocol::generated::describe_groups_response::{DescribedGroup, DescribedGroupMember};
use crate::protocol::generated::{
    DescribeGroupsRequest, DescribeGroupsRequestView, DescribeGroupsResponse,
};
use crate::server::Broker;

/// First version whose clients know GROUP_ID_NOT_FOUND (KIP-1043).
const GROUP_ID_NOT_FOUND_FROM: i16 = 6;
/// What a client may do is not told unless it asks.
const NOT_ASKED: i32 = i32::MIN;
/// Bits of what may be done to a group (KIP-430): read, delete, describe, describe and alter
/// configs.
const GROUP_OPERATIONS: i32 = 0b1101_0100_1000;

pub(super) async fn handle(context: Context, request: DescribeGroupsRequestView<'_>) -> Answer {
    // Each is described once, so that a small request does not make for a large answer.
    let mut seen = BTreeSet::new();
    let groups: Vec<(Arc<str>, bool)> = request
        .groups
        .iter()
        .filter(|id| seen.insert(*id))
        .map(|id| (id.into(), context.is_allowed(Operation::Describe, Resource::Group(id))))
        .collect();
    let operations =
        if request.include_authorized_operations { GROUP_OPERATIONS } else { NOT_ASKED };
    let (broker, version) = (context.broker.clone(), context.version);
    context.answer::<DescribeGroupsRequest>(async move {
        let allowed = groups.iter().filter(|(_, allowed)| *allowed).map(|(id, _)| id.clone());
        let described = describe(&broker, allowed.collect()).await;
        let groups = groups.into_iter().map(|(id, allowed)| match described.get(&id) {
            Some(group) => respond(group.clone(), version, operations),
            None if allowed => failed(&id, ErrorCode::UnknownServerError),
            None => failed(&id, ErrorCode::GroupAuthorizationFailed),
        });
        DescribeGroupsResponse { groups: groups.collect(), ..Default::default() }
    })
}

/// Asks each coordinator for its groups.
async fn describe(
    broker: &Rc<Broker>,
    groups: Vec<Arc<str>>,
) -> BTreeMap<Arc<str>, group::DescribedGroup> {
    let mut by_partition: BTreeMap<Option<i32>, Vec<Arc<str>>> = BTreeMap::new();
    for id in groups {
        let partition = group::coordinator_partition(broker, &id);
        by_partition.entry(partition).or_default().push(id);
    }
    let mut described = BTreeMap::new();
    for (partition, groups) in by_partition {
        let request = Request::Describe(groups);
        let reply = match partition {
            Some(partition) => group::ask_partition(broker, partition, request).await,
            None => request.refuse(ErrorCode::CoordinatorNotAvailable),
        };
        if let Reply::Describe(groups) = reply {
            described.extend(groups.into_iter().map(|group| (group.group_id.clone(), group)));
        }
    }
    described
}

fn respond(group: group::DescribedGroup, version: i16, operations: i32) -> DescribedGroup {
    let missing = group.error == ErrorCode::GroupIdNotFound;
    let error = if missing && version < GROUP_ID_NOT_FOUND_FROM {
        // Clients of old see a dead group and no error.
        ErrorCode::None
    } else {
        group.error
    };
    let error_message = (error == ErrorCode::GroupIdNotFound)
        .then(|| format!("Group {} not found.", group.group_id));
    let members = group.members.into_iter().map(|member| DescribedGroupMember {
        member_id: member.member_id.to_string(),
        group_instance_id: member.instance_id.map(|id| id.to_string()),
        client_id: member.client_id.to_string(),
        client_host: member.client_host.to_string(),
        member_metadata: member.metadata.to_vec(),
        member_assignment: member.assignment.to_vec(),
    });
    DescribedGroup {
        error_code: error.code(),
        error_message,
        group_id: group.group_id.to_string(),
        group_state: group.state.map(|state| state.name().to_owned()).unwrap_or_default(),
        protocol_type: group.protocol_type.to_string(),
        protocol_data: group.protocol.to_string(),
        members: members.collect(),
        authorized_operations: if error == ErrorCode::None { operations } else { NOT_ASKED },
    }
}

fn failed(id: &Arc<str>, error: ErrorCode) -> DescribedGroup {
    DescribedGroup {
        error_code: error.code(),
        group_id: id.to_string(),
        authorized_operations: NOT_ASKED,
        ..Default::default()
    }
}
