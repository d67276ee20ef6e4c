//! Copying the live state to the end of the log, so that what is before the copy may go.
//!
//! Each commit makes the log longer, and only the last one of each partition counts. A copy writes the
//! durable value of every key again, as ordinary records between those of requests, and once all of
//! them are durable the log may begin where it ended when the copy began:
//!
//! - Appends that are made after the copy began lie behind that place. Those made before may lie
//!   in front of it, so the copy waits until they are durable or lost.
//! - A key with an append under way is left until that is settled: a copy of its old value would come
//!   behind the new one. If it is durable then, it needs no copy.
//! - A key that got a value since the copy began needs none.
//!
//! So of every key the last record is behind the new start, and is the last one of the old log. A crash
//! before the start is moved leaves records that say once more what was so.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use super::coordinator::Coordinator;
use super::model::{CommittedOffset, GroupMetadata, GroupRecord, TopicPartition};
use super::step::{AppendId, Step, Then};
use super::versions::Versions;

/// Keys that one step looks at.
const KEYS_PER_STEP: usize = 1_000;

/// Records of one batch: keeps the time spent in one turn of the loop small.
const RECORDS_PER_STEP: usize = 200;

/// Bytes that a record takes beside its texts, about.
const RECORD_BYTES: usize = 80;

/// What is in the log of the groups themselves, as far as it counts.
#[derive(Debug, Default)]
pub(super) struct StoredGroups {
    groups: BTreeMap<Arc<str>, Versions<GroupMetadata>>,
}

impl StoredGroups {
    /// Sets or removes a value, as read from the log.
    pub(super) fn load(&mut self, group: &Arc<str>, value: Option<GroupMetadata>) {
        match value {
            Some(_) => self.groups.entry(group.clone()).or_default().durable = value,
            None => drop(self.groups.remove(group)),
        }
    }

    /// Notes the groups among records that are being appended, and says which they are.
    pub(super) fn stage(&mut self, records: &[GroupRecord], append: AppendId) -> Vec<Arc<str>> {
        let mut staged = Vec::new();
        for record in records {
            if let GroupRecord::Group { group, value } = record {
                self.groups.entry(group.clone()).or_default().stage(value.clone(), append);
                staged.push(group.clone());
            }
        }
        staged
    }

    /// An append with a record of this group became durable, or was lost.
    pub(super) fn settle(&mut self, group: &Arc<str>, append: AppendId, durable: bool) {
        let Some(versions) = self.groups.get_mut(group) else { return };
        versions.settle(append, durable);
        if versions.is_empty() {
            self.groups.remove(group);
        }
    }
}

#[cfg(test)]
impl StoredGroups {
    /// The durable records.
    pub(super) fn durable(&self) -> BTreeMap<Arc<str>, GroupMetadata> {
        let durable = |(group, versions): (&Arc<str>, &Versions<GroupMetadata>)| {
            Some((group.clone(), versions.durable.clone()?))
        };
        self.groups.iter().filter_map(durable).collect()
    }
}

/// A key of the log.
#[derive(Clone, Debug)]
enum Key {
    Group(Arc<str>),
    Offset(Arc<str>, TopicPartition),
}

/// How far the walk over all keys is.
#[derive(Clone, Debug)]
enum Walk {
    /// The groups up to this one are done.
    Groups(Option<Arc<str>>),
    /// All groups, and the offsets up to this one.
    Offsets(Option<(Arc<str>, TopicPartition)>),
    /// All is done but what was put off.
    PutOff,
}

/// A copy that is being made.
#[derive(Debug)]
pub(super) struct Copying {
    /// The first append after the copy began.
    since: AppendId,
    walk: Walk,
    /// Keys with appends under way when the walk came to them. No more than those appends have.
    put_off: VecDeque<Key>,
    /// The batch that is being appended.
    under_way: Option<AppendId>,
    is_lost: bool,
}

/// What to do next for a copy.
#[derive(Debug)]
pub enum CopyStep {
    /// Append these records, then ask again when they are settled.
    Write(Step),
    /// Ask again when an append is settled.
    Wait,
    /// Ask again: it was a long way without records.
    Again,
    /// All is copied and durable.
    Done,
    /// Records of the copy were lost, or the coordinator has resigned: the log stays as it is.
    Failed,
}

/// Whether a key is to be copied.
enum Verdict<V> {
    Copy(V),
    Later,
    Not,
}

impl Coordinator {
    /// Begins a copy of the live state. What the log has from now on is behind its start.
    pub fn begin_copy(&mut self) {
        self.copying = self.is_active().then(|| Copying {
            since: self.draft().id,
            walk: Walk::Groups(None),
            put_off: VecDeque::new(),
            under_way: None,
            is_lost: false,
        });
    }

    /// The next step of the copy: records of `bytes_max` at most, or a single larger one.
    pub fn copy(&mut self, bytes_max: usize) -> CopyStep {
        let Some(mut copying) = self.copying.take() else { return CopyStep::Failed };
        if copying.is_lost {
            return CopyStep::Failed;
        }
        if copying.under_way.is_some() || self.oldest_append() < copying.since {
            self.copying = Some(copying);
            return CopyStep::Wait;
        }
        let mut records = Vec::new();
        let step = self.copy_some(&mut copying, bytes_max, &mut records);
        if !records.is_empty() {
            let id = self.append(vec![Then::Copied]);
            copying.under_way = Some(id);
            self.copying = Some(copying);
            return CopyStep::Write(Step { append: Some(id), records, replies: Vec::new() });
        }
        if !matches!(step, CopyStep::Done) {
            self.copying = Some(copying);
        }
        step
    }

    /// A batch of the copy became durable, or was lost.
    pub(super) fn copied(&mut self, id: AppendId, lost: bool) {
        if let Some(copying) = &mut self.copying
            && copying.under_way == Some(id)
        {
            copying.under_way = None;
            copying.is_lost |= lost;
        }
    }

    fn copy_some(
        &self,
        copying: &mut Copying,
        bytes_max: usize,
        records: &mut Vec<GroupRecord>,
    ) -> CopyStep {
        let (mut bytes, mut later) = (0, 0);
        for _ in 0..KEYS_PER_STEP {
            let before = copying.walk.clone();
            let Some(key) = self.next_key(copying) else {
                return CopyStep::Done;
            };
            let record = match self.judge(&key, copying.since) {
                Verdict::Not => continue,
                Verdict::Copy(record) => record,
                Verdict::Later => {
                    copying.put_off.push_back(key);
                    later += 1;
                    if matches!(copying.walk, Walk::PutOff) && later >= copying.put_off.len() {
                        return CopyStep::Wait;
                    }
                    continue;
                }
            };
            bytes += length(&record);
            if !records.is_empty() && bytes > bytes_max {
                // It comes first the next time.
                match copying.walk {
                    Walk::PutOff => copying.put_off.push_front(key),
                    _ => copying.walk = before,
                }
                return CopyStep::Again;
            }
            records.push(record);
            if records.len() >= RECORDS_PER_STEP || bytes >= bytes_max {
                return CopyStep::Again;
            }
        }
        CopyStep::Again
    }

    /// The next key of the walk, or nothing when none is left.
    fn next_key(&self, copying: &mut Copying) -> Option<Key> {
        if let Walk::Groups(done) = &copying.walk {
            let after = done.clone().map_or(Bound::Unbounded, Bound::Excluded);
            let next = self.stored.groups.range((after, Bound::Unbounded)).next();
            if let Some((group, _)) = next {
                copying.walk = Walk::Groups(Some(group.clone()));
                return Some(Key::Group(group.clone()));
            }
            copying.walk = Walk::Offsets(None);
        }
        if let Walk::Offsets(done) = &copying.walk {
            if let Some((group, at)) = self.offsets.next_key(done.as_ref()) {
                copying.walk = Walk::Offsets(Some((group.clone(), at.clone())));
                return Some(Key::Offset(group, at));
            }
            copying.walk = Walk::PutOff;
        }
        copying.put_off.pop_front()
    }

    fn judge(&self, key: &Key, since: AppendId) -> Verdict<GroupRecord> {
        match key {
            Key::Group(group) => {
                let record = |value: &GroupMetadata| GroupRecord::Group {
                    group: group.clone(),
                    value: Some(value.clone()),
                };
                verdict(self.stored.groups.get(group), since, record)
            }
            Key::Offset(group, at) => {
                let record = |value: &CommittedOffset| GroupRecord::Offset {
                    group: group.clone(),
                    at: at.clone(),
                    value: Some(value.clone()),
                };
                verdict(self.offsets.versions(group, at), since, record)
            }
        }
    }
}

fn verdict<V>(
    versions: Option<&Versions<V>>,
    since: AppendId,
    record: impl FnOnce(&V) -> GroupRecord,
) -> Verdict<GroupRecord> {
    match versions {
        Some(versions) if versions.durable_from >= since => Verdict::Not,
        Some(versions) if !versions.pending.is_empty() => Verdict::Later,
        Some(Versions { durable: Some(value), .. }) => Verdict::Copy(record(value)),
        _ => Verdict::Not,
    }
}

/// Bytes that a record takes in a batch, about.
fn length(record: &GroupRecord) -> usize {
    let texts = match record {
        GroupRecord::Offset { group, at, value } => {
            let metadata = value.as_ref().map_or(0, |value| value.metadata.len());
            group.len() + at.topic.len() + metadata
        }
        GroupRecord::Group { group, value } => {
            let members = value.iter().flat_map(|value| &value.members).map(|member| {
                let texts = [&member.member_id, &member.client_id, &member.client_host];
                let texts: usize = texts.iter().map(|text| text.len()).sum();
                let instance = member.instance_id.as_ref().map_or(0, |id| id.len());
                let blobs = member.subscription.len() + member.assignment.len();
                texts + instance + blobs + RECORD_BYTES
            });
            group.len() + members.sum::<usize>()
        }
    };
    texts + RECORD_BYTES
}
