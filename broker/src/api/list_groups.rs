//! ListGroups (16): the groups that this broker coordinates.

use super::{Answer, Context, Operation, Resource};
use crate::group::{self, ListRequest, Reply, Request};
use crate::metadata::OFFSETS_TOPIC;
use crate::protocol::ErrorCode;
use crate::protocol::generated::list_groups_response::ListedGroup;
use crate::protocol::generated::{ListGroupsRequest, ListGroupsRequestView, ListGroupsResponse};

pub(super) async fn handle(context: Context, request: ListGroupsRequestView<'_>) -> Answer {
    let list = ListRequest {
        states: request.states_filter.iter().map(str::to_owned).collect(),
        types: request.types_filter.iter().map(str::to_owned).collect(),
    };
    let broker = context.broker.clone();
    let sees_all = context.is_allowed(Operation::Describe, Resource::Cluster);
    let connection = context.connection.clone();
    let principal_sees = move |group: &str| {
        sees_all || super::is_allowed(&connection, Operation::Describe, Resource::Group(group))
    };
    context.answer::<ListGroupsRequest>(async move {
        let image = broker.image();
        let count = image.topic(OFFSETS_TOPIC).map_or(0, |topic| topic.partitions.len());
        let mut groups = Vec::new();
        for partition in 0..i32::try_from(count).unwrap_or(i32::MAX) {
            let request = Request::List(list.clone());
            match group::ask_partition(&broker, partition, request).await {
                Reply::List(reply) if reply.error == ErrorCode::None => {
                    let listed = reply.groups.into_iter();
                    groups.extend(listed.filter(|group| principal_sees(&group.group_id)));
                }
                // Partitions that another broker coordinates are listed there.
                Reply::List(reply) if reply.error == ErrorCode::NotCoordinator => {}
                Reply::List(reply) => {
                    let error_code = reply.error.code();
                    return ListGroupsResponse { error_code, ..Default::default() };
                }
                _ => {
                    let error_code = ErrorCode::UnknownServerError.code();
                    return ListGroupsResponse { error_code, ..Default::default() };
                }
            }
        }
        let groups = groups.into_iter().map(|group| ListedGroup {
            group_id: group.group_id.to_string(),
            protocol_type: group.protocol_type.to_string(),
            group_state: group.state.name().to_owned(),
            group_type: "classic".to_owned(),
        });
        ListGroupsResponse { groups: groups.collect(), ..Default::default() }
    })
}
