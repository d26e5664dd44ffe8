//! Finds values of the Redis chart in a file by their keys.

use std::{borrow::Cow, collections::HashSet, sync::LazyLock};

use super::{HEADERS, parent_chart::DependencyValues, search::holds, version_from_keys};
use crate::{
    chart,
    table::{Table, table},
    yaml::{Map, Path, Segment, Value},
};

/// Top-level names that many charts use and that therefore do not identify the Redis chart.
const GENERIC: [&str; 44] = [
    "affinity",
    "auth",
    "commonAnnotations",
    "commonLabels",
    "containerSecurityContext",
    "diagnosticMode",
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
    "pdb",
    "persistence",
    "podAnnotations",
    "podDisruptionBudget",
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
    "serviceBindings",
    "tls",
    "tolerations",
    "updateStrategy",
    "volumePermissions",
    "architecture",
];

/// Names that are in most small values files of this chart.
const OFTEN: [&str; 3] = ["architecture", "auth", "usePassword"];

/// Names of the parts of this chart. Few other charts have a part with one of these names.
const PARTS: [&str; 4] = ["master", "replica", "sentinel", "slave"];

/// Whether many charts use this name at the top level of their values.
pub fn is_generic(name: &str) -> bool {
    GENERIC.contains(&name)
}

/// Names at the top by which values of the chart are recognized.
static OWN_NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let names = chart::key_paths().into_iter().map(|path| path.split('.').next().unwrap_or(path));
    names.filter(|name| !is_generic(name)).chain(OFTEN).chain(HEADERS).collect()
});

/// The key in a line of YAML, if the line has one.
fn key_in(line: &str) -> &str {
    line.split(':').next().unwrap_or_default().trim_end().trim_matches(['"', '\''])
}

/// Whether a text can have keys by which values of the chart are recognized. Most texts have none and need no parser.
pub fn may_have_own_keys(text: &str) -> bool {
    let is_own = |line: &str| {
        let line = line.trim_start();
        let key = key_in(line);
        // A map in one line has its keys anywhere.
        line.starts_with('{') || OWN_NAMES.contains(key) || key.contains('.')
    };
    // A manifest holds values only if it is a release, and then the release has them.
    let has = |key: &str, in_line: &str| text.starts_with(key) || holds(text, in_line);
    let is_manifest = has("apiVersion:", "\napiVersion:") && has("kind:", "\nkind:");
    !is_manifest && (holds(text, "redis") || text.lines().any(is_own))
}

/// Whether a text that is no YAML has a line at the top with a key by which values of the chart are recognized.
pub fn has_own_line(text: &str) -> bool {
    text.lines().map(key_in).any(|key| key == "redis" || OWN_NAMES.contains(key))
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
        let dotted = without_general(values);
        let own = match dotted.keys().any(|name| name.contains('.')) {
            true => Cow::Owned(nested(&dotted)),
            false => Cow::Borrowed(&*dotted),
        };
        let has_dots = matches!(&own, Cow::Owned(own) if *own != *dotted);
        let (known, written) = version_from_keys::known(&own);
        let has_own_key = own.iter().any(|(name, value)| {
            let is_distinctive = match value {
                // An empty map is in the values of many charts.
                Value::Map(below) => !below.is_empty(),
                value => ["usePassword", "configmap"].contains(&name) && !matches!(value, Value::List(_)),
            };
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

/// The values without the keys that those of any dependency can have, and without the first line of a tool.
fn without_general(values: &Map) -> Cow<'_, Map> {
    let is_general = |name: &str| name == "enabled" || HEADERS.contains(&name);
    if !values.keys().any(is_general) {
        return Cow::Borrowed(values);
    }
    let mut own = values.clone();
    own.retain(|name, _| !is_general(name));
    Cow::Owned(own)
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

/// Whether several names at the top are those of no version: the parts of another chart.
fn has_names_of_others(values: &Map) -> bool {
    let others =
        values.keys().filter(|name| !name.contains("redis") && !name.contains('.') && !is_a_name(name)).count();
    others >= 3 || others == 2 && values.len() <= 10
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

/// The description of values of another chart.
const NOT_OURS: &str = "this does not look like values of the redis chart";

/// How much it takes to count as values of the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// The user or a comment declares values of the chart.
    Sure,
    /// The user names the file: keys that many charts have are enough.
    Likely,
    /// One of many files of a folder: only keys that other charts lack count.
    OwnKeys,
}

/// The place of the values, or a description of other contents.
pub(super) fn place(values: &Map, trust: Trust) -> Result<DependencyValues, String> {
    let sure = trust == Trust::Sure;
    let root = KeyMatch::of(values);
    let looks_like_ours = root.is_good() || root.is_fair() && values.keys().all(is_a_name);
    let has = |names: &[&str]| names.iter().any(|name| values.contains_key(name));
    let is_likely = has(&OFTEN) && (root.known == root.written || root.is_good() && has(&PARTS));
    // Of many files, some have one or two keys by chance.
    let is_enough = trust != Trust::OwnKeys || root.is_good() && root.known >= 2 && !has_names_of_others(values);
    if !is_enough && !sure && !has_block(values) {
        return Err(other(values).unwrap_or_else(|| NOT_OURS.to_owned()));
    }
    // Keys that every chart has tell nothing.
    let may_be_ours = root.has_own_key && root.is_fair() || trust != Trust::OwnKeys || is_likely;
    if values.is_empty() || (looks_like_ours && may_be_ours && (root.has_own_key || !has_block(values))) {
        return match other(values) {
            Some(chart) if !sure => Err(chart),
            _ => Ok(DependencyValues::at(Path::root())),
        };
    }
    let mut blocks: Vec<(Path, KeyMatch)> = Vec::new();
    for (name, value) in values.iter().filter(|(name, _)| *name != "global") {
        let Value::Map(below) = value else { continue };
        // A dependency that is off has no release.
        if trust == Trust::OwnKeys && below.get("enabled") == Some(&Value::Bool(false)) {
            continue;
        }
        candidate(Path::of([name]), below, &mut blocks);
        for (inner, value) in below.iter().filter(|(inner, _)| inner.contains("redis")) {
            if let Value::Map(below) = value {
                candidate(Path::of([name, inner]), below, &mut blocks);
            }
        }
    }
    if trust == Trust::OwnKeys {
        blocks.retain(|(_, fit)| fit.known >= 2);
    }
    // The shallower block wins if two blocks fit equally well.
    let best = blocks.into_iter().max_by_key(|(at, fit)| (fit.known, usize::MAX - at.len()));
    if let Some((at, fit)) = best
        && (fit.known > root.known || !root.has_own_key)
    {
        return Ok(DependencyValues::at(at));
    }
    let is_likely = trust == Trust::Likely && (root.has_own_key || root.is_good());
    if sure || is_likely || root.has_own_key && root.is_fair() || root.is_good() && may_be_ours {
        return match other(values) {
            Some(chart) if !sure => Err(chart),
            _ => Ok(DependencyValues::at(Path::root())),
        };
    }
    if let Some(chart) = other(values) {
        return Err(chart);
    }
    let is_block = |(name, value): &(&str, &Value)| {
        name.contains("redis") && value.as_map().is_some_and(|below| KeyMatch::of(below).known > 0)
    };
    let hint = values.iter().find(is_block).map(|(name, _)| {
        let at = Path::of([name]);
        format!("; the block `{at}` may hold such values: use `--at {at}`")
    });
    Err(format!("{NOT_OURS}{}", hint.unwrap_or_default()))
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
    let has = |key: &str| values.get_at_text(key).is_some();
    let [chart, key, _] = OTHERS.rows().find(|[_, key, _]| has(key))?;
    Some(format!("values of the chart `{chart}`: only that has `{key}`"))
}
