//! The tail window of one log: its newest bytes, in memory, as they lie in the segment files.
//!
//! A block begins at a multiple of 4096 in its segment, so that whole blocks of it can be written
//! from this very memory. Batches that are wholly in the window are listed, and can be read by
//! offset; bytes leave from the front, when they are in the segment file.

use std::collections::VecDeque;

use crate::arena::{AppendBuf, Arena, BLOCK_BYTES, Buf, OutOfMemory};
use crate::journal::{Pieces, Place};

const BLOCK: u64 = BLOCK_BYTES as u64;

/// What a batch in the window takes beside its bytes.
const REF_BYTES: usize = size_of::<BatchRef>();

/// Places in the list of batches that are kept although they are not used.
const LIST_SPARE: usize = 1024;

/// A batch in the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchRef {
    pub(super) base_offset: i64,
    pub(super) last_offset: i64,
    pub(super) place: Place,
    pub(super) size: u32,
}

impl BatchRef {
    fn end(&self) -> Place {
        Place { position: self.place.position + u64::from(self.size), ..self.place }
    }
}

struct Block {
    start: Place,
    bytes: AppendBuf,
}

impl Block {
    fn end(&self) -> u64 {
        self.start.position + self.bytes.len() as u64
    }
}

/// New blocks for one append, not yet part of the window.
pub(super) struct Reserved {
    blocks: Vec<AppendBuf>,
    /// Bytes of memory they take.
    pub(super) capacity: usize,
}

/// The window. See the module.
pub(super) struct Tail {
    blocks: VecDeque<Block>,
    batches: VecDeque<BatchRef>,
    /// Where the next byte goes.
    end: Place,
    /// The bytes of the last, partial block of the segment while no block of memory holds them.
    cold: Vec<u8>,
    /// Bytes of memory that the blocks take, and the batches in the list; its spare places are not counted.
    capacity: usize,
}

impl Tail {
    /// A window at the end of a log; `partial` are the bytes of the segment's last block.
    pub(super) fn new(end: Place, partial: Vec<u8>) -> Self {
        assert_eq!(partial.len() as u64, end.position % BLOCK);
        let (blocks, batches) = (VecDeque::new(), VecDeque::new());
        Self { blocks, batches, end, cold: partial, capacity: 0 }
    }

    /// Where the next byte goes.
    pub(super) fn end(&self) -> Place {
        self.end
    }

    /// Bytes of memory in use.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// First offset that can be read here, if there is any.
    pub(super) fn first_offset(&self) -> Option<i64> {
        self.batches.front().map(|batch| batch.base_offset)
    }

    /// Bytes an append of `bytes` at `at` needs beyond the block at hand, and the size of blocks
    /// that suits: doubling while the log is busy, small while it is not.
    fn plan(&self, at: Place, bytes: usize, block_bytes_max: usize) -> (usize, usize) {
        let last = self.blocks.back().filter(|b| at == self.end && b.start.segment == at.segment);
        let (spare, last) = last.map_or((0, 0), |b| (b.bytes.spare(), b.bytes.capacity()));
        let cold = if at == self.end { self.cold.len() } else { 0 };
        let missing = (bytes + cold).saturating_sub(spare);
        let grown = (last * 2).max(missing.next_power_of_two()).max(BLOCK_BYTES);
        (missing, grown.min(block_bytes_max))
    }

    /// Memory an append of `bytes` at `at` would take.
    pub(super) fn wants(&self, at: Place, bytes: usize, block_bytes_max: usize) -> usize {
        let (missing, block) = self.plan(at, bytes, block_bytes_max);
        missing.div_ceil(block) * block
    }

    /// Takes the memory for an append of `bytes` at `at`: the end of the window, or the start of a
    /// new segment.
    pub(super) fn reserve(
        &self,
        arena: &Arena,
        at: Place,
        bytes: usize,
        block_bytes_max: usize,
    ) -> Result<Reserved, OutOfMemory> {
        let (missing, block) = self.plan(at, bytes, block_bytes_max);
        let mut reserved = Reserved { blocks: Vec::new(), capacity: 0 };
        let mut have = 0;
        while have < missing {
            let buf: AppendBuf = arena.alloc(block)?.into();
            have += buf.capacity();
            reserved.capacity += buf.capacity();
            reserved.blocks.push(buf);
        }
        Ok(reserved)
    }

    /// Begins an append: makes `reserved` part of the window. `at` is as it was for
    /// [`Tail::reserve`].
    pub(super) fn begin(&mut self, at: Place, reserved: Reserved) {
        if at != self.end {
            assert_eq!(at.position, 0, "a new segment");
            self.start_segment(at.segment);
        }
        let mut start = match self.blocks.back() {
            Some(last) if last.start.segment == at.segment => {
                last.start.position + last.bytes.capacity() as u64
            }
            _ => at.position - self.cold.len() as u64,
        };
        assert_eq!(start % BLOCK, 0);
        self.capacity += reserved.capacity;
        for mut bytes in reserved.blocks {
            let cold = std::mem::take(&mut self.cold);
            bytes.append(&cold);
            let place = Place { segment: at.segment, position: start };
            start += bytes.capacity() as u64;
            self.blocks.push_back(Block { start: place, bytes });
        }
    }

    /// Goes on in a new, empty segment.
    pub(super) fn start_segment(&mut self, base: i64) {
        assert!(base > self.end.segment);
        self.end = Place { segment: base, position: 0 };
        self.cold = Vec::new();
    }

    /// Writes bytes at the end; memory for them was reserved.
    pub(super) fn write(&mut self, mut bytes: &[u8]) {
        self.end.position += bytes.len() as u64;
        // Of the new blocks all but the one being written are empty.
        let mut at = self.blocks.partition_point(|block| !block.bytes.is_empty());
        let last = at.checked_sub(1).and_then(|last| self.blocks.get(last));
        if last.is_some_and(|block| block.start.segment == self.end.segment) {
            at -= 1;
        }
        while !bytes.is_empty() {
            let block = &mut self.blocks[at].bytes;
            let (now, later) = bytes.split_at(bytes.len().min(block.spare()));
            block.append(now);
            bytes = later;
            at += 1;
        }
    }

    /// Lists a batch whose bytes were written.
    pub(super) fn list(&mut self, batch: BatchRef) {
        assert!(batch.end() <= self.end);
        self.capacity += REF_BYTES;
        self.batches.push_back(batch);
    }

    /// The bytes of one segment from `start` up to position `end`.
    ///
    /// # Panics
    /// When they are not in the window.
    pub(super) fn pieces(&self, start: Place, end: u64) -> Pieces {
        let mut pieces = Pieces::new();
        let mut at = self.blocks.partition_point(|block| block.start <= start).saturating_sub(1);
        let mut position = start.position;
        while position < end {
            let block = &self.blocks[at];
            assert_eq!(block.start.segment, start.segment, "bytes are in the window");
            let from = (position - block.start.position) as usize;
            let to = (end.min(block.end()) - block.start.position) as usize;
            pieces.push(block.bytes.slice(from..to));
            position = block.start.position + to as u64;
            at += 1;
        }
        pieces
    }

    /// The bytes of the partial block at the end.
    pub(super) fn partial(&self) -> Pieces {
        let head = self.end.position / BLOCK * BLOCK;
        if self.holds(self.end) {
            self.pieces(Place { position: head, ..self.end }, self.end.position)
        } else if self.cold.is_empty() {
            Pieces::new()
        } else {
            let mut buf = Buf::heap(self.cold.len());
            buf.extend_from_slice(&self.cold);
            Pieces::from_iter([buf.freeze()])
        }
    }

    /// Whether the block of memory that ends at `end` is here.
    fn holds(&self, end: Place) -> bool {
        self.blocks.back().is_some_and(|block| block.start.segment == end.segment)
    }

    /// The batches from the one that holds `offset` on whose records are all below `limit`.
    pub(super) fn batches(&self, offset: i64, limit: i64) -> impl Iterator<Item = &BatchRef> {
        let at = self.batches.partition_point(|batch| batch.last_offset < offset);
        self.batches.range(at..).take_while(move |batch| batch.last_offset < limit)
    }

    /// Whether any memory is in use.
    pub(super) fn is_cold(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Blocks of memory that can be full and wholly written at `to`, and could not at `from`.
    pub(super) fn blocks_between(&self, from: Place, to: Place) -> usize {
        let end = |block: &Block| Place {
            segment: block.start.segment,
            position: block.start.position + block.bytes.capacity() as u64,
        };
        let behind = |place: Place| self.blocks.partition_point(|block| end(block) <= place);
        behind(to).saturating_sub(behind(from))
    }

    /// Lets the first block go if everything up to the end of its last batch is before `written`,
    /// and it is not the one being written; returns the memory given back.
    pub(super) fn evict(&mut self, written: Place) -> Option<usize> {
        let first = self.blocks.front()?;
        if self.blocks.len() == 1 && first.start.segment == self.end.segment {
            return None;
        }
        let segment = first.start.segment;
        let end = Place { segment, position: first.end() };
        // A batch must be wholly in memory or wholly on the device.
        let behind = self.batches.partition_point(|batch| batch.place < end);
        let straddling = behind.checked_sub(1).and_then(|last| self.batches.get(last));
        let need = straddling.map_or(end, |batch| batch.end().max(end));
        if need > written {
            return None;
        }
        let block = self.blocks.pop_front()?;
        self.batches.drain(..behind);
        if self.batches.capacity() > LIST_SPARE + 4 * self.batches.len() {
            self.batches.shrink_to(2 * self.batches.len());
        }
        let freed = block.bytes.capacity() + behind * REF_BYTES;
        self.capacity -= freed;
        Some(freed)
    }

    /// Lets all memory go when everything is before `written`, but for the bytes of the last,
    /// partial block; returns the memory given back.
    pub(super) fn cool(&mut self, written: Place) -> usize {
        if written < self.end || self.blocks.is_empty() {
            return 0;
        }
        let partial = self.partial();
        self.cold = partial.iter().flat_map(|piece| piece.iter().copied()).collect();
        self.blocks = VecDeque::new();
        self.batches = VecDeque::new();
        std::mem::take(&mut self.capacity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(tail: &mut Tail, arena: &Arena, offset: i64, bytes: &[u8]) {
        let at = tail.end();
        let reserved = tail.reserve(arena, at, bytes.len(), 16 << 10).unwrap();
        assert_eq!(reserved.capacity, tail.wants(at, bytes.len(), 16 << 10));
        tail.begin(at, reserved);
        tail.write(bytes);
        tail.list(BatchRef {
            base_offset: offset,
            last_offset: offset,
            place: at,
            size: bytes.len() as u32,
        });
    }

    fn joined(pieces: &Pieces) -> Vec<u8> {
        pieces.iter().flat_map(|piece| piece.to_vec()).collect()
    }

    #[test]
    fn bytes_are_found_across_blocks() {
        let arena = Arena::new(1 << 20);
        let start = Place { segment: 0, position: 4099 };
        let mut tail = Tail::new(start, vec![1, 2, 3]);
        let bytes: Vec<u8> = (0..30_000u32).map(|n| (n % 251) as u8).collect();
        for (n, chunk) in bytes.chunks(1000).enumerate() {
            append(&mut tail, &arena, n as i64, chunk);
        }
        assert_eq!(joined(&tail.pieces(start, 4099 + 30_000)), bytes);
        let head = Place { position: 4096, ..start };
        assert_eq!(joined(&tail.pieces(head, 4099)), [1, 2, 3]);
        assert_eq!(tail.batches(7, 9).count(), 2);
    }

    #[test]
    fn a_batch_is_wholly_in_memory_or_not_at_all() {
        let arena = Arena::new(1 << 20);
        let mut tail = Tail::new(Place { segment: 0, position: 0 }, vec![]);
        append(&mut tail, &arena, 0, &[1; 4000]);
        append(&mut tail, &arena, 1, &[2; 4000]);
        append(&mut tail, &arena, 2, &[3; 4000]);
        let written = |position| Place { segment: 0, position };
        assert_eq!(tail.evict(written(4096)), None);
        assert_eq!(tail.evict(written(8000)), Some(4096 + 2 * REF_BYTES));
        assert_eq!(tail.first_offset(), Some(2));
        assert_eq!(tail.capacity(), 8192 + REF_BYTES);
        assert_eq!(tail.evict(written(12_000)), None, "the block being written stays");
        assert_eq!(tail.cool(written(12_000)), 8192 + REF_BYTES);
        assert_eq!(joined(&tail.partial()), [3; 12_000 - 8192]);
        append(&mut tail, &arena, 3, &[4; 4000]);
        assert_eq!(joined(&tail.pieces(written(12_000), 16_000)), [4; 4000]);
    }
}
