//! What is measured while a load runs.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::error::BenchError;

/// Longest latency that is told apart, in nanoseconds; longer ones count as this.
const LATENCY_MAX: u64 = 600_000_000_000;

/// An empty histogram of nanoseconds, exact to one part in a thousand.
pub(crate) fn histogram() -> Histogram<u64> {
    // The bounds are constants that it takes.
    Histogram::new_with_bounds(1, LATENCY_MAX, 3).unwrap_or_else(|_| unreachable!())
}

/// What one worker has done; read by the main thread while it works.
#[derive(Debug)]
pub(crate) struct Gauge {
    pub(crate) records: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) requests: AtomicU64,
    latency: Mutex<Histogram<u64>>,
}

impl Gauge {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            records: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            latency: Mutex::new(histogram()),
        })
    }

    /// Notes an answer.
    pub(crate) fn done(&self, records: u64, bytes: u64, took: Duration) {
        self.records.fetch_add(records, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.requests.fetch_add(1, Ordering::Relaxed);
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let mut latency = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        latency.saturating_record(nanos.max(1));
    }

    /// Takes the latencies so far out and begins anew.
    pub(crate) fn take_latency(&self) -> Histogram<u64> {
        let mut latency = self.latency.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut latency, histogram())
    }
}

/// Tells all threads of a load to end, and why the first of them did.
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

    /// Ends the load because of an error, unless it is ending anyway.
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

/// A load under way.
pub(crate) struct Load {
    pub(crate) gauges: Vec<Arc<Gauge>>,
    pub(crate) end: Arc<End>,
    pub(crate) threads: Vec<JoinHandle<()>>,
    /// Ends whatever a thread may wait for.
    pub(crate) hang_up: Vec<Box<dyn Fn()>>,
}

impl Load {
    pub(crate) fn new() -> Self {
        Self { gauges: Vec::new(), end: Arc::default(), threads: Vec::new(), hang_up: Vec::new() }
    }

    /// Sums of records, bytes and requests.
    pub(crate) fn totals(&self) -> Totals {
        let sum = |of: fn(&Gauge) -> &AtomicU64| {
            self.gauges.iter().map(|gauge| of(gauge).load(Ordering::Relaxed)).sum()
        };
        Totals {
            records: sum(|g| &g.records),
            bytes: sum(|g| &g.bytes),
            requests: sum(|g| &g.requests),
        }
    }

    /// All latencies since the last call.
    pub(crate) fn take_latency(&self) -> Histogram<u64> {
        let mut all = histogram();
        for gauge in &self.gauges {
            // Both have the same bounds.
            all.add(gauge.take_latency()).unwrap_or_default();
        }
        all
    }

    /// Ends all threads.
    pub(crate) fn finish(&mut self) {
        self.end.call();
        for hang_up in &self.hang_up {
            hang_up();
        }
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                let what = "a thread of the load".to_owned();
                self.end.fail(BenchError::Machine { what, why: "it panicked".to_owned() });
            }
        }
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
