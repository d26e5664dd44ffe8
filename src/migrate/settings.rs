//! The settings of a values file: its values by path, without the maps above them.

use crate::{
    chart,
    yaml::{Map, Path, Segment, Value},
};

/// A value at a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub path: Path,
    pub value: Value,
}

/// All settings in the order of the text. A map is one setting if some chart version reads it as a whole, or if no
/// version has keys below it.
pub(super) fn leaves(values: &Map) -> Vec<Setting> {
    let mut found = Vec::new();
    below(values, &mut Path::root(), &mut found);
    found
}

fn below(map: &Map, path: &mut Path, found: &mut Vec<Setting>) {
    for (key, value) in map.iter() {
        path.push(Segment::Key(key.to_owned()));
        match value {
            Value::Map(map) if !map.is_empty() && chart::is_key_parent(&path.to_string()) => below(map, path, found),
            value => found.push(Setting { path: path.clone(), value: value.clone() }),
        }
        path.pop();
    }
}

/// The paths of all empty maps.
pub(super) fn empty_maps(values: &Map) -> Vec<Path> {
    let below = values.iter().filter_map(|(key, value)| match value {
        Value::Map(map) => Some((Path::of([key]), map)),
        _ => None,
    });
    below
        .flat_map(|(path, map)| match map.is_empty() {
            true => vec![path],
            false => empty_maps(map).iter().map(|inner| path.join(inner)).collect(),
        })
        .collect()
}

/// Number of values in a value. A list counts as one value.
pub(super) fn count_values(value: &Value) -> usize {
    match value {
        Value::Map(map) if !map.is_empty() => map.iter().map(|(_, value)| count_values(value)).sum(),
        _ => 1,
    }
}

/// Whether two values files have the same values, apart from empty maps.
pub(super) fn are_equivalent(a: &Map, b: &Map) -> bool {
    without_empty_maps(a) == without_empty_maps(b)
}

fn without_empty_maps(map: &Map) -> Map {
    let entries = map.iter().filter_map(|(key, value)| match value {
        Value::Map(map) => {
            let below = without_empty_maps(map);
            (!below.is_empty()).then(|| (key.to_owned(), Value::Map(below)))
        }
        value => Some((key.to_owned(), value.clone())),
    });
    entries.collect()
}
