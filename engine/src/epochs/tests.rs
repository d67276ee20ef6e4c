//! Behaviour that replication depends on.

use proptest::prelude::*;

use super::*;

fn epochs(starts: &[(i32, i64)]) -> LeaderEpochs {
    let mut epochs = LeaderEpochs::new();
    for (epoch, offset) in starts {
        epochs.assign(*epoch, *offset);
    }
    epochs
}

fn starts(epochs: &LeaderEpochs) -> Vec<(i32, i64)> {
    epochs.iter().map(|each| (each.epoch, each.start_offset)).collect()
}

#[test]
fn an_epoch_is_noted_once() {
    let mut epochs = epochs(&[(2, 6)]);
    assert!(!epochs.assign(2, 10));
    assert!(!epochs.assign(-1, 10));
    assert!(epochs.assign(3, 10));
    assert_eq!(starts(&epochs), [(2, 6), (3, 10)]);
}

#[test]
fn what_contradicts_a_new_entry_goes() {
    assert_eq!(starts(&epochs(&[(1, 5), (2, 10), (3, 20), (2, 15)])), [(1, 5), (2, 15)]);
    assert_eq!(starts(&epochs(&[(1, 5), (2, 10), (4, 5)])), [(4, 5)]);
    assert_eq!(starts(&epochs(&[(1, 5), (2, 10), (2, 7)])), [(1, 5), (2, 7)]);
}

#[test]
fn the_end_of_an_epoch_is_where_the_next_begins() {
    let epochs = epochs(&[(2, 6), (3, 10), (5, 20)]);
    assert_eq!(epochs.end_offset_for(5, 33), Some((5, 33)));
    assert_eq!(epochs.end_offset_for(4, 33), Some((3, 20)));
    assert_eq!(epochs.end_offset_for(3, 33), Some((3, 20)));
    assert_eq!(epochs.end_offset_for(2, 33), Some((2, 10)));
    assert_eq!(epochs.end_offset_for(1, 33), Some((1, 6)));
    assert_eq!(epochs.end_offset_for(6, 33), None);
    assert_eq!(epochs.end_offset_for(NO_EPOCH, 33), None);
    assert_eq!(LeaderEpochs::new().end_offset_for(0, 33), None);
}

#[test]
fn an_offset_has_the_epoch_that_began_before_it() {
    let epochs = epochs(&[(2, 6), (3, 10)]);
    let found: Vec<_> = [5, 6, 9, 10, 99].map(|offset| epochs.epoch_at(offset)).into();
    assert_eq!(found, [None, Some(2), Some(2), Some(3), Some(3)]);
}

#[test]
fn cutting_the_end_drops_epochs_that_began_there() {
    let mut cut = epochs(&[(2, 6), (3, 8), (4, 11)]);
    assert!(!cut.truncate_from_end(12));
    assert!(cut.truncate_from_end(8));
    assert_eq!(starts(&cut), [(2, 6)]);
}

#[test]
fn cutting_the_start_keeps_the_epoch_that_holds_it() {
    let mut cut = epochs(&[(2, 6), (3, 8), (4, 11)]);
    assert!(!cut.truncate_from_start(5));
    assert!(!cut.truncate_from_start(6));
    assert!(cut.truncate_from_start(9));
    assert_eq!(starts(&cut), [(3, 9), (4, 11)]);
    assert!(cut.truncate_from_start(11));
    assert_eq!(starts(&cut), [(4, 11)]);
    assert!(cut.truncate_from_start(70));
    assert_eq!(starts(&cut), [(4, 70)]);
}

#[test]
fn a_checkpoint_is_kafkas_text() {
    let epochs = epochs(&[(0, 0), (7, 1234)]);
    assert_eq!(epochs.to_checkpoint(), b"0\n2\n0 0\n7 1234\n");
    assert_eq!(LeaderEpochs::from_checkpoint(&epochs.to_checkpoint()), Ok(epochs));
}

proptest! {
    /// A log as a plain list of each record's epoch, against the entries.
    #[test]
    fn entries_say_what_the_log_holds(
        steps in proptest::collection::vec((0..4_u8, 0..40_usize, 0..3_i32), 1..40),
    ) {
        let (mut log, mut start): (Vec<i32>, usize) = (Vec::new(), 0);
        let (mut epochs, mut epoch) = (LeaderEpochs::new(), 0);
        for (kind, offset, bump) in steps {
            match kind {
                0 | 1 => {
                    epoch += bump;
                    epochs.assign(epoch, log.len() as i64);
                    log.extend([epoch; 3]);
                }
                2 => {
                    let end = offset.clamp(start, log.len());
                    epochs.truncate_from_end(end as i64);
                    log.truncate(end);
                    // The leader's next epoch is a new one.
                    epoch += 1;
                }
                _ => {
                    start = offset.clamp(start, log.len());
                    epochs.truncate_from_start(start as i64);
                }
            }
            for (offset, epoch) in log.iter().enumerate().skip(start) {
                prop_assert_eq!(epochs.epoch_at(offset as i64), Some(*epoch));
            }
            let rise = |pair: &[EpochStart]| {
                pair[0].epoch < pair[1].epoch && pair[0].start_offset < pair[1].start_offset
            };
            prop_assert!(epochs.starts.windows(2).all(rise));
            prop_assert_eq!(
                LeaderEpochs::from_checkpoint(&epochs.to_checkpoint()),
                Ok(epochs.clone())
            );
        }
    }
}
