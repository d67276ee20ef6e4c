//! What can go wrong between a client and a cluster.

use std::io;
use std::time::Duration;

use crate::protocol::{ApiKey, DecodeError, EncodeError, ErrorCode};

/// An operation of the client that did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// An address that is not `HOST:PORT`.
    #[error("`{0}` is not an address: expected HOST:PORT such as 127.0.0.1:9092")]
    Address(String),
    /// No broker can be reached.
    #[error("no broker can be reached at {address}: {error}; {}", advice(error))]
    Unreachable {
        /// The addresses that were tried.
        address: String,
        /// What the last one said.
        error: io::Error,
    },
    /// A connection broke.
    #[error("the connection to {address} broke: {error}")]
    Connection {
        /// The broker.
        address: String,
        /// What the system says.
        error: io::Error,
    },
    /// A broker did not answer in time.
    #[error("{address} did not answer {api:?} within {} ms", waited.as_millis())]
    NoAnswer {
        /// The broker.
        address: String,
        /// What was asked.
        api: ApiKey,
        /// How long it had.
        waited: Duration,
    },
    /// An answer that is not Kafka's protocol.
    #[error("{address} does not answer as a Kafka broker: {why}")]
    Answer {
        /// The broker.
        address: String,
        /// What is wrong.
        why: String,
    },
    /// The broker and this client have no version of an API in common.
    #[error(
        "{address} does not serve {api:?} in a version that this client knows ({min} to {max})"
    )]
    Unsupported {
        /// The broker.
        address: String,
        /// The API.
        api: ApiKey,
        /// Lowest version known here.
        min: i16,
        /// Highest version known here.
        max: i16,
    },
    /// A request that cannot be written.
    #[error("the request cannot be written: {0}")]
    Encode(#[from] EncodeError),
    /// The cluster has no such topic.
    #[error("there is no topic {0}; `ringlog topic list` shows those there are")]
    NoTopic(String),
    /// The cluster said no.
    #[error("{what}: {}", explain(*code, message.as_deref()))]
    Refused {
        /// What was asked for.
        what: String,
        /// Kafka's error code.
        code: i16,
        /// What the broker added.
        message: Option<String>,
    },
    /// Something took longer than the time it was given.
    #[error("{what} was not done within {} ms; the last trouble was: {last}", timeout.as_millis())]
    Timeout {
        /// What was to be done.
        what: String,
        /// How long it had.
        timeout: Duration,
        /// Why it was not done.
        last: String,
    },
    /// Records that cannot be read.
    #[error("{topic}-{partition}: {why}")]
    Records {
        /// The topic.
        topic: String,
        /// The partition.
        partition: i32,
        /// What is wrong.
        why: String,
    },
}

impl ClientError {
    /// The cluster's answer, as an error unless it is `NONE`.
    pub(super) fn check(
        code: i16,
        message: Option<String>,
        what: impl FnOnce() -> String,
    ) -> Result<(), Self> {
        if code == 0 { Ok(()) } else { Err(Self::Refused { what: what(), code, message }) }
    }

    pub(super) fn answer(address: &str, error: DecodeError) -> Self {
        Self::Answer { address: address.to_owned(), why: error.to_string() }
    }

    /// Kafka's error code, when the cluster said no.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused { code, .. } => ErrorCode::from_code(*code),
            _ => None,
        }
    }

    /// Whether it may go well when it is tried again, after looking up leaders anew.
    pub fn is_retriable(&self) -> bool {
        match self {
            Self::Refused { .. } => self.code().is_some_and(ErrorCode::is_retriable),
            Self::Connection { .. } | Self::NoAnswer { .. } | Self::Unreachable { .. } => true,
            _ => false,
        }
    }

    /// Whether the network is at fault, rather than what was asked.
    pub fn is_network(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Connection { .. } | Self::NoAnswer { .. })
    }
}

fn explain(code: i16, message: Option<&str>) -> String {
    let known = ErrorCode::from_code(code);
    let name = known.map_or_else(|| format!("error code {code}"), |known| known.name().to_owned());
    let own = known.map(ErrorCode::message).unwrap_or("the broker is newer than this client");
    match message {
        Some(message) if !message.is_empty() => format!("{message} ({name})"),
        _ => format!("{own} ({name})"),
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "nothing listens there: is the broker running (`ringlog serve`), and is this the port of \
             its `listeners`? Give another address with --bootstrap-server"
        }
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            "nothing answers there: check the address and the firewall, and that the broker's \
             advertised.listeners name a host that this machine reaches"
        }
        _ => {
            "check the address given with --bootstrap-server and the broker's advertised.listeners"
        }
    }
}
