//! What a client has sent and the broker has not yet taken: frames, each a part of the memory that it
//! was received into.

use std::rc::Rc;

use ringlog_engine::arena::{Buf, Slice};

use super::limits::RequestMemory;
use crate::protocol::frame;

/// Memory that a client which has sent as much before gets for a frame at once, in bytes: beyond that
/// it grows with what arrives, whoever sends.
const PROVEN_MAX: usize = 2 << 20;

/// Received bytes that begin with a frame.
pub(super) struct Inbox {
    memory: Rc<RequestMemory>,
    held: Held,
    /// Bytes of the longest frame that this client has sent in full, up to [`PROVEN_MAX`].
    proven: usize,
    /// What is still to come of a frame is received straight into its memory when it is at least so much,
    /// in bytes.
    direct_bytes: usize,
}

/// The bytes. Memory that a frame was taken from is not written any more.
enum Held {
    Nothing,
    Growing(Buf),
    Left(Slice),
}

impl Inbox {
    pub(super) fn new(memory: Rc<RequestMemory>, direct_bytes: usize) -> Self {
        Self { memory, held: Held::Nothing, proven: 0, direct_bytes }
    }

    /// All that is there.
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.held {
            Held::Nothing => &[],
            Held::Growing(buf) => buf,
            Held::Left(left) => left,
        }
    }

    /// The memory that a frame of `total` bytes may have of which `received` are there: twice what has
    /// arrived, or what this client has sent in full before.
    pub(super) fn room(&self, received: usize, total: usize) -> usize {
        frame::buffer_bytes(received, total).max(total.min(self.proven))
    }

    /// Makes room for `bytes` in all, for which there is a lease.
    pub(super) fn make_room(&mut self, bytes: usize) {
        let fits = matches!(&self.held, Held::Growing(buf) if buf.capacity() >= bytes);
        if !fits {
            self.move_to(bytes);
        }
    }

    /// Whether this client has sent a frame that is worth receiving without a copy.
    pub(super) fn expects_large(&self) -> bool {
        self.proven >= self.direct_bytes
    }

    /// Whether the rest of a frame of `total` bytes is to be received straight into its memory.
    pub(super) fn is_direct(&self, total: usize) -> bool {
        matches!(&self.held, Held::Growing(buf)
            if buf.capacity() >= total && buf.len() + self.direct_bytes <= total)
    }

    /// Gives up the memory of a frame of `total` bytes, to be received into; [`Inbox::take_back`] has it
    /// again.
    pub(super) fn lend(&mut self, total: usize) -> Option<Buf> {
        if !self.is_direct(total) {
            return None;
        }
        match std::mem::replace(&mut self.held, Held::Nothing) {
            Held::Growing(buf) => Some(buf),
            held => {
                self.held = held;
                None
            }
        }
    }

    /// Takes back what was lent.
    pub(super) fn take_back(&mut self, buf: Buf) {
        self.held = Held::Growing(buf);
    }

    /// Takes in what comes next.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let fits = matches!(&self.held, Held::Growing(buf) if buf.spare() >= bytes.len());
        if !fits {
            self.move_to(self.bytes().len() + bytes.len());
        }
        if let Held::Growing(buf) = &mut self.held {
            buf.extend_from_slice(bytes);
        }
    }

    /// Takes the first `total` bytes, which are there.
    pub(super) fn take(&mut self, total: usize) -> Slice {
        let all = match std::mem::replace(&mut self.held, Held::Nothing) {
            Held::Nothing => Slice::empty(),
            Held::Growing(buf) => buf.freeze(),
            Held::Left(left) => left,
        };
        self.proven = self.proven.max(total).min(PROVEN_MAX);
        if all.len() > total {
            self.held = Held::Left(all.slice(total..));
            // What comes behind a large frame must not keep that one's memory.
            if all.len() - total < total {
                self.settle();
            }
        }
        all.slice(..total)
    }

    /// All that is there, for another shard.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes().to_vec()
    }

    /// Lets go of the memory of frames that were taken.
    pub(super) fn settle(&mut self) {
        if let Held::Left(left) = &self.held {
            self.move_to(left.len());
        }
    }

    fn move_to(&mut self, room: usize) {
        let mut buf = self.memory.alloc(room);
        buf.extend_from_slice(self.bytes());
        self.held = Held::Growing(buf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox() -> Inbox {
        Inbox::new(Rc::new(RequestMemory::new(1 << 20)), 1 << 20)
    }

    #[test]
    fn frames_are_parts_of_what_was_received() {
        let mut inbox = inbox();
        let bytes: Vec<u8> = (0..200).collect();
        inbox.push(&bytes[..150]);
        let first = inbox.take(100);
        assert_eq!((&first[..], inbox.bytes()), (&bytes[..100], &bytes[100..150]));
        inbox.settle();
        inbox.push(&bytes[150..]);
        assert_eq!(&first[..], &bytes[..100], "what was taken stays as it was");
        assert_eq!(inbox.take(100)[..], bytes[100..]);
        assert!(inbox.bytes().is_empty());
    }

    #[test]
    fn many_small_frames_are_taken_without_copying_the_rest() {
        let mut inbox = inbox();
        let bytes: Vec<u8> = (0..=255).cycle().take(4000).collect();
        inbox.push(&bytes);
        let first = inbox.take(10);
        for n in 1..400 {
            let next = inbox.take(10);
            assert_eq!(next[..], bytes[n * 10..][..10]);
            assert_eq!(next.as_ptr() as usize, first.as_ptr() as usize + n * 10);
        }
    }

    #[test]
    fn what_comes_behind_a_large_frame_does_not_keep_its_memory() {
        let mut inbox = inbox();
        inbox.push(&[1; 100_000]);
        inbox.push(&[2; 300]);
        drop(inbox.take(100_000));
        assert_eq!(inbox.memory.held(), 4096);
        assert_eq!(inbox.take(100)[..], [2; 100]);
        assert_eq!(inbox.bytes(), [2; 200]);
    }

    #[test]
    fn memory_grows_with_what_arrives_until_a_client_has_shown_that_it_sends() {
        const TOTAL: usize = 1 << 20;
        let mut inbox = inbox();
        assert_eq!(inbox.room(4096, TOTAL), 8192);
        for _ in 0..TOTAL / 4096 {
            inbox.push(&[1; 4096]);
        }
        assert_eq!(inbox.take(TOTAL).len(), TOTAL);
        assert_eq!(inbox.room(4096, TOTAL), TOTAL);
        assert_eq!(inbox.room(4096, 4 * TOTAL), TOTAL);
        inbox.push(&vec![1; 4 * TOTAL]);
        inbox.take(4 * TOTAL);
        assert_eq!(inbox.room(4096, 4 * TOTAL), PROVEN_MAX);
    }
}
