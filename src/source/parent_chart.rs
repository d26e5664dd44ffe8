//! The chart around the values: what its `Chart.yaml` says of the Redis chart that it depends on.

use semver::Version;

use super::version::{ClaimSource, VersionClaim};
use crate::{
    chart::Requirement,
    yaml::{Map, Path, Value, read_values},
};

/// What lies beside a values file, as texts.
#[derive(Debug, Clone, Default)]
pub struct ChartFile {
    /// `Chart.yaml`
    pub chart: String,
    /// `requirements.yaml`, where old charts name what they depend on; empty where there is none.
    pub requirements: String,
    /// `Chart.lock` or `requirements.lock`; empty where there is none.
    pub lock: String,
    /// The templates of the chart, all texts one behind the other.
    pub templates: String,
    /// The charts in its `charts` folder, by their names.
    pub charts: Vec<(String, ChartFile)>,
}

/// Where values of the chart stand in the values of another one.
#[derive(Debug, Clone)]
pub(super) struct DependencyValues {
    pub at: Path,
    pub version: Option<VersionClaim>,
    /// Paths of these values that the chart around reads.
    pub read_by_parent: Vec<Path>,
    /// Whether the templates around are known, so that nothing else is read by them.
    pub parent_is_known: bool,
}

impl DependencyValues {
    /// Of which nothing is known but where it is.
    pub fn at(at: Path) -> Self {
        // What Helm and those who write charts switch a dependency by.
        let read_by_parent = if at.is_root() { Vec::new() } else { vec![Path::of(["enabled"])] };
        let parent_is_known = at.is_root();
        Self { at, version: None, read_by_parent, parent_is_known }
    }
}

/// What a chart asks of the Redis chart that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartDependency {
    /// Where the values stand in those of the chart.
    pub at: Path,
    pub version: String,
    /// Where in the text that is said.
    pub version_at: Path,
}

/// What a `Chart.yaml`, a `requirements.yaml` or a lock file says of the version of the Redis chart.
pub fn chart_dependencies(text: &str) -> Vec<ChartDependency> {
    let dependencies = dependencies(&read_values(text).unwrap_or_default());
    let chart_dependencies = dependencies.into_iter().filter(Dependency::is_redis).filter_map(|dependency| {
        let Dependency { key, version, version_at, .. } = dependency;
        Some(ChartDependency { at: Path::of([key.as_str()]), version: version?, version_at })
    });
    chart_dependencies.collect()
}

/// What a chart depends on.
struct Dependency {
    name: String,
    /// The key of its values.
    key: String,
    version: Option<String>,
    version_at: Path,
    repository: String,
    condition: String,
}

/// How deep charts are looked for in charts.
const DEEPEST: usize = 4;

impl ChartFile {
    /// Where values of this chart may hold values of the Redis chart: one place for each dependency on it.
    pub(super) fn places(&self) -> Vec<DependencyValues> {
        let Ok(chart) = read_values(&self.chart) else { return Vec::new() };
        if is_the_chart(&chart) {
            let version =
                text(&chart, "version").and_then(|version| VersionClaim::new(&version, ClaimSource::ChartFile));
            return vec![DependencyValues { version, ..DependencyValues::at(Path::root()) }];
        }
        let mut found = Vec::new();
        self.below(&chart, &Path::root(), DEEPEST, &mut found);
        found
    }

    fn below(&self, chart: &Map, at: &Path, depth: usize, found: &mut Vec<DependencyValues>) {
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
                found.push(DependencyValues {
                    version: version.or_else(named),
                    read_by_parent: self.reads(&dependency, at),
                    parent_is_known: !self.templates.is_empty(),
                    at: place,
                });
            } else if let Some((_, part)) = self.charts.iter().find(|(name, _)| *name == dependency.name)
                && let Some(depth) = depth.checked_sub(1)
            {
                let chart = read_values(&part.chart).unwrap_or_default();
                part.below(&chart, &place, depth, found);
            }
        }
    }

    /// What of the values of a dependency the chart itself reads: its condition, and what its templates name.
    fn reads(&self, dependency: &Dependency, at: &Path) -> Vec<Path> {
        let prefix = format!("{}.", dependency.key);
        let mut found = vec![Path::of(["enabled"])];
        // Conditions are said from the top of the values of the chart that has the dependency.
        let conditions = dependency.condition.split(',').map(str::trim);
        found.extend(conditions.filter_map(|condition| condition.strip_prefix(&prefix)?.parse().ok()));
        if at.is_root() {
            let word = format!(".Values.{prefix}");
            for rest in self.templates.split(word.as_str()).skip(1) {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(rest.len());
                if let Ok(path) = rest[..end].trim_end_matches('.').parse::<Path>() {
                    found.push(path);
                }
            }
        }
        found.retain(|path| !path.is_root());
        found
    }
}

/// Whether this is the `Chart.yaml` of the Redis chart itself.
fn is_the_chart(chart: &Map) -> bool {
    let said = |key: &str| match chart.get(key) {
        Some(Value::String(text)) => text.contains("bitnami"),
        Some(Value::List(items)) => items.iter().filter_map(Value::as_str).any(|text| text.contains("bitnami")),
        _ => false,
    };
    text(chart, "name").as_deref() == Some("redis") && (said("home") || said("sources") || said("icon"))
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
    /// Whether what is locked is this: a lock file that was not written anew since tells nothing.
    fn may_be(&self, locked: &Self) -> bool {
        let wanted = self.version.as_deref().and_then(|version| version.parse::<Requirement>().ok());
        let exact = locked.version.as_deref().and_then(|version| Version::parse(version).ok());
        let meets = |exact| wanted.is_none_or(|wanted| wanted.matches(exact));
        self.name == locked.name && exact.as_ref().is_none_or(meets)
    }

    /// Other publishers have a chart of this name too.
    fn is_redis(&self) -> bool {
        self.name == "redis" && is_from_bitnami(&self.repository)
    }
}

/// Whether a chart named `redis` from there can be this one: a mirror has any name, other publishers have theirs.
pub(super) fn is_from_bitnami(repository: &str) -> bool {
    const OTHERS: [&str; 6] = ["cloudpirates", "groundhog2k", "dandydev", "ot-container-kit", "softonic", "pascaliske"];
    !OTHERS.iter().any(|other| repository.contains(other))
}

impl VersionClaim {
    fn new(text: &str, by: ClaimSource) -> Option<Self> {
        let requirement = text.parse::<Requirement>().ok()?;
        Some(Self { requirement, by })
    }
}
