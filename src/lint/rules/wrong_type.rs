//! See `wrong_type.md`: the help text, the web page and the test of this rule.

use std::sync::LazyLock;

use crate::{
    chart::{Key, Type},
    lint::{
        keys::{settings, unused::is_unused},
        prelude::*,
    },
    table::table,
    yaml::{Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "wrong-type",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "value with a type that the schema refuses, or a shape that the templates cannot use",
    docs: include_str!("wrong_type.md"),
    fix: FixAvailability::Safe,
    scope: Scope::Line,
    facts: Facts::Keys,
    in_migration: InMigration::OwnSection,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

/// Endings of keys with the shape that Kubernetes accepts, independent of the default of the chart.
static SHAPES: LazyLock<Vec<[&str; 3]>> =
    LazyLock::new(|| table!("src/lint/shapes.tsv", ["ending", "shape", "source"]).rows().collect());

fn check(subject: &Subject) -> Vec<Finding> {
    let mut found: Vec<_> = settings(subject).filter_map(|entry| refused(subject, entry)).collect();
    found.extend(unusable(subject));
    found
}

/// The finding about a value that the schema refuses, even at an unused key.
fn refused(subject: &Subject, entry: &Entry) -> Option<Finding> {
    let value = subject.value_of(entry)?;
    let accepts = subject.chart.schema(&entry.text).filter(|accepts| !accepts.takes(value))?;
    let message = format!("`{}` is a {}: expected {accepts}", entry.text, value.kind());
    let finding =
        Finding::at(entry.value, message).labelled("the chart does not render: its schema refuses this value");
    let Some(converted) = accepts.convert(value) else { return Some(finding) };
    let title = match &converted {
        Value::String(text) => format!("set the value to `\"{text}\"`"),
        converted => format!("convert the value to a {}", converted.kind()),
    };
    Some(finding.fix(Fix::new(
        Applicability::Safe,
        title,
        vec![Edit::Set { path: entry.path.clone(), value: converted }],
    )))
}

/// The finding about a value that the templates cannot use.
fn unusable(subject: &Subject) -> Vec<Finding> {
    let wrong = |entry: &&Entry| Some(type_error(&subject.chart.key(&entry.text)?, subject.value_of(entry)?));
    let mut found = Vec::new();
    for entry in settings(subject) {
        let Some(Some((expected, why))) = wrong(&entry) else { continue };
        // The type of an unused key does not matter. A value that the schema refuses is already reported.
        let is_refused =
            || subject.chart.schema(&entry.text).zip(subject.value_of(entry)).is_some_and(|(a, value)| !a.takes(value));
        if is_unused(subject, entry) || is_refused() {
            continue;
        }
        let kind = subject.value_of(entry).map_or("value", Value::kind);
        found.push(
            Finding::at(entry.value, format!("`{}` is a {kind}: expected a {expected}", entry.text)).labelled(why),
        );
    }
    found
}

/// The expected shape, and the problem with the value. Charts accept a text for a list or an open map, because they
/// render the text first.
fn type_error(key: &Key, value: &Value) -> Option<(&'static str, &'static str)> {
    let block = key.kind == Type::Map && key.default.is_none() && key.declared && !key.open;
    match (kind(key), value) {
        (Type::Map, Value::List(list)) if !list.is_empty() => Some(("map", "the chart reads keys here")),
        (Type::Map, Value::Bool(_) | Value::Int(_) | Value::Float(_)) => Some(("map", "the chart reads keys here")),
        (Type::Map, Value::String(text)) if block && !text.is_empty() => Some(("map", "the chart reads keys here")),
        (Type::List, Value::Map(map)) if !map.is_empty() => Some(("list", "the chart iterates over items here")),
        (Type::List, Value::Bool(_) | Value::Int(_) | Value::Float(_)) => {
            Some(("list", "the chart iterates over items here"))
        }
        (Type::Bool, Value::String(text)) if ["false", "no", "off"].contains(&text.to_lowercase().as_str()) => {
            Some(("bool", "a non-empty text counts as true"))
        }
        (Type::Bool, Value::Map(map)) if !map.is_empty() => Some(("bool", "a non-empty value counts as true")),
        (Type::Bool, Value::List(list)) if !list.is_empty() => Some(("bool", "a non-empty value counts as true")),
        (Type::Int, Value::String(text)) if is_no_number(text) => Some(("number", "this is not a number")),
        (Type::Int | Type::Float, Value::Bool(_)) => Some(("number", "this is not a number")),
        (Type::Int | Type::Float, Value::Map(map)) if !map.is_empty() => Some(("number", "this is not a number")),
        _ => None,
    }
}

/// The shape that works at this key.
fn kind(key: &Key) -> Type {
    let ends = |ending: &str| key.path.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    let is_list = || SHAPES.iter().any(|[ending, shape, _]| *shape == "list" && ends(ending));
    if key.kind == Type::Map && is_list() { Type::List } else { key.kind }
}

/// Whether a text cannot be a number, neither now nor after rendering.
fn is_no_number(text: &str) -> bool {
    !text.is_empty() && !text.contains("{{") && text.chars().all(|c| c.is_alphabetic() || c.is_whitespace())
}
