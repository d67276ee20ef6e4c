//! What a block of a journal file is, and what stands where a frame should: the decision table.

use super::frame::{Entry, FrameHeader};

/// What begins at a block of a journal file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// Only zeros: nothing was ever written here.
    Zeros,
    /// Not the start of a frame: the inside of an older one, or torn.
    Foreign,
    /// The start of a frame whose header or table is damaged.
    Damaged,
    /// A whole header of another incarnation or from before the floor: left over.
    Stale,
    /// A whole header of this journal.
    Frame {
        /// The header.
        header: FrameHeader,
        /// The table.
        table: Vec<Entry>,
        /// Entries, by index, whose bytes are not those that were written.
        bad: Vec<usize>,
    },
}

/// What to do about the frame with the next sequence number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// It is whole: replay it.
    Valid,
    /// It was durable, its table is whole and some of its bytes are not: replay what is whole,
    /// mark what is not as faulty.
    CorruptKnown,
    /// It was durable, and nobody knows what it held: refuse.
    CorruptUnknown,
    /// The journal ends before it; nothing was written there in this incarnation.
    EndZeros,
    /// The journal ends before it; what stands there is left over from an earlier use of the file.
    EndStale,
    /// The journal ends before it: it was being written when the process died, so neither it nor
    /// any later frame was acknowledged.
    TornTail,
}

/// The table. `found` is what stands where frame `sequence` should, `mark` the highest sequence
/// number that any whole header or the checkpoint says was durable.
pub fn classify(found: &Found, sequence: u64, mark: u64) -> Class {
    let durable = sequence <= mark;
    match found {
        Found::Frame { header, bad, .. } if header.sequence == sequence => {
            match (bad.is_empty(), durable) {
                (true, _) => Class::Valid,
                (false, true) => Class::CorruptKnown,
                (false, false) => Class::TornTail,
            }
        }
        _ if durable => Class::CorruptUnknown,
        Found::Zeros => Class::EndZeros,
        Found::Stale => Class::EndStale,
        // A later frame in its place cannot be: frames are laid down in order. Then it is damage of
        // which no mark tells, as torn as the rest.
        Found::Foreign | Found::Damaged | Found::Frame { .. } => Class::TornTail,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(sequence: u64, bad: Vec<usize>) -> Found {
        let header = FrameHeader {
            incarnation: [1; 16],
            sequence,
            mark: sequence - 1,
            journal: 0,
            entries: 0,
            body: 0,
        };
        Found::Frame { header, table: Vec::new(), bad }
    }

    #[test]
    fn whole_frame_is_valid_whether_it_was_acknowledged_or_not() {
        assert_eq!(classify(&frame(5, vec![]), 5, 4), Class::Valid);
        assert_eq!(classify(&frame(5, vec![]), 5, 9), Class::Valid);
    }

    #[test]
    fn bad_bytes_below_the_mark_are_corruption_with_known_extent() {
        assert_eq!(classify(&frame(5, vec![0]), 5, 5), Class::CorruptKnown);
    }

    #[test]
    fn bad_bytes_above_the_mark_are_a_torn_tail() {
        assert_eq!(classify(&frame(5, vec![0]), 5, 4), Class::TornTail);
    }

    #[test]
    fn zeros_end_the_journal_above_the_mark_only() {
        assert_eq!(classify(&Found::Zeros, 5, 4), Class::EndZeros);
        assert_eq!(classify(&Found::Zeros, 5, 5), Class::CorruptUnknown);
    }

    #[test]
    fn leftovers_end_the_journal_above_the_mark_only() {
        assert_eq!(classify(&Found::Stale, 5, 4), Class::EndStale);
        assert_eq!(classify(&Found::Stale, 5, 5), Class::CorruptUnknown);
    }

    #[test]
    fn damaged_headers_are_torn_above_the_mark_and_loss_below() {
        for found in [Found::Damaged, Found::Foreign, frame(6, vec![])] {
            assert_eq!(classify(&found, 5, 4), Class::TornTail);
            assert_eq!(classify(&found, 5, 5), Class::CorruptUnknown);
        }
    }
}
