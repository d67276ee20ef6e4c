//! A value of the log in the coordinator's memory: what is durable, and what is on its way.

use super::step::AppendId;

/// The value of one key of the log.
#[derive(Debug)]
pub(super) struct Versions<V> {
    /// The durable value.
    pub durable: Option<V>,
    /// The append that `durable` is from: a record that was overtaken does not come back.
    pub durable_from: AppendId,
    /// Values in records that are being appended, oldest first; `None` is a tombstone. No longer
    /// than the requests under way.
    pub pending: Vec<(AppendId, Option<V>)>,
}

impl<V> Default for Versions<V> {
    fn default() -> Self {
        Self { durable: None, durable_from: AppendId::default(), pending: Vec::new() }
    }
}

impl<V> Versions<V> {
    /// Notes a value that is being appended.
    pub(super) fn stage(&mut self, value: Option<V>, append: AppendId) {
        self.pending.push((append, value));
    }

    /// An append became durable, or was lost.
    pub(super) fn settle(&mut self, append: AppendId, durable: bool) {
        let mut settled = None;
        self.pending.retain_mut(|(id, value)| {
            if *id == append {
                // Where an append has a key twice, the later value counts.
                settled = Some(value.take());
            }
            *id != append
        });
        if let Some(value) = settled
            && durable
            && append > self.durable_from
        {
            self.durable = value;
            self.durable_from = append;
        }
    }

    /// The value once all appends are durable, and the append that it is from.
    pub(super) fn latest(&self) -> Option<(&V, AppendId)> {
        match self.pending.last() {
            Some((id, value)) => value.as_ref().map(|value| (value, *id)),
            None => self.durable.as_ref().map(|value| (value, self.durable_from)),
        }
    }

    /// Whether nothing is known, durable or on its way.
    pub(super) fn is_empty(&self) -> bool {
        self.durable.is_none() && self.pending.is_empty()
    }
}
