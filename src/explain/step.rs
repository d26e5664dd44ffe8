//! Under what names a key was known, before and after.

use std::collections::BTreeMap;

use semver::Version;

use super::takes;
use crate::chart::{self, Change, ChangeKind, Transform};

/// A key became another one, or means something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    pub version: Version,
    pub old: String,
    /// Empty where nothing takes its place.
    pub new: Vec<String>,
    pub kind: ChangeKind,
    pub transform: Transform,
}

/// Where the keys below a map went at one version, or where they came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub version: Version,
    /// Other maps that have, or had, the keys under the same names, and how many of them.
    pub maps: Vec<(String, usize)>,
    /// Keys that are, or were, called otherwise.
    pub elsewhere: usize,
    /// Keys that nothing stands in for.
    pub nowhere: usize,
    /// Whether they left this map; otherwise they came into it.
    pub left: bool,
}

/// The steps that lead to this path and on from it, oldest first.
pub fn steps(path: &str) -> Vec<Transition> {
    let all = chart::changes(&chart::oldest(), &chart::newest());
    let mut found = Vec::new();
    back(path, None, &all, &mut found);
    onward(path, None, &all, &mut found);
    found.sort_by(|a: &Transition, b| (&a.version, &a.old, &a.new).cmp(&(&b.version, &b.old, &b.new)));
    found.dedup();
    found
}

fn onward(path: &str, after: Option<&Version>, all: &[Change], found: &mut Vec<Transition>) {
    let later = |change: &&Change| after.is_none_or(|after| change.version > *after && carries(change));
    for change in all.iter().filter(later) {
        let Some(rest) = below(path, change.old) else { continue };
        let new: Vec<String> = change.new.iter().map(|new| format!("{new}{rest}")).collect();
        if !existed_before(&change.version, path) || !new.iter().all(|new| takes(&change.version, new)) {
            continue;
        }
        for new in new.iter().filter(|new| *new != path && carries(change)) {
            onward(new, Some(&change.version), all, found);
        }
        found.push(step(change, path.to_owned(), new));
    }
}

fn back(path: &str, before: Option<&Version>, all: &[Change], found: &mut Vec<Transition>) {
    let earlier = |change: &&Change| before.is_none_or(|before| change.version < *before && carries(change));
    for change in all.iter().filter(earlier) {
        for rest in change.new.iter().filter_map(|new| below(path, new)) {
            let old = format!("{}{rest}", change.old);
            if old == path || !existed_before(&change.version, &old) || !takes(&change.version, path) {
                continue;
            }
            let new = change.new.iter().map(|new| format!("{new}{rest}")).collect();
            if carries(change) {
                back(&old, Some(&change.version), all, found);
            }
            found.push(step(change, old, new));
        }
    }
}

/// Whether the value goes to the new key, so that the story goes on there.
fn carries(change: &Change) -> bool {
    !matches!(change.kind, ChangeKind::Semantic | ChangeKind::Alias | ChangeKind::Type)
}

fn step(change: &Change, old: String, new: Vec<String>) -> Transition {
    Transition { version: change.version.clone(), old, new, kind: change.kind, transform: change.transform }
}

fn existed_before(version: &Version, path: &str) -> bool {
    chart::version_numbers().rev().find(|earlier| earlier < version).is_some_and(|before| takes(&before, path))
}

/// The rest of `path` after the key `above`. `None` if `path` is neither this key nor below it.
fn below<'a>(path: &'a str, above: &str) -> Option<&'a str> {
    path.strip_prefix(above).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// What became of the keys below a map, and from which other maps keys came, oldest first.
pub fn moved(path: &str) -> Vec<Moved> {
    let prefix = format!("{path}.");
    let mut moved: BTreeMap<(Version, bool), Moved> = BTreeMap::new();
    for change in chart::changes(&chart::oldest(), &chart::newest()) {
        let from = change.old.strip_prefix(&prefix);
        let into = change.new.iter().find_map(|new| Some((*new, new.strip_prefix(&prefix)?)));
        let stays = from.is_some() && into.is_some();
        if stays || !matches!(change.kind, ChangeKind::Removed) && !carries(&change) {
            continue;
        }
        let (left, other) = match (from, into) {
            (Some(rest), None) => {
                let kept = change.new.iter().filter_map(|new| new.strip_suffix(rest)?.strip_suffix('.'));
                (true, kept.map(str::to_owned).collect::<Vec<_>>())
            }
            (None, Some((_, rest))) => {
                let kept = change.old.strip_suffix(rest).and_then(|above| above.strip_suffix('.'));
                (false, kept.map(str::to_owned).into_iter().collect())
            }
            _ => continue,
        };
        let at = moved.entry((change.version.clone(), left)).or_insert_with(|| Moved {
            version: change.version.clone(),
            maps: Vec::new(),
            elsewhere: 0,
            nowhere: 0,
            left,
        });
        if change.new.is_empty() {
            at.nowhere += 1;
        } else if other.is_empty() {
            at.elsewhere += 1;
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
