//! Kafka's checkpoints: text files of a version, a number of lines, and the lines.

use std::fmt::Write;

use super::FormatError;

const VERSION: i64 = 0;

/// A line of `recovery-point-offset-checkpoint` and its like.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PartitionOffset {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
}

/// A line of `leader-epoch-checkpoint`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EpochStart {
    /// Leader epoch.
    pub epoch: i32,
    /// First offset written in it.
    pub start_offset: i64,
}

/// The bytes of a checkpoint of offsets.
pub fn encode_offsets<'a>(lines: impl ExactSizeIterator<Item = (&'a str, i32, i64)>) -> Vec<u8> {
    let mut text = header(lines.len());
    for (topic, partition, offset) in lines {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{topic} {partition} {offset}");
    }
    text.into_bytes()
}

/// Reads a checkpoint of offsets.
///
/// # Errors
/// The first line that is wrong.
pub fn decode_offsets(bytes: &[u8]) -> Result<Vec<PartitionOffset>, FormatError> {
    decode(bytes, |line| {
        let mut words = line.split_ascii_whitespace();
        let (topic, partition, offset) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() {
            return None;
        }
        let (partition, offset) = (partition.parse().ok()?, offset.parse().ok()?);
        Some(PartitionOffset { topic: topic.to_owned(), partition, offset })
    })
}

/// The bytes of a checkpoint of leader epochs.
pub fn encode_epochs(lines: impl ExactSizeIterator<Item = EpochStart>) -> Vec<u8> {
    let mut text = header(lines.len());
    for EpochStart { epoch, start_offset } in lines {
        let _ = writeln!(text, "{epoch} {start_offset}");
    }
    text.into_bytes()
}

/// Reads a checkpoint of leader epochs.
///
/// # Errors
/// The first line that is wrong.
pub fn decode_epochs(bytes: &[u8]) -> Result<Vec<EpochStart>, FormatError> {
    decode(bytes, |line| {
        let (epoch, start_offset) = line.trim().split_once(' ')?;
        let (epoch, start_offset) = (epoch.parse().ok()?, start_offset.trim().parse().ok()?);
        Some(EpochStart { epoch, start_offset })
    })
}

fn header(lines: usize) -> String {
    format!("{VERSION}\n{lines}\n")
}

fn decode<T>(bytes: &[u8], parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, FormatError> {
    // Kafka writes an empty file where it has nothing to say.
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let bad = |line: usize, what: &str| FormatError::Line { line, what: what.to_owned() };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        bad(line, "it is not text")
    })?;
    let mut lines = text.lines().zip(1..);
    let version = lines.next().and_then(|(line, _)| line.trim().parse().ok());
    match version {
        Some(VERSION) => {}
        Some(found) => return Err(FormatError::Version { found, known: VERSION }),
        None => return Err(bad(1, "it should hold the version, 0")),
    }
    let count: Option<usize> = lines.next().and_then(|(line, _)| line.trim().parse().ok());
    let count = count.ok_or_else(|| bad(2, "it should hold the number of lines that follow"))?;
    let mut out = Vec::new();
    let mut end = 2;
    for (line, number) in lines {
        let entry = parse(line).ok_or_else(|| bad(number, &format!("'{line}' is malformed")))?;
        out.push(entry);
        end = number;
    }
    if out.len() != count {
        let what = format!("{} lines have come and {count} were announced", out.len());
        return Err(FormatError::Line { line: end, what });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line() -> impl Strategy<Value = PartitionOffset> {
        ("[a-zA-Z0-9._-]{1,30}", 0..i32::MAX, any::<i64>())
            .prop_map(|(topic, partition, offset)| PartitionOffset { topic, partition, offset })
    }

    proptest! {
        #[test]
        fn offsets_come_back(lines in proptest::collection::vec(line(), 0..6)) {
            let each = lines.iter().map(|l| (l.topic.as_str(), l.partition, l.offset));
            prop_assert_eq!(decode_offsets(&encode_offsets(each)), Ok(lines));
        }

        #[test]
        fn epochs_come_back(lines in proptest::collection::vec(any::<(i32, i64)>(), 0..6)) {
            let lines: Vec<_> = lines
                .into_iter()
                .map(|(epoch, start_offset)| EpochStart { epoch, start_offset })
                .collect();
            prop_assert_eq!(decode_epochs(&encode_epochs(lines.iter().copied())), Ok(lines));
        }

        #[test]
        fn anything_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = decode_offsets(&bytes);
            let _ = decode_epochs(&bytes);
        }
    }

    #[test]
    fn faults_name_their_line() {
        let line = |text: &str| match decode_offsets(text.as_bytes()) {
            Err(FormatError::Line { line, .. }) => line,
            other => panic!("{text:?} gives {other:?}"),
        };
        assert_eq!(line("x\n"), 1);
        assert_eq!(line("0\n-1\n"), 2);
        assert_eq!(line("0\n"), 2);
        assert_eq!(line("0\n2\na 0 1\nb 0\n"), 4);
        assert_eq!(line("0\n2\na 0 1\n"), 3);
        assert_eq!(line("0\n1\na 0 1\nb 0 1\n"), 4);
        let newer = decode_offsets(b"1\n0\n");
        assert_eq!(newer, Err(FormatError::Version { found: 1, known: 0 }));
        assert_eq!(decode_offsets(b""), Ok(vec![]));
    }
}
