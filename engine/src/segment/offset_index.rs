//! `.index`: where in the log to begin looking for an offset. Kafka's `OffsetIndex`.

use super::FormatError;

/// Bytes of an entry: offset less base offset (u32), position (u32).
pub const ENTRY_BYTES: usize = 8;

/// An entry: a batch's last offset, and where in the segment the batch begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OffsetEntry {
    /// Last offset of the batch.
    pub offset: i64,
    /// Position of the batch's first byte in the segment.
    pub position: u32,
}

impl OffsetEntry {
    /// The entry's bytes in the index of a segment. `None`: the offset is not in any segment that
    /// begins at `base_offset`.
    pub fn encode(&self, base_offset: i64) -> Option<[u8; ENTRY_BYTES]> {
        let relative = relative_offset(self.offset, base_offset)?.to_be_bytes();
        let position = self.position.to_be_bytes();
        let mut out = [0; ENTRY_BYTES];
        out[..4].copy_from_slice(&relative);
        out[4..].copy_from_slice(&position);
        Some(out)
    }

    fn decode([a, b, c, d, position @ ..]: [u8; ENTRY_BYTES], base_offset: i64) -> Self {
        let relative = u32::from_be_bytes([a, b, c, d]);
        Self {
            offset: base_offset.saturating_add(i64::from(relative)),
            position: u32::from_be_bytes(position),
        }
    }
}

/// Offset less base offset, which Kafka keeps within 31 bits.
pub(super) fn relative_offset(offset: i64, base_offset: i64) -> Option<u32> {
    let relative = offset.checked_sub(base_offset)?;
    u32::try_from(relative).ok().filter(|relative| *relative <= i32::MAX as u32)
}

/// An index as its bytes lie in memory. Entries are decoded one at a time.
#[derive(Clone, Copy, Debug)]
pub struct OffsetIndex<'a> {
    base_offset: i64,
    entries: &'a [[u8; ENTRY_BYTES]],
    ragged: usize,
    padding: usize,
}

impl<'a> OffsetIndex<'a> {
    /// The index in `bytes` of the segment that begins at `base_offset`. Zeros at the end are not
    /// entries: Kafka allocates the file of an active segment at full size. Nothing is checked yet.
    pub fn new(bytes: &'a [u8], base_offset: i64) -> Self {
        let (all, ragged) = bytes.as_chunks::<ENTRY_BYTES>();
        let zero = all.iter().rev().take_while(|entry| **entry == [0; ENTRY_BYTES]).count();
        let (entries, padding) = all.split_at(all.len() - zero);
        Self { base_offset, entries, ragged: ragged.len(), padding: padding.len() }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes behind the last entry that hold nothing.
    pub fn padding_bytes(&self) -> usize {
        self.padding * ENTRY_BYTES + self.ragged
    }

    /// The entries in order.
    pub fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = OffsetEntry> + ExactSizeIterator + use<'a> {
        let base_offset = self.base_offset;
        self.entries.iter().map(move |entry| OffsetEntry::decode(*entry, base_offset))
    }

    /// The last entry.
    pub fn last(&self) -> Option<OffsetEntry> {
        self.iter().next_back()
    }

    /// Where to begin reading to find `offset`: the last entry that is not beyond it; without one,
    /// the segment's begin.
    pub fn lookup(&self, offset: i64) -> OffsetEntry {
        let decode = |entry: &[u8; ENTRY_BYTES]| OffsetEntry::decode(*entry, self.base_offset);
        let after = self.entries.partition_point(|entry| decode(entry).offset <= offset);
        let start = OffsetEntry { offset: self.base_offset, position: 0 };
        after.checked_sub(1).and_then(|at| self.entries.get(at)).map_or(start, decode)
    }

    /// Checks that offsets and positions rise and that positions are within a log of `log_bytes`.
    ///
    /// # Errors
    /// The first entry that breaks a rule, or bytes that are no whole entry.
    pub fn check(&self, log_bytes: u64) -> Result<(), FormatError> {
        let mut last: Option<OffsetEntry> = None;
        for (index, entry) in self.iter().enumerate() {
            let bad = |what| Err(FormatError::Entry { index, what });
            if relative_offset(entry.offset, self.base_offset).is_none() {
                return bad("its offset is too far from the segment's first");
            }
            if u64::from(entry.position) >= log_bytes {
                return bad("its position is behind the end of the log");
            }
            if last.is_some_and(|last| entry.offset <= last.offset) {
                return bad("its offset does not rise");
            }
            // Batches of one append may share a position in no version of Kafka.
            if last.is_some_and(|last| entry.position <= last.position) {
                return bad("its position does not rise");
            }
            last = Some(entry);
        }
        if self.ragged != 0 {
            let have = (self.entries.len() + self.padding) * ENTRY_BYTES + self.ragged;
            return Err(FormatError::Length { have, need: have - self.ragged });
        }
        Ok(())
    }

    /// Bytes of the file that are left when the log is cut at `offset`: those of the entries below.
    pub fn bytes_below(&self, offset: i64) -> usize {
        let base_offset = self.base_offset;
        let below =
            |entry: &[u8; ENTRY_BYTES]| OffsetEntry::decode(*entry, base_offset).offset < offset;
        self.entries.partition_point(below) * ENTRY_BYTES
    }
}
