//! What a block device has done (`/proc/diskstats`, Documentation/admin-guide/iostats.rst of the kernel).

use crate::error::BenchError;
use crate::report::DeviceUse;

/// Bytes of what the kernel counts as a sector, whatever the device has.
const SECTOR: u64 = 512;

/// Counts of a device since the machine started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    reads: u64,
    sectors_read: u64,
    writes: u64,
    sectors_written: u64,
    flushes: u64,
}

/// What a device has done until now.
pub(super) fn counts(device: &str) -> Result<Counts, BenchError> {
    let failed = |why: String| BenchError::Machine { what: format!("--device {device}"), why };
    let path = "/proc/diskstats";
    let text = std::fs::read_to_string(path).map_err(|e| failed(format!("{path}: {e}")))?;
    let name = device.trim_start_matches("/dev/");
    parse(&text, name).ok_or_else(|| {
        let known: Vec<&str> =
            text.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
        failed(format!("there is no such block device; there are {}", known.join(", ")))
    })
}

fn parse(text: &str, name: &str) -> Option<Counts> {
    let line = text.lines().find(|line| line.split_whitespace().nth(2) == Some(name))?;
    let fields: Vec<&str> = line.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse().ok();
    Some(Counts {
        reads: number(3)?,
        sectors_read: number(5)?,
        writes: number(7)?,
        sectors_written: number(9)?,
        // Since Linux 5.5.
        flushes: number(18).unwrap_or(0),
    })
}

/// What it did between two moments, in which so many bytes were acknowledged.
pub(super) fn used(device: &str, before: Counts, after: Counts, bytes: u64) -> DeviceUse {
    let between = |of: fn(&Counts) -> u64| of(&after).saturating_sub(of(&before));
    let written_bytes = between(|c| c.sectors_written) * SECTOR;
    let (reads, writes, flushes) =
        (between(|c| c.reads), between(|c| c.writes), between(|c| c.flushes));
    DeviceUse {
        name: device.trim_start_matches("/dev/").to_owned(),
        reads,
        read_bytes: between(|c| c.sectors_read) * SECTOR,
        writes,
        written_bytes,
        flushes,
        written_bytes_per_byte: written_bytes as f64 / bytes.max(1) as f64,
        operations_per_mb: (reads + writes + flushes) as f64 / (bytes.max(1) as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATS: &str = " 259  0 nvme0n1 10 1 80 5 20 2 160 9 0 14 14 0 0 0 0 3 4\n\
                         259  1 nvme0n1p1 7 0 8 1 2 0 16 1 0 2 2\n";

    #[test]
    fn a_device_is_found_by_its_whole_name() {
        let disk = parse(STATS, "nvme0n1").unwrap();
        let read = (disk.reads, disk.sectors_read, disk.writes, disk.sectors_written, disk.flushes);
        assert_eq!(read, (10, 80, 20, 160, 3));
        assert_eq!(parse(STATS, "nvme0n1p1").map(|part| part.flushes), Some(0));
        assert_eq!(parse(STATS, "nvme0"), None);
    }

    #[test]
    fn what_was_written_is_told_for_each_byte() {
        let before = parse(STATS, "nvme0n1").unwrap();
        let after = Counts { writes: 24, sectors_written: 2160, ..before };
        let used = used("/dev/nvme0n1", before, after, 1_000_000);
        assert_eq!((used.written_bytes, used.writes), (1_024_000, 4));
        assert!((used.written_bytes_per_byte - 1.024).abs() < 1e-9);
        assert!((used.operations_per_mb - 4.0).abs() < 1e-9);
        assert_eq!(used.name, "nvme0n1");
    }

    #[test]
    fn a_device_that_is_not_there_is_an_error_that_names_those_that_are() {
        let said = counts("no-such-device").unwrap_err().to_string();
        assert!(said.contains("--device no-such-device: there is no such block device"), "{said}");
    }
}
