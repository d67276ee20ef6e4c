//! ListConfigResources (74, KIP-1142): whose configuration can be described.

use super::{Answer, Context, Operation, Resource};
use crate::metadata::{BROKER_RESOURCE, TOPIC_RESOURCE};
use crate::protocol::ErrorCode;
use crate::protocol::generated::list_config_resources_response::ConfigResource;
use crate::protocol::generated::{
    ListConfigResourcesRequest, ListConfigResourcesRequestView, ListConfigResourcesResponse,
};

/// Resource type of a broker's loggers.
const BROKER_LOGGER: i8 = 8;
/// Resource type of subscriptions to client metrics.
const CLIENT_METRICS: i8 = 16;
/// Resource type of a group's configuration.
const GROUP: i8 = 32;

pub(super) async fn handle(
    context: Context,
    request: ListConfigResourcesRequestView<'_>,
) -> Answer {
    let image = context.broker.image();
    let answer = |error: ErrorCode, config_resources: Vec<ConfigResource>| {
        let error_code = error.code();
        ListConfigResourcesResponse { error_code, config_resources, ..Default::default() }
    };
    if !context.is_allowed(Operation::DescribeConfigs, Resource::Cluster) {
        let response = answer(ErrorCode::ClusterAuthorizationFailed, Vec::new());
        return context.answer_now::<ListConfigResourcesRequest>(&response);
    }
    // Version 0 is for client metrics alone.
    let mut types: Vec<i8> = match context.version {
        0 => vec![CLIENT_METRICS],
        _ => request.resource_types.iter().collect(),
    };
    if types.is_empty() {
        types = vec![TOPIC_RESOURCE, BROKER_RESOURCE, BROKER_LOGGER, CLIENT_METRICS, GROUP];
    }
    types.sort_unstable();
    types.dedup();
    let mut resources = Vec::new();
    for resource_type in types {
        let named = |resource_name: String| ConfigResource { resource_name, resource_type };
        match resource_type {
            TOPIC_RESOURCE => {
                resources.extend(image.topics().map(|topic| named(topic.name.clone())));
            }
            BROKER_RESOURCE => resources.push(named(image.node.id.to_string())),
            BROKER_LOGGER => resources.push(named(image.node.id.to_string())),
            // Nothing is set for them.
            CLIENT_METRICS | GROUP => {}
            _ => {
                let response = answer(ErrorCode::UnsupportedVersion, Vec::new());
                return context.answer_now::<ListConfigResourcesRequest>(&response);
            }
        }
    }
    context.answer_now::<ListConfigResourcesRequest>(&answer(ErrorCode::None, resources))
}
