//! Loading from the log.

use super::*;

#[test]
fn while_loading_requests_are_put_off() {
    let mut bench = Bench::loading(GroupConfig::default());
    assert_eq!(bench.heartbeat("m", 1), ErrorCode::None, "so that no member rejoins for nothing");
    let to = bench.send_join(join(""));
    assert_eq!(bench.joined(to).error, ErrorCode::CoordinatorLoadInProgress);
    assert_eq!(bench.commit("", -1, 1), ErrorCode::CoordinatorLoadInProgress);
    assert_eq!(bench.describe().error, ErrorCode::CoordinatorLoadInProgress);
    let to = bench.send(Request::List(ListRequest::default()));
    let Reply::List(reply) = bench.reply(to) else { panic!("not a list reply") };
    assert_eq!(reply.error, ErrorCode::CoordinatorLoadInProgress);
    assert_eq!(bench.coordinator.next_deadline(), None);
}

#[test]
fn loaded_members_have_a_session_from_now_on() {
    let mut bench = Bench::eager();
    bench.stable_member();
    bench.now_ms += 1_000_000;
    let mut bench = bench.restarted(GroupConfig::default());
    bench.advance(9_999);
    assert_eq!(bench.state(), GroupState::Stable);
    bench.advance(1);
    assert_eq!(bench.state(), GroupState::Empty);
}

#[test]
fn a_loaded_group_beyond_its_limit_rebalances() {
    let mut bench = Bench::eager();
    bench.stable_pair();
    let bench = bench.restarted(GroupConfig { max_members: 1, ..GroupConfig::default() });
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
}

#[test]
fn a_record_that_contradicts_itself_is_taken_as_far_as_it_makes_sense() {
    let member = |id: &str| MemberMetadata {
        member_id: id.into(),
        instance_id: Some("i".into()),
        client_id: "c".into(),
        client_host: "/h".into(),
        rebalance_timeout_ms: -1,
        session_timeout_ms: 10_000,
        subscription: b"not a subscription"[..].into(),
        assignment: b"a"[..].into(),
    };
    let mut bench = Bench::loading(GroupConfig::default());
    let value = GroupMetadata {
        protocol_type: "consumer".into(),
        generation: 4,
        protocol: None,
        leader: Some("nobody".into()),
        state_timestamp_ms: -1,
        members: vec![member("a"), member("b"), member("a")],
    };
    bench
        .coordinator
        .replay(Now::default(), GroupRecord::Group { group: "g".into(), value: Some(value) });
    bench.finish_loading();
    let group = &bench.coordinator.groups["g"];
    assert_eq!((group.members.len(), group.leader.as_deref()), (1, Some("a")));
    assert_eq!(group.members["a"].rebalance_timeout_ms, 10_000);
    assert_eq!(group.subscribed_topics, None);
    assert_eq!(bench.heartbeat("a", 4), ErrorCode::None);
}

#[test]
fn later_records_overrule_earlier_ones() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    for offset in [5, 9, 7] {
        bench.commit(&member, generation, offset);
    }
    bench.leave(&[(&member, None)]);
    let mut bench = bench.restarted(GroupConfig::default());
    assert_eq!(bench.state(), GroupState::Empty);
    assert_eq!(bench.offset(), Some(7));
}

#[test]
fn records_of_other_kinds_are_passed_over() {
    assert!(decode_record(&[0, 3, 0, 1, b'g'], Some(&[0, 0])).unwrap().is_none());
    assert!(decode_record(&[0, 1, 9, 9], None).is_err());
    assert!(decode_record(&[0, 2, 0, 1, b'g'], Some(&[0, 9])).is_err());
}
