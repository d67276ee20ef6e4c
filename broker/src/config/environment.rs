//! Names of environment variables: `log.segment.bytes` is `RINGLOG_LOG_SEGMENT_BYTES`, and
//! `ringlog.cores` is `RINGLOG_CORES`.

use super::broker::BrokerConfig;
use super::setting::Setting;

/// What they all begin with.
const PREFIX: &str = "RINGLOG_";

/// Variables with the prefix that are no settings: the command line reads them.
const NOT_SETTINGS: &[&str] = &["RINGLOG_CONFIG", "RINGLOG_BOOTSTRAP"];

/// The variable of a setting.
pub(super) fn variable(setting: &str) -> String {
    let name = setting.strip_prefix("ringlog.").unwrap_or(setting);
    format!("{PREFIX}{}", name.to_ascii_uppercase().replace('.', "_"))
}

/// What a variable of the environment is to the broker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Variable {
    /// Nothing.
    Foreign,
    /// The variable of this setting.
    Setting(&'static Setting),
    /// It begins like one of ours and is none.
    Unknown,
}

pub(super) fn classify(name: &str) -> Variable {
    if !name.starts_with(PREFIX) || NOT_SETTINGS.contains(&name) {
        return Variable::Foreign;
    }
    BrokerConfig::SETTINGS
        .iter()
        .find(|setting| variable(setting.name) == name)
        .map_or(Variable::Unknown, Variable::Setting)
}

impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_setting_has_its_own_variable() {
        let names = BrokerConfig::SETTINGS.iter().map(|setting| variable(setting.name));
        assert_eq!(names.collect::<BTreeSet<_>>().len(), BrokerConfig::SETTINGS.len());
        assert_eq!(variable("log.segment.bytes"), "RINGLOG_LOG_SEGMENT_BYTES");
        assert_eq!(variable("ringlog.cores"), "RINGLOG_CORES");
    }

    #[test]
    fn variables_are_told_apart() {
        assert_eq!(classify("PATH"), Variable::Foreign);
        assert_eq!(classify("RINGLOG_CONFIG"), Variable::Foreign);
        assert_eq!(classify("RINGLOG_NO_SUCH"), Variable::Unknown);
        assert!(matches!(classify("RINGLOG_NODE_ID"), Variable::Setting(s) if s.name == "node.id"));
    }
}
