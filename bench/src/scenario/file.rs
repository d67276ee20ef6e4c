//! Scenarios from files, and what is wrong with them: where, what, and what was probably meant.

use std::path::Path;

use crate::error::BenchError;

use super::{BUILTIN, Scenario, builtin};

/// A scenario that cannot be followed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {what}")]
pub struct ScenarioError {
    /// The file, or the name of a built-in scenario.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in it, in characters from 1.
    pub column: usize,
    /// What is wrong, and how to mend it.
    pub what: String,
}

/// The scenario in a file, or the built-in one of that name.
///
/// # Errors
/// [`BenchError`] when there is neither, or when it is wrong.
pub(crate) fn find(name: &str) -> Result<Scenario, BenchError> {
    let is_file = name.ends_with(".toml") || name.contains('/') || Path::new(name).exists();
    let scenario = match builtin(name) {
        Some(found) if !is_file => parse(found.name, found.text)?,
        _ if is_file => {
            let text = std::fs::read_to_string(name).map_err(|error| {
                BenchError::Usage(format!("scenario {name} cannot be read: {error}"))
            })?;
            parse(name, &text)?
        }
        _ => {
            let names = BUILTIN.iter().map(|scenario| scenario.name);
            let hint = nearest(name, names).map_or_else(
                || "see ringlog bench scenarios, or give a file that ends with .toml".to_owned(),
                |near| format!("did you mean {near}?"),
            );
            return Err(BenchError::Usage(format!("no scenario is called {name}; {hint}")));
        }
    };
    scenario.check()?;
    Ok(scenario)
}

/// Reads a scenario from the text of `file`.
pub(super) fn parse(file: &str, text: &str) -> Result<Scenario, ScenarioError> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        ScenarioError { file: file.to_owned(), line, column, what: explain(error.message()) }
    })
}

/// What is said about a key or a word that does not exist names the nearest that does.
fn explain(message: &str) -> String {
    let message = message.trim().replace('\n', ", ");
    let unknown = ["unknown field `", "unknown variant `"];
    if !unknown.iter().any(|begin| message.starts_with(begin)) {
        return message;
    }
    let mut names = message.split('`').skip(1).step_by(2);
    let wrong = names.next().unwrap_or_default();
    let known: Vec<&str> = names.collect();
    let what = if message.starts_with("unknown field") { "key" } else { "word" };
    let all = known.join(", ");
    match nearest(wrong, known) {
        Some(near) => format!("unknown {what} {wrong}: did you mean {near}? (known: {all})"),
        None => format!("unknown {what} {wrong}; known are {all}"),
    }
}

/// The name nearest to `wrong`, when it is near enough to have been meant.
fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_ascii_lowercase().replace('-', "_");
    let wrong = plain(wrong);
    names
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&wrong, &plain(name)), name))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::{BUILTIN, find, parse};

    fn wrong(text: &str) -> String {
        parse("a.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn a_wrong_key_is_named_with_its_line_and_what_was_meant() {
        let said = wrong("name = \"a\"\n\n[[produce]]\nacks = 1\nconections = 4\n");
        assert!(
            said.starts_with("a.toml:5:1: unknown key conections: did you mean connections?"),
            "{said}"
        );
    }

    #[test]
    fn a_wrong_value_is_named_with_its_line() {
        for (text, line, expected) in [
            ("name = \"a\"\nseconds = 0\n", 2, "0 is not between 1 and 864000"),
            ("name = \"a\"\n[[produce]]\nrate = 0\n", 3, "0 is no rate"),
            ("name = \"a\"\n[[produce]]\nrecord_bytes = \"9..1\"\n", 3, "the range 9..1 is empty"),
            ("name = \"a\"\n[[produce]]\ncompression = \"zst\"\n", 3, "did you mean zstd?"),
            ("name = \"a\"\n[[produce]]\nacks = 0\n", 3, "acks is \"all\", -1 or 1"),
            ("name = \"a\"\n[[produce]\n", 2, ""),
            ("seconds = 4\n", 1, "missing field `name`"),
        ] {
            let said = wrong(text);
            assert!(
                said.starts_with(&format!("a.toml:{line}:")) && said.contains(expected),
                "{said}"
            );
        }
    }

    #[test]
    fn every_built_in_scenario_can_be_followed_and_names_its_source() {
        for builtin in BUILTIN {
            let scenario = find(builtin.name).unwrap();
            assert_eq!(scenario.name, builtin.name);
            assert!(scenario.source.starts_with("https://"), "{}", builtin.name);
            assert!(!scenario.about.is_empty(), "{}", builtin.name);
        }
    }

    #[test]
    fn a_scenario_that_does_not_exist_has_a_neighbour() {
        let said = find("backlog-drian").unwrap_err().to_string();
        assert!(said.contains("did you mean backlog-drain?"), "{said}");
        let said = find("missing.toml").unwrap_err().to_string();
        assert!(said.contains("missing.toml cannot be read"), "{said}");
    }
}
