//! API versions of the objects of a chart version that newer versions of Kubernetes do not serve.

use std::sync::LazyLock;

use semver::Version;

use super::{
    Chart, Topology, catalogue,
    condition::{self, Term},
    pack,
};
use crate::table::{Table, optional, parsed, table};

const TABLE: Table<8> = table!(
    "src/chart/data/apis.tsv",
    ["kind", "topologies", "since", "until", "condition", "api", "removed", "source"]
);

/// Object with an API version that Kubernetes removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoneApi {
    /// Kind of the object: `PodDisruptionBudget`.
    pub kind: &'static str,
    /// API version in the manifest: `policy/v1beta1`.
    pub api: &'static str,
    /// First version of Kubernetes without the API version: `1.25`.
    pub removed: &'static str,
    /// Condition of the object, in the syntax of `fails.tsv`. Empty if the chart always creates the object.
    pub condition: &'static str,
    /// The terms of `condition`.
    pub terms: &'static [Term<'static>],
    /// First chart version without the API version, as text.
    fixed: &'static str,
}

/// A row of [`TABLE`].
struct Row {
    kind: &'static str,
    /// The bits of the topologies.
    topologies: u8,
    since: Version,
    /// `-` for a row without an end.
    until_text: &'static str,
    until: Option<Version>,
    condition: &'static str,
    terms: &'static [Term<'static>],
    api: &'static str,
    removed_text: &'static str,
    removed: Version,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    TABLE.read(|[kind, topologies, since, until, condition, api, removed, _]| {
        let condition = optional(condition).unwrap_or_default();
        Ok(Row {
            kind,
            topologies: pack::topologies(topologies)?,
            since: parsed(since)?,
            until_text: until,
            until: optional(until).map(parsed).transpose()?,
            condition,
            terms: condition::kept(condition),
            api,
            removed_text: removed,
            removed: super::parse_kubernetes(removed).ok_or_else(|| format!("`{removed}` is no version"))?,
        })
    })
});

impl GoneApi {
    /// First chart version that does not use the API version. `None` if the newest version does.
    pub fn fixed_in(&self) -> Option<Version> {
        optional(self.fixed)?.parse().ok()
    }

    /// The problem in a chart version, as a sentence without its end.
    pub fn message(&self, chart: &Chart) -> String {
        let Self { kind, api, removed, .. } = self;
        let version = chart.version();
        format!(
            "chart {version} creates the {kind} with `{api}`, which Kubernetes {removed} removed: the install fails"
        )
    }
}

impl Chart {
    /// Objects of this version in this topology that a cluster of this version does not accept. Source: `apis.tsv`.
    pub fn gone_apis(&self, topology: Topology, cluster: &Version) -> Vec<GoneApi> {
        let version = catalogue::version(self.position());
        let rows = ROWS.iter().filter(|row| {
            let is_over = row.until.as_ref().is_some_and(|until| *until <= version);
            row.topologies & topology.bit() != 0 && row.removed <= *cluster && !is_over && row.since <= version
        });
        let gone = rows.map(|row| GoneApi {
            kind: row.kind,
            api: row.api,
            removed: row.removed_text,
            condition: row.condition,
            terms: row.terms,
            fixed: if row.condition.is_empty() { row.until_text } else { last_until(row, topology) },
        });
        gone.collect()
    }
}

/// The end of the last of the rows that follow each other without a gap. A chart may rename the key of an object and
/// keep its API version.
fn last_until(row: &Row, topology: Topology) -> &'static str {
    let mut last = row;
    for next in ROWS.iter().filter(|next| next.kind == row.kind && next.api == row.api) {
        if last.until.as_ref() == Some(&next.since) && next.topologies & topology.bit() != 0 {
            last = next;
        }
    }
    last.until_text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::parse_kubernetes;

    fn parse(version: &str) -> Option<Version> {
        version.parse().ok()
    }

    fn kinds(version: &str, topology: Topology, cluster: &str) -> Vec<(&'static str, &'static str)> {
        let chart = Chart::at(&version.parse().unwrap()).unwrap();
        let gone = chart.gone_apis(topology, &parse_kubernetes(cluster).unwrap());
        gone.into_iter().map(|gone| (gone.kind, gone.condition)).collect()
    }

    #[test]
    fn an_api_is_gone_from_the_version_that_removed_it() {
        let budget = ("PodDisruptionBudget", "podDisruptionBudget.enabled=true");
        assert!(kinds("11.0.4", Topology::Sentinel, "1.34").contains(&budget));
        assert!(kinds("11.0.4", Topology::Sentinel, "1.25").contains(&budget));
        assert_eq!(kinds("11.0.4", Topology::Sentinel, "1.24"), []);
        let kept = kinds("15.3.1", Topology::Standalone, "1.34");
        assert!(!kept.iter().any(|(kind, _)| *kind == "PodDisruptionBudget"), "{kept:?}");
        assert_eq!(kinds("23.1.1", Topology::Sentinel, "1.34"), []);
        assert!(kinds("15.2.0", Topology::Sentinel, "1.34").contains(&("HorizontalPodAutoscaler", "")));
    }

    #[test]
    fn the_fixed_version_is_that_of_the_api() {
        let fixed = |version: &str, at: usize| {
            let chart = Chart::at(&version.parse().unwrap()).unwrap();
            let gone = chart.gone_apis(Topology::Sentinel, &parse_kubernetes("1.34").unwrap());
            gone[at].fixed_in().unwrap().to_string()
        };
        assert_eq!(fixed("11.0.4", 0), "15.3.1");
        assert_eq!(fixed("15.2.0", 0), "15.2.1");
        assert_eq!(fixed("14.4.0", 0), "16.9.11");
    }

    #[test]
    fn rows_are_about_versions_and_keys() {
        for [kind, topologies, since, until, condition, api, removed, source] in TABLE.rows() {
            let first = Chart::at(&parse(since).unwrap()).unwrap();
            assert!(parse(until).is_some_and(|until| Chart::at(&until).is_some()), "{kind}: {until}");
            assert!(pack::topologies(topologies).is_ok() && parse_kubernetes(removed).is_some(), "{kind}");
            assert!(api.contains('/') && !source.is_empty(), "{kind}");
            for term in condition::terms(optional(condition).unwrap_or_default()) {
                assert!(term.keys().iter().all(|key| first.takes(key)), "{kind}: {condition}");
            }
        }
    }
}
