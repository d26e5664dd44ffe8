//! The settings of a values file: what is said, without the maps that only lead there.

use crate::{
    chart,
    yaml::{Map, Path, Segment, Value},
};

/// What is said at a path.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Setting {
    pub path: Path,
    pub value: Value,
}

/// All settings, in the order of the text. A map that some chart version takes as a whole is one; what no version knows
/// is one as a whole.
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

/// All maps in which nothing stands.
pub(super) fn empty(values: &Map) -> Vec<Path> {
    let below = values.iter().filter_map(|(key, value)| match value {
        Value::Map(map) => Some((Path::of([key]), map)),
        _ => None,
    });
    below
        .flat_map(|(path, map)| match map.is_empty() {
            true => vec![path],
            false => empty(map).iter().map(|inner| path.join(inner)).collect(),
        })
        .collect()
}

/// How many values stand in one, those in lists not counted for themselves.
pub(super) fn count(value: &Value) -> usize {
    match value {
        Value::Map(map) if !map.is_empty() => map.iter().map(|(_, value)| count(value)).sum(),
        _ => 1,
    }
}

/// Whether two values files say the same, but for maps in which nothing is said.
pub(super) fn same(a: &Map, b: &Map) -> bool {
    bare(a) == bare(b)
}

fn bare(map: &Map) -> Map {
    let bared = map.iter().filter_map(|(key, value)| match value {
        Value::Map(map) => {
            let below = bare(map);
            (!below.is_empty()).then(|| (key.to_owned(), Value::Map(below)))
        }
        value => Some((key.to_owned(), value.clone())),
    });
    bared.collect()
}
