//! Known versions of the chart, and how well each version is known.

use semver::Version;

use super::{
    catalogue,
    pack::{Evidence, Line, VersionRow},
};

/// One version of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub version: Version,
    /// Version of Redis in `Chart.yaml`.
    pub app_version: String,
    /// Date of publication, or of the first sighting: `2020-01-31`. Not known for an imported version.
    pub date: Option<String>,
    /// Version of the library chart in the lock file.
    pub common: Option<String>,
    /// Range of Kubernetes versions that `Chart.yaml` requires. No embedded version requires one.
    pub kube: Option<String>,
    /// Where the version is published. Not known for an imported version.
    pub line: Option<Line>,
    /// Version of Redis in a published chart with the same number and other content.
    pub other_app: Option<String>,
    pub knowledge: Knowledge,
}

/// How well the facts of a version are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knowledge {
    /// The version was rendered, or a chart with the same templates and defaults was.
    Measured,
    /// Only the number is known, and it is between two measured versions with the same templates. Their facts apply.
    Alike { measured: Version },
    /// Only keys and defaults were read. All other facts are those of another version.
    KeysOnly { facts: Version },
    /// Only the number is known. All facts are those of another version.
    NumberOnly { facts: Version },
    /// An imported chart has the templates of a measured version, and the facts of that version apply. Keys and
    /// defaults are its own.
    Recognised { measured: Version },
    /// Keys are from an imported chart, and all other facts from an embedded version.
    Imported { facts: Version },
    /// Keys are from an imported chart, and the use of keys was measured on this machine. All other facts are from an
    /// embedded version.
    MeasuredHere { facts: Version },
    /// The version is not known. All facts are those of another version.
    Unknown { facts: Version },
}

impl Knowledge {
    /// Version whose facts are assumed, without proof that they apply.
    pub fn assumed(&self) -> Option<&Version> {
        match self {
            Self::Measured | Self::Alike { .. } | Self::Recognised { .. } => None,
            Self::KeysOnly { facts }
            | Self::NumberOnly { facts }
            | Self::Imported { facts }
            | Self::MeasuredHere { facts }
            | Self::Unknown { facts } => Some(facts),
        }
    }
}

/// Embedded versions, ascending.
///
/// Source: `bitnami/redis` in the history of github.com/bitnami/charts, public mirrors of the registry, and sources
/// that name a version; `versions.tsv` has the source of each version.
pub fn versions() -> impl DoubleEndedIterator<Item = Release> + ExactSizeIterator {
    (0..catalogue::version_count()).map(release_at)
}

/// Numbers of the embedded versions, ascending. This is much cheaper than [`versions`].
pub fn version_numbers() -> impl DoubleEndedIterator<Item = Version> + ExactSizeIterator {
    (0..catalogue::version_count()).map(catalogue::version)
}

/// Numbers of the measured embedded versions, ascending.
pub fn measured_versions() -> impl DoubleEndedIterator<Item = Version> {
    (0..catalogue::version_count()).filter(|at| evidence_at(*at) == Evidence::Measured).map(catalogue::version)
}

/// Embedded release of a version.
pub fn published(version: &Version) -> Option<Release> {
    catalogue::position(version).map(release_at)
}

/// Whether the version is an embedded version with measured facts.
pub fn is_measured(version: &Version) -> bool {
    catalogue::position(version).is_some_and(|at| evidence_at(at) == Evidence::Measured)
}

/// How well the facts of the embedded version at a position are known.
pub(super) fn knowledge(position: u16) -> Knowledge {
    let row = catalogue::version_row(position);
    let facts = facts_of(position);
    match row.seen {
        Evidence::Measured => Knowledge::Measured,
        Evidence::Keys => Knowledge::KeysOnly { facts },
        Evidence::Number => match equal_measured_version(&catalogue::version(position)) {
            Some(measured) => Knowledge::Alike { measured },
            None => Knowledge::NumberOnly { facts },
        },
    }
}

/// Measured version whose facts apply to the embedded version at a position.
pub(super) fn facts_of(position: u16) -> Version {
    catalogue::version(catalogue::version_row(position).facts.unwrap_or(position))
}

/// Version whose keys apply to the embedded version at a position.
pub(super) fn keys_of(position: u16) -> Version {
    match knowledge(position) {
        Knowledge::NumberOnly { facts } => facts,
        _ => catalogue::version(position),
    }
}

/// Measured version whose facts apply to another number, because the nearest measured versions below and above have
/// the same templates.
pub fn equal_measured_version(version: &Version) -> Option<Version> {
    let below = catalogue::position_at_or_before(version)?;
    let below = (0..=below).rev().find(|at| evidence_at(*at) == Evidence::Measured)?;
    let above = (below + 1..catalogue::version_count()).find(|at| evidence_at(*at) == Evidence::Measured)?;
    let templates = |at| catalogue::version_row(at).templates;
    (catalogue::version(below) < *version && templates(below) == templates(above)).then(|| catalogue::version(below))
}

/// Whether a number that is not embedded may be a published chart: the git history does not cover the versions around
/// it.
pub(super) fn may_be_published(version: &Version) -> bool {
    let Some(below) = catalogue::position_at_or_before(version) else { return false };
    let around = [Some(below), Some(below + 1).filter(|at| *at < catalogue::version_count())];
    around.into_iter().flatten().any(|at| catalogue::version_row(at).line != Line::Both)
}

/// A version without the suffix of a mirror or a build. Comparisons of versions use this number.
pub fn number(version: &Version) -> Version {
    Version::new(version.major, version.minor, version.patch)
}

fn evidence_at(position: u16) -> Evidence {
    catalogue::version_row(position).seen
}

fn release_at(position: u16) -> Release {
    let VersionRow { number: _, date, app, common, line, seen: _, facts: _, templates: _, other_app } =
        catalogue::version_row(position);
    Release {
        version: catalogue::version(position),
        app_version: app.to_owned(),
        date: date.map(str::to_owned),
        common: common.map(str::to_owned),
        kube: None,
        line: Some(line),
        other_app: other_app.map(str::to_owned),
        knowledge: knowledge(position),
    }
}

/// Oldest embedded version. Nothing is known about older versions.
pub fn oldest() -> Version {
    catalogue::version(0)
}

/// Newest embedded version.
pub fn newest() -> Version {
    catalogue::version(catalogue::version_count() - 1)
}

/// Newest measured embedded version, the default if the user names no version.
pub fn newest_measured() -> Version {
    let measured = (0..catalogue::version_count()).rev().find(|at| evidence_at(*at) == Evidence::Measured);
    catalogue::version(measured.unwrap_or_default())
}

/// Newest measured embedded version between two versions, both included.
pub fn newest_measured_in(since: &Version, until: &Version) -> Option<Version> {
    measured_versions().rev().find(|version| since <= version && version <= until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(version: &str) -> Knowledge {
        published(&version.parse().unwrap()).unwrap().knowledge
    }

    #[test]
    fn a_version_tells_how_it_is_known() {
        let v = |text: &str| text.parse::<Version>().unwrap();
        assert_eq!(known("11.0.4"), Knowledge::Measured);
        assert_eq!(known("28.0.7"), Knowledge::Measured);
        assert_eq!(known("28.3.0"), Knowledge::KeysOnly { facts: v("28.0.7") });
        assert_eq!(known("26.0.0"), Knowledge::NumberOnly { facts: v("27.0.0") });
        assert_eq!(known("27.0.9"), Knowledge::Alike { measured: v("27.0.8") });
        assert_eq!(equal_measured_version(&v("28.0.3")), Some(v("28.0.2")));
        assert_eq!(equal_measured_version(&v("26.1.0")), None);
        assert_eq!(equal_measured_version(&v("99.0.0")), None);
    }

    #[test]
    fn the_default_is_the_newest_that_was_measured() {
        assert!(is_measured(&newest_measured()) && newest_measured() <= newest());
        assert_eq!(measured_versions().next_back(), Some(newest_measured()));
        assert!(
            versions().all(|release| { (release.knowledge == Knowledge::Measured) == is_measured(&release.version) })
        );
    }

    #[test]
    fn a_number_that_git_never_published_names_its_line() {
        let line = |version: &str| published(&version.parse().unwrap()).unwrap().line;
        assert_eq!(line("22.0.7"), Some(Line::Both));
        assert_eq!(line("23.0.3"), Some(Line::Git));
        assert_eq!(line("24.1.2"), Some(Line::Published));
    }
}
