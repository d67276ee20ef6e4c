//! What is promised, and when: nothing before it is durable, nothing because of what was lost.

use super::*;

#[test]
fn a_commit_is_answered_and_seen_when_durable() {
    let mut bench = Bench::new();
    bench.commit("", -1, 3);
    bench.instant = false;
    let to = bench.send_commit("", -1, 5);
    assert!(!bench.is_answered(to));
    assert_eq!(bench.offset(), Some(3));
    bench.append_one();
    assert_eq!(bench.committed(to), ErrorCode::None);
    assert_eq!(bench.offset(), Some(5));
}

#[test]
fn a_lost_commit_is_refused_and_never_seen() {
    for (error, code) in [
        (AppendError::NotAvailable, ErrorCode::CoordinatorNotAvailable),
        (AppendError::NotLeader, ErrorCode::NotCoordinator),
        (AppendError::TooLarge, ErrorCode::UnknownServerError),
    ] {
        let mut bench = Bench::new();
        bench.commit("", -1, 3);
        bench.instant = false;
        let to = bench.send_commit("", -1, 5);
        bench.lose_one(error);
        assert_eq!(bench.committed(to), code);
        assert_eq!(bench.offset(), Some(3));
    }
}

#[test]
fn of_two_commits_the_later_counts_even_if_the_earlier_is_lost() {
    let mut bench = Bench::new();
    bench.instant = false;
    let first = bench.send_commit("", -1, 5);
    let second = bench.send_commit("", -1, 6);
    bench.lose_one(AppendError::NotAvailable);
    bench.append_one();
    assert_eq!(bench.committed(first), ErrorCode::CoordinatorNotAvailable);
    assert_eq!(bench.committed(second), ErrorCode::None);
    assert_eq!(bench.offset(), Some(6));
}

#[test]
fn a_stable_fetch_waits_for_the_commits_before_it() {
    let mut bench = Bench::new();
    bench.instant = false;
    bench.send_commit("", -1, 5);
    let to = bench.send(Request::Fetch(FetchRequest { require_stable: true, ..fetch("t", 0) }));
    bench.send_commit("", -1, 6);
    assert!(!bench.is_answered(to));
    bench.append_one();
    assert_eq!(bench.fetched(to), Some(5), "and not for those after it");
}

#[test]
fn a_group_that_could_not_be_stored_never_was() {
    let mut bench = Bench::new();
    bench.instant = false;
    let to = bench.send_join(join(""));
    assert_eq!(bench.describe().error, ErrorCode::GroupIdNotFound);
    bench.lose_one(AppendError::NotAvailable);
    assert_eq!(bench.joined(to).error, ErrorCode::CoordinatorNotAvailable);
    assert_eq!(bench.coordinator.group_count(), 0);
    bench.advance(100_000);
}

#[test]
fn a_simple_group_that_could_not_be_stored_never_was() {
    let mut bench = Bench::new();
    bench.instant = false;
    bench.send_commit("", -1, 5);
    bench.lose_one(AppendError::NotAvailable);
    assert_eq!(bench.coordinator.group_count(), 0);
}

#[test]
fn an_assignment_is_given_out_when_durable() {
    let mut bench = Bench::eager();
    let to = bench.send_join(join(""));
    bench.advance(0);
    let member = bench.joined(to).member_id;
    bench.instant = false;
    let to = bench.send_sync(&member, 1, &[(&member, "x")]);
    assert!(!bench.is_answered(to));
    assert_eq!(bench.state(), GroupState::CompletingRebalance);
    bench.append_one();
    assert_eq!(&*bench.synced(to).assignment, b"x");
}

#[test]
fn when_an_assignment_is_lost_the_members_start_over() {
    let mut bench = Bench::eager();
    let to = bench.send_join(join(""));
    bench.advance(0);
    let member = bench.joined(to).member_id;
    bench.instant = false;
    let to = bench.send_sync(&member, 1, &[(&member, "x")]);
    bench.lose_one(AppendError::NotAvailable);
    assert_eq!(bench.synced(to).error, ErrorCode::CoordinatorNotAvailable);
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
    let to = bench.send_join(join(&member));
    assert_eq!(bench.joined(to).generation, 2);
}

#[test]
fn an_assignment_overtaken_by_a_rebalance_is_dropped() {
    let mut bench = Bench::eager();
    let to = bench.send_join(join(""));
    bench.advance(0);
    let member = bench.joined(to).member_id;
    bench.instant = false;
    let to = bench.send_sync(&member, 1, &[(&member, "x")]);
    bench.send_join(join(""));
    assert_eq!(bench.synced(to).error, ErrorCode::RebalanceInProgress);
    bench.append_one();
    assert_eq!(bench.state(), GroupState::PreparingRebalance);
}

#[test]
fn the_last_member_is_let_go_when_that_is_durable() {
    let mut bench = Bench::eager();
    let (member, _) = bench.stable_member();
    bench.instant = false;
    let members = vec![LeaveMember { member_id: member, instance_id: None, reason: None }];
    let to = bench.send(Request::Leave(LeaveRequest { group_id: "g".into(), members }));
    assert!(!bench.is_answered(to));
    bench.lose_one(AppendError::NotLeader);
    let Reply::Leave(reply) = bench.reply(to) else { panic!("not a leave reply") };
    assert_eq!(reply.error, ErrorCode::NotCoordinator);
}

#[test]
fn a_resignation_answers_everyone() {
    let mut bench = Bench::eager();
    let (leader, _, generation) = bench.stable_pair();
    bench.instant = false;
    let commit = bench.send_commit(&leader, generation, 5);
    let fetch = bench.send(Request::Fetch(FetchRequest { require_stable: true, ..fetch("t", 0) }));
    let joins = bench.send_join(join(""));
    let step = bench.coordinator.resign();
    bench.take(step);
    assert_eq!(bench.committed(commit), ErrorCode::NotCoordinator);
    assert_eq!(bench.joined(joins).error, ErrorCode::NotCoordinator);
    assert!(bench.is_answered(fetch));
    bench.append_one();
    assert_eq!(bench.heartbeat(&leader, generation), ErrorCode::NotCoordinator);
    assert_eq!(bench.coordinator.next_deadline(), None);
}

#[test]
fn everything_durable_is_there_after_a_restart() {
    let mut bench = Bench::eager();
    let (leader, other, generation) = bench.stable_pair();
    bench.commit(&leader, generation, 5);
    let mut bench = bench.restarted(GroupConfig::default());
    assert_eq!(bench.state(), GroupState::Stable);
    assert_eq!(bench.heartbeat(&leader, generation), ErrorCode::None);
    assert_eq!(bench.heartbeat(&other, generation), ErrorCode::None);
    assert_eq!(bench.offset(), Some(5));
    let described = bench.describe();
    assert_eq!(&*described.protocol_type, "consumer");
    assert_eq!(&*described.protocol, "range");
    assert_eq!(described.members.len(), 2);
    let to = bench.send_sync(&other, generation, &[]);
    assert_eq!(&*bench.synced(to).assignment, b"b");
}
