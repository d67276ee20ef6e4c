//! Why a bench ends early.

use std::io;

/// A bench that could not do its work. What was measured until then is reported as partial.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// No connection to a broker.
    #[error(
        "no connection to {address}: {why}; check --bootstrap-server and that a broker runs there"
    )]
    Unreachable {
        /// Where.
        address: String,
        /// What the system says.
        why: String,
    },
    /// A connection ended or broke.
    #[error("the connection to {address} failed: {why}")]
    Connection {
        /// Where.
        address: String,
        /// What the system says.
        why: String,
    },
    /// An answer that cannot be read.
    #[error("{address} sent an answer that cannot be read: {why}")]
    Answer {
        /// Where.
        address: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The broker refused.
    #[error("the broker refused {what}: Kafka error code {code} ({name})")]
    Refused {
        /// What was asked.
        what: String,
        /// Kafka's error code.
        code: i16,
        /// Its name, when it is one that a load meets.
        name: &'static str,
    },
    /// Nothing to measure.
    #[error("{0}")]
    Usage(String),
    /// A file or a process of this machine.
    #[error("{what}: {why}")]
    Machine {
        /// Which.
        what: String,
        /// What the system says.
        why: String,
    },
}

impl BenchError {
    pub(crate) fn connection(address: &str, error: &io::Error) -> Self {
        let why = match error.kind() {
            io::ErrorKind::UnexpectedEof => "the broker closed it".to_owned(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "no answer in 60 s".to_owned(),
            _ => error.to_string(),
        };
        Self::Connection { address: address.to_owned(), why }
    }

    pub(crate) fn refused(what: impl Into<String>, code: i16) -> Self {
        let name = match code {
            1 => "OFFSET_OUT_OF_RANGE",
            2 => "CORRUPT_MESSAGE",
            3 => "UNKNOWN_TOPIC_OR_PARTITION",
            5 => "LEADER_NOT_AVAILABLE",
            6 => "NOT_LEADER_OR_FOLLOWER",
            7 => "REQUEST_TIMED_OUT",
            10 => "MESSAGE_TOO_LARGE",
            17 => "INVALID_TOPIC_EXCEPTION",
            19 => "NOT_ENOUGH_REPLICAS",
            29 => "TOPIC_AUTHORIZATION_FAILED",
            35 => "UNSUPPORTED_VERSION",
            37 => "INVALID_PARTITIONS",
            38 => "INVALID_REPLICATION_FACTOR",
            56 => "KAFKA_STORAGE_ERROR",
            _ => "see https://kafka.apache.org/protocol#protocol_error_codes",
        };
        Self::Refused { what: what.into(), code, name }
    }

    /// 1 refused or failed, 2 wrong usage, 3 no broker could be reached.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Unreachable { .. } => 3,
            _ => 1,
        }
    }
}
