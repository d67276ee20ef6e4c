//! Mutants: this program with one deliberate mistake, to prove that the tests would see it.
//!
//! A mutant that no seed of the simulation catches is a hole in the tests. Without the feature
//! `mutants`, which only tests switch on, [`is`] is the constant `false` and nothing of this is left
//! in the program. With it, a thread is one mutant or none, see [`become_mutant`].

/// A mistake.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Mutant {
    /// Appends are acknowledged when their frame's write begins, not when it is on the medium.
    AckBeforeDurable,
    /// The mark of a large append is written before its bytes are in the segment.
    MarkBeforeData,
    /// Recovery believes what a frame's entries hold without looking at their checksums.
    SkipFrameChecksum,
    /// A restart forgets what producers have appended.
    ForgetDedupWindow,
    /// Recovery takes frames of an earlier use of a journal file for new ones.
    AcceptStaleFrame,
    /// Recovery cuts a journal off in front of the last frame that it knows to have been durable.
    TruncateBelowMark,
    /// A log is cut without an entry in the journal.
    CutWithoutEntry,
    /// Recovery passes over moves of the log start.
    LoseLogStart,
    /// A group's offset is acknowledged when it is queued.
    AckOffsetBeforeDurable,
    /// The high watermark is the end of what was appended, durable or not.
    WatermarkBeforeDurable,
    /// Recovery takes note of what the journal holds and does not write it to the segments.
    SkipReplayedBytes,
    /// Recovery does not sync what it has written to the segments.
    SkipRecoverySync,
    /// A checkpoint says that segments are durable which were never synced.
    CheckpointBeforeSync,
    /// A file is renamed over another and the directory not synced.
    SkipDirectorySync,
    /// A read returns batches beyond its limit.
    ReadBeyondLimit,
    /// A read from a segment does not look at checksums.
    SkipReadChecksum,
    /// A read from a segment does not compare its chunks with their checksums.
    SkipChunkChecksum,
    /// A log start is told before it is durable.
    TellLogStartEarly,
    /// Who asks for its turn to append while others wait goes first.
    AppendOutOfTurn,
    /// The log of a group coordinator begins at a copy of its state before that is written.
    MoveStartBeforeSnapshot,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::AckBeforeDurable,
        Self::MarkBeforeData,
        Self::SkipFrameChecksum,
        Self::ForgetDedupWindow,
        Self::AcceptStaleFrame,
        Self::TruncateBelowMark,
        Self::CutWithoutEntry,
        Self::LoseLogStart,
        Self::AckOffsetBeforeDurable,
        Self::WatermarkBeforeDurable,
        Self::SkipReplayedBytes,
        Self::SkipRecoverySync,
        Self::CheckpointBeforeSync,
        Self::SkipDirectorySync,
        Self::ReadBeyondLimit,
        Self::SkipReadChecksum,
        Self::SkipChunkChecksum,
        Self::TellLogStartEarly,
        Self::AppendOutOfTurn,
        Self::MoveStartBeforeSnapshot,
    ];
}

#[cfg(feature = "mutants")]
thread_local! {
    static ACTIVE: std::cell::Cell<Option<Mutant>> = const { std::cell::Cell::new(None) };
}

/// Whether this thread makes that mistake.
#[cfg(feature = "mutants")]
pub fn is(mutant: Mutant) -> bool {
    ACTIVE.get() == Some(mutant)
}

/// Whether this thread makes that mistake: never, in this build.
#[cfg(not(feature = "mutants"))]
#[inline(always)]
pub const fn is(_: Mutant) -> bool {
    false
}

/// Makes what this thread runs from now on a mutant, or no mutant any more.
#[cfg(feature = "mutants")]
pub fn become_mutant(mutant: Option<Mutant>) {
    ACTIVE.set(mutant);
}
