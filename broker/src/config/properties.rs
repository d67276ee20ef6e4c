//! Java's `.properties` format, as `java.util.Properties.load` reads it.

/// A key with its value, both without escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Property {
    /// Line on which it begins, from 1.
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) value: String,
}

/// A line that is not in the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PropertiesError {
    pub(super) line: usize,
    pub(super) why: String,
}

/// Reads a file's text.
pub(super) fn parse(text: &str) -> Result<Vec<Property>, PropertiesError> {
    let mut properties = Vec::new();
    for (line, logical) in logical_lines(text) {
        let (key, value) = split(&logical);
        let plain = |text: &str| unescape(text).map_err(|why| PropertiesError { line, why });
        properties.push(Property { line, key: plain(key)?, value: plain(value)? });
    }
    Ok(properties)
}

/// Lines without comments and blank ones, joined where a backslash ends a line.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut logical: Vec<(usize, String)> = Vec::new();
    let mut continues = false;
    // \r alone ends a line too.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    for (index, natural) in text.split('\n').enumerate() {
        let line = natural.trim_start_matches([' ', '\t', '\x0c']);
        if !continues && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let backslashes = line.len() - line.trim_end_matches('\\').len();
        let goes_on = backslashes % 2 == 1;
        let content = if goes_on { line.strip_suffix('\\').unwrap_or(line) } else { line };
        match logical.last_mut() {
            Some((_, last)) if continues => last.push_str(content),
            _ => logical.push((index + 1, content.to_owned())),
        }
        continues = goes_on;
    }
    logical
}

/// The key ends at the first `=`, `:` or white space that is not escaped.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    let space = [' ', '\t', '\x0c'];
    for (at, c) in line.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == '=' || c == ':' || space.contains(&c) {
            let (key, rest) = line.split_at(at);
            let rest = rest.trim_start_matches(space);
            let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
            return (key, rest.trim_start_matches(space));
        }
    }
    (line, "")
}

fn unescape(text: &str) -> Result<String, String> {
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut buffer = [0; 2];
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let plain = match c {
            '\\' => match chars.next() {
                None => break,
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\x0c',
                Some('u') => {
                    let digits: String = chars.by_ref().take(4).collect();
                    let unit = u16::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                    units.push(unit.ok_or_else(|| {
                        format!("`\\u{digits}` is not an escape: write \\u and four hex digits, or \\\\u")
                    })?);
                    continue;
                }
                Some(other) => other,
            },
            c => c,
        };
        units.extend_from_slice(plain.encode_utf16(&mut buffer));
    }
    String::from_utf16(&units).map_err(|_| "half of a surrogate pair in \\u escapes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(usize, String, String)> {
        parse(text).unwrap().into_iter().map(|p| (p.line, p.key, p.value)).collect()
    }

    fn pair(text: &str) -> (String, String) {
        let (_, key, value) = pairs(text).remove(0);
        (key, value)
    }

    #[test]
    fn keys_end_where_java_ends_them() {
        for text in ["a.b=c d", "a.b = c d", "a.b:c d", "a.b c d", "  a.b\t:\tc d"] {
            assert_eq!(pair(text), ("a.b".into(), "c d".into()), "{text}");
        }
        assert_eq!(pair("a"), ("a".into(), String::new()));
        assert_eq!(pair("a\\=b=c"), ("a=b".into(), "c".into()));
        assert_eq!(pair("a==b"), ("a".into(), "=b".into()));
        assert_eq!(pair("a=b  "), ("a".into(), "b  ".into()));
    }

    #[test]
    fn comments_and_blank_lines_are_passed_over_and_counted() {
        assert_eq!(
            pairs("# one\n\n  ! two\r\na=1\rb=2"),
            [(4, "a".into(), "1".into()), (5, "b".into(), "2".into())]
        );
    }

    #[test]
    fn a_backslash_at_the_end_joins_lines() {
        assert_eq!(
            pairs("a=1,\\\n   2,\\\n   # 3\nb=x\\\\\nc=y"),
            [
                (1, "a".into(), "1,2,# 3".into()),
                (4, "b".into(), "x\\".into()),
                (5, "c".into(), "y".into())
            ]
        );
    }

    #[test]
    fn escapes_are_javas() {
        assert_eq!(pair("k=\\t\\u00e9\\:\\q\\\\"), ("k".into(), "\té:q\\".into()));
        assert_eq!(pair("k=\\uD83D\\uDE00").1, "😀");
    }

    #[test]
    fn a_wrong_escape_names_its_line() {
        let error = parse("a=1\nb=\\u12x4").unwrap_err();
        assert_eq!(error.line, 2);
        assert!(error.why.contains("four hex digits"));
        assert!(parse("a=\\uD83D").is_err());
    }
}
