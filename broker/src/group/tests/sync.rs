//! SyncGroup: the sync phase.

use super::*;

/// A group of two in the sync phase: the leader and the other.
fn pair() -> (Bench, Arc<str>, Arc<str>) {
    let mut bench = Bench::new();
    let tos = [bench.send_join(join("")), bench.send_join(join(""))];
    bench.advance(6_000);
    let replies = tos.map(|to| bench.joined(to));
    let leader = replies[0].leader.clone();
    let other = replies.iter().find(|r| r.member_id != leader).unwrap().member_id.clone();
    (bench, leader, other)
}

#[test]
fn everyone_gets_the_leaders_assignment() {
    let (mut bench, leader, other) = pair();
    let follows = bench.send_sync(&other, 1, &[]);
    assert!(!bench.is_answered(follows));
    let leads = bench.send_sync(&leader, 1, &[(&leader, "x"), (&other, "y")]);
    let (leads, follows) = (bench.synced(leads), bench.synced(follows));
    assert_eq!((&*leads.assignment, &*follows.assignment), (&b"x"[..], &b"y"[..]));
    assert_eq!(follows.protocol.as_deref(), Some("range"));
    assert_eq!(follows.protocol_type.as_deref(), Some("consumer"));
    assert_eq!(bench.state(), GroupState::Stable);
    let late = bench.send_sync(&other, 1, &[]);
    assert_eq!(&*bench.synced(late).assignment, b"y");
}

#[test]
fn members_without_assignment_get_an_empty_one_and_strangers_none() {
    let (mut bench, leader, other) = pair();
    let leads = bench.send_sync(&leader, 1, &[("stranger", "x")]);
    assert_eq!(bench.synced(leads).assignment.len(), 0);
    let follows = bench.send_sync(&other, 1, &[]);
    assert_eq!(bench.synced(follows).error, ErrorCode::None);
}

#[test]
fn a_sync_is_checked() {
    let (mut bench, leader, _) = pair();
    let mut error = |request: SyncRequest| {
        let to = bench.send(Request::Sync(request));
        bench.synced(to).error
    };
    assert_eq!(error(sync("stranger", 1, &[])), ErrorCode::UnknownMemberId);
    assert_eq!(error(sync(&leader, 0, &[])), ErrorCode::IllegalGeneration);
    let request = SyncRequest { protocol: Some("other".into()), ..sync(&leader, 1, &[]) };
    assert_eq!(error(request), ErrorCode::InconsistentGroupProtocol);
    let request = SyncRequest { protocol_type: Some("connect".into()), ..sync(&leader, 1, &[]) };
    assert_eq!(error(request), ErrorCode::InconsistentGroupProtocol);
    let request = SyncRequest { group_id: "none".into(), ..sync(&leader, 1, &[]) };
    assert_eq!(error(request), ErrorCode::UnknownMemberId);
    let request = SyncRequest { group_id: "".into(), ..sync(&leader, 1, &[]) };
    assert_eq!(error(request), ErrorCode::InvalidGroupId);
    let request = SyncRequest { instance_id: Some("i".into()), ..sync(&leader, 1, &[]) };
    assert_eq!(error(request), ErrorCode::UnknownMemberId);
}

#[test]
fn a_sync_during_the_join_phase_is_told_to_rejoin() {
    let mut bench = Bench::eager();
    let (leader, _, generation) = bench.stable_pair();
    bench.send_join(join(""));
    let to = bench.send_sync(&leader, generation, &[]);
    assert_eq!(bench.synced(to).error, ErrorCode::RebalanceInProgress);
}

#[test]
fn a_new_member_in_the_sync_phase_starts_over() {
    let (mut bench, leader, other) = pair();
    let follows = bench.send_sync(&other, 1, &[]);
    bench.send_join(join(""));
    assert_eq!(bench.synced(follows).error, ErrorCode::RebalanceInProgress);
    let leads = bench.send_sync(&leader, 1, &[]);
    assert_eq!(bench.synced(leads).error, ErrorCode::RebalanceInProgress);
}

#[test]
fn members_that_do_not_sync_in_time_are_removed() {
    let (mut bench, leader, other) = pair();
    let leads = bench.send_sync(&leader, 1, &[]);
    assert_eq!(bench.synced(leads).error, ErrorCode::None);
    for _ in 0..12 {
        bench.advance(5_000);
        bench.heartbeat(&leader, 1);
        bench.heartbeat(&other, 1);
    }
    assert_eq!(bench.heartbeat(&other, 1), ErrorCode::UnknownMemberId);
    assert_eq!(bench.heartbeat(&leader, 1), ErrorCode::RebalanceInProgress);
}

#[test]
fn a_leader_that_never_syncs_is_replaced() {
    let (mut bench, leader, other) = pair();
    let follows = bench.send_sync(&other, 1, &[]);
    for _ in 0..12 {
        bench.advance(5_000);
        bench.heartbeat(&leader, 1);
    }
    assert_eq!(bench.synced(follows).error, ErrorCode::RebalanceInProgress);
    let to = bench.send_join(join(&other));
    let reply = bench.joined(to);
    assert_eq!((&reply.leader, reply.generation), (&other, 2));
}

#[test]
fn heartbeats_in_the_sync_phase_are_fine() {
    let (mut bench, leader, _) = pair();
    assert_eq!(bench.heartbeat(&leader, 1), ErrorCode::None);
}

#[test]
fn a_leader_that_syncs_twice_stores_its_assignment_once() {
    let (mut bench, leader, other) = pair();
    bench.instant = false;
    let first = bench.send_sync(&leader, 1, &[(&leader, "x")]);
    let second = bench.send_sync(&leader, 1, &[(&leader, "z")]);
    assert_eq!(bench.synced(first).error, ErrorCode::RebalanceInProgress);
    assert_eq!(bench.in_flight.len(), 1);
    bench.append_one();
    assert_eq!(&*bench.synced(second).assignment, b"x", "as the log says");
    let follows = bench.send_sync(&other, 1, &[]);
    assert_eq!(bench.synced(follows).error, ErrorCode::None);
}
