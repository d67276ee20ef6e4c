//! What a broker's process uses.

use crate::error::BenchError;

/// CPU time and memory of a process at some moment.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// User and system time of all threads since its start, in seconds.
    pub cpu_seconds: f64,
    /// Resident memory, in bytes.
    pub resident: u64,
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
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn this_process_uses_memory() {
        assert!(super::usage(std::process::id()).unwrap().resident > 1 << 20);
        assert!(super::usage(u32::MAX).is_err());
    }
}
