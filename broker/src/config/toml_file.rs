//! TOML files: tables and dotted keys, joined to Kafka's names.

use toml::de::{DeTable, DeValue};

/// A key with its value as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Line of the value, from 1.
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) value: String,
}

/// A place that is not in the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TomlError {
    pub(super) line: usize,
    pub(super) why: String,
}

/// Reads a file's text, in the order of the lines.
pub(super) fn parse(text: &str) -> Result<Vec<Entry>, TomlError> {
    let table = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let mut why = error.message().to_owned();
        if why.contains("duplicate") || why.contains("extend") {
            why.push_str(
                "; where one name begins another (max.connections, max.connections.per.ip), put \
                 quotes around the whole name: \"max.connections\" = 100",
            );
        }
        TomlError { line, why }
    })?;
    let mut entries = Vec::new();
    flatten(text, "", table.get_ref(), &mut entries)?;
    entries.sort_by_key(|entry: &Entry| entry.line);
    Ok(entries)
}

fn flatten(
    text: &str,
    prefix: &str,
    table: &DeTable<'_>,
    entries: &mut Vec<Entry>,
) -> Result<(), TomlError> {
    for (name, value) in table {
        let name = name.get_ref();
        let key = if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
        let line = line_of(text, value.span().start);
        match value.get_ref() {
            DeValue::Table(inner) => flatten(text, &key, inner, entries)?,
            value => {
                let value = scalar(value)
                    .map_err(|why| TomlError { line, why: format!("{key}: {why}") })?;
                entries.push(Entry { line, key, value });
            }
        }
    }
    Ok(())
}

fn scalar(value: &DeValue<'_>) -> Result<String, String> {
    match value {
        DeValue::String(text) => Ok(text.to_string()),
        // Not normalised: `1_000` and `0x10` are read here, the setting's own type checks the rest.
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map(|number| number.to_string())
            .map_err(|_| format!("{} does not fit 64 bits", number.as_str())),
        DeValue::Float(number) => Ok(number.as_str().to_owned()),
        DeValue::Boolean(value) => Ok(value.to_string()),
        DeValue::Array(elements) => {
            let elements: Result<Vec<_>, _> =
                elements.iter().map(|element| scalar(element.get_ref())).collect();
            Ok(elements?.join(","))
        }
        DeValue::Datetime(_) | DeValue::Table(_) => {
            Err("expected a string, a number, a boolean or an array of these".to_owned())
        }
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<(usize, String, String)> {
        parse(text).unwrap().into_iter().map(|e| (e.line, e.key, e.value)).collect()
    }

    #[test]
    fn tables_and_dotted_keys_become_kafkas_names() {
        let text = "node.id = 3\n\n[log]\ndirs = [\"/a\", \"/b\"]\nsegment.bytes = 1_048_576\n\
                    [auto.create.topics]\nenable = false\n";
        assert_eq!(
            entries(text),
            [
                (1, "node.id".into(), "3".into()),
                (4, "log.dirs".into(), "/a,/b".into()),
                (5, "log.segment.bytes".into(), "1048576".into()),
                (7, "auto.create.topics.enable".into(), "false".into()),
            ]
        );
    }

    #[test]
    fn quotes_keep_a_name_that_begins_another_apart() {
        let text = "\"max.connections\" = 5\nmax.connections.per.ip = 2\n";
        let keys: Vec<_> = entries(text).into_iter().map(|(_, key, _)| key).collect();
        assert_eq!(keys, ["max.connections", "max.connections.per.ip"]);
    }

    #[test]
    fn errors_name_the_line_and_the_way_out() {
        let error = parse("a = 1\nb = = 2\n").unwrap_err();
        assert_eq!(error.line, 2);
        let error = parse("max.connections = 5\nmax.connections.per.ip = 2\n").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(error.why.contains("quotes around the whole name"), "{}", error.why);
        assert!(parse("a = 1979-05-27\n").unwrap_err().why.contains("expected"));
    }
}
