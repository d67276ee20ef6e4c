//! Taking records off the front of a log: retention and record deletion.

use super::image::LogImage;
use super::partition::{PartitionLog, State};
use super::storage::control_entry;
use super::{LogConfig, StorageError};
use crate::io::Io;
use crate::journal::frame::{Entry, Kind};
use crate::journal::{Permit, Pieces};
use crate::segment::names::SegmentFile;
use std::path::Path;

impl PartitionLog {
    /// Moves the log start up to `before` (at most the log end offset), durably; returns the log
    /// start, which never goes back.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn delete_records(&self, before: i64) -> Result<i64, StorageError> {
        self.check_open()?;
        if !self.begins_before(before) {
            return self.durable_log_start().await;
        }
        let permit = self.shared.permit(0).await?;
        self.check_open()?;
        self.start_at(before, permit);
        self.durable_log_start().await?;
        self.moved.notify();
        self.remove_old_segments().await;
        self.durable_log_start().await
    }

    /// Whether a move of the log start to `before` would be one.
    fn begins_before(&self, before: i64) -> bool {
        let state = self.state.borrow();
        before.min(state.image.next_offset) > state.image.log_start
    }

    /// Moves the log start up to `before`, unless it is there already.
    fn start_at(&self, before: i64, permit: Permit) {
        let mut state = self.state.borrow_mut();
        let before = before.min(state.image.next_offset);
        if before <= state.image.log_start {
            return;
        }
        state.image.log_start = before;
        state.image.epochs.truncate_from_start(before);
        let entry = control_entry(self.id, Kind::LogStart);
        let entry = Entry { base_offset: before, last_offset: before - 1, ..entry };
        state.log_start_ticket = permit.push(entry, Pieces::new());
    }

    /// The log start as it is now, when it is durable. From then on it is told.
    async fn durable_log_start(&self) -> Result<i64, StorageError> {
        let (start, ticket) = {
            let state = self.state.borrow();
            (state.image.log_start, state.log_start_ticket)
        };
        self.shared.journal.acks().wait(ticket).await?;
        let mut state = self.state.borrow_mut();
        state.durable_start = state.durable_start.max(start);
        Ok(start)
    }

    /// Removes whole segments that `retention.ms` and `retention.bytes` allow to go, at wall clock
    /// `now_ms`; only below `limit` (the high watermark). Returns the log start offset.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn apply_retention(&self, now_ms: i64, limit: i64) -> Result<i64, StorageError> {
        self.check_open()?;
        let keep_from = {
            let mut state = self.state.borrow_mut();
            let goes = expired_segments(&state.image, &state.config, now_ms, limit);
            if goes == 0 {
                None
            } else {
                if goes == state.image.segments.len() {
                    state.roll_empty(now_ms);
                    self.shared.mark_dirty(self.id);
                }
                state.image.segments.get(goes).map(|segment| segment.base)
            }
        };
        match keep_from {
            Some(offset) => self.delete_records(offset).await,
            // Segments may be left from a time when they were not in the files yet.
            None => {
                self.remove_old_segments().await;
                self.durable_log_start().await
            }
        }
    }

    /// Lets go of segments that lie wholly before the log start, which is durable; their files are
    /// removed a little later, since readers that have found one may be about to open it.
    async fn remove_old_segments(&self) {
        let any = |state: &State| old_segments(&state.image, state.durable_start) > 0;
        if !any(&self.state.borrow()) {
            return;
        }
        let _pass = self.gate.enter().await;
        let removed: Vec<i64> = {
            let mut state = self.state.borrow_mut();
            let old = old_segments(&state.image, state.durable_start);
            // What is still on its way to the files is removed next time.
            let sealed = state.image.segments.iter().take(old).take_while(|s| s.sealed).count();
            let bases = state.image.segments.drain(..sealed).map(|segment| segment.base);
            let bases: Vec<i64> = bases.collect();
            let first = state.image.segments[0].base;
            state.image.faulty.retain(|faulty| faulty.place.segment >= first);
            state.image.removed.extend(&bases);
            bases
        };
        for base in &removed {
            self.shared.files.forget(self.id, *base);
        }
        self.remove_later(removed);
    }

    /// Removes the files of segments that are gone after [`StorageConfig::delete_delay`], and tries
    /// again after as long what cannot be removed.
    ///
    /// [`StorageConfig::delete_delay`]: super::StorageConfig::delete_delay
    pub(super) fn remove_later(&self, mut bases: Vec<i64>) {
        let Some(log) = self.me().filter(|_| !bases.is_empty()) else { return };
        self.shared.io.spawn(async move {
            while !bases.is_empty() {
                log.shared.io.sleep(log.shared.config.delete_delay).await;
                // The name of the directory must not go to another log meanwhile.
                let _pass = log.gate.enter().await;
                // Removing takes long, and large appends are not to wait for it, nor others for them.
                let _detour = log.detour();
                bases = log.remove_files_inside(&bases).await;
            }
        });
    }

    /// Removes the files of segments that are gone, for one who is in the gate. Returns those of
    /// which something is left.
    pub(super) async fn remove_files_inside(&self, bases: &[i64]) -> Vec<i64> {
        if self.gone.get() {
            return Vec::new();
        }
        // One that was cut off may be there again.
        let removed = |base: &i64| self.state.borrow().image.removed.contains(base);
        let bases: Vec<i64> = bases.iter().copied().filter(removed).collect();
        let left = remove_segments(&self.shared.io, &self.dir(), &bases).await;
        let gone = |base: &i64| bases.contains(base) && !left.contains(base);
        self.state.borrow_mut().image.removed.retain(|base| !gone(base));
        left
    }
}

impl State {
    /// Begins a new segment at the end of the log, so that the active one may go.
    pub(super) fn roll_empty(&mut self, now_ms: i64) {
        let base = self.image.next_offset;
        self.image.roll(base, now_ms);
        self.roll_dice = None;
        self.tail.start_segment(base);
    }
}

/// Segments from the front that lie wholly before `start`; never the active one.
pub(super) fn old_segments(image: &LogImage, start: i64) -> usize {
    let pairs = image.segments.windows(2);
    pairs.take_while(|pair| matches!(pair, [_, next] if next.base <= start)).count()
}

/// Removes the files of segments; one that is missing was removed before. Returns the segments of
/// which something is left.
pub(super) async fn remove_segments(io: &Io, dir: &Path, bases: &[i64]) -> Vec<i64> {
    let mut left = Vec::new();
    for base in bases {
        for kind in SegmentFile::ALL {
            let path = dir.join(kind.name(*base));
            match io.remove_file(&path).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    tracing::warn!(path = %path.display(), %error, "cannot remove, is tried again");
                    left.push(*base);
                }
                _ => {}
            }
        }
    }
    left.dedup();
    left
}

/// Segments from the front that retention lets go. Kafka's `UnifiedLog.deleteOldSegments`.
fn expired_segments(image: &LogImage, config: &LogConfig, now_ms: i64, limit: i64) -> usize {
    if !config.delete_old_segments {
        return 0;
    }
    let total: u64 = image.segments.iter().map(|segment| segment.size).sum();
    let mut excess = match u64::try_from(config.retention_bytes) {
        Ok(bytes) => total.saturating_sub(bytes),
        Err(_) => 0,
    };
    let mut goes = 0;
    for (at, segment) in image.segments.iter().enumerate() {
        let next = image.segments.get(at + 1);
        let end = next.map_or(image.next_offset, |next| next.base);
        // An empty active segment stays, and nothing goes that is not safe everywhere.
        if end > limit || (next.is_none() && segment.size == 0) {
            break;
        }
        let time =
            if segment.max_timestamp >= 0 { segment.max_timestamp } else { segment.created_ms };
        let aged = config.retention_ms >= 0 && now_ms.saturating_sub(time) > config.retention_ms;
        let large = excess >= segment.size && config.retention_bytes >= 0 && excess > 0;
        if !aged && !large {
            break;
        }
        excess = excess.saturating_sub(segment.size);
        goes = at + 1;
    }
    goes
}
