//! SyncGroup (14): the leader's assignment in, everybody's part of it out.

use super::{Answer, Context, Operation, Resource};
use crate::group::{self, Reply, Request, SyncRequest};
use crate::protocol::ErrorCode;
use crate::protocol::generated::{SyncGroupRequest, SyncGroupRequestView, SyncGroupResponse};

/// First version in which protocol type and name must be said (KIP-559).
const PROTOCOL_REQUIRED_FROM: i16 = 5;

pub(super) async fn handle(context: Context, request: SyncGroupRequestView<'_>) -> Answer {
    let refused = |error: ErrorCode| SyncGroupResponse {
        error_code: error.code(),
        ..SyncGroupResponse::default()
    };
    let names_protocol = request.protocol_type.is_some() && request.protocol_name.is_some();
    if context.version >= PROTOCOL_REQUIRED_FROM && !names_protocol {
        let refusal = refused(ErrorCode::InconsistentGroupProtocol);
        return context.answer_now::<SyncGroupRequest>(&refusal);
    }
    if !context.is_allowed(Operation::Read, Resource::Group(request.group_id)) {
        let refusal = refused(ErrorCode::GroupAuthorizationFailed);
        return context.answer_now::<SyncGroupRequest>(&refusal);
    }
    let broker = context.broker.clone();
    let sync = SyncRequest {
        group_id: request.group_id.into(),
        generation: request.generation_id,
        member_id: request.member_id.into(),
        instance_id: request.group_instance_id.map(Into::into),
        protocol_type: request.protocol_type.map(Into::into),
        protocol: request.protocol_name.map(Into::into),
        assignments: request
            .assignments
            .iter()
            .map(|part| (part.member_id.into(), part.assignment.into()))
            .collect(),
    };
    context.answer::<SyncGroupRequest>(async move {
        match group::ask(&broker, &sync.group_id.clone(), Request::Sync(sync)).await {
            Reply::Sync(reply) => SyncGroupResponse {
                error_code: reply.error.code(),
                protocol_type: reply.protocol_type.map(|name| name.to_string()),
                protocol_name: reply.protocol.map(|name| name.to_string()),
                assignment: reply.assignment.to_vec(),
                ..Default::default()
            },
            _ => refused(ErrorCode::UnknownServerError),
        }
    })
}
