//! The values that are rendered.

use std::{env, fs, path::Path};

use redisgen::{
    chart::{Chart, Topology},
    profile::EMBEDDED,
    yaml::{Map, Value, merge, read_values},
};

use crate::support::profiles;

/// Values with a name.
pub struct Set {
    pub name: String,
    pub values: Map,
}

/// The sets of `sets.yaml` in each topology, and random sums of them, other ones for each seed.
pub fn fixed(random: usize, seed: u64) -> Vec<Set> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/objects/sets.yaml")).unwrap();
    let fragments = read_values(&text).unwrap();
    let fragments: Vec<(&str, &Map)> =
        fragments.iter().map(|(name, values)| (name, values.as_map().unwrap())).collect();
    let mut sets = Vec::new();
    for topology in Topology::ALL {
        for (name, values) in &fragments {
            sets.push(Set { name: format!("{topology}: {name}"), values: over(arranged(topology), values) });
        }
    }
    let mut numbers = Numbers(seed);
    for turn in 0..random {
        let topology = Topology::ALL[turn % 3];
        let (mut values, mut names) = (arranged(topology), Vec::new());
        for _ in 0..2 + numbers.below(6) {
            let (name, fragment) = fragments[numbers.below(fragments.len())];
            values = over(values, fragment);
            names.push(name);
        }
        sets.push(Set { name: format!("{topology}, sum {turn}: {}", names.join(" + ")), values });
    }
    sets
}

/// The values files of the folder that `REDISGEN_VALUES` names, whatever chart they are for. What `extraDeploy`,
/// `extraVolumes` and others add is not in the model.
pub fn files() -> Vec<Set> {
    let Some(folder) = env::var_os("REDISGEN_VALUES") else { return Vec::new() };
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let yaml = paths.iter().filter(|path| path.extension().is_some_and(|end| end == "yaml"));
    let read = yaml.filter_map(|path| Some((path, read_values(&fs::read_to_string(path).ok()?).ok()?)));
    read.map(|(path, mut values)| {
        remove_extra(&mut values);
        Set { name: format!("file {}", path.display()), values }
    })
    .collect()
}

fn remove_extra(values: &mut Map) {
    values.retain(|key, value| {
        if let Value::Map(below) = value {
            remove_extra(below);
        }
        key == "extraPorts" || !key.starts_with("extra")
    });
}

/// The values of all profiles.
pub fn profiles(chart: &Chart) -> Vec<Set> {
    let values = |name: &str| Set { name: format!("profile {name}"), values: profiles::generated(name, chart) };
    EMBEDDED.iter().map(|(name, _)| values(name)).collect()
}

fn over(mut base: Map, values: &Map) -> Map {
    merge::merge_into(&mut base, values.clone());
    base
}

/// The switches of a topology in all versions.
pub fn arranged(topology: Topology) -> Map {
    let (replicated, sentinel) = match topology {
        Topology::Standalone => (false, false),
        Topology::Replication => (true, false),
        Topology::Sentinel => (true, true),
    };
    let architecture = if replicated { "replication" } else { "standalone" };
    let text = format!(
        "architecture: {architecture}\ncluster: {{enabled: {replicated}}}\nsentinel: {{enabled: {sentinel}}}\n"
    );
    read_values(&text).unwrap()
}

/// A sequence of numbers, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}
