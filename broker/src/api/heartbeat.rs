//! Heartbeat (12): a member of a classic group is alive, and hears of rebalances.

use super::{Answer, Context, Operation, Resource};
use crate::group::{self, Reply, Request};
use crate::protocol::ErrorCode;
use crate::protocol::generated::{HeartbeatRequest, HeartbeatRequestView, HeartbeatResponse};

pub(super) async fn handle(context: Context, request: HeartbeatRequestView<'_>) -> Answer {
    let respond =
        |error: ErrorCode| HeartbeatResponse { error_code: error.code(), ..Default::default() };
    if !context.is_allowed(Operation::Read, Resource::Group(request.group_id)) {
        let refusal = respond(ErrorCode::GroupAuthorizationFailed);
        return context.answer_now::<HeartbeatRequest>(&refusal);
    }
    let broker = context.broker.clone();
    let heartbeat = group::HeartbeatRequest {
        group_id: request.group_id.into(),
        generation: request.generation_id,
        member_id: request.member_id.into(),
        instance_id: request.group_instance_id.map(Into::into),
    };
    context.answer::<HeartbeatRequest>(async move {
        let group_id = heartbeat.group_id.clone();
        match group::ask(&broker, &group_id, Request::Heartbeat(heartbeat)).await {
            Reply::Heartbeat(error) => respond(error),
            _ => respond(ErrorCode::UnknownServerError),
        }
    })
}
