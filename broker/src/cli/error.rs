//! Why a command did not succeed, and its exit code.

use std::io;
use std::path::PathBuf;

use crate::client::ClientError;
use crate::config::ConfigError;
use crate::server::ServeError;

/// A command that did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CliError {
    /// The cluster, or the way to it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A measurement.
    #[error(transparent)]
    Bench(#[from] ringlog_bench::BenchError),
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The broker.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Arguments that cannot be followed.
    #[error("{0}")]
    Usage(String),
    /// Something was done, but not all of it is well.
    #[error("{0}")]
    Failed(String),
    /// A file.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Standard output.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl CliError {
    /// 1 refused or failed, 2 wrong usage, 3 no broker could be reached, 4 the configuration is
    /// wrong.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Client(ClientError::Address(_)) => 2,
            Self::Client(error) if error.is_network() => 3,
            Self::Config(_) => 4,
            Self::Bench(error) => error.exit_code(),
            _ => 1,
        }
    }

    /// Whether the reader of the output has gone.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
