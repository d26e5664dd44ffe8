//! Merge of values as Helm does it: values files over each other, and values over chart defaults.

use super::{Helm, Map, Value};

/// Merges `over` into `base`, as Helm merges several `-f` files.
///
/// Maps merge key by key, and any other value replaces the old value. A null stays in the result, because it deletes
/// a default of the chart later.
pub fn merge_into(base: &mut Map, over: Map) {
    if base.is_empty() {
        *base = over;
        return;
    }
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Map(below)), Value::Map(above)) => merge_into(below, above),
            (Some(below), value) => *below = value,
            (None, value) => {
                base.insert(key, value);
            }
        }
    }
}

/// Other values of a release that apply together with one of its layers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layers {
    /// Merged values of the layers with lower precedence.
    pub under: Map,
    /// Merged values of the layers with higher precedence.
    pub over: Map,
}

impl Layers {
    /// Builds the layers around `values[at]`. `values` is sorted from lowest to highest precedence.
    pub fn of(values: &[Map], at: usize) -> Self {
        let merged = |values: &[Map]| {
            let mut merged = Map::new();
            values.iter().for_each(|layer| merge_into(&mut merged, layer.clone()));
            merged
        };
        Self { under: merged(&values[..at]), over: merged(&values[at + 1..]) }
    }

    pub fn is_empty(&self) -> bool {
        self.under.is_empty() && self.over.is_empty()
    }

    /// Values of the whole release, with `values` as the layer in the middle.
    pub fn with(&self, values: &Map) -> Map {
        if self.is_empty() {
            return values.clone();
        }
        let mut all = self.under.clone();
        merge_into(&mut all, values.clone());
        merge_into(&mut all, self.over.clone());
        all
    }
}

/// Effective values with Helm 4: what the templates see when `values` override the chart's `defaults`.
///
/// A null deletes the default. Where only one of value and default is a map, the value wins.
///
/// Dependencies of the chart are not considered: Helm keeps nulls below the key of a dependency and adds `global`
/// there.
pub fn effective_values(values: Map, defaults: &Map) -> Map {
    effective_values_for(Helm::Four, values, defaults)
}

/// Effective values with either Helm. A default of null reaches the templates only with Helm 3.
pub fn effective_values_for(helm: Helm, mut values: Map, defaults: &Map) -> Map {
    add_defaults(helm, &mut values, defaults, &|key| defaults.contains_key(key));
    values
}

fn add_defaults(helm: Helm, values: &mut Map, defaults: &Map, deletes: &dyn Fn(&str) -> bool) {
    let mut added = Vec::new();
    for (key, default) in defaults.iter() {
        match (values.get_mut(key), default) {
            (None, default) => added.extend(visible_default(helm, default).map(|default| (key, default))),
            (Some(Value::Map(above)), Value::Map(below)) => {
                // Below the top level, Helm keeps a null that meets a default of null.
                let deletes = |key: &str| below.get(key).is_some_and(|default| *default != Value::Null);
                add_defaults(helm, above, below, &deletes);
            }
            (Some(_), _) => {}
        }
    }
    let is_deleted = |key: &str, value: &Value| *value == Value::Null && deletes(key);
    if values.iter().any(|(key, value)| is_deleted(key, value)) {
        values.retain(|key, value| !is_deleted(key, value));
    }
    for (key, default) in added {
        values.insert(key, default);
    }
}

/// The default as the templates see it where no value overrides it.
fn visible_default(helm: Helm, default: &Value) -> Option<Value> {
    let mut default = default.clone();
    match (&mut default, helm) {
        (Value::Null, Helm::Four) => return None,
        (Value::Map(map), Helm::Four) => drop_nulls(map),
        _ => {}
    }
    Some(default)
}

/// Removes nulls from nested maps. Helm does not look into lists.
fn drop_nulls(map: &mut Map) {
    map.retain(|_, value| {
        if let Value::Map(map) = value {
            drop_nulls(map);
        }
        *value != Value::Null
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read_values;

    fn values(text: &str) -> Map {
        read_values(text).unwrap()
    }

    #[test]
    fn a_later_layer_wins_and_keeps_its_nulls() {
        let mut base = values("a: {b: 1, c: [1, 2]}\nd: 1\n");
        merge_into(&mut base, values("a: {c: [3], b: null, e: {}}\nd: {f: 1}\n"));
        assert_eq!(base, values("a: {b: null, c: [3], e: {}}\nd: {f: 1}\n"));
    }

    #[test]
    fn a_null_deletes_a_default() {
        let defaults = values("a: {b: 1, c: 2}\nd: {e: 1}\nf: 1\n");
        let effective = effective_values(values("a: {b: null}\nd: null\ng: null\n"), &defaults);
        assert_eq!(effective, values("a: {c: 2}\nf: 1\ng: null\n"));
    }

    #[test]
    fn an_empty_map_clears_nothing_and_a_clash_keeps_the_value() {
        let defaults = values("a: {b: 1}\nc: {d: 1}\ne: 1\n");
        let effective = effective_values(values("a: {}\nc: 2\ne: {f: 1}\n"), &defaults);
        assert_eq!(effective, values("a: {b: 1}\nc: 2\ne: {f: 1}\n"));
    }

    #[test]
    fn a_default_that_is_null_is_seen_with_helm_3_only() {
        let defaults = values("a: null\nb: {c: null, d: 1}\n");
        assert_eq!(effective_values_for(Helm::Four, Map::new(), &defaults), values("b: {d: 1}\n"));
        assert_eq!(effective_values_for(Helm::Three, Map::new(), &defaults), defaults);
    }
}
