//! Renames helper templates and keys in values that the chart renders as templates.
//!
//! Before: `redis_up{service="{{ template "redis.fullname" . }}-metrics"} == {{ .Values.slave.port }}`
//! After: `redis_up{service="{{ template "common.names.fullname" . }}-metrics"} == ...`
//!
//! With the old names, the templates do not render, or render an empty text.

use crate::{
    chart::{Chart, Helper, KeyMapping, Transform},
    effective::{ReferenceSource, references_in},
    yaml::Value,
};

/// Renames the references in the templates of a value to the names of the other chart.
pub(super) fn rename_in_value(value: Value, from: &Chart, to: &Chart, way: &KeyMapping) -> Value {
    match value {
        Value::String(text) if text.contains("{{") => Value::String(rename_references(text, from, to, way)),
        Value::List(items) => Value::List(items.into_iter().map(|item| rename_in_value(item, from, to, way)).collect()),
        Value::Map(map) => {
            Value::Map(map.into_iter().map(|(key, value)| (key, rename_in_value(value, from, to, way))).collect())
        }
        value => value,
    }
}

fn rename_references(mut text: String, from: &Chart, to: &Chart, way: &KeyMapping) -> String {
    let called = |what: &ReferenceSource| match what {
        ReferenceSource::Helper(name) => match to.helper(name) {
            Helper::Renamed(other) => Some(other.to_owned()),
            Helper::Available | Helper::Removed => None,
        },
        ReferenceSource::Key(path) if from.takes(path) => {
            let route = way.of(path);
            let is_same = route.by.iter().all(|change| change.transform == Transform::Same);
            match route.to.as_slice() {
                [one] if is_same => Some(one.clone()),
                _ => None,
            }
        }
        ReferenceSource::Key(_) => None,
    };
    let new: Vec<_> =
        references_in(&text).into_iter().filter_map(|(span, what)| Some((span, called(&what)?))).collect();
    for (span, name) in new.into_iter().rev() {
        text.replace_range(span, &name);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chart::Topology,
        migrate::incompatibilities::{Incompatibility, missing_references},
        yaml::Path,
    };

    fn chart(version: &str) -> Chart {
        Chart::at(&version.parse().unwrap()).unwrap()
    }

    #[test]
    fn names_are_those_of_the_other_chart() {
        let (old, new) = (chart("13.0.1"), chart("23.1.1"));
        let there = KeyMapping::between(&old, &new, Topology::Replication);
        let text = r#"{{ template "redis.fullname" . }}:{{ .Values.slave.service.port }} {{ .Values.slave.port }}"#;
        let now = r#"{{ template "common.names.fullname" . }}:{{ .Values.replica.service.ports.redis }} {{ .Values.slave.port }}"#;
        let value = Value::from(vec![text]);
        let migrated = rename_in_value(value.clone(), &old, &new, &there);
        assert_eq!(migrated, Value::from(vec![now]));
        let mut breaks = Vec::new();
        let path = Path::of(["a"]);
        missing_references(&path, &migrated, &new, &mut breaks);
        assert_eq!(breaks, [Incompatibility::Key { path: path.clone(), key: "slave.port".to_owned() }]);
        breaks.clear();
        missing_references(&path, &value, &new, &mut breaks);
        assert_eq!(breaks.len(), 3);
        let back = KeyMapping::between(&new, &chart("10.9.0"), Topology::Replication);
        let fullname = |name: &str| Value::from(format!("{{{{ include {name:?} . }}}}"));
        let older = rename_in_value(fullname("common.names.fullname"), &new, &chart("10.9.0"), &back);
        assert_eq!(older, fullname("redis.fullname"));
    }
}
