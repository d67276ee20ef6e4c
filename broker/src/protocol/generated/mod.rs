// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! Messages as `cargo xtask codegen` writes them from Kafka's definitions.
//!
//! One module a message: it holds the message's nested types too, whose names are not unique.
//! Nothing here is written by hand; what all messages share is in the parent module.
#![allow(clippy::field_reassign_with_default)]

pub mod alter_configs_request;
pub mod alter_configs_response;
mod api_key;
pub mod api_versions_request;
pub mod api_versions_response;
pub mod broker_registration_change_record;
pub mod config_record;
pub mod consumer_protocol_assignment;
pub mod consumer_protocol_subscription;
pub mod create_partitions_request;
pub mod create_partitions_response;
pub mod create_topics_request;
pub mod create_topics_response;
pub mod delete_groups_request;
pub mod delete_groups_response;
pub mod delete_records_request;
pub mod delete_records_response;
pub mod delete_topics_request;
pub mod delete_topics_response;
pub mod describe_cluster_request;
pub mod describe_cluster_response;
pub mod describe_configs_request;
pub mod describe_configs_response;
pub mod describe_groups_request;
pub mod describe_groups_response;
pub mod describe_log_dirs_request;
pub mod describe_log_dirs_response;
pub mod describe_producers_request;
pub mod describe_producers_response;
pub mod describe_topic_partitions_request;
pub mod describe_topic_partitions_response;
pub mod feature_level_record;
pub mod fence_broker_record;
pub mod fetch_request;
pub mod fetch_response;
pub mod find_coordinator_request;
pub mod find_coordinator_response;
pub mod group_metadata_key;
pub mod group_metadata_value;
pub mod heartbeat_request;
pub mod heartbeat_response;
pub mod incremental_alter_configs_request;
pub mod incremental_alter_configs_response;
pub mod init_producer_id_request;
pub mod init_producer_id_response;
pub mod join_group_request;
pub mod join_group_response;
pub mod leader_change_message;
pub mod leave_group_request;
pub mod leave_group_response;
pub mod legacy_offset_commit_key;
pub mod legacy_offset_commit_value;
pub mod list_config_resources_request;
pub mod list_config_resources_response;
pub mod list_groups_request;
pub mod list_groups_response;
pub mod list_offsets_request;
pub mod list_offsets_response;
pub mod metadata_request;
pub mod metadata_response;
pub mod no_op_record;
pub mod offset_commit_key;
pub mod offset_commit_request;
pub mod offset_commit_response;
pub mod offset_commit_value;
pub mod offset_delete_request;
pub mod offset_delete_response;
pub mod offset_fetch_request;
pub mod offset_fetch_response;
pub mod offset_for_leader_epoch_request;
pub mod offset_for_leader_epoch_response;
pub mod partition_change_record;
pub mod partition_record;
pub mod produce_request;
pub mod produce_response;
pub mod producer_ids_record;
pub mod register_broker_record;
pub mod remove_topic_record;
pub mod request_header;
pub mod response_header;
pub mod sasl_handshake_request;
pub mod sasl_handshake_response;
pub mod snapshot_header_record;
pub mod sync_group_request;
pub mod sync_group_response;
pub mod topic_record;
pub mod unfence_broker_record;
pub mod unregister_broker_record;

pub use alter_configs_request::{AlterConfigsRequest, AlterConfigsRequestView};
pub use alter_configs_response::{AlterConfigsResponse, AlterConfigsResponseView};
pub use api_key::ApiKey;
pub use api_versions_request::{ApiVersionsRequest, ApiVersionsRequestView};
pub use api_versions_response::{ApiVersionsResponse, ApiVersionsResponseView};
pub use broker_registration_change_record::{
    BrokerRegistrationChangeRecord, BrokerRegistrationChangeRecordView,
};
pub use config_record::{ConfigRecord, ConfigRecordView};
pub use consumer_protocol_assignment::{
    ConsumerProtocolAssignment, ConsumerProtocolAssignmentView,
};
pub use consumer_protocol_subscription::{
    ConsumerProtocolSubscription, ConsumerProtocolSubscriptionView,
};
pub use create_partitions_request::{CreatePartitionsRequest, CreatePartitionsRequestView};
pub use create_partitions_response::{CreatePartitionsResponse, CreatePartitionsResponseView};
pub use create_topics_request::{CreateTopicsRequest, CreateTopicsRequestView};
pub use create_topics_response::{CreateTopicsResponse, CreateTopicsResponseView};
pub use delete_groups_request::{DeleteGroupsRequest, DeleteGroupsRequestView};
pub use delete_groups_response::{DeleteGroupsResponse, DeleteGroupsResponseView};
pub use delete_records_request::{DeleteRecordsRequest, DeleteRecordsRequestView};
pub use delete_records_response::{DeleteRecordsResponse, DeleteRecordsResponseView};
pub use delete_topics_request::{DeleteTopicsRequest, DeleteTopicsRequestView};
pub use delete_topics_response::{DeleteTopicsResponse, DeleteTopicsResponseView};
pub use describe_cluster_request::{DescribeClusterRequest, DescribeClusterRequestView};
pub use describe_cluster_response::{DescribeClusterResponse, DescribeClusterResponseView};
pub use describe_configs_request::{DescribeConfigsRequest, DescribeConfigsRequestView};
pub use describe_configs_response::{DescribeConfigsResponse, DescribeConfigsResponseView};
pub use describe_groups_request::{DescribeGroupsRequest, DescribeGroupsRequestView};
pub use describe_groups_response::{DescribeGroupsResponse, DescribeGroupsResponseView};
pub use describe_log_dirs_request::{DescribeLogDirsRequest, DescribeLogDirsRequestView};
pub use describe_log_dirs_response::{DescribeLogDirsResponse, DescribeLogDirsResponseView};
pub use describe_producers_request::{DescribeProducersRequest, DescribeProducersRequestView};
pub use describe_producers_response::{DescribeProducersResponse, DescribeProducersResponseView};
pub use describe_topic_partitions_request::{
    DescribeTopicPartitionsRequest, DescribeTopicPartitionsRequestView,
};
pub use describe_topic_partitions_response::{
    DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponseView,
};
pub use feature_level_record::{FeatureLevelRecord, FeatureLevelRecordView};
pub use fence_broker_record::{FenceBrokerRecord, FenceBrokerRecordView};
pub use fetch_request::{FetchRequest, FetchRequestView};
pub use fetch_response::{FetchResponse, FetchResponseView};
pub use find_coordinator_request::{FindCoordinatorRequest, FindCoordinatorRequestView};
pub use find_coordinator_response::{FindCoordinatorResponse, FindCoordinatorResponseView};
pub use group_metadata_key::{GroupMetadataKey, GroupMetadataKeyView};
pub use group_metadata_value::{GroupMetadataValue, GroupMetadataValueView};
pub use heartbeat_request::{HeartbeatRequest, HeartbeatRequestView};
pub use heartbeat_response::{HeartbeatResponse, HeartbeatResponseView};
pub use incremental_alter_configs_request::{
    IncrementalAlterConfigsRequest, IncrementalAlterConfigsRequestView,
};
pub use incremental_alter_configs_response::{
    IncrementalAlterConfigsResponse, IncrementalAlterConfigsResponseView,
};
pub use init_producer_id_request::{InitProducerIdRequest, InitProducerIdRequestView};
pub use init_producer_id_response::{InitProducerIdResponse, InitProducerIdResponseView};
pub use join_group_request::{JoinGroupRequest, JoinGroupRequestView};
pub use join_group_response::{JoinGroupResponse, JoinGroupResponseView};
pub use leader_change_message::{LeaderChangeMessage, LeaderChangeMessageView};
pub use leave_group_request::{LeaveGroupRequest, LeaveGroupRequestView};
pub use leave_group_response::{LeaveGroupResponse, LeaveGroupResponseView};
pub use legacy_offset_commit_key::{LegacyOffsetCommitKey, LegacyOffsetCommitKeyView};
pub use legacy_offset_commit_value::{LegacyOffsetCommitValue, LegacyOffsetCommitValueView};
pub use list_config_resources_request::{
    ListConfigResourcesRequest, ListConfigResourcesRequestView,
};
pub use list_config_resources_response::{
    ListConfigResourcesResponse, ListConfigResourcesResponseView,
};
pub use list_groups_request::{ListGroupsRequest, ListGroupsRequestView};
pub use list_groups_response::{ListGroupsResponse, ListGroupsResponseView};
pub use list_offsets_request::{ListOffsetsRequest, ListOffsetsRequestView};
pub use list_offsets_response::{ListOffsetsResponse, ListOffsetsResponseView};
pub use metadata_request::{MetadataRequest, MetadataRequestView};
pub use metadata_response::{MetadataResponse, MetadataResponseView};
pub use no_op_record::{NoOpRecord, NoOpRecordView};
pub use offset_commit_key::{OffsetCommitKey, OffsetCommitKeyView};
pub use offset_commit_request::{OffsetCommitRequest, OffsetCommitRequestView};
pub use offset_commit_response::{OffsetCommitResponse, OffsetCommitResponseView};
pub use offset_commit_value::{OffsetCommitValue, OffsetCommitValueView};
pub use offset_delete_request::{OffsetDeleteRequest, OffsetDeleteRequestView};
pub use offset_delete_response::{OffsetDeleteResponse, OffsetDeleteResponseView};
pub use offset_fetch_request::{OffsetFetchRequest, OffsetFetchRequestView};
pub use offset_fetch_response::{OffsetFetchResponse, OffsetFetchResponseView};
pub use offset_for_leader_epoch_request::{
    OffsetForLeaderEpochRequest, OffsetForLeaderEpochRequestView,
};
pub use offset_for_leader_epoch_response::{
    OffsetForLeaderEpochResponse, OffsetForLeaderEpochResponseView,
};
pub use partition_change_record::{PartitionChangeRecord, PartitionChangeRecordView};
pub use partition_record::{PartitionRecord, PartitionRecordView};
pub use produce_request::{ProduceRequest, ProduceRequestView};
pub use produce_response::{ProduceResponse, ProduceResponseView};
pub use producer_ids_record::{ProducerIdsRecord, ProducerIdsRecordView};
pub use register_broker_record::{RegisterBrokerRecord, RegisterBrokerRecordView};
pub use remove_topic_record::{RemoveTopicRecord, RemoveTopicRecordView};
pub use request_header::{RequestHeader, RequestHeaderView};
pub use response_header::{ResponseHeader, ResponseHeaderView};
pub use sasl_handshake_request::{SaslHandshakeRequest, SaslHandshakeRequestView};
pub use sasl_handshake_response::{SaslHandshakeResponse, SaslHandshakeResponseView};
pub use snapshot_header_record::{SnapshotHeaderRecord, SnapshotHeaderRecordView};
pub use sync_group_request::{SyncGroupRequest, SyncGroupRequestView};
pub use sync_group_response::{SyncGroupResponse, SyncGroupResponseView};
pub use topic_record::{TopicRecord, TopicRecordView};
pub use unfence_broker_record::{UnfenceBrokerRecord, UnfenceBrokerRecordView};
pub use unregister_broker_record::{UnregisterBrokerRecord, UnregisterBrokerRecordView};

/// Calls a macro once with further arguments, if there are any, and the names of every message, all
/// followed by commas: for tests of every one.
#[macro_export]
macro_rules! for_each_message {
    ($callback:ident $(, $argument:tt)*) => {
        $callback! {
            $($argument,)*
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
            LegacyOffsetCommitKey,
            LegacyOffsetCommitValue,
            OffsetCommitKey,
            OffsetCommitValue,
            GroupMetadataKey,
            GroupMetadataValue,
            RegisterBrokerRecord,
            UnregisterBrokerRecord,
            TopicRecord,
            PartitionRecord,
            ConfigRecord,
            PartitionChangeRecord,
            FenceBrokerRecord,
            UnfenceBrokerRecord,
            RemoveTopicRecord,
            FeatureLevelRecord,
            ProducerIdsRecord,
            BrokerRegistrationChangeRecord,
            NoOpRecord,
            LeaderChangeMessage,
            SnapshotHeaderRecord,
        }
    };
}

/// Calls a macro once with further arguments, if there are any, and the names of every request, all
/// followed by commas: for tests of every one.
#[macro_export]
macro_rules! for_each_request {
    ($callback:ident $(, $argument:tt)*) => {
        $callback! {
            $($argument,)*
            ProduceRequest,
            FetchRequest,
            ListOffsetsRequest,
            MetadataRequest,
            OffsetCommitRequest,
            OffsetFetchRequest,
            FindCoordinatorRequest,
            JoinGroupRequest,
            HeartbeatRequest,
            LeaveGroupRequest,
            SyncGroupRequest,
            DescribeGroupsRequest,
            ListGroupsRequest,
            SaslHandshakeRequest,
            ApiVersionsRequest,
            CreateTopicsRequest,
            DeleteTopicsRequest,
            DeleteRecordsRequest,
            InitProducerIdRequest,
            OffsetForLeaderEpochRequest,
            DescribeConfigsRequest,
            AlterConfigsRequest,
            DescribeLogDirsRequest,
            CreatePartitionsRequest,
            DeleteGroupsRequest,
            IncrementalAlterConfigsRequest,
            OffsetDeleteRequest,
            DescribeClusterRequest,
            DescribeProducersRequest,
            ListConfigResourcesRequest,
            DescribeTopicPartitionsRequest,
        }
    };
}
