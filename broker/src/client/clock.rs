//! Time, for the client alone: it is a program of its own, outside the simulator.
#![expect(clippy::disallowed_methods, reason = "the client is not driven by `Io`")]

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A point in time by which something must be done.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// So much from now on.
    pub fn after(time: Duration) -> Self {
        // A time that is too long to be added is a day.
        let now = Instant::now();
        Self(now.checked_add(time).unwrap_or(now + Duration::from_secs(86_400)))
    }

    /// What is left, or nothing.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it is over.
    pub fn is_over(self) -> bool {
        self.left().is_zero()
    }

    /// Pauses, but not beyond the deadline.
    pub(super) fn pause(self, time: Duration) {
        std::thread::sleep(time.min(self.left()));
    }
}

/// Milliseconds since 1970.
pub fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
