//! The checkpoint files: what a log directory holds apart from its journals' live frames.
//!
//! `ringlog.checkpoint` is the whole directory at its last start; each journal's `checkpoint` is
//! its logs since. The generation ties them together: a journal of an older generation holds
//! nothing that the directory's checkpoint does not. docs/formats.md draws both.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::LogId;
use super::bytes::{Reader, Writer};
use super::image::LogImage;
use crate::crc32c;

/// First bytes of the file.
const MAGIC: [u8; 8] = *b"RLogChkp";

/// Version of the format. No release has written another.
const VERSION: u16 = 2;

/// Name of the directory's checkpoint.
pub(super) const BASE_NAME: &str = "ringlog.checkpoint";

/// Name of a journal's checkpoint, in its directory.
pub(super) const JOURNAL_NAME: &str = "checkpoint";

/// What a checkpoint says.
#[derive(Clone, Debug, Default)]
pub(super) struct Checkpoint {
    /// Random id of the directory.
    pub(super) directory: [u8; 16],
    /// Counts the starts of the directory.
    pub(super) generation: u64,
    /// Incarnation of the journal; zeros in the directory's checkpoint.
    pub(super) journal: [u8; 16],
    /// First frame of the journal that is needed.
    pub(super) floor: u64,
    /// Last frame that was durable.
    pub(super) mark: u64,
    /// Nothing of the journal is needed: it was stopped in order.
    pub(super) clean: bool,
    /// The next local id that each journal will give.
    pub(super) counters: BTreeMap<u16, u64>,
    /// Logs of the directory's checkpoint that were deleted since.
    pub(super) deleted: Vec<LogId>,
    /// Logs, by id.
    pub(super) logs: Vec<LogImage>,
}

impl Checkpoint {
    pub(super) fn encode(&self) -> Vec<u8> {
        self.encode_with(self.logs.len(), |out| {
            for log in &self.logs {
                log.encode(out);
            }
        })
    }

    /// Encodes with `count` logs that `encode_logs` writes, in place of its own.
    pub(super) fn encode_with(
        &self,
        count: usize,
        encode_logs: impl FnOnce(&mut Writer),
    ) -> Vec<u8> {
        let mut out = Writer::default();
        out.raw(&MAGIC);
        out.u16(VERSION);
        out.u16(u16::from(self.clean));
        out.u32(0);
        let length_at = out.out.len();
        out.u64(0);
        out.raw(&self.directory);
        out.u64(self.generation);
        out.raw(&self.journal);
        out.u64(self.floor);
        out.u64(self.mark);
        out.count(self.counters.len());
        for (journal, next) in &self.counters {
            out.u16(*journal);
            out.u64(*next);
        }
        out.count(self.deleted.len());
        for id in &self.deleted {
            out.u64(id.0);
        }
        out.count(count);
        encode_logs(&mut out);
        let mut bytes = out.out;
        let length = bytes.len() as u64 + 4;
        bytes[length_at..length_at + 8].copy_from_slice(&length.to_le_bytes());
        let crc = crc32c::checksum(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// # Errors
    /// What is wrong, in words.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let (body, crc) = bytes.split_last_chunk::<4>().ok_or("it is too short")?;
        let mut from = Reader::new(body);
        if from.array() != Some(MAGIC) {
            return Err("it is not a checkpoint".into());
        }
        match from.u16() {
            Some(VERSION) => {}
            version => return Err(format!("version {version:?} is unknown to this program")),
        }
        if crc32c::checksum(body) != u32::from_le_bytes(*crc) {
            return Err("its checksum does not match".into());
        }
        Self::fields(&mut from, bytes.len() as u64)
            .filter(|_| from.is_empty())
            .ok_or_else(|| "its fields do not add up".into())
    }

    fn fields(from: &mut Reader<'_>, length: u64) -> Option<Self> {
        let clean = from.u16()? == 1;
        from.u32()?;
        if from.u64()? != length {
            return None;
        }
        Some(Self {
            clean,
            directory: from.array()?,
            generation: from.u64()?,
            journal: from.array()?,
            floor: from.u64()?,
            mark: from.u64()?,
            counters: from.list(|from| Some((from.u16()?, from.u64()?)))?.into_iter().collect(),
            deleted: from.list(|from| from.u64().map(LogId))?,
            logs: from.list(LogImage::decode)?,
        })
    }

    /// Where the directory's checkpoint is.
    pub(super) fn base_path(dir: &Path) -> PathBuf {
        dir.join(BASE_NAME)
    }

    /// Where a journal's checkpoint is.
    pub(super) fn journal_path(dir: &Path, journal: u16) -> PathBuf {
        crate::journal::file::journal_dir(dir, journal).join(JOURNAL_NAME)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Checkpoint {
        let mut log = LogImage::new(LogId(3), "a-0".into(), ([5; 16], 0), 77);
        log.next_offset = 12;
        log.epochs.assign(0, 0);
        log.epochs.assign(4, 9);
        Checkpoint {
            directory: [1; 16],
            generation: 2,
            journal: [3; 16],
            floor: 4,
            mark: 5,
            clean: true,
            counters: [(0, 9), (1, 3)].into(),
            deleted: vec![LogId(8)],
            logs: vec![log],
        }
    }

    #[test]
    fn a_checkpoint_reads_back() {
        let bytes = sample().encode();
        let back = Checkpoint::decode(&bytes).unwrap();
        assert_eq!(format!("{back:?}"), format!("{:?}", sample()));
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_seen() {
        let good = sample().encode();
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Checkpoint::decode(&bad).is_err(), "bit {bit}");
        }
        for length in 0..good.len() {
            assert!(Checkpoint::decode(&good[..length]).is_err(), "cut to {length}");
        }
    }
}
