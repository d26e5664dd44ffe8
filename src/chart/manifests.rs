//! The objects of a chart version, and where their fields come from.

use semver::Version;

use super::{Chart, Topology, catalogue, pack};
use crate::table::{Table, optional, table};

const TABLE: Table<7> =
    table!("src/chart/data/manifests.tsv", ["part", "field", "topologies", "since", "until", "when", "value"]);

/// Where a field of an object comes from. The head of `manifests.tsv` explains the fields and the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manifest {
    /// The object, or the objects of all pods: `primary-service`.
    pub part: &'static str,
    pub field: &'static str,
    /// Condition of the row, in the syntax of `fails.tsv`. Empty if the row always holds.
    pub when: &'static str,
    /// A text with placeholders. `None` if the field has no value.
    pub value: Option<&'static str>,
}

impl Chart {
    /// The fields of all objects of this version in this topology, in the order of the table.
    ///
    /// For an imported version, these are the fields of the nearest older embedded version. Source: `manifests.tsv`.
    pub fn manifests(&self, topology: Topology) -> &'static [Manifest] {
        self.lists_of(topology).manifests.get_or_init(|| {
            let version = catalogue::version(self.position());
            let parse = |version: &str| -> Option<Version> { version.parse().ok() };
            let holds = |[_, _, topologies, since, until, ..]: &[&'static str; 7]| {
                pack::topologies(topologies).is_ok_and(|bits| bits & topology.bit() != 0)
                    && parse(since).is_some_and(|since| since <= version)
                    && optional(until).and_then(parse).is_none_or(|until| until > version)
            };
            let rows = TABLE.rows().filter(holds);
            rows.map(|[part, field, _, _, _, when, value]| Manifest {
                part,
                field,
                when: optional(when).unwrap_or_default(),
                value: optional(value),
            })
            .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{above, condition};

    #[test]
    fn rows_are_about_versions_and_keys() {
        for [part, field, topologies, since, until, when, value] in TABLE.rows() {
            let row = format!("{part} {field} {since} {value}");
            let since: Version = since.parse().unwrap();
            assert!(until == "-" || until.parse::<Version>().unwrap() > since, "{row}");
            assert!(pack::topologies(topologies).is_ok(), "{row}");
            let first = Chart::at(&since).unwrap_or_else(|| panic!("{row}"));
            let is_known =
                |key: &&str| first.takes(key) || first.has_below(key) || above(key).is_some_and(|key| first.takes(key));
            for term in condition::terms(optional(when).unwrap_or_default()) {
                assert!(term.keys().iter().any(is_known), "{row}: {when}");
            }
        }
    }

    #[test]
    fn a_version_has_its_own_rows() {
        let fields = |version: &str, topology, part| {
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            let rows = chart.manifests(topology).iter();
            rows.filter(|row| row.part == part && row.field == "object").map(|row| row.value).collect::<Vec<_>>()
        };
        assert_eq!(fields("10.9.0", Topology::Sentinel, "nodes"), []);
        assert_eq!(fields("11.0.0", Topology::Sentinel, "nodes"), [Some("StatefulSet {f}-node")]);
        assert_eq!(fields("11.0.0", Topology::Standalone, "primary"), []);
    }
}
