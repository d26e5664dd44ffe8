//! Renamed, removed and otherwise changed keys, with the chart version of the change.

use std::borrow::Cow;

use semver::Version;

use super::{
    Chart, catalogue,
    pack::{ChangeKind, ChangeRow, Section, Transform},
    version_facts::VersionFacts,
};

/// Change of a key in chart `version`: a new path, a new meaning, or the removal of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub version: Version,
    /// Path of the older key. If the key is a map, the change includes its children.
    pub old: &'static str,
    /// Paths of the newer keys. Empty if the key has no replacement.
    pub new: Vec<&'static str>,
    pub kind: ChangeKind,
    pub transform: Transform,
}

/// Changes after the version `from`, up to and including the newer version `to`, oldest first.
///
/// Empty if `to` is not newer than `from`. Source: every published chart; old and new keys were verified by
/// rendering.
pub fn changes(from: &Version, to: &Version) -> Vec<Change> {
    let table = catalogue::table(Section::Changes);
    let position = |version: &Version| catalogue::position_at_or_before(&super::number(version));
    let (from, to) = (position(from), position(to));
    let passed = |at: u16| from.is_none_or(|from| from < at) && to.is_some_and(|to| at <= to);
    let mut entries: Vec<_> = table.entries().filter(|entry| passed(entry.since)).collect();
    entries.sort_by_key(|entry| (entry.since, entry.name));
    let change = |entry: super::pack::Entry| {
        let ChangeRow { kind, transform, new } = table.row(entry);
        Change {
            version: catalogue::version(entry.since),
            old: catalogue::names().name(entry.name),
            new,
            kind,
            transform,
        }
    };
    entries.into_iter().map(change).collect()
}

/// Changes as [`changes`] returns them, without a copy.
pub fn changes_between(from: &Version, to: &Version) -> Cow<'static, [Change]> {
    let Some(from_position) = catalogue::position_at_or_before(&super::number(from)) else {
        return changes(from, to).into();
    };
    let from = catalogue::version(from_position);
    let all = changes_until(to);
    Cow::Borrowed(&all[all.partition_point(|change| change.version <= from)..])
}

/// Changes after the oldest version, up to and including `to`, oldest first.
pub fn changes_until(to: &Version) -> &'static [Change] {
    match catalogue::position_at_or_before(&super::number(to)) {
        Some(at) => VersionFacts::at(at).changes.get_or_init(|| changes(&super::oldest(), to)),
        None => &[],
    }
}

impl Chart {
    /// Finds the last change that renamed or moved a key of an older version, with the paths of this version. `None`
    /// if this version has no replacement.
    ///
    /// `history` has the changes up to this version.
    pub fn last_move<'c>(&self, path: &str, history: &'c [Change]) -> Option<(&'c Change, Vec<String>)> {
        let moves = |change: &&Change| {
            !matches!(change.kind, ChangeKind::Removed | ChangeKind::Type | ChangeKind::Semantic | ChangeKind::Alias)
        };
        let (change, rest) =
            history.iter().rev().filter(moves).find_map(|change| Some((change, below(path, change.old)?)))?;
        let mut to: Vec<String> = Vec::new();
        for new in &change.new {
            let new = format!("{new}{rest}");
            if self.takes(&new) {
                to.push(new);
            } else if let Some((_, further)) = self.last_move(&new, history) {
                to.extend(further);
            }
        }
        (!to.is_empty()).then_some((change, to))
    }
}

/// The rest of `path` after the key `above`. `None` if `path` is neither this key nor below it.
pub(super) fn below<'a>(path: &'a str, above: &str) -> Option<&'a str> {
    path.strip_prefix(above).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from: &str, to: &str) -> Vec<Change> {
        changes(&from.parse().unwrap(), &to.parse().unwrap())
    }

    #[test]
    fn only_what_lies_between_is_told() {
        assert_eq!(between("14.0.0", "14.0.0"), []);
        assert_eq!(between("23.1.1", "10.5.6"), []);
        assert!(between("14.0.0", "14.5.0").is_empty());
        let changes = between("13.0.1", "14.0.0");
        assert!(changes.iter().all(|change| change.version == Version::new(14, 0, 0)));
        assert!(changes.iter().any(|change| change.old == "usePassword" && change.new == ["auth.enabled"]));
    }

    #[test]
    fn changes_are_the_same_without_a_copy() {
        let versions = || super::super::version_numbers().step_by(30);
        for from in versions() {
            for to in versions() {
                assert_eq!(*changes_between(&from, &to), *changes(&from, &to), "{from} {to}");
            }
        }
    }

    #[test]
    fn old_keys_were_keys_and_new_ones_are() {
        for change in between("10.5.6", "23.1.1") {
            let after = super::super::Chart::at(&change.version).unwrap();
            let before = catalogue::position(&change.version).unwrap() - 1;
            let before = super::super::Chart::at(&catalogue::version(before)).unwrap();
            assert!(before.key(change.old).is_some(), "{}: {} was no key before", change.version, change.old);
            for new in &change.new {
                assert!(after.takes(new), "{}: {new} is no key", change.version);
            }
        }
    }
}
