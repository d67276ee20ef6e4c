//! A follower whose leader changes: appends to logs of its own and cuts them from the end, also what is
//! durable already.

use std::rc::Rc;
use std::time::Duration;

use ringlog_engine::log::{PartitionLog, StorageError};

use super::actors::{self, Progress, Stage};
use super::model::{Life, LogModel};

/// Works on the stage's followed logs until it is told to end; creates one called `name` when there is
/// none.
pub async fn follow(stage: Rc<Stage>, name: String) {
    if stage.followed.borrow().is_empty() && !create(&stage, &name).await {
        return;
    }
    while !stage.closing.get() {
        stage.pause(Duration::from_millis(6)).await;
        let picked = {
            let logs = stage.followed.borrow();
            logs.get(stage.below(logs.len() as u64) as usize).cloned()
        };
        let Some((log, model)) = picked else { return };
        if grow(&stage, &log, &model).await.is_err() {
            return;
        }
        if stage.chance(2) && cut(&stage, &log, &model).await.is_err() {
            return;
        }
        let (start, end) = (log.log_start_offset(), log.durable_end_offset());
        let mut offset = start + stage.below((end - start).max(1) as u64) as i64;
        for _ in 0..stage.below(4) {
            match actors::read(&stage, &log, &model, offset, end).await {
                Some(next) => offset = next,
                None => break,
            }
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

/// Cuts the log somewhere, most often near its end.
async fn cut(stage: &Stage, log: &PartitionLog, model: &LogModel) -> Result<(), ()> {
    let (start, end) = (log.log_start_offset(), log.log_end_offset());
    let most = if stage.chance(4) { end - start } else { (end - start).min(20) };
    let offset = end - stage.below(most as u64 + 1) as i64;
    model.cut_begun(offset);
    match log.truncate_to(offset).await {
        Ok(end) => {
            model.cut_done(end);
            assert_eq!(
                log.durable_end_offset(),
                end,
                "{}: nothing is left to wait for",
                model.name
            );
            Progress::add(&stage.progress.cut);
            Ok(())
        }
        // Nothing was begun.
        Err(StorageError::NoSpace { .. }) => {
            model.cutting.set(None);
            stage.io.sleep(Duration::from_millis(100)).await;
            Ok(())
        }
        Err(e) => {
            stage.excuse("cut", &e);
            Err(())
        }
    }
}

async fn create(stage: &Rc<Stage>, name: &str) -> bool {
    let topic_id = stage.io.random_uuid();
    let model = Rc::new(LogModel::followed(name, topic_id));
    model.lying.set(stage.faults.lying);
    stage.models.borrow_mut().push(model.clone());
    match stage.storage.create_log(name, topic_id, 0, actors::log_config(&stage.io)).await {
        Ok(log) => {
            model.life.set(Life::Created);
            stage.followed.borrow_mut().push((log, model));
            true
        }
        Err(e) => {
            stage.excuse("create", &e);
            false
        }
    }
}
