//! FindCoordinator (10): who coordinates a group or a transaction. On a single node: this one.

use super::{Answer, Context};
use crate::protocol::ErrorCode;
use crate::protocol::generated::find_coordinator_response::Coordinator;
use crate::protocol::generated::{
    FindCoordinatorRequest, FindCoordinatorRequestView, FindCoordinatorResponse,
};

/// Key types.
const GROUP: i8 = 0;

pub(super) async fn handle(context: Context, request: FindCoordinatorRequestView<'_>) -> Answer {
    let image = context.broker.image();
    let error = if request.key_type == GROUP {
        ErrorCode::None
    } else {
        // Transactions and share groups are not served; the client is told for good.
        ErrorCode::InvalidRequest
    };
    let message = (error != ErrorCode::None)
        .then(|| "This broker coordinates consumer groups only".to_owned());
    let (node_id, host, port) = match error {
        ErrorCode::None => (image.node.id, image.node.host.clone(), i32::from(image.node.port)),
        _ => (-1, String::new(), -1),
    };
    let response = if context.version >= 4 {
        let coordinators = request.coordinator_keys.iter().map(|key| Coordinator {
            key: key.to_owned(),
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
    };
    context.answer_now::<FindCoordinatorRequest>(&response)
}
