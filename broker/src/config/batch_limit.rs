//! The largest record batch that a broker can take, whatever it is told.

use std::collections::BTreeMap;

use super::broker::BrokerConfig;

/// What the memory and the journal of a core allow `message.max.bytes` and `max.message.bytes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimit {
    /// Bytes of a record batch.
    pub bytes: usize,
    /// The setting that it follows from.
    pub setting: &'static str,
}

impl BatchLimit {
    /// Checks the largest batch that the broker is to take.
    ///
    /// # Errors
    /// What is wrong and how to mend it.
    pub fn check_broker(&self, config: &BrokerConfig) -> Result<(), String> {
        self.check(BROKER_SETTING, config.message_max_bytes)
    }

    /// Checks what AlterConfigs is to set for brokers.
    ///
    /// # Errors
    /// What is wrong and how to mend it.
    pub fn check_dynamic(&self, values: &BTreeMap<String, String>) -> Result<(), String> {
        self.check_text(BROKER_SETTING, values)
    }

    /// Checks what a topic is to have of its own. What it has from the broker was checked there.
    ///
    /// # Errors
    /// What is wrong and how to mend it.
    pub fn check_topic(&self, values: &BTreeMap<String, String>) -> Result<(), String> {
        self.check_text(TOPIC_SETTING, values)
    }

    fn check_text(&self, name: &str, values: &BTreeMap<String, String>) -> Result<(), String> {
        // What is no number is refused for that.
        match values.get(name).map(|value| value.trim().parse()) {
            Some(Ok(value)) => self.check(name, value),
            _ => Ok(()),
        }
    }

    fn check(&self, name: &str, value: i32) -> Result<(), String> {
        let Self { bytes, setting } = *self;
        if usize::try_from(value).is_ok_and(|value| value > bytes) {
            return Err(format!(
                "{name} is {value}, and the largest batch that {setting} has room for is {bytes}: \
                 lower {name} to {bytes}, or start the broker with a larger {setting}"
            ));
        }
        Ok(())
    }
}

const BROKER_SETTING: &str = "message.max.bytes";
const TOPIC_SETTING: &str = "max.message.bytes";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TopicConfig;

    const LIMIT: BatchLimit = BatchLimit { bytes: 2_000_000, setting: "ringlog.memory.bytes" };

    #[test]
    fn both_names_of_the_setting_are_held_to_the_limit() {
        let one = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
        for (name, check) in [
            (BROKER_SETTING, BatchLimit::check_dynamic as fn(&BatchLimit, &_) -> _),
            (TOPIC_SETTING, BatchLimit::check_topic),
        ] {
            assert_eq!(check(&LIMIT, &one(name, " 2000000 ")), Ok(()));
            let said = check(&LIMIT, &one(name, " 2000001")).unwrap_err();
            assert_eq!(
                said,
                format!(
                    "{name} is 2000001, and the largest batch that ringlog.memory.bytes has room \
                     for is 2000000: lower {name} to 2000000, or start the broker with a larger \
                     ringlog.memory.bytes"
                )
            );
            assert_eq!(check(&LIMIT, &BTreeMap::new()), Ok(()));
        }
        let large = BrokerConfig::from_pairs([(BROKER_SETTING, "2000001")]).unwrap();
        assert!(LIMIT.check_broker(&large).is_err());
        assert_eq!(LIMIT.check_broker(&BrokerConfig::default()), Ok(()));
    }

    #[test]
    fn the_settings_exist() {
        assert!(BrokerConfig::setting(BROKER_SETTING).is_some());
        assert!(TopicConfig::setting(TOPIC_SETTING).is_some());
    }
}
