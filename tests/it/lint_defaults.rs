//! The chart's own defaults are no mistakes: each version's values lint without an error or a warning of the
//! structure group, flat and as it has them in its own file.
#![allow(clippy::unwrap_used, reason = "the helpers of a test are tests too")]

use redisgen::{
    chart::{self, Chart},
    lint::{Diagnostic, Group, Severity, Subject, lint, rules},
    source::Origin,
    yaml::{Document, Map, Notes, Path, emit},
};

/// The defaults of the chart, in the order of its values.yaml.
fn defaults(chart: &Chart) -> Map {
    let mut defaults = Map::new();
    for key in chart.keys().filter(|key| key.declared) {
        if let Some(default) = key.default {
            defaults.insert_at(&key.path.parse::<Path>().unwrap(), default.clone()).unwrap();
        }
    }
    defaults
}

fn wrong(chart: &Chart, text: &str) -> Vec<Diagnostic> {
    let document = Document::parse(text).unwrap();
    let found = lint(&Subject::new(&document, Origin::default(), chart).unwrap());
    let structure = |found: &Diagnostic| rules::named(found.rule).unwrap().group == Group::Structure;
    found.into_iter().filter(|found| structure(found) && found.severity > Severity::Info).collect()
}

#[test]
fn the_defaults_of_each_version_are_in_order() {
    for version in chart::version_numbers() {
        let chart = Chart::at(&version).unwrap();
        let found = wrong(&chart, &emit(&defaults(&chart), &Notes::default()));
        assert!(found.is_empty(), "{version}: {found:#?}");
    }
}

/// The files themselves, where they are at hand: `REDISGEN_CHARTS` is a folder of `VERSION/redis`.
#[test]
fn the_file_of_each_version_is_in_order() {
    let Some(charts) = std::env::var_os("REDISGEN_CHARTS") else { return };
    for version in chart::version_numbers() {
        let chart = Chart::at(&version).unwrap();
        let file = std::path::Path::new(&charts).join(version.to_string()).join("redis/values.yaml");
        let found = wrong(&chart, &std::fs::read_to_string(file).unwrap());
        assert!(found.is_empty(), "{version}: {found:#?}");
    }
}
