//! "Did you mean": the nearest name to one that does not exist.

/// The name nearest to `wrong`, when it is near enough to have been meant.
pub(super) fn nearest<'a>(
    wrong: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '-'], ".");
    let wrong = plain(wrong);
    names
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&wrong, &plain(name)), name))
        // Below this two names share a word or two at most.
        .filter(|(likeness, _)| *likeness >= 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_recognised() {
        let names = ["log.segment.bytes", "log.retention.ms", "num.partitions"];
        assert_eq!(nearest("log.segments.bytes", names), Some("log.segment.bytes"));
        assert_eq!(nearest("log_retention_ms", names), Some("log.retention.ms"));
        assert_eq!(nearest("num.partition", names), Some("num.partitions"));
        assert_eq!(nearest("colour", names), None);
    }
}
