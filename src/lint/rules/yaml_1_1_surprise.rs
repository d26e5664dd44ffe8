//! See `yaml_1_1_surprise.md`: the help text, the web page and the test of this rule.

use crate::{
    chart::{Setting, Type},
    lint::{keys::settings, prelude::*},
    redact::is_secret_key,
    yaml::{Kind, NodeId, Segment, Style, Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "yaml-1-1-surprise",
    group: Group::Structure,
    severity: Severity::Error,
    summary: "word without quotes that Helm reads as another type",
    docs: include_str!("yaml_1_1_surprise.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Line,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let values = settings(subject).filter_map(|entry| value(subject, entry));
    let names = subject.entries.iter().filter_map(|entry| name(subject, entry));
    values.chain(names).collect()
}

/// The finding about a word that YAML 1.1 does not read as text.
fn value(subject: &Subject, entry: &Entry) -> Option<Finding> {
    let key = subject.chart.key(&entry.text)?;
    let written = plain(subject, entry.node.value)?;
    let read = subject.value_of(entry)?;
    let ends =
        |ending: &str| entry.text.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if *read == Value::Bool(false) && subject.places(Setting::BareOff).iter().any(ends) {
        return None;
    }
    let becomes = match (key.kind, read) {
        (Type::String, Value::Bool(on)) => on.to_string(),
        (Type::String | Type::Int, Value::Int(number)) if number.to_string() != written => number.to_string(),
        (Type::String, Value::Float(number)) => number.to_string(),
        _ => return None,
    };
    // A hexadecimal port is intended as that number.
    if becomes == written && !matches!(read, Value::Bool(_)) {
        return None;
    }
    let secret = is_secret_key(&entry.text);
    let message = match secret {
        true => format!("Helm reads the value of `{}` as another type than expected", entry.text),
        false => format!("Helm reads `{written}` at `{}` as {becomes}", entry.text),
    };
    let finding = Finding::at(entry.value, message)
        .labelled(format!("a {} by the rules of YAML 1.1", read.kind()))
        .help("add quotes to set a text");
    Some(finding.fix(Fix::new(
        Applicability::Unsafe,
        "put the value in quotes",
        vec![Edit::Set { path: entry.path.clone(), value: Value::from(written) }],
    )))
}

/// The finding about a key that YAML 1.1 reads as a boolean.
fn name(subject: &Subject, entry: &Entry) -> Option<Finding> {
    let written = plain(subject, entry.node.key?)?;
    let Some(Segment::Key(read)) = entry.path.last() else { return None };
    (written != read && ["true", "false"].contains(&read.as_str())).then(|| {
        Finding::at(entry.key, format!("Helm reads the key `{written}` as `{read}`"))
            .labelled("a bool by the rules of YAML 1.1")
            .help("add quotes to set a text")
    })
}

/// The text of a scalar without quotes, and without a tag.
fn plain<'a>(subject: &'a Subject, node: NodeId) -> Option<&'a str> {
    let node = subject.document.node(node);
    match node.kind {
        Kind::Scalar { text, style: Style::Plain } if node.tag.is_none() => Some(text),
        _ => None,
    }
}
