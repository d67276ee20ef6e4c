//! A buddy allocator over block numbers; it never touches the memory itself.

use std::collections::BTreeSet;

/// Orders of which some free runs are kept aside, neither joined nor split.
const ASIDE_ORDERS: usize = 4;

/// Runs of each such order that are kept aside at most.
const ASIDE_MAX: usize = 32;

/// Hands out runs of `2^order` blocks out of `1 << top` blocks, lowest address first.
///
/// Lowest first keeps the hot part of the region small, and makes allocation a function of the
/// calls made, which the simulation needs. Small runs that were given back are the first to be taken
/// again: splitting and joining was a tenth of the instructions of a small request
/// (`bench/instructions`).
pub(super) struct Buddy {
    free: Vec<BTreeSet<u32>>,
    aside: [Vec<u32>; ASIDE_ORDERS],
}

impl Buddy {
    /// An allocator over `blocks` blocks; a count that is not a power of two is covered by
    /// several aligned runs.
    pub(super) fn new(blocks: u32) -> Self {
        let top = 32 - blocks.leading_zeros();
        let mut free = vec![BTreeSet::new(); top as usize + 1];
        let mut at = 0;
        while at < blocks {
            let aligned = if at == 0 { 31 } else { at.trailing_zeros() };
            let fits = 31 - (blocks - at).leading_zeros();
            let order = aligned.min(fits);
            free[order as usize].insert(at);
            at += 1 << order;
        }
        Self { free, aside: Default::default() }
    }

    /// The first block of a free run of `2^order` blocks, or nothing when there is none.
    pub(super) fn take(&mut self, order: u32) -> Option<u32> {
        if let Some(at) = self.aside.get_mut(order as usize).and_then(Vec::pop) {
            return Some(at);
        }
        self.split(order).or_else(|| {
            self.join_aside();
            self.split(order)
        })
    }

    fn split(&mut self, order: u32) -> Option<u32> {
        let mut found = order as usize;
        while self.free.get(found)?.is_empty() {
            found += 1;
        }
        let at = self.free[found].pop_first()?;
        while found > order as usize {
            found -= 1;
            self.free[found].insert(at + (1 << found));
        }
        Some(at)
    }

    /// Gives a run back.
    pub(super) fn give(&mut self, at: u32, order: u32) {
        match self.aside.get_mut(order as usize) {
            Some(aside) if aside.len() < ASIDE_MAX => {
                debug_assert!(!aside.contains(&at), "block {at} of order {order} given back twice");
                aside.push(at);
            }
            _ => self.join(at, order as usize),
        }
    }

    fn join_aside(&mut self) {
        for order in 0..ASIDE_ORDERS {
            for at in std::mem::take(&mut self.aside[order]) {
                self.join(at, order);
            }
        }
    }

    /// Joins a run with its free neighbours.
    fn join(&mut self, mut at: u32, mut order: usize) {
        while order + 1 < self.free.len() && self.free[order].remove(&(at ^ (1 << order))) {
            at &= !(1 << order);
            order += 1;
        }
        let fresh = self.free[order].insert(at);
        assert!(fresh, "block {at} of order {order} given back twice");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_given_back_is_one_run_again() {
        let mut buddy = Buddy::new(16);
        let taken: Vec<u32> = (0..16).map(|_| buddy.take(0).unwrap()).collect();
        assert_eq!(taken, (0..16).collect::<Vec<_>>());
        assert_eq!(buddy.take(0), None);
        for at in taken {
            buddy.give(at, 0);
        }
        assert_eq!(buddy.take(4), Some(0));
    }

    #[test]
    fn odd_sizes_are_covered() {
        let mut buddy = Buddy::new(7);
        assert_eq!(buddy.take(2), Some(0));
        assert_eq!(buddy.take(1), Some(4));
        assert_eq!(buddy.take(0), Some(6));
        assert_eq!(buddy.take(0), None);
    }
}
