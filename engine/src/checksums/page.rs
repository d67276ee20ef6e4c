//! A page of a `.chunks` file: whole on the device or recognisably not.
//!
//! | at | bytes | what (little-endian) |
//! |---|---|---|
//! | 0 | 8 | `RLogChnk` |
//! | 8 | 2 | version, 1 |
//! | 10 | 2 | entries |
//! | 12 | 4 | number of the page in the file |
//! | 16 | 8 | log id |
//! | 24 | 8 | first offset of the segment |
//! | 32 | 4 | bytes of a chunk |
//! | 36 | 4 | bytes that the last entry covers |
//! | 40 | 4 | CRC32C of the page, in which these four bytes are zero |
//! | 44 | 4 | zero |
//! | 48 | 4 each | entries, a zero for a chunk that is not verified; then zeros |

use super::{CHUNK_BYTES, ChunkOwner};
use crate::crc32c;

/// Bytes of a page: the device's block.
pub const PAGE_BYTES: usize = 4096;
/// Entries of a full page.
pub const ENTRIES_PER_PAGE: usize = (PAGE_BYTES - HEADER_BYTES) / ENTRY_BYTES;

const HEADER_BYTES: usize = 48;
const ENTRY_BYTES: usize = 4;
const MAGIC: [u8; 8] = *b"RLogChnk";
const VERSION: u16 = 1;
const CRC_AT: usize = 40;

/// Why a page tells nothing. The chunks it should cover are unverified, not wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// Zeros: it was never written.
    #[error("it was never written")]
    Blank,
    /// Not a page of a `.chunks` file.
    #[error("it is not a page of checksums")]
    Foreign,
    /// A version this program does not know.
    #[error("its version is {found}; this program knows {VERSION}")]
    Version {
        /// Its version.
        found: u16,
    },
    /// Torn or damaged.
    #[error("it carries checksum {stored:08x}, its bytes have {computed:08x}")]
    Checksum {
        /// In the page.
        stored: u32,
        /// Of its bytes.
        computed: u32,
    },
    /// A whole page of something else: it was written to the wrong place.
    #[error(
        "it is page {page} of log {log_id}, segment {base_offset}, and was written to the wrong place"
    )]
    Misplaced {
        /// Number in the page.
        page: u32,
        /// Log id in the page.
        log_id: u64,
        /// Base offset in the page.
        base_offset: i64,
    },
    /// The device does not give it.
    #[error("it cannot be read: {why}")]
    Unreadable {
        /// What the device says.
        why: String,
    },
    /// Numbers that cannot be, with a checksum that is right.
    #[error("{what}")]
    Content {
        /// Which.
        what: &'static str,
    },
}

/// Writes a page of at most [`ENTRIES_PER_PAGE`] entries.
pub(super) fn encode(owner: ChunkOwner, page: u32, entries: &[u32], last_bytes: u32) -> Vec<u8> {
    debug_assert!(entries.len() <= ENTRIES_PER_PAGE, "a page has room for its entries");
    let mut out = Vec::with_capacity(PAGE_BYTES);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    out.extend_from_slice(&page.to_le_bytes());
    out.extend_from_slice(&owner.log_id.to_le_bytes());
    out.extend_from_slice(&owner.base_offset.to_le_bytes());
    out.extend_from_slice(&(CHUNK_BYTES as u32).to_le_bytes());
    out.extend_from_slice(&last_bytes.to_le_bytes());
    out.extend_from_slice(&[0; HEADER_BYTES - CRC_AT]);
    for entry in entries {
        out.extend_from_slice(&entry.to_le_bytes());
    }
    out.resize(PAGE_BYTES, 0);
    let crc = crc32c::checksum(&out);
    out[CRC_AT..CRC_AT + 4].copy_from_slice(&crc.to_le_bytes());
    out
}

/// Entries of a page and the bytes that the last one covers.
pub(super) fn decode(
    owner: ChunkOwner,
    page: u32,
    bytes: &[u8; PAGE_BYTES],
) -> Result<(Vec<u32>, u32), PageError> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(PageError::Blank);
    }
    if bytes[..8] != MAGIC {
        return Err(PageError::Foreign);
    }
    let stored = u32::from_le_bytes(field(bytes, CRC_AT));
    let computed =
        [&bytes[..CRC_AT], &[0; 4], &bytes[CRC_AT + 4..]].into_iter().fold(0, crc32c::append);
    if stored != computed {
        return Err(PageError::Checksum { stored, computed });
    }
    let found = u16::from_le_bytes(field(bytes, 8));
    if found != VERSION {
        return Err(PageError::Version { found });
    }
    let number = u32::from_le_bytes(field(bytes, 12));
    let (log_id, base_offset) =
        (u64::from_le_bytes(field(bytes, 16)), i64::from_le_bytes(field(bytes, 24)));
    if (number, log_id, base_offset) != (page, owner.log_id, owner.base_offset) {
        return Err(PageError::Misplaced { page: number, log_id, base_offset });
    }
    let count = usize::from(u16::from_le_bytes(field(bytes, 10)));
    let last_bytes = u32::from_le_bytes(field(bytes, 36));
    if u32::from_le_bytes(field(bytes, 32)) as usize != CHUNK_BYTES {
        return Err(PageError::Content { what: "its chunks have another length" });
    }
    if count > ENTRIES_PER_PAGE {
        return Err(PageError::Content { what: "it has more entries than it has room for" });
    }
    if last_bytes as usize > CHUNK_BYTES || (last_bytes == 0) != (count == 0) {
        return Err(PageError::Content { what: "its last chunk has an impossible length" });
    }
    let (entries, _) = bytes[HEADER_BYTES..].as_chunks::<ENTRY_BYTES>();
    let entries = entries.iter().take(count).map(|entry| u32::from_le_bytes(*entry)).collect();
    Ok((entries, last_bytes))
}

/// Log id of a page, if it is whole.
pub(super) fn peek_log_id(bytes: &[u8; PAGE_BYTES]) -> Option<u64> {
    let log_id = u64::from_le_bytes(field(bytes, 16));
    let base_offset = i64::from_le_bytes(field(bytes, 24));
    let page = u32::from_le_bytes(field(bytes, 12));
    decode(ChunkOwner { log_id, base_offset }, page, bytes).ok().map(|_| log_id)
}

/// `at` is one of the constants above, within the header.
fn field<const N: usize>(page: &[u8; PAGE_BYTES], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&page[at..at + N]);
    out
}
