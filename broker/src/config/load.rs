//! From files, environment and flags to a [`BrokerConfig`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::broker::BrokerConfig;
use super::environment::{self, Variable};
use super::error::{ConfigError, Origin, ValueError};
use super::properties;
use super::suggest::nearest;
use super::toml_file;

/// Largest configuration file, in bytes: one that is larger is some other file.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where settings come from. What is later in this list goes before what is earlier; the defaults
/// of the table come before all of it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A file: TOML when its name ends in `.toml`, Java properties otherwise.
    pub file: Option<PathBuf>,
    /// The environment: those that begin with `RINGLOG_` count.
    pub environment: Vec<(OsString, OsString)>,
    /// Flags of the command line that stand for a setting: the flag, the setting, the value.
    pub flags: Vec<(&'static str, &'static str, String)>,
    /// `key=value` of `--set`.
    pub sets: Vec<String>,
}

/// Settings that were read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: BrokerConfig,
    /// What the operator should know, a line each.
    pub warnings: Vec<String>,
}

/// Reads all sources.
///
/// # Errors
/// The first thing that is wrong, with its place; see [`ConfigError`].
pub fn load(sources: &Sources) -> Result<Loaded, ConfigError> {
    let mut given = BTreeMap::new();
    let mut warnings = Vec::new();
    if let Some(path) = &sources.file {
        for (line, key, value) in read(path)? {
            let origin = Origin::File { path: path.clone(), line };
            if let Some((_, Origin::File { line: earlier, .. })) = given.get(key.as_str()) {
                warnings
                    .push(format!("{origin}: {key} replaces the value given on line {earlier}"));
            }
            BrokerConfig::give(&mut given, &key, &value, origin)?;
        }
    }
    for (name, value) in &sources.environment {
        let Some(name) = name.to_str() else { continue };
        let origin = Origin::Environment(name.to_owned());
        match environment::classify(name) {
            Variable::Foreign => {}
            Variable::Unknown => {
                let names: Vec<String> = BrokerConfig::SETTINGS
                    .iter()
                    .map(|setting| environment::variable(setting.name))
                    .collect();
                let suggestion = nearest(name, names.iter().map(String::as_str));
                let suggestion = suggestion.map(str::to_owned);
                return Err(ConfigError::Unknown { origin, name: name.to_owned(), suggestion });
            }
            Variable::Setting(setting) => {
                let value = value.to_str().ok_or_else(|| ConfigError::Value {
                    origin: origin.clone(),
                    error: setting.refuse(&value.to_string_lossy(), "it is not valid UTF-8"),
                })?;
                BrokerConfig::give(&mut given, setting.name, value, origin)?;
            }
        }
    }
    for (flag, key, value) in &sources.flags {
        BrokerConfig::give(&mut given, key, value, Origin::Flag((*flag).to_owned()))?;
    }
    for pair in &sources.sets {
        let origin = Origin::Flag("--set".to_owned());
        let Some((key, value)) = pair.split_once('=') else {
            let why = "expected key=value, such as num.partitions=4".to_owned();
            let error = ValueError { name: "--set".to_owned(), value: pair.clone(), why };
            return Err(ConfigError::Value { origin, error });
        };
        BrokerConfig::give(&mut given, key.trim(), value, origin)?;
    }
    let config = BrokerConfig::from_given(given)?;
    warnings.extend(config.warnings());
    Ok(Loaded { config, warnings })
}

/// Line, key and value of each setting in a file.
fn read(path: &Path) -> Result<Vec<(usize, String, String)>, ConfigError> {
    let failed = |error| ConfigError::Read { path: path.to_owned(), error };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > FILE_BYTES_MAX {
        let why = format!("{size} bytes are more than a configuration file has ({FILE_BYTES_MAX})");
        return Err(failed(std::io::Error::other(why)));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let syntax = |line, why| ConfigError::Syntax { path: path.to_owned(), line, why };
    if path.extension().is_some_and(|extension| extension == "toml") {
        let entries = toml_file::parse(&text).map_err(|e| syntax(e.line, e.why))?;
        Ok(entries.into_iter().map(|e| (e.line, e.key, e.value)).collect())
    } else {
        let properties = properties::parse(&text).map_err(|e| syntax(e.line, e.why))?;
        Ok(properties.into_iter().map(|p| (p.line, p.key, p.value)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        (dir, path)
    }

    fn from_file(name: &str, text: &str) -> Result<Loaded, String> {
        let (_dir, path) = file(name, text);
        let prefix = format!("{}/", path.parent().unwrap().display());
        load(&Sources { file: Some(path), ..Sources::default() })
            .map_err(|error| error.to_string().replace(&prefix, ""))
    }

    fn environment(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        pairs.iter().map(|(k, v)| (OsString::from(k), OsString::from(v))).collect()
    }

    #[test]
    fn later_sources_go_before_earlier_ones() {
        let (_dir, path) = file(
            "a.properties",
            "num.partitions=2\nnode.id=2\nfetch.max.bytes=2048\nmessage.max.bytes=2\n",
        );
        let sources = Sources {
            file: Some(path),
            environment: environment(&[
                ("RINGLOG_NODE_ID", "3"),
                ("RINGLOG_MESSAGE_MAX_BYTES", "3"),
                ("RINGLOG_LOG_DIRS", "/three"),
                ("HOME", "/"),
            ]),
            flags: vec![
                ("--data-dir", "log.dirs", "/four".to_owned()),
                ("--listen", "listeners", "PLAINTEXT://:4".to_owned()),
            ],
            sets: vec!["message.max.bytes=5".to_owned()],
        };
        let config = load(&sources).unwrap().config;
        assert_eq!(config.num_partitions, 2);
        assert_eq!(config.fetch_max_bytes, 2048);
        assert_eq!(config.node_id, 3);
        assert_eq!(config.data_dir(), Path::new("/four"));
        assert_eq!(config.message_max_bytes, 5);
        assert_eq!(config.listeners[0].port, 4);
    }

    #[test]
    fn errors_say_where_what_and_how_to_mend_it() {
        assert_eq!(
            from_file("a.properties", "# c\nlog.segments.bytes=5\n").unwrap_err(),
            "a.properties:2: unknown setting `log.segments.bytes`; did you mean `log.segment.bytes`?"
        );
        assert_eq!(
            from_file("a.toml", "[num]\npartitions = 0\n").unwrap_err(),
            "a.toml:2: Invalid value 0 for configuration num.partitions: Value must be at least 1"
        );
        let error = from_file("a.properties", "ssl.key.password=x\n").unwrap_err();
        assert!(error.contains("is a setting of Kafka, but Ringlog does not support it"));
        let error = from_file("a.properties", "zookeeper.connect=x\n").unwrap_err();
        assert!(error.contains("there is no ZooKeeper"));
        let error = from_file("a.properties", "listeners=SSL://:9093\n").unwrap_err();
        assert!(error.starts_with("a.properties:1: listeners: the listener SSL"), "{error}");
        let error = from_file("a.properties", "broker.id=1\nnode.id=2\n").unwrap_err();
        assert!(error.contains("give node.id alone"));
    }

    #[test]
    fn environment_and_flags_are_named_in_errors() {
        let unknown = Sources {
            environment: environment(&[("RINGLOG_NUM_PARTITION", "1")]),
            ..Sources::default()
        };
        assert_eq!(
            load(&unknown).unwrap_err().to_string(),
            "environment variable RINGLOG_NUM_PARTITION: unknown setting `RINGLOG_NUM_PARTITION`; \
             did you mean `RINGLOG_NUM_PARTITIONS`?"
        );
        let no_pair = Sources { sets: vec!["num.partitions".to_owned()], ..Sources::default() };
        assert!(load(&no_pair).unwrap_err().to_string().contains("expected key=value"));
        let wrong = Sources { sets: vec!["node.id=x".to_owned()], ..Sources::default() };
        assert_eq!(
            load(&wrong).unwrap_err().to_string(),
            "option --set: Invalid value x for configuration node.id: Not a number of type INT"
        );
    }

    #[test]
    fn a_missing_file_is_named() {
        let sources = Sources { file: Some("/no/such/file".into()), ..Sources::default() };
        assert!(load(&sources).unwrap_err().to_string().contains("/no/such/file"));
    }

    #[test]
    fn the_server_properties_that_kafka_ships_are_taken() {
        let shipped = "process.roles=broker,controller\nnode.id=1\n\
            controller.quorum.bootstrap.servers=localhost:9093\n\
            listeners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
            inter.broker.listener.name=PLAINTEXT\n\
            advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093\n\
            controller.listener.names=CONTROLLER\n\
            listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL\n\
            num.network.threads=3\nnum.io.threads=8\nsocket.send.buffer.bytes=102400\n\
            socket.receive.buffer.bytes=102400\nsocket.request.max.bytes=104857600\n\
            log.dirs=/tmp/kraft-combined-logs\nnum.partitions=1\n\
            num.recovery.threads.per.data.dir=2\noffsets.topic.replication.factor=1\n\
            share.coordinator.state.topic.replication.factor=1\n\
            share.coordinator.state.topic.min.isr=1\n\
            transaction.state.log.replication.factor=1\ntransaction.state.log.min.isr=1\n\
            log.retention.hours=168\nlog.segment.bytes=1073741824\n\
            log.retention.check.interval.ms=300000\n";
        let loaded = from_file("server.properties", shipped).unwrap();
        let open: Vec<_> = loaded.config.open_listeners();
        assert_eq!(open.iter().map(ToString::to_string).collect::<Vec<_>>(), ["PLAINTEXT://:9092"]);
        let advertised = loaded.config.open_advertised_listeners();
        assert_eq!(advertised[0].address(), "localhost:9092");
        assert!(loaded.warnings.iter().any(|w| w.contains("controller.quorum.bootstrap.servers")));
    }

    #[test]
    fn a_setting_given_twice_is_warned_about() {
        let loaded = from_file("a.properties", "node.id=1\nnode.id=2\n").unwrap();
        assert_eq!(loaded.config.node_id, 2);
        assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
        assert!(loaded.warnings[0].ends_with("node.id replaces the value given on line 1"));
    }

    #[test]
    fn settings_without_effect_are_warned_about_when_they_differ() {
        let loaded = from_file("a.properties", "num.io.threads=16\nnum.network.threads=3\n");
        let warnings = loaded.unwrap().warnings;
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].contains("num.io.threads has no effect"));
    }
}
