//! The edits that make a text say what the fates say: whole blocks where they go together, single keys else.

use std::collections::HashMap;

use super::{Migration, Outcome, Source};
use crate::yaml::{Map, Path, Segment, Value, edit::Edit};

/// How much goes at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Granularity {
    Blocks,
    Keys,
}

/// The edits of one setting.
pub(super) struct Edits {
    /// In the keys of the source.
    pub path: Path,
    pub edits: Vec<Edit>,
}

/// All edits, in the order in which they can be made.
pub(super) fn edits(source: &Source, fates: &[Migration], grain: Granularity) -> Vec<Edit> {
    let mut edits: Vec<Edit> = fates.iter().filter_map(|fate| taken_out(source, fate)).collect();
    let mut tree = SourceMap::default();
    for (at, fate) in fates.iter().enumerate() {
        if matches!(fate.outcome, Outcome::Unchanged | Outcome::Activated | Outcome::Moved { .. }) {
            tree.add(fate.path.segments(), at);
        }
    }
    let mut planner = Planner { source, fates, grain, edits: Vec::new() };
    planner.block(&tree, &Path::root(), &Path::root());
    edits.append(&mut planner.edits);
    edits
}

/// The edits of each setting for itself: first of those that are left out, the last before those that it may refer to.
pub(super) fn each<'a>(source: &'a Source, fates: &'a [Migration]) -> impl Iterator<Item = Edits> + 'a {
    let out = fates.iter().rev().filter(|fate| is_out(fate));
    let others = fates.iter().filter(|fate| !is_out(fate));
    out.chain(others).map(move |fate| Edits {
        path: fate.path.clone(),
        edits: edits(source, std::slice::from_ref(fate), Granularity::Keys),
    })
}

fn is_out(fate: &Migration) -> bool {
    matches!(fate.outcome, Outcome::Dropped(_) | Outcome::Unsupported(_))
}

fn taken_out(source: &Source, fate: &Migration) -> Option<Edit> {
    is_out(fate).then(|| Edit::Delete { path: source.release.at.join(&fate.path), prune: true })
}

/// A map of the source, with what is left in it.
#[derive(Default)]
struct SourceMap {
    below: Vec<(String, SourceMap)>,
    /// The fate of what is said here.
    fate: Option<usize>,
}

impl SourceMap {
    fn add(&mut self, path: &[Segment], fate: usize) {
        let Some((Segment::Key(key), rest)) = path.split_first() else {
            self.fate = Some(fate);
            return;
        };
        let at = self.below.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
            self.below.push((key.clone(), Self::default()));
            self.below.len() - 1
        });
        self.below[at].1.add(rest, fate);
    }

    /// The fates of all that is said in it, with the way there.
    fn all(&self, way: &Path, found: &mut Vec<(Path, usize)>) {
        found.extend(self.fate.map(|fate| (way.clone(), fate)));
        for (key, block) in &self.below {
            block.all(&way.key(key), found);
        }
    }
}

struct Planner<'a> {
    source: &'a Source<'a>,
    fates: &'a [Migration],
    grain: Granularity,
    edits: Vec<Edit>,
}

impl Planner<'_> {
    /// Brings a block, which stood at `was` and stands at `now`, and all in it to where they belong.
    fn block(&mut self, block: &SourceMap, was: &Path, now: &Path) {
        if let Some(fate) = block.fate {
            self.leaf(&self.fates[fate], now);
            return;
        }
        let mut now = now.clone();
        if self.grain == Granularity::Blocks && !was.is_root() {
            let to = self.best_place(block, &now);
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

    fn leaf(&mut self, fate: &Migration, now: &Path) {
        let stays = (vec![fate.path.clone()], &fate.value);
        let (to, value) = match &fate.outcome {
            Outcome::Moved { to, value, .. } => (to.clone(), value),
            _ => stays,
        };
        let Some((first, more)) = to.split_first() else { return };
        let at = &self.source.release.at;
        if first != now {
            self.edits.push(Edit::Move { from: at.join(now), to: at.join(first) });
        }
        self.said(&at.join(first), &fate.value, value);
        for path in more {
            self.edits.push(Edit::Insert { path: at.join(path), value: value.clone(), comment: None });
        }
    }

    /// Says what differs, and no more: what stands between it keeps its comments and its looks. Key by key a value is
    /// said anew as a whole, which always goes.
    fn said(&mut self, at: &Path, old: &Value, new: &Value) {
        let blocks = self.grain == Granularity::Blocks;
        match (old, new) {
            // A key that is called otherwise stands where it stood.
            (Value::Map(old), Value::Map(new)) if blocks && are_renamed(old, new) => {
                for ((was, old), (is, new)) in old.iter().zip(new.iter()) {
                    if was != is {
                        self.edits.push(Edit::Move { from: at.key(was), to: at.key(is) });
                    }
                    self.said(&at.key(is), old, new);
                }
            }
            (Value::List(old), Value::List(new)) if blocks && old.len() == new.len() => {
                for (index, (old, new)) in old.iter().zip(new).enumerate() {
                    self.said(&at.index(index), old, new);
                }
            }
            _ if *old != *new || is_typed_otherwise(new, old) => {
                self.edits.push(Edit::Set { path: at.clone(), value: new.clone() });
            }
            _ => {}
        }
    }

    /// Where most of a block goes under the names that it has there.
    fn best_place(&self, block: &SourceMap, now: &Path) -> Path {
        let mut all = Vec::new();
        block.all(&Path::root(), &mut all);
        let mut votes: HashMap<Path, usize> = HashMap::new();
        for (way, fate) in all {
            let fate = &self.fates[fate];
            let to = match &fate.outcome {
                Outcome::Moved { to, .. } => to.first(),
                _ => Some(&fate.path),
            };
            let Some(above) = to.and_then(|to| without_end(to, &way)) else { continue };
            *votes.entry(above).or_default() += 1;
        }
        let here = votes.get(now).copied().unwrap_or_default();
        // The paths make the choice the same each time.
        // A block cannot take the place of one that it stands in, or go into itself: its keys go one by one then.
        let is_apart = |place: &Path| !now.starts_with(place) && !place.starts_with(now);
        let mut votes: Vec<_> = votes.into_iter().filter(|(place, _)| is_apart(place)).collect();
        votes.sort_by(|(a, votes_a), (b, votes_b)| votes_b.cmp(votes_a).then_with(|| a.cmp(b)));
        match votes.into_iter().next() {
            Some((place, votes)) if votes > here => place,
            _ => now.clone(),
        }
    }
}

/// What stands before `end` in a path that ends so.
fn without_end(path: &Path, end: &Path) -> Option<Path> {
    let above = path.segments().strip_suffix(end.segments())?;
    let mut found = Path::root();
    above.iter().for_each(|segment| found.push(segment.clone()));
    Some(found)
}

/// Whether the one map is the other with some keys called otherwise.
fn are_renamed(old: &Map, new: &Map) -> bool {
    let stays = |(was, is): (&str, &str)| was == is || !old.contains_key(is) && !new.contains_key(was);
    old.len() == new.len() && old.keys().zip(new.keys()).all(stays)
}

fn is_typed_otherwise(a: &Value, b: &Value) -> bool {
    a.kind() != b.kind()
}
