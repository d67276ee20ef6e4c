//! A line on standard error while a run lasts, when people look.

use std::io::{self, IsTerminal};

use crate::report::{Interval, time};

/// The line.
#[derive(Debug)]
pub(super) struct Progress {
    shown: bool,
    before: String,
}

impl Progress {
    /// `before` is what stands before it, such as the rate that is tried.
    pub(super) fn new(before: String) -> Self {
        Self { shown: io::stderr().is_terminal(), before }
    }

    pub(super) fn warm(&self, seconds: u32) {
        if self.shown {
            eprint!("\r\x1b[K{}warms up for {seconds} s", self.before);
        }
    }

    /// Shows what the loads did last, and how many seconds are left.
    pub(super) fn show<'a>(
        &self,
        seconds: f64,
        left: f64,
        loads: impl Iterator<Item = (&'a str, Option<&'a Interval>)>,
    ) {
        if !self.shown {
            return;
        }
        let mut line = format!("\r\x1b[K{}{seconds:.0} s: ", self.before);
        for (name, interval) in loads {
            let Some(interval) = interval else { continue };
            let rate = interval.bytes as f64 / 1e6 / interval.seconds.max(1e-9);
            let p99 = interval.latency_us.map_or("-".to_owned(), |latency| time(latency.p99 * 1e3));
            line.push_str(&format!("{name} {rate:.1} MB/s, p99 {p99}; "));
        }
        eprint!("{line}{left:.0} s to go");
    }

    pub(super) fn clear(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}
