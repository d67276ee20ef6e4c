//! Why a producer's batch is refused.

/// Why a batch of an idempotent or transactional producer is refused. Named after the answers of
/// Kafka's protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProducerError {
    /// `OUT_OF_ORDER_SEQUENCE_NUMBER`: batches in front of this one are missing.
    #[error(
        "producer {producer_id} epoch {epoch} sent sequence {got} where {} has to come; an earlier \
         batch is missing",
        if *last == i32::MAX { 0 } else { last + 1 }
    )]
    OutOfOrderSequence {
        /// Producer id.
        producer_id: i64,
        /// Epoch of the batch.
        epoch: i16,
        /// Last sequence number taken in this epoch; -1 for none.
        last: i32,
        /// First sequence number of the batch.
        got: i32,
    },
    /// `INVALID_PRODUCER_EPOCH`: a newer instance of the producer has been here.
    #[error(
        "producer {producer_id} sent epoch {got}, and epoch {known} is known; a newer producer with \
         the same transactional id has taken over"
    )]
    InvalidProducerEpoch {
        /// Producer id.
        producer_id: i64,
        /// Epoch known.
        known: i16,
        /// Epoch sent.
        got: i16,
    },
    /// `INVALID_TXN_STATE`: a batch outside the transaction while one is open.
    #[error(
        "producer {producer_id} sent a batch outside its transaction, which has been open since \
         offset {first_offset}"
    )]
    InvalidTxnState {
        /// Producer id.
        producer_id: i64,
        /// First offset of the open transaction.
        first_offset: i64,
    },
    /// `TRANSACTION_COORDINATOR_FENCED`: a marker of a former transaction coordinator.
    #[error(
        "the end marker for producer {producer_id} is of coordinator epoch {got}, and epoch {known} \
         is known"
    )]
    CoordinatorFenced {
        /// Producer id.
        producer_id: i64,
        /// Coordinator epoch known.
        known: i32,
        /// Coordinator epoch sent.
        got: i32,
    },
    /// A control batch whose record is not the end of a transaction.
    #[error("the control batch of producer {producer_id} is malformed: {what}")]
    Marker {
        /// Producer id.
        producer_id: i64,
        /// What is wrong.
        what: &'static str,
    },
    /// As many producers as allowed have open transactions.
    #[error(
        "{limit} producers are known to this partition and none can be forgotten, since all have \
         open transactions"
    )]
    TooManyProducers {
        /// The limit.
        limit: usize,
    },
}
