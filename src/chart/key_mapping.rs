//! Paths of keys in another chart version: follows renames, in both directions.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::{HashMap, HashSet},
    rc::Rc,
};

use foldhash::fast::RandomState;
use semver::Version;

use super::{
    Chart, Topology, catalogue,
    changes::{Change, below, changes_between as between},
    condition,
    pack::{ChangeKind, Transform},
};
use crate::yaml::{List, Path, Value};

/// Mapping of keys from one chart version to another.
#[derive(Debug)]
pub struct KeyMapping {
    from: Chart,
    to: Chart,
    /// Whether the target is a different version.
    leads_on: bool,
    topology: Topology,
    /// Changes between the versions, in the order in which they apply.
    history: Cow<'static, [Change]>,
    backwards: bool,
    /// For a mapping to an older version: the chart before each change.
    before: HashMap<Version, Chart>,
    /// Keys at or above each path that a change affects.
    affected: HashSet<&'static str>,
    /// The paths that were asked for.
    known: RefCell<HashMap<String, KnownPath>>,
    /// The values that were asked for, by their paths.
    known_values: RefCell<HashMap<String, Rc<MappedValue>, RandomState>>,
}

/// Paths in the target version, and the positions of the changes in the history.
#[derive(Debug)]
struct KnownPath {
    to: Vec<String>,
    by: Vec<usize>,
}

/// What becomes of a value at a path, whatever the value is.
#[derive(Debug)]
pub struct MappedValue {
    /// Whether the chart that the value is for takes it.
    pub is_taken: bool,
    /// Whether the other chart takes a value at the same path.
    pub is_taken_there: bool,
    /// The paths in the other chart, with their texts. Empty if the key has no replacement.
    pub to: Vec<(Path, Rc<str>)>,
    /// The positions of the changes in the history.
    by: Vec<usize>,
}

/// Mappings between chart versions, each made once.
#[derive(Debug, Default)]
pub struct KeyMappings {
    made: RefCell<HashMap<(Version, Version, Topology), Rc<KeyMapping>>>,
}

impl KeyMappings {
    /// The mapping for values of one topology.
    pub fn between(&self, from: &Chart, to: &Chart, topology: Topology) -> Rc<KeyMapping> {
        let key = (from.version().clone(), to.version().clone(), topology);
        let mut made = self.made.borrow_mut();
        made.entry(key).or_insert_with(|| Rc::new(KeyMapping::between(from, to, topology))).clone()
    }
}

/// Result of the mapping of one key.
#[derive(Debug, Clone, PartialEq)]
pub struct MappedKey<'a> {
    /// Keys in the target version. Empty if the key has no replacement.
    pub to: Vec<String>,
    /// Changes that apply to the key, in their order. If `to` is empty, the last change removed the key.
    pub by: Vec<&'a Change>,
}

impl KeyMapping {
    /// Builds the mapping for values of one topology.
    pub fn between(from: &Chart, to: &Chart, topology: Topology) -> Self {
        let backwards = to.version() < from.version();
        let mut history =
            if backwards { between(to.version(), from.version()) } else { between(from.version(), to.version()) };
        let mut before = HashMap::new();
        if backwards {
            history.to_mut().reverse();
            for change in &*history {
                let at = catalogue::position(&change.version).and_then(|at| at.checked_sub(1));
                if let Some(chart) = at.and_then(|at| Chart::at(&catalogue::version(at))) {
                    before.entry(change.version.clone()).or_insert(chart);
                }
            }
        }
        let affected = match backwards {
            true => history.iter().flat_map(|change| &change.new).copied().collect(),
            false => history.iter().map(|change| change.old).collect(),
        };
        Self {
            from: from.clone(),
            to: to.clone(),
            leads_on: from.version() != to.version(),
            topology,
            history,
            backwards,
            before,
            affected,
            known: RefCell::default(),
            known_values: RefCell::default(),
        }
    }

    /// What becomes of a value at a path.
    pub fn of_value(&self, path: &str) -> Rc<MappedValue> {
        if let Some(known) = self.known_values.borrow().get(path) {
            return known.clone();
        }
        let MappedKey { to, by } = self.of(path);
        let mapped = Rc::new(MappedValue {
            is_taken: self.from.takes(path),
            is_taken_there: self.to.takes(path),
            to: to.iter().filter_map(|to| Some((to.parse().ok()?, to.as_str().into()))).collect(),
            by: by.into_iter().filter_map(|change| self.position(change)).collect(),
        });
        self.known_values.borrow_mut().insert(path.to_owned(), mapped.clone());
        mapped
    }

    /// The value in the form of its target key. `None` if the value has no place in the target version.
    pub fn converted(&self, mapped: &MappedValue, value: Value) -> Option<Value> {
        let by = mapped.by.iter().map(|at| &self.history[*at]);
        self.convert(by, mapped.to.first().map(|(_, text)| &**text), value)
    }

    fn position(&self, change: &Change) -> Option<usize> {
        self.history.iter().position(|other| std::ptr::eq(other, change))
    }

    /// Maps a path to the other chart. A path below a key follows the key.
    pub fn of(&self, path: &str) -> MappedKey<'_> {
        if let Some(KnownPath { to, by }) = self.known.borrow().get(path) {
            return MappedKey { to: to.clone(), by: by.iter().map(|at| &self.history[*at]).collect() };
        }
        let found = self.find(path);
        let by = found.by.iter().filter_map(|change| self.position(change)).collect();
        let known = KnownPath { to: found.to.clone(), by };
        self.known.borrow_mut().insert(path.to_owned(), known);
        found
    }

    fn find(&self, path: &str) -> MappedKey<'_> {
        let mut route = MappedKey { to: vec![path.to_owned()], by: Vec::new() };
        let history = if self.is_affected(path) { &*self.history } else { &[] };
        for changes in history.chunk_by(|a, b| a.version == b.version) {
            let steps_of =
                |path: &str| if self.backwards { self.back(path, changes) } else { self.onward(path, changes) };
            // Most versions change no key of the route.
            if route.to.iter().all(|path| steps_of(path).is_none()) {
                continue;
            }
            let mut next: Vec<String> = Vec::new();
            for path in &route.to {
                let Some((change, steps)) = steps_of(path) else {
                    next.push(path.clone());
                    continue;
                };
                if route.by.last() != Some(&change) {
                    route.by.push(change);
                }
                next.extend(steps);
            }
            next.dedup();
            route.to = next;
        }
        route.to.retain(|path| self.to.takes(path));
        // A key that was removed and added again keeps its path.
        if route.to.is_empty() && self.to.key(path).map_or_else(|| self.to.takes(path), |key| key.declared) {
            return MappedKey { to: vec![path.to_owned()], by: Vec::new() };
        }
        route
    }

    /// Whether a change is about the path or a key above it. Most paths are the same in all versions.
    fn is_affected(&self, path: &str) -> bool {
        let ends = path.match_indices(['.', '[']).map(|(end, _)| end).chain([path.len()]);
        ends.into_iter().any(|end| self.affected.contains(&path[..end]))
    }

    /// Converts a value to the form of its target key. `None` if the value has no place in the target version.
    pub fn value(&self, route: &MappedKey, value: Value) -> Option<Value> {
        self.convert(route.by.iter().copied(), route.to.first().map(String::as_str), value)
    }

    fn convert<'c>(&self, mut by: impl Iterator<Item = &'c Change>, to: Option<&str>, value: Value) -> Option<Value> {
        let value = by.try_fold(value, |value, change| match self.backwards {
            false => change.transform.convert(value, self.topology),
            true => change.transform.undone(value, self.topology),
        })?;
        Some(match to.filter(|_| self.leads_on) {
            Some(path) => self.to.convert(path, value),
            None => value,
        })
    }

    /// The change of a key in one version, with the new paths. `None` if the key stays.
    fn onward<'c>(&self, path: &str, changes: &'c [Change]) -> Option<(&'c Change, Vec<String>)> {
        let (change, rest) = nearest_change(path, changes.iter().map(|change| (change, change.old)))?;
        (!is_unchanged(change)).then(|| (change, change.new.iter().map(|new| format!("{new}{rest}")).collect()))
    }

    fn back<'c>(&self, path: &str, changes: &'c [Change]) -> Option<(&'c Change, Vec<String>)> {
        let moves = changes.iter().filter(|change| change.kind != ChangeKind::Removed && !is_unchanged(change));
        let news = moves.flat_map(|change| change.new.iter().map(move |new| (change, *new)));
        let (change, rest) = nearest_change(path, news)?;
        let before = self.before.get(&change.version)?;
        // A key that existed before is mapped to itself; the change merged another key into it.
        let was_there = before.takes(path) && !matches!(change.kind, ChangeKind::Semantic | ChangeKind::Type);
        (!was_there).then(|| (change, vec![format!("{}{rest}", change.old)]))
    }
}

/// Whether the key keeps its path and value: a newer key is only an alias, or only the meaning changes.
fn is_unchanged(change: &Change) -> bool {
    matches!(
        (change.kind, change.transform),
        (ChangeKind::Alias, _) | (ChangeKind::Semantic, Transform::Ask | Transform::SentinelOnly)
    )
}

/// The change of the nearest key at or above a path, with the rest of the path below that key.
fn nearest_change<'c, 'p>(
    path: &'p str,
    changes: impl Iterator<Item = (&'c Change, &'static str)>,
) -> Option<(&'c Change, &'p str)> {
    let candidates = changes.filter_map(|(change, key)| Some((change, below(path, key)?, key.len())));
    candidates.max_by_key(|(_, _, length)| *length).map(|(change, rest, _)| (change, rest))
}

impl Transform {
    /// Converts the value of the older key for the newer key. `None` if the value does not apply in this topology.
    pub fn convert(self, value: Value, topology: Topology) -> Option<Value> {
        match (self, value) {
            (Self::SentinelOnly, value) => (topology == Topology::Sentinel).then_some(value),
            (Self::SentinelPlusOne, Value::Int(count)) if topology == Topology::Sentinel => Some(Value::Int(count + 1)),
            (Self::BoolToArchitecture, value) => {
                let replicated = condition::is_truthy(Some(&value));
                Some(Value::from(if replicated { "replication" } else { "standalone" }))
            }
            (Self::StartProgram, _) => None,
            (Self::ListToString, Value::List(items)) => match &*items {
                [] => Some(Value::from("")),
                [one] => Some(one.clone()),
                _ => Some(Value::List(items)),
            },
            (Self::TextToList, Value::String(text)) if !text.is_empty() => Some(Value::from(vec![text])),
            (Self::ListToJoined, Value::List(items)) => Some(join_with_commas(items)),
            (Self::JoinedToList, Value::List(items)) => Some(split_commas(items)),
            (_, value) => Some(value),
        }
    }

    /// Converts the value of the newer key for the older key.
    pub fn undone(self, value: Value, topology: Topology) -> Option<Value> {
        match (self, value) {
            (Self::SentinelOnly, value) => (topology == Topology::Sentinel).then_some(value),
            (Self::SentinelPlusOne, Value::Int(count)) if topology == Topology::Sentinel => {
                Some(Value::Int((count - 1).max(0)))
            }
            (Self::BoolToArchitecture, value) => Some(Value::from(value.as_str() == Some("replication"))),
            (Self::StartProgram, _) => None,
            (Self::TextToList, Value::List(items)) => Some(match texts(&items) {
                Some(lines) => Value::from(lines.join("\n")),
                None => Value::List(items),
            }),
            (Self::ListToJoined, Value::List(items)) => Some(split_commas(items)),
            (Self::JoinedToList, Value::List(items)) => Some(join_with_commas(items)),
            (_, value) => Some(value),
        }
    }
}

/// The items as texts. `None` if an item is not a text.
fn texts(items: &[Value]) -> Option<Vec<&str>> {
    items.iter().map(Value::as_str).collect()
}

fn join_with_commas(items: List) -> Value {
    match texts(&items) {
        Some(several) if several.len() > 1 => Value::from(vec![several.join(",").as_str()]),
        _ => Value::List(items),
    }
}

fn split_commas(items: List) -> Value {
    match texts(&items).as_deref() {
        Some([one]) if one.contains(',') => Value::List(one.split(',').map(|item| Value::from(item.trim())).collect()),
        _ => Value::List(items),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::version_numbers;

    fn chart(version: &str) -> Chart {
        Chart::at(&version.parse().unwrap()).unwrap()
    }

    fn way(from: &str, to: &str) -> KeyMapping {
        KeyMapping::between(&chart(from), &chart(to), Topology::Replication)
    }

    #[test]
    fn a_key_goes_through_all_its_names() {
        let way = way("13.0.1", "23.1.1");
        assert_eq!(way.of("slave.service.port").to, ["replica.service.ports.redis"]);
        assert_eq!(way.of("cluster.slaveCount").to, ["replica.replicaCount"]);
        assert_eq!(way.of("slave.nodeSelector.a").to, ["replica.nodeSelector.a"]);
        assert_eq!(way.of("podDisruptionBudget.enabled").to, ["master.pdb.create", "replica.pdb.create"]);
        assert_eq!(way.of("image.tag").to, ["image.tag"]);
        let gone = way.of("slave.port");
        assert_eq!((gone.to.len(), gone.by[0].kind), (0, ChangeKind::Removed));
    }

    #[test]
    fn and_back() {
        let way = way("23.1.1", "13.0.1");
        assert_eq!(way.of("replica.service.ports.redis").to, ["slave.service.port"]);
        assert_eq!(way.of("replica.pdb.create").to, ["podDisruptionBudget.enabled"]);
        assert_eq!(way.of("architecture").to, ["cluster.enabled"]);
        let route = way.of("architecture");
        assert_eq!(way.value(&route, Value::from("replication")), Some(Value::from(true)));
        assert_eq!(way.of("metrics.serviceMonitor.enabled").to, ["metrics.serviceMonitor.enabled"]);
        assert!(way.of("auth.acl.enabled").to.is_empty());
    }

    #[test]
    fn values_change_their_shape() {
        let way = way("13.0.1", "14.0.0");
        let value = |path: &str, value: Value| way.value(&way.of(path), value);
        assert_eq!(value("cluster.enabled", Value::from(false)), Some(Value::from("standalone")));
        assert_eq!(value("master.command", Value::from("/run.sh")), None);
        assert_eq!(value("slave.command", Value::from("/opt/run.sh")), None);
        assert_eq!(value("extraVolumes", Value::from("a")), None);
    }

    #[test]
    fn what_the_schema_refuses_is_said_in_the_type_that_it_takes() {
        let way = way("13.0.1", "23.1.1");
        let value = |way: &KeyMapping, path: &str, value: Value| way.value(&way.of(path), value);
        assert_eq!(value(&way, "master.service.nodePort", Value::Int(30_000)), Some(Value::from("30000")));
        assert_eq!(value(&way, "sentinel.quorum", Value::from("2")), Some(Value::Int(2)));
        let nowhere = KeyMapping::between(&chart("23.1.1"), &chart("23.1.1"), Topology::Sentinel);
        assert_eq!(value(&nowhere, "sentinel.quorum", Value::from("2")), Some(Value::from("2")));
    }

    #[test]
    fn and_back_again() {
        for (from, to, path, old, new) in [
            ("20.2.0", "20.2.1", "sentinel.preExecCmds", Value::from("a\nb"), Value::from(vec!["a\nb"])),
            (
                "16.9.11",
                "16.10.0",
                "master.service.loadBalancerSourceRanges",
                Value::from(vec!["10.0.0.0/8", "192.168.0.0/16"]),
                Value::from(vec!["10.0.0.0/8,192.168.0.0/16"]),
            ),
        ] {
            let converted = |from: &str, to: &str, value: Value| {
                let way = way(from, to);
                way.value(&way.of(path), value)
            };
            assert_eq!(converted(from, to, old.clone()), Some(new.clone()), "{path}");
            assert_eq!(converted(to, from, new), Some(old), "{path}");
        }
        let command = way("14.0.0", "13.0.1");
        assert_eq!(command.value(&command.of("master.command"), Value::from(vec!["a"])), None);
        let way = way("16.9.11", "17.7.2");
        let path = "sentinel.service.loadBalancerSourceRanges";
        let ranges = Value::from(vec!["10.0.0.0/8", "192.168.0.0/16"]);
        assert_eq!(way.value(&way.of(path), ranges.clone()), Some(ranges));
    }

    #[test]
    fn what_did_not_change_stays_and_every_route_ends_at_a_key() {
        let versions: Vec<_> = version_numbers().step_by(40).collect();
        for from in &versions {
            for to in &versions {
                let (from, to) = (Chart::at(from).unwrap(), Chart::at(to).unwrap());
                let way = KeyMapping::between(&from, &to, Topology::Sentinel);
                for key in from.keys() {
                    let route = way.of(key.path);
                    assert!(route.to.iter().all(|path| to.takes(path)));
                    if route.by.is_empty() && to.takes(key.path) {
                        assert_eq!(route.to, [key.path]);
                    }
                }
            }
        }
    }
}
