//! Committed offsets: what is durable, and what is on its way to the log.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::model::{CommittedOffset, TopicPartition};
use super::step::AppendId;
use super::versions::Versions;

type Topics = BTreeMap<Arc<str>, BTreeMap<i32, Versions<CommittedOffset>>>;

/// The offsets of all groups. Only durable values are ever read by clients.
#[derive(Debug, Default)]
pub(super) struct Offsets {
    groups: BTreeMap<Arc<str>, Topics>,
}

impl Offsets {
    /// Sets or removes a durable offset, as read from the log.
    pub(super) fn load(
        &mut self,
        group: &Arc<str>,
        at: TopicPartition,
        value: Option<CommittedOffset>,
    ) {
        let entry = self.entry(group, &at);
        entry.durable = value;
        self.prune(group, &at);
    }

    /// Notes a value that is being appended.
    pub(super) fn stage(
        &mut self,
        group: &Arc<str>,
        at: &TopicPartition,
        value: Option<CommittedOffset>,
        append: AppendId,
    ) {
        self.entry(group, at).stage(value, append);
    }

    /// An append became durable, or was lost.
    pub(super) fn settle(
        &mut self,
        group: &Arc<str>,
        at: &TopicPartition,
        append: AppendId,
        durable: bool,
    ) {
        self.entry(group, at).settle(append, durable);
        self.prune(group, at);
    }

    /// The durable offset of a partition.
    pub(super) fn durable(
        &self,
        group: &str,
        topic: &str,
        partition: i32,
    ) -> Option<&CommittedOffset> {
        self.groups.get(group)?.get(topic)?.get(&partition)?.durable.as_ref()
    }

    /// Whether there will be an offset once all appends are durable.
    pub(super) fn has_latest(&self, group: &str, topic: &str, partition: i32) -> bool {
        let entry = || self.groups.get(group)?.get(topic)?.get(&partition);
        entry().is_some_and(|entry| entry.latest().is_some())
    }

    /// All durable offsets of a group.
    pub(super) fn durable_of<'a>(
        &'a self,
        group: &str,
    ) -> impl Iterator<Item = (&'a Arc<str>, i32, &'a CommittedOffset)> + use<'a> {
        self.groups.get(group).into_iter().flatten().flat_map(|(topic, partitions)| {
            partitions
                .iter()
                .filter_map(move |(index, entry)| Some((topic, *index, entry.durable.as_ref()?)))
        })
    }

    /// All partitions of a group for which there will be an offset, with the value and the append it
    /// is from.
    pub(super) fn latest_of<'a>(
        &'a self,
        group: &str,
    ) -> impl Iterator<Item = (&'a Arc<str>, i32, &'a CommittedOffset, AppendId)> + use<'a> {
        self.groups.get(group).into_iter().flatten().flat_map(|(topic, partitions)| {
            partitions.iter().filter_map(move |(index, entry)| {
                let (value, from) = entry.latest()?;
                Some((topic, *index, value, from))
            })
        })
    }

    /// Partitions of a topic for which a group will have an offset, with the append it is from.
    pub(super) fn latest_of_topic<'a>(
        &'a self,
        group: &str,
        topic: &str,
    ) -> impl Iterator<Item = (i32, AppendId)> + use<'a> {
        let partitions = self.groups.get(group).and_then(|topics| topics.get(topic));
        partitions
            .into_iter()
            .flatten()
            .filter_map(|(index, entry)| Some((*index, entry.latest()?.1)))
    }

    /// What is known of a partition, durable and on its way.
    pub(super) fn versions(
        &self,
        group: &str,
        at: &TopicPartition,
    ) -> Option<&Versions<CommittedOffset>> {
        self.groups.get(group)?.get(&at.topic)?.get(&at.partition)
    }

    /// The next partition of which something is known, in the order of groups, topics and numbers.
    pub(super) fn next_key(
        &self,
        after: Option<&(Arc<str>, TopicPartition)>,
    ) -> Option<(Arc<str>, TopicPartition)> {
        let key = |group: &Arc<str>, topic: &Arc<str>, partition: i32| {
            (group.clone(), TopicPartition { topic: topic.clone(), partition })
        };
        if let Some((group, at)) = after
            && let Some(topics) = self.groups.get(group)
        {
            let behind = (Bound::Excluded(at.partition), Bound::Unbounded);
            let next = topics.get(&at.topic).and_then(|all| all.range(behind).next());
            if let Some((partition, _)) = next {
                return Some(key(group, &at.topic, *partition));
            }
            let behind = (Bound::Excluded(at.topic.clone()), Bound::Unbounded);
            let next = topics.range(behind).next();
            if let Some((topic, (partition, _))) =
                next.and_then(|(topic, all)| Some((topic, all.first_key_value()?)))
            {
                return Some(key(group, topic, *partition));
            }
        }
        let behind = after.map_or(Bound::Unbounded, |(group, _)| Bound::Excluded(group.clone()));
        let (group, topics) = self.groups.range((behind, Bound::Unbounded)).next()?;
        let (topic, partitions) = topics.first_key_value()?;
        Some(key(group, topic, *partitions.first_key_value()?.0))
    }

    #[cfg(test)]
    /// Whether nothing is known of a group, durable or on its way.
    pub(super) fn is_empty(&self, group: &str) -> bool {
        !self.groups.contains_key(group)
    }

    fn entry(&mut self, group: &Arc<str>, at: &TopicPartition) -> &mut Versions<CommittedOffset> {
        let topics = self.groups.entry(group.clone()).or_default();
        topics.entry(at.topic.clone()).or_default().entry(at.partition).or_default()
    }

    fn prune(&mut self, group: &Arc<str>, at: &TopicPartition) {
        let Some(topics) = self.groups.get_mut(group) else { return };
        let Some(partitions) = topics.get_mut(&at.topic) else { return };
        if partitions.get(&at.partition).is_some_and(Versions::is_empty) {
            partitions.remove(&at.partition);
            if partitions.is_empty() {
                topics.remove(&at.topic);
            }
            if topics.is_empty() {
                self.groups.remove(group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Uuid;

    fn value(offset: i64) -> CommittedOffset {
        CommittedOffset {
            offset,
            leader_epoch: -1,
            metadata: "".into(),
            commit_timestamp_ms: 0,
            expire_timestamp_ms: None,
            topic_id: Uuid::ZERO,
        }
    }

    fn at() -> TopicPartition {
        TopicPartition { topic: "t".into(), partition: 0 }
    }

    #[test]
    fn an_offset_is_seen_when_durable_and_not_before() {
        let (group, mut offsets) = (Arc::from("g"), Offsets::default());
        offsets.stage(&group, &at(), Some(value(5)), AppendId(1));
        assert_eq!(offsets.durable("g", "t", 0), None);
        assert!(offsets.has_latest("g", "t", 0));
        offsets.settle(&group, &at(), AppendId(1), true);
        assert_eq!(offsets.durable("g", "t", 0), Some(&value(5)));
    }

    #[test]
    fn a_lost_append_leaves_the_offset_as_it_was() {
        let (group, mut offsets) = (Arc::from("g"), Offsets::default());
        offsets.load(&group, at(), Some(value(3)));
        offsets.stage(&group, &at(), Some(value(5)), AppendId(1));
        offsets.stage(&group, &at(), None, AppendId(2));
        offsets.settle(&group, &at(), AppendId(1), false);
        assert_eq!(offsets.durable("g", "t", 0), Some(&value(3)));
        offsets.settle(&group, &at(), AppendId(2), false);
        assert_eq!(offsets.durable("g", "t", 0), Some(&value(3)));
    }

    #[test]
    fn an_older_append_never_overtakes_a_newer_one() {
        let (group, mut offsets) = (Arc::from("g"), Offsets::default());
        offsets.stage(&group, &at(), Some(value(5)), AppendId(1));
        offsets.stage(&group, &at(), Some(value(6)), AppendId(2));
        offsets.settle(&group, &at(), AppendId(2), true);
        offsets.settle(&group, &at(), AppendId(1), true);
        assert_eq!(offsets.durable("g", "t", 0), Some(&value(6)));
    }

    #[test]
    fn nothing_is_left_of_a_removed_offset() {
        let (group, mut offsets) = (Arc::from("g"), Offsets::default());
        offsets.load(&group, at(), Some(value(3)));
        offsets.stage(&group, &at(), None, AppendId(1));
        assert!(!offsets.has_latest("g", "t", 0));
        offsets.settle(&group, &at(), AppendId(1), true);
        assert!(offsets.is_empty("g"));
    }
}
