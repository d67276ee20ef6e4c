//! Log lines.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::error::CliError;
use super::output::is_coloured;
use crate::config::{BrokerConfig, LogFormat};

/// Begins to write log lines to standard error; `level` is that of `ringlog.log.level`.
pub(super) fn start(format: LogFormat, level: &str) -> Result<(), CliError> {
    let filter = EnvFilter::try_new(level).map_err(|error| {
        let why = format!("{error}; expected error, warn, info, debug or trace, or target=level");
        let name = BrokerConfig::setting("ringlog.log.level").map_or("", |setting| setting.name);
        CliError::Usage(format!("{name}={level}: {why}"))
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(is_coloured(&io::stderr.make_writer()));
    // A subscriber that is there already stays: it is a test's.
    let _ = match format {
        LogFormat::Text => builder.with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}
