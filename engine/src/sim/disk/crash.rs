//! What becomes of that which was never made durable.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::inode::SECTOR_BYTES;
use crate::sim::rng::Rng;

/// What a crash does to the changes of one file, or to those of the directory tree, that were not
/// made durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing of them is left.
    Lost,
    /// They are all there, as after the death of a process under a living kernel.
    Kept,
    /// Each change is there whole or not at all.
    Changes,
    /// The first so many changes are there, as on a file system with an ordered journal.
    First(usize),
    /// Each 4 KiB block is old or new for itself.
    Blocks,
    /// Each 512-byte sector is old or new for itself: torn writes.
    Sectors,
    /// All but change number so-and-so are there.
    AllBut(usize),
    /// Only change number so-and-so is there.
    Only(usize),
}

impl Fate {
    /// One of the fates, those that keep or lose everything as often as the rest.
    pub(crate) fn roll(rng: &mut Rng, changes: usize) -> Self {
        match rng.below(8) {
            0 | 1 => Self::Lost,
            2 | 3 => Self::Kept,
            4 => Self::Changes,
            5 => Self::First(rng.index(changes + 1)),
            6 => Self::Blocks,
            _ => Self::Sectors,
        }
    }

    /// The surviving version of sector `number`.
    pub(super) fn choose<'a>(
        &self,
        number: u64,
        versions: &'a [(u64, Rc<[u8; SECTOR_BYTES]>)],
        rng: &mut Rng,
    ) -> &'a [u8; SECTOR_BYTES] {
        let newest = versions.len() - 1;
        let chosen = match self {
            Self::Lost => 0,
            Self::Kept => newest,
            Self::Sectors => rng.index(versions.len()),
            // One draw decides for all sectors of a block: the low bits of a hash of its number
            // and of the crash.
            Self::Blocks => mix(rng.clone().next(), number / 8) as usize % versions.len(),
            Self::Changes => {
                let salt = rng.clone().next();
                versions
                    .iter()
                    .rposition(|(seq, _)| *seq == 0 || mix(salt, *seq) & 1 == 0)
                    .unwrap_or(0)
            }
            Self::First(n) => {
                let n = *n;
                if (number as usize) < n { newest } else { 0 }
            }
            Self::AllBut(n) => {
                if *n as u64 == number {
                    0
                } else {
                    newest
                }
            }
            Self::Only(n) => {
                if *n as u64 == number {
                    newest
                } else {
                    0
                }
            }
        };
        &versions[chosen].1
    }

    /// The surviving length.
    pub(super) fn choose_len(&self, lens: &[(u64, u64)], rng: &mut Rng) -> u64 {
        let chosen = match self {
            Self::Lost | Self::Only(_) => 0,
            Self::Kept | Self::AllBut(_) => lens.len() - 1,
            _ => rng.index(lens.len()),
        };
        lens[chosen].1
    }

    /// Which of `changes` to the tree are there.
    pub(super) fn choose_changes(&self, changes: usize, rng: &mut Rng) -> Vec<bool> {
        (0..changes)
            .map(|i| match self {
                Self::Lost => false,
                Self::Kept => true,
                Self::First(n) => i < *n,
                Self::AllBut(n) => i != *n,
                Self::Only(n) => i == *n,
                Self::Changes | Self::Blocks | Self::Sectors => rng.chance(0.5),
            })
            .collect()
    }
}

/// The fate of a whole disk: of its tree, and of each file.
#[derive(Clone, Debug)]
pub struct CrashPlan {
    /// The fate of creations, renames and removals.
    pub tree: Fate,
    /// The fate of each file's bytes by inode number; a fate is rolled for those not named.
    pub files: BTreeMap<u64, Fate>,
    /// The fate of all the other files, or nothing to roll one for each.
    pub others: Option<Fate>,
    /// Seeds whatever the fates leave open.
    pub seed: u64,
}

impl CrashPlan {
    /// A random plan.
    pub fn random(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let others = match rng.below(4) {
            0 => Some(Fate::Lost),
            1 => Some(Fate::Kept),
            _ => None,
        };
        let tree = Fate::roll(&mut rng, 4);
        Self { tree, files: BTreeMap::new(), others, seed: rng.next() }
    }

    /// Everything that was not made durable is gone.
    pub fn lost() -> Self {
        Self { tree: Fate::Lost, files: BTreeMap::new(), others: Some(Fate::Lost), seed: 0 }
    }

    /// Nothing is gone.
    pub fn kept() -> Self {
        Self { tree: Fate::Kept, files: BTreeMap::new(), others: Some(Fate::Kept), seed: 0 }
    }
}

fn mix(salt: u64, value: u64) -> u64 {
    Rng::new(salt ^ value.wrapping_mul(0x9e37_79b9_7f4a_7c15)).next() >> 32
}
