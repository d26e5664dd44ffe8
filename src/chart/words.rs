//! What a wish is called in the keys of a chart version.

use semver::Version;

use super::{
    Chart, Topology, catalogue,
    pack::{Entry, Form, Section, WordRow},
};

/// A key that takes (a part of) what a word says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The key; for a word that begins with `@` a fact of the chart, empty where there is nothing to say but that
    /// it is so.
    pub path: String,
    /// What is to be done with the value before it stands there.
    pub form: Form,
}

impl Chart {
    /// The keys that say this word in this topology. Empty where this chart cannot say it, and for an unknown word.
    ///
    /// For an imported version they are those of the nearest older embedded one, unless a key of them is gone: then
    /// nobody knows how it says the word. Source: `words.tsv`.
    pub fn places(&self, word: &str, topology: Topology) -> Vec<Place> {
        let table = catalogue::table(Section::Words);
        let mut places = Vec::new();
        for entry in table.named(word).filter(|entry| entry.holds(self.position())) {
            let WordRow { topologies, form, paths } = table.row(entry);
            if topologies & topology.bit() == 0 {
                continue;
            }
            let nothing: &[&str] = if paths.is_empty() { &[""] } else { &[] };
            places.extend(paths.iter().chain(nothing).map(|path| Place { path: (*path).to_owned(), form }));
        }
        let is_key = !word.starts_with('@');
        if is_key && self.own().is_some() && places.iter().any(|place| !self.takes(&place.path)) {
            return Vec::new();
        }
        places
    }
}

/// From which version on the word can be said in this topology, and from which on (if any) it cannot any more.
///
/// Ascending, with a gap between any two. Empty for an unknown word and for one that this topology never says.
pub fn word_life(word: &str, topology: Topology) -> Vec<(Version, Option<Version>)> {
    let table = catalogue::table(Section::Words);
    let said = |entry: &Entry| table.row::<WordRow>(*entry).topologies & topology.bit() != 0;
    catalogue::life(table.named(word).filter(said))
}

/// All words of the catalogue, each once, sorted.
pub fn words() -> Vec<&'static str> {
    let mut words: Vec<&str> =
        catalogue::table(Section::Words).entries().map(|entry| catalogue::names().name(entry.name)).collect();
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
        assert_eq!(word_life("existing-secret", Topology::Sentinel), [(release::oldest(), None)]);
        assert_eq!(word_life("replicas", Topology::Standalone), []);
        assert_eq!(word_life("master-service.enabled", Topology::Sentinel), [(v("18.19.0"), None)]);
        let monitor = word_life("service-monitor", Topology::Standalone);
        assert_eq!(monitor, [(release::oldest(), Some(v("18.19.3"))), (v("18.19.4"), None)]);
        assert_eq!(paths("15.4.0", "@fixed-sentinel-node-ports", Topology::Sentinel), [""]);
        assert_eq!(word_life("no-such-word", Topology::Sentinel), []);
        assert_eq!(paths("18.18.1", "master-service.enabled", Topology::Sentinel), [""; 0]);
    }

    /// Holds for every row: the place is a key, and read, in every version and topology for which the row stands.
    #[test]
    fn every_place_is_a_key_that_is_read() {
        let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for version in release::versions().map(|release| release.version) {
            let chart = Chart::at(&version).unwrap();
            for word in words().into_iter().filter(|word| !word.starts_with('@')) {
                for topology in Topology::ALL {
                    // 11.0.0 to 11.0.3 render no pod in standalone, so nothing is read there.
                    if chart.places("topology", topology).is_empty() {
                        continue;
                    }
                    for place in chart.places(word, topology) {
                        let verdict = chart.read(&place.path, topology).verdict;
                        // What decides whether the chart renders at all is said for that.
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
