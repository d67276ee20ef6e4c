//! The driver: operations in, completions out, one system call a turn.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use io_uring::{IoUring, cqueue, opcode, squeue, types};
use rustix::time::{ClockId, clock_gettime};
use slab::Slab;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::descriptors::Descriptors;
use super::entry::{Entry, Kind, Send, Write, c_path, peer_of};
use super::probe::{RingError, RingReport, check_operations, explain, kernel_version};
use super::provided::{GROUP, Provided};
use crate::arena::{Arena, Buf, Region};
use crate::exec::DOORBELL;
use crate::io::{
    Completion, Driver, Durability, FileId, FileStat, Op, OpId, OpenOptions, Output, ShardId,
    SocketId, Wait,
};

/// Zero-copy sends of fewer bytes than this are copied: pinning pages and waiting for the second
/// completion costs more than the copy. Start value of the design; the benchmark suite replaces it.
const ZERO_COPY_MIN: usize = 16 << 10;

/// Largest registered buffer the kernel takes; a larger arena is registered in several.
const REGISTERED_BYTES_MAX: usize = 1 << 30;

/// Connections that wait to be accepted on one listener of one shard.
const BACKLOG: i32 = 1024;

/// `user_data` of completions that are not an entry's.
const CANCEL: u64 = u64::MAX - 1;
const RING: u64 = u64::MAX - 2;

/// Sizes of a ring.
#[derive(Clone, Copy, Debug)]
pub struct RingConfig {
    /// Operations that can be submitted in one system call.
    pub entries: u32,
    /// Open files and sockets; lowered to what the process may open.
    pub descriptors: u32,
    /// Buffers to receive into: a power of two.
    pub receive_buffers: u16,
    /// Size of each in bytes.
    pub receive_buffer_bytes: u32,
    /// Whether to register the arena.
    pub register_memory: bool,
}

impl Default for RingConfig {
    fn default() -> Self {
        Self {
            entries: 512,
            descriptors: 16384,
            receive_buffers: 64,
            receive_buffer_bytes: 64 << 10,
            register_memory: true,
        }
    }
}

/// The rings of a node's shards, for waking each other.
pub struct Doorbells {
    rings: Vec<AtomicI32>,
}

impl Doorbells {
    /// For a node with this many shards.
    pub fn new(shards: u16) -> Arc<Self> {
        Arc::new(Self { rings: (0..shards).map(|_| AtomicI32::new(-1)).collect() })
    }

    fn ring(&self, shard: ShardId) -> Option<RawFd> {
        let fd = self.rings.get(usize::from(shard.0))?.load(Ordering::Acquire);
        (fd >= 0).then_some(fd)
    }

    fn set(&self, shard: ShardId, fd: RawFd) {
        if let Some(ring) = self.rings.get(usize::from(shard.0)) {
            ring.store(fd, Ordering::Release);
        }
    }
}

/// A shard's io_uring.
pub struct RingDriver {
    ring: IoUring,
    shard: ShardId,
    doorbells: Arc<Doorbells>,
    entries: Slab<Entry>,
    /// Where the operations are that can be cancelled.
    places: BTreeMap<OpId, usize>,
    descriptors: Descriptors,
    provided: Provided,
    region: Arc<Region>,
    registered_memory: bool,
    truncate: bool,
    /// Completions that needed no ring.
    ready: VecDeque<Completion>,
    /// Slots to be closed once everything submitted before has started.
    closing: Vec<(OpId, u32)>,
    reaped: Vec<(u64, i32, u32)>,
    dice: u64,
}

impl RingDriver {
    /// A ring for the calling thread, which must be the one that drives it.
    ///
    /// # Errors
    /// [`RingError`], which says how to mend it.
    pub fn new(
        shard: ShardId,
        arena: &Arena,
        doorbells: Arc<Doorbells>,
        config: &RingConfig,
    ) -> Result<(Self, RingReport), RingError> {
        let ring: IoUring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_coop_taskrun()
            .setup_submit_all()
            .setup_cqsize(config.entries * 8)
            .build(config.entries)
            .map_err(|error| explain(error, "IORING_SETUP_DEFER_TASKRUN"))?;
        let truncate = check_operations(&ring)?;
        let limit = raise_descriptor_limit().min(u64::from(config.descriptors));
        let limit = u32::try_from(limit).unwrap_or(config.descriptors);
        let descriptors = Descriptors::new(&ring.submitter(), limit)
            .map_err(|error| explain(error, "a table of registered files"))?;
        let provided = Provided::new(
            &ring.submitter(),
            arena,
            config.receive_buffers,
            config.receive_buffer_bytes,
        )
        .map_err(|error| explain(error, "a ring of provided buffers"))?;
        let region = arena.region().clone();
        let refused = if config.register_memory { register(&ring, &region).err() } else { None };
        let registered_memory = config.register_memory && refused.is_none();
        let advice = refused.map(|error| {
            format!(
                "{} MiB of memory could not be registered with the kernel ({error}): raise the limit \
                 on locked memory (`ulimit -l unlimited`, or LimitMEMLOCK=infinity in a systemd unit); \
                 served without, each read and write pins its pages anew",
                region.len() >> 20
            )
        });
        let report = RingReport { kernel: kernel_version(), registered_memory, truncate, advice };
        doorbells.set(shard, ring.as_raw_fd());
        let driver = Self {
            ring,
            shard,
            doorbells,
            entries: Slab::new(),
            places: BTreeMap::new(),
            descriptors,
            provided,
            region,
            registered_memory,
            truncate,
            ready: VecDeque::new(),
            closing: Vec::new(),
            reaped: Vec::new(),
            dice: seed(),
        };
        Ok((driver, report))
    }

    /// Index of the registered buffer that holds these bytes.
    fn registered(&self, start: *const u8, len: usize) -> Option<u16> {
        if !self.registered_memory {
            return None;
        }
        let offset = (start as usize).checked_sub(self.region.as_ptr() as usize)?;
        let last = offset.checked_add(len.max(1) - 1)?;
        let index = offset / REGISTERED_BYTES_MAX;
        let inside = last < self.region.len() && last / REGISTERED_BYTES_MAX == index;
        if inside { u16::try_from(index).ok() } else { None }
    }

    fn finish(&mut self, id: OpId, result: io::Result<Output>) {
        self.ready.push_back(Completion { id, result, more: false });
    }

    /// Queues a submission, making room when the queue is full.
    fn push(&mut self, entry: squeue::Entry) {
        loop {
            // SAFETY: what `entry` points to is owned by a table entry that stays until its
            // terminal completion, or by this driver.
            if unsafe { self.ring.submission().push(&entry) }.is_ok() {
                return;
            }
            // A full queue is emptied by the kernel in this call; EBUSY means completions must be
            // reaped first, which needs no room in this queue.
            if self.ring.submit().is_err() {
                self.reap();
            }
        }
    }

    fn start(&mut self, id: OpId, kind: Kind, entry: impl FnOnce(&mut Kind) -> squeue::Entry) {
        let key = self.entries.insert(Entry { id, kind });
        self.places.insert(id, key);
        let entry = entry(&mut self.entries[key].kind).user_data(key as u64);
        self.push(entry);
    }

    fn start_read(&mut self, id: OpId, file: FileId, offset: u64, mut buf: Buf, len: usize) {
        let start = buf.as_mut_ptr();
        let fixed = self.registered(start, len);
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.start(id, Kind::Read { buf }, |_| match fixed {
            Some(index) => opcode::ReadFixed::new(types::Fixed(file.0), start, len, index)
                .offset(offset)
                .build(),
            None => opcode::Read::new(types::Fixed(file.0), start, len).offset(offset).build(),
        });
    }

    /// The submission for what is left of a write.
    fn write_entry(&self, write: &Write) -> squeue::Entry {
        let rest = &write.bytes[write.done..];
        let len = u32::try_from(rest.len()).unwrap_or(u32::MAX);
        let offset = write.offset + write.done as u64;
        let flags = match write.durability {
            Durability::Durable => libc::RWF_DSYNC,
            Durability::Cached => 0,
        };
        let file = types::Fixed(write.slot);
        match self.registered(rest.as_ptr(), rest.len()) {
            Some(index) => opcode::WriteFixed::new(file, rest.as_ptr(), len, index)
                .offset(offset)
                .rw_flags(flags)
                .build(),
            None => {
                opcode::Write::new(file, rest.as_ptr(), len).offset(offset).rw_flags(flags).build()
            }
        }
    }

    fn start_paths(
        &mut self,
        id: OpId,
        paths: [Option<&Path>; 2],
        entry: impl FnOnce(*const libc::c_char, *const libc::c_char) -> squeue::Entry,
    ) {
        let [first, second] = paths.map(|path| path.map(c_path).transpose());
        match (first, second) {
            (Ok(first), Ok(second)) => {
                let pointer = |path: &Option<std::ffi::CString>| {
                    path.as_ref().map_or(std::ptr::null(), |path| path.as_ptr())
                };
                let (one, two) = (pointer(&first), pointer(&second));
                self.start(id, Kind::Simple { _paths: [first, second] }, |_| entry(one, two));
            }
            (Err(error), _) | (_, Err(error)) => self.finish(id, Err(error)),
        }
    }

    fn listen(&mut self, address: SocketAddr) -> io::Result<Output> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        // Accepted sockets inherit it.
        socket.set_tcp_nodelay(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let bound = peer_of(&socket.local_addr()?)?;
        let slot = self.descriptors.insert(&self.ring.submitter(), socket.into())?;
        Ok(Output::Listening(SocketId(slot), bound))
    }

    fn connect(&mut self, id: OpId, address: SocketAddr) -> io::Result<()> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_tcp_nodelay(true)?;
        let fd = types::Fd(socket.as_raw_fd());
        let peer: Box<SockAddr> = Box::new(address.into());
        let (start, len) = (peer.as_ptr(), peer.len());
        self.start(id, Kind::Connect { socket: Some(socket.into()), _peer: peer }, |_| {
            opcode::Connect::new(fd, start.cast(), len).build()
        });
        Ok(())
    }

    /// Moves completions out of the kernel's queue.
    fn reap(&mut self) {
        let queue = self.ring.completion();
        self.reaped.extend(queue.map(|entry| (entry.user_data(), entry.result(), entry.flags())));
    }

    fn complete(&mut self, key: u64, result: i32, flags: u32, out: &mut Vec<Completion>) {
        match key {
            RING => {
                out.push(Completion { id: DOORBELL, result: Ok(Output::Done), more: true });
                return;
            }
            CANCEL => return,
            _ => {}
        }
        let key = key as usize;
        let Some(entry) = self.entries.get_mut(key) else {
            // An entry ends with its terminal completion; nothing comes after that.
            unreachable!("completion {key} of an operation that has ended");
        };
        let id = entry.id;
        let more = cqueue::more(flags);
        let outcome = if result < 0 {
            Err(io::Error::from_raw_os_error(-result))
        } else {
            Ok(result.unsigned_abs())
        };
        // Operations that go on return early; the others end below with their output.
        let output = match &mut entry.kind {
            Kind::Accept => {
                let result = outcome.and_then(|fd| self.accepted(fd.cast_signed()));
                out.push(Completion { id, result, more });
                if !more {
                    self.end(key);
                }
                return;
            }
            Kind::Receive => {
                let number = cqueue::buffer_select(flags);
                let result = outcome.map(|bytes| match number {
                    Some(number) if bytes > 0 => {
                        Output::Received(Some(self.provided.chunk(number, bytes as usize)))
                    }
                    Some(number) => {
                        self.provided.give_back(number);
                        Output::Received(None)
                    }
                    None => Output::Received(None),
                });
                out.push(Completion { id, result, more });
                if !more {
                    self.end(key);
                }
                return;
            }
            Kind::Send(_) => return self.sent(key, outcome, flags, out),
            Kind::Write(write) => match outcome {
                Ok(bytes) => {
                    write.done += bytes as usize;
                    if write.done < write.bytes.len() {
                        if bytes == 0 {
                            Err(io::Error::from(io::ErrorKind::WriteZero))
                        } else {
                            return self.resume_write(key);
                        }
                    } else {
                        Ok(Output::Done)
                    }
                }
                Err(error) => Err(error),
            },
            Kind::SyncDirOpen { .. } => match outcome {
                Ok(fd) => {
                    // SAFETY: the kernel has just given this descriptor to us.
                    let directory = unsafe { OwnedFd::from_raw_fd(fd.cast_signed()) };
                    let fd = types::Fd(directory.as_raw_fd());
                    entry.kind = Kind::SyncDir { _directory: directory };
                    self.push(opcode::Fsync::new(fd).build().user_data(key as u64));
                    return;
                }
                Err(error) => Err(error),
            },
            Kind::Open { .. } => outcome.and_then(|fd| {
                // SAFETY: the kernel has just given this descriptor to us.
                let file = unsafe { OwnedFd::from_raw_fd(fd.cast_signed()) };
                let slot = self.descriptors.insert(&self.ring.submitter(), file)?;
                Ok(Output::File(FileId(slot)))
            }),
            Kind::Connect { socket, .. } => match (outcome, socket.take()) {
                (Ok(_), Some(socket)) => self
                    .descriptors
                    .insert(&self.ring.submitter(), socket)
                    .map(|slot| Output::Socket(SocketId(slot))),
                (Err(error), _) => Err(error),
                (Ok(_), None) => Err(io::Error::other("connected twice")),
            },
            Kind::Stat { stat, .. } => outcome.map(|_| {
                let is_dir = u32::from(stat.stx_mode) & libc::S_IFMT == libc::S_IFDIR;
                Output::Stat(FileStat { len: stat.stx_size, is_dir })
            }),
            Kind::Read { .. } => {
                // The buffer is the output: the entry gives it up.
                let Kind::Read { mut buf } = self.end(key) else { return };
                let result = outcome.map(|bytes| {
                    buf.set_len(bytes as usize);
                    Output::Read(buf)
                });
                out.push(Completion { id, result, more: false });
                return;
            }
            Kind::Simple { .. } | Kind::SyncDir { .. } => outcome.map(|_| Output::Done),
        };
        self.end(key);
        out.push(Completion { id, result: output, more: false });
    }

    fn end(&mut self, key: usize) -> Kind {
        let entry = self.entries.remove(key);
        self.places.remove(&entry.id);
        entry.kind
    }

    fn accepted(&mut self, fd: RawFd) -> io::Result<Output> {
        // SAFETY: the kernel has just given this descriptor to us.
        let socket = Socket::from(unsafe { OwnedFd::from_raw_fd(fd) });
        let peer = peer_of(&socket.peer_addr()?)?;
        let slot = self.descriptors.insert(&self.ring.submitter(), socket.into())?;
        Ok(Output::Accepted(SocketId(slot), peer))
    }

    fn resume_write(&mut self, key: usize) {
        if let Kind::Write(write) = &self.entries[key].kind {
            let entry = self.write_entry(write).user_data(key as u64);
            self.push(entry);
        }
    }

    /// Submits what is left of a send.
    fn resume_send(&mut self, key: usize) {
        let Kind::Send(send) = &mut self.entries[key].kind else { return };
        const FLAGS: i32 = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;
        let bytes = send.prepare();
        let socket = types::Fixed(send.slot);
        let zero_copy = send.zero_copy && bytes >= ZERO_COPY_MIN;
        let header = &raw const send.header;
        let entry = match send.only_piece() {
            Some(piece) if !zero_copy => {
                let len = u32::try_from(piece.len()).unwrap_or(u32::MAX);
                opcode::Send::new(socket, piece.as_ptr(), len).flags(FLAGS).build()
            }
            _ if zero_copy => opcode::SendMsgZc::new(socket, header).flags(FLAGS as u32).build(),
            _ => opcode::SendMsg::new(socket, header).flags(FLAGS as u32).build(),
        };
        self.push(entry.user_data(key as u64));
    }

    fn sent(
        &mut self,
        key: usize,
        outcome: io::Result<u32>,
        flags: u32,
        out: &mut Vec<Completion>,
    ) {
        let id = self.entries[key].id;
        let Kind::Send(send) = &mut self.entries[key].kind else { return };
        if cqueue::notif(flags) {
            send.notifications -= 1;
            if send.reported && send.notifications == 0 {
                self.end(key);
                out.push(Completion { id, result: Ok(Output::Done), more: false });
            }
            return;
        }
        if cqueue::more(flags) {
            send.notifications += 1;
        }
        let result = match outcome {
            Ok(bytes) => {
                if !send.advance(bytes as usize) {
                    if bytes > 0 {
                        return self.resume_send(key);
                    }
                    Err(io::Error::from(io::ErrorKind::WriteZero))
                } else {
                    Ok(Output::Done)
                }
            }
            Err(error) => Err(error),
        };
        send.reported = true;
        let more = send.notifications > 0;
        if !more {
            self.end(key);
        }
        out.push(Completion { id, result, more });
    }
}

impl Driver for RingDriver {
    fn submit(&mut self, id: OpId, op: Op) {
        let cwd = types::Fd(libc::AT_FDCWD);
        match op {
            Op::Open { path, options } => match c_path(&path) {
                Ok(path) => {
                    let start = path.as_ptr();
                    self.start(id, Kind::Open { _path: path }, |_| {
                        opcode::OpenAt::new(cwd, start)
                            .flags(open_flags(options))
                            .mode(0o640)
                            .build()
                    });
                }
                Err(error) => self.finish(id, Err(error)),
            },
            Op::CloseFile { file } => self.closing.push((id, file.0)),
            Op::CloseSocket { socket } => self.closing.push((id, socket.0)),
            Op::Read { file, offset, buf, len } => self.start_read(id, file, offset, buf, len),
            Op::Write { file, offset, bytes, durability } => {
                let write = Write { slot: file.0, offset, bytes, done: 0, durability };
                if write.bytes.is_empty() {
                    return self.finish(id, Ok(Output::Done));
                }
                let entry = self.write_entry(&write);
                self.start(id, Kind::Write(write), |_| entry);
            }
            Op::SyncFile { file } => self.start(id, simple(), |_| {
                opcode::Fsync::new(types::Fixed(file.0)).flags(types::FsyncFlags::DATASYNC).build()
            }),
            Op::SyncDir { path } => match c_path(&path) {
                Ok(path) => {
                    let start = path.as_ptr();
                    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
                    self.start(id, Kind::SyncDirOpen { _path: path }, |_| {
                        opcode::OpenAt::new(cwd, start).flags(flags).build()
                    });
                }
                Err(error) => self.finish(id, Err(error)),
            },
            Op::Allocate { file, len } => self
                .start(id, simple(), |_| opcode::Fallocate::new(types::Fixed(file.0), len).build()),
            Op::Truncate { file, len } if self.truncate => self
                .start(id, simple(), |_| opcode::Ftruncate::new(types::Fixed(file.0), len).build()),
            Op::Truncate { file, len } => {
                // Before Linux 6.9 cutting a file is a system call of its own; it is rare.
                let result = match self.descriptors.raw(file.0) {
                    -1 => Err(io::Error::from_raw_os_error(libc::EBADF)),
                    // SAFETY: the table owns the descriptor and does not close it in this call.
                    fd => rustix::fs::ftruncate(
                        unsafe { rustix::fd::BorrowedFd::borrow_raw(fd) },
                        len,
                    )
                    .map_err(io::Error::from),
                };
                self.finish(id, result.map(|()| Output::Done));
            }
            Op::Rename { from, to } => {
                self.start_paths(id, [Some(&from), Some(&to)], |from, to| {
                    opcode::RenameAt::new(cwd, from, cwd, to).build()
                });
            }
            Op::RemoveFile { path } => self.start_paths(id, [Some(&path), None], |path, _| {
                opcode::UnlinkAt::new(cwd, path).build()
            }),
            Op::RemoveDir { path } => self.start_paths(id, [Some(&path), None], |path, _| {
                opcode::UnlinkAt::new(cwd, path).flags(libc::AT_REMOVEDIR).build()
            }),
            Op::CreateDir { path } => self.start_paths(id, [Some(&path), None], |path, _| {
                opcode::MkDirAt::new(cwd, path).mode(0o750).build()
            }),
            Op::ListDir { path } => {
                let names = list_directory(&path);
                self.finish(id, names.map(Output::Names));
            }
            Op::Stat { path } => match c_path(&path) {
                Ok(path) => {
                    let start = path.as_ptr();
                    // SAFETY: a statx of zeros is a valid value.
                    let mut stat: Box<libc::statx> = Box::new(unsafe { std::mem::zeroed() });
                    let target: *mut libc::statx = &raw mut *stat;
                    self.start(id, Kind::Stat { _path: path, stat }, |_| {
                        opcode::Statx::new(cwd, start, target.cast())
                            .mask(libc::STATX_SIZE | libc::STATX_TYPE)
                            .build()
                    });
                }
                Err(error) => self.finish(id, Err(error)),
            },
            Op::FreeSpace { path } => {
                let free = rustix::fs::statvfs(&path)
                    .map(|about| Output::Free(about.f_bavail.saturating_mul(about.f_frsize)))
                    .map_err(io::Error::from);
                self.finish(id, free);
            }
            Op::Listen { address } => {
                let result = self.listen(address);
                self.finish(id, result);
            }
            Op::Accept { socket } => self.start(id, Kind::Accept, |_| {
                opcode::AcceptMulti::new(types::Fixed(socket.0)).flags(libc::SOCK_CLOEXEC).build()
            }),
            Op::Connect { address } => {
                if let Err(error) = self.connect(id, address) {
                    self.finish(id, Err(error));
                }
            }
            Op::Receive { socket } => self.start(id, Kind::Receive, |_| {
                opcode::RecvMulti::new(types::Fixed(socket.0), GROUP).build()
            }),
            Op::Send { socket, pieces, zero_copy } => {
                let send = Send::new(socket.0, pieces, zero_copy);
                if send.pieces.is_empty() {
                    return self.finish(id, Ok(Output::Done));
                }
                let key = self.entries.insert(Entry { id, kind: Kind::Send(send) });
                self.places.insert(id, key);
                self.resume_send(key);
            }
            Op::Shutdown { socket } => self.start(id, simple(), |_| {
                opcode::Shutdown::new(types::Fixed(socket.0), libc::SHUT_RDWR).build()
            }),
            Op::Doorbell { shard } => match self.doorbells.ring(shard) {
                Some(fd) => self.start(id, simple(), |_| {
                    opcode::MsgRingData::new(types::Fd(fd), 0, RING, None).build()
                }),
                // The shard is not there yet, or no more: nobody is asleep.
                None => self.finish(id, Ok(Output::Done)),
            },
        }
    }

    fn cancel(&mut self, id: OpId) {
        if let Some(&key) = self.places.get(&id) {
            self.push(opcode::AsyncCancel::new(key as u64).build().user_data(CANCEL));
        }
    }

    fn turn(&mut self, wait: Wait, out: &mut Vec<Completion>) {
        self.provided.replenish();
        let idle = self.ready.is_empty() && self.reaped.is_empty() && self.closing.is_empty();
        let wait = if idle { wait } else { Wait::Poll };
        let time = match wait {
            Wait::Until(deadline) => Some(deadline.saturating_sub(self.now())),
            Wait::Poll => Some(0),
            Wait::Forever => None,
        };
        let outcome = match time {
            Some(0) => {
                self.ring.submission().sync();
                let waiting = self.ring.submission().len() as u32;
                const GET_EVENTS: u32 = 1; // IORING_ENTER_GETEVENTS: run deferred work
                // SAFETY: no argument is passed; submitted entries are kept as `push` says.
                unsafe { self.ring.submitter().enter::<()>(waiting, 0, GET_EVENTS, None) }
            }
            Some(nanos) => {
                let time = types::Timespec::new()
                    .sec(nanos / 1_000_000_000)
                    .nsec((nanos % 1_000_000_000) as u32);
                self.ring.submitter().submit_with_args(1, &types::SubmitArgs::new().timespec(&time))
            }
            None => self.ring.submit_and_wait(1),
        };
        if let Err(error) = outcome {
            match error.raw_os_error() {
                // Time is up, a signal came, or completions must be reaped first.
                Some(libc::ETIME | libc::EINTR | libc::EBUSY | libc::EAGAIN) => {}
                _ => panic!("io_uring_enter failed: {error}"),
            }
        }
        for (id, slot) in std::mem::take(&mut self.closing) {
            self.descriptors.remove(&self.ring.submitter(), slot);
            self.finish(id, Ok(Output::Done));
        }
        self.reap();
        for (key, result, flags) in std::mem::take(&mut self.reaped) {
            self.complete(key, result, flags, out);
        }
        out.extend(self.ready.drain(..));
    }

    fn now(&self) -> u64 {
        let time = clock_gettime(ClockId::Monotonic);
        time.tv_sec.unsigned_abs() * 1_000_000_000 + time.tv_nsec.unsigned_abs()
    }

    fn wall_ms(&self) -> i64 {
        let time = clock_gettime(ClockId::Realtime);
        time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    }

    fn random(&mut self) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014).
        self.dice = self.dice.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.dice;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Drop for RingDriver {
    fn drop(&mut self) {
        self.doorbells.set(self.shard, -1);
        if !self.entries.is_empty() {
            // The kernel may still write to what the entries own: better leaked than freed. The
            // executor drains before it drops its driver; only a panic comes here.
            std::mem::forget(std::mem::take(&mut self.entries));
        }
    }
}

fn simple() -> Kind {
    Kind::Simple { _paths: [None, None] }
}

fn open_flags(options: OpenOptions) -> i32 {
    let flag = |on: bool, flag: i32| if on { flag } else { 0 };
    flag(options.write, libc::O_RDWR)
        | flag(options.create, libc::O_CREAT)
        | flag(options.exclusive, libc::O_EXCL)
        | flag(options.truncate, libc::O_TRUNC)
        | flag(options.direct, libc::O_DIRECT)
        | libc::O_CLOEXEC
}

fn list_directory(path: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        // A name that is not UTF-8 is none of ours.
        names.extend(entry?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

fn register(ring: &IoUring, region: &Region) -> io::Result<()> {
    let mut buffers = Vec::new();
    let mut offset = 0;
    while offset < region.len() {
        let len = (region.len() - offset).min(REGISTERED_BYTES_MAX);
        buffers.push(libc::iovec {
            iov_base: region.as_ptr().wrapping_add(offset).cast(),
            iov_len: len,
        });
        offset += len;
    }
    // SAFETY: the driver keeps the region alive until its ring is closed.
    unsafe { ring.submitter().register_buffers(&buffers) }
}

/// Raises the limit on open descriptors as far as the process may, and returns it.
fn raise_descriptor_limit() -> u64 {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // When it cannot be raised, what there is has to do.
    setrlimit(Resource::Nofile, limit).unwrap_or_default();
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

fn seed() -> u64 {
    let mut bytes = [0; 8];
    match rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty()) {
        Ok(8) => u64::from_ne_bytes(bytes),
        // Nothing here is secret: the time will do.
        _ => clock_gettime(ClockId::Realtime).tv_nsec.unsigned_abs(),
    }
}
