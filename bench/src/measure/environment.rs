//! Where and when something is measured.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::report::Environment;
use crate::wire::Identity;

/// This machine, now.
pub(super) fn environment(broker: Option<Identity>) -> Environment {
    let system = rustix::system::uname();
    let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // Set by whoever builds a release: a build script that asked git would build everything anew on each commit.
    let commit = option_env!("RINGLOG_COMMIT").map(|commit| format!(" ({commit})"));
    Environment {
        date: date(since.as_secs()),
        ringlog: format!("{}{}", env!("CARGO_PKG_VERSION"), commit.unwrap_or_default()),
        host: text(system.nodename()),
        kernel: format!("{} {}", text(system.sysname()), text(system.release())),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        processor: processor(&std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default()),
        broker,
    }
}

fn processor(cpuinfo: &str) -> String {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':'));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

/// Seconds since 1970 as RFC 3339, in UTC. The calendar is Howard Hinnant's `civil_from_days`.
fn date(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::{date, processor};

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_735_689_600, "2025-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(date(seconds), expected);
        }
    }

    #[test]
    fn the_processor_has_its_name() {
        assert_eq!(processor("vendor: x\nmodel name\t: Some CPU\n"), "Some CPU");
        assert_eq!(processor(""), std::env::consts::ARCH);
    }
}
