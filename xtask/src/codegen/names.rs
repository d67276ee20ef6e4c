//! Kafka's names in Rust's spelling.

/// `ThrottleTimeMs` or `throttleTimeMs` as `throttle_time_ms`.
pub(super) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, &c) in letters.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| letters.get(i));
        let after_small = before.is_some_and(|c| !c.is_uppercase());
        let before_small = letters.get(i + 1).is_some_and(|c| c.is_lowercase());
        if c.is_uppercase() && before.is_some() && (after_small || before_small) {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// A field's name: snake case, and raw when it is a word of the language.
pub(super) fn field(name: &str) -> String {
    let name = snake(name);
    match name.as_str() {
        "type" | "match" | "move" | "ref" | "where" => format!("r#{name}"),
        _ => name,
    }
}

/// Documentation lines of at most 100 columns at the given indentation.
pub(super) fn doc(text: &str, indent: usize) -> String {
    let escaped = text.replace('[', "\\[").replace(']', "\\]").replace('<', "\\<");
    let width = 100 - indent - 4;
    let mut out = String::new();
    let mut line = String::new();
    for word in escaped.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
            out.push_str(&format!("/// {line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        out.push_str(&format!("/// {line}\n"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_snake_case() {
        for (kafka, rust) in [
            ("ThrottleTimeMs", "throttle_time_ms"),
            ("groupInstanceId", "group_instance_id"),
            ("ISRNodes", "isr_nodes"),
            ("Type", "r#type"),
        ] {
            assert_eq!(field(kafka), rust);
        }
    }
}
