//! Latencies, summed up.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Latencies, in microseconds. All 0 when there was none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Latency {
    /// How many.
    pub count: u64,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub p99_9: f64,
    pub p99_99: f64,
    pub max: f64,
}

/// Latencies of an interval, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Quantiles {
    pub p50: f64,
    pub p99: f64,
    pub p99_9: f64,
    pub max: f64,
}

fn at(nanos: &Histogram<u64>, quantile: f64) -> f64 {
    // A step of the histogram may end above the largest value.
    nanos.value_at_quantile(quantile).min(nanos.max()) as f64 / 1e3
}

impl Latency {
    pub(crate) fn of(nanos: &Histogram<u64>) -> Self {
        if nanos.is_empty() {
            return Self::default();
        }
        Self {
            count: nanos.len(),
            mean: nanos.mean() / 1e3,
            p50: at(nanos, 0.5),
            p90: at(nanos, 0.9),
            p99: at(nanos, 0.99),
            p99_9: at(nanos, 0.999),
            p99_99: at(nanos, 0.9999),
            max: nanos.max() as f64 / 1e3,
        }
    }

    /// Names and values of the percentiles, in order.
    pub(crate) fn rows(&self) -> [(&'static str, f64); 6] {
        [
            ("p50", self.p50),
            ("p90", self.p90),
            ("p99", self.p99),
            ("p99.9", self.p99_9),
            ("p99.99", self.p99_99),
            ("max", self.max),
        ]
    }
}

impl Quantiles {
    pub(crate) fn of(nanos: &Histogram<u64>) -> Option<Self> {
        (!nanos.is_empty()).then(|| Self {
            p50: at(nanos, 0.5),
            p99: at(nanos, 0.99),
            p99_9: at(nanos, 0.999),
            max: nanos.max() as f64 / 1e3,
        })
    }
}

/// All latencies: percentile, microseconds, and how many were as short or shorter.
pub(crate) fn distribution(nanos: &Histogram<u64>) -> Vec<(f64, f64, u64)> {
    let mut count = 0;
    let steps = nanos.iter_quantiles(5).map(|step| {
        count += step.count_since_last_iteration();
        let value = step.value_iterated_to().min(nanos.max());
        // Sums of halves leave a rest in the last digits.
        let percentile = (step.quantile_iterated_to() * 1e9).round() / 1e7;
        (percentile, value as f64 / 1e3, count)
    });
    steps.collect()
}

/// A coarse histogram: steps of the square root of two from a microsecond on, without the empty ones.
pub(crate) fn buckets(nanos: &Histogram<u64>) -> Vec<(f64, u64)> {
    let mut buckets: Vec<(f64, u64)> = Vec::new();
    for step in nanos.iter_recorded() {
        let value = step.value_iterated_to() as f64 / 1e3;
        let half_powers = (value.max(1.0).log2() * 2.0).ceil();
        let bound = (2_f64.powf(half_powers / 2.0) * 1e3).round() / 1e3;
        match buckets.last_mut() {
            Some(last) if last.0 == bound => last.1 += step.count_at_value(),
            _ => buckets.push((bound, step.count_at_value())),
        }
    }
    buckets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(values: impl IntoIterator<Item = u64>) -> Histogram<u64> {
        let mut all = crate::load::histogram();
        values.into_iter().for_each(|value| all.record(value).unwrap());
        all
    }

    #[test]
    fn percentiles_are_in_microseconds_and_none_is_above_the_maximum() {
        let latency = Latency::of(&nanos((1..=1000).map(|n| n * 1000)));
        assert!((499.0..=501.0).contains(&latency.p50), "{latency:?}");
        assert!(latency.rows().iter().all(|(_, value)| *value <= latency.max), "{latency:?}");
        assert_eq!(Latency::of(&nanos([])), Latency::default());
        assert_eq!(Quantiles::of(&nanos([])), None);
    }

    #[test]
    fn a_distribution_ends_with_all() {
        let all = distribution(&nanos((1..=1000).map(|n| n * 1000)));
        assert_eq!(all.last().map(|last| (last.0, last.2)), Some((100.0, 1000)));
        assert!(all.is_sorted_by(|a, b| a.0 <= b.0 && a.1 <= b.1));
    }

    #[test]
    fn a_coarse_histogram_has_no_empty_steps() {
        let coarse = buckets(&nanos([500, 900, 1900, 2000, 63_500, 65_000]));
        assert_eq!(coarse, [(1.0, 2), (2.0, 2), (64.0, 1), (90.51, 1)]);
    }
}
