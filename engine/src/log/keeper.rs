//! Background work of a storage: checkpoints, using journal files again, watching the free space.

use std::path::PathBuf;
use std::rc::Rc;

use super::StorageError;
use super::checkpoint::Checkpoint;
use super::destage::Extent;
use super::files::{replace_file, write_file};
use super::partition::PartitionLog;
use super::shared::Shared;
use crate::journal::Place;

impl Shared {
    /// Writes the journal's checkpoint: everything before frame `floor` is then not needed.
    pub(super) async fn checkpoint(&self, floor: u64, clean: bool) -> Result<(), StorageError> {
        let _pass = self.checkpointing.enter().await;
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
        logs: Vec<(super::LogId, Place)>,
    ) -> Result<(), StorageError> {
        for some in logs.chunks(self.config.destage_in_flight) {
            let mut tasks = Vec::new();
            for (id, reach) in some {
                let log = self.logs.borrow().get(id).cloned();
                let Some(log) = log else { continue };
                let reach = *reach;
                tasks.push(self.io.spawn(async move { log.destage_to(reach).await }));
            }
            for task in tasks {
                match task.await {
                    Ok(done) => done?,
                    Err(_) => return Err(StorageError::Stopped { dir: self.dir.clone() }),
                }
            }
        }
        self.checkpoint(self.journal.floor_without(slot), false).await?;
        self.journal.release(slot);
        Ok(())
    }

    /// Looks at the free space from time to time, until the storage ends.
    pub(super) async fn run_space_watch(self: Rc<Self>) {
        while !self.ended() {
            if let Ok(free) = self.io.free_space(&self.dir).await {
                let short = free < self.config.reserve_bytes;
                if self.no_space.replace(short) != short {
                    tracing::warn!(dir = %self.dir.display(), free, short, "free space");
                    self.room.notify();
                    self.destage.notify();
                }
            }
            self.io.sleep(self.config.space_poll).await;
        }
    }

    /// Leaves everything in order: all bytes in their segments, files cut to length, Kafka's own
    /// files beside them, and a checkpoint that says that no journal is needed.
    pub(super) async fn close(&self) -> Result<(), StorageError> {
        let journal = &self.journal;
        journal.acks().wait(journal.last_ticket()).await?;
        let logs: Vec<Rc<PartitionLog>> = self.logs.borrow().values().cloned().collect();
        for log in &logs {
            let _pass = log.gate.enter().await;
            log.destage_inside(Extent::All, true).await?;
            log.close().await?;
        }
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
            (snapshot, epoch_file(&state.image.epochs), state.image.next_offset)
        };
        let dir = self.dir();
        self.write_beside(dir.join(format!("{next:020}.snapshot")), &snapshot).await?;
        self.write_beside(dir.join("leader-epoch-checkpoint"), epochs.as_bytes()).await?;
        let synced = self.shared.io.sync_dir(&dir).await;
        synced.map_err(|e| self.shared.write_failed("syncing", &dir, e))
    }

    async fn write_beside(&self, path: PathBuf, bytes: &[u8]) -> Result<(), StorageError> {
        let written = write_file(&self.shared.io, &path, bytes).await;
        written.map_err(|e| self.shared.write_failed("writing", &path, e))
    }
}

/// Kafka's `leader-epoch-checkpoint`: version, count, and a line for each epoch.
fn epoch_file(epochs: &[(i32, i64)]) -> String {
    let lines: String = epochs.iter().map(|(epoch, start)| format!("{epoch} {start}\n")).collect();
    format!("0\n{}\n{lines}", epochs.len())
}
