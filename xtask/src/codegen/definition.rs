//! Kafka's definitions as they are in the JSON files.
//! <https://github.com/apache/kafka/blob/4.3.1/clients/src/main/resources/common/message/README.md>

use serde::Deserialize;

/// One message definition. Keys that mean nothing here (entity types, for example) are skipped.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Definition {
    pub(super) api_key: Option<i16>,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) listeners: Vec<String>,
    pub(super) name: String,
    pub(super) valid_versions: String,
    #[serde(default = "none")]
    pub(super) flexible_versions: String,
    #[serde(default)]
    pub(super) latest_version_unstable: bool,
    #[serde(default)]
    pub(super) fields: Vec<FieldDefinition>,
    #[serde(default)]
    pub(super) common_structs: Vec<StructDefinition>,
}

/// A field of a message or struct.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FieldDefinition {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) versions: Option<String>,
    #[serde(default = "none")]
    pub(super) nullable_versions: String,
    #[serde(default = "none")]
    pub(super) tagged_versions: String,
    pub(super) flexible_versions: Option<String>,
    pub(super) tag: Option<u32>,
    #[serde(default)]
    pub(super) default: serde_json::Value,
    #[serde(default)]
    pub(super) ignorable: bool,
    #[serde(default)]
    pub(super) about: String,
    #[serde(default)]
    pub(super) fields: Vec<FieldDefinition>,
}

/// A struct that several fields use.
#[derive(Debug, Deserialize)]
pub(super) struct StructDefinition {
    pub(super) name: String,
    pub(super) fields: Vec<FieldDefinition>,
}

fn none() -> String {
    "none".to_owned()
}

impl Definition {
    /// Parses a file: JSON with whole-line `//` comments. `None` for a JSON file of another kind.
    pub(super) fn parse(text: &str) -> Result<Option<Self>, String> {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let json: String = lines.flat_map(|line| [line, "\n"]).collect();
        let value: serde_json::Value =
            serde_json::from_str(&json).map_err(|error| error.to_string())?;
        if value.get("validVersions").is_none() {
            return Ok(None);
        }
        serde_json::from_value(value).map(Some).map_err(|error| error.to_string())
    }
}
