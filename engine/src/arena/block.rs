//! The region, the budget, and the blocks cut from it.

use std::alloc::Layout;
use std::cell::RefCell;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use crossbeam_queue::SegQueue;

use super::buddy::Buddy;
use super::slice::Buf;

/// The unit of allocation and the alignment of every block, in bytes. It is the largest physical
/// block of the drives in use, so that any block can be read or written with `O_DIRECT`.
pub const BLOCK_BYTES: usize = 4096;

/// Unit and alignment of blocks that no file is written from, in bytes.
const SMALL_BYTES: usize = 16;

/// No registered-buffer index.
const UNREGISTERED: u16 = u16::MAX;

/// The arena has no free run of the size asked for.
///
/// It is back-pressure and not a failure: whoever asked stops reading its socket until memory
/// comes back.
#[derive(Debug, thiserror::Error, Clone, Copy, PartialEq, Eq)]
#[error("no {wanted} free bytes in an arena of {capacity} bytes of which {used} are in use")]
pub struct OutOfMemory {
    /// Bytes asked for.
    pub wanted: usize,
    /// Bytes in use.
    pub used: usize,
    /// Bytes in all.
    pub capacity: usize,
}

/// The allocator of one shard. Cloning gives another handle to the same arena.
///
/// Blocks may be dropped on any thread; they come back through a queue that the owner empties when
/// it allocates, so no lock is taken.
#[derive(Clone)]
pub struct Arena {
    inner: Rc<RefCell<Owner>>,
    region: Arc<Region>,
}

struct Owner {
    buddy: Buddy,
    used: usize,
}

impl Arena {
    /// An arena of `bytes` (rounded down to whole blocks, at least one).
    ///
    /// The memory is zeroed lazily by the kernel: an unused arena costs address space only.
    pub fn new(bytes: usize) -> Self {
        let blocks = u32::try_from((bytes / BLOCK_BYTES).max(1)).unwrap_or(u32::MAX / 2);
        let region = Arc::new(Region::new(blocks as usize * BLOCK_BYTES));
        Self { inner: Rc::new(RefCell::new(Owner { buddy: Buddy::new(blocks), used: 0 })), region }
    }

    /// A writable block of at least `len` bytes with length zero.
    ///
    /// # Errors
    /// [`OutOfMemory`] when the budget has no free run of that size.
    pub fn alloc(&self, len: usize) -> Result<Buf, OutOfMemory> {
        let mut owner = self.inner.borrow_mut();
        while let Some((at, order)) = self.region.returned.pop() {
            owner.used -= BLOCK_BYTES << order;
            owner.buddy.give(at, order);
        }
        let blocks = len.div_ceil(BLOCK_BYTES).max(1).next_power_of_two();
        let order = blocks.trailing_zeros();
        let full =
            OutOfMemory { wanted: len, used: owner.used, capacity: self.region.layout.size() };
        let at = owner.buddy.take(order).ok_or(full)?;
        owner.used += BLOCK_BYTES << order;
        // SAFETY: the allocator handed out blocks at .. at + 2^order, which lie in the region and
        // belong to nobody else until the Block below is dropped.
        let start = unsafe { self.region.start.add(at as usize * BLOCK_BYTES) };
        let capacity = BLOCK_BYTES << order;
        Ok(Buf::new(Block { start, capacity, home: Home::Region(self.region.clone(), at, order) }))
    }

    /// Bytes in use, including blocks given back that the owner has not yet taken note of.
    pub fn used(&self) -> usize {
        self.inner.borrow().used
    }

    /// Bytes in all.
    pub fn capacity(&self) -> usize {
        self.region.layout.size()
    }

    /// The memory behind the arena, for registering it with a ring.
    pub fn region(&self) -> &Arc<Region> {
        &self.region
    }
}

impl std::fmt::Debug for Arena {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arena")
            .field("used", &self.used())
            .field("capacity", &self.capacity())
            .finish()
    }
}

/// The memory of an arena; it lives until its last block is dropped.
pub struct Region {
    start: NonNull<u8>,
    layout: Layout,
    /// Blocks dropped and not yet taken back: first block and order.
    returned: SegQueue<(u32, u32)>,
    registered: AtomicU16,
}

// SAFETY: the region is plain memory; access to its bytes is governed by the blocks cut from it,
// and `returned` and `registered` are made for sharing.
unsafe impl Send for Region {}
// SAFETY: as above.
unsafe impl Sync for Region {}

impl Region {
    fn new(bytes: usize) -> Self {
        #[allow(clippy::expect_used)] // a power of two and a size below isize::MAX by construction
        let layout = Layout::from_size_align(bytes, BLOCK_BYTES).expect("size of an arena");
        // Mapped and not allocated: the allocator would write zeros to the whole of it at once.
        // SAFETY: a fresh private mapping of a size above zero, at an address of the kernel's choice.
        let start = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        let start = Some(start).filter(|start| *start != libc::MAP_FAILED);
        let Some(start) = start.and_then(|start| NonNull::new(start.cast::<u8>())) else {
            std::alloc::handle_alloc_error(layout)
        };
        Self { start, layout, returned: SegQueue::new(), registered: UNREGISTERED.into() }
    }

    /// First byte of the region.
    pub fn as_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.layout.size()
    }

    /// Never: a region has at least one block.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Notes the index under which a ring has registered the region.
    pub fn set_registered(&self, index: Option<u16>) {
        self.registered.store(index.unwrap_or(UNREGISTERED), Ordering::Relaxed);
    }

    /// The index under which the owner's ring has registered the region, if it has.
    pub fn registered(&self) -> Option<u16> {
        let index = self.registered.load(Ordering::Relaxed);
        (index != UNREGISTERED).then_some(index)
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: mapped in `new` with this length, and every block that pointed here held an Arc to
        // this region. Unmapping what was mapped whole cannot fail.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.layout.size()) };
    }
}

/// A run of bytes with one owner; gives itself back when dropped.
pub(super) struct Block {
    start: NonNull<u8>,
    capacity: usize,
    home: Home,
}

enum Home {
    Region(Arc<Region>, u32, u32),
    Heap(Layout),
}

// SAFETY: a block is memory plus a handle to where it returns to, both of which may move between
// threads; who may read or write the bytes is decided by Buf, AppendBuf and Slice.
unsafe impl Send for Block {}
// SAFETY: as above; `&Block` gives no access to the bytes by itself.
unsafe impl Sync for Block {}

impl Block {
    /// A block outside any arena, for memory that no budget covers: tests, start-up, control
    /// requests.
    pub(super) fn heap(capacity: usize) -> Self {
        Self::heap_aligned(capacity, BLOCK_BYTES)
    }

    /// The same of no more than the bytes asked for, for what no file is written from.
    pub(super) fn heap_of(capacity: usize) -> Self {
        Self::heap_aligned(capacity, SMALL_BYTES)
    }

    fn heap_aligned(capacity: usize, align: usize) -> Self {
        let capacity = capacity.next_multiple_of(align).max(align);
        #[allow(clippy::expect_used)] // fails only beyond isize::MAX bytes
        let layout = Layout::from_size_align(capacity, align).expect("size of a block");
        // SAFETY: the layout has a size above zero.
        let start = unsafe { std::alloc::alloc_zeroed(layout) };
        let Some(start) = NonNull::new(start) else { std::alloc::handle_alloc_error(layout) };
        Self { start, capacity, home: Home::Heap(layout) }
    }

    pub(super) fn as_ptr(&self) -> *mut u8 {
        self.start.as_ptr()
    }

    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Index of the registered buffer that holds this block.
    pub(super) fn registered(&self) -> Option<u16> {
        match &self.home {
            Home::Region(region, ..) => region.registered(),
            Home::Heap(_) => None,
        }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        match &self.home {
            Home::Region(region, at, order) => region.returned.push((*at, *order)),
            // SAFETY: allocated in `heap` with this layout; this is the only owner.
            Home::Heap(layout) => unsafe { std::alloc::dealloc(self.start.as_ptr(), *layout) },
        }
    }
}
