//! Disk operations: started when submitted, performed when they complete.

use std::path::PathBuf;
use std::rc::Rc;

use super::Seat;
use super::config::DiskConfig;
use super::disk::{Disk, SECTOR_BYTES, errno};
use super::fault::{Harm, Target};
use super::rng::Rng;
use super::state::{Handle, Happening, State};
use crate::arena::{BLOCK_BYTES, Buf, Slice};
use crate::io::{Durability, FileId, Op, OpId, OpenOptions, Output, Space};

/// A disk operation in flight, its file resolved.
#[derive(Debug)]
pub(super) enum DiskOp {
    Open { path: PathBuf, options: OpenOptions },
    Read { file: u64, offset: u64, buf: Buf, len: usize },
    Write { file: u64, offset: u64, bytes: Slice, durable: bool },
    SyncFile { file: u64, upto: u64 },
    SyncDir { path: PathBuf, upto: u64 },
    Allocate { file: u64, len: u64 },
    Truncate { file: u64, len: u64 },
    Rename { from: PathBuf, to: PathBuf },
    RemoveFile { path: PathBuf },
    RemoveDir { path: PathBuf },
    CreateDir { path: PathBuf },
    ListDir { path: PathBuf },
    Stat { path: PathBuf },
    FreeSpace,
    Refused(i32),
}

impl DiskOp {
    fn target(&self) -> Target {
        match self {
            Self::Read { .. } => Target::Read,
            Self::Write { .. } => Target::Write,
            Self::SyncFile { .. } | Self::SyncDir { .. } => Target::Sync,
            _ => Target::Metadata,
        }
    }

    /// The file it works on.
    pub(super) fn file(&self) -> Option<u64> {
        match self {
            Self::Read { file, .. }
            | Self::Write { file, .. }
            | Self::SyncFile { file, .. }
            | Self::Allocate { file, .. }
            | Self::Truncate { file, .. } => Some(*file),
            _ => None,
        }
    }

    /// Whether it changes what a crash leaves.
    pub(super) fn changes(&self) -> bool {
        !matches!(
            self,
            Self::Read { .. }
                | Self::ListDir { .. }
                | Self::Stat { .. }
                | Self::FreeSpace
                | Self::Refused(_)
        )
    }

    /// A copy of an operation that carries no bytes.
    pub(super) fn clone_plain(&self) -> Self {
        match self {
            Self::Open { path, options } => Self::Open { path: path.clone(), options: *options },
            Self::SyncFile { file, upto } => Self::SyncFile { file: *file, upto: *upto },
            Self::SyncDir { path, upto } => Self::SyncDir { path: path.clone(), upto: *upto },
            Self::Allocate { file, len } => Self::Allocate { file: *file, len: *len },
            Self::Truncate { file, len } => Self::Truncate { file: *file, len: *len },
            Self::Rename { from, to } => Self::Rename { from: from.clone(), to: to.clone() },
            Self::RemoveFile { path } => Self::RemoveFile { path: path.clone() },
            Self::RemoveDir { path } => Self::RemoveDir { path: path.clone() },
            Self::CreateDir { path } => Self::CreateDir { path: path.clone() },
            Self::ListDir { path } => Self::ListDir { path: path.clone() },
            Self::Stat { path } => Self::Stat { path: path.clone() },
            Self::FreeSpace | Self::Read { .. } | Self::Write { .. } => Self::FreeSpace,
            Self::Refused(code) => Self::Refused(*code),
        }
    }

    /// The device was at work on it when the power went: whatever it changes, it changes without
    /// any promise.
    pub(super) fn apply(self, disk: &mut Disk) {
        // Errors are as good as nothing here: nobody is left to hear them.
        let _ = match self {
            Self::Write { file, offset, bytes, .. } => disk.write(file, offset, &bytes),
            Self::Allocate { file, len } => disk.allocate(file, len),
            Self::Truncate { file, len } => disk.truncate(file, len),
            Self::Rename { from, to } => disk.rename(&from, &to),
            Self::RemoveFile { path } => disk.unlink(&path, false),
            Self::RemoveDir { path } => disk.unlink(&path, true),
            Self::CreateDir { path } => disk.create_dir(&path),
            Self::Open { path, options } => disk.open(&path, options).map(|_| ()),
            Self::SyncFile { file, upto } => {
                disk.sync_file(file, upto);
                Ok(())
            }
            Self::SyncDir { path, upto } => disk.sync_dir(&path, upto),
            _ => Ok(()),
        };
    }
}

impl State {
    pub(super) fn start_disk(&mut self, seat: Seat, id: OpId, op: Op) {
        if let Op::CloseFile { file } = op {
            let node = &mut self.nodes[seat.node];
            let result = match node.files.remove(&file.0) {
                Some(handle) => {
                    node.disk.release(handle.inode);
                    Ok(Output::Done)
                }
                None => Err(errno(libc::EBADF)),
            };
            return self.complete(seat, id, result, false);
        }
        let (op, name) = self.resolve(seat, op).unwrap_or_else(|e| (DiskOp::Refused(e), "".into()));
        let node = &mut self.nodes[seat.node];
        if let Some(file) = op.file() {
            node.disk.hold(file);
        }
        let target = op.target();
        let harm = node.faults.iter_mut().find_map(|fault| fault.strikes(target, &name));
        let config = &self.config.disk;
        let mut time = self.rng.between(config.latency.0, config.latency.1);
        if self.rng.chance(config.slow) {
            time += self.rng.between(config.slow_latency.0, config.slow_latency.1);
        }
        let harm = match harm {
            Some(Harm::Slow(more)) => {
                time += more;
                None
            }
            Some(harm) => Some(harm),
            None => roll(target, config, &mut self.rng),
        };
        if op.changes() {
            self.note_crash_point(seat, id, Some(&op));
        }
        if let Some(pending) = self.shard(seat).ops.get_mut(&id) {
            pending.disk = Some((op, harm));
        }
        self.at(self.now + time, Happening::Disk(seat, id));
    }

    fn resolve(&mut self, seat: Seat, op: Op) -> Result<(DiskOp, Rc<str>), i32> {
        let node = &self.nodes[seat.node];
        let handle = |file: FileId| -> Result<&Handle, i32> {
            node.files.get(&file.0).filter(|handle| handle.shard == seat.shard).ok_or(libc::EBADF)
        };
        let writable = |file: FileId| handle(file)?.write.then_some(()).ok_or(libc::EBADF);
        let aligned = |n: u64| n.is_multiple_of(BLOCK_BYTES as u64);
        let (changes, tree_changes) = node.disk.mark();
        let named = |path: &PathBuf| -> Rc<str> { path.to_string_lossy().into() };
        Ok(match op {
            Op::Read { file, offset, buf, len } => {
                let handle = handle(file)?;
                if handle.direct && !(aligned(offset) && aligned(len as u64)) {
                    return Err(libc::EINVAL);
                }
                let op = DiskOp::Read { file: handle.inode, offset, buf, len };
                (op, handle.path.clone())
            }
            Op::Write { file, offset, bytes, durability } => {
                writable(file)?;
                let handle = handle(file)?;
                let address = bytes.as_ptr() as u64;
                if handle.direct
                    && !(aligned(offset) && aligned(bytes.len() as u64) && aligned(address))
                {
                    return Err(libc::EINVAL);
                }
                let durable = durability == Durability::Durable;
                let op = DiskOp::Write { file: handle.inode, offset, bytes, durable };
                (op, handle.path.clone())
            }
            Op::SyncFile { file } => {
                let handle = handle(file)?;
                (DiskOp::SyncFile { file: handle.inode, upto: changes }, handle.path.clone())
            }
            Op::Allocate { file, len } => {
                writable(file)?;
                let handle = handle(file)?;
                (DiskOp::Allocate { file: handle.inode, len }, handle.path.clone())
            }
            Op::Truncate { file, len } => {
                writable(file)?;
                let handle = handle(file)?;
                (DiskOp::Truncate { file: handle.inode, len }, handle.path.clone())
            }
            Op::Open { path, options } => {
                let name = named(&path);
                (DiskOp::Open { path, options }, name)
            }
            Op::SyncDir { path } => {
                let name = named(&path);
                (DiskOp::SyncDir { path, upto: tree_changes }, name)
            }
            Op::Rename { from, to } => {
                let name = named(&to);
                (DiskOp::Rename { from, to }, name)
            }
            Op::RemoveFile { path } => {
                let name = named(&path);
                (DiskOp::RemoveFile { path }, name)
            }
            Op::RemoveDir { path } => {
                let name = named(&path);
                (DiskOp::RemoveDir { path }, name)
            }
            Op::CreateDir { path } => {
                let name = named(&path);
                (DiskOp::CreateDir { path }, name)
            }
            Op::ListDir { path } => {
                let name = named(&path);
                (DiskOp::ListDir { path }, name)
            }
            Op::Stat { path } => {
                let name = named(&path);
                (DiskOp::Stat { path }, name)
            }
            Op::FreeSpace { path } => {
                node.disk.stat(&path)?;
                (DiskOp::FreeSpace, named(&path))
            }
            _ => return Err(libc::ENOSYS),
        })
    }

    pub(super) fn finish_disk(&mut self, seat: Seat, id: OpId) {
        if !self.alive(seat) {
            return;
        }
        let Some((op, harm)) = self.shard(seat).ops.get_mut(&id).and_then(|p| p.disk.take()) else {
            return;
        };
        let held = op.file();
        let changes = op.changes();
        let result = self.perform(seat, op, harm).map_err(errno);
        if let Some(file) = held {
            self.nodes[seat.node].disk.release(file);
        }
        self.complete(seat, id, result, false);
        if changes {
            self.note_crash_point(seat, id, None);
        }
    }

    fn perform(&mut self, seat: Seat, op: DiskOp, harm: Option<Harm>) -> Result<Output, i32> {
        let rng = &mut self.rng;
        let node = &mut self.nodes[seat.node];
        let disk = &mut node.disk;
        let error = match harm {
            Some(Harm::Error(code)) => Some(code),
            _ => None,
        };
        match op {
            DiskOp::Refused(code) => return Err(code),
            DiskOp::Write { file, offset, bytes, durable } => {
                return write(disk, rng, file, offset, &bytes, durable, harm);
            }
            DiskOp::Read { file, offset, buf, len } => {
                return match error {
                    Some(code) => Err(code),
                    None => read(disk, rng, file, offset, buf, len, harm).map(Output::Read),
                };
            }
            DiskOp::SyncFile { file, .. } if error.is_some() => disk.fail_sync(file),
            _ => {}
        }
        if let Some(code) = error {
            return Err(code);
        }
        match op {
            DiskOp::Open { path, options } => {
                let inode = disk.open(&path, options)?;
                let number = node.next_file;
                node.next_file += 1;
                let path = path.to_string_lossy().into();
                let (write, direct) = (options.write, options.direct);
                let handle = Handle { inode, shard: seat.shard, write, direct, path };
                node.files.insert(number, handle);
                return Ok(Output::File(FileId(number)));
            }
            DiskOp::SyncFile { file, upto } => disk.sync_file(file, upto),
            DiskOp::SyncDir { path, upto } => disk.sync_dir(&path, upto)?,
            DiskOp::Allocate { file, len } => disk.allocate(file, len)?,
            DiskOp::Truncate { file, len } => disk.truncate(file, len)?,
            DiskOp::Rename { from, to } => disk.rename(&from, &to)?,
            DiskOp::RemoveFile { path } => disk.unlink(&path, false)?,
            DiskOp::RemoveDir { path } => disk.unlink(&path, true)?,
            DiskOp::CreateDir { path } => disk.create_dir(&path)?,
            DiskOp::ListDir { path } => return Ok(Output::Names(disk.list(&path)?)),
            DiskOp::Stat { path } => return Ok(Output::Stat(disk.stat(&path)?)),
            DiskOp::FreeSpace => {
                let space = Space { total: disk.capacity(), free: disk.free() };
                return Ok(Output::Space(space));
            }
            DiskOp::Read { .. } | DiskOp::Write { .. } | DiskOp::Refused(_) => {}
        }
        Ok(Output::Done)
    }
}

fn write(
    disk: &mut Disk,
    rng: &mut Rng,
    file: u64,
    offset: u64,
    bytes: &[u8],
    durable: bool,
    harm: Option<Harm>,
) -> Result<Output, i32> {
    match harm {
        Some(Harm::Error(code)) => {
            // Any number of its sectors may have been written.
            let sectors = rng.index(bytes.len() / SECTOR_BYTES + 1);
            disk.write(file, offset, &bytes[..sectors * SECTOR_BYTES])?;
            return Err(code);
        }
        Some(Harm::Lost) => return Ok(Output::Done),
        Some(Harm::Misdirected) => {
            let blocks = (disk.len(file) / BLOCK_BYTES as u64).max(1);
            let elsewhere = rng.below(blocks) * BLOCK_BYTES as u64;
            disk.write(file, elsewhere, bytes)?;
            if durable {
                disk.harden(file, elsewhere, bytes.len());
            }
            return Ok(Output::Done);
        }
        _ => {}
    }
    disk.write(file, offset, bytes)?;
    if durable {
        disk.harden(file, offset, bytes.len());
    }
    if harm == Some(Harm::Latent) && !bytes.is_empty() {
        disk.make_sector_bad(file, offset + bytes.len() as u64 - 1);
    }
    Ok(Output::Done)
}

fn read(
    disk: &mut Disk,
    rng: &mut Rng,
    file: u64,
    offset: u64,
    mut buf: Buf,
    len: usize,
    harm: Option<Harm>,
) -> Result<Buf, i32> {
    if harm == Some(Harm::BitRot) {
        let there = disk.len(file).saturating_sub(offset).min(len as u64);
        if there > 0 {
            disk.rot(file, offset + rng.below(there), rng.below(8) as u8);
        }
    }
    buf.set_len(len);
    let n = if harm == Some(Harm::Stale) {
        disk.read_stale(file, offset, &mut buf)
    } else {
        disk.read(file, offset, &mut buf)?
    };
    buf.set_len(n);
    Ok(buf)
}

/// A fault by chance.
fn roll(target: Target, config: &DiskConfig, rng: &mut Rng) -> Option<Harm> {
    let mut chance = |p: f64, harm: Harm| rng.chance(p).then_some(harm);
    let error = Harm::Error(libc::EIO);
    match target {
        Target::Read => chance(config.read_error, error)
            .or_else(|| chance(config.bit_rot, Harm::BitRot))
            .or_else(|| chance(config.stale_read, Harm::Stale)),
        Target::Write => chance(config.write_error, error)
            .or_else(|| chance(config.misdirected, Harm::Misdirected))
            .or_else(|| chance(config.lost_write, Harm::Lost))
            .or_else(|| chance(config.latent_error, Harm::Latent)),
        Target::Sync => chance(config.sync_error, error),
        Target::Metadata | Target::Any => None,
    }
}
