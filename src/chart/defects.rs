//! Defects of chart versions: renders that Kubernetes accepts or refuses, but that do not do what the values ask for.
//!
//! The defects were measured: `tools/oracle integrity` renders each version with many values and looks up each name that
//! one object has for another. A defect without harm has no row.

use std::sync::{LazyLock, OnceLock};

use semver::Version;

use super::{
    Chart, Setting, Topology, catalogue,
    condition::{self, Term},
    pack,
};
use crate::{
    table::{Table, optional, parsed, table},
    yaml::Value,
};

const TABLE: Table<11> = table!(
    "src/chart/data/defects.tsv",
    ["defect", "topologies", "since", "until", "condition", "harm", "problem", "set", "advice", "missing", "source"]
);

/// Defect of a chart version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defect {
    /// Stable name: `password-file-name`.
    pub id: &'static str,
    /// Condition of the defect, in the syntax of `fails.tsv`. Empty if the defect always exists.
    pub condition: &'static str,
    /// The terms of `condition`.
    pub terms: &'static [Term<'static>],
    pub harm: Harm,
    /// What happens, as a sentence without its end.
    pub problem: &'static str,
    /// Key and value in JSON that avoid the defect.
    pub set: Option<(&'static str, &'static str)>,
    /// Another way round, as a command: `set ...`.
    pub advice: Option<&'static str>,
    /// Kind of the object in `dangling.tsv` whose absence is the same defect.
    pub missing: Option<&'static str>,
    /// First version without the defect, as text.
    fixed: &'static str,
}

/// Harm of a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// Kubernetes refuses an object, pods do not start, or Redis runs without its password.
    Outage,
    /// A feature does not work, and Redis does.
    Feature,
}

impl Defect {
    /// The problem in a chart version, as a sentence without its end.
    pub fn message(&self, chart: &Chart) -> String {
        self.problem.replace("{chart}", &format!("chart {}", chart.version()))
    }

    /// What the user can do, as commands: `set ..., or use chart 20.11.3 or later`.
    pub fn way_round(&self) -> String {
        let set = self.set.map(|(key, value)| format!("set `{key}: {value}`"));
        let later = self.fixed_in().map(|version| format!("use chart {version} or later"));
        let ways: Vec<_> = set.into_iter().chain(self.advice.map(str::to_owned)).chain(later).collect();
        ways.join(", or ")
    }

    /// The key and the value that avoid the defect.
    pub fn setting(&self) -> Option<(&'static str, Value)> {
        let (key, json) = self.set?;
        Some((key, serde_json::from_str::<serde_json::Value>(json).ok()?.into()))
    }

    /// First version without the defect. `None` if the newest version has the defect.
    pub fn fixed_in(&self) -> Option<Version> {
        optional(self.fixed)?.parse().ok()
    }
}

impl Chart {
    /// Defects of this version in this topology. Source: `defects.tsv`.
    pub fn defects(&self, topology: Topology) -> &'static [Defect] {
        self.lists_of(topology).defects.get_or_init(|| {
            let version = catalogue::version(self.position());
            let is_here = |row: &&Row| {
                let is_over = row.until.as_ref().is_some_and(|until| *until <= version);
                row.topologies & topology.bit() != 0 && row.since <= version && !is_over
            };
            ROWS.iter().filter(is_here).map(Row::defect).collect()
        })
    }

    /// Keys that a condition of a defect cannot name: the keys of the topology.
    pub fn topology_keys(&self, topology: Topology) -> Vec<&'static str> {
        let settings = [Setting::Sentinel, Setting::Topology];
        settings.into_iter().flat_map(|setting| self.place_paths(setting, topology)).collect()
    }
}

/// A row of the table.
struct Row {
    topologies: u8,
    since: Version,
    /// First version without the defect.
    until: Option<Version>,
    /// Without its terms: most rows are of other versions.
    defect: Defect,
    terms: OnceLock<&'static [Term<'static>]>,
}

impl Row {
    fn defect(&self) -> Defect {
        Defect { terms: self.terms.get_or_init(|| condition::kept(self.defect.condition)), ..self.defect }
    }
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.read(read));

fn read(row: [&'static str; 11]) -> Result<Row, String> {
    let [id, topologies, since, until, condition, harm, problem, set, advice, missing, _] = row;
    let defect = Defect {
        id,
        condition: optional(condition).unwrap_or_default(),
        terms: &[],
        harm: match harm {
            "outage" => Harm::Outage,
            "feature" => Harm::Feature,
            _ => return Err(format!("`{harm}` is no harm")),
        },
        problem,
        set: optional(set).and_then(|set| set.split_once('=')),
        advice: optional(advice),
        missing: optional(missing),
        fixed: until,
    };
    Ok(Row {
        topologies: pack::topologies(topologies)?,
        since: parsed(since)?,
        until: optional(until).map(parsed).transpose()?,
        defect,
        terms: OnceLock::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(version: &str, topology: Topology) -> Vec<&'static str> {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        chart.defects(topology).iter().map(|defect| defect.id).collect()
    }

    #[test]
    fn a_defect_is_in_its_versions_and_topologies() {
        assert!(ids("11.0.3", Topology::Standalone).contains(&"no-statefulset"));
        assert!(!ids("11.0.4", Topology::Standalone).contains(&"no-statefulset"));
        assert!(!ids("11.0.3", Topology::Replication).contains(&"no-statefulset"));
        assert!(!ids("20.9.0", Topology::Standalone).contains(&"password-file-name"));
        assert!(ids("20.10.0", Topology::Standalone).contains(&"password-file-name"));
        assert!(!ids("20.11.3", Topology::Standalone).contains(&"password-file-name"));
    }

    /// Each row is about existing versions and keys of all of its versions, and names a way round or a fixed version.
    #[test]
    fn rows_are_about_keys_of_their_versions() {
        for (row, line) in ROWS.iter().zip(TABLE.rows()) {
            let [id, _, since, until, condition, _, _, set, advice, _, source] = line;
            assert!(!source.is_empty(), "{id}");
            assert!(set != "-" || advice != "-" || until != "-", "{id}: no way round");
            let first = Chart::at(&since.parse().unwrap()).unwrap_or_else(|| panic!("{id}: {since} is no version"));
            let until = optional(until).map(|until| {
                Chart::at(&until.parse().unwrap()).unwrap_or_else(|| panic!("{id}: {until} is no version"))
            });
            for term in condition::terms(row.defect.condition) {
                for key in term.keys() {
                    assert!(first.takes(key), "{id}: {key} of {condition} is no key of {since}");
                }
            }
            if set != "-" {
                let (key, _) = row.defect.setting().unwrap_or_else(|| panic!("{id}: {set} is no key with JSON"));
                assert!(first.takes(key), "{id}: {key} is no key of {since}");
            }
            assert!(until.is_none_or(|until| until.version() > first.version()), "{id}");
        }
    }
}
