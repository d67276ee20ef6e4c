//! LeaveGroup (13): members leave a classic group, or are removed from it by an administrator.

use super::{Answer, Context, Operation, Resource};
use crate::group::{self, LeaveMember, LeaveReply, LeaveRequest, Reply, Request};
use crate::protocol::ErrorCode;
use crate::protocol::generated::leave_group_response::MemberResponse;
use crate::protocol::generated::{LeaveGroupRequest, LeaveGroupRequestView, LeaveGroupResponse};

/// First version that names several members.
const BATCHED_FROM: i16 = 3;

pub(super) async fn handle(context: Context, request: LeaveGroupRequestView<'_>) -> Answer {
    let version = context.version;
    let refused = |error: ErrorCode| LeaveGroupResponse {
        error_code: error.code(),
        ..LeaveGroupResponse::default()
    };
    if !context.is_allowed(Operation::Read, Resource::Group(request.group_id)) {
        let refusal = refused(ErrorCode::GroupAuthorizationFailed);
        return context.answer_now::<LeaveGroupRequest>(&refusal);
    }
    let members = if version >= BATCHED_FROM {
        let member = request.members.iter().map(|member| LeaveMember {
            member_id: member.member_id.into(),
            instance_id: member.group_instance_id.map(Into::into),
            reason: member.reason.map(Into::into),
        });
        member.collect()
    } else {
        vec![LeaveMember { member_id: request.member_id.into(), instance_id: None, reason: None }]
    };
    let broker = context.broker.clone();
    let leave = LeaveRequest { group_id: request.group_id.into(), members };
    context.answer::<LeaveGroupRequest>(async move {
        match group::ask(&broker, &leave.group_id.clone(), Request::Leave(leave)).await {
            Reply::Leave(reply) if version < BATCHED_FROM => refused(only_error(&reply)),
            Reply::Leave(reply) => respond(reply),
            _ => refused(ErrorCode::UnknownServerError),
        }
    })
}

fn respond(reply: LeaveReply) -> LeaveGroupResponse {
    let member = reply.members.into_iter().map(|member| MemberResponse {
        member_id: member.member_id.to_string(),
        group_instance_id: member.instance_id.map(|id| id.to_string()),
        error_code: member.error.code(),
    });
    LeaveGroupResponse {
        error_code: reply.error.code(),
        members: member.collect(),
        ..Default::default()
    }
}

/// The error of a request that named one member.
fn only_error(reply: &LeaveReply) -> ErrorCode {
    let member = reply.members.first().map_or(ErrorCode::None, |member| member.error);
    if reply.error == ErrorCode::None { member } else { reply.error }
}
