//! Definitions with types, versions and defaults resolved.

use super::definition::{Definition, FieldDefinition};
use super::names;
use super::versions::Versions;

/// A message with its nested structs.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) name: String,
    pub(super) module: String,
    pub(super) kind: Kind,
    pub(super) api_key: Option<i16>,
    pub(super) versions: Versions,
    pub(super) flexible: Versions,
    /// The message itself first, then nested structs in the order of their appearance.
    pub(super) structs: Vec<Struct>,
}

/// What a message is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Request,
    Response,
    /// A stored record's value or key, told from others by a number.
    Record,
    Other,
}

#[derive(Debug)]
pub(super) struct Struct {
    pub(super) name: String,
    /// Versions of the message in which it may occur.
    pub(super) versions: Versions,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kafka_name: String,
    pub(super) kind: Type,
    pub(super) versions: Versions,
    pub(super) nullable: Versions,
    pub(super) tagged: Versions,
    pub(super) tag: u32,
    pub(super) ignorable: bool,
    /// Never in the compact form, even in flexible versions.
    pub(super) rigid: bool,
    pub(super) default: Default,
    pub(super) about: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Default {
    /// Zero, false, empty, or a struct with its own defaults.
    Zero,
    Null,
    /// A Rust literal.
    Literal(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Bool,
    I8,
    I16,
    U16,
    I32,
    U32,
    I64,
    F64,
    Uuid,
    String,
    Bytes,
    Records,
    Struct(String),
    Array(Box<Type>),
}

impl Type {
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(element) = text.strip_prefix("[]") {
            return Ok(Self::Array(Box::new(Self::parse(element)?)));
        }
        Ok(match text {
            "bool" => Self::Bool,
            "int8" => Self::I8,
            "int16" => Self::I16,
            "uint16" => Self::U16,
            "int32" => Self::I32,
            "uint32" => Self::U32,
            "int64" => Self::I64,
            "float64" => Self::F64,
            "uuid" => Self::Uuid,
            "string" => Self::String,
            "bytes" => Self::Bytes,
            "records" => Self::Records,
            name if name.starts_with(char::is_uppercase) => Self::Struct(name.to_owned()),
            other => return Err(format!("type {other:?} is unknown")),
        })
    }

    /// The struct that this type is or holds.
    pub(super) fn struct_name(&self) -> Option<&str> {
        match self {
            Self::Struct(name) => Some(name),
            Self::Array(element) => element.struct_name(),
            _ => None,
        }
    }

    /// Method of the reader and writer, and Rust type, of a value of fixed size.
    pub(super) fn scalar(&self) -> Option<(&'static str, &'static str)> {
        Some(match self {
            Self::Bool => ("bool", "bool"),
            Self::I8 => ("i8", "i8"),
            Self::I16 => ("i16", "i16"),
            Self::U16 => ("u16", "u16"),
            Self::I32 => ("i32", "i32"),
            Self::U32 => ("u32", "u32"),
            Self::I64 => ("i64", "i64"),
            Self::F64 => ("f64", "f64"),
            Self::Uuid => ("uuid", "Uuid"),
            _ => return None,
        })
    }
}

impl Message {
    /// Resolves a definition; without its highest version when that is not released.
    pub(super) fn resolve(definition: &Definition, unstable: bool) -> Result<Self, String> {
        let any = Versions::range(0, 100);
        let versions = Versions::parse(&definition.valid_versions, &any)?;
        let (Some(low), Some(mut high)) = (versions.min(), versions.max()) else {
            return Err("the message has no versions".to_owned());
        };
        if unstable {
            high -= 1;
        }
        let versions = Versions::range(low, high);
        let flexible = Versions::parse(&definition.flexible_versions, &versions)?;
        let mut message = Self {
            name: definition.name.clone(),
            module: names::snake(&definition.name),
            kind: match definition.kind.as_str() {
                "request" => Kind::Request,
                "response" => Kind::Response,
                "metadata" | "coordinator-key" | "coordinator-value" => Kind::Record,
                _ => Kind::Other,
            },
            api_key: definition.api_key,
            versions: versions.clone(),
            flexible,
            structs: Vec::new(),
        };
        message.add(definition, &definition.name, &definition.fields, &versions)?;
        Ok(message)
    }

    fn add(
        &mut self,
        definition: &Definition,
        name: &str,
        fields: &[FieldDefinition],
        versions: &Versions,
    ) -> Result<(), String> {
        if self.structs.iter().any(|known| known.name == name) {
            return Ok(());
        }
        let at = self.structs.len();
        let (name, all) = (name.to_owned(), versions.clone());
        self.structs.push(Struct { name, versions: all, fields: Vec::new() });
        for field in fields {
            let resolved = Field::resolve(field, versions)
                .map_err(|what| format!("field {}: {what}", field.name))?;
            if resolved.versions.is_empty() {
                continue;
            }
            if let Some(nested) = resolved.kind.struct_name() {
                let common = definition.common_structs.iter().find(|c| c.name == nested);
                match common {
                    // Several fields may use it, in different versions.
                    Some(common) => {
                        let all = self.versions.clone();
                        self.add(definition, nested, &common.fields, &all)?;
                    }
                    None => self.add(definition, nested, &field.fields, &resolved.versions)?,
                }
            }
            self.structs[at].fields.push(resolved);
        }
        Ok(())
    }

    pub(super) fn find(&self, name: &str) -> &Struct {
        let found = self.structs.iter().find(|s| s.name == name);
        found.expect("every struct that a field names was added with the field")
    }

    /// Whether the view of a type holds references into the bytes.
    pub(super) fn borrows(&self, kind: &Type) -> bool {
        match kind {
            Type::String | Type::Bytes | Type::Records | Type::Array(_) => true,
            Type::Struct(name) => self.find(name).fields.iter().any(|f| self.borrows(&f.kind)),
            _ => false,
        }
    }

    /// Least number of bytes of a value in any version.
    pub(super) fn least(&self, name: &str) -> usize {
        let all = self.find(name).versions.clone();
        all.iter().map(|version| self.least_in(name, version)).min().unwrap_or(0)
    }

    fn least_in(&self, name: &str, version: i16) -> usize {
        let flexible = self.flexible.contains(version);
        let fields = self.find(name).fields.iter();
        let present =
            fields.filter(|f| f.versions.contains(version) && !f.tagged.contains(version));
        let fields: usize = present.map(|f| self.least_of(f, version, flexible)).sum();
        fields + usize::from(flexible)
    }

    fn least_of(&self, field: &Field, version: i16, flexible: bool) -> usize {
        match &field.kind {
            Type::Bool | Type::I8 => 1,
            Type::I16 | Type::U16 => 2,
            Type::I32 | Type::U32 => 4,
            Type::I64 | Type::F64 => 8,
            Type::Uuid => 16,
            Type::String if flexible && !field.rigid => 1,
            Type::String => 2,
            Type::Bytes | Type::Records | Type::Array(_) if flexible => 1,
            Type::Bytes | Type::Records | Type::Array(_) => 4,
            Type::Struct(_) if !field.nullable.is_empty() => 1,
            Type::Struct(name) => self.least_in(name, version),
        }
    }
}

impl Field {
    fn resolve(field: &FieldDefinition, all: &Versions) -> Result<Self, String> {
        let tagged = Versions::parse(&field.tagged_versions, all)?;
        let versions = match &field.versions {
            Some(text) => Versions::parse(text, all)?,
            None => tagged.clone(),
        };
        let kind = Type::parse(&field.kind)?;
        let nullable = Versions::parse(&field.nullable_versions, all)?.and(&versions);
        let default = match (&field.default, &kind) {
            (serde_json::Value::Null, Type::Records) if !nullable.is_empty() => Default::Null,
            (serde_json::Value::Null, _) => Default::Zero,
            (serde_json::Value::String(text), _) => literal(text, &kind)?,
            (other, _) => literal(&other.to_string(), &kind)?,
        };
        if default == Default::Null && nullable.is_empty() && !versions.is_empty() {
            return Err("the default is null, but no version allows null".to_owned());
        }
        Ok(Self {
            name: names::field(&field.name),
            kafka_name: field.name.clone(),
            kind,
            tagged: tagged.and(&versions),
            tag: field.tag.unwrap_or(0),
            versions,
            nullable,
            ignorable: field.ignorable,
            rigid: field.flexible_versions.as_deref() == Some("none"),
            default,
            about: field.about.clone(),
        })
    }

    /// Whether its Rust type is an `Option`.
    pub(super) fn is_option(&self) -> bool {
        !self.nullable.is_empty()
    }
}

fn literal(text: &str, kind: &Type) -> Result<Default, String> {
    let bad = || format!("the default {text:?} does not fit the type");
    Ok(match (text, kind) {
        ("null", _) => Default::Null,
        ("", _) => Default::Zero,
        (text, Type::Bool) => match text.to_lowercase().as_str() {
            "true" => Default::Literal("true".to_owned()),
            "false" => Default::Zero,
            _ => return Err(bad()),
        },
        (text, Type::String) => Default::Literal(format!("{text:?}")),
        (text, Type::I8 | Type::I16 | Type::U16 | Type::I32 | Type::U32 | Type::I64) => {
            let number = match text.strip_prefix("0x") {
                Some(hex) => i64::from_str_radix(hex, 16),
                None => text.parse(),
            };
            match (number.map_err(|_| bad())?, kind) {
                (0, _) => Default::Zero,
                (number, Type::I32) if number == i64::from(i32::MAX) => literal_of("i32::MAX"),
                (number, Type::I32) if number == i64::from(i32::MIN) => literal_of("i32::MIN"),
                (i64::MAX, Type::I64) => literal_of("i64::MAX"),
                (number, _) => Default::Literal(number.to_string()),
            }
        }
        _ => return Err(bad()),
    })
}

fn literal_of(text: &str) -> Default {
    Default::Literal(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(fields: &str) -> Result<Message, String> {
        let text = format!(
            r#"// A comment.
            {{ "apiKey": 9, "type": "request", "name": "SomeRequest", "validVersions": "2-5",
               "flexibleVersions": "4+", "fields": [ {fields} ] }}"#
        );
        let definition = Definition::parse(&text)?.expect("it has versions");
        Message::resolve(&definition, false)
    }

    #[test]
    fn fields_of_removed_versions_are_dropped() {
        let message = resolve(
            r#"{ "name": "Old", "type": "int32", "versions": "0-1" },
               { "name": "Now", "type": "[]Part", "versions": "3+", "fields": [
                   { "name": "Inner", "type": "string", "versions": "0+" } ] }"#,
        )
        .unwrap();
        let [top, part] = message.structs.as_slice() else { panic!("{message:?}") };
        assert_eq!(top.fields.len(), 1);
        assert_eq!(part.versions, Versions::range(3, 5));
        assert_eq!(part.fields[0].versions, Versions::range(3, 5));
        // Version 3: a plain length. Versions 4 and 5: a compact length, and the tagged fields.
        assert_eq!(message.least("Part"), 2);
    }

    #[test]
    fn defaults_fit_their_types() {
        let default = |kind: &str, default: &str| {
            let field = format!(
                r#"{{ "name": "X", "type": "{kind}", "versions": "2+", "default": {default},
                      "nullableVersions": "3+" }}"#
            );
            resolve(&field).map(|m| m.structs[0].fields[0].default.clone())
        };
        assert_eq!(default("int32", r#""0x7fffffff""#), Ok(literal_of("i32::MAX")));
        assert_eq!(default("int64", "-1"), Ok(literal_of("-1")));
        assert_eq!(default("bool", r#""False""#), Ok(Default::Zero));
        assert_eq!(default("string", r#""null""#), Ok(Default::Null));
        // Kafka's generator takes a JSON null for "no default".
        assert_eq!(default("string", "null"), Ok(Default::Zero));
        assert!(default("int32", r#""many""#).is_err());
        assert!(default("bool", r#""2""#).is_err());
    }

    #[test]
    fn definitions_that_make_no_sense_are_refused() {
        let kind = r#"{ "name": "X", "type": "complex", "versions": "2+" }"#;
        assert_eq!(resolve(kind).unwrap_err(), "field X: type \"complex\" is unknown");
        let null = r#"{ "name": "X", "type": "string", "versions": "2+", "default": "null" }"#;
        assert!(resolve(null).unwrap_err().contains("no version allows null"));
        let versions = r#"{ "name": "X", "type": "string", "versions": "two" }"#;
        assert!(resolve(versions).unwrap_err().contains("is not a version"));
    }
}
