//! What can be wrong with a batch.

/// Why bytes are not a batch that may enter a log.
#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BatchError {
    /// The bytes end inside the batch.
    #[error("a batch of {need} bytes or more has only {have}")]
    Truncated {
        /// Bytes there are.
        have: usize,
        /// Bytes there should be.
        need: usize,
    },
    /// The length field is impossible.
    #[error("a batch cannot be {0} bytes long")]
    Length(i32),
    /// Not version 2 of the format.
    #[error("record batch version {0} is not supported: use a client of Kafka 0.11 or later")]
    Magic(u8),
    /// The bytes are not what was sent.
    #[error("the batch carries checksum {carried:08x}, its bytes have {computed:08x}")]
    Checksum {
        /// In the header.
        carried: u32,
        /// Of the bytes.
        computed: u32,
    },
    /// The record set has no batch.
    #[error("the record set is empty")]
    Empty,
    /// Record count and offsets disagree.
    #[error("{count} records cannot span offsets 0 to {last_offset_delta}")]
    Count {
        /// Records by the count field.
        count: i32,
        /// Last offset less base offset.
        last_offset_delta: i32,
    },
    /// The batch is larger than the topic allows.
    #[error("a batch of {size} bytes exceeds the limit of {limit} (max.message.bytes)")]
    TooLarge {
        /// Size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// Not one of Kafka's codecs.
    #[error("compression codec {0} is unknown")]
    Compression(i16),
    /// Attribute bits without a meaning, or that only a broker may set.
    #[error("attributes {0:#06x} may not be set by a client")]
    Attributes(i16),
    /// A client counts offsets from zero; the leader sets them.
    #[error("base offset {0} was sent where 0 has to be")]
    BaseOffset(i64),
    /// Producer id, epoch and sequence do not go together.
    #[error("producer id {id}, epoch {epoch} and sequence {sequence} do not go together")]
    Producer {
        /// Producer id.
        id: i64,
        /// Its epoch.
        epoch: i16,
        /// Base sequence.
        sequence: i32,
    },
    /// A second batch behind one of an idempotent producer.
    #[error("an idempotent producer may send one batch a partition in a request")]
    SeveralBatches,
    /// A timestamp below -1.
    #[error("timestamp {0} is below -1")]
    Timestamp(i64),
    /// The records inside do not follow the format.
    #[error("record {index}: {what}")]
    Record {
        /// Which record of the batch, from zero.
        index: i32,
        /// What is wrong.
        what: &'static str,
    },
    /// The compressed bytes are not what the codec says.
    #[error("{codec} data cannot be decompressed: {why}")]
    Decompression {
        /// Name of the codec.
        codec: &'static str,
        /// What the decoder says.
        why: String,
    },
    /// The records are larger than the limit once decompressed.
    #[error("the records of a batch take more than {limit} bytes once decompressed")]
    Inflated {
        /// The limit in bytes.
        limit: usize,
    },
}
