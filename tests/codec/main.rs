//! The codec against another one that was written without knowledge of it: random instances of the
//! messages, encoded here, must be decoded and encoded to the same bytes by the kafka-protocol crate.
//! `tests/codec/run` does the same with Apache Kafka's own classes, where java is at hand.
#![forbid(unsafe_code)]

use bytes::{Bytes, BytesMut};
use kafka_protocol::messages as theirs;
use kafka_protocol::protocol::{Decodable, Encodable, Message as TheirMessage};
use ringlog::protocol::fill::{Fill, Filled};
use ringlog::protocol::{Message, Writer, generated as ours};

/// Instances of each message and version.
const SEEDS: u64 = 25;

fn compare<Ours, Theirs>() -> u32
where
    Ours: Message + Filled,
    Theirs: Decodable + Encodable + TheirMessage,
{
    let mut versions = 0;
    for version in Ours::MIN_VERSION..=Ours::MAX_VERSION {
        if !(Theirs::VERSIONS.min..=Theirs::VERSIONS.max).contains(&version) {
            continue;
        }
        versions += 1;
        for seed in 0..SEEDS {
            let message = Ours::filled(&mut Fill::new(seed), Ours::format(version));
            let what = format!("{} version {version} seed {seed}", Ours::NAME);
            let mut w = Writer::new();
            message.encode(&mut w, version).expect(&what);
            let bytes = w.into_bytes().expect(&what);

            let mut rest = Bytes::from(bytes.clone());
            let decoded = Theirs::decode(&mut rest, version).expect(&what);
            assert!(rest.is_empty(), "{what}: {} bytes were left over", rest.len());
            let mut again = BytesMut::new();
            decoded.encode(&mut again, version).expect(&what);
            assert_eq!(again, bytes, "{what}");
        }
    }
    versions
}

macro_rules! compare_all {
    ($($name:ident,)*) => {
        #[test]
        fn another_codec_reads_and_writes_the_same_bytes() {
            let mut versions = 0;
            $(
                let compared = compare::<ours::$name, theirs::$name>();
                assert!(compared > 0, "{} has no version in common", stringify!($name));
                versions += compared;
            )*
            assert!(versions > 250, "only {versions} versions were compared");
        }
    };
}

compare_all! {
    RequestHeader,
    ResponseHeader,
    ProduceRequest,
    ProduceResponse,
    FetchRequest,
    FetchResponse,
    ListOffsetsRequest,
    ListOffsetsResponse,
    MetadataRequest,
    MetadataResponse,
    OffsetCommitRequest,
    OffsetCommitResponse,
    OffsetFetchRequest,
    OffsetFetchResponse,
    FindCoordinatorRequest,
    FindCoordinatorResponse,
    JoinGroupRequest,
    JoinGroupResponse,
    HeartbeatRequest,
    HeartbeatResponse,
    LeaveGroupRequest,
    LeaveGroupResponse,
    SyncGroupRequest,
    SyncGroupResponse,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
    ListGroupsRequest,
    ListGroupsResponse,
    SaslHandshakeRequest,
    SaslHandshakeResponse,
    ApiVersionsRequest,
    ApiVersionsResponse,
    CreateTopicsRequest,
    CreateTopicsResponse,
    DeleteTopicsRequest,
    DeleteTopicsResponse,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    InitProducerIdRequest,
    InitProducerIdResponse,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    DescribeConfigsRequest,
    DescribeConfigsResponse,
    AlterConfigsRequest,
    AlterConfigsResponse,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    DeleteGroupsRequest,
    DeleteGroupsResponse,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeProducersRequest,
    DescribeProducersResponse,
    ListConfigResourcesRequest,
    ListConfigResourcesResponse,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    ConsumerProtocolSubscription,
    ConsumerProtocolAssignment,
}
