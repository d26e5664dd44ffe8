//! All facts about one chart version.

use std::{
    ops::Range,
    sync::{Arc, LazyLock},
};

use semver::Version;

use super::{
    Topology,
    catalogue::{self, Decoded},
    condition::{self, Term},
    effects::Effects,
    images,
    import::Imported,
    key::{Key, parent},
    pack::{EffectRow, Entry, FailRow, FailedBy, Line, NumberRow, ReadRow, Section, Type, Verdict},
    release::{self, Knowledge},
    version_facts::{TopologyFacts, VersionFacts},
};
use crate::yaml::Value;

/// Facts of one chart version. Creating and cloning a `Chart` is cheap, because facts are decoded on demand.
#[derive(Debug, Clone)]
pub struct Chart {
    version: Version,
    /// Position of the embedded version whose facts are used.
    facts: u16,
    /// Content of the chart's own files, if the chart was imported.
    own: Option<Arc<OwnFacts>>,
    /// Whether the facts are certain for the imported chart, because its templates equal those of a measured version.
    recognised: bool,
}

/// An imported chart, with what its files show once somebody asks.
#[derive(Debug)]
struct OwnFacts {
    imported: Imported,
    lists: VersionFacts,
}

/// Use of a key by the templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUse {
    pub verdict: Verdict,
    /// Other settings that the key requires, in the syntax of `reads.tsv`. Empty if the key requires none.
    pub switches: &'static str,
    /// The terms of `switches`.
    pub terms: &'static [Term<'static>],
}

impl KeyUse {
    /// A use without switches.
    pub(super) fn unconditional(verdict: Verdict) -> Self {
        Self { verdict, switches: "", terms: &[] }
    }
}

/// Smallest number that a template prints with an exponent, if it comes from a values file.
pub const LEAST_EXPONENT: u64 = 1_000_000;

/// How the chart prints a large number of a values file with an exponent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exponent {
    /// Condition of the exponent, in the syntax of `numbers.tsv`.
    pub switches: &'static str,
    /// Whether the quoted number renders like the number with `--set`, which has no exponent.
    pub quoted: bool,
}

/// Image that the chart can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Key of the map with `registry`, `repository` and `tag`.
    pub path: String,
    pub registry: String,
    pub repository: String,
    pub tag: String,
}

/// Combination of values with which the chart does not render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderFailure {
    /// Short name of the reason.
    pub reason: &'static str,
    pub by: FailedBy,
    /// Condition of the failure, in the syntax of `fails.tsv`.
    pub condition: &'static str,
    /// The terms of `condition`.
    pub all_terms: &'static [Term<'static>],
}

impl RenderFailure {
    /// Terms of the condition that are about keys of `chart`, or about no key.
    pub fn terms(&self, chart: &Chart) -> Vec<Term<'static>> {
        let of_chart = self.all_terms.iter().filter(|term| term.key().is_none_or(|key| chart.takes(key)));
        of_chart.cloned().collect()
    }

    /// Keys of `chart` in the condition, without duplicates.
    pub fn keys(&self, chart: &Chart) -> Vec<&'static str> {
        let mut keys: Vec<&str> =
            self.terms(chart).iter().flat_map(Term::keys).filter(|key| chart.takes(key)).collect();
        let mut seen = Vec::new();
        keys.retain(|key| {
            let is_new = !seen.contains(key);
            seen.push(key);
            is_new
        });
        keys
    }
}

impl Chart {
    /// Facts of an embedded version. `None` for any other version.
    pub fn at(version: &Version) -> Option<Self> {
        let facts = catalogue::position(version)?;
        Some(Self { version: version.clone(), facts, own: None, recognised: false })
    }

    /// Facts of an imported version.
    pub fn imported(imported: Imported) -> Self {
        let recognised = imported.recognised();
        let facts = recognised.unwrap_or_else(|| imported.nearest_position());
        let version = imported.version.clone();
        let own = OwnFacts { imported, lists: VersionFacts::default() };
        Self { version, facts, own: Some(Arc::new(own)), recognised: recognised.is_some() }
    }

    /// These facts for a version without known facts. See [`Choice::Newer`](super::Choice::Newer).
    pub fn standing_in_for(self, version: Version) -> Self {
        Self { version, ..self }
    }

    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Version of Redis. If the facts are those of another chart version, so is the version of Redis.
    pub fn app_version(&self) -> &str {
        match &self.own {
            Some(own) => &own.imported.app_version,
            None => catalogue::version_row(self.facts).app,
        }
    }

    /// How well the facts are known.
    pub fn knowledge(&self) -> Knowledge {
        let facts = || release::facts_of(self.facts);
        if let Some(own) = self.own() {
            return match self.recognised {
                _ if own.version != self.version => Knowledge::Unknown { facts: facts() },
                true => Knowledge::Recognised { measured: facts() },
                false if own.measured.is_some() => Knowledge::MeasuredHere { facts: facts() },
                false => Knowledge::Imported { facts: facts() },
            };
        }
        if catalogue::version(self.facts) == self.version {
            return release::knowledge(self.facts);
        }
        match release::equal_measured_version(&self.version) {
            Some(measured) => Knowledge::Alike { measured },
            None => Knowledge::Unknown { facts: facts() },
        }
    }

    /// Embedded version whose facts are assumed, without proof that they apply to this version.
    pub fn assumed(&self) -> Option<Version> {
        self.knowledge().assumed().cloned()
    }

    /// Version of the keys and defaults. This is another version if at most the number of this version is known.
    pub fn keys_of(&self) -> Version {
        match (self.knowledge(), self.own()) {
            (Knowledge::Unknown { .. }, Some(own)) => own.version.clone(),
            (Knowledge::Unknown { .. }, None) => release::keys_of(self.facts),
            (Knowledge::NumberOnly { facts }, _) => facts,
            _ => self.version.clone(),
        }
    }

    /// Where this chart version is published. `None` for an imported version, and for a version without known facts.
    pub fn line(&self) -> Option<Line> {
        release::published(&self.version).filter(|_| self.own.is_none())?.line
    }

    /// The key at `path`. `None` if the chart has no such key.
    ///
    /// A child of an open map is not a key of the chart: see [`Chart::takes`].
    pub fn key(&self, path: &str) -> Option<Key<'_>> {
        match self.own() {
            Some(own) => own.key(path).or_else(|| self.beside_own(self.measured_key(path)?)),
            None => self.measured_key(path),
        }
    }

    /// All keys, in no particular order. [`Key::rank`] is the order of the chart's own values file.
    pub fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        let measured = Key::all(catalogue::names().all(), self.facts).filter_map(move |key| self.beside_own(key));
        self.own().into_iter().flat_map(Imported::keys).chain(measured)
    }

    /// All keys below `path`, in no particular order.
    pub fn keys_below<'c>(&'c self, path: &str) -> impl Iterator<Item = Key<'c>> + use<'c> {
        let names = catalogue::names().below(path, b'.');
        let measured = Key::all(names, self.facts).filter_map(move |key| self.beside_own(key));
        let own = self.own().map(|own| own.keys_below(path));
        own.into_iter().flatten().chain(measured)
    }

    /// Whether the chart has a key below `path`.
    pub fn has_below(&self, path: &str) -> bool {
        self.keys_below(path).next().is_some()
    }

    /// Whether a value can be set at `path`: the path is a key, or is inside a map with arbitrary children.
    pub fn takes(&self, path: &str) -> bool {
        if self.key(path).is_some() {
            return true;
        }
        let mut above = parent(path);
        while let Some(path) = above {
            if let Some(key) = self.key(path) {
                // A map with declared children has no default of its own, and an undeclared map never has a default. An
                // empty map can have children that only the templates name.
                let without_children = || (key.default.is_some() || !key.declared) && !self.has_below(path);
                return key.open || key.kind == Type::Map && without_children();
            }
            above = parent(path);
        }
        false
    }

    /// Position of a path in the order of the chart's own values file.
    ///
    /// A path that is not in this file follows the last key of its nearest parent in the file. A path without such a
    /// parent is last, at [`u32::MAX`].
    pub fn rank(&self, path: &str) -> u32 {
        let ranked = |path: &str| match self.own() {
            Some(own) => own.key(path).map(|key| key.rank),
            None => self.measured_key(path).map(|key| key.rank),
        };
        if let Some(rank) = ranked(path) {
            return rank;
        }
        let mut above = parent(path);
        while let Some(path) = above {
            if let Some(rank) = ranked(path) {
                return self.last_rank_under(path).max(rank);
            }
            above = parent(path);
        }
        u32::MAX
    }

    /// How this version uses a key in this topology.
    ///
    /// A child of an open map is used like the map. A map with declared children that was not measured itself is used
    /// like the child with the best verdict. Source: `reads.tsv`, measured by rendering; for an imported version, the
    /// measurement of the import.
    pub fn read(&self, path: &str, topology: Topology) -> KeyUse {
        // Whatever is at a key can be set.
        let at = if self.key(path).is_some() { Some(path) } else { self.key_at_or_above(path) };
        let Some(at) = at.filter(|at| *at == path || self.takes(path)) else {
            return KeyUse::unconditional(Verdict::Unknown);
        };
        if let Some(measured) = self.own().and_then(|own| own.measured.as_ref())
            && let Some(read) = measured.read(at, topology).or_else(|| measured.best_below(at, topology))
        {
            return read;
        }
        if let Some(read) = self.reads_of(catalogue::names().named(at), topology).next() {
            return read;
        }
        let best = self.reads_of(catalogue::names().below(at, b'.'), topology);
        best.min_by_key(|read| read.verdict as u8).unwrap_or(KeyUse::unconditional(Verdict::Unmeasured))
    }

    /// Possible effects of a change of a key in this topology. Empty if the topology does not read the key.
    ///
    /// A child of an open map has the effects of the map. A map with declared children that was not measured itself
    /// has the effects of all its children. Source: `effects.tsv`, measured by rendering.
    pub fn effects(&self, path: &str, topology: Topology) -> Effects {
        let Some(at) = self.takes(path).then(|| self.key_at_or_above(path)).flatten() else {
            return Effects::default();
        };
        let table = catalogue::table(Section::Effects);
        if let Some(effects) = self.effects_of(table.named(at), topology).next() {
            return effects;
        }
        let children = catalogue::names().below(at, b'.');
        self.effects_of(table.of(children), topology).fold(Effects::default(), |all, effects| all | effects)
    }

    /// How the chart prints a large number at this key with an exponent, such as `1e+06`. `None` if the chart never
    /// does.
    ///
    /// Source: `numbers.tsv`, measured by rendering.
    pub fn exponent(&self, path: &str, topology: Topology) -> Option<Exponent> {
        let table = catalogue::table(Section::Numbers);
        let rows = table.named(path).filter(|entry| entry.holds(self.facts)).map(|entry| table.row::<NumberRow>(entry));
        let row = rows.into_iter().find(|row| row.topologies & topology.bit() != 0)?;
        let quoted = row.quoted && self.schema(path).is_none_or(|accepts| accepts.takes(&Value::from("1000000")));
        Some(Exponent { switches: row.switches, quoted })
    }

    /// Images that this version can use, with the defaults of its own values file.
    pub fn images(&self) -> &[Image] {
        self.own_lists().images.get_or_init(|| match self.own() {
            Some(own) => own.images(),
            None => images::of_version(self.facts),
        })
    }

    /// Conditions with which the chart does not render in this topology. Source: `fails.tsv`, measured by rendering.
    pub fn fails(&self, topology: Topology) -> &'static [RenderFailure] {
        self.lists_of(topology).fails.get_or_init(|| {
            let rows = FAILS.holding(catalogue::names().all(), self.facts);
            rows.filter(|(topologies, _)| topologies & topology.bit() != 0).map(|(_, fail)| *fail).collect()
        })
    }

    /// Lists of facts of the embedded version that the facts are from, in one topology.
    pub(super) fn lists_of(&self, topology: Topology) -> &'static TopologyFacts {
        VersionFacts::at(self.facts).of(topology)
    }

    /// Lists of facts that come from the files of an imported chart, if the chart was imported.
    pub(super) fn own_lists(&self) -> &VersionFacts {
        match &self.own {
            Some(own) => &own.lists,
            None => VersionFacts::at(self.facts),
        }
    }

    /// Position of the version that the facts are from.
    pub(super) fn position(&self) -> u16 {
        self.facts
    }

    /// The imported chart, if this version was imported.
    pub(crate) fn own(&self) -> Option<&Imported> {
        self.own.as_ref().map(|own| &own.imported)
    }

    /// Keeps a measured key that an imported chart has in addition to the keys of its own files: a key that no
    /// version declares, or any key if the templates are the measured ones.
    fn beside_own(&self, key: Key<'static>) -> Option<Key<'static>> {
        match self.own() {
            None => Some(key),
            Some(own) if own.key(key.path).is_some() => None,
            Some(_) if self.recognised => Some(key.undeclared()),
            Some(_) => Some(key).filter(|key| !key.declared),
        }
    }

    fn measured_key(&self, path: &str) -> Option<Key<'static>> {
        Key::at(catalogue::names().position(path)?, self.facts)
    }

    fn last_rank_under(&self, path: &str) -> u32 {
        match self.own() {
            Some(own) => own.keys_below(path).map(|key| key.rank).max().unwrap_or_default(),
            None => {
                let below = Key::all(catalogue::names().below(path, b'.'), self.facts);
                below.map(|key| key.rank).max().unwrap_or_default()
            }
        }
    }

    /// The nearest path at or above `path` that is a key.
    fn key_at_or_above<'p>(&self, path: &'p str) -> Option<&'p str> {
        std::iter::successors(Some(path), |path| parent(path)).find(|path| self.key(path).is_some())
    }

    fn effects_of(&self, entries: impl Iterator<Item = Entry>, topology: Topology) -> impl Iterator<Item = Effects> {
        let rows = entries.filter(|entry| entry.holds(self.facts));
        let rows = rows.map(|entry| catalogue::table(Section::Effects).row::<EffectRow>(entry));
        rows.filter(move |row| row.topologies & topology.bit() != 0).map(|row| Effects::from_bits(row.effects))
    }

    /// The uses of a range of names in this version and a topology.
    fn reads_of(&self, names: Range<u16>, topology: Topology) -> impl Iterator<Item = KeyUse> {
        let rows = READS.holding(names, self.facts);
        rows.filter(move |(topologies, _)| topologies & topology.bit() != 0).map(|(_, read)| *read)
    }
}

/// The uses of the keys, each with the bits of its topologies.
static READS: LazyLock<Decoded<(u8, KeyUse)>> = LazyLock::new(|| {
    Decoded::new(Section::Reads, |entry, table| {
        let ReadRow { topologies, verdict, switches } = table.row(entry);
        (topologies, KeyUse { verdict, switches, terms: condition::kept(switches) })
    })
});

/// The failures of all versions, each with the bits of its topologies.
static FAILS: LazyLock<Decoded<(u8, RenderFailure)>> = LazyLock::new(|| {
    Decoded::new(Section::Fails, |entry, table| {
        let FailRow { topologies, by, condition } = table.row(entry);
        let (reason, all_terms) = (catalogue::names().name(entry.name), condition::kept(condition));
        (topologies, RenderFailure { reason, by, condition, all_terms })
    })
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Value;

    fn chart(version: &str) -> Chart {
        Chart::at(&version.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_key_is_as_its_version_has_it() {
        let (old, new) = (chart("11.0.4"), chart("23.1.1"));
        let down = |chart: &Chart| chart.key("sentinel.downAfterMilliseconds").unwrap().default.cloned();
        assert_eq!(down(&old), Some(Value::Int(60_000)));
        assert_eq!(down(&chart("12.7.7")), Some(Value::Int(20_000)));
        assert_eq!(down(&chart("14.0.0")), Some(Value::Int(60_000)));
        assert!(old.key("slave.service.type").is_some() && new.key("slave.service.type").is_none());
        assert!(old.key("architecture").is_none() && new.key("architecture").is_some());
        let secret = old.key("existingSecret").unwrap();
        assert!(!secret.declared && secret.default.is_none());
        assert_eq!(new.key("master.service.annotations").map(|key| key.open), Some(true));
        let port = r"metrics.podAnnotations.prometheus\.io/port";
        assert_eq!(new.key(port).unwrap().default, Some(&Value::from("9121")));
    }

    #[test]
    fn the_default_of_a_tag_is_the_tag_of_the_image() {
        let chart = chart("10.5.6");
        assert_eq!(chart.key("image.tag").unwrap().default, Some(&Value::from("5.0.7-debian-10-r32")));
        let image = chart.images().iter().find(|image| image.path == "image").unwrap();
        assert_eq!(image.tag, "5.0.7-debian-10-r32");
        assert_eq!((image.registry.as_str(), image.repository.as_str()), ("docker.io", "bitnami/redis"));
    }

    #[test]
    fn all_keys_are_the_keys_one_by_one() {
        for version in ["10.5.6", "13.0.1", "14.0.0", "18.19.4", "23.1.1"] {
            let chart = chart(version);
            for key in chart.keys() {
                assert!(parent(key.path).is_none_or(|above| chart.has_below(above)), "{}", key.path);
                assert_eq!(chart.key(key.path), Some(key));
            }
            let below = |path: &str| chart.keys_below(path).map(|key| key.path.to_owned()).collect::<Vec<_>>();
            let all = chart.keys().map(|key| key.path.to_owned()).filter(|path| path.starts_with("metrics."));
            assert_eq!(below("metrics"), all.collect::<Vec<_>>());
            assert!(!chart.has_below("nameOverride") && !chart.has_below("nonsense") && !chart.has_below("metric"));
        }
        assert_eq!(chart("23.1.1").keys().filter(|key| key.declared).count(), 677);
    }

    #[test]
    fn a_path_without_a_rank_follows_its_siblings() {
        let chart = chart("23.1.1");
        let rank = |path| chart.rank(path);
        assert!(rank("architecture") < rank("auth.enabled"));
        assert!(rank("auth.enabled") < rank("auth.nonsense"));
        assert_eq!(
            rank("auth.nonsense"),
            rank("auth.acl.users").max(rank("auth.usePasswordFileFromSecret")).max(rank("auth.acl.userSecret"))
        );
        assert_eq!(rank("master.service.annotations.a"), rank("master.service.annotations"));
        assert_eq!(rank("nonsense.a"), u32::MAX);
    }

    #[test]
    fn children_of_an_open_map_are_taken() {
        let chart = chart("11.0.4");
        assert!(chart.takes(r"master.service.annotations.a\.b/c"));
        assert!(chart.takes("master.resources.limits.cpu"));
        assert!(!chart.takes("master.service.nonsense"));
        assert!(!chart.takes("nonsense"));
    }

    #[test]
    fn what_is_no_key_is_unknown() {
        assert_eq!(chart("23.1.1").read("slave.service.type", Topology::Replication).verdict, Verdict::Unknown);
    }

    #[test]
    fn a_stand_in_names_whose_facts_it_uses() {
        assert_eq!(Chart::at(&super::super::newest_measured()).unwrap().assumed(), None);
        let chart = Chart::at(&super::super::newest()).unwrap();
        let chart = chart.standing_in_for(Version::new(99, 0, 0));
        let measured = super::super::newest_measured();
        assert_eq!((chart.version(), chart.assumed()), (&Version::new(99, 0, 0), Some(measured)));
        assert!(Chart::at(&Version::new(99, 0, 0)).is_none());
    }
}
