//! LeaveGroup.

use super::*;

#[test]
fn the_last_member_leaves_an_empty_group_behind() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    let reply = bench.leave(&[(&member, None)]);
    assert_eq!(reply.error, ErrorCode::None);
    assert_eq!(reply.members[0].error, ErrorCode::None);
    assert_eq!(bench.state(), GroupState::Empty);
    assert!(matches!(
        bench.log.last(),
        Some(GroupRecord::Group { value: Some(v), .. })
            if v.generation == generation + 1 && v.members.is_empty() && v.protocol.is_none()
    ));
    assert_eq!(bench.heartbeat(&member, generation), ErrorCode::UnknownMemberId);
}

#[test]
fn a_member_that_leaves_makes_the_others_rejoin() {
    let mut bench = Bench::eager();
    let (leader, other, generation) = bench.stable_pair();
    bench.leave(&[(&leader, None)]);
    assert_eq!(bench.heartbeat(&other, generation), ErrorCode::RebalanceInProgress);
    let to = bench.send_join(join(&other));
    let reply = bench.joined(to);
    assert_eq!((&reply.leader, reply.generation), (&other, generation + 1));
}

#[test]
fn a_member_that_leaves_while_joining_is_answered_and_no_longer_waited_for() {
    let mut bench = Bench::eager();
    let (leader, other, generation) = bench.stable_pair();
    let joining = bench.send_join(join(&leader));
    let reply = bench.leave(&[(&other, None)]);
    assert_eq!(reply.members[0].error, ErrorCode::None);
    assert_eq!(bench.joined(joining).generation, generation + 1);

    let third = bench.send_join(join(""));
    let reply = bench.leave(&[("", None), ("stranger", None)]);
    let errors: Vec<_> = reply.members.iter().map(|m| m.error).collect();
    assert_eq!(errors, [ErrorCode::UnknownMemberId, ErrorCode::UnknownMemberId]);
    assert!(!bench.is_answered(third));
}

#[test]
fn a_member_that_leaves_while_it_waits_to_sync_is_answered() {
    let mut bench = Bench::new();
    let tos = [bench.send_join(join("")), bench.send_join(join(""))];
    bench.advance(6_000);
    let replies = tos.map(|to| bench.joined(to));
    let other = replies.iter().find(|r| r.leader != r.member_id).unwrap();
    let waits = bench.send_sync(&other.member_id, 1, &[]);
    bench.leave(&[(&other.member_id, None)]);
    assert_eq!(bench.synced(waits).error, ErrorCode::UnknownMemberId);
}

#[test]
fn a_pending_member_can_leave() {
    let mut bench = Bench::eager();
    let (first, generation) = bench.stable_member();
    let to = bench.send_join(JoinRequest { member_id_required: true, ..join("") });
    let pending = bench.joined(to).member_id;
    let joining = bench.send_join(join(&first));
    assert!(!bench.is_answered(joining));
    bench.leave(&[(&pending, None)]);
    assert_eq!(bench.joined(joining).generation, generation + 1);
}

#[test]
fn leaving_a_group_that_is_not_there_is_an_unknown_member() {
    let mut bench = Bench::new();
    let reply = bench.leave(&[("m", None), ("", Some("i"))]);
    assert_eq!(reply.error, ErrorCode::None);
    assert!(reply.members.iter().all(|m| m.error == ErrorCode::UnknownMemberId));
    let request = LeaveRequest { group_id: "".into(), members: Vec::new() };
    let to = bench.send(Request::Leave(request));
    let Reply::Leave(reply) = bench.reply(to) else { panic!("not a leave reply") };
    assert_eq!(reply.error, ErrorCode::InvalidGroupId);
}

#[test]
fn a_static_member_is_removed_by_its_instance_id() {
    let mut bench = Bench::eager();
    let to = bench.send_join(static_join("i"));
    bench.advance(0);
    bench.joined(to);
    let reply = bench.leave(&[("", Some("i")), ("", Some("j"))]);
    let errors: Vec<_> = reply.members.iter().map(|m| m.error).collect();
    assert_eq!(errors, [ErrorCode::None, ErrorCode::UnknownMemberId]);
    assert_eq!(bench.state(), GroupState::Empty);
}

#[test]
fn a_member_under_anothers_instance_id_is_fenced() {
    let mut bench = Bench::eager();
    let to = bench.send_join(static_join("i"));
    bench.advance(0);
    bench.joined(to);
    let reply = bench.leave(&[("stranger", Some("i"))]);
    assert_eq!(reply.members[0].error, ErrorCode::FencedInstanceId);
}
