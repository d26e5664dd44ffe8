//! Suggestions for a key that a chart version does not have.
//!
//! A suggested key must accept the value: a map for a map, a list for a list, a boolean for a boolean. This module
//! does not check whether the suggested key is set already, or which keys a parent chart reads.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{Chart, KeyUse, Setting, Topology, Type, Verdict, key};
use crate::{
    suggest::{Name, in_part, is_long, slip},
    yaml::{Map, Path, Segment, Value},
};

/// Suggestion for an unknown key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggestion {
    /// Key with the same parent and a similar name.
    Near {
        to: Path,
        /// Whether the names differ only by a typing slip, and the value has the type of this key.
        is_sure: bool,
    },
    /// Path that a name with dots describes. Helm does not split keys at dots.
    Nested {
        to: Path,
        /// Whether only the dots are wrong, and the value has the shape of this key.
        is_sure: bool,
    },
    /// Keys of the same name below other parents.
    Elsewhere(Vec<Path>),
}

impl Suggestion {
    /// The suggested path. `None` if there are several.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Near { to, .. } | Self::Nested { to, .. } => Some(to),
            Self::Elsewhere(places) => places.first().filter(|_| places.len() == 1),
        }
    }
}

/// How well a value fits a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum TypeMatch {
    /// The shape is wrong: a map for a scalar, or a text for a boolean.
    Not,
    /// The shape is right, and the type is not known to be right.
    Shape,
    /// The value has the type of the key.
    Type,
}

/// Maximum number of suggested places.
const MOST_PLACES: usize = 4;

/// Last names of all keys of all versions. Such a name is not a spelling mistake.
static SPELT_RIGHT: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let paths = key::paths().into_iter().filter_map(|path| path.parse::<Path>().ok());
    paths
        .filter_map(|mut path| match path.pop() {
            Some(Segment::Key(name)) => Some(name),
            _ => None,
        })
        .collect()
});

/// The keys of a chart version by their names.
#[derive(Debug)]
pub(super) struct NameIndex {
    /// Keys by the path of their parent.
    below: HashMap<Path, Vec<Sibling>>,
    /// Keys by their last name.
    called: HashMap<String, Vec<Path>>,
}

/// A key among those of one parent.
#[derive(Debug)]
struct Sibling {
    path: Path,
    name: Name,
}

impl NameIndex {
    fn of(chart: &Chart) -> Self {
        let (mut below, mut called) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        let mut keys: Vec<Path> = chart.keys().filter_map(|key| key.path.parse().ok()).collect();
        keys.sort_unstable();
        for path in keys {
            let (Some(above), Some(Segment::Key(name))) = (path.parent(), path.last()) else { continue };
            called.entry(name.clone()).or_default().push(path.clone());
            let name = Name::of(name);
            below.entry(above).or_default().push(Sibling { path, name });
        }
        Self { below, called }
    }
}

/// Search for suggestions among the keys of a chart version.
#[derive(Clone, Copy)]
pub struct Spelling<'a> {
    chart: &'a Chart,
    names: &'a NameIndex,
}

impl<'a> Spelling<'a> {
    /// The names of the keys are collected once for a chart version.
    pub fn of(chart: &'a Chart) -> Self {
        let names = chart.own_lists().names.get_or_init(|| NameIndex::of(chart));
        Self { chart, names }
    }

    /// Suggests a key for an unknown key with a known parent, or for an unknown top-level key.
    pub fn meant(&self, path: &Path, value: &Value, topology: Topology) -> Option<Suggestion> {
        let Some(Segment::Key(name)) = path.last() else { return None };
        if is_long(name) {
            return None;
        }
        let parent = path.parent()?;
        if name.contains('.') {
            return self.nested(&parent, name, value, topology);
        }
        let same = self.names.called.get(name).map(Vec::as_slice).unwrap_or_default();
        let same: Vec<&Path> = same.iter().filter(|place| self.fit(place, value) > TypeMatch::Not).collect();
        // A key that is only nested too deep, or not deep enough, is not a spelling mistake.
        let in_line: Vec<&Path> = same.iter().copied().filter(|place| is_in_line(place, path)).collect();
        if (1..=MOST_PLACES).contains(&in_line.len()) {
            return Some(self.elsewhere(in_line, path, value, topology));
        }
        if !self.names.called.contains_key(name)
            && !SPELT_RIGHT.contains(name)
            && let Some(near) = self.near(&parent, name, value)
        {
            return Some(near);
        }
        let whole = same.iter().copied().filter(|place| place.segments().ends_with(path.segments()));
        let mut places: Vec<&Path> = whole.collect();
        // A name that occurs in many places gives no hint about the intended place.
        if places.is_empty() && same.len() <= MOST_PLACES {
            places = same;
        }
        let option_keys = self.of_setting(name, value, topology);
        if places.is_empty() {
            places = option_keys.iter().collect();
        }
        (!places.is_empty()).then(|| self.elsewhere(places, path, value, topology))
    }

    /// Suggests a path for `path`, in which any step may be wrong.
    pub fn meant_below(&self, path: &Path, values: &Map, topology: Topology) -> Option<Path> {
        let is_known = |path: &Path| {
            let text = path.to_string();
            self.chart.takes(&text) || self.chart.has_below(&text)
        };
        let wrong = (1..=path.len()).map(|steps| path.first(steps)).find(|path| !is_known(path))?;
        let meant = self.meant(&wrong, values.get_at(&wrong)?, topology)?;
        let mut meant = meant.path()?.clone();
        path.segments()[wrong.len()..].iter().for_each(|step| meant.push(step.clone()));
        self.chart.takes(&meant.to_string()).then_some(meant)
    }

    /// Keys of the setting that is called `name` in the catalogue, such as `replicas`.
    fn of_setting(&self, name: &str, value: &Value, topology: Topology) -> Vec<Path> {
        let Some(setting) = Setting::named(name).filter(|setting| !setting.is_fact()) else { return Vec::new() };
        let topologies = [topology, Topology::Sentinel, Topology::Replication];
        let mut places = topologies.into_iter().map(|topology| self.chart.places(setting, topology));
        let places = places.find(|places| !places.is_empty()).unwrap_or_default();
        let paths = places.iter().filter_map(|place| place.path.parse().ok());
        paths.filter(|path| self.fit(path, value) > TypeMatch::Not).collect()
    }

    /// Suggests a sibling with a similar name.
    fn near(&self, parent: &Path, name: &str, value: &Value) -> Option<Suggestion> {
        let siblings = || self.names.below.get(parent).into_iter().flatten();
        let name = Name::of(name);
        let slips = siblings().filter_map(|sibling| Some((slip(&name, &sibling.name)?, &sibling.path)));
        let slips = slips.filter(|(_, key)| self.fit(key, value) > TypeMatch::Not);
        if let Some((_, to)) = only_nearest(slips) {
            return Some(Suggestion::Near { to: to.clone(), is_sure: self.fit(to, value) == TypeMatch::Type });
        }
        // A name with a missing word is more likely than a name with a superfluous word.
        let partly = |written_first: bool| {
            let near = siblings().filter_map(|sibling| {
                let (few, many) = if written_first { (&name, &sibling.name) } else { (&sibling.name, &name) };
                Some((in_part(few, many)?, &sibling.path))
            });
            only_nearest(near.filter(|(_, key)| self.fit(key, value) == TypeMatch::Type))
        };
        let (_, to) = partly(true).or_else(|| partly(false))?;
        Some(Suggestion::Near { to: to.clone(), is_sure: false })
    }

    /// Suggests the path that a name with dots describes.
    fn nested(&self, parent: &Path, name: &str, value: &Value, topology: Topology) -> Option<Suggestion> {
        let steps: Path = name.parse().ok().filter(|steps: &Path| steps.len() > 1)?;
        let mut to = parent.clone();
        for (at, step) in steps.segments().iter().enumerate() {
            let Segment::Key(key) = step else { return None };
            to = to.key(key);
            let text = to.to_string();
            let rest: Vec<&str> = steps.segments()[at + 1..]
                .iter()
                .map(|step| match step {
                    Segment::Key(key) => key.as_str(),
                    Segment::Index(_) => "[",
                })
                .collect();
            let rest = rest.join(".");
            // Names of labels and annotations contain dots themselves.
            let is_named_freely = self.chart.key(&text).is_some_and(|key| key.open)
                && (rest.contains('/') || TAKES_DOTS.iter().any(|end| key.to_lowercase().ends_with(end)));
            if is_named_freely && !rest.is_empty() && !rest.contains('[') {
                return Some(Suggestion::Nested { to: to.key(rest), is_sure: true });
            }
        }
        let text = to.to_string();
        if self.chart.takes(&text) || self.chart.has_below(&text) {
            // A null at the suggested path would delete the default.
            let is_sure = self.fit(&to, value) > TypeMatch::Not && *value != Value::Null;
            return Some(Suggestion::Nested { to, is_sure });
        }
        // A key of another version is a good suggestion: the file then gets a finding for the renamed or removed key.
        if !key::life(&text).is_empty() {
            return Some(Suggestion::Nested { to, is_sure: *value != Value::Null });
        }
        let mut values = Map::new();
        values.insert_at(&to, value.clone()).ok()?;
        let to = self.meant_below(&to, &values, topology)?;
        Some(Suggestion::Nested { to, is_sure: false })
    }

    /// Suggests keys of the same name. Keys that the topology reads come first, and keys with the most children in
    /// common with the value.
    fn elsewhere(&self, mut places: Vec<&Path>, path: &Path, value: &Value, topology: Topology) -> Suggestion {
        // Keys without a required switch are preferred, because the user expects an effect.
        for needs_switch in [true, false] {
            let is_read = |place: &&Path| self.is_read(&place.to_string(), topology, needs_switch);
            if places.iter().any(is_read) {
                places.retain(is_read);
            }
        }
        places.sort_by_key(|place| {
            let known = value.as_map().map_or(0, |map| self.known(place, map));
            (Reverse(known), Reverse(place.in_common(path)), place.to_string().len())
        });
        places.truncate(MOST_PLACES);
        Suggestion::Elsewhere(places.into_iter().cloned().collect())
    }

    /// Whether the topology reads a key or a key below it. Keys that require a switch count only if `with_switches`
    /// is true.
    fn is_read(&self, text: &str, topology: Topology, with_switches: bool) -> bool {
        let below = self.chart.keys_below(text).map(|key| key.path);
        std::iter::once(text).chain(below).any(|path| {
            let KeyUse { verdict, switches, .. } = self.chart.read(path, topology);
            verdict == Verdict::Read && (with_switches || switches.is_empty())
        })
    }

    /// How well a value fits a key.
    fn fit(&self, path: &Path, value: &Value) -> TypeMatch {
        let text = path.to_string();
        let is_refused = self.chart.schema(&text).is_some_and(|accepts| !accepts.takes(value));
        let kind = match self.chart.key(&text) {
            Some(key) => key.kind,
            None if self.chart.has_below(&text) => Type::Map,
            None => return if self.chart.takes(&text) { TypeMatch::Shape } else { TypeMatch::Not },
        };
        let fit = match (kind, value) {
            (_, Value::Null) => TypeMatch::Shape,
            (Type::Map, Value::Map(map)) => self.fit_of_map(path, &text, map),
            (Type::List, Value::List(_))
            | (Type::Bool, Value::Bool(_))
            | (Type::String, Value::String(_))
            | (Type::Int, Value::Int(_))
            | (Type::Float, Value::Int(_) | Value::Float(_)) => TypeMatch::Type,
            // Most templates treat numbers and texts alike. The type for a default of null is not known.
            (Type::String, Value::Int(_) | Value::Float(_))
            | (Type::Int, Value::Float(_) | Value::String(_))
            | (Type::Float, Value::String(_))
            | (Type::Null, _) => TypeMatch::Shape,
            // Helm renders a text with a template first.
            (Type::Map | Type::List, Value::String(text)) if text.contains("{{") => TypeMatch::Shape,
            _ => TypeMatch::Not,
        };
        match (fit, kind) {
            (TypeMatch::Type, _) if is_refused => TypeMatch::Shape,
            (TypeMatch::Shape, Type::Null) if is_refused => TypeMatch::Not,
            (fit, _) => fit,
        }
    }

    fn fit_of_map(&self, path: &Path, text: &str, map: &Map) -> TypeMatch {
        let has_own_keys = self.chart.has_below(text);
        let is_open = self.chart.key(text).is_some_and(|key| key.open) || !has_own_keys;
        if map.is_empty() {
            return TypeMatch::Shape;
        }
        let wrong = |(name, value): (&str, &Value)| {
            let child = path.key(name);
            self.chart.key(&child.to_string()).is_some() && self.fit(&child, value) == TypeMatch::Not
        };
        if map.iter().any(wrong) {
            return TypeMatch::Shape;
        }
        if is_open || 2 * self.known(path, map) > map.len() { TypeMatch::Type } else { TypeMatch::Shape }
    }

    /// Number of keys in a map that the chart has below a path.
    fn known(&self, path: &Path, map: &Map) -> usize {
        map.keys().filter(|name| self.chart.takes(&path.key(*name).to_string())).count()
    }
}

/// Endings of the names of maps with dotted names as keys, in lower case.
const TAKES_DOTS: [&str; 4] = ["labels", "annotations", "selector", "nodeselector"];

/// The nearest path, or `None` if several are equally near.
fn only_nearest<'p>(mut found: impl Iterator<Item = (usize, &'p Path)>) -> Option<(usize, &'p Path)> {
    let mut best = found.next()?;
    let mut is_alone = true;
    for (far, path) in found {
        if far < best.0 {
            (best, is_alone) = ((far, path), true);
        } else if far == best.0 {
            is_alone = false;
        }
    }
    is_alone.then_some(best)
}

/// Whether a key is below the parent of another key, or below one of the parents above it.
fn is_in_line(place: &Path, path: &Path) -> bool {
    let (Some(place), Some(parent)) = (place.parent(), path.parent()) else { return false };
    !parent.is_root() && (place.starts_with(&parent) || parent.starts_with(&place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_values;

    /// Suggestion for the only key of a text, or for the only key of its only map.
    fn meant(version: &str, path: &str, text: &str) -> Option<Suggestion> {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        let path: Path = path.parse().unwrap();
        let values = read_values(text).unwrap();
        let value = values.get_at(&path).unwrap();
        Spelling::of(&chart).meant(&path, value, Topology::Standalone)
    }

    fn near(to: &str, is_sure: bool) -> Option<Suggestion> {
        Some(Suggestion::Near { to: to.parse().unwrap(), is_sure })
    }

    fn nested(to: &str, is_sure: bool) -> Option<Suggestion> {
        Some(Suggestion::Nested { to: to.parse().unwrap(), is_sure })
    }

    #[test]
    fn a_slip_is_near() {
        for (path, text, to) in [
            ("master.persistance", "master: {persistance: {enabled: false}}", "master.persistence"),
            ("auth.pasword", "auth: {pasword: x}", "auth.password"),
            ("sentinel.quorm", "sentinel: {quorm: 2}", "sentinel.quorum"),
            ("replica.replicaCuont", "replica: {replicaCuont: 2}", "replica.replicaCount"),
            ("metrics.Enabled", "metrics: {Enabled: true}", "metrics.enabled"),
            ("replica.replica_count", "replica: {replica_count: 2}", "replica.replicaCount"),
            ("master.nodeSelectors", "master: {nodeSelectors: {a: b}}", "master.nodeSelector"),
        ] {
            assert_eq!(meant("23.1.1", path, text), near(to, true), "{path}");
        }
    }

    #[test]
    fn what_shares_few_letters_is_not_near() {
        for (path, text) in [
            ("sentinel.replicas", "sentinel: {replicas: 3}"),
            ("externalEndpoint", "externalEndpoint: ''"),
            ("metrics.min", "metrics: {min: 1}"),
            ("auth.secret", "auth: {secret: x}"),
        ] {
            let meant = meant("23.1.1", path, text);
            assert!(!matches!(meant, Some(Suggestion::Near { .. })), "{path}: {meant:?}");
        }
    }

    #[test]
    fn a_near_name_takes_the_value_or_is_not_offered() {
        assert_eq!(meant("23.1.1", "sentinels", "sentinels: true"), None, "a map and no switch");
        assert_eq!(meant("23.1.1", "auth.pasword", "auth: {pasword: {a: b}}"), None);
        assert_eq!(meant("23.1.1", "auth.pasword", "auth: {pasword: 12345}"), near("auth.password", false));
        assert_eq!(meant("23.1.1", "auth.enabledd", "auth: {enabledd: 'no'}"), None);
        let few = "master: {persistance: {a: 1, b: 2, enabled: false}}";
        assert_eq!(meant("23.1.1", "master.persistance", few), near("master.persistence", false));
    }

    #[test]
    fn a_name_that_a_chart_uses_is_no_misspelling() {
        // `internalTrafficPolicy` is a key of later versions.
        let text = "master: {service: {internalTrafficPolicy: Local}}";
        let meant = meant("14.0.0", "master.service.internalTrafficPolicy", text);
        assert!(!matches!(meant, Some(Suggestion::Near { .. })), "{meant:?}");
    }

    #[test]
    fn what_stands_below_tells_the_place() {
        let places = meant("22.0.7", "service", "service: {type: ClusterIP}");
        let Some(Suggestion::Elsewhere(places)) = places else { panic!("{places:?}") };
        assert_eq!(places[0].to_string(), "master.service");
        assert!(places.iter().all(|place| place.to_string().ends_with(".service")), "{places:?}");
        let replicas = meant("23.1.1", "sentinel.replicas", "sentinel: {replicas: 3}");
        assert_eq!(replicas, Some(Suggestion::Elsewhere(vec!["replica.replicaCount".parse().unwrap()])));
    }

    #[test]
    fn dots_are_steps() {
        for (name, text, to) in [
            ("auth.password", "auth.password: x", "auth.password"),
            ("sentinel.enabled", "sentinel.enabled: true", "sentinel.enabled"),
            ("global.storageClass", "global.storageClass: fast", "global.storageClass"),
            ("master.persistence", "master.persistence: {enabled: false}", "master.persistence"),
            ("master.podLabels.app.kubernetes.io/name", "master.podLabels.app.kubernetes.io/name: a", ""),
            ("slave.persistence.enabled", "slave.persistence.enabled: true", "slave.persistence.enabled"),
        ] {
            let path = Path::of([name]).to_string();
            let to = if to.is_empty() { r"master.podLabels.app\.kubernetes\.io/name" } else { to };
            assert_eq!(meant("21.2.6", &path, text), nested(to, true), "{name}");
        }
        let below = "master: {persistence.enabled: false}";
        assert_eq!(meant("21.2.6", r"master.persistence\.enabled", below), nested("master.persistence.enabled", true));
        assert_eq!(meant("21.2.6", r"auth\.pasword", "auth.pasword: x"), nested("auth.password", false));
        assert_eq!(meant("21.2.6", r"a\.b", "a.b: x"), None);
        assert_eq!(meant("21.2.6", r"sentinel\.enabled", "sentinel.enabled: [a]"), nested("sentinel.enabled", false));
    }

    #[test]
    fn more_words_are_a_hint_and_no_more() {
        let text = "auth: {existingSecretKey: a}";
        assert_eq!(meant("23.1.1", "auth.existingSecretKey", text), near("auth.existingSecretPasswordKey", false));
    }
}
