//! What a broker's process uses.

use crate::error::BenchError;
use crate::report::BrokerUse;

/// CPU time and memory of a process at some moment.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system time of all threads since its start, in seconds.
    pub cpu_seconds: f64,
    /// Resident memory, in bytes.
    pub resident: u64,
    /// Bytes that it caused to be read from devices and to be written to them, when this process may know.
    pub device_bytes: Option<(u64, u64)>,
}

/// What a process has used until now.
///
/// # Errors
/// [`BenchError::Machine`] when there is no such process.
pub fn usage(pid: u32) -> Result<Usage, BenchError> {
    let path = format!("/proc/{pid}/stat");
    let failed = |why: String| BenchError::Machine { what: format!("--broker-pid {pid}"), why };
    let stat = std::fs::read_to_string(&path).map_err(|e| failed(format!("{path}: {e}")))?;
    // The name, in parentheses, may contain anything.
    let fields: Vec<&str> =
        stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
    let (Some(user), Some(system), Some(pages)) = (number(11), number(12), number(21)) else {
        return Err(failed(format!("{path} cannot be read")));
    };
    let ticks = rustix::param::clock_ticks_per_second();
    Ok(Usage {
        cpu_seconds: (user + system) as f64 / ticks as f64,
        resident: pages * rustix::param::page_size() as u64,
        device_bytes: std::fs::read_to_string(format!("/proc/{pid}/io"))
            .ok()
            .and_then(|io| device_bytes(&io)),
    })
}

fn device_bytes(io: &str) -> Option<(u64, u64)> {
    let number = |name| io.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    Some((number("read_bytes:")?, number("write_bytes:")?))
}

/// What it used between two moments, in which so many bytes and records were acknowledged.
pub(super) fn used(before: &Usage, after: &Usage, (bytes, records): (u64, u64)) -> BrokerUse {
    let cpu_seconds = after.cpu_seconds - before.cpu_seconds;
    let io = before.device_bytes.zip(after.device_bytes);
    let written = io.map(|(before, after)| after.1.saturating_sub(before.1));
    BrokerUse {
        cpu_seconds,
        cpu_seconds_per_gb: cpu_seconds / (bytes.max(1) as f64 / 1e9),
        cpu_seconds_per_million_records: cpu_seconds / (records.max(1) as f64 / 1e6),
        resident_mib: after.resident as f64 / f64::from(1 << 20),
        read_bytes: io.map(|(before, after)| after.0.saturating_sub(before.0)),
        written_bytes: written,
        written_bytes_per_byte: written.map(|written| written as f64 / bytes.max(1) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory() {
        assert!(usage(std::process::id()).unwrap().resident > 1 << 20);
        assert!(usage(u32::MAX).is_err());
    }

    #[test]
    fn costs_are_told_for_each_gb_and_million_records() {
        let before = Usage { cpu_seconds: 1.0, resident: 0, device_bytes: Some((5, 1000)) };
        let after = Usage { cpu_seconds: 4.0, resident: 1 << 20, device_bytes: Some((7, 4000)) };
        let used = used(&before, &after, (1_500_000_000, 3_000_000));
        assert_eq!((used.cpu_seconds_per_gb, used.cpu_seconds_per_million_records), (2.0, 1.0));
        assert_eq!(
            (used.read_bytes, used.written_bytes, used.resident_mib),
            (Some(2), Some(3000), 1.0)
        );
        assert_eq!(device_bytes("rchar: 1\nread_bytes: 4096\nwrite_bytes: 12\n"), Some((4096, 12)));
    }
}
