//! When a shard may sleep, how long it looks for work before, and what the others learn of that.

/// The other shards of a node, as the loop of one of them sees them.
pub trait Neighbours {
    /// Whether they have sent something.
    fn has_mail(&self) -> bool;

    /// Asked right before the shard sleeps: one with mail must not. From here on mail wakes it.
    fn may_sleep(&self) -> bool;

    /// Called when a turn has ended.
    fn awake(&self);

    /// Told now and then how busy the shard is, in thousandths of the time.
    fn note_load(&self, permille: u16);
}

/// A shard without others.
impl Neighbours for () {
    fn has_mail(&self) -> bool {
        false
    }

    fn may_sleep(&self) -> bool {
        true
    }

    fn awake(&self) {}

    fn note_load(&self, _permille: u16) {}
}

/// Where looking begins, in ns.
const FIRST_NANOS: u64 = 10_000;

/// How long to look for work before sleeping: as long as sleeps have been short lately, and not at all
/// when they are long. That is how KVM polls before it halts a virtual processor
/// (Documentation/virt/kvm/halt-polling.rst in the kernel's sources).
///
/// To sleep and to be woken takes as long as a small request on a physical machine and several times
/// that on a virtual one, but whoever looks takes the core from nobody only if nobody else is there.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    max: u64,
    now: u64,
}

impl Patience {
    /// Looks for up to `max_nanos`; never when that is 0.
    pub fn new(max_nanos: u64) -> Self {
        Self { max: max_nanos, now: 0 }
    }

    /// How long to look now, in ns.
    pub(super) fn nanos(&self) -> u64 {
        self.now
    }

    /// The shard has found nothing, and has slept so long.
    pub(super) fn slept(&mut self, nanos: u64) {
        let enough = self.now.saturating_add(nanos);
        self.now = match enough > self.max {
            true => self.now / 2 / FIRST_NANOS * FIRST_NANOS,
            false => (self.now * 2).max(FIRST_NANOS).min(self.max),
        };
    }
}

/// Time over which the load is told, in ns.
const WINDOW_NANOS: u64 = 100_000_000;

/// Turns without sleep after which the clock is looked at.
const TURNS: u32 = 256;

/// How busy a shard is: the part of the last tenth of a second in which it did not sleep.
pub(super) struct Load {
    since: u64,
    slept: u64,
    turns: u32,
}

impl Load {
    pub(super) fn new(now: u64) -> Self {
        Self { since: now, slept: 0, turns: 0 }
    }

    /// The shard has slept so long, in ns.
    pub(super) fn slept(&mut self, nanos: u64) {
        self.slept += nanos;
    }

    /// Called for each turn without sleep: whether the clock is to be looked at.
    pub(super) fn is_due(&mut self) -> bool {
        self.turns = (self.turns + 1) % TURNS;
        self.turns == 0
    }

    /// Tells the load, if the time has come.
    pub(super) fn tell(&mut self, now: u64, neighbours: &impl Neighbours) {
        let time = now.saturating_sub(self.since);
        if time < WINDOW_NANOS {
            return;
        }
        let busy = time.saturating_sub(self.slept);
        neighbours.note_load((busy * 1000 / time) as u16);
        (self.since, self.slept) = (now, 0);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn patience_grows_while_sleeps_are_short_and_ends_when_they_are_long() {
        let mut patience = Patience::new(100_000);
        let mut after = |slept: u64| {
            patience.slept(slept);
            patience.nanos()
        };
        assert_eq!([after(5_000), after(5_000), after(5_000)], [10_000, 20_000, 40_000]);
        assert_eq!([after(30_000), after(10_000)], [80_000, 100_000]);
        assert_eq!([after(9_000_000), after(9_000_000)], [50_000, 20_000]);
        assert_eq!([after(9_000_000), after(9_000_000), after(9_000_000)], [10_000, 0, 0]);
    }

    #[test]
    fn no_patience_is_none() {
        let mut patience = Patience::new(0);
        patience.slept(0);
        patience.slept(5_000);
        assert_eq!(patience.nanos(), 0);
    }

    struct Told(Cell<u16>);

    impl Neighbours for Told {
        fn has_mail(&self) -> bool {
            false
        }

        fn may_sleep(&self) -> bool {
            true
        }

        fn awake(&self) {}

        fn note_load(&self, permille: u16) {
            self.0.set(permille);
        }
    }

    #[test]
    fn the_load_is_that_of_the_last_window() {
        let (mut load, told) = (Load::new(0), Told(Cell::new(7)));
        load.slept(75_000_000);
        load.tell(WINDOW_NANOS - 1, &told);
        assert_eq!(told.0.get(), 7, "not yet");
        load.tell(WINDOW_NANOS, &told);
        assert_eq!(told.0.get(), 250);
        load.tell(3 * WINDOW_NANOS, &told);
        assert_eq!(told.0.get(), 1000);
    }
}
