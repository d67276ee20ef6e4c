//! What is measured while a load runs, and how its threads are ended.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hdrhistogram::Histogram;

use crate::error::BenchError;

/// Longest latency that is told apart, in nanoseconds; longer ones count as this.
const LATENCY_MAX: u64 = 3_600_000_000_000;

/// An empty histogram of nanoseconds, exact to one part in a thousand.
pub(crate) fn histogram() -> Histogram<u64> {
    // The bounds are constants that it takes.
    Histogram::new_with_bounds(1, LATENCY_MAX, 3).unwrap_or_else(|_| unreachable!())
}

/// What the connections of one thread have done; read by the main thread while they work.
#[derive(Debug)]
pub(crate) struct Gauge {
    records: AtomicU64,
    bytes: AtomicU64,
    requests: AtomicU64,
    /// Records that consumers have still before them, as far as they know.
    lag: AtomicU64,
    /// Consumers that have not yet come to the end of what there is.
    behind: AtomicU64,
    latency: Mutex<Histogram<u64>>,
}

impl Gauge {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            records: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            lag: AtomicU64::new(0),
            behind: AtomicU64::new(0),
            latency: Mutex::new(histogram()),
        })
    }

    /// Notes an answer.
    pub(super) fn done(&self, records: u64, bytes: u64) {
        self.records.fetch_add(records, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes latencies, in nanoseconds.
    pub(super) fn took(&self, nanos: &[u64]) {
        let mut latency = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        for nanos in nanos {
            latency.saturating_record((*nanos).max(1));
        }
    }

    /// Notes how the lag of a consumer has changed.
    pub(super) fn lags(&self, before: u64, now: u64) {
        self.lag.fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
    }

    pub(super) fn is_behind(&self) {
        self.behind.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn has_caught_up(&self) {
        self.behind.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Tells all threads of a run to end, and why the first of them did.
#[derive(Debug, Default)]
pub(crate) struct End {
    stop: AtomicBool,
    error: Mutex<Option<BenchError>>,
}

impl End {
    pub(crate) fn is_near(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn call(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Ends the run because of an error, unless it is ending anyway.
    pub(crate) fn fail(&self, error: BenchError) {
        if !self.stop.swap(true, Ordering::Relaxed) {
            let mut first = self.error.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(error);
        }
    }

    pub(crate) fn error(&self) -> Option<BenchError> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What was done until some moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) requests: u64,
}

impl Totals {
    /// What was done since `before`.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            records: self.records - before.records,
            bytes: self.bytes - before.bytes,
            requests: self.requests - before.requests,
        }
    }
}

/// All gauges of a load.
#[derive(Debug)]
pub(crate) struct Gauges {
    threads: Vec<Arc<Gauge>>,
    /// Taken in exchange for the histogram of a thread, so that none is made while a load runs.
    spare: Histogram<u64>,
}

impl Gauges {
    pub(super) fn new(threads: Vec<Arc<Gauge>>) -> Self {
        Self { threads, spare: histogram() }
    }

    fn sum(&self, of: fn(&Gauge) -> &AtomicU64) -> u64 {
        let values = self.threads.iter().map(|gauge| of(gauge).load(Ordering::Relaxed));
        values.fold(0, u64::wrapping_add)
    }

    pub(crate) fn totals(&self) -> Totals {
        Totals {
            records: self.sum(|g| &g.records),
            bytes: self.sum(|g| &g.bytes),
            requests: self.sum(|g| &g.requests),
        }
    }

    /// Records that its consumers have still before them.
    pub(crate) fn lag(&self) -> u64 {
        self.sum(|g| &g.lag)
    }

    /// Whether all its consumers have come to the end of what there is.
    pub(crate) fn has_caught_up(&self) -> bool {
        self.sum(|g| &g.behind) == 0
    }

    /// Moves all latencies since the last call there, over what was in it.
    pub(crate) fn take_latency(&mut self, all: &mut Histogram<u64>) {
        all.reset();
        for gauge in &self.threads {
            self.spare.reset();
            {
                let mut latency = gauge.latency.lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::swap(&mut *latency, &mut self.spare);
            }
            // Both have the same bounds.
            all.add(&self.spare).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gauges_are_added_up_and_latencies_taken_once() {
        let threads = vec![Gauge::new(), Gauge::new()];
        for gauge in &threads {
            gauge.done(3, 100);
            gauge.took(&[5000, 7000]);
            gauge.is_behind();
            gauge.lags(0, 9);
            gauge.lags(9, 4);
        }
        let mut gauges = Gauges::new(threads);
        assert_eq!(gauges.totals(), Totals { records: 6, bytes: 200, requests: 2 });
        assert_eq!((gauges.lag(), gauges.has_caught_up()), (8, false));
        let mut all = histogram();
        gauges.take_latency(&mut all);
        assert_eq!(all.len(), 4);
        gauges.take_latency(&mut all);
        assert_eq!(all.len(), 0);
    }

    #[test]
    fn only_the_first_error_counts() {
        let end = End::default();
        end.fail(BenchError::Usage("first".to_owned()));
        end.fail(BenchError::Usage("second".to_owned()));
        assert_eq!(end.error().map(|e| e.to_string()), Some("first".to_owned()));
    }
}
