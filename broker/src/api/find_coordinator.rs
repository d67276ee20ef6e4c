//! FindCoordinator (10): who coordinates a group or a transaction. On a single node: this one.

use super::{Answer, Context};
use crate::group::ensure_coordinators;
use crate::metadata::NodeInfo;
use crate::protocol::ErrorCode;
use crate::protocol::generated::find_coordinator_response::Coordinator;
use crate::protocol::generated::{
    FindCoordinatorRequest, FindCoordinatorRequestView, FindCoordinatorResponse,
};

/// Key types.
const GROUP: i8 = 0;

pub(super) async fn handle(context: Context, request: FindCoordinatorRequestView<'_>) -> Answer {
    let keys: Vec<String> = if context.version >= 4 {
        request.coordinator_keys.iter().map(str::to_owned).collect()
    } else {
        Vec::new()
    };
    let is_group = request.key_type == GROUP;
    let (broker, version) = (context.broker.clone(), context.version);
    context.answer::<FindCoordinatorRequest>(async move {
        let found = if is_group {
            ensure_coordinators(&broker).await
        } else {
            // Transactions and share groups are not served; the client is told for good.
            Err(ErrorCode::InvalidRequest)
        };
        respond(&broker.image().node, found.err().unwrap_or_default(), version, keys)
    })
}

fn respond(
    node: &NodeInfo,
    error: ErrorCode,
    version: i16,
    keys: Vec<String>,
) -> FindCoordinatorResponse {
    let message = match error {
        ErrorCode::None => None,
        ErrorCode::InvalidRequest => {
            Some("This broker coordinates consumer groups only".to_owned())
        }
        other => Some(other.message().to_owned()),
    };
    let (node_id, host, port) = match error {
        ErrorCode::None => (node.id, node.host.clone(), i32::from(node.port)),
        _ => (-1, String::new(), -1),
    };
    if version >= 4 {
        let coordinators = keys.into_iter().map(|key| Coordinator {
            key,
            node_id,
            host: host.clone(),
            port,
            error_code: error.code(),
            error_message: message.clone(),
        });
        FindCoordinatorResponse { coordinators: coordinators.collect(), ..Default::default() }
    } else {
        FindCoordinatorResponse {
            error_code: error.code(),
            error_message: message,
            node_id,
            host,
            port,
            ..Default::default()
        }
    }
}
