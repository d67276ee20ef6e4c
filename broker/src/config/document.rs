//! docs/configuration.md, written from the tables.

use std::fmt::Write;

use super::broker::BrokerConfig;
use super::environment;
use super::setting::{Setting, Support, UpdateMode};
use super::topic::TopicConfig;

const HEAD: &str = "\
<!-- Written by `ringlog config-docs` from the tables in broker/src/config; do not edit. -->

# Settings

## Where they come from

Later sources go before earlier ones:

1. the defaults below
2. a file: `ringlog serve --config FILE` or `RINGLOG_CONFIG=FILE`
3. the environment
4. flags: `--data-dir`, `--listen`, `--advertise`, `--cores`, `--log-format`, `--log-level`
5. `--set key=value`, as often as needed; the last one of a key counts
6. what `kafka-configs --alter` or AlterConfigs sets while the broker runs, for the settings that
   say so

A file whose name ends in `.toml` is TOML, in tables, dotted keys or both; any other is a Java
properties file, and the `server.properties` that Apache Kafka ships is taken as it is. In TOML a
name that begins another one is put in quotes: `\"max.connections\" = 100`. In the environment
`log.segment.bytes` is `RINGLOG_LOG_SEGMENT_BYTES` and `ringlog.cores` is `RINGLOG_CORES`.

A name that does not exist, a value that is not valid, and a setting of Kafka that Ringlog does not
have are errors: the broker says where the setting was given and what to do, and does not start.
Settings *without effect* are taken so that Kafka's files can be used; the broker warns when they
differ from the default.

Names without `ringlog.` are Kafka's and mean what they mean there.

";

/// The text of docs/configuration.md.
pub fn markdown() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("## Settings of the broker\n\n");
    for setting in BrokerConfig::SETTINGS {
        describe(&mut text, setting);
        let change = match setting.update {
            UpdateMode::ReadOnly => "at a restart",
            UpdateMode::ClusterWide => "while the broker runs, for one broker or all",
            UpdateMode::PerBroker => "while the broker runs, for this broker",
        };
        line(&mut text, "environment", &format!("`{}`", environment::variable(setting.name)));
        line(&mut text, "changes", change);
        text.push('\n');
    }
    text.push_str(
        "## Settings of a topic\n\nThey change at any time: `ringlog topic alter`, `kafka-configs \
         --alter --entity-type topics`.\n\n",
    );
    for setting in TopicConfig::SETTINGS {
        describe(&mut text, setting);
        if let Some(twin) = setting.twin {
            line(&mut text, "default from", &format!("`{twin}` of the broker"));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn describe(text: &mut String, setting: &Setting) {
    // Writing to a string does not fail.
    let _ = write!(text, "### {}\n\n{}\n\n", setting.name, setting.doc.trim());
    line(text, "type", setting.kind.name());
    let default = match setting.default {
        None => "not set".to_owned(),
        Some("") => "empty".to_owned(),
        Some(value) => format!("`{value}`"),
    };
    line(text, "default", &default);
    let limit = setting.limit.words();
    if !limit.is_empty() {
        line(text, "values", &limit);
    }
    match setting.support {
        Support::Full => {}
        Support::NoEffect(why) => line(text, "without effect", why),
        Support::Only { values, why } => {
            let values: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
            line(text, "Ringlog only takes", &format!("{}: {why}", values.join(" or ")));
        }
    }
}

fn line(text: &mut String, what: &str, value: &str) {
    let _ = writeln!(text, "- {what}: {value}");
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_documentation_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md");
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == super::markdown(),
            "docs/configuration.md is out of date: cargo run -- config-docs > docs/configuration.md"
        );
    }
}
