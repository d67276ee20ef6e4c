//! Open descriptors and their places in the ring's table of registered files.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use io_uring::Submitter;

/// Descriptors of a ring, each registered in the slot that is its index, so that an operation on it
/// needs no atomic reference count.
pub(super) struct Descriptors {
    open: Vec<Option<OwnedFd>>,
    free: Vec<u32>,
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
    pub(super) fn insert(&mut self, submitter: &Submitter<'_>, fd: OwnedFd) -> io::Result<u32> {
        let slot = self.free.pop().ok_or_else(|| io::Error::from_raw_os_error(libc::EMFILE))?;
        if let Err(error) = submitter.register_files_update(slot, &[fd.as_raw_fd()]) {
            self.free.push(slot);
            return Err(error);
        }
        self.open[slot as usize] = Some(fd);
        Ok(slot)
    }

    /// Closes a descriptor. Operations in flight keep the file behind it open.
    pub(super) fn remove(&mut self, submitter: &Submitter<'_>, slot: u32) {
        if let Some(fd) = self.open.get_mut(slot as usize).and_then(Option::take) {
            // Clearing a slot of our own table cannot fail but for a kernel without memory, and then
            // the slot is not used again.
            if submitter.register_files_update(slot, &[-1]).is_ok() {
                self.free.push(slot);
            }
            drop(fd);
        }
    }

    /// The plain descriptor in a slot, or -1.
    pub(super) fn raw(&self, slot: u32) -> RawFd {
        self.open.get(slot as usize).and_then(Option::as_ref).map_or(-1, AsRawFd::as_raw_fd)
    }
}
