//! Whose chart a declaration names: several publishers have a chart called redis.

use crate::{
    chart::{self, Requirement},
    table::{Table, table},
};

/// Repositories of charts called redis.
const REPOSITORIES: Table<3> = table!("src/source/repositories.tsv", ["address", "chart", "source"]);

/// The owner of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ChartOwner {
    Bitnami,
    /// Another chart, with its name and a publisher if one is known.
    Other(String),
}

/// The owner of a chart by its name, its repository, and its version.
///
/// A repository without a row may be a mirror. Then only a version or a range lower than any of the Bitnami chart is of another
/// chart; a version that is newer than all known ones can be of this chart.
pub(super) fn owner(name: &str, repository: &str, version: Option<&Requirement>) -> ChartOwner {
    let name = last_of(name);
    if name != "redis" {
        return ChartOwner::Other(name.to_owned());
    }
    let of_another = || ChartOwner::Other("redis of another publisher".to_owned());
    match by_repository(repository) {
        Some("bitnami") => ChartOwner::Bitnami,
        Some(publisher) => ChartOwner::Other(format!("redis of {publisher}")),
        None if version.is_some_and(is_too_old) => of_another(),
        // An alias can be that of Bitnami. An unknown address without a version is more often that of another publisher.
        None if version.is_none() && repository.contains("://") => of_another(),
        None => ChartOwner::Bitnami,
    }
}

/// The last part of a name, an address or a path.
pub(super) fn last_of(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// The publisher of a known repository.
fn by_repository(repository: &str) -> Option<&'static str> {
    let repository = repository.to_ascii_lowercase();
    REPOSITORIES.rows().find(|[address, ..]| repository.contains(address)).map(|[_, chart, _]| chart)
}

/// Whether a version is lower than any of this chart, or a range begins in a major version before all of this chart.
fn is_too_old(version: &Requirement) -> bool {
    let oldest = chart::oldest();
    match version.exact() {
        Some(version) => *version < oldest,
        None => version.lowest().major < oldest.major,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_known_by_repository_or_version() {
        let of = |repository: &str, version: &str| owner("redis", repository, version.parse().ok().as_ref());
        assert_eq!(of("https://charts.bitnami.com/bitnami/", "9.5.0"), ChartOwner::Bitnami);
        assert_eq!(of("oci://registry-1.docker.io/bitnamicharts", "18.6.1"), ChartOwner::Bitnami);
        assert_eq!(of("https://mirror.example.com", "18.6.1"), ChartOwner::Bitnami);
        assert_eq!(of("", "99.0.0"), ChartOwner::Bitnami);
        assert_eq!(of("", "18.x.x"), ChartOwner::Bitnami);
        assert_eq!(of("", "none"), ChartOwner::Bitnami);
        assert_ne!(of("oci://ghcr.io/example/charts", ">=0.1.0-0"), ChartOwner::Bitnami);
        assert_ne!(of("oci://ghcr.io/example/charts", "none"), ChartOwner::Bitnami);
        assert_ne!(of("mirror", "1.x"), ChartOwner::Bitnami);
        assert_ne!(of("https://mirror.example.com", "0.16.2"), ChartOwner::Bitnami);
        assert_ne!(of("https://groundhog2k.github.io/helm-charts", "18.6.1"), ChartOwner::Bitnami);
        assert_ne!(owner("redis-cluster", "bitnami", None), ChartOwner::Bitnami);
    }
}
