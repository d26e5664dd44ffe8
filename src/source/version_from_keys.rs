//! Finds the chart versions that fit the keys of values best.

use std::{fmt, ops::Range};

use semver::Version;

use crate::{
    chart::{self, Trace},
    yaml::{self, Map, Value},
};

/// The range of versions that have the most of the written keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchingVersions {
    /// The oldest and the newest version of the range. The newest range wins if several fit equally well.
    pub since: Version,
    pub until: Version,
    /// The number of written keys that each version of the range has.
    pub fits: usize,
    /// The number of all written keys.
    pub of: usize,
    /// The number of keys that no version has.
    pub unknown: usize,
    /// The key that no version before the range has, and the key that no version after the range has.
    pub bound: [Option<String>; 2],
}

impl MatchingVersions {
    /// Finds the best range for the keys of these values.
    pub fn of(values: &Map) -> Self {
        let versions: Vec<Version> = chart::version_numbers().collect();
        let keys = Keys::of(values);
        let counts = keys.counts(versions.len());
        let best = counts.iter().copied().max().unwrap_or_default();
        let last = counts.iter().rposition(|count| *count == best).unwrap_or_default();
        let first = counts[..last].iter().rposition(|count| *count != best).map_or(0, |worse| worse + 1);
        let bound = [
            first.checked_sub(1).and_then(|before| keys.decides(first, before)),
            Some(last + 1).filter(|behind| *behind < versions.len()).and_then(|behind| keys.decides(last, behind)),
        ];
        Self {
            since: versions[first].clone(),
            until: versions[last].clone(),
            fits: best,
            of: keys.known.len() + keys.unknown,
            unknown: keys.unknown,
            bound,
        }
    }

    /// Whether the range contains a version.
    pub fn contains(&self, version: &Version) -> bool {
        self.since <= *version && *version <= self.until
    }

    /// Whether the keys fit every version equally well.
    pub fn is_open(&self) -> bool {
        self.since == chart::oldest() && self.until == chart::newest()
    }
}

/// The number of written keys that some version has, and the number of all written keys.
pub(super) fn known(values: &Map) -> (usize, usize) {
    let (mut known, mut all) = (0, 0);
    each_written(values, &mut |_, trace| {
        known += usize::from(!trace.held.is_empty());
        all += 1;
    });
    (known, all)
}

/// Visits the written keys with their paths as text: the leaves, because a map is known only by the keys in it, and the
/// topmost of the keys that no version has.
fn each_written(values: &Map, visit: &mut dyn FnMut(&str, &'static Trace)) {
    each_below(values, &mut String::new(), visit);
}

fn each_below(map: &Map, path: &mut String, visit: &mut dyn FnMut(&str, &'static Trace)) {
    let above = path.len();
    for (key, value) in map.iter() {
        yaml::push_key(path, key);
        let trace = chart::key_trace(path);
        match value {
            Value::Map(below)
                if !trace.held.is_empty() && !trace.open && !below.is_empty() && chart::is_key_parent(path) =>
            {
                each_below(below, path, visit);
            }
            _ => visit(path, trace),
        }
        path.truncate(above);
    }
}

impl MatchingVersions {
    /// The newest measured version of the range, or its newest version if none is measured.
    pub fn newest(&self) -> Version {
        chart::newest_measured_in(&self.since, &self.until).unwrap_or_else(|| self.until.clone())
    }
}

impl fmt::Display for MatchingVersions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { since, until, fits, of, .. } = self;
        let noun = if *of == 1 { "key" } else { "keys" };
        write!(f, "{since} to {until} fit best ({fits} of {of} {noun})")
    }
}

/// The written keys, each with the positions of the versions that have the key.
#[derive(Default)]
struct Keys {
    known: Vec<(String, &'static [Range<usize>])>,
    unknown: usize,
}

impl Keys {
    fn of(values: &Map) -> Self {
        let mut keys = Self::default();
        each_written(values, &mut |path, trace| match trace.held[..] {
            [] => keys.unknown += 1,
            _ => keys.known.push((path.to_owned(), &trace.held)),
        });
        keys
    }

    /// The number of written keys that each version has.
    fn counts(&self, versions: usize) -> Vec<usize> {
        let mut steps = vec![(0_usize, 0_usize); versions + 1];
        for range in self.known.iter().flat_map(|(_, ranges)| *ranges) {
            steps[range.start].0 += 1;
            steps[range.end].1 += 1;
        }
        let mut now = 0;
        steps
            .into_iter()
            .take(versions)
            .map(|(more, fewer)| {
                now = now + more - fewer;
                now
            })
            .collect()
    }

    /// The first key that one version has and the other version lacks.
    fn decides(&self, has: usize, lacks: usize) -> Option<String> {
        let contains = |ranges: &[Range<usize>], at| ranges.iter().any(|range| range.contains(&at));
        let found = self.known.iter().find(|(_, ranges)| contains(ranges, has) && !contains(ranges, lacks));
        found.map(|(key, _)| key.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_values;

    fn era(text: &str) -> MatchingVersions {
        MatchingVersions::of(&read_values(text).unwrap())
    }

    #[test]
    fn keys_of_few_versions_select_their_range() {
        let old = era(
            "cluster:\n  enabled: true\n  slaveCount: 2\nusePassword: false\nslave:\n  persistence:\n    enabled: false\n",
        );
        assert_eq!((old.fits, old.of, old.unknown), (4, 4, 0));
        assert_eq!(old.until.major, 13, "{old}");
        let new = era("replica:\n  replicaCount: 3\nauth:\n  enabled: true\n");
        assert_eq!(new.until, chart::newest());
        assert_eq!(new.since.major, 14, "{new}");
        assert_eq!(new.bound, [Some("replica.replicaCount".to_owned()), None]);
    }

    #[test]
    fn keys_of_all_versions_leave_the_range_open() {
        let open = era("master:\n  persistence:\n    size: 8Gi\n");
        assert!(open.is_open(), "{open}");
        assert!(era("").is_open());
    }

    #[test]
    fn a_stray_key_does_not_decide() {
        let mixed = era(
            "usePassword: true\nauth:\n  enabled: true\n  existingSecret: x\nreplica:\n  replicaCount: 1\nfoo: 1\n",
        );
        assert_eq!((mixed.fits, mixed.of, mixed.unknown), (3, 5, 1));
        assert_eq!(mixed.until, chart::newest());
    }
}
