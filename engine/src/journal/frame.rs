//! The format of a journal frame; docs/formats.md draws it byte by byte.
//!
//! A frame is a header, a table of entries, and the entries' bytes, padded with zeros to whole
//! blocks of 4096 bytes. It is written once. The header's checksum covers the table, and each row
//! of the table the bytes of its entry, so that damage is known exactly: as long as header and
//! table are whole, it is clear which bytes of which log are lost.

use crate::arena::BLOCK_BYTES;
use crate::crc32c;
use crate::log::LogId;

/// First bytes of each frame.
pub const MAGIC: [u8; 8] = *b"RLogJrnl";

/// Version of the format.
pub const VERSION: u16 = 1;

/// Bytes before the table.
pub const HEADER_BYTES: usize = 64;

/// Bytes of one row of the table.
pub const ENTRY_BYTES: usize = 64;

/// Entries of one frame at most; bounds what a damaged header can make recovery allocate.
pub const ENTRIES_MAX: usize = 4096;

/// What an entry says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Whole record batches, which extend the log.
    Append,
    /// A piece of an append that is too long for one frame; the log is longer only when the entry
    /// of kind [`Kind::Append`] with its last piece is there.
    Part,
    /// Bytes of the log's partial last block, which were written before but are covered by the
    /// journal from here on.
    Tail,
    /// The log ends at `base_offset` and `position` from here on.
    Truncate,
    /// The log starts at `base_offset` from here on.
    LogStart,
    /// A log is created: the entry's bytes are its name, topic id and partition.
    Create,
    /// A log is deleted.
    Delete,
    /// A piece of a large append whose bytes are in the segment already, durable: the entry says how
    /// many, with their checksums and the headers of the append's batches. Counts as [`Kind::Part`] does.
    DirectMark,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Append,
        Self::Part,
        Self::Tail,
        Self::Truncate,
        Self::LogStart,
        Self::Create,
        Self::Delete,
        Self::DirectMark,
    ];

    fn id(self) -> u8 {
        match self {
            Self::Append => 1,
            Self::Part => 2,
            Self::Tail => 3,
            Self::Truncate => 4,
            Self::LogStart => 5,
            Self::Create => 6,
            Self::Delete => 7,
            Self::DirectMark => 8,
        }
    }

    fn from_id(id: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }
}

/// A row of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The log.
    pub log: LogId,
    /// What the entry says.
    pub kind: Kind,
    /// Leader epoch of the append.
    pub leader_epoch: i32,
    /// Base offset of the segment.
    pub segment: i64,
    /// Position of the bytes in the segment.
    pub position: u64,
    /// First offset, or the offset the kind speaks of.
    pub base_offset: i64,
    /// Last offset; below `base_offset` when the entry brings no records.
    pub last_offset: i64,
    /// Bytes of the entry.
    pub length: u32,
    /// CRC-32C of them.
    pub crc: u32,
    /// How often the log was cut before; of a [`Kind::Truncate`], this one included.
    pub cuts: u32,
}

/// A frame's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrameHeader {
    /// Random, drawn each time a journal is started: frames of another one are leftovers.
    pub incarnation: [u8; 16],
    /// Counts frames from one.
    pub sequence: u64,
    /// Every frame up to here was durable when this one was made.
    pub mark: u64,
    /// Number of the journal.
    pub journal: u16,
    /// Rows of the table.
    pub entries: u32,
    /// Bytes of all entries.
    pub body: u32,
}

/// Bytes of a frame on disk, padding included.
pub fn frame_bytes(entries: usize, body: usize) -> usize {
    (HEADER_BYTES + entries * ENTRY_BYTES + body).next_multiple_of(BLOCK_BYTES)
}

impl FrameHeader {
    /// Bytes before the body.
    pub fn head_bytes(&self) -> usize {
        HEADER_BYTES + self.entries as usize * ENTRY_BYTES
    }

    /// Bytes on disk.
    pub fn frame_bytes(&self) -> usize {
        frame_bytes(self.entries as usize, self.body as usize)
    }

    /// Writes header and table.
    ///
    /// # Panics
    /// When the table does not have `self.entries` rows, or their lengths do not add up.
    pub fn encode(&self, table: &[Entry], out: &mut Vec<u8>) {
        assert_eq!(table.len(), self.entries as usize);
        assert!(table.len() <= ENTRIES_MAX);
        let body: u64 = table.iter().map(|entry| u64::from(entry.length)).sum();
        assert_eq!(body, u64::from(self.body));
        let start = out.len();
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.journal.to_le_bytes());
        out.extend_from_slice(&self.entries.to_le_bytes());
        out.extend_from_slice(&self.incarnation);
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&self.mark.to_le_bytes());
        out.extend_from_slice(&self.body.to_le_bytes());
        out.extend_from_slice(&[0; 8]);
        let crc_at = out.len();
        out.extend_from_slice(&[0; 4]);
        debug_assert_eq!(out.len() - start, HEADER_BYTES);
        for entry in table {
            entry.encode(out);
        }
        let crc = head_crc(&out[start..]);
        out[crc_at..crc_at + 4].copy_from_slice(&crc.to_le_bytes());
    }

    /// Reads a header without its table: enough to know how long the table is. Nothing when the
    /// bytes do not begin a frame of this version.
    pub fn peek(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes.first_chunk::<HEADER_BYTES>()?);
        if fields.take::<8>() != MAGIC || u16::from_le_bytes(fields.take()) != VERSION {
            return None;
        }
        let header = Self {
            journal: u16::from_le_bytes(fields.take()),
            entries: u32::from_le_bytes(fields.take()),
            incarnation: fields.take(),
            sequence: u64::from_le_bytes(fields.take()),
            mark: u64::from_le_bytes(fields.take()),
            body: u32::from_le_bytes(fields.take()),
        };
        (header.entries as usize <= ENTRIES_MAX).then_some(header)
    }

    /// Reads header and table. Nothing when they are not whole.
    pub fn decode(bytes: &[u8]) -> Option<(Self, Vec<Entry>)> {
        let header = Self::peek(bytes)?;
        let head = bytes.get(..header.head_bytes())?;
        let crc = u32::from_le_bytes(head[HEADER_BYTES - 4..].first_chunk().copied()?);
        if crc != head_crc(head) {
            return None;
        }
        let rows = head[HEADER_BYTES..].chunks_exact(ENTRY_BYTES);
        let table: Vec<Entry> = rows.map(Entry::decode).collect::<Option<_>>()?;
        let body: u64 = table.iter().map(|entry| u64::from(entry.length)).sum();
        (body == u64::from(header.body) && header.mark < header.sequence).then_some((header, table))
    }
}

impl Entry {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.log.0.to_le_bytes());
        out.extend_from_slice(&[self.kind.id(), 0, 0, 0]);
        out.extend_from_slice(&self.leader_epoch.to_le_bytes());
        out.extend_from_slice(&self.segment.to_le_bytes());
        out.extend_from_slice(&self.position.to_le_bytes());
        out.extend_from_slice(&self.base_offset.to_le_bytes());
        out.extend_from_slice(&self.last_offset.to_le_bytes());
        out.extend_from_slice(&self.length.to_le_bytes());
        out.extend_from_slice(&self.crc.to_le_bytes());
        out.extend_from_slice(&self.cuts.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        Some(Self {
            log: LogId(u64::from_le_bytes(fields.take())),
            kind: Kind::from_id(fields.take::<4>()[0])?,
            leader_epoch: i32::from_le_bytes(fields.take()),
            segment: i64::from_le_bytes(fields.take()),
            position: u64::from_le_bytes(fields.take()),
            base_offset: i64::from_le_bytes(fields.take()),
            last_offset: i64::from_le_bytes(fields.take()),
            length: u32::from_le_bytes(fields.take()),
            crc: u32::from_le_bytes(fields.take()),
            cuts: u32::from_le_bytes(fields.take()),
        })
    }
}

/// Checksum of header and table; the four bytes of the checksum itself are left out.
fn head_crc(head: &[u8]) -> u32 {
    let (before, after) = head.split_at(HEADER_BYTES);
    crc32c::append(crc32c::checksum(&before[..HEADER_BYTES - 4]), after)
}

/// Takes fields of known length off the front of bytes known to be long enough.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.0.split_at(N);
        self.0 = rest;
        let mut out = [0; N];
        out.copy_from_slice(field);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (FrameHeader, Vec<Entry>) {
        let entry = Entry {
            log: LogId(7),
            kind: Kind::Append,
            leader_epoch: 3,
            segment: 100,
            position: 4096,
            base_offset: 120,
            last_offset: 129,
            length: 5,
            crc: crc32c::checksum(b"bytes"),
            cuts: 3,
        };
        let table = vec![entry, Entry { kind: Kind::Delete, length: 0, crc: 0, ..entry }];
        let header = FrameHeader {
            incarnation: [9; 16],
            sequence: 12,
            mark: 10,
            journal: 1,
            entries: 2,
            body: 5,
        };
        (header, table)
    }

    #[test]
    fn a_frame_reads_back() {
        let (header, table) = sample();
        let mut bytes = Vec::new();
        header.encode(&table, &mut bytes);
        assert_eq!(bytes.len(), header.head_bytes());
        assert_eq!(FrameHeader::decode(&bytes), Some((header, table)));
        assert_eq!(header.frame_bytes(), BLOCK_BYTES);
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_seen() {
        let (header, table) = sample();
        let mut good = Vec::new();
        header.encode(&table, &mut good);
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(FrameHeader::decode(&bad), None, "bit {bit}");
        }
        for length in 0..good.len() {
            assert_eq!(FrameHeader::decode(&good[..length]), None, "cut to {length}");
        }
    }
}
