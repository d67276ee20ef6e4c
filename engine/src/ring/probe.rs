//! What the machine offers, and how to mend what it lacks.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use io_uring::{IoUring, Probe, opcode};

/// The least kernel that has all the driver needs: `IORING_SETUP_DEFER_TASKRUN` came with it.
pub const KERNEL_MIN: &str = "6.1";

/// Why no ring can be had. Each says how to mend it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RingError {
    /// The kernel lacks io_uring or a part of it.
    #[error(
        "Linux {running} lacks {missing}; Ringlog needs Linux {KERNEL_MIN} or later: boot a newer kernel"
    )]
    Kernel {
        /// The running version.
        running: String,
        /// What is missing.
        missing: String,
    },
    /// The administrator has switched io_uring off.
    #[error(
        "io_uring is switched off for this process (kernel.io_uring_disabled = {setting}): \
         run `sysctl -w kernel.io_uring_disabled=0` as root{group}"
    )]
    Disabled {
        /// The setting.
        setting: u8,
        /// A milder way, where there is one.
        group: &'static str,
    },
    /// Something else forbids it, in most cases a container's filter.
    #[error(
        "io_uring is forbidden to this process, most likely by the container's seccomp profile: \
         allow io_uring_setup, io_uring_enter and io_uring_register (Docker: --security-opt \
         seccomp=PROFILE or seccomp=unconfined)"
    )]
    Forbidden,
    /// The kernel has no memory for it, or grants this process none.
    #[error(
        "the kernel has no memory for {what}: raise the limits of this process (`ulimit -l \
         unlimited`, or LimitMEMLOCK=infinity in a systemd unit) or of its control group, or give \
         the broker fewer shards"
    )]
    Memory {
        /// What it was wanted for.
        what: &'static str,
    },
    /// Any other refusal.
    #[error("io_uring cannot be set up ({what}): {error}")]
    Other {
        /// What was being done.
        what: &'static str,
        /// What the kernel says.
        error: io::Error,
    },
}

/// What a ring has and lacks, for the start-up summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingReport {
    /// Version of the running kernel.
    pub kernel: String,
    /// Whether the shard's memory is registered: without it each read and write pins its pages
    /// anew.
    pub registered_memory: bool,
    /// Whether files can be cut without a blocking system call (Linux 6.9).
    pub truncate: bool,
    /// Files and sockets that may be open at once.
    pub descriptors: u32,
    /// How to mend what is lacking.
    pub advice: Option<String>,
}

impl fmt::Display for RingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (memory, cut) = (self.registered_memory, self.truncate);
        write!(
            f,
            "io_uring on Linux {}: memory {}, files cut {}, up to {} open files and connections",
            self.kernel,
            if memory { "registered" } else { "not registered" },
            if cut { "by the ring" } else { "by a system call" },
            self.descriptors,
        )
    }
}

/// The running kernel's version.
pub fn kernel_version() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}

/// Explains why a ring could not be set up.
pub(super) fn explain(error: io::Error, what: &'static str) -> RingError {
    let setting = std::fs::read_to_string("/proc/sys/kernel/io_uring_disabled")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    explain_with(error, what, setting, kernel_version())
}

fn explain_with(error: io::Error, what: &'static str, setting: u8, running: String) -> RingError {
    match error.raw_os_error() {
        // A kernel that is new enough has it: a filter says that it does not.
        Some(libc::ENOSYS) if is_at_least(&running, KERNEL_MIN) => RingError::Forbidden,
        Some(libc::ENOSYS) => RingError::Kernel { running, missing: "io_uring".to_owned() },
        Some(libc::EINVAL) => RingError::Kernel { running, missing: what.to_owned() },
        Some(libc::EPERM) if setting > 0 => RingError::Disabled {
            setting,
            group: if setting == 1 {
                ", or put this user into the group that kernel.io_uring_group names"
            } else {
                ""
            },
        },
        Some(libc::EPERM | libc::EACCES) => RingError::Forbidden,
        Some(libc::ENOMEM) => RingError::Memory { what },
        _ => RingError::Other { what, error },
    }
}

/// Compares kernel versions by their first two numbers.
fn is_at_least(running: &str, wanted: &str) -> bool {
    let numbers = |version: &str| -> (u32, u32) {
        let mut parts =
            version.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap_or(0));
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    };
    numbers(running) >= numbers(wanted)
}

/// Checks that every operation the driver cannot do without is there. Returns whether files can be
/// cut by an operation.
pub(super) fn check_operations(ring: &IoUring) -> Result<bool, RingError> {
    let mut probe = Probe::new();
    ring.submitter()
        .register_probe(&mut probe)
        .map_err(|error| explain(error, "the probe of operations"))?;
    let needed = [
        (opcode::ReadFixed::CODE, "READ_FIXED"),
        (opcode::WriteFixed::CODE, "WRITE_FIXED"),
        (opcode::Fsync::CODE, "FSYNC"),
        (opcode::Fallocate::CODE, "FALLOCATE"),
        (opcode::OpenAt::CODE, "OPENAT"),
        (opcode::RenameAt::CODE, "RENAMEAT"),
        (opcode::UnlinkAt::CODE, "UNLINKAT"),
        (opcode::MkDirAt::CODE, "MKDIRAT"),
        (opcode::Statx::CODE, "STATX"),
        (opcode::Accept::CODE, "ACCEPT"),
        (opcode::Connect::CODE, "CONNECT"),
        (opcode::Recv::CODE, "RECV"),
        (opcode::SendMsg::CODE, "SENDMSG"),
        (opcode::Send::CODE, "SEND"),
        (opcode::SendZc::CODE, "SEND_ZC"),
        (opcode::SendMsgZc::CODE, "SENDMSG_ZC"),
        (opcode::Close::CODE, "CLOSE"),
        (opcode::MsgRingData::CODE, "MSG_RING"),
        (opcode::AsyncCancel::CODE, "ASYNC_CANCEL"),
    ];
    for (code, name) in needed {
        if !probe.is_supported(code) {
            return Err(RingError::Kernel {
                running: kernel_version(),
                missing: format!("the io_uring operation {name}"),
            });
        }
    }
    Ok(probe.is_supported(opcode::Ftruncate::CODE))
}

/// Why a directory cannot hold a log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The file system cannot bypass the page cache.
    #[error(
        "the file system of {path} has no O_DIRECT, so nothing there can be written around the \
         page cache: put the data directory on ext4 or XFS on a local drive"
    )]
    NoDirect {
        /// The directory.
        path: PathBuf,
    },
    /// It cannot be written to.
    #[error("{path} cannot be written to: {error}; make it and let this user own it")]
    Unwritable {
        /// The directory.
        path: PathBuf,
        /// What the kernel says.
        error: io::Error,
    },
}

/// Checks that files in `directory` can be written around the page cache.
///
/// # Errors
/// [`DirectoryError`] with what is wrong.
pub fn check_directory(directory: &Path) -> Result<(), DirectoryError> {
    let path = directory.join(".direct-probe.tmp");
    let unwritable =
        |error: io::Error| DirectoryError::Unwritable { path: directory.into(), error };
    let outcome = write_direct(&path);
    // The probe file may not exist; what matters is whether it could be written.
    let removed = std::fs::remove_file(&path);
    match outcome {
        Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {
            Err(DirectoryError::NoDirect { path: directory.into() })
        }
        // Nothing is wrong with the directory; recovery says whether it can do without space.
        Err(error) if crate::log::is_full(&error) => Ok(()),
        Err(error) => Err(unwritable(error)),
        Ok(()) => removed.map_err(unwritable),
    }
}

fn write_direct(path: &Path) -> io::Result<()> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::DIRECT | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::from_raw_mode(0o600))?;
    let mut block = crate::arena::Buf::heap(crate::arena::BLOCK_BYTES);
    block.set_len(crate::arena::BLOCK_BYTES);
    rustix::io::pwrite(&file, &block, 0)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: i32, setting: u8) -> String {
        let error = io::Error::from_raw_os_error(code);
        explain_with(error, "the flags", setting, "5.4.0".to_owned()).to_string()
    }

    #[test]
    fn every_refusal_says_how_to_mend_it() {
        assert!(said(libc::ENOSYS, 0).contains("5.4.0 lacks io_uring"));
        assert!(said(libc::EINVAL, 0).contains(KERNEL_MIN));
        assert!(said(libc::EPERM, 2).contains("sysctl -w kernel.io_uring_disabled=0"));
        assert!(said(libc::EPERM, 1).contains("io_uring_group"));
        assert!(said(libc::EPERM, 0).contains("seccomp"));
        assert!(said(libc::ENOMEM, 0).contains("LimitMEMLOCK"));
    }

    #[test]
    fn a_new_kernel_that_denies_having_it_is_filtered() {
        let error = io::Error::from_raw_os_error(libc::ENOSYS);
        let said = explain_with(error, "the flags", 0, "6.12.3-cloud".to_owned()).to_string();
        assert!(said.contains("seccomp"), "{said}");
        assert!(!is_at_least("5.19.17", KERNEL_MIN) && is_at_least("10.0", KERNEL_MIN));
    }

    #[test]
    fn a_file_system_without_direct_io_is_named() {
        let error = check_directory(Path::new("/proc")).unwrap_err().to_string();
        assert!(error.contains("/proc"), "{error}");
    }
}
