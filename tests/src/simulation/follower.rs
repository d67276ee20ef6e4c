//! A follower whose leader changes: appends to logs of its own and cuts them from the end, also what is
//! durable already.

use std::rc::Rc;
use std::time::Duration;

use ringlog_engine::log::{PartitionLog, StorageError};

use super::actors::{self, Progress, Stage};
use super::model::LogModel;

/// Works on the stage's followed logs until it is told to end; creates one called `name` when there is
/// none.
pub async fn follow(stage: Rc<Stage>, name: String) {
    if stage.followed.borrow().is_empty() && !create(&stage, &name).await {
        return;
    }
    while !stage.closing.get() {
        stage.pause(Duration::from_millis(6)).await;
        let Some((log, model)) = pick(&stage) else { return };
        if grow(&stage, &log, &model).await.is_err() {
            return;
        }
        if stage.chance(2) && cut(&stage, &log, &model).await.is_err() {
            return;
        }
        if stage.chance(10) {
            actors::trim(&stage, &log, &model).await;
        }
        if stage.chance(20) {
            log.set_config(actors::log_config(&stage.io));
        }
        let (start, end) = (log.log_start_offset(), log.durable_end_offset());
        look(&stage, &log, &model, (start, end)).await;
    }
}

/// Reads the followed logs while they are cut.
pub async fn watch(stage: Rc<Stage>) {
    while !stage.closing.get() {
        stage.pause(Duration::from_millis(3)).await;
        let Some((log, model)) = pick(&stage) else { continue };
        let (start, end) = (log.log_start_offset(), log.log_end_offset());
        look(&stage, &log, &model, (start, end)).await;
    }
}

fn pick(stage: &Stage) -> Option<(Rc<PartitionLog>, Rc<LogModel>)> {
    let logs = stage.followed.borrow();
    logs.get(stage.below(logs.len() as u64) as usize).cloned()
}

/// Reads a little in some place.
async fn look(stage: &Stage, log: &PartitionLog, model: &LogModel, (start, end): (i64, i64)) {
    let mut offset = start + stage.below((end - start).max(1) as u64) as i64;
    let cuts = model.cuts.get();
    for _ in 0..stage.below(4) {
        if model.cuts.get() != cuts {
            // The end may lie inside a batch by now.
            break;
        }
        match actors::read(stage, log, model, offset, end).await {
            Some(next) => offset = next,
            None => break,
        }
    }
}

/// Appends some batches. Not all are waited for: those may be lost in a crash, or cut before they are
/// durable.
async fn grow(stage: &Rc<Stage>, log: &Rc<PartitionLog>, model: &Rc<LogModel>) -> Result<(), ()> {
    for _ in 0..stage.below(12) {
        let sent = actors::batch(stage, None);
        let waiting = actors::append(stage, log, model, sent, None).await?;
        if let Some(waiting) = waiting
            && stage.chance(3)
        {
            waiting.await;
        }
    }
    Ok(())
}

/// Cuts the log somewhere, most often near its end. A new leader is why, so an epoch begins.
async fn cut(stage: &Stage, log: &PartitionLog, model: &LogModel) -> Result<(), ()> {
    let (start, end) = (model.start.get().asked.max(log.log_start_offset()), log.log_end_offset());
    let most = if stage.chance(4) { end - start } else { (end - start).min(20) };
    let offset = end - stage.below(most as u64 + 1) as i64;
    model.cut_begun(offset);
    match log.truncate_to(offset).await {
        Ok(end) => {
            model.cut_done(end, log.durable_end_offset());
            model.check_epochs(|epoch| log.end_offset_for_epoch(epoch), end);
            Progress::add(&stage.progress.cut);
            Ok(())
        }
        // Nothing was begun.
        Err(error @ (StorageError::NoSpace { .. } | StorageError::Io { .. })) => {
            // Nothing is cut next to damage.
            if !stage.faults.flips {
                stage.excuse("cut", &error);
            }
            model.cut_refused(log.log_end_offset());
            stage.io.sleep(Duration::from_millis(100)).await;
            Ok(())
        }
        Err(error) => {
            stage.excuse("cut", &error);
            Err(())
        }
    }
}

async fn create(stage: &Stage, name: &str) -> bool {
    let model = LogModel::followed(name, stage.io.random_uuid());
    actors::create_as(stage, model, &stage.followed).await
}
