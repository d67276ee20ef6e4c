//! Tables for people.

use std::io::{self, Write};
use std::path::Path;

use super::sink::{Fault, Sink, Value};

/// Columns are at least this wide: most offsets and sizes fit, and rows come before all are known.
const WIDTH_MIN: usize = 8;
/// The columns of times (ms since 1970) and of names that are longer.
const WIDER: [(&str, usize); 8] = [
    ("max_timestamp", 13),
    ("timestamp", 13),
    ("time_type", 13),
    ("position", 10),
    ("topic", 20),
    ("topic_id", 22),
    ("name", 20),
    ("key", 12),
];

/// Writes a table for each file, with what is wrong in lines that begin with `!!`.
pub struct TextSink<W> {
    out: W,
    columns: &'static [&'static str],
    header_due: bool,
}

impl<W: Write> TextSink<W> {
    /// Writes to `out`, which should be buffered.
    pub fn new(out: W) -> Self {
        Self { out, columns: &[], header_due: false }
    }

    fn cell(&mut self, column: &str, cell: &str, last: bool) -> io::Result<()> {
        let width = width(column);
        if last {
            writeln!(self.out, "{cell:>width$}")
        } else {
            write!(self.out, "{cell:>width$}  ")
        }
    }
}

impl<W: Write> Sink for TextSink<W> {
    fn begin(
        &mut self,
        path: &Path,
        kind: &'static str,
        columns: &'static [&'static str],
    ) -> io::Result<()> {
        (self.columns, self.header_due) = (columns, true);
        writeln!(self.out, "{} ({kind})", path.display())
    }

    fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        let columns = self.columns;
        let last = columns.len().saturating_sub(1);
        if std::mem::take(&mut self.header_due) {
            for (n, column) in columns.iter().enumerate() {
                self.cell(column, column, n == last)?;
            }
        }
        for (n, (column, value)) in columns.iter().zip(values).enumerate() {
            self.cell(column, &show(value), n == last)?;
        }
        Ok(())
    }

    fn fault(&mut self, fault: &Fault<'_>) -> io::Result<()> {
        write!(self.out, "!! {}", fault.path.display())?;
        if let Some(position) = fault.position {
            write!(self.out, ", byte {position}")?;
        }
        if let Some(bytes) = fault.bytes {
            write!(self.out, ", {bytes} bytes")?;
        }
        writeln!(self.out, ": {}", fault.what)
    }

    fn end(&mut self, facts: &[(&'static str, Value<'_>)]) -> io::Result<()> {
        let facts: Vec<_> =
            facts.iter().map(|(name, value)| format!("{name} {}", show(value))).collect();
        writeln!(self.out, "   {}\n", facts.join(", "))
    }
}

fn width(column: &str) -> usize {
    let wider = WIDER.iter().find(|(name, _)| *name == column).map_or(0, |(_, width)| *width);
    column.len().max(WIDTH_MIN).max(wider)
}

fn show(value: &Value<'_>) -> String {
    match value {
        Value::Int(number) => number.to_string(),
        Value::Count(number) => number.to_string(),
        Value::Text(text) => (*text).to_owned(),
        Value::Bytes(bytes) => bytes.escape_ascii().to_string(),
        Value::Flag(true) => "yes".to_owned(),
        Value::Flag(false) => "no".to_owned(),
        Value::Absent => "-".to_owned(),
    }
}
