//! Pairs the releases of two files and compares each pair.

use super::{Diff, Mode, diff};
use crate::{
    effective::Refusal,
    source::{Charts, File, FoundRelease, JoinedRelease, Origin, reconcile},
    yaml::{Path, Value},
};

/// A release of two files with its changes.
pub struct Compared<'a> {
    pub old: FileSide<'a>,
    pub new: FileSide<'a>,
    pub diff: Diff,
}

/// The values of a release in one of the two files.
pub struct FileSide<'a> {
    pub file: &'a File,
    /// The places of the values, lowest precedence first. Empty if only the other file has the release.
    pub places: Vec<&'a FoundRelease>,
    /// A suffix for the name of the file: ` (release cache)`, ` (at redis)`. Empty if the file has one release at its
    /// root.
    pub label: String,
    /// The source of the chart version, in a few words.
    pub by: &'static str,
}

/// Compares all releases of two files.
///
/// # Errors
///
/// If no chart version fits both sides of a release.
pub fn diff_files<'a>(old: &'a File, new: &'a File, mode: Mode, charts: &Charts) -> Result<Vec<Compared<'a>>, String> {
    diff_files_with(old, new, mode, charts, &|_| {})
}

/// Compares all releases of two files, and changes each comparison before the next one.
///
/// # Errors
///
/// As [`diff_files`].
pub fn diff_files_with<'a>(
    old: &'a File,
    new: &'a File,
    mode: Mode,
    charts: &Charts,
    change: &dyn Fn(&mut Diff),
) -> Result<Vec<Compared<'a>>, String> {
    let (old_releases, new_releases) = (old.joined(), new.joined());
    let mut compared = Vec::new();
    for (a, b) in pairs(&old_releases, &new_releases) {
        let joined = |at: Option<usize>, all: &[JoinedRelease<'a>]| at.and_then(|at| all.get(at).cloned());
        let (mut a, mut b) = match (joined(a, &old_releases), joined(b, &new_releases)) {
            (Some(a), Some(b)) => (a, b),
            // A release that only one file has is compared with empty values for the same chart.
            (Some(a), None) => {
                let nothing = a.without_values();
                (a, nothing)
            }
            (None, Some(b)) => (b.without_values(), b),
            (None, None) => continue,
        };
        reconcile(&mut a, &mut b, charts)?;
        let mut diff = diff(&a.release, &b.release, mode);
        if !mode.raw {
            diff.old.refusals.extend(no_mapping(&a.places));
            diff.new.refusals.extend(no_mapping(&b.places));
        }
        change(&mut diff);
        let side = |file: &'a File, count: usize, joined: JoinedRelease<'a>| FileSide {
            file,
            label: label(&joined.places, count),
            by: joined.claim.by.briefly(),
            places: joined.places,
        };
        compared.push(Compared { old: side(old, old_releases.len(), a), new: side(new, new_releases.len(), b), diff });
    }
    Ok(compared)
}

/// The suffix that identifies a release in a file with `releases` releases.
fn label(places: &[&FoundRelease], releases: usize) -> String {
    let Some(first) = places.first() else { return String::new() };
    let origin = &first.part.origin;
    match (&origin.release, origin.at.is_root()) {
        (Some(release), _) if releases > 1 => format!(" (release {release})"),
        (_, false) if places.len() == 1 => format!(" (at {})", origin.at),
        _ => String::new(),
    }
}

/// Pairs releases by name and place, then by name, then by order.
fn pairs(old: &[JoinedRelease], new: &[JoinedRelease]) -> Vec<(Option<usize>, Option<usize>)> {
    let origin = |joined: &JoinedRelease| joined.places[0].part.origin.clone();
    let of = |all: &[JoinedRelease]| all.iter().map(origin).collect::<Vec<_>>();
    let (old, new) = (of(old), of(new));
    let release = |at: usize, all: &[Origin]| (all[at].release.clone(), all[at].namespace.clone());
    let place = |at: usize, all: &[Origin]| (release(at, all), all[at].at.to_string());
    let mut unpaired: Vec<usize> = (0..new.len()).collect();
    let mut pairs: Vec<(Option<usize>, Option<usize>)> = (0..old.len()).map(|at| (Some(at), None)).collect();
    let is_same: [&dyn Fn(usize, usize) -> bool; 3] = [
        &|at, other| place(at, &old) == place(other, &new),
        &|at, other| old[at].release.is_some() && release(at, &old) == release(other, &new),
        &|_, _| true,
    ];
    for is_same in is_same {
        for (at, partner) in pairs.iter_mut().filter(|(_, other)| other.is_none()) {
            let same = unpaired.iter().position(|other| at.is_some_and(|at| is_same(at, *other)));
            *partner = same.map(|same| unpaired.remove(same));
        }
    }
    pairs.extend(unpaired.into_iter().map(|other| (None, Some(other))));
    pairs
}

/// Finds values of a subchart that are no mapping, which Helm refuses.
fn no_mapping(places: &[&FoundRelease]) -> Option<Refusal> {
    places.iter().find_map(|place| {
        let (at, document) = (&place.part.origin.at, &place.part.document);
        let node = document.find(at).filter(|_| !at.is_root())?;
        match document.value(node.value).ok()? {
            Value::Map(_) => None,
            value => Some(Refusal::NoMapping { at: at.clone(), kind: value.kind() }),
        }
    })
}

impl Compared<'_> {
    /// The name and the namespace of the release, if the files set them.
    pub fn release(&self) -> (Option<&str>, Option<&str>) {
        let sides = [&self.new.places, &self.old.places];
        let first = |pick: fn(&Origin) -> Option<&str>| {
            sides.iter().find_map(|places| places.first().and_then(|place| pick(&place.part.origin)))
        };
        (first(|origin| origin.release.as_deref()), first(|origin| origin.namespace.as_deref()))
    }
}

impl FileSide<'_> {
    /// A function that finds the line of the file that sets the value at a path.
    pub fn lines(&self) -> impl Fn(&Path) -> Option<usize> {
        // The last place has the highest precedence.
        move |path| self.places.iter().rev().find_map(|place| self.line_in(place, path))
    }

    /// The line that sets a path in one place. The last line wins for a duplicate key.
    fn line_in(&self, place: &FoundRelease, path: &Path) -> Option<usize> {
        let part = &place.part;
        let written = |path: &Path| part.document.find_written(part.document.find(&part.origin.at)?.value, path);
        let is_merged = || path.parent().is_some_and(|above| written(&above.key("<<")).is_some());
        match written(path).filter(|_| !path.is_root() && !is_merged()) {
            Some(node) => Some(part.line(&self.file.document, node)),
            None => self.line(place, path),
        }
    }

    /// The line of a value that an alias or a merge key sets.
    fn line(&self, place: &FoundRelease, path: &Path) -> Option<usize> {
        let part = &place.part;
        Some(part.line(&self.file.document, part.document.find(&part.origin.at.join(path))?))
    }
}
