//! Static members (KIP-345, KIP-814).

use super::*;

/// A stable group of one static member.
fn stable(bench: &mut Bench) -> Arc<str> {
    let to = bench.send_join(static_join("i"));
    bench.advance(0);
    let reply = bench.joined(to);
    assert_eq!(reply.error, ErrorCode::None);
    assert!(reply.member_id.starts_with("i-"));
    let to = bench.send_sync(&reply.member_id, 1, &[(&reply.member_id, "x")]);
    assert_eq!(bench.synced(to).error, ErrorCode::None);
    reply.member_id
}

#[test]
fn a_static_member_needs_no_second_join() {
    let mut bench = Bench::eager();
    let to = bench.send_join(JoinRequest { member_id_required: true, ..static_join("i") });
    bench.advance(0);
    assert_eq!(bench.joined(to).error, ErrorCode::None);
}

#[test]
fn a_static_member_that_comes_back_keeps_its_place_without_a_rebalance() {
    let mut bench = Bench::eager();
    let old = stable(&mut bench);
    let to = bench.send_join(static_join("i"));
    let reply = bench.joined(to);
    assert_eq!((reply.error, reply.generation), (ErrorCode::None, 1));
    assert_ne!(reply.member_id, old);
    assert_eq!(reply.leader, reply.member_id, "leadership is inherited");
    assert!(reply.skip_assignment);
    assert_eq!(reply.members.len(), 1);
    assert_eq!(bench.state(), GroupState::Stable);
    let to = bench.send_sync(&reply.member_id, 1, &[]);
    assert_eq!(&*bench.synced(to).assignment, b"x");
    assert_eq!(bench.heartbeat(&old, 1), ErrorCode::UnknownMemberId);
    let bench = bench.restarted(GroupConfig::default());
    assert!(bench.coordinator.groups["g"].members.contains_key(&reply.member_id));
}

#[test]
fn an_old_client_that_comes_back_is_told_the_former_leader() {
    let mut bench = Bench::eager();
    let old = stable(&mut bench);
    let to = bench.send_join(JoinRequest { can_skip_assignment: false, ..static_join("i") });
    let reply = bench.joined(to);
    assert_eq!((reply.error, &reply.leader), (ErrorCode::None, &old));
    assert!(!reply.skip_assignment && reply.members.is_empty());
}

#[test]
fn the_answer_waits_until_the_new_id_is_durable() {
    let mut bench = Bench::eager();
    stable(&mut bench);
    bench.instant = false;
    let to = bench.send_join(static_join("i"));
    assert!(!bench.is_answered(to));
    bench.append_one();
    assert_eq!(bench.joined(to).error, ErrorCode::None);
}

#[test]
fn when_the_new_id_is_lost_the_old_one_is_back() {
    let mut bench = Bench::eager();
    let old = stable(&mut bench);
    bench.instant = false;
    let to = bench.send_join(static_join("i"));
    bench.lose_one(AppendError::NotAvailable);
    let reply = bench.joined(to);
    assert_eq!((reply.error, &*reply.member_id), (ErrorCode::CoordinatorNotAvailable, ""));
    assert_eq!(bench.heartbeat(&old, 1), ErrorCode::None);
    assert_eq!(bench.describe().members[0].assignment[..], b"x"[..]);
}

#[test]
fn a_rebalance_that_begins_before_the_new_id_is_durable_answers_the_join() {
    let mut bench = Bench::eager();
    stable(&mut bench);
    bench.instant = false;
    let back = bench.send_join(static_join("i"));
    let other = bench.send_join(join(""));
    let (first, second) = (bench.joined(back), bench.joined(other));
    assert_eq!((first.generation, second.generation), (2, 2));
    bench.append_one();
    assert_eq!(bench.state(), GroupState::CompletingRebalance);
}

#[test]
fn a_static_member_that_comes_back_with_another_choice_starts_a_rebalance() {
    let mut bench = Bench::eager();
    let to = bench.send_join(JoinRequest {
        protocols: vec![protocol("range"), protocol("roundrobin")],
        ..static_join("i")
    });
    bench.advance(0);
    let id = bench.joined(to).member_id;
    let to = bench.send_sync(&id, 1, &[]);
    bench.synced(to);
    let protocols = vec![protocol("roundrobin"), protocol("range")];
    let to = bench.send_join(JoinRequest { protocols, ..static_join("i") });
    let reply = bench.joined(to);
    assert_eq!((reply.generation, reply.protocol.as_deref()), (2, Some("roundrobin")));
}

#[test]
fn a_static_member_that_comes_back_during_the_sync_phase_starts_over() {
    let mut bench = Bench::eager();
    let to = bench.send_join(static_join("i"));
    bench.advance(0);
    bench.joined(to);
    assert_eq!(bench.state(), GroupState::CompletingRebalance);
    let to = bench.send_join(static_join("i"));
    assert_eq!(bench.joined(to).generation, 2);
}

#[test]
fn requests_that_wait_under_the_old_id_are_fenced() {
    let mut bench = Bench::new();
    let old = bench.send_join(static_join("i"));
    let new = bench.send_join(static_join("i"));
    assert_eq!(bench.joined(old).error, ErrorCode::FencedInstanceId);
    bench.advance(3_000);
    assert_eq!(bench.joined(new).error, ErrorCode::None);

    let mut bench = Bench::new();
    let tos = [bench.send_join(static_join("i")), bench.send_join(static_join("j"))];
    bench.advance(6_000);
    let replies = tos.map(|to| bench.joined(to));
    let index = usize::from(replies[0].leader == replies[0].member_id);
    let waits = bench.send_sync(&replies[index].member_id, 1, &[]);
    bench.send_join(static_join(["i", "j"][index]));
    assert_eq!(bench.synced(waits).error, ErrorCode::FencedInstanceId);
}

#[test]
fn the_old_id_is_fenced_everywhere() {
    let mut bench = Bench::eager();
    let old = stable(&mut bench);
    let to = bench.send_join(static_join("i"));
    bench.joined(to);
    let instance_id = Some(Arc::from("i"));
    let to = bench.send_join(JoinRequest { member_id: old.clone(), ..static_join("i") });
    assert_eq!(bench.joined(to).error, ErrorCode::FencedInstanceId);
    let request = SyncRequest { instance_id: instance_id.clone(), ..sync(&old, 1, &[]) };
    let to = bench.send(Request::Sync(request));
    assert_eq!(bench.synced(to).error, ErrorCode::FencedInstanceId);
    let request = CommitRequest { instance_id, ..commit(&old, 1, "t", 0, 5) };
    let to = bench.send(Request::Commit(request));
    assert_eq!(bench.committed(to), ErrorCode::FencedInstanceId);
}

#[test]
fn a_static_member_that_is_away_is_kept_until_its_session_ends() {
    let mut bench = Bench::eager();
    let request = JoinRequest { session_timeout_ms: 120_000, ..static_join("i") };
    let to = bench.send_join(request);
    bench.advance(0);
    let id = bench.joined(to).member_id;
    let to = bench.send_sync(&id, 1, &[]);
    bench.synced(to);
    let other = bench.send_join(join(""));
    bench.advance(60_000);
    let reply = bench.joined(other);
    assert_eq!(reply.generation, 2, "the rebalance goes on without it");
    assert_eq!(bench.coordinator.groups["g"].members.len(), 2, "but it keeps its place");
}

#[test]
fn a_pending_id_cannot_be_used_by_a_static_member() {
    let mut bench = Bench::new();
    let to = bench.send_join(JoinRequest { member_id_required: true, ..join("") });
    let id = bench.joined(to).member_id;
    let to = bench.send_join(JoinRequest { member_id: id, ..static_join("i") });
    assert_eq!(bench.joined(to).error, ErrorCode::UnknownServerError);
}
