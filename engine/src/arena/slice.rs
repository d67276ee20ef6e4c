//! Views of blocks: unique, shared, and growing.

use std::ops::{Bound, Deref, DerefMut, RangeBounds};
use std::sync::Arc;

use super::block::Block;

/// A writable block with one owner. Its start is aligned to [`super::BLOCK_BYTES`] and its capacity
/// is a multiple of it, so it can be the target of an `O_DIRECT` read; but for those of
/// [`Slice::copy_small`].
pub struct Buf {
    block: Block,
    len: usize,
}

impl Buf {
    pub(super) fn new(block: Block) -> Self {
        Self { block, len: 0 }
    }

    /// A block outside any arena: for tests, start-up and control requests, which no shard's
    /// budget covers.
    pub fn heap(capacity: usize) -> Self {
        Self::new(Block::heap(capacity))
    }

    /// Bytes the block can hold.
    pub fn capacity(&self) -> usize {
        self.block.capacity()
    }

    /// Bytes still free behind the written ones.
    pub fn spare(&self) -> usize {
        self.capacity() - self.len
    }

    /// Sets the length. Bytes that were never written are whatever the block held before: zeros or
    /// an earlier owner's bytes.
    ///
    /// # Panics
    /// When `len` is beyond the capacity.
    pub fn set_len(&mut self, len: usize) {
        assert!(len <= self.capacity(), "length {len} beyond capacity {}", self.capacity());
        self.len = len;
    }

    /// Appends `bytes`.
    ///
    /// # Panics
    /// When they do not fit; ask [`Buf::spare`] first.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        let at = self.len;
        self.set_len(at + bytes.len());
        self[at..].copy_from_slice(bytes);
    }

    /// Turns it into a shared, read-only range over the written bytes.
    pub fn freeze(self) -> Slice {
        let len = self.len;
        Slice { block: Arc::new(self.block), start: 0, len }
    }

    /// Address of the first byte.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.block.as_ptr()
    }

    /// Index of the ring's registered buffer that holds this block, if any.
    pub fn registered(&self) -> Option<u16> {
        self.block.registered()
    }
}

impl Deref for Buf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the block owns `capacity` initialised bytes (zeroed at allocation), len is at
        // most that, and `&self` excludes writers.
        unsafe { std::slice::from_raw_parts(self.block.as_ptr(), self.len) }
    }
}

impl DerefMut for Buf {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in deref, and `&mut self` makes this the only access.
        unsafe { std::slice::from_raw_parts_mut(self.block.as_ptr(), self.len) }
    }
}

impl std::fmt::Debug for Buf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Buf({} of {} bytes)", self.len, self.capacity())
    }
}

/// A read-only range of a block; cloning shares the block. May be sent to and dropped on any thread.
#[derive(Clone)]
pub struct Slice {
    block: Arc<Block>,
    start: usize,
    len: usize,
}

impl Slice {
    /// An empty range.
    pub fn empty() -> Self {
        Buf::heap(0).freeze()
    }

    /// Copies `bytes` to a block outside any arena.
    pub fn copy_from(bytes: &[u8]) -> Self {
        let mut buf = Buf::heap(bytes.len());
        buf.extend_from_slice(bytes);
        buf.freeze()
    }

    /// Copies `bytes`, which go to the network, to a block that is no larger than they are: not for
    /// files without page cache, which want whole blocks.
    pub fn copy_small(bytes: &[u8]) -> Self {
        let mut buf = Buf::new(Block::heap_of(bytes.len()));
        buf.extend_from_slice(bytes);
        buf.freeze()
    }

    /// A part of this range.
    ///
    /// # Panics
    /// When `range` reaches beyond it.
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Self {
        let from = match range.start_bound() {
            Bound::Included(&n) => n,
            Bound::Excluded(&n) => n + 1,
            Bound::Unbounded => 0,
        };
        let to = match range.end_bound() {
            Bound::Included(&n) => n + 1,
            Bound::Excluded(&n) => n,
            Bound::Unbounded => self.len,
        };
        assert!(from <= to && to <= self.len, "range {from}..{to} of {} bytes", self.len);
        Self { block: self.block.clone(), start: self.start + from, len: to - from }
    }

    /// `bytes`, which are a part of this range, as one that shares the block. Bytes from elsewhere are
    /// copied.
    pub fn part(&self, bytes: &[u8]) -> Self {
        let from = (bytes.as_ptr() as usize).wrapping_sub(self.as_ptr() as usize);
        match from.checked_add(bytes.len()) {
            Some(to) if to <= self.len => self.slice(from..to),
            _ => Self::copy_from(bytes),
        }
    }

    /// Index of the ring's registered buffer that holds these bytes, if any. Valid on the shard
    /// that owns the arena only.
    pub fn registered(&self) -> Option<u16> {
        self.block.registered()
    }

    /// Bytes of the block, which stays in use as long as this range does.
    pub fn block_bytes(&self) -> usize {
        self.block.capacity()
    }

    /// Whether somebody else has a part of the same block.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.block) > 1
    }
}

impl Deref for Slice {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: start + len lies within bytes that were written before this range was made; a
        // frozen block is never written again, and an AppendBuf writes beyond them only.
        unsafe { std::slice::from_raw_parts(self.block.as_ptr().add(self.start), self.len) }
    }
}

impl AsRef<[u8]> for Slice {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl std::fmt::Debug for Slice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Slice({} bytes)", self.len)
    }
}

impl PartialEq for Slice {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Slice {}

/// A block that is written once, from front to back, by one owner, while ranges of what is already
/// written are being read elsewhere: the tail of a partition log.
pub struct AppendBuf {
    block: Arc<Block>,
    len: usize,
}

impl AppendBuf {
    /// Bytes written.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes the block can hold.
    pub fn capacity(&self) -> usize {
        self.block.capacity()
    }

    /// Bytes still free.
    pub fn spare(&self) -> usize {
        self.capacity() - self.len
    }

    /// Writes `bytes` behind what is there.
    ///
    /// # Panics
    /// When they do not fit; ask [`AppendBuf::spare`] first.
    pub fn append(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.spare(), "{} bytes into {}", bytes.len(), self.spare());
        // SAFETY: len .. len + bytes.len() lies within the block, no Slice covers it (slices end at
        // the length of their time), and `&mut self` on the only AppendBuf makes this the only
        // writer. `bytes` cannot overlap it: it would have to come from a Slice.
        unsafe {
            std::ptr::copy_nonoverlapping(
                bytes.as_ptr(),
                self.block.as_ptr().add(self.len),
                bytes.len(),
            );
        }
        self.len += bytes.len();
    }

    /// Writes `n` zeros behind what is there.
    ///
    /// # Panics
    /// When they do not fit.
    pub fn append_zeros(&mut self, n: usize) {
        assert!(n <= self.spare(), "{n} zeros into {}", self.spare());
        // SAFETY: as in `append`.
        unsafe { std::ptr::write_bytes(self.block.as_ptr().add(self.len), 0, n) };
        self.len += n;
    }

    /// A shared range of the bytes written so far.
    ///
    /// # Panics
    /// When `range` reaches beyond them.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Slice {
        Slice { block: self.block.clone(), start: 0, len: self.len }.slice(range)
    }

    /// Forgets what was written and starts again, when nobody reads it any more; otherwise gives
    /// the block back to its readers and fails.
    pub fn reset(&mut self) -> bool {
        let alone = Arc::get_mut(&mut self.block).is_some();
        if alone {
            self.len = 0;
        }
        alone
    }
}

impl From<Buf> for AppendBuf {
    fn from(buf: Buf) -> Self {
        Self { len: buf.len, block: Arc::new(buf.block) }
    }
}

impl Deref for AppendBuf {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the first len bytes are written and never change while this borrow lives.
        unsafe { std::slice::from_raw_parts(self.block.as_ptr(), self.len) }
    }
}

impl std::fmt::Debug for AppendBuf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AppendBuf({} of {} bytes)", self.len, self.capacity())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Arena, BLOCK_BYTES};
    use super::*;

    #[test]
    fn a_part_shares_its_block_and_bytes_from_elsewhere_are_copied() {
        let whole = Slice::copy_from(b"0123456789");
        let inner = whole.slice(2..8);
        let part = inner.part(&inner[1..4]);
        assert_eq!((&part[..], part.as_ptr()), (&b"345"[..], inner[1..].as_ptr()));
        assert_eq!(inner.part(&inner[6..]).len(), 0);
        // In the same block, and not in this range.
        let before = inner.part(&whole[..3]);
        assert_eq!(before[..], b"012"[..]);
        assert_ne!(before.as_ptr(), whole.as_ptr());
        assert_eq!(inner.part(b"elsewhere")[..], b"elsewhere"[..]);
    }

    #[test]
    fn readers_keep_their_bytes_while_the_writer_goes_on() {
        let arena = Arena::new(1 << 16);
        let mut tail = AppendBuf::from(arena.alloc(BLOCK_BYTES).unwrap());
        tail.append(b"one");
        let first = tail.slice(0..3);
        tail.append(b"two");
        assert_eq!((&first[..], &tail[..]), (&b"one"[..], &b"onetwo"[..]));
        assert!(!tail.reset());
        drop(first);
        assert!(tail.reset());
    }

    #[test]
    fn memory_comes_back_from_another_thread() {
        let arena = Arena::new(4 * BLOCK_BYTES);
        let slice = arena.alloc(4 * BLOCK_BYTES).unwrap().freeze();
        let full = arena.alloc(1).unwrap_err();
        assert_eq!(full.used, 4 * BLOCK_BYTES);
        std::thread::spawn(move || drop(slice)).join().unwrap();
        assert!(arena.alloc(4 * BLOCK_BYTES).is_ok());
    }

    #[test]
    fn parts_of_parts() {
        let whole = Slice::copy_from(b"abcdef");
        assert_eq!(&whole.slice(1..5).slice(1..=2)[..], b"cd");
        assert_eq!(&whole.slice(6..)[..], b"");
    }
}
