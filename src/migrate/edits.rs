//! Plans the edits of a migration: moves of whole blocks if possible, else edits of single keys.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::{Migration, Outcome, Source};
use crate::yaml::{Map, Path, Segment, Value, edit::Edit};

/// Whether edits move whole blocks or single keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Granularity {
    Blocks,
    Keys,
}

/// The edits of one setting.
pub(super) struct SettingEdits {
    /// In the keys of the source.
    pub path: Path,
    pub edits: Vec<Edit>,
}

/// Plans all edits, in the order in which the text allows them.
pub(super) fn edits(source: &Source, migrations: &[Migration], granularity: Granularity) -> Vec<Edit> {
    let mut edits: Vec<Edit> = migrations.iter().filter_map(|migration| removal(source, migration)).collect();
    let mut tree = SourceMap::default();
    for (at, migration) in migrations.iter().enumerate() {
        if matches!(migration.outcome, Outcome::Unchanged | Outcome::Activated | Outcome::Moved { .. }) {
            tree.add(migration.path.segments(), at);
        }
    }
    let mut planner = Planner { source, migrations, granularity, edits: Vec::new() };
    planner.block(&tree, &Path::root(), &Path::root());
    edits.append(&mut planner.edits);
    edits
}

/// Plans the edits of each setting alone. Removals come first, from the last setting on, because an alias must be
/// removed before its anchor.
pub(super) fn edits_by_setting<'a>(
    source: &'a Source,
    migrations: &'a [Migration],
) -> impl Iterator<Item = SettingEdits> + 'a {
    let removed = migrations.iter().rev().filter(|migration| is_removed(migration));
    let others = migrations.iter().filter(|migration| !is_removed(migration));
    removed.chain(others).map(move |migration| SettingEdits {
        path: migration.path.clone(),
        edits: edits(source, std::slice::from_ref(migration), Granularity::Keys),
    })
}

fn is_removed(migration: &Migration) -> bool {
    matches!(migration.outcome, Outcome::Dropped(_) | Outcome::Unsupported(_))
}

fn removal(source: &Source, migration: &Migration) -> Option<Edit> {
    is_removed(migration).then(|| Edit::Delete { path: source.release.at.join(&migration.path), prune: true })
}

/// A map of the source, with the settings that stay or move.
#[derive(Default)]
struct SourceMap {
    below: IndexMap<String, SourceMap>,
    /// Index of the migration of the setting at this path.
    migration: Option<usize>,
}

impl SourceMap {
    fn add(&mut self, path: &[Segment], migration: usize) {
        let Some((Segment::Key(key), rest)) = path.split_first() else {
            self.migration = Some(migration);
            return;
        };
        self.below.entry(key.clone()).or_default().add(rest, migration);
    }

    /// The indices of all migrations in this map, with their paths below the map.
    fn all(&self, way: &Path, found: &mut Vec<(Path, usize)>) {
        found.extend(self.migration.map(|migration| (way.clone(), migration)));
        for (key, block) in &self.below {
            block.all(&way.key(key), found);
        }
    }
}

struct Planner<'a> {
    source: &'a Source<'a>,
    migrations: &'a [Migration],
    granularity: Granularity,
    edits: Vec<Edit>,
}

impl Planner<'_> {
    /// Moves a block and its settings to their new paths. The block was at `was` in the source and is now at `now`.
    fn block(&mut self, block: &SourceMap, was: &Path, now: &Path) {
        if let Some(migration) = block.migration {
            self.leaf(&self.migrations[migration], now);
            return;
        }
        let mut now = now.clone();
        if self.granularity == Granularity::Blocks && !was.is_root() {
            let to = self.best_path(block, &now);
            if to != now {
                self.edits
                    .push(Edit::Move { from: self.source.release.at.join(&now), to: self.source.release.at.join(&to) });
                now = to;
            }
        }
        for (key, below) in &block.below {
            self.block(below, &was.key(key), &now.key(key));
        }
    }

    fn leaf(&mut self, migration: &Migration, now: &Path) {
        let stays = (vec![migration.path.clone()], &migration.value);
        let (to, value) = match &migration.outcome {
            Outcome::Moved { to, value, .. } => (to.clone(), value),
            _ => stays,
        };
        let Some((first, more)) = to.split_first() else { return };
        let at = &self.source.release.at;
        if first != now {
            self.edits.push(Edit::Move { from: at.join(now), to: at.join(first) });
        }
        self.update_value(&at.join(first), &migration.value, value);
        for path in more {
            self.edits.push(Edit::Insert { path: at.join(path), value: value.clone(), comment: None });
        }
    }

    /// Changes only the different parts of a value, because the other parts keep their comments and their format. With
    /// edits of single keys, the whole value is replaced, because the text always allows that.
    fn update_value(&mut self, at: &Path, old: &Value, new: &Value) {
        let blocks = self.granularity == Granularity::Blocks;
        match (old, new) {
            // A renamed key keeps its position.
            (Value::Map(old), Value::Map(new)) if blocks && are_renamed(old, new) => {
                for ((was, old), (is, new)) in old.iter().zip(new.iter()) {
                    if was != is {
                        self.edits.push(Edit::Move { from: at.key(was), to: at.key(is) });
                    }
                    self.update_value(&at.key(is), old, new);
                }
            }
            (Value::List(old), Value::List(new)) if blocks && old.len() == new.len() => {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    self.update_value(&at.index(index), old, new);
                }
            }
            _ if *old != *new || has_other_type(new, old) => {
                self.edits.push(Edit::Set { path: at.clone(), value: new.clone() });
            }
            _ => {}
        }
    }

    /// The path to which most settings of a block move without other changes to their names.
    fn best_path(&self, block: &SourceMap, now: &Path) -> Path {
        let mut all = Vec::new();
        block.all(&Path::root(), &mut all);
        let mut votes: HashMap<Path, usize> = HashMap::new();
        for (way, migration) in all {
            let migration = &self.migrations[migration];
            let to = match &migration.outcome {
                Outcome::Moved { to, .. } => to.first(),
                _ => Some(&migration.path),
            };
            let Some(above) = to.and_then(|to| without_suffix(to, &way)) else { continue };
            *votes.entry(above).or_default() += 1;
        }
        let here = votes.get(now).copied().unwrap_or_default();
        // A block cannot replace a block around it, or move into itself: then its keys move one by one.
        let is_apart = |place: &Path| !now.starts_with(place) && !place.starts_with(now);
        let mut votes: Vec<_> = votes.into_iter().filter(|(place, _)| is_apart(place)).collect();
        // The order of the paths decides between equal votes: then each run has the same result.
        votes.sort_by(|(a, votes_a), (b, votes_b)| votes_b.cmp(votes_a).then_with(|| a.cmp(b)));
        match votes.into_iter().next() {
            Some((place, votes)) if votes > here => place,
            _ => now.clone(),
        }
    }
}

/// The path without `end`. `None` if the path does not end with `end`.
fn without_suffix(path: &Path, end: &Path) -> Option<Path> {
    let above = path.segments().strip_suffix(end.segments())?;
    let mut found = Path::root();
    above.iter().for_each(|segment| found.push(segment.clone()));
    Some(found)
}

/// Whether two maps differ only by renamed keys, and by the values at the keys.
fn are_renamed(old: &Map, new: &Map) -> bool {
    let stays = |(was, is): (&str, &str)| was == is || !old.contains_key(is) && !new.contains_key(was);
    old.len() == new.len() && old.keys().zip(new.keys()).all(stays)
}

fn has_other_type(a: &Value, b: &Value) -> bool {
    a.kind() != b.kind()
}
