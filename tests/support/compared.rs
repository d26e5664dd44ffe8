//! What holds for any two sides of a diff, and the sides that files make.
#![allow(dead_code, reason = "not each test asks for all of it")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use redisgen::{
    chart::{Chart, ChosenVersion, Requirement},
    diff::{self, Change, ChangeStatus, Diff, Mode, diff_files},
    effective::{EffectiveValues, NoEffect},
    source::{self, Hints},
    yaml::{Helm, Map},
};

/// Every way to compare.
pub const GROUNDS: [Mode; 4] = [
    Mode { helm: Helm::Four, raw: false },
    Mode { helm: Helm::Three, raw: false },
    Mode { helm: Helm::Four, raw: true },
    Mode { helm: Helm::Three, raw: true },
];

/// Compares two sides, of which the second may be for another chart, in one way, and says what does not hold: nothing
/// differs from itself, the change list makes the one into the other and back, and both directions tell the same.
pub fn compared(old: &EffectiveValues, new: &EffectiveValues, ground: Mode) -> Result<Diff, String> {
    let found = diff::diff(old, new, ground);
    for side in [old, new] {
        let alone = diff::diff(side, side, ground);
        if let Some(change) = alone.changes.first() {
            return Err(format!("differs from itself at `{}`", change.path));
        }
    }
    let mut made = found.old.values.clone();
    diff::apply(&mut made, &found.changes);
    if made != found.new.values {
        return Err(format!("does not become the new values{}", first(&made, &found.new.values)));
    }
    let turned = diff::diff(new, old, ground);
    let mut made = turned.old.values.clone();
    diff::apply(&mut made, &turned.changes);
    if made != turned.new.values {
        return Err(format!("does not become the old values{}", first(&made, &turned.new.values)));
    }
    let back = turned.reversed();
    let differ = found.changes.iter().zip(&back.changes).find(|(one, other)| unreasoned(one) != unreasoned(other));
    if let Some((one, other)) = differ {
        return Err(format!("is no mirror: {one:?} and {other:?}"));
    }
    if found.changes.len() != back.changes.len() {
        return Err(format!("is no mirror: {} and {} changes", found.changes.len(), back.changes.len()));
    }
    Ok(found)
}

/// Without the reason why it does nothing: of two the newer values give theirs.
fn unreasoned(change: &Change) -> Change {
    let status = match &change.status {
        ChangeStatus::NoEffect(why) if why.is_unused() => ChangeStatus::NoEffect(NoEffect::UnknownKey),
        status => status.clone(),
    };
    Change { status, ..change.clone() }
}

/// The first key at which two trees are not the same.
fn first(one: &Map, other: &Map) -> String {
    let keys = one.keys().chain(other.keys());
    let differ = keys.into_iter().find(|key| one.get(key) != other.get(key));
    differ.map_or_else(String::new, |key| format!(" at `{key}`: {:?} and {:?}", one.get(key), other.get(key)))
}

/// The values files of a folder, with their names.
pub fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "yaml"));
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    let name = |file: &PathBuf| file.file_name().unwrap().to_string_lossy().into_owned();
    files.iter().map(|file| (name(file), fs::read_to_string(file).unwrap())).collect()
}

/// The values in a text, each as a side; none where it holds none.
pub fn sides(text: &str, known: &Hints) -> Vec<EffectiveValues> {
    let releases = source::read(text, known, &charts).map(|file| file.releases).unwrap_or_default();
    releases.into_iter().map(|found| found.release).collect()
}

/// Compares two texts with values in any places, in one way, and says what does not hold: nothing differs from itself,
/// and both directions tell the same.
pub fn files_compared(old: (&str, &Hints), new: (&str, &Hints), ground: Mode) -> Result<usize, String> {
    let read = |(text, known): (&str, &Hints)| source::read(text, known, &charts);
    let (Ok(old), Ok(new)) = (read(old), read(new)) else { return Ok(0) };
    for file in [&old, &new] {
        for alone in diff_files(file, file, ground, &charts)? {
            if let Some(change) = alone.diff.changes.first() {
                return Err(format!("differs from itself at `{}`", change.path));
            }
        }
    }
    let (found, turned) = (diff_files(&old, &new, ground, &charts)?, diff_files(&new, &old, ground, &charts)?);
    if found.len() != turned.len() {
        return Err(format!("is no mirror: {} and {} releases", found.len(), turned.len()));
    }
    if found.len() > 1 {
        // Which of several releases go together may hang on the direction.
        return Ok(found.len());
    }
    for (one, other) in found.iter().zip(turned) {
        let other = other.diff.reversed();
        let differ =
            one.diff.changes.iter().zip(&other.changes).find(|(one, other)| unreasoned(one) != unreasoned(other));
        if differ.is_some() || one.diff.changes.len() != other.changes.len() {
            return Err(format!("is no mirror: {differ:?}"));
        }
        for change in &one.diff.changes {
            let lines = [(&one.old, &change.old), (&one.new, &change.new)];
            for (side, said) in lines {
                let line = side.lines()(&said.path);
                let count = side.file.text.lines().count().max(1);
                if line.is_some_and(|line| line == 0 || line > count) {
                    return Err(format!("`{}` is said to be in line {line:?} of {count}", said.path));
                }
            }
        }
    }
    Ok(found.len())
}

/// The embedded chart that a requirement means.
pub fn charts(wanted: &Requirement) -> Result<Chart, String> {
    let known: Vec<_> = redisgen::chart::version_numbers().collect();
    match wanted.choose(&known).map_err(|error| error.to_string())? {
        ChosenVersion::Known(version)
        | ChosenVersion::Alike { measured: version, .. }
        | ChosenVersion::Unseen { nearest: version, .. }
        | ChosenVersion::Newer { nearest: version, .. } => Chart::at(&version).ok_or_else(|| version.to_string()),
    }
}
