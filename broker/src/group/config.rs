//! Settings and limits of the coordinator.

use thiserror::Error;

/// Settings of the coordinator, named after Kafka's broker settings. Times are in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupConfig {
    /// `group.initial.rebalance.delay.ms`: how long an empty group waits for more members to join.
    pub initial_rebalance_delay_ms: i32,
    /// `group.min.session.timeout.ms`.
    pub min_session_timeout_ms: i32,
    /// `group.max.session.timeout.ms`.
    pub max_session_timeout_ms: i32,
    /// `group.max.size`: members of one group.
    pub max_members: usize,
    /// How long a member that has never completed a join may wait for one: 5 minutes in Kafka, where
    /// it is not configurable.
    pub new_member_join_timeout_ms: i32,
    /// `offset.metadata.max.bytes`: in UTF-16 units, as Kafka counts.
    pub max_offset_metadata: usize,
    /// `offsets.retention.minutes`, in milliseconds (KIP-211).
    pub offsets_retention_ms: i64,
    /// `offsets.retention.check.interval.ms`.
    pub retention_check_interval_ms: i64,
    /// Groups that one coordinator keeps. Kafka has no such limit; beyond it, requests that would
    /// make a group are answered with COORDINATOR_NOT_AVAILABLE.
    pub max_groups: usize,
    /// Members of one group that have been given an id and have not come back with it. Kafka has no
    /// such limit; beyond it a join is answered with GROUP_MAX_SIZE_REACHED.
    pub max_pending_members: usize,
    /// Bytes of member metadata and assignments that one group may hold. Kafka finds out when the
    /// record is too large to append; here a join beyond it is answered with GROUP_MAX_SIZE_REACHED.
    pub max_group_bytes: usize,
    /// Tombstones written by one step of a sweep (expired offsets, deleted topics): keeps a batch
    /// and the time spent in one turn of the loop small.
    pub sweep_records: usize,
    /// `ringlog.offsets.log.min.bytes`: a coordinator's log shorter than this is left as it is, in bytes.
    pub log_bytes_min: u64,
    /// `ringlog.offsets.log.live.ratio`: a coordinator's log that is so many times as long as its live
    /// state is made shorter. 2 or more: with 1 it would be long as soon as it was made.
    pub log_live_ratio: u64,
}

impl Default for GroupConfig {
    fn default() -> Self {
        Self {
            initial_rebalance_delay_ms: 3_000,
            min_session_timeout_ms: 6_000,
            max_session_timeout_ms: 1_800_000,
            max_members: i32::MAX as usize,
            new_member_join_timeout_ms: 5 * 60 * 1_000,
            max_offset_metadata: 4_096,
            offsets_retention_ms: 7 * 24 * 60 * 60 * 1_000,
            retention_check_interval_ms: 600_000,
            max_groups: 1_000_000,
            max_pending_members: 10_000,
            max_group_bytes: 64 << 20,
            sweep_records: 512,
            log_bytes_min: 8 << 20,
            log_live_ratio: 4,
        }
    }
}

/// A setting outside what it may be.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{name} is {value}: {rule}")]
pub struct ConfigError {
    /// Kafka's name of the setting.
    pub name: &'static str,
    /// The value given.
    pub value: i64,
    /// What it must be.
    pub rule: &'static str,
}

impl GroupConfig {
    /// Checks every setting.
    ///
    /// # Errors
    /// The first setting that is out of range, with the rule it breaks.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let at_least = |name, value: i64, least: i64, rule| {
            if value < least { Err(ConfigError { name, value, rule }) } else { Ok(()) }
        };
        let non_negative = "set it to 0 or more";
        let positive = "set it to 1 or more";
        let delay = i64::from(self.initial_rebalance_delay_ms);
        at_least("group.initial.rebalance.delay.ms", delay, 0, non_negative)?;
        let least = i64::from(self.min_session_timeout_ms);
        at_least("group.min.session.timeout.ms", least, 1, positive)?;
        at_least(
            "group.max.session.timeout.ms",
            i64::from(self.max_session_timeout_ms),
            least,
            "set it to at least group.min.session.timeout.ms",
        )?;
        let members = i64::try_from(self.max_members).unwrap_or(i64::MAX);
        at_least("group.max.size", members, 1, positive)?;
        let ratio = i64::try_from(self.log_live_ratio).unwrap_or(i64::MAX);
        at_least("ringlog.offsets.log.live.ratio", ratio, 2, "set it to 2 or more")?;
        at_least("offsets.retention.minutes", self.offsets_retention_ms, 1, positive)?;
        at_least(
            "offsets.retention.check.interval.ms",
            self.retention_check_interval_ms,
            1,
            positive,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(GroupConfig::default().validate(), Ok(()));
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        let config = GroupConfig { max_session_timeout_ms: 10, ..GroupConfig::default() };
        let error = config.validate().unwrap_err();
        assert_eq!(error.name, "group.max.session.timeout.ms");
        let config = GroupConfig { max_members: 0, ..GroupConfig::default() };
        assert_eq!(config.validate().unwrap_err().name, "group.max.size");
    }
}
