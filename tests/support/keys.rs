//! The keys that a values file sets.

use redisgen::{
    chart::{Chart, Topology, Verdict},
    yaml::{Map, Path, Value},
};

/// The leaves of a tree, and its open maps, whose children are the person's own.
pub fn keys(values: &Map, chart: &Chart) -> Vec<String> {
    let mut found = Vec::new();
    collect(values, &Path::root(), chart, &mut found);
    found
}

fn collect(map: &Map, above: &Path, chart: &Chart, found: &mut Vec<String>) {
    for (key, value) in map.iter() {
        let at = above.key(key);
        let text = at.to_string();
        match value {
            // A map that the chart knows no key of is taken whole.
            Value::Map(children) if children.keys().any(|child| chart.key(&at.key(child).to_string()).is_some()) => {
                collect(children, &at, chart, found);
            }
            _ => found.push(text),
        }
    }
}

/// The first key that this chart does not read in this topology, with what it does instead.
///
/// A key that only decides whether the render fails is read too: that is what it is set for.
pub fn unread(values: &Map, chart: &Chart, topology: Topology) -> Option<String> {
    keys(values, chart).into_iter().find_map(|key| {
        let verdict = chart.read(&key, topology).verdict;
        (!matches!(verdict, Verdict::Read | Verdict::Error)).then(|| format!("{key} is {verdict:?}"))
    })
}
