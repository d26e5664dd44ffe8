//! Renames labels of the pods in the selectors of affinities and topology spread constraints.
//!
//! Before: `matchLabels: {app: redis, release: backend, role: slave}`
//! After: `matchLabels: {app.kubernetes.io/name: redis, app.kubernetes.io/instance: backend, app.kubernetes.io/component: replica}`
//!
//! A selector with the old labels matches no pod, and Kubernetes reports no error.

use crate::{
    chart::{Chart, Object, ObjectKind, Topology},
    effective::EffectiveValues,
    yaml::{Map, Path, Segment, Value},
};

/// Last segments of keys whose values select pods of the chart.
const CHOOSERS: [&str; 3] = ["affinity", "spreadConstraints", "topologySpreadConstraints"];

/// Field with labels in such a value.
const MATCH: &str = "matchLabels";

/// Labels of one chart version with their names in another version.
#[derive(Debug, Default)]
pub(super) struct Labels {
    /// Old key, new key and symbol: `app`, `app.kubernetes.io/name` and `{name}`.
    names: Vec<(String, String, String)>,
    /// Old key and value, with the new key and value: `role` and `slave`.
    roles: Vec<[(String, String); 2]>,
    /// The value of `{name}` for this release.
    name: String,
}

impl Labels {
    /// Finds the labels that differ between the two versions.
    pub fn between(before: &EffectiveValues, to: &Chart) -> Self {
        let topology = if before.topology == Topology::Standalone { Topology::Replication } else { before.topology };
        let sets = |chart: &Chart| -> Vec<Object> {
            let all = chart.objects(topology).into_iter();
            all.filter(|object| object.kind == ObjectKind::StatefulSet).collect()
        };
        let (old, new) = (sets(&before.chart), sets(to));
        let mut labels = Self { name: before.text("nameOverride").unwrap_or("redis").to_owned(), ..Self::default() };
        // The StatefulSets are sorted by name: the primary comes first.
        for (old, new) in old.iter().zip(&new) {
            let (old, new) = (selector(old), selector(new));
            for (key, value) in &old {
                let is_symbol = value.starts_with('{');
                let now =
                    new.iter().find(|(_, other)| if is_symbol { other == value } else { !other.starts_with('{') });
                let Some((now_key, now_value)) = now.filter(|now| **now != (key.clone(), value.clone())) else {
                    continue;
                };
                if is_symbol {
                    labels.names.push((key.clone(), now_key.clone(), value.clone()));
                } else {
                    labels.roles.push([(key.clone(), value.clone()), (now_key.clone(), now_value.clone())]);
                }
            }
        }
        labels
    }

    /// Renames the labels in a value if its key selects pods of the chart.
    pub fn renamed(&self, path: &Path, mut value: Value) -> Value {
        let chooses = matches!(path.last(), Some(Segment::Key(key)) if CHOOSERS.contains(&key.as_str()));
        if chooses && !self.names.is_empty() {
            self.rename(&mut value);
        }
        value
    }

    fn rename(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.rename(item)),
            Value::Map(map) => {
                for (key, value) in map.iter_mut() {
                    match value {
                        Value::Map(chosen) if key == MATCH => *chosen = self.chosen(chosen),
                        value => self.rename(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// Renames labels that select pods of this release. Labels of other pods stay.
    fn chosen(&self, labels: &Map) -> Map {
        let is_ours = |key: &str, value: &str| {
            self.names.iter().any(|(old, _, symbol)| {
                let is_name = symbol == "{name}" && (value == self.name || value.contains("{{"));
                old == key && (is_name || symbol == "{release}")
            })
        };
        let ours = labels.iter().any(|(key, value)| value.as_str().is_some_and(|value| is_ours(key, value)));
        if !ours {
            return labels.clone();
        }
        let renamed = labels.iter().map(|(key, value)| {
            if let Some((_, new, _)) = self.names.iter().find(|(old, _, _)| old == key) {
                return (new.clone(), value.clone());
            }
            let role = self.roles.iter().find(|[(old, role), _]| old == key && value.as_str() == Some(role));
            match role {
                Some([_, (new, role)]) => (new.clone(), Value::from(role.as_str())),
                None => (key.to_owned(), value.clone()),
            }
        });
        renamed.collect()
    }
}

/// The labels in a selector as keys and values, which can be the symbols `{name}` and `{release}`.
fn selector(object: &Object) -> Vec<(String, String)> {
    let labels = object.field("selector").unwrap_or_default().split(',');
    labels.filter_map(|label| label.split_once('=')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{merge::Layers, read_values};

    fn renamed(from: &str, to: &str, text: &str) -> Map {
        let chart = |version: &str| Chart::at(&version.parse().unwrap()).unwrap();
        let (from, to) = (chart(from), chart(to));
        let labels = Labels::between(&EffectiveValues::new(Map::new(), Layers::default(), &from), &to);
        let values = read_values(text).unwrap();
        values.iter().map(|(key, value)| (key.to_owned(), labels.renamed(&Path::of([key]), value.clone()))).collect()
    }

    #[test]
    fn labels_of_the_own_pods_are_renamed() {
        let text = |labels: &str| format!("affinity: [{{labelSelector: {{matchLabels: {{{labels}}}}}}}]\n");
        let becomes = |from: &str, to: &str, old: &str, new: &str| {
            assert_eq!(renamed(from, to, &text(old)), read_values(&text(new)).unwrap(), "{old}");
        };
        let old = "app: redis, release: backend, role: slave";
        let new =
            "app.kubernetes.io/name: redis, app.kubernetes.io/instance: backend, app.kubernetes.io/component: replica";
        becomes("13.0.1", "14.0.0", old, new);
        becomes("14.0.0", "13.0.1", new, old);
        becomes(
            "13.0.1",
            "23.1.1",
            "app: \"{{ template }}\", role: master",
            "app.kubernetes.io/name: \"{{ template }}\", app.kubernetes.io/component: master",
        );
        becomes("13.0.1", "23.1.1", "app: other", "app: other");
        becomes("14.0.0", "23.1.1", old, old);
    }

    #[test]
    fn other_keys_choose_other_pods() {
        let text = "ingress: [{podSelector: {matchLabels: {app: redis}}}]\n";
        assert_eq!(renamed("13.0.1", "14.0.0", text), read_values(text).unwrap());
    }
}
