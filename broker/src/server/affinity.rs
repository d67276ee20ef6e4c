//! Which shard a connection belongs to: the one that has what it produces to, if that is one.
//!
//! A connection is accepted by any shard. Each request for partitions of another one goes there and comes
//! back, which wakes a sleeping core twice. A connection whose requests all go to one other shard is
//! therefore moved there, unless that shard is busy: then two cores do more than one.

use std::cell::Cell;

use ringlog_engine::io::ShardId;
use ringlog_engine::shard::Seat;

/// A shard that is busy for less than so many thousandths of the time takes connections from one that is
/// less busy still.
const BUSY_PERMILLE: u16 = 500;

/// Moves of a connection after which it stays where it is. Before, each takes twice as many requests as
/// the one before.
const MOVES_MAX: u32 = 8;

/// Where the requests of a connection go.
pub struct Affinity {
    here: ShardId,
    other: Cell<ShardId>,
    /// Requests in a row for that shard alone.
    streak: Cell<u32>,
    /// So many move the connection; never when it is 0.
    needed: Cell<u32>,
}

impl Affinity {
    /// Of a connection of shard `here` that was moved `moves` times already; `after` requests in a row
    /// for one other shard move it for the first time, none when that is 0.
    pub(super) fn new(here: ShardId, after: u32, moves: u32) -> Self {
        let needed = if moves < MOVES_MAX { after.saturating_mul(1 << moves) } else { 0 };
        Self { here, other: Cell::new(here), streak: Cell::new(0), needed: Cell::new(needed) }
    }

    /// A request goes to these shards.
    pub fn note<'a>(&self, shards: impl IntoIterator<Item = &'a ShardId>) {
        let mut shards = shards.into_iter();
        let only = match (shards.next(), shards.next()) {
            (Some(one), None) if *one != self.here => *one,
            _ => return self.streak.set(0),
        };
        let before = if self.other.replace(only) == only { self.streak.get() } else { 0 };
        self.streak.set(before.saturating_add(1));
    }

    /// The shard has something that belongs to the connection: it stays.
    pub fn stay(&self) {
        self.needed.set(0);
    }

    /// The shard that the connection is to be moved to.
    pub(super) fn elsewhere<C: 'static>(&self, seat: &Seat<C>) -> Option<ShardId> {
        let (needed, other) = (self.needed.get(), self.other.get());
        if needed == 0 || self.streak.get() < needed {
            return None;
        }
        let has_room = seat.load(other) <= seat.load(self.here).max(BUSY_PERMILLE);
        has_room.then_some(other)
    }
}
