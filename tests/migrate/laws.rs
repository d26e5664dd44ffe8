//! What holds for every pair of versions: a slice of the majors always, all of them with `REDISGEN_MATRIX=full`.

use std::{collections::BTreeMap, env};

use redisgen::{
    chart::{self, Chart},
    diff::{self, Ground, Maker, Side},
    plan,
    profile::EMBEDDED,
    values,
    yaml::{Map, Notes, emit, read_values},
};

use super::{migrated, profiles};

/// The last version of each major; in a slice some of them.
fn majors() -> Vec<Chart> {
    let mut last: BTreeMap<u64, Chart> = BTreeMap::new();
    for version in chart::version_numbers() {
        last.insert(version.major, Chart::at(&version).unwrap());
    }
    let full = env::var("REDISGEN_MATRIX").is_ok_and(|matrix| matrix == "full");
    let majors: Vec<u64> = last.keys().copied().collect();
    let wanted = |major: &u64| full || [0, 1, 3, 4, 8].contains(&majors.iter().position(|at| at == major).unwrap());
    let newest = majors.last().copied();
    last.into_iter().filter(|(major, _)| wanted(major) || Some(*major) == newest).map(|(_, chart)| chart).collect()
}

fn generated(profile: &str, chart: &Chart) -> Map {
    let wishes = profiles::wishes(profile);
    let plan = plan::resolve(&wishes, None, chart).unwrap();
    values::render(&plan, chart, &Map::new(), |_| false).values
}

/// Law 6: values that were generated for one version and carried to another mean there what those do that are generated
/// for it. What differs is told, key by key.
#[test]
fn generated_values_mean_the_same_after_the_way() {
    let charts = majors();
    let mut differ: BTreeMap<String, usize> = BTreeMap::new();
    let mut pairs = 0;
    for (profile, _) in EMBEDDED {
        for from in &charts {
            let text = emit(&generated(profile, from), &Notes::new());
            for to in charts.iter().filter(|to| to.version() > from.version()) {
                pairs += 1;
                let carried = read_values(&migrated(&text, from, to).text).unwrap();
                let side = |values: Map| Side::new(values, to.clone());
                let found = diff::diff(&side(carried), &side(generated(profile, to)), Ground::default());
                for change in found.live().filter(|change| change.maker == Maker::Values) {
                    let what = format!("{} {:?} -> {:?}", change.path, change.old.value, change.new.value);
                    *differ.entry(what).or_default() += 1;
                }
            }
        }
    }
    for (what, count) in &differ {
        println!("{count:5} {what}");
    }
    println!("{pairs} pairs");
}
