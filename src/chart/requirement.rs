//! Selection of a chart version: an exact version, a prefix of a version, or a range.

use std::{fmt, str::FromStr};

use semver::{Comparator, Op, Version, VersionReq};
use thiserror::Error;

use super::release;

/// Requested version: `18.6.1`, `18`, `18.6`, `^18`, `>=16, <17`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    text: String,
    wanted: Wanted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    Exact(Version),
    Range(VersionReq),
}

/// Selected version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChosenVersion {
    Known(Version),
    /// The number is between two measured versions with the same templates. The facts of `measured` apply.
    Alike {
        wanted: Version,
        measured: Version,
    },
    /// The number is not known, and is in a range in which the registry has charts that the git history lacks.
    Unseen {
        wanted: Version,
        /// Nearest known version that is not newer.
        nearest: Version,
    },
    /// An exact version is newer than every known version. A prefix or a range without a match is an error instead.
    Newer {
        /// Requested version.
        wanted: Version,
        /// Newest known version, whose facts are used.
        nearest: Version,
    },
}

/// Reason why no version can be selected.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RequirementError {
    #[error(
        "`{text}` is not a chart version: expected an exact version (`18.6.1`), a prefix (`18`, `18.6`) or a range \
         (`^18`, `>=16, <17`)"
    )]
    Malformed { text: String },
    #[error("chart version `{text}` is older than {oldest}, the oldest known version. Use {oldest} or later")]
    TooOld { text: String, oldest: Version },
    #[error("chart version `{text}` was never published{}", nearest_hint(.below, .above))]
    NeverPublished { text: String, below: Option<Version>, above: Option<Version> },
    #[error("no chart version matches `{text}`{}", nearest_hint(.below, .above))]
    NoMatch { text: String, below: Option<Version>, above: Option<Version> },
    /// Only unknown newer versions could match the prefix or range.
    #[error(
        "no known chart version matches `{text}`: the newest known version is {newest}. Use an exact version, or \
         import the chart: `redisgen chart import CHART.tgz`"
    )]
    AllNewer { text: String, newest: Version },
}

fn nearest_hint(below: &Option<Version>, above: &Option<Version>) -> String {
    match (below, above) {
        (Some(below), Some(above)) => format!(". The nearest versions are {below} and {above}"),
        (Some(one), None) | (None, Some(one)) => format!(". The nearest version is {one}"),
        (None, None) => String::new(),
    }
}

impl FromStr for Requirement {
    type Err = RequirementError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || RequirementError::Malformed { text: text.to_owned() };
        let trimmed = text.trim();
        let number = trimmed.strip_prefix('v').unwrap_or(trimmed);
        if number.is_empty() {
            return Err(malformed());
        }
        let wanted = if let Ok(version) = Version::parse(number) {
            Wanted::Exact(version)
        } else if number.split('.').all(is_number) {
            // The semver crate reads a bare `18.6` as a caret range, which would match up to 18.99.
            Wanted::Range(VersionReq::parse(&format!("{number}.*")).map_err(|_| malformed())?)
        } else {
            let range = VersionReq::parse(trimmed).map_err(|_| malformed())?;
            match range.comparators.as_slice() {
                // The semver crate reads a bare `x` as `*`, which matches every version.
                [] => return Err(malformed()),
                // `=18.6.1` names one exact version, too.
                [Comparator { op: Op::Exact, major, minor: Some(minor), patch: Some(patch), pre }] => {
                    Wanted::Exact(Version { pre: pre.clone(), ..Version::new(*major, *minor, *patch) })
                }
                _ => Wanted::Range(range),
            }
        };
        Ok(Self { text: trimmed.to_owned(), wanted })
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Requirement {
    /// The version, if only one matches.
    pub fn exact(&self) -> Option<&Version> {
        match &self.wanted {
            Wanted::Exact(exact) => Some(exact),
            Wanted::Range(_) => None,
        }
    }

    /// The version at which the requirement starts: 17.0.0 for `^17`, 0.0.0 without a lower bound.
    pub fn lowest(&self) -> Version {
        let range = match &self.wanted {
            Wanted::Exact(exact) => return exact.clone(),
            Wanted::Range(range) => range,
        };
        let bounds = range.comparators.iter().filter(|bound| !matches!(bound.op, Op::Less | Op::LessEq));
        let lowest = |bound: &Comparator| Version::new(bound.major, bound.minor.unwrap_or(0), bound.patch.unwrap_or(0));
        // All bounds must hold, so the highest of them decides.
        bounds.map(lowest).max().unwrap_or(Version::new(0, 0, 0))
    }

    pub fn matches(&self, version: &Version) -> bool {
        match &self.wanted {
            Wanted::Exact(exact) => exact == version,
            Wanted::Range(range) => range.matches(version),
        }
    }

    /// Selects the newest measured version that matches, or the newest matching version if none is measured.
    ///
    /// `known` must be ascending and not empty.
    pub fn choose(&self, known: &[Version]) -> Result<ChosenVersion, RequirementError> {
        let mut matching = known.iter().rev().filter(|version| self.matches(version)).peekable();
        if let Some(newest) = matching.peek().copied() {
            let measured = matching.find(|version| release::is_measured(version));
            return Ok(ChosenVersion::Known(measured.unwrap_or(newest).clone()));
        }
        let text = self.text.clone();
        let no_match = |below, above| RequirementError::NoMatch { text: self.text.clone(), below, above };
        let (Some(oldest), Some(newest)) = (known.first(), known.last()) else {
            return Err(no_match(None, None));
        };
        let lowest = match &self.wanted {
            Wanted::Exact(exact) => exact.clone(),
            Wanted::Range(range) => lowest(range),
        };
        let possible = self.matches(&lowest);
        if possible && lowest > *newest {
            return match &self.wanted {
                Wanted::Exact(_) => Ok(ChosenVersion::Newer { wanted: lowest, nearest: newest.clone() }),
                Wanted::Range(_) => Err(RequirementError::AllNewer { text, newest: newest.clone() }),
            };
        }
        if possible && lowest < *oldest {
            return Err(RequirementError::TooOld { text, oldest: oldest.clone() });
        }
        let below = known.iter().rev().find(|version| **version < lowest).cloned();
        let above = known.iter().find(|version| **version > lowest).cloned();
        match &self.wanted {
            Wanted::Exact(wanted) => {
                let unseen = wanted.pre.is_empty() && release::may_be_published(wanted);
                match (release::equal_measured_version(wanted), below) {
                    (Some(measured), _) if unseen => Ok(ChosenVersion::Alike { wanted: wanted.clone(), measured }),
                    (None, Some(nearest)) if unseen => Ok(ChosenVersion::Unseen { wanted: wanted.clone(), nearest }),
                    (_, below) => Err(RequirementError::NeverPublished { text, below, above }),
                }
            }
            Wanted::Range(_) => Err(no_match(below, above)),
        }
    }
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())
}

/// Lowest version that satisfies all lower bounds of the range.
fn lowest(range: &VersionReq) -> Version {
    range.comparators.iter().map(lower_bound).max().unwrap_or(Version::new(0, 0, 0))
}

fn lower_bound(comparator: &Comparator) -> Version {
    let Comparator { op, major, minor, patch, pre } = comparator;
    let bound = Version { pre: pre.clone(), ..Version::new(*major, minor.unwrap_or(0), patch.unwrap_or(0)) };
    match (op, minor, patch) {
        (Op::Less | Op::LessEq, ..) => Version::new(0, 0, 0),
        (Op::Greater, None, _) => Version::new(major.saturating_add(1), 0, 0),
        (Op::Greater, Some(minor), None) => Version::new(*major, minor.saturating_add(1), 0),
        (Op::Greater, Some(minor), Some(patch)) if pre.is_empty() => {
            Version::new(*major, *minor, patch.saturating_add(1))
        }
        _ => bound,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 8] = ["10.5.6", "11.1.1", "11.1.3", "16.13.2", "18.6.0", "18.6.4", "18.19.4", "23.1.1"];

    fn v(text: &str) -> Version {
        text.parse().unwrap()
    }

    fn choose(text: &str) -> Result<ChosenVersion, RequirementError> {
        text.parse::<Requirement>()?.choose(&KNOWN.map(v))
    }

    fn known(text: &str) -> String {
        match choose(text) {
            Ok(ChosenVersion::Known(version)) => version.to_string(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_newest_that_matches_is_chosen() {
        assert_eq!(known("18.6.0"), "18.6.0");
        assert_eq!(known("v18.6.0"), "18.6.0");
        assert_eq!(known("18"), "18.19.4");
        assert_eq!(known("18.6"), "18.6.4");
        assert_eq!(known("18.x"), "18.19.4");
        assert_eq!(known("^18"), "18.19.4");
        assert_eq!(known("~18.6"), "18.6.4");
        assert_eq!(known(">=16, <17"), "16.13.2");
        assert_eq!(known(" >=16 "), "23.1.1");
    }

    #[test]
    fn an_exact_version_newer_than_all_is_no_error() {
        let newer = |wanted| Ok(ChosenVersion::Newer { wanted: v(wanted), nearest: v("23.1.1") });
        for text in ["24.0.3", "23.1.2", "24.0.0-rc.1", "v24.0.3", "=24.0.3"] {
            assert_eq!(choose(text), newer(text.trim_start_matches(['v', '='])));
        }
    }

    #[test]
    fn no_version_is_made_up_for_a_prefix_or_a_range() {
        for text in ["24", "24.0", "24.x", "23.2", "^24.1", "~24", ">23", ">=24", ">=24.0.0", ">23.1.1, <25", "=24"] {
            assert_eq!(choose(text), Err(RequirementError::AllNewer { text: text.into(), newest: v("23.1.1") }));
        }
    }

    #[test]
    fn what_cannot_be_chosen_says_why() {
        let message = |text: &str| choose(text).unwrap_err().to_string();
        for text in ["10.5.5", "9", "10.4", "^9", "<10", "=9.0.1"] {
            assert_eq!(
                message(text),
                format!("chart version `{text}` is older than 10.5.6, the oldest known version. Use 10.5.6 or later")
            );
        }
        assert_eq!(
            message("11.1.2"),
            "chart version `11.1.2` was never published. The nearest versions are 11.1.1 and 11.1.3"
        );
        assert_eq!(message("18.7"), "no chart version matches `18.7`. The nearest versions are 18.6.4 and 18.19.4");
        assert_eq!(
            message(">=17, <16"),
            "no chart version matches `>=17, <16`. The nearest versions are 16.13.2 and 18.6.0"
        );
        assert_eq!(message(">30, <20"), "no chart version matches `>30, <20`. The nearest version is 23.1.1");
        assert_eq!(
            message("18.6.4-rc1"),
            "chart version `18.6.4-rc1` was never published. The nearest versions are 18.6.0 and 18.6.4"
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_asked_is_answered(text in "[ v~^<>=*x,.0-9a-z+-]{0,16}|\\PC{0,12}") {
            let Ok(requirement) = text.parse::<Requirement>() else { return Ok(()) };
            match requirement.choose(&KNOWN.map(v)) {
                Ok(ChosenVersion::Known(version)) => assert!(requirement.matches(&version)),
                Ok(ChosenVersion::Newer { wanted, nearest }) => {
                    assert!(requirement.matches(&wanted) && wanted > nearest);
                    assert!(matches!(requirement.wanted, Wanted::Exact(_)));
                }
                Ok(ChosenVersion::Alike { wanted, measured: older } | ChosenVersion::Unseen { wanted, nearest: older }) => {
                    assert!(requirement.matches(&wanted) && wanted > older);
                }
                Err(e) => assert!(e.to_string().contains(text.trim())),
            }
        }
    }

    #[test]
    fn nonsense_is_malformed() {
        let huge = "99999999999999999999";
        for text in [
            "", " ", "*", "x", "X", "latest", "18.", ".5", "18..6", "1.2.3.4", "18.6.0,", ">=", "v", "-1", "18 19",
            huge,
        ] {
            assert!(matches!(choose(text), Err(RequirementError::Malformed { .. })), "{text:?}: {:?}", choose(text));
        }
    }
}
