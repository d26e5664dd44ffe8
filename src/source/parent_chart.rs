//! The parent chart of values: the Redis chart that its `Chart.yaml` depends on.

use semver::Version;

use super::{
    chart_name::{self, ChartOwner},
    version::{ClaimSource, VersionClaim},
};
use crate::{
    chart::Requirement,
    yaml::{Map, Path, Value, read_values},
};

/// The files of a chart, as texts.
#[derive(Debug, Clone, Default)]
pub struct ChartFile {
    /// `Chart.yaml`
    pub chart: String,
    /// `requirements.yaml`, the file for dependencies of old charts. Empty if there is none.
    pub requirements: String,
    /// `Chart.lock` or `requirements.lock`. Empty if there is none.
    pub lock: String,
    /// The templates of the chart, joined to one text.
    pub templates: String,
    /// The charts in the `charts` folder, by name.
    pub charts: Vec<(String, ChartFile)>,
}

/// The place of the Redis chart's values in the values of a parent chart.
#[derive(Debug, Clone)]
pub(super) struct DependencyValues {
    pub at: Path,
    pub version: Option<VersionClaim>,
    /// The paths of these values that the parent chart reads.
    pub read_by_parent: Vec<Path>,
    /// The paths of these values that turn the dependency off.
    pub conditions: Vec<Path>,
    /// Whether the templates of the parent chart are known, and with them all paths that they read.
    pub parent_is_known: bool,
}

impl DependencyValues {
    /// A place without further facts.
    pub fn at(at: Path) -> Self {
        // Helm and most chart authors enable a dependency with this key.
        let read_by_parent = if at.is_root() { Vec::new() } else { vec![Path::of(["enabled"])] };
        let parent_is_known = at.is_root();
        Self { at, version: None, read_by_parent, conditions: Vec::new(), parent_is_known }
    }
}

/// A dependency on the Redis chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartDependency {
    /// The path of the dependency's values in the values of the parent chart.
    pub at: Path,
    pub version: String,
    /// The path of the version in the text.
    pub version_at: Path,
}

/// The dependencies on the Redis chart in a `Chart.yaml`, a `requirements.yaml` or a lock file.
pub fn chart_dependencies(text: &str) -> Vec<ChartDependency> {
    let dependencies = dependencies(&read_values(text).unwrap_or_default());
    let chart_dependencies = dependencies.into_iter().filter(Dependency::is_redis).filter_map(|dependency| {
        let Dependency { key, version, version_at, .. } = dependency;
        Some(ChartDependency { at: Path::of([key.as_str()]), version: version?, version_at })
    });
    chart_dependencies.collect()
}

/// A dependency of a chart.
struct Dependency {
    name: String,
    /// The key of the dependency's values.
    key: String,
    version: Option<String>,
    version_at: Path,
    repository: String,
    condition: String,
}

/// The most levels of nested charts that are searched.
const DEEPEST: usize = 4;

impl ChartFile {
    /// The name of the chart, if it is not the Redis chart.
    pub(super) fn name_of_another(&self) -> Option<String> {
        let chart = read_values(&self.chart).ok()?;
        text(&chart, "name").filter(|_| !is_the_chart(&chart))
    }

    /// Where values of this chart may hold values of the Redis chart: one place for each dependency on it.
    pub(super) fn places(&self) -> Vec<DependencyValues> {
        let Ok(chart) = read_values(&self.chart) else { return Vec::new() };
        if is_the_chart(&chart) {
            let version =
                text(&chart, "version").and_then(|version| VersionClaim::new(&version, ClaimSource::ChartFile));
            return vec![DependencyValues { version, ..DependencyValues::at(Path::root()) }];
        }
        let mut places = Vec::new();
        self.below(&chart, &Path::root(), DEEPEST, &mut places);
        places
    }

    fn below(&self, chart: &Map, at: &Path, depth: usize, places: &mut Vec<DependencyValues>) {
        let requirements = read_values(&self.requirements).unwrap_or_default();
        let lock = read_values(&self.lock).unwrap_or_default();
        let locked = dependencies(&lock);
        for dependency in dependencies(chart).into_iter().chain(dependencies(&requirements)) {
            let place = at.key(&dependency.key);
            if dependency.is_redis() {
                let exact = locked.iter().find(|locked| dependency.may_be(locked));
                let version =
                    exact.and_then(|locked| VersionClaim::new(locked.version.as_deref()?, ClaimSource::LockFile));
                let named = || VersionClaim::new(dependency.version.as_deref()?, ClaimSource::ChartFile);
                places.push(DependencyValues {
                    version: version.or_else(named),
                    read_by_parent: self.reads(&dependency, at),
                    conditions: dependency.conditions(),
                    // Without templates, the parent chart reads nothing.
                    parent_is_known: true,
                    at: place,
                });
            } else if let Some((_, part)) = self.charts.iter().find(|(name, _)| *name == dependency.name)
                && let Some(depth) = depth.checked_sub(1)
            {
                let chart = read_values(&part.chart).unwrap_or_default();
                part.below(&chart, &place, depth, places);
            }
        }
    }

    /// The paths of a dependency's values that the chart reads: its conditions and the keys in its templates.
    fn reads(&self, dependency: &Dependency, at: &Path) -> Vec<Path> {
        let prefix = format!("{}.", dependency.key);
        let mut places = vec![Path::of(["enabled"])];
        places.extend(dependency.conditions());
        if at.is_root() {
            let word = format!(".Values.{prefix}");
            for rest in self.templates.split(word.as_str()).skip(1) {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(rest.len());
                if let Ok(path) = rest[..end].trim_end_matches('.').parse::<Path>() {
                    places.push(path);
                }
            }
        }
        places.retain(|path| !path.is_root());
        places
    }
}

/// Whether this is the `Chart.yaml` of the Redis chart itself.
fn is_the_chart(chart: &Map) -> bool {
    let names_bitnami = |key: &str| match chart.get(key) {
        Some(Value::String(text)) => text.contains("bitnami"),
        Some(Value::List(items)) => items.iter().filter_map(Value::as_str).any(|text| text.contains("bitnami")),
        _ => false,
    };
    // The chart itself depends on a library only.
    let depends_on_redis = dependencies(chart).iter().any(Dependency::is_redis);
    text(chart, "name").as_deref() == Some("redis")
        && !depends_on_redis
        && (names_bitnami("home") || names_bitnami("sources") || names_bitnami("icon"))
}

fn text(map: &Map, key: &str) -> Option<String> {
    match map.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

fn dependencies(chart: &Map) -> Vec<Dependency> {
    let Some(Value::List(items)) = chart.get("dependencies") else { return Vec::new() };
    let items = items.iter().enumerate().filter_map(|(at, item)| match item {
        Value::Map(item) => Some((at, item)),
        _ => None,
    });
    items
        .filter_map(|(at, item)| {
            let name = text(item, "name")?;
            Some(Dependency {
                key: text(item, "alias").unwrap_or_else(|| name.clone()),
                name,
                version: text(item, "version"),
                version_at: Path::of(["dependencies"]).index(at).key("version"),
                repository: text(item, "repository").unwrap_or_default(),
                condition: text(item, "condition").unwrap_or_default(),
            })
        })
        .collect()
}

impl Dependency {
    /// The conditions that are values of the dependency.
    fn conditions(&self) -> Vec<Path> {
        // A condition is a path from the root of the values of the chart with the dependency.
        let prefix = format!("{}.", self.key);
        let conditions = self.condition.split(',').map(str::trim);
        conditions.filter_map(|condition| condition.strip_prefix(&prefix)?.parse().ok()).collect()
    }

    /// Whether a locked dependency can be this one. An outdated lock file decides nothing.
    fn may_be(&self, locked: &Self) -> bool {
        let required = self.version.as_deref().and_then(|version| version.parse::<Requirement>().ok());
        let locked_version = locked.version.as_deref().and_then(|version| Version::parse(version).ok());
        let meets = |locked_version| required.is_none_or(|required| required.matches(locked_version));
        self.name == locked.name && locked_version.as_ref().is_none_or(meets)
    }

    /// Whether the dependency is the Redis chart of Bitnami. Other publishers have a chart of this name too.
    fn is_redis(&self) -> bool {
        let version = self.version.as_deref().and_then(|version| version.parse().ok());
        chart_name::owner(&self.name, &self.repository, version.as_ref()) == ChartOwner::Bitnami
    }
}

impl VersionClaim {
    fn new(text: &str, by: ClaimSource) -> Option<Self> {
        let requirement = text.parse::<Requirement>().ok()?;
        Some(Self { requirement, by })
    }
}
