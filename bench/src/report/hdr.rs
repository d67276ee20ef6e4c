//! Latencies of each interval as an HdrHistogram log, which the tools of HdrHistogram read.
//!
//! <https://github.com/HdrHistogram/HdrHistogram>: histograms of nanoseconds in the second version of the
//! compressed encoding, one line for each load and interval, tagged with the load's name; the maximum of a
//! line is in milliseconds.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{
    IntervalLogWriterBuilder, IntervalLogWriterError, Tag,
};

use crate::error::BenchError;

/// A log that is written while a run lasts.
pub(crate) struct HdrLog {
    path: PathBuf,
    out: BufWriter<File>,
    serializer: V2DeflateSerializer,
    began: Instant,
    failed: Option<io::Error>,
}

impl HdrLog {
    /// Begins a log.
    pub(crate) fn create(path: &Path) -> Result<Self, BenchError> {
        let failed = |error: io::Error| BenchError::file(path, &error);
        let mut out = BufWriter::new(File::create(path).map_err(failed)?);
        let mut serializer = V2DeflateSerializer::new();
        let head = IntervalLogWriterBuilder::new()
            .add_comment("ringlog bench: latencies in nanoseconds, maximum of an interval in ms")
            .with_start_time(SystemTime::now())
            .begin_log_with(&mut out, &mut serializer)
            .map(|_| ());
        let columns =
            ["StartTimestamp", "Interval_Length", "Interval_Max", "Interval_Compressed_Histogram"];
        head.and_then(|()| writeln!(out, "\"{}\"", columns.join("\",\"")))
            .and_then(|()| out.flush())
            .map_err(failed)?;
        Ok(Self { path: path.to_owned(), out, serializer, began: Instant::now(), failed: None })
    }

    /// Writes an interval. What goes wrong is told at the end: a full disk must not end a run.
    pub(crate) fn write(
        &mut self,
        load: &str,
        from: Instant,
        length: Duration,
        nanos: &Histogram<u64>,
    ) {
        if self.failed.is_none() {
            self.failed = self.try_write(load, from, length, nanos).err();
        }
    }

    fn try_write(
        &mut self,
        load: &str,
        from: Instant,
        length: Duration,
        nanos: &Histogram<u64>,
    ) -> io::Result<()> {
        // A tag has no comma, space or line break.
        let tag: String =
            load.chars().map(|c| if c == ',' || c.is_whitespace() { '-' } else { c }).collect();
        let from = from.saturating_duration_since(self.began);
        let mut line = Vec::new();
        let written = IntervalLogWriterBuilder::new()
            .with_max_value_divisor(1e6)
            .begin_log_with(&mut line, &mut self.serializer)?
            .write_histogram(nanos, from, length, Tag::new(&tag));
        written.map_err(|error| match error {
            IntervalLogWriterError::IoError(error) => error,
            IntervalLogWriterError::SerializeError(error) => io::Error::other(error.to_string()),
        })?;
        // The writer says the divisor again for each line.
        for line in line.split_inclusive(|byte| *byte == b'\n') {
            if !line.starts_with(b"#") {
                self.out.write_all(line)?;
            }
        }
        self.out.flush()
    }

    /// Tells what went wrong.
    pub(crate) fn finish(self) -> Result<(), BenchError> {
        self.failed.map_or(Ok(()), |error| Err(BenchError::file(&self.path, &error)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    #[test]
    fn what_is_written_is_read_as_an_interval_log() {
        let path = std::env::temp_dir().join(format!("ringlog-hdr-{}", std::process::id()));
        let mut log = HdrLog::create(&path).unwrap();
        let mut nanos = crate::load::histogram();
        nanos.record(5_000_000).unwrap();
        log.write("a load, odd", Instant::now(), Duration::from_secs(1), &nanos);
        log.finish().unwrap();
        let text = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let intervals: Vec<_> = IntervalLogIterator::new(&text)
            .filter_map(|entry| match entry.unwrap() {
                LogEntry::Interval(interval) => Some(interval),
                _ => None,
            })
            .collect();
        assert_eq!(intervals.len(), 1);
        assert_eq!(intervals[0].tag().map(|tag| tag.as_str()), Some("a-load--odd"));
        assert!((intervals[0].max() - 5.0).abs() < 0.01, "{}", intervals[0].max());
    }

    #[test]
    fn a_full_disk_is_told_at_the_end() {
        let mut log = match HdrLog::create(Path::new("/dev/full")) {
            Ok(log) => log,
            Err(error) => {
                assert!(error.to_string().contains("/dev/full cannot be written"), "{error}");
                return;
            }
        };
        log.write("l", Instant::now(), Duration::from_secs(1), &crate::load::histogram());
        assert!(log.finish().is_err());
    }
}
