//! CRC-32C (Castagnoli), the checksum of record batches and of all of our own formats, computed with
//! the widest instructions that the processor has.

use crc_fast::{CrcAlgorithm, Digest};

const CRC32C: CrcAlgorithm = CrcAlgorithm::Crc32Iscsi;

/// The checksum of `bytes`.
pub(crate) fn checksum(bytes: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(bytes)
}

/// The checksum of what `crc` is the checksum of, followed by `bytes`.
pub(crate) fn append(crc: u32, bytes: &[u8]) -> u32 {
    let mut digest = Digest::new_with_init_state(CRC32C, u64::from(!crc));
    digest.update(bytes);
    digest.finalize() as u32
}

/// The checksum of two pieces, the second of `length` bytes, from theirs.
pub(crate) fn combine(first: u32, second: u32, length: u64) -> u32 {
    crc_fast::checksum_combine(CRC32C, u64::from(first), u64::from(second), length) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3720, appendix B.4.
    #[test]
    fn it_is_the_checksum_of_iscsi() {
        let rising: Vec<u8> = (0..32).collect();
        let falling: Vec<u8> = (0..32).rev().collect();
        for (bytes, expected) in [
            (&[0; 32][..], 0x8a91_36aa),
            (&[0xff; 32], 0x62a8_ab43),
            (&rising, 0x46dd_794e),
            (&falling, 0x113f_db5c),
            (b"123456789", 0xe306_9283),
            (b"", 0),
        ] {
            assert_eq!(checksum(bytes), expected);
        }
    }

    #[test]
    fn pieces_have_the_checksum_of_the_whole() {
        let bytes: Vec<u8> = (0..9000u32).map(|n| (n * n / 32) as u8).collect();
        let whole = checksum(&bytes);
        for cut in [0, 1, 15, 16, 61, 255, 256, 4096, 8999, 9000] {
            let (first, second) = bytes.split_at(cut);
            assert_eq!(append(checksum(first), second), whole);
            let length = second.len() as u64;
            assert_eq!(combine(checksum(first), checksum(second), length), whole);
        }
    }
}
