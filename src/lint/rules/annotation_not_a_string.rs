//! See `annotation_not_a_string.md`: the help text, the web page and the test of this rule.

use crate::{
    cloud::Values,
    lint::{
        prelude::*,
        services::{Annotation, services},
    },
    yaml::{Value, edit::Edit},
};

pub(super) static RULE: Rule = Rule {
    id: "annotation-not-a-string",
    group: Group::Access,
    severity: Severity::Error,
    summary: "annotation value is not a string, and Kubernetes refuses the Service",
    docs: include_str!("annotation_not_a_string.md"),
    fix: FixAvailability::Unsafe,
    scope: Scope::Line,
    facts: Facts::Stable,
    check: Check::Values(check),
    ..Rule::DEFAULTS
};

fn check(subject: &Subject) -> Vec<Finding> {
    let annotations = services(subject).flat_map(|service| service.all_annotations());
    annotations.filter_map(|annotation| finding(subject, annotation)).collect()
}

fn finding(subject: &Subject, annotation: &Annotation) -> Option<Finding> {
    let written = subject.document.source(annotation.value_span);
    let meant = match annotation.value {
        Value::String(_) | Value::Null => return None,
        // YAML 1.1 reads `on` as a boolean, and some controllers expect the text `on`.
        Value::Bool(_) if takes(annotation, written) => Some(written.to_owned()),
        Value::Bool(on) => Some(on.to_string()),
        Value::Int(number) if number.to_string() == written => Some(written.to_owned()),
        _ => None,
    };
    let kind = annotation.value.kind();
    let message = format!("`{}` is {kind}, expected a string: Kubernetes refuses the Service", annotation.key);
    let finding = Finding::at(annotation.value_span, message).labelled("the chart prints this value without quotes");
    let Some(text) = meant else { return Some(finding.help("put the value in quotes")) };
    let fix = Fix::new(
        Applicability::Unsafe,
        format!("set the value to `\"{text}\"`"),
        vec![Edit::Set { path: annotation.path.clone(), value: text.into() }],
    );
    Some(finding.help("on the command line, use `--set-string` instead of `--set`: it always sets a string").fix(fix))
}

/// Whether the annotation accepts the value.
fn takes(annotation: &Annotation, written: &str) -> bool {
    annotation.facts.is_some_and(|known| matches!(known.values, Values::OneOf(_)) && known.takes(written))
}
