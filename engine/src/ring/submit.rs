//! From operations to submissions.

use std::ffi::CString;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use io_uring::{opcode, squeue, types};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use super::RingDriver;
use super::descriptors::Closing;
use super::entry::{Kind, Send, Write, c_path, peer_of};
use super::provided::GROUP;
use crate::arena::Buf;
use crate::io::{
    Detached, Durability, FileId, FileStat, Op, OpId, OpenOptions, Output, SocketId, Space,
};

/// Bytes of one connection that may be pinned by sends without copying; what goes beyond is copied.
/// A peer that does not acknowledge so keeps no more of the shard's memory; one whose connection was moved
/// may keep as much of each shard that it was on.
const PINNED_MAX: usize = 4 << 20;

impl RingDriver {
    pub(super) fn submit_op(&mut self, id: OpId, op: Op) {
        if let Err(error) = self.try_submit(id, op) {
            self.finish(id, Err(error));
        }
    }

    fn try_submit(&mut self, id: OpId, op: Op) -> io::Result<()> {
        let cwd = types::Fd(libc::AT_FDCWD);
        match op {
            Op::Open { path, options } => {
                let path = c_path(&path)?;
                let start = path.as_ptr();
                self.start(id, None, Kind::Open { _path: path }, |_| {
                    opcode::OpenAt::new(cwd, start).flags(open_flags(options)).mode(0o640).build()
                });
            }
            Op::CloseFile { file } => self.close(Closing { id, file: true }, file.0),
            Op::CloseSocket { socket } => self.close(Closing { id, file: false }, socket.0),
            Op::Read { file, offset, buf, len } => self.start_read(id, file, offset, buf, len),
            Op::Write { file, offset, bytes, durability } => {
                let write = Write { slot: file.0, offset, bytes, done: 0, durability };
                if write.bytes.is_empty() {
                    self.finish(id, Ok(Output::Done));
                    return Ok(());
                }
                let entry = self.write_entry(&write);
                self.start(id, Some(file.0), Kind::Write(write), |_| entry);
            }
            Op::SyncFile { file } => self.start(id, Some(file.0), simple(), |_| {
                opcode::Fsync::new(types::Fixed(file.0)).flags(types::FsyncFlags::DATASYNC).build()
            }),
            Op::SyncDir { path } => {
                let path = c_path(&path)?;
                let start = path.as_ptr();
                let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
                self.start(id, None, Kind::SyncDirOpen { _path: path }, |_| {
                    opcode::OpenAt::new(cwd, start).flags(flags).build()
                });
            }
            Op::Allocate { file, len } => self.start(id, Some(file.0), simple(), |_| {
                opcode::Fallocate::new(types::Fixed(file.0), len).build()
            }),
            Op::Truncate { file, len } if self.truncate => {
                self.start(id, Some(file.0), simple(), |_| {
                    opcode::Ftruncate::new(types::Fixed(file.0), len).build()
                });
            }
            Op::Truncate { file, len } => {
                // Before Linux 6.9 cutting a file is a system call of its own; it is rare.
                let fd = self.descriptors.plain(file.0).ok_or_else(bad_descriptor)?;
                rustix::fs::ftruncate(fd, len)?;
                self.finish(id, Ok(Output::Done));
            }
            Op::Rename { from, to } => {
                self.start_paths(id, [Some(&from), Some(&to)], |from, to| {
                    opcode::RenameAt::new(cwd, from, cwd, to).build()
                })?;
            }
            Op::RemoveFile { path } => self.start_paths(id, [Some(&path), None], |path, _| {
                opcode::UnlinkAt::new(cwd, path).build()
            })?,
            Op::RemoveDir { path } => self.start_paths(id, [Some(&path), None], |path, _| {
                opcode::UnlinkAt::new(cwd, path).flags(libc::AT_REMOVEDIR).build()
            })?,
            Op::CreateDir { path } => self.start_paths(id, [Some(&path), None], |path, _| {
                opcode::MkDirAt::new(cwd, path).mode(0o750).build()
            })?,
            Op::ListDir { path } => {
                let names = list_directory(&path);
                self.finish(id, names.map(Output::Names));
            }
            Op::Stat { path } => {
                let path = c_path(&path)?;
                let start = path.as_ptr();
                // SAFETY: a statx of zeros is a valid value.
                let mut stat: Box<libc::statx> = Box::new(unsafe { std::mem::zeroed() });
                let target: *mut libc::statx = &raw mut *stat;
                self.start(id, None, Kind::Stat { _path: path, stat }, |_| {
                    opcode::Statx::new(cwd, start, target.cast())
                        .mask(libc::STATX_SIZE | libc::STATX_TYPE)
                        .build()
                });
            }
            Op::FreeSpace { path } => {
                let about = rustix::fs::statvfs(&path)?;
                let space = Space {
                    total: about.f_blocks.saturating_mul(about.f_frsize),
                    free: about.f_bavail.saturating_mul(about.f_frsize),
                };
                self.finish(id, Ok(Output::Space(space)));
            }
            Op::Listen { address } => {
                let listening = self.listen(address)?;
                self.finish(id, Ok(listening));
            }
            Op::Accept { socket } => self.start(id, Some(socket.0), Kind::Accept, |_| {
                opcode::AcceptMulti::new(types::Fixed(socket.0)).flags(libc::SOCK_CLOEXEC).build()
            }),
            Op::Connect { address } => self.connect(id, address)?,
            Op::Receive { socket, once: false } => {
                self.start(id, Some(socket.0), Kind::Receive, |_| {
                    opcode::RecvMulti::new(types::Fixed(socket.0), GROUP).build()
                });
            }
            Op::Receive { socket, once: true } => {
                self.start(id, Some(socket.0), Kind::Receive, |_| {
                    opcode::Recv::new(types::Fixed(socket.0), std::ptr::null_mut(), 0)
                        .buf_group(GROUP)
                        .build()
                        .flags(squeue::Flags::BUFFER_SELECT)
                });
            }
            Op::ReceiveInto { socket, mut buf, len } => {
                let len = u32::try_from(len.min(buf.spare())).unwrap_or(u32::MAX);
                let start = buf.as_mut_ptr().wrapping_add(buf.len());
                self.start(id, Some(socket.0), Kind::ReceiveInto { buf }, |_| {
                    opcode::Recv::new(types::Fixed(socket.0), start, len)
                        .flags(libc::MSG_WAITALL)
                        .build()
                });
            }
            Op::Send { socket, pieces, zero_copy } => {
                let send = Send::new(socket.0, pieces, zero_copy);
                if send.pieces.is_empty() {
                    self.finish(id, Ok(Output::Done));
                } else if let Some(key) = self.enter(id, Some(socket.0), Kind::Send(send)) {
                    self.continue_send(key);
                }
            }
            Op::Shutdown { socket } => {
                // What was asked for before comes first. The operation of the ring would go to a
                // worker thread.
                if self.descriptors.is_busy(socket.0) {
                    self.flush();
                }
                let fd = self.descriptors.plain(socket.0).ok_or_else(bad_descriptor)?;
                rustix::net::shutdown(fd, rustix::net::Shutdown::Both)?;
                self.finish(id, Ok(Output::Done));
            }
            Op::Detach { socket } => {
                let fd = self.descriptors.detach(&self.ring.submitter(), socket.0)?;
                let loose = Loose(Some(fd));
                self.finish(id, Ok(Output::Detached(Detached(Box::new(loose)))));
            }
            Op::Attach { socket } => {
                let mut loose = socket.0.downcast::<Loose>().map_err(|_| bad_descriptor())?;
                let fd = loose.0.take().ok_or_else(bad_descriptor)?;
                let slot = self.descriptors.insert(&self.ring.submitter(), fd)?;
                self.finish(id, Ok(Output::Socket(SocketId(slot))));
            }
            Op::Doorbell { shard } => {
                // A shard that is not there yet, or no more, does not sleep either.
                if let Some(fd) = self.doorbells.ring(shard) {
                    self.ring_bell(shard, fd);
                }
                self.quiet.push(id);
            }
        }
        Ok(())
    }

    fn start_read(&mut self, id: OpId, file: FileId, offset: u64, mut buf: Buf, len: usize) {
        let start = buf.as_mut_ptr();
        let fixed = self.lent.memory.index(start, len);
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.start(id, Some(file.0), Kind::Read { buf }, |_| match fixed {
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
        match self.lent.memory.index(rest.as_ptr(), rest.len()) {
            Some(index) => opcode::WriteFixed::new(file, rest.as_ptr(), len, index)
                .offset(offset)
                .rw_flags(flags)
                .build(),
            None => {
                opcode::Write::new(file, rest.as_ptr(), len).offset(offset).rw_flags(flags).build()
            }
        }
    }

    pub(super) fn continue_write(&mut self, key: usize) {
        if let Kind::Write(write) = &self.lent.entries[key].kind {
            let entry = self.write_entry(write).user_data(key as u64);
            self.push(entry);
        }
    }

    /// Submits what is left of a send.
    pub(super) fn continue_send(&mut self, key: usize) {
        let lent = &mut *self.lent;
        let Kind::Send(send) = &mut lent.entries[key].kind else { return };
        const FLAGS: i32 = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;
        let bytes = send.prepare();
        let socket = types::Fixed(send.slot);
        let mut zero_copy = send.zero_copy && bytes >= self.zero_copy_min_bytes;
        if zero_copy && let Some(pinned) = self.descriptors.pinned(send.slot) {
            // A send larger than the limit goes when nothing else is pinned.
            zero_copy = pinned.get() == 0 || pinned.get() + bytes <= PINNED_MAX;
            if zero_copy {
                send.pin(pinned, bytes);
            }
        }
        let header = &raw const send.header;
        let entry = match send.only_piece() {
            Some(piece) => {
                let (start, len) = (piece.as_ptr(), u32::try_from(piece.len()).unwrap_or(u32::MAX));
                if zero_copy {
                    // Registered memory is pinned already.
                    let index = lent.memory.index(start, piece.len());
                    opcode::SendZc::new(socket, start, len).flags(FLAGS).buf_index(index).build()
                } else {
                    opcode::Send::new(socket, start, len).flags(FLAGS).build()
                }
            }
            None if zero_copy => opcode::SendMsgZc::new(socket, header).flags(FLAGS as u32).build(),
            None => opcode::SendMsg::new(socket, header).flags(FLAGS as u32).build(),
        };
        self.push(entry.user_data(key as u64));
    }

    fn start_paths(
        &mut self,
        id: OpId,
        paths: [Option<&Path>; 2],
        entry: impl FnOnce(*const libc::c_char, *const libc::c_char) -> squeue::Entry,
    ) -> io::Result<()> {
        let [first, second] = paths.map(|path| path.map(c_path).transpose());
        let paths = [first?, second?];
        let [one, two] = [0, 1].map(|n: usize| {
            paths[n].as_ref().map_or(std::ptr::null(), |path: &CString| path.as_ptr())
        });
        self.start(id, None, Kind::Simple { _paths: paths }, |_| entry(one, two));
        Ok(())
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
        socket.listen(self.backlog)?;
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
        self.start(id, None, Kind::Connect { socket: Some(socket.into()), _peer: peer }, |_| {
            opcode::Connect::new(fd, start.cast(), len).build()
        });
        Ok(())
    }
}

/// A detached socket. The ring that it was on may keep the file a little longer than the descriptor: its
/// peer is told of the end all the same.
struct Loose(Option<OwnedFd>);

impl Drop for Loose {
    fn drop(&mut self) {
        if let Some(fd) = &self.0 {
            // A peer that is gone needs not be told.
            rustix::net::shutdown(fd, rustix::net::Shutdown::Both).unwrap_or_default();
        }
    }
}

fn simple() -> Kind {
    Kind::Simple { _paths: [None, None] }
}

fn bad_descriptor() -> io::Error {
    io::Error::from_raw_os_error(libc::EBADF)
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

/// What the kernel has told of a path.
pub(super) fn stat_of(stat: &libc::statx) -> FileStat {
    let is_dir = u32::from(stat.stx_mode) & libc::S_IFMT == libc::S_IFDIR;
    FileStat { len: stat.stx_size, is_dir }
}
