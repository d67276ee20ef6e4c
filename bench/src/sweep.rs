//! A sweep: rates one after another, and the knee that they show.

use crate::error::BenchError;
use crate::load::Target;
use crate::measure::{Measured, Sink, Watch, measure};
use crate::report::{Kind, LatencyOf, Report, Step, Sweep};
use crate::scenario::Scenario;

/// Part of a rate that must be achieved.
const ACHIEVED: f64 = 0.98;
/// The knee is known when the rate that was not kept is above the one that was by no more than this.
const NEAR: f64 = 1.1;
/// Most rates that are tried.
const STEPS_MAX: usize = 24;
/// Lowest rate that is tried, in records a second.
const LOWEST: f64 = 1.0;

/// Which rate comes next.
#[derive(Clone, Debug)]
pub(crate) enum Rates {
    /// These, one after another.
    Given(Vec<f64>),
    /// Doubled from here until one is not kept, then bisected.
    Search(f64),
}

impl Rates {
    /// The next, after those that were tried and whether they were kept.
    fn next(&self, tried: &[(f64, bool)]) -> Option<f64> {
        if tried.len() >= STEPS_MAX {
            return None;
        }
        let from = match self {
            Self::Given(rates) => return rates.get(tried.len()).copied(),
            Self::Search(from) => *from,
        };
        let kept = tried.iter().filter(|step| step.1).map(|step| step.0).reduce(f64::max);
        let lost = tried.iter().filter(|step| !step.1).map(|step| step.0).reduce(f64::min);
        match (kept, lost) {
            (None, None) => Some(from),
            (Some(kept), None) => Some(kept * 2.0),
            (None, Some(lost)) => Some((lost / 2.0).floor()).filter(|rate| *rate >= LOWEST),
            (Some(kept), Some(lost)) if lost / kept > NEAR => Some((kept * lost).sqrt().round()),
            _ => None,
        }
    }
}

/// Runs a scenario at one rate after another.
///
/// # Errors
/// [`BenchError`] when the first could not begin; what ends it later is in what it returns.
pub(crate) fn sweep(
    scenario: &Scenario,
    (rates, p99_ms_max): (&Rates, f64),
    target: &Target,
    watch: &Watch<'_>,
    sink: Sink<'_>,
) -> Result<Measured, BenchError> {
    let (mut tried, mut steps) = (Vec::new(), Vec::<Step>::new());
    let mut best: Option<(bool, Report)> = None;
    let mut error = None;
    while let Some(rate) = rates.next(&tried) {
        let mut scenario = scenario.clone();
        scenario.set_rate(rate);
        let watch = Watch { before: format!("{rate:.0} records/s: "), ..watch.clone() };
        let measured = match measure(&scenario, target, &watch, sink) {
            Ok(measured) => measured,
            Err(error) if steps.is_empty() => return Err(error),
            Err(failed) => {
                error = Some(failed);
                break;
            }
        };
        error = measured.error;
        let step = judge(&measured.report, rate, p99_ms_max, error.is_some());
        tried.push((rate, step.kept));
        // The report is that of the highest rate that was kept, or of the last.
        let highest = best.as_ref().is_none_or(|(kept, report)| {
            !*kept || step.kept && report.scenario.rate() < Some(rate)
        });
        if highest {
            best = Some((step.kept, measured.report));
        }
        steps.push(step);
        if error.is_some() {
            break;
        }
    }
    let Some((_, mut report)) = best else {
        return Err(BenchError::Usage("a sweep needs a rate: give --rates or --from".to_owned()));
    };
    steps.sort_by(|a, b| a.asked.total_cmp(&b.asked));
    let knee = tried.iter().filter(|step| step.1).map(|step| step.0).reduce(f64::max);
    report.partial = error.as_ref().map(ToString::to_string);
    report.sweep = Some(Sweep { p99_ms_max, steps, knee });
    Ok(Measured { report, error })
}

/// Whether a rate was kept.
fn judge(report: &Report, asked: f64, p99_ms_max: f64, cut_short: bool) -> Step {
    let produced = || report.loads.iter().filter(|load| load.kind == Kind::Produce);
    let achieved: f64 = produced().map(|load| load.records_per_second).sum();
    let end_to_end = report.loads.iter().find(|load| load.latency_of == LatencyOf::EndToEnd);
    let latency_us =
        end_to_end.or_else(|| produced().next()).map(|load| load.latency_us).unwrap_or_default();
    let fast = latency_us.count > 0 && latency_us.p99 <= p99_ms_max * 1e3;
    Step {
        asked,
        achieved,
        mb_per_second: produced().map(|load| load.mb_per_second).sum(),
        latency_us,
        kept: fast && achieved >= asked * ACHIEVED && !cut_short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All rates that are tried on a broker that keeps up to `capacity`.
    fn tried(rates: &Rates, capacity: f64) -> Vec<f64> {
        let mut tried = Vec::new();
        while let Some(rate) = rates.next(&tried) {
            tried.push((rate, rate <= capacity));
        }
        tried.into_iter().map(|step| step.0).collect()
    }

    #[test]
    fn a_search_doubles_then_bisects_until_it_is_near() {
        let all = tried(&Rates::Search(1000.0), 5000.0);
        assert_eq!(all[..4], [1000.0, 2000.0, 4000.0, 8000.0]);
        let knee = all.iter().copied().filter(|rate| *rate <= 5000.0).fold(0.0, f64::max);
        assert!((5000.0 / NEAR..=5000.0).contains(&knee), "{all:?}");
        assert!(all.len() <= 9, "{all:?}");
    }

    #[test]
    fn a_search_goes_down_when_the_first_rate_is_too_high() {
        let all = tried(&Rates::Search(1000.0), 300.0);
        assert_eq!(all[..3], [1000.0, 500.0, 250.0]);
        assert_eq!(tried(&Rates::Search(4.0), 0.0), [4.0, 2.0, 1.0]);
    }

    #[test]
    fn a_search_has_an_end() {
        assert_eq!(tried(&Rates::Search(1.0), f64::INFINITY).len(), STEPS_MAX);
        assert_eq!(tried(&Rates::Given(vec![5.0, 1.0]), 0.0), [5.0, 1.0]);
    }

    #[test]
    fn a_rate_is_kept_when_it_is_achieved_in_time() {
        let mut report = crate::report::tests::report();
        report.loads[0].records_per_second = 98.5;
        report.loads[0].latency_us.p99 = 900.0;
        assert!(judge(&report, 100.0, 1.0, false).kept);
        assert!(!judge(&report, 102.0, 1.0, false).kept);
        assert!(!judge(&report, 100.0, 0.8, false).kept);
        assert!(!judge(&report, 100.0, 1.0, true).kept);
    }
}
