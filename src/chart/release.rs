//! The versions of the chart that are known.

use semver::Version;

use super::{catalogue, import::Imported, pack::VersionRow};

/// One version of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    pub version: Version,
    /// The version of Redis, as `Chart.yaml` has it.
    pub app_version: String,
    /// The day on which it was published, as `2020-01-31`; unknown for an imported one.
    pub date: Option<String>,
    /// The version of the library chart that its lock file names.
    pub common: Option<String>,
    /// The range of Kubernetes versions that `Chart.yaml` asks for. No embedded version asks for one.
    pub kube: Option<String>,
    pub source: Source,
}

/// Where the facts of a version come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// All measured, and part of the program.
    Embedded,
    /// Keys from the person's own chart archive, the rest assumed.
    Imported {
        /// The embedded version whose measured facts are assumed.
        assumed: Version,
    },
}

/// The embedded versions, ascending. Source: `bitnami/redis` in the history of github.com/bitnami/charts.
pub fn versions() -> impl DoubleEndedIterator<Item = Release> + ExactSizeIterator {
    (0..catalogue::version_count()).map(at)
}

/// The numbers alone of the embedded versions, ascending: far cheaper than [`versions`].
pub fn version_numbers() -> impl DoubleEndedIterator<Item = Version> + ExactSizeIterator {
    (0..catalogue::version_count()).map(catalogue::version)
}

/// The embedded release of this version.
pub fn published(version: &Version) -> Option<Release> {
    catalogue::position(version).map(at)
}

fn at(position: u16) -> Release {
    let VersionRow { number: _, date, app, common } = catalogue::version_row(position);
    Release {
        version: catalogue::version(position),
        app_version: app.to_owned(),
        date: Some(date.to_owned()),
        common: common.map(str::to_owned),
        kube: None,
        source: Source::Embedded,
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

impl From<&Imported> for Release {
    fn from(imported: &Imported) -> Self {
        Self {
            version: imported.version.clone(),
            app_version: imported.app_version.clone(),
            date: None,
            common: None,
            kube: imported.kube.clone(),
            source: Source::Imported { assumed: imported.assumed() },
        }
    }
}
