//! The chart's defaults, and the values that repeat them.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use semver::Version;

use crate::{
    chart::Chart,
    yaml::{Map, Path, Value},
};

/// The trees of the embedded charts that were asked for: each side of a comparison needs one, and building a tree takes
/// longer than comparing most files.
static TREES: LazyLock<Mutex<HashMap<Version, Arc<Map>>>> = LazyLock::new(Mutex::default);

/// The chart's defaults as a tree. Texts with comments contain their directives only.
pub fn defaults(chart: &Chart) -> Arc<Map> {
    // Two imported charts can have the same version.
    if chart.own().is_some() {
        return Arc::new(build(chart));
    }
    let known = || TREES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(tree) = known().get(chart.version()) {
        return Arc::clone(tree);
    }
    let tree = Arc::new(build(chart));
    known().insert(chart.version().clone(), Arc::clone(&tree));
    tree
}

fn build(chart: &Chart) -> Map {
    let mut keys: Vec<_> = chart.keys().filter(|key| key.declared).collect();
    keys.sort_by_key(|key| key.rank);
    let mut values = Map::new();
    for key in keys {
        let Some(default) = key.default else { continue };
        // No key is below a value that is no map, because the chart's file is a tree.
        if !key.path.contains('\\') {
            put(&mut values, key.path, default.clone());
        } else if let Ok(path) = key.path.parse() {
            drop(values.insert_at(&path, default.clone()));
        }
    }
    values
}

/// Inserts a value at a path without escaped keys.
fn put(values: &mut Map, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(values.insert(path, value)),
        Some((first, rest)) => match values.get_mut(first) {
            Some(Value::Map(below)) => put(below, rest, value),
            Some(_) => {}
            None => {
                let mut below = Map::new();
                put(&mut below, rest, value);
                values.insert(first, below.into());
            }
        },
    }
}

/// Whether a value repeats the chart's default of a path. Only the directives of texts with comments are compared.
pub fn repeats(chart: &Chart, path: &Path, value: &Value) -> bool {
    repeats_at(chart, path, &path.to_string(), value)
}

/// As [`repeats`], with the path as text.
pub fn repeats_at(chart: &Chart, path: &Path, text: &str, value: &Value) -> bool {
    let Some(key) = chart.key(text) else { return false };
    match (value, key.default) {
        // The catalogue stores only the directives of texts with comments.
        (Value::String(written), Some(Value::String(default))) if key.text => {
            directives(written).eq(directives(default))
        }
        (written, Some(default)) => written == default,
        (Value::Map(written), None) => written.iter().all(|(name, value)| repeats(chart, &path.key(name), value)),
        _ => false,
    }
}

/// The lines of a configuration without comments and empty lines.
fn directives(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_of_defaults_contains_each_default() {
        for version in crate::chart::version_numbers().step_by(30) {
            let chart = Chart::at(&version).unwrap();
            let tree = defaults(&chart);
            let mut seen = 0;
            for key in chart.keys().filter(|key| key.declared) {
                let Some(default) = key.default else { continue };
                assert_eq!(tree.get_at(&key.path.parse().unwrap()), Some(default), "{version}: {}", key.path);
                seen += 1;
            }
            assert!(seen > 100, "{version}: {seen} keys");
        }
    }
}
