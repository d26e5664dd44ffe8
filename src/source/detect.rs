//! Finds values of the Redis chart in a file by their keys.

use super::{parent_chart::DependencyValues, version_from_keys};
use crate::{
    chart,
    table::{Table, table},
    yaml::{Map, Path, Segment, Value},
};

/// Top-level names that many charts use and that therefore do not identify the Redis chart.
const GENERIC: [&str; 40] = [
    "affinity",
    "auth",
    "commonAnnotations",
    "commonLabels",
    "containerSecurityContext",
    "enabled",
    "existingSecret",
    "extraDeploy",
    "extraEnvVars",
    "extraVolumes",
    "fullnameOverride",
    "global",
    "image",
    "imagePullSecrets",
    "ingress",
    "kubeVersion",
    "labels",
    "livenessProbe",
    "metrics",
    "nameOverride",
    "networkPolicy",
    "nodeSelector",
    "password",
    "persistence",
    "podAnnotations",
    "podLabels",
    "podSecurityContext",
    "podSecurityPolicy",
    "rbac",
    "readinessProbe",
    "replicaCount",
    "resources",
    "securityContext",
    "service",
    "serviceAccount",
    "tls",
    "tolerations",
    "updateStrategy",
    "volumePermissions",
    "architecture",
];

/// Whether many charts use this name at the top level of their values.
pub fn is_generic(name: &str) -> bool {
    GENERIC.contains(&name)
}

/// Keys that identify the values of another chart.
const OTHERS: Table<3> = table!("src/source/others.tsv", ["chart", "key", "source"]);

/// How well a map fits the keys of the Redis chart.
struct KeyMatch {
    known: usize,
    written: usize,
    /// Whether a key exists only in the Redis chart.
    has_own_key: bool,
    /// Whether a name with dots is the path of a key.
    has_dots: bool,
}

impl KeyMatch {
    fn of(values: &Map) -> Self {
        let mut own = values.clone();
        // The values of any dependency can have this key.
        own.remove("enabled");
        let dotted = own;
        let own = nested(&dotted);
        let has_dots = own != dotted;
        let (known, written) = version_from_keys::known(&own);
        let has_own_key = own.iter().any(|(name, value)| {
            let is_distinctive = matches!(value, Value::Map(_)) || ["usePassword", "configmap"].contains(&name);
            !is_generic(name) && is_distinctive && is_known(name, value)
        });
        Self { known, written, has_own_key, has_dots }
    }

    /// Whether most of the written keys are known.
    fn is_good(&self) -> bool {
        self.known > 0 && self.known * 2 > self.written
    }

    /// Whether at least a third of the written keys is known. The rest may be typos.
    fn is_fair(&self) -> bool {
        self.known > 0 && self.known * 3 >= self.written
    }
}

/// Moves each name with dots that is the path of a key to that path.
///
/// Helm does not read such names, but their author meant this chart.
fn nested(values: &Map) -> Map {
    let mut nested = Map::new();
    for (name, value) in values.iter() {
        let path = name.parse::<Path>().ok().filter(|path| path.len() > 1 && name.contains('.'));
        let path = path.filter(|path| !chart::key_trace(&path.to_string()).held.is_empty());
        // A name stays if another key of the values is in its way.
        if path.is_none_or(|path| nested.insert_at(&path, value.clone()).is_err()) {
            nested.insert(name, value.clone());
        }
    }
    nested
}

/// Whether some version has a top-level key or block of this name.
fn is_a_name(name: &str) -> bool {
    let path = Path::of([name]).to_string();
    chart::is_key_parent(&path) || !chart::key_trace(&path).held.is_empty()
}

/// Whether some version has the name itself or a written key below it.
fn is_known(name: &str, value: &Value) -> bool {
    let mut alone = Map::new();
    alone.insert(name.to_owned(), value.clone());
    version_from_keys::known(&alone).0 > 0
}

/// The place of the values, or a description of other contents. `sure` if the user declares values of the chart.
pub(super) fn place(values: &Map, sure: bool) -> Result<DependencyValues, String> {
    let root = KeyMatch::of(values);
    let looks_like_ours = root.is_good() || root.is_fair() && values.keys().all(is_a_name);
    if values.is_empty() || (looks_like_ours && (root.has_own_key || !has_block(values))) {
        return match other(values) {
            Some(chart) if !sure => Err(chart),
            _ => Ok(DependencyValues::at(Path::root())),
        };
    }
    let mut blocks: Vec<(Path, KeyMatch)> = Vec::new();
    for (name, value) in values.iter().filter(|(name, _)| *name != "global") {
        let Value::Map(below) = value else { continue };
        candidate(Path::of([name]), below, &mut blocks);
        for (inner, value) in below.iter().filter(|(inner, _)| inner.contains("redis")) {
            if let Value::Map(below) = value {
                candidate(Path::of([name, inner]), below, &mut blocks);
            }
        }
    }
    // The shallower block wins if two blocks fit equally well.
    let best = blocks.into_iter().max_by_key(|(at, fit)| (fit.known, usize::MAX - at.len()));
    if let Some((at, fit)) = best
        && (fit.known > root.known || !root.has_own_key)
    {
        return Ok(DependencyValues::at(at));
    }
    if root.has_own_key || sure || root.is_good() {
        return match other(values) {
            Some(chart) if !sure => Err(chart),
            _ => Ok(DependencyValues::at(Path::root())),
        };
    }
    Err(other(values).unwrap_or_else(|| "this does not look like values of the redis chart".to_owned()))
}

/// Whether the values are those of the Redis chart beyond doubt: most keys are known, and one of them is a key that only
/// this chart has.
pub(super) fn is_flat(values: &Map) -> bool {
    let root = KeyMatch::of(values);
    root.is_good() && root.has_own_key && !has_block(values) && other(values).is_none()
}

/// Whether a block has `redis` in its name: then the values are probably those of a parent chart.
fn has_block(values: &Map) -> bool {
    values.iter().any(|(name, value)| name.contains("redis") && matches!(value, Value::Map(_)))
}

fn candidate(at: Path, below: &Map, blocks: &mut Vec<(Path, KeyMatch)>) {
    let fit = KeyMatch::of(below);
    let named = matches!(at.last(), Some(Segment::Key(last)) if last.contains("redis"));
    // A block with another name, such as `cache`, has to fit better.
    let enough = if named {
        fit.has_own_key || fit.has_dots || below.contains_key("auth")
    } else {
        fit.has_own_key && fit.known > 2
    };
    if fit.is_good() && enough && other(below).is_none() {
        blocks.push((at, fit));
    }
}

/// The other chart that the keys identify.
fn other(values: &Map) -> Option<String> {
    let has = |key: &str| key.parse::<Path>().is_ok_and(|path| values.get_at(&path).is_some());
    let [chart, key, _] = OTHERS.rows().find(|[_, key, _]| has(key))?;
    Some(format!("values of the chart `{chart}`: only that has `{key}`"))
}
