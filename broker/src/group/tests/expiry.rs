//! Expiry of offsets (KIP-211), clean-up of groups, deleted topics.

use super::*;

const DAY: i64 = 24 * 60 * 60 * 1_000;

#[test]
fn offsets_without_group_management_expire_after_their_last_commit() {
    let mut bench = Bench::new();
    bench.commit("", -1, 5);
    bench.advance(6 * DAY);
    bench.commit("", -1, 6);
    bench.advance(6 * DAY);
    assert_eq!(bench.offset(), Some(6));
    bench.advance(DAY + 600_000);
    assert_eq!(bench.offset(), None);
    assert_eq!(bench.state(), GroupState::Dead, "an empty group without offsets is removed");
    assert!(matches!(bench.log.last(), Some(GroupRecord::Group { value: None, .. })));
    let bench = bench.restarted(GroupConfig::default());
    assert_eq!(bench.coordinator.group_count(), 0);
}

#[test]
fn offsets_of_an_empty_group_expire_after_the_last_member_left() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    bench.commit(&member, generation, 5);
    bench.leave(&[(&member, None)]);
    bench.advance(7 * DAY - 1_000);
    assert_eq!(bench.offset(), Some(5));
    bench.advance(601_000);
    assert_eq!(bench.offset(), None);
}

#[test]
fn offsets_of_subscribed_topics_do_not_expire_while_the_group_lives() {
    let mut bench = Bench::eager();
    let request = JoinRequest { session_timeout_ms: 1_800_000, ..join("") };
    let to = bench.send_join(request);
    bench.advance(0);
    let member = bench.joined(to).member_id;
    let to = bench.send_sync(&member, 1, &[]);
    bench.synced(to);
    bench.send(Request::Commit(commit(&member, 1, "s", 0, 5)));
    bench.send(Request::Commit(commit(&member, 1, "t", 0, 6)));
    for _ in 0..8 * 48 {
        bench.advance(1_790_000);
        assert_eq!(bench.heartbeat(&member, 1), ErrorCode::None);
    }
    assert_eq!(bench.offset(), None, "not subscribed");
    let to = bench.send(Request::Fetch(fetch("s", 0)));
    assert_eq!(bench.fetched(to), Some(5));
}

#[test]
fn a_client_may_choose_when_its_offset_expires() {
    let mut bench = Bench::new();
    let request = CommitRequest { retention_ms: 1_000, ..commit("", -1, "t", 0, 5) };
    bench.send(Request::Commit(request));
    let mut bench = bench.restarted(GroupConfig::default());
    assert_eq!(bench.offset(), Some(5));
    bench.advance(600_000);
    assert_eq!(bench.offset(), None);
}

#[test]
fn offsets_expire_in_bounded_steps() {
    let mut bench = Bench::with(GroupConfig { sweep_records: 10, ..GroupConfig::default() });
    for partition in 0..35 {
        bench.send(Request::Commit(commit("", -1, "t", partition, 5)));
    }
    bench.instant = false;
    bench.advance(8 * DAY);
    let sizes: Vec<usize> = bench.in_flight.iter().map(|(_, records)| records.len()).collect();
    assert_eq!(sizes, [10, 10, 10, 6], "35 offsets and the group");
    while bench.append_one() {}
    assert!(bench.coordinator.is_settled());
    assert_eq!(bench.coordinator.group_count(), 0);
}

#[test]
fn lost_tombstones_are_written_again_later() {
    let mut bench = Bench::new();
    bench.commit("", -1, 5);
    bench.instant = false;
    bench.advance(7 * DAY + 600_000);
    bench.lose_one(AppendError::NotAvailable);
    assert_eq!(bench.offset(), Some(5));
    assert_eq!(bench.state(), GroupState::Empty);
    bench.instant = true;
    bench.advance(600_000);
    assert_eq!(bench.offset(), None);
}

#[test]
fn a_deleted_topic_takes_its_offsets_along() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    bench.commit(&member, generation, 5);
    bench.send(Request::Commit(commit(&member, generation, "s", 0, 6)));
    bench.coordinator.topic_deleted("t");
    bench.advance(0);
    assert_eq!(bench.offset(), None);
    let to = bench.send(Request::Fetch(fetch("s", 0)));
    assert_eq!(bench.fetched(to), Some(6));
}

#[test]
fn an_offset_committed_after_its_topic_was_made_anew_stays() {
    let mut bench = Bench::new();
    bench.send(Request::Commit(commit("", -1, "t", 1, 5)));
    bench.coordinator.topic_deleted("t");
    bench.commit("", -1, 1);
    bench.advance(0);
    assert_eq!(bench.offset(), Some(1));
    let to = bench.send(Request::Fetch(fetch("t", 1)));
    assert_eq!(bench.fetched(to), None);
}

#[test]
fn a_group_with_pending_members_is_not_cleaned_up() {
    let mut bench =
        Bench::with(GroupConfig { retention_check_interval_ms: 5_000, ..GroupConfig::default() });
    let to = bench.send_join(JoinRequest { member_id_required: true, ..join("") });
    let id = bench.joined(to).member_id;
    bench.advance(6_000);
    let to = bench.send_join(join(&id));
    bench.advance(3_000);
    assert_eq!(bench.joined(to).error, ErrorCode::None);
}
