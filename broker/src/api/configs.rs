//! What AlterConfigs and IncrementalAlterConfigs share.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{Context, Operation, Resource};
use crate::metadata::{ConfigChanges, ConfigTarget, Refusal};
use crate::protocol::ErrorCode;
use crate::server::Broker;

/// What a request wants of one resource, or why it is refused.
pub(super) struct Plan {
    pub(super) resource_type: i8,
    pub(super) resource_name: String,
    change: Result<(ConfigTarget, ConfigChanges), Refusal>,
}

/// The plan for each resource of a request, in order: its type, its name, and what is wanted of it.
pub(super) fn plan<'a>(
    context: &Context,
    resources: impl Iterator<Item = (i8, &'a str, Result<ConfigChanges, Refusal>)> + Clone,
) -> Vec<Plan> {
    let mut seen = BTreeSet::new();
    let mut twice = BTreeSet::new();
    for (resource_type, name, _) in resources.clone() {
        if !seen.insert((resource_type, name)) {
            twice.insert((resource_type, name));
        }
    }
    let node = context.broker.image().node.id;
    let plan = |(resource_type, name, changes)| {
        let change = if twice.contains(&(resource_type, name)) {
            let message = "Each resource must appear at most once.";
            Err(Refusal::new(ErrorCode::InvalidRequest, message))
        } else {
            ConfigTarget::parse(resource_type, name, node).and_then(|target| {
                check_allowed(context, Operation::AlterConfigs, &target)?;
                Ok((target, changes?))
            })
        };
        Plan { resource_type, resource_name: name.to_owned(), change }
    };
    resources.map(plan).collect()
}

/// Whether the client may do `operation` on a configuration.
pub(super) fn check_allowed(
    context: &Context,
    operation: Operation,
    target: &ConfigTarget,
) -> Result<(), ErrorCode> {
    let (resource, code) = match target {
        ConfigTarget::Topic(name) => (Resource::Topic(name), ErrorCode::TopicAuthorizationFailed),
        _ => (Resource::Cluster, ErrorCode::ClusterAuthorizationFailed),
    };
    if context.is_allowed(operation, resource) { Ok(()) } else { Err(code) }
}

/// Changes what is planned, one resource after the other, and says what became of each: code and
/// text.
pub(super) async fn alter(
    broker: &Rc<Broker>,
    plans: &[Plan],
    validate_only: bool,
) -> Vec<(i16, Option<String>)> {
    let changes: Vec<_> = plans.iter().filter_map(|plan| plan.change.clone().ok()).collect();
    let altered = broker.on_controller(move |controller| async move {
        let mut altered = Vec::with_capacity(changes.len());
        for (target, changes) in &changes {
            altered.push(controller.alter_configs(target, changes, validate_only).await);
        }
        altered
    });
    let mut altered = altered.await.unwrap_or_default().into_iter();
    let outcome = |plan: &Plan| {
        let change = plan.change.as_ref().map_err(Refusal::clone);
        let outcome = change
            .and_then(|_| altered.next().unwrap_or_else(|| Err(ErrorCode::NotController.into())));
        match outcome {
            Ok(()) => (0, None),
            Err(refusal) => (refusal.code.code(), Some(refusal.message)),
        }
    };
    plans.iter().map(outcome).collect()
}
