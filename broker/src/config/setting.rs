//! The form of the tables of settings.

use super::error::ValueError;
use super::value::Kind;

/// One setting of a table.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name: Kafka's own where Kafka has the setting, `ringlog.*` otherwise.
    pub name: &'static str,
    /// The kind of its values.
    pub kind: Kind,
    /// The value when none is given; `None` is Kafka's `null`.
    pub default: Option<&'static str>,
    /// Which values of the kind it takes.
    pub limit: Limit,
    /// Whether it can change while the broker runs. Settings of topics always can.
    pub update: UpdateMode,
    /// Whether its value is never shown.
    pub sensitive: bool,
    /// How far Ringlog follows it.
    pub support: Support,
    /// For a setting of a topic: the broker's setting that gives the default.
    pub twin: Option<&'static str>,
    /// What it means, with the unit.
    pub doc: &'static str,
}

impl Setting {
    /// What most settings have; the table names what differs.
    pub(super) const PLAIN: Self = Self {
        name: "",
        kind: Kind::String,
        default: None,
        limit: Limit::Any,
        update: UpdateMode::ReadOnly,
        sensitive: false,
        support: Support::Full,
        twin: None,
        doc: "",
    };

    /// Checks a value and puts it in its plain form: `" TRUE"` is `true`, `+5` is `5`.
    ///
    /// # Errors
    /// When it is not one of the setting's kind or limits.
    pub fn canonical(&self, text: &str) -> Result<String, ValueError> {
        let parsed = self.kind.canonical(text).and_then(|value| {
            self.limit.check(self.kind, &value)?;
            Ok(value)
        });
        parsed.map_err(|why| self.refuse(text, why))
    }

    /// Checks that Ringlog follows a value that Kafka would take; `canonical` is in plain form.
    ///
    /// # Errors
    /// With the reason when it does not.
    pub fn check_support(&self, canonical: &str) -> Result<(), ValueError> {
        match self.support {
            Support::Only { values, why } if !values.contains(&canonical) => {
                let only = values.iter().map(|v| format!("'{v}'")).collect::<Vec<_>>();
                Err(self.refuse(
                    canonical,
                    format!("Ringlog only takes {} here: {why}", only.join(" or ")),
                ))
            }
            _ => Ok(()),
        }
    }

    /// An error about this setting.
    pub(super) fn refuse(&self, value: &str, why: impl Into<String>) -> ValueError {
        let value = if self.sensitive { "[hidden]" } else { value };
        ValueError { name: self.name.to_owned(), value: value.to_owned(), why: why.into() }
    }
}

/// Whether a setting of the broker can change while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateMode {
    /// Only at a restart.
    ReadOnly,
    /// At any time, for one broker or for all.
    ClusterWide,
    /// At any time, for one broker.
    PerBroker,
}

/// How far Ringlog follows a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// As documented.
    Full,
    /// Taken, so that Kafka's files can be used; a value other than the default is warned about.
    NoEffect(&'static str),
    /// Only some of Kafka's values.
    Only {
        /// Those.
        values: &'static [&'static str],
        /// Why not the others.
        why: &'static str,
    },
}

/// Which values of its kind a setting takes.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// All.
    Any,
    /// Numbers from here on.
    AtLeast(i64),
    /// Numbers in this range, both ends included.
    Between(i64, i64),
    /// Numbers in this range, and -1.
    BetweenOrMinusOne(i64, i64),
    /// One of these words; of a list, each element.
    OneOf(&'static [&'static str]),
    /// A text or list that is not empty.
    NonEmpty,
}

impl Limit {
    fn check(&self, kind: Kind, value: &str) -> Result<(), String> {
        match *self {
            Self::Any => Ok(()),
            Self::AtLeast(least) => number(value, |n| n >= least as f64)
                .then_some(())
                .ok_or_else(|| format!("Value must be at least {least}")),
            Self::Between(least, most) => {
                if !number(value, |n| n >= least as f64) {
                    Err(format!("Value must be at least {least}"))
                } else if !number(value, |n| n <= most as f64) {
                    Err(format!("Value must be no more than {most}"))
                } else {
                    Ok(())
                }
            }
            Self::BetweenOrMinusOne(least, most) => {
                number(value, |n| n == -1.0 || (n >= least as f64 && n <= most as f64))
                    .then_some(())
                    .ok_or_else(|| format!("Value must be between {least} and {most} or -1"))
            }
            Self::OneOf(words) => {
                let mut elements =
                    if kind == Kind::List { value.split(',') } else { value.split('\0') };
                elements
                    .all(|element| words.contains(&element))
                    .then_some(())
                    .ok_or_else(|| format!("String must be one of: {}", words.join(", ")))
            }
            Self::NonEmpty if value.is_empty() => Err("Value must not be empty".to_owned()),
            Self::NonEmpty => Ok(()),
        }
    }

    /// The limit in words, for the documentation; empty when there is none.
    pub fn words(&self) -> String {
        match *self {
            Self::Any => String::new(),
            Self::AtLeast(least) => format!("at least {least}"),
            Self::Between(least, most) => format!("{least} to {most}"),
            Self::BetweenOrMinusOne(least, most) => format!("{least} to {most}, or -1"),
            Self::OneOf(words) => words.join(", "),
            Self::NonEmpty => "not empty".to_owned(),
        }
    }
}

// Limits are far from the numbers that a double cannot tell apart.
fn number(value: &str, holds: impl Fn(f64) -> bool) -> bool {
    value.parse::<f64>().is_ok_and(holds)
}

/// Declares a table of settings together with the struct that holds their values.
macro_rules! settings {
    (
        $(#[doc = $struct_doc:literal])*
        $vis:vis struct $name:ident, table $table:ident, values $values:ident;
        $(
            $(#[doc = $doc:literal])+
            $key:literal $field:ident: $type:ty = $default:expr
                $(, $option:ident: $value:expr)* ;
        )*
    ) => {
        $(#[doc = $struct_doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $values {
            $(
                $(#[doc = $doc])+
                pub $field: $type,
            )*
        }

        impl $values {
            /// The typed values; `get` gives the text of a setting by name, in plain form.
            fn from_texts<'a>(
                get: impl Fn(&'static str) -> Option<&'a str>,
            ) -> Result<Self, $crate::config::ValueError> {
                Ok(Self {
                    $(
                        $field: <$type as $crate::config::FromText>::from_text(get($key))
                            .map_err(|why| $crate::config::ValueError {
                                name: $key.to_owned(),
                                value: get($key).unwrap_or("null").to_owned(),
                                why,
                            })?,
                    )*
                })
            }
        }

        /// The table of settings, sorted as documented.
        pub(super) const $table: &[$crate::config::Setting] = &[
            $(
                $crate::config::Setting {
                    name: $key,
                    kind: <$type as $crate::config::FromText>::KIND,
                    default: $default,
                    doc: concat!($($doc),+),
                    $($option: $value,)*
                    ..$crate::config::Setting::PLAIN
                },
            )*
        ];
    };
}
pub(super) use settings;
