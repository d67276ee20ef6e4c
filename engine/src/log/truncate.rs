//! Taking records off the end of a log: what a follower does with what its leader does not have.
//!
//! Everything is brought to the segments first, so that the cut concerns files alone. Its entry in
//! the journal is durable before any new bytes go to where the old ones were. The number of cuts is
//! in the log's image and in each entry of the journal: an entry with a lower number is older than a
//! cut that the image knows, and tells nothing any more.

use std::io;
use std::path::Path;
use std::rc::Rc;

use super::files::read_file;
use super::image::LogImage;
use super::index::Filed;
use super::partition::PartitionLog;
use super::storage::control_entry;
use super::tail::Tail;
use super::{StorageError, destage, maintain};
use crate::arena::{BLOCK_BYTES, Buf};
use crate::io::Io;
use crate::journal::frame::{Entry, Kind};
use crate::journal::{Permit, Pieces, Place};
use crate::mutants::{self, Mutant};
use crate::segment::names::SegmentFile;
use crate::segment::txn_index;

const BLOCK: u64 = BLOCK_BYTES as u64;

/// Where a log is cut.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cut {
    /// Where it ends from then on.
    pub(super) place: Place,
    /// The offset that the next record gets.
    pub(super) end: i64,
    /// How many cuts there have been, this one included.
    pub(super) number: u32,
}

impl PartitionLog {
    /// Removes the records from `offset` on, durably, with the whole batch that `offset` lies in:
    /// returns the log end offset, which may therefore be lower. Nothing is removed below the log
    /// start, and nothing happens when the log ends at or before `offset`.
    ///
    /// Of a producer whose last five batches are all removed nothing is known afterwards. A
    /// transaction stays ended when its marker is removed. Only records above the high watermark may
    /// be removed: nobody was promised those.
    ///
    /// # Errors
    /// [`StorageError`]; the log is as it was, unless the storage has failed.
    pub async fn truncate_to(&self, offset: i64) -> Result<i64, StorageError> {
        loop {
            self.check_open()?;
            self.shared.check_alive()?;
            let permit = self.shared.permit(0).await?;
            let _pass = self.gate.enter().await;
            if let Some(end) = self.cut_inside(offset, permit).await? {
                return Ok(end);
            }
            // Records came in meanwhile, or the log start moved.
        }
    }

    /// Cuts, for one who is in the gate. Nothing when the log has changed meanwhile.
    async fn cut_inside(&self, offset: i64, permit: Permit) -> Result<Option<i64>, StorageError> {
        self.check_open()?;
        let (start, end) = {
            let state = self.state.borrow();
            (state.image.log_start, state.image.next_offset)
        };
        let offset = offset.max(start);
        if offset >= end {
            return Ok(Some(end));
        }
        self.destage_inside(destage::Extent::All, true).await?;
        let journal = &self.shared.journal;
        journal.acks().wait(journal.last_ticket()).await?;
        let found = self.place_of(offset).await;
        let path = self.dir();
        let failed = |error: io::Error| {
            let source = Rc::new(error);
            StorageError::Io { action: "cutting", path: path.clone(), source }
        };
        let (place, base) = found.map_err(|error| failed(io::Error::other(error.to_string())))?;
        let partial = self.partial_at(place).await.map_err(failed)?;
        let filed = read_filed(&self.shared.io, &path, place.segment).await.map_err(failed)?;
        let (ticket, cut, removed, freed) = {
            let mut state = self.state.borrow_mut();
            let settled = state.durable_end == state.image.next_offset
                && state.written == state.tail.end()
                && state.image.log_start == start;
            if !settled {
                return Ok(None);
            }
            let cut = Cut { place, end: base.max(start), number: state.image.cuts + 1 };
            let removed = state.image.cut(cut, filed);
            state.image.removed.extend(&removed);
            state.written = place;
            state.durable_end = cut.end;
            state.uncovered = !partial.is_empty();
            state.ended.retain(|(marker, _)| *marker < cut.end);
            let tail = std::mem::replace(&mut state.tail, Tail::new(place, partial));
            let entry = Entry {
                segment: place.segment,
                position: place.position,
                base_offset: cut.end,
                last_offset: cut.end - 1,
                cuts: cut.number,
                ..control_entry(self.id, Kind::Truncate)
            };
            let ticket = match mutants::is(Mutant::CutWithoutEntry) {
                true => journal.last_ticket(),
                false => permit.push(entry, Pieces::new()),
            };
            (ticket, cut, removed, tail.capacity())
        };
        self.shared.evictable.borrow_mut().retain(|id| *id != self.id);
        self.shared.freed(freed);
        self.shared.forget_readers(self.id);
        for base in &removed {
            self.shared.files.forget(self.id, *base);
        }
        journal.acks().wait(ticket).await?;
        maintain::remove_segments(&self.shared.io, &path, &removed).await;
        self.state.borrow_mut().image.removed.retain(|base| !removed.contains(base));
        self.moved.notify();
        Ok(Some(cut.end))
    }

    /// The bytes of the block that a place lies in, up to the place.
    async fn partial_at(&self, place: Place) -> io::Result<Vec<u8>> {
        let length = (place.position % BLOCK) as usize;
        if length == 0 {
            return Ok(Vec::new());
        }
        let file = self.shared.files.existing(self, place.segment).await?;
        let at = place.position - length as u64;
        let bytes = file.read_at(at, Buf::heap(BLOCK_BYTES), BLOCK_BYTES).await?;
        let bytes = bytes.get(..length).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(bytes.to_vec())
    }
}

/// What the index files of a segment hold. One that cannot be made sense of counts as empty: that
/// costs time, not records.
pub(super) async fn read_filed(io: &Io, dir: &Path, base: i64) -> io::Result<Filed> {
    let read = async |kind: SegmentFile| -> io::Result<Vec<u8>> {
        let bytes = read_file(io, &dir.join(kind.name(base))).await?;
        Ok(bytes.map(|bytes| bytes.to_vec()).unwrap_or_default())
    };
    let offsets = read(SegmentFile::OffsetIndex).await?;
    let times = read(SegmentFile::TimeIndex).await?;
    let aborted = read(SegmentFile::TxnIndex).await?;
    let whole = aborted.len() / txn_index::ENTRY_BYTES * txn_index::ENTRY_BYTES;
    Ok(Filed {
        offsets: offsets
            .as_chunks::<8>()
            .0
            .iter()
            .map(|e| (be32([e[0], e[1], e[2], e[3]]), be32([e[4], e[5], e[6], e[7]])))
            .collect(),
        times: times
            .as_chunks::<12>()
            .0
            .iter()
            .map(|e| {
                let time = [e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7]];
                (i64::from_be_bytes(time), be32([e[8], e[9], e[10], e[11]]))
            })
            .collect(),
        aborted: aborted
            .get(..whole)
            .and_then(|whole| txn_index::decode(whole).ok())
            .unwrap_or_default(),
    })
}

fn be32(bytes: [u8; 4]) -> u32 {
    u32::from_be_bytes(bytes)
}

impl LogImage {
    /// Cuts the log; `filed` is what the index files of the segment hold in which the cut lies.
    /// Returns the base offsets of the segments that are gone.
    pub(super) fn cut(&mut self, cut: Cut, filed: Filed) -> Vec<i64> {
        let keep = self.segments.partition_point(|segment| segment.base <= cut.place.segment);
        let removed = self.segments.drain(keep..).map(|segment| segment.base).collect();
        let active = self.active_mut();
        assert_eq!(active.base, cut.place.segment, "a log is cut in one of its segments");
        active.cut(cut.place.position, cut.end, filed);
        self.next_offset = cut.end;
        self.durable = cut.place;
        self.cuts = cut.number;
        self.epochs.truncate_from_end(cut.end);
        self.faulty.retain(|faulty| faulty.place < cut.place);
        self.producers.truncate_to(cut.end);
        removed
    }
}
