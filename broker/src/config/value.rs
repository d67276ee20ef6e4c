//! Kinds of values, and their way from text to types.

use std::fmt;
use std::path::PathBuf;

/// The kind of a setting's values, as DescribeConfigs names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// Text.
    String,
    /// A 32-bit number.
    Int,
    /// A 16-bit number.
    Short,
    /// A 64-bit number.
    Long,
    /// A number with a fraction.
    Double,
    /// Texts with commas between them.
    List,
}

impl Kind {
    /// The number that DescribeConfigs (version 3 and later) has for it, from KIP-569.
    pub fn code(self) -> i8 {
        match self {
            Self::Boolean => 1,
            Self::String => 2,
            Self::Int => 3,
            Self::Short => 4,
            Self::Long => 5,
            Self::Double => 6,
            Self::List => 7,
        }
    }

    /// Its name in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Int => "int",
            Self::Short => "short",
            Self::Long => "long",
            Self::Double => "double",
            Self::List => "list",
        }
    }

    /// The plain form of a text of this kind: what is wrong otherwise, in Kafka's words.
    pub(super) fn canonical(self, text: &str) -> Result<String, String> {
        let text = text.trim();
        let number = |kind: &str| format!("Not a number of type {kind}");
        match self {
            Self::Boolean if text.eq_ignore_ascii_case("true") => Ok("true".to_owned()),
            Self::Boolean if text.eq_ignore_ascii_case("false") => Ok("false".to_owned()),
            Self::Boolean => Err("Expected value to be either true or false".to_owned()),
            Self::String => Ok(text.to_owned()),
            Self::Int => text.parse::<i32>().map(|n| n.to_string()).map_err(|_| number("INT")),
            Self::Short => text.parse::<i16>().map(|n| n.to_string()).map_err(|_| number("SHORT")),
            Self::Long => text.parse::<i64>().map(|n| n.to_string()).map_err(|_| number("LONG")),
            Self::Double => match text.parse::<f64>() {
                Ok(n) if n.is_finite() => Ok(format!("{n:?}")),
                _ => Err(number("DOUBLE")),
            },
            Self::List => Ok(elements(text).collect::<Vec<_>>().join(",")),
        }
    }
}

/// The elements of a list.
pub(super) fn elements(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|element| !element.is_empty())
}

/// A type that a setting's text turns into.
pub trait FromText: Sized {
    /// The kind of text.
    const KIND: Kind;

    /// The value of a text in plain form; `None` is `null`.
    ///
    /// # Errors
    /// What is wrong with it.
    fn from_text(text: Option<&str>) -> Result<Self, String>;
}

macro_rules! from_text {
    ($($type:ty, $kind:ident;)*) => {
        $(
            impl FromText for $type {
                const KIND: Kind = Kind::$kind;

                fn from_text(text: Option<&str>) -> Result<Self, String> {
                    let text = text.ok_or("Value must be set")?;
                    text.parse().map_err(|error| format!("{error}"))
                }
            }
        )*
    };
}

from_text! {
    bool, Boolean;
    i16, Short;
    i32, Int;
    i64, Long;
    f64, Double;
    String, String;
    PathBuf, String;
    TimestampType, String;
    CompressionType, String;
    LogFormat, String;
}

impl<T: FromText> FromText for Option<T> {
    const KIND: Kind = T::KIND;

    fn from_text(text: Option<&str>) -> Result<Self, String> {
        text.map(|text| T::from_text(Some(text))).transpose()
    }
}

/// A type that lists can be made of.
pub(super) trait Element: Sized {
    fn element(text: &str) -> Result<Self, String>;
}

impl Element for String {
    fn element(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl Element for PathBuf {
    fn element(text: &str) -> Result<Self, String> {
        Ok(Self::from(text))
    }
}

impl<T: Element> FromText for Vec<T> {
    const KIND: Kind = Kind::List;

    fn from_text(text: Option<&str>) -> Result<Self, String> {
        elements(text.unwrap_or_default()).map(T::element).collect()
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident $word:literal,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum $name {
                $($(#[$word_doc])* $variant,)*
            }

            impl $name {
                /// Its word in a setting.
                pub fn name(self) -> &'static str {
                    match self {
                        $(Self::$variant => $word,)*
                    }
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(self.name())
                }
            }

            impl std::str::FromStr for $name {
                type Err = String;

                fn from_str(text: &str) -> Result<Self, String> {
                    match text {
                        $($word => Ok(Self::$variant),)*
                        _ => Err(format!("String must be one of: {}", [$($word),*].join(", "))),
                    }
                }
            }
        )*
    };
}

words! {
    /// Who sets the timestamps of records.
    TimestampType {
        /// The producer.
        CreateTime "CreateTime",
        /// The broker, when it appends.
        LogAppendTime "LogAppendTime",
    }

    /// How a log keeps record batches.
    CompressionType {
        /// As the producer sent them.
        Producer "producer",
        /// Not compressed.
        Uncompressed "uncompressed",
        /// With gzip.
        Gzip "gzip",
        /// With Snappy.
        Snappy "snappy",
        /// With LZ4.
        Lz4 "lz4",
        /// With Zstandard.
        Zstd "zstd",
    }

    /// How old records leave a log.
    CleanupPolicy {
        /// Whole segments, by age or size.
        Delete "delete",
        /// Records that a later one with the same key replaces.
        Compact "compact",
    }

    /// The form of the broker's own log lines.
    LogFormat {
        /// For people.
        Text "text",
        /// One JSON object a line.
        Json "json",
    }
}

impl Element for CleanupPolicy {
    fn element(text: &str) -> Result<Self, String> {
        text.parse()
    }
}

/// A set of [`CleanupPolicy`].
pub type CleanupPolicies = Vec<CleanupPolicy>;
