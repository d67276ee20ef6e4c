//! librdkafka, set up for tests.

use std::time::{Duration, Instant};

use rdkafka::admin::AdminClient;
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::BorrowedMessage;
use rdkafka::{Message, Offset, TopicPartitionList};

/// Longest wait for any single answer.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What every client of a test starts from.
pub fn config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", bootstrap)
        .set("broker.address.family", "v4")
        .set("reconnect.backoff.ms", "20")
        .set("reconnect.backoff.max.ms", "200");
    config
}

/// An administration client.
///
/// # Errors
/// When librdkafka refuses its settings.
pub fn admin(bootstrap: &str) -> Result<AdminClient<DefaultClientContext>, KafkaError> {
    config(bootstrap).create()
}

/// A consumer assigned to whole partitions of `topic` from their beginning, outside any group.
///
/// # Errors
/// When librdkafka refuses.
pub fn reader(bootstrap: &str, topic: &str, partitions: i32) -> Result<BaseConsumer, KafkaError> {
    let consumer: BaseConsumer = config(bootstrap)
        .set("group.id", "reader")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "false")
        .set("auto.offset.reset", "earliest")
        .set("check.crcs", "true")
        .create()?;
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition_offset(topic, partition, Offset::Beginning)?;
    }
    consumer.assign(&list)?;
    Ok(consumer)
}

/// Reads every record of every partition up to the end that the broker tells at the call.
///
/// # Errors
/// When the broker stays unreachable, or no record comes for [`PATIENCE`].
pub fn read_all(
    bootstrap: &str,
    topic: &str,
    partitions: i32,
    mut each: impl FnMut(&BorrowedMessage<'_>),
) -> Result<u64, KafkaError> {
    let consumer = reader(bootstrap, topic, partitions)?;
    let mut left = 0;
    let mut ends = Vec::new();
    for partition in 0..partitions {
        let (low, high) = consumer.fetch_watermarks(topic, partition, PATIENCE)?;
        left += u64::from(high > low);
        ends.push(high);
    }
    let mut count = 0;
    let mut quiet_since = Instant::now();
    while left > 0 {
        match consumer.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                quiet_since = Instant::now();
                let end = ends[usize::try_from(message.partition()).unwrap_or_default()];
                if message.offset() < end {
                    count += 1;
                    each(&message);
                }
                if message.offset() + 1 == end {
                    left -= 1;
                }
            }
            Some(Err(e)) if quiet_since.elapsed() > PATIENCE => return Err(e),
            None if quiet_since.elapsed() > PATIENCE => {
                return Err(KafkaError::MessageConsumption(
                    rdkafka::types::RDKafkaErrorCode::OperationTimedOut,
                ));
            }
            _ => {}
        }
    }
    Ok(count)
}
