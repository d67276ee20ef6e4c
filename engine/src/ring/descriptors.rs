//! Open descriptors and their places in the ring's table of registered files.

use std::cell::Cell;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

use io_uring::Submitter;

use crate::io::OpId;

/// Descriptors of a ring, each registered in the slot that is its index, so that an operation on it
/// needs no atomic reference count.
///
/// Every descriptor has a plain number too, and the slots are ours to give out: what `socket`,
/// `getpeername` and `ftruncate` need has no form that works on slots alone before Linux 6.9, and a
/// connection costs two more system calls in its whole life for it.
///
/// A slot is given back only when no operation on it is in flight. The kernel looks the slot up
/// when an operation *starts*, and those that go to its worker threads (`fsync`, `fallocate`,
/// `ftruncate`) start at some later time: they would otherwise hit whatever was opened next.
pub(super) struct Descriptors {
    open: Vec<Option<Descriptor>>,
    free: Vec<u32>,
}

struct Descriptor {
    fd: OwnedFd,
    /// Operations in flight on it.
    busy: u32,
    /// What closes it when those have ended.
    closing: Option<Closing>,
    /// Bytes that the network may still read from memory.
    pinned: Rc<Cell<usize>>,
}

/// An operation that closes a descriptor.
#[derive(Clone, Copy)]
pub(super) struct Closing {
    pub(super) id: OpId,
    /// Whether it is a file: closing the last handle of a removed one frees its blocks, which
    /// takes long.
    pub(super) file: bool,
}

/// What is to be done about a descriptor that was let go of.
pub(super) enum Close {
    /// It is out of the table: close it.
    Now(OwnedFd),
    /// Operations on it are in flight.
    Later,
    /// There is no such descriptor.
    Unknown,
}

impl Descriptors {
    /// A table of `limit` slots, of which the kernel keeps as many.
    pub(super) fn new(submitter: &Submitter<'_>, limit: u32) -> io::Result<Self> {
        submitter.register_files_sparse(limit)?;
        Ok(Self {
            open: (0..limit).map(|_| None).collect(),
            // Low slots first.
            free: (0..limit).rev().collect(),
        })
    }

    /// Registers a descriptor and says in which slot.
    ///
    /// # Errors
    /// `EMFILE` when the table is full; the descriptor is closed.
    pub(super) fn insert(&mut self, submitter: &Submitter<'_>, fd: OwnedFd) -> io::Result<u32> {
        let slot = self.free.pop().ok_or_else(|| io::Error::from_raw_os_error(libc::EMFILE))?;
        if let Err(error) = submitter.register_files_update(slot, &[fd.as_raw_fd()]) {
            self.free.push(slot);
            return Err(error);
        }
        self.open[slot as usize] =
            Some(Descriptor { fd, busy: 0, closing: None, pinned: Rc::default() });
        Ok(slot)
    }

    /// Notes an operation on a slot. Returns whether there is something open in it.
    pub(super) fn begin(&mut self, slot: u32) -> bool {
        match self.open.get_mut(slot as usize) {
            Some(Some(open)) if open.closing.is_none() => {
                open.busy += 1;
                true
            }
            _ => false,
        }
    }

    /// Notes the end of an operation on a slot. Returns what the last one leaves to be closed.
    pub(super) fn end(
        &mut self,
        submitter: &Submitter<'_>,
        slot: u32,
    ) -> Option<(Closing, OwnedFd)> {
        let open = self.open.get_mut(slot as usize)?.as_mut()?;
        debug_assert!(open.busy > 0, "slot {slot} has no operation to end");
        open.busy -= 1;
        match open.closing {
            Some(by) if open.busy == 0 => self.take(submitter, slot).map(|fd| (by, fd)),
            _ => None,
        }
    }

    /// Lets go of a descriptor.
    pub(super) fn close(&mut self, submitter: &Submitter<'_>, slot: u32, by: Closing) -> Close {
        match self.open.get_mut(slot as usize) {
            Some(Some(open)) if open.closing.is_none() => {
                if open.busy > 0 {
                    open.closing = Some(by);
                    return Close::Later;
                }
                self.take(submitter, slot).map_or(Close::Unknown, Close::Now)
            }
            _ => Close::Unknown,
        }
    }

    /// Takes a descriptor out of the table, for another ring.
    ///
    /// # Errors
    /// `EBUSY` while operations on it are in flight, `EBADF` when there is none.
    pub(super) fn detach(&mut self, submitter: &Submitter<'_>, slot: u32) -> io::Result<OwnedFd> {
        let code = match self.open.get(slot as usize) {
            Some(Some(open)) if open.busy > 0 || open.closing.is_some() => libc::EBUSY,
            _ => libc::EBADF,
        };
        let taken = if code == libc::EBUSY { None } else { self.take(submitter, slot) };
        taken.ok_or_else(|| io::Error::from_raw_os_error(code))
    }

    /// Whether a slot is about to be closed.
    pub(super) fn is_closing(&self, slot: u32) -> bool {
        matches!(self.open.get(slot as usize), Some(Some(open)) if open.closing.is_some())
    }

    /// Whether operations on a slot are in flight.
    pub(super) fn is_busy(&self, slot: u32) -> bool {
        matches!(self.open.get(slot as usize), Some(Some(open)) if open.busy > 0)
    }

    /// Bytes of sends without copying that a slot's connection has in hand; the count outlives the
    /// slot.
    pub(super) fn pinned(&self, slot: u32) -> Option<Rc<Cell<usize>>> {
        Some(self.open.get(slot as usize)?.as_ref()?.pinned.clone())
    }

    /// The plain descriptor in a slot.
    pub(super) fn plain(&self, slot: u32) -> Option<BorrowedFd<'_>> {
        Some(self.open.get(slot as usize)?.as_ref()?.fd.as_fd())
    }

    fn take(&mut self, submitter: &Submitter<'_>, slot: u32) -> Option<OwnedFd> {
        let open = self.open.get_mut(slot as usize)?.take()?;
        // Clearing a slot of our own table cannot fail but for a kernel without memory, and then the
        // slot is not used again.
        if submitter.register_files_update(slot, &[-1]).is_ok() {
            self.free.push(slot);
        }
        Some(open.fd)
    }
}
