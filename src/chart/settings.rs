//! Keys that express an option in a chart version.

use semver::Version;

use super::{
    Chart, Topology, catalogue,
    pack::{Encoding, Entry, Section, SettingRow},
};

/// Key that expresses an option or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingKey {
    /// Path of the key. For a name that starts with `@`: a fact of the chart, empty if the fact has no value.
    pub path: String,
    /// Conversion of the option's value for this key.
    pub form: Encoding,
}

impl Chart {
    /// Keys that express an option in this topology. Empty if this chart version cannot express the option, or if the
    /// name is unknown.
    ///
    /// For an imported version, these are the keys of the nearest older embedded version. If the imported chart lacks
    /// one of these keys, the result is empty. Source: `settings.tsv`.
    pub fn places(&self, word: &str, topology: Topology) -> Vec<SettingKey> {
        let table = catalogue::table(Section::Settings);
        let mut places = Vec::new();
        for entry in table.named(word).filter(|entry| entry.holds(self.position())) {
            let SettingRow { topologies, form, paths } = table.row(entry);
            if topologies & topology.bit() == 0 {
                continue;
            }
            let nothing: &[&str] = if paths.is_empty() { &[""] } else { &[] };
            places.extend(paths.iter().chain(nothing).map(|path| SettingKey { path: (*path).to_owned(), form }));
        }
        let is_key = !word.starts_with('@');
        if is_key && self.own().is_some() && places.iter().any(|place| !self.takes(&place.path)) {
            return Vec::new();
        }
        places
    }
}

/// Intervals of versions that can express an option in this topology. Each interval has its first version, and the
/// first version after it, if any.
///
/// The intervals are ascending and not adjacent. Empty for an unknown option, and for an option that this topology
/// never expresses.
pub fn setting_intervals(word: &str, topology: Topology) -> Vec<(Version, Option<Version>)> {
    let table = catalogue::table(Section::Settings);
    let is_expressed = |entry: &Entry| table.row::<SettingRow>(*entry).topologies & topology.bit() != 0;
    catalogue::life(table.named(word).filter(is_expressed))
}

/// Names of all options and facts in the catalogue, sorted and without duplicates.
pub fn words() -> Vec<&'static str> {
    let mut words: Vec<&str> =
        catalogue::table(Section::Settings).entries().map(|entry| catalogue::names().name(entry.name)).collect();
    words.dedup();
    words
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

    fn paths(version: &str, word: &str, topology: Topology) -> Vec<String> {
        chart(version).places(word, topology).into_iter().map(|place| place.path).collect()
    }

    #[test]
    fn pods_are_those_of_the_version_and_the_topology() {
        assert_eq!(paths("11.0.4", "persistence", Topology::Standalone), ["master.persistence.enabled"]);
        assert_eq!(
            paths("11.0.4", "persistence", Topology::Replication),
            ["master.persistence.enabled", "slave.persistence.enabled"]
        );
        assert_eq!(paths("11.0.4", "persistence", Topology::Sentinel), ["slave.persistence.enabled"]);
        assert_eq!(paths("23.1.1", "persistence", Topology::Sentinel), ["replica.persistence.enabled"]);
    }

    #[test]
    fn a_word_lives_where_rows_say_so() {
        let v = |text: &str| text.parse::<Version>().unwrap();
        assert_eq!(setting_intervals("existing-secret", Topology::Sentinel), [(release::oldest(), None)]);
        assert_eq!(setting_intervals("replicas", Topology::Standalone), []);
        assert_eq!(setting_intervals("master-service.enabled", Topology::Sentinel), [(v("18.19.0"), None)]);
        let monitor = setting_intervals("service-monitor", Topology::Standalone);
        assert_eq!(monitor, [(release::oldest(), Some(v("18.19.3"))), (v("18.19.4"), None)]);
        assert_eq!(paths("15.4.0", "@fixed-sentinel-node-ports", Topology::Sentinel), [""]);
        assert_eq!(setting_intervals("no-such-word", Topology::Sentinel), []);
        assert_eq!(paths("18.18.1", "master-service.enabled", Topology::Sentinel), [""; 0]);
    }

    /// Every row is checked: its keys exist and are read, in every version and topology of the row.
    #[test]
    fn every_place_is_a_key_that_is_read() {
        let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for version in release::versions().map(|release| release.version) {
            let chart = Chart::at(&version).unwrap();
            for word in words().into_iter().filter(|word| !word.starts_with('@')) {
                for topology in Topology::ALL {
                    // 11.0.0 to 11.0.3 render no pod in standalone, and no key is read there.
                    if chart.places("topology", topology).is_empty() {
                        continue;
                    }
                    for place in chart.places(word, topology) {
                        let verdict = chart.read(&place.path, topology).verdict;
                        // Some options only determine whether the chart renders.
                        if !matches!(verdict, Verdict::Read | Verdict::Error) {
                            let what = format!("{word}: {} is {verdict:?} in {topology}", place.path);
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
