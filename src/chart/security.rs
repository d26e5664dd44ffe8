//! Known security holes of Redis versions, and Redis versions without further fixes.

use std::sync::LazyLock;

use semver::Version;

use crate::table::{Table, parsed, table};

const HOLES: Table<5> = table!("src/chart/data/holes.tsv", ["cve", "since", "mended", "what", "source"]);
const LIFETIMES: Table<3> = table!("src/chart/data/lifetimes.tsv", ["redis", "ended", "source"]);

/// Security hole of Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vulnerability {
    pub cve: &'static str,
    /// What the hole allows, for the middle of a sentence.
    pub what: &'static str,
    /// First fixed version of each release line, ascending.
    fixed: Vec<Version>,
    since: Version,
}

impl Vulnerability {
    /// Whether this version of Redis has the hole.
    pub fn is_in(&self, redis: &Version) -> bool {
        let Some(newest) = self.fixed.last() else { return *redis >= self.since };
        *redis >= self.since && redis < newest && self.fixed_in_line_of(redis).is_none_or(|fixed| redis < fixed)
    }

    fn fixed_in_line_of(&self, redis: &Version) -> Option<&Version> {
        self.fixed.iter().find(|fixed| (fixed.major, fixed.minor) == (redis.major, redis.minor))
    }
}

/// Known holes of a version of Redis, newest first. Source: `holes.tsv`.
pub fn vulnerabilities(redis: &Version) -> Vec<&'static Vulnerability> {
    ALL.iter().rev().filter(|hole| hole.is_in(redis)).collect()
}

/// Oldest version of Redis without known holes: from the same release line if it has one, otherwise from any newer
/// line.
pub fn fixed_redis(redis: &Version) -> Option<Version> {
    let fixed = WITHOUT_HOLES.iter().filter(|fixed| *fixed > redis);
    // Versions of the same line sort before all others, and older versions before newer ones.
    fixed.min_by_key(|fixed| ((fixed.major, fixed.minor) != (redis.major, redis.minor), *fixed)).cloned()
}

/// Date since which the release line of a version of Redis gets no more fixes: `2024-07-29`. `None` if the line gets
/// fixes, or if the date is not known. Source: `lifetimes.tsv`.
pub fn end_of_life(redis: &Version) -> Option<&'static str> {
    let line = format!("{}.{}", redis.major, redis.minor);
    LIFETIMES.row(&line).map(|[_, ended, _]| ended)
}

/// Versions that fix a hole and have no known hole themselves.
static WITHOUT_HOLES: LazyLock<Vec<Version>> = LazyLock::new(|| {
    let fixed = ALL.iter().flat_map(|hole| &hole.fixed);
    fixed.filter(|fixed| !ALL.iter().any(|hole| hole.is_in(fixed))).cloned().collect()
});

/// Holes in the order of the file.
static ALL: LazyLock<Vec<Vulnerability>> = LazyLock::new(|| {
    HOLES.read(|[cve, since, fixed, what, _]| {
        let fixed = fixed.split(',').map(parsed).collect::<Result<Vec<_>, _>>()?;
        Ok(Vulnerability { cve, what, fixed, since: parsed(&format!("{since}.0"))? })
    })
});

#[cfg(test)]
mod tests {
    use super::*;

    fn cves(redis: &str) -> Vec<&'static str> {
        vulnerabilities(&redis.parse().unwrap()).into_iter().map(|hole| hole.cve).collect()
    }

    #[test]
    fn every_row_is_read_and_names_its_source() {
        assert_eq!(ALL.len(), HOLES.rows().count());
        let cves: Vec<_> = ALL.iter().map(|hole| hole.cve).collect();
        assert!(cves.iter().all(|cve| cve.starts_with("CVE-2")), "{cves:?}");
        for hole in ALL.iter() {
            assert!(hole.fixed.is_sorted() && hole.since < hole.fixed[0], "{}", hole.cve);
        }
        let sources = HOLES.rows().map(|[.., source]| source).chain(LIFETIMES.rows().map(|[.., source]| source));
        sources.for_each(|source| assert!(source.len() > 9, "{source}"));
        assert!(LIFETIMES.rows().all(|[_, ended, _]| ended.len() == 10));
    }

    #[test]
    fn a_hole_is_in_the_versions_before_the_fix_of_their_line() {
        let lua = "CVE-2025-49844";
        for redis in ["5.0.7", "6.0.8", "6.2.19", "7.0.15", "7.2.10", "7.4.5", "8.0.3", "8.2.0", "8.2.1"] {
            assert!(cves(redis).contains(&lua), "{redis}");
        }
        for redis in ["6.2.20", "7.2.11", "7.4.6", "8.0.4", "8.2.2", "8.4.0", "8.10.1"] {
            assert!(!cves(redis).contains(&lua), "{redis}");
        }
        assert!(!cves("8.0.3").contains(&"CVE-2025-62507"), "it came with 8.2");
        assert!(cves("8.2.2").contains(&"CVE-2025-62507"));
        assert!(cves("8.0.6").contains(&"CVE-2026-23479"), "no 8.0 mends it");
        assert_eq!(cves("8.8.0"), ["CVE-2026-81934"]);
        assert_eq!(cves("8.10.1"), [""; 0]);
        assert_eq!(cves("9.0.0"), [""; 0]);
    }

    #[test]
    fn what_mends_is_in_the_line_if_it_can_be() {
        let fixed = |redis: &str| fixed_redis(&redis.parse().unwrap()).map(|version| version.to_string());
        assert_eq!(fixed("8.2.1").as_deref(), Some("8.2.9"));
        assert_eq!(fixed("7.4.0").as_deref(), Some("7.4.11"));
        assert_eq!(fixed("7.0.15").as_deref(), Some("7.2.16"));
        assert_eq!(fixed("6.0.8").as_deref(), Some("6.2.24"));
        assert_eq!(fixed("8.12.0"), None);
    }

    #[test]
    fn a_line_ends_once() {
        let ended = |redis: &str| end_of_life(&redis.parse().unwrap());
        assert_eq!(ended("7.0.15"), Some("2024-07-29"));
        assert_eq!(ended("6.0.8"), Some("2022-05-31"));
        for redis in ["6.2.6", "7.2.4", "7.4.0", "8.2.1", "8.10.1"] {
            assert_eq!(ended(redis), None, "{redis}");
        }
    }
}
