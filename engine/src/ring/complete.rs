//! From the kernel's completions to those of operations.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use io_uring::{cqueue, opcode, types};
use socket2::Socket;

use super::RingDriver;
use super::driver::{BELL, CANCEL, RING, close_plain};
use super::entry::{Kind, peer_of};
use super::submit::stat_of;
use crate::exec::DOORBELL;
use crate::io::{Completion, FileId, Output, ShardId, SocketId};

impl RingDriver {
    pub(super) fn complete(
        &mut self,
        key: u64,
        result: i32,
        flags: u32,
        out: &mut Vec<Completion>,
    ) {
        match key {
            RING => {
                return out.push(Completion { id: DOORBELL, result: Ok(Output::Done), more: true });
            }
            CANCEL => return,
            BELL.. => return self.bell_failed(key - BELL, -result),
            _ => {}
        }
        let key = key as usize;
        let Some(entry) = self.lent.entries.get_mut(key) else {
            // An entry ends with its terminal completion; nothing comes after that.
            unreachable!("completion {key} of an operation that has ended");
        };
        let id = entry.id;
        let slot = entry.slot;
        let outcome = if result < 0 {
            Err(io::Error::from_raw_os_error(-result))
        } else {
            Ok(result.unsigned_abs())
        };
        // Operations that go on return early; the others end below with their output.
        let output = match &mut entry.kind {
            Kind::Accept => return self.accepted(key, outcome, flags, out),
            Kind::Receive => return self.received(key, outcome, flags, out),
            Kind::Send(_) => return self.sent(key, outcome, flags, out),
            Kind::Write(write) => match outcome {
                Ok(bytes) => {
                    write.done += bytes as usize;
                    if write.done == write.bytes.len() {
                        Ok(Output::Done)
                    } else if bytes == 0 {
                        Err(io::Error::from(io::ErrorKind::WriteZero))
                    } else if self.is_abandoned(slot) {
                        Err(cancelled())
                    } else {
                        return self.continue_write(key);
                    }
                }
                Err(error) => Err(error),
            },
            Kind::SyncDirOpen { .. } => match outcome {
                Ok(fd) => {
                    // SAFETY: the kernel has just given this descriptor to us.
                    let directory = unsafe { OwnedFd::from_raw_fd(fd.cast_signed()) };
                    if self.is_abandoned(None) {
                        Err(cancelled())
                    } else {
                        let fd = types::Fd(directory.as_raw_fd());
                        self.lent.entries[key].kind = Kind::SyncDir { _directory: directory };
                        return self.push(opcode::Fsync::new(fd).build().user_data(key as u64));
                    }
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
            Kind::Stat { stat, .. } => outcome.map(|_| Output::Stat(stat_of(stat))),
            Kind::Read { .. } => {
                // The buffer is the output: the entry gives it up.
                let Kind::Read { mut buf } = self.end(key) else { return };
                let result = outcome.map(|bytes| {
                    buf.set_len(bytes as usize);
                    Output::Read(buf)
                });
                return out.push(Completion { id, result, more: false });
            }
            Kind::ReceiveInto { .. } => {
                let Kind::ReceiveInto { mut buf } = self.end(key) else { return };
                let result = outcome.map(|bytes| {
                    buf.set_len(buf.len() + bytes as usize);
                    Output::Read(buf)
                });
                return out.push(Completion { id, result, more: false });
            }
            Kind::Close { fd } => {
                let fd = *fd;
                // The kernel closes it whatever it says, unless it never came to that.
                if matches!(&outcome, Err(e) if e.raw_os_error() == Some(libc::ECANCELED)) {
                    close_plain(fd);
                }
                Ok(Output::Done)
            }
            Kind::Simple { .. } | Kind::SyncDir { .. } => outcome.map(|_| Output::Done),
        };
        self.end(key);
        out.push(Completion { id, result: output, more: false });
    }

    fn accepted(
        &mut self,
        key: usize,
        outcome: io::Result<u32>,
        flags: u32,
        out: &mut Vec<Completion>,
    ) {
        let id = self.lent.entries[key].id;
        let more = cqueue::more(flags);
        let result = outcome.and_then(|fd| self.take_accepted(fd.cast_signed()));
        if !more {
            self.end(key);
        }
        match result {
            // The peer was gone before it was looked at: nothing has happened.
            Err(error) if more && error.kind() == io::ErrorKind::NotConnected => {}
            result => out.push(Completion { id, result, more }),
        }
    }

    fn take_accepted(&mut self, fd: RawFd) -> io::Result<Output> {
        // SAFETY: the kernel has just given this descriptor to us.
        let socket = Socket::from(unsafe { OwnedFd::from_raw_fd(fd) });
        let peer = peer_of(&socket.peer_addr()?)?;
        let slot = self.descriptors.insert(&self.ring.submitter(), socket.into())?;
        Ok(Output::Accepted(SocketId(slot), peer))
    }

    fn received(
        &mut self,
        key: usize,
        outcome: io::Result<u32>,
        flags: u32,
        out: &mut Vec<Completion>,
    ) {
        let id = self.lent.entries[key].id;
        let more = cqueue::more(flags);
        let provided = &self.lent.provided;
        let result = match (outcome, cqueue::buffer_select(flags)) {
            (Ok(bytes), Some(number)) if bytes > 0 => {
                Ok(Output::Received(Some(provided.chunk(number, bytes as usize))))
            }
            (outcome, number) => {
                if let Some(number) = number {
                    provided.give_back(number);
                }
                outcome.map(|_| Output::Received(None))
            }
        };
        if !more {
            self.end(key);
        }
        out.push(Completion { id, result, more });
    }

    fn sent(
        &mut self,
        key: usize,
        outcome: io::Result<u32>,
        flags: u32,
        out: &mut Vec<Completion>,
    ) {
        let entry = &mut self.lent.entries[key];
        let (id, slot) = (entry.id, entry.slot);
        let Kind::Send(send) = &mut entry.kind else { return };
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
            Ok(bytes) if send.advance(bytes as usize) => Ok(Output::Done),
            Ok(0) => Err(io::Error::from(io::ErrorKind::WriteZero)),
            Ok(_) if self.is_abandoned(slot) => Err(cancelled()),
            Ok(_) => return self.continue_send(key),
            Err(error) => Err(error),
        };
        let Kind::Send(send) = &mut self.lent.entries[key].kind else { return };
        send.reported = true;
        let more = send.notifications > 0;
        if more {
            // Only the memory is still in use.
            self.leave_slot(key);
        } else {
            self.end(key);
        }
        out.push(Completion { id, result, more });
    }

    /// Rings again when the bell could not be rung for want of memory: its sleeper has mail.
    fn bell_failed(&mut self, shard: u64, code: i32) {
        let shard = ShardId(shard as u16);
        if let (Some(fd), libc::ENOMEM | libc::EAGAIN | libc::EOVERFLOW) =
            (self.doorbells.ring(shard), code)
        {
            self.ring_bell(shard, fd);
        }
    }
}

fn cancelled() -> io::Error {
    io::Error::from_raw_os_error(libc::ECANCELED)
}
