//! The arena as registered buffers.

use std::io;
use std::sync::Arc;

use io_uring::IoUring;

use crate::arena::Region;

/// Largest registered buffer the kernel takes (`io_uring_register(2)`); a larger arena is registered
/// in several.
const REGISTERED_BYTES_MAX: usize = 1 << 30;

/// The memory of the shard, as its ring knows it.
pub(super) struct Memory {
    region: Arc<Region>,
    registered: bool,
}

impl Memory {
    /// Registers a region with the ring. Returns the refusal as well, if it was refused: the ring
    /// works without.
    pub(super) fn new(
        ring: &IoUring,
        region: Arc<Region>,
        wanted: bool,
    ) -> (Self, Option<io::Error>) {
        advise_huge(&region);
        let refused = if wanted { register(ring, &region).err() } else { None };
        (Self { region, registered: wanted && refused.is_none() }, refused)
    }

    pub(super) fn is_registered(&self) -> bool {
        self.registered
    }

    /// Index of the registered buffer that holds these bytes.
    pub(super) fn index(&self, start: *const u8, len: usize) -> Option<u16> {
        if !self.registered {
            return None;
        }
        let offset = (start as usize).checked_sub(self.region.as_ptr() as usize)?;
        let last = offset.checked_add(len.max(1) - 1)?;
        let index = offset / REGISTERED_BYTES_MAX;
        let inside = last < self.region.len() && last / REGISTERED_BYTES_MAX == index;
        if inside { u16::try_from(index).ok() } else { None }
    }
}

/// Asks for huge pages: fewer pages to pin, to walk and to hand to a device. Where there are none
/// the region has small ones.
fn advise_huge(region: &Region) {
    // SAFETY: the range is this mapping's own, and the advice changes no content.
    let advised = unsafe {
        rustix::mm::madvise(region.as_ptr().cast(), region.len(), rustix::mm::Advice::LinuxHugepage)
    };
    if let Err(error) = advised {
        tracing::debug!(%error, "no huge pages for the shard's memory");
    }
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
