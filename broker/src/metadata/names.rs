//! Topic names: which are legal, which are the broker's own.

/// Where consumer groups keep their offsets.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// Topics that brokers write and clients only read.
pub const INTERNAL_TOPICS: &[&str] = &[OFFSETS_TOPIC, "__transaction_state", "__share_group_state"];

/// Longest topic name: its directories' names, with partition and the suffix of a deleted one, must
/// fit in 255 bytes.
const NAME_CHARS_MAX: usize = 249;

/// Whether a topic is one of the broker's own.
pub fn is_internal(name: &str) -> bool {
    INTERNAL_TOPICS.contains(&name)
}

/// Checks a topic name as Kafka does.
///
/// # Errors
/// What is wrong with it, in Kafka's words.
pub fn check_topic_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("Topic name is invalid: the empty string is not allowed".to_owned());
    }
    if name == "." || name == ".." {
        return Err("Topic name is invalid: '.' or '..' is not allowed".to_owned());
    }
    if name.len() > NAME_CHARS_MAX {
        return Err(format!(
            "Topic name is invalid: the length of '{name}' is longer than the max allowed length \
             {NAME_CHARS_MAX}"
        ));
    }
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !name.chars().all(legal) {
        return Err(format!(
            "Topic name is invalid: '{name}' contains one or more characters other than ASCII \
             alphanumerics, '.', '_' and '-'"
        ));
    }
    Ok(())
}

/// Whether two topic names become the same name of a metric, where '.' is written as '_'.
pub fn collides(a: &str, b: &str) -> bool {
    a != b && a.replace('.', "_") == b.replace('.', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_kafka_does() {
        assert!(check_topic_name("a.B_9-x").is_ok());
        assert!(check_topic_name(&"x".repeat(249)).is_ok());
        for bad in ["", ".", "..", "a b", "a/b", "ü", &"x".repeat(250)] {
            assert!(check_topic_name(bad).is_err(), "{bad}");
        }
        assert!(collides("a.b", "a_b"));
        assert!(!collides("a.b", "a.b"));
    }
}
