//! DescribeConfigs (32): every setting, where its value comes from and what it would be otherwise.

use std::collections::BTreeSet;

use super::{Answer, Context, Operation, configs};
use crate::config::{BrokerConfig, ConfigEntry, ConfigSource, describe_broker, describe_topic};
use crate::metadata::{ConfigTarget, Image, Refusal, check_topic_name};
use crate::protocol::ErrorCode;
use crate::protocol::generated::describe_configs_request::DescribeConfigsResourceView;
use crate::protocol::generated::describe_configs_response::{
    DescribeConfigsResourceResult, DescribeConfigsResult, DescribeConfigsSynonym,
};
use crate::protocol::generated::{
    DescribeConfigsRequest, DescribeConfigsRequestView, DescribeConfigsResponse,
};

pub(super) async fn handle(context: Context, request: DescribeConfigsRequestView<'_>) -> Answer {
    let (image, config) = (context.broker.image(), context.broker.config());
    let describe = |resource: DescribeConfigsResourceView<'_>| {
        let entries = entries(&context, &image, &config, &resource);
        let (error_code, error_message, entries) = match entries {
            Ok(entries) => (0, None, entries),
            Err(refusal) => (refusal.code.code(), Some(refusal.message), Vec::new()),
        };
        let shown = |entry| result(entry, request.include_synonyms, request.include_documentation);
        DescribeConfigsResult {
            error_code,
            error_message,
            resource_type: resource.resource_type,
            resource_name: resource.resource_name.to_owned(),
            configs: entries.into_iter().map(shown).collect(),
        }
    };
    // Each is described once, so that a small request does not make for a large answer.
    let mut seen = BTreeSet::new();
    let once = request
        .resources
        .iter()
        .filter(|resource| seen.insert((resource.resource_type, resource.resource_name)));
    let results = once.map(describe).collect();
    let response = DescribeConfigsResponse { results, ..Default::default() };
    context.answer_now::<DescribeConfigsRequest>(&response)
}

fn entries(
    context: &Context,
    image: &Image,
    config: &BrokerConfig,
    resource: &DescribeConfigsResourceView<'_>,
) -> Result<Vec<ConfigEntry>, Refusal> {
    let target =
        ConfigTarget::parse(resource.resource_type, resource.resource_name, image.node.id)?;
    configs::check_allowed(context, Operation::DescribeConfigs, &target)?;
    let mut entries = match &target {
        ConfigTarget::Topic(name) => {
            check_topic_name(name)
                .map_err(|message| Refusal::new(ErrorCode::InvalidTopicException, message))?;
            let topic = image.topic(name).ok_or(ErrorCode::UnknownTopicOrPartition)?;
            describe_topic(config, &topic.configs)
                .map_err(|error| Refusal::new(ErrorCode::InvalidConfig, error.to_string()))?
        }
        ConfigTarget::ThisBroker => describe_broker(config),
        ConfigTarget::AllBrokers => describe_broker(config)
            .into_iter()
            .filter_map(|mut entry| {
                // What is set for all brokers, and nothing else.
                let all = ConfigSource::DynamicDefaultBrokerConfig;
                entry.synonyms.retain(|synonym| synonym.source == all);
                entry.value = entry.synonyms.first()?.value.clone();
                entry.source = all;
                Some(entry)
            })
            .collect(),
    };
    if let Some(keys) = resource.configuration_keys.filter(|keys| !keys.is_empty()) {
        let keys: BTreeSet<&str> = keys.iter().collect();
        entries.retain(|entry| keys.contains(entry.name));
    }
    Ok(entries)
}

/// An entry as the protocol has it.
fn result(
    entry: ConfigEntry,
    with_synonyms: bool,
    with_documentation: bool,
) -> DescribeConfigsResourceResult {
    let synonyms = entry.synonyms.into_iter().filter(|_| with_synonyms).map(|synonym| {
        DescribeConfigsSynonym {
            name: synonym.name.to_owned(),
            value: synonym.value,
            source: synonym.source.code(),
        }
    });
    DescribeConfigsResourceResult {
        name: entry.name.to_owned(),
        value: entry.value,
        read_only: entry.read_only,
        config_source: entry.source.code(),
        is_sensitive: entry.sensitive,
        synonyms: synonyms.collect(),
        config_type: entry.kind.code(),
        documentation: with_documentation.then_some(entry.documentation),
    }
}
