//! IncrementalAlterConfigs (44): some settings change, the others stay.

use super::{Answer, Context, configs};
use crate::metadata::{ConfigChange, ConfigChanges, Refusal};
use crate::protocol::generated::incremental_alter_configs_request::AlterConfigsResourceView;
use crate::protocol::generated::incremental_alter_configs_response::AlterConfigsResourceResponse;
use crate::protocol::generated::{
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsRequestView,
    IncrementalAlterConfigsResponse,
};

pub(super) async fn handle(
    context: Context,
    request: IncrementalAlterConfigsRequestView<'_>,
) -> Answer {
    let resources = request
        .resources
        .iter()
        .map(|resource| (resource.resource_type, resource.resource_name, changes(&resource)));
    let plans = configs::plan(&context, resources);
    let validate_only = request.validate_only;
    let broker = context.broker.clone();
    context.answer::<IncrementalAlterConfigsRequest>(async move {
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
        IncrementalAlterConfigsResponse { responses: responses.collect(), ..Default::default() }
    })
}

fn changes(resource: &AlterConfigsResourceView<'_>) -> Result<ConfigChanges, Refusal> {
    let changes = resource.configs.iter().map(|config| {
        let change = ConfigChange::parse(config.config_operation, config.name, config.value)?;
        Ok((config.name.to_owned(), change))
    });
    changes.collect::<Result<_, _>>().map(ConfigChanges::Some)
}
