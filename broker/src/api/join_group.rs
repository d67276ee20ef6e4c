//! JoinGroup (11): becoming a member of a classic group. Answered when the join phase ends.

use super::{Answer, Context, Operation, Resource};
use crate::group::{self, JoinReply, JoinRequest, Protocol, Reply, Request};
use crate::protocol::ErrorCode;
use crate::protocol::generated::join_group_response::JoinGroupResponseMember;
use crate::protocol::generated::{JoinGroupRequest, JoinGroupRequestView, JoinGroupResponse};

/// First version in which a member must know its id before it joins (KIP-394).
const MEMBER_ID_REQUIRED_FROM: i16 = 4;
/// First version in which the leader can be told not to assign (KIP-814).
const SKIP_ASSIGNMENT_FROM: i16 = 9;
/// First version with a nullable protocol name.
const NULLABLE_PROTOCOL_FROM: i16 = 7;

pub(super) async fn handle(context: Context, request: JoinGroupRequestView<'_>) -> Answer {
    let version = context.version;
    if !context.is_allowed(Operation::Read, Resource::Group(request.group_id)) {
        let member_id = request.member_id.to_owned();
        let refusal = refused(ErrorCode::GroupAuthorizationFailed, member_id, version);
        return context.answer_now::<JoinGroupRequest>(&refusal);
    }
    let broker = context.broker.clone();
    let join = JoinRequest {
        group_id: request.group_id.into(),
        member_id: request.member_id.into(),
        instance_id: request.group_instance_id.map(Into::into),
        client_id: context.client_id.as_deref().unwrap_or_default().into(),
        client_host: context.client_host().into(),
        session_timeout_ms: request.session_timeout_ms,
        // Version 0 knows only one timeout.
        rebalance_timeout_ms: match version {
            0 => request.session_timeout_ms,
            _ => request.rebalance_timeout_ms,
        },
        protocol_type: request.protocol_type.into(),
        protocols: request
            .protocols
            .iter()
            .map(|p| Protocol { name: p.name.into(), metadata: p.metadata.into() })
            .collect(),
        reason: request.reason.map(Into::into),
        member_id_required: version >= MEMBER_ID_REQUIRED_FROM,
        can_skip_assignment: version >= SKIP_ASSIGNMENT_FROM,
        random: broker.io.random_uuid(),
    };
    context.answer::<JoinGroupRequest>(async move {
        let member_id = join.member_id.to_string();
        match group::ask(&broker, &join.group_id.clone(), Request::Join(join)).await {
            Reply::Join(reply) => respond(reply, version),
            _ => refused(ErrorCode::UnknownServerError, member_id, version),
        }
    })
}

fn respond(reply: JoinReply, version: i16) -> JoinGroupResponse {
    let text = |name: std::sync::Arc<str>| name.to_string();
    JoinGroupResponse {
        error_code: reply.error.code(),
        generation_id: reply.generation,
        protocol_type: reply.protocol_type.map(text),
        protocol_name: protocol_name(reply.protocol.map(text), version),
        leader: reply.leader.to_string(),
        skip_assignment: reply.skip_assignment,
        member_id: reply.member_id.to_string(),
        members: reply
            .members
            .into_iter()
            .map(|member| JoinGroupResponseMember {
                member_id: member.member_id.to_string(),
                group_instance_id: member.instance_id.map(text),
                metadata: member.metadata.to_vec(),
            })
            .collect(),
        ..Default::default()
    }
}

fn refused(error: ErrorCode, member_id: String, version: i16) -> JoinGroupResponse {
    JoinGroupResponse {
        error_code: error.code(),
        generation_id: -1,
        protocol_name: protocol_name(None, version),
        member_id,
        ..Default::default()
    }
}

fn protocol_name(name: Option<String>, version: i16) -> Option<String> {
    name.or_else(|| (version < NULLABLE_PROTOCOL_FROM).then(String::new))
}
