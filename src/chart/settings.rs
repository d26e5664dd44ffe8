//! Keys that express an option in a chart version.

use std::{
    ops::Range,
    sync::{LazyLock, OnceLock},
};

use semver::Version;

use super::{
    Chart, Topology, catalogue,
    pack::{Encoding, Entry, Section, SettingRow},
};

/// Key that expresses an option or a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingKey {
    /// Path of the key. For a name that starts with `@`: a fact of the chart, empty if the fact has no value.
    pub path: &'static str,
    /// Conversion of the option's value for this key.
    pub form: Encoding,
}

/// Makes [`Setting`] from the names of `settings.tsv`, each with its position among the names of the catalogue.
macro_rules! settings {
    ($($name:literal $variant:ident $position:literal,)*) => {
        /// A name of `settings.tsv`: an option or a part of one. Each chart version has its own keys for the name.
        ///
        /// A name that starts with `@` is a fact of the chart instead. The variants are in the order of the names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Setting {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Setting {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in `settings.tsv`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Position among the names of the catalogue.
            const fn position(self) -> u16 {
                const POSITIONS: &[u16] = &[$($position),*];
                POSITIONS[self as usize]
            }
        }
    };
}

/// Makes [`FactFamily`] from the names of `settings.tsv` that have a space.
macro_rules! fact_families {
    ($($prefix:literal $variant:ident,)*) => {
        /// Facts of the same kind, each about one command of Redis or the key of one image: `@needs PING`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FactFamily {
            $(#[doc = concat!("`", $prefix, "SUBJECT`")] $variant,)*
        }

        impl FactFamily {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The part of the names before their subjects.
            const fn prefix(self) -> &'static str {
                match self {
                    $(Self::$variant => $prefix,)*
                }
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/settings.rs"));

impl Setting {
    /// The setting with this name in `settings.tsv`, for a name from outside of the crate.
    pub fn named(name: &str) -> Option<Self> {
        let at = Self::ALL.binary_search_by_key(&name, |setting| setting.name()).ok()?;
        Some(Self::ALL[at])
    }

    /// Whether the rows are facts of the chart, and their paths not always keys.
    pub const fn is_fact(self) -> bool {
        matches!(self.name().as_bytes(), [b'@', ..])
    }
}

impl FactFamily {
    /// The subjects of the facts, sorted and without duplicates.
    pub fn subjects(self) -> Vec<&'static str> {
        let names = catalogue::names();
        let entries = catalogue::table(Section::Settings).of(names.with_prefix(self.prefix()));
        let mut subjects: Vec<&str> =
            entries.filter_map(|entry| names.name(entry.name).strip_prefix(self.prefix())).collect();
        subjects.dedup();
        subjects
    }
}

impl Chart {
    /// Keys that express an option in this topology. Empty if this chart version cannot express the option.
    ///
    /// For an imported version, these are the keys of the nearest older embedded version. If the imported chart lacks
    /// one of these keys, the result is empty. Source: `settings.tsv`.
    pub fn places(&self, setting: Setting, topology: Topology) -> &'static [SettingKey] {
        let places = self.setting_keys(setting, topology);
        if !setting.is_fact() && self.own().is_some() && places.iter().any(|place| !self.takes(place.path)) {
            return &[];
        }
        places
    }

    /// The paths of [`Chart::places`].
    pub fn place_paths(&self, setting: Setting, topology: Topology) -> Places {
        Places(self.places(setting, topology))
    }

    /// Facts about a subject in this topology. Empty if the catalogue has no fact about it.
    ///
    /// The subject is data: a command of Redis from a file, or the key of an image of the chart.
    pub fn facts_about(&self, family: FactFamily, subject: &str, topology: Topology) -> &'static [SettingKey] {
        let name = format!("{}{subject}", family.prefix());
        let Some(at) = catalogue::names().position(&name) else { return &[] };
        static ALL: LazyLock<Range<u16>> = LazyLock::new(|| catalogue::names().with_prefix(FACT));
        let facts = self.lists_of(topology).facts.get_or_init(|| ALL.clone().map(|_| OnceLock::new()).collect());
        facts[usize::from(at - ALL.start)].get_or_init(|| read_keys(at, self.position(), topology).into())
    }

    fn setting_keys(&self, setting: Setting, topology: Topology) -> &'static [SettingKey] {
        let all =
            self.lists_of(topology).settings.get_or_init(|| Setting::ALL.iter().map(|_| OnceLock::new()).collect());
        all[setting as usize].get_or_init(|| read_keys(setting.position(), self.position(), topology).into())
    }
}

/// The beginning of the names of facts.
const FACT: &str = "@";

/// The keys in the rows of a name, for the version at a position.
fn read_keys(name: u16, version: u16, topology: Topology) -> Vec<SettingKey> {
    let table = catalogue::table(Section::Settings);
    let mut keys = Vec::new();
    for entry in table.of(name..name + 1).filter(|entry| entry.holds(version)) {
        let SettingRow { topologies, form, paths } = table.row(entry);
        if topologies & topology.bit() == 0 {
            continue;
        }
        let nothing: &[&str] = if paths.is_empty() { &[""] } else { &[] };
        keys.extend(paths.iter().chain(nothing).map(|path| SettingKey { path, form }));
    }
    keys
}

/// Paths of the keys that express a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Places(&'static [SettingKey]);

impl Places {
    pub fn iter(self) -> impl DoubleEndedIterator<Item = &'static str> + ExactSizeIterator + Clone {
        self.0.iter().map(|key| key.path)
    }

    pub fn first(self) -> Option<&'static str> {
        self.0.first().map(|key| key.path)
    }

    pub fn last(self) -> Option<&'static str> {
        self.0.last().map(|key| key.path)
    }

    /// The path, if there is exactly one.
    pub fn only(self) -> Option<&'static str> {
        self.first().filter(|_| self.len() == 1)
    }

    pub fn len(self) -> usize {
        self.0.len()
    }

    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub fn contains(self, path: &str) -> bool {
        self.iter().any(|known| known == path)
    }
}

impl IntoIterator for Places {
    type Item = &'static str;
    type IntoIter = std::iter::Map<std::slice::Iter<'static, SettingKey>, fn(&'static SettingKey) -> &'static str>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|key| key.path)
    }
}

/// Intervals of versions that can express an option in this topology. Each interval has its first version, and the
/// first version after it, if any.
///
/// The intervals are ascending and not adjacent. Empty for an option that this topology never expresses.
pub fn setting_intervals(setting: Setting, topology: Topology) -> Vec<(Version, Option<Version>)> {
    let table = catalogue::table(Section::Settings);
    let is_expressed = |entry: &Entry| table.row::<SettingRow>(*entry).topologies & topology.bit() != 0;
    catalogue::life(table.of(setting.position()..setting.position() + 1).filter(is_expressed))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{
        super::{pack::Verdict, release},
        *,
    };

    fn chart(version: &str) -> Chart {
        Chart::at(&version.parse().unwrap()).unwrap()
    }

    fn paths(version: &str, setting: Setting, topology: Topology) -> Vec<&'static str> {
        chart(version).place_paths(setting, topology).into_iter().collect()
    }

    #[test]
    fn pods_are_those_of_the_version_and_the_topology() {
        assert_eq!(paths("11.0.4", Setting::Persistence, Topology::Standalone), ["master.persistence.enabled"]);
        assert_eq!(
            paths("11.0.4", Setting::Persistence, Topology::Replication),
            ["master.persistence.enabled", "slave.persistence.enabled"]
        );
        assert_eq!(paths("11.0.4", Setting::Persistence, Topology::Sentinel), ["slave.persistence.enabled"]);
        assert_eq!(paths("23.1.1", Setting::Persistence, Topology::Sentinel), ["replica.persistence.enabled"]);
    }

    #[test]
    fn a_setting_lives_where_rows_say_so() {
        let v = |text: &str| text.parse::<Version>().unwrap();
        assert_eq!(setting_intervals(Setting::ExistingSecret, Topology::Sentinel), [(release::oldest(), None)]);
        assert_eq!(setting_intervals(Setting::Replicas, Topology::Standalone), []);
        assert_eq!(setting_intervals(Setting::MasterServiceEnabled, Topology::Sentinel), [(v("18.19.0"), None)]);
        let monitor = setting_intervals(Setting::ServiceMonitor, Topology::Standalone);
        assert_eq!(monitor, [(release::oldest(), Some(v("18.19.3"))), (v("18.19.4"), None)]);
        assert_eq!(paths("15.4.0", Setting::FixedSentinelNodePorts, Topology::Sentinel), [""]);
        assert_eq!(paths("18.18.1", Setting::MasterServiceEnabled, Topology::Sentinel), [""; 0]);
    }

    /// Each row has a name that the compiler knows, and each of these names has a row.
    #[test]
    fn settings_and_families_are_the_names_of_the_rows() {
        let names = catalogue::names();
        let mut of_rows: Vec<&str> =
            catalogue::table(Section::Settings).entries().map(|entry| names.name(entry.name)).collect();
        of_rows.dedup();
        let families = FactFamily::ALL.iter().map(|family| (family, family.subjects()));
        let facts = families.flat_map(|(family, subjects)| {
            assert!(!subjects.is_empty(), "{family:?}");
            subjects.into_iter().map(|subject| format!("{}{subject}", family.prefix()))
        });
        let mut named: Vec<String> =
            facts.chain(Setting::ALL.iter().map(|setting| setting.name().to_owned())).collect();
        named.sort();
        assert_eq!(named, of_rows);
        for setting in Setting::ALL.iter().copied() {
            assert_eq!(names.name(setting.position()), setting.name());
            assert_eq!(Setting::named(setting.name()), Some(setting));
        }
        assert_eq!(Setting::named("no-such-setting"), None);
    }

    /// Every row is checked: its keys exist and are read, in every version and topology of the row.
    #[test]
    fn every_place_is_a_key_that_is_read() {
        let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for version in release::versions().map(|release| release.version) {
            let chart = Chart::at(&version).unwrap();
            for setting in Setting::ALL.iter().copied().filter(|setting| !setting.is_fact()) {
                for topology in Topology::ALL {
                    // 11.0.0 to 11.0.3 render no pod in standalone, and no key is read there.
                    if chart.places(Setting::Topology, topology).is_empty() {
                        continue;
                    }
                    for place in chart.places(setting, topology) {
                        let verdict = chart.read(place.path, topology).verdict;
                        // Some options only determine whether the chart renders.
                        if !matches!(verdict, Verdict::Read | Verdict::Error) {
                            let what = format!("{}: {} is {verdict:?} in {topology}", setting.name(), place.path);
                            wrong.entry(what).or_default().push(version.to_string());
                        }
                    }
                }
            }
        }
        let wrong: Vec<String> = wrong
            .iter()
            .map(|(what, versions)| format!("{what}: {} to {}", versions[0], versions[versions.len() - 1]))
            .collect();
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}
