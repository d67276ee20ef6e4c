//! DescribeLogDirs (35): the partitions in the data directory and their bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ringlog_engine::io::ShardId;
use ringlog_engine::log::Health;

use super::{Answer, Context, Operation, Resource};
use crate::protocol::ErrorCode;
use crate::protocol::generated::describe_log_dirs_response::{
    DescribeLogDirsPartition, DescribeLogDirsResult, DescribeLogDirsTopic,
};
use crate::protocol::generated::{
    DescribeLogDirsRequest, DescribeLogDirsRequestView, DescribeLogDirsResponse,
};
use crate::server::Broker;

/// Topic, partition and bytes of a log.
type LogSize = (String, i32, u64);

pub(super) async fn handle(context: Context, request: DescribeLogDirsRequestView<'_>) -> Answer {
    let broker = context.broker.clone();
    if !context.is_allowed(Operation::Describe, Resource::Cluster) {
        let error_code = ErrorCode::ClusterAuthorizationFailed.code();
        let response = DescribeLogDirsResponse { error_code, ..Default::default() };
        return context.answer_now::<DescribeLogDirsRequest>(&response);
    }
    let wanted: Option<BTreeSet<(String, i32)>> = request.topics.map(|topics| {
        let pairs = topics.iter().flat_map(|topic| {
            topic.partitions.iter().map(move |partition| (topic.topic.to_owned(), partition))
        });
        pairs.collect()
    });
    context.answer::<DescribeLogDirsRequest>(async move {
        let log_dir = broker.settings.absolute_data_dir();
        let health = broker.storage().map(|storage| storage.health());
        if matches!(health, Some(Health::Failed(_))) {
            // What it holds is not told, as in Kafka.
            let error_code = ErrorCode::KafkaStorageError.code();
            let result = DescribeLogDirsResult { error_code, log_dir, ..Default::default() };
            return DescribeLogDirsResponse { results: vec![result], ..Default::default() };
        }
        let mut topics: BTreeMap<String, Vec<DescribeLogDirsPartition>> = BTreeMap::new();
        for (topic, partition_index, bytes) in sizes(&broker).await {
            let key = (topic, partition_index);
            if wanted.as_ref().is_none_or(|wanted| wanted.contains(&key)) {
                topics.entry(key.0).or_default().push(DescribeLogDirsPartition {
                    partition_index,
                    partition_size: i64::try_from(bytes).unwrap_or(i64::MAX),
                    ..Default::default()
                });
            }
        }
        let topics = topics.into_iter().map(|(name, mut partitions)| {
            partitions.sort_by_key(|partition| partition.partition_index);
            DescribeLogDirsTopic { name, partitions }
        });
        // The size of a volume is for people to look at: unknown is better than no answer.
        let space = broker.io.space(broker.settings.data_dir.clone()).await.ok();
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let result = DescribeLogDirsResult {
            log_dir,
            topics: topics.collect(),
            total_bytes: space.map_or(-1, |space| bytes(space.total)),
            usable_bytes: space.map_or(-1, |space| bytes(space.free)),
            ..Default::default()
        };
        DescribeLogDirsResponse { results: vec![result], ..Default::default() }
    })
}

async fn sizes(broker: &Rc<Broker>) -> Vec<LogSize> {
    let mut sizes = Vec::new();
    for shard in (0..broker.seat.shards()).map(ShardId) {
        let job = |broker: Rc<Broker>| async move {
            let partitions = broker.partitions();
            let size = |partition: &Rc<crate::partition::Partition>| {
                (partition.topic().to_owned(), partition.number(), partition.log().size_bytes())
            };
            partitions.iter().map(size).collect::<Vec<LogSize>>()
        };
        // A shard that has stopped has nothing to show.
        sizes.extend(broker.seat.submit_to(shard, job).await.unwrap_or_default());
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::testing::TestNode;

    #[test]
    fn the_file_system_is_told_from_version_4_on() {
        let mut node = TestNode::start(1, |_| {});
        node.create_topic("t", 2);
        node.write("t", 1, &[7; 500]);
        let answer = node.call(4, &DescribeLogDirsRequest { topics: None });
        let [result] = &answer.results[..] else { panic!("{answer:?}") };
        assert_eq!((result.error_code, result.log_dir.as_str()), (0, "/data"));
        assert!(result.usable_bytes > 0 && result.usable_bytes < result.total_bytes, "{result:?}");
        let sizes = result.topics[0].partitions.iter().map(|part| part.partition_size);
        let sizes: Vec<i64> = sizes.collect();
        assert!(sizes.len() == 2 && sizes[0] == 0 && sizes[1] > 500, "{sizes:?}");
        let older = node.call(3, &DescribeLogDirsRequest { topics: None });
        assert_eq!((older.results[0].total_bytes, older.results[0].usable_bytes), (-1, -1));
    }

    #[test]
    fn a_directory_that_failed_is_told_as_such_by_every_shard() {
        let mut node = TestNode::start(2, |_| {});
        node.create_topic("t", 2);
        node.broker(1).storage().expect("it serves").take_offline("the device is gone");
        node.world.run_for(std::time::Duration::from_millis(100));
        let answer = node.call(5, &DescribeLogDirsRequest { topics: None });
        let [result] = &answer.results[..] else { panic!("{answer:?}") };
        assert_eq!(result.error_code, ErrorCode::KafkaStorageError.code());
        assert_eq!((result.log_dir.as_str(), result.topics.len()), ("/data", 0));
        assert_eq!((result.total_bytes, result.usable_bytes), (-1, -1));
    }
}
