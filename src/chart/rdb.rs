//! Snapshot formats of Redis versions, and which Redis can read which data.

use semver::Version;

use super::{catalogue, pack::RdbRow};

/// Format in which a version of Redis writes snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RdbFormat {
    Known(u16),
    /// The version is newer than the last known version, or older than the first one.
    Unknown,
}

/// Snapshot format of a version of Redis.
///
/// Redis reads its own format and older formats. A replica with an older format than its primary cannot synchronize:
/// upgrade replicas before the primary. An older Redis also refuses to start with data in a newer format. This
/// applies to snapshots and to an AOF, because the base of an AOF is a snapshot.
///
/// The format of a minor version that is newer than the last row is not known. Source: `rdb.tsv`, from the source
/// code of Redis.
pub fn rdb_format(redis: &Version) -> RdbFormat {
    let number = (redis.major, redis.minor);
    let since = |row: &RdbRow| (u64::from(row.redis.0), u64::from(row.redis.1));
    let mut rows = catalogue::rdb_rows().rev().peekable();
    if rows.peek().is_none_or(|last| since(last) < number) {
        return RdbFormat::Unknown;
    }
    rows.find(|row| since(row) <= number).map_or(RdbFormat::Unknown, |row| RdbFormat::Known(row.format))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::versions;

    #[test]
    fn the_format_is_that_of_the_source_of_redis() {
        let format = |version: &str| rdb_format(&version.parse().unwrap());
        let formats = [
            ("6.2.7", 9),
            ("7.0.3", 10),
            ("7.2.5", 11),
            ("7.4.0", 12),
            ("8.2.1", 12),
            ("8.6.3", 13),
            ("8.8.1", 14),
            ("8.10.2", 15),
        ];
        for (version, expected) in formats {
            assert_eq!(format(version), RdbFormat::Known(expected), "{version}");
        }
    }

    #[test]
    fn what_is_newer_than_the_table_is_unknown() {
        for version in ["4.0.14", "8.11.0", "8.12.0", "9.0.0"] {
            assert_eq!(rdb_format(&version.parse().unwrap()), RdbFormat::Unknown, "{version}");
        }
    }

    #[test]
    fn every_chart_runs_a_redis_whose_format_is_known() {
        let mut steps = Vec::new();
        let mut last = None;
        for release in versions() {
            let RdbFormat::Known(format) = rdb_format(&release.app_version.parse().unwrap()) else {
                panic!("{}: the format of Redis {} is not known", release.version, release.app_version)
            };
            if last.is_some_and(|last| last != format) {
                steps.push(format!("{} {format}", release.version));
            }
            last = Some(format);
        }
        // 17.17.1 returned to a Redis that cannot read the data of 17.15.4 to 17.17.0.
        let expected =
            ["17.0.0 10", "17.15.4 11", "17.17.1 10", "18.0.0 11", "20.0.0 12", "25.5.1 13", "26.0.0 14", "28.0.0 15"];
        assert_eq!(steps, expected);
    }
}
