// Written by `cargo xtask codegen` from Kafka's message definitions; do not edit.
//! Every API of Kafka: number, versions, headers.

/// An API of Kafka, whether Ringlog serves it or not. Versions are those that Kafka released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum ApiKey {
    /// Versions 3-13.
    Produce = 0,
    /// Versions 4-18.
    Fetch = 1,
    /// Versions 1-11.
    ListOffsets = 2,
    /// Versions 0-13.
    Metadata = 3,
    /// Versions 2-10.
    OffsetCommit = 8,
    /// Versions 1-10.
    OffsetFetch = 9,
    /// Versions 0-6.
    FindCoordinator = 10,
    /// Versions 0-9.
    JoinGroup = 11,
    /// Versions 0-4.
    Heartbeat = 12,
    /// Versions 0-5.
    LeaveGroup = 13,
    /// Versions 0-5.
    SyncGroup = 14,
    /// Versions 0-6.
    DescribeGroups = 15,
    /// Versions 0-5.
    ListGroups = 16,
    /// Versions 0-1.
    SaslHandshake = 17,
    /// Versions 0-4.
    ApiVersions = 18,
    /// Versions 2-7.
    CreateTopics = 19,
    /// Versions 1-6.
    DeleteTopics = 20,
    /// Versions 0-2.
    DeleteRecords = 21,
    /// Versions 0-5.
    InitProducerId = 22,
    /// Versions 2-4.
    OffsetForLeaderEpoch = 23,
    /// Versions 0-5.
    AddPartitionsToTxn = 24,
    /// Versions 0-4.
    AddOffsetsToTxn = 25,
    /// Versions 0-5.
    EndTxn = 26,
    /// Versions 1-2.
    WriteTxnMarkers = 27,
    /// Versions 0-5.
    TxnOffsetCommit = 28,
    /// Versions 1-3.
    DescribeAcls = 29,
    /// Versions 1-3.
    CreateAcls = 30,
    /// Versions 1-3.
    DeleteAcls = 31,
    /// Versions 1-4.
    DescribeConfigs = 32,
    /// Versions 0-2.
    AlterConfigs = 33,
    /// Versions 1-2.
    AlterReplicaLogDirs = 34,
    /// Versions 1-5.
    DescribeLogDirs = 35,
    /// Versions 0-2.
    SaslAuthenticate = 36,
    /// Versions 0-3.
    CreatePartitions = 37,
    /// Versions 1-3.
    CreateDelegationToken = 38,
    /// Versions 1-2.
    RenewDelegationToken = 39,
    /// Versions 1-2.
    ExpireDelegationToken = 40,
    /// Versions 1-3.
    DescribeDelegationToken = 41,
    /// Versions 0-2.
    DeleteGroups = 42,
    /// Versions 0-2.
    ElectLeaders = 43,
    /// Versions 0-1.
    IncrementalAlterConfigs = 44,
    /// Versions 0-1.
    AlterPartitionReassignments = 45,
    /// Version 0.
    ListPartitionReassignments = 46,
    /// Version 0.
    OffsetDelete = 47,
    /// Versions 0-1.
    DescribeClientQuotas = 48,
    /// Versions 0-1.
    AlterClientQuotas = 49,
    /// Version 0.
    DescribeUserScramCredentials = 50,
    /// Version 0.
    AlterUserScramCredentials = 51,
    /// Versions 0-2.
    Vote = 52,
    /// Versions 0-1.
    BeginQuorumEpoch = 53,
    /// Versions 0-1.
    EndQuorumEpoch = 54,
    /// Versions 0-2.
    DescribeQuorum = 55,
    /// Versions 2-3.
    AlterPartition = 56,
    /// Versions 0-2.
    UpdateFeatures = 57,
    /// Version 0.
    Envelope = 58,
    /// Versions 0-1.
    FetchSnapshot = 59,
    /// Versions 0-2.
    DescribeCluster = 60,
    /// Version 0.
    DescribeProducers = 61,
    /// Versions 0-4.
    BrokerRegistration = 62,
    /// Versions 0-2.
    BrokerHeartbeat = 63,
    /// Version 0.
    UnregisterBroker = 64,
    /// Version 0.
    DescribeTransactions = 65,
    /// Versions 0-2.
    ListTransactions = 66,
    /// Version 0.
    AllocateProducerIds = 67,
    /// Versions 0-1.
    ConsumerGroupHeartbeat = 68,
    /// Versions 0-1.
    ConsumerGroupDescribe = 69,
    /// Version 0.
    ControllerRegistration = 70,
    /// Version 0.
    GetTelemetrySubscriptions = 71,
    /// Version 0.
    PushTelemetry = 72,
    /// Version 0.
    AssignReplicasToDirs = 73,
    /// Versions 0-1.
    ListConfigResources = 74,
    /// Version 0.
    DescribeTopicPartitions = 75,
    /// Version 1.
    ShareGroupHeartbeat = 76,
    /// Version 1.
    ShareGroupDescribe = 77,
    /// Versions 1-2.
    ShareFetch = 78,
    /// Versions 1-2.
    ShareAcknowledge = 79,
    /// Versions 0-1.
    AddRaftVoter = 80,
    /// Version 0.
    RemoveRaftVoter = 81,
    /// Version 0.
    UpdateRaftVoter = 82,
    /// Version 0.
    InitializeShareGroupState = 83,
    /// Version 0.
    ReadShareGroupState = 84,
    /// Versions 0-1.
    WriteShareGroupState = 85,
    /// Version 0.
    DeleteShareGroupState = 86,
    /// Versions 0-1.
    ReadShareGroupStateSummary = 87,
    /// Version 0.
    StreamsGroupHeartbeat = 88,
    /// Version 0.
    StreamsGroupDescribe = 89,
    /// Versions 0-1.
    DescribeShareGroupOffsets = 90,
    /// Version 0.
    AlterShareGroupOffsets = 91,
    /// Version 0.
    DeleteShareGroupOffsets = 92,
}

impl ApiKey {
    /// Every API, by number.
    pub const ALL: &[Self] = &[
        Self::Produce,
        Self::Fetch,
        Self::ListOffsets,
        Self::Metadata,
        Self::OffsetCommit,
        Self::OffsetFetch,
        Self::FindCoordinator,
        Self::JoinGroup,
        Self::Heartbeat,
        Self::LeaveGroup,
        Self::SyncGroup,
        Self::DescribeGroups,
        Self::ListGroups,
        Self::SaslHandshake,
        Self::ApiVersions,
        Self::CreateTopics,
        Self::DeleteTopics,
        Self::DeleteRecords,
        Self::InitProducerId,
        Self::OffsetForLeaderEpoch,
        Self::AddPartitionsToTxn,
        Self::AddOffsetsToTxn,
        Self::EndTxn,
        Self::WriteTxnMarkers,
        Self::TxnOffsetCommit,
        Self::DescribeAcls,
        Self::CreateAcls,
        Self::DeleteAcls,
        Self::DescribeConfigs,
        Self::AlterConfigs,
        Self::AlterReplicaLogDirs,
        Self::DescribeLogDirs,
        Self::SaslAuthenticate,
        Self::CreatePartitions,
        Self::CreateDelegationToken,
        Self::RenewDelegationToken,
        Self::ExpireDelegationToken,
        Self::DescribeDelegationToken,
        Self::DeleteGroups,
        Self::ElectLeaders,
        Self::IncrementalAlterConfigs,
        Self::AlterPartitionReassignments,
        Self::ListPartitionReassignments,
        Self::OffsetDelete,
        Self::DescribeClientQuotas,
        Self::AlterClientQuotas,
        Self::DescribeUserScramCredentials,
        Self::AlterUserScramCredentials,
        Self::Vote,
        Self::BeginQuorumEpoch,
        Self::EndQuorumEpoch,
        Self::DescribeQuorum,
        Self::AlterPartition,
        Self::UpdateFeatures,
        Self::Envelope,
        Self::FetchSnapshot,
        Self::DescribeCluster,
        Self::DescribeProducers,
        Self::BrokerRegistration,
        Self::BrokerHeartbeat,
        Self::UnregisterBroker,
        Self::DescribeTransactions,
        Self::ListTransactions,
        Self::AllocateProducerIds,
        Self::ConsumerGroupHeartbeat,
        Self::ConsumerGroupDescribe,
        Self::ControllerRegistration,
        Self::GetTelemetrySubscriptions,
        Self::PushTelemetry,
        Self::AssignReplicasToDirs,
        Self::ListConfigResources,
        Self::DescribeTopicPartitions,
        Self::ShareGroupHeartbeat,
        Self::ShareGroupDescribe,
        Self::ShareFetch,
        Self::ShareAcknowledge,
        Self::AddRaftVoter,
        Self::RemoveRaftVoter,
        Self::UpdateRaftVoter,
        Self::InitializeShareGroupState,
        Self::ReadShareGroupState,
        Self::WriteShareGroupState,
        Self::DeleteShareGroupState,
        Self::ReadShareGroupStateSummary,
        Self::StreamsGroupHeartbeat,
        Self::StreamsGroupDescribe,
        Self::DescribeShareGroupOffsets,
        Self::AlterShareGroupOffsets,
        Self::DeleteShareGroupOffsets,
    ];

    /// The API with this number.
    pub fn from_id(id: i16) -> Option<Self> {
        match id {
            0 => Some(Self::Produce),
            1 => Some(Self::Fetch),
            2 => Some(Self::ListOffsets),
            3 => Some(Self::Metadata),
            8 => Some(Self::OffsetCommit),
            9 => Some(Self::OffsetFetch),
            10 => Some(Self::FindCoordinator),
            11 => Some(Self::JoinGroup),
            12 => Some(Self::Heartbeat),
            13 => Some(Self::LeaveGroup),
            14 => Some(Self::SyncGroup),
            15 => Some(Self::DescribeGroups),
            16 => Some(Self::ListGroups),
            17 => Some(Self::SaslHandshake),
            18 => Some(Self::ApiVersions),
            19 => Some(Self::CreateTopics),
            20 => Some(Self::DeleteTopics),
            21 => Some(Self::DeleteRecords),
            22 => Some(Self::InitProducerId),
            23 => Some(Self::OffsetForLeaderEpoch),
            24 => Some(Self::AddPartitionsToTxn),
            25 => Some(Self::AddOffsetsToTxn),
            26 => Some(Self::EndTxn),
            27 => Some(Self::WriteTxnMarkers),
            28 => Some(Self::TxnOffsetCommit),
            29 => Some(Self::DescribeAcls),
            30 => Some(Self::CreateAcls),
            31 => Some(Self::DeleteAcls),
            32 => Some(Self::DescribeConfigs),
            33 => Some(Self::AlterConfigs),
            34 => Some(Self::AlterReplicaLogDirs),
            35 => Some(Self::DescribeLogDirs),
            36 => Some(Self::SaslAuthenticate),
            37 => Some(Self::CreatePartitions),
            38 => Some(Self::CreateDelegationToken),
            39 => Some(Self::RenewDelegationToken),
            40 => Some(Self::ExpireDelegationToken),
            41 => Some(Self::DescribeDelegationToken),
            42 => Some(Self::DeleteGroups),
            43 => Some(Self::ElectLeaders),
            44 => Some(Self::IncrementalAlterConfigs),
            45 => Some(Self::AlterPartitionReassignments),
            46 => Some(Self::ListPartitionReassignments),
            47 => Some(Self::OffsetDelete),
            48 => Some(Self::DescribeClientQuotas),
            49 => Some(Self::AlterClientQuotas),
            50 => Some(Self::DescribeUserScramCredentials),
            51 => Some(Self::AlterUserScramCredentials),
            52 => Some(Self::Vote),
            53 => Some(Self::BeginQuorumEpoch),
            54 => Some(Self::EndQuorumEpoch),
            55 => Some(Self::DescribeQuorum),
            56 => Some(Self::AlterPartition),
            57 => Some(Self::UpdateFeatures),
            58 => Some(Self::Envelope),
            59 => Some(Self::FetchSnapshot),
            60 => Some(Self::DescribeCluster),
            61 => Some(Self::DescribeProducers),
            62 => Some(Self::BrokerRegistration),
            63 => Some(Self::BrokerHeartbeat),
            64 => Some(Self::UnregisterBroker),
            65 => Some(Self::DescribeTransactions),
            66 => Some(Self::ListTransactions),
            67 => Some(Self::AllocateProducerIds),
            68 => Some(Self::ConsumerGroupHeartbeat),
            69 => Some(Self::ConsumerGroupDescribe),
            70 => Some(Self::ControllerRegistration),
            71 => Some(Self::GetTelemetrySubscriptions),
            72 => Some(Self::PushTelemetry),
            73 => Some(Self::AssignReplicasToDirs),
            74 => Some(Self::ListConfigResources),
            75 => Some(Self::DescribeTopicPartitions),
            76 => Some(Self::ShareGroupHeartbeat),
            77 => Some(Self::ShareGroupDescribe),
            78 => Some(Self::ShareFetch),
            79 => Some(Self::ShareAcknowledge),
            80 => Some(Self::AddRaftVoter),
            81 => Some(Self::RemoveRaftVoter),
            82 => Some(Self::UpdateRaftVoter),
            83 => Some(Self::InitializeShareGroupState),
            84 => Some(Self::ReadShareGroupState),
            85 => Some(Self::WriteShareGroupState),
            86 => Some(Self::DeleteShareGroupState),
            87 => Some(Self::ReadShareGroupStateSummary),
            88 => Some(Self::StreamsGroupHeartbeat),
            89 => Some(Self::StreamsGroupDescribe),
            90 => Some(Self::DescribeShareGroupOffsets),
            91 => Some(Self::AlterShareGroupOffsets),
            92 => Some(Self::DeleteShareGroupOffsets),
            _ => None,
        }
    }

    /// The number on the wire.
    pub fn id(self) -> i16 {
        self as i16
    }

    /// Kafka's name, without `Request`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Produce => "Produce",
            Self::Fetch => "Fetch",
            Self::ListOffsets => "ListOffsets",
            Self::Metadata => "Metadata",
            Self::OffsetCommit => "OffsetCommit",
            Self::OffsetFetch => "OffsetFetch",
            Self::FindCoordinator => "FindCoordinator",
            Self::JoinGroup => "JoinGroup",
            Self::Heartbeat => "Heartbeat",
            Self::LeaveGroup => "LeaveGroup",
            Self::SyncGroup => "SyncGroup",
            Self::DescribeGroups => "DescribeGroups",
            Self::ListGroups => "ListGroups",
            Self::SaslHandshake => "SaslHandshake",
            Self::ApiVersions => "ApiVersions",
            Self::CreateTopics => "CreateTopics",
            Self::DeleteTopics => "DeleteTopics",
            Self::DeleteRecords => "DeleteRecords",
            Self::InitProducerId => "InitProducerId",
            Self::OffsetForLeaderEpoch => "OffsetForLeaderEpoch",
            Self::AddPartitionsToTxn => "AddPartitionsToTxn",
            Self::AddOffsetsToTxn => "AddOffsetsToTxn",
            Self::EndTxn => "EndTxn",
            Self::WriteTxnMarkers => "WriteTxnMarkers",
            Self::TxnOffsetCommit => "TxnOffsetCommit",
            Self::DescribeAcls => "DescribeAcls",
            Self::CreateAcls => "CreateAcls",
            Self::DeleteAcls => "DeleteAcls",
            Self::DescribeConfigs => "DescribeConfigs",
            Self::AlterConfigs => "AlterConfigs",
            Self::AlterReplicaLogDirs => "AlterReplicaLogDirs",
            Self::DescribeLogDirs => "DescribeLogDirs",
            Self::SaslAuthenticate => "SaslAuthenticate",
            Self::CreatePartitions => "CreatePartitions",
            Self::CreateDelegationToken => "CreateDelegationToken",
            Self::RenewDelegationToken => "RenewDelegationToken",
            Self::ExpireDelegationToken => "ExpireDelegationToken",
            Self::DescribeDelegationToken => "DescribeDelegationToken",
            Self::DeleteGroups => "DeleteGroups",
            Self::ElectLeaders => "ElectLeaders",
            Self::IncrementalAlterConfigs => "IncrementalAlterConfigs",
            Self::AlterPartitionReassignments => "AlterPartitionReassignments",
            Self::ListPartitionReassignments => "ListPartitionReassignments",
            Self::OffsetDelete => "OffsetDelete",
            Self::DescribeClientQuotas => "DescribeClientQuotas",
            Self::AlterClientQuotas => "AlterClientQuotas",
            Self::DescribeUserScramCredentials => "DescribeUserScramCredentials",
            Self::AlterUserScramCredentials => "AlterUserScramCredentials",
            Self::Vote => "Vote",
            Self::BeginQuorumEpoch => "BeginQuorumEpoch",
            Self::EndQuorumEpoch => "EndQuorumEpoch",
            Self::DescribeQuorum => "DescribeQuorum",
            Self::AlterPartition => "AlterPartition",
            Self::UpdateFeatures => "UpdateFeatures",
            Self::Envelope => "Envelope",
            Self::FetchSnapshot => "FetchSnapshot",
            Self::DescribeCluster => "DescribeCluster",
            Self::DescribeProducers => "DescribeProducers",
            Self::BrokerRegistration => "BrokerRegistration",
            Self::BrokerHeartbeat => "BrokerHeartbeat",
            Self::UnregisterBroker => "UnregisterBroker",
            Self::DescribeTransactions => "DescribeTransactions",
            Self::ListTransactions => "ListTransactions",
            Self::AllocateProducerIds => "AllocateProducerIds",
            Self::ConsumerGroupHeartbeat => "ConsumerGroupHeartbeat",
            Self::ConsumerGroupDescribe => "ConsumerGroupDescribe",
            Self::ControllerRegistration => "ControllerRegistration",
            Self::GetTelemetrySubscriptions => "GetTelemetrySubscriptions",
            Self::PushTelemetry => "PushTelemetry",
            Self::AssignReplicasToDirs => "AssignReplicasToDirs",
            Self::ListConfigResources => "ListConfigResources",
            Self::DescribeTopicPartitions => "DescribeTopicPartitions",
            Self::ShareGroupHeartbeat => "ShareGroupHeartbeat",
            Self::ShareGroupDescribe => "ShareGroupDescribe",
            Self::ShareFetch => "ShareFetch",
            Self::ShareAcknowledge => "ShareAcknowledge",
            Self::AddRaftVoter => "AddRaftVoter",
            Self::RemoveRaftVoter => "RemoveRaftVoter",
            Self::UpdateRaftVoter => "UpdateRaftVoter",
            Self::InitializeShareGroupState => "InitializeShareGroupState",
            Self::ReadShareGroupState => "ReadShareGroupState",
            Self::WriteShareGroupState => "WriteShareGroupState",
            Self::DeleteShareGroupState => "DeleteShareGroupState",
            Self::ReadShareGroupStateSummary => "ReadShareGroupStateSummary",
            Self::StreamsGroupHeartbeat => "StreamsGroupHeartbeat",
            Self::StreamsGroupDescribe => "StreamsGroupDescribe",
            Self::DescribeShareGroupOffsets => "DescribeShareGroupOffsets",
            Self::AlterShareGroupOffsets => "AlterShareGroupOffsets",
            Self::DeleteShareGroupOffsets => "DeleteShareGroupOffsets",
        }
    }

    /// Lowest and highest version that Kafka released and still has.
    pub fn versions(self) -> (i16, i16) {
        match self {
            Self::Produce => (3, 13),
            Self::Fetch => (4, 18),
            Self::ListOffsets => (1, 11),
            Self::Metadata => (0, 13),
            Self::OffsetCommit => (2, 10),
            Self::OffsetFetch => (1, 10),
            Self::FindCoordinator => (0, 6),
            Self::JoinGroup => (0, 9),
            Self::Heartbeat => (0, 4),
            Self::LeaveGroup => (0, 5),
            Self::SyncGroup => (0, 5),
            Self::DescribeGroups => (0, 6),
            Self::ListGroups => (0, 5),
            Self::SaslHandshake => (0, 1),
            Self::ApiVersions => (0, 4),
            Self::CreateTopics => (2, 7),
            Self::DeleteTopics => (1, 6),
            Self::DeleteRecords => (0, 2),
            Self::InitProducerId => (0, 5),
            Self::OffsetForLeaderEpoch => (2, 4),
            Self::AddPartitionsToTxn => (0, 5),
            Self::AddOffsetsToTxn => (0, 4),
            Self::EndTxn => (0, 5),
            Self::WriteTxnMarkers => (1, 2),
            Self::TxnOffsetCommit => (0, 5),
            Self::DescribeAcls => (1, 3),
            Self::CreateAcls => (1, 3),
            Self::DeleteAcls => (1, 3),
            Self::DescribeConfigs => (1, 4),
            Self::AlterConfigs => (0, 2),
            Self::AlterReplicaLogDirs => (1, 2),
            Self::DescribeLogDirs => (1, 5),
            Self::SaslAuthenticate => (0, 2),
            Self::CreatePartitions => (0, 3),
            Self::CreateDelegationToken => (1, 3),
            Self::RenewDelegationToken => (1, 2),
            Self::ExpireDelegationToken => (1, 2),
            Self::DescribeDelegationToken => (1, 3),
            Self::DeleteGroups => (0, 2),
            Self::ElectLeaders => (0, 2),
            Self::IncrementalAlterConfigs => (0, 1),
            Self::AlterPartitionReassignments => (0, 1),
            Self::ListPartitionReassignments => (0, 0),
            Self::OffsetDelete => (0, 0),
            Self::DescribeClientQuotas => (0, 1),
            Self::AlterClientQuotas => (0, 1),
            Self::DescribeUserScramCredentials => (0, 0),
            Self::AlterUserScramCredentials => (0, 0),
            Self::Vote => (0, 2),
            Self::BeginQuorumEpoch => (0, 1),
            Self::EndQuorumEpoch => (0, 1),
            Self::DescribeQuorum => (0, 2),
            Self::AlterPartition => (2, 3),
            Self::UpdateFeatures => (0, 2),
            Self::Envelope => (0, 0),
            Self::FetchSnapshot => (0, 1),
            Self::DescribeCluster => (0, 2),
            Self::DescribeProducers => (0, 0),
            Self::BrokerRegistration => (0, 4),
            Self::BrokerHeartbeat => (0, 2),
            Self::UnregisterBroker => (0, 0),
            Self::DescribeTransactions => (0, 0),
            Self::ListTransactions => (0, 2),
            Self::AllocateProducerIds => (0, 0),
            Self::ConsumerGroupHeartbeat => (0, 1),
            Self::ConsumerGroupDescribe => (0, 1),
            Self::ControllerRegistration => (0, 0),
            Self::GetTelemetrySubscriptions => (0, 0),
            Self::PushTelemetry => (0, 0),
            Self::AssignReplicasToDirs => (0, 0),
            Self::ListConfigResources => (0, 1),
            Self::DescribeTopicPartitions => (0, 0),
            Self::ShareGroupHeartbeat => (1, 1),
            Self::ShareGroupDescribe => (1, 1),
            Self::ShareFetch => (1, 2),
            Self::ShareAcknowledge => (1, 2),
            Self::AddRaftVoter => (0, 1),
            Self::RemoveRaftVoter => (0, 0),
            Self::UpdateRaftVoter => (0, 0),
            Self::InitializeShareGroupState => (0, 0),
            Self::ReadShareGroupState => (0, 0),
            Self::WriteShareGroupState => (0, 1),
            Self::DeleteShareGroupState => (0, 0),
            Self::ReadShareGroupStateSummary => (0, 1),
            Self::StreamsGroupHeartbeat => (0, 0),
            Self::StreamsGroupDescribe => (0, 0),
            Self::DescribeShareGroupOffsets => (0, 1),
            Self::AlterShareGroupOffsets => (0, 0),
            Self::DeleteShareGroupOffsets => (0, 0),
        }
    }

    /// Whether Kafka has the API on a broker's listeners, and not on a controller's alone.
    pub fn is_on_broker(self) -> bool {
        matches!(
            self,
            Self::Produce
                | Self::Fetch
                | Self::ListOffsets
                | Self::Metadata
                | Self::OffsetCommit
                | Self::OffsetFetch
                | Self::FindCoordinator
                | Self::JoinGroup
                | Self::Heartbeat
                | Self::LeaveGroup
                | Self::SyncGroup
                | Self::DescribeGroups
                | Self::ListGroups
                | Self::SaslHandshake
                | Self::ApiVersions
                | Self::CreateTopics
                | Self::DeleteTopics
                | Self::DeleteRecords
                | Self::InitProducerId
                | Self::OffsetForLeaderEpoch
                | Self::AddPartitionsToTxn
                | Self::AddOffsetsToTxn
                | Self::EndTxn
                | Self::WriteTxnMarkers
                | Self::TxnOffsetCommit
                | Self::DescribeAcls
                | Self::CreateAcls
                | Self::DeleteAcls
                | Self::DescribeConfigs
                | Self::AlterConfigs
                | Self::AlterReplicaLogDirs
                | Self::DescribeLogDirs
                | Self::SaslAuthenticate
                | Self::CreatePartitions
                | Self::CreateDelegationToken
                | Self::RenewDelegationToken
                | Self::ExpireDelegationToken
                | Self::DescribeDelegationToken
                | Self::DeleteGroups
                | Self::ElectLeaders
                | Self::IncrementalAlterConfigs
                | Self::AlterPartitionReassignments
                | Self::ListPartitionReassignments
                | Self::OffsetDelete
                | Self::DescribeClientQuotas
                | Self::AlterClientQuotas
                | Self::DescribeUserScramCredentials
                | Self::AlterUserScramCredentials
                | Self::DescribeQuorum
                | Self::UpdateFeatures
                | Self::DescribeCluster
                | Self::DescribeProducers
                | Self::UnregisterBroker
                | Self::DescribeTransactions
                | Self::ListTransactions
                | Self::ConsumerGroupHeartbeat
                | Self::ConsumerGroupDescribe
                | Self::GetTelemetrySubscriptions
                | Self::PushTelemetry
                | Self::ListConfigResources
                | Self::DescribeTopicPartitions
                | Self::ShareGroupHeartbeat
                | Self::ShareGroupDescribe
                | Self::ShareFetch
                | Self::ShareAcknowledge
                | Self::AddRaftVoter
                | Self::RemoveRaftVoter
                | Self::InitializeShareGroupState
                | Self::ReadShareGroupState
                | Self::WriteShareGroupState
                | Self::DeleteShareGroupState
                | Self::ReadShareGroupStateSummary
                | Self::StreamsGroupHeartbeat
                | Self::StreamsGroupDescribe
                | Self::DescribeShareGroupOffsets
                | Self::AlterShareGroupOffsets
                | Self::DeleteShareGroupOffsets
        )
    }

    /// Whether `version` is among [`ApiKey::versions`].
    pub fn supports(self, version: i16) -> bool {
        let (min, max) = self.versions();
        (min..=max).contains(&version)
    }

    /// First flexible version (KIP-482); `i16::MAX` when there is none.
    pub fn flexible_from(self) -> i16 {
        match self {
            Self::Produce => 9,
            Self::Fetch => 12,
            Self::ListOffsets => 6,
            Self::Metadata => 9,
            Self::OffsetCommit => 8,
            Self::OffsetFetch => 6,
            Self::FindCoordinator => 3,
            Self::JoinGroup => 6,
            Self::Heartbeat => 4,
            Self::LeaveGroup => 4,
            Self::SyncGroup => 4,
            Self::DescribeGroups => 5,
            Self::ListGroups => 3,
            Self::SaslHandshake => i16::MAX,
            Self::ApiVersions => 3,
            Self::CreateTopics => 5,
            Self::DeleteTopics => 4,
            Self::DeleteRecords => 2,
            Self::InitProducerId => 2,
            Self::OffsetForLeaderEpoch => 4,
            Self::AddPartitionsToTxn => 3,
            Self::AddOffsetsToTxn => 3,
            Self::EndTxn => 3,
            Self::WriteTxnMarkers => 1,
            Self::TxnOffsetCommit => 3,
            Self::DescribeAcls => 2,
            Self::CreateAcls => 2,
            Self::DeleteAcls => 2,
            Self::DescribeConfigs => 4,
            Self::AlterConfigs => 2,
            Self::AlterReplicaLogDirs => 2,
            Self::DescribeLogDirs => 2,
            Self::SaslAuthenticate => 2,
            Self::CreatePartitions => 2,
            Self::CreateDelegationToken => 2,
            Self::RenewDelegationToken => 2,
            Self::ExpireDelegationToken => 2,
            Self::DescribeDelegationToken => 2,
            Self::DeleteGroups => 2,
            Self::ElectLeaders => 2,
            Self::IncrementalAlterConfigs => 1,
            Self::AlterPartitionReassignments => 0,
            Self::ListPartitionReassignments => 0,
            Self::OffsetDelete => i16::MAX,
            Self::DescribeClientQuotas => 1,
            Self::AlterClientQuotas => 1,
            Self::DescribeUserScramCredentials => 0,
            Self::AlterUserScramCredentials => 0,
            Self::Vote => 0,
            Self::BeginQuorumEpoch => 1,
            Self::EndQuorumEpoch => 1,
            Self::DescribeQuorum => 0,
            Self::AlterPartition => 2,
            Self::UpdateFeatures => 0,
            Self::Envelope => 0,
            Self::FetchSnapshot => 0,
            Self::DescribeCluster => 0,
            Self::DescribeProducers => 0,
            Self::BrokerRegistration => 0,
            Self::BrokerHeartbeat => 0,
            Self::UnregisterBroker => 0,
            Self::DescribeTransactions => 0,
            Self::ListTransactions => 0,
            Self::AllocateProducerIds => 0,
            Self::ConsumerGroupHeartbeat => 0,
            Self::ConsumerGroupDescribe => 0,
            Self::ControllerRegistration => 0,
            Self::GetTelemetrySubscriptions => 0,
            Self::PushTelemetry => 0,
            Self::AssignReplicasToDirs => 0,
            Self::ListConfigResources => 0,
            Self::DescribeTopicPartitions => 0,
            Self::ShareGroupHeartbeat => 1,
            Self::ShareGroupDescribe => 1,
            Self::ShareFetch => 1,
            Self::ShareAcknowledge => 1,
            Self::AddRaftVoter => 0,
            Self::RemoveRaftVoter => 0,
            Self::UpdateRaftVoter => 0,
            Self::InitializeShareGroupState => 0,
            Self::ReadShareGroupState => 0,
            Self::WriteShareGroupState => 0,
            Self::DeleteShareGroupState => 0,
            Self::ReadShareGroupStateSummary => 0,
            Self::StreamsGroupHeartbeat => 0,
            Self::StreamsGroupDescribe => 0,
            Self::DescribeShareGroupOffsets => 0,
            Self::AlterShareGroupOffsets => 0,
            Self::DeleteShareGroupOffsets => 0,
        }
    }

    /// Version of the header of a request in `version`.
    pub fn request_header_version(self, version: i16) -> i16 {
        if version >= self.flexible_from() { 2 } else { 1 }
    }

    /// Version of the header of the response to a request in `version`. That of ApiVersions is always
    /// the old one: the client does not know yet what the broker speaks (KIP-511).
    pub fn response_header_version(self, version: i16) -> i16 {
        i16::from(self != Self::ApiVersions && version >= self.flexible_from())
    }
}
