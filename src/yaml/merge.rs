//! How Helm lays values over values.

use super::{Helm, Map, Value};

/// Lays `over` on `base`, as Helm does with one `-f` after the other: maps merge, anything else replaces, and a null
/// stays a null, to delete the chart's default later.
pub fn overlay(base: &mut Map, over: Map) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Map(below)), Value::Map(above)) => overlay(below, above),
            (Some(below), value) => *below = value,
            (None, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// What the chart's templates see of `values` over the chart's `defaults`, with Helm 4: a null deletes a default, and a
/// map keeps its place against a default that is none, and the other way round.
///
/// A chart's dependencies are not looked at: under the key of one Helm keeps nulls and adds its `global`.
pub fn coalesce(values: Map, defaults: &Map) -> Map {
    coalesce_for(Helm::Four, values, defaults)
}

/// The same with either Helm: a default that is null reaches the templates with Helm 3 only.
pub fn coalesce_for(helm: Helm, mut values: Map, defaults: &Map) -> Map {
    for (key, default) in defaults.iter() {
        match values.get_mut(key) {
            Some(Value::Null) => {
                values.remove(key);
            }
            Some(Value::Map(above)) => {
                if let Value::Map(below) = default {
                    fill(helm, above, below);
                }
            }
            Some(_) => {}
            None => add(helm, &mut values, key, default),
        }
    }
    values
}

/// Below the top a null that meets no default, or a default that is null, stays a null.
fn fill(helm: Helm, values: &mut Map, defaults: &Map) {
    for (key, default) in defaults.iter() {
        match (values.get_mut(key), default) {
            (None, default) => add(helm, values, key, default),
            (Some(Value::Null), Value::Null) => {}
            (Some(Value::Null), _) => {
                values.remove(key);
            }
            (Some(Value::Map(above)), Value::Map(below)) => fill(helm, above, below),
            (Some(_), _) => {}
        }
    }
}

fn add(helm: Helm, values: &mut Map, key: &str, default: &Value) {
    let mut default = default.clone();
    if helm == Helm::Four {
        if default == Value::Null {
            return;
        }
        if let Value::Map(map) = &mut default {
            drop_nulls(map);
        }
    }
    values.insert(key, default);
}

/// Lists are left as they are.
fn drop_nulls(map: &mut Map) {
    map.retain(|_, value| {
        if let Value::Map(map) = value {
            drop_nulls(map);
        }
        *value != Value::Null
    });
}
