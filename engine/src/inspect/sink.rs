//! Where findings go.

use std::io;
use std::path::Path;

use super::{Options, Totals};

/// A cell of a row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'a> {
    /// A number.
    Int(i64),
    /// A number that is never negative.
    Count(u64),
    /// Words.
    Text(&'a str),
    /// Bytes that may or may not be text: a key, a value.
    Bytes(&'a [u8]),
    /// Yes or no.
    Flag(bool),
    /// Nothing: null, or not known.
    Absent,
}

/// Something that is not as it should be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault<'a> {
    /// In which file.
    pub path: &'a Path,
    /// Where in it, in bytes.
    pub position: Option<u64>,
    /// How far it reaches, in bytes.
    pub bytes: Option<u64>,
    /// What is wrong.
    pub what: String,
}

/// Takes findings, file by file: [`Sink::begin`], rows and faults as they come, [`Sink::end`].
pub trait Sink {
    /// A file of some kind; the rows that follow have these columns.
    ///
    /// # Errors
    /// It cannot be written down; the inspection ends.
    fn begin(
        &mut self,
        path: &Path,
        kind: &'static str,
        columns: &'static [&'static str],
    ) -> io::Result<()>;

    /// A row, a value for each column.
    ///
    /// # Errors
    /// It cannot be written down; the inspection ends.
    fn row(&mut self, values: &[Value<'_>]) -> io::Result<()>;

    /// Something is wrong.
    ///
    /// # Errors
    /// It cannot be written down; the inspection ends.
    fn fault(&mut self, fault: &Fault<'_>) -> io::Result<()>;

    /// The file's end, and facts about the whole of it.
    ///
    /// # Errors
    /// It cannot be written down; the inspection ends.
    fn end(&mut self, facts: &[(&'static str, Value<'_>)]) -> io::Result<()>;
}

/// A sink with what all readers share: options, counts, and the file at hand.
pub(super) struct Visit<'a> {
    pub(super) options: Options,
    pub(super) totals: Totals,
    sink: &'a mut dyn Sink,
    rows: u64,
    columns: &'static [&'static str],
    file_faults: u64,
}

impl<'a> Visit<'a> {
    pub(super) fn new(options: Options, sink: &'a mut dyn Sink) -> Self {
        Self { options, totals: Totals::default(), sink, rows: 0, columns: &[], file_faults: 0 }
    }

    pub(super) fn begin(
        &mut self,
        path: &Path,
        kind: &'static str,
        columns: &'static [&'static str],
        bytes: u64,
    ) -> io::Result<()> {
        self.totals.files += 1;
        self.totals.bytes += bytes;
        (self.rows, self.columns, self.file_faults) = (0, columns, 0);
        self.sink.begin(path, kind, columns)
    }

    /// Whether another row would be shown.
    pub(super) fn wants_rows(&self) -> bool {
        self.rows < self.options.rows_max
    }

    pub(super) fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        debug_assert_eq!(values.len(), self.columns.len(), "a value for each column");
        if !self.wants_rows() {
            return Ok(());
        }
        self.rows += 1;
        self.sink.row(values)
    }

    pub(super) fn fault(
        &mut self,
        path: &Path,
        place: Option<(u64, u64)>,
        what: impl Into<String>,
    ) -> io::Result<()> {
        self.totals.faults += 1;
        self.file_faults += 1;
        let (position, bytes) = place.unzip();
        self.sink.fault(&Fault { path, position, bytes, what: what.into() })
    }

    pub(super) fn end(&mut self, facts: &[(&'static str, Value<'_>)]) -> io::Result<()> {
        let faults = ("faults", Value::Count(self.file_faults));
        let facts: Vec<_> = facts.iter().copied().chain([faults]).collect();
        self.sink.end(&facts)
    }
}
