//! The earlier and later names of a key.

use std::collections::BTreeMap;

use semver::Version;

use super::takes;
use crate::chart::{self, Change, ChangeKind, Transform};

/// A change of a key to another key or another meaning in one chart version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    pub version: Version,
    pub old: String,
    /// The successors of the key. Empty if the chart has none.
    pub new: Vec<String>,
    pub kind: ChangeKind,
    pub transform: Transform,
}

/// The move of keys below a map in one chart version, to other maps or from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub version: Version,
    /// The other maps that have the keys under the same names, with the number of these keys.
    pub maps: Vec<(String, usize)>,
    /// The number of keys with another name.
    pub renamed: usize,
    /// The number of keys without a successor.
    pub removed: usize,
    /// Whether the keys leave this map. Otherwise they enter it.
    pub is_outgoing: bool,
}

/// The transitions to this path and from it, oldest first.
pub fn steps(path: &str) -> Vec<Transition> {
    let all = chart::changes(&chart::oldest(), &chart::newest());
    let mut transitions = Vec::new();
    steps_to(path, None, &all, &mut transitions);
    steps_from(path, None, &all, &mut transitions);
    transitions.sort_by(|a: &Transition, b| (&a.version, &a.old, &a.new).cmp(&(&b.version, &b.old, &b.new)));
    transitions.dedup();
    transitions
}

fn steps_from(path: &str, after: Option<&Version>, all: &[Change], transitions: &mut Vec<Transition>) {
    let later = |change: &&Change| after.is_none_or(|after| change.version > *after && moves_value(change));
    for change in all.iter().filter(later) {
        let Some(rest) = below(path, change.old) else { continue };
        let new: Vec<String> = change.new.iter().map(|new| format!("{new}{rest}")).collect();
        if !existed_before(&change.version, path) || !new.iter().all(|new| takes(&change.version, new)) {
            continue;
        }
        for new in new.iter().filter(|new| *new != path && moves_value(change)) {
            steps_from(new, Some(&change.version), all, transitions);
        }
        transitions.push(step(change, path.to_owned(), new));
    }
}

fn steps_to(path: &str, before: Option<&Version>, all: &[Change], transitions: &mut Vec<Transition>) {
    let earlier = |change: &&Change| before.is_none_or(|before| change.version < *before && moves_value(change));
    for change in all.iter().filter(earlier) {
        for rest in change.new.iter().filter_map(|new| below(path, new)) {
            let old = format!("{}{rest}", change.old);
            if old == path || !existed_before(&change.version, &old) || !takes(&change.version, path) {
                continue;
            }
            let new = change.new.iter().map(|new| format!("{new}{rest}")).collect();
            if moves_value(change) {
                steps_to(&old, Some(&change.version), all, transitions);
            }
            transitions.push(step(change, old, new));
        }
    }
}

/// Whether the value moves to the new key, whose history then continues this one.
fn moves_value(change: &Change) -> bool {
    !matches!(change.kind, ChangeKind::Semantic | ChangeKind::Alias | ChangeKind::Type)
}

fn step(change: &Change, old: String, new: Vec<String>) -> Transition {
    Transition { version: change.version.clone(), old, new, kind: change.kind, transform: change.transform }
}

fn existed_before(version: &Version, path: &str) -> bool {
    chart::version_numbers().rev().find(|earlier| earlier < version).is_some_and(|before| takes(&before, path))
}

/// The rest of `path` after `above`. `None` if `path` is not at or below `above`.
fn below<'a>(path: &'a str, above: &str) -> Option<&'a str> {
    path.strip_prefix(above).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The moves of keys out of a map and into it, oldest first.
pub fn moved(path: &str) -> Vec<Moved> {
    let prefix = format!("{path}.");
    let mut moved: BTreeMap<(Version, bool), Moved> = BTreeMap::new();
    for change in chart::changes(&chart::oldest(), &chart::newest()) {
        let from = change.old.strip_prefix(&prefix);
        let into = change.new.iter().find_map(|new| Some((*new, new.strip_prefix(&prefix)?)));
        let stays = from.is_some() && into.is_some();
        if stays || !matches!(change.kind, ChangeKind::Removed) && !moves_value(&change) {
            continue;
        }
        let (is_outgoing, other) = match (from, into) {
            (Some(rest), None) => {
                let map = change.new.iter().filter_map(|new| new.strip_suffix(rest)?.strip_suffix('.'));
                (true, map.map(str::to_owned).collect::<Vec<_>>())
            }
            (None, Some((_, rest))) => {
                let map = change.old.strip_suffix(rest).and_then(|above| above.strip_suffix('.'));
                (false, map.map(str::to_owned).into_iter().collect())
            }
            _ => continue,
        };
        let at = moved.entry((change.version.clone(), is_outgoing)).or_insert_with(|| Moved {
            version: change.version.clone(),
            maps: Vec::new(),
            renamed: 0,
            removed: 0,
            is_outgoing,
        });
        if change.new.is_empty() {
            at.removed += 1;
        } else if other.is_empty() {
            at.renamed += 1;
        }
        for map in other {
            match at.maps.iter_mut().find(|(known, _)| *known == map) {
                Some((_, count)) => *count += 1,
                None => at.maps.push((map, 1)),
            }
        }
    }
    let mut moved: Vec<_> = moved.into_values().collect();
    for at in &mut moved {
        at.maps.sort_by(|(a, many), (b, more)| more.cmp(many).then_with(|| a.cmp(b)));
    }
    moved
}
