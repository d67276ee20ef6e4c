//! The time at which a batch was to be sent, carried in the batch itself.
//!
//! The first 16 bytes of the first record's value are a mark of eight bytes, of this run alone, and the time in
//! nanoseconds of the monotonic clock since the run began. A batch is made once and sent often, each time
//! with another time in it, so its checksum changes. CRCs are linear: each bit of the time that differs from the time
//! the batch was made with changes the checksum by a pattern that depends on the bit and the batch alone. The
//! 64 patterns are computed beforehand; a new time costs 64 shifts and no look at the batch.
//!
//! In a compressed batch the 16 bytes are found where the codec has copied them as they are, and a batch with
//! another time is decompressed once to see that nothing else has changed. Gzip never leaves bytes as they are,
//! so its batches carry no time.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use ringlog_engine::batch::{BatchView, CHECKSUM_FROM, DECOMPRESSED_BYTES_MAX, HEADER_BYTES};

/// Bytes of mark and time.
pub(super) const BYTES: usize = crate::scenario::STAMP_BYTES as usize;
/// Bytes at the beginning of a batch's records in which a stamp is looked for: a key may be before it.
const WINDOW: usize = 1024;
/// Where a batch's checksum is.
const CHECKSUM_AT: usize = CHECKSUM_FROM - 4;
/// A time that no run has, in bytes that no codec makes shorter.
const NO_TIME: u64 = 0xb7d5_9ae3_71c6_4d8f;

/// The clock of a run, and its mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
    mark: [u8; 8],
}

impl Clock {
    /// A clock that begins now.
    pub(crate) fn start() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        // Two runs at once differ at least in their processes.
        let run = (wall.as_nanos() as u64) ^ (u64::from(std::process::id()) << 40);
        let mark = run.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self { origin: Instant::now(), mark: mark.to_be_bytes() }
    }

    /// Nanoseconds from its beginning to `when`.
    pub(crate) fn nanos(&self, when: Instant) -> u64 {
        let since = when.saturating_duration_since(self.origin);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }

    /// What a batch is made with in place of a time.
    pub(super) fn blank(&self) -> [u8; BYTES] {
        let mut stamp = [0; BYTES];
        stamp[..8].copy_from_slice(&self.mark);
        stamp[8..].copy_from_slice(&NO_TIME.to_be_bytes());
        stamp
    }

    /// The time that a batch of this run carries, in nanoseconds since it began.
    pub(super) fn read(&self, batch: &[u8]) -> Option<u64> {
        let at = self.find(batch)?;
        batch.get(at..)?.first_chunk().map(|time| u64::from_be_bytes(*time))
    }

    /// Where the time of a batch is.
    fn find(&self, batch: &[u8]) -> Option<usize> {
        let end = batch.len().min(HEADER_BYTES + WINDOW);
        let head = batch.get(HEADER_BYTES..end)?;
        let found = head.windows(8).position(|bytes| bytes == self.mark)?;
        let at = HEADER_BYTES + found + 8;
        (at + 8 <= batch.len()).then_some(at)
    }
}

/// How the time of one batch is set.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    /// Where the time is.
    at: usize,
    checksum: u32,
    /// What each bit of the time, from the lowest, changes in the checksum.
    patterns: Box<[u32; 64]>,
}

impl Stamp {
    /// The stamp of a batch that was made with [`Clock::blank`], unless it cannot have one.
    pub(super) fn of(batch: &[u8], clock: &Clock) -> Option<Self> {
        let at = clock.find(batch)?;
        let mut changed = batch.to_vec();
        let (view, _) = BatchView::split_first(batch).ok()?;
        let checksum = view.crc();
        let mut patterns = Box::new([0; 64]);
        for (bit, pattern) in patterns.iter_mut().enumerate() {
            let byte = at + 7 - bit / 8;
            changed[byte] ^= 1 << (bit % 8);
            *pattern = BatchView::split_first(&changed).ok()?.0.computed_crc() ^ checksum;
            changed[byte] ^= 1 << (bit % 8);
        }
        let stamp = Self { at, checksum, patterns };
        stamp.keeps(batch, clock).then_some(stamp)
    }

    /// Bytes from the beginning of the batch that a new time changes.
    pub(super) fn end(&self) -> usize {
        self.at + 8
    }

    /// Sets the time in the first [`Self::end`] bytes of the batch.
    pub(super) fn set(&self, head: &mut [u8], nanos: u64) {
        let different = nanos ^ NO_TIME;
        let mut checksum = self.checksum;
        for (bit, pattern) in self.patterns.iter().enumerate() {
            checksum ^= pattern * ((different >> bit) & 1) as u32;
        }
        head[CHECKSUM_AT..CHECKSUM_AT + 4].copy_from_slice(&checksum.to_be_bytes());
        head[self.at..self.at + 8].copy_from_slice(&nanos.to_be_bytes());
    }

    /// Whether another time changes that time and nothing else.
    fn keeps(&self, batch: &[u8], clock: &Clock) -> bool {
        let mut changed = batch.to_vec();
        self.set(&mut changed, 0x0102_0304_0506_0708);
        let plain = |batch: &[u8]| {
            let (view, _) = BatchView::split_first(batch).ok()?;
            let records = view.records(DECOMPRESSED_BYTES_MAX).ok()?;
            let values = records.iter().map(|record| Some(record.ok()?.value?.to_vec()));
            (view.crc() == view.computed_crc()).then(|| values.collect::<Option<Vec<_>>>())?
        };
        let (Some(before), Some(mut after)) = (plain(batch), plain(&changed)) else { return false };
        let Some(first) = after.first_mut().and_then(|value| value.get_mut(..BYTES)) else {
            return false;
        };
        let set = first[8..] == [1, 2, 3, 4, 5, 6, 7, 8];
        first.copy_from_slice(&clock.blank());
        set && before == after
    }
}
