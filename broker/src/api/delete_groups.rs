//! DeleteGroups (42): empty groups and their offsets, gone for good when answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Answer, Context, Operation, Resource};
use crate::group::{self, Reply, Request};
use crate::protocol::ErrorCode;
use crate::protocol::generated::delete_groups_response::DeletableGroupResult;
use crate::protocol::generated::{
    DeleteGroupsRequest, DeleteGroupsRequestView, DeleteGroupsResponse,
};

pub(super) async fn handle(context: Context, request: DeleteGroupsRequestView<'_>) -> Answer {
    let broker = context.broker.clone();
    let mut results: BTreeMap<Arc<str>, ErrorCode> = BTreeMap::new();
    let mut named = BTreeSet::new();
    let mut order: Vec<Arc<str>> = Vec::new();
    let mut by_partition: BTreeMap<Option<i32>, Vec<Arc<str>>> = BTreeMap::new();
    for id in request.groups_names.iter() {
        let name: Arc<str> = id.into();
        // A group that is named twice is deleted once.
        if !named.insert(name.clone()) {
            continue;
        }
        order.push(name.clone());
        if context.is_allowed(Operation::Delete, Resource::Group(id)) {
            let partition = group::coordinator_partition(&broker, id);
            by_partition.entry(partition).or_default().push(name);
        } else {
            results.insert(name, ErrorCode::GroupAuthorizationFailed);
        }
    }
    context.answer::<DeleteGroupsRequest>(async move {
        for (partition, groups) in by_partition {
            let request = Request::DeleteGroups(groups);
            let reply = match partition {
                Some(partition) => group::ask_partition(&broker, partition, request).await,
                None => request.refuse(ErrorCode::CoordinatorNotAvailable),
            };
            if let Reply::DeleteGroups(groups) = reply {
                results.extend(groups.into_iter().map(|group| (group.group_id, group.error)));
            }
        }
        let results = order.into_iter().map(|id| DeletableGroupResult {
            error_code: results.get(&id).copied().unwrap_or(ErrorCode::UnknownServerError).code(),
            group_id: id.to_string(),
        });
        DeleteGroupsResponse { results: results.collect(), ..Default::default() }
    })
}
