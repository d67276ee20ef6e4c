//! Where a directory is kept, for people.

use std::fs;
use std::path::{Path, PathBuf};

/// The file system and the drive under `directory`, such as `ext4 on /dev/nvme0n1 (Samsung SSD,
/// write cache: write back)`; what cannot be found out is left out.
pub(super) fn describe(directory: &Path) -> String {
    let Ok(stat) = rustix::fs::stat(directory) else { return "unknown".to_owned() };
    let numbers = (rustix::fs::major(stat.st_dev), rustix::fs::minor(stat.st_dev));
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let mount = find_mount(&mounts, numbers);
    let (kind, source) = mount.unwrap_or_else(|| ("unknown file system".into(), "-".into()));
    let facts = drive_facts(numbers);
    match facts.is_empty() {
        true => format!("{kind} on {source}"),
        false => format!("{kind} on {source} ({})", facts.join(", ")),
    }
}

/// File system type and source of the mount with this device number (proc_pid_mountinfo(5)).
fn find_mount(mounts: &str, (major, minor): (u32, u32)) -> Option<(String, String)> {
    let device = format!("{major}:{minor}");
    mounts.lines().find_map(|line| {
        if line.split(' ').nth(2) != Some(&device) {
            return None;
        }
        // Optional fields of any number end with a dash.
        let (_, rest) = line.split_once(" - ")?;
        let mut fields = rest.split(' ');
        Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
    })
}

/// What sysfs says of the drive.
fn drive_facts((major, minor): (u32, u32)) -> Vec<String> {
    let device = PathBuf::from(format!("/sys/dev/block/{major}:{minor}"));
    // A partition has its queue one folder up.
    let drive = match device.join("queue").exists() {
        true => device,
        false => device.join(".."),
    };
    let read = |name: &str| {
        let text = fs::read_to_string(drive.join(name)).ok()?;
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    // Resolved by the kernel: the path itself goes through a link.
    let drive_exists = fs::canonicalize(&drive).is_ok_and(|path| path.join("queue").exists());
    if !drive_exists {
        return Vec::new();
    }
    let mut facts = Vec::new();
    facts.extend(read("device/model"));
    if read("queue/rotational").as_deref() == Some("1") {
        facts.push("rotating".to_owned());
    }
    facts.extend(read("queue/write_cache").map(|cache| format!("write cache: {cache}")));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_found_by_its_device_number() {
        let mounts = "\
21 1 0:20 / /proc rw,nosuid - proc proc rw
30 1 259:2 / / rw,relatime shared:1 master:2 - ext4 /dev/nvme0n1p2 rw
";
        let found = find_mount(mounts, (259, 2)).unwrap();
        assert_eq!(found, ("ext4".to_owned(), "/dev/nvme0n1p2".to_owned()));
        assert_eq!(find_mount(mounts, (1, 1)), None);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        assert_eq!(describe(Path::new("/no/such/directory")), "unknown");
        assert!(!describe(Path::new("/")).is_empty());
    }
}
