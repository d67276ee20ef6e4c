//! Directories: what readers see, what is durable, and the changes between the two.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use super::crash::Fate;
use crate::sim::rng::Rng;

/// The root directory.
pub(super) const ROOT: u64 = 0;

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Entry {
    File(u64),
    Dir(u64),
}

impl Entry {
    fn dir(self) -> Option<u64> {
        match self {
            Self::Dir(dir) => Some(dir),
            Self::File(_) => None,
        }
    }
}

type Names = BTreeMap<u64, BTreeMap<String, Entry>>;
type Place = (u64, String);

/// A change that a crash may undo until its directory is synced.
#[derive(Clone, Debug)]
enum Change {
    Link { at: Place, entry: Entry },
    Unlink { at: Place, entry: Entry },
    Rename { from: Place, to: Place, entry: Entry },
}

impl Change {
    fn places(&self) -> Vec<&Place> {
        match self {
            Self::Link { at, .. } | Self::Unlink { at, .. } => vec![at],
            Self::Rename { from, to, .. } => vec![from, to],
        }
    }

    /// Applies the change when what it builds on is there.
    fn apply(&self, names: &mut Names) -> bool {
        match self {
            Self::Link { at: (dir, name), entry } => {
                let Some(dir) = names.get_mut(dir) else { return false };
                if dir.contains_key(name) {
                    return false;
                }
                dir.insert(name.clone(), *entry);
            }
            Self::Unlink { at: (dir, name), entry } => {
                let Some(dir) = names.get_mut(dir) else { return false };
                if dir.get(name) != Some(entry) {
                    return false;
                }
                dir.remove(name);
            }
            Self::Rename { from, to, entry } => {
                let there = names.get(&from.0).and_then(|dir| dir.get(&from.1)) == Some(entry);
                if !there || !names.contains_key(&to.0) {
                    return false;
                }
                if let Some(dir) = names.get_mut(&from.0) {
                    dir.remove(&from.1);
                }
                if let Some(dir) = names.get_mut(&to.0) {
                    dir.insert(to.1.clone(), *entry);
                }
            }
        }
        true
    }
}

/// The directory tree.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    live: Names,
    durable: Names,
    /// In the order they were made, each with its number.
    changes: Vec<(u64, Change)>,
    next: u64,
}

impl Tree {
    pub(super) fn new() -> Self {
        let root = Names::from([(ROOT, BTreeMap::new())]);
        Self { live: root.clone(), durable: root, changes: Vec::new(), next: 1 }
    }

    /// What a path stands for.
    pub(super) fn find(&self, path: &Path) -> Option<Entry> {
        let mut entry = Entry::Dir(ROOT);
        for name in parts(path)? {
            entry = *self.live.get(&entry.dir()?)?.get(name)?;
        }
        Some(entry)
    }

    /// The directory that holds a path, and the path's name there. Errors are `errno`s.
    fn place(&self, path: &Path) -> Result<Place, i32> {
        let mut names = parts(path).ok_or(libc::EINVAL)?;
        let name = names.pop().ok_or(libc::EINVAL)?;
        let mut dir = ROOT;
        for name in names {
            match self.live.get(&dir).and_then(|dir| dir.get(name)) {
                Some(Entry::Dir(next)) => dir = *next,
                Some(Entry::File(_)) => return Err(libc::ENOTDIR),
                None => return Err(libc::ENOENT),
            }
        }
        Ok((dir, name.to_owned()))
    }

    pub(super) fn link(&mut self, path: &Path, entry: Entry) -> Result<(), i32> {
        let at = self.place(path)?;
        if self.live[&at.0].contains_key(&at.1) {
            return Err(libc::EEXIST);
        }
        if let Entry::Dir(dir) = entry {
            self.live.insert(dir, BTreeMap::new());
            self.durable.insert(dir, BTreeMap::new());
        }
        self.change(Change::Link { at, entry });
        Ok(())
    }

    pub(super) fn unlink(&mut self, path: &Path, is_dir: bool) -> Result<Entry, i32> {
        let at = self.place(path)?;
        let entry = *self.live[&at.0].get(&at.1).ok_or(libc::ENOENT)?;
        match (entry, is_dir) {
            (Entry::File(_), true) => return Err(libc::ENOTDIR),
            (Entry::Dir(_), false) => return Err(libc::EISDIR),
            (Entry::Dir(dir), true) if !self.live[&dir].is_empty() => return Err(libc::ENOTEMPTY),
            _ => {}
        }
        self.change(Change::Unlink { at, entry });
        Ok(entry)
    }

    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> Result<(), i32> {
        let from = self.place(from)?;
        let to = self.place(to)?;
        let entry = *self.live[&from.0].get(&from.1).ok_or(libc::ENOENT)?;
        if from == to {
            return Ok(());
        }
        match (entry, self.live[&to.0].get(&to.1)) {
            (_, None) | (Entry::File(_), Some(Entry::File(_))) => {}
            (Entry::File(_), Some(Entry::Dir(_))) => return Err(libc::EISDIR),
            (Entry::Dir(_), Some(Entry::File(_))) => return Err(libc::ENOTDIR),
            (Entry::Dir(_), Some(Entry::Dir(target))) => {
                if !self.live[target].is_empty() {
                    return Err(libc::ENOTEMPTY);
                }
            }
        }
        self.change(Change::Rename { from, to, entry });
        Ok(())
    }

    fn change(&mut self, change: Change) {
        let applied = change.apply(&mut self.live);
        assert!(applied, "change was checked before: {change:?}");
        self.changes.push((self.next, change));
        self.next += 1;
    }

    pub(super) fn list(&self, dir: u64) -> Vec<String> {
        self.live.get(&dir).map(|names| names.keys().cloned().collect()).unwrap_or_default()
    }

    /// Number of the next change: a sync covers those below it.
    pub(super) fn mark(&self) -> u64 {
        self.next
    }

    /// Makes the changes in `dir` below number `upto` durable, and those that they build on.
    pub(super) fn sync(&mut self, dir: u64, upto: u64) {
        let mut needed: BTreeSet<Place> = BTreeSet::new();
        let mut chosen: BTreeSet<u64> = BTreeSet::new();
        for (number, change) in self.changes.iter().rev() {
            let places = change.places();
            let wanted = *number < upto && places.iter().any(|place| place.0 == dir)
                || places.iter().any(|place| needed.contains(place));
            if wanted {
                needed.extend(places.into_iter().cloned());
                chosen.insert(*number);
            }
        }
        let durable = &mut self.durable;
        self.changes.retain(|(number, change)| {
            let sync = chosen.contains(number);
            if sync {
                change.apply(durable);
            }
            !sync
        });
    }

    /// Changes that a crash may undo.
    pub(super) fn choices(&self) -> usize {
        self.changes.len()
    }

    /// Loses power.
    pub(super) fn crash(&mut self, fate: &Fate, rng: &mut Rng) {
        let kept = fate.choose_changes(self.changes.len(), rng);
        for ((_, change), kept) in std::mem::take(&mut self.changes).into_iter().zip(kept) {
            if kept {
                change.apply(&mut self.durable);
            }
        }
        self.forget_unreachable();
        self.live = self.durable.clone();
    }

    /// Makes everything durable as it is seen.
    pub(super) fn harden(&mut self) {
        self.changes.clear();
        self.durable = self.live.clone();
        self.forget_unreachable();
        self.live = self.durable.clone();
    }

    fn forget_unreachable(&mut self) {
        let mut reachable = BTreeSet::from([ROOT]);
        let mut look = vec![ROOT];
        while let Some(dir) = look.pop() {
            for entry in self.durable.get(&dir).into_iter().flat_map(BTreeMap::values) {
                if let Entry::Dir(dir) = entry {
                    reachable.insert(*dir);
                    look.push(*dir);
                }
            }
        }
        self.durable.retain(|dir, _| reachable.contains(dir));
    }

    /// Files that a reader sees.
    pub(super) fn live_files(&self) -> BTreeSet<u64> {
        files(&self.live)
    }

    /// Files that a reader sees now or may see after a crash.
    pub(super) fn possible_files(&self) -> BTreeSet<u64> {
        let mut all = files(&self.live);
        all.extend(files(&self.durable));
        for (_, change) in &self.changes {
            match change {
                Change::Link { entry, .. }
                | Change::Unlink { entry, .. }
                | Change::Rename { entry, .. } => {
                    if let Entry::File(file) = entry {
                        all.insert(*file);
                    }
                }
            }
        }
        all
    }

    /// Paths of all files, sorted.
    pub(super) fn paths(&self) -> Vec<(String, u64)> {
        let mut found = Vec::new();
        let mut look = vec![(String::new(), ROOT)];
        while let Some((path, dir)) = look.pop() {
            for (name, entry) in self.live.get(&dir).into_iter().flatten() {
                let path = format!("{path}/{name}");
                match entry {
                    Entry::File(file) => found.push((path, *file)),
                    Entry::Dir(dir) => look.push((path, *dir)),
                }
            }
        }
        found.sort();
        found
    }
}

fn files(names: &Names) -> BTreeSet<u64> {
    names
        .values()
        .flat_map(BTreeMap::values)
        .filter_map(|entry| match entry {
            Entry::File(file) => Some(*file),
            Entry::Dir(_) => None,
        })
        .collect()
}

/// The names on the way to a path; nothing for a path that goes up or is not text.
fn parts(path: &Path) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    for part in path.components() {
        match part {
            Component::RootDir | Component::CurDir => {}
            Component::Normal(name) => names.push(name.to_str()?),
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(tree: &Tree) -> Vec<String> {
        tree.paths().into_iter().map(|(path, _)| path).collect()
    }

    fn lost(tree: &Tree) -> Vec<String> {
        let mut crashed = tree.clone();
        crashed.crash(&Fate::Lost, &mut Rng::new(0));
        names(&crashed)
    }

    #[test]
    fn a_created_file_counts_when_its_directory_was_synced() {
        let mut tree = Tree::new();
        tree.link(Path::new("/a"), Entry::File(1)).unwrap();
        assert_eq!(names(&tree), ["/a"]);
        assert!(lost(&tree).is_empty());
        tree.sync(ROOT, tree.mark());
        assert_eq!(lost(&tree), ["/a"]);
    }

    #[test]
    fn a_file_in_a_directory_that_was_never_synced_is_gone_with_it() {
        let mut tree = Tree::new();
        tree.link(Path::new("/d"), Entry::Dir(1)).unwrap();
        tree.link(Path::new("/d/f"), Entry::File(2)).unwrap();
        tree.sync(1, tree.mark());
        assert!(lost(&tree).is_empty());
        tree.sync(ROOT, tree.mark());
        assert_eq!(lost(&tree), ["/d/f"]);
    }

    #[test]
    fn a_rename_happens_whole_or_not_at_all() {
        let mut tree = Tree::new();
        tree.link(Path::new("/old"), Entry::File(1)).unwrap();
        tree.link(Path::new("/new"), Entry::File(2)).unwrap();
        tree.harden();
        tree.rename(Path::new("/new"), Path::new("/old")).unwrap();
        for seed in 0..20 {
            let mut crashed = tree.clone();
            crashed.crash(&Fate::Changes, &mut Rng::new(seed));
            let paths = crashed.paths();
            let old = [("/new".to_owned(), 2), ("/old".to_owned(), 1)];
            assert!(paths == old || paths == [("/old".to_owned(), 2)], "{paths:?}");
        }
    }

    #[test]
    fn a_sync_of_one_directory_leaves_the_others_alone() {
        let mut tree = Tree::new();
        tree.link(Path::new("/d"), Entry::Dir(1)).unwrap();
        tree.harden();
        tree.link(Path::new("/a"), Entry::File(2)).unwrap();
        tree.link(Path::new("/d/b"), Entry::File(3)).unwrap();
        tree.sync(1, tree.mark());
        assert_eq!(lost(&tree), ["/d/b"]);
    }

    #[test]
    fn wrong_paths_are_refused_as_the_kernel_does() {
        let mut tree = Tree::new();
        let link = |tree: &mut Tree, path: &str| tree.link(Path::new(path), Entry::File(9));
        assert_eq!(link(&mut tree, "/no/file"), Err(libc::ENOENT));
        link(&mut tree, "/f").unwrap();
        assert_eq!(link(&mut tree, "/f"), Err(libc::EEXIST));
        assert_eq!(link(&mut tree, "/f/x"), Err(libc::ENOTDIR));
        tree.link(Path::new("/d"), Entry::Dir(1)).unwrap();
        link(&mut tree, "/d/x").unwrap();
        assert_eq!(tree.unlink(Path::new("/d"), true), Err(libc::ENOTEMPTY));
        assert_eq!(tree.unlink(Path::new("/d"), false), Err(libc::EISDIR));
        assert_eq!(tree.unlink(Path::new("/gone"), false), Err(libc::ENOENT));
    }
}
