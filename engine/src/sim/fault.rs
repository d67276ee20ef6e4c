//! Disk faults that a test aims at chosen operations.

/// The operations a fault applies to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// Reads.
    Read,
    /// Writes, durable or not.
    Write,
    /// Syncs of files and directories.
    Sync,
    /// Creations, renames, removals, truncations, allocations.
    Metadata,
    /// All of these.
    Any,
}

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Harm {
    /// The operation fails with this `errno`. Of a write, part may be done; after a failed sync
    /// the changes it should have covered can never be made durable any more.
    Error(i32),
    /// It takes this many nanoseconds longer.
    Slow(u64),
    /// The write lands elsewhere in the file and reports success.
    Misdirected,
    /// The write is dropped and reports success.
    Lost,
    /// The read is answered with what its sectors held before they were last written.
    Stale,
    /// A bit of the range read flips on the medium first.
    BitRot,
    /// The last sector written becomes unreadable.
    Latent,
}

/// A fault with an aim. Faults are asked in the order they were added; the first that applies is
/// taken.
#[derive(Clone, Debug)]
pub struct DiskFault {
    /// Which operations.
    pub target: Target,
    /// Only on paths that contain this text; empty for all.
    pub path: String,
    /// What goes wrong.
    pub harm: Harm,
    /// How many that match are spared first.
    pub skip: u64,
    /// How many are harmed.
    pub times: u64,
}

impl DiskFault {
    /// Harms every matching operation from now on.
    pub fn always(target: Target, path: impl Into<String>, harm: Harm) -> Self {
        Self { target, path: path.into(), harm, skip: 0, times: u64::MAX }
    }

    /// Harms the next matching operation only.
    pub fn once(target: Target, path: impl Into<String>, harm: Harm) -> Self {
        Self { times: 1, ..Self::always(target, path, harm) }
    }

    /// Spares the first `n` that match.
    pub fn after(mut self, n: u64) -> Self {
        self.skip = n;
        self
    }

    /// Whether it strikes this operation.
    pub(super) fn strikes(&mut self, target: Target, path: &str) -> Option<Harm> {
        if self.target != Target::Any && self.target != target || !path.contains(&self.path) {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        if self.times == 0 {
            return None;
        }
        self.times -= 1;
        Some(self.harm)
    }
}
