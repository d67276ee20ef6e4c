//! How `ringlog consume` prints a record: kcat's format strings, or JSON.

use std::borrow::Cow;
use std::io::{self, Write};

use ringlog_engine::batch::TimestampType;
use serde_json::{Map, Value, json};

use crate::client::FetchedRecord;

/// A piece of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Bytes(Vec<u8>),
    Value,
    ValueLength,
    ValueLengthBytes,
    Key,
    KeyLength,
    Headers,
    Topic,
    Partition,
    Offset,
    Timestamp,
}

/// The way records are printed.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    /// By a format.
    Format(Format),
    /// One JSON object a line.
    Json,
}

impl Layout {
    pub(super) fn write(&self, out: &mut impl Write, record: &FetchedRecord<'_>) -> io::Result<()> {
        match self {
            Self::Format(format) => format.write(out, record),
            Self::Json => {
                serde_json::to_writer(&mut *out, &as_json(record))?;
                out.write_all(b"\n")
            }
        }
    }
}

/// A format string, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Format {
    pieces: Vec<Piece>,
    null: &'static [u8],
}

impl Format {
    /// Takes a format string apart; `show_null` prints `NULL` where there is no key or value.
    pub(super) fn parse(text: &str, show_null: bool) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c == '\\' {
                // Two characters at a time, so that an escaped backslash hides nothing.
                plain.push(c);
                plain.extend(chars.next());
                continue;
            }
            if c != '%' {
                plain.push(c);
                continue;
            }
            let piece = match chars.next() {
                Some('s') => Piece::Value,
                Some('S') => Piece::ValueLength,
                Some('R') => Piece::ValueLengthBytes,
                Some('k') => Piece::Key,
                Some('K') => Piece::KeyLength,
                Some('h') => Piece::Headers,
                Some('t') => Piece::Topic,
                Some('p') => Piece::Partition,
                Some('o') => Piece::Offset,
                Some('T') => Piece::Timestamp,
                Some('%') => {
                    plain.push('%');
                    continue;
                }
                other => {
                    let other = other.map(String::from).unwrap_or_default();
                    return Err(format!(
                        "`%{other}` is no token; `ringlog consume --help` lists them"
                    ));
                }
            };
            push(&mut pieces, &mut plain)?;
            pieces.push(piece);
        }
        push(&mut pieces, &mut plain)?;
        let null: &[u8] = if show_null { b"NULL" } else { b"" };
        Ok(Self { pieces, null })
    }

    /// The format of `-K` and `-D`.
    pub(super) fn plain(key: Option<&[u8]>, delimiter: &[u8], show_null: bool) -> Self {
        let mut pieces = Vec::new();
        if let Some(key_delimiter) = key {
            pieces.push(Piece::Key);
            pieces.push(Piece::Bytes(key_delimiter.to_vec()));
        }
        pieces.push(Piece::Value);
        pieces.push(Piece::Bytes(delimiter.to_vec()));
        Self { pieces, null: if show_null { b"NULL" } else { b"" } }
    }

    fn write(&self, out: &mut impl Write, fetched: &FetchedRecord<'_>) -> io::Result<()> {
        let record = &fetched.record;
        let length = |bytes: Option<&[u8]>| bytes.map_or(-1, |bytes| bytes.len() as i64);
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => out.write_all(bytes)?,
                Piece::Value => out.write_all(record.value.unwrap_or(self.null))?,
                Piece::ValueLength => write!(out, "{}", length(record.value))?,
                Piece::ValueLengthBytes => {
                    let length = i32::try_from(length(record.value)).unwrap_or(i32::MAX);
                    out.write_all(&length.to_be_bytes())?;
                }
                Piece::Key => out.write_all(record.key.unwrap_or(self.null))?,
                Piece::KeyLength => write!(out, "{}", length(record.key))?,
                Piece::Headers => {
                    for (at, header) in record.headers().enumerate() {
                        if at > 0 {
                            out.write_all(b",")?;
                        }
                        out.write_all(header.key)?;
                        out.write_all(b"=")?;
                        out.write_all(header.value.unwrap_or(b"NULL"))?;
                    }
                }
                Piece::Topic => out.write_all(fetched.topic.as_bytes())?,
                Piece::Partition => write!(out, "{}", fetched.partition)?,
                Piece::Offset => write!(out, "{}", record.offset)?,
                Piece::Timestamp => write!(out, "{}", record.timestamp)?,
            }
        }
        Ok(())
    }
}

fn push(pieces: &mut Vec<Piece>, plain: &mut String) -> Result<(), String> {
    if !plain.is_empty() {
        pieces.push(Piece::Bytes(super::delimiter::unescape(plain)?));
        plain.clear();
    }
    Ok(())
}

/// The names are kcat's. Bytes that are not UTF-8 are shown with replacement characters.
fn as_json(fetched: &FetchedRecord<'_>) -> Value {
    let record = &fetched.record;
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| Value::from(lossy(bytes)));
    let mut object = Map::new();
    object.insert("topic".to_owned(), json!(fetched.topic));
    object.insert("partition".to_owned(), json!(fetched.partition));
    object.insert("offset".to_owned(), json!(record.offset));
    let kind = match fetched.timestamp_type {
        TimestampType::Create => "create",
        TimestampType::LogAppend => "logappend",
    };
    object.insert("tstype".to_owned(), json!(kind));
    object.insert("ts".to_owned(), json!(record.timestamp));
    if record.header_count() > 0 {
        // A flat list of names and values: names may come more than once.
        let headers = record
            .headers()
            .flat_map(|header| [Some(Value::from(lossy(header.key))), text(header.value)]);
        object.insert("headers".to_owned(), Value::from_iter(headers));
    }
    object.insert("key".to_owned(), text(record.key).unwrap_or(Value::Null));
    object.insert("payload".to_owned(), text(record.value).unwrap_or(Value::Null));
    Value::Object(object)
}

fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringlog_engine::batch::{BatchBuilder, BatchView, Compression, NewRecord};

    fn printed(layout: &Layout, record: NewRecord<'_>) -> String {
        let mut builder = BatchBuilder::new(Compression::None).base_offset(7);
        builder.push(record);
        let batch = builder.build().unwrap();
        let (view, _) = BatchView::split_first(&batch).unwrap();
        let records = view.records(1 << 20).unwrap();
        let fetched = FetchedRecord {
            topic: "t",
            partition: 3,
            timestamp_type: TimestampType::Create,
            record: records.iter().next().unwrap().unwrap(),
        };
        let mut out = Vec::new();
        layout.write(&mut out, &fetched).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn record() -> NewRecord<'static> {
        NewRecord {
            timestamp: 99,
            key: Some(b"k"),
            value: Some(b"value"),
            headers: &[(b"a", Some(b"1")), (b"b", None)],
        }
    }

    #[test]
    fn every_token_is_replaced() {
        let format = Format::parse("%t-%p@%o %T %k(%K)=%s(%S) %h 100%%\\n\\x41", false).unwrap();
        assert_eq!(
            printed(&Layout::Format(format), record()),
            "t-3@7 99 k(1)=value(5) a=1,b=NULL 100%\nA"
        );
    }

    #[test]
    fn null_is_empty_or_said() {
        let nothing = NewRecord::default();
        let quiet = Format::parse("[%k|%s|%K|%S]", false).unwrap();
        assert_eq!(printed(&Layout::Format(quiet), nothing), "[||-1|-1]");
        let loud = Format::plain(Some(b":"), b"\n", true);
        assert_eq!(printed(&Layout::Format(loud), nothing), "NULL:NULL\n");
    }

    #[test]
    fn json_has_kcats_names() {
        let line = printed(&Layout::Json, record());
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            value,
            json!({
                "topic": "t", "partition": 3, "offset": 7, "tstype": "create", "ts": 99,
                "headers": ["a", "1", "b", null], "key": "k", "payload": "value",
            })
        );
    }

    #[test]
    fn wrong_tokens_are_refused() {
        assert!(Format::parse("%q", false).unwrap_err().contains("%q"));
        assert!(Format::parse("%", false).is_err());
        assert!(Format::parse("\\q", false).is_err());
        // The backslash is escaped, the percent sign is not.
        assert!(Format::parse("\\\\%s", false).is_ok());
    }
}
