//! A buddy allocator over block numbers; it never touches the memory itself.

use std::collections::BTreeSet;

/// Hands out runs of `2^order` blocks out of `1 << top` blocks, lowest address first.
///
/// Lowest first keeps the hot part of the region small, and makes allocation a function of the
/// calls made, which the simulation needs.
pub(super) struct Buddy {
    free: Vec<BTreeSet<u32>>,
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
        Self { free }
    }

    /// The first block of a free run of `2^order` blocks, or nothing when there is none.
    pub(super) fn take(&mut self, order: u32) -> Option<u32> {
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

    /// Gives a run back and joins it with its free neighbours.
    pub(super) fn give(&mut self, mut at: u32, order: u32) {
        let mut order = order as usize;
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
