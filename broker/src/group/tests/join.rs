//! JoinGroup: the join phase.

use super::*;

#[test]
fn a_new_member_is_told_to_come_back_with_its_id() {
    let mut bench = Bench::new();
    let to = bench.send_join(JoinRequest { member_id_required: true, ..join("") });
    let reply = bench.joined(to);
    assert_eq!(reply.error, ErrorCode::MemberIdRequired);
    assert!(reply.member_id.starts_with("client-"), "{}", reply.member_id);
    assert_eq!(reply.member_id.len(), "client-".len() + 36);
    assert_eq!(bench.state(), GroupState::Empty);

    let to = bench.send_join(join(&reply.member_id));
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
    bench.advance(3_000);
    let joined = bench.joined(to);
    assert_eq!((joined.error, joined.generation), (ErrorCode::None, 1));
    assert_eq!(joined.member_id, reply.member_id);
    assert_eq!(joined.leader, reply.member_id);
    assert_eq!(joined.protocol.as_deref(), Some("range"));
    assert_eq!(joined.protocol_type.as_deref(), Some("consumer"));
    assert_eq!(joined.members.len(), 1);
}

#[test]
fn a_member_id_that_was_never_given_out_is_unknown() {
    let mut bench = Bench::new();
    let to = bench.send_join(join("made-up"));
    assert_eq!(bench.joined(to).error, ErrorCode::UnknownMemberId);
    assert_eq!(bench.state(), GroupState::Dead, "no group is made");
    bench.stable_member();
    let to = bench.send_join(join("made-up"));
    let reply = bench.joined(to);
    assert_eq!((reply.error, &*reply.member_id), (ErrorCode::UnknownMemberId, "made-up"));
}

#[test]
fn a_pending_member_that_does_not_return_is_forgotten() {
    let mut bench = Bench::new();
    let to = bench.send_join(JoinRequest { member_id_required: true, ..join("") });
    let id = bench.joined(to).member_id;
    bench.advance(10_000);
    let to = bench.send_join(join(&id));
    assert_eq!(bench.joined(to).error, ErrorCode::UnknownMemberId);
}

#[test]
fn a_join_phase_waits_for_pending_members_until_their_session_ends() {
    let mut bench = Bench::eager();
    let (first, generation) = bench.stable_member();
    let pending = bench.send_join(JoinRequest { member_id_required: true, ..join("") });
    assert_eq!(bench.joined(pending).error, ErrorCode::MemberIdRequired);
    let rejoin = bench.send_join(join(&first));
    assert!(!bench.is_answered(rejoin), "one more may come");
    bench.advance(10_000);
    let reply = bench.joined(rejoin);
    assert_eq!((reply.error, reply.generation), (ErrorCode::None, generation + 1));
}

#[test]
fn the_number_of_pending_members_is_limited() {
    let mut bench = Bench::with(GroupConfig { max_pending_members: 2, ..GroupConfig::default() });
    let errors: Vec<ErrorCode> = (0..3)
        .map(|_| {
            let to = bench.send_join(JoinRequest { member_id_required: true, ..join("") });
            bench.joined(to).error
        })
        .collect();
    assert_eq!(
        errors,
        [ErrorCode::MemberIdRequired, ErrorCode::MemberIdRequired, ErrorCode::GroupMaxSizeReached]
    );
}

#[test]
fn the_first_rebalance_waits_for_more_members() {
    let mut bench = Bench::new();
    let first = bench.send_join(join(""));
    bench.advance(2_999);
    let second = bench.send_join(join(""));
    bench.advance(1);
    assert!(!bench.is_answered(first), "a new member extends the delay");
    bench.advance(2_999);
    assert!(!bench.is_answered(first));
    bench.advance(1);
    let (first, second) = (bench.joined(first), bench.joined(second));
    assert_eq!(first.generation, second.generation);
    assert_eq!(first.members.len() + second.members.len(), 2, "only the leader sees the members");
}

#[test]
fn the_initial_delay_is_extended_up_to_the_rebalance_timeout() {
    let mut bench = Bench::new();
    let request = JoinRequest { rebalance_timeout_ms: 7_000, ..join("") };
    let first = bench.send_join(request.clone());
    for _ in 0..6 {
        bench.advance(1_000);
        bench.send_join(request.clone());
    }
    bench.advance(999);
    assert!(!bench.is_answered(first));
    bench.advance(1);
    assert_eq!(bench.joined(first).generation, 1);
}

#[test]
fn session_timeouts_out_of_range_are_refused() {
    let mut bench = Bench::new();
    for session_timeout_ms in [5_999, 1_800_001, -1] {
        let to = bench.send_join(JoinRequest { session_timeout_ms, ..join("") });
        assert_eq!(bench.joined(to).error, ErrorCode::InvalidSessionTimeout);
    }
}

#[test]
fn an_empty_group_id_is_refused() {
    let mut bench = Bench::new();
    let to = bench.send_join(JoinRequest { group_id: "".into(), ..join("") });
    assert_eq!(bench.joined(to).error, ErrorCode::InvalidGroupId);
}

#[test]
fn a_join_without_protocols_is_inconsistent() {
    let mut bench = Bench::new();
    let to = bench.send_join(JoinRequest { protocols: Vec::new(), ..join("") });
    assert_eq!(bench.joined(to).error, ErrorCode::InconsistentGroupProtocol);
    let to = bench.send_join(JoinRequest { protocol_type: "".into(), ..join("") });
    assert_eq!(bench.joined(to).error, ErrorCode::InconsistentGroupProtocol);
    assert_eq!(bench.coordinator.group_count(), 0);
}

#[test]
fn a_member_that_shares_no_protocol_with_all_is_inconsistent() {
    let mut bench = Bench::eager();
    bench.stable_member();
    let to = bench.send_join(JoinRequest { protocols: vec![protocol("other")], ..join("") });
    assert_eq!(bench.joined(to).error, ErrorCode::InconsistentGroupProtocol);
    let to = bench.send_join(JoinRequest { protocol_type: "connect".into(), ..join("") });
    assert_eq!(bench.joined(to).error, ErrorCode::InconsistentGroupProtocol);
}

#[test]
fn the_protocol_with_the_most_votes_among_those_all_support_wins() {
    let mut bench = Bench::new();
    let with = |names: &[&str]| JoinRequest {
        protocols: names.iter().map(|n| protocol(n)).collect(),
        ..join("")
    };
    let tos = [
        bench.send_join(with(&["mine", "range", "roundrobin"])),
        bench.send_join(with(&["roundrobin", "range"])),
        bench.send_join(with(&["roundrobin", "range"])),
    ];
    bench.advance(60_000);
    for to in tos {
        assert_eq!(bench.joined(to).protocol.as_deref(), Some("roundrobin"));
    }
}

#[test]
fn a_protocol_named_twice_counts_once() {
    let mut bench = Bench::eager();
    let protocols = vec![protocol("range"), protocol("range")];
    let to = bench.send_join(JoinRequest { protocols, ..join("") });
    bench.advance(0);
    assert_eq!(bench.joined(to).protocol.as_deref(), Some("range"));
}

#[test]
fn the_leader_gets_the_metadata_of_all_members() {
    let mut bench = Bench::new();
    let metadata = |m: &str| vec![Protocol { name: "p".into(), metadata: m.as_bytes().into() }];
    let request = |m: &str| JoinRequest { protocols: metadata(m), ..join("") };
    let tos = [bench.send_join(request("one")), bench.send_join(request("two"))];
    bench.advance(60_000);
    let replies = tos.map(|to| bench.joined(to));
    let leader = replies.iter().find(|r| r.leader == r.member_id).unwrap();
    let mut all: Vec<&[u8]> = leader.members.iter().map(|m| &*m.metadata).collect();
    all.sort_unstable();
    assert_eq!(all, [b"one", b"two"]);
}

#[test]
fn a_full_group_takes_no_more_members() {
    let mut bench = Bench::with(GroupConfig {
        max_members: 2,
        initial_rebalance_delay_ms: 0,
        ..GroupConfig::default()
    });
    let (leader, _, generation) = bench.stable_pair();
    let to = bench.send_join(join(""));
    let reply = bench.joined(to);
    assert_eq!((reply.error, &*reply.member_id), (ErrorCode::GroupMaxSizeReached, ""));
    assert_eq!(bench.heartbeat(&leader, generation), ErrorCode::None);
}

#[test]
fn while_joining_the_members_that_wait_are_counted() {
    let mut bench = Bench::with(GroupConfig { max_members: 2, ..GroupConfig::default() });
    let first = bench.send_join(join(""));
    let second = bench.send_join(join(""));
    let third = bench.send_join(join(""));
    assert_eq!(bench.joined(third).error, ErrorCode::GroupMaxSizeReached);
    bench.advance(60_000);
    assert_eq!(bench.joined(first).error, ErrorCode::None);
    assert_eq!(bench.joined(second).error, ErrorCode::None);
}

#[test]
fn the_bytes_of_a_group_are_limited() {
    let mut bench = Bench::with(GroupConfig { max_group_bytes: 1_000, ..GroupConfig::default() });
    let big = |bytes: usize| JoinRequest {
        protocols: vec![Protocol { name: "p".into(), metadata: vec![0; bytes].into() }],
        ..join("")
    };
    let fits = bench.send_join(big(600));
    let too_much = bench.send_join(big(600));
    assert_eq!(bench.joined(too_much).error, ErrorCode::GroupMaxSizeReached);
    assert!(!bench.is_answered(fits));
}

#[test]
fn the_number_of_groups_is_limited() {
    let mut bench = Bench::with(GroupConfig { max_groups: 1, ..GroupConfig::default() });
    bench.stable_member();
    let to = bench.send_join(JoinRequest { group_id: "other".into(), ..join("") });
    assert_eq!(bench.joined(to).error, ErrorCode::CoordinatorNotAvailable);
    let request = CommitRequest { group_id: "other".into(), ..commit("", -1, "t", 0, 1) };
    let to = bench.send(Request::Commit(request));
    assert_eq!(bench.committed(to), ErrorCode::CoordinatorNotAvailable);
}

#[test]
fn a_new_member_makes_the_others_rejoin() {
    let mut bench = Bench::eager();
    let (first, generation) = bench.stable_member();
    let second = bench.send_join(join(""));
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
    assert_eq!(bench.heartbeat(&first, generation), ErrorCode::RebalanceInProgress);
    assert!(!bench.is_answered(second));
    let first = bench.send_join(join(&first));
    let (first, second) = (bench.joined(first), bench.joined(second));
    assert_eq!((first.generation, second.generation), (generation + 1, generation + 1));
    assert_eq!(first.leader, second.leader);
}

#[test]
fn members_that_do_not_rejoin_in_time_are_removed() {
    let mut bench = Bench::eager();
    let (first, generation) = bench.stable_member();
    let second = bench.send_join(join(""));
    for _ in 0..12 {
        // It is alive, but does not rejoin.
        let error = bench.heartbeat(&first, generation);
        if error != ErrorCode::RebalanceInProgress {
            break;
        }
        bench.advance(5_000);
    }
    let reply = bench.joined(second);
    assert_eq!((reply.error, reply.generation), (ErrorCode::None, generation + 1));
    assert_eq!(reply.leader, reply.member_id, "the old leader did not come");
    assert_eq!(bench.heartbeat(&first, generation), ErrorCode::UnknownMemberId);
}

#[test]
fn a_stable_member_that_joins_again_unchanged_is_told_the_generation() {
    let mut bench = Bench::eager();
    let (leader, other, generation) = bench.stable_pair();
    let to = bench.send_join(join(&other));
    let reply = bench.joined(to);
    assert_eq!((reply.error, reply.generation), (ErrorCode::None, generation));
    assert_eq!(reply.leader, leader);
    assert_eq!(bench.state(), GroupState::Stable);
}

#[test]
fn a_stable_member_with_new_metadata_starts_a_rebalance() {
    let mut bench = Bench::eager();
    let (_, other, _) = bench.stable_pair();
    let changed = Protocol { name: "range".into(), metadata: subscription(&["s", "u"]) };
    let to = bench.send_join(JoinRequest { protocols: vec![changed], ..join(&other) });
    assert!(!bench.is_answered(to));
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
}

#[test]
fn a_leader_that_joins_again_starts_a_rebalance() {
    let mut bench = Bench::eager();
    let (leader, _, _) = bench.stable_pair();
    let to = bench.send_join(join(&leader));
    assert!(!bench.is_answered(to));
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
}

#[test]
fn a_member_that_missed_the_answer_joins_again_in_the_same_generation() {
    let mut bench = Bench::eager();
    let to = bench.send_join(join(""));
    bench.advance(0);
    let first = bench.joined(to);
    assert_eq!(bench.state(), GroupState::CompletingRebalance);
    let to = bench.send_join(join(&first.member_id));
    assert_eq!(bench.joined(to), first);
}

#[test]
fn a_join_overtaken_by_another_of_the_same_member_is_answered() {
    let mut bench = Bench::new();
    let to = bench.send_join(JoinRequest { member_id_required: true, ..join("") });
    let id = bench.joined(to).member_id;
    let first = bench.send_join(join(&id));
    let second = bench.send_join(join(&id));
    assert_eq!(bench.joined(first).error, ErrorCode::RebalanceInProgress);
    bench.advance(3_000);
    assert_eq!(bench.joined(second).error, ErrorCode::None);
}

#[test]
fn a_new_member_may_not_wait_for_ever() {
    let mut bench = Bench::eager();
    // A static member that stays away keeps the join phase open.
    let request = JoinRequest {
        rebalance_timeout_ms: i32::MAX,
        session_timeout_ms: 1_800_000,
        ..static_join("i")
    };
    let to = bench.send_join(request);
    bench.advance(0);
    let first = bench.joined(to);
    let to = bench.send_sync(&first.member_id, 1, &[]);
    bench.synced(to);
    let waits = bench.send_join(join(""));
    bench.advance(299_999);
    assert!(!bench.is_answered(waits));
    bench.advance(1);
    let reply = bench.joined(waits);
    assert_eq!((reply.error, &*reply.member_id), (ErrorCode::UnknownMemberId, ""));
}

#[test]
fn a_member_whose_session_ends_makes_the_others_rejoin() {
    let mut bench = Bench::eager();
    let (leader, other, generation) = bench.stable_pair();
    bench.advance(9_000);
    assert_eq!(bench.heartbeat(&leader, generation), ErrorCode::None);
    bench.advance(1_000);
    assert_eq!(bench.heartbeat(&leader, generation), ErrorCode::RebalanceInProgress);
    assert_eq!(bench.heartbeat(&other, generation), ErrorCode::UnknownMemberId);
    let to = bench.send_join(join(&leader));
    let reply = bench.joined(to);
    assert_eq!((reply.generation, reply.members.len()), (generation + 1, 1));
}

#[test]
fn heartbeats_keep_a_session() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    for _ in 0..20 {
        bench.advance(9_999);
        assert_eq!(bench.heartbeat(&member, generation), ErrorCode::None);
    }
    bench.advance(10_000);
    assert_eq!(bench.heartbeat(&member, generation), ErrorCode::UnknownMemberId);
    assert_eq!(bench.state(), GroupState::Empty);
}

#[test]
fn a_session_does_not_end_because_the_calendar_jumps() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    bench.wall_ahead_ms += 1_000_000_000;
    bench.advance(9_999);
    assert_eq!(bench.heartbeat(&member, generation), ErrorCode::None);
}

#[test]
fn heartbeats_are_checked() {
    let mut bench = Bench::eager();
    assert_eq!(bench.heartbeat("m", 1), ErrorCode::UnknownMemberId);
    let (member, generation) = bench.stable_member();
    assert_eq!(bench.heartbeat(&member, generation + 1), ErrorCode::IllegalGeneration);
    assert_eq!(bench.heartbeat("m", generation), ErrorCode::UnknownMemberId);
}

#[test]
fn a_member_that_waits_to_join_needs_no_heartbeats() {
    let mut bench = Bench::eager();
    let (leader, other, _) = bench.stable_pair();
    let waits = bench.send_join(join(&leader));
    for _ in 0..5 {
        bench.advance(9_000);
        bench.heartbeat(&other, 2);
    }
    assert!(!bench.is_answered(waits));
    bench.advance(60_000);
    assert_eq!(bench.joined(waits).error, ErrorCode::None);
}
