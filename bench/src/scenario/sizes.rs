//! Sizes in bytes: one, a range, or a choice by weight.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

/// Largest size of anything here, in bytes: a batch that a broker set to the most takes.
const SIZE_MAX: u64 = 64 << 20;

/// Sizes that are drawn from, in bytes: `1000`, `16KiB`, `100..2000`, `100:3,1KiB:1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// Always the same.
    Fixed(u32),
    /// Each between two bounds, both included, is as likely as any other.
    Uniform {
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// Some sizes, each as often as its weight says.
    Weighted(Vec<(u32, u32)>),
}

impl Sizes {
    /// One of them, chosen by a number that is random.
    pub(crate) fn pick(&self, random: u64) -> u32 {
        match self {
            Self::Fixed(size) => *size,
            Self::Uniform { min, max } => {
                let span = u64::from(max - min) + 1;
                min + u32::try_from(random % span).unwrap_or(0)
            }
            Self::Weighted(sizes) => {
                let all: u64 = sizes.iter().map(|(_, weight)| u64::from(*weight)).sum();
                let mut left = random % all.max(1);
                for (size, weight) in sizes {
                    match left.checked_sub((*weight).into()) {
                        Some(rest) => left = rest,
                        None => return *size,
                    }
                }
                self.most()
            }
        }
    }

    /// The largest.
    pub(crate) fn most(&self) -> u32 {
        match self {
            Self::Fixed(size) => *size,
            Self::Uniform { max, .. } => *max,
            Self::Weighted(sizes) => sizes.iter().map(|(size, _)| *size).max().unwrap_or(0),
        }
    }

    /// The smallest.
    pub(crate) fn least(&self) -> u32 {
        match self {
            Self::Fixed(size) => *size,
            Self::Uniform { min, .. } => *min,
            Self::Weighted(sizes) => sizes.iter().map(|(size, _)| *size).min().unwrap_or(0),
        }
    }

    /// Whether there is only one.
    pub(crate) fn is_fixed(&self) -> bool {
        self.least() == self.most()
    }
}

impl FromStr for Sizes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((min, max)) = text.split_once("..") {
            let (min, max) = (bytes(min)?, bytes(max)?);
            if min > max {
                return Err(format!("the range {text} is empty: give MIN..MAX"));
            }
            return Ok(Self::Uniform { min, max });
        }
        if !text.contains(':') {
            return bytes(text).map(Self::Fixed);
        }
        let mut sizes = Vec::new();
        for choice in text.split(',') {
            let (size, weight) = choice
                .split_once(':')
                .ok_or_else(|| format!("{} has no weight: give SIZE:WEIGHT,...", choice.trim()))?;
            let weight =
                weight.trim().parse().ok().filter(|weight| (1..=1_000_000).contains(weight));
            let weight = weight.ok_or("a weight is a number between 1 and 1000000")?;
            sizes.push((bytes(size)?, weight));
        }
        Ok(Self::Weighted(sizes))
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => write!(f, "{size}"),
            Self::Uniform { min, max } => write!(f, "{min}..{max}"),
            Self::Weighted(sizes) => {
                for (number, (size, weight)) in sizes.iter().enumerate() {
                    let comma = if number == 0 { "" } else { "," };
                    write!(f, "{comma}{size}:{weight}")?;
                }
                Ok(())
            }
        }
    }
}

impl Serialize for Sizes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(size) => serializer.serialize_u32(*size),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Sizes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Sizes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes, as 1000, \"16KiB\", \"100..2000\" or \"100:3,1KiB:1\"")
            }

            fn visit_u64<E: de::Error>(self, size: u64) -> Result<Sizes, E> {
                self.visit_str(&size.to_string())
            }

            fn visit_i64<E: de::Error>(self, size: i64) -> Result<Sizes, E> {
                self.visit_str(&size.to_string())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Sizes, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// A number of bytes, with a unit or without.
pub(crate) fn bytes(text: &str) -> Result<u32, String> {
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(at);
    let unit = match unit.trim() {
        "" | "B" => 1,
        "k" | "kB" | "KB" => 1000,
        "M" | "MB" => 1_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => {
            return Err(format!(
                "{text} is no size: give bytes, or a number with KB, KiB, MB or MiB"
            ));
        }
    };
    let number: u64 = digits.parse().map_err(|_| format!("{text} is no size: it has no number"))?;
    number
        .checked_mul(unit)
        .filter(|bytes| *bytes <= SIZE_MAX)
        .and_then(|bytes| u32::try_from(bytes).ok())
        .ok_or_else(|| format!("{text} is too much: the most is 64 MiB"))
}

#[cfg(test)]
mod tests {
    use super::{Sizes, bytes};

    #[test]
    fn sizes_have_units_and_limits() {
        assert_eq!(bytes("1MiB"), Ok(1 << 20));
        assert_eq!(bytes(" 16 KiB"), Ok(16 << 10));
        assert_eq!(bytes("1000"), Ok(1000));
        for wrong in ["", "KiB", "1GiB", "65MiB", "99999999999999999999MiB", "-1"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_notation_is_read_and_written() {
        for text in ["1000", "100..2000", "100:3,1024:1"] {
            assert_eq!(text.parse::<Sizes>().unwrap().to_string(), text);
        }
        for wrong in ["5..1", "1:", "1:0", "1:2,3", "a..b", "1..2..3"] {
            assert!(wrong.parse::<Sizes>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_drawn_follows_the_weights() {
        let sizes: Sizes = "10:3,20:1".parse().unwrap();
        let drawn: Vec<u32> = (0..8).map(|random| sizes.pick(random)).collect();
        assert_eq!(drawn, [10, 10, 10, 20, 10, 10, 10, 20]);
        let sizes: Sizes = "5..7".parse().unwrap();
        let drawn: Vec<u32> = (0..4).map(|random| sizes.pick(random)).collect();
        assert_eq!(drawn, [5, 6, 7, 5]);
        assert_eq!((sizes.least(), sizes.most(), sizes.is_fixed()), (5, 7, false));
    }
}
