//! What has to be noticed.

use proptest::prelude::*;

use super::*;

const OWNER: ChunkOwner = ChunkOwner { log_id: 7, base_offset: 1000 };
const CHUNK: usize = CHUNK_BYTES;

fn segment(bytes: usize) -> Vec<u8> {
    (0..bytes as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

fn sums_of(bytes: &[u8]) -> ChunkSums {
    let mut sums = ChunkSums::new(OWNER);
    sums.push(bytes);
    sums
}

#[test]
fn what_was_written_is_verified() {
    let log = segment(3 * CHUNK + 100);
    let sums = sums_of(&log);
    assert_eq!(sums.len(), 4);
    assert_eq!(sums.verify(0, &log), Ok(log.len()));
    assert_eq!(sums.verify(2 * CHUNK as u64, &log[2 * CHUNK..]), Ok(CHUNK + 100));
    // Of a part of a chunk nothing can be said.
    assert_eq!(sums.verify(10, &log[10..3 * CHUNK + 50]), Ok(2 * CHUNK));
    assert_eq!(sums.verify(4 * CHUNK as u64, &[1, 2, 3]), Ok(0));
}

#[test]
fn bytes_behind_what_is_covered_are_passed_over() {
    let mut log = segment(CHUNK + 100);
    let sums = sums_of(&log);
    log.resize(2 * CHUNK, 0xee);
    assert_eq!(sums.verify(0, &log), Ok(CHUNK + 100));
}

#[test]
fn every_place_of_a_flipped_bit_is_noticed() {
    let log = segment(2 * CHUNK + 50);
    let sums = sums_of(&log);
    for at in [0, 17, CHUNK - 1, CHUNK, 2 * CHUNK, 2 * CHUNK + 49] {
        let mut bad = log.clone();
        bad[at] ^= 4;
        let found = sums.verify(0, &bad).unwrap_err();
        assert_eq!(found.chunk as usize, at / CHUNK, "byte {at}");
    }
}

#[test]
fn zeros_and_other_chunks_bytes_are_noticed() {
    // The log itself is zeros, so that only identity tells the chunks apart.
    let log = vec![0; 3 * CHUNK];
    let sums = sums_of(&log);
    assert_ne!(sums.owner().checksum(0, &log[..CHUNK]), sums.owner().checksum(1, &log[..CHUNK]));
    let other = ChunkOwner { base_offset: 1001, ..OWNER };
    assert_ne!(OWNER.checksum(0, &log), other.checksum(0, &log));
    let other = ChunkOwner { log_id: 8, ..OWNER };
    assert_ne!(OWNER.checksum(0, &log), other.checksum(0, &log));
}

#[test]
fn a_page_of_another_segment_or_place_is_told_from_a_damaged_one() {
    let sums = sums_of(&segment(10));
    let file = sums.encode();
    let other = ChunkOwner { log_id: 8, ..OWNER };
    let misplaced = PageError::Misplaced { page: 0, log_id: 7, base_offset: 1000 };
    assert_eq!(ChunkSums::decode(other, &file).faults, [(0, misplaced.clone())]);
    let twice = [&file[..], &file].concat();
    assert_eq!(ChunkSums::decode(OWNER, &twice).faults, [(1, misplaced)]);
    let blank = [&file[..], &[0; PAGE_BYTES]].concat();
    assert_eq!(ChunkSums::decode(OWNER, &blank).faults, [(1, PageError::Blank)]);
    let faults = ChunkSums::decode(OWNER, &[9; PAGE_BYTES]).faults;
    assert_eq!(faults, [(0, PageError::Foreign)]);
    let mut bad = file;
    bad[PAGE_BYTES - 1] ^= 1;
    let faults = ChunkSums::decode(OWNER, &bad).faults;
    assert!(matches!(faults[..], [(0, PageError::Checksum { .. })]));
}

#[test]
fn chunks_of_a_damaged_page_are_unverified_and_the_others_are_not() {
    // More than a page of chunks, without computing over 64 MiB of them.
    let mut sums = ChunkSums::new(OWNER);
    let chunk = vec![3; CHUNK];
    for _ in 0..ENTRIES_PER_PAGE + 2 {
        sums.push(&chunk);
    }
    let mut file = sums.encode();
    file[100] ^= 1;
    let loaded = ChunkSums::decode(OWNER, &file);
    assert_eq!(loaded.faults.len(), 1);
    assert_eq!(loaded.sums.covered_bytes(), sums.covered_bytes());
    assert!(!loaded.sums.is_known(0) && loaded.sums.is_known(ENTRIES_PER_PAGE as u32));
    let wrong = vec![4; CHUNK];
    assert_eq!(loaded.sums.verify(0, &wrong), Ok(0));
    let behind = ENTRIES_PER_PAGE as u64 * CHUNK as u64;
    assert_eq!(loaded.sums.verify(behind, &chunk), Ok(CHUNK));
    assert!(loaded.sums.verify(behind, &wrong).is_err());
    assert_eq!(loaded.sums.page(0), None);
    assert_eq!(loaded.sums.first_changed_page(), 0);
}

#[test]
fn a_page_that_was_not_rewritten_leaves_chunks_unverified_and_accuses_none() {
    let mut log = segment(2 * CHUNK + 5);
    let old_page = sums_of(&log).encode();
    log.resize((ENTRIES_PER_PAGE + 1) * CHUNK, 6);
    let mut file = sums_of(&log).encode();
    file[..PAGE_BYTES].copy_from_slice(&old_page);
    let loaded = ChunkSums::decode(OWNER, &file);
    assert!(loaded.sums.is_known(1) && !loaded.sums.is_known(2) && !loaded.sums.is_known(3));
    assert_eq!(loaded.sums.verify(0, &log), Ok(3 * CHUNK));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn pieces_cuts_and_files_come_to_the_same(
        pieces in proptest::collection::vec(1..2 * CHUNK, 1..6),
        cut: prop::sample::Index,
    ) {
        let log = segment(pieces.iter().sum());
        let mut sums = ChunkSums::new(OWNER);
        let mut rest = &log[..];
        for piece in pieces {
            let (now, later) = rest.split_at(piece);
            sums.push(now);
            rest = later;
        }
        prop_assert_eq!(&sums, &sums_of(&log));
        let loaded = ChunkSums::decode(OWNER, &sums.encode());
        prop_assert_eq!(loaded.faults, []);
        let mut loaded = loaded.sums;
        prop_assert_eq!(loaded.verify(0, &log), Ok(log.len()));
        prop_assert_eq!(loaded.first_changed_page(), loaded.page_count());
        // Written, cut, and written on.
        let keep = cut.index(log.len());
        let from = loaded.truncate_to(keep as u64) as usize;
        prop_assert!(from <= keep && keep - from < CHUNK);
        loaded.push(&log[from..keep]);
        prop_assert_eq!(loaded.verify(0, &log[..keep]), Ok(keep));
        prop_assert_eq!(loaded.encode(), sums_of(&log[..keep]).encode());
    }

    #[test]
    fn any_file_is_read(mut file in proptest::collection::vec(any::<u8>(), 0..6000), good: bool) {
        if good {
            let page = sums_of(&segment(10)).encode();
            file.splice(..file.len().min(40), page[..40].iter().copied());
        }
        let loaded = ChunkSums::decode(OWNER, &file);
        let _ = loaded.sums.verify(0, &file);
    }
}
