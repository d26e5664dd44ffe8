//! Which Redis can read whose data.

use semver::Version;

use super::catalogue;

/// The format in which this version of Redis writes snapshots; none for one that is older than those of all charts,
/// and for one that is newer than all that are known the newest known.
///
/// A Redis reads its own format and older ones. So a replica that is older than its primary by a format cannot be
/// filled any more: replicas are upgraded before the primary. And data that a newer format holds is no way back: an
/// older Redis refuses to start with it, from a snapshot as from an AOF, whose base is one.
///
/// Source: `rdb.tsv`, from the source of Redis.
pub fn rdb_format(redis: &Version) -> Option<u16> {
    let number = (redis.major, redis.minor);
    let mut rows = catalogue::rdb_rows().rev();
    rows.find(|row| (u64::from(row.redis.0), u64::from(row.redis.1)) <= number).map(|row| row.format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::versions;

    #[test]
    fn the_format_is_that_of_the_source_of_redis() {
        let format = |version: &str| rdb_format(&version.parse().unwrap());
        let formats = [("6.2.7", 9), ("7.0.3", 10), ("7.2.5", 11), ("7.4.0", 12), ("8.2.1", 12), ("8.6.0", 13)];
        for (version, expected) in formats {
            assert_eq!(format(version), Some(expected), "{version}");
        }
        assert_eq!(format("4.0.14"), None);
    }

    #[test]
    fn every_chart_runs_a_redis_whose_format_is_known() {
        let mut steps = Vec::new();
        let mut last = None;
        for release in versions() {
            let format = rdb_format(&release.app_version.parse().unwrap()).expect("a known format");
            if last.is_some_and(|last| last != format) {
                steps.push(format!("{} {format}", release.version));
            }
            last = Some(format);
        }
        // 17.17.1 went back to a Redis that cannot read what 17.15.4 to 17.17.0 wrote.
        assert_eq!(steps, ["17.0.0 10", "17.15.4 11", "17.17.1 10", "18.0.0 11", "20.0.0 12"]);
    }
}
