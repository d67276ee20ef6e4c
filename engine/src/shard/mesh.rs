//! Queues between the shards of a node.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16};

use rtrb::{Consumer, Producer, RingBuffer};

use super::Seat;
use crate::io::{Io, ShardId};

/// Messages that may wait between two shards; then senders wait.
pub const QUEUE_DEPTH: usize = 1024;

/// What one shard has another do: it starts a task there.
pub(super) type Job<C> = Box<dyn FnOnce(&Seat<C>, Rc<C>) + Send>;

/// A message between shards; of fixed size.
pub(super) enum Message<C> {
    /// Work to be started.
    Job(Job<C>),
    /// The result of work, for the waiter with this ticket.
    Reply(Ticket, Box<dyn Any + Send>),
}

/// Names a waiter on the shard that asked: its place, and which of those that had this place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) index: usize,
    pub(super) number: u64,
}

/// What shards know of each other without asking.
pub(super) struct Signs {
    /// It may be waiting in its driver: mail wants a doorbell.
    pub(super) asleep: AtomicBool,
    /// It does no more work for others.
    pub(super) stopped: AtomicBool,
    /// How busy it was lately, in thousandths of the time.
    pub(super) load: AtomicU16,
}

/// The queues of a node, not yet handed out to its shards.
pub struct Mesh<C> {
    places: Vec<Place<C>>,
}

/// The ends of the queues that belong to one shard. May be sent to its thread.
pub struct Place<C> {
    pub(super) shard: ShardId,
    pub(super) out: Vec<Producer<Message<C>>>,
    pub(super) inward: Vec<Consumer<Message<C>>>,
    pub(super) signs: Arc<[Signs]>,
}

impl<C: 'static> Mesh<C> {
    /// Queues among `shards` shards.
    pub fn new(shards: u16) -> Self {
        // A shard that has not yet run counts as asleep: the doorbell costs little then.
        let sign = |_| Signs {
            asleep: AtomicBool::new(true),
            stopped: AtomicBool::new(false),
            load: AtomicU16::new(0),
        };
        let signs: Arc<[Signs]> = (0..shards).map(sign).collect();
        let mut places: Vec<Place<C>> = (0..shards)
            .map(|shard| Place {
                shard: ShardId(shard),
                out: Vec::new(),
                inward: Vec::new(),
                signs: signs.clone(),
            })
            .collect();
        for from in 0..usize::from(shards) {
            for to in 0..usize::from(shards) {
                let (producer, consumer) = RingBuffer::new(QUEUE_DEPTH);
                places[from].out.push(producer);
                places[to].inward.push(consumer);
            }
        }
        Self { places }
    }

    /// One place for each shard, in order.
    pub fn into_places(self) -> Vec<Place<C>> {
        self.places
    }
}

impl<C: 'static> Place<C> {
    /// The shard it belongs to.
    pub fn shard(&self) -> ShardId {
        self.shard
    }

    /// Seats the shard that `io` belongs to.
    pub fn seat(self, io: Io) -> Seat<C> {
        Seat::new(self, io)
    }
}
