//! What can be wrong with settings.

use std::fmt;
use std::path::PathBuf;

/// A value that a setting does not take. The text is Kafka's own where Kafka has one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid value {value} for configuration {name}: {why}")]
pub struct ValueError {
    /// Name of the setting.
    pub name: String,
    /// The value as given.
    pub value: String,
    /// What is wrong, and which values are right.
    pub why: String,
}

/// Settings of a topic that are refused: `INVALID_CONFIG` with this text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TopicConfigError {
    /// There is no such setting.
    #[error("Unknown topic config name: {name}{}", hint(suggestion))]
    Unknown {
        /// The name as given.
        name: String,
        /// The nearest name there is.
        suggestion: Option<String>,
    },
    /// The value is not one of the setting's.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// Two settings do not go together.
    #[error("{0}")]
    Conflict(String),
}

/// Settings of the broker that are refused; the broker does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no such setting.
    #[error("{origin}: unknown setting `{name}`{}", hint(suggestion))]
    Unknown {
        /// Where it was given.
        origin: Origin,
        /// The name as given.
        name: String,
        /// The nearest name there is.
        suggestion: Option<String>,
    },
    /// Kafka has the setting, Ringlog does not.
    #[error("{origin}: `{name}` is a setting of Kafka, but Ringlog does not support it: {advice}")]
    Unsupported {
        /// Where it was given.
        origin: Origin,
        /// The name as given.
        name: String,
        /// What to do about it.
        advice: String,
    },
    /// The value is not one of the setting's.
    #[error("{origin}: {error}")]
    Value {
        /// Where it was given.
        origin: Origin,
        /// What is wrong.
        error: ValueError,
    },
    /// Two settings do not go together.
    #[error("{origin}: {why}")]
    Conflict {
        /// Where the later one was given.
        origin: Origin,
        /// What is wrong and how to mend it.
        why: String,
    },
    /// A setting of the broker cannot be changed while it runs.
    #[error("Cannot update these configs dynamically: [{name}]")]
    ReadOnly {
        /// Name of the setting.
        name: String,
    },
    /// A file is not in its format.
    #[error("{}:{line}: {why}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong and how to mend it.
        why: String,
    },
    /// A file cannot be read.
    #[error("cannot read the configuration file {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
}

fn hint(suggestion: &Option<String>) -> String {
    suggestion.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// Where a setting was given.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Nowhere: it is the default.
    Default,
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
    },
    /// In an environment variable.
    Environment(String),
    /// With a flag of the command line, named here.
    Flag(String),
    /// By AlterConfigs, for this broker.
    DynamicBroker,
    /// By AlterConfigs, for all brokers.
    DynamicDefault,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "environment variable {name}"),
            Self::Flag(flag) => write!(f, "option {flag}"),
            Self::DynamicBroker => f.write_str("dynamic setting of this broker"),
            Self::DynamicDefault => f.write_str("dynamic setting of all brokers"),
        }
    }
}
