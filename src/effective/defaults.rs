//! What the chart takes where nothing is said, and which values repeat it.

use crate::{
    chart::Chart,
    yaml::{Map, Path, Value},
};

/// The chart's own values, as its file says them; of a text with comments the directives alone.
pub fn defaults(chart: &Chart) -> Map {
    let mut keys: Vec<_> = chart.keys().filter(|key| key.declared).collect();
    keys.sort_by_key(|key| key.rank);
    let mut values = Map::new();
    for key in keys {
        let Some(default) = key.default else { continue };
        // A key below another one that is no map cannot be: the chart's file is a tree.
        if !key.path.contains('\\') {
            put(&mut values, key.path, default);
        } else if let Ok(path) = key.path.parse() {
            drop(values.insert_at(&path, default));
        }
    }
    values
}

/// Puts a value at a path of which no key needs to be taken apart.
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

/// Whether a value at a path says what the chart takes where nothing is said; of a text with comments only the
/// directives count.
pub fn repeats(chart: &Chart, path: &Path, value: &Value) -> bool {
    let Some(key) = chart.key(&path.to_string()) else { return false };
    match (value, key.default) {
        // Of a text with comments only the directives are known.
        (Value::String(written), Some(Value::String(default))) if key.text => {
            directives(written).eq(directives(&default))
        }
        (written, Some(default)) => *written == default,
        (Value::Map(written), None) => written.iter().all(|(name, value)| repeats(chart, &path.key(name), value)),
        _ => false,
    }
}

/// The lines of a configuration that are no comments.
fn directives(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_of_defaults_holds_each_default() {
        for version in crate::chart::version_numbers().step_by(30) {
            let chart = Chart::at(&version).unwrap();
            let tree = defaults(&chart);
            let mut seen = 0;
            for key in chart.keys().filter(|key| key.declared) {
                let Some(default) = key.default else { continue };
                assert_eq!(tree.get_at(&key.path.parse().unwrap()), Some(&default), "{version}: {}", key.path);
                seen += 1;
            }
            assert!(seen > 100, "{version}: {seen} keys");
        }
    }
}
