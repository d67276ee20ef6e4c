//! Received bytes, on loan from the ring's provided buffers.

use std::cell::RefCell;
use std::ops::Deref;
use std::rc::Rc;

use crate::arena::Slice;

/// Where chunks go back to: the numbers of the provided buffers that are free again.
pub type ChunkHome = Rc<RefCell<Vec<u16>>>;

/// Received bytes. The buffer goes back to the ring when the chunk is dropped: copy or consume
/// them soon, for there are only so many.
pub struct Chunk {
    bytes: Slice,
    home: Option<(ChunkHome, u16)>,
}

impl Chunk {
    /// Bytes that nobody waits for.
    pub fn new(bytes: Slice) -> Self {
        Self { bytes, home: None }
    }

    /// The same bytes in memory of their own, if they were on loan.
    pub(crate) fn into_owned(self) -> Self {
        match self.home {
            Some(_) => Self::new(Slice::copy_from(&self)),
            None => self,
        }
    }

    /// Bytes in provided buffer `number`, which returns to `home`.
    pub fn lent(bytes: Slice, home: ChunkHome, number: u16) -> Self {
        Self { bytes, home: Some((home, number)) }
    }
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        if let Some((home, number)) = self.home.take() {
            home.borrow_mut().push(number);
        }
    }
}

impl std::fmt::Debug for Chunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chunk({} bytes)", self.len())
    }
}
