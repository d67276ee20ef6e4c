//! A copy of the live state stands for all of the log before it.

use ringlog_engine::sim::Rng;

use super::*;

type Offsets = BTreeMap<(String, String, i32), CommittedOffset>;

/// What a coordinator has that read these records: groups that were stored, and offsets. A group that
/// has neither, since its offsets were deleted, is gone after a copy; in the whole log it is until the
/// next sweep.
fn state_of(records: &[GroupRecord]) -> (BTreeMap<Arc<str>, GroupMetadata>, Offsets) {
    let mut coordinator = Coordinator::new(GroupConfig::default());
    for record in records {
        coordinator.replay(Now::default(), record.clone());
    }
    let mut offsets = Offsets::new();
    for group in coordinator.groups.keys() {
        for (topic, partition, value) in coordinator.offsets.durable_of(group) {
            offsets.insert((group.to_string(), topic.to_string(), partition), value.clone());
        }
    }
    (coordinator.stored.durable(), offsets)
}

/// Makes a copy to its end, everything durable at once; returns the records of its batches.
fn copy_all(bench: &mut Bench, bytes_max: usize) -> Vec<Vec<GroupRecord>> {
    bench.coordinator.begin_copy();
    let mut batches = Vec::new();
    loop {
        match bench.coordinator.copy(bytes_max) {
            CopyStep::Write(step) => {
                batches.push(step.records.clone());
                bench.take(step);
            }
            CopyStep::Again => {}
            CopyStep::Done => return batches,
            other => panic!("{other:?}"),
        }
    }
}

fn commit_to(bench: &mut Bench, group: &str, topic: &str, partition: i32, offset: i64) -> ReplyTo {
    let mut request = commit("", -1, topic, partition, offset);
    request.group_id = group.into();
    bench.send(Request::Commit(request))
}

#[test]
fn a_copy_has_all_live_state_and_nothing_else() {
    let mut bench = Bench::eager();
    let (leader, _, generation) = bench.stable_pair();
    for offset in 0..50 {
        bench.commit(&leader, generation, offset);
        commit_to(&mut bench, "simple", "t", (offset % 5) as i32, offset);
    }
    commit_to(&mut bench, "gone", "t", 0, 7);
    bench.send(Request::DeleteGroups(vec!["gone".into()]));
    let start = bench.log.len();
    let batches = copy_all(&mut bench, 1 << 20);
    assert_eq!(batches.len(), 1);
    assert_eq!(bench.log.len() - start, 1 + 1 + 5, "a group, its offset, those of another");
    assert_eq!(state_of(&bench.log[start..]), state_of(&bench.log));
    bench.log.drain(..start);
    let mut bench = bench.restarted(GroupConfig::default());
    assert_eq!(bench.state(), GroupState::Stable);
    assert_eq!(bench.heartbeat(&leader, generation), ErrorCode::None);
    assert_eq!(bench.offset(), Some(49));
}

#[test]
fn batches_of_a_copy_are_small() {
    let mut bench = Bench::new();
    for partition in 0..1000 {
        commit_to(&mut bench, "g", "t", partition, 5);
    }
    let start = bench.log.len();
    let by_count = copy_all(&mut bench, 1 << 20);
    assert!(by_count.iter().all(|batch| batch.len() <= 200), "so many records at most");
    let by_bytes = copy_all(&mut bench, 500);
    assert!(by_bytes.iter().all(|batch| (1..=7).contains(&batch.len())));
    let one_by_one = copy_all(&mut bench, 0);
    assert!(one_by_one.iter().all(|batch| batch.len() == 1));
    assert_eq!(bench.log.len() - start, 3000);
}

#[test]
fn an_offset_that_is_being_committed_is_not_overtaken_by_its_copy() {
    let mut bench = Bench::new();
    bench.commit("", -1, 3);
    bench.instant = false;
    bench.coordinator.begin_copy();
    bench.send_commit("", -1, 5);
    assert!(matches!(bench.coordinator.copy(1000), CopyStep::Wait), "what becomes of it is open");
    bench.append_one();
    assert!(matches!(bench.coordinator.copy(1000), CopyStep::Done), "it is behind the start");
}

#[test]
fn the_copy_of_an_offset_waits_for_commits_before_it_and_is_made_when_a_later_one_is_lost() {
    let mut bench = Bench::new();
    bench.instant = false;
    bench.send_commit("", -1, 3);
    bench.coordinator.begin_copy();
    assert!(matches!(bench.coordinator.copy(1000), CopyStep::Wait), "it may be before the start");
    bench.send_commit("", -1, 4);
    bench.append_one();
    assert!(matches!(bench.coordinator.copy(1000), CopyStep::Wait));
    bench.lose_one(AppendError::NotAvailable);
    let CopyStep::Write(step) = bench.coordinator.copy(1000) else { panic!("it is copied") };
    let [GroupRecord::Offset { value: Some(value), .. }] = step.records.as_slice() else {
        panic!("an offset: {:?}", step.records)
    };
    assert_eq!(value.offset, 3);
    bench.take(step);
    assert!(matches!(bench.coordinator.copy(1000), CopyStep::Wait), "it is not durable");
    bench.append_one();
    assert!(matches!(bench.coordinator.copy(1000), CopyStep::Done));
}

#[test]
fn a_copy_of_which_a_batch_is_lost_fails() {
    let mut bench = Bench::new();
    bench.commit("", -1, 3);
    bench.instant = false;
    bench.coordinator.begin_copy();
    let CopyStep::Write(step) = bench.coordinator.copy(1000) else { panic!("it is copied") };
    bench.take(step);
    bench.lose_one(AppendError::TooLarge);
    assert!(matches!(bench.coordinator.copy(1000), CopyStep::Failed));
    assert_eq!(bench.offset(), Some(3));
}

#[test]
fn a_copy_ends_when_its_coordinator_resigns() {
    let mut bench = Bench::new();
    bench.commit("", -1, 3);
    bench.coordinator.begin_copy();
    let step = bench.coordinator.resign();
    bench.take(step);
    assert!(matches!(bench.coordinator.copy(1000), CopyStep::Failed));
    bench.coordinator.begin_copy();
    assert!(matches!(bench.coordinator.copy(1000), CopyStep::Failed));
}

#[test]
fn a_copied_offset_of_a_deleted_topic_is_forgotten_all_the_same() {
    let mut bench = Bench::new();
    bench.commit("", -1, 3);
    bench.coordinator.topic_deleted("t");
    copy_all(&mut bench, 1000);
    bench.advance(1);
    assert_eq!(bench.offset(), None);
}

/// Requests, losses and copies in any order: the log from each finished copy on says what all of it
/// says.
#[test]
fn the_log_from_a_copy_on_says_what_all_of_it_says() {
    let mut copies = 0;
    for seed in 0..400 {
        let mut dice = Rng::new(seed);
        let mut bench = Bench::eager();
        bench.instant = false;
        // The first append that certainly is behind the start, and the start once it is known.
        let mut copy: Option<(AppendId, Option<usize>)> = None;
        let mut next_offset = 1;
        for _ in 0..400 {
            let group = ["a", "b", "c", "g"][dice.index(4)];
            let (topic, partition) = (["t", "u"][dice.index(2)], dice.below(3) as i32);
            match dice.below(18) {
                0..5 => {
                    next_offset += 1;
                    commit_to(&mut bench, group, topic, partition, next_offset);
                }
                5 => {
                    bench.send(Request::DeleteOffsets(DeleteOffsetsRequest {
                        group_id: group.into(),
                        topics: vec![TopicPartitions {
                            name: topic.into(),
                            partitions: vec![partition],
                        }],
                    }));
                }
                6 if dice.chance(0.5) => {
                    bench.send(Request::DeleteGroups(vec![group.into()]));
                }
                6 => {
                    bench.send_join(join(""));
                    bench.advance(1);
                }
                7 => bench.advance(dice.below(5000) as i64),
                8..10 => {
                    let next = bench.in_flight.front().map(|(id, _)| *id);
                    // What was in the log when the copy began is not lost any more.
                    let may_be_lost =
                        copy.is_none_or(|(since, _)| next.is_some_and(|next| next >= since));
                    if next.is_some() && may_be_lost && dice.chance(0.2) {
                        bench.lose_one(AppendError::NotAvailable);
                    } else {
                        if let Some((since, start @ None)) = &mut copy
                            && next.is_some_and(|next| next >= *since)
                        {
                            *start = Some(bench.log.len());
                        }
                        bench.append_one();
                    }
                }
                _ => match &copy {
                    None if dice.chance(0.3) => {
                        bench.coordinator.begin_copy();
                        // So many of the appends under way are in the log already.
                        let logged = dice.index(bench.in_flight.len() + 1);
                        let newest = bench.in_flight.back().map_or(AppendId(0), |(id, _)| *id);
                        let since = bench.in_flight.get(logged).map(|(id, _)| *id);
                        copy = Some((since.unwrap_or(AppendId(newest.0 + 1)), None));
                    }
                    None => {}
                    Some((_, start)) => match bench.coordinator.copy(300) {
                        CopyStep::Write(step) => bench.take(step),
                        CopyStep::Wait | CopyStep::Again => {}
                        CopyStep::Failed => copy = None,
                        CopyStep::Done => {
                            let start = start.unwrap_or(bench.log.len());
                            assert_eq!(state_of(&bench.log[start..]), state_of(&bench.log));
                            copies += 1;
                            copy = None;
                        }
                    },
                },
            }
        }
    }
    assert!(copies > 400, "{copies} copies came to their end");
}
