//! What stands in values that the chart renders as templates: names of helper templates, and of other values.
//!
//! Before: `redis_up{service="{{ template "redis.fullname" . }}-metrics"} == {{ .Values.slave.port }}`
//! After: `redis_up{service="{{ template "common.names.fullname" . }}-metrics"} == ...`
//!
//! With the old names they would not render, or say nothing.

use std::ops::Range;

use super::breaks::Break;
use crate::{
    chart::{self, Chart, Helper, Transform, Way},
    yaml::{Path, Value},
};

/// What a template names.
#[derive(Debug, PartialEq)]
enum What<'t> {
    /// `include "a.b" .`
    Helper(&'t str),
    /// `.Values.a.b`
    Key(&'t str),
}

/// A value with what its templates name as the other chart calls it.
pub(super) fn renamed(value: Value, from: &Chart, to: &Chart, way: &Way) -> Value {
    match value {
        Value::String(text) if text.contains("{{") => Value::String(rewritten(text, from, to, way)),
        Value::List(items) => Value::List(items.into_iter().map(|item| renamed(item, from, to, way)).collect()),
        Value::Map(map) => {
            Value::Map(map.into_iter().map(|(key, value)| (key, renamed(value, from, to, way))).collect())
        }
        value => value,
    }
}

fn rewritten(mut text: String, from: &Chart, to: &Chart, way: &Way) -> String {
    let called = |what: &What| match what {
        What::Helper(name) => match to.helper(name) {
            Helper::Called(other) => Some(other.to_owned()),
            Helper::There | Helper::Gone => None,
        },
        What::Key(path) if from.takes(path) => {
            let route = way.of(path);
            let is_same = route.by.iter().all(|change| change.transform == Transform::Same);
            match route.to.as_slice() {
                [one] if is_same => Some(one.clone()),
                _ => None,
            }
        }
        What::Key(_) => None,
    };
    let new: Vec<_> = named(&text).into_iter().filter_map(|(span, what)| Some((span, called(&what)?))).collect();
    for (span, name) in new.into_iter().rev() {
        text.replace_range(span, &name);
    }
    text
}

/// What the templates in a value name that the chart does not have.
pub(super) fn missing(path: &Path, value: &Value, chart: &Chart, found: &mut Vec<Break>) {
    match value {
        Value::String(text) if text.contains("{{") => {
            found.extend(named(text).into_iter().filter_map(|(_, what)| missed(path, &what, chart)));
        }
        Value::List(items) => items.iter().for_each(|item| missing(path, item, chart, found)),
        Value::Map(map) => map.iter().for_each(|(_, value)| missing(path, value, chart, found)),
        _ => {}
    }
}

fn missed(path: &Path, what: &What, chart: &Chart) -> Option<Break> {
    match what {
        What::Helper(name) if chart.helper(name) != Helper::There => {
            Some(Break::Helper { path: path.clone(), name: (*name).to_owned() })
        }
        What::Key(key) => {
            let was_there = chart::is_key_parent(key) || !chart::key_life(key).is_empty();
            let is_there = chart.takes(key) || chart.has_below(key);
            (was_there && !is_there).then(|| Break::Key { path: path.clone(), key: (*key).to_owned() })
        }
        What::Helper(_) => None,
    }
}

/// What a text names in its templates, and where.
fn named(text: &str) -> Vec<(Range<usize>, What<'_>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("{{").map(|start| at + start + 2) {
        at = action(text, start, &mut found);
    }
    found
}

/// What one `{{ ... }}` names, whose inside begins at `start`; gives where it ends.
fn action<'t>(text: &'t str, start: usize, found: &mut Vec<(Range<usize>, What<'t>)>) -> usize {
    const VALUES: &str = ".Values.";
    let mut at = start;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if rest.starts_with("}}") {
            return at + 2;
        }
        if matches!(c, '"' | '`') {
            let end = at + 1 + closing(&text[at + 1..], c);
            let before = text[start..at].trim_end();
            if before.ends_with("include") || before.ends_with("template") {
                found.push((at + 1..end, What::Helper(&text[at + 1..end])));
            }
            at = (end + 1).min(text.len());
        } else if rest.starts_with(VALUES) {
            let begin = at + VALUES.len();
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
            let end = text[begin..].find(|c| !is_part(c)).map_or(text.len(), |end| begin + end);
            let key = text[begin..end].trim_end_matches('.');
            found.push((begin..begin + key.len(), What::Key(key)));
            at = end;
        } else {
            at += c.len_utf8();
        }
    }
    at
}

/// Where a string of Go ends, whose first quote is behind.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            c if c == quote => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Topology;

    fn chart(version: &str) -> Chart {
        Chart::at(&version.parse().unwrap()).unwrap()
    }

    #[test]
    fn what_an_action_names() {
        let names = |text| named(text).into_iter().map(|(_, what)| what).collect::<Vec<_>>();
        assert_eq!(
            names(r#"a {{ template "redis.fullname" . }}-{{- include `x.y` $ | quote }} {{ print "template" }}"#),
            [What::Helper("redis.fullname"), What::Helper("x.y")]
        );
        assert_eq!(
            names("{{ .Values.master.service.port }} {{ $.Values.a }} .Values.b {{ \"{{ .Values.c }}\" }}"),
            [What::Key("master.service.port"), What::Key("a")]
        );
        for broken in ["{{", "{{ \"a", "{{ .Values.", "{{ include \"", "}} {{ `", "{{ \"\\"] {
            drop(names(broken));
        }
    }

    #[test]
    fn names_are_those_of_the_other_chart() {
        let (old, new) = (chart("13.0.1"), chart("23.1.1"));
        let there = Way::between(&old, &new, Topology::Replication);
        let text = r#"{{ template "redis.fullname" . }}:{{ .Values.slave.service.port }} {{ .Values.slave.port }}"#;
        let now = r#"{{ template "common.names.fullname" . }}:{{ .Values.replica.service.ports.redis }} {{ .Values.slave.port }}"#;
        let value = Value::from(vec![text]);
        let carried = renamed(value.clone(), &old, &new, &there);
        assert_eq!(carried, Value::from(vec![now]));
        let mut breaks = Vec::new();
        let path = Path::of(["a"]);
        missing(&path, &carried, &new, &mut breaks);
        assert_eq!(breaks, [Break::Key { path: path.clone(), key: "slave.port".to_owned() }]);
        breaks.clear();
        missing(&path, &value, &new, &mut breaks);
        assert_eq!(breaks.len(), 3);
        let back = Way::between(&new, &chart("10.9.0"), Topology::Replication);
        let fullname = |name: &str| Value::from(format!("{{{{ include {name:?} . }}}}"));
        let older = renamed(fullname("common.names.fullname"), &new, &chart("10.9.0"), &back);
        assert_eq!(older, fullname("redis.fullname"));
    }
}
