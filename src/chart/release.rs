//! The versions of the chart that are known, and how.

use semver::Version;

use super::{
    catalogue,
    import::Imported,
    pack::{Line, Seen, VersionRow},
};

/// One version of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub version: Version,
    /// The version of Redis, as `Chart.yaml` has it.
    pub app_version: String,
    /// The day on which it was published, or first seen, as `2020-01-31`; unknown for an imported one.
    pub date: Option<String>,
    /// The version of the library chart that its lock file names.
    pub common: Option<String>,
    /// The range of Kubernetes versions that `Chart.yaml` asks for. No embedded version asks for one.
    pub kube: Option<String>,
    /// Where its chart is found; unknown for an imported version.
    pub line: Option<Line>,
    /// The Redis of the published chart that has the same number and is another chart.
    pub other_app: Option<String>,
    pub knowledge: Knowledge,
}

/// How the facts of a version are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knowledge {
    /// By rendering it, or a chart with the same templates and defaults.
    Measured,
    /// Its number lies between two measured versions that have the same templates: their facts are its own.
    Alike { measured: Version },
    /// Its keys and defaults were read. What the chart makes of them is taken from another version.
    KeysOnly { facts: Version },
    /// Its number was seen. All facts are taken from another version.
    NumberOnly { facts: Version },
    /// An imported chart with the templates of a measured version, whose facts hold for it. Its keys and defaults are
    /// its own.
    Recognised { measured: Version },
    /// Keys from the user's own chart archive, the rest from an embedded version.
    Imported { facts: Version },
    /// Keys from the user's own chart archive, and what is read measured on this machine; the rest from an embedded
    /// version.
    MeasuredHere { facts: Version },
    /// Nothing is known of this version. All facts are taken from another version.
    Unknown { facts: Version },
}

impl Knowledge {
    /// The version whose facts are taken without proof that they hold.
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

/// The embedded versions, ascending.
///
/// Source: `bitnami/redis` in the history of github.com/bitnami/charts, public mirrors of the registry, and places
/// that name a version; `versions.tsv` tells which.
pub fn versions() -> impl DoubleEndedIterator<Item = Release> + ExactSizeIterator {
    (0..catalogue::version_count()).map(at)
}

/// The numbers alone of the embedded versions, ascending: far cheaper than [`versions`].
pub fn version_numbers() -> impl DoubleEndedIterator<Item = Version> + ExactSizeIterator {
    (0..catalogue::version_count()).map(catalogue::version)
}

/// The numbers of the embedded versions of which every fact was measured, ascending.
pub fn measured_versions() -> impl DoubleEndedIterator<Item = Version> {
    (0..catalogue::version_count()).filter(|at| seen(*at) == Seen::Measured).map(catalogue::version)
}

/// The embedded release of this version.
pub fn published(version: &Version) -> Option<Release> {
    catalogue::position(version).map(at)
}

/// Whether this is an embedded version of which every fact was measured.
pub fn is_measured(version: &Version) -> bool {
    catalogue::position(version).is_some_and(|at| seen(at) == Seen::Measured)
}

/// How the facts of the embedded version at a position are known.
pub(super) fn knowledge(position: u16) -> Knowledge {
    let row = catalogue::version_row(position);
    let facts = facts_of(position);
    match row.seen {
        Seen::Measured => Knowledge::Measured,
        Seen::Keys => Knowledge::KeysOnly { facts },
        Seen::Number => match alike(&catalogue::version(position)) {
            Some(measured) => Knowledge::Alike { measured },
            None => Knowledge::NumberOnly { facts },
        },
    }
}

/// The measured version whose facts the embedded version at a position has.
pub(super) fn facts_of(position: u16) -> Version {
    catalogue::version(catalogue::version_row(position).facts.unwrap_or(position))
}

/// The version whose keys the embedded version at a position has.
pub(super) fn keys_of(position: u16) -> Version {
    match knowledge(position) {
        Knowledge::NumberOnly { facts } => facts,
        _ => catalogue::version(position),
    }
}

/// The measured version whose facts hold for another number too: the nearest measured versions below and above it
/// have the same templates.
pub fn alike(version: &Version) -> Option<Version> {
    let below = catalogue::position_at_or_before(version)?;
    let below = (0..=below).rev().find(|at| seen(*at) == Seen::Measured)?;
    let above = (below + 1..catalogue::version_count()).find(|at| seen(*at) == Seen::Measured)?;
    let templates = |at| catalogue::version_row(at).templates;
    (catalogue::version(below) < *version && templates(below) == templates(above)).then(|| catalogue::version(below))
}

/// Whether a number that is not embedded can be that of a published chart: the history of github.com/bitnami/charts
/// tells nothing of the versions around it.
pub(super) fn may_be_published(version: &Version) -> bool {
    let Some(below) = catalogue::position_at_or_before(version) else { return false };
    let around = [Some(below), Some(below + 1).filter(|at| *at < catalogue::version_count())];
    around.into_iter().flatten().any(|at| catalogue::version_row(at).line != Line::Both)
}

/// A version without the suffix that a mirror or a build adds: the number by which it is compared with others.
pub fn number(version: &Version) -> Version {
    Version::new(version.major, version.minor, version.patch)
}

fn seen(position: u16) -> Seen {
    catalogue::version_row(position).seen
}

fn at(position: u16) -> Release {
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

/// The oldest embedded version: nothing is known of older ones.
pub fn oldest() -> Version {
    catalogue::version(0)
}

/// The newest embedded version.
pub fn newest() -> Version {
    catalogue::version(catalogue::version_count() - 1)
}

/// The newest embedded version of which every fact was measured: the one that is taken where nobody asks for another.
pub fn newest_measured() -> Version {
    let measured = (0..catalogue::version_count()).rev().find(|at| seen(*at) == Seen::Measured);
    catalogue::version(measured.unwrap_or_default())
}

/// The newest embedded version from one to another, both included, of which every fact was measured.
pub fn newest_measured_in(since: &Version, until: &Version) -> Option<Version> {
    measured_versions().rev().find(|version| since <= version && version <= until)
}

impl From<&Imported> for Release {
    fn from(imported: &Imported) -> Self {
        Self {
            version: imported.version.clone(),
            app_version: imported.app_version.clone(),
            date: None,
            common: None,
            kube: imported.kube.clone(),
            line: None,
            other_app: None,
            knowledge: imported.knowledge(),
        }
    }
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
        assert_eq!(alike(&v("28.0.3")), Some(v("28.0.2")));
        assert_eq!(alike(&v("26.1.0")), None);
        assert_eq!(alike(&v("99.0.0")), None);
    }

    #[test]
    fn the_default_is_the_newest_that_was_measured() {
        assert!(is_measured(&newest_measured()) && newest_measured() < newest());
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
