//! Delimiters: their escapes, and splitting input at them.

use std::io::{self, BufRead};

/// Longest record that is read from a stream, in bytes.
pub(super) const RECORD_BYTES_MAX: usize = 512 << 20;

/// The bytes of a text with C's escapes.
pub(super) fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    let mut buffer = [0; 4];
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            continue;
        }
        match chars.next() {
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            Some('0') => bytes.push(0),
            Some('\\') => bytes.push(b'\\'),
            Some('x') => {
                let digits: String = chars.by_ref().take(2).collect();
                let byte = u8::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 2);
                bytes.push(byte.ok_or_else(|| format!("`\\x{digits}`: expected two hex digits"))?);
            }
            other => {
                let other = other.map(String::from).unwrap_or_default();
                return Err(format!("`\\{other}`: expected \\n, \\r, \\t, \\0, \\\\ or \\xNN"));
            }
        }
    }
    Ok(bytes)
}

/// Reads up to the next delimiter, which is taken off. `None` at the end; what stands before the end
/// without a delimiter is a record too.
pub(super) fn next_record(
    input: &mut impl BufRead,
    delimiter: &[u8],
) -> io::Result<Option<Vec<u8>>> {
    let mut record = Vec::new();
    let Some(last) = delimiter.last() else {
        // Without a delimiter everything is one record.
        let read =
            io::Read::take(input, RECORD_BYTES_MAX as u64 + 1).read_to_end_of(&mut record)?;
        return checked(record).map(|record| (read > 0).then_some(record));
    };
    loop {
        let room = (RECORD_BYTES_MAX + 1).saturating_sub(record.len()) as u64;
        let read = io::Read::take(&mut *input, room).read_until(*last, &mut record)?;
        if record.ends_with(delimiter) {
            record.truncate(record.len() - delimiter.len());
            return checked(record).map(Some);
        }
        if read == 0 || record.len() > RECORD_BYTES_MAX {
            return checked(record).map(|record| (!record.is_empty()).then_some(record));
        }
    }
}

fn checked(record: Vec<u8>) -> io::Result<Vec<u8>> {
    if record.len() > RECORD_BYTES_MAX {
        let why = format!("a record is longer than {RECORD_BYTES_MAX} bytes; see --delimiter");
        return Err(io::Error::other(why));
    }
    Ok(record)
}

/// `Read::read_to_end` by a name that `BufRead` does not have.
trait ReadToEnd {
    fn read_to_end_of(self, record: &mut Vec<u8>) -> io::Result<usize>;
}

impl<R: io::Read> ReadToEnd for R {
    fn read_to_end_of(mut self, record: &mut Vec<u8>) -> io::Result<usize> {
        self.read_to_end(record)
    }
}

/// Where the first `needle` stands.
pub(super) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return None;
    }
    bytes.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(input: &str, delimiter: &str) -> Vec<String> {
        let mut input = input.as_bytes();
        let delimiter = unescape(delimiter).unwrap();
        let mut records = Vec::new();
        while let Some(record) = next_record(&mut input, &delimiter).unwrap() {
            records.push(String::from_utf8(record).unwrap());
        }
        records
    }

    #[test]
    fn input_is_split_at_delimiters() {
        assert_eq!(split("a\nb\n", "\\n"), ["a", "b"]);
        assert_eq!(split("a\n\nb", "\\n"), ["a", "", "b"]);
        assert_eq!(split("a--b-c--", "--"), ["a", "b-c"]);
        assert_eq!(split("a\tb", "\\x09"), ["a", "b"]);
        assert_eq!(split("a\nb", ""), ["a\nb"]);
        assert!(split("", "\\n").is_empty());
    }

    #[test]
    fn escapes_are_cs() {
        assert_eq!(unescape("a\\t\\x41\\\\\\0é").unwrap(), b"a\tA\\\0\xc3\xa9");
        assert!(unescape("\\q").is_err());
        assert!(unescape("\\x4").is_err());
        assert!(unescape("\\").is_err());
    }
}
