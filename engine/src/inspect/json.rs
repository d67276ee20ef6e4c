//! A JSON object a line, for programs.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

use super::sink::{Fault, Sink, Value};

/// Writes a line for each row, fault and file: `{"file":...,"kind":...,"row":{...}}`,
/// `{"file":...,"fault":{...}}`, `{"file":...,"kind":...,"summary":{...}}`. Bytes that are no UTF-8
/// are written as `{"hex":"..."}`.
pub struct JsonSink<W> {
    out: W,
    columns: &'static [&'static str],
    /// `{"file":...,"kind":...,` of the file at hand.
    head: String,
    line: String,
}

impl<W: Write> JsonSink<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self { out, columns: &[], head: String::new(), line: String::new() }
    }

    fn object<'a>(
        &mut self,
        name: &str,
        fields: impl Iterator<Item = (&'a str, Value<'a>)>,
    ) -> io::Result<()> {
        self.line.clear();
        self.line.push_str(&self.head);
        put_text(&mut self.line, name);
        self.line.push(':');
        let mut separator = '{';
        for (name, value) in fields {
            self.line.push(separator);
            put_text(&mut self.line, name);
            self.line.push(':');
            put_value(&mut self.line, &value);
            separator = ',';
        }
        self.line.push_str(if separator == '{' { "{}}" } else { "}}" });
        writeln!(self.out, "{}", self.line)
    }
}

impl<W: Write> Sink for JsonSink<W> {
    fn begin(
        &mut self,
        path: &Path,
        kind: &'static str,
        columns: &'static [&'static str],
    ) -> io::Result<()> {
        self.columns = columns;
        self.head = file_head(path);
        self.head.push_str("\"kind\":");
        put_text(&mut self.head, kind);
        self.head.push(',');
        Ok(())
    }

    fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        self.object("row", self.columns.iter().copied().zip(values.iter().copied()))
    }

    fn fault(&mut self, fault: &Fault<'_>) -> io::Result<()> {
        // The fault may be of another file than the one at hand.
        let head = std::mem::replace(&mut self.head, file_head(fault.path));
        let count = |value: Option<u64>| value.map_or(Value::Absent, Value::Count);
        let fields = [
            ("position", count(fault.position)),
            ("bytes", count(fault.bytes)),
            ("what", Value::Text(&fault.what)),
        ];
        let written = self.object("fault", fields.into_iter());
        self.head = head;
        written
    }

    fn end(&mut self, facts: &[(&'static str, Value<'_>)]) -> io::Result<()> {
        self.object("summary", facts.iter().copied())
    }
}

fn file_head(path: &Path) -> String {
    let mut head = "{\"file\":".to_owned();
    put_text(&mut head, &path.to_string_lossy());
    head.push(',');
    head
}

fn put_value(out: &mut String, value: &Value<'_>) {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Int(number) => write!(out, "{number}"),
        Value::Count(number) => write!(out, "{number}"),
        Value::Flag(flag) => write!(out, "{flag}"),
        Value::Absent => write!(out, "null"),
        Value::Text(text) => return put_text(out, text),
        Value::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => return put_text(out, text),
            Err(_) => {
                out.push_str("{\"hex\":\"");
                for byte in *bytes {
                    let _ = write!(out, "{byte:02x}");
                }
                write!(out, "\"}}")
            }
        },
    };
}

/// RFC 8259: quotes, backslashes and control characters are escaped.
fn put_text(out: &mut String, text: &str) {
    out.push('"');
    for each in text.chars() {
        match each {
            '"' | '\\' => out.extend(['\\', each]),
            '\n' => out.push_str("\\n"),
            each if each < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(each));
            }
            each => out.push(each),
        }
    }
    out.push('"');
}
