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

/// What other values of a release say, that stand with some of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layers {
    /// What those that count less say.
    pub under: Map,
    /// What those that count more say.
    pub over: Map,
}

impl Layers {
    /// What stands with one of the values of a release, which lie from the one that counts least to the one that counts
    /// most.
    pub fn of(values: &[Map], at: usize) -> Self {
        let laid = |values: &[Map]| {
            let mut laid = Map::new();
            values.iter().for_each(|layer| overlay(&mut laid, layer.clone()));
            laid
        };
        Self { under: laid(&values[..at]), over: laid(&values[at + 1..]) }
    }

    pub fn is_empty(&self) -> bool {
        self.under.is_empty() && self.over.is_empty()
    }

    /// The values of the release, with these where they stand.
    pub fn with(&self, values: &Map) -> Map {
        let mut all = self.under.clone();
        overlay(&mut all, values.clone());
        overlay(&mut all, self.over.clone());
        all
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
    lay_over(helm, &mut values, defaults, &|key| defaults.contains_key(key));
    values
}

fn lay_over(helm: Helm, values: &mut Map, defaults: &Map, deletes: &dyn Fn(&str) -> bool) {
    let mut added = Vec::new();
    for (key, default) in defaults.iter() {
        match (values.get_mut(key), default) {
            (None, default) => added.extend(seen(helm, default).map(|default| (key, default))),
            (Some(Value::Map(above)), Value::Map(below)) => {
                // Below the top a null that meets a null stays.
                let deletes = |key: &str| below.get(key).is_some_and(|default| *default != Value::Null);
                lay_over(helm, above, below, &deletes);
            }
            (Some(_), _) => {}
        }
    }
    values.retain(|key, value| *value != Value::Null || !deletes(key));
    for (key, default) in added {
        values.insert(key, default);
    }
}

/// A default that no value touches.
fn seen(helm: Helm, default: &Value) -> Option<Value> {
    let mut default = default.clone();
    match (&mut default, helm) {
        (Value::Null, Helm::Four) => return None,
        (Value::Map(map), Helm::Four) => drop_nulls(map),
        _ => {}
    }
    Some(default)
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
        overlay(&mut base, values("a: {c: [3], b: null, e: {}}\nd: {f: 1}\n"));
        assert_eq!(base, values("a: {b: null, c: [3], e: {}}\nd: {f: 1}\n"));
    }

    #[test]
    fn a_null_deletes_a_default() {
        let defaults = values("a: {b: 1, c: 2}\nd: {e: 1}\nf: 1\n");
        let seen = coalesce(values("a: {b: null}\nd: null\ng: null\n"), &defaults);
        assert_eq!(seen, values("a: {c: 2}\nf: 1\ng: null\n"));
    }

    #[test]
    fn an_empty_map_clears_nothing_and_a_clash_keeps_the_value() {
        let defaults = values("a: {b: 1}\nc: {d: 1}\ne: 1\n");
        let seen = coalesce(values("a: {}\nc: 2\ne: {f: 1}\n"), &defaults);
        assert_eq!(seen, values("a: {b: 1}\nc: 2\ne: {f: 1}\n"));
    }

    #[test]
    fn a_default_that_is_null_is_seen_with_helm_3_only() {
        let defaults = values("a: null\nb: {c: null, d: 1}\n");
        assert_eq!(coalesce_for(Helm::Four, Map::new(), &defaults), values("b: {d: 1}\n"));
        assert_eq!(coalesce_for(Helm::Three, Map::new(), &defaults), defaults);
    }
}
