//! What a shard does for its partitions from time to time: retention, forgetting idempotent
//! producers that are gone, creating and deleting logs for which that failed.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use ringlog_engine::log::Health;

use super::Broker;
use super::boot::either;

/// The first round of retention comes this soon after the start, as in Kafka.
const FIRST_RETENTION: Duration = Duration::from_secs(30);

/// Pause between two tries to create or delete logs for which that failed.
const LOGS_PAUSE: Duration = Duration::from_secs(1);

/// Starts the upkeep of this shard's partitions; it ends when the node stops.
pub(super) fn start(broker: &Rc<Broker>) {
    let config = broker.config();
    let millis = |ms: i64| Duration::from_millis(u64::try_from(ms).unwrap_or(0).max(1));
    let retention = millis(config.log_retention_check_interval_ms);
    let expiry = millis(i64::from(config.producer_id_expiration_check_interval_ms));
    let first = retention.min(FIRST_RETENTION);
    repeat(broker, first, retention, |broker| async move { apply_retention(&broker).await });
    repeat(broker, LOGS_PAUSE, LOGS_PAUSE, |broker| async move { create_logs(&broker).await });
    repeat(broker, LOGS_PAUSE, LOGS_PAUSE, |broker| async move { broker.delete_logs().await });
    repeat(broker, expiry, expiry, |broker| async move { expire_producers(&broker) });
}

fn repeat<F: Future<Output = ()>>(
    broker: &Rc<Broker>,
    first: Duration,
    pause: Duration,
    work: impl Fn(Rc<Broker>) -> F + 'static,
) {
    let broker = broker.clone();
    broker.clone().io.spawn(async move {
        let mut next = first;
        while !broker.is_stopping() {
            let stopping = broker.stopping.notified();
            if either(broker.io.sleep(next), stopping).await.is_none() {
                return;
            }
            work(broker.clone()).await;
            next = pause;
        }
    });
}

/// Tries again to create logs for which there was no space.
async fn create_logs(broker: &Broker) {
    let ready = broker.storage().is_some_and(|storage| matches!(storage.health(), Health::Ok));
    if ready && broker.lacks_logs() {
        // In turn with all other changes. A controller that is gone changes nothing any more.
        let published = broker.on_controller(|controller| async move {
            controller.publish_again().await;
        });
        published.await.unwrap_or_default();
    }
}

/// Deletes segments that retention lets go, below the high watermark.
async fn apply_retention(broker: &Broker) {
    for partition in broker.partitions() {
        if broker.is_stopping() {
            return;
        }
        if partition.is_retired() {
            continue;
        }
        let log = partition.log();
        let before = log.log_start_offset();
        match log.apply_retention(broker.io.wall_ms(), partition.high_watermark()).await {
            Ok(start) if start > before => {
                let (log, from, to) = (log.dir_name(), before, start);
                tracing::info!(log, from, to, "retention moved the log start");
            }
            Ok(_) => {}
            // A log whose topic was deleted meanwhile, or storage that has failed and said so.
            Err(error) => tracing::warn!(log = log.dir_name(), %error, "retention not applied"),
        }
    }
}

fn expire_producers(broker: &Broker) {
    let expiration_ms = i64::from(broker.config().producer_id_expiration_ms);
    for partition in broker.partitions() {
        let gone = partition.log().expire_producers(broker.io.wall_ms(), expiration_ms);
        if gone > 0 {
            tracing::debug!(log = partition.log().dir_name(), gone, "producers forgotten");
        }
    }
}
