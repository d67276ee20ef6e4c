//! Background work of a storage: checkpoints, using journal files again, watching the free space.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::checkpoint::Checkpoint;
use super::destage::Extent;
use super::files::{read_file, replace_file, side_by_side, write_file};
use super::image::LogImage;
use super::partition::PartitionLog;
use super::shared::Shared;
use super::{LogId, StorageError};
use crate::io::{Io, OpenOptions};
use crate::journal::Place;
use crate::journal::file::{journal_dir, journal_number};
use crate::segment::checkpoint::encode_offsets;
use crate::segment::names::{self, SegmentFile};
use crate::segment::properties::encode_clean_shutdown;

impl Shared {
    /// Writes the journal's checkpoint: everything before frame `floor` is then not needed.
    pub(super) async fn checkpoint(&self, floor: u64, clean: bool) -> Result<(), StorageError> {
        let _pass = self.checkpointing.enter().await;
        // Nothing may follow the checkpoint that says that all is in order.
        if self.sealed.get() {
            return Err(StorageError::Stopped { dir: self.dir.clone() });
        }
        self.sealed.set(clean);
        let journal = &self.journal;
        let checkpoint = {
            let (_, mark) = journal.floor_and_mark();
            let (directory, generation) = self.directory;
            Checkpoint {
                directory,
                generation,
                journal: journal.incarnation(),
                floor,
                mark,
                clean,
                counters: [(self.number, self.next_id.get())].into(),
                deleted: self.deleted.borrow().clone(),
                logs: Vec::new(),
            }
        };
        let logs: Vec<Rc<PartitionLog>> = self.logs.borrow().values().cloned().collect();
        let bytes = checkpoint.encode_with(logs.len(), |out| {
            for log in &logs {
                log.state.borrow().image.encode(out);
            }
        });
        // The images tell of appends that are not durable yet, and must not until they are.
        journal.acks().wait(journal.last_ticket()).await?;
        self.check_intact()?;
        let path = Checkpoint::journal_path(&self.dir, self.number);
        let written = replace_file(&self.io, &path, &bytes).await;
        written.map_err(|e| self.write_failed("writing", &path, e))
    }

    /// Makes full journal files free again, until the storage ends.
    pub(super) async fn run_recycler(self: Rc<Self>) {
        while !self.ended() {
            let Some(oldest) = self.journal.oldest() else {
                self.journal.filled().await;
                continue;
            };
            let recycled = self.recycle(oldest.slot, oldest.logs.into_iter().collect()).await;
            if recycled.is_err() && !self.ended() {
                self.io.sleep(self.config.space_poll).await;
            }
        }
    }

    async fn recycle(
        self: &Rc<Self>,
        slot: usize,
        logs: Vec<(LogId, Place)>,
    ) -> Result<(), StorageError> {
        // Not more: appends wait for the same device.
        side_by_side(self.config.destage_in_flight, logs, |(id, reach)| async move {
            let log = self.logs.borrow().get(&id).cloned();
            match log {
                Some(log) => log.destage_to(reach).await,
                None => Ok(()),
            }
        })
        .await?;
        self.checkpoint(self.journal.floor_without(slot), false).await?;
        self.journal.release(slot);
        Ok(())
    }

    /// Looks at the free space from time to time, until the storage ends.
    pub(super) async fn run_space_watch(self: Rc<Self>) {
        let reserve = self.config.reserve_bytes;
        while !self.ended() {
            let free = self.io.free_space(&self.dir).await.unwrap_or(u64::MAX);
            let (told, stuck) = (self.no_space(), self.stuck.get());
            self.short.set(free < reserve);
            if stuck && !self.short.get() && self.can_grow().await {
                self.stuck.set(false);
            }
            if self.no_space() != told {
                // The file system is the same for all shards: one of them says so.
                if self.number == 0 || stuck {
                    let why = format!("{free} bytes are free, {reserve} are kept in reserve");
                    self.tell_space(&why);
                }
                self.room.notify();
                self.destage.notify();
            }
            // Near the limit there is less time to notice.
            let near = free < reserve.saturating_mul(NEAR);
            self.io.sleep(self.config.space_poll / if near { 10 } else { 1 }).await;
        }
    }

    /// Whether a file can grow by what a segment grows at once. Free space alone does not tell: of a
    /// user's share of the file system, for one.
    async fn can_grow(&self) -> bool {
        let path = journal_dir(&self.dir, self.number).join(PROBE_NAME);
        let options = OpenOptions { write: true, create: true, ..Default::default() };
        let grown = async {
            let file = self.io.open(&path, options).await?;
            file.allocate(self.config.allocate_step_bytes).await
        };
        let grown = grown.await.is_ok();
        // Left behind, it takes space until the next try.
        let removed = self.io.remove_file(&path).await;
        grown && removed.is_ok()
    }

    /// Says that appends are refused for want of space, or are not any more.
    pub(super) fn tell_space(&self, why: &str) {
        let dir = self.dir.display();
        if self.no_space() {
            tracing::error!(
                %dir,
                why,
                "no space left: appends are refused until there is; reads and deletes go on; delete \
                 topics or records, shorten their retention, or enlarge the file system"
            );
        } else {
            tracing::info!(%dir, why, "there is space again: appends are taken");
        }
    }

    /// Leaves everything in order: all bytes in their segments, files cut to length, Kafka's own
    /// files beside them, and a checkpoint that says that no journal is needed.
    pub(super) async fn close(&self) -> Result<(), StorageError> {
        let journal = &self.journal;
        while self.changing.get() > 0 {
            self.changed.notified().await;
        }
        journal.acks().wait(journal.last_ticket()).await?;
        let logs: Vec<Rc<PartitionLog>> = self.logs.borrow().values().cloned().collect();
        side_by_side(self.config.files_in_flight, &logs, |log| async move {
            let _pass = log.gate.enter().await;
            if log.gone.get() {
                return Ok(());
            }
            log.destage_inside(Extent::All, true).await?;
            self.check_intact()?;
            log.close().await?;
            let removed = log.state.borrow().image.removed.clone();
            // What is left is in the checkpoint.
            log.remove_files_inside(&removed).await;
            Ok(())
        })
        .await?;
        self.checkpoint(journal.next_sequence(), true).await
    }
}

impl PartitionLog {
    /// Cuts the active segment to its length and writes Kafka's own files.
    async fn close(&self) -> Result<(), StorageError> {
        let base = self.state.borrow().image.active().base;
        self.state.borrow_mut().image.active_mut().roll();
        self.seal(base).await?;
        let (snapshot, epochs, next) = {
            let state = self.state.borrow();
            let snapshot = crate::segment::snapshot::encode(&state.image.producers.to_snapshot());
            (snapshot, state.image.epochs.to_checkpoint(), state.image.next_offset)
        };
        let dir = self.dir();
        if self.cuts() > 0 {
            self.remove_snapshots().await?;
        }
        self.write_beside(dir.join(SegmentFile::Snapshot.name(next)), &snapshot).await?;
        self.write_beside(dir.join(names::LEADER_EPOCH_CHECKPOINT), &epochs).await?;
        let synced = self.shared.io.sync_dir(&dir).await;
        synced.map_err(|e| self.shared.write_failed("syncing", &dir, e))
    }

    /// Removes the snapshots of former stops: they may tell of records that were cut off since.
    async fn remove_snapshots(&self) -> Result<(), StorageError> {
        let dir = self.dir();
        let names = self.shared.io.list_dir(&dir).await;
        let names = names.map_err(|e| self.shared.write_failed("listing", &dir, e))?;
        for name in names {
            if matches!(SegmentFile::parse(&name), Some((SegmentFile::Snapshot, _))) {
                let path = dir.join(&name);
                let removed = self.shared.io.remove_file(&path).await;
                removed.map_err(|e| self.shared.write_failed("removing", &path, e))?;
            }
        }
        Ok(())
    }

    async fn write_beside(&self, path: PathBuf, bytes: &[u8]) -> Result<(), StorageError> {
        let written = write_file(&self.shared.io, &path, bytes).await;
        written.map_err(|e| self.shared.write_failed("writing", &path, e))
    }
}

/// How many times the reserve of free space is near the limit.
const NEAR: u64 = 4;

/// A file in the journal's directory with which is tried whether files can grow.
const PROBE_NAME: &str = "space.probe";

/// Writes what Kafka needs to take the directory over, and the mark that it was closed in order.
/// Called once, when every shard's [`super::Storage::shutdown`] has succeeded.
///
/// # Errors
/// What the file system says; the next start does without these files.
pub async fn seal_directory(io: &Io, dir: &Path) -> io::Result<()> {
    let logs = closed_logs(io, dir).await?;
    // Opaque names come from Kafka's form: topic, dash, partition.
    let lines = |pick: fn(&LogImage) -> i64| {
        let lines: Vec<(&str, i32, i64)> = logs
            .values()
            .filter_map(|log| {
                let (topic, partition) = names::parse_partition_dir(&log.name)?;
                Some((topic, partition, pick(log)))
            })
            .collect();
        encode_offsets(lines.into_iter())
    };
    let files = [
        (names::RECOVERY_POINT_CHECKPOINT, lines(|log| log.next_offset)),
        (names::LOG_START_CHECKPOINT, lines(|log| log.log_start)),
        (names::HIGH_WATERMARK_CHECKPOINT, lines(|log| log.next_offset)),
        (names::CLEAN_SHUTDOWN, encode_clean_shutdown(-1)),
    ];
    for (name, bytes) in files {
        replace_file(io, &dir.join(name), &bytes).await?;
    }
    Ok(())
}

/// The logs as the checkpoints of a closed directory tell them.
async fn closed_logs(io: &Io, dir: &Path) -> io::Result<BTreeMap<LogId, LogImage>> {
    let base = read_checkpoint(io, &Checkpoint::base_path(dir)).await?;
    let mut logs: BTreeMap<LogId, LogImage> =
        base.logs.into_iter().map(|log| (log.id, log)).collect();
    let mut own = BTreeMap::new();
    for number in io.list_dir(dir).await?.iter().filter_map(|name| journal_number(name)) {
        let checkpoint = read_checkpoint(io, &Checkpoint::journal_path(dir, number)).await?;
        if checkpoint.generation != base.generation {
            continue;
        }
        if !checkpoint.clean {
            return Err(io::Error::other(format!("journal {number} was not shut down")));
        }
        for id in &checkpoint.deleted {
            logs.remove(id);
        }
        own.extend(checkpoint.logs.into_iter().map(|log| (log.id, log)));
    }
    logs.extend(own);
    Ok(logs)
}

async fn read_checkpoint(io: &Io, path: &Path) -> io::Result<Checkpoint> {
    let bytes = read_file(io, path).await?.ok_or(io::ErrorKind::NotFound)?;
    Checkpoint::decode(&bytes).map_err(io::Error::other)
}
