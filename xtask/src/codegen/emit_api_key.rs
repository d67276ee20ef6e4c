//! The table of API keys.

use super::definition::Definition;
use super::versions::Versions;

/// The text of the module: every request of the definitions, also those that Ringlog does not serve.
pub(super) fn file(requests: &[&Definition], unstable: &[i16]) -> String {
    let mut rows: Vec<Row> = requests.iter().filter_map(|d| Row::new(d, unstable)).collect();
    rows.sort_by_key(|row| row.id);

    let variants: String =
        rows.iter().map(|r| format!("/// {}.\n{} = {},\n", r.text(), r.name, r.id)).collect();
    let all: String = rows.iter().map(|r| format!("Self::{},", r.name)).collect();
    let ids: String = rows.iter().map(|r| format!("{} => Some(Self::{}),", r.id, r.name)).collect();
    let names: String = rows.iter().map(|r| format!("Self::{} => {:?},", r.name, r.name)).collect();
    let versions: String =
        rows.iter().map(|r| format!("Self::{} => ({}, {}),", r.name, r.min, r.max)).collect();
    let flexible: String = rows
        .iter()
        .map(|r| match r.flexible_from {
            Some(from) => format!("Self::{} => {from},", r.name),
            None => format!("Self::{} => i16::MAX,", r.name),
        })
        .collect();
    let broker: Vec<String> =
        rows.iter().filter(|r| r.on_broker).map(|r| format!("Self::{}", r.name)).collect();
    format!(
        r#"//! Every API of Kafka: number, versions, headers.

/// An API of Kafka, whether Ringlog serves it or not. Versions are those that Kafka released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i16)]
pub enum ApiKey {{
    {variants}
}}

impl ApiKey {{
    /// Every API, by number.
    pub const ALL: &[Self] = &[{all}];

    /// The API with this number.
    pub fn from_id(id: i16) -> Option<Self> {{
        match id {{ {ids} _ => None }}
    }}

    /// The number on the wire.
    pub fn id(self) -> i16 {{
        self as i16
    }}

    /// Kafka's name, without `Request`.
    pub fn name(self) -> &'static str {{
        match self {{ {names} }}
    }}

    /// Lowest and highest version that Kafka released and still has.
    pub fn versions(self) -> (i16, i16) {{
        match self {{ {versions} }}
    }}

    /// Whether Kafka has the API on a broker's listeners, and not on a controller's alone.
    pub fn is_on_broker(self) -> bool {{
        matches!(self, {broker})
    }}

    /// Whether `version` is among [`ApiKey::versions`].
    pub fn supports(self, version: i16) -> bool {{
        let (min, max) = self.versions();
        (min..=max).contains(&version)
    }}

    /// First flexible version (KIP-482); `i16::MAX` when there is none.
    pub fn flexible_from(self) -> i16 {{
        match self {{ {flexible} }}
    }}

    /// Version of the header of a request in `version`.
    pub fn request_header_version(self, version: i16) -> i16 {{
        if version >= self.flexible_from() {{ 2 }} else {{ 1 }}
    }}

    /// Version of the header of the response to a request in `version`. That of ApiVersions is always
    /// the old one: the client does not know yet what the broker speaks (KIP-511).
    pub fn response_header_version(self, version: i16) -> i16 {{
        i16::from(self != Self::ApiVersions && version >= self.flexible_from())
    }}
}}
"#,
        broker = broker.join(" | ")
    )
}

struct Row {
    name: String,
    id: i16,
    min: i16,
    max: i16,
    flexible_from: Option<i16>,
    on_broker: bool,
}

impl Row {
    /// `None` for a request that has no versions any more.
    fn new(definition: &Definition, unstable: &[i16]) -> Option<Self> {
        let id = definition.api_key?;
        let all = Versions::parse(&definition.valid_versions, &Versions::range(0, 100)).ok()?;
        let flexible = Versions::parse(&definition.flexible_versions, &all).ok()?;
        Some(Self {
            name: definition.name.trim_end_matches("Request").to_owned(),
            id,
            min: all.min()?,
            max: all.max()? - i16::from(unstable.contains(&id)),
            flexible_from: flexible.min(),
            on_broker: definition.listeners.iter().any(|l| l == "broker"),
        })
    }

    fn text(&self) -> String {
        match self.min == self.max {
            true => format!("Version {}", self.min),
            false => format!("Versions {}-{}", self.min, self.max),
        }
    }
}
