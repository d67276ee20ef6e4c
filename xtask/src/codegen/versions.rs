//! Sets of versions.

use std::collections::BTreeSet;

/// A set of versions of one message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Versions(BTreeSet<i16>);

impl Versions {
    /// Parses `none`, `3`, `3-5`, or `3+`, of which only those in `all` are kept.
    pub(super) fn parse(text: &str, all: &Versions) -> Result<Self, String> {
        let number =
            |text: &str| text.parse::<i16>().map_err(|_| format!("{text:?} is not a version"));
        let (low, high) = if text == "none" {
            return Ok(Self::default());
        } else if let Some(low) = text.strip_suffix('+') {
            (number(low)?, i16::MAX)
        } else if let Some((low, high)) = text.split_once('-') {
            (number(low)?, number(high)?)
        } else {
            (number(text)?, number(text)?)
        };
        Ok(Self(all.0.iter().copied().filter(|v| (low..=high).contains(v)).collect()))
    }

    /// All versions from `low` to `high`.
    pub(super) fn range(low: i16, high: i16) -> Self {
        Self((low..=high).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn min(&self) -> Option<i16> {
        self.0.first().copied()
    }

    pub(super) fn max(&self) -> Option<i16> {
        self.0.last().copied()
    }

    pub(super) fn contains(&self, version: i16) -> bool {
        self.0.contains(&version)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = i16> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).copied().collect())
    }

    /// A Rust expression on `f.version` that tells this set from the rest of `all`; `None` when there
    /// is no rest.
    pub(super) fn condition(&self, all: &Self) -> Option<String> {
        if all.without(self).is_empty() {
            return None;
        }
        let (Some(low), Some(high)) = (self.min(), self.max()) else {
            return Some("false".to_owned());
        };
        if usize::from((high - low) as u16) + 1 != self.0.len() {
            let rest = all.without(self).condition(all);
            return Some(format!("!({})", rest.unwrap_or_else(|| "false".to_owned())));
        }
        Some(if Some(high) == all.max() {
            format!("f.version >= {low}")
        } else if Some(low) == all.min() {
            format!("f.version <= {high}")
        } else if low == high {
            format!("f.version == {low}")
        } else {
            format!("({low}..={high}).contains(&f.version)")
        })
    }

    /// The same, with `true` when there is no rest, and `None` for the empty set.
    pub(super) fn condition_or_always(&self, all: &Self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        Some(self.condition(all).unwrap_or_else(|| "true".to_owned()))
    }

    /// For documentation: `3`, `3-5`, or `3+` when it reaches the newest version.
    pub(super) fn text(&self, newest: i16) -> String {
        match (self.min(), self.max()) {
            (Some(low), Some(high)) if high == newest && low != high => format!("{low}+"),
            (Some(low), Some(high)) if low == high => low.to_string(),
            (Some(low), Some(high)) => format!("{low}-{high}"),
            _ => "none".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_valid_versions() {
        let all = Versions::range(4, 18);
        assert_eq!(Versions::parse("0+", &all), Ok(all.clone()));
        assert_eq!(Versions::parse("0-12", &all), Ok(Versions::range(4, 12)));
        assert_eq!(Versions::parse("2", &all), Ok(Versions::default()));
        assert_eq!(Versions::parse("none", &all), Ok(Versions::default()));
        assert!(Versions::parse("x", &all).is_err());
    }

    #[test]
    fn conditions_are_the_shortest() {
        let all = Versions::range(4, 18);
        let condition = |low, high| Versions::range(low, high).condition(&all);
        assert_eq!(condition(4, 18), None);
        assert_eq!(condition(7, 18).as_deref(), Some("f.version >= 7"));
        assert_eq!(condition(4, 12).as_deref(), Some("f.version <= 12"));
        assert_eq!(condition(7, 12).as_deref(), Some("(7..=12).contains(&f.version)"));
        assert_eq!(condition(7, 7).as_deref(), Some("f.version == 7"));
    }
}
