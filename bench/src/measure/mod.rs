//! A run, measured: it is warmed up, watched in intervals, ended and summed up in a [`Report`].
//!
//! `process` and `device` are what the broker and its medium used meanwhile, `environment` where all this
//! was, `progress` what people see of it. Nothing here knows how a load is made or a report is shown.

mod device;
mod environment;
mod process;
mod progress;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

pub use process::{Usage, usage};
use progress::Progress;

use crate::error::BenchError;
use crate::load::{self, Gauges, Run, Target, Totals, histogram};
use crate::report::{
    FORMAT, Interval, Kind, Latency, LatencyOf, LoadReport, Quantiles, Report, buckets,
    distribution,
};
use crate::scenario::{Scenario, Start};

/// Most intervals of a run; those of a longer one are longer.
const INTERVALS_MAX: u32 = 600;
/// How often the main thread looks at what goes on.
const LOOK: Duration = Duration::from_millis(20);

/// Takes each interval's latencies of a load: its name, when the interval began and how long it was.
pub(crate) type Sink<'a> = &'a mut dyn FnMut(&str, Instant, Duration, &Histogram<u64>);

/// What is looked at beside the load.
#[derive(Clone, Debug)]
pub(crate) struct Watch<'a> {
    /// The broker's process, when it is on this machine.
    pub(crate) pid: Option<u32>,
    /// The device of its data.
    pub(crate) device: Option<String>,
    /// Set when the run is to end early.
    pub(crate) interrupted: &'a AtomicBool,
    /// What stands before the progress.
    pub(crate) before: String,
}

/// A report, and why it is partial, if it is.
pub(crate) struct Measured {
    pub(crate) report: Report,
    pub(crate) error: Option<BenchError>,
}

/// Runs a scenario and measures it.
///
/// # Errors
/// [`BenchError`] when it could not begin. What ends it later is in what it returns.
pub(crate) fn measure(
    scenario: &Scenario,
    target: &Target,
    watch: &Watch<'_>,
    sink: Sink<'_>,
) -> Result<Measured, BenchError> {
    let usage = || watch.pid.map(process::usage).transpose();
    let counts = || watch.device.as_deref().map(device::counts).transpose();
    // What is wrong with these is told before anything is loaded.
    usage()?;
    counts()?;
    let mut run = load::start(scenario, target)?;
    let progress = Progress::new(watch.before.clone());
    let over = |run: &Run| watch.interrupted.load(Ordering::Relaxed) || run.end.is_near();
    let mut courses = Course::all(scenario, &run);
    progress.warm(scenario.warmup_seconds);
    while Instant::now() < run.measured_from && !over(&run) {
        courses.iter_mut().zip(&run.loads).for_each(|(course, gauges)| course.look(gauges));
        std::thread::sleep(LOOK);
    }
    let environment = environment::environment(run.broker.take());
    let (used_before, did_before) = (usage()?, counts()?);
    let began = Instant::now();
    for (course, gauges) in courses.iter_mut().zip(&mut run.loads) {
        course.begin(gauges, began);
    }
    let each = scenario.seconds.div_ceil(INTERVALS_MAX).max(1);
    let mut second = 0;
    while second < scenario.seconds && !over(&run) {
        second = (second + each).min(scenario.seconds);
        let until = began + Duration::from_secs(second.into());
        while Instant::now() < until && !over(&run) {
            courses.iter_mut().zip(&run.loads).for_each(|(course, gauges)| course.look(gauges));
            std::thread::sleep(until.saturating_duration_since(Instant::now()).min(LOOK));
        }
        let produced = run.loads.iter().take(scenario.produce.len());
        let produced = produced.map(|gauges| gauges.totals().records).sum();
        for (course, gauges) in courses.iter_mut().zip(&mut run.loads) {
            course.close(gauges, began, produced, sink);
        }
        let seconds = began.elapsed().as_secs_f64();
        let left = (f64::from(scenario.seconds) - seconds).max(0.0);
        progress.show(seconds, left, courses.iter().map(Course::last));
    }
    let seconds = began.elapsed().as_secs_f64();
    let (used_after, did_after) = (usage(), counts());
    run.finish();
    progress.clear();
    let loads = courses.into_iter().map(|course| course.report(seconds)).collect();
    let mut error = run.end.error();
    if error.is_none() && watch.interrupted.load(Ordering::Relaxed) {
        error = Some(BenchError::Interrupted);
    }
    let partial = error.as_ref().map(|error| match error {
        BenchError::Interrupted => format!("interrupted after {seconds:.1} s"),
        error => error.to_string(),
    });
    // What is reported is what was run: the topic may have been there with other partitions.
    let mut scenario = scenario.clone();
    scenario.topic.partitions = run.partitions;
    let mut report = Report {
        format: FORMAT,
        environment,
        scenario,
        seconds,
        loads,
        broker: None,
        device: None,
        sweep: None,
        partial,
    };
    let base = report.base();
    if let (Some(before), Ok(Some(after))) = (used_before, used_after) {
        report.broker = Some(process::used(&before, &after, base));
    }
    if let (Some(name), Some(before), Ok(Some(after))) = (&watch.device, did_before, did_after) {
        report.device = Some(device::used(name, before, after, base.0));
    }
    Ok(Measured { report, error })
}

/// A load, measured.
struct Course {
    name: String,
    kind: Kind,
    latency_of: LatencyOf,
    asked: Option<f64>,
    /// When consumers begin, and when they had everything for the first time.
    begins: Option<Instant>,
    caught_up: Option<f64>,
    first: Totals,
    last: Totals,
    closed: Instant,
    intervals: Vec<Interval>,
    latency: Histogram<u64>,
    all: Histogram<u64>,
}

impl Course {
    fn all(scenario: &Scenario, run: &Run) -> Vec<Self> {
        let course = |name: &str, kind, latency_of| Self {
            name: name.to_owned(),
            kind,
            latency_of,
            asked: None,
            begins: None,
            caught_up: None,
            first: Totals::default(),
            last: Totals::default(),
            closed: run.measured_from,
            intervals: Vec::with_capacity(INTERVALS_MAX as usize),
            latency: histogram(),
            all: histogram(),
        };
        let mut all = Vec::new();
        for load in &scenario.produce {
            let course = course(&load.name, Kind::Produce, LatencyOf::Acknowledgement);
            all.push(Self { asked: load.rate, ..course });
        }
        for load in &scenario.consume {
            let repeats = load.start == Start::Repeat;
            let end_to_end = scenario.is_end_to_end() && !repeats;
            let of = if end_to_end { LatencyOf::EndToEnd } else { LatencyOf::Fetch };
            let begins = match load.after_seconds {
                0 => Instant::now(),
                seconds => run.measured_from + Duration::from_secs(seconds.into()),
            };
            let course = course(&load.name, Kind::Consume, of);
            all.push(Self { begins: (!repeats).then_some(begins), ..course });
        }
        all
    }

    /// Looks whether the consumers have everything that there is.
    fn look(&mut self, gauges: &Gauges) {
        if let Some(begins) = self.begins
            && self.caught_up.is_none()
            && gauges.has_caught_up()
        {
            self.caught_up = Some(begins.elapsed().as_secs_f64());
        }
    }

    /// Forgets what was before the measured time.
    fn begin(&mut self, gauges: &mut Gauges, now: Instant) {
        gauges.take_latency(&mut self.latency);
        self.first = gauges.totals();
        (self.last, self.closed) = (self.first, now);
    }

    /// Ends an interval. `produced` are all records since the run began.
    fn close(&mut self, gauges: &mut Gauges, began: Instant, produced: u64, sink: Sink<'_>) {
        gauges.take_latency(&mut self.latency);
        let (now, totals) = (Instant::now(), gauges.totals());
        let done = totals.since(self.last);
        let length = now.saturating_duration_since(self.closed);
        sink(&self.name, self.closed, length, &self.latency);
        self.intervals.push(Interval {
            at: now.saturating_duration_since(began).as_secs_f64(),
            seconds: length.as_secs_f64(),
            records: done.records,
            bytes: done.bytes,
            latency_us: Quantiles::of(&self.latency),
            buckets: buckets(&self.latency),
            // Consumers that stand still do not know of what comes meanwhile.
            lag: self.begins.map(|begins| gauges.lag() + if now < begins { produced } else { 0 }),
        });
        // Both have the same bounds.
        self.all.add(&self.latency).unwrap_or_default();
        (self.last, self.closed) = (totals, now);
    }

    fn last(&self) -> (&str, Option<&Interval>) {
        (&self.name, self.intervals.last())
    }

    fn report(self, seconds: f64) -> LoadReport {
        let done = self.last.since(self.first);
        let each_second = |count: u64| if seconds > 0.0 { count as f64 / seconds } else { 0.0 };
        LoadReport {
            name: self.name,
            kind: self.kind,
            latency_of: self.latency_of,
            records: done.records,
            bytes: done.bytes,
            requests: done.requests,
            records_per_second: each_second(done.records),
            mb_per_second: each_second(done.bytes) / 1e6,
            asked_records_per_second: self.asked,
            latency_us: Latency::of(&self.all),
            distribution: distribution(&self.all),
            intervals: self.intervals,
            caught_up_seconds: self.caught_up,
        }
    }
}
