//! The recorded answers of the real charts, and the values that they were asked with.

use std::collections::BTreeSet;

use redisgen::{
    chart::Topology,
    yaml::{Map, Value, merge, read_values},
};
use semver::Version;

/// One change of one key in one baseline, and what it did.
pub struct Case<'a> {
    pub version: &'a str,
    pub topology: Topology,
    pub baseline: &'a str,
    pub values: &'a Map,
    pub key: &'a str,
    /// As JSON.
    pub value: &'a str,
    /// As `verdicts.tsv` has it.
    pub verdict: char,
}

impl Case<'_> {
    /// The values of the baseline with the changed key laid over them, as Helm does.
    pub fn changed(&self) -> Map {
        let mut change = Map::new();
        change.insert_at(&self.key.parse().unwrap(), value(self.value)).unwrap();
        let mut values = self.values.clone();
        merge::merge_into(&mut values, change);
        values
    }
}

pub struct Record {
    rows: Vec<Row>,
    setups: Vec<Setup>,
}

/// What one version was asked with in one topology.
struct Setup {
    version: String,
    topology: Topology,
    /// By name.
    baselines: Vec<(String, Map)>,
}

struct Row {
    key: String,
    value: String,
    versions: Vec<String>,
    /// One for each topology.
    letters: [String; 3],
}

impl Record {
    /// The recorded cases, or those of the folder that `REDISGEN_RECORD` names.
    pub fn read() -> Self {
        let folder = std::env::var("REDISGEN_RECORD")
            .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/lint_oracle").to_owned());
        let text = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
        let rows: Vec<Row> = text("verdicts.tsv").lines().filter_map(Row::read).collect();
        let book = read_values(&text("baselines.yaml")).unwrap();
        let versions: BTreeSet<Version> =
            rows.iter().flat_map(|row| &row.versions).map(|version| version.parse().unwrap()).collect();
        let setups = versions.iter().flat_map(|version| {
            let book = &book;
            Topology::ALL.map(|topology| Setup {
                version: version.to_string(),
                topology,
                baselines: baselines(book, version, topology),
            })
        });
        Self { setups: setups.collect(), rows }
    }

    pub fn versions(&self) -> impl Iterator<Item = &str> {
        // Each version has one setup for each topology.
        self.setups.iter().step_by(Topology::ALL.len()).map(|setup| setup.version.as_str())
    }

    /// All of them; or every third change of one baseline of each version and topology, others from setup to setup, and
    /// of a change that several versions have those of every second version.
    pub fn cases(&self, full: bool) -> Vec<Case<'_>> {
        let mut cases = Vec::new();
        for (turn, Setup { version, topology, baselines }) in self.setups.iter().enumerate() {
            let rows = self.rows.iter().enumerate().filter(|(at, _)| full || (at + turn) % 3 == 0);
            for (row_at, row) in rows {
                let Some(nth) = row.versions.iter().position(|one| one == version) else { continue };
                if !full && row.versions.len() > 1 && (row_at + nth) % 2 == 1 {
                    continue;
                }
                for (at, (baseline, values)) in baselines.iter().enumerate() {
                    let verdict = row.letter(*topology, at);
                    if verdict != '.' && (full || at == turn % baselines.len()) {
                        let (key, value) = (&row.key, &row.value);
                        cases.push(Case { version, topology: *topology, baseline, values, key, value, verdict });
                    }
                }
            }
        }
        cases
    }
}

impl Row {
    fn read(line: &str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let cells: [&str; 6] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let [key, value, versions, letters @ ..] = cells;
        Some(Self {
            key: key.to_owned(),
            value: value.to_owned(),
            versions: versions.split(',').map(str::to_owned).collect(),
            letters: letters.map(str::to_owned),
        })
    }

    /// A single letter is for all baselines.
    fn letter(&self, topology: Topology, baseline: usize) -> char {
        let at = Topology::ALL.iter().position(|one| *one == topology).unwrap();
        let mut letters = self.letters[at].chars();
        match self.letters[at].len() {
            1 => letters.next().unwrap(),
            _ => letters.nth(baseline).unwrap(),
        }
    }
}

/// A value in JSON.
pub fn value(json: &str) -> Value {
    read_values(&format!("v: {json}")).unwrap().get("v").unwrap().clone()
}

/// The baselines of one version and topology, in the order of the book.
fn baselines(book: &Map, version: &Version, topology: Topology) -> Vec<(String, Map)> {
    let list = |map: &Map, name: &str| map.get(name).unwrap().as_list().unwrap().to_vec();
    let mut found = Vec::new();
    for baseline in list(book, "baselines") {
        let baseline = baseline.as_map().unwrap();
        if !holds(baseline, version, topology) {
            continue;
        }
        let mut values = Map::new();
        for part in list(book, "topology").iter().chain(&list(baseline, "parts")) {
            let part = part.as_map().unwrap();
            if holds(part, version, topology) {
                merge::merge_into(&mut values, part.get("values").unwrap().as_map().unwrap().clone());
            }
        }
        found.push((baseline.get("name").unwrap().as_str().unwrap().to_owned(), values));
    }
    found
}

fn holds(scope: &Map, version: &Version, topology: Topology) -> bool {
    let bound = |name: &str| scope.get(name).map(|bound| bound.as_str().unwrap().parse::<Version>().unwrap());
    let topologies = scope.get("in").and_then(Value::as_list);
    topologies.is_none_or(|list| list.iter().any(|one| one.as_str() == Some(&topology.to_string())))
        && bound("since").is_none_or(|since| since <= *version)
        && bound("before").is_none_or(|before| *version < before)
}
