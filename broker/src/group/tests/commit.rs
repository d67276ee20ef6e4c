//! OffsetCommit, OffsetFetch, OffsetDelete.

use super::*;

fn delete(topic: &str) -> Request {
    Request::DeleteOffsets(DeleteOffsetsRequest {
        group_id: "g".into(),
        topics: vec![TopicPartitions { name: topic.into(), partitions: vec![0, 7] }],
    })
}

fn deleted(bench: &mut Bench, topic: &str) -> DeleteOffsetsReply {
    let to = bench.send(delete(topic));
    match bench.reply(to) {
        Reply::DeleteOffsets(reply) => reply,
        other => panic!("not a delete reply: {other:?}"),
    }
}

#[test]
fn a_client_without_group_management_commits_and_fetches() {
    let mut bench = Bench::new();
    assert_eq!(bench.offset(), None);
    assert_eq!(bench.commit("", -1, 5), ErrorCode::None);
    assert_eq!(bench.offset(), Some(5));
    assert_eq!(bench.commit("", -1, 3), ErrorCode::None);
    assert_eq!(bench.offset(), Some(3), "a client may go back");
    assert_eq!(bench.state(), GroupState::Empty);
}

#[test]
fn metadata_and_leader_epoch_are_kept_as_sent() {
    let mut bench = Bench::new();
    let mut request = commit("", -1, "t", 0, 5);
    request.topics[0].partitions[0].metadata = Some(" \u{1F600}\0 ".into());
    request.topics[0].partitions[0].leader_epoch = 7;
    bench.send(Request::Commit(request));
    let to = bench.send(Request::Fetch(fetch("t", 0)));
    let Reply::Fetch(reply) = bench.reply(to) else { panic!("not a fetch reply") };
    let committed = reply.topics[0].partitions[0].committed.clone().unwrap();
    assert_eq!((&*committed.metadata, committed.leader_epoch), (" \u{1F600}\0 ", 7));
}

#[test]
fn metadata_beyond_the_limit_is_refused_for_its_partition_alone() {
    let mut bench = Bench::new();
    let mut request = commit("", -1, "t", 0, 5);
    let mut big = request.topics[0].partitions[0].clone();
    big.partition = 1;
    big.metadata = Some("x".repeat(4_097).into());
    let mut wide = big.clone();
    wide.partition = 2;
    // 2048 characters beyond the BMP are 4096 UTF-16 units.
    wide.metadata = Some("\u{1F600}".repeat(2_048).into());
    request.topics[0].partitions.extend([big, wide]);
    let to = bench.send(Request::Commit(request));
    let Reply::Commit(reply) = bench.reply(to) else { panic!("not a commit reply") };
    let errors: Vec<_> = reply.topics[0].partitions.iter().map(|p| p.error).collect();
    assert_eq!(errors, [ErrorCode::None, ErrorCode::OffsetMetadataTooLarge, ErrorCode::None]);
}

#[test]
fn a_commit_of_nothing_makes_no_group() {
    let mut bench = Bench::new();
    let mut request = commit("", -1, "t", 0, 5);
    request.topics[0].partitions[0].metadata = Some("x".repeat(5_000).into());
    let to = bench.send(Request::Commit(request));
    assert_eq!(bench.committed(to), ErrorCode::OffsetMetadataTooLarge);
    assert_eq!(bench.coordinator.group_count(), 0);
}

#[test]
fn a_commit_with_a_generation_to_no_group_is_refused_by_version() {
    let mut bench = Bench::new();
    assert_eq!(bench.commit("m", 3, 5), ErrorCode::GroupIdNotFound);
    let request = CommitRequest { knows_group_id_not_found: false, ..commit("m", 3, "t", 0, 5) };
    let to = bench.send(Request::Commit(request));
    assert_eq!(bench.committed(to), ErrorCode::IllegalGeneration);
}

#[test]
fn members_commit_in_their_generation() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    assert_eq!(bench.commit(&member, generation, 5), ErrorCode::None);
    assert_eq!(bench.commit(&member, generation - 1, 6), ErrorCode::IllegalGeneration);
    assert_eq!(bench.commit(&member, -1, 6), ErrorCode::IllegalGeneration);
    assert_eq!(bench.commit("stranger", generation, 6), ErrorCode::UnknownMemberId);
    assert_eq!(bench.commit("", -1, 6), ErrorCode::UnknownMemberId);
    assert_eq!(bench.offset(), Some(5));
}

#[test]
fn members_commit_while_a_rebalance_prepares_but_not_while_it_completes() {
    let mut bench = Bench::eager();
    let (first, generation) = bench.stable_member();
    let second = bench.send_join(join(""));
    assert_eq!(bench.commit(&first, generation, 5), ErrorCode::None);
    let to = bench.send_join(join(&first));
    bench.joined(to);
    bench.joined(second);
    assert_eq!(bench.state(), GroupState::CompletingRebalance);
    assert_eq!(bench.commit(&first, generation + 1, 6), ErrorCode::RebalanceInProgress);
    assert_eq!(bench.commit(&first, generation, 6), ErrorCode::IllegalGeneration);
}

#[test]
fn a_commit_keeps_the_session() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    for offset in 0..5 {
        bench.advance(9_000);
        assert_eq!(bench.commit(&member, generation, offset), ErrorCode::None);
    }
    assert_eq!(bench.state(), GroupState::Stable);
}

#[test]
fn an_empty_group_takes_commits_of_clients_without_group_management() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    bench.leave(&[(&member, None)]);
    assert_eq!(bench.commit("", -1, 5), ErrorCode::None);
    assert_eq!(bench.commit(&member, generation, 6), ErrorCode::UnknownMemberId);
}

#[test]
fn all_offsets_of_a_group_are_fetched_by_topic() {
    let mut bench = Bench::new();
    for (topic, partition) in [("b", 1), ("a", 2), ("b", 0)] {
        bench.send(Request::Commit(commit("", -1, topic, partition, 9)));
    }
    let request = FetchRequest { topics: None, ..fetch("", 0) };
    let to = bench.send(Request::Fetch(request));
    let Reply::Fetch(reply) = bench.reply(to) else { panic!("not a fetch reply") };
    let all: Vec<(&str, Vec<i32>)> = reply
        .topics
        .iter()
        .map(|t| (&*t.name, t.partitions.iter().map(|p| p.partition).collect()))
        .collect();
    assert_eq!(all, [("a", vec![2]), ("b", vec![0, 1])]);
    let request = FetchRequest { topics: None, group_id: "none".into(), ..fetch("", 0) };
    let to = bench.send(Request::Fetch(request));
    let Reply::Fetch(reply) = bench.reply(to) else { panic!("not a fetch reply") };
    assert_eq!((reply.error, reply.topics.len()), (ErrorCode::None, 0));
}

#[test]
fn an_offset_of_a_topic_that_was_made_anew_is_not_found_by_id() {
    let mut bench = Bench::new();
    let mut request = commit("", -1, "t", 0, 5);
    request.topics[0].topic_id = Uuid([1; 16]);
    bench.send(Request::Commit(request));
    let mut with_id = |id: Uuid| {
        let mut request = fetch("t", 0);
        request.topics.as_mut().unwrap()[0].topic_id = id;
        let to = bench.send(Request::Fetch(request));
        bench.fetched(to)
    };
    assert_eq!(with_id(Uuid([1; 16])), Some(5));
    assert_eq!(with_id(Uuid([2; 16])), None);
    assert_eq!(with_id(Uuid::ZERO), Some(5));
}

#[test]
fn offsets_are_deleted() {
    let mut bench = Bench::new();
    bench.commit("", -1, 5);
    let reply = deleted(&mut bench, "t");
    assert_eq!(reply.error, ErrorCode::None);
    assert!(reply.topics[0].1.iter().all(|p| p.error == ErrorCode::None));
    assert_eq!(bench.offset(), None);
    let tombstones =
        bench.log.iter().filter(|r| matches!(r, GroupRecord::Offset { value: None, .. })).count();
    assert_eq!(tombstones, 1, "none for the partition that had no offset");
}

#[test]
fn offsets_of_subscribed_topics_are_not_deleted() {
    let mut bench = Bench::eager();
    let (member, generation) = bench.stable_member();
    bench.send(Request::Commit(commit(&member, generation, "s", 0, 5)));
    bench.send(Request::Commit(commit(&member, generation, "t", 0, 5)));
    let reply = deleted(&mut bench, "s");
    assert!(reply.topics[0].1.iter().all(|p| p.error == ErrorCode::GroupSubscribedToTopic));
    let reply = deleted(&mut bench, "t");
    assert!(reply.topics[0].1.iter().all(|p| p.error == ErrorCode::None));
    bench.leave(&[(&member, None)]);
    let reply = deleted(&mut bench, "s");
    assert!(reply.topics[0].1.iter().all(|p| p.error == ErrorCode::None));
}

#[test]
fn offsets_of_a_living_group_that_is_no_consumer_group_are_not_deleted() {
    let mut bench = Bench::eager();
    bench.send_join(JoinRequest { protocol_type: "connect".into(), ..join("") });
    assert_eq!(deleted(&mut bench, "t").error, ErrorCode::NonEmptyGroup);
}

#[test]
fn offsets_of_no_group_are_not_found() {
    let mut bench = Bench::new();
    assert_eq!(deleted(&mut bench, "t").error, ErrorCode::GroupIdNotFound);
}
