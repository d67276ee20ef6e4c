//! DescribeGroups, ListGroups, DeleteGroups.

use super::*;

fn list(bench: &mut Bench, states: &[&str], types: &[&str]) -> Vec<(String, GroupState)> {
    let strings = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect();
    let request = ListRequest { states: strings(states), types: strings(types) };
    let to = bench.send(Request::List(request));
    match bench.reply(to) {
        Reply::List(reply) => {
            assert_eq!(reply.error, ErrorCode::None);
            reply.groups.iter().map(|g| ((*g.group_id).to_owned(), g.state)).collect()
        }
        other => panic!("not a list reply: {other:?}"),
    }
}

fn delete(bench: &mut Bench, group: &str) -> ErrorCode {
    let to = bench.send(Request::DeleteGroups(vec![group.into()]));
    match bench.reply(to) {
        Reply::DeleteGroups(groups) => groups[0].error,
        other => panic!("not a delete reply: {other:?}"),
    }
}

#[test]
fn a_group_is_described_with_metadata_only_when_stable() {
    let mut bench = Bench::eager();
    let missing = bench.describe();
    assert_eq!(missing.error, ErrorCode::GroupIdNotFound);
    assert_eq!(missing.state, Some(GroupState::Dead));
    let (_, _, _) = bench.stable_pair();
    let stable = bench.describe();
    assert_eq!(stable.state, Some(GroupState::Stable));
    assert_eq!(&*stable.protocol, "range");
    assert_eq!(stable.members.len(), 2);
    assert_eq!(stable.members[0].metadata, subscription(&["s"]));
    assert_eq!(&*stable.members[0].client_host, "/127.0.0.1");
    bench.send_join(join(""));
    let preparing = bench.describe();
    assert_eq!(preparing.state, Some(GroupState::PreparingRebalance));
    assert_eq!(&*preparing.protocol, "");
    assert!(preparing.members.iter().all(|m| m.metadata.is_empty()));
}

#[test]
fn groups_are_listed_by_state_and_type() {
    let mut bench = Bench::eager();
    bench.stable_member();
    let request = CommitRequest { group_id: "simple".into(), ..commit("", -1, "t", 0, 1) };
    bench.send(Request::Commit(request));
    let stable = ("g".to_owned(), GroupState::Stable);
    let empty = ("simple".to_owned(), GroupState::Empty);
    assert_eq!(list(&mut bench, &[], &[]), [stable.clone(), empty.clone()]);
    assert_eq!(list(&mut bench, &["sTaBle "], &[]), [stable]);
    assert_eq!(list(&mut bench, &["empty", "nonsense"], &["Classic"]), [empty]);
    assert_eq!(list(&mut bench, &[], &["consumer"]), []);
    assert_eq!(list(&mut bench, &["Dead"], &[]), []);
}

#[test]
fn an_empty_group_is_deleted_with_its_offsets() {
    let mut bench = Bench::new();
    assert_eq!(delete(&mut bench, "g"), ErrorCode::GroupIdNotFound);
    bench.commit("", -1, 5);
    assert_eq!(delete(&mut bench, "g"), ErrorCode::None);
    assert_eq!(bench.offset(), None);
    assert_eq!(bench.state(), GroupState::Dead);
    let mut bench = bench.restarted(GroupConfig::default());
    assert_eq!(bench.offset(), None);
    assert_eq!(bench.coordinator.group_count(), 0);
}

#[test]
fn a_group_with_members_is_not_deleted() {
    let mut bench = Bench::eager();
    bench.stable_member();
    assert_eq!(delete(&mut bench, "g"), ErrorCode::NonEmptyGroup);
}

#[test]
fn a_group_is_there_until_its_deletion_is_durable() {
    let mut bench = Bench::new();
    bench.commit("", -1, 5);
    bench.instant = false;
    let to = bench.send(Request::DeleteGroups(vec!["g".into()]));
    assert!(!bench.is_answered(to));
    assert_eq!(bench.offset(), Some(5));
    assert_eq!(bench.describe().state, Some(GroupState::Empty));
    bench.append_one();
    assert!(bench.is_answered(to));
    assert_eq!(bench.offset(), None);
    assert_eq!(bench.describe().state, Some(GroupState::Dead));
}

#[test]
fn a_group_whose_deletion_was_lost_is_back() {
    let mut bench = Bench::new();
    bench.commit("", -1, 5);
    bench.instant = false;
    let to = bench.send(Request::DeleteGroups(vec!["g".into()]));
    bench.lose_one(AppendError::NotLeader);
    let Reply::DeleteGroups(reply) = bench.reply(to) else { panic!("not a delete reply") };
    assert_eq!(reply[0].error, ErrorCode::NotCoordinator);
    assert_eq!(bench.offset(), Some(5));
    assert_eq!(bench.state(), GroupState::Empty);
}
