//! DescribeLogDirs (35): the partitions in the data directory and their bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ringlog_engine::io::ShardId;

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
        let dir = broker.settings.data_dir.clone();
        // The size of a volume is for people to look at: unknown is better than no answer.
        let space = broker.io.free_space(dir.clone()).await.ok();
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let result = DescribeLogDirsResult {
            log_dir: std::path::absolute(&dir).unwrap_or(dir).display().to_string(),
            topics: topics.collect(),
            total_bytes: -1,
            usable_bytes: space.map_or(-1, bytes),
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
