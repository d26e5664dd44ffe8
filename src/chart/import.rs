//! Import of a chart version that is not embedded, from the files of the chart.
//!
//! The files have the keys with types and defaults. They do not show which keys the templates read in which topology,
//! which undeclared keys work, or which keys express an option. If the templates equal those of a measured version,
//! the facts of that version apply. Otherwise the facts of the nearest older embedded version are assumed.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use semver::Version;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use super::templates::File;
use super::{
    Accepts, Chart, Image, Knowledge, LATEST, Measured, WHEN_PUBLISHED, catalogue, key::Key, pack::Type, release,
    templates,
};
use crate::yaml::{self, Map, Path, Value};

/// Whether the import needs a file of a chart. `path` is relative to the folder of the chart.
///
/// All files of charts in `charts/` are needed: templates of a library chart count like the chart's own templates.
pub fn is_of_use(path: &str) -> bool {
    [CHART, VALUES, SCHEMA].contains(&path) || path.starts_with("templates/") || path.starts_with("charts/")
}

const CHART: &str = "Chart.yaml";
const VALUES: &str = "values.yaml";
const SCHEMA: &str = "values.schema.json";

/// Maximum number of keys. The redis chart has about 700. The limit keeps a hostile chart from filling the disk.
const MAX_KEYS: usize = 20_000;

/// Minimum number of keys with a default for telling whether the chart is a different chart of the same name.
const TELLING_KEYS: usize = 20;

/// Imported chart, in the format of the stored file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imported {
    pub version: Version,
    pub app_version: String,
    /// Range of Kubernetes versions that the chart requires.
    pub kube: Option<String>,
    /// Digest of the templates. `None` if the files of the chart had no templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    templates: Option<u64>,
    /// Annotations that the templates read and `Chart.yaml` does not have. Every measured chart has all its
    /// annotations.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lacking: BTreeSet<String>,
    keys: BTreeMap<String, OwnKey>,
    /// Measured use of the keys, if the chart was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnKey {
    kind: Type,
    declared: bool,
    open: bool,
    rank: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "as_json")]
    allowed: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schema: Option<Accepts>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_json_if_present")]
    default: Option<Value>,
}

/// Values in the form of JSON.
mod as_json {
    use super::{Deserialize, Serialize, Value, json};

    pub fn serialize<S: serde::Serializer>(values: &[Value], to: S) -> Result<S::Ok, S::Error> {
        values.iter().map(json).collect::<Vec<_>>().serialize(to)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Value>, D::Error> {
        let values = Vec::<serde_json::Value>::deserialize(from)?;
        Ok(values.into_iter().map(Value::from).collect())
    }
}

/// A field that is present. `null` in the file is a default of null, and a missing field means no default.
mod as_json_if_present {
    use super::{Deserialize, Serialize, Value, json};

    pub fn serialize<S: serde::Serializer>(value: &Option<Value>, to: S) -> Result<S::Ok, S::Error> {
        value.as_ref().map(json).serialize(to)
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
        Ok(Some(serde_json::Value::deserialize(from)?.into()))
    }
}

/// Reason why files cannot be imported as a redis chart.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    #[error("missing `{0}`: expected a Helm chart")]
    Missing(&'static str),
    #[error("`{0}` is not UTF-8 text")]
    NotText(&'static str),
    #[error("cannot read `{file}`: {message}")]
    Broken { file: &'static str, message: String },
    #[error("missing `{0}` in `Chart.yaml`: expected a Helm chart")]
    NoField(&'static str),
    #[error("found the chart `{0}`: expected the chart `redis`")]
    WrongChart(String),
    #[error("found the chart `{0}`, with the chart `redis` in its folder `charts`: import that folder or archive")]
    Around(String),
    #[error(
        "found another chart with the name `redis`: Bitnami's chart {nearest} has {known} of its {all} keys. Expected \
         the chart of Bitnami"
    )]
    OtherRedis { known: usize, all: usize, nearest: Version },
    #[error("the version `{0}` of the chart is not a semantic version such as `24.0.1`")]
    Version(String),
    #[error("chart version {version} is older than {oldest}, the oldest known version")]
    TooOld { version: Version, oldest: Version },
    #[error("`values.yaml` declares more than {MAX_KEYS} keys")]
    TooMany,
}

/// Differences between an imported version and the embedded version that its facts are from. The key paths are
/// sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    pub new: Vec<String>,
    pub gone: Vec<String>,
    pub changed: Vec<String>,
}

impl Imported {
    /// Reads a chart from its files. The paths are relative to the folder of the chart. Files that the import does
    /// not need ([`is_of_use`]) are ignored.
    pub fn read(files: &[File]) -> Result<Self, ImportError> {
        let chart = values_of(text(files, CHART)?.ok_or(ImportError::Missing(CHART))?, CHART)?;
        let name = field(&chart, "name").ok_or(ImportError::NoField("name"))?;
        if name != "redis" {
            let is_around = files.iter().any(|(path, _)| path == "charts/redis/Chart.yaml");
            return Err(if is_around { ImportError::Around(name) } else { ImportError::WrongChart(name) });
        }
        let version = field(&chart, "version").ok_or(ImportError::NoField("version"))?;
        let version = Version::parse(&version).map_err(|_| ImportError::Version(version))?;
        let values = values_of(text(files, VALUES)?.ok_or(ImportError::Missing(VALUES))?, VALUES)?;
        let mut keys = BTreeMap::new();
        declare(&values, &Path::root(), &mut keys)?;
        if let Some(schema) = text(files, SCHEMA)? {
            let broken = |e: serde_json::Error| ImportError::Broken { file: SCHEMA, message: e.to_string() };
            constrain(&serde_json::from_str(schema).map_err(broken)?, &Path::root(), &mut keys)?;
        }
        let annotation = |name: &String| chart.get("annotations").and_then(|all| all.as_map()?.get(name)).is_some();
        let mut imported = Self {
            version,
            app_version: field(&chart, "appVersion").unwrap_or_else(|| "unknown".to_owned()),
            kube: field(&chart, "kubeVersion"),
            templates: templates::digest(files),
            lacking: templates::annotations(files).into_iter().filter(|name| !annotation(name)).collect(),
            keys,
            measured: None,
        };
        let nearest = imported.nearest();
        imported.refuse_other_redis(&nearest)?;
        let oldest = release::oldest();
        if imported.version < oldest {
            return Err(ImportError::TooOld { version: imported.version, oldest });
        }
        imported.open_like(&nearest);
        Ok(imported)
    }

    /// How well the facts are known.
    pub fn knowledge(&self) -> Knowledge {
        match self.recognised() {
            Some(at) => Knowledge::Recognised { measured: catalogue::version(at) },
            None if self.measured.is_some() => {
                Knowledge::MeasuredHere { facts: release::facts_of(self.nearest_position()) }
            }
            None => Knowledge::Imported { facts: release::facts_of(self.nearest_position()) },
        }
    }

    /// Measured version with the same templates, if there is one.
    pub fn same_templates(&self) -> Option<Version> {
        templates::position(self.templates?, &self.version).map(catalogue::version)
    }

    /// Whether this is the measured chart of its version. `None` if the templates of either are not known.
    pub fn is_measured_chart(&self) -> Option<bool> {
        let at = catalogue::position(&self.version)?;
        Some(catalogue::version_row(at).templates? == self.templates?)
    }

    /// Version that the facts are from: the measured version with the same templates, or the nearest version that is
    /// not newer.
    pub fn facts(&self) -> Version {
        match self.knowledge() {
            Knowledge::Recognised { measured: version }
            | Knowledge::Imported { facts: version }
            | Knowledge::MeasuredHere { facts: version } => version,
            _ => self.version.clone(),
        }
    }

    /// Position of the measured version whose facts apply.
    pub(super) fn recognised(&self) -> Option<u16> {
        templates::position(self.templates?, &self.version).filter(|_| self.lacking.is_empty())
    }

    /// Position of the embedded version whose facts are assumed.
    pub(super) fn nearest_position(&self) -> u16 {
        catalogue::position_at_or_before(&release::number(&self.version)).unwrap_or_default()
    }

    /// Refuses a different chart with the name `redis`: other publishers use the name, and no facts apply to their
    /// charts.
    fn refuse_other_redis(&self, nearest: &Chart) -> Result<(), ImportError> {
        let leaves: Vec<&String> =
            self.keys.iter().filter(|(_, key)| key.default.is_some()).map(|(path, _)| path).collect();
        let known = leaves.iter().filter(|path| nearest.takes(path)).count();
        if leaves.len() < TELLING_KEYS || known * 2 > leaves.len() {
            return Ok(());
        }
        Err(ImportError::OtherRedis { known, all: leaves.len(), nearest: nearest.version().clone() })
    }

    /// Differences from the version that the facts are from.
    pub fn compare(&self) -> Comparison {
        let nearest = self.nearest();
        let mut comparison = Comparison::default();
        for key in self.keys() {
            match nearest.key(key.path) {
                None => comparison.new.push(key.path.to_owned()),
                Some(before) => {
                    if before.declared && key.declared && !same_default(&before, &key) {
                        comparison.changed.push(key.path.to_owned());
                    }
                }
            }
        }
        comparison.gone = nearest
            .keys()
            .filter(|key| key.declared && !self.keys.contains_key(key.path))
            .map(|key| key.path.to_owned())
            .collect();
        comparison.gone.sort();
        comparison
    }

    pub(super) fn key(&self, path: &str) -> Option<Key<'_>> {
        self.keys.get_key_value(path).map(|(path, key)| key.at(path))
    }

    pub(super) fn schema(&self, path: &str) -> Option<Accepts> {
        self.keys.get(path)?.schema
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        self.keys.iter().map(|(path, key)| key.at(path))
    }

    /// All keys below `path`.
    pub(super) fn keys_below<'k>(&'k self, path: &str) -> impl Iterator<Item = Key<'k>> + use<'k> {
        let below = format!("{path}.");
        let first = self.keys.range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded));
        first.take_while(move |(path, _)| path.starts_with(&below)).map(|(path, key)| key.at(path))
    }

    /// Version of Redis for messages; see [`Chart::redis`].
    pub fn redis(&self) -> String {
        let moves = self.images().iter().any(|image| image.path == "image" && image.tag == LATEST);
        if moves { format!("{} {WHEN_PUBLISHED}", self.app_version) } else { self.app_version.clone() }
    }

    pub(super) fn images(&self) -> Vec<Image> {
        let text = |path: String| match &self.keys.get(&path)?.default {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        let image = |path: &String| {
            let path = path.strip_suffix(".repository")?;
            Some(Image {
                repository: text(format!("{path}.repository"))?,
                tag: text(format!("{path}.tag"))?,
                registry: text(format!("{path}.registry")).unwrap_or_default(),
                path: path.to_owned(),
            })
        };
        self.keys.keys().filter_map(image).collect()
    }

    fn nearest(&self) -> Chart {
        Chart::at(&self.facts()).expect("the version of the facts is an embedded one")
    }

    /// Sets which maps accept arbitrary children. The files do not show that: a map without children does, and a map
    /// with children does if it did in the older version.
    fn open_like(&mut self, nearest: &Chart) {
        for (path, key) in &mut self.keys {
            if key.kind == Type::Map {
                let before = nearest.key(path);
                key.open = key.default.is_some() || before.is_some_and(|key| key.open);
            }
        }
    }
}

impl OwnKey {
    fn new(kind: Type, declared: bool, rank: u32, default: Option<Value>) -> Self {
        Self { kind, declared, open: false, rank, allowed: Vec::new(), schema: None, default }
    }

    fn at<'a>(&'a self, path: &'a str) -> Key<'a> {
        let Self { kind, declared, open, rank, ref allowed, schema: _, ref default } = *self;
        Key { path, kind, default: default.as_ref(), declared, open, text: false, allowed, rank, digest: None }
    }
}

fn text<'a>(files: &'a [(String, Vec<u8>)], name: &'static str) -> Result<Option<&'a str>, ImportError> {
    let Some((_, bytes)) = files.iter().find(|(path, _)| path == name) else {
        return Ok(None);
    };
    std::str::from_utf8(bytes).map(Some).map_err(|_| ImportError::NotText(name))
}

fn values_of(text: &str, file: &'static str) -> Result<Map, ImportError> {
    yaml::read_values(text).map_err(|e| ImportError::Broken { file, message: e.to_string() })
}

/// Field of `Chart.yaml` as text. `appVersion: 8.2` is a number in YAML.
fn field(chart: &Map, name: &str) -> Option<String> {
    match chart.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Adds every key of `map` to `keys`, in its order.
fn declare(map: &Map, above: &Path, keys: &mut BTreeMap<String, OwnKey>) -> Result<(), ImportError> {
    for (name, value) in map.iter() {
        if keys.len() >= MAX_KEYS {
            return Err(ImportError::TooMany);
        }
        let path = above.key(name);
        let rank = keys.len() as u32;
        let children = value.as_map().filter(|map| !map.is_empty());
        // A number that JSON cannot hold is stored as null.
        let default = if children.is_some() { None } else { Some(json(value).into()) };
        keys.insert(path.to_string(), OwnKey::new(kind(value), true, rank, default));
        if let Some(children) = children {
            declare(children, &path, keys)?;
        }
    }
    Ok(())
}

/// Adds facts that only the schema has: types of keys with a default of null, allowed values, and keys that
/// `values.yaml` does not have.
fn constrain(schema: &serde_json::Value, above: &Path, keys: &mut BTreeMap<String, OwnKey>) -> Result<(), ImportError> {
    let Some(properties) = schema.get("properties").and_then(serde_json::Value::as_object) else {
        return Ok(());
    };
    for (name, schema) in properties {
        if keys.len() >= MAX_KEYS {
            return Err(ImportError::TooMany);
        }
        let path = above.key(name.as_str());
        let rank = keys.len() as u32;
        let key = keys.entry(path.to_string()).or_insert_with(|| OwnKey::new(Type::Null, false, rank, None));
        if key.kind == Type::Null {
            key.kind = schema_kind(schema).unwrap_or(Type::Null);
        }
        if let Some(allowed) = schema.get("enum").and_then(serde_json::Value::as_array) {
            key.allowed = allowed.iter().cloned().map(Value::from).collect();
        }
        key.schema = Some(Accepts::of(schema));
        constrain(schema, &path, keys)?;
    }
    Ok(())
}

/// Type that a schema allows in addition to null. `None` if it allows several types.
fn schema_kind(schema: &serde_json::Value) -> Option<Type> {
    let types = match schema.get("type")? {
        serde_json::Value::Array(types) => types.iter().filter_map(serde_json::Value::as_str).collect(),
        one => vec![one.as_str()?],
    };
    let mut types = types.into_iter().filter(|kind| *kind != "null");
    let kind = match types.next()? {
        "object" => Type::Map,
        "array" => Type::List,
        "string" => Type::String,
        "boolean" => Type::Bool,
        "integer" => Type::Int,
        "number" => Type::Float,
        _ => return None,
    };
    types.next().is_none().then_some(kind)
}

fn kind(value: &Value) -> Type {
    match value {
        Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Float(_) => Type::Float,
        Value::String(_) => Type::String,
        Value::List(_) => Type::List,
        Value::Map(_) => Type::Map,
    }
}

fn same_default(before: &Key<'_>, now: &Key<'_>) -> bool {
    match (before.text, before.default, now.default) {
        (true, Some(Value::String(before)), Some(Value::String(now))) => directives(before).eq(directives(now)),
        (_, before, now) => before == now,
    }
}

/// Lines of a configuration text that are neither empty nor comments.
fn directives(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn json(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::from(*b),
        Value::Int(i) => Json::from(*i),
        Value::Float(f) => Json::from(*f),
        Value::String(s) => Json::from(s.as_str()),
        Value::List(list) => list.iter().map(json).collect(),
        Value::Map(map) => map.iter().map(|(k, v)| (k.to_owned(), json(v))).collect(),
    }
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(b),
            Json::Number(n) => n.as_i64().map_or_else(|| Self::Float(n.as_f64().unwrap_or_default()), Self::Int),
            Json::String(s) => Self::String(s),
            Json::Array(list) => Self::List(list.into_iter().map(Self::from).collect()),
            Json::Object(map) => Self::Map(map.into_iter().map(|(k, v)| (k, Self::from(v))).collect::<Map>()),
        }
    }
}

impl From<&Imported> for release::Release {
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
    use super::{
        super::{Setting, Topology, Verdict},
        *,
    };

    const CHART_YAML: &str = "name: redis\nversion: 99.0.1\nappVersion: 8.4\nkubeVersion: '>=1.23'\n";

    fn read(files: &[(&str, &str)]) -> Result<Imported, ImportError> {
        let files: Vec<_> = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Imported::read(&files)
    }

    fn imported(values: &str) -> Imported {
        read(&[(CHART, CHART_YAML), (VALUES, values)]).unwrap()
    }

    #[test]
    fn keys_are_read_from_the_values() {
        let chart = Chart::imported(imported(
            "zeta: 1\nreplica:\n  annotations: {}\n  a.b: [x]\n  nil: null\narchitecture: standalone\n",
        ));
        assert_eq!((chart.version(), chart.app_version()), (&Version::new(99, 0, 1), "8.4"));
        assert_eq!(chart.assumed(), Some(release::newest_measured()));
        assert_eq!(chart.key("architecture").unwrap().default, Some(&Value::from("standalone")));
        assert_eq!(chart.key(r"replica.a\.b").unwrap().kind, Type::List);
        assert_eq!(chart.key("replica.nil").unwrap().default, Some(&Value::Null));
        assert_eq!(chart.key("replica").unwrap().default, None);
        assert!(chart.key("replica.annotations").unwrap().open && !chart.key("replica").unwrap().open);
        assert!(chart.rank("zeta") < chart.rank("replica") && chart.rank("replica.nil") < chart.rank("architecture"));
        assert_eq!(chart.rank("replica.unheard"), chart.rank("replica.nil"));
        assert!(chart.keys().any(|key| key.path == "zeta"));
    }

    #[test]
    fn what_the_files_do_not_say_is_assumed() {
        let chart = Chart::imported(imported("sentinel: {enabled: false}\nzeta: 1\n"));
        assert_eq!(chart.places(Setting::Sentinel, Topology::Sentinel)[0].path, "sentinel.enabled");
        assert!(chart.places(Setting::Metrics, Topology::Sentinel).is_empty(), "`metrics.enabled` is gone");
        assert!(!chart.places(Setting::ReleaseLabel, Topology::Sentinel).is_empty(), "a fact, not a key");
        assert_eq!(chart.read("zeta", Topology::Sentinel).verdict, Verdict::Unmeasured);
        assert_eq!(chart.read("metrics.enabled", Topology::Sentinel).verdict, Verdict::Unknown);
        let undeclared = Chart::at(&release::newest()).unwrap();
        let undeclared = undeclared.keys().find(|key| !key.declared).unwrap().path.to_owned();
        assert!(chart.key(&undeclared).is_some());
    }

    /// Builds a chart with these values and with the templates of a measured version.
    fn recognised(version: &str, values: &str, of: &str) -> Imported {
        let at = catalogue::position(&of.parse().unwrap()).unwrap();
        let templates = catalogue::version_row(at).templates;
        let version = version.parse().unwrap();
        let mut imported = Imported { version, templates, ..imported(values) };
        imported.open_like(&imported.nearest());
        imported
    }

    #[test]
    fn with_the_templates_of_a_measured_version_its_facts_hold() {
        let values = "sentinel: {enabled: false}\nmaster: {count: 7}\nzeta: 1\n";
        let imported = recognised("99.0.1", values, "25.5.3");
        let measured = Chart::at(&"25.5.3".parse().unwrap()).unwrap();
        assert_eq!(imported.knowledge(), Knowledge::Recognised { measured: measured.version().clone() });
        assert_eq!(imported.same_templates().as_ref(), Some(measured.version()));
        let chart = Chart::imported(imported);
        assert_eq!((chart.knowledge().assumed(), chart.assumed()), (None, None));
        assert_eq!(chart.keys_of(), Version::new(99, 0, 1));
        // Keys and defaults are those of the imported chart, and the facts those of the measured version.
        assert_eq!(chart.key("master.count").unwrap().default, Some(&Value::from(7)));
        for topology in Topology::ALL {
            for path in ["sentinel.enabled", "master.count", "metrics.enabled", "sysctl.enabled"] {
                assert_eq!(chart.read(path, topology), measured.read(path, topology), "{path}");
            }
            assert_eq!(chart.fails(topology), measured.fails(topology));
        }
        // The templates read the key even if values.yaml does not declare it.
        let undeclared = chart.key("metrics.enabled").unwrap();
        assert!(!undeclared.declared && undeclared.default.is_none() && chart.takes("metrics.enabled"));
        assert!(chart.keys().any(|key| key == undeclared));
        assert!(chart.keys_below("metrics").any(|key| key == undeclared));
        assert_eq!(chart.keys().filter(|key| key.path == "master.count").count(), 1);
    }

    #[test]
    fn another_version_than_the_imported_one_is_unknown() {
        let chart = Chart::imported(recognised("99.0.1", "a: 1\n", "28.0.7"));
        let chart = chart.standing_in_for(Version::new(99, 1, 0));
        assert_eq!(chart.knowledge(), Knowledge::Unknown { facts: Version::new(28, 0, 7) });
        assert_eq!(chart.keys_of(), Version::new(99, 0, 1));
    }

    #[test]
    fn without_an_annotation_that_the_templates_read_no_facts_hold() {
        let template = ("templates/a.yaml", "{{ .Chart.Annotations.fips }}");
        let lacking = read(&[(CHART, CHART_YAML), (VALUES, "a: 1"), template]).unwrap();
        assert_eq!(lacking.lacking.iter().collect::<Vec<_>>(), ["fips"]);
        let annotated = format!("{CHART_YAML}annotations: {{fips: 'true'}}\n");
        let annotated = read(&[(CHART, &annotated), (VALUES, "a: 1"), template]).unwrap();
        assert!(annotated.lacking.is_empty());
        assert_eq!(annotated.templates, lacking.templates);
        let imported = Imported { lacking: lacking.lacking, ..recognised("99.0.1", "a: 1", "28.0.7") };
        assert_eq!(imported.knowledge(), Knowledge::Imported { facts: release::newest_measured() });
        assert_eq!(imported.same_templates(), Some(Version::new(28, 0, 7)));
    }

    #[test]
    fn what_was_kept_by_an_older_redisgen_is_read() {
        let old = r#"{"version": "99.0.1", "app_version": "8.4", "kube": null, "keys": {}}"#;
        let imported: Imported = serde_json::from_str(old).unwrap();
        assert!(matches!(imported.knowledge(), Knowledge::Imported { .. }));
        let new = recognised("99.0.1", "a: 1", "28.0.7");
        let kept = serde_json::to_string(&new).unwrap();
        assert_eq!(serde_json::from_str::<Imported>(&kept).unwrap(), new);
    }

    #[test]
    fn the_suffix_of_a_mirror_makes_no_older_version() {
        let chart = CHART_YAML.replace("99.0.1", "25.5.3-mirror.r1");
        let imported = read(&[(CHART, &chart), (VALUES, "a: 1")]).unwrap();
        assert_eq!(imported.facts(), Version::new(25, 5, 3));
        assert_eq!(recognised("25.5.3-mirror.r1", "a: 1", "25.5.3").facts(), Version::new(25, 5, 3));
        assert_eq!(recognised("11.0.4", "a: 1", "28.0.7").facts(), recognised("26.0.0", "a: 1", "28.0.7").facts());
    }

    #[test]
    fn another_chart_of_the_name_is_refused() {
        let keys = |name: &str, count: usize| -> String { (0..count).map(|at| format!("{name}{at}: 1\n")).collect() };
        let message = |values: &str| {
            let chart = "name: redis\nversion: 0.34.18\n";
            read(&[(CHART, chart), (VALUES, values)]).unwrap_err().to_string()
        };
        assert_eq!(
            message(&format!("{}architecture: standalone\nnameOverride: ''\n", keys("other", 20))),
            "found another chart with the name `redis`: Bitnami's chart 10.5.6 has 1 of its 22 keys. Expected the \
             chart of Bitnami"
        );
        // With too few keys, a different chart cannot be detected.
        assert!(message(&keys("other", 19)).starts_with("chart version 0.34.18 is older than "));
        let around = [(CHART, "name: app\nversion: 1.0.0\n"), ("charts/redis/Chart.yaml", CHART_YAML)];
        assert_eq!(
            read(&around).unwrap_err().to_string(),
            "found the chart `app`, with the chart `redis` in its folder `charts`: import that folder or archive"
        );
    }

    #[test]
    fn the_schema_gives_types_and_keys() {
        let schema = r#"{"properties": {
            "a": {"type": ["string", "null"]}, "b": {"type": "string", "enum": ["x", "y"]},
            "c": {"type": "object", "properties": {"d": {"type": "integer"}}}, "e": {"type": ["string", "integer"]}
        }}"#;
        let imported = read(&[(CHART, CHART_YAML), (VALUES, "a: null\nb: 1\ne: null\n"), (SCHEMA, schema)]).unwrap();
        let kind = |path: &str| imported.key(path).map(|key| (key.kind, key.declared));
        assert_eq!(kind("a"), Some((Type::String, true)));
        assert_eq!(kind("b"), Some((Type::Int, true)));
        assert_eq!(imported.key("b").unwrap().allowed, [Value::from("x"), Value::from("y")]);
        assert_eq!(kind("c.d"), Some((Type::Int, false)));
        assert_eq!(kind("e"), Some((Type::Null, true)));
    }

    #[test]
    fn it_is_kept_and_read_back_alike() {
        let imported = imported("a: null\nb: {}\nc: {d: [1, 2.5, 'x'], e: {}}\n");
        let kept = serde_json::to_string(&imported).unwrap();
        assert_eq!(serde_json::from_str::<Imported>(&kept).unwrap(), imported);
    }

    #[test]
    fn images_are_found_by_their_shape() {
        let chart =
            Chart::imported(imported("image: {registry: r, repository: b/redis, tag: '8', digest: ''}\nx: {tag: a}\n"));
        let image = Image { path: "image".into(), registry: "r".into(), repository: "b/redis".into(), tag: "8".into() };
        assert_eq!(chart.images(), [image]);
    }

    #[test]
    fn the_comparison_names_the_nearest() {
        let comparison = imported("zeta: 1\narchitecture: standalone\nclusterDomain: cluster.local\n").compare();
        assert_eq!(comparison.new, ["zeta"]);
        assert_eq!(comparison.changed, ["architecture"]);
        assert!(comparison.gone.contains(&"auth.enabled".to_owned()));
    }

    #[test]
    fn what_is_no_redis_chart_is_refused() {
        let message = |files: &[(&str, &str)]| read(files).unwrap_err().to_string();
        let with_chart = |chart: &str| message(&[(CHART, chart), (VALUES, "a: 1")]);
        assert_eq!(message(&[]), "missing `Chart.yaml`: expected a Helm chart");
        assert_eq!(message(&[(CHART, CHART_YAML)]), "missing `values.yaml`: expected a Helm chart");
        assert_eq!(with_chart("name: valkey"), "found the chart `valkey`: expected the chart `redis`");
        assert_eq!(with_chart("version: 24.0.1"), "missing `name` in `Chart.yaml`: expected a Helm chart");
        assert_eq!(with_chart("name: redis"), "missing `version` in `Chart.yaml`: expected a Helm chart");
        assert_eq!(
            with_chart("name: redis\nversion: newest"),
            "the version `newest` of the chart is not a semantic version such as `24.0.1`"
        );
        assert_eq!(
            with_chart("name: redis\nversion: 10.5.5"),
            "chart version 10.5.5 is older than 10.5.6, the oldest known version"
        );
        for (file, text) in [(VALUES, "- a\n- b\n"), (VALUES, "a: [1\n"), (VALUES, "just text"), (SCHEMA, "{")] {
            let files = [(CHART, CHART_YAML), (VALUES, "a: 1"), (file, text)];
            let files: Vec<_> = if file == VALUES { vec![files[0], files[2]] } else { files.to_vec() };
            let message = message(&files);
            assert!(message.starts_with(&format!("cannot read `{file}`: ")), "{message}");
        }
    }

    #[test]
    fn a_bomb_of_keys_is_refused() {
        let many: String = (0..=MAX_KEYS).map(|at| format!("k{at}: 1\n")).collect();
        assert_eq!(read(&[(CHART, CHART_YAML), (VALUES, &many)]), Err(ImportError::TooMany));
        let aliases: String = (1..9)
            .map(|n| {
                let list = vec![format!("*a{}", n - 1); 10].join(", ");
                format!("a{n}: &a{n} [{list}]\n")
            })
            .collect();
        let bomb = format!("a0: &a0 [x, x]\n{aliases}");
        assert!(matches!(read(&[(CHART, CHART_YAML), (VALUES, &bomb)]), Err(ImportError::Broken { .. })));
    }
}
