//! The ring of buffers that the kernel receives into.

use std::io;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::Submitter;
use io_uring::types::BufRingEntry;

use crate::arena::{Arena, Buf, Slice};
use crate::io::{Chunk, ChunkHome};

/// The one group of provided buffers of a ring.
pub(super) const GROUP: u16 = 0;

/// Provided buffers: the kernel takes one for each piece it receives, and gets it back when the
/// chunk made of it is dropped.
pub(super) struct Provided {
    /// The ring shared with the kernel, `buffers.len()` entries; never moves.
    ring: Buf,
    buffers: Vec<Slice>,
    buffer_bytes: u32,
    tail: u16,
    home: ChunkHome,
}

impl Provided {
    /// `count` (a power of two) buffers of `bytes` each, registered with the ring.
    pub(super) fn new(
        submitter: &Submitter<'_>,
        arena: &Arena,
        count: u16,
        bytes: u32,
    ) -> io::Result<Self> {
        assert!(count.is_power_of_two(), "{count} provided buffers: not a power of two");
        let mut ring = Buf::heap(usize::from(count) * size_of::<BufRingEntry>());
        let mut buffers = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let mut buffer = arena.alloc(bytes as usize).map_err(io::Error::other)?;
            buffer.set_len(bytes as usize);
            buffers.push(buffer.freeze());
        }
        // SAFETY: the ring is page aligned, has room for `count` entries and lives as long as this
        // value, which the driver keeps until the io_uring is closed.
        unsafe {
            submitter.register_buf_ring_with_flags(ring.as_mut_ptr() as u64, count, GROUP, 0)?
        };
        let home = ChunkHome::default();
        home.borrow_mut().extend(0..count);
        let mut provided = Self { ring, buffers, buffer_bytes: bytes, tail: 0, home };
        provided.replenish();
        Ok(provided)
    }

    /// Gives buffers that came back to the kernel again.
    pub(super) fn replenish(&mut self) {
        let mut home = self.home.borrow_mut();
        if home.is_empty() {
            return;
        }
        let mask = self.buffers.len() as u16 - 1;
        let entries = self.ring.as_mut_ptr().cast::<BufRingEntry>();
        for number in home.drain(..) {
            let buffer = &self.buffers[usize::from(number)];
            // SAFETY: the masked tail is below the number of entries; the kernel reads an entry
            // only after the tail below has passed it, so this is the only access. Fields are
            // written one by one because the tail itself lies in the first entry.
            unsafe {
                let entry = &mut *entries.add(usize::from(self.tail & mask));
                entry.set_addr(buffer.as_ptr() as u64);
                entry.set_len(self.buffer_bytes);
                entry.set_bid(number);
            }
            self.tail = self.tail.wrapping_add(1);
        }
        // SAFETY: `entries` is the start of the ring, where the tail lies, aligned for a u16. The
        // kernel reads it concurrently, hence the atomic store; release makes the entries visible.
        unsafe {
            let tail = BufRingEntry::tail(entries).cast_mut();
            AtomicU16::from_ptr(tail).store(self.tail, Ordering::Release);
        }
    }

    /// The chunk that the kernel has left in buffer `number`.
    pub(super) fn chunk(&self, number: u16, bytes: usize) -> Chunk {
        let slice = self.buffers[usize::from(number)].slice(..bytes);
        Chunk::lent(slice, self.home.clone(), number)
    }

    /// Takes back a buffer in which nothing of interest lies.
    pub(super) fn give_back(&self, number: u16) {
        self.home.borrow_mut().push(number);
    }
}
