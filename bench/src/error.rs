//! Why a bench ends early.

use std::io;
use std::path::Path;

use crate::scenario::ScenarioError;

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
    /// The topic is not there, and nothing that produces would create it.
    #[error(
        "topic {topic} does not exist at {address}: create it with ringlog topic create {topic}, or \
         fill it with ringlog bench produce -t {topic}"
    )]
    NoTopic {
        /// Its name.
        topic: String,
        /// Who says so.
        address: String,
    },
    /// Somebody ended it.
    #[error("interrupted; what is reported is partial")]
    Interrupted,
    /// What was asked cannot be done.
    #[error("{0}")]
    Usage(String),
    /// More than one thing went wrong.
    #[error("{first}; and {second}")]
    Several {
        /// What went wrong first; the exit code is its.
        first: Box<BenchError>,
        /// What went wrong then.
        second: Box<BenchError>,
    },
    /// A scenario cannot be followed.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
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

    /// Both.
    pub(crate) fn and(self, second: Self) -> Self {
        Self::Several { first: Box::new(self), second: Box::new(second) }
    }

    /// A file that cannot be written.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        let mut why = error.to_string();
        if error.kind() == io::ErrorKind::StorageFull {
            why.push_str("; make room, or choose another place");
        }
        Self::Machine { what: format!("{} cannot be written", path.display()), why }
    }

    /// A part of this machine that does not do what is asked.
    pub(crate) fn machine(what: &str, error: &io::Error) -> Self {
        Self::Machine { what: what.to_owned(), why: error.to_string() }
    }

    pub(crate) fn refused(what: impl Into<String>, code: i16) -> Self {
        let name = match code {
            1 => "OFFSET_OUT_OF_RANGE",
            2 => "CORRUPT_MESSAGE",
            3 => "UNKNOWN_TOPIC_OR_PARTITION",
            5 => "LEADER_NOT_AVAILABLE",
            6 => "NOT_LEADER_OR_FOLLOWER",
            7 => "REQUEST_TIMED_OUT",
            10 => {
                "MESSAGE_TOO_LARGE: make batches smaller, or max.message.bytes of the topic larger"
            }
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

    /// 1 refused or failed, 2 wrong usage, 3 no broker could be reached, 130 interrupted.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Scenario(_) => 2,
            Self::Unreachable { .. } => 3,
            Self::Interrupted => 130,
            Self::Several { first, .. } => first.exit_code(),
            _ => 1,
        }
    }
}
