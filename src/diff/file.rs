//! The releases of two files, put side by side, and each pair compared.

use std::{cell::LazyCell, collections::HashMap};

use super::{Diff, Mode, diff};
use crate::{
    effective::Refusal,
    source::{Charts, File, FoundRelease, JoinedRelease, Origin, reconcile},
    yaml::{Path, Value},
};

/// A release of two files, compared.
pub struct Compared<'a> {
    pub old: SideOfFile<'a>,
    pub new: SideOfFile<'a>,
    pub diff: Diff,
}

/// The values of a release in one of the two files.
pub struct SideOfFile<'a> {
    pub file: &'a File,
    /// From the place that counts least to the one that counts most; empty where only the other file has the release.
    pub places: Vec<&'a FoundRelease>,
    /// What is added to the name of the file: ` (release cache)`, ` (at redis)`; empty where the file has nothing else.
    pub called: String,
    /// Who named the chart version, in few words.
    pub by: &'static str,
}

/// Compares all releases of two files.
///
/// # Errors
///
/// When there is no chart of a version that both sides of a release could be for.
pub fn diff_files<'a>(
    old: &'a File,
    new: &'a File,
    ground: Mode,
    charts: &Charts,
) -> Result<Vec<Compared<'a>>, String> {
    let (of_old, of_new) = (old.joined(), new.joined());
    let mut found = Vec::new();
    for (a, b) in pairs(&of_old, &of_new) {
        let joined = |at: Option<usize>, all: &[JoinedRelease<'a>]| at.and_then(|at| all.get(at).cloned());
        let (mut a, mut b) = match (joined(a, &of_old), joined(b, &of_new)) {
            (Some(a), Some(b)) => (a, b),
            // What is on one side alone is compared with nothing, for the same chart.
            (Some(a), None) => {
                let nothing = a.without_values();
                (a, nothing)
            }
            (None, Some(b)) => (b.without_values(), b),
            (None, None) => continue,
        };
        reconcile(&mut a, &mut b, charts)?;
        let mut diff = diff(&a.release, &b.release, ground);
        if !ground.raw {
            diff.old.refusals.extend(no_mapping(&a.places));
            diff.new.refusals.extend(no_mapping(&b.places));
        }
        let side = |file: &'a File, count: usize, joined: JoinedRelease<'a>| SideOfFile {
            file,
            called: called(&joined.places, count),
            by: joined.told.by.briefly(),
            places: joined.places,
        };
        found.push(Compared { old: side(old, of_old.len(), a), new: side(new, of_new.len(), b), diff });
    }
    Ok(found)
}

/// What the values of one release of a file with so many are called, beside the name of the file.
fn called(places: &[&FoundRelease], releases: usize) -> String {
    let Some(first) = places.first() else { return String::new() };
    let origin = &first.part.origin;
    match (&origin.release, origin.at.is_root()) {
        (Some(release), _) if releases > 1 => format!(" (release {release})"),
        (_, false) if places.len() == 1 => format!(" (at {})", origin.at),
        _ => String::new(),
    }
}

/// Puts side by side what belongs together: first by release and place, then by release, then by order.
fn pairs(old: &[JoinedRelease], new: &[JoinedRelease]) -> Vec<(Option<usize>, Option<usize>)> {
    let origin = |joined: &JoinedRelease| joined.places[0].part.origin.clone();
    let of = |all: &[JoinedRelease]| all.iter().map(origin).collect::<Vec<_>>();
    let (old, new) = (of(old), of(new));
    let release = |at: usize, all: &[Origin]| (all[at].release.clone(), all[at].namespace.clone());
    let place = |at: usize, all: &[Origin]| (release(at, all), all[at].at.to_string());
    let mut left: Vec<usize> = (0..new.len()).collect();
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = (0..old.len()).map(|at| (Some(at), None)).collect();
    let is_same: [&dyn Fn(usize, usize) -> bool; 3] = [
        &|at, other| place(at, &old) == place(other, &new),
        &|at, other| old[at].release.is_some() && release(at, &old) == release(other, &new),
        &|_, _| true,
    ];
    for is_same in is_same {
        for (at, found) in pairs.iter_mut().filter(|(_, other)| other.is_none()) {
            let same = left.iter().position(|other| at.is_some_and(|at| is_same(at, *other)));
            *found = same.map(|same| left.remove(same));
        }
    }
    pairs.extend(left.into_iter().map(|other| (None, Some(other))));
    pairs
}

/// Helm refuses the values of a dependency that are no mapping.
fn no_mapping(places: &[&FoundRelease]) -> Option<Refusal> {
    places.iter().find_map(|found| {
        let (at, document) = (&found.part.origin.at, &found.part.document);
        let node = document.find(at).filter(|_| !at.is_root())?;
        match document.value(node.value).ok()? {
            Value::Map(_) => None,
            value => Some(Refusal::NoMapping { at: at.clone(), kind: value.kind() }),
        }
    })
}

impl Compared<'_> {
    /// The name of the release, and its namespace, as far as the files tell them.
    pub fn release(&self) -> (Option<&str>, Option<&str>) {
        let sides = [&self.new.places, &self.old.places];
        let first = |pick: fn(&Origin) -> Option<&str>| {
            sides.iter().find_map(|places| places.first().and_then(|found| pick(&found.part.origin)))
        };
        (first(|origin| origin.release.as_deref()), first(|origin| origin.namespace.as_deref()))
    }
}

impl SideOfFile<'_> {
    /// The line of the file in which the value at a path is written.
    pub fn lines(&self) -> impl Fn(&Path) -> Option<usize> {
        // Once for all of them: to look for each in a map of thousands takes long.
        let lines = LazyCell::new(|| {
            // Of several places the last one counts.
            let places = self.places.iter().rev();
            places.map(|found| (*found, self.lines_of(found))).collect::<Vec<_>>()
        });
        move |path| {
            lines.iter().find_map(|(found, lines)| {
                let is_merged = path.parent().is_some_and(|above| lines.contains_key(&above.key("<<")));
                let line = lines.get(path).copied().filter(|_| !is_merged);
                line.or_else(|| self.line(found, path))
            })
        }
    }

    /// The lines of everything that is written in one place. Of a key that stands twice it is the one that counts.
    fn lines_of(&self, found: &FoundRelease) -> HashMap<Path, usize> {
        let part = &found.part;
        let Some(top) = part.document.find(&part.origin.at) else { return HashMap::new() };
        let mut lines = HashMap::new();
        part.document.walk(top.value, |path, node| {
            lines.insert(path.clone(), part.line(&self.file.document, node));
        });
        lines
    }

    /// The line of what an alias or a merge key brings to a path.
    fn line(&self, found: &FoundRelease, path: &Path) -> Option<usize> {
        let part = &found.part;
        Some(part.line(&self.file.document, part.document.find(&part.origin.at.join(path))?))
    }
}
