//! AlterConfigs (33): the settings given are all that a resource has of its own.

use std::collections::BTreeMap;

use super::{Answer, Context, configs};
use crate::metadata::{ConfigChanges, Refusal};
use crate::protocol::ErrorCode;
use crate::protocol::generated::alter_configs_request::AlterConfigsResourceView;
use crate::protocol::generated::alter_configs_response::AlterConfigsResourceResponse;
use crate::protocol::generated::{
    AlterConfigsRequest, AlterConfigsRequestView, AlterConfigsResponse,
};

pub(super) async fn handle(context: Context, request: AlterConfigsRequestView<'_>) -> Answer {
    let resources = request
        .resources
        .iter()
        .map(|resource| (resource.resource_type, resource.resource_name, changes(&resource)));
    let plans = configs::plan(&context, resources);
    let validate_only = request.validate_only;
    let broker = context.broker.clone();
    context.answer::<AlterConfigsRequest>(async move {
        let outcomes = configs::alter(&broker, &plans, validate_only).await;
        let responses =
            plans.into_iter().zip(outcomes).map(|(plan, (error_code, error_message))| {
                let (resource_type, resource_name) = (plan.resource_type, plan.resource_name);
                AlterConfigsResourceResponse {
                    error_code,
                    error_message,
                    resource_type,
                    resource_name,
                }
            });
        AlterConfigsResponse { responses: responses.collect(), ..Default::default() }
    })
}

fn changes(resource: &AlterConfigsResourceView<'_>) -> Result<ConfigChanges, Refusal> {
    let invalid = |message: String| Refusal::new(ErrorCode::InvalidRequest, message);
    let mut all = BTreeMap::new();
    for config in resource.configs.iter() {
        let value = config
            .value
            .ok_or_else(|| invalid(format!("Null value not supported for : {}", config.name)))?;
        if all.insert(config.name.to_owned(), value.to_owned()).is_some() {
            return Err(invalid(format!("Error due to duplicate config keys: {}", config.name)));
        }
    }
    Ok(ConfigChanges::All(all))
}
